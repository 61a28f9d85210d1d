//! Regular expressions as RE2 reads them, which DuckDB has, in the words of the crate `regex`: what differs is written in another
//! way, and what one of the two does not know is refused.

/// Nothing is repeated more often, repeated within what is repeated included.
const MOST_REPEATED: u32 = 1000;
/// Names of classes that mean the same to both.
const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word",
    "xdigit",
];
const SCRIPTS: [&str; 11] =
    ["Latin", "Greek", "Cyrillic", "Han", "Arabic", "Hebrew", "Hiragana", "Katakana", "Thai", "Hangul", "Devanagari"];

/// The pattern for the crate `regex`, or what of it is not known.
pub fn translated(pattern: &str) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    // How often what stands in each open parenthesis is repeated already, and what was read last.
    let mut open = vec![1];
    let (mut inner, mut is_repeated) = (1, false);
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let repeats = match c {
            '*' | '+' | '?' => Some((1, 1)),
            '{' => repetition(after).map(|(length, times)| (length + 1, times)),
            _ => None,
        };
        if let Some((length, times)) = repeats {
            if is_repeated {
                return Err(format!("{:?} behind what is repeated already", &rest[..length]));
            }
            if times * inner > MOST_REPEATED {
                return Err(format!("more than {MOST_REPEATED} repetitions"));
            }
            inner *= times.max(1);
            let length = length + usize::from(rest[length..].starts_with('?'));
            out.push_str(&rest[..length]);
            rest = &rest[length..];
            is_repeated = true;
            let last = open.len() - 1;
            open[last] = open[last].max(inner);
            continue;
        }
        (inner, is_repeated) = (1, false);
        rest = after;
        match c {
            '\\' => rest = escaped(rest, &mut out, false)?,
            '[' => rest = class(rest, &mut out)?,
            '{' => out.push_str("\\{"),
            '(' => {
                open.push(1);
                out.push('(');
                if let Some(flags) = rest.strip_prefix('?') {
                    let flags = &flags[..flags.find([':', ')', '<', '>', '\'', '=', '!']).unwrap_or(flags.len())];
                    let is_name = flags == "P" && rest.starts_with("?P<");
                    if !is_name && (rest.starts_with("?<") || !flags.chars().all(|flag| "imsU-".contains(flag))) {
                        return Err(format!("{:?}", format!("(?{}", &rest[1..(flags.len() + 2).min(rest.len())])));
                    }
                    // Flags alone open nothing.
                    out.push_str(&rest[..1 + flags.len()]);
                    rest = &rest[1 + flags.len()..];
                }
            }
            ')' => {
                out.push(')');
                if open.len() > 1 {
                    inner = open.pop().unwrap_or(1);
                    let last = open.len() - 1;
                    open[last] = open[last].max(inner);
                }
            }
            c => out.push(c),
        }
    }
    Ok(out)
}

/// How long `2,5}` is, and how often it repeats, if it is such.
fn repetition(text: &str) -> Option<(usize, u32)> {
    let inside = &text[..text.find('}')?];
    let (least, most) = inside.split_once(',').unwrap_or((inside, inside));
    let number = |digits: &str| {
        (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
            .then(|| digits.parse().unwrap_or(u32::MAX / 2000))
    };
    let least: u32 = number(least)?;
    let most = if most.is_empty() { least } else { number(most)? };
    Some((inside.len() + 1, least.max(most)))
}

/// What stands behind a `\`, and what follows it.
fn escaped<'t>(text: &'t str, out: &mut String, in_class: bool) -> Result<&'t str, String> {
    let Some(c) = text.chars().next() else { return Err("a \\ at its end".to_owned()) };
    let rest = &text[c.len_utf8()..];
    let unknown = || Err(format!("\\{c}"));
    let known = match (c, in_class) {
        ('d', false) => "[0-9]",
        ('D', false) => "[^0-9]",
        ('w', false) => "[0-9A-Za-z_]",
        ('W', false) => "[^0-9A-Za-z_]",
        ('s', false) => "[\\t\\n\\x0C\\r ]",
        ('S', false) => "[^\\t\\n\\x0C\\r ]",
        ('b', false) => "(?-u:\\b)",
        ('A', false) => "\\A",
        ('z', false) => "\\z",
        ('d', true) => "0-9",
        ('w', true) => "0-9A-Za-z_",
        ('s', true) => "\\t\\n\\x0C\\r ",
        ('n', _) => "\\n",
        ('t', _) => "\\t",
        ('r', _) => "\\r",
        ('f', _) => "\\x0C",
        ('v', _) => "\\x0B",
        ('a', _) => "\\x07",
        ('x', _) => "\\x",
        ('Q', false) => {
            let (literal, rest) = rest.split_once("\\E").unwrap_or((rest, ""));
            out.push_str(&regex::escape(literal));
            return Ok(rest);
        }
        ('p' | 'P', _) => {
            let (name, rest) = match rest.strip_prefix('{') {
                Some(inside) => inside.split_once('}').ok_or_else(|| format!("\\{c}{{"))?,
                None => rest.split_at(rest.chars().next().map_or(0, char::len_utf8)),
            };
            let (negated, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
            if name.is_empty() || name.len() > 2 && !SCRIPTS.contains(&name) {
                return Err(format!("\\{c}{{{name}}}"));
            }
            out.push_str(if (c == 'P') != negated { "\\P{" } else { "\\p{" });
            out.push_str(name);
            out.push('}');
            return Ok(rest);
        }
        (c, _) if c.is_ascii_punctuation() => {
            out.push_str(&if matches!(c, '<' | '>') { c.to_string() } else { format!("\\{c}") });
            return Ok(rest);
        }
        _ => return unknown(),
    };
    out.push_str(known);
    Ok(rest)
}

/// What stands behind a `[`, up to its end, and what follows it.
fn class<'t>(text: &'t str, out: &mut String) -> Result<&'t str, String> {
    out.push('[');
    let mut rest = text;
    if let Some(after) = rest.strip_prefix('^') {
        out.push('^');
        rest = after;
    }
    if let Some(after) = rest.strip_prefix(']') {
        out.push_str("\\]");
        rest = after;
    }
    loop {
        let Some(c) = rest.chars().next() else { return Err("a [ that is never closed".to_owned()) };
        let after = &rest[c.len_utf8()..];
        rest = after;
        match c {
            ']' => {
                out.push(']');
                return Ok(rest);
            }
            '\\' => rest = escaped(rest, out, true)?,
            '[' if rest.starts_with(':') => {
                let (name, after) = rest[1..].split_once(":]").ok_or("a [: that is never closed")?;
                if !POSIX.contains(&name.strip_prefix('^').unwrap_or(name)) {
                    return Err(format!("[:{name}:]"));
                }
                out.push_str(&format!("[:{name}:]"));
                rest = after;
            }
            '[' | '&' | '~' => out.extend(['\\', c]),
            '-' if rest.starts_with('-') => out.push_str("\\-"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_written_in_another_way_or_refused() {
        for (pattern, expected) in [
            (r"a\d+[\w-]*", r"a[0-9]+[0-9A-Za-z_-]*"),
            (r"\<a\>", r"<a>"),
            (r"[a&&b]", r"[a\&\&b]"),
            (r"[[a]", r"[\[a]"),
            (r"[]a]", r"[\]a]"),
            (r"[[:alpha:]_]", r"[[:alpha:]_]"),
            (r"a{x", r"a\{x"),
            (r"a{2,3}?b", r"a{2,3}?b"),
            (r"(?i)x(?:y)(?P<n>z)", r"(?i)x(?:y)(?P<n>z)"),
            (r"\Qa.b\E.", r"a\.b."),
            (r"\p{^L}\pN", r"\P{L}\p{N}"),
        ] {
            assert_eq!(translated(pattern).as_deref(), Ok(expected), "{pattern}");
            assert!(regex::Regex::new(expected).is_ok(), "{expected}");
        }
        for pattern in [
            r"a**",
            r"a+*",
            r"(?x)a",
            r"(?<n>a)",
            r"\u0041",
            r"x{1001}",
            r"(x{40}y){40}",
            r"\p{Letter}",
            r"[[:foo:]]",
            r"\B",
            r"[a",
            "\\",
        ] {
            assert!(translated(pattern).is_err(), "{pattern}");
        }
    }
}
