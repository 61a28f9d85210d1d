//! Answers aggregations from a cube: counts and sums for each combination of values, instead of the rows themselves.
//!
//! A cube has keys, which sessions can be told apart by (`isp`, `connected`, `p2p > 0`), and sums (`COUNT(*)`, `COUNT(cdn)`,
//! `SUM(p2p + cdn)`). A query that groups by nothing else, and filters and adds up by nothing else, gets the same answer from
//! the cube's few rows as from all sessions:
//!
//! | a query says | and reads in the cube |
//! |---|---|
//! | `COUNT(*)`, `COUNT(cdn)` | the sum of `COUNT(*)`, of `COUNT(cdn)` |
//! | `SUM(p2p + cdn)` | the sum of `SUM(p2p + cdn)` |
//! | `AVG(cdn)` | the sum of `SUM(cdn)` by that of `COUNT(cdn)` |
//! | `MIN(cdn)` | the least `MIN(cdn)` |
//! | `AVG(CASE WHEN p2p > 0 THEN 1.0 ELSE 0.0 END)` | the same of the key `p2p > 0`, weighted by `COUNT(*)` |
//!
//! What is compared are planned expressions, so it does not matter how they are written. [`Cube::applied`] puts the cube
//! into a planned query wherever it answers a part, and leaves all other parts to the rows.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use crate::plan::functions as f;
use crate::plan::tree::{Aggregate, Expr, Id, Kind, Step, Sub, Sum, Value};
use crate::plan::types::Type;
use crate::run::used::columns;

/// The table of sessions in a plan, and that of the cube.
pub const SESSIONS: usize = 0;
pub const CUBE: usize = 2;
/// The first number of a column that is new; no query has so many.
const NEW: Id = 1 << 40;

/// What a cube knows of sessions. Columns are those of the sessions by their places, and of the cube by theirs.
#[derive(Clone, Debug, Default)]
pub struct Cube {
    /// What is known, and the column that has it.
    pub keys: Vec<(Expr, usize)>,
    /// What follows from keys, as an expression of columns.
    pub derived: Vec<(Expr, Expr)>,
    pub sums: Vec<(Sum, Expr, usize)>,
    /// The column that says how many sessions a row stands for.
    pub count: usize,
    pub types: Vec<Type>,
    /// What the columns of sessions are called, for sentences.
    pub names: Vec<String>,
}

/// A plan with a cube in it.
pub struct Applied {
    pub step: Step,
    /// Whether a part of it reads the cube, and one the sessions.
    pub reads_cube: bool,
    pub reads_sessions: bool,
    /// What a part that reads sessions needs and the cube lacks.
    pub lacks: Option<String>,
}

impl Cube {
    /// The plan, with what the cube answers read in the cube.
    pub fn applied(&self, step: &Step) -> Applied {
        let applying = Applying {
            cube: self,
            next: Cell::new(NEW),
            lacks: RefCell::default(),
            found: Cell::default(),
            named: RefCell::default(),
        };
        let mut step = step.clone();
        applying.step(&mut step);
        let (reads_cube, reads_sessions) = applying.found.get();
        Applied { step, reads_cube, reads_sessions, lacks: applying.lacks.into_inner() }
    }
}

/// An expression of columns by their places, with numbers that are written out in one form.
pub fn canonical(expr: &Expr, columns: &HashMap<Id, Expr>) -> Expr {
    if let Kind::Column(id) = expr.kind {
        return match columns.get(&id) {
            Some(Expr { kind: Kind::Column(place), .. }) => Expr { kind: Kind::Column(*place), ..expr.clone() },
            Some(computed) => computed.clone(),
            None => expr.clone(),
        };
    }
    let expr = expr.clone().with_parts(&mut |part| canonical(&part, columns));
    if let (Kind::Cast { of, .. }, Type::Double) = (&expr.kind, expr.ty)
        && let Some(Value::Whole(n)) = of.literal()
        && of.ty.is_number()
    {
        let number = *n as f64 / 10f64.powi(of.ty.scale().into());
        return Expr::new(Kind::Literal(Value::Number(number)), Type::Double);
    }
    expr
}

/// Rows that are nothing but sessions, some of them left out, and values computed of each.
struct Flat {
    /// The columns by their numbers, in terms of those of sessions.
    columns: HashMap<Id, Expr>,
    conditions: Vec<Expr>,
}

fn flat(step: &Step) -> Option<Flat> {
    match step {
        Step::Scan { table: SESSIONS, columns } => {
            // The type is of no matter: a column is known by its place.
            let place = |(place, id): &(usize, Id)| (*id, Expr::column(*place, Type::Null));
            Some(Flat { columns: columns.iter().map(place).collect(), conditions: Vec::new() })
        }
        Step::Project { input, columns } => {
            let inner = flat(input)?;
            let columns = columns.iter().map(|(id, expr)| (*id, canonical(expr, &inner.columns))).collect();
            Some(Flat { columns, ..inner })
        }
        Step::Filter { input, condition } => {
            let mut inner = flat(input)?;
            inner.conditions.push(canonical(condition, &inner.columns));
            Some(inner)
        }
        Step::Named { of, columns, .. } => {
            let inner = flat(of)?;
            let columns = columns.iter().filter_map(|(old, new)| Some((*new, inner.columns.get(old)?.clone())));
            Some(Flat { columns: columns.collect(), ..inner })
        }
        Step::Sort { input, .. } => flat(input),
        _ => None,
    }
}

struct Applying<'a> {
    cube: &'a Cube,
    next: Cell<Id>,
    lacks: RefCell<Option<String>>,
    /// Whether the cube and the sessions are read.
    found: Cell<(bool, bool)>,
    /// What WITH names, each once, however many places read it.
    named: RefCell<HashMap<usize, Arc<Step>>>,
}

/// What can't be had of a cube.
type Made<T> = Result<T, Expr>;

impl Applying<'_> {
    fn step(&self, step: &mut Step) {
        let made = match step {
            Step::Group { input, keys, sums } => flat(input).map(|flat| self.group(&flat, keys, sums)),
            Step::Distinct { input } => flat(input).map(|flat| self.distinct(&flat, input)),
            Step::Named { of, key, .. } => {
                let known = self.named.borrow().get(key).cloned();
                *of = known.unwrap_or_else(|| self.shared(of));
                self.named.borrow_mut().insert(*key, of.clone());
                return;
            }
            _ => None,
        };
        let (cube, sessions) = self.found.get();
        match made {
            Some(Ok(made)) => {
                self.found.set((true, sessions));
                *step = made;
                return;
            }
            Some(Err(lacking)) => {
                self.lacks.borrow_mut().get_or_insert_with(|| self.text(&lacking));
            }
            None => {}
        }
        if let Step::Scan { table: SESSIONS, .. } = step {
            self.found.set((cube, true));
        }
        step.inputs_mut().into_iter().for_each(|input| self.step(input));
        step.exprs_mut().into_iter().for_each(|expr| self.queries(expr));
    }

    /// The same for a step that others have, too.
    fn shared(&self, step: &Step) -> Arc<Step> {
        let mut step = step.clone();
        self.step(&mut step);
        Arc::new(step)
    }

    /// The same for the queries in an expression.
    fn queries(&self, expr: &mut Expr) {
        expr.parts_mut().into_iter().for_each(|part| self.queries(part));
        if let Kind::Value(sub) | Kind::In(_, sub) | Kind::Exists(sub) = &mut expr.kind {
            let mut step = sub.step.clone();
            self.step(&mut step);
            *sub = Arc::new(Sub { step, columns: sub.columns.clone(), text: sub.text.clone() });
        }
    }

    fn new_id(&self) -> Id {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }

    /// The cube's rows, without those that a condition leaves out, and the number of each column.
    fn rows(&self, flat: &Flat) -> Made<(Step, Vec<Id>)> {
        let ids: Vec<Id> = self.cube.types.iter().map(|_| self.new_id()).collect();
        let mut step = Step::Scan { table: CUBE, columns: ids.iter().copied().enumerate().collect() };
        for condition in &flat.conditions {
            step = Step::Filter { input: Box::new(step), condition: self.of_keys(condition, &ids)? };
        }
        Ok((step, ids))
    }

    fn distinct(&self, flat: &Flat, input: &Step) -> Made<Step> {
        let (rows, ids) = self.rows(flat)?;
        let of = |id: &Id| {
            let expr = flat.columns.get(id).ok_or_else(|| Expr::null(Type::Null))?;
            Ok((*id, self.of_keys(expr, &ids)?))
        };
        let columns = columns(input).iter().map(of).collect::<Made<_>>()?;
        let input = Step::Project { input: Box::new(rows), columns };
        Ok(Step::Distinct { input: Box::new(input) })
    }

    fn group(&self, flat: &Flat, keys: &[(Id, Expr)], sums: &[(Id, Type, Aggregate)]) -> Made<Step> {
        let (rows, ids) = self.rows(flat)?;
        let mut by = Vec::with_capacity(keys.len());
        let mut columns = Vec::with_capacity(keys.len() + sums.len());
        for (id, key) in keys {
            let own = self.new_id();
            by.push((own, self.of_keys(&canonical(key, &flat.columns), &ids)?));
            columns.push((*id, Expr::column(own, key.ty)));
        }
        let mut added = Vec::new();
        for (id, ty, sum) in sums {
            let of = sum.of.iter().map(|of| canonical(of, &flat.columns)).collect();
            let filter = sum.filter.as_ref().map(|filter| self.of_keys(&canonical(filter, &flat.columns), &ids));
            let sum = Aggregate { of, filter: filter.transpose()?, ..sum.clone() };
            columns.push((*id, self.sum(&sum, *ty, &ids, &mut added)?));
        }
        let group = Step::Group { input: Box::new(rows), keys: by, sums: added };
        Ok(Step::Project { input: Box::new(group), columns })
    }

    /// A value of keys alone, which is the same for all sessions that a row of the cube stands for.
    fn of_keys(&self, expr: &Expr, ids: &[Id]) -> Made<Expr> {
        if let Some((_, column)) = self.cube.keys.iter().find(|(key, _)| same(key, expr)) {
            return Ok(Expr::column(ids[*column], self.cube.types[*column]));
        }
        if let Some((_, made)) = self.cube.derived.iter().find(|(known, _)| same(known, expr)) {
            return Ok(made.clone().renumbered(&|column| ids[column]));
        }
        match &expr.kind {
            Kind::Literal(_) => Ok(expr.clone()),
            Kind::Value(_) => {
                let mut value = expr.clone();
                self.queries(&mut value);
                Ok(value)
            }
            Kind::Call(..) | Kind::Case(..) | Kind::Cast { .. } => {
                let made = expr.clone().map(&mut |part| self.of_keys(&part, ids));
                // What is lacking is the condition and not what it compares.
                made.map_err(
                    |lacking| if expr.ty == Type::Bool && lacking.ty != Type::Bool { expr.clone() } else { lacking },
                )
            }
            _ => Err(expr.clone()),
        }
    }

    /// An aggregate of sessions as one of the cube's rows. What is added up is put down in `added`.
    fn sum(&self, sum: &Aggregate, ty: Type, ids: &[Id], added: &mut Vec<(Id, Type, Aggregate)>) -> Made<Expr> {
        let filter = &sum.filter;
        let mut add = |what: Sum, of: Expr, ty: Type, distinct: bool| {
            let id = self.new_id();
            let aggregate = Aggregate { sum: what, of: vec![of], part: 0.0, distinct, filter: filter.clone() };
            added.push((id, ty, aggregate));
            Expr::column(id, ty)
        };
        let own = |column: usize| Expr::column(ids[column], self.cube.types[column]);
        let count = || own(self.cube.count).cast(Type::HugeInt);
        let counted = |total: Expr| {
            let of = vec![total.cast(Type::BigInt), Expr::whole(0, Type::BigInt)];
            Expr::call(&f::COALESCE, of, Type::BigInt)
        };
        let of = match (sum.sum, sum.of.as_slice()) {
            (Sum::CountRows, _) => return Ok(counted(add(Sum::Total, count(), Type::HugeInt, false))),
            (Sum::Count | Sum::Total | Sum::Avg | Sum::Min | Sum::Max, [of]) => of,
            _ => return Err(Expr::null(Type::Null)),
        };
        let there = |of: &Expr| {
            // As many sessions as have the value.
            let missing = Expr::call(&f::IS_NULL, vec![of.clone()], Type::Bool);
            Expr::case(vec![(missing, Expr::null(Type::HugeInt))], count())
        };
        let mean = |total: Expr, count: Expr| {
            let some = Expr::call(&f::GT, vec![count.clone(), Expr::whole(0, Type::HugeInt)], Type::Bool);
            let mean = Expr::call(&f::DIVIDE, vec![total, count.cast(Type::Double)], Type::Double);
            Expr::case(vec![(some, mean)], Expr::null(Type::Double))
        };
        let stored = |what: Sum| {
            let known = self.cube.sums.iter().find(|(known, measure, _)| *known == what && same(measure, of));
            known.map(|(_, _, column)| own(*column)).ok_or_else(|| {
                let name = match what {
                    Sum::Count => "COUNT",
                    Sum::Min => "MIN",
                    Sum::Max => "MAX",
                    _ => "SUM",
                };
                self.lacks.borrow_mut().get_or_insert_with(|| format!("{name}({})", self.text(of)));
                of.clone()
            })
        };
        if let Ok(value) = self.of_keys(of, ids) {
            let is_double = value.ty.is_double();
            let doubles = |a: Expr| {
                let of = vec![a.cast(Type::Double), count().cast(Type::Double)];
                Expr::call(&f::MULTIPLY_DOUBLES, of, Type::Double)
            };
            return match sum.sum {
                Sum::Count if sum.distinct => Ok(add(Sum::Count, value, ty, true)),
                Sum::Min | Sum::Max => Ok(add(sum.sum, value, ty, false)),
                _ if sum.distinct => Err(of.clone()),
                Sum::Count => Ok(counted(add(Sum::Total, there(&value), Type::HugeInt, false))),
                Sum::Total if is_double => Ok(add(Sum::Total, doubles(value), ty, false)),
                Sum::Total if value.ty.is_whole() => {
                    let product = Expr::call(&f::MULTIPLY, vec![value.cast(Type::HugeInt), count()], Type::HugeInt);
                    Ok(add(Sum::Total, product, ty, false))
                }
                Sum::Avg if value.ty.is_number() => {
                    let counts = there(&value);
                    let total = add(Sum::Total, doubles(value), Type::Double, false);
                    Ok(mean(total, add(Sum::Total, counts, Type::HugeInt, false)))
                }
                _ => Err(of.clone()),
            };
        }
        if sum.distinct {
            return Err(of.clone());
        }
        Ok(match sum.sum {
            Sum::Count => counted(add(Sum::Total, stored(Sum::Count)?.cast(Type::HugeInt), Type::HugeInt, false)),
            Sum::Avg => {
                let (total, count) = (stored(Sum::Total)?.cast(Type::Double), stored(Sum::Count)?.cast(Type::HugeInt));
                let total = add(Sum::Total, total, Type::Double, false);
                mean(total, add(Sum::Total, count, Type::HugeInt, false))
            }
            what => add(what, stored(what)?, ty, false),
        })
    }

    /// What a cube lacks, as a query would say it.
    fn text(&self, expr: &Expr) -> String {
        let all = |of: &[Expr]| of.iter().map(|of| self.text(of)).collect::<Vec<_>>();
        match &expr.kind {
            Kind::Column(place) => self.cube.names.get(*place).cloned().unwrap_or_default(),
            Kind::Literal(Value::Whole(n)) if expr.ty.scale() == 0 => n.to_string(),
            Kind::Literal(Value::Whole(n)) => (*n as f64 / 10f64.powi(expr.ty.scale().into())).to_string(),
            Kind::Literal(Value::Number(x)) => x.to_string(),
            Kind::Literal(Value::Text(text)) => format!("'{}'", text.replace('\'', "''")),
            Kind::Literal(Value::Bool(value)) => value.to_string().to_uppercase(),
            Kind::Cast { of, .. } => self.text(of),
            Kind::Call(function, of) => {
                match (function.name.strip_suffix(" of DOUBLE").unwrap_or(function.name), of.as_slice()) {
                    ("NOT", [of]) => format!("NOT {}", self.text(of)),
                    ("IS NULL", [of]) => format!("{} IS NULL", self.text(of)),
                    (name, [a, b]) if !name.starts_with(char::is_alphanumeric) || name == "AND" || name == "OR" => {
                        format!("{} {name} {}", self.text(a), self.text(b))
                    }
                    (name, of) => format!("{name}({})", all(of).join(", ")),
                }
            }
            _ => String::new(),
        }
    }
}

/// Whether two expressions have the same values. A column is known by its place, whatever its type.
fn same(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::Column(a), Kind::Column(b)) => a == b,
        (Kind::Call(one, _), Kind::Call(other, _)) if one != other => false,
        (Kind::Cast { lenient: a, .. }, Kind::Cast { lenient: b, .. }) if a != b => false,
        (Kind::Call(..), Kind::Call(..))
        | (Kind::Case(..), Kind::Case(..))
        | (Kind::Cast { .. }, Kind::Cast { .. }) => {
            let (parts, others) = (a.parts(), b.parts());
            a.ty == b.ty && parts.len() == others.len() && parts.iter().zip(others).all(|(a, b)| same(a, b))
        }
        (Kind::Literal(_), Kind::Literal(_)) => a == b,
        _ => false,
    }
}
