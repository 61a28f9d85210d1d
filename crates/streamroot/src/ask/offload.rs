//! Offload, the part of the bytes that peers deliver instead of the CDN, and where more of it could be had.

use std::collections::BTreeMap;

use crate::ask::sessions::Sessions;
use crate::table::stats;
use crate::table::unit::{Quantity, Unit};
use crate::table::{Column, Key, Table, Values};
use crate::words::{By, Dimension};
use crate::{Error, Result};

/// Offload by bytes: sessions whose total is not known count on neither side. What a division by zero is depends on the
/// engine, and so there is none.
const OFFLOAD: &str = "SUM(CASE WHEN cdn IS NOT NULL THEN p2p END) / NULLIF(SUM(p2p + cdn), 0)";

/// The bytes of the sessions of one segment on one stream.
struct Part {
    segment: usize,
    stream: Key,
    sessions: f64,
    p2p: f64,
    cdn: f64,
}

impl Part {
    fn offload(&self) -> f64 {
        self.p2p / (self.p2p + self.cdn)
    }
}

impl Sessions {
    /// The offload of all sessions together, by bytes, as the industry defines it: P2P / (P2P + CDN). NaN without bytes.
    ///
    /// # Errors
    /// [`Error::Engine`] when the engine fails.
    pub fn offload(&self) -> Result<Quantity> {
        self.ask_number(OFFLOAD, Unit::Share)
    }

    /// The offload for each value of a dimension or each combination of several: their columns, then `offload` by bytes and
    /// `mean offload`, the mean of the sessions' own, in which a session of a small video weighs as much as one of a large
    /// one.
    ///
    /// # Errors
    /// [`Error::Engine`] when there is no such column.
    pub fn offload_by(&self, by: impl Into<By>) -> Result<Table> {
        let by = by.into();
        let means = self.mean_by(by.clone(), crate::Measure::Offload)?;
        Ok(self.group(&by, OFFLOAD, "offload", Unit::Share)?.with_last_of(&means))
    }

    /// What could move from the CDN to peers, for each segment of the sessions: each combination of the dimensions.
    ///
    /// Comparable are the segments that watch the same stream with at least `smallest` sessions of it. If a segment's offload
    /// on a stream is below the given `percentile` of theirs (0 to 100, interpolated linearly), it is assumed to reach it:
    /// what that moves is `(reached - offload) * bytes`, added up over the streams. Segments above it, and those too small
    /// to compare, stay as they are.
    ///
    /// Columns: the dimensions, `sessions`, `CDN` and `could move`, both in bytes, and `of all CDN`, the latter as a share of
    /// all segments' CDN bytes; in descending order of what could move. Sessions without a known total are left out.
    ///
    /// # Errors
    /// [`Error::Column`] when the percentile is not between 0 and 100, or `smallest` is below 0; [`Error::Engine`] when there is
    /// no such column.
    pub fn opportunity(&self, by: impl Into<By>, percentile: f64, smallest: i32) -> Result<Table> {
        let by = by.into();
        if !(0.0..=100.0).contains(&percentile) {
            return Err(Error::Column(format!("a percentile is between 0 and 100, and {percentile} is not")));
        }
        if smallest < 0 {
            return Err(Error::Column(format!(
                "segments are compared from some number of sessions on, 0 or more, and {smallest} is less"
            )));
        }
        let (names, parts) = self.parts(&by)?;
        let mut peers: BTreeMap<&Key, Vec<f64>> = BTreeMap::new();
        for part in parts.iter().filter(|part| part.sessions >= f64::from(smallest)) {
            peers.entry(&part.stream).or_default().push(part.offload());
        }
        // Once a stream: each takes sorting all of its segments.
        let reached: BTreeMap<&Key, f64> = peers
            .into_iter()
            .filter_map(|(stream, offloads)| Some((stream, stats::quantile(&offloads, percentile / 100.0)?)))
            .collect();
        let mut sums = vec![[0.0; 3]; names.rows()];
        for part in &parts {
            let sum = &mut sums[part.segment];
            sum[0] += part.sessions;
            sum[1] += part.cdn;
            let reached = reached.get(&part.stream);
            if let Some(reached) = reached.filter(|_| part.sessions >= f64::from(smallest)) {
                sum[2] += (reached - part.offload()).max(0.0) * (part.p2p + part.cdn);
            }
        }
        let all: f64 = sums.iter().map(|sum| sum[1]).sum();
        let column = |i: usize| Values::Float(sums.iter().map(|sum| Some(sum[i])).collect());
        let shares = sums.iter().map(|sum| (all > 0.0).then(|| sum[2] / all)).collect();
        let table = names
            .with_column(Column::new("sessions", column(0)).with_unit(Unit::Count))
            .with_column(Column::new("CDN", column(1)).with_unit(Unit::Bytes))
            .with_column(Column::new("could move", column(2)).with_unit(Unit::Bytes));
        // A dimension may be called so too.
        let moved = table.columns().last().map_or(String::new(), |column| column.name().to_owned());
        table
            .with_column(Column::new("of all CDN", Values::Float(shares)).with_unit(Unit::Share))
            .sort_descending(&moved)
    }

    /// The segments, and their bytes on each stream.
    fn parts(&self, by: &By) -> Result<(Table, Vec<Part>)> {
        let mut dimensions = by.0.clone();
        let stream = dimensions.iter().position(|dimension| *dimension == Dimension::Stream).unwrap_or_else(|| {
            dimensions.push(Dimension::Stream);
            dimensions.len() - 1
        });
        let columns = dimensions.iter().map(Dimension::sql).collect::<Vec<_>>().join(", ");
        let sums = self.sessions_with_total().ask(
            &format!("SELECT {columns}, COUNT(*) AS n, SUM(p2p) AS p2p, SUM(cdn) AS cdn"),
            &format!(" GROUP BY {columns}"),
        )?;
        let sums = sums.labelled(dimensions.len());
        let segments = self.count_by(by.clone())?.without_last();
        let key = |table: &Table, row: usize| -> Vec<Key> {
            table.columns().iter().take(by.0.len()).map(|column| column.key(row)).collect()
        };
        let places: BTreeMap<Vec<Key>, usize> = (0..segments.rows()).map(|row| (key(&segments, row), row)).collect();
        let parts = (0..sums.rows()).filter_map(|row| {
            let number = |i: usize| sums.columns().get(dimensions.len() + i).and_then(|column| column.number(row));
            Some(Part {
                segment: *places.get(&key(&sums, row))?,
                stream: sums.columns().get(stream)?.key(row),
                sessions: number(0)?,
                p2p: number(1)?,
                cdn: number(2)?,
            })
        });
        let parts = parts.filter(|part| part.p2p + part.cdn > 0.0).collect();
        Ok((segments, parts))
    }
}
