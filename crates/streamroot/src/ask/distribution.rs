//! Single sessions and how they spread: a sample, and cumulative shares.

use std::collections::BTreeMap;

use crate::ask::measures::within_bounds;
use crate::ask::sessions::Sessions;
use crate::table::unit::Unit;
use crate::table::{Column, Key, Table, Values};
use crate::words::{Dimension, Measure};
use crate::{Error, Result};

impl Sessions {
    /// `n` of the sessions, or all if there are fewer, spread over the whole of them: the same ones each time, as long as
    /// the engine numbers its rows in the same order, as the embedded one does. For pictures of single sessions, with
    /// [`Table::dots`]; the table and its charts say how many it is of.
    ///
    /// # Errors
    /// [`Error::Engine`] when the engine fails, [`Error::Column`] for more than 20,000, which no picture can show.
    pub fn sample(&self, n: usize) -> Result<Table> {
        const MOST: usize = 20_000;
        if n > MOST {
            return Err(Error::Column(format!("a sample has up to {MOST} sessions, and {n} are asked for")));
        }
        let all = self.count()?.value();
        if all <= n as f64 {
            return self.sql("SELECT * FROM sessions");
        }
        // Two primes: a number of rows that one divides is not divided by the other.
        let factor = if all % 7_368_787.0 == 0.0 { 6_700_417 } else { 7_368_787 };
        let table = self.sql(&format!(
            "WITH numbered AS (SELECT *, ROW_NUMBER() OVER () AS streamroot_row FROM sessions) \
             SELECT * FROM numbered WHERE (streamroot_row * {factor}) % {all} < {n}"
        ))?;
        let count = |n: f64| Unit::Count.format(n);
        let note = format!("a sample of {} of {} sessions", count(table.rows() as f64), count(all));
        Ok(table.without("streamroot_row").with_note(note))
    }

    /// Which part of the sessions has no more of a measure than so much: the measure, in its unit (bytes, or a share from 0 to
    /// 1), and the share of the sessions that have it, from 0 to 1. Each row is exact. The engine counts in up to 512 bins, half
    /// of them equally wide and half of equal factors; there is a row for the largest value in each, and one for where it begins.
    /// `.ecdf()` draws them.
    ///
    /// # Errors
    /// [`Error::Engine`] when the expression is not valid SQL for these columns; [`Error::Column`] for a measure with values that
    /// are infinite or no numbers.
    pub fn ecdf(&self, measure: impl Into<Measure>) -> Result<Table> {
        self.cumulated(None, &measure.into())
    }

    /// The same for each value of a dimension: its column, the measure, and the share.
    ///
    /// ```no_run
    /// use streamroot::prelude::*;
    ///
    /// let sessions = Sessions::open("../data/sessions.csv")?;
    /// sessions.ecdf_by(Isp, Total)?.ecdf().log().title("Bytes of a session").save("bytes.png")?;
    /// # Ok::<(), streamroot::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Engine`] when there is no such column or the expression is not valid SQL; [`Error::Column`] for a measure with
    /// values that are infinite or no numbers.
    pub fn ecdf_by(&self, by: impl Into<Dimension>, measure: impl Into<Measure>) -> Result<Table> {
        self.cumulated(Some(by.into()), &measure.into())
    }

    /// Counts in narrow bins of equal width, and once more in bins of equal factors, since an axis may be logarithmic; both
    /// added up, so that each share is that of all the sessions up to a value.
    fn cumulated(&self, by: Option<Dimension>, measure: &Measure) -> Result<Table> {
        const BINS: f64 = 256.0;
        let sql = &measure.within()?;
        let ends = self.ask(
            &format!("SELECT MIN{sql} AS low, MAX{sql} AS high, MIN(CASE WHEN {sql} > 0 THEN {sql} END) AS least"),
            "",
        )?;
        let end = |name: &str| -> Result<f64> { Ok(ends.column(name)?.number(0).unwrap_or(0.0)) };
        let ((low, high), least) = (within_bounds(measure, end("low")?, end("high")?)?, end("least")?);
        let mut groups = Groups::new();
        if high > low {
            let width = (high - low) / BINS;
            let bin = format!("FLOOR(({sql} - ({low:?})) / {width:?})");
            self.count_bins(by.as_ref(), &bin, sql, &|bin| low + width * bin, &mut groups)?;
        } else {
            self.count_bins(by.as_ref(), "0", sql, &|_| low, &mut groups)?;
        }
        if least > 0.0 && high > least {
            let width = (high / least).ln() / BINS;
            let bin = format!("CASE WHEN {sql} > 0 THEN FLOOR((LN{sql} - ({:?})) / {width:?}) ELSE -1 END", least.ln());
            self.count_bins(by.as_ref(), &bin, sql, &|bin| least * (width * bin).exp(), &mut groups)?;
        }
        // All groups reach as far as the largest value does.
        groups.values_mut().for_each(|(_, points)| points.push((high, 1.0)));
        let domain = by.as_ref().and_then(|by| self.domain(by));
        table_of(groups, by.as_ref().map(|by| (by, domain)), measure)
    }

    /// Adds up how many sessions there are up to the largest value in each bin, and up to where the bin begins.
    fn count_bins(
        &self,
        by: Option<&Dimension>,
        bin: &str,
        sql: &str,
        begin: &dyn Fn(f64) -> f64,
        groups: &mut Groups,
    ) -> Result<()> {
        let (name, group) = match by {
            Some(by) => (format!("{} AS side, ", by.sql()), " GROUP BY 1, 2"),
            None => (String::new(), " GROUP BY 1"),
        };
        let select =
            format!("SELECT {name}CAST({bin} AS BIGINT) AS bin, COUNT{sql} AS n, MIN{sql} AS least, MAX{sql} AS most");
        let counts = self.ask(&select, group)?;
        let [sides @ .., bin, n, least, most] = counts.columns() else {
            return Err(Error::Engine("the engine has answered with another number of columns".to_owned()));
        };
        let side = sides.first();
        let mut bins: BTreeMap<Key, (usize, BTreeMap<i64, [f64; 3]>)> = BTreeMap::new();
        for row in 0..counts.rows() {
            let numbers = [n, least, most].map(|column| column.number(row));
            if let (Some(bin), [Some(n), Some(least), Some(most)]) = (bin.number(row), numbers) {
                let key = side.map_or(Key::Missing, |side| side.key(row));
                bins.entry(key).or_insert((row, BTreeMap::new())).1.insert(bin as i64, [n, least, most]);
            }
        }
        for (key, (row, bins)) in bins {
            let all: f64 = bins.values().map(|[n, ..]| n).sum();
            let name = || side.map_or(String::new(), |side| side.text(row));
            let points = &mut groups.entry(key).or_insert_with(|| (name(), Vec::new())).1;
            let (mut sum, mut before) = (0.0, f64::NEG_INFINITY);
            let mut point = |at: f64, sum: f64| points.push((at, sum / all));
            for (bin, [n, least, most]) in bins {
                // All groups begin where the first bin does. Computed edges are rounded: only one that lies between the values of
                // two bins tells them apart.
                for at in [begin(0.0), begin(bin as f64)] {
                    if at > before && at < least {
                        point(at, sum);
                    }
                }
                (sum, before) = (sum + n, most);
                point(most, sum);
            }
        }
        Ok(())
    }
}

/// For each group its name, and how large a part of it is up to which value.
type Groups = BTreeMap<Key, (String, Vec<(f64, f64)>)>;

fn table_of(groups: Groups, by: Option<(&Dimension, Option<Column>)>, measure: &Measure) -> Result<Table> {
    let (mut names, mut at, mut parts) = (Vec::new(), Vec::new(), Vec::new());
    for (name, mut points) in groups.into_values() {
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        // Both kinds of bins agree on what they have in common.
        points.dedup();
        for (value, part) in points {
            names.push(Some(name.clone()));
            at.push(Some(value));
            parts.push(Some(part));
        }
    }
    let at = Column::new(measure.label(), Values::Float(at)).with_unit(measure.unit());
    let parts = Column::new("share of sessions", Values::Float(parts)).with_unit(Unit::Share);
    match by {
        Some((by, domain)) => {
            let names = Column::new(by.name(), Values::Text(names));
            let table = Table::of(vec![names]).with_column(at).with_column(parts);
            // Colours are those of the dimension in all charts.
            Ok(match domain.filter(|domain| matches!(domain.values(), Values::Text(_))) {
                Some(domain) => table.with_domain(0, &domain),
                None => table,
            })
        }
        None => Ok(Table::of(vec![at]).with_column(parts)),
    }
}
