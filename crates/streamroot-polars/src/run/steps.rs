//! From steps to polars' frames.
//!
//! Each column has a name of its own in the whole query, so that no two ever meet under one. A frame always has a column,
//! since its number of rows is lost otherwise. Queries inside expressions, windows, and what WITH names and several places
//! read, are answered on the way.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use polars::prelude::{
    self as pl, Column, DataFrame, DataType, IdxSize, IntoColumn, IntoLazy, IntoSeries, LazyFrame, NamedFrom,
    PolarsResult, Series, SortMultipleOptions, UnionArgs, col, concat, lit,
};

use super::aggregates::lower_aggregate;
use super::expressions::{Collect, Surroundings, column, lower, lower_coded, value_of};
use super::joins;
use super::rows::fail;
use super::used::{NO_COLUMN, Used};
use super::windows;
use crate::plan::planner::Planned;
use crate::plan::tree::{Expr, Id, Key, Kind, Step, Sub, Value, name};
use crate::plan::types::Type;

/// The digits of the decimals of an answer, as Arrow has them in 128 bits.
const MOST_DECIMALS: usize = 38;

/// A table that queries read.
pub struct Source {
    pub frame: LazyFrame,
    pub schema: pl::SchemaRef,
}

/// Answers one query.
pub struct Runner<'a> {
    tables: &'a [Source],
    collect: Collect<'a>,
    used: Used,
    coded: RefCell<HashSet<Id>>,
    /// What WITH names, once it has been asked.
    named: RefCell<HashMap<usize, DataFrame>>,
    values: RefCell<HashMap<*const Sub, Value>>,
}

/// The answer to a query: columns in its order, under its names, in types that are shown.
pub fn answer(planned: &Planned, tables: &[Source], collect: Collect) -> PolarsResult<DataFrame> {
    let used = Used::of(&planned.step, planned.columns.iter().map(|column| column.id));
    let runner = Runner {
        tables,
        collect,
        used,
        coded: RefCell::default(),
        named: RefCell::default(),
        values: RefCell::default(),
    };
    let frame = runner.frame(&planned.step)?;
    let names = shown_names(planned);
    let columns = planned.columns.iter().zip(&names).map(|(shown, name)| {
        let of = column(shown.id, &runner);
        let of = if matches!(shown.ty, Type::Decimal(_)) { of.cast(DataType::Int128) } else { of };
        of.alias(name)
    });
    let mut answer = collect(frame.select(columns.collect::<Vec<_>>()))?;
    for (i, column) in planned.columns.iter().enumerate() {
        if let Type::Decimal(scale) = column.ty {
            let digits = answer.columns()[i].as_materialized_series().i128()?.clone();
            let decimals = digits.into_decimal_unchecked(MOST_DECIMALS, scale.into()).into_series();
            answer.replace_column(i, decimals.into_column())?;
        }
    }
    Ok(answer)
}

/// The columns of an answer, without rows.
pub fn no_rows(planned: &Planned) -> PolarsResult<DataFrame> {
    let columns = planned.columns.iter().zip(shown_names(planned)).map(|(column, shown)| {
        let held = match column.ty {
            Type::Decimal(scale) => DataType::Decimal(MOST_DECIMALS, scale.into()),
            ty => ty.held(),
        };
        Column::new_empty(shown.into(), &held)
    });
    DataFrame::new(0, columns.collect())
}

/// Names of columns, each once.
fn shown_names(planned: &Planned) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(planned.columns.len());
    for column in &planned.columns {
        let mut shown = column.name.clone();
        let mut times = 2;
        while names.contains(&shown) {
            shown = format!("{} {times}", column.name);
            times += 1;
        }
        names.push(shown);
    }
    names
}

impl Surroundings for Runner<'_> {
    fn is_coded(&self, id: Id) -> bool {
        self.coded.borrow().contains(&id)
    }

    fn value(&self, sub: &Sub) -> PolarsResult<Value> {
        let key: *const Sub = sub;
        if let Some(known) = self.values.borrow().get(&key) {
            return Ok(known.clone());
        }
        let [id] = sub.columns.as_slice() else { return Err(fail("a subquery has several columns")) };
        let frame = self.rows_of(sub, 2)?;
        if frame.height() > 1 {
            return Err(fail(format!(
                "the subquery ({}) gives several rows where one value is needed: aggregate it, or JOIN it",
                sub.text
            )));
        }
        let column = frame.column(&name(*id))?;
        let value = value_of(column, type_held(column.dtype()))?;
        self.values.borrow_mut().insert(key, value.clone());
        Ok(value)
    }

    fn values(&self, sub: &Sub) -> PolarsResult<Column> {
        let [id] = sub.columns.as_slice() else { return Err(fail("a subquery has several columns")) };
        let frame = self.frame(&sub.step)?;
        let held = col(name(*id));
        let distinct = frame.select([held.clone()]).group_by([held]).agg([pl::len().alias("n")]);
        Ok(self.collect(distinct.select([column(*id, self)]))?.column(&name(*id))?.clone())
    }

    fn has_rows(&self, sub: &Sub) -> PolarsResult<bool> {
        Ok(self.rows_of(sub, 1)?.height() > 0)
    }

    fn collect(&self, frame: LazyFrame) -> PolarsResult<DataFrame> {
        (self.collect)(frame)
    }
}

/// A type that is held like this.
fn type_held(held: &DataType) -> Type {
    Type::of_column(held).unwrap_or(Type::Null)
}

impl Runner<'_> {
    fn rows_of(&self, sub: &Sub, most: IdxSize) -> PolarsResult<DataFrame> {
        let frame = self.frame(&sub.step)?.slice(0, most);
        self.collect(frame.select(sub.columns.iter().map(|id| column(*id, self)).collect::<Vec<_>>()))
    }

    /// Notes that a column is held as another one is.
    fn held_as(&self, id: Id, other: Id) {
        if self.is_coded(other) {
            self.coded.borrow_mut().insert(id);
        }
    }

    /// A step's rows. All of the columns that are used of it are there, and one at least.
    fn frame(&self, step: &Step) -> PolarsResult<LazyFrame> {
        match step {
            Step::Scan { table, columns } => self.scan(*table, columns),
            Step::Rows { columns, rows } => self.rows(columns, rows),
            Step::Named { of, key, columns } => self.named(of, *key, columns),
            Step::Project { input, columns } => {
                let frame = self.frame(input)?;
                let any = self.any_column(input);
                self.project(frame, any, &self.used.among(columns, |(id, _)| *id))
            }
            Step::Filter { input, condition } => {
                let frame = self.frame(input)?;
                Ok(frame.filter(lower(condition, self)?))
            }
            Step::Group { input, keys, sums } => {
                let frame = self.frame(input)?;
                let any = name(self.any_column(input));
                let mut before = Vec::new();
                let mut by = Vec::new();
                let mut after = Vec::new();
                for (id, key) in keys {
                    before.push(lower_coded(key, self)?.alias(name(*id)));
                    by.push(col(name(*id)));
                    let own = col(name(*id));
                    let is_coded = matches!(key.kind, Kind::Column(of) if self.is_coded(of));
                    after.push(if is_coded { own.cast(DataType::String) } else { own });
                }
                let mut within = Vec::new();
                for (id, ty, sum) in sums.iter().filter(|(id, ..)| self.used.has(*id)) {
                    let lowered = lower_aggregate(*id, *ty, sum, &any, self)?;
                    before.extend(lowered.before);
                    within.extend(lowered.within);
                    after.push(lowered.after);
                }
                if keys.is_empty() && after.is_empty() {
                    // One row, whatever it is used for.
                    before.push(col(any.as_str()).is_null().alias("any"));
                    within.push(col("any").count().cast(DataType::Int64).alias("any"));
                    after.push(col("any").alias(name(self.any_column(step))));
                }
                let names: Vec<pl::Expr> = before.iter().filter_map(named).collect();
                let rows = frame.with_columns(before).select(names);
                let groups = if by.is_empty() { rows.select(within) } else { rows.group_by(by).agg(within) };
                Ok(groups.select(after))
            }
            Step::Windows { input, columns } => {
                let frame = self.frame(input)?;
                let columns: Vec<_> = columns.iter().filter(|(id, ..)| self.used.has(*id)).collect();
                if columns.is_empty() {
                    return Ok(frame);
                }
                let any = name(self.any_column(input));
                windows::with_windows(frame, &columns, &any, self)
            }
            Step::Sort { input, keys } => {
                let frame = self.frame(input)?;
                self.sort(frame, keys)
            }
            Step::Limit { input, offset, most } => {
                let frame = self.frame(input)?;
                let offset = i64::try_from(*offset).unwrap_or(i64::MAX);
                let most = most.and_then(|most| IdxSize::try_from(most).ok()).unwrap_or(IdxSize::MAX);
                Ok(frame.slice(offset, most))
            }
            Step::Distinct { input } => {
                let frame = self.frame(input)?;
                let all: Vec<pl::Expr> = self.used.kept(input).iter().map(|id| col(name(*id))).collect();
                Ok(frame.group_by(all.clone()).agg([pl::len().alias("n")]).select(all))
            }
            Step::Join { left, right, side, on, and } => {
                let (a, b) = (self.frame(left)?, self.frame(right)?);
                let (left, right) = (self.used.kept(left), self.used.kept(right));
                joins::join(a, b, &left, &right, *side, on, and.as_ref(), self)
            }
            Step::Lookup { input, of, on, found } => {
                let (frame, table) = (self.frame(input)?, self.frame(of)?);
                joins::lookup(frame, table, on, *found, self)
            }
            Step::Union { inputs, columns } => {
                let kept: Vec<usize> = (0..columns.len()).filter(|i| self.used.has(columns[*i].0)).collect();
                let kept = if kept.is_empty() { vec![0] } else { kept };
                let mut frames = Vec::with_capacity(inputs.len());
                for (input, ids) in inputs {
                    let frame = self.frame(input)?;
                    let own = kept.iter().map(|i| column(ids[*i], self).alias(name(columns[*i].0)));
                    frames.push(frame.select(own.collect::<Vec<_>>()));
                }
                concat(frames, UnionArgs::default())
            }
            Step::Intersect { left, right, on, except } => {
                let (a, b) = (self.frame(left)?, self.frame(right)?);
                joins::intersect(a, b, on, *except, self)
            }
        }
    }

    fn scan(&self, table: usize, columns: &[(usize, Id)]) -> PolarsResult<LazyFrame> {
        let source = &self.tables[table];
        let mut selected = Vec::new();
        for (place, id) in self.used.among(columns, |(_, id)| *id) {
            let Some((held_name, held)) = source.schema.get_at_index(*place) else {
                return Err(fail("a column of the data is gone"));
            };
            let ty = type_held(held);
            let own = col(held_name.clone());
            let own = match held {
                DataType::Categorical(..) => {
                    self.coded.borrow_mut().insert(*id);
                    own
                }
                DataType::Decimal(..) => own.to_physical().strict_cast(ty.held()),
                held if *held == ty.held() => own,
                _ => own.cast(ty.held()),
            };
            selected.push(own.alias(name(*id)));
        }
        if selected.is_empty() {
            return Err(fail("the table has no column that can be used"));
        }
        Ok(source.frame.clone().select(selected))
    }

    fn rows(&self, columns: &[(Id, Type)], rows: &[Vec<Expr>]) -> PolarsResult<LazyFrame> {
        let without = |rows: usize| {
            let column = Series::new(name(NO_COLUMN).into(), vec![true; rows]).into_column();
            Ok(DataFrame::new(rows, vec![column])?.lazy())
        };
        if columns.is_empty() {
            return without(rows.len());
        }
        let mut frames = Vec::with_capacity(rows.len());
        for row in rows {
            let values = row.iter().zip(columns).map(|(value, (id, _))| Ok(lower(value, self)?.alias(name(*id))));
            let values = values.collect::<PolarsResult<Vec<_>>>()?;
            let names: Vec<pl::Expr> = columns.iter().map(|(id, _)| col(name(*id))).collect();
            frames.push(without(1)?.with_columns(values).select(names));
        }
        concat(frames, UnionArgs::default())
    }

    /// What WITH names. If several places read it, it is asked once, unless it only filters and selects.
    fn named(&self, of: &Step, key: usize, columns: &[(Id, Id)]) -> PolarsResult<LazyFrame> {
        let frame = if self.used.reads(key) > 1 && !of.is_simple() {
            let known = self.named.borrow().get(&key).cloned();
            match known {
                Some(known) => known.lazy(),
                None => {
                    let rows = self.collect(self.frame(of)?)?;
                    self.named.borrow_mut().insert(key, rows.clone());
                    rows.lazy()
                }
            }
        } else {
            self.frame(of)?
        };
        let mut selected = Vec::new();
        for (old, new) in columns.iter().filter(|(_, new)| self.used.has(*new)) {
            self.held_as(*new, *old);
            selected.push(col(name(*old)).alias(name(*new)));
        }
        if selected.is_empty() {
            let (Some((_, new)), old) = (columns.first(), self.any_column(of)) else {
                return Err(fail("a table of WITH has no columns"));
            };
            self.held_as(*new, old);
            selected.push(col(name(old)).alias(name(*new)));
        }
        Ok(frame.select(selected))
    }

    fn project(&self, frame: LazyFrame, any: Id, columns: &[&(Id, Expr)]) -> PolarsResult<LazyFrame> {
        let mut computed = Vec::with_capacity(columns.len());
        let mut names = Vec::with_capacity(columns.len());
        for (id, expr) in columns {
            if let Kind::Column(of) = expr.kind {
                self.held_as(*id, of);
            }
            let value = lower_coded(expr, self)?;
            // There are as many values as rows, which polars does not see of what is the same for all of them.
            let value = match expr.any(&|part| matches!(part.kind, Kind::Column(_))) {
                true => value,
                false => {
                    let rows = col(name(any)).is_null().or(lit(true));
                    pl::when(rows).then(value.clone()).otherwise(value)
                }
            };
            computed.push(value.alias(name(*id)));
            names.push(col(name(*id)));
        }
        Ok(frame.with_columns(computed).select(names))
    }

    fn sort(&self, frame: LazyFrame, keys: &[Key]) -> PolarsResult<LazyFrame> {
        let by = keys.iter().map(|key| lower(&key.of, self)).collect::<PolarsResult<Vec<_>>>()?;
        if by.is_empty() {
            return Ok(frame);
        }
        let options = SortMultipleOptions {
            descending: keys.iter().map(|key| key.descending).collect(),
            nulls_last: keys.iter().map(|key| !key.nulls_first).collect(),
            multithreaded: true,
            maintain_order: true,
            limit: None,
        };
        Ok(frame.sort_by_exprs(by, options))
    }

    fn any_column(&self, step: &Step) -> Id {
        self.used.kept(step).first().copied().unwrap_or(NO_COLUMN)
    }
}

/// The column that an expression becomes.
fn named(expr: &pl::Expr) -> Option<pl::Expr> {
    match expr {
        pl::Expr::Alias(_, name) => Some(col(name.clone())),
        _ => None,
    }
}
