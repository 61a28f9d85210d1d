//! Functions of text. What counts characters counts those of Unicode.

use std::borrow::Cow;

use polars::prelude::{Column, PolarsResult};

use super::patterns::translated;
use super::rows::{Args, fail};

/// Longer texts than this are not made.
const LONGEST: usize = 1 << 26;

/// A text of one.
pub fn of_text(args: &Args, write: impl Fn(&str, &mut String)) -> PolarsResult<Column> {
    args.texts(|row, out| args.text(0, row).map(|text| write(text, out)))
}

pub fn upper(args: &Args) -> PolarsResult<Column> {
    of_text(args, |text, out| out.extend(text.chars().map(upper_of)))
}

pub fn lower(args: &Args) -> PolarsResult<Column> {
    of_text(args, |text, out| out.push_str(&lowered(text)))
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

/// How many of something a text has.
pub fn count(args: &Args, count: fn(&str) -> usize) -> PolarsResult<Column> {
    args.wholes(|row| args.text(0, row).map(|text| count(text) as i128))
}

/// `||`: nothing if one of the texts is missing.
pub fn join(args: &Args) -> PolarsResult<Column> {
    args.texts(|row, out| args.readers.iter().try_for_each(|reader| reader.text(row).map(|text| out.push_str(text))))
}

/// `CONCAT`: missing texts are left out.
pub fn concat(args: &Args) -> PolarsResult<Column> {
    args.texts(|row, out| {
        args.readers.iter().filter_map(|reader| reader.text(row)).for_each(|text| out.push_str(text));
        Some(())
    })
}

/// `CONCAT_WS`: missing texts are left out, and a text stands between each two.
pub fn concat_with(args: &Args) -> PolarsResult<Column> {
    args.texts(|row, out| {
        let between = args.text(0, row)?;
        for (i, text) in args.readers[1..].iter().filter_map(|reader| reader.text(row)).enumerate() {
            if i > 0 {
                out.push_str(between);
            }
            out.push_str(text);
        }
        Some(())
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
        let (text, from) = (args.text(0, row)?, args.whole(1, row)?);
        let all = text.chars().count() as i128;
        let start = match from {
            1.. => from - 1,
            0 => -1,
            _ => all + from,
        };
        let end = match args.readers.get(2) {
            None => i128::MAX,
            Some(length) => start.saturating_add(length.whole(row)?),
        };
        // A length below 0 goes backwards.
        out.push_str(if end < start { slice(text, end.max(0), start) } else { slice(text, start.max(0), end) });
        Some(())
    })
}

/// The characters between bounds that are computed of how many there are and of a number.
pub fn part(args: &Args, bounds: fn(i128, i128) -> (i128, i128)) -> PolarsResult<Column> {
    args.texts(|row, out| {
        let (text, n) = (args.text(0, row)?, args.whole(1, row)?);
        let (from, to) = bounds(text.chars().count() as i128, n);
        out.push_str(slice(text, from.max(0), to));
        Some(())
    })
}

pub fn replace(args: &Args) -> PolarsResult<Column> {
    args.texts(|row, out| {
        let (text, old, new) = (args.text(0, row)?, args.text(1, row)?, args.text(2, row)?);
        if old.is_empty() {
            out.push_str(text);
        } else {
            out.push_str(&text.replace(old, new));
        }
        Some(())
    })
}

pub fn split_part(args: &Args) -> PolarsResult<Column> {
    args.texts(|row, out| {
        let (text, by, n) = (args.text(0, row)?, args.text(1, row)?, args.whole(2, row)?);
        let all = text.split(by);
        // Nothing stands between each two letters.
        let ends = usize::from(by.is_empty());
        let parts: Vec<&str> = all.clone().skip(ends).take(all.count() - 2 * ends).collect();
        let at = if n < 0 { parts.len() as i128 + n } else { n - 1 };
        out.push_str(usize::try_from(at).ok().and_then(|at| parts.get(at)).copied().unwrap_or_default());
        Some(())
    })
}

/// Without what stands at its start, at its end, or both: spaces, or the characters of another text.
pub fn trimmed(args: &Args, start: bool, end: bool) -> PolarsResult<Column> {
    args.texts(|row, out| {
        let text = args.text(0, row)?;
        let what = args.readers.get(1).map_or(Some(" "), |what| what.text(row))?;
        let fits = |c: char| what.contains(c);
        let text = if start { text.trim_start_matches(fits) } else { text };
        out.push_str(if end { text.trim_end_matches(fits) } else { text });
        Some(())
    })
}

/// As long as a number says, with another text before it or behind it.
pub fn padded(args: &Args, before: bool) -> PolarsResult<Column> {
    args.texts(|row, out| {
        let (Some(text), Some(n), Some(with)) = (args.text(0, row), args.whole(1, row), args.text(2, row)) else {
            return Ok(None);
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
        Ok(Some(()))
    })
}

pub fn repeat(args: &Args) -> PolarsResult<Column> {
    args.texts(|row, out| {
        let (Some(text), Some(n)) = (args.text(0, row), args.whole(1, row)) else { return Ok(None) };
        let n = usize::try_from(n.max(0)).ok().filter(|n| n.saturating_mul(text.len()) <= LONGEST);
        out.push_str(&text.repeat(n.ok_or_else(|| fail("the text is too long"))?));
        Ok(Some(()))
    })
}

/// The place of a text in another, from 1 on, or 0.
pub fn position(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| {
        let (text, part) = (args.text(0, row)?, args.text(1, row)?);
        Some(text.find(part).map_or(0, |at| text[..at].chars().count() as i128 + 1))
    })
}

/// Whether a text fits another.
pub fn both(args: &Args, fits: fn(&str, &str) -> bool) -> PolarsResult<Column> {
    args.bools(|row| Some(fits(args.text(0, row)?, args.text(1, row)?)))
}

pub fn ascii(args: &Args) -> PolarsResult<Column> {
    args.wholes(|row| args.text(0, row).map(|text| text.chars().next().map_or(0, |c| i128::from(u32::from(c)))))
}

pub fn chr(args: &Args) -> PolarsResult<Column> {
    args.texts(|row, out| {
        let Some(code) = args.whole(0, row) else { return Ok(None) };
        let c = u32::try_from(code).ok().and_then(char::from_u32);
        out.push(c.ok_or_else(|| fail(format!("there is no character {code}")))?);
        Ok(Some(()))
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

/// Whether a text fits a pattern of LIKE, both as `change` makes them.
fn like_with(args: &Args, change: fn(&str) -> Cow<'_, str>) -> PolarsResult<Column> {
    let mut known: Option<(String, Option<char>)> = None;
    let mut parts = Vec::new();
    args.bools(|row| {
        let (Some(text), Some(like)) = (args.text(0, row), args.text(1, row)) else { return Ok(None) };
        let escape = match args.readers.get(2).map(|escape| escape.text(row)) {
            None => None,
            Some(None) => return Ok(None),
            Some(Some(escape)) => escape.chars().next(),
        };
        if known.as_ref().is_none_or(|(known, with)| known != like || *with != escape) {
            parts = pattern(&change(like), escape)?;
            known = Some((like.to_owned(), escape));
        }
        Ok(Some(fits(&change(text), &parts)))
    })
}

pub fn like(args: &Args) -> PolarsResult<Column> {
    like_with(args, |text| Cow::Borrowed(text))
}

pub fn ilike(args: &Args) -> PolarsResult<Column> {
    like_with(args, |text| Cow::Owned(lowered(text)))
}

/// Whether a part of a text fits a regular expression, or if `whole`, the text from its start to its end.
pub fn matches(args: &Args, whole: bool) -> PolarsResult<Column> {
    let mut known: Option<(String, regex::Regex)> = None;
    args.bools(|row| {
        let (Some(text), Some(pattern)) = (args.text(0, row), args.text(1, row)) else { return Ok(None) };
        if known.as_ref().is_none_or(|(known, _)| known != pattern) {
            known = Some((pattern.to_owned(), regular(pattern, whole)?));
        }
        Ok(known.as_ref().map(|(_, regex)| regex.is_match(text)))
    })
}

fn regular(pattern: &str, whole: bool) -> PolarsResult<regex::Regex> {
    let made = translated(pattern).and_then(|known| {
        let known = if whole { format!("^(?:{known})$") } else { known };
        regex::Regex::new(&known).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "too much of it".to_owned(),
            error => error.to_string().lines().last().unwrap_or_default().replace("error: ", ""),
        })
    });
    made.map_err(|what| fail(format!("{pattern:?} is no regular expression as RE2 has them: {what}")))
}
