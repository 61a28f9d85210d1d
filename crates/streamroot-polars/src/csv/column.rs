//! The values of a block of rows, column by column.

use super::dictionary::Dictionary;
use super::value::Type;
use crate::faults::Faults;
use crate::names::Role;

/// A column to read.
#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub role: Role,
    pub ty: Type,
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
    /// The type of all values of a column whose type is open.
    pub found: Type,
}

pub enum Data {
    /// Whole numbers, those without a sign by their bits; days or microseconds since 1970.
    Int(Vec<i64>),
    Float(Vec<f64>),
    Bool(Vec<bool>),
    Text {
        codes: Vec<u32>,
        dictionary: Dictionary,
    },
}

/// Why a block could not be read as planned: a column holds a value of a wider type.
#[derive(Debug, PartialEq, Eq)]
pub struct Widen {
    pub column: usize,
    pub to: Type,
}

impl Values {
    /// No values of a type, with room for some.
    pub fn with_capacity(ty: Type, rows: usize) -> Values {
        let data = match ty {
            Type::Natural | Type::Int | Type::Unsigned | Type::Date | Type::Timestamp => Data::Int(room(rows)),
            Type::Float => Data::Float(room(rows)),
            Type::Bool => Data::Bool(room(rows)),
            Type::Text | Type::Digits | Type::Open => {
                Data::Text { codes: room(rows), dictionary: Dictionary::default() }
            }
        };
        Values { data, nulls: Vec::new(), found: Type::Open }
    }

    /// Adds the values of rows that come after so many.
    pub fn append(&mut self, later: &Values, before: usize) {
        match (&mut self.data, &later.data) {
            (Data::Int(all), Data::Int(new)) => all.extend_from_slice(new),
            (Data::Float(all), Data::Float(new)) => all.extend_from_slice(new),
            (Data::Bool(all), Data::Bool(new)) => all.extend_from_slice(new),
            (Data::Text { codes, dictionary }, Data::Text { codes: new, dictionary: texts }) => {
                let known: Vec<u32> = texts.iter().map(|text| dictionary.code(text)).collect();
                // Without a text there are nulls alone.
                codes.extend(new.iter().map(|code| known.get(*code as usize).copied().unwrap_or_default()));
            }
            // A pass reads a column as of one type.
            _ => {}
        }
        self.nulls.extend(later.nulls.iter().map(|row| before as u32 + row));
    }

    pub fn push_null(&mut self, row: usize) {
        match &mut self.data {
            Data::Int(values) => values.push(0),
            Data::Float(values) => values.push(0.0),
            Data::Bool(values) => values.push(false),
            Data::Text { codes, .. } => codes.push(0),
        }
        self.nulls.push(row as u32);
    }

    pub fn is_null(&self, row: usize) -> bool {
        self.nulls.binary_search(&(row as u32)).is_ok()
    }

    /// Takes back the value of a row, and says whether there was one.
    pub fn make_null(&mut self, row: usize) -> bool {
        let place = self.nulls.binary_search(&(row as u32));
        if let Err(place) = place {
            self.nulls.insert(place, row as u32);
        }
        place.is_err()
    }
}

/// Room for values, in large pages where the system has them: it is given out by the page, and for so much at once that
/// takes longer than writing to it.
fn room<T>(len: usize) -> Vec<T> {
    const LARGE_PAGE: usize = 1 << 21;
    if len * size_of::<T>() < LARGE_PAGE {
        return Vec::with_capacity(len);
    }
    // Enough for the last page to be a large one, too. What is not written to takes no memory.
    let mut values = Vec::<T>::with_capacity(len + LARGE_PAGE / size_of::<T>());
    #[cfg(target_os = "linux")]
    {
        const PAGE: usize = 1 << 12;
        let room = values.spare_capacity_mut();
        let (start, end) = (room.as_mut_ptr().addr(), room.as_mut_ptr().addr() + size_of_val(room));
        let first = start.next_multiple_of(PAGE);
        // SAFETY: the pages are part of what has been reserved. This is advice, and changes nothing that is in them.
        unsafe { libc::madvise(first as *mut libc::c_void, end - first, libc::MADV_HUGEPAGE) };
    }
    values
}
