//! What a query means: tables that are read, filtered, grouped and joined, and expressions of their columns, all of whose
//! names are resolved and all of whose types are known.

use std::convert::Infallible;
use std::sync::Arc;

use sqlparser::tokenizer::Location;

use super::function::Function;
use super::types::Type;

/// A column of a step. No two columns of a query have the same number.
pub type Id = usize;

/// What polars calls a column.
pub fn name(id: Id) -> String {
    format!("c{id}")
}

/// A value, its type, and where it stands in the query.
#[derive(Clone, Debug)]
pub struct Expr {
    pub kind: Kind,
    pub ty: Type,
    pub place: Option<Location>,
}

/// Two expressions are equal that have the same values, wherever they stand.
impl PartialEq for Expr {
    fn eq(&self, other: &Expr) -> bool {
        self.ty == other.ty && self.kind == other.kind
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Column(Id),
    /// A column of the query around a subquery.
    Outer(Id),
    Literal(Value),
    Call(&'static Function, Vec<Expr>),
    /// The result of the first condition that is true.
    Case(Vec<(Expr, Expr)>, Box<Expr>),
    Cast {
        of: Box<Expr>,
        /// Null instead of an error.
        lenient: bool,
        /// The most digits of a `DECIMAL`.
        digits: u8,
    },
    Aggregate(Box<Aggregate>),
    Window(Box<Window>),
    /// The one value of a query.
    Value(Arc<Sub>),
    /// Whether a query's rows have these values.
    In(Vec<Expr>, Arc<Sub>),
    /// Whether a query has rows.
    Exists(Arc<Sub>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    /// A whole number, a decimal's last digits, days or microseconds since 1970.
    Whole(i128),
    Number(f64),
    Text(String),
}

/// A query inside another.
#[derive(Debug)]
pub struct Sub {
    pub step: Step,
    pub columns: Vec<Id>,
    /// The query's text, for sentences.
    pub text: String,
}

/// Each is asked by itself.
impl PartialEq for Sub {
    fn eq(&self, other: &Sub) -> bool {
        std::ptr::eq(self, other)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sum {
    CountRows,
    Count,
    Total,
    Avg,
    Min,
    Max,
    Median,
    QuantileCont,
    QuantileDisc,
    Stddev,
    StddevPop,
    Variance,
    VariancePop,
    Corr,
    CovarSamp,
    CovarPop,
    First,
    Last,
    AnyValue,
    All,
    Any,
    /// Which keys the rows are not grouped by.
    Grouping,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    pub sum: Sum,
    pub of: Vec<Expr>,
    /// The part of a quantile.
    pub part: f64,
    pub distinct: bool,
    pub filter: Option<Expr>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    pub what: Ranked,
    pub of: Vec<Expr>,
    pub partition: Vec<Expr>,
    pub order: Vec<Key>,
    pub frame: Frame,
    pub ignore_nulls: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Ranked {
    RowNumber,
    Rank,
    DenseRank,
    PercentRank,
    CumeDist,
    /// So many parts.
    Ntile(usize),
    /// So many rows before, or after if less than none.
    Lag(i64),
    FirstValue,
    LastValue,
    NthValue(usize),
    Aggregate(Box<Aggregate>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Whether rows of equal rank go in and out together.
    pub by_rank: bool,
    pub start: Bound,
    pub end: Bound,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    Unbounded,
    /// So many rows after the current one, or before if less than none.
    Rows(i64),
}

/// What rows are ordered by.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub of: Expr,
    pub descending: bool,
    pub nulls_first: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Inner,
    Left,
    Right,
    Full,
    /// The left rows that match.
    Semi,
    /// The left rows that don't.
    Anti,
}

/// Rows, made of others'.
#[derive(Clone, Debug)]
pub enum Step {
    /// Rows of a table: which one, and which of its columns is which.
    Scan {
        table: usize,
        columns: Vec<(usize, Id)>,
    },
    /// Rows that are written out.
    Rows {
        columns: Vec<(Id, Type)>,
        rows: Vec<Vec<Expr>>,
    },
    /// Columns computed of each row, which replace all others.
    Project {
        input: Box<Step>,
        columns: Vec<(Id, Expr)>,
    },
    Filter {
        input: Box<Step>,
        condition: Expr,
    },
    /// A row for each combination of keys, or one if there are none.
    Group {
        input: Box<Step>,
        keys: Vec<(Id, Expr)>,
        sums: Vec<(Id, Type, Aggregate)>,
    },
    /// Columns computed of each row and those around it, beside all others.
    Windows {
        input: Box<Step>,
        columns: Vec<(Id, Type, Window)>,
    },
    Sort {
        input: Box<Step>,
        keys: Vec<Key>,
    },
    Limit {
        input: Box<Step>,
        offset: u64,
        most: Option<u64>,
    },
    /// Each row once.
    Distinct {
        input: Box<Step>,
    },
    Join {
        left: Box<Step>,
        right: Box<Step>,
        side: Side,
        on: Vec<(Expr, Expr)>,
        and: Option<Expr>,
    },
    /// Whether each row's keys are among another's rows, as a further column; or the columns of the row that has them.
    Lookup {
        input: Box<Step>,
        of: Box<Step>,
        on: Vec<(Expr, Expr)>,
        found: Id,
    },
    /// The rows of one after those of the other, in columns that each gives in its own.
    Union {
        inputs: Vec<(Step, Vec<Id>)>,
        columns: Vec<(Id, Type)>,
    },
    /// The rows of the first that the second has, or has not, each once.
    Intersect {
        left: Box<Step>,
        right: Box<Step>,
        on: Vec<(Id, Id)>,
        except: bool,
    },
    /// Something that is named in WITH, under new numbers.
    Named {
        of: Arc<Step>,
        key: usize,
        columns: Vec<(Id, Id)>,
    },
}

/// No rows, in the place of what is taken away.
impl Default for Step {
    fn default() -> Step {
        Step::Rows { columns: Vec::new(), rows: Vec::new() }
    }
}

impl Step {
    /// The rows for which a condition is true, or all.
    pub fn filtered(self, condition: Option<Expr>) -> Step {
        match condition {
            None => self,
            Some(condition) => Step::Filter { input: Box::new(self), condition },
        }
    }
}

impl Aggregate {
    /// Of all values, in no other way.
    pub fn plain(sum: Sum, of: Vec<Expr>) -> Aggregate {
        Aggregate { sum, of, part: 0.0, distinct: false, filter: None }
    }

    pub fn parts(&self) -> Vec<&Expr> {
        self.of.iter().chain(&self.filter).collect()
    }

    pub fn parts_mut(&mut self) -> Vec<&mut Expr> {
        self.of.iter_mut().chain(&mut self.filter).collect()
    }
}

impl Window {
    pub fn parts(&self) -> Vec<&Expr> {
        let order = self.order.iter().map(|key| &key.of);
        let aggregate = if let Ranked::Aggregate(aggregate) = &self.what { aggregate.parts() } else { Vec::new() };
        self.of.iter().chain(&self.partition).chain(order).chain(aggregate).collect()
    }

    pub fn parts_mut(&mut self) -> Vec<&mut Expr> {
        let order = self.order.iter_mut().map(|key| &mut key.of);
        let mut parts =
            if let Ranked::Aggregate(aggregate) = &mut self.what { aggregate.parts_mut() } else { Vec::new() };
        parts.extend(self.of.iter_mut().chain(&mut self.partition).chain(order));
        parts
    }
}

impl Expr {
    pub fn new(kind: Kind, ty: Type) -> Expr {
        Expr { kind, ty, place: None }
    }

    pub fn at(mut self, place: Option<Location>) -> Expr {
        self.place = place;
        self
    }

    pub fn column(id: Id, ty: Type) -> Expr {
        Expr::new(Kind::Column(id), ty)
    }

    pub fn bool(value: bool) -> Expr {
        Expr::new(Kind::Literal(Value::Bool(value)), Type::Bool)
    }

    pub fn text(text: impl Into<String>) -> Expr {
        Expr::new(Kind::Literal(Value::Text(text.into())), Type::Text)
    }

    pub fn whole(n: i128, ty: Type) -> Expr {
        Expr::new(Kind::Literal(Value::Whole(n)), ty)
    }

    pub fn null(ty: Type) -> Expr {
        Expr::new(Kind::Literal(Value::Null), ty)
    }

    pub fn call(function: &'static Function, of: Vec<Expr>, ty: Type) -> Expr {
        let place = of.first().and_then(|of| of.place);
        Expr::new(Kind::Call(function, of), ty).at(place)
    }

    /// The result of the first condition that is true, or else the last one, which has the type of all.
    pub fn case(whens: Vec<(Expr, Expr)>, otherwise: Expr) -> Expr {
        let ty = otherwise.ty;
        Expr::new(Kind::Case(whens, Box::new(otherwise)), ty)
    }

    /// The value if it is written out.
    pub fn literal(&self) -> Option<&Value> {
        if let Kind::Literal(value) = &self.kind { Some(value) } else { None }
    }

    /// Whether it is a value that is written out, perhaps in another type.
    pub fn is_constant(&self) -> bool {
        match &self.kind {
            Kind::Literal(_) => true,
            Kind::Cast { of, .. } => of.is_constant(),
            _ => false,
        }
    }

    /// The same value in another type.
    pub fn cast(self, ty: Type) -> Expr {
        if self.ty == ty {
            return self;
        }
        if let Kind::Literal(Value::Null) = self.kind {
            return Expr { ty, ..self };
        }
        let place = self.place;
        Expr::new(Kind::Cast { of: Box::new(self), lenient: false, digits: 38 }, ty).at(place)
    }

    /// The parts of an expression, without those of subqueries.
    pub fn parts(&self) -> Vec<&Expr> {
        match &self.kind {
            Kind::Column(_) | Kind::Outer(_) | Kind::Literal(_) | Kind::Value(_) | Kind::Exists(_) => Vec::new(),
            Kind::Call(_, of) | Kind::In(of, _) => of.iter().collect(),
            Kind::Case(whens, otherwise) => {
                whens.iter().flat_map(|(when, then)| [when, then]).chain([&**otherwise]).collect()
            }
            Kind::Cast { of, .. } => vec![of],
            Kind::Aggregate(aggregate) => aggregate.parts(),
            Kind::Window(window) => window.parts(),
        }
    }

    pub fn parts_mut(&mut self) -> Vec<&mut Expr> {
        match &mut self.kind {
            Kind::Column(_) | Kind::Outer(_) | Kind::Literal(_) | Kind::Value(_) | Kind::Exists(_) => Vec::new(),
            Kind::Call(_, of) | Kind::In(of, _) => of.iter_mut().collect(),
            Kind::Case(whens, otherwise) => {
                whens.iter_mut().flat_map(|(when, then)| [when, then]).chain([&mut **otherwise]).collect()
            }
            Kind::Cast { of, .. } => vec![of],
            Kind::Aggregate(aggregate) => aggregate.parts_mut(),
            Kind::Window(window) => window.parts_mut(),
        }
    }

    /// The same with each part replaced.
    pub fn map<E>(mut self, change: &mut dyn FnMut(Expr) -> Result<Expr, E>) -> Result<Expr, E> {
        for part in self.parts_mut() {
            let old = std::mem::replace(part, Expr::null(Type::Null));
            *part = change(old)?;
        }
        Ok(self)
    }

    /// The same with each part replaced, where nothing can fail.
    pub fn with_parts(self, change: &mut dyn FnMut(Expr) -> Expr) -> Expr {
        let done: Result<Expr, Infallible> = self.map(&mut |part| Ok(change(part)));
        match done {
            Ok(done) => done,
            Err(never) => match never {},
        }
    }

    /// The same with others in the place of those parts, or parts of parts, that there are any for.
    pub fn replaced(self, other: &mut dyn FnMut(&Expr) -> Option<Expr>) -> Expr {
        match other(&self) {
            Some(other) => other,
            None => self.with_parts(&mut |part| part.replaced(other)),
        }
    }

    /// The same value as a column.
    pub fn as_column(&self, id: Id) -> Expr {
        Expr::column(id, self.ty).at(self.place)
    }

    /// The same of other columns.
    pub fn renumbered(self, number: &dyn Fn(Id) -> Id) -> Expr {
        self.replaced(&mut |part| {
            if let Kind::Column(id) = part.kind { Some(part.as_column(number(id))) } else { None }
        })
    }

    /// Whether a part fits, or a part of a part.
    pub fn any(&self, fits: &dyn Fn(&Expr) -> bool) -> bool {
        fits(self) || self.parts().into_iter().any(|part| part.any(fits))
    }

    pub fn has_outer(&self) -> bool {
        self.any(&|part| matches!(part.kind, Kind::Outer(_)))
    }

    pub fn has_aggregate(&self) -> bool {
        self.any(&|part| matches!(part.kind, Kind::Aggregate(_)))
    }

    pub fn has_window(&self) -> bool {
        self.any(&|part| matches!(part.kind, Kind::Window(_)))
    }
}
