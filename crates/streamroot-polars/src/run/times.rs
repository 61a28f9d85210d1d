//! Dates and times: days, and microseconds, since 1970, in the Gregorian calendar, without time zones.

use polars::prelude::{Column, PolarsResult};

use super::rows::{Args, fail};
pub use crate::calendar::DAY;
use crate::calendar::{civil, days, days_in};
use crate::plan::types::Type;

const SECOND: i64 = 1_000_000;
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A date that is written as `2020-03-01`, or such a date and a time behind it, in microseconds since 1970.
pub fn parsed(text: &str) -> Option<i64> {
    let text = text.trim();
    let mut dashes = text.match_indices('-').map(|(at, _)| at).filter(|at| *at > 0);
    let (first, second) = (dashes.next()?, dashes.next()?);
    let end = text[second + 1..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |at| second + 1 + at);
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i64>().ok()).flatten();
    let (year, month, day) =
        (number(&text[..first])?, number(&text[first + 1..second])?, number(&text[second + 1..end])?);
    if !(0..=200_000).contains(&year) || !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let date = days(year, month, day).checked_mul(DAY)?;
    let rest = &text[end..];
    if rest.is_empty() {
        return Some(date);
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?.trim_start();
    if rest.is_empty() {
        return Some(date);
    }
    let zone = rest.find(['Z', 'z', '+', '-']);
    let (time, zone) = rest.split_at(zone.unwrap_or(rest.len()));
    let (clock, fraction) = time.trim_end().split_once('.').unwrap_or((time.trim_end(), ""));
    let mut parts = clock.split(':');
    let mut part = |most: i64| number(parts.next()?).filter(|n| *n <= most);
    let (hour, minute) = (part(23)?, part(59)?);
    let second = match parts.next() {
        None => 0,
        Some(second) => number(second).filter(|n| *n <= 59)?,
    };
    if parts.next().is_some() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let micros = number(&format!("{fraction:0<6}")[..6])?;
    let shift = match zone {
        "" | "Z" | "z" => 0,
        zone => {
            let digits: String = zone[1..].chars().filter(|c| *c != ':').collect();
            let (hours, minutes) = digits.split_at_checked(2)?;
            let shift = number(hours)? * 3600 + if minutes.is_empty() { 0 } else { number(minutes)? * 60 };
            if zone.starts_with('-') { -shift } else { shift }
        }
    };
    Some(date + ((hour * 60 + minute) * 60 + second - shift) * SECOND + micros)
}

/// A time as text: `2020-03-01 10:15:30`, and what there is of a second behind it.
pub fn write(ty: Type, value: i64, out: &mut String) {
    use std::fmt::Write;
    let date = if ty == Type::Date { value } else { value.div_euclid(DAY) };
    let (year, month, day) = civil(date);
    let _ = write!(out, "{year:04}-{month:02}-{day:02}");
    if ty == Type::Timestamp {
        let of_day = value.rem_euclid(DAY);
        let seconds = of_day / SECOND;
        let _ = write!(out, " {:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        let micros = of_day % SECOND;
        if micros > 0 {
            out.push_str(format!(".{micros:06}").trim_end_matches('0'));
        }
    }
}

/// The value as microseconds.
fn micros(args: &Args, i: usize, row: usize) -> Option<i64> {
    let value = i64::try_from(args.readers[i].whole(row)?).ok()?;
    if args.types[i] == Type::Date { value.checked_mul(DAY) } else { Some(value) }
}

/// Parts of a time that EXTRACT gives as whole numbers.
pub const PARTS: [&str; 19] = [
    "year",
    "quarter",
    "month",
    "week",
    "day",
    "hour",
    "minute",
    "second",
    "millisecond",
    "microsecond",
    "dow",
    "isodow",
    "doy",
    "isoyear",
    "decade",
    "century",
    "millennium",
    "yearweek",
    "era",
];

/// The one name of a part of a time.
pub fn part_name(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let singular = lower.strip_suffix('s').unwrap_or(&lower);
    let known = match singular {
        "dayofmonth" => "day",
        "dayofweek" | "weekday" => "dow",
        "dayofyear" => "doy",
        "weekofyear" | "isoweek" => "week",
        "epoch" => return Some("epoch"),
        "millenium" => "millennium",
        "centurie" => "century",
        "msec" => "millisecond",
        "usec" => "microsecond",
        "sec" => "second",
        "min" => "minute",
        other => other,
    };
    PARTS.into_iter().find(|part| *part == known)
}

/// The Monday of a day's week, and the week's year and number as ISO 8601 counts.
fn iso_week(day: i64) -> (i64, i64, i64) {
    let monday = day - (day + 3).rem_euclid(7);
    let (year, _, _) = civil(monday + 3);
    (monday, year, (monday + 3 - days(year, 1, 1)) / 7 + 1)
}

fn part_of(part: &str, micros: i64) -> i64 {
    let (day, of_day) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let (year, month, of_month) = civil(day);
    match part {
        "year" => year,
        "quarter" => (month - 1) / 3 + 1,
        "month" => month,
        "week" => iso_week(day).2,
        "day" => of_month,
        "hour" => of_day / (3600 * SECOND),
        "minute" => of_day / (60 * SECOND) % 60,
        "second" => of_day / SECOND % 60,
        "millisecond" => of_day / 1000 % 60_000,
        "microsecond" => of_day % (60 * SECOND),
        "dow" => (day + 4).rem_euclid(7),
        "isodow" => (day + 3).rem_euclid(7) + 1,
        "doy" => day - days(year, 1, 1) + 1,
        "isoyear" => iso_week(day).1,
        "decade" => year / 10,
        "century" => (year - 1).div_euclid(100) + 1,
        "millennium" => (year - 1).div_euclid(1000) + 1,
        "yearweek" => iso_week(day).1 * 100 + iso_week(day).2,
        _ => i64::from(year > 0),
    }
}

fn known_part(args: &Args, row: usize) -> PolarsResult<Option<&'static str>> {
    let Some(name) = args.readers[0].text(row) else { return Ok(None) };
    part_name(name).map(Some).ok_or_else(|| fail(format!("there is no part of a time called {name}")))
}

/// `DATE_PART('hour', time)`, of whole numbers.
pub fn part(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| {
        let (Some(part), Some(time)) = (known_part(args, row)?, micros(args, 1, row)) else { return Ok(None) };
        Ok(Some(part_of(part, time).into()))
    })
}

/// Seconds since 1970.
pub fn epoch(args: &Args) -> PolarsResult<Column> {
    args.numbers(|row| Ok(micros(args, 0, row).map(|time| time as f64 / SECOND as f64)))
}

pub fn epoch_ms(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| Ok(micros(args, 0, row).map(|time| i128::from(time.div_euclid(1000)))))
}

pub fn epoch_us(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| Ok(micros(args, 0, row).map(i128::from)))
}

fn truncated(part: &str, micros: i64) -> i64 {
    let day = micros.div_euclid(DAY);
    let (year, month, _) = civil(day);
    let floor = |unit: i64| micros.div_euclid(unit) * unit;
    match part {
        "microsecond" => micros,
        "millisecond" => floor(1000),
        "second" => floor(SECOND),
        "minute" => floor(60 * SECOND),
        "hour" => floor(3600 * SECOND),
        "week" | "yearweek" => iso_week(day).0 * DAY,
        "month" => days(year, month, 1) * DAY,
        "quarter" => days(year, (month - 1) / 3 * 3 + 1, 1) * DAY,
        "year" => days(year, 1, 1) * DAY,
        "isoyear" => iso_week(days(iso_week(day).1, 1, 4)).0 * DAY,
        "decade" => days(year.div_euclid(10) * 10, 1, 1) * DAY,
        "century" => days(year.div_euclid(100) * 100, 1, 1) * DAY,
        "millennium" => days(year.div_euclid(1000) * 1000, 1, 1) * DAY,
        _ => day * DAY,
    }
}

/// `DATE_TRUNC('hour', time)`.
pub fn trunc(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| {
        let (Some(part), Some(time)) = (known_part(args, row)?, micros(args, 1, row)) else { return Ok(None) };
        Ok(Some(truncated(part, time).into()))
    })
}

/// How many borders of a part lie between two times.
pub fn difference(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| {
        let (Some(part), Some(a), Some(b)) = (known_part(args, row)?, micros(args, 1, row), micros(args, 2, row))
        else {
            return Ok(None);
        };
        let unit = match part {
            "microsecond" => 1,
            "millisecond" => 1000,
            "second" => SECOND,
            "minute" => 60 * SECOND,
            "hour" => 3600 * SECOND,
            "day" | "dow" | "isodow" | "doy" => DAY,
            "week" | "yearweek" => {
                let week = |time: i64| iso_week(time.div_euclid(DAY)).0;
                return Ok(Some(((week(b) - week(a)) / 7).into()));
            }
            part => {
                let at = |time: i64| {
                    let (year, month, _) = civil(time.div_euclid(DAY));
                    match part {
                        "month" => year * 12 + month,
                        "quarter" => year * 4 + (month - 1) / 3,
                        "decade" => year.div_euclid(10),
                        "century" => year.div_euclid(100),
                        "millennium" => year.div_euclid(1000),
                        _ => year,
                    }
                };
                return Ok(Some((at(b) - at(a)).into()));
            }
        };
        Ok(Some((b.div_euclid(unit) - a.div_euclid(unit)).into()))
    })
}

/// The name of a time's day.
pub fn day_name(args: &Args) -> PolarsResult<Column> {
    named(args, |micros| DAYS[part_of("dow", micros) as usize])
}

pub fn month_name(args: &Args) -> PolarsResult<Column> {
    named(args, |micros| MONTHS[part_of("month", micros) as usize - 1])
}

fn named(args: &Args, name: fn(i64) -> &'static str) -> PolarsResult<Column> {
    args.texts(|row, text| {
        let time = micros(args, 0, row);
        text.push_str(time.map_or("", name));
        Ok(time.is_some())
    })
}

pub fn last_day(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| {
        Ok(micros(args, 0, row).map(|time| {
            let (year, month, _) = civil(time.div_euclid(DAY));
            i128::from(days(year, month, days_in(year, month)))
        }))
    })
}

pub fn make_date(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| {
        let part = |i: usize| args.readers[i].whole(row).map(|n| i64::try_from(n).unwrap_or(0));
        let (Some(year), Some(month), Some(day)) = (part(0), part(1), part(2)) else { return Ok(None) };
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
            return Err(fail(format!("{year}-{month}-{day} is no date")));
        }
        Ok(Some(days(year, month, day).into()))
    })
}

/// `STRFTIME(time, '%Y-%m-%d')`.
pub fn format(args: &Args) -> PolarsResult<Column> {
    use std::fmt::Write;
    args.texts(|row, out| {
        let (Some(time), Some(format)) = (micros(args, 0, row), args.readers[1].text(row)) else { return Ok(false) };
        let get = |part: &str| part_of(part, time);
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let code = chars.next();
            let hour12 = (get("hour") + 11) % 12 + 1;
            let _ = match code {
                Some('-') => match chars.next() {
                    Some('d') => write!(out, "{}", get("day")),
                    Some('m') => write!(out, "{}", get("month")),
                    Some('H') => write!(out, "{}", get("hour")),
                    Some('I') => write!(out, "{hour12}"),
                    Some('M') => write!(out, "{}", get("minute")),
                    Some('S') => write!(out, "{}", get("second")),
                    Some('j') => write!(out, "{}", get("doy")),
                    Some('y') => write!(out, "{}", get("year").rem_euclid(100)),
                    other => return Err(unknown_code("-", other)),
                },
                Some('a') => write!(out, "{}", &DAYS[get("dow") as usize][..3]),
                Some('A') => write!(out, "{}", DAYS[get("dow") as usize]),
                Some('w') => write!(out, "{}", get("dow")),
                Some('u') => write!(out, "{}", get("isodow")),
                Some('d') => write!(out, "{:02}", get("day")),
                Some('b' | 'h') => write!(out, "{}", &MONTHS[get("month") as usize - 1][..3]),
                Some('B') => write!(out, "{}", MONTHS[get("month") as usize - 1]),
                Some('m') => write!(out, "{:02}", get("month")),
                Some('y') => write!(out, "{:02}", get("year").rem_euclid(100)),
                Some('Y') => write!(out, "{:04}", get("year")),
                Some('H') => write!(out, "{:02}", get("hour")),
                Some('I') => write!(out, "{hour12:02}"),
                Some('p') => write!(out, "{}", if get("hour") < 12 { "AM" } else { "PM" }),
                Some('M') => write!(out, "{:02}", get("minute")),
                Some('S') => write!(out, "{:02}", get("second")),
                Some('f') => write!(out, "{:06}", get("microsecond") % SECOND),
                Some('g') => write!(out, "{:03}", get("millisecond") % 1000),
                Some('j') => write!(out, "{:03}", get("doy")),
                Some('V') => write!(out, "{:02}", get("week")),
                Some('G') => write!(out, "{:04}", get("isoyear")),
                Some('x') => write!(out, "{:04}-{:02}-{:02}", get("year"), get("month"), get("day")),
                Some('X') => write!(out, "{:02}:{:02}:{:02}", get("hour"), get("minute"), get("second")),
                Some('%') => write!(out, "%"),
                other => return Err(unknown_code("", other)),
            };
        }
        Ok(true)
    })
}

fn unknown_code(before: &str, code: Option<char>) -> polars::prelude::PolarsError {
    let code = code.map(String::from).unwrap_or_default();
    fail(format!("STRFTIME has no %{before}{code} here: %Y %m %d %H %M %S %a %b %j and the like work"))
}
