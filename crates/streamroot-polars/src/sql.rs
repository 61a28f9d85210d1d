//! Reads a query's text: one SELECT, or COPY of one.
//!
//! Quotes inside names and texts stay doubled in the tree, as they are written: the parser can't tell `'''a'` from `'''''a'`
//! when it writes the values of both again.

use std::any::TypeId;
use std::ops::ControlFlow;

use sqlparser::ast::{CopyOption, CopySource, CopyTarget, Expr, LimitClause, Query, Statement, Visit, Visitor};
use sqlparser::dialect::{Dialect, GenericDialect};
use sqlparser::parser::{Parser, ParserError, ParserOptions};
use sqlparser::tokenizer::Location;

use crate::plan::scope::nearest;
use crate::refusal::Refusal;

/// More text than this is no question that a person asks.
const LONGEST_QUERY: usize = 1 << 17;
/// How deep expressions may be nested, so that nothing that walks them runs out of stack.
const DEEPEST: usize = 150;

/// Words that a query is made of, for what is written nearly so.
const KEYWORDS: &str = "SELECT DISTINCT FROM WHERE GROUP BY HAVING QUALIFY ORDER LIMIT OFFSET WITH UNION INTERSECT EXCEPT \
    JOIN LEFT RIGHT FULL INNER CROSS ON USING AS BETWEEN LIKE CASE WHEN THEN END";

/// SQL as the engine knows it: what most databases have.
#[derive(Debug)]
struct Spoken;

/// Says yes to all of these.
macro_rules! supports {
    ($($what:ident)+) => { $(fn $what(&self) -> bool { true })+ };
}

impl Dialect for Spoken {
    fn dialect(&self) -> TypeId {
        TypeId::of::<GenericDialect>()
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '"' || ch == '`'
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch == '_'
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch.is_ascii_digit() || ch == '_' || ch == '$'
    }

    supports! {
        supports_group_by_expr
        supports_group_by_with_modifier
        supports_left_associative_joins_without_parens
        supports_window_function_null_treatment_arg
        supports_select_wildcard_except
        allow_extract_custom
        allow_extract_single_quotes
        supports_parens_around_table_factor
        supports_values_as_table_factor
        supports_projection_trailing_commas
        supports_bitwise_shift_operators
        supports_nested_comments
        supports_filter_during_aggregation
        supports_select_wildcard_exclude
        supports_select_wildcard_replace
        supports_numeric_literal_underscores
        supports_order_by_all
        supports_comma_separated_trim
        supports_from_first_select
        supports_select_wildcard_rename
    }
}

/// What can be asked.
pub enum Request {
    Query(Box<Query>),
    /// `COPY (SELECT ...) TO 'path' (FORMAT PARQUET)`
    Save {
        query: Box<Query>,
        path: String,
    },
}

/// Reads one query, or one that is to be saved.
pub fn parse(sql: &str) -> std::result::Result<Request, Refusal> {
    if sql.len() > LONGEST_QUERY {
        return Err(Refusal::new(format!("the query is longer than {LONGEST_QUERY} bytes: shorten it")));
    }
    let statements =
        parser(sql).and_then(|mut parser| parser.parse_statements()).map_err(|error| syntax_error(&error, sql))?;
    let mut statements = statements.into_iter();
    match (statements.next(), statements.next()) {
        (Some(Statement::Query(query)), None) => {
            check_depth(&query)?;
            Ok(Request::Query(query))
        }
        (Some(Statement::Copy { source: CopySource::Query(query), to: true, target, options, .. }), None) => {
            check_depth(&query)?;
            let parquet = |option: &CopyOption| matches!(option, CopyOption::Format(format) if format.value.eq_ignore_ascii_case("parquet"));
            match target {
                CopyTarget::File { filename } if !options.is_empty() && options.iter().all(parquet) => {
                    Ok(Request::Save { query, path: filename.replace("''", "'") })
                }
                _ => Err(Refusal::new(
                    "an answer is saved as Parquet: write COPY (SELECT ...) TO 'file.parquet' (FORMAT PARQUET)",
                )),
            }
        }
        (Some(_), Some(_)) => Err(Refusal::new("only one statement can be run at a time")),
        (Some(other), None) => {
            let text = other.to_string();
            let verb = text.split_whitespace().next().unwrap_or("this");
            Err(Refusal::new(format!("{verb} can't be run: the data can be read with SELECT only")))
        }
        (None, _) => Err(Refusal::new("the query is empty: write a SELECT")),
    }
}

/// A parser that leaves quotes inside names and texts doubled.
pub fn parser(sql: &str) -> std::result::Result<Parser<'_>, ParserError> {
    let options = ParserOptions { trailing_commas: true, unescape: false, ..ParserOptions::default() };
    Parser::new(&Spoken).with_options(options).try_with_sql(sql)
}

fn syntax_error(error: &ParserError, sql: &str) -> Refusal {
    let text = match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.clone(),
        ParserError::RecursionLimitExceeded => return too_deep(),
    };
    let (said, place) = match text.rsplit_once(" at Line: ") {
        Some((said, place)) => (said.to_owned(), place.split_once(", Column: ")),
        None => (text.clone(), None),
    };
    let place = place.and_then(|(line, column)| {
        Some(Location { line: line.trim().parse().ok()?, column: column.trim().parse().ok()? })
    });
    // What was found may be a word that was meant to be another, here or just before.
    let found = said.rsplit_once("found: ").map(|(_, found)| found.trim()).filter(|_| !said.contains("found: EOF"));
    let line = place.and_then(|place: Location| sql.lines().nth(usize::try_from(place.line).ok()?.checked_sub(1)?));
    let before: Option<String> = place
        .zip(line)
        .map(|(place, line)| line.chars().take(usize::try_from(place.column).unwrap_or(1).saturating_sub(1)).collect());
    let last = before.as_deref().and_then(|before| before.split_whitespace().last());
    let is_word = |word: &&str| word.len() > 1 && word.chars().all(char::is_alphabetic);
    let meant = found.into_iter().chain(last).filter(is_word).find_map(|word| {
        let known = KEYWORDS.split(' ').any(|keyword| keyword.eq_ignore_ascii_case(word));
        let keyword = if known { None } else { nearest(word, KEYWORDS.split(' ')) };
        keyword.map(|keyword| format!(" (is {word} meant to be {keyword}?)"))
    });
    let words = |wanted: &str| {
        sql.split(|c: char| !c.is_alphanumeric()).filter(|word| word.eq_ignore_ascii_case(wanted)).count()
    };
    let hint = match meant {
        Some(meant) => meant,
        None if sql.contains(['‘', '’', '“', '”']) => {
            " (quotes are plain here: ' around texts, \" around names)".to_owned()
        }
        None if words("case") > words("end") => " (a CASE has no END)".to_owned(),
        None => String::new(),
    };
    Refusal::at_place(place, format!("this is not SQL as the engine knows it: {said}{hint}"))
}

fn too_deep() -> Refusal {
    Refusal::new("the query is nested too deeply: use IN (...) for a long list of conditions, and WITH for steps")
}

fn check_depth(query: &Query) -> std::result::Result<(), Refusal> {
    struct Depth(usize);
    impl Visitor for Depth {
        type Break = ();
        fn pre_visit_expr(&mut self, _: &Expr) -> ControlFlow<()> {
            self.0 += 1;
            if self.0 > DEEPEST { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
        fn post_visit_expr(&mut self, _: &Expr) -> ControlFlow<()> {
            self.0 -= 1;
            ControlFlow::Continue(())
        }
    }
    if query.visit(&mut Depth(0)).is_break() { Err(too_deep()) } else { Ok(()) }
}

/// Whether only the answer's columns are asked for, with LIMIT 0.
pub fn wants_no_rows(query: &Query) -> bool {
    matches!(&query.limit_clause, Some(LimitClause::LimitOffset { limit: Some(limit), .. }) if limit.to_string() == "0")
}

/// An expression that is spelled out.
pub fn expression(text: &str) -> Option<Expr> {
    parser(text).and_then(|mut parser| parser.parse_expr()).ok()
}
