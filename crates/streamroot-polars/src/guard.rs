//! What a piece of polars' work is surrounded by: room on the stack, a net for panics, an ear for interrupts, and other threads or
//! none.

use std::panic::{AssertUnwindSafe, catch_unwind};

use adbc_core::error::{Error, Result, Status};
use polars::error::abort::{catch_polars_abort, register_polars_abort_mechanism, try_raise_polars_abort};
use polars_async::executor::ALLOW_RAYON_THREADS;

use crate::error::{engine_failed, said_by};

/// Room for the stack of a query: polars walks plans by recursion.
pub const STACK: usize = 64 << 20;

/// The stack that a query may need. No query goes deeper than its text has characters.
pub fn stack_for(text: &str) -> usize {
    (text.len() << 14).clamp(1 << 19, STACK)
}

/// Runs work with so much stack at least; a panic in it becomes an error, and so does an interrupt.
pub fn guarded<T>(doing: &str, stack: usize, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let heard = || catch_polars_abort(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(interrupted()));
    stacker::maybe_grow(stack, STACK, || catch_unwind(AssertUnwindSafe(heard))).unwrap_or_else(|panic| {
        let said = said_by(&*panic);
        Err(engine_failed(doing, format!("{said}: write it in another way, smaller steps in WITH may help")))
    })
}

/// Has an interrupt, SIGINT, end what is computed, unless it would end the process: then it still does.
pub fn hear_interrupts() {
    // SAFETY: a structure for which zeros are a value, and which is written to only.
    let handler = unsafe {
        let mut now: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGINT, std::ptr::null(), &raw mut now);
        now.sa_sigaction
    };
    if handler != libc::SIG_DFL && handler != libc::SIG_IGN {
        register_polars_abort_mechanism();
    }
}

/// An error, if there was an interrupt.
pub fn check() -> Result<()> {
    catch_unwind(try_raise_polars_abort).map_err(|_| interrupted())
}

fn interrupted() -> Error {
    Error::with_message_and_status("it was interrupted", Status::Cancelled)
}

/// Runs polars' work on this thread, without its others: to hand a small task over takes longer than the task.
pub fn alone<T>(work: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            ALLOW_RAYON_THREADS.set(self.0);
        }
    }
    let _restore = Restore(ALLOW_RAYON_THREADS.replace(false));
    work()
}
