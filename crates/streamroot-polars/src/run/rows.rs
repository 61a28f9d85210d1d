//! Values row by row, for what polars has no expression for, or another one than DuckDB.

use polars::prelude::*;
use polars_arrow::array::{BooleanArray, PrimitiveArray, Utf8ViewArray};

pub use crate::error::fail;
use crate::plan::types::Type;

/// A function of values row by row.
pub type Rows = fn(&Args) -> PolarsResult<Column>;

/// The arguments of a function.
pub struct Args<'a> {
    pub readers: &'a [Reader],
    pub types: &'a [Type],
    /// The type of the result.
    pub ty: Type,
    pub rows: usize,
}

/// A column's values, or one that stands for all rows.
pub struct Reader {
    values: Values,
    one: bool,
}

enum Values {
    Whole(PrimitiveArray<i64>),
    Wide(PrimitiveArray<i128>),
    Unsigned(PrimitiveArray<u64>),
    Days(PrimitiveArray<i32>),
    Number(PrimitiveArray<f64>),
    Bool(BooleanArray),
    Text(Utf8ViewArray),
}

impl Reader {
    pub fn of(column: &Column, rows: usize) -> PolarsResult<Reader> {
        let one = column.len() == 1 && rows != 1;
        let series = match column {
            // One value that is written once.
            Column::Scalar(scalar) if scalar.len() > 1 => {
                let values = Reader::of(&scalar.as_single_value_series().into_column(), 1)?.values;
                return Ok(Reader { values, one: true });
            }
            other => other.as_materialized_series().rechunk(),
        };
        fn piece<T: PolarsDataType>(values: &ChunkedArray<T>) -> PolarsResult<T::Array> {
            values.downcast_iter().next().cloned().ok_or_else(|| fail("a column is in several pieces"))
        }
        let values = match series.dtype() {
            DataType::Int128 => Values::Wide(piece(series.i128()?)?),
            DataType::UInt64 => Values::Unsigned(piece(series.u64()?)?),
            DataType::Float64 => Values::Number(piece(series.f64()?)?),
            DataType::Boolean => Values::Bool(piece(series.bool()?)?),
            DataType::String => Values::Text(piece(series.str()?)?),
            DataType::Date => Values::Days(piece(series.to_physical_repr().i32()?)?),
            DataType::Int64 => Values::Whole(piece(series.i64()?)?),
            _ => Values::Whole(piece(series.to_physical_repr().cast(&DataType::Int64)?.rechunk().i64()?)?),
        };
        Ok(Reader { values, one })
    }

    fn at(&self, row: usize) -> usize {
        if self.one { 0 } else { row }
    }

    /// A whole number, or whatever is held as one.
    pub fn whole(&self, row: usize) -> Option<i128> {
        let row = self.at(row);
        match &self.values {
            Values::Whole(values) => values.get(row).map(i128::from),
            Values::Wide(values) => values.get(row),
            Values::Unsigned(values) => values.get(row).map(i128::from),
            Values::Days(values) => values.get(row).map(i128::from),
            Values::Bool(values) => values.get(row).map(i128::from),
            Values::Number(_) | Values::Text(_) => None,
        }
    }

    pub fn number(&self, row: usize) -> Option<f64> {
        match &self.values {
            Values::Number(values) => values.get(self.at(row)),
            _ => self.whole(row).map(|value| value as f64),
        }
    }

    pub fn bool(&self, row: usize) -> Option<bool> {
        match &self.values {
            Values::Bool(values) => values.get(self.at(row)),
            _ => self.whole(row).map(|value| value != 0),
        }
    }

    pub fn text(&self, row: usize) -> Option<&str> {
        match &self.values {
            Values::Text(values) => values.get(self.at(row)),
            _ => None,
        }
    }

    /// Whether the value of a row is there.
    pub fn is_some(&self, row: usize) -> bool {
        match &self.values {
            Values::Number(values) => values.get(self.at(row)).is_some(),
            Values::Text(values) => values.get(self.at(row)).is_some(),
            _ => self.whole(row).is_some(),
        }
    }

    /// Which of two values of a type is larger: NaN is larger than any other number.
    pub fn compare(&self, row: usize, other: &Reader, other_row: usize) -> Option<std::cmp::Ordering> {
        Some(match &self.values {
            Values::Number(_) => total(self.number(row)?, other.number(other_row)?),
            Values::Text(_) => self.text(row)?.cmp(other.text(other_row)?),
            _ => self.whole(row)?.cmp(&other.whole(other_row)?),
        })
    }
}

/// The order of numbers, NaN last, zeros alike.
pub fn total(a: f64, b: f64) -> std::cmp::Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// The texts of a column take no more room than this.
const MOST_BYTES: usize = 1 << 31;
/// So many rows are computed between looks for an interrupt.
const ROWS: usize = 1 << 12;

/// Whether something was interrupted is looked at now and then; what runs is left by a panic, as polars does.
fn heard(row: usize) {
    if row.is_multiple_of(ROWS) {
        try_raise_polars_abort();
    }
}

/// What a function gives for a row: a value or none, unless it fails.
pub trait Given<T> {
    fn given(self) -> PolarsResult<Option<T>>;
}

impl<T> Given<T> for Option<T> {
    fn given(self) -> PolarsResult<Option<T>> {
        Ok(self)
    }
}

impl<T> Given<T> for PolarsResult<Option<T>> {
    fn given(self) -> PolarsResult<Option<T>> {
        self
    }
}

impl Args<'_> {
    /// No arguments, for a result that is made of something else.
    pub fn alone(ty: Type, rows: usize) -> Args<'static> {
        Args { readers: &[], types: &[], ty, rows }
    }

    /// The argument at a place as a whole number, or as whatever is held as one.
    pub fn whole(&self, place: usize, row: usize) -> Option<i128> {
        self.readers[place].whole(row)
    }

    pub fn number(&self, place: usize, row: usize) -> Option<f64> {
        self.readers[place].number(row)
    }

    pub fn text(&self, place: usize, row: usize) -> Option<&str> {
        self.readers[place].text(row)
    }

    /// Whole numbers, or what is held as such, which must fit the type of the result.
    pub fn wholes<V: Given<i128>>(&self, mut value: impl FnMut(usize) -> V) -> PolarsResult<Column> {
        let (low, high) = self.ty.bounds();
        let mut checked = |row| {
            heard(row);
            match value(row).given()? {
                Some(value) if value < low || value > high => Err(too_large(self.ty)),
                value => Ok(value),
            }
        };
        if self.ty == Type::UBigInt {
            let values: Vec<Option<u64>> =
                (0..self.rows).map(|row| Ok(checked(row)?.map(|v| v as u64))).collect::<PolarsResult<_>>()?;
            return Ok(UInt64Chunked::from_iter_options(PlSmallStr::EMPTY, values.into_iter()).into_column());
        }
        let values: Vec<Option<i64>> =
            (0..self.rows).map(|row| Ok(checked(row)?.map(|v| v as i64))).collect::<PolarsResult<_>>()?;
        let column = Int64Chunked::from_iter_options(PlSmallStr::EMPTY, values.into_iter()).into_column();
        match self.ty {
            Type::Date => column.cast(&DataType::Int32)?.cast(&DataType::Date),
            Type::Timestamp => column.cast(&self.ty.held()),
            _ => Ok(column),
        }
    }

    /// Numbers, rounded to 32 bits if the type is so narrow.
    pub fn numbers<V: Given<f64>>(&self, mut value: impl FnMut(usize) -> V) -> PolarsResult<Column> {
        let narrow = self.ty == Type::Float;
        let mut values: Vec<Option<f64>> = Vec::with_capacity(self.rows);
        for row in 0..self.rows {
            heard(row);
            values.push(value(row).given()?.map(|value| if narrow { f64::from(value as f32) } else { value }));
        }
        Ok(Float64Chunked::from_iter_options(PlSmallStr::EMPTY, values.into_iter()).into_column())
    }

    pub fn bools<V: Given<bool>>(&self, mut value: impl FnMut(usize) -> V) -> PolarsResult<Column> {
        let mut values = BooleanChunkedBuilder::new(PlSmallStr::EMPTY, self.rows);
        for row in 0..self.rows {
            heard(row);
            values.append_option(value(row).given()?);
        }
        Ok(values.finish().into_column())
    }

    /// Texts, each written into a buffer that is empty at first; none leaves the value out.
    pub fn texts<V: Given<()>>(&self, mut write: impl FnMut(usize, &mut String) -> V) -> PolarsResult<Column> {
        let mut builder = StringChunkedBuilder::new(PlSmallStr::EMPTY, self.rows);
        let (mut text, mut bytes) = (String::new(), 0);
        for row in 0..self.rows {
            heard(row);
            bytes += text.len();
            if bytes > MOST_BYTES {
                return Err(fail("the texts take more room than there is: make them shorter, or of fewer rows"));
            }
            text.clear();
            builder.append_option(write(row, &mut text).given()?.map(|()| &text));
        }
        Ok(builder.finish().into_column())
    }

    /// The value of one of the arguments in each row.
    pub fn picked(&self, mut which: impl FnMut(usize) -> Option<usize>) -> PolarsResult<Column> {
        match self.ty {
            Type::Text => self.texts(|row, out| self.text(which(row)?, row).map(|text| out.push_str(text))),
            Type::Double | Type::Float => self.numbers(|row| self.number(which(row)?, row)),
            Type::Bool => self.bools(|row| self.readers[which(row)?].bool(row)),
            _ => self.wholes(|row| self.whole(which(row)?, row)),
        }
    }
}

/// The error about a whole number that needs more room than its type has.
pub fn too_large(ty: Type) -> PolarsError {
    match ty {
        Type::HugeInt | Type::Decimal(_) => {
            fail(format!("a {} here needs more than 64 bits: CAST the numbers to DOUBLE first", ty.name()))
        }
        Type::Date | Type::Timestamp => fail(format!("a {} is out of range", ty.name())),
        ty => fail(format!("a number does not fit in {}: CAST to a wider type, such as DOUBLE, first", ty.name())),
    }
}
