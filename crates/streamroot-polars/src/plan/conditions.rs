//! WHERE: of joined tables, each condition is asked as far down as it can be, so that fewer rows are joined, and those by what
//! is equal.

use super::coerce::{and, conjuncts};
use super::failing::can_fail;
use super::functions::EQ;
use super::tree::{Expr, Id, Kind, Side, Step};
use crate::run::used::columns;

/// The rows of a step for which a condition is true.
pub fn filtered(mut step: Step, condition: Expr) -> Step {
    // What can fail is asked of the rows that are left, and of no others.
    let left = |part: Expr| if can_fail(&part) || depends(&part) { Some(part) } else { sunk(&mut step, part) };
    let rest = conjuncts(condition).into_iter().filter_map(left).reduce(and);
    step.filtered(rest)
}

/// A join in which what ON says of one side alone is asked of that side, where the rows of it that fit nothing are not wanted.
pub fn narrowed(mut join: Step) -> Step {
    let Step::Join { left, right, side, and: rest, .. } = &mut join else { return join };
    let mut kept = Vec::new();
    for part in rest.take().into_iter().flat_map(conjuncts) {
        let of_right = matches!(side, Side::Inner | Side::Left | Side::Semi | Side::Anti);
        let of_left = matches!(side, Side::Inner | Side::Right | Side::Semi);
        if can_fail(&part) || depends(&part) {
            kept.push(part);
        } else if of_right && reads_only(&part, &columns(right)) {
            put(right, part);
        } else if of_left && reads_only(&part, &columns(left)) {
            put(left, part);
        } else {
            kept.push(part);
        }
    }
    *rest = kept.into_iter().reduce(and);
    join
}

/// Whether a query stands in an expression, or a column of the query around it.
fn depends(expr: &Expr) -> bool {
    expr.any(&|part| matches!(part.kind, Kind::Outer(_) | Kind::Value(_) | Kind::In(..) | Kind::Exists(_)))
}

fn reads_only(expr: &Expr, all: &[Id]) -> bool {
    !expr.any(&|part| matches!(part.kind, Kind::Column(id) if !all.contains(&id)))
}

/// What an equality says that is one of a value of the left side and one of the right, in this order.
pub fn equal_sides(part: &Expr, of_left: &[Id], of_right: &[Id]) -> Option<(Expr, Expr)> {
    let Kind::Call(function, of) = &part.kind else { return None };
    let [a, b] = of.as_slice() else { return None };
    let has_column = |expr: &Expr| expr.any(&|part| matches!(part.kind, Kind::Column(_)));
    let is_pair = |a: &Expr, b: &Expr| reads_only(a, of_left) && reads_only(b, of_right);
    match **function == EQ && has_column(a) && has_column(b) {
        true if is_pair(a, b) => Some((a.clone(), b.clone())),
        true if is_pair(b, a) => Some((b.clone(), a.clone())),
        _ => None,
    }
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
                Side::Inner => match equal_sides(&part, &of_left, &of_right) {
                    Some(sides) => on.push(sides),
                    None => *rest = rest.take().into_iter().chain([part]).reduce(and),
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
            *known = and(before, condition);
        }
        other => *other = std::mem::take(other).filtered(Some(condition)),
    }
}
