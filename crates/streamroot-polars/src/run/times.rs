//! Dates and times: days, and microseconds, since 1970, in the Gregorian calendar, without time zones.

use polars::prelude::{Column, PolarsResult};

use super::rows::{Args, fail};
pub use crate::calendar::DAY;
use crate::calendar::{civil, days, days_in};
use crate::plan::types::Type;

pub const SECOND: i64 = 1_000_000;
pub const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
pub const MONTHS: [&str; 12] = [
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

/// A date as `2020-03-01`, or with `/`, `\` or spaces, and perhaps a time of day behind it, in microseconds since 1970, as DuckDB
/// reads it: of what is to be a `DATE`, nothing else counts, and no zone is looked at.
///
/// # Errors
/// A time that can't be held: an infinite one, or one before the year 1 or after 200000.
pub fn parsed(given: &str, ty: Type) -> PolarsResult<Option<i64>> {
    let text = given.trim();
    let lower = text.to_ascii_lowercase();
    let beyond = || fail(format!("{text:?} is a time that can't be held here: write one from year 1 to 200000"));
    match lower.as_str() {
        "epoch" => return Ok(Some(0)),
        "infinity" | "-infinity" | "inf" | "-inf" => return Err(beyond()),
        _ => {}
    }
    let Some((year, month, day, rest)) = date(text.strip_prefix('-').unwrap_or(text)) else { return Ok(None) };
    let Some(date) = day_of(year, month, day) else { return Ok(None) };
    let of_day = match (ty, rest) {
        (_, " (BC)") => return Err(beyond()),
        (Type::Date, _) => Some(0),
        (_, "") => given.ends_with(text).then_some(0),
        _ => of_day(rest),
    };
    if of_day.is_some() && (text.starts_with('-') || !(1..=200_000).contains(&year)) {
        return Err(beyond());
    }
    Ok(of_day.map(|of_day| date * DAY + of_day))
}

/// The day since 1970 of a date, if there is such a date in its year.
pub fn day_of(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_date = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    is_date.then(|| days(year, month, day))
}

/// Up to so many digits as a number, and what follows them.
pub fn digits(text: &str, most: usize) -> Option<(i64, &str)> {
    let (number, rest) = text.split_at(text.bytes().take(most).take_while(u8::is_ascii_digit).count());
    Some((number.parse().ok()?, rest))
}

/// Year, month and day with one sign between them, and what follows.
fn date(text: &str) -> Option<(i64, i64, i64, &str)> {
    let (year, rest) = digits(text, 12)?;
    let between = rest.chars().next().filter(|c| ['-', '/', '\\', ' '].contains(c))?;
    let (month, rest) = digits(rest.strip_prefix(between)?, 2)?;
    let (day, rest) = digits(rest.strip_prefix(between)?, 2)?;
    (!rest.starts_with(|c: char| c.is_ascii_digit())).then_some((year, month, day, rest))
}

/// What stands behind a date, as a time of day.
fn of_day(text: &str) -> Option<i64> {
    let (hour, rest) = digits(text.strip_prefix(|c: char| c == 'T' || c.is_whitespace())?.trim_start(), 9)?;
    let (mut minute, mut second, mut micros) = (0, 0, 0);
    let mut rest = rest.strip_prefix(':')?;
    if !rest.is_empty() {
        (minute, rest) = digits(rest, 2)?;
        if let Some(seconds) = rest.strip_prefix(':') {
            if !seconds.is_empty() {
                (second, rest) = digits(seconds, 2)?;
                if let Some(fraction) = rest.strip_prefix('.') {
                    let (shown, others) = fraction.split_at(fraction.bytes().take_while(u8::is_ascii_digit).count());
                    micros = format!("{shown:0<6}")[..6].parse().ok()?;
                    rest = others;
                }
                rest = without_zone(rest);
            } else {
                rest = "";
            }
        }
    }
    let of_day = ((hour * 60 + minute) * 60 + second) * SECOND + micros;
    (rest.is_empty() && minute <= 59 && second <= 59 && of_day <= DAY && (hour <= 23 || of_day == DAY))
        .then_some(of_day)
}

/// What is left when `Z`, ` UTC` or an offset as `+02`, `+0230` or `+02:30:15` is taken away.
fn without_zone(text: &str) -> &str {
    let utc = text.strip_prefix(char::is_whitespace).filter(|name| name.eq_ignore_ascii_case("utc"));
    if text == "Z" || utc.is_some() {
        return "";
    }
    let two = |text: &str| text.bytes().take(2).filter(u8::is_ascii_digit).count() == 2;
    let Some(hours) = text.strip_prefix(['+', '-']).filter(|hours| two(hours)) else { return text };
    let rest = hours[2..].strip_prefix(':').unwrap_or(&hours[2..]);
    if !two(rest) {
        return rest;
    }
    match rest[2..].strip_prefix(':') {
        Some(seconds) if two(seconds) => &seconds[2..],
        Some(seconds) => seconds,
        None => &rest[2..],
    }
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
    let value = i64::try_from(args.whole(i, row)?).ok()?;
    if args.types[i] == Type::Date { value.checked_mul(DAY) } else { Some(value) }
}

/// Parts of a time, other names of each, and others that may stand with an `s`, as the part's own may.
const PARTS: [(&str, &str, &str); 20] = [
    ("year", "y yr", ""),
    ("quarter", "", ""),
    ("month", "mon", ""),
    ("week", "w", "weekofyear isoweek"),
    ("day", "d", "dayofmonth"),
    ("hour", "h hr", ""),
    ("minute", "m", "min"),
    ("second", "s", "sec"),
    ("millisecond", "ms", "msec"),
    ("microsecond", "us", "usec"),
    ("dow", "", "dayofweek weekday"),
    ("isodow", "", ""),
    ("doy", "", "dayofyear"),
    ("isoyear", "", ""),
    ("decade", "", ""),
    ("century", "", "centurie"),
    ("millennium", "", "millenium"),
    ("yearweek", "", ""),
    ("era", "", ""),
    ("epoch", "", ""),
];

/// The one name of a part of a time.
pub fn part_name(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let singular = lower.strip_suffix('s').unwrap_or(&lower);
    let has = |names: &str, name: &str| names.split_whitespace().any(|known| known == name);
    let fits =
        |(part, short, long): &(&str, &str, &str)| *part == singular || has(short, &lower) || has(long, singular);
    PARTS.iter().find(|part| fits(part)).map(|(part, ..)| *part)
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

fn known_border(args: &Args, row: usize) -> PolarsResult<Option<&'static str>> {
    match known_part(args, row)? {
        Some("era") => Err(fail("an era has no border here: year, month, week, day, hour, minute and second have")),
        part => Ok(part),
    }
}

fn known_part(args: &Args, row: usize) -> PolarsResult<Option<&'static str>> {
    let Some(name) = args.text(0, row) else { return Ok(None) };
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
    args.numbers(|row| micros(args, 0, row).map(|time| time as f64 / SECOND as f64))
}

/// So many microseconds each since 1970.
pub fn since_1970(args: &Args, unit: i64) -> PolarsResult<Column> {
    args.wholes(|row| micros(args, 0, row).map(|time| i128::from(time / unit)))
}

/// How many microseconds a part has that always has as many.
fn unit(part: &str) -> Option<i64> {
    Some(match part {
        "microsecond" => 1,
        "millisecond" => 1000,
        "second" | "epoch" => SECOND,
        "minute" => 60 * SECOND,
        "hour" => 3600 * SECOND,
        "day" | "dow" | "isodow" | "doy" => DAY,
        _ => return None,
    })
}

fn truncated(part: &str, micros: i64) -> i64 {
    let day = micros.div_euclid(DAY);
    let (year, month, _) = civil(day);
    let first = match part {
        "week" | "yearweek" => iso_week(day).0,
        "month" => days(year, month, 1),
        "quarter" => days(year, (month - 1) / 3 * 3 + 1, 1),
        "year" => days(year, 1, 1),
        "isoyear" => iso_week(days(iso_week(day).1, 1, 4)).0,
        "decade" => days(year.div_euclid(10) * 10, 1, 1),
        "century" => days(year.div_euclid(100) * 100, 1, 1),
        "millennium" => days(year.div_euclid(1000) * 1000, 1, 1),
        _ => day,
    };
    match unit(part) {
        Some(unit) => micros.div_euclid(unit) * unit,
        None => first * DAY,
    }
}

/// `DATE_TRUNC('hour', time)`.
pub fn trunc(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| {
        let (Some(part), Some(time)) = (known_border(args, row)?, micros(args, 1, row)) else { return Ok(None) };
        Ok(Some(truncated(part, time).into()))
    })
}

/// How many borders of a part lie between two times.
pub fn difference(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| {
        let (Some(part), Some(a), Some(b)) = (known_border(args, row)?, micros(args, 1, row), micros(args, 2, row))
        else {
            return Ok(None);
        };
        let at = |time: i64| {
            let day = time.div_euclid(DAY);
            let (year, month, _) = civil(day);
            match part {
                "isoyear" => iso_week(day).1,
                "month" => year * 12 + month,
                "quarter" => year * 4 + (month - 1) / 3,
                "decade" => year.div_euclid(10),
                "century" => year.div_euclid(100),
                "millennium" => year.div_euclid(1000),
                _ => year,
            }
        };
        let between = match (part, unit(part)) {
            // Whole weeks from day to day, whatever day a week begins on.
            ("week" | "yearweek", _) => (b.div_euclid(DAY) - a.div_euclid(DAY)) / 7,
            (_, Some(unit)) => b.div_euclid(unit) - a.div_euclid(unit),
            (_, None) => at(b) - at(a),
        };
        Ok(Some(between.into()))
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
    args.texts(|row, text| micros(args, 0, row).map(|time| text.push_str(name(time))))
}

pub fn last_day(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| {
        let (year, month, _) = civil(micros(args, 0, row)?.div_euclid(DAY));
        Some(days(year, month, days_in(year, month)).into())
    })
}

/// `EPOCH_MS(1583057730000)` and `MAKE_TIMESTAMP(1583057730000000)`: a time by how many units it is after 1970.
pub fn after_1970(args: &Args, unit: i128) -> PolarsResult<Column> {
    let known = i128::from(days(1, 1, 1) * DAY)..i128::from(days(200_001, 1, 1) * DAY);
    args.wholes(|row| match args.whole(0, row).map(|time| time * unit) {
        Some(time) if !known.contains(&time) => {
            Err(fail("a time lies before the year 1 or after 200000: is it in another unit?"))
        }
        time => Ok(time),
    })
}

/// `MAKE_DATE(2020, 3, 1)`.
pub fn make_date(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| {
        let part = |i: usize| args.whole(i, row).map(|n| i64::try_from(n).unwrap_or(0));
        let (Some(year), Some(month), Some(day)) = (part(0), part(1), part(2)) else { return Ok(None) };
        match Some(year).filter(|year| (1..=9999).contains(year)).and_then(|year| day_of(year, month, day)) {
            Some(date) => Ok(Some(date.into())),
            None => Err(fail(format!("{year}-{month}-{day} is no date"))),
        }
    })
}

/// `MAKE_TIMESTAMP(2020, 3, 1, 10, 15, 30.5)`.
pub fn make_timestamp(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| {
        let part = |i: usize| args.whole(i, row).map(|n| i64::try_from(n).unwrap_or(-1));
        let (Some(year), Some(month), Some(day), Some(hour), Some(minute), Some(second)) =
            (part(0), part(1), part(2), part(3), part(4), args.number(5, row))
        else {
            return Ok(None);
        };
        let is_time = (0..=23).contains(&hour) && (0..=59).contains(&minute) && (0.0..60.0).contains(&second);
        let fits = (1..=9999).contains(&year) && (is_time || (hour, minute, second) == (24, 0, 0.0));
        match Some(year).filter(|_| fits).and_then(|year| day_of(year, month, day)) {
            Some(date) => {
                let of_day = (hour * 60 + minute) * 60 * SECOND + (second * SECOND as f64).round() as i64;
                Ok(Some((date * DAY + of_day).into()))
            }
            None => Err(fail(format!("{year}-{month}-{day} {hour}:{minute}:{second} is no time"))),
        }
    })
}

/// `STRFTIME(time, '%Y-%m-%d')`.
pub fn format(args: &Args) -> PolarsResult<Column> {
    use std::fmt::Write;
    args.texts(|row, out| {
        let (Some(time), Some(format)) = (micros(args, 0, row), args.text(1, row)) else { return Ok(None) };
        let get = |part: &str| part_of(part, time);
        let (day, month) = (DAYS[get("dow") as usize], MONTHS[get("month") as usize - 1]);
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let code = chars.next();
            let plain = code == Some('-');
            let code = if plain { chars.next() } else { code };
            // A number, and in how many digits.
            let number = match code {
                Some('d') => (get("day"), 2),
                Some('m') => (get("month"), 2),
                Some('y') => (get("year").rem_euclid(100), 2),
                Some('H') => (get("hour"), 2),
                Some('I') => ((get("hour") + 11) % 12 + 1, 2),
                Some('M') => (get("minute"), 2),
                Some('S') => (get("second"), 2),
                Some('j') => (get("doy"), 3),
                other if plain => return Err(unknown_code("-", other)),
                Some('Y') => (get("year"), 4),
                Some('G') => (get("isoyear"), 4),
                Some('V') => (get("week"), 2),
                Some('w') => (get("dow"), 1),
                Some('u') => (get("isodow"), 1),
                Some('f') => (get("microsecond") % SECOND, 6),
                Some('g') => (get("millisecond") % 1000, 3),
                other => {
                    let _ = match other {
                        Some('a') => write!(out, "{}", &day[..3]),
                        Some('A') => write!(out, "{day}"),
                        Some('b' | 'h') => write!(out, "{}", &month[..3]),
                        Some('B') => write!(out, "{month}"),
                        Some('p') => write!(out, "{}", if get("hour") < 12 { "AM" } else { "PM" }),
                        Some('x') => write!(out, "{:04}-{:02}-{:02}", get("year"), get("month"), get("day")),
                        Some('X') => write!(out, "{:02}:{:02}:{:02}", get("hour"), get("minute"), get("second")),
                        Some('%') => write!(out, "%"),
                        other => return Err(unknown_code("", other)),
                    };
                    continue;
                }
            };
            let (number, digits) = number;
            let _ = write!(out, "{number:0digits$}", digits = if plain { 1 } else { digits });
        }
        Ok(Some(()))
    })
}

fn unknown_code(before: &str, code: Option<char>) -> polars::prelude::PolarsError {
    let code = code.map(String::from).unwrap_or_default();
    fail(format!("STRFTIME has no %{before}{code} here: %Y %m %d %H %M %S %a %b %j and the like work"))
}
