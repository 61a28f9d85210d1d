//! Errors: a sentence and an ADBC status.

use std::any::Any;
use std::fmt::Display;
use std::io;
use std::path::Path;

use adbc_core::error::{Error, Status};
use polars::prelude::PolarsError;

/// The data, or the query on them, is wrong.
pub fn invalid_data(message: impl Into<String>) -> Error {
    Error::with_message_and_status(message, Status::InvalidData)
}

/// A file is not what it should be; `how` says what shows that.
pub fn damaged(file: impl Display, how: impl Display) -> Error {
    invalid_data(format!("{file} is damaged or cut off ({how}): get it again"))
}

/// The caller asked for something that can't be.
pub fn invalid_argument(message: impl Into<String>) -> Error {
    Error::with_message_and_status(message, Status::InvalidArguments)
}

/// A file can't be read or written. `path` is named in the sentence.
pub fn io_error(path: &Path, error: &io::Error) -> Error {
    let path = path.display();
    let (status, message) = match error.kind() {
        io::ErrorKind::NotFound => (Status::NotFound, format!("there is no file {path}: check the path")),
        io::ErrorKind::PermissionDenied => {
            (Status::Unauthorized, format!("{path} may not be read by this user: change its permissions"))
        }
        io::ErrorKind::UnexpectedEof => (
            Status::InvalidData,
            format!("{path} ends in the middle of its compressed data: it was cut off, get it again"),
        ),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            (Status::InvalidData, format!("{path} holds damaged compressed data ({error}): get it again"))
        }
        _ => (Status::IO, format!("{path} can't be read: {error}")),
    };
    Error::with_message_and_status(message, status)
}

/// What a panic said, in a line.
pub fn said_by(panic: &(dyn Any + Send)) -> String {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason is known");
    said.lines().next().unwrap_or_default().chars().take(200).collect()
}

/// Something went wrong inside polars; `doing` says during what.
pub fn engine_failed(doing: &str, error: impl Display) -> Error {
    Error::with_message_and_status(format!("the engine failed while {doing}: {error}"), Status::Internal)
}

/// What begins an error of ours that comes through polars.
const OURS: &str = "streamroot: ";

/// An error that says a sentence, on its way through polars.
pub fn fail(sentence: impl Display) -> PolarsError {
    PolarsError::ComputeError(format!("{OURS}{sentence}").into())
}

/// Our own sentence, if it is what came through polars.
pub fn ours(error: &PolarsError) -> Option<String> {
    let said = error.to_string();
    let (_, ours) = said.split_once(OURS)?;
    Some(ours.lines().next().unwrap_or_default().to_owned())
}
