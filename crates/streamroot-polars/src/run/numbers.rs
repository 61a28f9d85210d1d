//! Arithmetic with DuckDB's types: what does not fit is an error, and is never cut or wrapped.

use std::cmp::Ordering;

use polars::prelude::{Column, PolarsResult};

use super::rows::{Args, Given, fail, too_large};
use crate::plan::types::Type;

fn power_of_ten(digits: u8) -> i128 {
    10i128.pow(u32::from(digits).min(38))
}

/// Both sides as whole numbers of the last digit of a scale.
fn aligned(args: &Args, row: usize, scale: u8) -> Option<(i128, i128)> {
    let side = |i: usize| Some(args.whole(i, row)? * power_of_ten(scale.saturating_sub(args.types[i].scale())));
    Some((side(0)?, side(1)?))
}

/// A whole number of two, at the digits behind the point that the result has.
pub fn of_wholes(args: &Args, compute: fn(i128, i128) -> Option<i128>) -> PolarsResult<Column> {
    let scale = args.ty.scale();
    args.wholes(|row| match aligned(args, row, scale) {
        None => Ok(None),
        Some((a, b)) => compute(a, b).map(Some).ok_or_else(|| too_large(args.ty)),
    })
}

/// The digits behind the point add up, so nothing is aligned.
pub fn multiply(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| match (args.whole(0, row), args.whole(1, row)) {
        (Some(a), Some(b)) => a.checked_mul(b).map(Some).ok_or_else(|| too_large(args.ty)),
        _ => Ok(None),
    })
}

/// Rounded towards zero; nothing where the divisor is zero.
pub fn divide_whole(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| aligned(args, row, 0).and_then(|(a, b)| a.checked_div(b)))
}

/// With the sign of the dividend; nothing where the divisor is zero.
pub fn remainder(args: &Args) -> PolarsResult<Column> {
    let scale = args.types[0].scale().max(args.types[1].scale());
    args.wholes(|row| aligned(args, row, scale).and_then(|(a, b)| a.checked_rem(b)))
}

/// A whole number of one.
pub fn of_whole(args: &Args, compute: fn(i128) -> i128) -> PolarsResult<Column> {
    args.wholes(|row| args.whole(0, row).map(compute))
}

pub fn absolute(args: &Args) -> PolarsResult<Column> {
    match args.ty {
        Type::Float | Type::Double => of_number(args, |x| Some(x.abs())),
        _ => of_whole(args, i128::abs),
    }
}

pub fn sign(args: &Args) -> PolarsResult<Column> {
    match args.types[0] {
        Type::Float | Type::Double => args.wholes(|row| {
            args.number(0, row).map(|x| match x.partial_cmp(&0.0) {
                Some(Ordering::Greater) => 1,
                Some(Ordering::Less) => -1,
                _ => 0,
            })
        }),
        _ => of_whole(args, i128::signum),
    }
}

/// A quotient of whole numbers, rounded half away from zero.
pub fn halves_away(value: i128, by: i128) -> i128 {
    let (quotient, rest) = (value / by, value % by);
    if rest.abs() * 2 >= by { quotient + value.signum() } else { quotient }
}

/// `ROUND`: half away from zero, at so many digits behind the point, or before it if less than none.
pub fn round(args: &Args) -> PolarsResult<Column> {
    let digits = |row| args.readers.get(1).map_or(Some(0), |digits| digits.whole(row));
    match args.types[0] {
        Type::Float | Type::Double => args.numbers(|row| Some(round_double(args.number(0, row)?, digits(row)?))),
        ty => args.wholes(|row| {
            let (Some(value), Some(digits)) = (args.whole(0, row), digits(row)) else { return Ok(None) };
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

/// `FLOOR` and the like: of a decimal's last digit and how many of it are 1, and of a number.
pub fn to_whole(args: &Args, whole: fn(i128, i128) -> i128, number: fn(f64) -> f64) -> PolarsResult<Column> {
    match args.types[0] {
        Type::Decimal(scale) => {
            let unit = power_of_ten(scale);
            args.wholes(|row| args.whole(0, row).map(|value| whole(value, unit)))
        }
        ty if ty.is_whole() && args.ty == ty => args.wholes(|row| args.whole(0, row)),
        _ => args.numbers(|row| args.number(0, row).map(number)),
    }
}

/// A number of one.
pub fn of_number<V: Given<f64>>(args: &Args, compute: impl Fn(f64) -> V) -> PolarsResult<Column> {
    args.numbers(|row| args.number(0, row).map_or(Ok(None), |x| compute(x).given()))
}

/// A number of two.
pub fn of_numbers<V: Given<f64>>(args: &Args, compute: impl Fn(f64, f64) -> V) -> PolarsResult<Column> {
    args.numbers(|row| match (args.number(0, row), args.number(1, row)) {
        (Some(a), Some(b)) => compute(a, b).given(),
        _ => Ok(None),
    })
}

pub fn sqrt(x: f64) -> PolarsResult<Option<f64>> {
    if x < 0.0 {
        return Err(fail("SQRT of a number less than 0 is none: leave those out, as with CASE"));
    }
    Ok(Some(x.sqrt()))
}

/// A logarithm, where there is one.
pub fn logarithm(x: f64, logarithm: fn(f64) -> f64) -> PolarsResult<Option<f64>> {
    if x < 0.0 {
        return Err(fail("a logarithm of a number less than 0 is none: leave those out, as with CASE"));
    }
    if x == 0.0 {
        return Err(fail("a logarithm of 0 is none: leave it out, as with NULLIF"));
    }
    Ok(Some(logarithm(x)))
}

/// `LOG(x)`, to base 10, and `LOG(base, x)`.
pub fn log(args: &Args) -> PolarsResult<Column> {
    if args.readers.len() == 1 {
        return of_number(args, |x| logarithm(x, f64::log10));
    }
    of_numbers(args, |base, x| match logarithm(base, f64::log10)? {
        Some(0.0) => Err(fail("a logarithm to base 1 is none")),
        base => Ok(logarithm(x, f64::log10)?.zip(base).map(|(x, base)| x / base)),
    })
}

/// The value that comes before or behind all others that are there.
pub fn extreme(args: &Args, wanted: Ordering) -> PolarsResult<Column> {
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

pub fn bits(args: &Args, compute: fn(i128, i128) -> i128) -> PolarsResult<Column> {
    args.wholes(|row| aligned(args, row, 0).map(|(a, b)| compute(a, b)))
}

pub fn shift_left(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| match aligned(args, row, 0) {
        None => Ok(None),
        Some((a, by @ 0..63)) if a >= 0 => Ok(Some(a << by)),
        Some(_) => Err(fail("bits can't be shifted left of a number below 0, nor by so many places")),
    })
}
