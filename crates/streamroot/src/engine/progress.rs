//! A line that says how far the engine is with reading a large file.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::page;
use crate::table::unit::Unit;

/// What the embedded engine exports beside ADBC: how many bytes it has read, and of how many.
pub(crate) type Function = unsafe extern "C" fn(*mut u64, *mut u64);
/// The name of it.
pub(crate) const FUNCTION: &[u8] = b"StreamrootProgress";

/// How long nothing is said. Most files are read by then.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the line is rewritten.
const INTERVAL: Duration = Duration::from_millis(300);

/// Shows the line in the cell, as long as this lives, from the second on that it takes.
pub(crate) struct Progress {
    end: Option<Sender<()>>,
    shown: Option<JoinHandle<()>>,
}

impl Progress {
    /// Begins to watch, if the engine can say how far it is and the kernel can rewrite a line.
    pub(crate) fn watch(function: Option<Function>) -> Progress {
        let Some(function) = function.filter(|_| page::kernel_is_ours()) else {
            return Progress { end: None, shown: None };
        };
        let (end, ended) = mpsc::channel();
        let shown = thread::spawn(move || {
            let began = Instant::now();
            let name = format!("progress-{:?}", thread::current().id());
            let mut pause = PATIENCE;
            while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                pause = INTERVAL;
                page::display(&name, &line(function, None));
            }
            if pause == INTERVAL {
                page::display(&name, &line(function, Some(began.elapsed())));
            }
        });
        Progress { end: Some(end), shown: Some(shown) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(shown) = self.shown.take() {
            let _ = shown.join();
        }
    }
}

fn line(function: Function, took: Option<Duration>) -> String {
    let (mut read, mut total) = (0, 0);
    // SAFETY: both are places to write to.
    unsafe { function(&mut read, &mut total) };
    let size = |bytes: u64| Unit::Bytes.format(bytes as f64);
    match took {
        Some(took) => format!("Read {} in {:.1} s.", size(read), took.as_secs_f64()),
        None if total > 0 => format!("Reading: {} of {}, {} %", size(read), size(total), 100 * read.min(total) / total),
        None => "Reading …".to_owned(),
    }
}
