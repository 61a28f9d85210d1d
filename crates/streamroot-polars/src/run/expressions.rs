//! From expressions to those of polars, which always have the types that were planned.
//!
//! What can fail for some values is only computed of rows that need it: behind CASE, COALESCE, AND and OR, a guard says of
//! which rows, and the others get a null, of which nothing fails.

use std::collections::HashSet;
use std::sync::Arc;

use polars::prelude::{
    self as pl, Column, DataType, Field, PlSmallStr, PolarsResult, Scalar, TimeUnit, col, lit, when,
};

use super::casts;
use super::rows::{Args, Reader, fail};
use crate::plan::failing::{can_fail, failing_in, is_free};
use crate::plan::function::Becomes;
use crate::plan::functions::{AND, EQ, IS_NULL, NE, OR};
use crate::plan::tree::{Expr, Id, Kind, Sub, Value, name};
use crate::plan::types::Type;

/// What says of which rows a condition is needed has the conditions before it in it, and theirs. Beyond this size it would take
/// longer than anybody waits.
const MOST_GUARDING: usize = 1 << 12;

/// How frames are collected.
pub type Collect<'a> = &'a dyn Fn(pl::LazyFrame) -> PolarsResult<pl::DataFrame>;

/// What an expression needs to know beside itself.
pub trait Surroundings {
    /// Whether a column is held as categories, which stand for texts.
    fn is_coded(&self, id: Id) -> bool;
    /// The one value of a query.
    fn value(&self, sub: &Sub) -> PolarsResult<Value>;
    /// The values of a query's one column, each once.
    fn values(&self, sub: &Sub) -> PolarsResult<Column>;
    fn has_rows(&self, sub: &Sub) -> PolarsResult<bool>;
    fn collect(&self, frame: pl::LazyFrame) -> PolarsResult<pl::DataFrame>;
}

/// A column, as texts if it is held as categories.
pub fn column(id: Id, around: &dyn Surroundings) -> pl::Expr {
    let held = col(name(id));
    if around.is_coded(id) { held.cast(DataType::String) } else { held }
}

/// An expression as polars has it.
pub fn lower(expr: &Expr, around: &dyn Surroundings) -> PolarsResult<pl::Expr> {
    Lower { around }.expr(expr, None)
}

/// A column as it is held, with categories if it has them.
pub fn lower_coded(expr: &Expr, around: &dyn Surroundings) -> PolarsResult<pl::Expr> {
    match &expr.kind {
        Kind::Column(id) => Ok(col(name(*id))),
        _ => lower(expr, around),
    }
}

struct Lower<'a> {
    around: &'a dyn Surroundings,
}

type Guard<'g> = Option<&'g pl::Expr>;

/// A guard that says more.
fn narrowed(guard: Guard, more: pl::Expr) -> pl::Expr {
    match guard {
        None => more,
        Some(guard) => guard.clone().and(more),
    }
}

impl Lower<'_> {
    fn expr(&self, expr: &Expr, guard: Guard) -> PolarsResult<pl::Expr> {
        match &expr.kind {
            Kind::Column(id) => Ok(column(*id, self.around)),
            Kind::Outer(_) => Err(fail("a subquery depends on the query around it in a way that can't be answered")),
            Kind::Literal(value) => Ok(literal(value, expr.ty)),
            Kind::Call(function, of) => match (function.becomes, of.as_slice()) {
                (Becomes::FirstThere, of) => self.coalesce(of, expr.ty, guard),
                (Becomes::One(native), [Expr { kind: Kind::Column(id), .. }]) if **function == IS_NULL => {
                    Ok(native(col(name(*id))))
                }
                (Becomes::One(native), [of]) => Ok(native(self.expr(of, guard)?)),
                (Becomes::Two(native), [a, b]) if **function == AND || **function == OR => {
                    self.both(a, b, **function == AND, guard, native)
                }
                (Becomes::Two(native), [a, b]) => {
                    // Categories are compared with a text as they are held.
                    let is_text = |of: &Expr| matches!(of.kind, Kind::Literal(Value::Text(_)));
                    let is_column = |of: &Expr| matches!(of.kind, Kind::Column(_));
                    let is_held = is_column(a) && is_text(b) || is_text(a) && is_column(b);
                    if is_held && (**function == EQ || **function == NE) {
                        return Ok(native(lower_coded(a, self.around)?, lower_coded(b, self.around)?));
                    }
                    Ok(native(self.expr(a, guard)?, self.expr(b, guard)?))
                }
                (Becomes::One(_) | Becomes::Two(_), _) => Err(fail(format!("{} takes other values", function.name))),
                (Becomes::Rows(rows), of) => self.computed(of, expr.ty, guard, function.fails, rows),
            },
            Kind::Case(whens, otherwise) => self.case(whens, otherwise, guard),
            Kind::Cast { of, lenient, digits } => self.cast(of, expr.ty, *lenient, *digits, guard),
            Kind::Value(sub) => Ok(literal(&self.around.value(sub)?, expr.ty)),
            Kind::Exists(sub) => Ok(lit(self.around.has_rows(sub)?)),
            Kind::In(of, sub) => self.among(of, sub, guard),
            Kind::Aggregate(_) | Kind::Window(_) => Err(fail("an aggregate stands where it can't be answered")),
        }
    }

    /// A function of rows; of literals alone, it is computed now.
    fn computed(
        &self,
        of: &[Expr],
        ty: Type,
        guard: Guard,
        fails: bool,
        rows: impl Fn(&Args) -> PolarsResult<Column> + Send + Sync + 'static,
    ) -> PolarsResult<pl::Expr> {
        let types: Vec<Type> = of.iter().map(|of| of.ty).collect();
        let literals = of.iter().map(|of| Some(scalar(of.literal()?, of.ty).into_column(PlSmallStr::EMPTY)));
        if let Some(columns) = literals.collect::<Option<Vec<Column>>>() {
            let readers = columns.iter().map(|column| Reader::of(column, 1)).collect::<PolarsResult<Vec<_>>>()?;
            // What fails is left to be computed of the rows that need it, if any.
            if let Ok(column) = rows(&Args { readers: &readers, types: &types, ty, rows: 1 }) {
                return Ok(literal(&value_of(&column, ty)?, ty));
            }
        }
        let lowered = of.iter().map(|of| self.expr(of, guard)).collect::<PolarsResult<Vec<_>>>()?;
        Ok(by_rows(lowered, types, ty, guard.filter(|_| fails), rows))
    }

    fn coalesce(&self, of: &[Expr], ty: Type, guard: Guard) -> PolarsResult<pl::Expr> {
        let mut made = literal(&Value::Null, ty);
        let mut lowered = Vec::with_capacity(of.len());
        let mut needed = guard.cloned();
        for part in of {
            let value = self.expr(part, needed.as_ref())?;
            if of.iter().any(can_fail) {
                needed = Some(narrowed(needed.as_ref(), value.clone().is_null()));
            }
            lowered.push(value);
        }
        for value in lowered.into_iter().rev() {
            made = when(value.clone().is_not_null()).then(value).otherwise(made);
        }
        Ok(made)
    }

    fn both(
        &self,
        a: &Expr,
        b: &Expr,
        is_and: bool,
        guard: Guard,
        native: fn(pl::Expr, pl::Expr) -> pl::Expr,
    ) -> PolarsResult<pl::Expr> {
        let left = self.expr(a, guard)?;
        // What fails in both has failed already.
        let (mut before, mut failing) = (Vec::new(), Vec::new());
        failing_in(a, true, &mut before);
        failing_in(b, false, &mut failing);
        if failing.iter().all(|part| before.contains(part)) {
            return Ok(native(left, self.expr(b, guard)?));
        }
        // What the left side decides needs no right one.
        let open = left.clone().neq_missing(lit(!is_and));
        if (&open).into_iter().take(MOST_GUARDING + 1).count() > MOST_GUARDING {
            return Err(fail(
                "too many conditions stand side by side of which each can fail for some rows: compute the values in WITH first",
            ));
        }
        Ok(native(left, self.expr(b, Some(&narrowed(guard, open)))?))
    }

    fn case(&self, whens: &[(Expr, Expr)], otherwise: &Expr, guard: Guard) -> PolarsResult<pl::Expr> {
        let guarded = whens.iter().any(|(when, then)| can_fail(when) || can_fail(then)) || can_fail(otherwise);
        let mut open = guard.cloned();
        let mut lowered = Vec::with_capacity(whens.len());
        for (condition, then) in whens {
            let condition = self.expr(condition, open.as_ref())?;
            let taken = guarded.then(|| narrowed(open.as_ref(), condition.clone().eq_missing(lit(true))));
            let then = self.expr(then, taken.as_ref().or(guard))?;
            if guarded {
                open = Some(narrowed(open.as_ref(), condition.clone().neq_missing(lit(true))));
            }
            lowered.push((condition, then));
        }
        let mut made = self.expr(otherwise, open.as_ref())?;
        for (condition, then) in lowered.into_iter().rev() {
            made = when(condition).then(then).otherwise(made);
        }
        Ok(made)
    }

    fn cast(&self, of: &Expr, to: Type, lenient: bool, digits: u8, guard: Guard) -> PolarsResult<pl::Expr> {
        let from = of.ty;
        if let Kind::Literal(Value::Null) = of.kind {
            return Ok(literal(&Value::Null, to));
        }
        if is_free(from, to, digits) {
            return self.expr(of, guard);
        }
        let is_literal = of.literal().is_some();
        match (from, to) {
            (_, Type::Double) if from.is_whole() && !is_literal => Ok(self.expr(of, guard)?.cast(DataType::Float64)),
            (Type::Bool, _) if to.is_whole() && !is_literal => Ok(self.expr(of, guard)?.cast(to.held())),
            _ => {
                let kernel = move |args: &Args| casts::cast(args, lenient, digits);
                self.computed(std::slice::from_ref(of), to, guard, !lenient, kernel)
            }
        }
    }

    fn among(&self, of: &[Expr], sub: &Sub, guard: Guard) -> PolarsResult<pl::Expr> {
        let [of] = of else { return Err(fail("IN (SELECT ...) takes one value")) };
        let values = self.around.values(sub)?;
        let set = Arc::new(Set::of(&values)?);
        let lowered = self.expr(of, guard)?;
        let ty = of.ty;
        Ok(by_rows(vec![lowered], vec![ty], Type::Bool, None, move |args| {
            args.bools(|row| set.has(&args.readers[0], row))
        }))
    }
}

/// The values of `IN (SELECT ...)`.
#[derive(Default)]
struct Set {
    wholes: HashSet<i128>,
    numbers: HashSet<u64>,
    texts: HashSet<String>,
    has_null: bool,
    is_empty: bool,
}

/// The bits of a number, the same for equal ones.
fn bits(x: f64) -> u64 {
    if x.is_nan() { f64::NAN.to_bits() } else { (x + 0.0).to_bits() }
}

impl Set {
    fn of(values: &Column) -> PolarsResult<Set> {
        let mut set = Set { is_empty: values.is_empty(), ..Set::default() };
        let reader = Reader::of(values, values.len())?;
        for row in 0..values.len() {
            if let Some(text) = reader.text(row) {
                set.texts.insert(text.to_owned());
            } else if let Some(whole) = reader.whole(row) {
                set.wholes.insert(whole);
            } else if let Some(number) = reader.number(row) {
                set.numbers.insert(bits(number));
            } else {
                set.has_null = true;
            }
        }
        Ok(set)
    }

    fn has(&self, of: &Reader, row: usize) -> Option<bool> {
        if self.is_empty {
            return Some(false);
        }
        let found = if let Some(text) = of.text(row) {
            self.texts.contains(text)
        } else if let Some(whole) = of.whole(row) {
            self.wholes.contains(&whole)
        } else {
            self.numbers.contains(&bits(of.number(row)?))
        };
        if found { Some(true) } else { (!self.has_null).then_some(false) }
    }
}

/// A function of rows, of nulls where the guard does not hold.
pub fn by_rows(
    mut of: Vec<pl::Expr>,
    types: Vec<Type>,
    ty: Type,
    guard: Guard,
    rows: impl Fn(&Args) -> PolarsResult<Column> + Send + Sync + 'static,
) -> pl::Expr {
    if let (Some(guard), Some(first)) = (guard, of.first_mut()) {
        let value = std::mem::replace(first, lit(pl::NULL));
        *first = when(guard.clone()).then(value).otherwise(literal(&Value::Null, types[0]));
    }
    let first = if of.is_empty() { lit(true) } else { of.remove(0) };
    first.map_many(
        move |columns| {
            let name = columns[0].name().clone();
            let len = columns.iter().map(Column::len).find(|len| *len != 1).unwrap_or(1);
            let readers = columns.iter().map(|column| Reader::of(column, len)).collect::<PolarsResult<Vec<_>>>()?;
            Ok(rows(&Args { readers: &readers, types: &types, ty, rows: len })?.with_name(name))
        },
        &of,
        move |_, fields| Ok(Field::new(fields[0].name().clone(), ty.held())),
    )
}

/// A value as polars has one, with its type: polars gives a number that is written out whatever type it likes.
fn scalar(value: &Value, ty: Type) -> Scalar {
    match (value, ty) {
        (Value::Null, _) => Scalar::null(ty.held()),
        (Value::Bool(value), _) => Scalar::from(*value),
        (Value::Whole(n), Type::UBigInt) => Scalar::from(*n as u64),
        (Value::Whole(n), Type::Date) => Scalar::new_date(*n as i32),
        (Value::Whole(n), Type::Timestamp) => Scalar::new_datetime(*n as i64, TimeUnit::Microseconds, None),
        (Value::Whole(n), Type::Double | Type::Float) => Scalar::from(*n as f64),
        (Value::Whole(n), _) => Scalar::from(*n as i64),
        (Value::Number(x), _) => Scalar::from(*x),
        (Value::Text(text), _) => Scalar::from(PlSmallStr::from(text)),
    }
}

/// A literal of a type.
pub fn literal(value: &Value, ty: Type) -> pl::Expr {
    match value {
        Value::Null => lit(pl::NULL).cast(ty.held()),
        value => pl::Expr::Literal(pl::LiteralValue::Scalar(scalar(value, ty))),
    }
}

/// The first value of a column.
pub fn value_of(column: &Column, ty: Type) -> PolarsResult<Value> {
    let reader = Reader::of(column, column.len())?;
    let value = match ty {
        Type::Text => reader.text(0).map(|text| Value::Text(text.to_owned())),
        Type::Bool => reader.bool(0).map(Value::Bool),
        Type::Double | Type::Float => reader.number(0).map(Value::Number),
        _ => reader.whole(0).map(Value::Whole),
    };
    Ok(value.unwrap_or(Value::Null))
}
