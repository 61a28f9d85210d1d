//! Walks over the fields of CSV rows, one by one: what a field is, and where it ends.

use std::borrow::Cow;

use crate::faults::Fault;

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
        let rest = &self.bytes[self.at..];
        let len = match rest {
            [b'\n', ..] | [b'\r'] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => return false,
        };
        self.line += count_lines(&rest[..len]);
        self.at += len;
        true
    }

    /// Goes past a row of nothing but the separators of so many fields, of which there are two or more.
    pub fn skip_separators(&mut self, fields: usize) -> bool {
        let rest = &self.bytes[self.at..];
        let all = rest.iter().take_while(|b| **b == self.separator).count();
        if fields < 2 || all + 1 != fields || !matches!(&rest[all..], [] | [b'\n', ..] | [b'\r'] | [b'\r', b'\n', ..]) {
            return false;
        }
        let end = memchr::memchr(b'\n', &rest[all..]).map_or(self.bytes.len(), |end| self.at + all + end);
        self.end_at(end);
        true
    }

    pub fn rest_is_blank(&self) -> bool {
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
        // Of two quotes, which stand for one, the second belongs to what follows.
        let (mut part, mut from) = (start, start);
        loop {
            let Some(len) = memchr::memchr(b'"', &bytes[from..]) else {
                let fault = Some(Fault::OpenQuote);
                self.line += count_lines(&bytes[start..]);
                self.at = bytes.len();
                return Field { bytes: Cow::Borrowed(&bytes[start..]), quoted: true, end: End::Data, fault };
            };
            let quote = from + len;
            if value.is_empty() {
                value = Cow::Borrowed(&bytes[part..quote]);
            } else {
                value.to_mut().extend_from_slice(&bytes[part..quote]);
            }
            (part, from) = (quote + 1, quote + 1);
            if bytes.get(from) != Some(&b'"') {
                break;
            }
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

/// A value without the spaces around it.
pub fn trim(value: &[u8]) -> &[u8] {
    match value {
        [first, .., last] if *first > b' ' && *last > b' ' => value,
        _ => value.trim_ascii(),
    }
}

fn count_lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}
