//! Types of values, as DuckDB has them, and how polars holds them.
//!
//! Whole numbers of all widths are held in 64 bits with a sign (`UBIGINT` without one); what does not fit a width is an
//! error wherever it is computed. `HUGEINT`, which sums of whole numbers are, is held in 64 bits too, and what needs more is
//! an error. A `DECIMAL` is held as the whole number of its last digit.

use polars::prelude::{DataType, TimeUnit};
use sqlparser::ast::{self, ExactNumberInfo, TimezoneInfo};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Of `NULL`, which becomes any type.
    Null,
    Bool,
    TinyInt,
    SmallInt,
    Int,
    BigInt,
    HugeInt,
    UTinyInt,
    USmallInt,
    UInt,
    UBigInt,
    /// With so many digits after the point.
    Decimal(u8),
    Float,
    Double,
    Text,
    Date,
    Timestamp,
}

use Type::*;

/// The most digits of a `DECIMAL` that 64 bits hold.
pub const MOST_DIGITS: u8 = 18;

impl Type {
    pub fn is_whole(self) -> bool {
        matches!(self, TinyInt | SmallInt | Int | BigInt | HugeInt | UTinyInt | USmallInt | UInt | UBigInt)
    }

    pub fn is_double(self) -> bool {
        matches!(self, Float | Double)
    }

    pub fn is_number(self) -> bool {
        self.is_whole() || matches!(self, Decimal(_) | Float | Double)
    }

    pub fn is_time(self) -> bool {
        matches!(self, Date | Timestamp)
    }

    /// How many digits stand after the point of a number that is held as a whole one.
    pub fn scale(self) -> u8 {
        if let Decimal(scale) = self { scale } else { 0 }
    }

    /// The least and the largest whole number of the type.
    pub fn bounds(self) -> (i128, i128) {
        match self {
            TinyInt => (i8::MIN.into(), i8::MAX.into()),
            SmallInt => (i16::MIN.into(), i16::MAX.into()),
            Int => (i32::MIN.into(), i32::MAX.into()),
            UTinyInt => (0, u8::MAX.into()),
            USmallInt => (0, u16::MAX.into()),
            UInt => (0, u32::MAX.into()),
            UBigInt => (0, u64::MAX.into()),
            Bool => (0, 1),
            _ => (i64::MIN.into(), i64::MAX.into()),
        }
    }

    /// How polars holds the values.
    pub fn held(self) -> DataType {
        match self {
            Bool => DataType::Boolean,
            UBigInt => DataType::UInt64,
            Null | TinyInt | SmallInt | Int | BigInt | HugeInt | UTinyInt | USmallInt | UInt | Decimal(_) => {
                DataType::Int64
            }
            Float | Double => DataType::Float64,
            Text => DataType::String,
            Date => DataType::Date,
            Timestamp => DataType::Datetime(TimeUnit::Microseconds, None),
        }
    }

    /// The type of a column of data, if values of such a type can be computed with.
    pub fn of_column(ty: &DataType) -> Option<Type> {
        Some(match ty {
            DataType::Boolean => Bool,
            DataType::Int8 => TinyInt,
            DataType::Int16 => SmallInt,
            DataType::Int32 => Int,
            DataType::Int64 => BigInt,
            DataType::UInt8 => UTinyInt,
            DataType::UInt16 => USmallInt,
            DataType::UInt32 => UInt,
            DataType::UInt64 => UBigInt,
            DataType::Float32 => Float,
            DataType::Float64 => Double,
            DataType::String | DataType::Categorical(..) => Text,
            DataType::Date => Date,
            DataType::Datetime(..) => Timestamp,
            DataType::Decimal(_, scale) => {
                return u8::try_from(*scale).ok().filter(|scale| *scale <= MOST_DIGITS).map(Decimal);
            }
            DataType::Null => Null,
            _ => return None,
        })
    }

    /// The type that both can become without a loss, as in CASE, UNION and comparisons.
    pub fn with(self, other: Type) -> Option<Type> {
        let widest = |a: Type, b: Type| {
            // The narrowest type that holds the bounds of both.
            let (low, high) = (a.bounds().0.min(b.bounds().0), a.bounds().1.max(b.bounds().1));
            let all = [a, b, SmallInt, Int, BigInt, HugeInt];
            all.into_iter().find(|ty| *ty == HugeInt || (ty.bounds().0 <= low && ty.bounds().1 >= high))
        };
        match (self, other) {
            (a, b) if a == b => Some(a),
            (Null, ty) | (ty, Null) => Some(ty),
            (HugeInt, ty) | (ty, HugeInt) if ty.is_whole() => Some(HugeInt),
            (a, b) if a.is_whole() && b.is_whole() => widest(a, b),
            (Bool, ty) | (ty, Bool) if ty.is_whole() => Some(ty),
            (Double, ty) | (ty, Double) if ty.is_number() => Some(Double),
            (Float, ty) | (ty, Float) if ty.is_number() => Some(Float),
            (Decimal(a), Decimal(b)) => Some(Decimal(a.max(b))),
            (Decimal(scale), ty) | (ty, Decimal(scale)) if ty.is_whole() => Some(Decimal(scale)),
            (Date, Timestamp) | (Timestamp, Date) => Some(Timestamp),
            _ => None,
        }
    }

    /// What SQL calls it.
    pub fn name(self) -> &'static str {
        match self {
            Null => "NULL",
            Bool => "BOOLEAN",
            TinyInt => "TINYINT",
            SmallInt => "SMALLINT",
            Int => "INTEGER",
            BigInt => "BIGINT",
            HugeInt => "HUGEINT",
            UTinyInt => "UTINYINT",
            USmallInt => "USMALLINT",
            UInt => "UINTEGER",
            UBigInt => "UBIGINT",
            Decimal(_) => "DECIMAL",
            Float => "FLOAT",
            Double => "DOUBLE",
            Text => "VARCHAR",
            Date => "DATE",
            Timestamp => "TIMESTAMP",
        }
    }

    /// The type that a query names, with the digits of a `DECIMAL`; none if values of it can't be computed with.
    pub fn named(ty: &ast::DataType) -> Option<(Type, u8)> {
        use ast::DataType as T;
        let plain = match ty {
            T::Bool | T::Boolean => Bool,
            T::TinyInt(_) => TinyInt,
            T::SmallInt(_) | T::Int2(_) | T::Int16 => SmallInt,
            T::Int(_) | T::Integer(_) | T::Int4(_) | T::Int32 | T::MediumInt(_) | T::Signed | T::SignedInteger => Int,
            T::BigInt(_) | T::Int8(_) | T::Int64 => BigInt,
            T::HugeInt | T::Int128 => HugeInt,
            T::UTinyInt | T::TinyIntUnsigned(_) | T::UInt8 => UTinyInt,
            T::USmallInt | T::SmallIntUnsigned(_) | T::Int2Unsigned(_) | T::UInt16 => USmallInt,
            T::IntUnsigned(_) | T::IntegerUnsigned(_) | T::Int4Unsigned(_) | T::UInt32 => UInt,
            T::Unsigned | T::UnsignedInteger | T::MediumIntUnsigned(_) => UInt,
            T::UBigInt | T::BigIntUnsigned(_) | T::Int8Unsigned(_) | T::UInt64 => UBigInt,
            T::Float4 | T::Float32 | T::Real | T::Float(ExactNumberInfo::None) => Float,
            T::Float8 | T::Float64 | T::Double(_) | T::DoublePrecision => Double,
            T::Numeric(info) | T::Decimal(info) | T::Dec(info) => {
                let (digits, scale) = match info {
                    // DuckDB's own default.
                    ExactNumberInfo::None => (18, 3),
                    ExactNumberInfo::Precision(digits) => (u8::try_from(*digits).ok()?, 0),
                    ExactNumberInfo::PrecisionAndScale(digits, scale) => {
                        (u8::try_from(*digits).ok()?, u8::try_from(*scale).ok()?)
                    }
                };
                let fits = (1..=38).contains(&digits) && scale <= digits.min(MOST_DIGITS);
                return fits.then_some((Decimal(scale), digits));
            }
            T::Character(_)
            | T::Char(_)
            | T::CharacterVarying(_)
            | T::CharVarying(_)
            | T::Varchar(_)
            | T::Nvarchar(_) => Text,
            T::Text | T::TinyText | T::MediumText | T::LongText | T::String(_) => Text,
            T::Date | T::Date32 => Date,
            T::Datetime(_) | T::TimestampNtz(_) => Timestamp,
            T::Timestamp(_, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => Timestamp,
            T::Custom(name, _) => match name.to_string().to_ascii_lowercase().as_str() {
                "uinteger" | "uint32" | "uint" => UInt,
                "int1" => TinyInt,
                "short" => SmallInt,
                "long" => BigInt,
                "logical" => Bool,
                "bpchar" => Text,
                _ => return None,
            },
            T::Table(_)
            | T::NamedTable { .. }
            | T::Uuid
            | T::CharacterLargeObject(_)
            | T::CharLargeObject(_)
            | T::Clob(_)
            | T::Binary(_)
            | T::Varbinary(_)
            | T::Blob(_)
            | T::TinyBlob
            | T::MediumBlob
            | T::LongBlob
            | T::Bytes(_)
            | T::DecimalUnsigned(_)
            | T::BigNumeric(_)
            | T::BigDecimal(_)
            | T::DecUnsigned(_)
            | T::Float(_)
            | T::FloatUnsigned(_)
            | T::Int256
            | T::UHugeInt
            | T::UInt128
            | T::UInt256
            | T::RealUnsigned
            | T::DoubleUnsigned(_)
            | T::DoublePrecisionUnsigned
            | T::Time(..)
            | T::Datetime64(..)
            | T::Timestamp(..)
            | T::Interval { .. }
            | T::JSON
            | T::JSONB
            | T::Regclass
            | T::FixedString(_)
            | T::Bytea
            | T::Bit(_)
            | T::BitVarying(_)
            | T::VarBit(_)
            | T::Array(_)
            | T::Map(..)
            | T::Tuple(_)
            | T::Nested(_)
            | T::Enum(..)
            | T::Set(_)
            | T::Struct(..)
            | T::Union(_)
            | T::Nullable(_)
            | T::LowCardinality(_)
            | T::Unspecified
            | T::Trigger
            | T::AnyType
            | T::GeometricType(_)
            | T::TsVector
            | T::TsQuery => return None,
        };
        Some((plain, 38))
    }
}
