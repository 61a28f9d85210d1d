//! The process that runs the cells, and in which their variables live.
//!
//! It is told which function of which library to call, a line each, as evcxr tells its own (`runtime.rs` there). Unlike
//! that one it takes any path, prints what a cell left without a line end, and says where a cell's output ends.

use std::collections::HashMap;
use std::ffi::c_void;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::mem::ManuallyDrop;
use std::os::fd::{FromRawFd, RawFd};
use std::process::exit;

use anyhow::{Context, Result};
use libloading::Library;

use super::literals;
use super::marks::MARK;

/// The number of the pipe that the lines come from: the standard input is the cells' own.
pub const ORDERS: RawFd = 3;
/// Begins a line. A name without spaces and a path follow.
pub const RUN: &str = "RUN ";
/// Begins a line. The name of a function that was run, and a list of literals follow.
pub const AGAIN: &str = "AGAIN ";
/// What a cell exports to have printed what it did not end with a line end (`cell.rs`).
pub const FLUSH: &str = "streamroot_flush";

type Cell = unsafe extern "C" fn(*mut c_void) -> *mut c_void;

/// Runs cells until there are no more.
pub fn run(secret: &str) -> ! {
    // An interrupt is for what listens to it, and ends nothing by itself. What a cell starts gets the usual way back.
    extern "C" fn nothing(_: libc::c_int) {}
    // SAFETY: the handler does nothing.
    unsafe { libc::signal(libc::SIGINT, nothing as *const () as libc::sighandler_t) };
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
    // Never unloaded, since variables may have their types.
    let mut libraries: HashMap<String, ManuallyDrop<Library>> = HashMap::new();
    let mut variables: *mut c_void = std::ptr::null_mut();
    for order in orders.lines() {
        let order = order?;
        let mut fits = true;
        let (function, library) = if let Some((function, path)) =
            order.strip_prefix(RUN).and_then(|o| o.split_once(' '))
        {
            // SAFETY: the library is a cell that was just compiled.
            let library = unsafe { Library::new(path)? };
            libraries.insert(function.to_owned(), ManuallyDrop::new(library));
            (function, libraries.get(function))
        } else {
            let (function, given) = order.strip_prefix(AGAIN).and_then(|o| o.split_once(' ')).context("no order")?;
            let given: Vec<String> = serde_json::from_str(given)?;
            let library = libraries.get(function);
            fits = library.is_some_and(|library| literals::give(library, &given));
            (function, library)
        };
        if let Some(library) = library.filter(|_| fits) {
            // SAFETY: so evcxr makes them, and the variables are those of the cells before.
            unsafe {
                variables = library.get::<Cell>(function.as_bytes())?(variables);
                if let Ok(flush) = library.get::<unsafe extern "C" fn()>(FLUSH.as_bytes()) {
                    flush();
                }
            }
        } else {
            say(&outputs[0], secret, "refused")?;
        }
        outputs.iter().try_for_each(|output| say(output, secret, "end"))?;
    }
    Ok(())
}

fn say(mut output: &File, secret: &str, what: &str) -> io::Result<()> {
    output.write_all(format!("{MARK}{secret} {what} 0 0 0\n\n").as_bytes())
}

fn own_copy(number: RawFd) -> io::Result<File> {
    // SAFETY: it is open, and the copy is nobody else's.
    let copy = unsafe { libc::fcntl(number, libc::F_DUPFD_CLOEXEC, 10) };
    if copy < 0 { Err(io::Error::last_os_error()) } else { Ok(unsafe { File::from_raw_fd(copy) }) }
}
