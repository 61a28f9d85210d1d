//! From the bytes of a block of CSV rows to typed columns.
//!
//! First the places of all separators, line ends and quotes are found, 64 bytes at a time. Where rows have as many fields as
//! they should have and no quotes, each column's values are then read in a loop of their own; all other rows are read one by
//! one.
//!
//! This is the one place that says what a CSV value means. Numbers are read exactly (the nearest double), a value is
//! missing when it is empty, `NA`, `N/A`, `NaN` or `null`, and text is kept as it stands, without the spaces around it.

use std::borrow::Cow;

use crate::faults::{Fault, Faults, excerpt, row_excerpt};

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Int,
    Float,
    Bool,
    Text,
}

impl Type {
    /// The narrowest type that holds the values of both.
    pub fn join(self, other: Type) -> Type {
        match (self, other) {
            (a, b) if a == b => a,
            (Type::Int, Type::Float) | (Type::Float, Type::Int) => Type::Float,
            _ => Type::Text,
        }
    }

    /// The type of one value that is not missing.
    pub fn of(value: &[u8]) -> Type {
        if integer(value).is_some() {
            Type::Int
        } else if number(value).is_some_and(f64::is_finite) && !padded(value) {
            Type::Float
        } else if value.eq_ignore_ascii_case(b"true") || value.eq_ignore_ascii_case(b"false") {
            Type::Bool
        } else {
            Type::Text
        }
    }
}

/// What a column is in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `p2p`: a finite number of bytes, not negative, zero when not connected.
    P2p,
    /// `cdn`: a finite number of bytes, not negative.
    Cdn,
    /// `connected`: a boolean in any usual form.
    Connected,
    /// `isp` and `browser`: text, even when it looks like something else.
    Name,
    /// `stream`: whole numbers or text.
    Stream,
    /// Any other column: whatever type all its values have.
    Other,
}

/// A column to read.
#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub role: Role,
    pub ty: Type,
}

/// How the rows of one file map to the columns.
#[derive(Clone, Debug)]
pub struct Layout {
    pub separator: u8,
    /// For each field of a row, its column.
    pub places: Vec<usize>,
    /// Columns that have one value in the whole file, from its path.
    pub constants: Vec<(usize, String)>,
}

/// A run of whole rows of one file.
pub struct Block<'a> {
    pub bytes: &'a [u8],
    /// The file's index among the inputs.
    pub file: usize,
    /// Whether the file's last row is in it.
    pub last: bool,
}

/// A block's rows as columns. One that is done with has room for those of the next block.
#[derive(Default)]
pub struct Chunk {
    pub columns: Vec<Values>,
    pub rows: usize,
    /// How many line ends the block has.
    pub lines: u64,
    /// Lines are counted from the block's first, which is 0.
    pub faults: Faults,
    marks: Marks,
}

/// Values of one column. A null has some value, which means nothing, and its row in `nulls`.
pub struct Values {
    pub data: Data,
    pub nulls: Vec<u32>,
}

pub enum Data {
    Int(Vec<i64>),
    Float(Vec<f64>),
    Bool(Vec<bool>),
    Text { codes: Vec<u32>, dictionary: Dictionary },
}

/// Why a block could not be read as planned: a column holds a value of a wider type.
#[derive(Debug, PartialEq, Eq)]
pub struct Widen {
    pub column: usize,
    pub to: Type,
}

/// A text column's dictionary goes on to the next block with its texts, unless there are more than these: whoever takes the
/// block looks at each of them.
const MOST_TEXTS_KEPT: usize = 1 << 8;

impl Chunk {
    /// A chunk without rows, with room for some.
    fn emptied(mut self, columns: &[Column], rows: usize) -> Chunk {
        self.columns.truncate(columns.len());
        for (i, column) in columns.iter().enumerate() {
            match self.columns.get_mut(i) {
                Some(values) if values.is_of(column.ty) => values.clear(),
                Some(values) => *values = Values::with_capacity(column.ty, rows),
                None => self.columns.push(Values::with_capacity(column.ty, rows)),
            }
        }
        Chunk { columns: self.columns, ..Chunk::default() }
    }
}

/// Reads a block. With `strict`, stops at the first row that has a fault other than a missing value. `spare` is a chunk
/// that is done with.
pub fn parse(block: &Block, layout: &Layout, columns: &[Column], strict: bool, spare: Chunk) -> Result<Chunk, Widen> {
    let mut parser = Parser::new(block, layout, columns, strict, spare);
    while parser.cursor.at < block.bytes.len() && !parser.refused {
        parser.plain_rows()?;
        if parser.cursor.at < block.bytes.len() && !parser.cursor.skip_blank_line() {
            parser.row()?;
        }
    }
    Ok(parser.finish())
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    marks: Marks,
    layout: &'a Layout,
    columns: &'a [Column],
    file: usize,
    last: bool,
    strict: bool,
    /// Whether some bytes of the block are not UTF-8 or NUL, so that each value must be looked at.
    suspicious: bool,
    out: Vec<Values>,
    rows: usize,
    faults: Faults,
    refused: bool,
    p2p: Option<usize>,
    connected: Option<usize>,
}

impl<'a> Parser<'a> {
    fn new(block: &Block<'a>, layout: &'a Layout, columns: &'a [Column], strict: bool, mut spare: Chunk) -> Parser<'a> {
        let expected = block.bytes.len() / 40 + 16;
        let marks = std::mem::take(&mut spare.marks).of(block.bytes, layout.separator);
        let suspicious =
            !marks.is_plain && (memchr::memchr(0, block.bytes).is_some() || std::str::from_utf8(block.bytes).is_err());
        Parser {
            cursor: Cursor { bytes: block.bytes, at: 0, line: 0, separator: layout.separator },
            marks,
            layout,
            columns,
            file: block.file,
            last: block.last,
            strict,
            suspicious,
            out: spare.emptied(columns, expected).columns,
            rows: 0,
            faults: Faults::default(),
            refused: false,
            p2p: columns.iter().position(|c| c.role == Role::P2p),
            connected: columns.iter().position(|c| c.role == Role::Connected),
        }
    }

    /// Reads the rows that follow as long as each has as many fields as it should have and no quote. They are read column by
    /// column, some hundred rows at a time: what is the same for all values of a column is then decided once.
    fn plain_rows(&mut self) -> Result<(), Widen> {
        while !self.refused {
            let rows = self.count_plain_rows();
            if rows == 0 {
                return Ok(());
            }
            let (layout, before, line) = (self.layout, self.rows, self.cursor.line);
            let fields = layout.places.len();
            let places = std::mem::take(&mut self.marks.places);
            let marks = &places[self.marks.next..=self.marks.next + rows * fields];
            for (field, &column) in layout.places.iter().enumerate() {
                let values = Fields { bytes: self.cursor.bytes, marks, fields, field };
                let mut row = 0;
                while row < rows {
                    row = self.out[column].data.plain(&values, row, self.suspicious);
                    if row < rows {
                        self.rows = before + row;
                        self.value(column, trim(values.get(row)), false, line + row as u64)?;
                        row += 1;
                    }
                }
            }
            self.cursor.at = marks[rows * fields] as usize + 1;
            self.cursor.line += rows as u64;
            self.marks.next += rows * fields;
            self.marks.places = places;
            for row in 0..if layout.constants.is_empty() { 0 } else { rows } {
                self.rows = before + row;
                for (column, value) in &layout.constants {
                    self.value(*column, value.as_bytes(), false, line + row as u64)?;
                }
            }
            self.rows = before + rows;
            self.check_connected(before, line);
        }
        Ok(())
    }

    /// How many of the rows that follow are plain, up to some hundred.
    fn count_plain_rows(&mut self) -> usize {
        const MOST: usize = 512;
        let (bytes, fields) = (self.cursor.bytes, self.layout.places.len());
        if fields < 2 {
            // A line with nothing in it would be a row.
            return 0;
        }
        self.marks.go_to(self.cursor.at);
        let is_plain = |row: &&[u32]| {
            let (ends, others) = row.split_last().unwrap_or((&0, &[]));
            let is = |mark: u32, byte| bytes.get(mark as usize) == Some(&byte);
            others.iter().fold(is(*ends, b'\n'), |plain, mark| plain & is(*mark, self.layout.separator))
        };
        self.marks.places[self.marks.next + 1..].chunks_exact(fields).take(MOST).take_while(is_plain).count()
    }

    fn row(&mut self) -> Result<(), Widen> {
        let (layout, line, start) = (self.layout, self.cursor.line, self.cursor.at);
        let fields = layout.places.len();
        for (i, &column) in layout.places.iter().enumerate() {
            if self.field(column, line)? == End::Separator {
                if i + 1 == fields {
                    self.too_long(line, start);
                }
            } else if i + 1 < fields {
                self.too_short(i + 1, line);
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

    fn field(&mut self, column: usize, line: u64) -> Result<End, Widen> {
        let field = self.cursor.field();
        if let Some(fault) = field.fault {
            self.null(column, fault, line, &field.bytes);
        } else {
            self.value(column, &field.bytes, field.quoted, line)?;
        }
        Ok(field.end)
    }

    fn value(&mut self, column: usize, bytes: &[u8], quoted: bool, line: u64) -> Result<(), Widen> {
        if self.suspicious {
            if std::str::from_utf8(bytes).is_err() {
                self.null(column, Fault::NotUtf8, line, bytes);
                return Ok(());
            }
            if bytes.contains(&0) {
                self.null(column, Fault::NulByte, line, bytes);
                return Ok(());
            }
        }
        let Column { role, ty, .. } = self.columns[column];
        let bytes = if ty == Type::Text { bytes } else { trim(bytes) };
        // Text in quotes is what it is: "NA" may be a country.
        if is_missing(bytes) && (bytes.is_empty() || !quoted || ty != Type::Text) {
            self.null(column, Fault::Missing, line, bytes);
            return Ok(());
        }
        let fault = match (&mut self.out[column].data, role) {
            (Data::Text { codes, dictionary }, _) => {
                let code = dictionary.code(bytes);
                codes.push(code);
                if !quoted {
                    dictionary.remember(bytes, code);
                }
                None
            }
            (Data::Float(values), Role::P2p | Role::Cdn) => match number(bytes) {
                Some(value) if value.is_infinite() => Some(Fault::Infinite),
                Some(value) if value < 0.0 => Some(Fault::Negative),
                Some(value) => {
                    // Minus nothing is nothing.
                    values.push(value.abs());
                    None
                }
                None => Some(Fault::NotANumber),
            },
            (Data::Bool(values), Role::Connected) => match boolean(bytes) {
                Some(value) => {
                    values.push(value);
                    None
                }
                None => Some(Fault::NotABoolean),
            },
            (data, role) => {
                let found = Type::of(bytes);
                let to = ty.join(if role == Role::Stream && found != Type::Int { Type::Text } else { found });
                if to != ty {
                    return Err(Widen { column, to });
                }
                match data {
                    Data::Int(values) => values.push(integer(bytes).unwrap_or_default()),
                    Data::Float(values) => values.push(number(bytes).unwrap_or_default()),
                    Data::Bool(values) => values.push(bytes.eq_ignore_ascii_case(b"true")),
                    Data::Text { .. } => {}
                }
                None
            }
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
        self.faults.add(fault, column, line, self.file, example);
        self.refused |= self.strict && fault != Fault::Missing;
    }

    /// A row that ends before its last field. The last row of a file may: it was cut off, and what it lacks is missing.
    fn too_short(&mut self, found: usize, line: u64) {
        let layout = self.layout;
        let fields = layout.places.len();
        let cut_off = self.last && self.cursor.rest_is_blank();
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
        let fields = self.layout.places.len();
        let mut found = fields + 1;
        while self.cursor.field().end == End::Separator {
            found += 1;
        }
        for &column in &self.layout.places {
            self.out[column].make_null(self.rows);
        }
        let text = self.cursor.bytes[start..self.cursor.at].trim_ascii_end();
        self.fault(Fault::TooLong, None, line, || format!("{found} values instead of {fields}, {}", row_excerpt(text)));
    }

    /// Looks for bytes by P2P in sessions that are not connected, from a row on, which is in this line.
    fn check_connected(&mut self, from: usize, line: u64) {
        let (Some(p2p), Some(connected)) = (self.p2p, self.connected) else { return };
        let (Data::Float(bytes), Data::Bool(flags)) = (&self.out[p2p].data, &self.out[connected].data) else { return };
        let is_wrong = |row: usize| bytes[row] > 0.0 && !flags[row];
        if !bytes[from..].iter().zip(&flags[from..]).fold(false, |any, (bytes, flag)| any | (*bytes > 0.0 && !flag)) {
            return;
        }
        let wrong: Vec<(usize, f64)> =
            (from..self.rows).filter(|row| is_wrong(*row)).map(|row| (row, bytes[row])).collect();
        for (row, value) in wrong {
            if !self.out[connected].is_null(row) && self.out[p2p].make_null(row) {
                self.fault(Fault::P2pUnconnected, Some(p2p), line + (row - from) as u64, || value.to_string());
            }
        }
    }

    fn finish(mut self) -> Chunk {
        // Rows that were read column by column have theirs in another order.
        self.faults.sort();
        Chunk { columns: self.out, rows: self.rows, lines: self.cursor.line, faults: self.faults, marks: self.marks }
    }
}

/// One field of some plain rows.
struct Fields<'a> {
    bytes: &'a [u8],
    /// The mark in front of the first row, and those of all their fields.
    marks: &'a [u32],
    /// How many fields a row has.
    fields: usize,
    /// Which of them this is.
    field: usize,
}

/// How many bytes are looked at to read a plain value.
const WINDOW: usize = 16;

impl<'a> Fields<'a> {
    /// Where the values start and end, from a row on.
    #[inline(always)]
    fn places(&self, from: usize) -> impl Iterator<Item = (usize, usize)> {
        let is_last = self.field + 1 == self.fields;
        let bytes = self.bytes;
        self.marks[from * self.fields + self.field..].windows(2).step_by(self.fields).map(move |marks| {
            let (start, end) = (marks[0].wrapping_add(1) as usize, marks[1] as usize);
            let is_crlf = is_last && end > start && bytes[end - 1] == b'\r';
            (start, end - usize::from(is_crlf))
        })
    }

    fn get(&self, row: usize) -> &'a [u8] {
        self.places(row).next().map_or(&[], |(start, end)| &self.bytes[start..end])
    }

    /// Gives the values to `read` until it says that one is not plain, which row it says too. A value comes as what stands
    /// in the file from its start on, and its length.
    #[inline(always)]
    fn read(&self, from: usize, mut read: impl FnMut(&[u8; WINDOW], usize) -> Option<()>) -> usize {
        let mut row = from;
        for (start, end) in self.places(from) {
            let window = self.bytes.get(start..).and_then(|rest| rest.first_chunk());
            if window.is_none_or(|window| read(window, end - start).is_none()) {
                break;
            }
            row += 1;
        }
        row
    }
}

impl Data {
    /// No values of a type, with room for some.
    pub fn with_capacity(ty: Type, rows: usize) -> Data {
        match ty {
            Type::Int => Data::Int(Vec::with_capacity(rows)),
            Type::Float => Data::Float(Vec::with_capacity(rows)),
            Type::Bool => Data::Bool(Vec::with_capacity(rows)),
            Type::Text => Data::Text { codes: Vec::with_capacity(rows), dictionary: Dictionary::default() },
        }
    }

    /// Reads plain values, such as most of a column are, from a row on, and says which row's is the first that is not.
    /// Nothing is read unless it means what [`Parser::value`] would take it for.
    fn plain(&mut self, fields: &Fields, from: usize, suspicious: bool) -> usize {
        match self {
            Data::Float(values) => {
                fields.read(from, |window, len| decimal(window, len).map(|value| values.push(value)))
            }
            Data::Int(values) => fields.read(from, |window, len| {
                // A number does not keep its leading zeros.
                let value = whole(window, len).filter(|_| window[0] != b'0' || len == 1);
                value.map(|value| values.push(value))
            }),
            Data::Bool(values) => fields.read(from, |window, len| {
                let value = match (len, window) {
                    (4, [b't', b'r', b'u', b'e', ..]) => true,
                    (5, [b'f', b'a', b'l', b's', b'e', ..]) => false,
                    _ => return None,
                };
                values.push(value);
                Some(())
            }),
            Data::Text { codes, dictionary } if !suspicious => {
                fields.read(from, |window, len| dictionary.recent(window, len).map(|code| codes.push(code)))
            }
            Data::Text { .. } => from,
        }
    }
}

impl Values {
    fn is_of(&self, ty: Type) -> bool {
        ty == match self.data {
            Data::Int(_) => Type::Int,
            Data::Float(_) => Type::Float,
            Data::Bool(_) => Type::Bool,
            Data::Text { .. } => Type::Text,
        }
    }

    fn clear(&mut self) {
        self.nulls.clear();
        match &mut self.data {
            Data::Int(values) => values.clear(),
            Data::Float(values) => values.clear(),
            Data::Bool(values) => values.clear(),
            Data::Text { codes, dictionary } => {
                codes.clear();
                if dictionary.len() > MOST_TEXTS_KEPT {
                    *dictionary = Dictionary::default();
                }
            }
        }
    }

    fn with_capacity(ty: Type, rows: usize) -> Values {
        Values { data: Data::with_capacity(ty, rows), nulls: Vec::new() }
    }

    fn push_null(&mut self, row: usize) {
        match &mut self.data {
            Data::Int(values) => values.push(0),
            Data::Float(values) => values.push(0.0),
            Data::Bool(values) => values.push(false),
            Data::Text { codes, .. } => codes.push(0),
        }
        self.nulls.push(row as u32);
    }

    fn is_null(&self, row: usize) -> bool {
        self.nulls.binary_search(&(row as u32)).is_ok()
    }

    /// Takes back the value of a row, and says whether there was one.
    fn make_null(&mut self, row: usize) -> bool {
        let place = self.nulls.binary_search(&(row as u32));
        if let Err(place) = place {
            self.nulls.insert(place, row as u32);
        }
        place.is_err()
    }
}

// ---------------------------------------------------------------- marks

/// The places of all separators, line ends and quotes of a block. One more is in front of its start, and one at its end.
#[derive(Default)]
struct Marks {
    places: Vec<u32>,
    /// The last mark in front of what is read next.
    next: usize,
    /// Whether all bytes are ASCII characters other than NUL.
    is_plain: bool,
}

impl Marks {
    /// The marks of other bytes, in the room of these.
    fn of(mut self, bytes: &[u8], separator: u8) -> Marks {
        const MOST: usize = 12;
        self.next = 0;
        self.is_plain = true;
        self.places.resize(1, 0);
        self.places[0] = u32::MAX;
        let mut count = 1;
        let mut find = |from: usize, some: &[u8; 64]| {
            let (mut bits, is_odd) = marks(some, separator);
            self.is_plain &= !is_odd;
            if self.places.len() < count + 64 {
                self.places.resize(count + (1 << 12), 0);
            }
            // As many at once as there usually are at most: a loop to the last one would end at another turn each time.
            let found = bits.count_ones() as usize;
            for places in self.places[count..].chunks_exact_mut(MOST).take(found.div_ceil(MOST).max(1)) {
                for place in places {
                    *place = from as u32 + bits.trailing_zeros();
                    bits &= bits.wrapping_sub(1);
                }
            }
            count += found;
        };
        let (whole, rest) = bytes.as_chunks();
        for (i, some) in whole.iter().enumerate() {
            find(i * 64, some);
        }
        let mut last = [b' '; 64];
        last[..rest.len()].copy_from_slice(rest);
        find(whole.len() * 64, &last);
        self.places.truncate(count);
        self.places.push(bytes.len() as u32);
        self
    }

    /// Goes on to the last mark in front of a place.
    fn go_to(&mut self, at: usize) {
        while self.places.get(self.next + 1).is_some_and(|next| (*next as usize) < at) {
            self.next += 1;
        }
    }
}

/// A bit for each byte that is a separator, a line end or a quote, and whether one is no ASCII character, or NUL.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn marks(bytes: &[u8; 64], separator: u8) -> (u64, bool) {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8, _mm_setzero_si128,
    };
    // SAFETY: every x86-64 processor has SSE2. 16 bytes are read, which need not be aligned, and there are as many.
    unsafe {
        let (mut marks, mut odd) = (0, _mm_setzero_si128());
        for (i, part) in bytes.as_chunks::<16>().0.iter().enumerate() {
            let part = _mm_loadu_si128(part.as_ptr().cast());
            let is = |byte: u8| _mm_cmpeq_epi8(part, _mm_set1_epi8(byte as i8));
            let found = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(is(separator), is(b'\n')), is(b'"')));
            marks |= u64::from(found as u16) << (16 * i);
            // Beyond ASCII, the highest bit is set.
            odd = _mm_or_si128(odd, _mm_or_si128(part, is(0)));
        }
        (marks, _mm_movemask_epi8(odd) != 0)
    }
}

/// A bit for each byte that is a separator, a line end or a quote, and whether one is no ASCII character, or NUL.
#[cfg(not(target_arch = "x86_64"))]
fn marks(bytes: &[u8; 64], separator: u8) -> (u64, bool) {
    let is_mark = |byte: u8| byte == separator || byte == b'\n' || byte == b'"';
    let marks = bytes.iter().rev().fold(0, |marks, byte| marks << 1 | u64::from(is_mark(*byte)));
    (marks, bytes.iter().any(|byte| !byte.is_ascii() || *byte == 0))
}

// ---------------------------------------------------------------- fields

/// Where a field ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Separator,
    Line,
    Data,
}

/// One field: its value without quotes and without the spaces around it.
pub struct Field<'a> {
    pub bytes: Cow<'a, [u8]>,
    pub quoted: bool,
    pub end: End,
    pub fault: Option<Fault>,
}

/// A place in a run of rows.
pub struct Cursor<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
    pub line: u64,
    pub separator: u8,
}

impl<'a> Cursor<'a> {
    /// Goes past the line if nothing stands in it.
    pub fn skip_blank_line(&mut self) -> bool {
        let len = match &self.bytes[self.at..] {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            [b'\r'] => {
                self.at += 1;
                return true;
            }
            _ => return false,
        };
        self.at += len;
        self.line += 1;
        true
    }

    fn rest_is_blank(&self) -> bool {
        self.bytes[self.at..].iter().all(|b| matches!(b, b'\n' | b'\r'))
    }

    /// Reads the field that starts here and goes past its end.
    pub fn field(&mut self) -> Field<'a> {
        let (bytes, start) = (self.bytes, self.at);
        let mut at = start;
        while at < bytes.len() && bytes[at] == b' ' {
            at += 1;
        }
        if bytes.get(at) == Some(&b'"') {
            return self.quoted(at + 1);
        }
        while at < bytes.len() && bytes[at] != self.separator && bytes[at] != b'\n' {
            at += 1;
        }
        let value = trim(&bytes[start..at]);
        Field { bytes: Cow::Borrowed(value), quoted: false, end: self.end_at(at), fault: None }
    }

    fn quoted(&mut self, start: usize) -> Field<'a> {
        let bytes = self.bytes;
        let mut value = Cow::Borrowed(&bytes[start..start]);
        let mut from = start;
        loop {
            let Some(len) = memchr::memchr(b'"', &bytes[from..]) else {
                let fault = Some(Fault::OpenQuote);
                self.line += count_lines(&bytes[start..]);
                self.at = bytes.len();
                return Field { bytes: Cow::Borrowed(&bytes[start..]), quoted: true, end: End::Data, fault };
            };
            let quote = from + len;
            extend(&mut value, &bytes[from..quote]);
            from = quote + 1;
            if bytes.get(from) != Some(&b'"') {
                break;
            }
            extend(&mut value, b"\"");
            from += 1;
        }
        self.line += count_lines(&bytes[start..from]);
        let mut at = from;
        while at < bytes.len() && bytes[at] != self.separator && bytes[at] != b'\n' {
            at += 1;
        }
        let fault = (!trim(&bytes[from..at]).is_empty()).then_some(Fault::AfterQuote);
        Field { bytes: value, quoted: true, end: self.end_at(at), fault }
    }

    fn end_at(&mut self, at: usize) -> End {
        let end = match self.bytes.get(at) {
            None => End::Data,
            Some(b'\n') => End::Line,
            Some(_) => End::Separator,
        };
        self.line += u64::from(end == End::Line);
        self.at = (at + 1).min(self.bytes.len());
        end
    }
}

fn extend<'a>(value: &mut Cow<'a, [u8]>, more: &'a [u8]) {
    if value.is_empty() {
        *value = Cow::Borrowed(more);
    } else if !more.is_empty() {
        value.to_mut().extend_from_slice(more);
    }
}

fn trim(value: &[u8]) -> &[u8] {
    match value {
        [first, .., last] if *first > b' ' && *last > b' ' => value,
        _ => value.trim_ascii(),
    }
}

fn count_lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

// ---------------------------------------------------------------- values

/// Whether a value stands for nothing.
pub fn is_missing(value: &[u8]) -> bool {
    matches!(value, b"" | b"NA" | b"N/A" | b"NaN" | b"nan" | b"null" | b"NULL" | b"Null")
}

/// A boolean in any usual form.
pub fn boolean(value: &[u8]) -> Option<bool> {
    match value {
        b"true" | b"True" | b"TRUE" | b"1" => Some(true),
        b"false" | b"False" | b"FALSE" | b"0" => Some(false),
        _ if [&b"true"[..], b"yes", b"t", b"y"].iter().any(|form| value.eq_ignore_ascii_case(form)) => Some(true),
        _ if [&b"false"[..], b"no", b"f", b"n"].iter().any(|form| value.eq_ignore_ascii_case(form)) => Some(false),
        _ => None,
    }
}

/// A whole number without leading zeros, which would be lost.
pub fn integer(value: &[u8]) -> Option<i64> {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    if digits.is_empty() || digits.len() > 19 || (digits[0] == b'0' && value != b"0") {
        return None;
    }
    let mut n: i64 = 0;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        n = n.checked_mul(10)?.checked_sub(i64::from(digit - b'0'))?;
    }
    if digits.len() == value.len() { n.checked_neg() } else { Some(n) }
}

/// Whether a number starts with zeros that a number would not keep.
fn padded(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    digits.len() > 1 && digits[0] == b'0' && digits[1].is_ascii_digit()
}

/// A decimal number, or an infinite one; the nearest double.
pub fn number(value: &[u8]) -> Option<f64> {
    if value.len() <= 16 {
        let mut window = [0; 16];
        window[..value.len()].copy_from_slice(value);
        if let Some(number) = decimal(&window, value.len()) {
            return Some(number);
        }
    }
    // What is left of `str::parse` without its "nan", which is missing here.
    let text = std::str::from_utf8(value).ok()?;
    text.parse().ok().filter(|number: &f64| !number.is_nan())
}

/// The number that the first `len` bytes of 16 are, if they are digits, perhaps with a point, and few enough: a whole number
/// up to 2^53 divided by a power of ten up to 10^22 is rounded once, so it is the nearest double (W. D. Clinger, "How to
/// read floating point numbers accurately", 1990). There is no loop and hardly a branch in it, since lengths vary from row to
/// row, and a processor that guesses them wrong loses more time than the digits take.
#[inline(always)]
fn decimal(window: &[u8; 16], len: usize) -> Option<f64> {
    let (mut high, mut low) = halves(window, len)?;
    let mut scale = 0;
    let others = not_digits(low);
    if not_digits(high) != 0 {
        return None;
    }
    if others != 0 {
        let point = others.trailing_zeros() & !7;
        if others & (others - 1) != 0 || (low >> point) as u8 != b'.' ^ b'0' || len == 1 {
            return None;
        }
        // What stands before the point moves into its place.
        let before = low & ((1 << point) - 1);
        let after = low & !(0x100_u64 << point).wrapping_sub(1);
        (high, low) = (high << 8, after | before << 8 | high >> 56);
        scale = 7 - point as usize / 8;
    }
    let whole = joined(high) * 100_000_000 + joined(low);
    (whole <= 1 << 53).then(|| whole as i64 as f64 / POWERS_OF_TEN[scale])
}

/// The number that the first `len` bytes of 16 are, if they are digits.
#[inline(always)]
fn whole(window: &[u8; 16], len: usize) -> Option<i64> {
    if len == 1 {
        return window[0].is_ascii_digit().then(|| i64::from(window[0] - b'0'));
    }
    let (high, low) = halves(window, len)?;
    let high = if len > 8 { joined_digits(high)? * 100_000_000 } else { 0 };
    Some((high + joined_digits(low)?) as i64)
}

fn joined_digits(digits: u64) -> Option<u64> {
    (not_digits(digits) == 0).then(|| joined(digits))
}

/// The values of the first `len` digits of 16, with zeros in front of them: the first eight and the last eight. The last
/// digit is in the highest byte.
#[inline(always)]
fn halves(window: &[u8; 16], len: usize) -> Option<(u64, u64)> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    if !(1..=16).contains(&len) {
        return None;
    }
    let eight = |from: usize| window.get(from..)?.first_chunk().map(|some| u64::from_le_bytes(*some) ^ ZEROS);
    let low = eight(len.max(8) - 8)? << (8 * (8 - len.min(8)));
    let high = if len > 8 { eight(0)? << (8 * (16 - len)) } else { 0 };
    Some((high, low))
}

/// The highest bit of each byte that is not the value of a digit.
#[inline(always)]
fn not_digits(digits: u64) -> u64 {
    (((digits & 0x7f7f_7f7f_7f7f_7f7f) + 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
}

/// The number that eight digits make. Pairs of digits are joined to numbers below 100, pairs of those to numbers below
/// 10,000, and pairs of those.
#[inline(always)]
fn joined(digits: u64) -> u64 {
    let twos = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = twos.wrapping_mul(100).wrapping_add(twos >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff
}

const POWERS_OF_TEN: [f64; 8] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7];

// ---------------------------------------------------------------- text

/// The distinct texts of a column, each with a code from 0 on in the order they came.
#[derive(Default)]
pub struct Dictionary {
    /// All texts, one after another.
    text: Vec<u8>,
    /// Where each text ends.
    ends: Vec<usize>,
    /// Codes plus one by hash, 0 for a free place; a power of two of them.
    slots: Vec<u32>,
    last: u32,
    /// Short texts that came lately, as numbers, with their codes plus one: they are found without comparing bytes.
    recent: Vec<(u128, u32)>,
}

/// How many short texts are remembered.
const RECENT: usize = 64;
/// For each length below 16, a number of which as many bytes are full.
const FIRST_BYTES: [u128; 16] = {
    let mut masks = [0; 16];
    let mut len = 1;
    while len < 16 {
        masks[len] = masks[len - 1] << 8 | 0xff;
        len += 1;
    }
    masks
};

impl Dictionary {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of all texts together.
    pub fn text_len(&self) -> usize {
        self.text.len()
    }

    pub fn get(&self, code: u32) -> &[u8] {
        let code = code as usize;
        let start = if code == 0 { 0 } else { self.ends[code - 1] };
        &self.text[start..self.ends[code]]
    }

    /// The code of the first `len` bytes of `window`, if they are fewer than 16 and came lately.
    fn recent(&self, window: &[u8; WINDOW], len: usize) -> Option<u32> {
        let number = u128::from_le_bytes(*window) & FIRST_BYTES.get(len)?;
        match self.recent.get(place(number)) {
            Some(&(known, code)) if known == number && code > 0 => Some(code - 1),
            _ => None,
        }
    }

    /// Remembers a text that stood in the file just so, without quotes around it.
    fn remember(&mut self, value: &[u8], code: u32) {
        if value.len() < 16 {
            let mut bytes = [0; 16];
            bytes[..value.len()].copy_from_slice(value);
            let number = u128::from_le_bytes(bytes);
            self.recent.resize(RECENT, (0, 0));
            self.recent[place(number)] = (number, code + 1);
        }
    }

    /// The code of a text, a new one if need be.
    pub fn code(&mut self, value: &[u8]) -> u32 {
        if (self.last as usize) < self.len() && self.get(self.last) == value {
            return self.last;
        }
        if (self.len() + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut slot = hash(value) as usize & mask;
        let code = loop {
            match self.slots[slot] {
                0 => {
                    let code = self.len() as u32;
                    self.text.extend_from_slice(value);
                    self.ends.push(self.text.len());
                    self.slots[slot] = code + 1;
                    break code;
                }
                taken if self.get(taken - 1) == value => break taken - 1,
                _ => slot = (slot + 1) & mask,
            }
        };
        self.last = code;
        code
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(64);
        let mut slots = vec![0; size];
        for code in 0..self.len() as u32 {
            let mut slot = hash(self.get(code)) as usize & (size - 1);
            while slots[slot] != 0 {
                slot = (slot + 1) & (size - 1);
            }
            slots[slot] = code + 1;
        }
        self.slots = slots;
    }
}

/// Where a short text is remembered.
fn place(number: u128) -> usize {
    let folded = (number as u64) ^ ((number >> 64) as u64).rotate_left(29);
    (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize
}

/// FNV-1a over eight bytes at a time, with its high bits folded down.
fn hash(bytes: &[u8]) -> u64 {
    const PRIME: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = bytes.len() as u64;
    for part in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        hash = (hash ^ u64::from_le_bytes(word)).wrapping_mul(PRIME);
    }
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Random numbers, the same each time (xorshift64*).
    struct Random(u64);

    impl Random {
        fn below(&mut self, n: usize) -> usize {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n
        }

        fn pick<T: Copy>(&mut self, of: &[T]) -> T {
            of[self.below(of.len())]
        }
    }

    #[test]
    fn numbers_are_the_nearest_doubles() {
        let mut random = Random(2019);
        let expected = |text: &str| text.parse::<f64>().ok().filter(|number| !number.is_nan());
        let mut decimals = 0;
        for _ in 0..400_000 {
            let mut text: String =
                (0..1 + random.below(18)).map(|_| char::from(b'0' + random.below(10) as u8)).collect();
            if random.below(4) > 0 {
                text.insert(random.below(text.len() + 1), '.');
            }
            if random.below(8) == 0 {
                let at = random.below(text.len());
                text.replace_range(at..at + 1, random.pick(&[".", "-", "e", "+", " ", "x", ":", "/", "~", "\0"]));
            }
            let expected = expected(&text);
            assert_eq!(number(text.as_bytes()).map(f64::to_bits), expected.map(f64::to_bits), "{text:?}");
            // What stands behind the number must not matter.
            let mut window = [random.pick(b"0.,x9"); WINDOW];
            let len = text.len().min(WINDOW);
            window[..len].copy_from_slice(&text.as_bytes()[..len]);
            if text.len() <= WINDOW
                && let Some(read) = decimal(&window, len)
            {
                assert_eq!(Some(read.to_bits()), expected.map(f64::to_bits), "{text:?}");
                decimals += 1;
            }
            if text.len() <= WINDOW
                && let Some(read) = whole(&window, len)
            {
                assert_eq!(Ok(read), text.parse(), "{text:?}");
            }
        }
        assert!(decimals > 100_000, "most of them are read without a detour: {decimals}");
    }

    const COLUMNS: [(&str, Role, Type); 6] = [
        ("stream", Role::Stream, Type::Int),
        ("isp", Role::Name, Type::Text),
        ("connected", Role::Connected, Type::Bool),
        ("p2p", Role::P2p, Type::Float),
        ("cdn", Role::Cdn, Type::Float),
        ("day", Role::Other, Type::Int),
    ];

    fn columns() -> Vec<Column> {
        COLUMNS.map(|(name, role, ty)| Column { name: name.to_owned(), role, ty }).to_vec()
    }

    fn read(bytes: &[u8], strict: bool, spare: Chunk) -> Result<Chunk, Widen> {
        let layout = Layout { separator: b',', places: (0..COLUMNS.len()).collect(), constants: Vec::new() };
        parse(&Block { bytes, file: 0, last: true }, &layout, &columns(), strict, spare)
    }

    /// The values of a chunk, as text, and its faults.
    fn shown(chunk: &Chunk) -> (Vec<Vec<String>>, Vec<String>) {
        let value = |values: &Values, row: usize| match &values.data {
            _ if values.is_null(row) => "-".to_owned(),
            Data::Int(all) => all[row].to_string(),
            Data::Float(all) => all[row].to_string(),
            Data::Bool(all) => all[row].to_string(),
            Data::Text { codes, dictionary } => String::from_utf8_lossy(dictionary.get(codes[row])).into_owned(),
        };
        let columns =
            chunk.columns.iter().map(|values| (0..chunk.rows).map(|row| value(values, row)).collect()).collect();
        (columns, chunk.faults.0.iter().map(|entry| format!("{entry:?}")).collect())
    }

    /// A last value in quotes makes a row one that is not read column by column.
    #[test]
    fn rows_read_column_by_column_are_those_read_one_by_one() {
        let mut random = Random(7);
        let (mut plain_chunk, mut quoted_chunk, mut faults) = (Chunk::default(), Chunk::default(), 0);
        for case in 0..2_000 {
            let (mut plain, mut quoted) = (String::new(), String::new());
            let ends = if random.below(4) == 0 { "\r\n" } else { "\n" };
            let odd = case % 4;
            for _ in 0..random.below(if case % 50 == 0 { 2_000 } else { 40 }) {
                let stream = random.pick(&["1", "23", "4567890", "123456789012"]);
                let isp = random.pick(&["Fro", "Datch Telecam", "a name of more than sixteen bytes", "Olga", "é"]);
                let connected = random.pick(&["true", "false", "true"]);
                let p2p = random.pick(&["0.0", "0", "195910.840977", "1234567890.25", "12345678901234567890"]);
                let cdn = format!("{}.{}", random.below(1 << 30), random.below(1 << 20));
                let mut values = [stream, isp, connected, p2p, &cdn];
                if odd > 0 && random.below(20) == 0 {
                    let place = random.below(5);
                    values[place] = match place {
                        0 | 1 => random.pick(&["", "NA", " 7 "]),
                        2 => random.pick(&["", "yes", "maybe", " TRUE "]),
                        _ => random.pick(&["", "null", "-1", "inf", "1e3", "x", " 5 ", "1e400", "0x1", "."]),
                    };
                }
                let row = values.join(",");
                let day = random.below(400);
                plain += &format!("{row},{day}{ends}");
                quoted += &format!("{row},\"{day}\"{ends}");
                if odd == 3 && random.below(30) == 0 {
                    let other = random.pick(&["\n", "1,Fro\n", "1,Fro,true,0,1,2,3\n", "1,\"F\"\"r\",true,0,1,2\n"]);
                    plain += other;
                    quoted += other;
                }
            }
            let strict = case % 2 == 0;
            let (one, other) =
                (read(plain.as_bytes(), strict, plain_chunk), read(quoted.as_bytes(), strict, quoted_chunk));
            (plain_chunk, quoted_chunk) = match (one, other) {
                (Ok(plain_chunk), Ok(quoted_chunk)) => (plain_chunk, quoted_chunk),
                // A value of a wider type is found in both, if not the same one.
                (one, other) => {
                    assert_eq!((one.is_err(), other.is_err()), (true, true), "{plain}");
                    (Chunk::default(), Chunk::default())
                }
            };
            faults += plain_chunk.faults.0.len();
            if strict {
                // Reading stops at the first row that is refused, or some rows later; which one that is, is the same.
                let refused =
                    |chunk: &Chunk| chunk.faults.first_refused().map(|entry| (entry.line, entry.fault, entry.column));
                assert_eq!(refused(&plain_chunk), refused(&quoted_chunk), "{plain}");
            }
            if !strict || plain_chunk.faults.first_refused().is_none() {
                let (one, other) = (shown(&plain_chunk), shown(&quoted_chunk));
                assert_eq!(one, other, "{plain}");
            }
        }
        assert!(faults > 500, "there was something to find: {faults}");
    }

    #[test]
    fn every_mark_is_found() {
        let mut random = Random(11);
        let mut marks = Marks::default();
        for _ in 0..2_000 {
            let bytes: Vec<u8> = (0..random.below(300)).map(|_| random.pick(b"aaaaaaa,,\n\"\xc3\0")).collect();
            marks = marks.of(&bytes, b',');
            let mut expected = vec![u32::MAX];
            expected.extend((0..bytes.len() as u32).filter(|at| b",\n\"".contains(&bytes[*at as usize])));
            expected.push(bytes.len() as u32);
            assert_eq!(marks.places, expected);
            assert_eq!(marks.is_plain, bytes.iter().all(|byte| byte.is_ascii() && *byte != 0));
        }
    }
}
