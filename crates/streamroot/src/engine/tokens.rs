//! What SQL text is made of, as far as it matters where a text in it ends and a bracket is one.

use crate::{Error, Result};

/// The length of what a query begins with: something in quotes, a comment, a word, or a single character.
pub(super) fn token_len(sql: &str, first: char) -> usize {
    match first {
        '\'' | '"' | '`' => {
            // A quote that stands for itself is written twice.
            let mut quotes = sql.match_indices(first).skip(1).map(|(at, _)| at).peekable();
            while let Some(at) = quotes.next() {
                if quotes.next_if_eq(&(at + 1)).is_none() {
                    return at + 1;
                }
            }
            sql.len()
        }
        '$' => match tag_of(sql) {
            Some(tag) => sql[tag.len()..].find(tag).map_or(sql.len(), |at| at + 2 * tag.len()),
            None => 1,
        },
        '-' if sql.starts_with("--") => sql.find('\n').map_or(sql.len(), |at| at + 1),
        '/' if sql.starts_with("/*") => comment_len(sql).unwrap_or(sql.len()),
        _ if first.is_alphanumeric() || first == '_' => {
            sql.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(sql.len())
        }
        _ => first.len_utf8(),
    }
}

/// What a text in dollars begins and ends with: `$$`, or `$tag$`. None for a single one, as of `$1`.
fn tag_of(sql: &str) -> Option<&str> {
    let end = sql.strip_prefix('$')?.find(|c: char| !c.is_alphanumeric() && c != '_')? + 1;
    let is_tag = sql[end..].starts_with('$') && !sql[1..].starts_with(|c: char| c.is_ascii_digit());
    is_tag.then(|| &sql[..=end])
}

/// The length of the comment that a text begins with, and of those within it, if it is closed.
fn comment_len(sql: &str) -> Option<usize> {
    let (mut open, mut at) = (0, 0);
    loop {
        match sql.get(at..at + 2) {
            Some("/*") => (open, at) = (open + 1, at + 2),
            Some("*/") if open == 1 => return Some(at + 2),
            Some("*/") => (open, at) = (open - 1, at + 2),
            _ if at >= sql.len() => return None,
            _ => at += 1,
        }
    }
}

/// A user's text as it stands within a larger query: in brackets, out of which nothing in it leads.
///
/// # Errors
/// [`Error::Engine`] when it is more than one expression, or when a bracket, a quote or a comment is left open.
pub(crate) fn one_expression(sql: &str) -> Result<String> {
    Ok(format!("({sql}{})", end_of(sql, &[',', ';'])?))
}

/// A user's text as it stands behind FROM: like an expression, but several tables may stand side by side.
///
/// # Errors
/// [`Error::Engine`] when a bracket, a quote or a comment is left open, or a bracket is closed that is not.
pub(crate) fn source(sql: &str) -> Result<String> {
    Ok(format!("{sql}{}", end_of(sql, &[';'])?))
}

/// What has to stand behind a user's text, so that a comment at its end does not take in what follows. An error when the text
/// is not whole, or when one of the separators stands outside of its brackets.
fn end_of(sql: &str, separators: &[char]) -> Result<&'static str> {
    let refused = |why: &str| Err(Error::Engine(format!("{sql} is {why}")));
    let left_open =
        |what: &str| refused(&format!("no whole expression, it does not close {what}: close it, or leave it out"));
    let (mut open, mut rest, mut end) = (Vec::new(), sql, "");
    while let Some(first) = rest.chars().next() {
        let (token, after) = rest.split_at(token_len(rest, first));
        end = "";
        match first {
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' if open.pop() != Some(first) => {
                return refused(&format!(
                    "more than one expression, it closes a bracket that it has not opened, {first}: write it as one"
                ));
            }
            _ if open.is_empty() && separators.contains(&first) => {
                return refused(&format!("more than one expression, with a {first} between them: give one at a time"));
            }
            // The quotes in it are an even number.
            '\'' | '"' | '`' if token.matches(first).count() % 2 == 1 => {
                return left_open(&format!("the quote {first}"));
            }
            '$' if tag_of(token).is_some_and(|tag| !token[tag.len()..].ends_with(tag)) => {
                return left_open("the quote $");
            }
            '/' if token.starts_with("/*") && comment_len(token).is_none() => return left_open("the comment /*"),
            // This comment would take the bracket in.
            '-' if token.len() > 1 => end = "\n",
            _ => {}
        }
        rest = after;
    }
    match open.last() {
        Some(bracket) => left_open(&format!("a bracket that it opens, with {bracket}")),
        None => Ok(end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_expression_stays_as_it_is_within_brackets() {
        for sql in [
            "age > 80",
            "(a) + (b[1])",
            "')' || 'it''s ('",
            "\"a ) \"\" (\"",
            "`)`",
            "$$ ' ) $$ || $a$ $$ ) $a$ || a$b$c + $1",
            "a -- (\n + b",
            "a /* ( /* ' */ ) */ + b",
            "f(a, b; c)",
            "a - b / c",
            "é",
            "/**/ a",
            "",
        ] {
            assert_eq!(one_expression(sql), Ok(format!("({sql})")));
        }
        assert_eq!(one_expression("a -- (or b"), Ok("(a -- (or b\n)".to_owned()));
        assert_eq!(source("a, (SELECT 1) AS b -- both"), Ok("a, (SELECT 1) AS b -- both\n".to_owned()));
    }

    #[test]
    fn what_leads_out_of_its_brackets_is_refused() {
        for sql in [
            "a) or (b",
            "a)",
            "(a",
            "((a)",
            "(a]",
            "[a)",
            "{a)",
            "'a",
            "'it''s",
            "'''",
            "\"a",
            "`a",
            "$$a",
            "$a$ $$",
            "$$'$$ ) or ($$'$$",
            "/* a",
            "/* /* */ a",
            "/*/ a",
            "a /* ' */ ) --'",
            "a -- '\n)",
            "a, b",
            "a; b",
            "(a), (b)",
            "'\\') or ('",
            "é)",
            "/* é",
        ] {
            let error = one_expression(sql).expect_err(sql).to_string();
            assert!(error.starts_with(sql) && error.contains("expression"), "{error}");
        }
    }
}
