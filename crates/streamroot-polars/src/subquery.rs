//! Subqueries that stand for one value, as in `WHERE p2p > (SELECT AVG(p2p) FROM sessions)`.
//!
//! polars' SQL has none. They are answered first, inner ones before outer ones, and their values take their places.

use std::ops::ControlFlow;

use adbc_core::error::{Error, Result};
use polars::prelude::{AnyValue, DataFrame};
use sqlparser::ast::{CastKind, DataType, Expr, Query, UnaryOperator, Value, VisitorMut, With};

use crate::error::invalid_data;
use crate::rewrite::decimal;
use crate::visit::visit_mut;

/// Puts values in the place of subqueries, which `answer` answers.
pub fn evaluate(query: &mut Query, answer: &mut dyn FnMut(&Query) -> Result<DataFrame>) -> Result<()> {
    let mut evaluation = Evaluation { answer, withs: Vec::new(), failed: None };
    let _ = visit_mut(query, &mut evaluation);
    evaluation.failed.map_or(Ok(()), Err)
}

struct Evaluation<'a> {
    answer: &'a mut dyn FnMut(&Query) -> Result<DataFrame>,
    /// The WITH clauses around the place, from the outermost.
    withs: Vec<Option<With>>,
    /// Why the walk broke off.
    failed: Option<Error>,
}

impl VisitorMut for Evaluation<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        self.withs.push(query.with.clone());
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.withs.pop();
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let Expr::Subquery(subquery) = expr else { return ControlFlow::Continue(()) };
        match self.value(subquery) {
            Ok(value) => {
                *expr = value;
                ControlFlow::Continue(())
            }
            Err(error) => {
                self.failed = Some(error);
                ControlFlow::Break(())
            }
        }
    }
}

impl Evaluation<'_> {
    fn value(&mut self, subquery: &Query) -> Result<Expr> {
        let mut query = subquery.clone();
        // What the queries around it name, it can name as well.
        let mut outer: Option<With> = None;
        for with in self.withs.iter().flatten().chain(&subquery.with) {
            match &mut outer {
                Some(all) => all.cte_tables.extend(with.cte_tables.iter().cloned()),
                None => outer = Some(with.clone()),
            }
        }
        query.with = outer;
        let shown = subquery.to_string();
        let frame = (self.answer)(&query).map_err(|mut error| {
            error.message = format!("in the subquery ({shown}), which is answered by itself: {}", error.message);
            error
        })?;
        if frame.width() != 1 || frame.height() > 1 {
            return Err(invalid_data(format!(
                "the subquery ({shown}) gives {} rows of {} columns where one value is needed: aggregate it, or JOIN it",
                frame.height(),
                frame.width()
            )));
        }
        if frame.height() == 0 {
            return Ok(Expr::value(Value::Null));
        }
        match frame.columns()[0].get(0) {
            Ok(value) => literal(&value).ok_or_else(|| {
                invalid_data(format!(
                    "the subquery ({shown}) gives neither a number, a text nor a boolean: CAST it to one"
                ))
            }),
            Err(error) => Err(invalid_data(error.to_string())),
        }
    }
}

fn literal(value: &AnyValue) -> Option<Expr> {
    Some(match value {
        AnyValue::Null => Expr::value(Value::Null),
        AnyValue::Boolean(value) => Expr::value(Value::Boolean(*value)),
        AnyValue::String(value) => text(value),
        AnyValue::StringOwned(value) => text(value),
        AnyValue::Float64(value) if value.is_nan() || value.is_infinite() => Expr::Cast {
            kind: CastKind::Cast,
            expr: Box::new(Expr::value(Value::SingleQuotedString(value.to_string()))),
            data_type: DataType::Double(sqlparser::ast::ExactNumberInfo::None),
            array: false,
            format: None,
        },
        AnyValue::Float64(value) => signed(*value < 0.0, decimal(value.abs())),
        AnyValue::Int64(value) => signed(*value < 0, value.unsigned_abs().to_string()),
        _ => return None,
    })
}

/// Quotes are doubled in the syntax tree; see [`crate::sql`].
fn text(value: &str) -> Expr {
    Expr::value(Value::SingleQuotedString(value.replace('\'', "''")))
}

fn signed(negative: bool, digits: String) -> Expr {
    let number = Expr::value(Value::Number(digits, false));
    if negative {
        return Expr::Nested(Box::new(Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(number) }));
    }
    number
}
