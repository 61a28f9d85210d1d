//! Fair comparisons of groups of sessions: intervals, the same mix of streams on both sides, association.

use std::collections::HashMap;

use crate::ask::measures::share_of;
use crate::ask::sessions::Sessions;
use crate::table::stats::{self, Estimate, Moments};
use crate::table::unit::{Quantity, Unit};
use crate::table::{Column, Key, Table, Values};
use crate::words::{By, Condition, Dimension, Measure};
use crate::{Error, Result};

/// Groups of sessions, each with what is known of a measure in every stratum.
struct Strata {
    groups: Vec<String>,
    /// For each group as many as there are strata.
    moments: Vec<Vec<Moments>>,
}

impl Strata {
    /// How many sessions all groups have in each stratum.
    fn sizes(&self) -> Vec<f64> {
        let count = self.moments.first().map_or(0, Vec::len);
        (0..count).map(|stratum| self.moments.iter().map(|group| group[stratum].n).sum()).collect()
    }
}

impl Sessions {
    /// The share of sessions that satisfy a condition for each value of a dimension, with Wilson's interval of 95 %: the
    /// dimension's column, then `sessions`, the share under the condition's name, `low` and `high`.
    ///
    /// # Errors
    /// [`Error::Engine`] when there is no such column or the condition is not valid SQL.
    pub fn share_interval_by(&self, by: impl Into<Dimension>, condition: impl Into<Condition>) -> Result<Table> {
        let (by, condition) = (By::from(by.into()), condition.into());
        let counts = self.group(&by, "COUNT(*)", "sessions", Unit::Count)?;
        let shares = self.group(&by, &share_of(&condition)?, condition.label(), Unit::Share)?;
        let table = counts.with_last_of(&shares);
        let intervals: Vec<_> = (0..table.rows())
            .map(|row| {
                let (n, share) = (table.columns()[1].number(row)?, table.columns()[2].number(row)?);
                stats::wilson(share * n, n)
            })
            .collect();
        Ok(with_intervals(table, intervals, Unit::Share))
    }

    /// The mean of a measure for each value of a dimension, as it is, and as it would be if all had the same mix of
    /// `strata`: directly standardised to the mix of all sessions, with a normal interval of 95 %. Columns: the dimension,
    /// `sessions`, `mean`, `same mix`, `low`, `high`. A value that lacks sessions in a stratum has no standardised mean.
    ///
    /// # Errors
    /// [`Error::Engine`] when there is no such column or the expression is not valid SQL.
    pub fn standardised_by(
        &self,
        by: impl Into<Dimension>,
        strata: impl Into<Dimension>,
        measure: impl Into<Measure>,
    ) -> Result<Table> {
        let (by, measure) = (by.into(), measure.into());
        let strata = self.strata(&by.sql(), &strata.into(), &measure)?;
        let sizes = strata.sizes();
        let means: Vec<Option<Estimate>> = strata.moments.iter().map(|group| stats::pooled(group)).collect();
        let same: Vec<Option<Estimate>> =
            strata.moments.iter().map(|group| stats::standardised(group, &sizes)).collect();
        let n = strata.moments.iter().map(|group| Some(group.iter().map(|s| s.n).sum::<f64>() as i64)).collect();
        let column = |name: &str, estimates: &[Option<Estimate>]| {
            Column::new(name, Values::Float(estimates.iter().map(|e| e.map(|e| e.mean)).collect()))
                .with_unit(measure.unit())
        };
        let groups = Values::Text(strata.groups.into_iter().map(Some).collect());
        let table = Table::of(vec![Column::new(by.name(), groups)])
            .with_column(Column::new("sessions", Values::Int(n)))
            .with_column(column("mean", &means))
            .with_column(column("same mix", &same));
        let intervals = same.iter().map(|estimate| estimate.map(Estimate::interval)).collect();
        Ok(with_intervals(table, intervals, measure.unit()))
    }

    /// By how much the mean of a measure is larger for sessions that satisfy a condition than for the others: as it is, and
    /// with both sides brought to the same mix of `strata`, with normal intervals of 95 %. Columns: `compared` (`overall`,
    /// `same mix`), `with`, `without`, `difference`, `low`, `high`. Strata that only one of the two sides has sessions in
    /// don't count for the same mix.
    ///
    /// # Errors
    /// [`Error::Engine`] when there is no such column or an expression is not valid SQL.
    pub fn difference(
        &self,
        condition: impl Into<Condition>,
        strata: impl Into<Dimension>,
        measure: impl Into<Measure>,
    ) -> Result<Table> {
        let measure = measure.into();
        let side = format!("CASE WHEN {} THEN 'with' ELSE 'without' END", condition.into().within()?);
        let strata = self.strata(&side, &strata.into(), &measure)?;
        let of =
            |name: &str| strata.groups.iter().position(|group| group == name).map(|i| strata.moments[i].as_slice());
        let (with, without) = (of("with").unwrap_or_default(), of("without").unwrap_or_default());
        let common: Vec<f64> =
            with.iter().zip(without).map(|(a, b)| if a.n > 0.0 && b.n > 0.0 { a.n + b.n } else { 0.0 }).collect();
        let sides = [
            (stats::pooled(with), stats::pooled(without)),
            (stats::standardised(with, &common), stats::standardised(without, &common)),
        ];
        let differences = sides.map(|(with, without)| with.zip(without).map(|(with, without)| with.minus(without)));
        let column = |name: &str, estimates: [Option<Estimate>; 2]| {
            Column::new(name, Values::Float(estimates.map(|e| e.map(|e| e.mean)).into())).with_unit(measure.unit())
        };
        let names = ["overall", "same mix"].map(|name| Some(name.to_owned()));
        let table = Table::new(vec![
            Column::new("compared", Values::Text(names.into())),
            column("with", sides.map(|(with, _)| with)),
            column("without", sides.map(|(_, without)| without)),
            column("difference", differences),
        ])?;
        let intervals = differences.iter().map(|estimate| estimate.map(Estimate::interval)).collect();
        Ok(with_intervals(table, intervals, measure.unit()))
    }

    /// How closely two dimensions go together: Cramér's V, 0 when they are independent and 1 when one decides the other.
    /// NaN when there are fewer than two values of one of them.
    ///
    /// # Errors
    /// [`Error::Engine`] when there is no such column.
    pub fn association(&self, a: impl Into<Dimension>, b: impl Into<Dimension>) -> Result<Quantity> {
        let table = self.count_by(By(vec![a.into(), b.into()]))?;
        let [first, second, users] = table.columns() else {
            return Err(Error::Engine("the engine has answered with another number of columns".to_owned()));
        };
        let (_, counts) = crossed(first, second, 0.0, |row| users.number(row).unwrap_or(0.0))?;
        Ok(Quantity::new(stats::cramers_v(&counts).unwrap_or(f64::NAN), Unit::Plain))
    }

    /// Asks for the moments of a measure, for each value of an SQL expression and each stratum.
    fn strata(&self, group: &str, strata: &Dimension, measure: &Measure) -> Result<Strata> {
        let (stratum, sql) = (strata.sql(), measure.within()?);
        let table = self.ask(
            &format!(
                "SELECT {group} AS side, {stratum} AS stratum, COUNT{sql} AS n, AVG{sql} AS mean, \
                 VARIANCE{sql} AS variance"
            ),
            &format!(" GROUP BY {group}, {stratum}"),
        )?;
        let table = table.sort("stratum")?.sort("side")?;
        let [side, stratum, numbers @ ..] = table.columns() else {
            return Err(Error::Engine("the engine has answered with too few columns".to_owned()));
        };
        let nothing = Moments { n: 0.0, mean: f64::NAN, variance: f64::NAN };
        let (groups, moments) = crossed(side, stratum, nothing, |row| {
            let number = |i: usize| numbers.get(i).and_then(|column| column.number(row));
            Moments {
                n: number(0).unwrap_or(0.0),
                mean: number(1).unwrap_or(f64::NAN),
                // A single value has no variance of its own.
                variance: number(2).filter(|v| v.is_finite()).unwrap_or(0.0),
            }
        })?;
        Ok(Strata { groups, moments })
    }
}

/// What stands in the rows of a table, by the values of two of its columns in the order in which they first come, and the names
/// of those of the first.
fn crossed<T: Copy>(
    first: &Column,
    second: &Column,
    nothing: T,
    value: impl Fn(usize) -> T,
) -> Result<(Vec<String>, Vec<Vec<T>>)> {
    const MOST: usize = 10_000_000;
    let rows = first.values().len();
    let places = |column: &Column| {
        let mut known: HashMap<Key, usize> = HashMap::new();
        let mut place = |row: usize| {
            let next = known.len();
            *known.entry(column.key(row)).or_insert(next)
        };
        let places: Vec<usize> = (0..rows).map(&mut place).collect();
        (places, known.len())
    };
    let ((of_first, height), (of_second, width)) = (places(first), places(second));
    if height.saturating_mul(width) > MOST {
        return Err(Error::Column(format!(
            "{} by {} values are more than can be compared: group them first",
            Unit::Count.format(height as f64),
            Unit::Count.format(width as f64)
        )));
    }
    let mut names = vec![String::new(); height];
    let mut all = vec![vec![nothing; width]; height];
    for (row, (&i, &j)) in of_first.iter().zip(&of_second).enumerate() {
        if names[i].is_empty() {
            names[i] = first.text(row);
        }
        all[i][j] = value(row);
    }
    Ok((names, all))
}

fn with_intervals(table: Table, intervals: Vec<Option<(f64, f64)>>, unit: Unit) -> Table {
    let column = |name: &str, of: fn((f64, f64)) -> f64| {
        Column::new(name, Values::Float(intervals.iter().map(|interval| interval.map(of)).collect())).with_unit(unit)
    };
    let (low, high) = (column("low", |(low, _)| low), column("high", |(_, high)| high));
    table.with_column(low).with_column(high)
}
