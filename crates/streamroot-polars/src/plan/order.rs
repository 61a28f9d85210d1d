//! ORDER BY: what its parts stand for.

use sqlparser::ast::{Expr as Syntax, OrderBy, OrderByKind};

use super::planner::key;
use super::tree::{Expr, Key};
use crate::refusal::Refusal;

/// The keys of ORDER BY: all columns, one of them by its place, or what `plan` makes of it.
pub fn order_keys(
    order: &OrderBy,
    all: &[Expr],
    mut plan: impl FnMut(&Syntax) -> Result<Expr, Refusal>,
) -> Result<Vec<Key>, Refusal> {
    if order.interpolate.is_some() {
        return Err(Refusal::new("INTERPOLATE can't be used here: leave it out"));
    }
    match &order.kind {
        OrderByKind::All(options) => Ok(all.iter().map(|of| key(of.clone(), options)).collect()),
        OrderByKind::Expressions(keys) => {
            let mut planned = Vec::with_capacity(keys.len());
            for part in keys {
                if part.with_fill.is_some() {
                    return Err(Refusal::at(part, "WITH FILL can't be used here: leave it out"));
                }
                let of = match position(&part.expr, all.len())? {
                    Some(place) => all[place].clone(),
                    None => plan(&part.expr)?,
                };
                planned.push(key(of, &part.options));
            }
            Ok(planned)
        }
    }
}

/// The place among so many columns that a number in GROUP BY or ORDER BY stands for.
pub fn position(syntax: &Syntax, columns: usize) -> Result<Option<usize>, Refusal> {
    let Syntax::Value(value) = syntax else { return Ok(None) };
    let sqlparser::ast::Value::Number(digits, _) = &value.value else { return Ok(None) };
    let Ok(place) = digits.parse::<usize>() else { return Ok(None) };
    match place.checked_sub(1).filter(|place| *place < columns) {
        Some(place) => Ok(Some(place)),
        None => Err(Refusal::at(syntax, format!("there is no column {place} in SELECT: it has {columns}"))),
    }
}
