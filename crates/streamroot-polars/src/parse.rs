//! From the bytes of a block of CSV rows to typed columns, in one pass.
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

/// A block's rows as columns.
#[derive(Default)]
pub struct Chunk {
    pub columns: Vec<Values>,
    pub rows: usize,
    /// How many line ends the block has.
    pub lines: u64,
    /// Lines are counted from the block's first, which is 0.
    pub faults: Faults,
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

/// Reads a block. With `strict`, stops at the first row that has a fault other than a missing value.
pub fn parse(block: &Block, layout: &Layout, columns: &[Column], strict: bool) -> Result<Chunk, Widen> {
    let mut parser = Parser::new(block, layout, columns, strict);
    while parser.cursor.at < block.bytes.len() {
        if parser.cursor.skip_blank_line() {
            continue;
        }
        parser.row()?;
        if parser.refused {
            break;
        }
    }
    Ok(parser.finish())
}

struct Parser<'a> {
    cursor: Cursor<'a>,
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
    fn new(block: &Block<'a>, layout: &'a Layout, columns: &'a [Column], strict: bool) -> Parser<'a> {
        let expected = block.bytes.len() / 40 + 16;
        let suspicious = memchr::memchr(0, block.bytes).is_some() || std::str::from_utf8(block.bytes).is_err();
        Parser {
            cursor: Cursor { bytes: block.bytes, at: 0, line: 0, separator: layout.separator },
            layout,
            columns,
            file: block.file,
            last: block.last,
            strict,
            suspicious,
            out: columns.iter().map(|column| Values::with_capacity(column.ty, expected)).collect(),
            rows: 0,
            faults: Faults::default(),
            refused: false,
            p2p: columns.iter().position(|c| c.role == Role::P2p),
            connected: columns.iter().position(|c| c.role == Role::Connected),
        }
    }

    fn row(&mut self) -> Result<(), Widen> {
        let (layout, line, start) = (self.layout, self.cursor.line, self.cursor.at);
        let fields = layout.places.len();
        for (i, &column) in layout.places.iter().enumerate() {
            let end = match self.plain(column) {
                Some(end) => end,
                None => self.field(column, line)?,
            };
            if end == End::Separator {
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
        self.check_connected(line);
        Ok(())
    }

    /// The usual case: a value as most of its column are, which ends at a separator or a line end. It is read without
    /// looking for its end first, and only where it means what [`Parser::value`] would take it for.
    fn plain(&mut self, column: usize) -> Option<End> {
        let rest = &self.cursor.bytes[self.cursor.at..];
        let len = match &mut self.out[column].data {
            Data::Float(values) => {
                let (value, len) = plain_decimal(rest)?;
                end_of_value(rest, len, self.cursor.separator)?;
                values.push(value);
                len
            }
            Data::Int(values) => {
                let len = rest.iter().take(18).take_while(|byte| byte.is_ascii_digit()).count();
                end_of_value(rest, len, self.cursor.separator)?;
                values.push(integer(&rest[..len])?);
                len
            }
            Data::Bool(values) => {
                let (value, len) = match rest {
                    [b't', b'r', b'u', b'e', ..] => (true, 4),
                    [b'f', b'a', b'l', b's', b'e', ..] => (false, 5),
                    _ => return None,
                };
                end_of_value(rest, len, self.cursor.separator)?;
                values.push(value);
                len
            }
            Data::Text { codes, dictionary } if !self.suspicious => {
                let (code, len) = dictionary.recent(rest, self.cursor.separator)?;
                end_of_value(rest, len, self.cursor.separator)?;
                codes.push(code);
                len
            }
            _ => return None,
        };
        let (end, past) = end_of_value(rest, len, self.cursor.separator)?;
        self.cursor.at += len + past;
        self.cursor.line += u64::from(end == End::Line);
        Some(end)
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
            self.out[column].make_last_null(self.rows);
        }
        let text = self.cursor.bytes[start..self.cursor.at].trim_ascii_end();
        self.fault(Fault::TooLong, None, line, || format!("{found} values instead of {fields}, {}", row_excerpt(text)));
    }

    fn check_connected(&mut self, line: u64) {
        let (Some(p2p), Some(connected)) = (self.p2p, self.connected) else { return };
        let row = self.rows - 1;
        let (Data::Float(bytes), Data::Bool(flags)) = (&self.out[p2p].data, &self.out[connected].data) else { return };
        let value = bytes[row];
        if value > 0.0 && !flags[row] && !self.out[connected].is_null(row) && !self.out[p2p].is_null(row) {
            self.out[p2p].nulls.push(row as u32);
            self.fault(Fault::P2pUnconnected, Some(p2p), line, || value.to_string());
        }
    }

    fn finish(self) -> Chunk {
        Chunk { columns: self.out, rows: self.rows, lines: self.cursor.line, faults: self.faults }
    }
}

impl Values {
    fn with_capacity(ty: Type, rows: usize) -> Values {
        let data = match ty {
            Type::Int => Data::Int(Vec::with_capacity(rows)),
            Type::Float => Data::Float(Vec::with_capacity(rows)),
            Type::Bool => Data::Bool(Vec::with_capacity(rows)),
            Type::Text => Data::Text { codes: Vec::with_capacity(rows), dictionary: Dictionary::default() },
        };
        Values { data, nulls: Vec::new() }
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

    /// Takes back the value of `row`, the last one there is.
    fn make_last_null(&mut self, row: usize) {
        if !self.is_null(row) {
            self.nulls.push(row as u32);
        }
    }

    fn is_null(&self, row: usize) -> bool {
        self.nulls.last() == Some(&(row as u32))
    }
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

/// The end behind a value of `len` bytes, and its length, if one stands there and is not that of the data.
fn end_of_value(rest: &[u8], len: usize, separator: u8) -> Option<(End, usize)> {
    match rest[len..] {
        [byte, ..] if byte == separator => Some((End::Separator, 1)),
        [b'\n', ..] => Some((End::Line, 1)),
        [b'\r', b'\n', ..] => Some((End::Line, 2)),
        _ => None,
    }
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
    if let Some((number, len)) = plain_decimal(value)
        && len == value.len()
    {
        return Some(number);
    }
    // What is left of `str::parse` without its "nan", which is missing here.
    let text = std::str::from_utf8(value).ok()?;
    text.parse().ok().filter(|number: &f64| !number.is_nan())
}

/// The decimal number that `bytes` starts with, and its length, if it has digits, perhaps a point and nothing else, and
/// few enough of them: a whole number up to 2^53 divided by a power of ten up to 10^22 is rounded once, so it is exact
/// (W. D. Clinger, "How to read floating point numbers accurately", 1990).
fn plain_decimal(bytes: &[u8]) -> Option<(f64, usize)> {
    let (mut whole, mut digits) = digits(bytes, 0)?;
    let (mut at, mut scale) = (digits, 0);
    if at > 0 && bytes.get(at) == Some(&b'.') {
        (whole, scale) = self::digits(&bytes[at + 1..], whole)?;
        at += 1 + scale;
        digits += scale;
    }
    let exponent = at < bytes.len() && matches!(bytes[at], b'e' | b'E');
    if digits == 0 || digits > 19 || whole > 1 << 53 || exponent {
        return None;
    }
    Some((whole as f64 / POWERS_OF_TEN[scale], at))
}

/// Reads the digits that `bytes` starts with behind those of `whole`, and says how many there are; nothing when there are
/// more than a number of 64 bits could hold. Eight at a time: pairs of digits are joined to numbers below 100, pairs of
/// those to numbers below 10,000, and pairs of those.
fn digits(bytes: &[u8], mut whole: u64) -> Option<(u64, usize)> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let mut count = 0;
    while let Some(&eight) = bytes[count..].first_chunk::<8>() {
        let values = u64::from_le_bytes(eight) ^ ZEROS;
        // A byte above 9 gets its high bit set, from adding 0x76, or has it already.
        let others = (((values & 0x7f7f_7f7f_7f7f_7f7f) + 0x7676_7676_7676_7676) | values) & 0x8080_8080_8080_8080;
        let found = (others.trailing_zeros() / 8) as usize;
        if found == 0 {
            return Some((whole, count));
        }
        let mut joined = values << (8 * (8 - found));
        joined = joined.wrapping_mul(10).wrapping_add(joined >> 8) & 0x00ff_00ff_00ff_00ff;
        joined = joined.wrapping_mul(100).wrapping_add(joined >> 16) & 0x0000_ffff_0000_ffff;
        joined = joined.wrapping_mul(10_000).wrapping_add(joined >> 32) & 0xffff_ffff;
        whole = whole.wrapping_mul(WHOLE_POWERS_OF_TEN[found]).wrapping_add(joined);
        count += found;
        if found < 8 {
            return Some((whole, count));
        }
        if count > 19 {
            return None;
        }
    }
    for &byte in bytes[count..].iter().take_while(|byte| byte.is_ascii_digit()) {
        whole = whole.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
        count += 1;
    }
    Some((whole, count))
}

const WHOLE_POWERS_OF_TEN: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
const POWERS_OF_TEN: [f64; 20] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19];

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

    /// The code and the length of the text that `rest` starts with, if it came lately, is shorter than 16 bytes, and ends
    /// at a separator or a line end.
    fn recent(&self, rest: &[u8], separator: u8) -> Option<(u32, usize)> {
        let bytes = u128::from_le_bytes(*rest.first_chunk::<16>()?);
        let len = length(bytes, separator)?;
        let number = bytes & ((1 << (8 * len)) - 1);
        match self.recent.get(place(number)) {
            Some(&(known, code)) if known == number && code > 0 => Some((code - 1, len)),
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

/// How many of these 16 bytes stand before the first that is a separator or a control character.
fn length(bytes: u128, separator: u8) -> Option<usize> {
    const ONES: u128 = u128::MAX / 255;
    // A byte that is subtracted from takes the one behind it along only if it ends the search itself.
    let is_less = |bytes: u128, than: u8| bytes.wrapping_sub(ONES * u128::from(than)) & !bytes & (ONES << 7);
    let ends = is_less(bytes ^ (ONES * u128::from(separator)), 1) | is_less(bytes, b' ');
    (ends != 0).then_some((ends.trailing_zeros() / 8) as usize)
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
