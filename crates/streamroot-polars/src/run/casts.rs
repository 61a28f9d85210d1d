//! CAST and TRY_CAST, with DuckDB's rounding: decimals and texts half away from zero, doubles half to even.

use std::borrow::Cow;

use polars::prelude::{Column, PolarsError, PolarsResult};

use super::numbers::halves_away;
use super::rows::{Args, Given, fail, too_large};
use super::times;
use crate::plan::types::Type;

/// The value of the only argument in another type. What has none there is null if `lenient`, and an error otherwise.
pub fn cast(args: &Args, lenient: bool, digits: u8) -> PolarsResult<Column> {
    let (from, to) = (args.types[0], args.ty);
    let of = &args.readers[0];
    match to {
        Type::Text => args.texts(|row, out| {
            match from {
                Type::Bool => out.push_str(if of.bool(row)? { "true" } else { "false" }),
                Type::Double => {
                    let x = of.number(row)?;
                    write_digits(x, &format!("{:e}", x.abs()), out);
                }
                Type::Float => {
                    let x = of.number(row)? as f32;
                    write_digits(x.into(), &format!("{:e}", x.abs()), out);
                }
                Type::Text => out.push_str(of.text(row)?),
                Type::Date | Type::Timestamp => {
                    times::write(from, i64::try_from(of.whole(row)?).unwrap_or_default(), out)
                }
                _ => write_whole(of.whole(row)?, from.scale(), out),
            }
            Some(())
        }),
        Type::Bool => args.bools(|row| match from {
            Type::Text => of_text(args, row, lenient, truth),
            Type::Double | Type::Float => Ok(of.number(row).map(|x| x != 0.0)),
            _ => Ok(of.whole(row).map(|value| value != 0)),
        }),
        Type::Double | Type::Float => args.numbers(|row| {
            let value = match from {
                Type::Text => of_text(args, row, lenient, number)?,
                Type::Decimal(scale) => of.whole(row).map(|value| value as f64 / 10f64.powi(scale.into())),
                _ => of.number(row),
            };
            match value {
                Some(x) if to == Type::Float && from != Type::Text && x.is_finite() && (x as f32).is_infinite() => {
                    none(lenient, &|| too_large(to))
                }
                value => Ok(value),
            }
        }),
        Type::Date | Type::Timestamp => args.wholes(|row| {
            let (time, from) = match from {
                Type::Text => {
                    (of_text(args, row, lenient, |text| times::parsed(text, to))?.map(i128::from), Type::Timestamp)
                }
                from => (of.whole(row), from),
            };
            let day = i128::from(times::DAY);
            Ok(time.map(|time| match (from, to) {
                (Type::Timestamp, Type::Date) => time.div_euclid(day),
                (Type::Date, Type::Timestamp) => time * day,
                _ => time,
            }))
        }),
        _ => {
            let scale = to.scale();
            let unit = 10i128.pow(scale.into());
            let (low, high) = to.bounds();
            let most = match to {
                Type::Decimal(_) => 10i128.pow(u32::from(digits.min(38))) - 1,
                _ => i128::MAX,
            };
            let fits = |value: i128| (low..=high).contains(&value) && (-most..=most).contains(&value);
            let is_written_whole = to.is_whole() && to != Type::HugeInt;
            args.wholes(|row| {
                let value =
                    match from {
                        Type::Text => of_text(args, row, lenient, |text| {
                            if is_written_whole { whole(text) } else { decimal(text, scale) }
                        })?,
                        Type::Double | Type::Float => {
                            let value = of.number(row).map(|x| x * unit as f64);
                            match value.map(|x| if to.is_whole() { x.round_ties_even() } else { x.round() }) {
                                Some(x) if !x.is_finite() || x.abs() > 1e37 => {
                                    let fits_elsewhere = to == Type::HugeInt && x.abs() < 1.7e38;
                                    return none(lenient && !fits_elsewhere, &|| too_large(to));
                                }
                                rounded => rounded.map(|x| x as i128),
                            }
                        }
                        _ => of.whole(row).map(|value| match from.scale() {
                            digits if digits > scale => halves_away(value, 10i128.pow(u32::from(digits - scale))),
                            digits => value * 10i128.pow(u32::from(scale - digits)),
                        }),
                    };
                match value {
                    None => Ok(None),
                    Some(value) if fits(value) => Ok(Some(value)),
                    Some(value) if (low..=high).contains(&value) => none(lenient, &|| {
                        fail(format!("a number does not fit in DECIMAL({digits},{scale}): CAST to a wider one"))
                    }),
                    // DuckDB would hold it in 128 bits.
                    Some(value)
                        if to == Type::HugeInt || matches!(to, Type::Decimal(_)) && (-most..=most).contains(&value) =>
                    {
                        Err(too_large(to))
                    }
                    Some(_) => none(lenient, &|| too_large(to)),
                }
            })
        }
    }
}

/// What the text of a row stands for.
fn of_text<T, V: Given<T>>(
    args: &Args,
    row: usize,
    lenient: bool,
    read: impl Fn(&str) -> V,
) -> PolarsResult<Option<T>> {
    let Some(text) = args.text(0, row) else { return Ok(None) };
    match read(text).given()? {
        Some(value) => Ok(Some(value)),
        None => none(lenient, &|| fail(format!("{text:?} is no {}: TRY_CAST gives NULL for it", args.ty.name()))),
    }
}

/// What is wrong with a value, unless it is to be null then.
fn none<T>(lenient: bool, error: &dyn Fn() -> PolarsError) -> PolarsResult<Option<T>> {
    if lenient { Ok(None) } else { Err(error()) }
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "1" | "yes" | "y" => Some(true),
        "false" | "f" | "0" | "no" | "n" => Some(false),
        _ => None,
    }
}

/// A number that is written as such.
pub fn number(text: &str) -> Option<f64> {
    grouped(text.trim())?.parse().ok()
}

/// Digits without the `_` that may stand between each two.
fn grouped(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('_') {
        return Some(Cow::Borrowed(text));
    }
    let is_between = |at: usize| {
        let digit = |at: Option<usize>| at.and_then(|at| text.as_bytes().get(at)).is_some_and(u8::is_ascii_digit);
        digit(at.checked_sub(1)) && digit(Some(at + 1))
    };
    text.match_indices('_').all(|(at, _)| is_between(at)).then(|| Cow::Owned(text.replace('_', "")))
}

/// A whole number that is written as such, or in digits of 16 as `0x1F`, or of 2 as `0b101`.
fn whole(text: &str) -> Option<i128> {
    let of = |start: [&str; 2], radix: u32| {
        let digits = start.iter().find_map(|start| text.trim_start().strip_prefix(start))?;
        let is_digit = |c: &char| c.is_digit(radix);
        let is_number = digits.starts_with(|c: char| is_digit(&c)) && digits.ends_with(|c: char| is_digit(&c));
        let known = is_number && !digits.contains("__");
        known.then(|| i128::from_str_radix(&digits.replace('_', ""), radix).ok()).flatten()
    };
    of(["0x", "0X"], 16).or_else(|| of(["0b", "0B"], 2)).or_else(|| decimal(text, 0))
}

/// A number as the whole number of its last digit, at so many digits behind the point, rounded half away from zero.
pub fn decimal(text: &str, scale: u8) -> Option<i128> {
    let text = grouped(text.trim())?;
    let text = &*text;
    let (negative, text) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    // So many of the digits count, the next one rounds.
    let places = i64::try_from(whole.len()).ok()? + i64::from(exponent) + i64::from(scale);
    let mut value: i128 = 0;
    let mut digits = whole.bytes().chain(fraction.bytes());
    for _ in 0..places.clamp(0, 4096) {
        value = value.checked_mul(10)?.checked_add(i128::from(digits.next().map_or(0, |digit| digit - b'0')))?;
    }
    if places >= 0 && digits.next().is_some_and(|digit| digit >= b'5') {
        value = value.checked_add(1)?;
    }
    Some(if negative { -value } else { value })
}

fn write_whole(value: i128, scale: u8, out: &mut String) {
    use std::fmt::Write;
    if scale == 0 {
        let _ = write!(out, "{value}");
        return;
    }
    let digits = format!("{:0>1$}", value.unsigned_abs(), usize::from(scale) + 1);
    let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
    let _ = write!(out, "{}{whole}.{fraction}", if value < 0 { "-" } else { "" });
}

/// A number in the shortest digits that give it again, which are given as `1.5e2`.
fn write_digits(x: f64, shortest: &str, out: &mut String) {
    use std::fmt::Write;
    if x.is_nan() {
        return out.push_str("nan");
    }
    if x.is_sign_negative() {
        out.push('-');
    }
    if x.is_infinite() {
        return out.push_str("inf");
    }
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    if (-4..16).contains(&exponent) {
        let point = exponent + 1;
        match usize::try_from(point) {
            Ok(point) if point > 0 => {
                let padded = format!("{digits:0<0$}", point + 1, digits = digits);
                let (whole, fraction) = padded.split_at(point);
                let _ = write!(out, "{whole}.{fraction}");
            }
            _ => {
                let _ = write!(out, "0.{}{digits}", "0".repeat(point.unsigned_abs() as usize));
            }
        }
        return;
    }
    let _ = match digits.split_at(1) {
        (first, "") => write!(out, "{first}"),
        (first, rest) => write!(out, "{first}.{rest}"),
    };
    let _ = write!(out, "e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
}
