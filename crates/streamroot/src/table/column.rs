//! The columns of a table, and what a single value of one is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::table::unit::Unit;
use crate::{Error, Result};

/// The values of a column. `None` is a missing value.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the types speak for themselves")]
pub enum Values {
    Text(Vec<Option<String>>),
    Bool(Vec<Option<bool>>),
    Int(Vec<Option<i64>>),
    Float(Vec<Option<f64>>),
}

impl Values {
    pub(crate) fn len(&self) -> usize {
        match self {
            Values::Text(v) => v.len(),
            Values::Bool(v) => v.len(),
            Values::Int(v) => v.len(),
            Values::Float(v) => v.len(),
        }
    }

    /// The values at `rows`, in that order.
    pub(super) fn take(&self, rows: &[usize]) -> Values {
        fn pick<T: Clone>(values: &[Option<T>], rows: &[usize]) -> Vec<Option<T>> {
            rows.iter().map(|&row| values.get(row).cloned().flatten()).collect()
        }
        match self {
            Values::Text(v) => Values::Text(pick(v, rows)),
            Values::Bool(v) => Values::Bool(pick(v, rows)),
            Values::Int(v) => Values::Int(pick(v, rows)),
            Values::Float(v) => Values::Float(pick(v, rows)),
        }
    }

    pub(super) fn push_missing(&mut self) {
        match self {
            Values::Text(v) => v.push(None),
            Values::Bool(v) => v.push(None),
            Values::Int(v) => v.push(None),
            Values::Float(v) => v.push(None),
        }
    }

    /// Appends values of the same type; as many missing ones if they are of another.
    pub(super) fn append(&mut self, more: Values) {
        match (self, more) {
            (Values::Text(all), Values::Text(more)) => all.extend(more),
            (Values::Bool(all), Values::Bool(more)) => all.extend(more),
            (Values::Int(all), Values::Int(more)) => all.extend(more),
            (Values::Float(all), Values::Float(more)) => all.extend(more),
            (all, more) => (0..more.len()).for_each(|_| all.push_missing()),
        }
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Values::Int(_) | Values::Float(_))
    }
}

/// A value as it is, for finding rows that belong together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    Missing,
    Bool(bool),
    Whole(i64),
    /// The bits of a number that is no whole one.
    Float(u64),
    Text(String),
}

impl Key {
    /// The same key for a whole number, whatever type it has.
    fn number(value: f64) -> Key {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if value.fract() == 0.0 && value.abs() <= EXACT {
            Key::Whole(value as i64)
        } else {
            Key::Float(value.to_bits())
        }
    }
}

/// How a missing value reads.
const MISSING: &str = "–";

/// A named column with the unit of its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub(super) name: String,
    pub(super) unit: Unit,
    pub(super) values: Values,
    /// All values that the sessions have of this dimension, in order, where that is known.
    pub(super) domain: Option<Arc<Vec<Key>>>,
    /// Whether a bar behind each number shows its size.
    pub(super) bars: bool,
    /// Whether the numbers are counts of different things, so that they add up.
    pub(super) counted: bool,
}

impl Column {
    /// A column whose unit follows from its values: whole numbers are written as counts, others as plain numbers.
    pub fn new(name: &str, values: Values) -> Column {
        let unit = if matches!(values, Values::Int(_)) { Unit::Count } else { Unit::Plain };
        Column { name: name.to_owned(), unit, values, domain: None, bars: false, counted: false }
    }

    /// The column's name, as the table's header shows it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The unit of the column's numbers.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// The column with its numbers read in another unit. [`Unit::Count`] says of them that they add up: a chart then shows the sum
    /// of those that it has no room for, and nothing is a count of 0.
    pub fn with_unit(mut self, unit: Unit) -> Column {
        self.set_unit(unit);
        self
    }

    pub(super) fn set_unit(&mut self, unit: Unit) {
        self.unit = unit;
        self.counted = unit == Unit::Count;
    }

    /// Whether the numbers are said to be counts. Whole numbers alone may be the largest of something, or its year.
    pub(crate) fn is_counted(&self) -> bool {
        self.counted
    }

    /// The values.
    pub fn values(&self) -> &Values {
        &self.values
    }

    pub(crate) fn values_mut(&mut self) -> &mut Values {
        &mut self.values
    }

    /// The number in a row; `None` when it is missing or no number.
    pub fn number(&self, row: usize) -> Option<f64> {
        match &self.values {
            Values::Int(v) => v.get(row).copied().flatten().map(|n| n as f64),
            Values::Float(v) => v.get(row).copied().flatten(),
            Values::Text(_) | Values::Bool(_) => None,
        }
    }

    /// The value in a row as a reader sees it; a missing one is `–`.
    pub fn text(&self, row: usize) -> String {
        let text = match &self.values {
            Values::Text(v) => v.get(row).cloned().flatten(),
            Values::Bool(v) => v.get(row).copied().flatten().map(|b| if b { "yes" } else { "no" }.to_owned()),
            Values::Int(v) => v.get(row).copied().flatten().map(|n| self.unit.format_whole(n)),
            Values::Float(_) => self.number(row).map(|n| self.unit.format(n)),
        };
        text.unwrap_or_else(|| MISSING.to_owned())
    }

    /// A number's digits, of which so many stand behind the point if it is no whole one.
    pub(crate) fn digits(&self, row: usize, scale: i32) -> Option<String> {
        match &self.values {
            Values::Int(v) => v.get(row).copied().flatten().map(|n| n.to_string()),
            _ => self.number(row).map(|n| format!("{n:.*}", usize::try_from(scale).unwrap_or(0))),
        }
    }

    /// The value in a row as it is: what a reader sees of two different ones may be the same.
    pub(crate) fn key(&self, row: usize) -> Key {
        match &self.values {
            Values::Text(v) => v.get(row).cloned().flatten().map_or(Key::Missing, Key::Text),
            Values::Bool(v) => v.get(row).copied().flatten().map_or(Key::Missing, Key::Bool),
            Values::Int(v) => v.get(row).copied().flatten().map_or(Key::Missing, Key::Whole),
            Values::Float(v) => v.get(row).copied().flatten().map_or(Key::Missing, Key::number),
        }
    }

    /// The column as a table shows it: its header, with the unit if that stands there, and its first `rows` cells.
    pub(crate) fn shown(&self, rows: usize) -> (String, Vec<String>) {
        if !matches!(self.values, Values::Float(_)) && (!self.values.is_number() || self.unit != Unit::Bytes) {
            return (self.name.clone(), (0..rows).map(|row| self.text(row)).collect());
        }
        let numbers: Vec<Option<f64>> = (0..rows).map(|row| self.number(row)).collect();
        let (cells, unit) = self.unit.format_column(&numbers);
        let header = unit.map_or(self.name.clone(), |unit| format!("{}, {unit}", self.name));
        (header, cells.into_iter().map(|cell| cell.unwrap_or_else(|| MISSING.to_owned())).collect())
    }

    /// The part of each of the first `rows` cells, 0 to 1, that its bar takes: of the whole for a share, of the largest for
    /// anything else.
    pub(crate) fn bars(&self, rows: usize) -> Vec<Option<f64>> {
        if !self.bars {
            return vec![None; rows];
        }
        let largest = match self.unit {
            Unit::Share => 1.0,
            _ => (0..self.values.len()).filter_map(|row| self.number(row)).fold(0.0, f64::max),
        };
        let part = |value: f64| (value / largest).clamp(0.0, 1.0);
        (0..rows).map(|row| self.number(row).filter(|_| largest > 0.0).map(part)).collect()
    }

    /// The number of each row's value among all values of its dimension, or else among those of the column: what decides
    /// a category's colour.
    pub(crate) fn places(&self) -> Vec<usize> {
        let own: Vec<Key>;
        let domain = match &self.domain {
            Some(domain) => domain.as_slice(),
            None => {
                own = self.own_domain();
                &own
            }
        };
        let places: BTreeMap<&Key, usize> = domain.iter().enumerate().map(|(place, key)| (key, place)).collect();
        (0..self.values.len()).map(|row| places.get(&self.key(row)).copied().unwrap_or(domain.len())).collect()
    }

    /// The different values of the column, in the order of their texts.
    pub(super) fn own_domain(&self) -> Vec<Key> {
        let distinct: BTreeSet<(String, Key)> =
            (0..self.values.len()).map(|row| (self.text(row), self.key(row))).collect();
        distinct.into_iter().map(|(_, key)| key).collect()
    }

    /// Appends the values of `distinct` that `keys` point to: a dictionary-encoded column, decoded.
    pub(crate) fn append_by_key(&mut self, distinct: &Column, keys: &Column) -> Result<()> {
        let Values::Int(keys) = &keys.values else {
            return Err(Error::Engine("a dictionary's keys are no whole numbers".to_owned()));
        };
        let rows: Vec<usize> =
            keys.iter().map(|key| key.and_then(|k| usize::try_from(k).ok()).unwrap_or(usize::MAX)).collect();
        self.values.append(distinct.values.take(&rows));
        Ok(())
    }
}
