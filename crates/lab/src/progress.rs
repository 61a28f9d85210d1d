//! How far the set-up is, in a small file for those who wait for it: JupyterLab's page, and the kernels of its notebooks.
//!
//! Nobody waits as long as there is no such file, or it says "complete"; then nothing is written. `cargo lab` writes it when
//! it opens JupyterLab before the set-up is complete, and from then on every set-up of the project does.

use std::cell::RefCell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::estimate::{Bar, Estimate};
use crate::json::string;
use crate::stamp::write_whole;

/// How often the file is read, and written, at most.
const INTERVAL: Duration = Duration::from_millis(500);

/// Tells those who wait how far the set-up is.
#[derive(Debug)]
pub struct Progress {
    path: PathBuf,
    began: Instant,
    now: RefCell<Now>,
}

#[derive(Debug)]
struct Now {
    estimate: Estimate,
    /// From when on somebody waits, whatever the file says.
    waiting_from: Option<Duration>,
    /// Whether somebody is known to wait, and when that was looked up.
    is_waited_for: bool,
    looked: Option<Instant>,
}

impl Progress {
    /// The progress of a set-up that begins. The file says whether anybody waits for it; after a time, somebody does anyhow.
    pub fn begin(lab: &Path, waiting_from: Option<Duration>) -> Progress {
        let now = Now { estimate: Estimate::begin(), waiting_from, is_waited_for: false, looked: None };
        Progress { path: path(lab), began: Instant::now(), now: RefCell::new(now) }
    }

    /// Takes note of what a step does, cargo's bar or what was printed last. How long the set-up will still take, in words, if
    /// somebody waits for it and it is known.
    pub fn update(&self, step: &str, doing: &str) -> Option<String> {
        let elapsed = self.began.elapsed();
        let now = &mut *self.now.borrow_mut();
        now.estimate.update(step, doing, elapsed);
        if now.looked.is_none_or(|looked| looked.elapsed() >= INTERVAL) {
            now.looked = Some(Instant::now());
            now.is_waited_for |= now.waiting_from.is_some_and(|from| elapsed >= from) || is_waited_for(&self.path);
            if now.is_waited_for {
                // What can't be written is not worth ending a set-up for.
                let _ = write_whole(&self.path, running(&now.estimate, step, doing).as_bytes());
            }
        }
        if now.is_waited_for { now.estimate.left() } else { None }
    }

    /// Takes note that a step had nothing to do.
    pub fn skip(&self, step: &str) {
        self.now.borrow_mut().estimate.skip(step);
    }

    /// Says that the set-up is complete, if somebody waits for it.
    pub fn complete(&self) {
        if is_waited_for(&self.path) {
            let _ = write_whole(&self.path, b"{\"state\": \"complete\"}\n");
        }
    }

    /// Says why the set-up ended before it was complete, if somebody waits for it: what the first line of the message says, and
    /// the end of a log in the others.
    pub fn failed(&self, message: &str) {
        if self.now.borrow().waiting_from.is_some() || is_waited_for(&self.path) {
            let (sentence, log) = message.split_once('\n').unwrap_or((message, ""));
            let (sentence, log) = (string(sentence), string(log));
            let text = format!("{{\"state\": \"failed\", \"message\": {sentence}, \"log\": {log}}}\n");
            let _ = write_whole(&self.path, text.as_bytes());
        }
    }
}

/// Says that JupyterLab opens before the set-up is complete. What is done will be said by the set-up.
///
/// # Errors
/// The file can't be written.
pub fn announce(lab: &Path) -> io::Result<()> {
    let path = path(lab);
    if is_waited_for(&path) {
        return Ok(()); // it has been said already
    }
    write_whole(&path, running(&Estimate::begin(), "set-up", "").as_bytes())
}

fn path(lab: &Path) -> PathBuf {
    lab.join("progress.json")
}

/// Whether the file says that the set-up is not complete.
fn is_waited_for(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| !text.contains("\"state\": \"complete\""))
}

/// What stands in the file while a step is under way.
fn running(estimate: &Estimate, step: &str, doing: &str) -> String {
    let bar = Bar::read(doing);
    let text = match &bar {
        Some(bar) => format!("{step}, {} of {} crates", bar.compiled, bar.all),
        None => step.to_owned(),
    };
    let compiling = bar.map_or("", |bar| bar.names);
    format!(
        "{{\"state\": \"running\", \"text\": {}, \"compiling\": {}, \"share\": {:.3}, \"left\": {}}}\n",
        string(&text),
        string(compiling),
        estimate.share(),
        string(&estimate.left().unwrap_or_default())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let directory = std::env::temp_dir().join(format!("lab-progress-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        directory
    }

    #[test]
    fn nothing_is_written_for_nobody() {
        let lab = scratch("nobody");
        let progress = Progress::begin(&lab, None);
        assert_eq!(progress.update("engine", "1/2: polars"), None);
        progress.failed("It failed.");
        progress.complete();
        assert!(fs::read_dir(&lab).unwrap().next().is_none());
        fs::remove_dir_all(lab).unwrap();
    }

    #[test]
    fn who_comes_later_is_told_from_then_on() {
        let lab = scratch("later");
        let progress = Progress::begin(&lab, None);
        assert_eq!(progress.update("engine", "1/2: polars"), None);
        announce(&lab).unwrap();
        std::thread::sleep(INTERVAL);
        assert!(progress.update("engine", "1/2: \"polars\", h2").is_some());
        let said = fs::read_to_string(path(&lab)).unwrap();
        assert!(said.contains(r#""text": "engine, 1 of 2 crates", "compiling": "\"polars\", h2""#), "{said}");
        progress.failed("It failed.\n    error[E0308]");
        let said = fs::read_to_string(path(&lab)).unwrap();
        assert_eq!(said, "{\"state\": \"failed\", \"message\": \"It failed.\", \"log\": \"    error[E0308]\"}\n");
        Progress::begin(&lab, None).complete();
        assert!(!is_waited_for(&path(&lab)));
        fs::remove_dir_all(lab).unwrap();
    }
}
