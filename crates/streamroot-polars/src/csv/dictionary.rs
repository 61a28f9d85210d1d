//! The distinct texts of a column.

use super::digits::WINDOW;

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
    pub fn recent(&self, window: &[u8; WINDOW], len: usize) -> Option<u32> {
        let number = u128::from_le_bytes(*window) & FIRST_BYTES.get(len)?;
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
