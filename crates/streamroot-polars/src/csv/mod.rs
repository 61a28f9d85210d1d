//! Reads CSV files: header, separator and types are found out, blocks of rows are parsed on all cores.
//!
//! | file | what it knows |
//! |---|---|
//! | [`file`] | a file as bytes: compressed or not, a part after another |
//! | [`header`] | the names of columns, the separator, a first idea of the types |
//! | [`blocks`] | blocks of whole rows, parsed on all cores, in their order |
//! | [`rows`] | the rows of a block, one by one: what is right |
//! | [`lane`] | the same, more quickly, for the rows that are plain |
//! | [`cursor`], [`value`], [`digits`] | where a field ends; what a value means |
//! | [`column`], [`dictionary`] | values, column by column |
//!
//! A column's type is the narrowest that fits all of its values, never a guess from the first ones: when a block holds
//! a value that does not fit, reading starts again with the wider type. What is read is handed to a [`Sink`] in the
//! order of the file.

mod blocks;
pub mod column;
mod cursor;
pub mod dictionary;
mod digits;
mod file;
mod header;
mod lane;
mod rows;
#[cfg(test)]
mod tests;
pub mod value;

use adbc_core::error::Result;

use crate::error::invalid_data;
use crate::faults::Faults;
use crate::names::Renames;
use crate::progress;
use crate::source::Input;
pub use blocks::Sink;
use blocks::{Passed, pass};
use column::{Column, Widen};
use header::Source;
use value::Type;

/// What is known of the rows that went to a sink.
pub struct Outcome {
    pub columns: Vec<Column>,
    pub faults: Faults,
}

/// Reads all files into a sink. With `strict`, the first fault other than a missing value is an error.
pub fn read(inputs: &[Input], renames: &Renames, strict: bool, sink: &mut dyn Sink) -> Result<Outcome> {
    let mut columns = Vec::new();
    let mut sources = Vec::new();
    for (file, input) in inputs.iter().enumerate() {
        sources.push(Source::look(input, file, renames, &mut columns)?);
    }
    loop {
        progress::begin(sources.iter().map(|source| source.state.length).sum());
        match pass(&sources, &columns, strict, sink)? {
            Passed::Done(faults, rows, found) => {
                for source in &sources {
                    source.check_unchanged()?;
                }
                if rows == 0 {
                    let path = sources.first().map(|s| s.path.display().to_string()).unwrap_or_default();
                    return Err(invalid_data(format!("{path} has a header and no row: there is nothing to analyse")));
                }
                let mut again = false;
                for (column, found) in columns.iter_mut().zip(found).filter(|(column, _)| column.ty == Type::Open) {
                    // A column with no value at all is text.
                    column.ty = if found == Type::Open { Type::Text } else { found };
                    again |= column.ty != Type::Text;
                }
                if !again {
                    return Ok(Outcome { columns, faults });
                }
            }
            Passed::Widen(Widen { column, to }) => {
                columns[column].ty = to;
            }
        }
    }
}
