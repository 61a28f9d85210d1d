//! Queries inside expressions: one value, `IN (SELECT ...)`, `EXISTS (SELECT ...)`.
//!
//! What does not depend on the row around it is asked once, before. What does may say so by equality in its WHERE, as in
//! `WHERE o.stream = s.stream`: it becomes a table in which each row looks up its own.

use std::sync::Arc;

use sqlparser::ast::{Expr as Syntax, GroupByExpr, Query, SetExpr};

use super::coerce::{and, comparable, conjuncts, is_null, not, not_if};
use super::functions::{AND, COALESCE, EQ, GT, LT, OR};
use super::planner::{Lookup, Place, Planned, Planner};
use super::select::{is_count, substituted};
use super::tree::{Aggregate, Expr, Id, Kind, Step, Sub, Sum};
use super::types::Type;
use crate::refusal::Refusal;

type Made = Result<Expr, Refusal>;
/// Pairs of values that are equal.
type Keys = Vec<(Expr, Expr)>;

impl Planner<'_> {
    /// A query that stands for a value.
    pub fn value_of(&mut self, subquery: &Query, at: &Place) -> Made {
        let mut planned = self.query(subquery, Some(at.scope), false)?;
        if planned.columns.len() != 1 {
            return Err(Refusal::new(format!(
                "the subquery ({subquery}) gives {} columns where one value is needed",
                planned.columns.len()
            )));
        }
        let ty = planned.columns[0].ty;
        let keys = outer_keys(&mut planned.step)?;
        if keys.is_empty() {
            let sub = sub(planned, subquery);
            return Ok(Expr::new(Kind::Value(Arc::new(sub)), ty));
        }
        self.value_by_keys(planned, keys, subquery)
    }

    /// A value for each combination of keys: a group for each, joined to the rows that have them.
    fn value_by_keys(&mut self, planned: Planned, keys: Keys, subquery: &Query) -> Made {
        let refused = || {
            Refusal::new(format!(
                "the subquery ({subquery}) depends on the row around it, so it must be one aggregate, without GROUP BY and LIMIT: group in WITH, and JOIN that"
            ))
        };
        let Step::Project { input, columns } = planned.step else { return Err(refused()) };
        let Step::Group { input, keys: none, sums } = *input else { return Err(refused()) };
        let ([(_, value)], true) = (columns.as_slice(), none.is_empty()) else { return Err(refused()) };
        let (by, on) = self.columns_of(keys);
        let counts: Vec<Id> = sums.iter().filter(|(_, _, sum)| is_count(sum)).map(|(id, ..)| *id).collect();
        let of = Step::Group { input, keys: by, sums };
        let found = self.new_id();
        self.lookups.push(Lookup { of, on, found });
        // Where nothing is found, nothing is counted.
        Ok(value.clone().replaced(&mut |part| match part.kind {
            Kind::Column(id) if counts.contains(&id) => {
                Some(Expr::call(&COALESCE, vec![part.clone(), Expr::whole(0, part.ty)], part.ty))
            }
            _ => None,
        }))
    }

    /// Columns for the inner sides of keys, and what each row looks up in them.
    fn columns_of(&mut self, keys: Keys) -> (Vec<(Id, Expr)>, Keys) {
        let column = |(inner, outer): (Expr, Expr)| {
            let id = self.new_id();
            let own = Expr::column(id, inner.ty);
            ((id, inner), (outer, own))
        };
        keys.into_iter().map(column).unzip()
    }

    /// Whether a value is one of a list, each with the value as it is compared.
    pub fn in_list(&mut self, pairs: Vec<(Expr, Expr)>, syntax: &Syntax) -> Expr {
        let (mut of, values): (Vec<Expr>, Vec<Expr>) = pairs.into_iter().unzip();
        of.truncate(1);
        let column = self.named(String::new(), of[0].ty);
        let rows = values.into_iter().map(|value| vec![value]).collect();
        let step = Step::Rows { columns: vec![(column.id, column.ty)], rows };
        let sub = Sub { step, columns: vec![column.id], text: syntax.to_string() };
        Expr::new(Kind::In(of, Arc::new(sub)), Type::Bool)
    }

    /// `x IN (SELECT y ...)`.
    pub fn in_query(&mut self, of: &Syntax, subquery: &Query, negated: bool, at: &Place) -> Made {
        let of = self.expr(of, at)?;
        let planned = self.query(subquery, Some(at.scope), false)?;
        if planned.columns.len() != 1 {
            return Err(Refusal::new(format!("IN (SELECT ...) needs one column, and has {}", planned.columns.len())));
        }
        let is_selected = is_plain(subquery, &planned.step);
        let column = &planned.columns[0];
        let inner = column.expr().at(of.place);
        let (of, inner) = comparable(of, inner)?;
        let mut planned = self.converted(planned, &[inner.ty]);
        let keys = outer_keys(&mut planned.step)?;
        if keys.is_empty() {
            let sub = sub(planned, subquery);
            let is = Expr::new(Kind::In(vec![of], Arc::new(sub)), Type::Bool);
            return Ok(not_if(negated, is));
        }
        if !is_selected {
            return Err(not_plain("IN"));
        }
        let id = planned.columns[0].id;
        let (rows, known) = self.counted(planned.clone(), keys.clone(), id)?;
        let found = self.look_up(planned, keys, Some((of.clone(), id)))?;
        // Whether a value is among others is unknown where one of them is, or the value itself.
        let call = |function, of: Vec<Expr>| Expr::call(function, of, Type::Bool);
        let fewer = call(&LT, vec![known, rows.clone()]);
        let none = Expr::whole(0, Type::BigInt);
        let unknown = call(&AND, vec![call(&GT, vec![rows, none]), call(&OR, vec![is_null(of), fewer])]);
        let whens = vec![(found, Expr::bool(true)), (unknown, Expr::null(Type::Bool))];
        Ok(not_if(negated, Expr::case(whens, Expr::bool(false))))
    }

    /// How many rows a subquery has for a row's keys, and how many of them have a value in a column.
    fn counted(&mut self, planned: Planned, keys: Keys, value: Id) -> Result<(Expr, Expr), Refusal> {
        let (input, selected) = taken_apart(planned, true)?;
        let of = selected.into_iter().find(|(id, _)| *id == value).map(|(_, of)| of).into_iter().collect();
        let (by, on) = self.columns_of(keys);
        let (rows, known, found) = (self.new_id(), self.new_id(), self.new_id());
        let sums = vec![
            (rows, Type::BigInt, Aggregate::plain(Sum::CountRows, Vec::new())),
            (known, Type::BigInt, Aggregate::plain(Sum::Count, of)),
        ];
        let of = Step::Group { input: Box::new(input), keys: by, sums };
        self.lookups.push(Lookup { of, on, found });
        Ok((Expr::column(rows, Type::BigInt), Expr::column(known, Type::BigInt)))
    }

    /// `EXISTS (SELECT ...)`.
    pub fn exists(&mut self, subquery: &Query, negated: bool, at: &Place) -> Made {
        let mut planned = self.query(subquery, Some(at.scope), false)?;
        let keys = outer_keys(&mut planned.step)?;
        let is = if keys.is_empty() {
            let sub = sub(planned, subquery);
            Expr::new(Kind::Exists(Arc::new(sub)), Type::Bool)
        } else {
            if !is_plain(subquery, &planned.step) {
                return Err(not_plain("EXISTS"));
            }
            self.look_up(planned, keys, None)?
        };
        Ok(not_if(negated, is))
    }

    /// Whether a row has its keys, and a value if one is given, in a table.
    fn look_up(&mut self, planned: Planned, keys: Keys, value: Option<(Expr, Id)>) -> Made {
        let (input, selected) = taken_apart(planned, value.is_some())?;
        let (mut columns, mut on) = self.columns_of(keys);
        if let Some((of, id)) = value {
            let Some((_, inner)) = selected.into_iter().find(|(known, _)| *known == id) else {
                return Err(only_selects());
            };
            let new = self.new_id();
            on.push((of, Expr::column(new, inner.ty)));
            columns.push((new, inner));
        }
        let of = Step::Project { input: Box::new(input), columns };
        let of = Step::Distinct { input: Box::new(of) };
        let found = self.new_id();
        self.lookups.push(Lookup { of, on, found });
        Ok(not(is_null(Expr::column(found, Type::Bool))))
    }
}

fn only_selects() -> Refusal {
    Refusal::new(
        "a subquery that depends on the row around it can only select, with that in WHERE: do the rest in WITH, and JOIN it",
    )
}

fn not_plain(what: &str) -> Refusal {
    Refusal::new(format!(
        "{what} (SELECT ...) that depends on the row around it can't group, limit or aggregate: do that in WITH, and JOIN it"
    ))
}

/// What a subquery selects of which rows, in terms of which its keys are. What IN compares has been converted to its type.
fn taken_apart(planned: Planned, is_converted: bool) -> Result<(Step, Vec<(Id, Expr)>), Refusal> {
    let Step::Project { input, columns: selected } = planned.step else { return Err(only_selects()) };
    Ok(match *input {
        Step::Project { input, columns: inner } if is_converted => {
            let replaced = selected.into_iter().map(|(id, expr)| (id, substituted(expr, &inner))).collect();
            (*input, replaced)
        }
        input => (input, selected),
    })
}

fn sub(planned: Planned, subquery: &Query) -> Sub {
    let columns = planned.columns.iter().map(|column| column.id).collect();
    Sub { step: planned.step, columns, text: subquery.to_string() }
}

/// Whether a query only selects.
fn is_plain(query: &Query, step: &Step) -> bool {
    let aggregates = matches!(step, Step::Project { input, .. } if matches!(**input, Step::Group { .. }));
    let SetExpr::Select(select) = &*query.body else { return false };
    query.with.is_none()
        && query.limit_clause.is_none()
        && query.fetch.is_none()
        && select.having.is_none()
        && select.qualify.is_none()
        && matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if keys.is_empty())
        && !aggregates
}

/// Takes out of a query's WHERE what compares its columns with those around it: its own side first.
fn outer_keys(step: &mut Step) -> Result<Keys, Refusal> {
    let mut keys = Vec::new();
    take_outer(step, &mut keys)?;
    check(step)?;
    Ok(keys)
}

fn take_outer(step: &mut Step, keys: &mut Keys) -> Result<(), Refusal> {
    match step {
        Step::Project { input, .. } | Step::Group { input, .. } | Step::Sort { input, .. } => take_outer(input, keys),
        Step::Filter { input, condition } => {
            let mut kept = Vec::new();
            for part in conjuncts(condition.clone()) {
                match outer_key(&part)? {
                    Some(key) => keys.push(key),
                    None => kept.push(part),
                }
            }
            match kept.into_iter().reduce(and) {
                Some(kept) => *condition = kept,
                None => *step = std::mem::take(input),
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// `inner = outer`, its sides in this order.
fn outer_key(part: &Expr) -> Result<Option<(Expr, Expr)>, Refusal> {
    let Kind::Call(function, of) = &part.kind else { return Ok(None) };
    if **function != EQ {
        return Ok(None);
    }
    let [a, b] = of.as_slice() else { return Ok(None) };
    let has_own = |expr: &Expr| expr.any(&|part| matches!(part.kind, Kind::Column(_)));
    let (inner, outer) = match (a.has_outer(), b.has_outer()) {
        (false, true) => (a, b),
        (true, false) => (b, a),
        _ => return Ok(None),
    };
    if has_own(outer) {
        return Ok(None);
    }
    // Columns of the query around, as that query has them.
    let own = outer.clone().replaced(&mut |part| match part.kind {
        Kind::Outer(id) => Some(part.as_column(id)),
        _ => None,
    });
    Ok(Some((inner.clone(), own)))
}

/// Nothing else of a subquery may depend on what is around it.
fn check(step: &Step) -> Result<(), Refusal> {
    if let Step::Named { of, .. } = step {
        return check(of);
    }
    match step.exprs(&|_| true).into_iter().find_map(first_outer) {
        None => step.inputs().into_iter().try_for_each(check),
        Some(place) => Err(Refusal::at_place(
            place,
            "a subquery can use a column of the query around it only in its WHERE, in an equality such as o.stream = s.stream joined by AND: name the subquery in WITH, and JOIN it",
        )),
    }
}

fn first_outer(expr: &Expr) -> Option<Option<sqlparser::tokenizer::Location>> {
    match expr.kind {
        Kind::Outer(_) => Some(expr.place),
        _ => expr.parts().into_iter().find_map(first_outer),
    }
}
