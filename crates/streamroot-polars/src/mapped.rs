//! What happens when a file gets shorter while polars reads it.
//!
//! polars maps files into memory. Where a mapped file has lost its end, reading it is a fault that ends the process. Here
//! such a fault puts zeros in the place of what is gone and is remembered, so that the query ends with an error instead.

use std::ffi::{c_int, c_void};
use std::mem::zeroed;
use std::ptr::null_mut;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

/// How many readings are under way.
static READINGS: AtomicUsize = AtomicUsize::new(0);
/// When the last one ended, in seconds of a clock that only goes on; polars' threads may read for a while after a query that
/// failed has been answered.
static ENDED: AtomicI64 = AtomicI64::new(i64::MIN / 2);
/// How many seconds that while may be.
const WHILE: i64 = 60;
/// How many pages were gone.
static GONE: AtomicUsize = AtomicUsize::new(0);
static PAGE: AtomicUsize = AtomicUsize::new(4096);
/// Who took care of such faults before.
static BEFORE: OnceLock<libc::sigaction> = OnceLock::new();

/// Does some reading. Also tells whether a part of what was read was no longer there, by this reading or another at the
/// same time.
pub fn reading<T>(work: impl FnOnce() -> T) -> (T, bool) {
    struct Reading;
    impl Drop for Reading {
        fn drop(&mut self) {
            ENDED.store(seconds(), Ordering::SeqCst);
            READINGS.fetch_sub(1, Ordering::SeqCst);
        }
    }
    install();
    READINGS.fetch_add(1, Ordering::SeqCst);
    let _reading = Reading;
    let before = GONE.load(Ordering::SeqCst);
    let done = work();
    (done, GONE.load(Ordering::SeqCst) != before)
}

/// Of a clock that may be read in a signal handler.
fn seconds() -> i64 {
    // SAFETY: writes to a structure of its own.
    unsafe {
        let mut now: libc::timespec = zeroed();
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now);
        now.tv_sec
    }
}

fn install() {
    BEFORE.get_or_init(|| {
        // SAFETY: the handler keeps to what is allowed in one; all structures are zeroed or written by the system.
        unsafe {
            let page = usize::try_from(libc::sysconf(libc::_SC_PAGESIZE)).unwrap_or(4096);
            PAGE.store(page, Ordering::SeqCst);
            let mut before: libc::sigaction = zeroed();
            let mut ours: libc::sigaction = zeroed();
            ours.sa_sigaction = on_fault as *const () as usize;
            ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigaction(libc::SIGBUS, &raw const ours, &raw mut before);
            before
        }
    });
}

extern "C" fn on_fault(_: c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
    // SAFETY: the system gives a valid `info`. Only the page of the fault is replaced, which nothing stands on.
    unsafe {
        let is_ours = READINGS.load(Ordering::SeqCst) > 0 || seconds() - ENDED.load(Ordering::SeqCst) < WHILE;
        if is_ours && (*info).si_code == libc::BUS_ADRERR {
            let page = PAGE.load(Ordering::SeqCst);
            let place = ((*info).si_addr() as usize & !(page - 1)) as *mut c_void;
            let access = libc::PROT_READ | libc::PROT_WRITE;
            let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
            if libc::mmap(place, page, access, kind, -1, 0) == place {
                GONE.fetch_add(1, Ordering::SeqCst);
                return;
            }
        }
        // Not ours: it happens again, to whom it belongs.
        match BEFORE.get() {
            Some(before) => libc::sigaction(libc::SIGBUS, before, null_mut()),
            None => libc::sigaction(libc::SIGBUS, &zeroed(), null_mut()),
        };
    }
}
