//! Makes expressions of one type of those of several, where SQL does so without being told to.

use sqlparser::ast::{self, Expr as Syntax, UnaryOperator};

use super::functions::{AND, GE, IS_NULL, LE, NOT};
use super::tree::{Expr, Kind, Value};
use super::types::{MOST_DIGITS, Type};
use crate::refusal::Refusal;

/// Number, text and the like as they are written.
pub fn literal_of(syntax: &Syntax) -> Option<Value> {
    match syntax {
        Syntax::Value(value) => literal(&value.value).map(|(value, _)| value),
        Syntax::Nested(inner) => literal_of(inner),
        Syntax::UnaryOp { op: UnaryOperator::Minus, expr } => match literal_of(expr)? {
            Value::Whole(n) => Some(Value::Whole(-n)),
            Value::Number(x) => Some(Value::Number(-x)),
            _ => None,
        },
        _ => None,
    }
}

/// A literal's value and type: a decimal is the whole number of its last digit.
pub fn literal(value: &ast::Value) -> Option<(Value, Type)> {
    use ast::Value as V;
    let doubled = |text: &str| text.replace("''", "'");
    Some(match value {
        V::Number(digits, _) => number(&digits.replace('_', ""))?,
        V::SingleQuotedString(text) => (Value::Text(doubled(text)), Type::Text),
        V::DollarQuotedString(text) => (Value::Text(text.value.clone()), Type::Text),
        V::Boolean(value) => (Value::Bool(*value), Type::Bool),
        V::Null => (Value::Null, Type::Null),
        V::TripleSingleQuotedString(_)
        | V::TripleDoubleQuotedString(_)
        | V::EscapedStringLiteral(_)
        | V::UnicodeStringLiteral(_)
        | V::SingleQuotedByteStringLiteral(_)
        | V::DoubleQuotedByteStringLiteral(_)
        | V::TripleSingleQuotedByteStringLiteral(_)
        | V::TripleDoubleQuotedByteStringLiteral(_)
        | V::SingleQuotedRawStringLiteral(_)
        | V::DoubleQuotedRawStringLiteral(_)
        | V::TripleSingleQuotedRawStringLiteral(_)
        | V::TripleDoubleQuotedRawStringLiteral(_)
        | V::NationalStringLiteral(_)
        | V::QuoteDelimitedStringLiteral(_)
        | V::NationalQuoteDelimitedStringLiteral(_)
        | V::HexStringLiteral(_)
        | V::DoubleQuotedString(_)
        | V::Placeholder(_) => return None,
    })
}

fn number(digits: &str) -> Option<(Value, Type)> {
    let double = || Some((Value::Number(digits.parse().ok()?), Type::Double));
    if digits.contains(['e', 'E']) {
        return double();
    }
    match digits.split_once('.') {
        None => match digits.parse::<i128>() {
            Ok(n) if n <= i128::from(i32::MAX) => Some((Value::Whole(n), Type::Int)),
            Ok(n) if n <= i128::from(i64::MAX) => Some((Value::Whole(n), Type::BigInt)),
            // 2^63 with a minus before it is one of 64 bits.
            Ok(n) if n <= i128::from(u64::MAX) => Some((Value::Whole(n), Type::UBigInt)),
            _ => None,
        },
        Some((whole, fraction)) => {
            let held = format!("{whole}{fraction}");
            match u8::try_from(fraction.len()) {
                Ok(scale) if scale <= MOST_DIGITS => match held.parse::<i64>() {
                    Ok(value) => Some((Value::Whole(value.into()), Type::Decimal(scale))),
                    Err(_) if held.is_empty() => Some((Value::Whole(0), Type::Decimal(0))),
                    Err(_) => double(),
                },
                _ => double(),
            }
        }
    }
}

/// A whole number that is written out takes the type of what it stands beside, if it fits there.
fn adapted(literal: &mut Expr, ty: Type) {
    if let Kind::Literal(Value::Whole(n)) = literal.kind
        && literal.ty.is_whole()
        && ty.is_whole()
    {
        let (low, high) = ty.bounds();
        if (low..=high).contains(&n) {
            literal.ty = ty;
        }
    }
}

/// A text that is written out becomes whatever it stands beside.
fn is_text_literal(expr: &Expr) -> bool {
    expr.ty == Type::Text && expr.literal().is_some()
}

fn is_whole_literal(expr: &Expr) -> bool {
    matches!(expr.kind, Kind::Literal(Value::Whole(_)))
}

/// Both as one type of number, with literals as wide as what they stand beside.
pub fn numbers(mut a: Expr, mut b: Expr) -> (Expr, Expr) {
    match (is_whole_literal(&a), is_whole_literal(&b)) {
        (true, false) => adapted(&mut a, b.ty),
        (false, true) => adapted(&mut b, a.ty),
        _ => {}
    }
    (a, b)
}

/// Both as one type that can be compared.
pub fn comparable(a: Expr, b: Expr) -> Result<(Expr, Expr), Refusal> {
    let (a, b) = numbers(a, b);
    let ty = match (is_text_literal(&a), is_text_literal(&b)) {
        (true, false) if b.ty != Type::Null => Some(b.ty),
        (false, true) if a.ty != Type::Null => Some(a.ty),
        _ => a.ty.with(b.ty),
    };
    match ty {
        Some(ty) => Ok((a.cast(ty), b.cast(ty))),
        None => {
            let sentence = if a.ty == Type::Text || b.ty == Type::Text {
                let other = if a.ty == Type::Text { b.ty } else { a.ty };
                format!(
                    "text is compared with a {}: write numbers without quotes, and text in single quotes, or CAST one of them",
                    other.name()
                )
            } else {
                format!("a {} can't be compared with a {}: CAST one of them", a.ty.name(), b.ty.name())
            };
            Err(Refusal::at_place(a.place.or(b.place), sentence))
        }
    }
}

/// All as one type, as in CASE; `what` takes them.
pub fn common(mut of: Vec<Expr>, what: &str) -> Result<(Vec<Expr>, Type), Refusal> {
    let mut ty: Option<Type> = None;
    let with = |ty: Option<Type>, part: &Expr| match ty {
        None => Ok(Some(part.ty)),
        Some(ty) => ty.with(part.ty).map(Some).ok_or_else(|| mixed(ty, part, what)),
    };
    for part in of.iter().filter(|part| !is_text_literal(part) && !is_whole_literal(part)) {
        ty = with(ty, part)?;
    }
    for part in of.iter_mut().filter(|part| is_whole_literal(part)) {
        if let Some(ty) = ty {
            adapted(part, ty);
        }
        ty = with(ty, part)?;
    }
    let ty = match ty {
        None | Some(Type::Null) if of.iter().any(is_text_literal) => Type::Text,
        None => Type::Null,
        Some(ty) => ty,
    };
    Ok((of.into_iter().map(|part| part.cast(ty)).collect(), ty))
}

/// The last value, or that before it whose condition is true; `what` takes them.
pub fn case(whens: Vec<Expr>, values: Vec<Expr>, what: &str) -> Result<Expr, Refusal> {
    let (mut values, ty) = common(values, what)?;
    let otherwise = values.pop().unwrap_or_else(|| Expr::null(ty));
    let whens = whens.into_iter().map(to_bool).collect::<Result<Vec<_>, _>>()?;
    Ok(Expr::case(whens.into_iter().zip(values).collect(), otherwise))
}

fn mixed(ty: Type, part: &Expr, what: &str) -> Refusal {
    Refusal::at_place(
        part.place,
        format!("{what} has a {} beside a {}: CAST one of them, so that there is one type", part.ty.name(), ty.name()),
    )
}

/// As a condition.
pub fn to_bool(expr: Expr) -> Result<Expr, Refusal> {
    match expr.ty {
        Type::Bool | Type::Null => Ok(expr.cast(Type::Bool)),
        ty if ty.is_number() || is_text_literal(&expr) => Ok(expr.cast(Type::Bool)),
        ty => Err(Refusal::at_place(
            expr.place,
            format!("a condition is needed here, and this is a {}: compare it with something", ty.name()),
        )),
    }
}

/// As text: everything can be.
pub fn to_text(expr: Expr) -> Expr {
    expr.cast(Type::Text)
}

/// Whether a value lies between two others.
pub fn between(value: Expr, low: Expr, high: Expr) -> Result<Expr, Refusal> {
    let (a, low) = comparable(value.clone(), low)?;
    let (b, high) = comparable(value, high)?;
    Ok(and(Expr::call(&GE, vec![a, low], Type::Bool), Expr::call(&LE, vec![b, high], Type::Bool)))
}

pub fn and(a: Expr, b: Expr) -> Expr {
    Expr::call(&AND, vec![a, b], Type::Bool)
}

pub fn not(of: Expr) -> Expr {
    Expr::call(&NOT, vec![of], Type::Bool)
}

pub fn not_if(negated: bool, of: Expr) -> Expr {
    if negated { not(of) } else { of }
}

pub fn is_null(of: Expr) -> Expr {
    Expr::call(&IS_NULL, vec![of], Type::Bool)
}

/// What AND joins.
pub fn conjuncts(condition: Expr) -> Vec<Expr> {
    match condition.kind {
        Kind::Call(function, of) if *function == AND => of.into_iter().flat_map(conjuncts).collect(),
        _ => vec![condition],
    }
}
