//! Times that are written in some form: `STRPTIME('03/04/2026 10:15', '%d/%m/%Y %H:%M')`.

use polars::prelude::{Column, PolarsResult};

use super::rows::{Args, fail};
use super::times::{DAY, DAYS, MONTHS, SECOND, day_of, digits};

/// Times of texts of a form. What is none is null if `lenient`, and an error otherwise.
pub fn parsed(args: &Args, lenient: bool) -> PolarsResult<Column> {
    args.wholes(|row| {
        let (Some(text), Some(form)) = (args.text(0, row), args.text(1, row)) else { return Ok(None) };
        check(form)?;
        match of_form(text, form) {
            None if !lenient => {
                Err(fail(format!("{text:?} is no time of the form {form:?}: TRY_STRPTIME gives NULL for it")))
            }
            time => Ok(time.map(i128::from)),
        }
    })
}

/// Refuses a form with a code that is not known here.
fn check(form: &str) -> PolarsResult<()> {
    let mut rest = form;
    while let Some((_, after)) = rest.split_once('%') {
        let code = after.strip_prefix('-').unwrap_or(after);
        match code.chars().next() {
            Some('d' | 'm' | 'y' | 'H' | 'I' | 'M' | 'S') => {}
            Some('Y' | 'f' | 'g' | 'b' | 'B' | 'a' | 'A' | 'p' | '%') if code.len() == after.len() => {}
            code => {
                let code = code.map(String::from).unwrap_or_default();
                let sentence = "here: %Y %y %m %d %H %I %M %S %f %g %p %b %B %a and %A work";
                return Err(fail(format!("STRPTIME has no %{code} {sentence}")));
            }
        }
        rest = &code[1..];
    }
    if form.is_empty() { Err(fail("STRPTIME takes a form such as '%Y-%m-%d %H:%M'")) } else { Ok(()) }
}

/// The time that a text of a form is, in microseconds since 1970. What it does not say is that of January 1, 1900, at midnight.
fn of_form(text: &str, form: &str) -> Option<i64> {
    let (mut rest, mut form) = (text.trim_start(), form);
    let (mut date, mut clock, mut micros) = ([1900, 1, 1], [0, 0, 0], 0);
    let mut afternoon = None;
    while let Some(sign) = form.chars().next() {
        form = &form[sign.len_utf8()..];
        if sign.is_whitespace() {
            form = form.trim_start();
            rest = rest.strip_prefix(char::is_whitespace)?.trim_start();
            continue;
        }
        if sign != '%' || form.starts_with('%') {
            form = form.strip_prefix('%').filter(|_| sign == '%').unwrap_or(form);
            rest = rest.strip_prefix(sign)?;
            continue;
        }
        form = form.strip_prefix('-').unwrap_or(form);
        let code = form.chars().next()?;
        form = &form[1..];
        let names = match code {
            'a' | 'A' => &DAYS[..],
            'b' | 'B' => &MONTHS[..],
            'p' => &["AM", "PM"],
            _ => &[],
        };
        if !names.is_empty() {
            let name = |name: &'static str| if matches!(code, 'a' | 'b') { &name[..3] } else { name };
            let is = |known: &str| rest.get(..known.len()).is_some_and(|start| start.eq_ignore_ascii_case(known));
            let place = names.iter().position(|known| is(name(known)))?;
            rest = &rest[name(names[place]).len()..];
            match code {
                'b' | 'B' => date[1] = place as i64 + 1,
                'p' => afternoon = Some(place == 1),
                _ => {}
            }
            continue;
        }
        let most = match code {
            'Y' => 4,
            'f' => 6,
            'g' => 3,
            _ => 2,
        };
        let (number, after) = digits(rest, most)?;
        let shown = rest.len() - after.len();
        rest = after;
        match code {
            'Y' => date[0] = number,
            'y' => date[0] = number + if number < 69 { 2000 } else { 1900 },
            'm' => date[1] = number,
            'd' => date[2] = number,
            'H' => clock[0] = number,
            'I' => clock[0] = Some(number).filter(|hour| (1..=12).contains(hour))?,
            'M' => clock[1] = number,
            'S' => clock[2] = number,
            _ => micros = number * 10_i64.pow(6 - shown as u32),
        }
    }
    let ([year, month, day], [mut hour, minute, second]) = (date, clock);
    if let Some(afternoon) = afternoon {
        hour = (hour <= 12).then_some(hour % 12 + if afternoon { 12 } else { 0 })?;
    }
    let fits = rest.trim().is_empty() && year >= 1 && hour <= 23 && minute <= 59 && second <= 59;
    let date = day_of(year, month, day).filter(|_| fits)?;
    Some(date * DAY + ((hour * 60 + minute) * 60 + second) * SECOND + micros)
}
