//! What engines write differently. All SQL here, that of a cell too, is written as the standard has it, and said in the
//! engine's own way where that is another.

use std::borrow::Cow;

use crate::engine::tokens::token_len;
use crate::table::{Column, Table, Values};

/// How an engine writes names and texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `"name"` and `'it''s'`, as in the SQL standard: PostgreSQL, DuckDB, the embedded engine, most others.
    Standard,
    /// `` `name` ``, `'it\'s'` and `"text"`: Spark, and what is made to be like it, such as Sail and Databricks.
    Spark,
}

impl Dialect {
    /// A query whose answer tells the dialect: a number where double quotes hold a name; a text, or an error, elsewhere.
    pub(crate) const QUESTION: &str = "SELECT \"quoted\" FROM (SELECT 1 AS \"quoted\") AS probe";

    /// The dialect that an answer to the question speaks of.
    pub(crate) fn of(answer: Option<&Table>) -> Dialect {
        match answer.and_then(|table| table.columns().first()).map(Column::values) {
            Some(Values::Int(_) | Values::Float(_)) => Dialect::Standard,
            _ => Dialect::Spark,
        }
    }

    /// A query in this dialect. Names in backticks, comments and everything else stay as they are.
    pub(crate) fn spoken(self, sql: &str) -> Cow<'_, str> {
        if self == Dialect::Standard {
            return sql.into();
        }
        let mut text = String::with_capacity(sql.len() + 16);
        let mut rest = sql;
        while let Some(first) = rest.chars().next() {
            let (token, after) = rest.split_at(token_len(rest, first));
            let quoted = token.strip_prefix(first).and_then(|token| token.strip_suffix(first));
            match (first, quoted) {
                ('"', Some(name)) => {
                    text += &format!("`{}`", name.replace("\"\"", "\"").replace('`', "``"));
                }
                ('\'', Some(inner)) => {
                    text += &format!("'{}'", inner.replace('\\', "\\\\").replace("''", "\\'"));
                }
                _ if token.eq_ignore_ascii_case("quantile_cont") => text += "percentile",
                _ => text += token,
            }
            rest = after;
        }
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_are_quoted_as_spark_does() {
        for (standard, spark) in [
            (r#"SELECT "isp", COUNT(*) FROM "a b""#, "SELECT `isp`, COUNT(*) FROM `a b`"),
            (r#""with ""two"" and ` in it""#, "`with \"two\" and `` in it`"),
            (r"isp = 'it''s'", r"isp = 'it\'s'"),
            (r"'a\b' || '''' || ''", r"'a\\b' || '\'' || ''"),
            (r#"'a "text" with `quotes`'"#, r#"'a "text" with `quotes`'"#),
            ("FROM parquet.`/data/it's \"here\"` WHERE 1 = 1", "FROM parquet.`/data/it's \"here\"` WHERE 1 = 1"),
            ("1 -- it's \"so\"\n+ \"é\"", "1 -- it's \"so\"\n+ `é`"),
            ("1 /* it's \"so\" */ + \"x\"", "1 /* it's \"so\" */ + `x`"),
            ("1 /* /* a */ \"so\" */ + \"x\"", "1 /* /* a */ \"so\" */ + `x`"),
            ("quantile_cont(p2p, 0.5) AS my_quantile_cont", "percentile(p2p, 0.5) AS my_quantile_cont"),
            ("QUANTILE_CONT(\"p2p\", 0.5)", "percentile(`p2p`, 0.5)"),
            ("a - b / c", "a - b / c"),
            // What does not end is left to the engine's own error.
            ("'open \"q", "'open \"q"),
            ("\"", "\""),
            ("/* open", "/* open"),
            ("", ""),
        ] {
            assert_eq!(Dialect::Spark.spoken(standard), spark);
            assert_eq!(Dialect::Standard.spoken(standard), standard);
        }
    }

    #[test]
    fn the_answer_tells_the_dialect() {
        let answer = |values| Table::of(vec![Column::new("quoted", values)]);
        assert_eq!(Dialect::of(Some(&answer(Values::Int(vec![Some(1)])))), Dialect::Standard);
        assert_eq!(Dialect::of(Some(&answer(Values::Text(vec![Some("quoted".to_owned())])))), Dialect::Spark);
        assert_eq!(Dialect::of(None), Dialect::Spark);
    }
}
