//! Arithmetic: which type a result has. Whole numbers stay whole but for `/`, decimals keep all of their digits, and what
//! does not fit is an error where it is computed.

use sqlparser::ast::{BinaryOperator, Expr as Syntax};

use super::coerce::numbers;
use super::functions as f;
use super::tree::Expr;
use super::types::{MOST_DIGITS, Type};
use crate::refusal::Refusal;

type Made = Result<Expr, Refusal>;

pub fn no_number(of: &Expr, op: &str, whole: &Syntax) -> Refusal {
    Refusal::at(whole, format!("{op} takes numbers, and this is a {}: CAST it", of.ty.name()))
}

/// `+ - * / % //`.
pub fn arithmetic(op: &BinaryOperator, a: Expr, b: Expr, whole: &Syntax) -> Made {
    use BinaryOperator as B;
    if a.ty.is_time() || b.ty.is_time() {
        return time_arithmetic(op, a, b, whole);
    }
    for side in [&a, &b] {
        if !side.ty.is_number() && side.ty != Type::Null {
            return Err(no_number(side, &op.to_string(), whole));
        }
    }
    let (a, b) = numbers(a, b);
    let (a, b) = match (a.ty, b.ty) {
        (Type::Null, Type::Null) => (a.cast(Type::BigInt), b.cast(Type::BigInt)),
        (Type::Null, ty) => (a.cast(ty), b),
        (ty, Type::Null) => (a, b.cast(ty)),
        _ => (a, b),
    };
    let ty = a.ty.with(b.ty).unwrap_or(Type::Double);
    let is_double = ty.is_double();
    if *op == B::Divide || is_double || (*op == B::DuckIntegerDivide && matches!(ty, Type::Decimal(_))) {
        let function = match op {
            B::Plus => &f::ADD_DOUBLES,
            B::Minus => &f::SUBTRACT_DOUBLES,
            B::Multiply => &f::MULTIPLY_DOUBLES,
            B::Modulo => &f::REMAINDER_DOUBLE,
            B::DuckIntegerDivide => &f::DIVIDE_DOWN,
            _ => &f::DIVIDE,
        };
        let ty = if ty == Type::Float { Type::Float } else { Type::Double };
        let made = Expr::call(function, vec![a.cast(Type::Double), b.cast(Type::Double)], Type::Double);
        return Ok(made.cast(ty));
    }
    let (function, ty) = match op {
        B::Plus => (&f::ADD, ty),
        B::Minus => (&f::SUBTRACT, ty),
        B::Multiply => match (a.ty, b.ty) {
            (Type::Decimal(_), _) | (_, Type::Decimal(_)) => {
                let scale = a.ty.scale() + b.ty.scale();
                if scale > MOST_DIGITS {
                    return Err(Refusal::at(
                        whole,
                        format!(
                            "the product has {scale} digits behind the point, more than are held: CAST to DOUBLE first"
                        ),
                    ));
                }
                (&f::MULTIPLY, Type::Decimal(scale))
            }
            _ => (&f::MULTIPLY, ty),
        },
        B::Modulo => (&f::REMAINDER, ty),
        _ => (&f::DIVIDE_WHOLE, ty),
    };
    let (a, b) = if ty.is_whole() { (a.cast(ty), b.cast(ty)) } else { (a, b) };
    Ok(Expr::call(function, vec![a, b], ty))
}

/// A date and a number of days, or the days between two dates.
fn time_arithmetic(op: &BinaryOperator, a: Expr, b: Expr, whole: &Syntax) -> Made {
    use BinaryOperator as B;
    match (op, a.ty, b.ty) {
        (B::Minus, Type::Date, Type::Date) => {
            Ok(Expr::call(&f::DATE_DIFF, vec![Expr::text("day"), b, a], Type::BigInt))
        }
        (B::Plus, Type::Date, ty) if ty.is_whole() => Ok(Expr::call(&f::ADD, vec![a, b], Type::Date)),
        (B::Plus, ty, Type::Date) if ty.is_whole() => Ok(Expr::call(&f::ADD, vec![b, a], Type::Date)),
        (B::Minus, Type::Date, ty) if ty.is_whole() => Ok(Expr::call(&f::SUBTRACT, vec![a, b], Type::Date)),
        _ => Err(Refusal::at(
            whole,
            format!(
                "{} {op} {} can't be computed here: compute with EPOCH(time), or DATE_DIFF('second', a, b)",
                a.ty.name(),
                b.ty.name()
            ),
        )),
    }
}
