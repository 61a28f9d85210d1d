//! What sessions are asked: how many, which share, how much, and how it spreads.

use crate::ask::sessions::Sessions;
use crate::ask::time::about_times;
use crate::table::unit::{Quantity, Unit};
use crate::table::{Column, Table, Values};
use crate::words::{By, Condition, Dimension, Measure};
use crate::{Error, Result};

impl Sessions {
    /// The number of sessions.
    ///
    /// # Errors
    /// [`Error::Engine`] when the engine fails.
    pub fn count(&self) -> Result<Quantity> {
        self.ask_number("COUNT(*)", Unit::Count)
    }

    /// The number of sessions for each value of a dimension, or for each combination of several that there is: columns of
    /// the dimensions, then `users`. One dimension of text comes in descending order of users, all else in that of its
    /// values. A value that the data has but the filter leaves no session of stands there with 0, and so does an hour, say, in
    /// which none began. A dimension that is called `users` keeps its name, and the numbers are `users 2`; so it is in all
    /// tables.
    ///
    /// # Errors
    /// [`Error::Engine`] when there is no such column.
    pub fn count_by(&self, by: impl Into<By>) -> Result<Table> {
        self.group(&by.into(), "COUNT(*)", "users", Unit::Count)
    }

    /// The share of sessions that satisfy a condition: a fraction of 1, shown in per cent. NaN when there are no sessions.
    ///
    /// # Errors
    /// [`Error::Engine`] when the condition is not valid SQL for these columns.
    pub fn share(&self, condition: impl Into<Condition>) -> Result<Quantity> {
        self.ask_number(&share_of(&condition.into())?, Unit::Share)
    }

    /// [`share`](Sessions::share) for each value of a dimension: its columns, then the share under the condition's name.
    ///
    /// # Errors
    /// [`Error::Engine`] when there is no such column or the condition is not valid SQL.
    pub fn share_by(&self, by: impl Into<By>, condition: impl Into<Condition>) -> Result<Table> {
        let condition = condition.into();
        self.group(&by.into(), &share_of(&condition)?, condition.label(), Unit::Share)
    }

    /// The mean of a measure over the sessions that have it: bytes for [`Measure::P2p`], [`Measure::Cdn`] and
    /// [`Measure::Total`], a fraction of 1 for [`Measure::Offload`]. NaN when none has.
    ///
    /// # Errors
    /// [`Error::Engine`] when the expression is not valid SQL for these columns.
    pub fn mean(&self, measure: impl Into<Measure>) -> Result<Quantity> {
        let measure = measure.into();
        self.ask_number(&format!("AVG{}", measure.within()?), measure.unit())
    }

    /// [`mean`](Sessions::mean) for each value of a dimension: its columns, then the mean.
    ///
    /// # Errors
    /// [`Error::Engine`] when there is no such column or the expression is not valid SQL.
    pub fn mean_by(&self, by: impl Into<By>, measure: impl Into<Measure>) -> Result<Table> {
        let measure = measure.into();
        let name = format!("mean {}", measure.label());
        self.group(&by.into(), &format!("AVG{}", measure.within()?), &name, measure.unit())
    }

    /// The sum of a measure over the sessions that have it.
    ///
    /// # Errors
    /// [`Error::Engine`] when the expression is not valid SQL for these columns.
    pub fn sum(&self, measure: impl Into<Measure>) -> Result<Quantity> {
        let measure = measure.into();
        self.ask_number(&format!("SUM{}", measure.within()?), measure.unit())
    }

    /// [`sum`](Sessions::sum) for each value of a dimension: its columns, then the sum.
    ///
    /// # Errors
    /// [`Error::Engine`] when there is no such column or the expression is not valid SQL.
    pub fn sum_by(&self, by: impl Into<By>, measure: impl Into<Measure>) -> Result<Table> {
        let measure = measure.into();
        let name = format!("{} in all", measure.label());
        self.group(&by.into(), &format!("SUM{}", measure.within()?), &name, measure.unit())
    }

    /// How a measure spreads over the sessions of each value of a dimension: its column, then `sessions`, `p5`, `p25`,
    /// `median`, `p75`, `p95` and `mean`. Quantiles are interpolated linearly. `.boxes()` draws it.
    ///
    /// # Errors
    /// [`Error::Engine`] when there is no such column or the expression is not valid SQL.
    pub fn spread_by(&self, by: impl Into<By>, measure: impl Into<Measure>) -> Result<Table> {
        let (by, measure) = (by.into(), measure.into());
        let (sql, unit) = (measure.within()?, measure.unit());
        let mut table = self.group(&by, &format!("COUNT{sql}"), "sessions", Unit::Count)?;
        for dimension in by.0.iter().rev() {
            table = table.sort(dimension.name())?;
        }
        let numbers = [("p5", 0.05), ("p25", 0.25), ("median", 0.5), ("p75", 0.75), ("p95", 0.95)];
        for (name, part) in numbers {
            let quantile = self.group(&by, &format!("QUANTILE_CONT({sql}, {part})"), name, unit)?;
            table = table.with_last_of(&quantile);
        }
        Ok(table.with_last_of(&self.group(&by, &format!("AVG{sql}"), "mean", unit)?))
    }

    /// How many sessions have a measure within each of `bins` equally wide intervals: columns `from`, `to` and `users`.
    /// A session at the upper end counts in the last one; sessions without the measure count in none. Shares are divided
    /// from 0 to 1, everything else from its smallest to its largest value. There are 1 to 1,000 of them. `.histogram()` draws
    /// it.
    ///
    /// # Errors
    /// [`Error::Engine`] when the expression is not valid SQL for these columns; [`Error::Column`] for no bins or more than
    /// 1,000, and for a measure with values that are infinite or no numbers.
    pub fn histogram(&self, measure: impl Into<Measure>, bins: usize) -> Result<Table> {
        let measure = measure.into();
        let sql = measure.within()?;
        if !(1..=1_000).contains(&bins) {
            return Err(Error::Column(format!("a histogram has 1 to 1,000 bins, and {bins} are asked for")));
        }
        let ends = self.ask(&format!("SELECT MIN{sql} AS low, MAX{sql} AS high"), "")?;
        let end = |name: &str| -> Result<f64> { Ok(ends.column(name)?.number(0).unwrap_or(0.0)) };
        let ends = within_bounds(&measure, end("low")?, end("high")?)?;
        let (low, high) = if measure.unit() == Unit::Share { (0.0, 1.0) } else { ends };
        let width = if high > low { (high - low) / bins as f64 } else { 1.0 };
        let bin = format!("CAST(FLOOR(({sql} - {low:?}) / {width:?}) AS BIGINT)");
        let counts = self.ask(&format!("SELECT {bin} AS bin, COUNT{sql} AS users"), " GROUP BY 1")?;
        let mut users = vec![Some(0_i64); bins];
        for row in 0..counts.rows() {
            if let (Some(bin), Some(count)) = (counts.columns()[0].number(row), counts.columns()[1].number(row)) {
                let users = &mut users[(bin.max(0.0) as usize).min(bins - 1)];
                *users = users.map(|n| n + count as i64);
            }
        }
        let edges = |shift: usize| Values::Float((0..bins).map(|i| Some(low + width * (i + shift) as f64)).collect());
        let table = Table::new(vec![
            Column::new("from", edges(0)),
            Column::new("to", edges(1)),
            Column::new("users", Values::Int(users)),
        ])?;
        Ok(table.with_column_unit(0, measure.unit()).with_column_unit(1, measure.unit()))
    }

    pub(crate) fn group(&self, by: &By, expression: &str, name: &str, unit: Unit) -> Result<Table> {
        let list = |sql: fn(&Dimension) -> String| by.0.iter().map(sql).collect::<Vec<_>>().join(", ");
        let Some(first) = by.0.first() else {
            return Err(Error::Column("grouping needs at least one dimension, such as Isp".to_owned()));
        };
        let (selected, columns) = (list(Dimension::selected), list(Dimension::sql));
        // Named at last and not in SQL: a condition's text can be any name. The one in SQL must be no dimension's.
        let mut value = "value".to_owned();
        while by.0.iter().any(|dimension| dimension.name().eq_ignore_ascii_case(&value)) {
            value.push('_');
        }
        let select = format!("SELECT {selected}, {expression} AS {value}");
        let table = self.ask(&select, &format!(" GROUP BY {columns}")).map_err(|error| about_times(error, by))?;
        let mut table = table.labelled(by.0.len()).with_column_unit(by.0.len(), unit);
        for (position, dimension) in by.0.iter().enumerate() {
            if let Some(domain) = self.domain(dimension) {
                table = table.with_domain(position, &domain);
                if by.0.len() == 1 {
                    table = table.completed(&domain, unit == Unit::Count);
                }
            } else if dimension.period().is_some() && table.rows() > 0 {
                table = table.with_note(format!("without the {}s in which no session began", dimension.name()));
            }
        }
        // Sorted here, where the table is small and every engine's answer ends up in the same order.
        for dimension in by.0.iter().rev() {
            table = table.sort(dimension.name())?;
        }
        let is_text = matches!(table.column(first.name())?.values(), Values::Text(_));
        if is_text && first.period().is_none() && by.0.len() == 1 && unit == Unit::Count {
            table = table.sort_descending(&value)?;
        }
        Ok(table.with_last_called(name))
    }
}

/// The least and the most of a measure, if there are bins from the one to the other.
pub(super) fn within_bounds(measure: &Measure, low: f64, high: f64) -> Result<(f64, f64)> {
    if (high - low).is_finite() {
        return Ok((low, high));
    }
    let what = if low.is_infinite() || high.is_infinite() {
        "infinite values"
    } else if low.is_nan() || high.is_nan() {
        "values that are no numbers, as 0 / 0 is none"
    } else {
        "values too far apart for bins"
    };
    let (name, sql) = (measure.label(), measure.sql());
    Err(Error::Column(format!("the measure {name} has {what}: leave them out with `.filter(\"ABS({sql}) < 1e300\")`")))
}

/// The share as an aggregate: rows on which the condition is neither true nor false count as not satisfying it.
pub(super) fn share_of(condition: &Condition) -> Result<String> {
    Ok(format!("AVG(CASE WHEN {} THEN 1 ELSE 0 END)", condition.within()?))
}
