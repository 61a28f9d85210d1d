//! Single sessions and how they spread: a sample, and cumulative shares.

use std::collections::BTreeMap;

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
    /// 1), and the share of the sessions that have it, from 0 to 1. The engine counts at up to 512 edges, half of them evenly
    /// spaced and half by equal factors; what lies between two is not told apart. `.ecdf()` draws it.
    ///
    /// # Errors
    /// [`Error::Engine`] when the expression is not valid SQL for these columns.
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
    /// [`Error::Engine`] when there is no such column or the expression is not valid SQL.
    pub fn ecdf_by(&self, by: impl Into<Dimension>, measure: impl Into<Measure>) -> Result<Table> {
        self.cumulated(Some(by.into()), &measure.into())
    }

    /// Counts in narrow bins of equal width, and once more in bins of equal factors, since an axis may be logarithmic; both
    /// added up, so that each share is that of all the sessions up to an edge.
    fn cumulated(&self, by: Option<Dimension>, measure: &Measure) -> Result<Table> {
        const BINS: f64 = 256.0;
        let sql = &measure.within()?;
        let ends = self.ask(
            &format!("SELECT MIN{sql} AS low, MAX{sql} AS high, MIN(CASE WHEN {sql} > 0 THEN {sql} END) AS least"),
            "",
        )?;
        let end = |name: &str| -> Result<f64> { Ok(ends.column(name)?.number(0).unwrap_or(f64::NAN)) };
        let (low, high, least) = (end("low")?, end("high")?, end("least")?);
        let mut bins = Bins::default();
        let linear = |edge: f64| low + (high - low) * edge / BINS;
        if high > low {
            let bin = format!("FLOOR(({sql} - ({low:?})) / {:?})", (high - low) / BINS);
            self.count_bins(by.as_ref(), &bin, sql, BINS, &linear, &mut bins)?;
        } else {
            self.count_bins(by.as_ref(), "0", sql, 1.0, &|_| high, &mut bins)?;
        }
        if least > 0.0 && high > least {
            let width = (high / least).ln() / BINS;
            let bin = format!("CASE WHEN {sql} > 0 THEN FLOOR((LN{sql} - ({:?})) / {width:?}) ELSE -1 END", least.ln());
            let factors = |edge: f64| if edge >= BINS { high } else { least * (width * edge).exp() };
            self.count_bins(by.as_ref(), &bin, sql, BINS, &factors, &mut bins)?;
        }
        bins.table(by.as_ref().map(|by| (by, self.domain(by))), measure, low)
    }

    /// Adds up how many sessions are below each edge.
    fn count_bins(
        &self,
        by: Option<&Dimension>,
        bin: &str,
        sql: &str,
        count: f64,
        edge: &dyn Fn(f64) -> f64,
        bins: &mut Bins,
    ) -> Result<()> {
        let (name, group) = match by {
            Some(by) => (format!("{} AS side, ", by.sql()), " GROUP BY 1, 2"),
            None => (String::new(), " GROUP BY 1"),
        };
        let counts = self.ask(&format!("SELECT {name}CAST({bin} AS BIGINT) AS bin, COUNT{sql} AS n"), group)?;
        let [sides @ .., bin, n] = counts.columns() else {
            return Err(Error::Engine("the engine has answered with another number of columns".to_owned()));
        };
        let side = sides.first();
        let mut sums: BTreeMap<Key, (usize, BTreeMap<i64, f64>)> = BTreeMap::new();
        for row in 0..counts.rows() {
            if let (Some(bin), Some(n)) = (bin.number(row), n.number(row)) {
                // What is at the upper end counts in the last bin, what is below all edges before the first.
                let bin = bin.clamp(-1.0, count - 1.0) as i64;
                let key = side.map_or(Key::Missing, |side| side.key(row));
                *sums.entry(key).or_insert((row, BTreeMap::new())).1.entry(bin).or_default() += n;
            }
        }
        for (key, (row, counts)) in sums {
            let all: f64 = counts.values().sum();
            if all <= 0.0 {
                continue;
            }
            let group = bins
                .groups
                .entry(key)
                .or_insert_with(|| (side.map_or(String::new(), |side| side.text(row)), Vec::new()));
            let mut sum = 0.0;
            for (bin, n) in counts {
                // The level before the bin, where it has changed, and the one behind it.
                if bin >= 0 {
                    group.1.push((edge(bin as f64), sum / all));
                }
                sum += n;
                group.1.push((edge(bin as f64 + 1.0), sum / all));
            }
        }
        Ok(())
    }
}

/// For each group its name, and how large a part of it is below which edge.
#[derive(Default)]
struct Bins {
    groups: BTreeMap<Key, (String, Vec<(f64, f64)>)>,
}

impl Bins {
    fn table(self, by: Option<(&Dimension, Option<Column>)>, measure: &Measure, low: f64) -> Result<Table> {
        let (mut names, mut at, mut parts) = (Vec::new(), Vec::new(), Vec::new());
        for (name, mut points) in self.groups.into_values() {
            points.push((low, 0.0));
            points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
            let mut reached = 0.0_f64;
            let mut before = None;
            for (edge, part) in points {
                // The two kinds of bins agree but for what is within one of them.
                reached = reached.max(part);
                if before != Some((edge, reached)) {
                    names.push(Some(name.clone()));
                    at.push(Some(edge));
                    parts.push(Some(reached));
                }
                before = Some((edge, reached));
            }
        }
        let at = Column::new(measure.label(), Values::Float(at)).with_unit(measure.unit());
        let parts = Column::new("share of sessions", Values::Float(parts)).with_unit(Unit::Share);
        match by {
            Some((by, domain)) => {
                let table = Table::new(vec![Column::new(by.name(), Values::Text(names)), at, parts])?;
                // Colours are those of the dimension in all charts.
                Ok(match domain.filter(|domain| matches!(domain.values(), Values::Text(_))) {
                    Some(domain) => table.with_domain(0, &domain),
                    None => table,
                })
            }
            None => Table::new(vec![at, parts]),
        }
    }
}
