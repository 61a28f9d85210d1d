//! Arithmetic with DuckDB's types: what does not fit is an error, and is never cut or wrapped.

use std::cmp::Ordering;

use polars::prelude::{Column, PolarsResult};

use super::rows::{Args, fail, too_large};
use crate::plan::types::Type;

fn power_of_ten(digits: u8) -> i128 {
    10i128.pow(u32::from(digits).min(38))
}

/// Both sides as whole numbers of the last digit of a scale.
fn aligned(args: &Args, row: usize, scale: u8) -> Option<(i128, i128)> {
    let side = |i: usize| {
        let value = args.readers[i].whole(row)?;
        Some(value * power_of_ten(scale.saturating_sub(args.types[i].scale())))
    };
    Some((side(0)?, side(1)?))
}

fn whole_by_whole(args: &Args, compute: fn(i128, i128) -> Option<i128>) -> PolarsResult<Column> {
    let scale = args.ty.scale();
    args.wholes(|row| match aligned(args, row, scale) {
        None => Ok(None),
        Some((a, b)) => compute(a, b).map(Some).ok_or_else(|| too_large(args.ty)),
    })
}

pub fn add(args: &Args) -> PolarsResult<Column> {
    whole_by_whole(args, i128::checked_add)
}

pub fn subtract(args: &Args) -> PolarsResult<Column> {
    whole_by_whole(args, i128::checked_sub)
}

/// The digits behind the point add up, so nothing is aligned.
pub fn multiply(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| match (args.readers[0].whole(row), args.readers[1].whole(row)) {
        (Some(a), Some(b)) => a.checked_mul(b).map(Some).ok_or_else(|| too_large(args.ty)),
        _ => Ok(None),
    })
}

/// Rounded towards zero; nothing where the divisor is zero.
pub fn divide_whole(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| Ok(aligned(args, row, 0).and_then(|(a, b)| a.checked_div(b))))
}

pub fn divide(args: &Args) -> PolarsResult<Column> {
    double_by_double(args, |a, b| Some(a / b))
}

/// Nothing where the divisor is zero.
pub fn divide_doubles(args: &Args) -> PolarsResult<Column> {
    double_by_double(args, |a, b| if b == 0.0 { None } else { Some(a / b) })
}

/// With the sign of the dividend; nothing where the divisor is zero.
pub fn remainder(args: &Args) -> PolarsResult<Column> {
    let scale = args.types[0].scale().max(args.types[1].scale());
    args.wholes(|row| Ok(aligned(args, row, scale).and_then(|(a, b)| a.checked_rem(b))))
}

pub fn remainder_double(args: &Args) -> PolarsResult<Column> {
    double_by_double(args, |a, b| Some(a % b))
}

pub fn negate(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| Ok(args.readers[0].whole(row).map(|value| -value)))
}

pub fn negate_double(args: &Args) -> PolarsResult<Column> {
    double(args, |x| Ok(-x))
}

pub fn absolute(args: &Args) -> PolarsResult<Column> {
    if matches!(args.ty, Type::Float | Type::Double) {
        return double(args, |x| Ok(x.abs()));
    }
    args.wholes(|row| Ok(args.readers[0].whole(row).map(i128::abs)))
}

pub fn sign(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| {
        Ok(match args.types[0] {
            Type::Float | Type::Double => args.readers[0].number(row).map(|x| match x.partial_cmp(&0.0) {
                Some(Ordering::Greater) => 1,
                Some(Ordering::Less) => -1,
                _ => 0,
            }),
            _ => args.readers[0].whole(row).map(i128::signum),
        })
    })
}

/// A quotient of whole numbers, rounded half away from zero.
pub fn halves_away(value: i128, by: i128) -> i128 {
    let (quotient, rest) = (value / by, value % by);
    if rest.abs() * 2 >= by { quotient + value.signum() } else { quotient }
}

/// `ROUND`: half away from zero, at so many digits behind the point, or before it if less than none.
pub fn round(args: &Args) -> PolarsResult<Column> {
    let digits = |row| match args.readers.get(1) {
        None => Some(0),
        Some(digits) => digits.whole(row),
    };
    match args.types[0] {
        Type::Float | Type::Double => args.numbers(|row| {
            let (Some(x), Some(digits)) = (args.readers[0].number(row), digits(row)) else { return Ok(None) };
            Ok(Some(round_double(x, digits)))
        }),
        ty => args.wholes(|row| {
            let (Some(value), Some(digits)) = (args.readers[0].whole(row), digits(row)) else { return Ok(None) };
            // The result has its own digits behind the point.
            let (from, to) = (i128::from(ty.scale()), i128::from(args.ty.scale()));
            let kept = digits.clamp(-38, from);
            if from - kept > 38 {
                return Ok(Some(0));
            }
            let unit = power_of_ten((from - kept) as u8);
            let rounded = halves_away(value, unit);
            let shift = to - kept;
            match u8::try_from(shift) {
                Ok(shift) => rounded.checked_mul(power_of_ten(shift)).map(Some).ok_or_else(|| too_large(args.ty)),
                Err(_) => Ok(Some(halves_away(rounded, power_of_ten(shift.unsigned_abs() as u8)))),
            }
        }),
    }
}

fn round_double(x: f64, digits: i128) -> f64 {
    let digits = digits.clamp(-400, 400) as i32;
    let rounded = if digits < 0 {
        let unit = 10f64.powi(-digits);
        (x / unit).round() * unit
    } else {
        let unit = 10f64.powi(digits);
        (x * unit).round() / unit
    };
    match rounded.is_finite() {
        true => rounded,
        false if digits < 0 => 0.0,
        false => x,
    }
}

fn to_whole(args: &Args, whole: fn(i128, i128) -> i128, number: fn(f64) -> f64) -> PolarsResult<Column> {
    match args.types[0] {
        Type::Decimal(scale) => {
            let unit = power_of_ten(scale);
            args.wholes(|row| Ok(args.readers[0].whole(row).map(|value| whole(value, unit))))
        }
        ty if ty.is_whole() && args.ty == ty => args.wholes(|row| Ok(args.readers[0].whole(row))),
        _ => args.numbers(|row| Ok(args.readers[0].number(row).map(number))),
    }
}

pub fn floor(args: &Args) -> PolarsResult<Column> {
    to_whole(args, |value, unit| value.div_euclid(unit), f64::floor)
}

pub fn ceil(args: &Args) -> PolarsResult<Column> {
    to_whole(args, |value, unit| -(-value).div_euclid(unit), f64::ceil)
}

pub fn trunc(args: &Args) -> PolarsResult<Column> {
    to_whole(args, |value, unit| value / unit, f64::trunc)
}

fn double(args: &Args, compute: impl Fn(f64) -> PolarsResult<f64>) -> PolarsResult<Column> {
    args.numbers(|row| args.readers[0].number(row).map(&compute).transpose())
}

fn double_by_double(args: &Args, compute: impl Fn(f64, f64) -> Option<f64>) -> PolarsResult<Column> {
    args.numbers(|row| {
        Ok(match (args.readers[0].number(row), args.readers[1].number(row)) {
            (Some(a), Some(b)) => compute(a, b),
            _ => None,
        })
    })
}

pub fn sqrt(args: &Args) -> PolarsResult<Column> {
    double(args, |x| {
        if x < 0.0 {
            Err(fail("SQRT of a number less than 0 is none: leave those out, as with CASE"))
        } else {
            Ok(x.sqrt())
        }
    })
}

fn logarithm(x: f64) -> PolarsResult<f64> {
    if x < 0.0 {
        return Err(fail("a logarithm of a number less than 0 is none: leave those out, as with CASE"));
    }
    if x == 0.0 {
        return Err(fail("a logarithm of 0 is none: leave it out, as with NULLIF"));
    }
    Ok(x)
}

pub fn ln(args: &Args) -> PolarsResult<Column> {
    double(args, |x| Ok(logarithm(x)?.ln()))
}

pub fn log2(args: &Args) -> PolarsResult<Column> {
    double(args, |x| Ok(logarithm(x)?.log2()))
}

/// `LOG(x)`, to base 10, and `LOG(base, x)`.
pub fn log(args: &Args) -> PolarsResult<Column> {
    if args.readers.len() == 1 {
        return double(args, |x| Ok(logarithm(x)?.log10()));
    }
    args.numbers(|row| match (args.readers[0].number(row), args.readers[1].number(row)) {
        (Some(base), Some(x)) => {
            let base = logarithm(base)?.log10();
            if base == 0.0 {
                return Err(fail("a logarithm to base 1 is none"));
            }
            Ok(Some(logarithm(x)?.log10() / base))
        }
        _ => Ok(None),
    })
}

pub fn power(args: &Args) -> PolarsResult<Column> {
    double_by_double(args, |a, b| Some(a.powf(b)))
}

pub fn atan2(args: &Args) -> PolarsResult<Column> {
    double_by_double(args, |a, b| Some(a.atan2(b)))
}

/// Functions of one number that any number has.
macro_rules! doubles {
    ($($name:ident: $compute:expr;)+) => {
        $(
            pub fn $name(args: &Args) -> PolarsResult<Column> {
                double(args, |x| Ok($compute(x)))
            }
        )+
    };
}

doubles! {
    exp: f64::exp;
    cbrt: f64::cbrt;
    sin: f64::sin;
    cos: f64::cos;
    tan: f64::tan;
    atan: f64::atan;
    degrees: f64::to_degrees;
    radians: f64::to_radians;
}

pub fn is_nan(args: &Args) -> PolarsResult<Column> {
    args.bools(|row| args.readers[0].number(row).map(f64::is_nan))
}

pub fn is_finite(args: &Args) -> PolarsResult<Column> {
    args.bools(|row| args.readers[0].number(row).map(f64::is_finite))
}

pub fn is_infinite(args: &Args) -> PolarsResult<Column> {
    args.bools(|row| args.readers[0].number(row).map(f64::is_infinite))
}

fn extreme(args: &Args, wanted: Ordering) -> PolarsResult<Column> {
    args.picked(|row| {
        let mut best: Option<usize> = None;
        for (i, reader) in args.readers.iter().enumerate().filter(|(_, reader)| reader.is_some(row)) {
            let better = best.is_none_or(|best| reader.compare(row, &args.readers[best], row) == Some(wanted));
            if better {
                best = Some(i);
            }
        }
        best
    })
}

/// The largest of the values that are there.
pub fn greatest(args: &Args) -> PolarsResult<Column> {
    extreme(args, Ordering::Greater)
}

pub fn least(args: &Args) -> PolarsResult<Column> {
    extreme(args, Ordering::Less)
}

fn bits(args: &Args, compute: fn(i128, i128) -> PolarsResult<i128>) -> PolarsResult<Column> {
    args.wholes(|row| aligned(args, row, 0).map(|(a, b)| compute(a, b)).transpose())
}

pub fn bit_and(args: &Args) -> PolarsResult<Column> {
    bits(args, |a, b| Ok(a & b))
}

pub fn bit_or(args: &Args) -> PolarsResult<Column> {
    bits(args, |a, b| Ok(a | b))
}

pub fn bit_xor(args: &Args) -> PolarsResult<Column> {
    bits(args, |a, b| Ok(a ^ b))
}

pub fn shift_right(args: &Args) -> PolarsResult<Column> {
    bits(args, |a, b| Ok(if (0..64).contains(&b) { a >> b } else { 0 }))
}

pub fn shift_left(args: &Args) -> PolarsResult<Column> {
    bits(args, |a, b| match u32::try_from(b) {
        Ok(by) if by < 63 && a >= 0 => Ok(a << by),
        _ => Err(fail("bits can't be shifted left of a number below 0, nor by so many places")),
    })
}
