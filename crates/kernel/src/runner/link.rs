//! What the server and the process that watches over the cells tell each other, a JSON value a line.
//!
//! It goes over a socket of their own, beside the pipe through which evcxr talks to that process: so what a cell prints
//! arrives whole, in order and at once, also between cells and after a crash.

use std::io::{self, Write};
use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::os::unix::net::UnixStream;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// Names the socket's number to the watching process.
const LINK: &str = "STREAMROOT_LINK";

/// What the server says.
#[derive(Debug, Serialize, Deserialize)]
pub enum Said {
    /// A cell begins. To be answered by [`Told::Begun`].
    Begin,
    /// Run a function that has been compiled, with these literals. To be answered by [`Told::RanAgain`], unless its process goes.
    RunAgain { function: String, literals: Vec<String> },
    /// End what runs.
    Interrupt,
    /// A line for the cell that asked for one, or that there is nobody to give one.
    Answer(Option<String>),
    /// The cell has ended. To be answered by [`Told::Ended`], once everything that it printed is told.
    End,
}

/// What it is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Told {
    Begun,
    Text {
        stream: Stream,
        text: String,
    },
    /// A representation of a value; those that follow each other are of the same value. A display is one that is
    /// shown in place of the one of the same name before it.
    Show {
        mime: String,
        content: String,
        display: Option<String>,
    },
    /// The cell reads a line.
    Ask {
        prompt: String,
        password: bool,
    },
    Failed(Failure),
    /// The function has come to its end, or was not run, since a literal does not fit or a variable is not there.
    RanAgain(bool),
    /// The process that ran the cells is no more.
    Gone(Gone),
    Ended,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// How a cell failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FailureKind,
    pub message: String,
    /// Where, in the source that was compiled, both from 1; 0 where that is not known.
    pub line: usize,
    pub column: usize,
}

impl Failure {
    /// Whether the cell binds nothing for it. A value that could not be shown, which has no place, is its end only.
    pub fn gives_up(&self) -> bool {
        self.kind != FailureKind::Error || self.line > 0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureKind {
    /// A `?` met an error, or a value could not be shown.
    Error,
    Panic,
    /// What the cell had started was ended by an interrupt, and the cell itself then came to its end.
    Interrupt,
}

/// Why the process that ran the cells is no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gone {
    Interrupted,
    /// It took more bytes of memory than it may.
    OutOfMemory {
        limit: u64,
    },
    /// It was ended by a signal.
    Signal(i32),
    /// It ended by itself.
    Exit(i32),
}

/// A pair of ends: the server's, and the one that the command of evcxr inherits, as long as it is kept.
pub fn pair(command: &mut std::process::Command) -> Result<(UnixStream, UnixStream)> {
    let (ours, theirs) = UnixStream::pair().context("Can't make a pair of sockets")?;
    // SAFETY: the socket is open.
    if unsafe { libc::fcntl(theirs.as_raw_fd(), libc::F_SETFD, 0) } < 0 {
        return Err(io::Error::last_os_error()).context("Can't pass a socket on");
    }
    command.env(LINK, theirs.as_raw_fd().to_string());
    Ok((ours, theirs))
}

/// The end that this process has inherited.
pub fn inherited() -> Option<UnixStream> {
    let number: RawFd = std::env::var(LINK).ok()?.parse().ok()?;
    // SAFETY: the one that started this process has left this socket open for it, and nobody else here knows it.
    unsafe {
        libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC);
        Some(UnixStream::from_raw_fd(number))
    }
}

/// Forgets the link, so that no process below this one knows of it.
pub fn forget(command: &mut std::process::Command) {
    command.env_remove(LINK);
}

/// Writes one value.
pub fn send(mut to: impl Write, what: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    to.write_all(&line)
}
