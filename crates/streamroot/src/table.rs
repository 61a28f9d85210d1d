//! A small table of named columns: what every question to the sessions is answered with.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::chart::Chart;
use crate::unit::{Quantity, Unit};
use crate::{Error, Result, show, stats};

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
    fn take(&self, rows: &[usize]) -> Values {
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

    fn push_missing(&mut self) {
        match self {
            Values::Text(v) => v.push(None),
            Values::Bool(v) => v.push(None),
            Values::Int(v) => v.push(None),
            Values::Float(v) => v.push(None),
        }
    }

    /// Appends values of the same type; as many missing ones if they are of another.
    fn append(&mut self, more: Values) {
        match (self, more) {
            (Values::Text(all), Values::Text(more)) => all.extend(more),
            (Values::Bool(all), Values::Bool(more)) => all.extend(more),
            (Values::Int(all), Values::Int(more)) => all.extend(more),
            (Values::Float(all), Values::Float(more)) => all.extend(more),
            (all, more) => (0..more.len()).for_each(|_| all.push_missing()),
        }
    }

    fn is_number(&self) -> bool {
        matches!(self, Values::Int(_) | Values::Float(_))
    }
}

/// How a missing value reads.
const MISSING: &str = "–";
/// A cell shows no more letters of a text.
const LONGEST: usize = 200;

/// A text as a cell shows it: its first letters, and an ellipsis if there are more.
fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A named column with the unit of its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    name: String,
    unit: Unit,
    values: Values,
    /// All values that the sessions have of this dimension, in order, where that is known.
    domain: Option<Arc<Vec<String>>>,
    /// Whether a bar behind each number shows its size.
    bars: bool,
}

impl Column {
    /// A column whose unit follows from its values: whole numbers are counts, others are plain numbers.
    pub fn new(name: &str, values: Values) -> Column {
        let unit = if matches!(values, Values::Int(_)) { Unit::Count } else { Unit::Plain };
        Column { name: name.to_owned(), unit, values, domain: None, bars: false }
    }

    /// The column's name, as the table's header shows it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The unit of the column's numbers.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// The column with its numbers read in another unit.
    pub fn with_unit(mut self, unit: Unit) -> Column {
        self.unit = unit;
        self
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

    /// A value as what it is, and not as it is shown: what rows are matched by.
    fn key(&self, row: usize) -> String {
        match &self.values {
            Values::Float(v) => v.get(row).copied().flatten().map_or_else(|| MISSING.to_owned(), |n| n.to_string()),
            _ => self.text(row),
        }
    }

    /// The column as a table shows it: its header, with the unit if that stands there, and its first `rows` cells.
    fn shown(&self, rows: usize) -> (String, Vec<String>) {
        if !self.values.is_number() {
            return (cut(&self.name), (0..rows).map(|row| cut(&self.text(row))).collect());
        }
        if matches!(self.values, Values::Int(_)) && self.unit != Unit::Bytes {
            return (cut(&self.name), (0..rows).map(|row| self.text(row)).collect());
        }
        let numbers: Vec<Option<f64>> = (0..rows).map(|row| self.number(row)).collect();
        let (cells, unit) = self.unit.format_column(&numbers);
        let header = unit.map_or(cut(&self.name), |unit| format!("{}, {unit}", cut(&self.name)));
        (header, cells.into_iter().map(|cell| cell.unwrap_or_else(|| MISSING.to_owned())).collect())
    }

    /// The part of a cell, 0 to 1, that its bar takes: of the whole for a share, of the largest for anything else.
    fn bar(&self, row: usize) -> Option<f64> {
        let largest = match self.unit {
            Unit::Share => 1.0,
            _ => (0..self.values.len()).filter_map(|row| self.number(row)).fold(0.0, f64::max),
        };
        self.number(row).filter(|_| self.bars && largest > 0.0).map(|value| (value / largest).clamp(0.0, 1.0))
    }

    /// The number of each row's value among all values of its dimension, or else among those of the column: what decides
    /// a category's colour.
    pub(crate) fn places(&self) -> Vec<usize> {
        let texts: Vec<String> = (0..self.values.len()).map(|row| self.text(row)).collect();
        let own: Vec<String>;
        let domain = match &self.domain {
            Some(domain) => domain.as_slice(),
            None => {
                let distinct: BTreeSet<&String> = texts.iter().collect();
                own = distinct.into_iter().cloned().collect();
                &own
            }
        };
        let places: BTreeMap<&String, usize> = domain.iter().enumerate().map(|(place, text)| (text, place)).collect();
        texts.iter().map(|text| places.get(text).copied().unwrap_or(domain.len())).collect()
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

/// A small table. A cell that ends in one shows it, as HTML on a page and as plain text elsewhere.
///
/// Its methods leave the table as it is and return a new one, so that a cell can be run again.
///
/// ```
/// use streamroot::{Column, Table, Unit, Values};
///
/// let users = Table::new(vec![
///     Column::new("browser", Values::Text(vec![Some("Iron".into()), Some("Swamp".into())])),
///     Column::new("users", Values::Int(vec![Some(30), Some(10)])),
/// ])?;
/// assert_eq!(users.with_share("users")?.sort("users")?.to_string(), "\
/// browser  users  share of users
/// Swamp       10         25.00 %
/// Iron        30         75.00 %");
/// assert_eq!(users.number("Iron", "users")?, 30.0);
/// # Ok::<(), streamroot::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Table {
    columns: Vec<Column>,
    /// As many rows as are shown at the most.
    shown: usize,
}

/// As many rows as a table shows unless it is asked for more; a last line says how many are left out.
const SHOWN_ROWS: usize = 40;

impl Table {
    /// A table of these columns.
    ///
    /// # Errors
    /// [`Error::Column`] when they are not equally long.
    pub fn new(columns: Vec<Column>) -> Result<Table> {
        if let [first, rest @ ..] = columns.as_slice()
            && let Some(other) = rest.iter().find(|column| column.values.len() != first.values.len())
        {
            return Err(Error::Column(format!(
                "column {:?} has {} rows, but column {:?} has {}: all columns of a table are equally long",
                first.name,
                first.values.len(),
                other.name,
                other.values.len()
            )));
        }
        Ok(Table::of(columns))
    }

    /// A table of columns that are known to be equally long.
    pub(crate) fn of(columns: Vec<Column>) -> Table {
        Table { columns, shown: SHOWN_ROWS }
    }

    /// One table below the other. All have the same columns.
    ///
    /// # Errors
    /// [`Error::Column`] when the names or the types of their columns differ.
    pub fn stack(tables: impl Into<Vec<Table>>) -> Result<Table> {
        Table::stacked(tables.into())
    }

    fn stacked(tables: Vec<Table>) -> Result<Table> {
        let mut tables = tables.into_iter();
        let mut all = tables.next().unwrap_or_else(|| Table::of(Vec::new()));
        for table in tables {
            let alike = |(a, b): (&Column, &Column)| {
                a.name == b.name && std::mem::discriminant(&a.values) == std::mem::discriminant(&b.values)
            };
            if all.columns.len() != table.columns.len() || !all.columns.iter().zip(&table.columns).all(alike) {
                let names = |table: &Table| table.columns.iter().map(Column::name).collect::<Vec<_>>().join(", ");
                return Err(Error::Column(format!(
                    "tables can be stacked when they have the same columns, but one has {} and another {}",
                    names(&all),
                    names(&table)
                )));
            }
            for (column, more) in all.columns.iter_mut().zip(table.columns) {
                column.values.append(more.values);
            }
        }
        Ok(all)
    }

    /// A table of text, row by row, for what a notebook wants to say in one.
    ///
    /// # Errors
    /// [`Error::Column`] when a row has more or fewer cells than there are names.
    pub fn text(names: &[&str], rows: &[&[&str]]) -> Result<Table> {
        if let Some((i, row)) = rows.iter().enumerate().find(|(_, row)| row.len() != names.len()) {
            let (i, cells, columns) = (i + 1, row.len(), names.len());
            return Err(Error::Column(format!("row {i} has {cells} cells, but the table has {columns} columns")));
        }
        let column = |i: usize| Values::Text(rows.iter().map(|row| Some(row[i].to_owned())).collect());
        Ok(Table::of(names.iter().enumerate().map(|(i, name)| Column::new(name, column(i))).collect()))
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// The columns, in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column of that name.
    ///
    /// # Errors
    /// [`Error::Column`] when there is none; the message lists those there are.
    pub fn column(&self, name: &str) -> Result<&Column> {
        self.position(name).map(|i| &self.columns[i])
    }

    fn position(&self, name: &str) -> Result<usize> {
        self.columns.iter().position(|column| column.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.columns.iter().map(Column::name).collect();
            Error::Column(format!("there is no column {name:?}; the table has: {}", names.join(", ")))
        })
    }

    /// The number in the column `column` of the first row whose first column reads `label`.
    ///
    /// # Errors
    /// [`Error::Column`] when there is no such row or column, or no number in that place.
    pub fn number(&self, label: &str, column: &str) -> Result<f64> {
        let values = self.column(column)?;
        let found = self
            .columns
            .first()
            .and_then(|first| (0..self.rows()).find(|&row| first.text(row) == label).map(|row| (first, row)));
        let Some((_, row)) = found else {
            let first = self.columns.first().map_or("", Column::name);
            return Err(Error::Column(format!("no row has {label:?} in its first column, {first:?}")));
        };
        values.number(row).ok_or_else(|| {
            Error::Column(format!("column {column:?} has no number in the row of {label:?}, but {}", values.text(row)))
        })
    }

    /// The rows in ascending order of a column; missing values come last, equal ones stay as they were.
    ///
    /// # Errors
    /// [`Error::Column`] when there is no such column.
    pub fn sort(&self, column: &str) -> Result<Table> {
        self.sorted(column, false)
    }

    /// The rows in descending order of a column; missing values come last, equal ones stay as they were.
    ///
    /// # Errors
    /// [`Error::Column`] when there is no such column.
    pub fn sort_descending(&self, column: &str) -> Result<Table> {
        self.sorted(column, true)
    }

    fn sorted(&self, column: &str, descending: bool) -> Result<Table> {
        let mut rows: Vec<usize> = (0..self.rows()).collect();
        match &self.column(column)?.values {
            Values::Text(v) => order(&mut rows, v, descending, |a, b| a.cmp(b)),
            Values::Bool(v) => order(&mut rows, v, descending, |a, b| a.cmp(b)),
            Values::Int(v) => order(&mut rows, v, descending, |a, b| a.cmp(b)),
            Values::Float(v) => order(&mut rows, v, descending, |a, b| a.total_cmp(b)),
        }
        Ok(self.take(&rows))
    }

    /// The first `n` rows, or all there are.
    pub fn top(&self, n: usize) -> Table {
        let rows: Vec<usize> = (0..self.rows().min(n)).collect();
        self.take(&rows)
    }

    pub(crate) fn take(&self, rows: &[usize]) -> Table {
        let take = |column: &Column| Column { values: column.values.take(rows), ..column.clone() };
        Table { columns: self.columns.iter().map(take).collect(), shown: self.shown }
    }

    /// The table with one more column: each value of `column` as a share of the column's sum.
    ///
    /// # Errors
    /// [`Error::Column`] when there is no such column, when it has no numbers, or when they sum to 0.
    pub fn with_share(&self, column: &str) -> Result<Table> {
        let values = self.numbers(column)?;
        let sum: f64 = values.iter().flatten().sum();
        if sum == 0.0 {
            return Err(Error::Column(format!("column {column:?} sums to 0: there is nothing to take shares of")));
        }
        let shares = values.iter().map(|value| value.map(|v| v / sum)).collect();
        let mut table = self.clone();
        table.columns.push(Column {
            name: format!("share of {column}"),
            unit: Unit::Share,
            values: Values::Float(shares),
            domain: None,
            bars: false,
        });
        Ok(table)
    }

    /// The table with one more column: the product of two others, in the unit of the second, such as users times bytes a
    /// user.
    ///
    /// # Errors
    /// [`Error::Column`] when there is no such column, or when it has no numbers.
    pub fn with_product(&self, name: &str, a: &str, b: &str) -> Result<Table> {
        self.with_computed(name, a, b, self.column(b)?.unit, |a, b| a * b)
    }

    /// The table with one more column: what part a column has of itself and another, `a / (a + b)`, as a share. Offload is
    /// `with_part("offload", "P2P", "CDN")`.
    ///
    /// # Errors
    /// [`Error::Column`] when there is no such column, or when it has no numbers.
    pub fn with_part(&self, name: &str, a: &str, b: &str) -> Result<Table> {
        self.with_computed(name, a, b, Unit::Share, |a, b| a / (a + b))
    }

    fn with_computed(&self, name: &str, a: &str, b: &str, unit: Unit, of: fn(f64, f64) -> f64) -> Result<Table> {
        let pairs = self.numbers(a)?.into_iter().zip(self.numbers(b)?);
        let values = pairs.map(|(a, b)| Some(of(a?, b?))).collect();
        Ok(self.clone().with_column(Column::new(name, Values::Float(values)).with_unit(unit)))
    }

    /// The sum of a column's numbers, in its unit; missing ones are left out.
    ///
    /// # Errors
    /// [`Error::Column`] when there is no such column, or when it has no numbers.
    pub fn sum(&self, column: &str) -> Result<Quantity> {
        let sum = self.numbers(column)?.iter().flatten().sum();
        Ok(Quantity::new(sum, self.column(column)?.unit))
    }

    /// The table with a column's numbers read in another unit: fractions as [`Unit::Share`], sizes as [`Unit::Bytes`].
    ///
    /// # Errors
    /// [`Error::Column`] when there is no such column, or when it has no numbers.
    pub fn with_unit(&self, column: &str, unit: Unit) -> Result<Table> {
        self.numbers(column)?;
        let mut table = self.clone();
        let position = self.position(column)?;
        table.columns[position].unit = unit;
        Ok(table)
    }

    /// The table with a column under another name.
    ///
    /// # Errors
    /// [`Error::Column`] when there is no such column.
    pub fn rename(&self, column: &str, name: &str) -> Result<Table> {
        let position = self.position(column)?;
        let mut table = self.clone();
        name.clone_into(&mut table.columns[position].name);
        Ok(table)
    }

    /// The table with another one's columns beside its own, the first of which must be the same in both.
    ///
    /// # Errors
    /// [`Error::Column`] when the first columns differ.
    pub fn beside(&self, other: &Table) -> Result<Table> {
        match (self.columns.first(), other.columns.as_slice()) {
            (Some(mine), [theirs, rest @ ..]) if mine.values == theirs.values => {
                let mut table = self.clone();
                table.columns.extend(rest.iter().cloned());
                Ok(table)
            }
            _ => Err(Error::Column(
                "two tables stand side by side only when their first columns are the same: sort both by it".to_owned(),
            )),
        }
    }

    /// A column's numbers; `None` where one is missing.
    ///
    /// # Errors
    /// [`Error::Column`] when there is no such column, or when it has no numbers.
    pub fn numbers(&self, column: &str) -> Result<Vec<Option<f64>>> {
        let found = self.column(column)?;
        if !found.values.is_number() {
            return Err(Error::Column(format!("column {column:?} has no numbers")));
        }
        Ok((0..self.rows()).map(|row| found.number(row)).collect())
    }

    /// A bar chart: the first column names the bars, the last column of numbers is their height. A second column of names
    /// makes groups of bars side by side, or on top of each other with [`Chart::stacked`].
    ///
    /// A table without names or numbers makes a chart that says so when it is shown.
    pub fn bar(&self) -> Chart {
        Chart::bars(self, &[])
    }

    /// A bar chart of several columns: `.bars(&["mean P2P", "mean CDN"]).stacked()`.
    pub fn bars(&self, columns: &[&str]) -> Chart {
        Chart::bars(self, columns)
    }

    /// A heat map with its values in the cells, of a table with two columns of names and one of numbers: the first names the
    /// rows, the second the columns.
    pub fn heat(&self) -> Chart {
        Chart::heat(self)
    }

    /// Box plots, of a table that [`Sessions::spread_by`](crate::Sessions::spread_by) has made: a box from the first to the
    /// third quartile with a line at the median, whiskers from the 5th to the 95th percentile, a dot at the mean.
    pub fn boxes(&self) -> Chart {
        Chart::boxes(self)
    }

    /// A histogram, of a table that [`Sessions::histogram`](crate::Sessions::histogram) has made.
    pub fn histogram(&self) -> Chart {
        Chart::histogram(self)
    }

    /// Marks a whole-number column as one whose numbers are names.
    pub(crate) fn labelled(mut self, columns: usize) -> Table {
        for column in self.columns.iter_mut().take(columns) {
            column.unit = Unit::Label;
        }
        self
    }

    pub(crate) fn with_column_unit(mut self, position: usize, unit: Unit) -> Table {
        if let Some(column) = self.columns.get_mut(position) {
            column.unit = unit;
        }
        self
    }

    /// Lets a column know all values of its dimension. Numbers of a dimension are names.
    pub(crate) fn with_domain(mut self, position: usize, domain: &Column) -> Table {
        if let Some(column) = self.columns.get_mut(position) {
            column.domain = Some(Arc::new((0..domain.values.len()).map(|row| domain.text(row)).collect()));
            column.unit = domain.unit;
        }
        self
    }

    /// The table with a row for each value of the first column's dimension: new ones count 0, or have no value.
    pub(crate) fn completed(mut self, domain: &Column, zero: bool) -> Table {
        let Some(first) = self.columns.first() else { return self };
        let known: BTreeSet<String> = (0..self.rows()).map(|row| first.text(row)).collect();
        let absent: Vec<usize> = (0..domain.values.len()).filter(|&row| !known.contains(&domain.text(row))).collect();
        for (position, column) in self.columns.iter_mut().enumerate() {
            match &mut column.values {
                values if position == 0 => values.append(domain.values.take(&absent)),
                Values::Int(values) if zero => values.extend(absent.iter().map(|_| Some(0))),
                values => absent.iter().for_each(|_| values.push_missing()),
            }
        }
        self
    }

    /// The table with these columns only.
    ///
    /// # Errors
    /// [`Error::Column`] when there is no such column.
    pub fn picked(&self, columns: &[&str]) -> Result<Table> {
        let columns = columns.iter().map(|name| self.column(name).cloned()).collect::<Result<_>>()?;
        Ok(Table { columns, shown: self.shown })
    }

    pub(crate) fn without_last(mut self) -> Table {
        self.columns.pop();
        self
    }

    /// Pearson's correlation of two columns with Fisher's interval of 95 %: the columns `pairs`, `correlation`, `low`,
    /// `high`. The last three are missing for fewer than four pairs or where a column is constant.
    ///
    /// # Errors
    /// [`Error::Column`] when there is no such column, or when it has no numbers.
    pub fn correlation(&self, x: &str, y: &str) -> Result<Table> {
        let pairs: Vec<(f64, f64)> =
            self.numbers(x)?.into_iter().zip(self.numbers(y)?).filter_map(|(x, y)| x.zip(y)).collect();
        let found = stats::correlation(&pairs);
        let column = |name: &str, value: Option<f64>| Column::new(name, Values::Float(vec![value]));
        Ok(Table::of(vec![
            Column::new("pairs", Values::Int(vec![Some(pairs.len() as i64)])),
            column("correlation", found.map(|(r, _)| r)),
            column("low", found.map(|(_, (low, _))| low)),
            column("high", found.map(|(_, (_, high))| high)),
        ]))
    }

    /// The table with one more column, which is as long as its others.
    pub(crate) fn with_column(mut self, column: Column) -> Table {
        self.columns.push(column);
        self
    }

    /// The table with the last column of another one that has the same names in its first columns, in whatever order.
    pub(crate) fn with_last_of(mut self, other: &Table) -> Table {
        let names =
            self.columns.iter().take_while(|column| other.columns.iter().any(|o| o.name == column.name)).count();
        let key = |table: &Table, row: usize| -> Vec<String> {
            table.columns.iter().take(names).map(|column| column.key(row)).collect()
        };
        let rows: BTreeMap<Vec<String>, usize> = (0..other.rows()).map(|row| (key(other, row), row)).collect();
        let places: Vec<usize> =
            (0..self.rows()).map(|row| rows.get(&key(&self, row)).copied().unwrap_or(usize::MAX)).collect();
        if let Some(last) = other.columns.last() {
            self.columns.push(Column { values: last.values.take(&places), ..last.clone() });
        }
        self
    }

    /// The table with a bar behind each number of a column, as long as the number is large: of the whole for a share, of the
    /// largest number for anything else.
    ///
    /// # Errors
    /// [`Error::Column`] when there is no such column, or when it has no numbers.
    pub fn with_bars(&self, column: &str) -> Result<Table> {
        self.numbers(column)?;
        let mut table = self.clone();
        let position = self.position(column)?;
        table.columns[position].bars = true;
        Ok(table)
    }

    /// The table, showing up to `rows` of its rows instead of forty.
    pub fn show_rows(&self, rows: usize) -> Table {
        Table { shown: rows, ..self.clone() }
    }

    /// The table as HTML: numbers to the right, text escaped, at most forty rows unless it was asked for more.
    pub fn to_html(&self) -> String {
        let rows = self.rows().min(self.shown);
        let side = |column: &Column| if column.values.is_number() { "right" } else { "left" };
        let mut html = String::from("<table>\n<thead><tr>");
        let mut cells = Vec::new();
        for column in &self.columns {
            let (header, shown) = column.shown(rows);
            html += &format!("<th style=\"text-align: {}\">{}</th>", side(column), show::escape(&header));
            cells.push(shown);
        }
        html += "</tr></thead>\n<tbody>\n";
        for row in 0..rows {
            html += "<tr>";
            for (column, cells) in self.columns.iter().zip(&cells) {
                let bar = column.bar(row).map_or(String::new(), |part| {
                    let part = part * 100.0;
                    format!("; background: linear-gradient(to right, #7fb2dd88 {part:.1}%, transparent {part:.1}%)")
                });
                html += &format!("<td style=\"text-align: {}{bar}\">{}</td>", side(column), show::escape(&cells[row]));
            }
            html += "</tr>\n";
        }
        html += "</tbody>\n</table>";
        if let Some(rest) = self.left_out() {
            html += &format!("\n<p>{rest}</p>");
        }
        html
    }

    fn left_out(&self) -> Option<String> {
        let rest = self.rows().checked_sub(self.shown).filter(|&rest| rest > 0)?;
        Some(format!("… and {} more rows", Unit::Count.format(rest as f64)))
    }

    /// Shows the table as a cell's output.
    pub fn evcxr_display(&self) {
        show::bundle(&[("text/html", &self.to_html()), ("text/plain", &self.to_string())]);
    }
}

/// Sorts row numbers by their values.
fn order<T>(
    rows: &mut [usize],
    values: &[Option<T>],
    descending: bool,
    compare: impl Fn(&T, &T) -> std::cmp::Ordering,
) {
    rows.sort_by(|&a, &b| match (&values[a], &values[b]) {
        (Some(a), Some(b)) if descending => compare(b, a),
        (Some(a), Some(b)) => compare(a, b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    });
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.rows().min(self.shown);
        let cells: Vec<Vec<String>> = self
            .columns
            .iter()
            .map(|column| {
                let (header, cells) = column.shown(shown);
                std::iter::once(header).chain(cells).map(|cell| one_line(&cell)).collect()
            })
            .collect();
        let widths: Vec<usize> =
            cells.iter().map(|column| column.iter().map(|c| c.chars().count()).max().unwrap_or(0)).collect();
        for line in 0..=shown {
            let mut text = String::new();
            for ((column, cells), &width) in self.columns.iter().zip(&cells).zip(&widths) {
                if !text.is_empty() {
                    text += "  ";
                }
                let cell = &cells[line];
                text += &if column.values.is_number() { format!("{cell:>width$}") } else { format!("{cell:<width$}") };
            }
            if line > 0 {
                f.write_str("\n")?;
            }
            f.write_str(text.trim_end())?;
        }
        self.left_out().map_or(Ok(()), |rest| write!(f, "\n{rest}"))
    }
}

/// Text from data on one line of a plain table, without control characters that a terminal would obey.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
