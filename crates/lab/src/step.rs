//! One step of the set-up: it says its name, shows how far it is, and keeps what its commands print.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::progress::Progress;
use crate::project::Project;

/// How many lines of a log are shown when a command fails.
const LINES_SHOWN: usize = 15;

/// How often a step says how far it is when nobody watches a terminal.
const QUIET_INTERVAL: Duration = Duration::from_secs(30);

/// A step that is under way. Its commands' output goes to `target/lab/logs/NAME.log`.
pub struct Step<'a> {
    name: &'static str,
    root: &'a Path,
    log_path: PathBuf,
    log: File,
    /// Held open by every command, so that the next `cargo lab` waits for one that outlives this process.
    lock: &'a File,
    began: Instant,
    line: Line,
    progress: Option<&'a Progress>,
}

/// What a command printed, line by line.
pub type Printed = Vec<String>;

impl<'a> Step<'a> {
    /// Begins a step and its log.
    ///
    /// # Errors
    /// The log can't be written.
    pub fn begin(name: &'static str, project: &'a Project, lock: &'a File) -> Result<Step<'a>, String> {
        let log_path = project.lab().join("logs").join(format!("{name}.log"));
        let log = fs::create_dir_all(project.lab().join("logs")).and_then(|()| File::create(&log_path));
        let log = log.map_err(|error| format!("Can't write the log {}: {error}.", log_path.display()))?;
        let (root, began, line) = (project.root(), Instant::now(), Line::new());
        Ok(Step { name, root, log_path, log, lock, began, line, progress: None })
    }

    /// The same step, which tells those who wait for the set-up how far it is.
    pub fn telling(mut self, progress: &'a Progress) -> Step<'a> {
        self.progress = Some(progress);
        self
    }

    /// Runs a command to its end and returns what it printed.
    ///
    /// # Errors
    /// A sentence with the command, how it ended, where the log is, and the end of the log.
    pub fn run(&mut self, mut command: Command) -> Result<Printed, String> {
        let shown = show(&command, self.root);
        let failed = |what: String| format!("The step `{}` failed: `{shown}` {what}", self.name);
        let (reader, writer) = io::pipe().map_err(|error| failed(format!("can't be given a pipe: {error}.")))?;
        let handles = writer.try_clone().and_then(|second| Ok((second, self.lock.try_clone()?)));
        let (second, lock) = handles.map_err(|error| failed(format!("can't be given its files: {error}.")))?;
        command.stdin(Stdio::from(lock)).stdout(writer).stderr(second);
        let mut child = command.spawn().map_err(|error| failed(format!("could not be started: {error}.")))?;
        drop(command); // its ends of the pipe, or the reader would never come to the end

        let _ = writeln!(self.log, "$ {shown}");
        let mut printed = Printed::new();
        let (sender, segments) = mpsc::channel();
        std::thread::spawn(move || read_segments(reader, |segment| sender.send(segment).is_ok()));
        let mut now = String::new();
        let mut bar = None;
        loop {
            match segments.recv_timeout(Duration::from_millis(100)) {
                Ok(segment) => match cargo_progress(&segment) {
                    Some(progress) => {
                        now.clone_from(&progress);
                        bar = Some(progress);
                    }
                    None if segment.trim().is_empty() => {}
                    None => {
                        let _ = writeln!(self.log, "{segment}");
                        now = segment.trim().to_owned();
                        printed.push(segment);
                    }
                },
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let left = self.progress.and_then(|progress| progress.update(self.name, bar.as_ref().unwrap_or(&now)));
            let now = match left {
                Some(left) => format!("{left}  {now}"),
                None => now.clone(),
            };
            self.line.update(self.name, &now, self.began.elapsed());
        }
        let status = child.wait().map_err(|error| failed(format!("can't be waited for: {error}.")))?;
        if status.success() {
            return Ok(printed);
        }
        self.line.clear();
        let log = self.log_path.strip_prefix(self.root).unwrap_or(&self.log_path).display();
        let mut message = failed(format!("ended with {status}. Its log is {log}"));
        if printed.is_empty() {
            message.push_str("; it printed nothing.");
        } else {
            message.push_str(".\nIt ends:");
        }
        for line in &printed[printed.len().saturating_sub(LINES_SHOWN)..] {
            message.push_str("\n    ");
            message.push_str(line.trim_end());
        }
        Err(message)
    }

    /// Ends the step: it did something.
    pub fn done(mut self) {
        self.line.end(self.name, &duration(self.began.elapsed()));
    }

    /// Ends the step: it did something, and there is a word to say about it.
    pub fn done_saying(mut self, word: &str) {
        self.line.end(self.name, &format!("{}, {word}", duration(self.began.elapsed())));
    }

    /// Ends the step: there was nothing to do.
    pub fn up_to_date(mut self, say_so: bool) {
        if let Some(progress) = self.progress {
            progress.skip(self.name);
        }
        if say_so {
            self.line.end(self.name, "up to date");
        } else {
            self.line.clear();
        }
    }
}

/// The line of a step, rewritten in place on a terminal, and written now and then elsewhere.
struct Line {
    terminal: bool,
    shown: bool,
    last: Instant,
}

impl Line {
    fn new() -> Line {
        Line { terminal: io::stderr().is_terminal(), shown: false, last: Instant::now() }
    }

    fn update(&mut self, name: &str, now: &str, elapsed: Duration) {
        let interval = if self.terminal { Duration::from_millis(100) } else { QUIET_INTERVAL };
        if self.last.elapsed() < interval {
            return;
        }
        self.last = Instant::now();
        let now: String = now.chars().filter(|c| !c.is_control()).take(60).collect();
        let text = format!("  {name:<8} {}  {now}", duration(elapsed));
        if self.terminal {
            // In one piece, because JupyterLab may be writing to the same terminal.
            let _ = io::stderr().write_all(format!("\r\x1b[2K{text}").as_bytes());
            self.shown = true;
        } else {
            eprintln!("{text}");
        }
    }

    fn clear(&mut self) {
        if self.shown {
            eprint!("\r\x1b[2K");
            self.shown = false;
        }
    }

    fn end(&mut self, name: &str, text: &str) {
        let cleared = if std::mem::take(&mut self.shown) { "\r\x1b[2K" } else { "" };
        let _ = io::stderr().write_all(format!("{cleared}  {name:<8} {text}\n").as_bytes());
    }
}

/// Cuts what a command prints at line ends and at carriage returns, and hands it on until told to stop.
fn read_segments(mut reader: impl Read, mut hand_on: impl FnMut(String) -> bool) {
    let mut buffer = [0; 8192];
    let mut pending = Vec::new();
    while let Ok(length) = reader.read(&mut buffer) {
        if length == 0 {
            break;
        }
        for &byte in &buffer[..length] {
            if byte != b'\n' && byte != b'\r' {
                pending.push(byte);
            } else if !hand_on(String::from_utf8_lossy(&std::mem::take(&mut pending)).into_owned()) {
                return;
            }
        }
    }
    if !pending.is_empty() {
        hand_on(String::from_utf8_lossy(&pending).into_owned());
    }
}

/// How far cargo is, from the bar it draws: `Building [===>    ] 12/34: plotters, png` gives `12/34: plotters, png`.
fn cargo_progress(segment: &str) -> Option<String> {
    let (_, bar) = segment.split_once("Building")?;
    let (_, rest) = bar.trim_start().strip_prefix('[')?.split_once(']')?;
    Some(rest.trim().to_owned())
}

/// A command as one would type it, with paths as seen from the top of the work tree.
pub fn show(command: &Command, root: &Path) -> String {
    let word = |word: &OsStr| {
        let path = Path::new(word);
        let text = path.strip_prefix(root).unwrap_or(path).display().to_string();
        if text.is_empty() || text.contains(char::is_whitespace) { format!("'{text}'") } else { text }
    };
    let words = std::iter::once(command.get_program()).chain(command.get_args()).map(word);
    words.collect::<Vec<_>>().join(" ")
}

/// A duration as it is said: `0.4 s`, `12 s`, `3 min 5 s`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds.round() as u64 {
        0..10 => format!("{seconds:.1} s"),
        whole @ 10..60 => format!("{whole} s"),
        whole => format!("{} min {} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        assert_eq!(duration(Duration::from_millis(420)), "0.4 s");
        assert_eq!(duration(Duration::from_millis(9_400)), "9.4 s");
        assert_eq!(duration(Duration::from_millis(59_400)), "59 s");
        assert_eq!(duration(Duration::from_millis(59_600)), "1 min 0 s");
        assert_eq!(duration(Duration::from_secs(725)), "12 min 5 s");
    }

    #[test]
    fn cargos_bar_tells_how_far_it_is() {
        let bar = "    Building [=====>           ] 12/345: plotters, polars-core(build)";
        assert_eq!(cargo_progress(bar).as_deref(), Some("12/345: plotters, polars-core(build)"));
        assert_eq!(cargo_progress("   Compiling Building v0.1.0 (/x)"), None);
        assert_eq!(cargo_progress("error: linking with `cc` failed"), None);
    }

    #[test]
    fn output_is_cut_at_both_kinds_of_line_end() {
        let mut seen = Vec::new();
        read_segments(&b"one\rtwo\nthr\xffee"[..], |segment| {
            seen.push(segment);
            true
        });
        assert_eq!(seen, ["one", "two", "thr\u{fffd}ee"]);
    }

    #[test]
    fn a_command_is_shown_as_typed() {
        let mut command = Command::new("/home/a/target/release/kernel");
        command.arg("--warm").arg("two words");
        assert_eq!(show(&command, Path::new("/home/a")), "target/release/kernel --warm 'two words'");
    }
}
