//! Queries: WITH, the operations between SELECTs, ORDER BY, LIMIT.

use std::sync::Arc;

use sqlparser::ast::{Expr as Syntax, LimitClause, OrderBy, Query, SetExpr, SetOperator, SetQuantifier, Values};

use super::coerce::{common, literal_of};
use super::order::order_keys;
use super::planner::{Place, Planned, Planner, Table};
use super::scope::{Cte, Named, Scope, name_of, rename};
use super::tree::{Expr, Id, Step, Value};
use super::types::Type;
use crate::refusal::Refusal;

/// More SELECTs than these are not put together.
const MOST_UNITED: usize = 64;

/// The rows that a query asks for. Rows that are grouped or distinct come in the order of their columns, unless the query
/// has one, so that the same query gives the same rows each time, and LIMIT the same ones.
pub fn plan(query: &Query, tables: &[Table]) -> Result<Planned, Refusal> {
    let mut planner = Planner::new(tables);
    planner.query(query, None, true)
}

impl Planner<'_> {
    /// The rows of a query. `outermost` if nothing reads them but the user.
    pub fn query(&mut self, query: &Query, around: Option<&Scope>, outermost: bool) -> Result<Planned, Refusal> {
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        if !locks.is_empty() || for_clause.is_some() || settings.is_some() || format_clause.is_some() {
            return Err(Refusal::new("FOR, SETTINGS and FORMAT can't be used here: leave them out"));
        }
        if !pipe_operators.is_empty() {
            return Err(Refusal::new("|> can't be used here: write the steps in WITH"));
        }
        let known = self.ctes.len();
        if let Some(with) = with {
            if with.recursive {
                return Err(Refusal::new(
                    "WITH RECURSIVE can't be used here: only steps that don't read themselves can",
                ));
            }
            for cte in &with.cte_tables {
                if cte.from.is_some() {
                    return Err(Refusal::at_name(&cte.alias.name, "FROM can't stand in WITH"));
                }
                let mut planned = self.query(&cte.query, around, false)?;
                rename(&mut planned.columns, &cte.alias)?;
                let name = name_of(&cte.alias.name).into_owned();
                let key = self.new_id();
                self.ctes.push(Cte { name, step: Arc::new(planned.step), columns: planned.columns, key });
            }
        }
        let planned = match &**body {
            SetExpr::Select(select) => self.select(select, order_by.as_ref(), around, outermost),
            other => {
                let planned = self.body(other, around)?;
                self.order_whole(planned, order_by.as_ref())
            }
        };
        let mut planned = planned?;
        self.ctes.truncate(known);
        let (most, offset) = limits(limit_clause.as_ref())?;
        let most = match fetch {
            None => most,
            Some(fetch) if fetch.with_ties || fetch.percent => {
                return Err(Refusal::new("FETCH can only have a number of ROWS"));
            }
            Some(fetch) => fetch.quantity.as_ref().map_or(Ok(Some(1)), |rows| count(rows).map(Some))?,
        };
        if most.is_some() || offset > 0 {
            planned.step = limited(planned.step, offset, most);
        }
        Ok(planned)
    }

    fn body(&mut self, body: &SetExpr, around: Option<&Scope>) -> Result<Planned, Refusal> {
        match body {
            SetExpr::Select(select) => self.select(select, None, around, false),
            SetExpr::Query(query) => self.query(query, around, false),
            SetExpr::Values(values) => self.values(values, around),
            SetExpr::Table(table) => {
                let name = table.table_name.as_deref().unwrap_or_default();
                let (step, relation) = self.table(&sqlparser::ast::Ident::new(name))?;
                Ok(Planned { step, columns: relation.columns })
            }
            SetExpr::SetOperation { .. } => self.operations(body, around),
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                Err(Refusal::new("the data can be read with SELECT only"))
            }
        }
    }

    /// A chain of UNION and the like, from its first SELECT on.
    fn operations(&mut self, body: &SetExpr, around: Option<&Scope>) -> Result<Planned, Refusal> {
        let mut chain = Vec::new();
        let mut first = body;
        while let SetExpr::SetOperation { op, set_quantifier, left, right } = first {
            chain.push((*op, *set_quantifier, &**right));
            first = left;
            if chain.len() >= MOST_UNITED {
                return Err(Refusal::new(format!("more than {MOST_UNITED} SELECTs can't be put together at once")));
            }
        }
        let mut all = self.body(first, around)?;
        for (op, quantifier, right) in chain.into_iter().rev() {
            let other = self.body(right, around)?;
            all = self.operation(op, quantifier, all, other)?;
        }
        Ok(all)
    }

    fn operation(
        &mut self,
        op: SetOperator,
        quantifier: SetQuantifier,
        left: Planned,
        right: Planned,
    ) -> Result<Planned, Refusal> {
        if left.columns.len() != right.columns.len() {
            return Err(Refusal::new(format!(
                "{op} needs as many columns on both sides, and there are {} and {}",
                left.columns.len(),
                right.columns.len()
            )));
        }
        let all = match quantifier {
            SetQuantifier::All => true,
            SetQuantifier::Distinct | SetQuantifier::None => false,
            SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName => {
                return Err(Refusal::new(format!("{op} BY NAME can't be used here: select the columns in one order")));
            }
        };
        let mut types = Vec::with_capacity(left.columns.len());
        for (i, (a, b)) in left.columns.iter().zip(&right.columns).enumerate() {
            types.push(match (is_null(&left.step, a.id), is_null(&right.step, b.id)) {
                (true, false) => b.ty,
                (false, true) => a.ty,
                _ if a.ty == Type::Text || b.ty == Type::Text => Type::Text,
                _ => a.ty.with(b.ty).ok_or_else(|| {
                    let (a, b) = (a.ty.name(), b.ty.name());
                    Refusal::new(format!(
                        "column {} of {op} is a {a} on one side and a {b} on the other: CAST one of them",
                        i + 1
                    ))
                })?,
            });
        }
        let names: Vec<String> = left.columns.iter().map(|column| column.name.clone()).collect();
        let (left, right) = (self.converted(left, &types), self.converted(right, &types));
        let ids = |planned: &Planned| planned.columns.iter().map(|column| column.id).collect::<Vec<_>>();
        match op {
            SetOperator::Union => {
                let columns: Vec<Named> =
                    names.into_iter().zip(&types).map(|(name, ty)| self.named(name, *ty)).collect();
                let inputs = vec![(left.step.clone(), ids(&left)), (right.step.clone(), ids(&right))];
                let mut step =
                    Step::Union { inputs, columns: columns.iter().map(|column| (column.id, column.ty)).collect() };
                if !all {
                    step = Step::Distinct { input: Box::new(step) };
                }
                Ok(Planned { step, columns })
            }
            SetOperator::Intersect | SetOperator::Except | SetOperator::Minus if !all => {
                let on = ids(&left).into_iter().zip(ids(&right)).collect();
                let step = Step::Intersect {
                    left: Box::new(Step::Distinct { input: Box::new(left.step) }),
                    right: Box::new(right.step),
                    on,
                    except: op != SetOperator::Intersect,
                };
                Ok(Planned { step, columns: left.columns })
            }
            SetOperator::Intersect | SetOperator::Except | SetOperator::Minus => {
                Err(Refusal::new(format!("{op} ALL can't be used here: number equal rows, and use {op} then")))
            }
        }
    }

    fn values(&mut self, values: &Values, around: Option<&Scope>) -> Result<Planned, Refusal> {
        let scope = Scope::inside(around);
        let mut rows: Vec<Vec<Expr>> = Vec::new();
        for row in &values.rows {
            let row = self.exprs(&row.content, &Place::plain(&scope, "VALUES"))?;
            if rows.first().is_some_and(|first| first.len() != row.len()) {
                return Err(Refusal::new("VALUES needs as many values in each row"));
            }
            rows.push(row);
        }
        let mut columns = Vec::new();
        for i in 0..rows.first().map_or(0, Vec::len) {
            let (values, ty) = common(rows.iter().map(|row| row[i].clone()).collect(), "VALUES")?;
            columns.push(self.named(format!("col{i}"), ty));
            rows.iter_mut().zip(values).for_each(|(row, value)| row[i] = value);
        }
        let step = Step::Rows { columns: columns.iter().map(|column| (column.id, column.ty)).collect(), rows };
        Ok(Planned { step, columns })
    }

    /// Orders what UNION and the like have put together, by its columns.
    fn order_whole(&mut self, planned: Planned, order: Option<&OrderBy>) -> Result<Planned, Refusal> {
        let Some(order) = order else { return Ok(planned) };
        let Planned { step, columns } = planned;
        let all: Vec<Expr> = columns.iter().map(Named::expr).collect();
        let scope = Scope {
            relations: vec![super::scope::Relation { columns: columns.clone(), ..Default::default() }],
            ..Scope::default()
        };
        let keys = order_keys(order, &all, |syntax| self.expr(syntax, &Place::plain(&scope, "ORDER BY")))?;
        Ok(Planned { step: Step::Sort { input: Box::new(step), keys }, columns })
    }
}

/// Whether a column is NULL throughout, since it is written so.
fn is_null(step: &Step, id: Id) -> bool {
    match step {
        Step::Sort { input, .. } | Step::Limit { input, .. } => is_null(input, id),
        Step::Project { columns, .. } => {
            columns.iter().any(|(known, of)| *known == id && of.literal() == Some(&Value::Null))
        }
        _ => false,
    }
}

/// Some rows of a step. Nothing is computed of others, since it might fail.
fn limited(step: Step, offset: u64, most: Option<u64>) -> Step {
    match step {
        Step::Project { input, columns } => Step::Project { input: Box::new(limited(*input, offset, most)), columns },
        other => Step::Limit { input: Box::new(other), offset, most },
    }
}

/// LIMIT and OFFSET.
fn limits(clause: Option<&LimitClause>) -> Result<(Option<u64>, u64), Refusal> {
    let given = |syntax: &Syntax| match syntax {
        Syntax::Value(value) if value.value == sqlparser::ast::Value::Null => Ok(None),
        Syntax::Identifier(name) if name.value.eq_ignore_ascii_case("all") => Ok(None),
        other => count(other).map(Some),
    };
    match clause {
        None => Ok((None, 0)),
        Some(LimitClause::LimitOffset { limit_by, .. }) if !limit_by.is_empty() => {
            Err(Refusal::new("LIMIT BY can't be used here: number the rows with ROW_NUMBER"))
        }
        Some(LimitClause::LimitOffset { limit, offset, limit_by: _ }) => {
            let most = limit.as_ref().map_or(Ok(None), given)?;
            Ok((most, offset.as_ref().map_or(Ok(0), |offset| count(&offset.value))?))
        }
        Some(LimitClause::OffsetCommaLimit { .. }) => {
            Err(Refusal::new("LIMIT has one number here: write LIMIT n OFFSET m"))
        }
    }
}

/// A number of rows that is written out.
pub fn count(syntax: &Syntax) -> Result<u64, Refusal> {
    let number = literal_of(syntax).and_then(|value| match value {
        Value::Whole(n) => u64::try_from(n).ok(),
        _ => None,
    });
    number
        .ok_or_else(|| Refusal::at(syntax, format!("a number of rows is a plain whole number here, and not {syntax}")))
}
