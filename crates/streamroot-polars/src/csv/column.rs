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

/// A block's rows as columns. One that is done with has room for those of the next block.
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

/// A text column's dictionary goes on to the next block with its texts, unless there are more than these: whoever takes the
/// block looks at each of them.
const MOST_TEXTS_KEPT: usize = 1 << 8;

impl Chunk {
    /// A chunk without rows, with room for some.
    pub fn emptied(mut self, columns: &[Column], rows: usize) -> Chunk {
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

impl Data {
    /// No values of a type, with room for some.
    pub fn with_capacity(ty: Type, rows: usize) -> Data {
        match ty {
            Type::Natural | Type::Int | Type::Unsigned | Type::Date | Type::Timestamp => {
                Data::Int(Vec::with_capacity(rows))
            }
            Type::Float => Data::Float(Vec::with_capacity(rows)),
            Type::Bool => Data::Bool(Vec::with_capacity(rows)),
            Type::Text | Type::Digits | Type::Open => {
                Data::Text { codes: Vec::with_capacity(rows), dictionary: Dictionary::default() }
            }
        }
    }
}

impl Values {
    fn is_of(&self, ty: Type) -> bool {
        std::mem::discriminant(&self.data) == std::mem::discriminant(&Data::with_capacity(ty, 0))
    }

    fn clear(&mut self) {
        self.nulls.clear();
        self.found = Type::Open;
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
        Values { data: Data::with_capacity(ty, rows), nulls: Vec::new(), found: Type::Open }
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
