//! The distinct texts of a column.

use std::hash::BuildHasher;

use polars_utils::aliases::PlFixedStateQuality;
use polars_utils::idx_map::bytes_idx_map::{BytesIndexMap, Entry};

use super::digits::WINDOW;

/// The distinct texts of a column, each with a code from 0 on in the order they came.
#[derive(Default)]
pub struct Dictionary {
    texts: BytesIndexMap<()>,
    text_len: usize,
    /// Short texts that came lately, as numbers, with their codes plus one: they are found without comparing bytes.
    recent: Vec<(u128, u32)>,
}

/// How many short texts are remembered.
const RECENT: usize = 64;

impl Dictionary {
    pub fn len(&self) -> usize {
        self.texts.len() as usize
    }

    /// Bytes of all texts together.
    pub fn text_len(&self) -> usize {
        self.text_len
    }

    /// All texts, in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.texts.iter_hash_keys().map(|(_, text)| text)
    }

    /// The code of the first `len` bytes of `window`, if they are fewer than 16 and came lately.
    pub fn recent(&self, window: &[u8; WINDOW], len: usize) -> Option<u32> {
        if len >= WINDOW {
            return None;
        }
        let number = u128::from_le_bytes(*window) & ((1 << (8 * len)) - 1);
        match self.recent.get(place(number)) {
            Some(&(known, code)) if known == number && code > 0 => Some(code - 1),
            _ => None,
        }
    }

    /// Remembers a text that stood in the file just so, without quotes around it.
    pub fn remember(&mut self, value: &[u8], code: u32) {
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
        match self.texts.entry(PlFixedStateQuality::default().hash_one(value), value) {
            Entry::Occupied(known) => known.index(),
            Entry::Vacant(new) => {
                let code = new.index();
                new.insert(());
                self.text_len += value.len();
                code
            }
        }
    }
}

/// Where a short text is remembered.
fn place(number: u128) -> usize {
    let folded = (number as u64) ^ ((number >> 64) as u64).rotate_left(29);
    (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize
}
