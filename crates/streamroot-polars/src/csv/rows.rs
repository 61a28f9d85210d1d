//! Reads the rows of a block one by one: the specification of what a CSV file's rows are.
//!
//! Of the rows that follow each other in the plainest form, [`super::lane`] reads the same more quickly.

use super::column::{Chunk, Column, Data, Values, Widen};
use super::cursor::{Cursor, End, trim};
use super::lane::{Fields, Marks};
use super::value::{Type, boolean, is_missing, number};
use crate::faults::{Fault, Faults, excerpt, row_excerpt};
use crate::names::Role;

/// How the rows of one file map to the columns.
#[derive(Clone, Debug)]
pub struct Layout {
    pub separator: u8,
    /// For each field of a row, its column.
    pub places: Vec<usize>,
    /// Columns that have one value in the whole file, from its path.
    pub constants: Vec<(usize, String)>,
}

/// How a block is read.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    pub layout: &'a Layout,
    pub columns: &'a [Column],
    /// Whether to stop at the first row that has a fault other than a missing value.
    pub strict: bool,
    /// Whether plain rows may be read column by column.
    pub lane: bool,
}

/// Reads a block, a run of whole rows of one file, with `last` the one that the file's last row is in. `marks` are those of
/// another that is done with.
pub fn parse(bytes: &[u8], last: bool, reading: Reading, marks: &mut Marks) -> Result<Chunk, Widen> {
    let Reading { layout, columns, lane, .. } = reading;
    if lane {
        marks.find(bytes, layout.separator);
    }
    let suspicious =
        !(lane && marks.is_plain) && (memchr::memchr(0, bytes).is_some() || std::str::from_utf8(bytes).is_err());
    let expected = bytes.len() / 40 + 16;
    let mut parser = Parser {
        cursor: Cursor { bytes, at: 0, line: 0, separator: layout.separator },
        marks,
        reading,
        last,
        suspicious,
        out: columns.iter().map(|column| Values::with_capacity(column.ty, expected)).collect(),
        rows: 0,
        faults: Faults::default(),
        refused: false,
        p2p: columns.iter().position(|c| c.role == Role::P2p),
        connected: columns.iter().position(|c| c.role == Role::Connected),
    };
    while parser.cursor.at < bytes.len() && !parser.refused {
        if lane {
            parser.plain_rows()?;
        }
        if parser.cursor.at < bytes.len() && !parser.cursor.skip_blank_line() {
            parser.row()?;
        }
    }
    // Rows that were read column by column have theirs in another order.
    parser.faults.sort();
    Ok(Chunk { columns: parser.out, rows: parser.rows, lines: parser.cursor.line, faults: parser.faults })
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    marks: &'a mut Marks,
    reading: Reading<'a>,
    last: bool,
    /// Whether some bytes of the block are not UTF-8 or NUL, so that each value must be looked at.
    suspicious: bool,
    out: Vec<Values>,
    rows: usize,
    faults: Faults,
    refused: bool,
    p2p: Option<usize>,
    connected: Option<usize>,
}

impl Parser<'_> {
    /// Reads the rows that follow as long as they are plain, column by column.
    fn plain_rows(&mut self) -> Result<(), Widen> {
        let (layout, bytes) = (self.reading.layout, self.cursor.bytes);
        let fields = layout.places.len();
        let mut lane = std::mem::take(self.marks);
        while !self.refused {
            let marks = lane.plain_rows(bytes, self.cursor.at, fields, layout.separator);
            let rows = marks.len().saturating_sub(1) / fields.max(1);
            if rows == 0 {
                break;
            }
            let (before, line) = (self.rows, self.cursor.line);
            for (field, &column) in layout.places.iter().enumerate() {
                let values = Fields { bytes, marks, fields, field };
                let mut row = 0;
                while row < rows {
                    row = self.out[column].data.plain(&self.reading.columns[column], &values, row, self.suspicious);
                    if row < rows {
                        self.rows = before + row;
                        self.value(column, trim(values.get(row)), false, line + row as u64)?;
                        row += 1;
                    }
                }
            }
            self.cursor.at = marks[rows * fields] as usize + 1;
            self.cursor.line += rows as u64;
            for row in 0..if layout.constants.is_empty() { 0 } else { rows } {
                self.rows = before + row;
                for (column, value) in &layout.constants {
                    self.value(*column, value.as_bytes(), false, line + row as u64)?;
                }
            }
            self.rows = before + rows;
            self.check_connected(before, line);
        }
        *self.marks = lane;
        Ok(())
    }

    fn row(&mut self) -> Result<(), Widen> {
        let (layout, line, start) = (self.reading.layout, self.cursor.line, self.cursor.at);
        let fields = layout.places.len();
        if self.cursor.skip_separators(fields) {
            for values in &mut self.out {
                values.push_null(self.rows);
            }
            self.fault(Fault::Empty, None, line, || format!("{} separators", fields - 1));
            self.rows += 1;
            return Ok(());
        }
        for (i, &column) in layout.places.iter().enumerate() {
            let field = self.cursor.field();
            if let Some(fault) = field.fault {
                self.null(column, fault, line, &field.bytes);
            } else {
                self.value(column, &field.bytes, field.quoted, line)?;
            }
            if field.end == End::Separator {
                if i + 1 == fields {
                    self.too_long(line, start);
                }
            } else if i + 1 < fields {
                self.too_short(i + 1, line, start);
                break;
            }
        }
        for (column, value) in &layout.constants {
            self.value(*column, value.as_bytes(), false, line)?;
        }
        self.rows += 1;
        self.check_connected(self.rows - 1, line);
        Ok(())
    }

    fn value(&mut self, column: usize, bytes: &[u8], quoted: bool, line: u64) -> Result<(), Widen> {
        let fault = match self.suspicious {
            true if std::str::from_utf8(bytes).is_err() => Some(Fault::NotUtf8),
            true if bytes.contains(&0) => Some(Fault::NulByte),
            _ => None,
        };
        if let Some(fault) = fault {
            self.null(column, fault, line, bytes);
            return Ok(());
        }
        let Column { role, ty, .. } = self.reading.columns[column];
        let bytes = if ty == Type::Text { bytes } else { trim(bytes) };
        // Text in quotes is what it is: "NA" may be a country.
        if is_missing(bytes) && (bytes.is_empty() || !quoted || ty != Type::Text) {
            self.null(column, Fault::Missing, line, bytes);
            return Ok(());
        }
        let found = || {
            let found = Type::of(bytes);
            ty.join(if role == Role::Stream && !found.is_whole() { Type::Text } else { found })
        };
        let values = &mut self.out[column];
        if ty == Type::Open {
            values.found = values.found.join(found());
        }
        let fault = match (&mut values.data, role) {
            (Data::Float(all), Role::P2p | Role::Cdn) => match number(bytes) {
                None => Some(Fault::NotANumber),
                Some(value) if value.is_infinite() => Some(Fault::Infinite),
                Some(value) if value < 0.0 => Some(Fault::Negative),
                Some(value) => {
                    // Minus nothing is nothing.
                    all.push(value.abs());
                    None
                }
            },
            (Data::Bool(all), Role::Connected) => {
                let value = boolean(bytes);
                all.extend(value);
                value.is_none().then_some(Fault::NotABoolean)
            }
            (Data::Text { codes, dictionary }, _) if ty != Type::Digits || found() == ty => {
                let code = dictionary.code(bytes);
                codes.push(code);
                if !quoted {
                    dictionary.remember(bytes, code);
                }
                None
            }
            (Data::Int(all), _) if let Some(value) = ty.bits(bytes) => {
                all.push(value);
                None
            }
            (Data::Float(all), _) if found() == ty => {
                all.push(number(bytes).unwrap_or_default());
                None
            }
            (Data::Bool(all), _) if found() == ty => {
                all.push(bytes.eq_ignore_ascii_case(b"true"));
                None
            }
            _ => return Err(Widen { column, to: found() }),
        };
        if let Some(fault) = fault {
            self.null(column, fault, line, bytes);
        }
        Ok(())
    }

    fn null(&mut self, column: usize, fault: Fault, line: u64, bytes: &[u8]) {
        self.out[column].push_null(self.rows);
        self.fault(fault, Some(column), line, || excerpt(bytes));
    }

    fn fault(&mut self, fault: Fault, column: Option<usize>, line: u64, example: impl FnOnce() -> String) {
        self.faults.add(fault, column, line, example);
        self.refused |= self.reading.strict && fault != Fault::Missing;
    }

    /// A row that ends before its last field. The last row of a file may, if it is more than its first value, such as a line
    /// about the others, and not separators alone: it was cut off, and what it lacks is missing.
    fn too_short(&mut self, found: usize, line: u64, start: usize) {
        let layout = self.reading.layout;
        let fields = layout.places.len();
        let is_empty = |b: &u8| *b == self.cursor.separator || matches!(b, b'\n' | b'\r');
        let has_value = !self.cursor.bytes[start..].iter().all(is_empty);
        let cut_off = self.last && found > 1 && has_value && self.cursor.rest_is_blank();
        for &column in &layout.places[found..] {
            if cut_off {
                self.null(column, Fault::Missing, line, b"");
            } else {
                self.out[column].push_null(self.rows);
            }
        }
        if !cut_off {
            self.fault(Fault::TooShort, None, line, || format!("{found} of {fields} values"));
        }
    }

    /// A row that goes on after its last field. Nobody knows which value is one too many, so all of them become null.
    fn too_long(&mut self, line: u64, start: usize) {
        let fields = self.reading.layout.places.len();
        let mut found = fields + 1;
        while self.cursor.field().end == End::Separator {
            found += 1;
        }
        for &column in &self.reading.layout.places {
            self.out[column].make_null(self.rows);
        }
        let text = self.cursor.bytes[start..self.cursor.at].trim_ascii_end();
        self.fault(Fault::TooLong, None, line, || format!("{found} values instead of {fields}, {}", row_excerpt(text)));
    }

    /// Looks for bytes by P2P in sessions that are not connected, from a row on, which is in this line.
    fn check_connected(&mut self, from: usize, line: u64) {
        let (Some(p2p), Some(connected)) = (self.p2p, self.connected) else { return };
        let (Data::Float(bytes), Data::Bool(flags)) = (&self.out[p2p].data, &self.out[connected].data) else { return };
        let of_row = |row: usize| (bytes[row] > 0.0 && !flags[row]).then(|| (row, bytes[row]));
        let wrong: Vec<(usize, f64)> = (from..self.rows).filter_map(of_row).collect();
        for (row, value) in wrong {
            if !self.out[connected].is_null(row) && self.out[p2p].make_null(row) {
                self.fault(Fault::P2pUnconnected, Some(p2p), line + (row - from) as u64, || value.to_string());
            }
        }
    }
}
