//! Function calls: aggregates, each a line of a table, and the few functions that are something else than a function of
//! their arguments' values.

use sqlparser::ast::{
    DuplicateTreatment, Expr as Syntax, Function as Call, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArguments, NullTreatment, OrderByExpr,
};

use super::coerce::{case, common, comparable, to_bool};
use super::functions as f;
use super::planner::{Place, Planner};
use super::scope::{nearest, parts};
use super::tree::{Aggregate, Expr, Kind, Sum, Value};
use super::types::Type;
use crate::refusal::Refusal;

/// Aggregates, what they are, and how many values they take.
pub static AGGREGATES: &[(&str, Sum, usize)] = &[
    ("COUNT", Sum::Count, 1),
    ("SUM", Sum::Total, 1),
    ("AVG", Sum::Avg, 1),
    ("MEAN", Sum::Avg, 1),
    ("MIN", Sum::Min, 1),
    ("MAX", Sum::Max, 1),
    ("MEDIAN", Sum::Median, 1),
    ("QUANTILE_CONT", Sum::QuantileCont, 2),
    ("QUANTILE_DISC", Sum::QuantileDisc, 2),
    ("QUANTILE", Sum::QuantileDisc, 2),
    ("STDDEV", Sum::Stddev, 1),
    ("STDDEV_SAMP", Sum::Stddev, 1),
    ("STDDEV_POP", Sum::StddevPop, 1),
    ("VARIANCE", Sum::Variance, 1),
    ("VAR_SAMP", Sum::Variance, 1),
    ("VAR_POP", Sum::VariancePop, 1),
    ("CORR", Sum::Corr, 2),
    ("COVAR_SAMP", Sum::CovarSamp, 2),
    ("COVAR_POP", Sum::CovarPop, 2),
    ("FIRST", Sum::First, 1),
    ("LAST", Sum::Last, 1),
    ("ANY_VALUE", Sum::AnyValue, 1),
    ("BOOL_AND", Sum::All, 1),
    ("BOOL_OR", Sum::Any, 1),
    // A sum of what is true, which is null where there is nothing.
    ("COUNT_IF", Sum::Total, 1),
    ("COUNTIF", Sum::Total, 1),
];

/// Which of GROUP BY's keys a row is not grouped by; of as many as are given.
static GROUPING: (&str, Sum, usize) = ("GROUPING", Sum::Grouping, 1);

/// Functions that only stand with OVER, and how many values they take at least and at most.
pub static RANKING: &[(&str, usize, usize)] = &[
    ("ROW_NUMBER", 0, 0),
    ("RANK", 0, 0),
    ("DENSE_RANK", 0, 0),
    ("PERCENT_RANK", 0, 0),
    ("CUME_DIST", 0, 0),
    ("NTILE", 1, 1),
    ("LAG", 1, 3),
    ("LEAD", 1, 3),
    ("FIRST_VALUE", 1, 1),
    ("LAST_VALUE", 1, 1),
    ("NTH_VALUE", 2, 2),
];

fn is_ranking(name: &str) -> bool {
    RANKING.iter().any(|(known, ..)| *known == name)
}

/// What is refused by name, and what to write instead.
static REFUSED: &[(&str, &str)] = &[
    ("STRING_AGG", "the rows that it would join can be selected, in any order"),
    ("GROUP_CONCAT", "the rows that it would join can be selected, in any order"),
    ("LISTAGG", "the rows that it would join can be selected, in any order"),
    ("ARRAY_AGG", "there are no lists: select the rows"),
    ("LIST", "there are no lists: select the rows"),
    ("ARG_MAX", "number the rows with ROW_NUMBER() OVER (ORDER BY ... DESC), and take the first"),
    ("ARG_MIN", "number the rows with ROW_NUMBER() OVER (ORDER BY ...), and take the first"),
    ("MAX_BY", "number the rows with ROW_NUMBER() OVER (ORDER BY ... DESC), and take the first"),
    ("MIN_BY", "number the rows with ROW_NUMBER() OVER (ORDER BY ...), and take the first"),
    ("MODE", "count the values, order by the count, and take the first"),
    ("APPROX_COUNT_DISTINCT", "write COUNT(DISTINCT x)"),
    ("APPROX_QUANTILE", "write QUANTILE_CONT(x, part)"),
    ("HISTOGRAM", "group by FLOOR(x / width)"),
    ("TIME_BUCKET", "write DATE_TRUNC('hour', time)"),
    ("DATE_ADD", "add a number of days to a DATE"),
    ("TO_TIMESTAMP", "what it gives has a time zone, so write EPOCH_MS(CAST(1000 * x AS BIGINT))"),
    ("REGEXP_REPLACE", "use REPLACE"),
    ("REGEXP_EXTRACT", "use SPLIT_PART and SUBSTR"),
    ("RANDOM", "order by something that is the same each time"),
    ("NOW", "write the time out, as in TIMESTAMP '2020-03-01 10:15:30'"),
    ("CURRENT_TIMESTAMP", "write the time out, as in TIMESTAMP '2020-03-01 10:15:30'"),
    ("CURRENT_DATE", "write the date out, as in DATE '2020-03-01'"),
    ("TODAY", "write the date out, as in DATE '2020-03-01'"),
    ("DIV", "write a // b"),
    ("NVL", "write COALESCE(a, b)"),
];

/// Parts of a time that are functions, too.
const TIME_PARTS: &str = "YEAR QUARTER MONTH WEEK DAY HOUR MINUTE SECOND MILLISECOND MICROSECOND DAYOFWEEK WEEKDAY ISODOW \
    DAYOFYEAR DAYOFMONTH WEEKOFYEAR ISOYEAR DECADE CENTURY YEARWEEK";

/// A function's arguments, as the query has them.
pub struct Given<'s> {
    /// The function's name, in upper case.
    pub name: String,
    /// All of the call, where refusals stand.
    pub whole: &'s Syntax,
    pub of: Vec<&'s Syntax>,
    pub all_rows: bool,
    pub distinct: bool,
    pub ignore_nulls: bool,
    pub order: &'s [OrderByExpr],
    pub filter: Option<&'s Syntax>,
}

impl Given<'_> {
    /// Whether it says what only an aggregate takes.
    pub fn is_of_aggregate(&self) -> bool {
        self.all_rows || self.distinct || self.filter.is_some() || !self.order.is_empty()
    }
}

impl Planner<'_> {
    pub fn function(&mut self, call: &Call, whole: &Syntax, at: &Place) -> Result<Expr, Refusal> {
        let (schema, name) = parts(&call.name)?;
        let shown = name.value.to_uppercase();
        let refuse = |sentence: String| Err(Refusal::at(whole, sentence));
        if schema.is_some() || name.quote_style.is_some() {
            return refuse(format!("there is no function {}", call.name));
        }
        if !matches!(call.parameters, FunctionArguments::None) {
            return refuse(format!("{shown} takes its values in one pair of parentheses"));
        }
        let given = given(call, shown, whole)?;
        if let Some(over) = &call.over {
            return self.window(&given, over, at);
        }
        let shown = &*given.name;
        let is_grouping = matches!(shown, "GROUPING" | "GROUPING_ID");
        let known = AGGREGATES.iter().find(|(name, ..)| *name == shown);
        if let Some((_, sum, takes)) = known.or(is_grouping.then_some(&GROUPING)) {
            if !at.aggregates {
                let instead = match at.clause {
                    "WHERE" => "put the condition in HAVING",
                    "GROUP BY" => "compute it in WITH, and group what comes out",
                    "an aggregate" => "compute the inner one in WITH",
                    _ => "compute it in WITH",
                };
                return refuse(format!("an aggregate can't stand in {}: {instead}", at.clause));
            }
            let inside = Place { aggregates: false, windows: None, clause: "an aggregate", ..*at };
            let takes = if is_grouping { given.of.len().max(1) } else { *takes };
            let aggregate = self.aggregate(&given, *sum, takes, &inside)?;
            let ty = type_of(&aggregate);
            return Ok(Expr::new(Kind::Aggregate(Box::new(aggregate)), ty));
        }
        if given.is_of_aggregate() || given.ignore_nulls {
            return refuse(format!("DISTINCT, FILTER, ORDER BY and * belong to aggregates, and {shown} is none here"));
        }
        if let Some((_, instead)) = REFUSED.iter().find(|(name, _)| *name == shown) {
            return refuse(format!("the engine has no {shown}: {instead}"));
        }
        if is_ranking(shown) {
            return refuse(format!("{shown} needs an order: write {shown}(...) OVER (ORDER BY ...)"));
        }
        let of = self.exprs(given.of, at)?;
        if let Some(made) = self.special(shown, &of, whole)? {
            return Ok(made);
        }
        match f::find(shown) {
            Some(function) => self.apply(function, of),
            None => {
                let more = AGGREGATES.iter().map(|(name, ..)| *name).chain(RANKING.iter().map(|(name, ..)| *name));
                let near = nearest(shown, f::names().chain(more).chain(TIME_PARTS.split(' ')));
                let near = near.map_or("compute it from others".to_owned(), |near| format!("is it {near}?"));
                refuse(format!("the engine has no function {shown}: {near}"))
            }
        }
    }

    /// Functions that are written another way, or depend on the types of what they take.
    fn special(&mut self, name: &str, of: &[Expr], whole: &Syntax) -> Result<Option<Expr>, Refusal> {
        let all = of.to_vec();
        Ok(Some(match (name, of) {
            ("COALESCE", [_, ..]) | ("IFNULL", [_, _]) => {
                let (of, ty) = common(all, name)?;
                Expr::call(&f::COALESCE, of, ty)
            }
            ("NULLIF", [a, b]) => {
                let (left, right) = comparable(a.clone(), b.clone())?;
                let equal = Expr::call(&f::EQ, vec![left, right], Type::Bool);
                Expr::case(vec![(equal, Expr::null(a.ty))], a.clone())
            }
            ("IF", [condition, yes, no]) => case(vec![condition.clone()], vec![yes.clone(), no.clone()], name)?,
            ("PI", []) => Expr::new(Kind::Literal(Value::Number(std::f64::consts::PI)), Type::Double),
            ("TYPEOF", [of]) => Expr::text(of.ty.name()),
            ("MOD", [a, b]) => {
                super::arithmetic::arithmetic(&sqlparser::ast::BinaryOperator::Modulo, a.clone(), b.clone(), whole)?
            }
            ("EPOCH_MS", [of]) if of.ty.is_whole() => self.apply(&f::OF_MILLIS, all)?,
            ("MAKE_TIMESTAMP", [_]) => self.apply(&f::OF_MICROS, all)?,
            ("STRFTIME", [form, time]) if form.ty == Type::Text && time.ty.is_time() => {
                self.apply(&f::STRFTIME, vec![time.clone(), form.clone()])?
            }
            ("TRUNC", [of, digits]) => {
                return Err(Refusal::at_place(
                    digits.place.or(of.place),
                    "TRUNC takes no digits here: TRUNC(x * 100) / 100 keeps two",
                ));
            }
            ("REGEXP_MATCHES" | "REGEXP_FULL_MATCH", [text, pattern, flags])
                if flags.literal() == Some(&Value::Text("i".to_owned())) =>
            {
                let pattern = Expr::call(&f::JOIN, vec![Expr::text("(?i)"), pattern.clone()], Type::Text);
                match f::find(name) {
                    Some(function) => self.apply(function, vec![text.clone(), pattern])?,
                    None => return Ok(None),
                }
            }
            ("REGEXP_MATCHES" | "REGEXP_FULL_MATCH", [_, _, flags]) => {
                return Err(Refusal::at_place(
                    flags.place,
                    format!(
                        "of what {name} can take behind the pattern, only 'i' is known here: write (?s) and the like into the pattern"
                    ),
                ));
            }
            (part, [of]) if TIME_PARTS.split(' ').any(|known| known == part) => {
                self.date_part(crate::run::times::part_name(part).unwrap_or("day").to_owned(), of.clone())?
            }
            ("DATE_PART" | "DATEPART", [part, of]) if part.literal() == Some(&Value::Text("epoch".to_owned())) => {
                self.apply(&f::EPOCH, vec![of.clone()])?
            }
            _ => return Ok(None),
        }))
    }

    /// An aggregate of what stands in its parentheses, which is planned as at `inside`.
    pub fn aggregate(&mut self, given: &Given, sum: Sum, takes: usize, inside: &Place) -> Result<Aggregate, Refusal> {
        let name = &*given.name;
        let refuse = |sentence: String| Err(Refusal::at(given.whole, sentence));
        if !given.order.is_empty() {
            return refuse(format!("{name} takes no order here: order the rows in WITH"));
        }
        if given.ignore_nulls && !matches!(sum, Sum::First | Sum::Last | Sum::AnyValue) {
            return refuse(format!("{name} leaves nulls out anyway: write it without IGNORE NULLS"));
        }
        let filter = self.condition(given.filter, inside)?;
        let mut aggregate = Aggregate { sum, of: Vec::new(), part: 0.0, distinct: given.distinct, filter };
        if given.all_rows || (sum == Sum::Count && given.of.is_empty() && name == "COUNT") {
            if sum != Sum::Count || given.distinct || name != "COUNT" {
                return refuse(format!("* can only stand in COUNT(*): name what {name} is to take"));
            }
            return Ok(Aggregate { sum: Sum::CountRows, ..aggregate });
        }
        if given.of.len() != takes {
            let instead = if given.distinct { ": select the distinct rows in WITH, and count those" } else { "" };
            let values = if takes == 1 { "one value" } else { "two values" };
            return refuse(format!("{name} takes {values}, not {}{instead}", given.of.len()));
        }
        aggregate.of = self.exprs(given.of.iter().copied(), inside)?;
        if matches!(sum, Sum::QuantileCont | Sum::QuantileDisc) {
            let part = aggregate.of.pop();
            let part = match part.as_ref().map(|part| (part.literal(), part.ty)) {
                Some((Some(Value::Whole(n)), ty)) => Some(*n as f64 / 10f64.powi(ty.scale().into())),
                Some((Some(Value::Number(x)), _)) => Some(*x),
                _ => None,
            };
            match part {
                Some(part) if (0.0..=1.0).contains(&part) => aggregate.part = part,
                _ => {
                    return refuse(format!(
                        "{name} takes a part that is written out, from 0 to 1, as in {name}(x, 0.5)"
                    ));
                }
            }
        }
        if name.starts_with("COUNT") && name != "COUNT" {
            aggregate.of = aggregate.of.into_iter().map(to_bool).collect::<Result<_, _>>()?;
        }
        let takes_any = matches!(
            sum,
            Sum::Grouping
                | Sum::Count
                | Sum::Min
                | Sum::Max
                | Sum::QuantileDisc
                | Sum::First
                | Sum::Last
                | Sum::AnyValue
        );
        // What lies between two values may be none of the type.
        let is_between = matches!(sum, Sum::Median | Sum::QuantileCont);
        for of in &mut aggregate.of {
            let ty = of.ty;
            let value = std::mem::replace(of, Expr::null(Type::Null));
            *of = match sum {
                Sum::All | Sum::Any => to_bool(value)?,
                _ if ty == Type::Null => value.cast(if takes_any { Type::Int } else { Type::Double }),
                _ if takes_any => value,
                Sum::Total if ty == Type::Bool => value.cast(Type::Int),
                Sum::Total if ty.is_number() => value,
                _ if matches!(ty, Type::Decimal(_)) && is_between => {
                    return refuse(format!("{name} takes no DECIMAL here: CAST it to DOUBLE"));
                }
                _ if ty.is_number() => value.cast(Type::Double),
                _ => {
                    let hint = match (is_between, ty) {
                        (true, _) => ", or take QUANTILE_DISC",
                        (false, Type::Text) => ", or TRY_CAST it, to which what is no number is missing",
                        (false, _) => "",
                    };
                    return refuse(format!("{name} takes numbers, and this is a {}: CAST it{hint}", ty.name()));
                }
            };
        }
        if sum == Sum::Grouping && (given.distinct || aggregate.filter.is_some() || aggregate.of.len() > 60) {
            return refuse(format!("{name} takes up to 60 of GROUP BY's keys, and nothing else"));
        }
        if given.distinct && matches!(sum, Sum::Min | Sum::Max | Sum::All | Sum::Any | Sum::AnyValue) {
            aggregate.distinct = false;
        }
        if aggregate.distinct && !matches!(sum, Sum::Count | Sum::Total | Sum::Avg) {
            return refuse(format!("{name} takes no DISTINCT here: select the distinct values in WITH first"));
        }
        Ok(aggregate)
    }
}

/// What stands in a function's parentheses.
fn given<'s>(call: &'s Call, name: String, whole: &'s Syntax) -> Result<Given<'s>, Refusal> {
    let refuse = |sentence: String| Err(Refusal::at(whole, sentence));
    let mut given = Given {
        name,
        whole,
        of: Vec::new(),
        all_rows: false,
        distinct: false,
        ignore_nulls: matches!(call.null_treatment, Some(NullTreatment::IgnoreNulls)),
        order: &[],
        filter: call.filter.as_deref(),
    };
    let name = &*given.name;
    if !call.within_group.is_empty() {
        return refuse(format!("{name} takes no WITHIN GROUP here: write QUANTILE_CONT(x, part)"));
    }
    let list = match &call.args {
        FunctionArguments::None => return Ok(given),
        FunctionArguments::List(list) => list,
        FunctionArguments::Subquery(_) => {
            return refuse(format!("{name} takes no query here: put it in parentheses of its own"));
        }
    };
    given.distinct = matches!(list.duplicate_treatment, Some(DuplicateTreatment::Distinct));
    for clause in &list.clauses {
        match clause {
            FunctionArgumentClause::IgnoreOrRespectNulls(NullTreatment::IgnoreNulls) => given.ignore_nulls = true,
            FunctionArgumentClause::IgnoreOrRespectNulls(NullTreatment::RespectNulls) => {}
            FunctionArgumentClause::OrderBy(order) => given.order = order,
            FunctionArgumentClause::Limit(_)
            | FunctionArgumentClause::OnOverflow(_)
            | FunctionArgumentClause::Having(_)
            | FunctionArgumentClause::Separator(_)
            | FunctionArgumentClause::JsonNullClause(_)
            | FunctionArgumentClause::JsonReturningClause(_) => {
                return refuse(format!("{name} takes values only here: leave out {clause}"));
            }
        }
    }
    for part in &list.args {
        match part {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => given.of.push(expr),
            FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => given.all_rows = true,
            FunctionArg::Unnamed(FunctionArgExpr::QualifiedWildcard(_) | FunctionArgExpr::WildcardWithOptions(_)) => {
                return refuse(format!("{part} can't stand in {name} here: name a column"));
            }
            FunctionArg::Named { .. } | FunctionArg::ExprNamed { .. } => {
                return refuse(format!("{name} takes values without names: leave out what stands before {part}"));
            }
        }
    }
    Ok(given)
}

/// The type of an aggregate.
pub fn type_of(aggregate: &Aggregate) -> Type {
    let of = aggregate.of.first().map_or(Type::Null, |of| of.ty);
    match aggregate.sum {
        Sum::CountRows | Sum::Count | Sum::Grouping => Type::BigInt,
        Sum::Total => match of {
            Type::Float | Type::Double => Type::Double,
            Type::Decimal(scale) => Type::Decimal(scale),
            _ => Type::HugeInt,
        },
        Sum::Min | Sum::Max | Sum::QuantileDisc | Sum::First | Sum::Last | Sum::AnyValue => of,
        Sum::All | Sum::Any => Type::Bool,
        Sum::Avg
        | Sum::Median
        | Sum::QuantileCont
        | Sum::Stddev
        | Sum::StddevPop
        | Sum::Variance
        | Sum::VariancePop
        | Sum::Corr
        | Sum::CovarSamp
        | Sum::CovarPop => Type::Double,
    }
}
