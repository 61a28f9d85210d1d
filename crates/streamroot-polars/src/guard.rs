//! What a piece of polars' work is surrounded by: room on the stack, a net for panics, and other threads or none.

use std::panic::{AssertUnwindSafe, catch_unwind};

use adbc_core::error::Result;
use polars_async::executor::ALLOW_RAYON_THREADS;

use crate::error::{engine_failed, said_by};

/// Room for the stack of a query: polars walks plans by recursion.
pub const STACK: usize = 64 << 20;

/// The stack that a query may need. No query goes deeper than its text has characters.
pub fn stack_for(text: &str) -> usize {
    (text.len() << 14).clamp(1 << 19, STACK)
}

/// Runs work with so much stack at least; a panic in it becomes an error.
pub fn guarded<T>(doing: &str, stack: usize, work: impl FnOnce() -> Result<T>) -> Result<T> {
    stacker::maybe_grow(stack, STACK, || catch_unwind(AssertUnwindSafe(work))).unwrap_or_else(|panic| {
        let said = said_by(&*panic);
        Err(engine_failed(doing, format!("{said}: write it in another way, smaller steps in WITH may help")))
    })
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
