//! The first line of a CSV file: its separator, the names of columns, and with the rows behind it a first idea of their types.

use std::path::PathBuf;

use adbc_core::error::Result;

use super::column::Column;
use super::cursor::{Cursor, End};
use super::file::{fill, open};
use super::rows::Layout;
use super::value::{Type, is_missing};
use crate::error::invalid_data;
use crate::faults::{Fault, excerpt};
use crate::names::{Renames, Role, role};
use crate::source::{Compression, Format, Input, State};

/// How much is read for a first idea of the columns' types.
const SAMPLE: usize = 1 << 14;
/// A line that is longer is no line of a CSV file.
pub const LONGEST_ROW: usize = 1 << 26;

/// A file, as its header describes it.
pub struct Source {
    pub path: PathBuf,
    pub compression: Compression,
    /// Index among the inputs.
    pub file: usize,
    pub layout: Layout,
    /// The line end of the header, in bytes from the file's start, and lines up to there.
    pub header_len: usize,
    pub header_lines: u64,
    pub state: State,
    /// About as many rows as it has, if that can be told from its length.
    pub rows: usize,
}

impl Source {
    /// Reads the header of a file, and its first rows for a first idea of the types.
    pub fn look(input: &Input, file: usize, renames: &Renames, columns: &mut Vec<Column>) -> Result<Source> {
        let path = &input.path;
        let Format::Csv(compression) = input.format else {
            return Err(invalid_data(format!("{} is not a CSV file", path.display())));
        };
        let (mut reader, state) = open(path, compression)?;
        let mut head = Vec::new();
        let (mut end, mut wanted) = (None, SAMPLE);
        while end.is_none() && head.len() < LONGEST_ROW && fill(&mut *reader, &mut head, wanted, path)? {
            end = header_end(&head);
            wanted = 1 << 20;
        }
        let shown = path.display().to_string();
        if head.trim_ascii().is_empty() {
            return Err(invalid_data(format!(
                "{shown} is empty: it should have a line that names its columns, and rows"
            )));
        }
        let start = header_start(&head);
        let (header_len, separator) = end.unwrap_or_else(|| (head.len(), separator(&head[start..])));
        let header = &head[start..header_len];
        if header.contains(&0) || std::str::from_utf8(header).is_err() {
            return Err(invalid_data(format!("{shown} is not a text file in UTF-8: save it as CSV in UTF-8")));
        }
        let names = renames.apply(&shown, &fields(&shown, header, separator)?)?;
        // A column that is both in the file and in its path is read from the file.
        let partitions = || input.partitions.iter().filter(|(key, _)| !names.contains(key));
        let first = columns.is_empty();
        if first {
            let column = |name: &String| Column { name: name.clone(), role: role(name), ty: first_type(role(name)) };
            *columns = names.iter().chain(partitions().map(|(key, _)| key)).map(column).collect();
        }
        let other_columns = |name: &str| {
            invalid_data(format!(
                "{shown} has other columns than the first file ({name} is in one of them only): open files of one kind"
            ))
        };
        let place =
            |name: &String| columns.iter().position(|column| column.name == *name).ok_or_else(|| other_columns(name));
        let places = names.iter().map(place).collect::<Result<Vec<_>>>()?;
        let constants =
            partitions().map(|(key, value)| Ok((place(key)?, value.clone()))).collect::<Result<Vec<_>>>()?;
        if let Some(column) = (0..columns.len()).find(|i| !places.contains(i) && constants.iter().all(|(c, _)| c != i))
        {
            return Err(other_columns(&columns[column].name));
        }
        let layout = Layout { separator, places, constants };
        if first {
            guess_types(&head[header_len..], &layout, columns);
        }
        let header_lines = head[..header_len].iter().filter(|b| **b == b'\n').count() as u64;
        let rows = if compression == Compression::None {
            let sample = &head[header_len..];
            let lines = memchr::memchr_iter(b'\n', sample).count();
            1.05 * lines as f64 * state.length as f64 / sample.len().max(1) as f64
        } else {
            0.0
        };
        let path = path.clone();
        Ok(Source { path, compression, file, layout, header_len, header_lines, state, rows: rows as usize })
    }

    pub fn check_unchanged(&self) -> Result<()> {
        if self.path.metadata().is_ok_and(|found| State::of(&found) == self.state) {
            return Ok(());
        }
        Err(invalid_data(format!("{} changed or vanished while it was read: open it again", self.path.display())))
    }
}

fn first_type(role: Role) -> Type {
    match role {
        Role::P2p | Role::Cdn => Type::Float,
        Role::Connected => Type::Bool,
        Role::Name => Type::Text,
        Role::Stream | Role::Other => Type::Natural,
    }
}

/// Sets the open columns to the type of the values in `rows`. A wrong guess only costs a second pass.
fn guess_types(rows: &[u8], layout: &Layout, columns: &mut [Column]) {
    let mut found: Vec<Option<Type>> = vec![None; columns.len()];
    let mut note = |column: usize, value: &[u8]| {
        if !is_missing(value) {
            let ty = Type::of(value);
            found[column] = Some(found[column].map_or(ty, |known| known.join(ty)));
        }
    };
    // The last row may be cut off by the end of the sample.
    let whole = memchr::memrchr(b'\n', rows).map_or(rows, |end| &rows[..=end]);
    let mut cursor = Cursor { bytes: whole, at: 0, line: 0, separator: layout.separator };
    while cursor.at < whole.len() {
        if cursor.skip_blank_line() {
            continue;
        }
        let mut places = layout.places.iter();
        loop {
            let field = cursor.field();
            if let (Some(&column), None) = (places.next(), field.fault) {
                note(column, &field.bytes);
            }
            if field.end != End::Separator {
                break;
            }
        }
    }
    for (column, value) in &layout.constants {
        note(*column, value.as_bytes());
    }
    for (column, ty) in columns.iter_mut().zip(found) {
        match column.role {
            Role::Other => column.ty = ty.unwrap_or(Type::Open),
            Role::Stream => column.ty = ty.map_or(column.ty, |ty| if ty.is_whole() { ty } else { Type::Text }),
            _ => {}
        }
    }
}

/// Where the header starts, behind a byte order mark and blank lines.
fn header_start(bytes: &[u8]) -> usize {
    let bom = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    bom + bytes[bom..].iter().take_while(|b| b.is_ascii_whitespace() && **b != b'\t').count()
}

/// The place behind the line end of the header, if it is in `bytes`, and the separator. A quote counts only where a value
/// starts, as in all other rows.
fn header_end(bytes: &[u8]) -> Option<(usize, u8)> {
    let start = header_start(bytes);
    let end = |separator| {
        let mut cursor = Cursor { bytes, at: start, line: 0, separator };
        loop {
            match cursor.field().end {
                End::Separator => {}
                End::Line => return Some(cursor.at),
                End::Data => return None,
            }
        }
    };
    // The first line tells the separator, unless a line end stands in quotes.
    let line = memchr::memchr(b'\n', &bytes[start..])? + 1;
    let first = end(separator(&bytes[start..start + line]))?;
    let separator = separator(&bytes[start..first]);
    Some((end(separator)?, separator))
}

/// The separator that stands most often in the header outside quotes.
fn separator(header: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    // Quotes that open a value, and end it at the next one. Which separator it is, is not known yet: any will do.
    let (mut quoted, mut starts) = (false, true);
    for byte in header {
        if let (false, Some((_, count))) = (quoted, counts.iter_mut().find(|(separator, _)| separator == byte)) {
            *count += 1;
            starts = true;
        } else if *byte == b'"' && (quoted || starts) {
            // The second of two doubled ones opens it again.
            quoted = !quoted;
            starts = !quoted;
        } else if *byte != b' ' {
            starts = false;
        }
    }
    // The first of equals, which is the comma when there is none at all.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| *separator)
}

/// The names in a header.
fn fields(shown: &str, header: &[u8], separator: u8) -> Result<Vec<String>> {
    let mut cursor = Cursor { bytes: header, at: 0, line: 0, separator };
    let mut fields = Vec::new();
    loop {
        let field = cursor.field();
        match field.fault {
            Some(Fault::OpenQuote) => {
                return Err(invalid_data(format!(
                    "{shown} opens a quote in its header, before {:?}, and never closes it: close it",
                    excerpt(&field.bytes)
                )));
            }
            Some(_) => {
                return Err(invalid_data(format!(
                    "{shown} has text behind the closing quote of {:?} in its header: double a quote inside quotes",
                    excerpt(&field.bytes)
                )));
            }
            None => fields.push(String::from_utf8_lossy(&field.bytes).into_owned()),
        }
        if field.end != End::Separator {
            return Ok(fields);
        }
    }
}
