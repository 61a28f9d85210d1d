//! What a value of a CSV file means: the one place that says so.
//!
//! Numbers are read exactly (the nearest double), whole numbers keep all of their digits, times are those of ISO 8601, and a
//! value is missing when it is empty, `NA`, `N/A`, `NaN` or `null`. Everything else is text, as it stands, without the spaces
//! around it.

use crate::calendar::{DAY, days, days_in};

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Not known yet: of a column without a value in the first rows. Kept as text until all values have been seen.
    Open,
    /// Whole numbers from 0 to 2^63 - 1.
    Natural,
    /// Whole numbers of 64 bits, some of them less than 0.
    Int,
    /// Whole numbers of 64 bits, some of them 2^63 or more.
    Unsigned,
    /// Whole numbers that no 64 bits hold all of; kept as text, since a double would not keep their digits.
    Digits,
    Float,
    Bool,
    Date,
    /// A date and a time of day, to the microsecond, in UTC if it says how far from it.
    Timestamp,
    Text,
}

impl Type {
    /// The narrowest type that holds the values of both.
    pub fn join(self, other: Type) -> Type {
        use Type::*;
        match (self, other) {
            (a, b) if a == b => a,
            (Open, ty) | (ty, Open) => ty,
            (Natural, whole @ (Int | Unsigned | Digits)) | (whole @ (Int | Unsigned | Digits), Natural) => whole,
            (Int | Unsigned | Digits, Int | Unsigned | Digits) => Digits,
            (Float, Natural | Int | Unsigned | Digits) | (Natural | Int | Unsigned | Digits, Float) => Float,
            (Date, Timestamp) | (Timestamp, Date) => Timestamp,
            _ => Text,
        }
    }

    /// The type of one value that is not missing.
    pub fn of(value: &[u8]) -> Type {
        if let Some(whole) = whole(value) {
            whole
        } else if number(value).is_some_and(f64::is_finite) && !padded(value) {
            Type::Float
        } else if value.eq_ignore_ascii_case(b"true") || value.eq_ignore_ascii_case(b"false") {
            Type::Bool
        } else {
            time(value).map_or(Type::Text, |(_, ty)| ty)
        }
    }

    pub fn is_whole(self) -> bool {
        matches!(self, Type::Natural | Type::Int | Type::Unsigned | Type::Digits)
    }

    /// The value as 64 bits, if it is one of this type: a whole number, days or microseconds since 1970.
    pub fn bits(self, value: &[u8]) -> Option<i64> {
        match self {
            Type::Natural | Type::Int => whole_text(value)?.parse().ok().filter(|n| *n >= 0 || self == Type::Int),
            Type::Unsigned => whole_text(value)?.parse().ok().map(u64::cast_signed),
            Type::Date => time(value).filter(|(_, ty)| *ty == Type::Date).map(|(micros, _)| micros / DAY),
            Type::Timestamp => time(value).map(|(micros, _)| micros),
            Type::Open | Type::Digits | Type::Float | Type::Bool | Type::Text => None,
        }
    }
}

/// Whether a value stands for nothing.
pub fn is_missing(value: &[u8]) -> bool {
    matches!(value, b"" | b"NA" | b"N/A" | b"NaN" | b"nan" | b"null" | b"NULL" | b"Null")
}

/// A boolean in any usual form.
pub fn boolean(value: &[u8]) -> Option<bool> {
    match &*value.to_ascii_lowercase() {
        b"true" | b"yes" | b"t" | b"y" | b"1" => Some(true),
        b"false" | b"no" | b"f" | b"n" | b"0" => Some(false),
        _ => None,
    }
}

/// Which kind of whole number a value is, if it is one.
fn whole(value: &[u8]) -> Option<Type> {
    let text = whole_text(value)?;
    Some(match text.parse::<i64>() {
        Ok(0..) => Type::Natural,
        Ok(_) => Type::Int,
        Err(_) if text.parse::<u64>().is_ok() => Type::Unsigned,
        Err(_) => Type::Digits,
    })
}

/// A whole number of any size, if it is one without leading zeros, which would be lost.
fn whole_text(value: &[u8]) -> Option<&str> {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    let is_whole = value == b"0" || (digits.first()? != &b'0' && digits.iter().all(u8::is_ascii_digit));
    is_whole.then(|| std::str::from_utf8(value).ok())?
}

/// Whether a number starts with zeros that a number would not keep.
fn padded(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    digits.len() > 1 && digits[0] == b'0' && digits[1].is_ascii_digit()
}

/// A decimal number, or an infinite one; the nearest double.
pub fn number(value: &[u8]) -> Option<f64> {
    // What is left of `str::parse` without its "nan", which is missing here.
    let text = std::str::from_utf8(value).ok()?;
    text.parse().ok().filter(|number: &f64| !number.is_nan())
}

/// A date, or a date and a time of day, as ISO 8601 has them: `2019-03-10`, `2019-03-10T12:30:00.25Z`, with a space for the
/// `T`. In microseconds since 1970. What says more than microseconds is none, since it would be cut.
pub fn time(value: &[u8]) -> Option<(i64, Type)> {
    let (date, rest) = value.split_first_chunk::<10>()?;
    let two = |digits: &[u8]| match digits {
        [a, b] if a.is_ascii_digit() && b.is_ascii_digit() => Some(i64::from(a - b'0') * 10 + i64::from(b - b'0')),
        _ => None,
    };
    let (year, month, day) = (two(&date[..2])? * 100 + two(&date[2..4])?, two(&date[5..7])?, two(&date[8..])?);
    let is_date = date[4] == b'-' && date[7] == b'-' && (1..=12).contains(&month) && day >= 1;
    if !is_date || day > days_in(year, month) {
        return None;
    }
    let midnight = days(year, month, day) * DAY;
    let Some((b'T' | b' ', rest)) = rest.split_first() else {
        return rest.is_empty().then_some((midnight, Type::Date));
    };
    let (clock, rest) = rest.split_at_checked(5)?;
    let (hour, minute) = (two(&clock[..2])?, two(&clock[3..])?);
    let (second, rest) = match rest.split_at_checked(3) {
        Some(([b':', second @ ..], rest)) => (two(second)?, rest),
        _ => (0, rest),
    };
    if clock[2] != b':' || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (micros, rest) = match rest.split_first() {
        Some((b'.', rest)) => fraction(rest)?,
        _ => (0, rest),
    };
    let shift = match rest {
        [] | [b'Z'] => 0,
        [sign @ (b'+' | b'-'), hours_a, hours_b, minutes @ ..] => {
            let minutes = match minutes {
                [] => 0,
                [b':', minutes @ ..] | minutes => two(minutes)?,
            };
            let shift = two(&[*hours_a, *hours_b])? * 60 + minutes;
            if *sign == b'-' { -shift } else { shift }
        }
        _ => return None,
    };
    let seconds = (hour * 60 + minute - shift) * 60 + second;
    Some((midnight + seconds * 1_000_000 + micros, Type::Timestamp))
}

/// Up to six digits behind a point as microseconds, and what follows them.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let (digits, rest) = text.split_at(text.iter().take_while(|b| b.is_ascii_digit()).count());
    let beyond = digits.get(6..).unwrap_or_default();
    if digits.is_empty() || beyond.iter().any(|b| *b != b'0') {
        return None;
    }
    let micros = (0..6).fold(0, |n, i| n * 10 + digits.get(i).map_or(0, |b| i64::from(b - b'0')));
    Some((micros, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_narrowest_type_that_keeps_them() {
        for (value, ty) in [
            ("0", Type::Natural),
            ("9223372036854775807", Type::Natural),
            ("9223372036854775808", Type::Unsigned),
            ("18446744073709551615", Type::Unsigned),
            ("18446744073709551616", Type::Digits),
            ("-9223372036854775808", Type::Int),
            ("-9223372036854775809", Type::Digits),
            ("007", Type::Text),
            ("0.5", Type::Float),
            ("-0", Type::Float),
            ("1e3", Type::Float),
            ("TRUE", Type::Bool),
            ("2019-03-10", Type::Date),
            ("2020-02-29", Type::Date),
            ("2019-02-29", Type::Text),
            ("2019-13-01", Type::Text),
            ("2019-03-10T12:30", Type::Timestamp),
            ("2019-03-10 12:30:00.123456", Type::Timestamp),
            ("2019-03-10 12:30:00.123456000", Type::Timestamp),
            ("2019-03-10 12:30:00.1234567", Type::Text),
            ("2019-03-10T24:00", Type::Text),
            ("2019-03-10T12:30:00Z", Type::Timestamp),
            ("2019-03-10T12:30:00+0130", Type::Timestamp),
            ("2019-03-10T", Type::Text),
            ("2019-03-10T12:30:00 UTC", Type::Text),
        ] {
            assert_eq!(Type::of(value.as_bytes()), ty, "{value}");
        }
        for (a, b, both) in [
            (Type::Natural, Type::Int, Type::Int),
            (Type::Natural, Type::Unsigned, Type::Unsigned),
            (Type::Int, Type::Unsigned, Type::Digits),
            (Type::Digits, Type::Float, Type::Float),
            (Type::Date, Type::Timestamp, Type::Timestamp),
            (Type::Date, Type::Natural, Type::Text),
        ] {
            assert_eq!((a.join(b), b.join(a)), (both, both));
        }
    }

    #[test]
    fn times_are_microseconds_since_1970() {
        for (value, micros) in [
            ("1970-01-01", 0),
            ("1969-12-31T23:59:59.999999", -1),
            ("2000-01-01 00:00:01", 946_684_801_000_000),
            ("2000-01-01T01:30:01+01:30", 946_684_801_000_000),
            ("1999-12-31T22:00:01-02", 946_684_801_000_000),
            ("2000-01-01 00:00:01.5Z", 946_684_801_500_000),
        ] {
            assert_eq!(time(value.as_bytes()).map(|(micros, _)| micros), Some(micros), "{value}");
        }
    }
}
