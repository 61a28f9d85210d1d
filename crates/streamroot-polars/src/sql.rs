//! Which SQL the engine answers: reads a query, refuses what polars answers wrongly, and has the rest rewritten.
//!
//! polars' SQL is young: where it does not know a construct it often computes something else instead of saying so. What
//! has been found (by comparing with DuckDB) is refused here, with a sentence that says what to write instead, or put
//! into a form that polars answers correctly, by [`rewrite`]. Everything is decided on the syntax tree.
//!
//! Quotes inside names and texts stay doubled in the tree, as they are written: the parser can't tell `'''a'` from `'''''a'`
//! when it writes the values of both again. What a name stands for, [`name_of`] says.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::ControlFlow;

use adbc_core::error::{Error, Status};
use sqlparser::ast::{
    BinaryOperator, CopyOption, CopySource, CopyTarget, Distinct, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, GroupByExpr, Ident, LimitClause, ObjectName, OrderByExpr, OrderByKind, Query, Select,
    SelectItem, SetExpr, SetOperator, Spanned, Statement, TableFactor, Value, Visitor, WindowType,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError, ParserOptions};
use sqlparser::tokenizer::Location;

use crate::cube::{self, Question};
use crate::rewrite;
use crate::visit::visit;

/// More text than this is no question that a person asks.
const LONGEST_QUERY: usize = 1 << 17;
/// How deep expressions may be nested, so that nothing that walks them runs out of stack.
const DEEPEST: usize = 150;

/// A query that polars can be given.
pub struct Prepared {
    pub text: String,
    /// Whether text columns are only grouped by, counted, selected and compared for equality, so that categories can
    /// stand for them.
    pub by_category: bool,
    /// The same query to a cube of the sessions, if one can answer it.
    pub question: Option<Question>,
    /// Whether only the answer's columns are asked for, with LIMIT 0.
    pub no_rows: bool,
    pub reads_sessions: bool,
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

/// A column of a table that queries can name.
pub struct Column {
    pub name: String,
    pub is_text: bool,
    pub is_fraction: bool,
    pub has_nulls: bool,
}

/// Why a query is refused, and where in it.
#[derive(Debug)]
pub struct Refusal {
    pub sentence: String,
    pub place: Option<Location>,
}

impl Refusal {
    fn at(place: &impl Spanned, sentence: impl Into<String>) -> Refusal {
        let place = place.span().start;
        Refusal { sentence: sentence.into(), place: (place.line > 0).then_some(place) }
    }

    fn at_name(name: &Ident, sentence: impl Into<String>) -> Refusal {
        let place = name.span.start;
        Refusal { sentence: sentence.into(), place: (place.line > 0).then_some(place) }
    }

    /// The sentence, and below it the line of the query with the place marked.
    pub fn into_error(self, query: &str) -> Error {
        let mut message = self.sentence;
        if let Some(place) = self.place
            && let Some(line) = usize::try_from(place.line).ok().and_then(|n| query.lines().nth(n.checked_sub(1)?))
        {
            let column = usize::try_from(place.column).unwrap_or(1).saturating_sub(1).min(line.chars().count());
            // Long queries of one line: show what is around the place.
            let from = column.saturating_sub(70);
            let shown: String = line.chars().skip(from).take(100).map(|c| if c == '\t' { ' ' } else { c }).collect();
            message.push_str(&format!("\n  {shown}\n  {}^", " ".repeat(column - from)));
        }
        Error::with_message_and_status(message, Status::InvalidArguments)
    }
}

/// Reads one query, or one that is to be saved.
pub fn parse(sql: &str) -> std::result::Result<Request, Refusal> {
    if sql.len() > LONGEST_QUERY {
        return Err(Refusal {
            sentence: format!("the query is longer than {LONGEST_QUERY} bytes: shorten it"),
            place: None,
        });
    }
    let statements =
        parser(sql).and_then(|mut parser| parser.parse_statements()).map_err(|error| syntax_error(&error))?;
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
                _ => Err(Refusal {
                    sentence:
                        "an answer is saved as Parquet: write COPY (SELECT ...) TO 'file.parquet' (FORMAT PARQUET)"
                            .to_owned(),
                    place: None,
                }),
            }
        }
        (Some(_), Some(_)) => {
            Err(Refusal { sentence: "only one statement can be run at a time".to_owned(), place: None })
        }
        (Some(other), None) => {
            let text = other.to_string();
            let verb = text.split_whitespace().next().unwrap_or("this");
            Err(Refusal {
                sentence: format!("{verb} can't be run: the data can be read with SELECT only"),
                place: None,
            })
        }
        (None, _) => Err(Refusal { sentence: "the query is empty: write a SELECT".to_owned(), place: None }),
    }
}

/// A parser that leaves quotes inside names and texts doubled.
pub fn parser(sql: &str) -> std::result::Result<Parser<'_>, ParserError> {
    let options = ParserOptions { trailing_commas: true, unescape: false, ..ParserOptions::default() };
    Parser::new(&GenericDialect {}).with_options(options).try_with_sql(sql)
}

/// The name that an identifier stands for, without the quotes around it and with single ones in it.
pub fn name_of(ident: &Ident) -> Cow<'_, str> {
    match ident.quote_style {
        Some(quote) if ident.value.contains(quote) => {
            Cow::Owned(ident.value.replace(&String::from_iter([quote; 2]), &String::from(quote)))
        }
        _ => Cow::Borrowed(&ident.value),
    }
}

/// Refuses or rewrites a query whose scalar subqueries are gone.
///
/// `columns` are those of all tables, the ones of `sessions` first.
pub fn prepare(mut query: Query, columns: &[Column], sessions: usize) -> std::result::Result<Prepared, Refusal> {
    let mut check = Check {
        names: names(&query, columns),
        listed: columns[..sessions].iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", "),
        fractions: with_aliases(&query, columns, |column| column.is_fraction, is_fraction),
        nullable: columns.iter().filter(|column| column.has_nulls).map(|column| column.name.clone()).collect(),
        semi_joins: Vec::new(),
        refusal: None,
    };
    let _ = visit(&query, &mut check);
    if let Some(refusal) = check.refusal {
        return Err(refusal);
    }
    rewrite::rewrite(&mut query)?;
    let by_category = only_categories(&query, columns);
    let is_key = |name: &str| columns[..sessions].iter().any(|column| column.name == name && !column.is_fraction);
    let question = cube::question(&query, &is_key);
    let no_rows = matches!(&query.limit_clause, Some(LimitClause::LimitOffset { limit: Some(limit), .. })
        if limit.to_string() == "0");
    let reads_sessions = reads_sessions(&query);
    Ok(Prepared { text: query.to_string(), by_category, question, no_rows, reads_sessions })
}

fn reads_sessions(query: &Query) -> bool {
    struct Relations;
    impl Visitor for Relations {
        type Break = ();
        fn pre_visit_relation(&mut self, name: &ObjectName) -> ControlFlow<()> {
            match name.to_string().trim_matches('"') {
                "sessions" => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        }
    }
    visit(query, &mut Relations).is_break()
}

fn syntax_error(error: &ParserError) -> Refusal {
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
    Refusal { sentence: format!("this is not SQL as the engine knows it: {said}"), place }
}

fn too_deep() -> Refusal {
    Refusal {
        sentence: "the query is nested too deeply: use IN (...) for a long list of conditions, and WITH for steps"
            .to_owned(),
        place: None,
    }
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
    if visit(query, &mut Depth(0)).is_break() { Err(too_deep()) } else { Ok(()) }
}

// ---------------------------------------------------------------- what an expression is made of

const AGGREGATES: &[&str] = &[
    "array_agg",
    "avg",
    "corr",
    "count",
    "covar",
    "covar_pop",
    "covar_samp",
    "first",
    "group_concat",
    "last",
    "listagg",
    "max",
    "median",
    "min",
    "quantile_cont",
    "quantile_disc",
    "stddev",
    "stddev_samp",
    "stdev",
    "stdev_samp",
    "string_agg",
    "sum",
    "total",
    "var",
    "var_samp",
    "variance",
];

/// The name of a function in lower case.
pub fn function_name(function: &Function) -> String {
    function.name.to_string().to_ascii_lowercase()
}

/// The plain arguments of a function.
pub fn arguments(function: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &function.args else { return Vec::new() };
    list.args
        .iter()
        .filter_map(|arg| match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
            _ => None,
        })
        .collect()
}

/// Facts about an expression, without the subqueries in it.
#[derive(Default)]
pub struct Facts {
    pub aggregates: bool,
    windows: bool,
    /// An aggregate inside another.
    nested: bool,
    aggregate_in_window: bool,
    /// Columns that are used outside aggregates.
    columns: Vec<Ident>,
    in_aggregate: usize,
    in_window: usize,
    in_query: usize,
}

impl Facts {
    pub fn of(expr: &Expr) -> Facts {
        let mut facts = Facts::default();
        let _ = visit(expr, &mut facts);
        facts
    }
}

impl Visitor for Facts {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.in_query += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.in_query -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if self.in_query > 0 {
            return ControlFlow::Continue(());
        }
        match expr {
            Expr::Function(function) if function.over.is_some() => {
                self.windows = true;
                self.nested |= self.in_aggregate > 0;
                self.in_window += 1;
            }
            Expr::Function(function) if is_aggregate(function) => {
                self.aggregates = true;
                self.nested |= self.in_aggregate > 0;
                self.aggregate_in_window |= self.in_window > 0;
                self.in_aggregate += 1;
            }
            Expr::Identifier(name) if self.in_aggregate == 0 => self.columns.push(name.clone()),
            Expr::CompoundIdentifier(parts) if self.in_aggregate == 0 => self.columns.extend(parts.last().cloned()),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let (0, Expr::Function(function)) = (self.in_query, expr) {
            if function.over.is_some() {
                self.in_window -= 1;
            } else if is_aggregate(function) {
                self.in_aggregate -= 1;
            }
        }
        ControlFlow::Continue(())
    }
}

fn is_aggregate(function: &Function) -> bool {
    AGGREGATES.contains(&function_name(function).as_str())
}

/// An item of a SELECT with its alias.
pub fn item(item: &SelectItem) -> Option<(&Expr, Option<&Ident>)> {
    match item {
        SelectItem::UnnamedExpr(expr) => Some((expr, None)),
        SelectItem::ExprWithAlias { expr, alias } => Some((expr, Some(alias))),
        _ => None,
    }
}

/// The column that an expression just names.
pub fn column(expr: &Expr) -> Option<Cow<'_, str>> {
    match expr {
        Expr::Identifier(name) => Some(name_of(name)),
        Expr::CompoundIdentifier(parts) => parts.last().map(name_of),
        Expr::Nested(inner) => column(inner),
        _ => None,
    }
}

fn group_keys(select: &Select) -> &[Expr] {
    match &select.group_by {
        GroupByExpr::Expressions(keys, _) => keys,
        GroupByExpr::All(_) => &[],
    }
}

/// The position that an expression stands for in GROUP BY or ORDER BY.
pub fn ordinal(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.parse::<usize>().ok()?.checked_sub(1),
            _ => None,
        },
        _ => None,
    }
}

/// All names that may stand for a column somewhere in the query.
fn names(query: &Query, columns: &[Column]) -> HashSet<String> {
    struct Names(HashSet<String>);
    impl Visitor for Names {
        type Break = ();
        fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
            for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
                self.0.extend(cte.alias.columns.iter().map(|column| name_of(&column.name).into_owned()));
            }
            ControlFlow::Continue(())
        }
        fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
            for part in &select.projection {
                match item(part) {
                    Some((_, Some(alias))) => {
                        self.0.insert(name_of(alias).into_owned());
                    }
                    // What has no alias is named by its own text.
                    Some((expr, None)) if column(expr).is_none() => {
                        self.0.insert(expr.to_string());
                    }
                    _ => {}
                }
            }
            ControlFlow::Continue(())
        }
        fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
            if let TableFactor::Derived { alias: Some(alias), .. } | TableFactor::Table { alias: Some(alias), .. } =
                factor
            {
                self.0.extend(alias.columns.iter().map(|column| name_of(&column.name).into_owned()));
            }
            ControlFlow::Continue(())
        }
    }
    let mut names = Names(columns.iter().map(|column| column.name.clone()).collect());
    let _ = visit(query, &mut names);
    names.0
}

// ---------------------------------------------------------------- what is refused

struct Check {
    names: HashSet<String>,
    /// The columns of `sessions`, for a sentence.
    listed: String,
    /// Columns and aliases whose values are fractions.
    fractions: HashSet<String>,
    nullable: HashSet<String>,
    /// `IN (SELECT ...)` and `EXISTS` that stand where polars makes a join of them.
    semi_joins: Vec<*const Expr>,
    /// Why the walk broke off.
    refusal: Option<Refusal>,
}

type Checked = std::result::Result<(), Refusal>;

impl Refusal {
    /// What a visitor does after a check: it keeps why it breaks off.
    pub fn keep(checked: Checked, kept: &mut Option<Refusal>) -> ControlFlow<()> {
        match checked {
            Ok(()) => ControlFlow::Continue(()),
            Err(refusal) => {
                *kept = Some(refusal);
                ControlFlow::Break(())
            }
        }
    }
}

impl Visitor for Check {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        Refusal::keep(check_set_operations(&query.body).and_then(|()| check_order(query)), &mut self.refusal)
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        if let Some(condition) = &select.selection {
            conjuncts(condition, &mut |part| self.semi_joins.push(part));
        }
        Refusal::keep(check_select(select), &mut self.refusal)
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        let checked = match factor {
            TableFactor::Table { name, args: None, .. } => {
                // A name in quotes may hold a dot; a name of several parts is another database's.
                if name.0.len() > 1 {
                    Err(Refusal::at(name, format!("there is no table {name}: the rows are in the table sessions")))
                } else {
                    Ok(())
                }
            }
            TableFactor::Derived { lateral: false, .. } | TableFactor::NestedJoin { .. } => Ok(()),
            other => Err(Refusal {
                sentence: format!("{other} can't be read from: the rows are in the table sessions"),
                place: None,
            }),
        };
        Refusal::keep(checked, &mut self.refusal)
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        Refusal::keep(self.check_expr(expr), &mut self.refusal)
    }
}

impl Check {
    fn check_expr(&self, expr: &Expr) -> Checked {
        match expr {
            Expr::Identifier(name) if !self.names.contains(name_of(name).as_ref()) => Err(self.no_column(name)),
            Expr::CompoundIdentifier(parts) => match parts.last() {
                Some(name) if !self.names.contains(name_of(name).as_ref()) => Err(self.no_column(name)),
                _ => Ok(()),
            },
            Expr::InSubquery { .. } | Expr::Exists { .. } if !self.semi_joins.contains(&(expr as *const Expr)) => {
                Err(Refusal::at(
                    expr,
                    "IN (SELECT ...) and EXISTS can only stand in WHERE, alone or joined by AND: name the subquery in WITH and JOIN it",
                ))
            }
            Expr::Subquery(_) | Expr::AnyOp { .. } | Expr::AllOp { .. } => {
                Err(Refusal::at(expr, "a subquery can't stand here: name it in WITH and JOIN it"))
            }
            Expr::BinaryOp { op: BinaryOperator::DuckIntegerDivide, .. } => {
                Err(Refusal::at(expr, "// rounds differently from engine to engine: write FLOOR(a / b)"))
            }
            Expr::Cast { expr: inner, data_type, .. } => {
                if rewrite::is_whole_type(data_type) && is_fraction(inner, &self.fractions) {
                    return Err(Refusal::at(
                        &**inner,
                        "a fraction becomes a whole number differently from engine to engine: write CAST(FLOOR(x) AS BIGINT) or CAST(ROUND(x) AS BIGINT)",
                    ));
                }
                Ok(())
            }
            Expr::Substring { substring_from: Some(from), .. } if from.to_string().starts_with('-') => {
                Err(Refusal::at(expr, "SUBSTR counts from 1 on in this engine: use RIGHT(x, n)"))
            }
            Expr::Position { .. } => Err(Refusal::at(expr, "POSITION takes a missing text for an empty one: use LIKE")),
            Expr::Function(function) => self.check_nulls(function, expr).and_then(|()| check_function(function, expr)),
            _ => Ok(()),
        }
    }

    /// The later keys of a window's order put nulls first, which no other engine does.
    fn check_nulls(&self, function: &Function, expr: &Expr) -> Checked {
        let Some(WindowType::WindowSpec(spec)) = &function.over else { return Ok(()) };
        for key in spec.order_by.iter().skip(1) {
            if key.options.nulls_first.is_some()
                || column(&key.expr).is_some_and(|name| self.nullable.contains(name.as_ref()))
            {
                return Err(Refusal::at(
                    expr,
                    format!(
                        "nulls can be placed by the first key of OVER (ORDER BY ...) only: leave those of {} out with WHERE",
                        key.expr
                    ),
                ));
            }
        }
        Ok(())
    }

    fn no_column(&self, name: &Ident) -> Refusal {
        let columns = &self.listed;
        let quoted = if name.quote_style == Some('"') { ", and text is written in single quotes" } else { "" };
        Refusal::at_name(name, format!("there is no column {}: the columns are {columns}{quoted}", name_of(name)))
    }
}

fn conjuncts(condition: &Expr, found: &mut dyn FnMut(*const Expr)) {
    match condition {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            conjuncts(left, found);
            conjuncts(right, found);
        }
        Expr::Nested(inner) => conjuncts(inner, found),
        other => found(other),
    }
}

fn check_function(function: &Function, expr: &Expr) -> Checked {
    let name = function_name(function);
    let shown = name.to_uppercase();
    let refuse = |sentence: String| Err(Refusal::at(expr, sentence));
    if name == "div" {
        return refuse("DIV rounds differently from engine to engine: write FLOOR(a / b)".to_owned());
    }
    if matches!(name.as_str(), "sum" | "avg" | "total" | "median")
        && arguments(function).iter().any(|arg| is_constant(arg))
    {
        return refuse(format!("{shown} of a constant is wrong in this engine: write COUNT(*) * the constant"));
    }
    if name == "strpos" {
        return refuse("STRPOS takes a missing text for an empty one: use LIKE".to_owned());
    }
    let spec = match &function.over {
        None => return Ok(()),
        Some(WindowType::NamedWindow(_)) => {
            return refuse("a named window can't be used: write it out in OVER (...)".to_owned());
        }
        Some(WindowType::WindowSpec(spec)) => spec,
    };
    if spec.window_name.is_some() {
        return refuse("a named window can't be used: write it out in OVER (...)".to_owned());
    }
    if function.filter.is_some() {
        return refuse("FILTER can't stand together with OVER: use CASE inside the function".to_owned());
    }
    if spec.order_by.is_empty() {
        return match name.as_str() {
            "sum" | "count" | "avg" | "min" | "max" | "median" | "stddev" | "stddev_samp" | "var_samp" | "variance"
            | "row_number" => Ok(()),
            "rank" | "dense_rank" | "lag" | "lead" | "first_value" => {
                refuse(format!("{shown} needs an order: write OVER (ORDER BY ...)"))
            }
            _ => refuse(format!("{shown} can't be used with OVER: compute it with GROUP BY in WITH, and JOIN it")),
        };
    }
    let directions: HashSet<bool> = spec.order_by.iter().map(|key| key.options.asc.unwrap_or(true)).collect();
    if directions.len() > 1 {
        return refuse(
            "OVER (ORDER BY ...) can't mix ASC and DESC: turn one around, as in ORDER BY -n, isp".to_owned(),
        );
    }
    match name.as_str() {
        "row_number" | "rank" | "dense_rank" | "lag" | "lead" | "first_value" => Ok(()),
        "sum" | "count" | "min" | "max" if spec.window_frame.is_none() => refuse(format!(
            "{shown} OVER (ORDER BY ...) treats rows of equal rank differently in this engine: add ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
        )),
        "sum" | "count" | "min" | "max" => Ok(()),
        "last_value" => refuse("LAST_VALUE can't be used: use FIRST_VALUE with the order turned around".to_owned()),
        _ => refuse(format!(
            "{shown} OVER (ORDER BY ...) is wrong in this engine: running SUM and COUNT work, with ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
        )),
    }
}

/// Whether an expression is made of literals alone.
pub fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => !matches!(value.value, Value::Null),
        Expr::Nested(inner) | Expr::UnaryOp { expr: inner, .. } | Expr::Cast { expr: inner, .. } => is_constant(inner),
        Expr::BinaryOp { left, right, .. } => is_constant(left) && is_constant(right),
        _ => false,
    }
}

fn check_set_operations(body: &SetExpr) -> Checked {
    let SetExpr::SetOperation { op, left, right, .. } = body else { return Ok(()) };
    for side in [left, right] {
        if let SetExpr::SetOperation { op: inner, .. } = &**side {
            if *inner != SetOperator::Union && inner != op {
                return Err(Refusal {
                    sentence: format!(
                        "{inner} beside {op} is wrong in this engine without parentheses: put ({side}) in them"
                    ),
                    place: None,
                });
            }
            check_set_operations(side)?;
        }
    }
    Ok(())
}

fn check_select(select: &Select) -> Checked {
    if let Some(qualify) = &select.qualify {
        return Err(Refusal::at(
            qualify,
            "QUALIFY can't be used: compute the window function in WITH and filter it with WHERE",
        ));
    }
    if let Some(condition) = &select.selection {
        let facts = Facts::of(condition);
        if facts.aggregates {
            return Err(Refusal::at(condition, "an aggregate can't stand in WHERE: put the condition in HAVING"));
        }
        if facts.windows {
            return Err(Refusal::at(
                condition,
                "a window function can't stand in WHERE: compute it in WITH, and filter what comes out",
            ));
        }
    }
    let keys = group_keys(select);
    for key in keys {
        let facts = Facts::of(key);
        if facts.aggregates || facts.windows {
            return Err(Refusal::at(
                key,
                "an aggregate can't stand in GROUP BY: compute it in WITH, and group what comes out",
            ));
        }
    }
    let by_all = matches!(select.group_by, GroupByExpr::All(_));
    let grouped = by_all || !keys.is_empty();
    let items: Vec<(&Expr, Option<&Ident>, Facts)> =
        select.projection.iter().filter_map(item).map(|(expr, alias)| (expr, alias, Facts::of(expr))).collect();
    let aggregated = items.iter().any(|(_, _, facts)| facts.aggregates);
    for (expr, _, facts) in &items {
        if facts.nested {
            return Err(Refusal::at(
                *expr,
                "an aggregate inside an aggregate can't be computed at once: compute the inner one in WITH",
            ));
        }
        if facts.aggregate_in_window || (facts.windows && (grouped || aggregated)) {
            return Err(Refusal::at(
                *expr,
                "a window function over grouped rows is wrong in this engine: group in WITH, and use the window function on what comes out",
            ));
        }
    }
    if !grouped && !aggregated {
        return match &select.having {
            Some(having) => Err(Refusal::at(having, "HAVING needs GROUP BY: use WHERE")),
            None => Ok(()),
        };
    }
    if !by_all {
        check_grouped(select, keys, &items)?;
    }
    match &select.having {
        Some(having) => check_having(having, grouped, &items),
        None => Ok(()),
    }
}

/// Outside aggregates, a grouped SELECT may use only what it is grouped by.
fn check_grouped(select: &Select, keys: &[Expr], items: &[(&Expr, Option<&Ident>, Facts)]) -> Checked {
    let mut texts = HashSet::new();
    let mut columns = HashSet::new();
    for key in keys {
        let selected = items.iter().any(|(expr, _, _)| expr.to_string() == key.to_string());
        if column(key).is_none() && ordinal(key).is_none() && !selected {
            // polars names such a key after a column in it, and takes it for that column.
            let sentence =
                format!("what is grouped by must be selected in this engine: select it too, as in {key} AS key");
            return Err(Refusal::at(key, sentence));
        }
        let mut add = |expr: &Expr| {
            texts.insert(expr.to_string());
            columns.extend(column(expr).map(Cow::into_owned));
        };
        add(key);
        if let Some((expr, _, _)) = ordinal(key).and_then(|place| items.get(place)) {
            add(expr);
        }
        if let Some((expr, _, _)) =
            items.iter().find(|(_, alias, _)| alias.is_some_and(|alias| Some(name_of(alias)) == column(key)))
        {
            add(expr);
        }
    }
    if let Some(wildcard) = select.projection.iter().find(|part| item(part).is_none()) {
        return Err(Refusal::at(wildcard, "* can't stand in a SELECT that groups or aggregates: name the columns"));
    }
    for (expr, _, facts) in items {
        if texts.contains(&expr.to_string()) {
            continue;
        }
        if let Some(name) = facts.columns.iter().find(|name| !columns.contains(name_of(name).as_ref())) {
            let sentence = if keys.is_empty() {
                format!("{name} stands beside an aggregate: add GROUP BY {name}, or put it inside an aggregate")
            } else {
                format!(
                    "{name} is neither grouped by nor inside an aggregate: add it to GROUP BY; what is computed from a computed key is computed in WITH"
                )
            };
            return Err(Refusal::at_name(name, sentence));
        }
        // polars takes a key beside an aggregate for the list of the group's values.
        if facts.aggregates && !facts.columns.is_empty() {
            return Err(Refusal::at(
                *expr,
                "a key and an aggregate can't be combined in one expression: compute both in WITH, and combine them then",
            ));
        }
    }
    Ok(())
}

fn check_having(having: &Expr, grouped: bool, items: &[(&Expr, Option<&Ident>, Facts)]) -> Checked {
    if !grouped {
        return Err(Refusal::at(having, "HAVING needs GROUP BY: compute in WITH, and filter with WHERE"));
    }
    let facts = Facts::of(having);
    if facts.nested || facts.windows {
        return Err(Refusal::at(
            having,
            "HAVING can compare plain aggregates only: compute in WITH, and filter with WHERE",
        ));
    }
    let is_aggregate = |name: &Ident| {
        items.iter().any(|(_, alias, facts)| alias.is_some_and(|a| name_of(a) == name_of(name)) && facts.aggregates)
    };
    match facts.columns.iter().find(|name| !is_aggregate(name)) {
        Some(name) => Err(Refusal::at_name(
            name,
            format!("{name} is no aggregate: put its condition in WHERE, and only aggregates in HAVING"),
        )),
        None => Ok(()),
    }
}

/// The keys of ORDER BY.
pub fn order_keys(query: &Query) -> &[OrderByExpr] {
    match query.order_by.as_ref().map(|order| &order.kind) {
        Some(OrderByKind::Expressions(keys)) => keys,
        _ => &[],
    }
}

fn check_order(query: &Query) -> Checked {
    let SetExpr::Select(select) = &*query.body else { return Ok(()) };
    let items: Vec<(&Expr, Option<&Ident>)> = select.projection.iter().filter_map(item).collect();
    let selected = |expr: &Expr| {
        ordinal(expr).is_some()
            || items.iter().any(|(item, alias)| {
                item.to_string() == expr.to_string()
                    || column(expr).is_some_and(|name| {
                        alias.is_some_and(|alias| name_of(alias) == name) || column(item) == Some(name)
                    })
            })
    };
    for key in order_keys(query) {
        let facts = Facts::of(&key.expr);
        if facts.aggregates && !selected(&key.expr) {
            return Err(Refusal::at(
                &key.expr,
                format!(
                    "an aggregate in ORDER BY must also stand in SELECT: write SELECT ..., {} AS x ... ORDER BY x",
                    key.expr
                ),
            ));
        }
        let wildcard = items.len() < select.projection.len();
        if matches!(select.distinct, Some(Distinct::Distinct)) && !wildcard && !selected(&key.expr) {
            return Err(Refusal::at(
                &key.expr,
                format!("with SELECT DISTINCT, ORDER BY can use only what is selected: select {} too", key.expr),
            ));
        }
    }
    Ok(())
}

// ---------------------------------------------------------------- categories instead of text

/// Whether every use of a text column is one that a category can stand in for.
fn only_categories(query: &Query, columns: &[Column]) -> bool {
    let is_text = |expr: &Expr, names: &HashSet<String>| column(expr).is_some_and(|name| names.contains(name.as_ref()));
    let names = with_aliases(query, columns, |column| column.is_text, is_text);
    let mut uses = Uses { names, all: 0, fine: 0, plain: false };
    let _ = visit(query, &mut uses);
    !uses.plain && uses.all == uses.fine
}

/// The columns of a kind, and the aliases of expressions that are of that kind.
fn with_aliases(
    query: &Query,
    columns: &[Column],
    of_kind: impl Fn(&Column) -> bool,
    is_kind: fn(&Expr, &HashSet<String>) -> bool,
) -> HashSet<String> {
    struct Aliases(HashSet<String>, fn(&Expr, &HashSet<String>) -> bool);
    impl Visitor for Aliases {
        type Break = ();
        fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
            for (expr, alias) in select.projection.iter().filter_map(item) {
                if let Some(alias) = alias
                    && (self.1)(expr, &self.0)
                {
                    self.0.insert(name_of(alias).into_owned());
                }
            }
            ControlFlow::Continue(())
        }
    }
    let names = columns.iter().filter(|column| of_kind(column)).map(|column| column.name.clone()).collect();
    let mut aliases = Aliases(names, is_kind);
    // Aliases of aliases are found in the next round.
    let mut before = 0;
    while aliases.0.len() > before {
        before = aliases.0.len();
        let _ = visit(query, &mut aliases);
    }
    aliases.0
}

/// Whether an expression's values are numbers that need not be whole.
fn is_fraction(expr: &Expr, names: &HashSet<String>) -> bool {
    let again = |expr: &Expr| is_fraction(expr, names);
    match expr {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => {
            column(expr).is_some_and(|name| names.contains(name.as_ref()))
        }
        Expr::Nested(inner) | Expr::UnaryOp { expr: inner, .. } => again(inner),
        Expr::Value(value) => matches!(&value.value, Value::Number(digits, _) if digits.contains(['.', 'e', 'E'])),
        Expr::BinaryOp { op: BinaryOperator::Divide, .. } => true,
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply | BinaryOperator::Modulo,
            right,
        } => again(left) || again(right),
        Expr::Case { conditions, else_result, .. } => {
            conditions.iter().any(|when| again(&when.result)) || else_result.as_deref().is_some_and(again)
        }
        Expr::Cast { data_type, .. } => {
            matches!(data_type.to_string().to_uppercase().as_str(), "DOUBLE" | "FLOAT" | "REAL" | "DOUBLE PRECISION")
        }
        Expr::Function(function) => match function_name(function).as_str() {
            "avg" | "median" | "stddev" | "stddev_samp" | "variance" | "var_samp" | "corr" | "covar_samp"
            | "covar_pop" | "quantile_cont" | "sqrt" | "cbrt" | "exp" | "ln" | "log" | "log2" | "log10" | "power"
            | "pow" => true,
            "sum" | "min" | "max" | "abs" | "coalesce" | "ifnull" | "nullif" | "greatest" | "least" | "first"
            | "last" | "lag" | "lead" | "first_value" | "quantile_disc" | "if" | "mod" => {
                arguments(function).into_iter().any(again)
            }
            _ => false,
        },
        _ => false,
    }
}

struct Uses {
    names: HashSet<String>,
    /// How often a text column is named, and how often of these in a way that works for categories.
    all: usize,
    fine: usize,
    /// Something in the query needs plain text in any case.
    plain: bool,
}

impl Uses {
    fn is_text(&self, expr: &Expr) -> bool {
        column(expr).is_some_and(|name| self.names.contains(name.as_ref()))
    }

    fn fine_if_text(&mut self, expr: &Expr) {
        self.fine += usize::from(self.is_text(expr));
    }
}

impl Visitor for Uses {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        for key in order_keys(query) {
            self.fine_if_text(&key.expr);
        }
        self.plain |= matches!(&*query.body, SetExpr::SetOperation { .. });
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        for (expr, _) in select.projection.iter().filter_map(item) {
            self.fine_if_text(expr);
        }
        for key in group_keys(select) {
            self.fine_if_text(key);
        }
        self.plain |= select.from.len() > 1 || select.from.iter().any(|table| !table.joins.is_empty());
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => self.all += usize::from(self.is_text(expr)),
            Expr::BinaryOp { left, op: BinaryOperator::Eq | BinaryOperator::NotEq, right } => {
                if is_text_literal(right) {
                    self.fine_if_text(left);
                }
                if is_text_literal(left) {
                    self.fine_if_text(right);
                }
            }
            Expr::InList { expr, list, .. } if list.iter().all(is_text_literal) => self.fine_if_text(expr),
            Expr::IsNull(inner) | Expr::IsNotNull(inner) => self.fine_if_text(inner),
            Expr::Function(function) if function.over.is_none() && function_name(function) == "count" => {
                for argument in arguments(function) {
                    self.fine_if_text(argument);
                }
            }
            Expr::InSubquery { .. } | Expr::Exists { .. } => self.plain = true,
            _ => {}
        }
        if let Expr::Function(Function { over: Some(WindowType::WindowSpec(spec)), .. }) = expr {
            for key in &spec.partition_by {
                self.fine_if_text(key);
            }
        }
        ControlFlow::Continue(())
    }
}

fn is_text_literal(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(value) if matches!(value.value, Value::SingleQuotedString(_)))
}
