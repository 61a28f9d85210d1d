//! Ends a process that nobody is left to use.
//!
//! Jupyter ends its kernels when it ends. When it is killed it can't, and a kernel that waits for messages would wait for
//! ever; so would the process that runs the cells, when the kernel is killed during a cell that does not end.

pub use std::os::unix::process::parent_id;
use std::thread;
use std::time::Duration;

/// Watches, in a thread, whether the process that started this one, `parent`, is still there, and ends this one when it is
/// not. To be called when the environment will change no more.
pub fn end_without(parent: u32) {
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_secs(1));
            // An orphan gets another parent.
            if parent_id() != parent {
                // SAFETY: ends the process. What threads in the middle of a cell hold on to is of no use any more, and
                // an orderly exit could wait for them.
                unsafe { libc::_exit(1) }
            }
        }
    });
}
