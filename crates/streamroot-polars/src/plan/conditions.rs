//! WHERE: of joined tables, each condition is asked as far down as it can be, so that fewer rows are joined, and those by what
//! is equal.

use super::coerce::conjuncts;
use super::failing::can_fail;
use super::functions::{AND, EQ};
use super::tree::{Expr, Id, Kind, Side, Step};
use super::types::Type;
use crate::run::used::columns;

/// The rows of a step for which a condition is true.
pub fn filtered(mut step: Step, condition: Expr) -> Step {
    let mut kept: Option<Expr> = None;
    for part in conjuncts(condition) {
        // What can fail is asked of the rows that are left, and of no others.
        let rest = if can_fail(&part) || depends(&part) { Some(part) } else { sunk(&mut step, part) };
        kept = and(kept, rest);
    }
    match kept {
        None => step,
        Some(condition) => Step::Filter { input: Box::new(step), condition },
    }
}

/// A join in which what ON says of one side alone is asked of that side, where the rows of it that fit nothing are not wanted.
pub fn narrowed(mut join: Step) -> Step {
    let Step::Join { left, right, side, and: rest, .. } = &mut join else { return join };
    let mut kept = None;
    for part in rest.take().into_iter().flat_map(conjuncts) {
        let of_right = matches!(side, Side::Inner | Side::Left | Side::Semi | Side::Anti);
        let of_left = matches!(side, Side::Inner | Side::Right | Side::Semi);
        if can_fail(&part) || depends(&part) {
            kept = and(kept, Some(part));
        } else if of_right && reads_only(&part, &columns(right)) {
            put(right, part);
        } else if of_left && reads_only(&part, &columns(left)) {
            put(left, part);
        } else {
            kept = and(kept, Some(part));
        }
    }
    *rest = kept;
    join
}

fn and(before: Option<Expr>, more: Option<Expr>) -> Option<Expr> {
    match (before, more) {
        (Some(before), Some(more)) => Some(Expr::call(&AND, vec![before, more], Type::Bool)),
        (before, more) => before.or(more),
    }
}

/// Whether a query stands in an expression, or a column of the query around it.
fn depends(expr: &Expr) -> bool {
    expr.any(&|part| matches!(part.kind, Kind::Outer(_) | Kind::Value(_) | Kind::In(..) | Kind::Exists(_)))
}

fn reads_only(expr: &Expr, all: &[Id]) -> bool {
    !expr.any(&|part| matches!(part.kind, Kind::Column(id) if !all.contains(&id)))
}

/// Puts a condition on a step's rows, or gives it back if nothing below it can take it.
fn sunk(step: &mut Step, part: Expr) -> Option<Expr> {
    match step {
        Step::Lookup { input, .. } if reads_only(&part, &columns(input)) => {
            put(input, part);
            None
        }
        Step::Join { left, right, side, on, and: rest } => {
            let (of_left, of_right) = (columns(left), columns(right));
            match side {
                Side::Inner | Side::Left | Side::Semi | Side::Anti if reads_only(&part, &of_left) => put(left, part),
                Side::Inner if reads_only(&part, &of_right) => put(right, part),
                Side::Inner => match &part.kind {
                    Kind::Call(function, of)
                        if **function == EQ && reads_only(&of[0], &of_left) && reads_only(&of[1], &of_right) =>
                    {
                        on.push((of[0].clone(), of[1].clone()));
                    }
                    Kind::Call(function, of)
                        if **function == EQ && reads_only(&of[1], &of_left) && reads_only(&of[0], &of_right) =>
                    {
                        on.push((of[1].clone(), of[0].clone()));
                    }
                    _ => *rest = and(rest.take(), Some(part)),
                },
                Side::Left | Side::Right | Side::Full | Side::Semi | Side::Anti => return Some(part),
            }
            None
        }
        _ => Some(part),
    }
}

fn put(step: &mut Box<Step>, part: Expr) {
    let Some(condition) = sunk(step, part) else { return };
    match &mut **step {
        Step::Filter { condition: known, .. } => {
            let before = std::mem::replace(known, Expr::bool(true));
            *known = Expr::call(&AND, vec![before, condition], Type::Bool);
        }
        _ => {
            let none = Step::Rows { columns: Vec::new(), rows: Vec::new() };
            let input = std::mem::replace(step, Box::new(none));
            **step = Step::Filter { input, condition };
        }
    }
}
