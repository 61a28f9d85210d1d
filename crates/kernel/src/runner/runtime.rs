//! The process that runs the cells, and in which their variables live.
//!
//! It is told which function of which library to call, a line each, as evcxr tells its own (`runtime.rs` there). Unlike
//! that one it takes any path, prints what a cell left without a line end, and says where a cell's output ends.

use std::ffi::c_void;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::mem::ManuallyDrop;
use std::os::fd::{FromRawFd, RawFd};
use std::process::exit;

use anyhow::{Context, Result};

use super::marks::MARK;

/// The number of the pipe that the lines come from: the standard input is the cells' own.
pub const ORDERS: RawFd = 3;
/// Begins a line. A name without spaces and a path follow.
pub const RUN: &str = "RUN ";
/// What a cell exports to have printed what it did not end with a line end (`cell.rs`).
pub const FLUSH: &str = "streamroot_flush";

type Cell = unsafe extern "C" fn(*mut c_void) -> *mut c_void;

/// Runs cells until there are no more.
pub fn run(secret: &str) -> ! {
    match run_cells(secret) {
        Ok(()) => exit(0),
        Err(error) => {
            eprintln!("The cell can't be run: {error:#}.");
            exit(1)
        }
    }
}

fn run_cells(secret: &str) -> Result<()> {
    // SAFETY: the watching process has put a pipe there.
    let orders = BufReader::new(unsafe { File::from_raw_fd(ORDERS) });
    // Of the cells' own, they may do with what they like.
    let outputs = [own_copy(libc::STDOUT_FILENO)?, own_copy(libc::STDERR_FILENO)?];
    let mut variables: *mut c_void = std::ptr::null_mut();
    for order in orders.lines() {
        let order = order?;
        let (function, path) = order.strip_prefix(RUN).and_then(|rest| rest.split_once(' ')).context("no order")?;
        // SAFETY: the library is a cell that was just compiled. It is never unloaded, since variables may have its types.
        unsafe {
            let library = ManuallyDrop::new(libloading::Library::new(path)?);
            let cell = library.get::<Cell>(function.as_bytes())?;
            variables = cell(variables);
            if let Ok(flush) = library.get::<unsafe extern "C" fn()>(FLUSH.as_bytes()) {
                flush();
            }
        }
        for mut output in &outputs {
            output.write_all(format!("{MARK}{secret} end 0 0 0\n\n").as_bytes())?;
        }
    }
    Ok(())
}

fn own_copy(number: RawFd) -> io::Result<File> {
    // SAFETY: it is open, and the copy is nobody else's.
    let copy = unsafe { libc::fcntl(number, libc::F_DUPFD_CLOEXEC, 10) };
    if copy < 0 { Err(io::Error::last_os_error()) } else { Ok(unsafe { File::from_raw_fd(copy) }) }
}
