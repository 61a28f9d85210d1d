//! What can be wrong with a value or a row, how often it is, and where first.

use std::path::{Path, PathBuf};

use adbc_core::error::Error;
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::invalid_data;

/// What is wrong with a value or a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// Nothing stands there, or `NA`, `NaN`, `null`. The only fault that strict opening counts instead of refusing.
    Missing,
    NotANumber,
    Negative,
    Infinite,
    NotABoolean,
    /// Bytes by P2P in a session that is not connected to the backend.
    P2pUnconnected,
    TooShort,
    TooLong,
    /// A row of nothing but separators.
    Empty,
    NotUtf8,
    NulByte,
    OpenQuote,
    AfterQuote,
    /// All values of a column, of a type that queries can't use. Counted, and never refused.
    Unusable,
}

impl Fault {
    /// Its name in the table `faults`.
    pub fn name(self) -> &'static str {
        match self {
            Fault::Missing => "missing",
            Fault::NotANumber => "not a number",
            Fault::Negative => "negative",
            Fault::Infinite => "infinite",
            Fault::NotABoolean => "not a boolean",
            Fault::P2pUnconnected => "p2p while not connected",
            Fault::TooShort => "row too short",
            Fault::TooLong => "row too long",
            Fault::Empty => "row without values",
            Fault::NotUtf8 => "not UTF-8",
            Fault::NulByte => "NUL byte",
            Fault::OpenQuote => "quote not closed",
            Fault::AfterQuote => "text after a quote",
            Fault::Unusable => "type that queries can't use",
        }
    }

    /// What is wrong, as the second half of a sentence, and what to do.
    fn sentence(self, value: &str) -> String {
        match self {
            Fault::Missing => "nothing stands there".to_owned(),
            Fault::NotANumber if value.contains(',') => {
                format!("{value:?} is not a number: write it with a decimal point")
            }
            Fault::NotANumber => format!("{value:?} is not a number: correct it"),
            Fault::Negative => format!("{value:?} bytes is less than nothing: correct it"),
            Fault::Infinite => format!("{value:?} is more than any number of bytes: correct it"),
            Fault::NotABoolean => format!("{value:?} is neither true nor false: correct it"),
            Fault::P2pUnconnected => {
                format!("{value:?} bytes by P2P in a session that is not connected: correct one of the two")
            }
            Fault::TooShort => format!("the row has only {value}: add what is missing"),
            Fault::TooLong => format!("the row has {value}: quote a value that holds the separator"),
            Fault::Empty => format!("the row has {value} and no value: take it out"),
            Fault::NotUtf8 => format!("{value:?} is not UTF-8: save the file as UTF-8"),
            Fault::NulByte => format!("{value:?} holds a NUL byte: take it out"),
            Fault::OpenQuote => "a quote is opened and never closed: close it".to_owned(),
            Fault::Unusable => {
                format!("queries can't use values of type {value}: convert them when the file is written")
            }
            Fault::AfterQuote => format!("text follows the closing quote of {value:?}: double a quote inside quotes"),
        }
    }
}

/// One line of the table `faults`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub fault: Fault,
    /// The column's index; `None` when the whole row is meant.
    pub column: Option<usize>,
    pub rows: u64,
    /// Where it is first: the line as an editor counts it, or the row of a file without lines.
    pub line: u64,
    /// The file's index among the inputs.
    pub file: usize,
    pub example: String,
}

impl Entry {
    /// The sentence about it, in a file whose places are lines or rows.
    pub fn describe(&self, file: &Path, place: &str, column: Option<&str>) -> Error {
        let column = column.map(|name| format!(", column {name}")).unwrap_or_default();
        invalid_data(format!(
            "{}, {place} {}{column}: {}, or open the file in lenient mode to count such rows and go on",
            file.display(),
            self.line,
            self.fault.sentence(&self.example)
        ))
    }
}

/// All faults found, one entry for each kind and column, in the order of their first places.
#[derive(Clone, Debug, Default)]
pub struct Faults(pub Vec<Entry>);

impl Faults {
    /// Counts a fault of the first file. The places of one kind in one column must come in order; the first one is kept.
    pub fn add(&mut self, fault: Fault, column: Option<usize>, line: u64, example: impl FnOnce() -> String) {
        match self.find(fault, column) {
            Some(entry) => entry.rows += 1,
            None => self.0.push(Entry { fault, column, rows: 1, line, file: 0, example: example() }),
        }
    }

    /// Adds the faults of a later part of the data.
    pub fn append(&mut self, later: Faults) {
        for entry in later.0 {
            match self.find(entry.fault, entry.column) {
                Some(known) => known.rows += entry.rows,
                None => self.0.push(entry),
            }
        }
    }

    fn find(&mut self, fault: Fault, column: Option<usize>) -> Option<&mut Entry> {
        self.0.iter_mut().find(|entry| entry.fault == fault && entry.column == column)
    }

    /// Puts them in the order of their first places.
    pub fn sort(&mut self) {
        self.0.sort_by_key(|entry| (entry.file, entry.line));
    }

    /// The first fault that strict opening refuses.
    pub fn first_refused(&self) -> Option<&Entry> {
        let counted = |entry: &&Entry| !matches!(entry.fault, Fault::Missing | Fault::Unusable);
        self.0.iter().filter(counted).min_by_key(|entry| (entry.file, entry.line))
    }

    /// The table `faults`: fault, column, rows, first_row, example, file.
    pub fn table(&self, columns: &[String], files: &[PathBuf]) -> PolarsResult<DataFrame> {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let entries = || self.0.iter();
        df!(
            "fault" => entries().map(|e| e.fault.name()).collect::<Vec<_>>(),
            "column" => entries().map(|e| e.column.and_then(|c| Some(columns.get(c)?.as_str()))).collect::<Vec<_>>(),
            "rows" => entries().map(|e| number(e.rows)).collect::<Vec<_>>(),
            "first_row" => entries().map(|e| number(e.line)).collect::<Vec<_>>(),
            "example" => entries().map(|e| e.example.as_str()).collect::<Vec<_>>(),
            "file" => entries().map(|e| files.get(e.file).map(|f| f.display().to_string())).collect::<Vec<_>>(),
        )
    }
}

/// An excerpt of a row, for a sentence that shows it without quotes around it.
pub fn row_excerpt(bytes: &[u8]) -> String {
    let shown = |c: char| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() };
    excerpt(bytes).chars().map(shown).collect()
}

/// An excerpt of a value that is short enough for a sentence.
pub fn excerpt(bytes: &[u8]) -> String {
    const LONGEST: usize = 60;
    let cut = bytes.len().min(LONGEST);
    let mut text = String::from_utf8_lossy(&bytes[..cut]).into_owned();
    if cut < bytes.len() {
        text.push('…');
    }
    text
}
