//! A small table of named columns: what every question to the sessions is answered with.

mod column;
mod correlation;
pub(crate) mod moment;
pub(crate) mod stats;
pub(crate) mod unit;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(crate) use self::column::Key;
pub use self::column::{Column, Values};
use self::unit::{Quantity, Unit};
use crate::{Error, Result};

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
    /// What a reader of the rows, or of a chart of them, must know.
    note: Option<String>,
}

/// As many rows as a table shows unless it is asked for more; a last line says how many are left out.
const SHOWN_ROWS: usize = 40;

impl Table {
    /// A table of these columns.
    ///
    /// # Errors
    /// [`Error::Column`] when they are not equally long, or when two of them have one name.
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
        Table::of(columns).told_apart()
    }

    /// What an engine has answered. SQL may name two columns alike; in the table, the second one is numbered: `isp 2`.
    ///
    /// # Errors
    /// [`Error::Column`] when the columns are not equally long.
    pub(crate) fn answered(mut columns: Vec<Column>) -> Result<Table> {
        let mut known = BTreeSet::new();
        for column in &mut columns {
            column.name = free(std::mem::take(&mut column.name), |name| known.contains(name));
            known.insert(column.name.clone());
        }
        Table::new(columns)
    }

    /// The table, if its columns can be told apart by their names.
    fn told_apart(self) -> Result<Table> {
        let mut known = BTreeSet::new();
        match self.columns.iter().find(|column| !known.insert(column.name.as_str())) {
            Some(Column { name, .. }) => Err(Error::Column(format!(
                "two columns of the table would be called {name:?}: give one of them another name, with `.rename({name:?}, \"…\")` \
                 if it has this one already"
            ))),
            None => Ok(self),
        }
    }

    /// A table of columns that are known to be equally long, and to have names of their own.
    pub(crate) fn of(columns: Vec<Column>) -> Table {
        Table { columns, shown: SHOWN_ROWS, note: None }
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
    /// [`Error::Column`] when a row has more or fewer cells than there are names, or when two of these are the same.
    pub fn text(names: &[&str], rows: &[&[&str]]) -> Result<Table> {
        if let Some((i, row)) = rows.iter().enumerate().find(|(_, row)| row.len() != names.len()) {
            let (i, cells, columns) = (i + 1, row.len(), names.len());
            return Err(Error::Column(format!("row {i} has {cells} cells, but the table has {columns} columns")));
        }
        let column = |i: usize| Values::Text(rows.iter().map(|row| Some(row[i].to_owned())).collect());
        Table::new(names.iter().enumerate().map(|(i, name)| Column::new(name, column(i))).collect())
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
        Table { columns: self.columns.iter().map(take).collect(), ..self.clone() }
    }

    /// The table with one more column: each value of `column` as a share of the column's sum.
    ///
    /// # Errors
    /// [`Error::Column`] when there is no such column, when it has no numbers, when they sum to 0, or when the table has the
    /// shares already.
    pub fn with_share(&self, column: &str) -> Result<Table> {
        let values = self.numbers(column)?;
        let sum: f64 = values.iter().flatten().sum();
        if sum == 0.0 {
            return Err(Error::Column(format!("column {column:?} sums to 0: there is nothing to take shares of")));
        }
        let shares = values.iter().map(|value| value.map(|v| v / sum)).collect();
        let shares = Column::new(&format!("share of {column}"), Values::Float(shares)).with_unit(Unit::Share);
        let mut table = self.clone();
        table.columns.push(shares);
        table.told_apart()
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
        let mut table = self.clone();
        table.columns.push(Column::new(name, Values::Float(values)).with_unit(unit));
        table.told_apart()
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
        table.columns[position].set_unit(unit);
        Ok(table)
    }

    /// The table with a column under another name.
    ///
    /// # Errors
    /// [`Error::Column`] when there is no such column, or when another one has the name.
    pub fn rename(&self, column: &str, name: &str) -> Result<Table> {
        let position = self.position(column)?;
        let mut table = self.clone();
        name.clone_into(&mut table.columns[position].name);
        table.told_apart()
    }

    /// The table with another one's columns beside its own, the first of which must be the same in both.
    ///
    /// # Errors
    /// [`Error::Column`] when the first columns differ, or when others have one name.
    pub fn beside(&self, other: &Table) -> Result<Table> {
        match (self.columns.first(), other.columns.as_slice()) {
            (Some(mine), [theirs, rest @ ..]) if mine.values == theirs.values => {
                let mut table = self.clone();
                table.columns.extend(rest.iter().cloned());
                table.told_apart()
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

    /// Marks a whole-number column as one whose numbers are names.
    pub(crate) fn labelled(mut self, columns: usize) -> Table {
        for column in self.columns.iter_mut().take(columns) {
            column.unit = Unit::Label;
        }
        self
    }

    pub(crate) fn with_column_unit(mut self, position: usize, unit: Unit) -> Table {
        if let Some(column) = self.columns.get_mut(position) {
            column.set_unit(unit);
        }
        self
    }

    /// Lets a column know all values of its dimension. Numbers of a dimension are names.
    pub(crate) fn with_domain(mut self, position: usize, domain: &Column) -> Table {
        if let Some(column) = self.columns.get_mut(position) {
            column.domain = Some(Arc::new((0..domain.values.len()).map(|row| domain.key(row)).collect()));
            column.unit = domain.unit;
        }
        self
    }

    /// The table with a row for each value of the first column's dimension: new ones count 0, or have no value.
    pub(crate) fn completed(mut self, domain: &Column, zero: bool) -> Table {
        let Some(first) = self.columns.first() else { return self };
        let known: BTreeSet<Key> = (0..self.rows()).map(|row| first.key(row)).collect();
        let absent: Vec<usize> = (0..domain.values.len()).filter(|&row| !known.contains(&domain.key(row))).collect();
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
    /// [`Error::Column`] when there is no such column, or when one is named twice.
    pub fn picked(&self, columns: &[&str]) -> Result<Table> {
        let columns = columns.iter().map(|name| self.column(name).cloned()).collect::<Result<_>>()?;
        Table { columns, ..self.clone() }.told_apart()
    }

    /// The table without a column.
    pub(crate) fn without(&self, column: &str) -> Table {
        let columns = self.columns.iter().filter(|c| c.name != column).cloned().collect();
        Table { columns, ..self.clone() }
    }

    /// The table, of whose columns each knows all the values that it has: parts of it agree on their colours.
    pub(crate) fn with_own_domains(&self) -> Table {
        let mut table = self.clone();
        for column in table.columns.iter_mut().filter(|column| column.domain.is_none()) {
            column.domain = Some(Arc::new(column.own_domain()));
        }
        table
    }

    /// As many rows as are shown at the most.
    pub(crate) fn shown_rows(&self) -> usize {
        self.rows().min(self.shown)
    }

    /// The table with what a reader of it must know.
    pub(crate) fn with_note(mut self, note: String) -> Table {
        self.note = Some(note);
        self
    }

    pub(crate) fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    pub(crate) fn without_last(mut self) -> Table {
        self.columns.pop();
        self
    }

    /// The table with one more column, which is as long as its others. Where its name is taken, as by a dimension, it is
    /// numbered: `users 2`.
    pub(crate) fn with_column(mut self, mut column: Column) -> Table {
        column.name = free(column.name, |name| self.columns.iter().any(|column| column.name == name));
        self.columns.push(column);
        self
    }

    /// The table with its last column under another name, numbered where that is taken.
    pub(crate) fn with_last_called(mut self, name: &str) -> Table {
        match self.columns.pop() {
            Some(last) => self.with_column(Column { name: name.to_owned(), ..last }),
            None => self,
        }
    }

    /// The table with the last column of another one that has the same names in its first columns, in whatever order.
    pub(crate) fn with_last_of(self, other: &Table) -> Table {
        let Some((last, keys)) = other.columns.split_last() else { return self };
        let names = self.columns.iter().take_while(|column| keys.iter().any(|key| key.name == column.name)).count();
        let key = |table: &Table, row: usize| -> Vec<Key> {
            table.columns.iter().take(names).map(|column| column.key(row)).collect()
        };
        let rows: BTreeMap<Vec<Key>, usize> = (0..other.rows()).map(|row| (key(other, row), row)).collect();
        let places: Vec<usize> =
            (0..self.rows()).map(|row| rows.get(&key(&self, row)).copied().unwrap_or(usize::MAX)).collect();
        let values = last.values.take(&places);
        self.with_column(Column { values, ..last.clone() })
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
}

/// The name, or the first one made of it that is not known.
fn free(name: String, is_known: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{name} {number}"));
    std::iter::once(name.clone()).chain(numbered).find(|name| !is_known(name)).unwrap_or(name.clone())
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
