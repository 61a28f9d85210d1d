//! Which values of an expression can fail to be: what a conversion can't hold, a number that is too large, a logarithm of 0.

use super::functions::{AND, COALESCE, OR};
use super::tree::{Expr, Kind};
use super::types::Type;

/// Whether a value is held the same way in another type, and always fits it.
pub fn is_free(from: Type, to: Type, digits: u8) -> bool {
    if from == to {
        return !matches!(to, Type::Decimal(_)) || digits >= 38;
    }
    if from.held() != to.held() || !from.is_whole() || !to.is_whole() {
        return from == Type::Float && to == Type::Double;
    }
    let ((low, high), (least, most)) = (from.bounds(), to.bounds());
    low >= least && high <= most
}

/// Whether an expression may have no value for some rows but an error.
pub fn can_fail(expr: &Expr) -> bool {
    fails_itself(expr) || expr.parts().into_iter().any(can_fail)
}

fn fails_itself(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Call(function, _) => function.fails,
        Kind::Cast { of, lenient, digits } => {
            let safe = is_free(of.ty, expr.ty, *digits)
                || matches!(expr.ty, Type::Text | Type::Double | Type::Bool) && of.ty != Type::Text;
            !(*lenient || safe)
        }
        _ => false,
    }
}

/// The parts of an expression that can fail; if `surely`, those that are computed of each row.
pub fn failing_in<'a>(expr: &'a Expr, surely: bool, all: &mut Vec<&'a Expr>) {
    if fails_itself(expr) {
        all.push(expr);
    }
    let some_only = match &expr.kind {
        Kind::Case(..) => true,
        Kind::Call(function, _) => [&AND, &OR, &COALESCE].iter().any(|one| **one == **function),
        _ => false,
    };
    let parts = expr.parts().into_iter();
    parts.take(if surely && some_only { 1 } else { usize::MAX }).for_each(|part| failing_in(part, surely, all));
}
