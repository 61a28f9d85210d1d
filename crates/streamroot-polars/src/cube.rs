//! Answers aggregations from a cube: counts and sums for each combination of values, instead of the rows themselves.
//!
//! A cube's columns are named by the SQL that they hold. Keys are what sessions can be told apart by: `isp`, `connected`,
//! `p2p + cdn > 100000000.0`. Aggregates are `COUNT(*)`, `COUNT(cdn)`, `SUM(p2p + cdn)`, and so on. A query that uses
//! nothing else gets the same answer from the cube's few rows as from all sessions:
//!
//! | a query says | and reads in the cube |
//! |---|---|
//! | `COUNT(*)`, `COUNT(cdn)` | the sum of `COUNT(*)`, of `COUNT(cdn)` |
//! | `SUM(p2p + cdn)` | the sum of `SUM(p2p + cdn)` |
//! | `AVG(cdn)` | the sum of `SUM(cdn)` by that of `COUNT(cdn)` |
//! | `MIN(cdn)` | the least `MIN(cdn)` |
//! | `AVG(CASE WHEN p2p > 0 THEN 1.0 ELSE 0.0 END)` | the same of the key `p2p > 0`, weighted by `COUNT(*)` |
//!
//! The engine makes such a cube by itself, out of what has been asked (see [`Cubes`]), and opens one that was saved.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use adbc_core::error::{Error, Result};
use polars::prelude::*;
use sqlparser::ast::{
    Distinct, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, Ident,
    OrderByKind, Query, Select, SelectItem, SetExpr, TableFactor, Value, Visitor, VisitorMut,
};

use crate::error::invalid_data;
use crate::names::COUNT;
use crate::plan::scope::name_of;
use crate::sql::{arguments, decimal, expression, function_name, hides_sessions, is_sessions, item};
use crate::visit::{visit, visit_mut};

/// A cube of more rows saves no scan worth the name.
const MOST_CELLS: usize = 1 << 17;
/// A key with more values than these in some thousand rows would make a cube of as many rows as there are sessions.
const MOST_VALUES: usize = 256;
/// How many rows are looked at for that.
const SAMPLE: u32 = 1 << 14;
/// More conditions and measures than these are forgotten, the first ones first: each makes the cube larger.
const MOST_ASKED: usize = 16;
/// What sessions are usually told apart by, and what is measured of them: the same words that the helper crate has.
const USUAL_CONDITIONS: [&str; 2] = ["p2p > 0", "p2p = 0"];
const USUAL_MEASURES: [&str; 4] = ["p2p", "cdn", "p2p + cdn", "CASE WHEN p2p + cdn > 0 THEN p2p / (p2p + cdn) END"];

/// What a query needs a cube to have: names of columns, each with the SQL of its values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Needs {
    pub keys: BTreeMap<String, String>,
    pub aggregates: BTreeMap<String, String>,
}

impl Needs {
    fn names(&self) -> impl Iterator<Item = &String> {
        self.keys.keys().chain(self.aggregates.keys())
    }

    fn add(&mut self, more: &Needs) {
        self.keys.extend(more.keys.clone());
        self.aggregates.extend(more.aggregates.clone());
    }

    /// The query that makes a cube of the sessions.
    fn query(&self) -> String {
        let columns = self.keys.iter().chain(&self.aggregates);
        let columns = columns.map(|(name, sql)| format!("{sql} AS {}", quoted(name))).collect::<Vec<_>>().join(", ");
        let places = (1..=self.keys.len()).map(|place| place.to_string()).collect::<Vec<_>>().join(", ");
        let group = if places.is_empty() { String::new() } else { format!(" GROUP BY {places}") };
        format!("SELECT {columns} FROM sessions{group}")
    }
}

/// A query in the form that a cube answers.
#[derive(Clone, Debug)]
pub struct Question {
    pub query: Query,
    pub needs: Needs,
}

/// Puts a query into the form that a cube answers, if it aggregates and uses nothing but what can be a cube's.
///
/// `is_key` says whether a column's values can be told apart by: names, whole numbers and truth values can, bytes can't.
pub fn question(query: &Query, is_key: &dyn Fn(&str) -> bool) -> Option<Question> {
    if hides_sessions(query) {
        return None;
    }
    let mut query = query.clone();
    let mut selects = Selects { is_key, needs: Needs::default(), reads_sessions: false };
    if visit_mut(&mut query, &mut selects).is_break() || !selects.reads_sessions {
        return None;
    }
    selects.needs.aggregates.insert(COUNT.to_owned(), COUNT.to_owned());
    Some(Question { query, needs: selects.needs })
}

/// The name of a cube's column as queries name it: without needless parentheses and quotes, numbers as the engine has them.
pub fn canonical_name(name: &str) -> String {
    let Some(expr) = expression(name) else { return name.to_owned() };
    match &expr {
        Expr::Identifier(_) => name.to_owned(),
        Expr::Cast { expr, .. } => aggregate_name(expr).unwrap_or_else(|| canonical(expr)),
        other => aggregate_name(other).unwrap_or_else(|| canonical(other)),
    }
}

/// The columns of sessions that a cube's column was computed from.
pub fn columns_in(name: &str) -> Vec<String> {
    struct Columns(Vec<String>);
    impl Visitor for Columns {
        type Break = ();
        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
            if let Expr::Identifier(name) = expr {
                self.0.push(name.value.clone());
            }
            ControlFlow::Continue(())
        }
    }
    let mut columns = Columns(Vec::new());
    if let Some(expr) = expression(name) {
        let _ = visit(&expr, &mut columns);
    }
    columns.0
}

/// `SUM(x)` and the like, with its argument in canonical form.
fn aggregate_name(expr: &Expr) -> Option<String> {
    let Expr::Function(function) = expr else { return None };
    let name = function_name(function);
    if !["count", "sum", "min", "max"].contains(&name.as_str()) || function.over.is_some() {
        return None;
    }
    Some(match arguments(function).as_slice() {
        [argument] => format!("{}({})", name.to_uppercase(), canonical(argument)),
        _ => expr.to_string().to_uppercase(),
    })
}

/// A name as SQL has it.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// An expression's text without outer parentheses and without quotes around plain names.
fn canonical(expr: &Expr) -> String {
    struct Unquote;
    impl VisitorMut for Unquote {
        type Break = ();
        fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
            match expr {
                Expr::Identifier(name)
                    if name.value.starts_with(|c: char| c.is_ascii_lowercase())
                        && name.value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') =>
                {
                    name.quote_style = None;
                }
                Expr::Value(value) => {
                    if let Value::Number(digits, _) = &mut value.value
                        && digits.contains(['e', 'E'])
                        && let Ok(number) = digits.parse()
                    {
                        *digits = decimal(number);
                    }
                }
                _ => {}
            }
            ControlFlow::Continue(())
        }
    }
    let mut expr = expr;
    while let Expr::Nested(inner) = expr {
        expr = inner;
    }
    let mut expr = expr.clone();
    let _ = visit_mut(&mut expr, &mut Unquote);
    expr.to_string()
}

// ---------------------------------------------------------------- from a query on sessions to one on a cube

struct Selects<'a> {
    is_key: &'a dyn Fn(&str) -> bool,
    needs: Needs,
    reads_sessions: bool,
}

impl VisitorMut for Selects<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        let SetExpr::Select(select) = &mut *query.body else { return ControlFlow::Continue(()) };
        // A column keeps its name, whatever its values are computed from.
        for part in &mut select.projection {
            if let SelectItem::UnnamedExpr(expr) = part
                && !matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
            {
                let alias = Ident::with_quote('"', expr.to_string().replace('"', "\"\""));
                *part = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
            }
        }
        if select.from.iter().any(|from| matches!(&from.relation, TableFactor::Table { name, .. } if is_sessions(name)))
        {
            let aliases: Vec<(String, Ident)> = select
                .projection
                .iter()
                .filter_map(item)
                .filter_map(|(expr, alias)| Some((expr.to_string(), alias?.clone())))
                .collect();
            let names: Vec<String> = aliases.iter().map(|(_, alias)| name_of(alias).into_owned()).collect();
            if let Some(order) = &mut query.order_by
                && let OrderByKind::Expressions(keys) = &mut order.kind
            {
                for key in keys {
                    let text = key.expr.to_string();
                    let is_name = matches!(key.expr, Expr::Identifier(_));
                    match aliases.iter().find(|(expr, _)| !is_name && *expr == text) {
                        Some((_, alias)) => key.expr = Expr::Identifier(alias.clone()),
                        None if self.expr(&mut key.expr, &names).is_none() => return ControlFlow::Break(()),
                        None => {}
                    }
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        let reads = |factor: &TableFactor| match factor {
            TableFactor::Table { name, .. } => is_sessions(name),
            TableFactor::NestedJoin { .. } => true,
            _ => false,
        };
        let tables = select.from.iter().flat_map(|from| {
            std::iter::once(&from.relation).chain(from.joins.iter().map(|join| &join.relation)).map(reads)
        });
        let tables: Vec<bool> = tables.collect();
        match tables.as_slice() {
            _ if !tables.contains(&true) => ControlFlow::Continue(()),
            [true] => {
                self.reads_sessions = true;
                flow(self.select(select))
            }
            _ => ControlFlow::Break(()),
        }
    }
}

fn flow(done: Option<()>) -> ControlFlow<()> {
    match done {
        Some(()) => ControlFlow::Continue(()),
        None => ControlFlow::Break(()),
    }
}

impl Selects<'_> {
    fn select(&mut self, select: &mut Select) -> Option<()> {
        let grouped = match &select.group_by {
            GroupByExpr::Expressions(keys, _) => !keys.is_empty(),
            GroupByExpr::All(_) => return None,
        };
        let distinct = match &select.distinct {
            None => false,
            Some(Distinct::Distinct) => true,
            Some(_) => return None,
        };
        if select.qualify.is_some() {
            return None;
        }
        let mut aggregates = 0;
        for part in &mut select.projection {
            let (SelectItem::ExprWithAlias { expr, .. } | SelectItem::UnnamedExpr(expr)) = part else { return None };
            aggregates += self.expr(expr, &[])?;
        }
        if !grouped && !distinct && aggregates == 0 {
            return None;
        }
        if let Some(condition) = &mut select.selection {
            self.expr(condition, &[])?;
        }
        let aliases: Vec<String> = select
            .projection
            .iter()
            .filter_map(item)
            .filter_map(|(_, alias)| Some(name_of(alias?).into_owned()))
            .collect();
        if let GroupByExpr::Expressions(keys, _) = &mut select.group_by {
            for key in keys {
                self.expr(key, &aliases)?;
            }
        }
        if let Some(having) = &mut select.having {
            self.expr(having, &aliases)?;
        }
        Some(())
    }

    /// Rewrites an expression and says how many aggregates it has.
    fn expr(&mut self, expr: &mut Expr, aliases: &[String]) -> Option<usize> {
        let mut cells = Cells {
            is_key: self.is_key,
            needs: Needs::default(),
            aliases,
            depth: 0,
            in_query: 0,
            done: None,
            aggregates: 0,
        };
        if visit_mut(expr, &mut cells).is_break() {
            return None;
        }
        self.needs.add(&cells.needs);
        Some(cells.aggregates)
    }
}

/// Puts a cube's columns into an expression.
struct Cells<'a> {
    is_key: &'a dyn Fn(&str) -> bool,
    needs: Needs,
    aliases: &'a [String],
    depth: usize,
    /// How many queries are around the place, inside the expression. Those are asked by themselves.
    in_query: usize,
    /// The depth of an expression that has been replaced; what is in it is a cube's already.
    done: Option<usize>,
    aggregates: usize,
}

impl VisitorMut for Cells<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.in_query += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.in_query -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        self.depth += 1;
        if self.done.is_some() || self.in_query > 0 {
            return ControlFlow::Continue(());
        }
        match expr {
            Expr::Function(function) if function.over.is_some() => return ControlFlow::Break(()),
            Expr::Function(function) if is_aggregate(function) => match self.aggregate(function) {
                Some(new) => {
                    self.aggregates += 1;
                    self.done = Some(self.depth);
                    *expr = new;
                }
                None => return ControlFlow::Break(()),
            },
            Expr::Function(function) if !is_scalar(function) => return ControlFlow::Break(()),
            Expr::Identifier(name) if (self.is_key)(&name_of(name)) => {
                let name = name_of(name).into_owned();
                let sql = quoted(&name);
                self.needs.keys.insert(name, sql);
            }
            Expr::Identifier(name) if self.aliases.iter().any(|alias| *alias == name_of(name)) => {}
            Expr::Identifier(_) => return ControlFlow::Break(()),
            Expr::CompoundIdentifier(_) => return ControlFlow::Break(()),
            other if is_comparison(other) => {
                if let Some(name) = self.condition(other) {
                    *other = Expr::Identifier(Ident::with_quote('"', name));
                    self.done = Some(self.depth);
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, _: &mut Expr) -> ControlFlow<()> {
        if self.done == Some(self.depth) {
            self.done = None;
        }
        self.depth -= 1;
        ControlFlow::Continue(())
    }
}

impl Cells<'_> {
    /// The name of the key that a comparison of other things than keys becomes. What compares keys needs none of its own.
    fn condition(&mut self, expr: &Expr) -> Option<String> {
        let parts = Parts::of(expr);
        if parts.other || parts.columns.iter().all(|name| (self.is_key)(name)) {
            return None;
        }
        let text = canonical(expr);
        self.needs.keys.insert(text.clone(), format!("({text})"));
        Some(text)
    }

    fn aggregate(&mut self, function: &Function) -> Option<Expr> {
        let name = function_name(function);
        let FunctionArguments::List(list) = &function.args else { return None };
        if !list.clauses.is_empty() || !function.within_group.is_empty() || function.null_treatment.is_some() {
            return None;
        }
        let filter = match &function.filter {
            Some(condition) => format!(" FILTER (WHERE {})", self.part(condition)?),
            None => String::new(),
        };
        let count = quoted(COUNT);
        let distinct = matches!(list.duplicate_treatment, Some(DuplicateTreatment::Distinct));
        let [argument] = list.args.as_slice() else { return None };
        let argument = match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => expr,
            FunctionArg::Unnamed(FunctionArgExpr::Wildcard) if name == "count" && !distinct => {
                return expression(&format!("COALESCE(SUM({count}){filter}, 0)"));
            }
            _ => return None,
        };
        if let Some(value) = self.part(argument) {
            // The same for all sessions that a row of the cube stands for.
            return expression(&match name.as_str() {
                "count" if distinct => format!("COUNT(DISTINCT {value}){filter}"),
                _ if distinct => return None,
                "count" => format!("COALESCE(SUM(CASE WHEN {value} IS NOT NULL THEN {count} END){filter}, 0)"),
                "sum" => format!("SUM({value} * {count}){filter}"),
                "avg" => format!(
                    "(CAST(SUM({value} * {count}){filter} AS DOUBLE) / SUM(CASE WHEN {value} IS NOT NULL THEN {count} END){filter})"
                ),
                "min" | "max" => format!("{name}({value}){filter}"),
                _ => return None,
            });
        }
        let parts = Parts::of(argument);
        if distinct || parts.other {
            return None;
        }
        let text = canonical(argument);
        let mut stored = |name: &str| {
            let name = format!("{name}({text})");
            let column = quoted(&name);
            self.needs.aggregates.insert(name.clone(), name);
            column
        };
        expression(&match name.as_str() {
            "count" => format!("COALESCE(SUM({}){filter}, 0)", stored("COUNT")),
            "sum" => format!("SUM({}){filter}", stored("SUM")),
            "avg" => {
                format!("(CAST(SUM({}){filter} AS DOUBLE) / SUM({}){filter})", stored("SUM"), stored("COUNT"))
            }
            "min" => format!("MIN({}){filter}", stored("MIN")),
            "max" => format!("MAX({}){filter}", stored("MAX")),
            _ => return None,
        })
    }

    /// An expression of keys alone, in parentheses.
    fn part(&mut self, expr: &Expr) -> Option<String> {
        let mut expr = expr.clone();
        let mut cells = Cells {
            is_key: self.is_key,
            needs: Needs::default(),
            aliases: &[],
            depth: 0,
            in_query: 0,
            done: None,
            aggregates: 0,
        };
        if visit_mut(&mut expr, &mut cells).is_break() || cells.aggregates > 0 {
            return None;
        }
        self.needs.add(&cells.needs);
        Some(format!("({expr})"))
    }
}

fn is_comparison(expr: &Expr) -> bool {
    use sqlparser::ast::BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    match expr {
        Expr::BinaryOp { op, .. } => matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq),
        Expr::Between { .. } | Expr::InList { .. } | Expr::IsNull(_) | Expr::IsNotNull(_) => true,
        _ => false,
    }
}

fn is_aggregate(function: &Function) -> bool {
    ["count", "sum", "avg", "min", "max"].contains(&function_name(function).as_str())
}

/// Whether a function gives one value for each row, the same for the same arguments. Other aggregates need all rows.
fn is_scalar(function: &Function) -> bool {
    const KNOWN: &[&str] = &[
        "abs",
        "ceil",
        "ceiling",
        "char_length",
        "coalesce",
        "concat",
        "floor",
        "greatest",
        "if",
        "ifnull",
        "least",
        "left",
        "length",
        "lower",
        "ltrim",
        "nullif",
        "power",
        "pow",
        "replace",
        "reverse",
        "right",
        "rtrim",
        "sign",
        "sqrt",
        "starts_with",
        "ends_with",
        "substr",
        "substring",
        "trim",
        "upper",
    ];
    KNOWN.contains(&function_name(function).as_str())
}

/// What an expression is made of.
#[derive(Default)]
struct Parts {
    columns: BTreeSet<String>,
    /// Something that can't be computed row by row: an aggregate, a window, a subquery.
    other: bool,
}

impl Parts {
    fn of(expr: &Expr) -> Parts {
        let mut parts = Parts::default();
        let _ = visit(expr, &mut parts);
        parts
    }
}

impl Visitor for Parts {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.other = true;
        ControlFlow::Break(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            Expr::Identifier(name) => {
                self.columns.insert(name_of(name).into_owned());
            }
            Expr::CompoundIdentifier(_) => self.other = true,
            Expr::Function(function) => self.other |= function.over.is_some() || !is_scalar(function),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

// ---------------------------------------------------------------- the engine's own cube

/// The rows that cubes are made of.
pub trait Rows {
    /// Answers a query from the rows.
    fn ask(&self, query: &str) -> Option<DataFrame>;

    /// Makes a cube in a quicker way than by [`Needs::query`], where there is one.
    fn cube(&self, needs: &Needs) -> Option<DataFrame>;
}

/// The engine's cube, made out of what has been asked.
///
/// What is asked for the first time of rows in files is answered from them. What is asked again goes into the cube,
/// together with everything asked so far, and is answered from there from then on: a figure that is tweaked costs no scan
/// of the rows, however many there are, and a question asked once costs no more than its own. Of rows in memory, everything
/// goes into the cube at once.
pub struct Cubes {
    frame: Option<DataFrame>,
    held: Needs,
    asked: Needs,
    /// What has been asked for beyond the usual, the oldest first.
    order: Vec<String>,
    /// Keys of too many values.
    refused: BTreeSet<String>,
    questions: usize,
    /// Whether making a cube costs hardly more than answering one question from the rows.
    cheap: bool,
}

impl Cubes {
    /// No cube yet, for sessions with these keys. What is usually asked of sessions counts as asked already. `cheap` says
    /// whether making a cube costs hardly more than answering a single question.
    pub fn new(keys: impl Iterator<Item = String>, is_session: bool, cheap: bool) -> Cubes {
        let mut usual = Needs::default();
        usual.keys.extend(keys.map(|name| (name.clone(), quoted(&name))));
        usual.aggregates.insert(COUNT.to_owned(), COUNT.to_owned());
        if is_session {
            usual.keys.extend(USUAL_CONDITIONS.map(|sql| (canonical_name(sql), sql.to_owned())));
            for measure in USUAL_MEASURES {
                for name in [format!("COUNT({measure})"), format!("SUM({measure})")].map(|name| canonical_name(&name)) {
                    usual.aggregates.insert(name.clone(), name);
                }
            }
        }
        Cubes {
            frame: None,
            held: Needs::default(),
            asked: usual,
            order: Vec::new(),
            refused: BTreeSet::new(),
            questions: 0,
            cheap,
        }
    }

    /// The cube, if it has what is needed.
    pub fn covering(&mut self, needs: &Needs, rows: &dyn Rows) -> Option<DataFrame> {
        let held = |held: &Needs| {
            needs.keys.keys().all(|name| held.keys.contains_key(name))
                && needs.aggregates.keys().all(|name| held.aggregates.contains_key(name))
        };
        if held(&self.held) {
            return self.frame.clone();
        }
        if needs.keys.keys().any(|name| self.refused.contains(name)) {
            return None;
        }
        self.questions += 1;
        let again = self.cheap || (held(&self.asked) && self.questions > 1);
        let new = needs.keys.keys().filter(|name| !self.asked.keys.contains_key(*name));
        let new = new.chain(needs.aggregates.keys().filter(|name| !self.asked.aggregates.contains_key(*name)));
        self.order.extend(new.cloned().collect::<Vec<_>>());
        self.asked.add(needs);
        if !again {
            return None;
        }
        while self.order.len() > MOST_ASKED
            && let Some(oldest) = self.order.iter().position(|name| !needs.names().any(|needed| needed == name))
        {
            let name = self.order.remove(oldest);
            self.asked.keys.remove(&name);
            self.asked.aggregates.remove(&name);
        }
        let frame = rows.cube(&self.asked).or_else(|| {
            self.refuse_large_keys(rows);
            let refused = needs.keys.keys().any(|name| self.refused.contains(name));
            if refused { None } else { rows.ask(&self.asked.query()) }
        });
        let frame = frame.filter(|frame| frame.height() <= MOST_CELLS);
        match frame {
            Some(frame) => {
                self.held = self.asked.clone();
                self.frame = Some(frame);
                self.frame.clone()
            }
            None => {
                // The keys that are new are too many together.
                for name in needs.keys.keys().filter(|name| !self.held.keys.contains_key(*name)) {
                    self.refused.insert(name.clone());
                }
                self.asked = self.held.clone();
                None
            }
        }
    }

    /// Takes out the keys that some thousand rows have too many values of.
    fn refuse_large_keys(&mut self, rows: &dyn Rows) {
        let new: Vec<String> =
            self.asked.keys.keys().filter(|name| !self.held.keys.contains_key(*name)).cloned().collect();
        for name in new {
            let sql = &self.asked.keys[&name];
            let query =
                format!("SELECT COUNT(DISTINCT v) AS n FROM (SELECT {sql} AS v FROM sessions LIMIT {SAMPLE}) AS s");
            let values =
                rows.ask(&query).and_then(|frame| frame.columns().first()?.get(0).ok()?.try_extract::<u64>().ok());
            if values.is_none_or(|values| values > MOST_VALUES as u64) {
                self.asked.keys.remove(&name);
                self.refused.insert(name);
            }
        }
    }
}

// ---------------------------------------------------------------- a cube that was saved

/// A cube in files, opened in place of its sessions.
pub struct Saved {
    frame: DataFrame,
    /// No sessions, with the columns that they had, as far as the cube knows them.
    pub empty: DataFrame,
    path: String,
}

impl Saved {
    /// Takes the rows of a cube's files.
    pub fn open(path: &str, mut frame: DataFrame) -> Result<Saved> {
        let wrong = |what: String| {
            invalid_data(format!("{path} has a column {COUNT}, so it should be a cube of sessions, and {what}"))
        };
        let names: Vec<String> = frame.get_column_names().iter().map(|name| canonical_name(name)).collect();
        frame
            .set_column_names(&names)
            .map_err(|_| wrong("has two columns of one meaning: save it again".to_owned()))?;
        let counts = frame.column(COUNT).map_err(|_| wrong("has none of that name: save it again".to_owned()))?;
        if !counts.dtype().is_integer() || counts.null_count() > 0 {
            return Err(wrong(format!("{COUNT} is not a whole number everywhere: save it again")));
        }
        if frame.height() == 0 {
            return Err(wrong("has no row: there is nothing to analyse".to_owned()));
        }
        let mut columns: Vec<Column> = Vec::new();
        let mut computed: Vec<String> = Vec::new();
        for (name, column) in names.iter().zip(frame.columns()) {
            match columns_in(name).as_slice() {
                _ if expression(name).is_none_or(|expr| matches!(expr, Expr::Identifier(_))) => {
                    columns.push(column.clear());
                }
                used => computed.extend(used.iter().cloned()),
            }
        }
        for name in computed {
            if columns.iter().all(|column| column.name().as_str() != name) {
                columns.push(Column::new_empty(name.into(), &DataType::Float64));
            }
        }
        let empty = DataFrame::new(0, columns).map_err(|error| wrong(format!("can't be read ({error})")))?;
        Ok(Saved { frame, empty, path: path.to_owned() })
    }

    /// The cube, if it has what is needed.
    pub fn covering(&self, needs: &Needs) -> Option<DataFrame> {
        let schema = self.frame.schema();
        needs.names().all(|name| schema.contains(name)).then(|| self.frame.clone())
    }

    /// The sentence about a query that needs more.
    pub fn lacks(&self, needs: Option<&Needs>) -> Error {
        let schema = self.frame.schema();
        let missing = needs.and_then(|needs| needs.names().find(|name| !schema.contains(name.as_str())));
        let what = match missing {
            Some(name) => format!("it has no {name}"),
            None => "this needs the sessions themselves".to_owned(),
        };
        let is_key = |name: &&str| !["COUNT(", "SUM(", "MIN(", "MAX("].iter().any(|start| name.starts_with(start));
        let names = self.frame.get_column_names().into_iter().map(|name| name.as_str());
        let keys = names.filter(is_key).collect::<Vec<_>>().join(", ");
        invalid_data(format!(
            "{} is a cube of sessions, and {what}: it counts and adds up by {keys}; open the file that it was made from",
            self.path
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{self, Request};

    fn asked(text: &str) -> Option<Question> {
        let Ok(Request::Query(query)) = sql::parse(text) else { panic!("{text} is no query") };
        question(&query, &|name| ["stream", "isp", "connected"].contains(&name))
    }

    #[test]
    fn aggregations_of_columns_are_answered_from_a_cube() {
        for (text, keys, aggregates) in [
            ("SELECT COUNT(*) FROM sessions", "", "COUNT(*)"),
            ("SELECT isp, COUNT(*) AS n FROM sessions GROUP BY isp ORDER BY n DESC", "isp", "COUNT(*)"),
            (
                "SELECT AVG(p2p + cdn) FROM sessions WHERE connected",
                "connected",
                "COUNT(*) COUNT(p2p + cdn) SUM(p2p + cdn)",
            ),
            (
                "SELECT COUNT(*) FROM sessions WHERE (p2p + cdn > 100e6) AND p2p > 0",
                "p2p + cdn > 100000000.0|p2p > 0",
                "COUNT(*)",
            ),
            (
                "SELECT isp, AVG(CASE WHEN p2p = 0 THEN 1 ELSE 0 END) FROM sessions GROUP BY 1",
                "isp|p2p = 0",
                "COUNT(*)",
            ),
            (
                "SELECT isp, MAX(cdn), MIN(stream) FROM sessions GROUP BY isp HAVING SUM(p2p) > 5",
                "isp|stream",
                "COUNT(*) MAX(cdn) SUM(p2p)",
            ),
            (
                "SELECT SUM(p2p) FILTER (WHERE cdn > p2p) / SUM(cdn) FROM sessions",
                "cdn > p2p",
                "COUNT(*) SUM(cdn) SUM(p2p)",
            ),
            ("SELECT isp FROM sessions GROUP BY isp LIMIT 3", "isp", "COUNT(*)"),
            ("SELECT DISTINCT isp, p2p > 0 FROM sessions", "isp|p2p > 0", "COUNT(*)"),
            (
                "WITH a AS (SELECT isp, SUM(cdn) AS s FROM sessions GROUP BY isp) SELECT AVG(s) FROM a",
                "isp",
                "COUNT(*) SUM(cdn)",
            ),
        ] {
            let needs = asked(text).unwrap_or_else(|| panic!("{text}")).needs;
            let names = |names: &BTreeMap<String, String>, between: &str| {
                names.keys().cloned().collect::<Vec<_>>().join(between)
            };
            assert_eq!(
                (names(&needs.keys, "|"), names(&needs.aggregates, " ")),
                (keys.to_owned(), aggregates.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_needs_the_rows_is_not() {
        for text in [
            "SELECT * FROM sessions",
            "SELECT isp FROM sessions",
            "SELECT p2p, COUNT(*) FROM sessions GROUP BY p2p",
            "SELECT MEDIAN(cdn) FROM sessions",
            "SELECT isp, VARIANCE(cdn) FROM sessions GROUP BY isp",
            "SELECT COUNT(DISTINCT cdn) FROM sessions",
            "SELECT isp, QUANTILE_CONT(cdn, 0.5) FROM sessions GROUP BY isp",
            "SELECT FLOOR(cdn / 10) AS bin, COUNT(*) FROM sessions GROUP BY bin",
            "SELECT isp, ROW_NUMBER() OVER (ORDER BY cdn) AS r FROM sessions",
            "SELECT COUNT(*) FROM sessions AS a JOIN sessions AS b ON a.stream = b.stream",
            "SELECT COUNT(*) FROM sessions WHERE isp IN (SELECT isp FROM sessions WHERE cdn > 5)",
            "SELECT 1 AS one",
        ] {
            assert!(asked(text).is_none(), "{text}");
        }
    }

    #[test]
    fn names_that_mean_the_same_are_one() {
        for (name, canonical) in [
            ("isp", "isp"),
            ("a column", "a column"),
            ("(p2p + cdn > 100e6)", "p2p + cdn > 100000000.0"),
            ("\"p2p\" > 0", "p2p > 0"),
            ("count(*)", "COUNT(*)"),
            ("COUNT( cdn )", "COUNT(cdn)"),
            ("sum((p2p + cdn))", "SUM(p2p + cdn)"),
        ] {
            assert_eq!(canonical_name(name), canonical);
        }
    }

    /// Rows that count how often they are read, and give a cube of so many cells.
    struct Reading {
        cells: usize,
        times: std::cell::Cell<usize>,
    }

    impl Rows for Reading {
        fn ask(&self, query: &str) -> Option<DataFrame> {
            self.times.set(self.times.get() + 1);
            let values: Vec<i64> = if query.contains("DISTINCT") { vec![5] } else { vec![1; self.cells] };
            DataFrame::new(values.len(), vec![Column::new(COUNT.into(), values)]).ok()
        }

        fn cube(&self, _: &Needs) -> Option<DataFrame> {
            None
        }
    }

    #[test]
    fn what_is_asked_again_is_kept() {
        let mut cubes = Cubes::new(["isp".to_owned()].into_iter(), true, false);
        let rows = Reading { cells: 9, times: 0.into() };
        let usual = asked("SELECT isp, SUM(p2p) FROM sessions GROUP BY isp").unwrap().needs;
        let other = asked("SELECT SUM(p2p) FROM sessions WHERE cdn > 5").unwrap().needs;
        assert!(cubes.covering(&usual, &rows).is_none(), "one question is no habit");
        assert!(cubes.covering(&other, &rows).is_none(), "nor is one that is new");
        assert!(cubes.covering(&usual, &rows).is_some());
        let before = rows.times.get();
        assert!(cubes.covering(&usual, &rows).is_some());
        assert!(cubes.covering(&other, &rows).is_some(), "asked before, so it was kept too");
        assert_eq!(rows.times.get(), before, "the rows have been read once for all of it");
        for n in 0..100 {
            let new = asked(&format!("SELECT COUNT(*) FROM sessions WHERE p2p > {n}.5")).unwrap().needs;
            cubes.covering(&new, &rows);
            cubes.covering(&new, &rows);
        }
        assert!(cubes.order.len() <= MOST_ASKED, "what was asked long ago is forgotten");
        assert!(cubes.covering(&usual, &rows).is_some(), "the usual is not");
    }

    #[test]
    fn a_cube_that_would_be_too_large_is_not_made() {
        let mut cubes = Cubes::new(["isp".to_owned()].into_iter(), true, false);
        let rows = Reading { cells: MOST_CELLS + 1, times: 0.into() };
        let needs = asked("SELECT isp, SUM(p2p) FROM sessions GROUP BY isp").unwrap().needs;
        for _ in 0..5 {
            assert!(cubes.covering(&needs, &rows).is_none());
        }
        assert!(rows.times.get() < 10, "and not tried for ever: {}", rows.times.get());
    }
}
