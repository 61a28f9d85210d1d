//! Functions of text. What counts characters counts those of Unicode.

use polars::prelude::{Column, PolarsResult};

use super::patterns::translated;
use super::rows::{Args, fail};

/// Longer texts than this are not made.
const LONGEST: usize = 1 << 26;

fn text_to_text(args: &Args, write: impl Fn(&str, &mut String)) -> PolarsResult<Column> {
    args.texts(|row, out| {
        let text = args.readers[0].text(row);
        if let Some(text) = text {
            write(text, out);
        }
        Ok(text.is_some())
    })
}

pub fn upper(args: &Args) -> PolarsResult<Column> {
    text_to_text(args, |text, out| out.extend(text.chars().map(upper_of)))
}

pub fn lower(args: &Args) -> PolarsResult<Column> {
    text_to_text(args, |text, out| out.push_str(&lowered(text)))
}

/// A letter becomes one letter, as in DuckDB: `ß` is no `SS`.
fn upper_of(c: char) -> char {
    let mut all = c.to_uppercase();
    match (all.next(), all.next()) {
        (Some(one), None) => one,
        // What several letters would stand for may be one letter as well: that which has this one in lower case.
        _ => {
            let others = [char::from_u32(c as u32 + 8), char::from_u32(c as u32 + 9), Some('ẞ')];
            others.into_iter().flatten().find(|other| other.to_lowercase().eq([c])).unwrap_or(c)
        }
    }
}

fn lowered(text: &str) -> String {
    text.chars().filter_map(|c| c.to_lowercase().next()).collect()
}

pub fn reverse(args: &Args) -> PolarsResult<Column> {
    text_to_text(args, |text, out| out.extend(text.chars().rev()))
}

pub fn length(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| Ok(args.readers[0].text(row).map(|text| text.chars().count() as i128)))
}

pub fn bytes(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| Ok(args.readers[0].text(row).map(|text| text.len() as i128)))
}

/// `||`: nothing if one of the texts is missing.
pub fn join(args: &Args) -> PolarsResult<Column> {
    args.texts(|row, out| {
        for reader in args.readers {
            match reader.text(row) {
                Some(text) => out.push_str(text),
                None => return Ok(false),
            }
        }
        Ok(true)
    })
}

/// `CONCAT`: missing texts are left out.
pub fn concat(args: &Args) -> PolarsResult<Column> {
    args.texts(|row, out| {
        args.readers.iter().filter_map(|reader| reader.text(row)).for_each(|text| out.push_str(text));
        Ok(true)
    })
}

/// `CONCAT_WS`: missing texts are left out, and a text stands between each two.
pub fn concat_with(args: &Args) -> PolarsResult<Column> {
    args.texts(|row, out| {
        let Some(between) = args.readers[0].text(row) else { return Ok(false) };
        for (i, text) in args.readers[1..].iter().filter_map(|reader| reader.text(row)).enumerate() {
            if i > 0 {
                out.push_str(between);
            }
            out.push_str(text);
        }
        Ok(true)
    })
}

/// The characters from one place on up to another, both counted from 0.
fn slice(text: &str, from: i128, to: i128) -> &str {
    if to <= from {
        return "";
    }
    let byte = |place: i128| match usize::try_from(place) {
        Err(_) if place < 0 => 0,
        Err(_) => text.len(),
        Ok(place) => text.char_indices().nth(place).map_or(text.len(), |(at, _)| at),
    };
    let (from, to) = (byte(from), byte(to));
    &text[from..to.max(from)]
}

/// `SUBSTR(text, from, length)`: from 1 on, or from the end if less than none.
pub fn substr(args: &Args) -> PolarsResult<Column> {
    args.texts(|row, out| {
        let (Some(text), Some(from)) = (args.readers[0].text(row), args.readers[1].whole(row)) else {
            return Ok(false);
        };
        let all = text.chars().count() as i128;
        let start = match from {
            1.. => from - 1,
            0 => -1,
            _ => all + from,
        };
        let end = match args.readers.get(2).map(|length| length.whole(row)) {
            None => i128::MAX,
            Some(None) => return Ok(false),
            Some(Some(length)) => start.saturating_add(length),
        };
        // A length below 0 goes backwards.
        out.push_str(if end < start { slice(text, end.max(0), start) } else { slice(text, start.max(0), end) });
        Ok(true)
    })
}

fn part(args: &Args, bounds: fn(i128, i128) -> (i128, i128)) -> PolarsResult<Column> {
    args.texts(|row, out| {
        let (Some(text), Some(n)) = (args.readers[0].text(row), args.readers[1].whole(row)) else { return Ok(false) };
        let (from, to) = bounds(text.chars().count() as i128, n);
        out.push_str(slice(text, from.max(0), to));
        Ok(true)
    })
}

/// The first characters, or all but the last if less than none.
pub fn left(args: &Args) -> PolarsResult<Column> {
    part(args, |all, n| (0, if n < 0 { all + n } else { n }))
}

pub fn right(args: &Args) -> PolarsResult<Column> {
    part(args, |all, n| (if n < 0 { -n } else { all - n }, all))
}

pub fn replace(args: &Args) -> PolarsResult<Column> {
    args.texts(|row, out| {
        let get = |i: usize| args.readers[i].text(row);
        let (Some(text), Some(old), Some(new)) = (get(0), get(1), get(2)) else { return Ok(false) };
        if old.is_empty() {
            out.push_str(text);
        } else {
            out.push_str(&text.replace(old, new));
        }
        Ok(true)
    })
}

pub fn split_part(args: &Args) -> PolarsResult<Column> {
    args.texts(|row, out| {
        let (Some(text), Some(by), Some(n)) =
            (args.readers[0].text(row), args.readers[1].text(row), args.readers[2].whole(row))
        else {
            return Ok(false);
        };
        let all = text.split(by);
        // Nothing stands between each two letters.
        let ends = usize::from(by.is_empty());
        let parts: Vec<&str> = all.clone().skip(ends).take(all.count() - 2 * ends).collect();
        let at = if n < 0 { parts.len() as i128 + n } else { n - 1 };
        out.push_str(usize::try_from(at).ok().and_then(|at| parts.get(at)).copied().unwrap_or_default());
        Ok(true)
    })
}

fn trimmed(args: &Args, start: bool, end: bool) -> PolarsResult<Column> {
    args.texts(|row, out| {
        let Some(text) = args.readers[0].text(row) else { return Ok(false) };
        let what = match args.readers.get(1).map(|what| what.text(row)) {
            None => " ",
            Some(None) => return Ok(false),
            Some(Some(what)) => what,
        };
        let fits = |c: char| what.contains(c);
        let text = if start { text.trim_start_matches(fits) } else { text };
        out.push_str(if end { text.trim_end_matches(fits) } else { text });
        Ok(true)
    })
}

pub fn trim(args: &Args) -> PolarsResult<Column> {
    trimmed(args, true, true)
}

pub fn trim_start(args: &Args) -> PolarsResult<Column> {
    trimmed(args, true, false)
}

pub fn trim_end(args: &Args) -> PolarsResult<Column> {
    trimmed(args, false, true)
}

fn padded(args: &Args, before: bool) -> PolarsResult<Column> {
    args.texts(|row, out| {
        let (Some(text), Some(n), Some(with)) =
            (args.readers[0].text(row), args.readers[1].whole(row), args.readers[2].text(row))
        else {
            return Ok(false);
        };
        let wanted =
            usize::try_from(n.max(0)).ok().filter(|n| *n <= LONGEST).ok_or_else(|| fail("the text is too long"))?;
        let has = text.chars().count();
        let more = wanted.saturating_sub(has);
        if more > 0 && with.is_empty() {
            return Err(fail("text can't be made longer with nothing: give LPAD and RPAD a text to add"));
        }
        if before {
            out.extend(with.chars().cycle().take(more));
        }
        out.extend(text.chars().take(wanted));
        if !before {
            out.extend(with.chars().cycle().take(more));
        }
        Ok(true)
    })
}

pub fn pad_start(args: &Args) -> PolarsResult<Column> {
    padded(args, true)
}

pub fn pad_end(args: &Args) -> PolarsResult<Column> {
    padded(args, false)
}

pub fn repeat(args: &Args) -> PolarsResult<Column> {
    args.texts(|row, out| {
        let (Some(text), Some(n)) = (args.readers[0].text(row), args.readers[1].whole(row)) else { return Ok(false) };
        let n = usize::try_from(n.max(0)).ok().filter(|n| n.saturating_mul(text.len()) <= LONGEST);
        out.push_str(&text.repeat(n.ok_or_else(|| fail("the text is too long"))?));
        Ok(true)
    })
}

/// The place of a text in another, from 1 on, or 0.
pub fn position(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| {
        let (Some(text), Some(part)) = (args.readers[0].text(row), args.readers[1].text(row)) else { return Ok(None) };
        Ok(Some(text.find(part).map_or(0, |at| text[..at].chars().count() as i128 + 1)))
    })
}

fn both(args: &Args, fits: impl Fn(&str, &str) -> bool) -> PolarsResult<Column> {
    args.bools(|row| Some(fits(args.readers[0].text(row)?, args.readers[1].text(row)?)))
}

pub fn starts_with(args: &Args) -> PolarsResult<Column> {
    both(args, |text, part| text.starts_with(part))
}

pub fn ends_with(args: &Args) -> PolarsResult<Column> {
    both(args, |text, part| text.ends_with(part))
}

pub fn contains(args: &Args) -> PolarsResult<Column> {
    both(args, |text, part| text.contains(part))
}

pub fn ascii(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| {
        Ok(args.readers[0].text(row).map(|text| text.chars().next().map_or(0, |c| i128::from(u32::from(c)))))
    })
}

pub fn chr(args: &Args) -> PolarsResult<Column> {
    args.texts(|row, out| {
        let Some(code) = args.readers[0].whole(row) else { return Ok(false) };
        let c = u32::try_from(code).ok().and_then(char::from_u32);
        out.push(c.ok_or_else(|| fail(format!("there is no character {code}")))?);
        Ok(true)
    })
}

// ---------------------------------------------------------------- LIKE

/// What a pattern is made of.
enum Part {
    One(char),
    AnyOne,
    AnyMany,
}

fn pattern(text: &str, escape: Option<char>) -> PolarsResult<Vec<Part>> {
    let mut parts = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        parts.push(match c {
            c if Some(c) == escape => {
                Part::One(chars.next().ok_or_else(|| fail("a pattern of LIKE ends in its ESCAPE"))?)
            }
            '%' => Part::AnyMany,
            '_' => Part::AnyOne,
            c => Part::One(c),
        });
    }
    Ok(parts)
}

/// Whether a text fits a pattern as a whole. Goes back to the last `%` only, since what an earlier one takes is no matter.
fn fits(text: &str, parts: &[Part]) -> bool {
    let mut chars = text.chars();
    let mut at = 0;
    let mut back: Option<(std::str::Chars, usize)> = None;
    loop {
        if let Some(Part::AnyMany) = parts.get(at) {
            at += 1;
            back = Some((chars.clone(), at));
            continue;
        }
        let mut after = chars.clone();
        let next = after.next();
        let matches = match (parts.get(at), next) {
            (None, None) => return true,
            (Some(Part::One(wanted)), Some(c)) => *wanted == c,
            (Some(Part::AnyOne), Some(_)) => true,
            _ => false,
        };
        if matches {
            chars = after;
            at += 1;
            continue;
        }
        // The last `%` takes one character more.
        let Some((from, start)) = &mut back else { return false };
        if from.next().is_none() {
            return false;
        }
        chars = from.clone();
        at = *start;
    }
}

fn like_with(args: &Args, change: fn(&str) -> String, is_plain: bool) -> PolarsResult<Column> {
    let mut known: Option<(String, Option<char>, Vec<Part>)> = None;
    let mut wrong = None;
    let values = args.bools(|row| {
        let (text, like) = (args.readers[0].text(row)?, args.readers[1].text(row)?);
        let escape = match args.readers.get(2) {
            None => None,
            Some(escape) => escape.text(row)?.chars().next(),
        };
        if known.as_ref().is_none_or(|(known, with, _)| known != like || *with != escape) {
            let parts = if is_plain { pattern(like, escape) } else { pattern(&change(like), escape) };
            match parts {
                Ok(parts) => known = Some((like.to_owned(), escape, parts)),
                Err(error) => {
                    wrong = Some(error);
                    return None;
                }
            }
        }
        let parts = known.as_ref().map_or(&[][..], |(_, _, parts)| parts);
        Some(if is_plain { fits(text, parts) } else { fits(&change(text), parts) })
    });
    wrong.map_or(values, Err)
}

pub fn like(args: &Args) -> PolarsResult<Column> {
    like_with(args, str::to_owned, true)
}

pub fn ilike(args: &Args) -> PolarsResult<Column> {
    like_with(args, lowered, false)
}

/// Whether a part of a text fits a regular expression.
pub fn matches(args: &Args) -> PolarsResult<Column> {
    regular(args, |pattern| pattern.to_owned())
}

/// Whether a text as a whole fits a regular expression.
pub fn matches_whole(args: &Args) -> PolarsResult<Column> {
    regular(args, |pattern| format!("^(?:{pattern})$"))
}

fn regular(args: &Args, form: fn(&str) -> String) -> PolarsResult<Column> {
    let mut known: Option<(String, regex::Regex)> = None;
    let mut wrong = None;
    let values = args.bools(|row| {
        let (text, pattern) = (args.readers[0].text(row)?, args.readers[1].text(row)?);
        if known.as_ref().is_none_or(|(known, _)| known != pattern) {
            let made = translated(pattern).and_then(|pattern| {
                regex::Regex::new(&form(&pattern)).map_err(|error| match error {
                    regex::Error::CompiledTooBig(_) => "too much of it".to_owned(),
                    error => error.to_string().lines().last().unwrap_or_default().replace("error: ", ""),
                })
            });
            match made {
                Ok(regex) => known = Some((pattern.to_owned(), regex)),
                Err(what) => {
                    wrong = Some(fail(format!("{pattern:?} is no regular expression as RE2 has them: {what}")));
                    return None;
                }
            }
        }
        known.as_ref().map(|(_, regex)| regex.is_match(text))
    });
    wrong.map_or(values, Err)
}
