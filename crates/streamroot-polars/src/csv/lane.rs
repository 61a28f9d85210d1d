//! The quick way through CSV rows: where 64 bytes at a time can be looked at, they are.
//!
//! The places of all separators, line ends and quotes of a block are found first. Where rows have as many fields as they should
//! have and no quotes, each column's values are then read in a loop of their own, some hundred rows at a time: what is the
//! same for all values of a column is decided once.
//!
//! # Contract
//! This file decides nothing about what a value means. It says how many of the rows that follow have the plainest form
//! ([`Marks::plain_rows`]), and reads of a column's values those that are as most are ([`Data::plain`]: short decimal numbers,
//! digits, `true` and `false`, texts that came before), as [`super::value`] would have them. Whatever else there is, it
//! leaves to [`super::rows`], which reads every row alike without it: a test holds the two together on files of all
//! shapes. The sessions of this repository take 0.05 s with it and 0.21 s without, on one core; pandas' whole reader takes 0.05 s
//! on two. To find their fields alone takes 6 ms here, 16 ms in the crate `simd-csv` and 28 ms in `csv`, which give rows and not
//! columns, and know neither lines nor faults.

use super::column::{Column, Data};
use super::digits::{WINDOW, decimal, whole_number};
use crate::names::Role;

// ---------------------------------------------------------------- which rows are plain

/// The places of all separators, line ends and quotes of a block. One more is in front of its start, and one at its end.
#[derive(Default)]
pub struct Marks {
    places: Vec<u32>,
    /// The last mark in front of what is read next.
    next: usize,
    /// Whether all bytes are ASCII characters other than NUL.
    pub is_plain: bool,
}

impl Marks {
    /// Finds the marks of other bytes.
    pub fn find(&mut self, bytes: &[u8], separator: u8) {
        self.next = 0;
        self.is_plain = true;
        self.places.clear();
        self.places.push(u32::MAX);
        let mut note = |from: usize, some: &[u8; 64]| {
            let (mut bits, is_odd) = marks(some, separator);
            self.is_plain &= !is_odd;
            self.places.extend((0..bits.count_ones()).map(|_| {
                let place = from as u32 + bits.trailing_zeros();
                bits &= bits - 1;
                place
            }));
        };
        let (whole, rest) = bytes.as_chunks();
        for (i, some) in whole.iter().enumerate() {
            note(i * 64, some);
        }
        let mut last = [b' '; 64];
        last[..rest.len()].copy_from_slice(rest);
        note(whole.len() * 64, &last);
        self.places.push(bytes.len() as u32);
    }

    /// How many of the rows that start at a place are plain, up to some hundred: each has so many fields, two or more, one of
    /// them with something in it, and no quote. With the marks of all their fields, behind the one in front of them.
    pub fn plain_rows(&mut self, bytes: &[u8], at: usize, fields: usize, separator: u8) -> &[u32] {
        const MOST: usize = 512;
        if fields < 2 {
            // A line with nothing in it would be a row.
            return &[];
        }
        while self.places.get(self.next + 1).is_some_and(|next| (*next as usize) < at) {
            self.next += 1;
        }
        let mut before = self.places[self.next];
        let is_plain = |row: &&[u32]| {
            let (end, others) = row.split_last().unwrap_or((&0, &[]));
            let is = |mark: u32, byte| bytes.get(mark as usize) == Some(&byte);
            let plain = others.iter().fold(is(*end, b'\n'), |plain, mark| plain & is(*mark, separator));
            // A row of nothing but separators, and perhaps a carriage return, is none of these.
            let is_filled = end.wrapping_sub(before) as usize > fields + 1;
            before = *end;
            plain && is_filled
        };
        let rows = self.places[self.next + 1..].chunks_exact(fields).take(MOST).take_while(is_plain).count();
        let from = self.next;
        self.next += rows * fields;
        &self.places[from..=self.next]
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

// ---------------------------------------------------------------- their values

/// One field of some plain rows.
pub struct Fields<'a> {
    pub bytes: &'a [u8],
    /// The mark in front of the first row, and those of all their fields.
    pub marks: &'a [u32],
    /// How many fields a row has.
    pub fields: usize,
    /// Which of them this is.
    pub field: usize,
}

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

    pub fn get(&self, row: usize) -> &'a [u8] {
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
    /// Reads plain values, such as most of a column are, from a row on, and says which row's is the first that is not.
    /// Nothing is read unless it means what the plain parser would take it for.
    pub fn plain(&mut self, column: &Column, fields: &Fields, from: usize, suspicious: bool) -> usize {
        match self {
            Data::Float(values) => {
                // Zeros in front of a number are of no use in bytes; elsewhere it is no number with them.
                let is_padded = |window: &[u8; WINDOW], len| window[0] == b'0' && len > 1 && window[1].is_ascii_digit();
                let is_other = column.role == Role::Other;
                fields.read(from, |window, len| {
                    if is_other && is_padded(window, len) {
                        return None;
                    }
                    decimal(window, len).map(|value| values.push(value))
                })
            }
            Data::Int(values) if column.ty.is_whole() => fields.read(from, |window, len| {
                // A number does not keep its leading zeros.
                let value = whole_number(window, len).filter(|_| window[0] != b'0' || len == 1);
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
            Data::Int(_) | Data::Text { .. } => from,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Random;
    use super::*;

    #[test]
    fn every_mark_is_found() {
        let mut random = Random(11);
        let mut marks = Marks::default();
        for _ in 0..2_000 {
            let letters: &[u8] = random.pick(&[b"aaaaaaa,,\n\"\xc3\0", b",,,,,,,,,\n\"a"]);
            let bytes: Vec<u8> = (0..random.below(300)).map(|_| random.pick(letters)).collect();
            marks.find(&bytes, b',');
            let mut expected = vec![u32::MAX];
            expected.extend((0..bytes.len() as u32).filter(|at| b",\n\"".contains(&bytes[*at as usize])));
            expected.push(bytes.len() as u32);
            assert_eq!(marks.places, expected);
            assert_eq!(marks.is_plain, bytes.iter().all(|byte| byte.is_ascii() && *byte != 0));
        }
    }
}
