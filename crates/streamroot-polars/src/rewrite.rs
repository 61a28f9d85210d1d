//! Puts a query into a form that polars answers as other engines answer the query itself.
//!
//! | a query says | polars would | so it becomes |
//! |---|---|---|
//! | `1e8` | fail | `100000000.0` |
//! | `COUNT(*) - 1000`, `RANK()`, `LENGTH(x)`, `EXTRACT(...)` | compute in 32 or 8 bits without a sign | `CAST(... AS BIGINT)` |
//! | `CASE WHEN x THEN 1 END`, `CAST(x AS INT)` | compute in 32 bits, and overflow silently | 64 bits |
//! | `x IS NOT TRUE` | leave nulls out | `NOT COALESCE(x, FALSE)` |
//! | `-7 % 3` | answer 2 (floor) | -1, the sign of the dividend |
//! | `ROUND(2.5)` | answer 2 (half to even) | 3 (half away from zero) |
//! | `ORDER BY x DESC` | put nulls first | `NULLS LAST`, as for ascending order |
//! | `OVER ()` | aggregate the table to one row | `OVER (PARTITION BY 1)` |
//! | `OVER (ORDER BY x)` | put nulls first, and give them no rank | `OVER (ORDER BY` whether x is null, then x`)` |
//! | `ORDER BY COUNT(*)` | fail | `ORDER BY` its alias in SELECT |
//! | `GROUP BY x, x % 2` | fail on the equal names | `GROUP BY` the place in SELECT |
//! | `UNION ... ORDER BY` | order each side | order the whole |
//! | `x IN (SELECT ... GROUP BY ...)` | make a list of it for each row | a join with it |
//! | `WITH sessions AS (...)` | read the table instead | another name |
//! | `SUM(p2p), SUM(p2p)` | fail on the equal names | columns named by their text |
//! | `QUANTILE_CONT(stream, 0.5) ... GROUP BY stream` | take the quantile of all groups' keys | `CASE WHEN COUNT(*) > 0 THEN ... END` |
//! | grouped rows without `ORDER BY` | give them in another order each time | ordered by their columns |

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::ControlFlow;

use crate::sql::{Facts, Refusal, arguments, column, function_name, item, name_of, ordinal, parser};
use crate::visit::{visit, visit_mut};
use sqlparser::ast::{
    BinaryOperator, CastKind, DataType, DateTimeField, Distinct, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, GroupByExpr, Ident, ObjectName, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, Query,
    Select, SelectItem, SetExpr, TableFactor, UnaryOperator, Value, Visitor, VisitorMut, WindowSpec, WindowType,
};

/// Rewrites a query that has been checked.
pub fn rewrite(query: &mut Query) -> Result<(), Refusal> {
    order_groups(query);
    let mut rewrite = Rewrite { refusal: None };
    let _ = visit_mut(query, &mut rewrite);
    rewrite.refusal.map_or(Ok(()), Err)
}

/// Grouped or distinct rows come in the order of their columns unless the query says otherwise, so that the same query
/// gives the same rows each time, and LIMIT the same ones.
fn order_groups(query: &mut Query) {
    let SetExpr::Select(select) = &*query.body else { return };
    let grouped = match &select.group_by {
        GroupByExpr::Expressions(keys, _) => !keys.is_empty(),
        GroupByExpr::All(_) => true,
    };
    let distinct = matches!(select.distinct, Some(Distinct::Distinct));
    let plain = select.projection.iter().all(|part| item(part).is_some());
    if query.order_by.is_some() || !(grouped || distinct) || !plain {
        return;
    }
    let keys = (1..=select.projection.len()).map(|place| OrderByExpr {
        expr: Expr::value(Value::Number(place.to_string(), false)),
        options: OrderByOptions { asc: None, nulls_first: None },
        with_fill: None,
    });
    query.order_by = Some(OrderBy { kind: OrderByKind::Expressions(keys.collect()), interpolate: None });
}

struct Rewrite {
    /// Why the walk broke off.
    refusal: Option<Refusal>,
}

impl VisitorMut for Rewrite {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        rename_shadowing(query);
        order_by_alias(query);
        nulls_last(query);
        Refusal::keep(order_the_whole(query), &mut self.refusal)
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        let keys = grouping_names(select);
        group_by_place(select);
        let mut named: Vec<String> = Vec::new();
        for part in &mut select.projection {
            if let SelectItem::UnnamedExpr(expr) = part
                && !matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
            {
                let mut alias = text_name(expr);
                let times = named.iter().filter(|name| **name == alias.value).count();
                named.push(alias.value.clone());
                if times > 0 {
                    alias.value.push_str(&format!(" {}", times + 1));
                }
                *part = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
            }
            if let SelectItem::ExprWithAlias { expr, .. } = part
                && is_whole_number(expr)
            {
                *expr = to_bigint(expr.clone());
            }
            if let (Some(names), SelectItem::ExprWithAlias { expr, .. }) = (&keys, part) {
                visit_mut(expr, &mut AggregatesOfKeys { names, refusal: &mut self.refusal })?;
            }
        }
        Refusal::keep(select.selection.as_mut().map_or(Ok(()), semi_joins), &mut self.refusal)
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let rewritten = rewritten(expr).map(|new| {
            if let Some(new) = new {
                *expr = new;
            }
        });
        Refusal::keep(rewritten, &mut self.refusal)
    }
}

// ---------------------------------------------------------------- queries

/// The name of a column that has no alias: its text.
fn text_name(expr: &Expr) -> Ident {
    Ident::with_quote('"', expr.to_string().replace('"', "\"\""))
}

/// `GROUP BY x % 2, x` becomes `GROUP BY 1, x` when `x % 2` is selected: polars would name both keys x.
fn group_by_place(select: &mut Select) {
    let GroupByExpr::Expressions(keys, _) = &mut select.group_by else { return };
    for key in keys {
        let text = key.to_string();
        let place =
            select.projection.iter().position(|part| item(part).is_some_and(|(expr, _)| expr.to_string() == text));
        if let (Some(place), false) =
            (place, matches!(key, Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Value(_)))
        {
            *key = Expr::value(Value::Number((place + 1).to_string(), false));
        }
    }
}

/// Every name that a grouping key may have, if the query groups: that of a column in it, or of what is selected as such.
fn grouping_names(select: &Select) -> Option<HashSet<String>> {
    let mut names = HashSet::new();
    match &select.group_by {
        GroupByExpr::Expressions(keys, _) if keys.is_empty() => return None,
        GroupByExpr::Expressions(keys, _) => keys.iter().for_each(|key| names.extend(names_in(key))),
        GroupByExpr::All(_) => {}
    }
    for (expr, alias) in select.projection.iter().filter_map(item) {
        names.extend(alias.map(|alias| name_of(alias).into_owned()));
        if !Facts::of(expr).aggregates {
            names.extend(names_in(expr));
        }
    }
    Some(names)
}

/// The columns that an expression names.
fn names_in(expr: &Expr) -> HashSet<String> {
    struct Names(HashSet<String>);
    impl Visitor for Names {
        type Break = ();
        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
            self.0.extend(column(expr).map(Cow::into_owned));
            ControlFlow::Continue(())
        }
    }
    let mut names = Names(HashSet::new());
    let _ = visit(expr, &mut names);
    names.0
}

/// polars knows these aggregates as plain functions. Of nothing but keys, it computes them after grouping, from the one
/// row that is left of each group and from those of all others; beside a count, it computes them in each group.
struct AggregatesOfKeys<'a> {
    names: &'a HashSet<String>,
    refusal: &'a mut Option<Refusal>,
}

impl VisitorMut for AggregatesOfKeys<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = &*expr
            && function.over.is_none()
            && ["quantile_cont", "quantile_disc", "corr", "covar", "covar_pop", "covar_samp"]
                .contains(&function_name(function).as_str())
            && names_in(expr).is_subset(self.names)
        {
            let counted = parsed(&format!("CASE WHEN COUNT(*) > 0 THEN {expr} END")).map(|counted| *expr = counted);
            return Refusal::keep(counted, self.refusal);
        }
        ControlFlow::Continue(())
    }
}

/// `ORDER BY COUNT(*)` becomes `ORDER BY n` when `COUNT(*) AS n` is selected.
fn order_by_alias(query: &mut Query) {
    let SetExpr::Select(select) = &*query.body else { return };
    let names: Vec<(String, Ident)> = select
        .projection
        .iter()
        .filter_map(item)
        .filter(|(expr, _)| !matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Value(_)))
        .map(|(expr, alias)| (expr.to_string(), alias.cloned().unwrap_or_else(|| text_name(expr))))
        .collect();
    let Some(OrderBy { kind: OrderByKind::Expressions(keys), .. }) = &mut query.order_by else { return };
    for key in keys {
        let text = key.expr.to_string();
        if let Some((_, alias)) = names.iter().find(|(item, _)| *item == text) {
            key.expr = Expr::Identifier(alias.clone());
        }
    }
}

fn nulls_last(query: &mut Query) {
    if let Some(OrderBy { kind: OrderByKind::Expressions(keys), .. }) = &mut query.order_by {
        for key in keys {
            key.options.nulls_first.get_or_insert(false);
        }
    }
}

/// `a UNION b ORDER BY c` becomes `SELECT * FROM (a UNION b) ORDER BY c`.
fn order_the_whole(query: &mut Query) -> Result<(), Refusal> {
    if query.order_by.is_some() && matches!(&*query.body, SetExpr::SetOperation { .. }) {
        let whole = parsed_query(&format!("SELECT * FROM ({}) AS whole", query.body))?;
        query.body = whole.body;
    }
    Ok(())
}

/// polars looks for a table before it looks for a CTE: one that is named like a table gets another name.
fn rename_shadowing(query: &mut Query) {
    let Some(with) = &mut query.with else { return };
    for i in 0..with.cte_tables.len() {
        let name = with.cte_tables[i].alias.name.value.clone();
        if name != "sessions" && name != "faults" {
            continue;
        }
        let mut rename = Rename { new: format!("streamroot {name} {i}"), old: name };
        with.cte_tables[i].alias.name = Ident::with_quote('"', rename.new.clone());
        for later in &mut with.cte_tables[i + 1..] {
            let _ = visit_mut(&mut later.query, &mut rename);
        }
        let _ = visit_mut(&mut query.body, &mut rename);
    }
}

struct Rename {
    old: String,
    new: String,
}

impl VisitorMut for Rename {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, alias, .. } = factor
            && name.to_string().trim_matches('"') == self.old
        {
            *name = ObjectName::from(vec![Ident::with_quote('"', self.new.clone())]);
            if alias.is_none()
                && let Ok(Query { body, .. }) = parsed_query(&format!("SELECT 1 FROM x AS {}", self.old))
                && let SetExpr::Select(select) = *body
                && let Some(TableFactor::Table { alias: named, .. }) =
                    select.from.into_iter().next().map(|t| t.relation)
            {
                *alias = named;
            }
        }
        ControlFlow::Continue(())
    }
}

/// polars makes a join of `x IN (SELECT y FROM z)`, but not when the subquery groups, aggregates or limits.
fn semi_joins(condition: &mut Expr) -> Result<(), Refusal> {
    match condition {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            semi_joins(left)?;
            semi_joins(right)
        }
        Expr::Nested(inner) => semi_joins(inner),
        Expr::InSubquery { subquery, .. } => {
            let plain = match &*subquery.body {
                SetExpr::Select(select) => {
                    subquery.with.is_none()
                        && subquery.limit_clause.is_none()
                        && subquery.fetch.is_none()
                        && select.having.is_none()
                        && matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if keys.is_empty())
                        && select
                            .projection
                            .iter()
                            .filter_map(item)
                            .all(|(expr, _)| matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_)))
                }
                _ => false,
            };
            if plain {
                return Ok(());
            }
            let SetExpr::Select(select) = &mut *subquery.body else {
                return Err(Refusal {
                    sentence: "IN (SELECT ...) can't hold a UNION or the like: name it in WITH, and select from that"
                        .to_owned(),
                    place: None,
                });
            };
            let [part] = select.projection.as_mut_slice() else {
                return Err(Refusal { sentence: "IN (SELECT ...) needs one column".to_owned(), place: None });
            };
            let member = Ident::new("member");
            if let Some((expr, _)) = item(part) {
                *part = SelectItem::ExprWithAlias { expr: expr.clone(), alias: member };
            }
            **subquery = parsed_query(&format!("SELECT member FROM ({subquery}) AS members"))?;
            Ok(())
        }
        _ => Ok(()),
    }
}

// ---------------------------------------------------------------- expressions

fn rewritten(expr: &mut Expr) -> Result<Option<Expr>, Refusal> {
    Ok(match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) if digits.contains(['e', 'E']) => {
                digits.parse::<f64>().ok().map(|number| Expr::value(Value::Number(decimal(number), false)))
            }
            _ => None,
        },
        Expr::IsTrue(inner) => Some(parsed(&format!("COALESCE({inner}, FALSE)"))?),
        Expr::IsNotTrue(inner) => Some(parsed(&format!("(NOT COALESCE({inner}, FALSE))"))?),
        Expr::IsFalse(inner) => Some(parsed(&format!("(NOT COALESCE({inner}, TRUE))"))?),
        Expr::IsNotFalse(inner) => Some(parsed(&format!("COALESCE({inner}, TRUE)"))?),
        Expr::IsUnknown(inner) => Some(Expr::IsNull(inner.clone())),
        Expr::IsNotUnknown(inner) => Some(Expr::IsNotNull(inner.clone())),
        Expr::BinaryOp { left, op: BinaryOperator::Modulo, right } => Some(remainder(left, right)?),
        Expr::Cast { data_type, .. } => {
            let wide = wide_type(data_type);
            if let Some(wide) = wide {
                *data_type = wide;
            }
            None
        }
        Expr::Case { conditions, else_result, .. } => {
            for when in conditions {
                widen(&mut when.result);
            }
            if let Some(otherwise) = else_result {
                widen(otherwise);
            }
            None
        }
        Expr::Extract { field, .. } if is_whole(field) => Some(to_bigint(expr.clone())),
        Expr::Function(function) => rewritten_function(function)?,
        _ => None,
    })
}

fn rewritten_function(function: &mut Function) -> Result<Option<Expr>, Refusal> {
    let name = function_name(function);
    if let Some(WindowType::WindowSpec(spec)) = &mut function.over {
        if spec.order_by.is_empty() && spec.partition_by.is_empty() {
            spec.partition_by.push(Expr::value(Value::Number("1".to_owned(), false)));
        }
        place_nulls(spec)?;
    }
    Ok(match name.as_str() {
        "count" | "rank" | "dense_rank" | "row_number" | "length" | "char_length" | "character_length"
        | "octet_length" | "bit_length" | "array_length" | "bit_count" => {
            Some(to_bigint(Expr::Function(function.clone())))
        }
        "date_part" => {
            let field = arguments(function).first().map(|field| field.to_string().to_lowercase()).unwrap_or_default();
            let whole =
                ["year", "quarter", "month", "week", "day", "hour", "minute", "dow", "doy", "isodow", "isoyear"];
            whole.contains(&field.trim_matches('\'')).then(|| to_bigint(Expr::Function(function.clone())))
        }
        "mod" => match arguments(function).as_slice() {
            [a, b] => Some(remainder(a, b)?),
            _ => None,
        },
        "round" => match arguments(function).as_slice() {
            [x] => Some(rounded(x, 0)?),
            [x, digits] => match whole_number(digits) {
                Some(digits) if (-15..=15).contains(&digits) => Some(rounded(x, digits)?),
                _ => {
                    return Err(Refusal {
                        sentence: format!("ROUND takes a plain number of digits from -15 to 15, not {digits}"),
                        place: None,
                    });
                }
            },
            _ => None,
        },
        "coalesce" | "ifnull" | "greatest" | "least" | "if" => {
            if let FunctionArguments::List(list) = &mut function.args {
                for argument in &mut list.args {
                    if let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = argument {
                        widen(expr);
                    }
                }
            }
            None
        }
        _ => None,
    })
}

/// Nulls come last in an ascending or descending window, or first if the query says so.
fn place_nulls(spec: &mut WindowSpec) -> Result<(), Refusal> {
    let Some(key) = spec.order_by.first_mut() else { return Ok(()) };
    let descending = key.options.asc == Some(false);
    let first = key.options.nulls_first == Some(true);
    let (null, other) = if descending == first { (1, 0) } else { (0, 1) };
    let flag = parsed(&format!("CASE WHEN {} IS NULL THEN {null} ELSE {other} END", parenthesised(&key.expr)))?;
    key.options.nulls_first = None;
    let flag = OrderByExpr { expr: flag, options: key.options, with_fill: None };
    spec.order_by.insert(0, flag);
    Ok(())
}

fn parenthesised(expr: &Expr) -> String {
    match expr {
        Expr::Identifier(_)
        | Expr::CompoundIdentifier(_)
        | Expr::Value(_)
        | Expr::Function(_)
        | Expr::Nested(_)
        | Expr::Cast { .. } => expr.to_string(),
        _ => format!("({expr})"),
    }
}

/// The remainder with the sign of the dividend, from polars', which has the divisor's.
fn remainder(a: &Expr, b: &Expr) -> Result<Expr, Refusal> {
    let (a, b) = (parenthesised(a), parenthesised(b));
    let floored = format!("{a} % {b}");
    parsed(&format!("CASE WHEN {floored} <> 0 AND ({a} < 0) <> ({b} < 0) THEN {floored} - {b} ELSE {floored} END"))
}

/// Rounds half away from zero.
fn rounded(x: &Expr, digits: i32) -> Result<Expr, Refusal> {
    let x = parenthesised(x);
    let unit = decimal(10f64.powi(digits.abs()));
    parsed(&match digits {
        0 => format!("(SIGN({x}) * FLOOR(ABS({x}) + 0.5))"),
        1.. => format!("(SIGN({x}) * FLOOR(ABS({x}) * {unit} + 0.5) / {unit})"),
        _ => format!("(SIGN({x}) * FLOOR(ABS({x}) / {unit} + 0.5) * {unit})"),
    })
}

/// A number with a point and without an exponent.
pub fn decimal(number: f64) -> String {
    let text = number.to_string();
    if text.contains('.') { text } else { text + ".0" }
}

fn whole_number(expr: &Expr) -> Option<i32> {
    match expr {
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => whole_number(expr).map(|n| -n),
        Expr::Nested(inner) => whole_number(inner),
        other => ordinal(other).map(|n| n as i32 + 1).or_else(|| (other.to_string() == "0").then_some(0)),
    }
}

fn is_whole_number(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => {
            matches!(&value.value, Value::Number(digits, _) if digits.bytes().all(|b| b.is_ascii_digit()))
        }
        Expr::UnaryOp { expr, .. } | Expr::Nested(expr) => is_whole_number(expr),
        Expr::BinaryOp { left, op, right } => {
            use BinaryOperator::{Minus, Multiply, Plus};
            matches!(op, Plus | Minus | Multiply) && is_whole_number(left) && is_whole_number(right)
        }
        _ => false,
    }
}

/// A whole number that stands as a result is 64 bits wide.
fn widen(expr: &mut Expr) {
    if is_whole_number(expr) {
        *expr = to_bigint(expr.clone());
    }
}

fn to_bigint(expr: Expr) -> Expr {
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(expr),
        data_type: DataType::BigInt(None),
        array: false,
        format: None,
    }
}

/// 64 bits instead of fewer, which polars may lack or let overflow.
fn wide_type(ty: &DataType) -> Option<DataType> {
    match type_name(ty).as_str() {
        _ if is_whole_type(ty) => Some(DataType::BigInt(None)),
        "REAL" | "FLOAT" | "FLOAT4" | "FLOAT32" => parsed_type("DOUBLE"),
        _ => None,
    }
}

fn type_name(ty: &DataType) -> String {
    ty.to_string().to_ascii_uppercase().split('(').next().unwrap_or_default().to_owned()
}

/// Whether a type is one of whole numbers.
pub fn is_whole_type(ty: &DataType) -> bool {
    matches!(
        type_name(ty).as_str(),
        "BIGINT"
            | "INT"
            | "INTEGER"
            | "SMALLINT"
            | "TINYINT"
            | "MEDIUMINT"
            | "INT2"
            | "INT4"
            | "INT8"
            | "INT16"
            | "INT32"
            | "INT64"
    )
}

fn is_whole(field: &DateTimeField) -> bool {
    use DateTimeField::{
        Day, DayOfWeek, DayOfYear, Dow, Doy, Hour, Isodow, Isoyear, Minute, Month, Quarter, Week, Year,
    };
    matches!(
        field,
        Year | Quarter | Month | Week(_) | Day | DayOfWeek | DayOfYear | Dow | Doy | Isodow | Isoyear | Hour | Minute
    )
}

// ---------------------------------------------------------------- from text

/// An expression as it stands in a rewritten query.
pub fn expression(text: &str) -> Option<Expr> {
    let mut expr = parsed(text).ok()?;
    visit_mut(&mut expr, &mut Rewrite { refusal: None }).is_continue().then_some(expr)
}

/// An expression that is spelled out.
pub fn parsed(text: &str) -> Result<Expr, Refusal> {
    parser(text).and_then(|mut parser| parser.parse_expr()).map_err(|error| not_parsed(&error))
}

fn parsed_type(text: &str) -> Option<DataType> {
    parser(text).and_then(|mut parser| parser.parse_data_type()).ok()
}

fn parsed_query(text: &str) -> Result<Query, Refusal> {
    parser(text).and_then(|mut parser| parser.parse_query()).map(|query| *query).map_err(|error| not_parsed(&error))
}

fn not_parsed(error: &impl std::fmt::Display) -> Refusal {
    Refusal {
        sentence: format!("the query can't be put into a form that this engine answers ({error}): simplify it"),
        place: None,
    }
}
