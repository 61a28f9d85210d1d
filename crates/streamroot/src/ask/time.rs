//! Sessions in time: how many run at once, and the periods that a time axis has.

use std::collections::BTreeMap;

use crate::ask::sessions::Sessions;
use crate::table::moment;
use crate::table::unit::Unit;
use crate::table::{Column, Table, Values};
use crate::words::{By, Dimension};
use crate::{Error, Result};

impl Sessions {
    /// How many sessions run at once, in each minute, hour, day or week from the one in which the first session began to the one
    /// in which the last ended: the time, `sessions` and, of more than a minute, `peak`. `sessions` is how many run as a minute begins, or
    /// the mean of that over the minutes; `peak` is the most. The engine counts by the columns `start` and `duration`, the
    /// latter in seconds; sessions without one of them count in none, and a note says how many they are.
    ///
    /// ```no_run
    /// use streamroot::prelude::*;
    ///
    /// let sessions = Sessions::open("../data/week.csv")?;
    /// sessions.filter(Stream.is(3))?.concurrent(Minute)?.line().title("Users of stream 3").save("users.png")?;
    /// # Ok::<(), streamroot::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Column`] for a dimension that is no time, for a duration below 0, and for more than two years;
    /// [`Error::Engine`] when there is no such column.
    pub fn concurrent(&self, every: impl Into<Dimension>) -> Result<Table> {
        let every = every.into();
        let Some(period) = every.period() else {
            let sentence =
                "sessions run at once in a Minute, an Hour, a Day or a Week, and {} is none of them: filter by it";
            return Err(Error::Column(sentence.replace("{}", every.name())));
        };
        let by = By::from(every.clone());
        let untold = "\"start\" IS NULL OR duration IS NULL";
        let select = format!(
            "SELECT MIN({}) AS first, MAX(EXTRACT(EPOCH FROM \"start\") + duration) AS last, \
             SUM(CASE WHEN {untold} THEN 1 ELSE 0 END) AS untold, SUM(CASE WHEN duration < 0 THEN 1 ELSE 0 END) AS negative",
            every.sql()
        );
        let counts = self.ask(&select, "").map_err(|error| about_times(error, &by))?;
        let number = |name: &str| -> Result<Option<f64>> { Ok(counts.column(name)?.number(0)) };
        if let Some(negative) = number("negative")?.filter(|n| *n > 0.0) {
            return Err(Error::Column(format!(
                "{} sessions have a duration below 0: leave them out with `.filter(\"duration >= 0\")`, or mend the file",
                Unit::Count.format(negative)
            )));
        }
        let Some(last) = number("last")? else {
            return Err(Error::Column("no session has both a start and a duration, so none run at once".to_owned()));
        };
        let times = moment::periods(&counts.column("first")?.text(0), &moment::moment(last as i64, 1), period);
        let times =
            times.filter(|times| times.len() as i64 * period / 60 <= moment::MOST_MINUTES).ok_or_else(|| {
                Error::Column("the sessions run over more than two years: filter them by their start first".to_owned())
            })?;
        let periods = Column::new(every.name(), Values::Text(times.into_iter().map(Some).collect()));
        // A session runs from the first full minute in it on, until the first one that is not in it any more.
        let begins = "CASE WHEN duration IS NOT NULL THEN EXTRACT(EPOCH FROM \"start\") END";
        let mut changes: BTreeMap<i64, f64> = BTreeMap::new();
        for (at, change) in [(begins, 1.0), ("EXTRACT(EPOCH FROM \"start\") + duration", -1.0)] {
            let select = format!("SELECT CAST(CEIL(({at}) / 60) AS BIGINT) AS at, COUNT({at}) AS n");
            let counts = self.ask(&select, " GROUP BY 1")?;
            for row in 0..counts.rows() {
                if let (Some(at), Some(n)) = (counts.columns()[0].number(row), counts.columns()[1].number(row)) {
                    *changes.entry(at as i64).or_default() += change * n;
                }
            }
        }
        let minutes = period / 60;
        let mut changes = changes.into_iter().peekable();
        let (mut now, mut means, mut peaks) = (0.0, Vec::new(), Vec::new());
        for row in 0..periods.values().len() {
            let first = moment::parse(&periods.text(row)).unwrap_or_default() as i64 / 60;
            let (mut sum, mut peak) = (0.0, 0.0_f64);
            for minute in first..first + minutes {
                while let Some((_, change)) = changes.next_if(|(at, _)| *at <= minute) {
                    now += change;
                }
                sum += now;
                peak = peak.max(now);
            }
            means.push(Some(sum / minutes as f64));
            peaks.push(Some(peak as i64));
        }
        // They do not add up: the same sessions may run in both of two minutes.
        let peaks = |name: &str| Column::new(name, Values::Int(peaks.clone()));
        let table = match minutes {
            1 => Table::new(vec![periods, peaks("sessions")]),
            _ => Table::new(vec![periods, Column::new("sessions", Values::Float(means)), peaks("peak")]),
        }?;
        Ok(match number("untold")? {
            Some(untold) if untold > 0.0 => {
                let sessions = Unit::Count.format(untold);
                table.with_note(format!("without {sessions} sessions that lack their start or their duration"))
            }
            _ => table,
        })
    }
}

/// An error of the engine in a question about times, with what they go by.
pub(super) fn about_times(error: Error, by: &By) -> Error {
    match error {
        Error::Engine(message) if by.0.iter().any(|dimension| dimension.period().is_some()) => Error::Engine(format!(
            "{message}\nMinute, Hour, Day and Week go by the time in the column start: if the file calls it otherwise, open it \
             with `.columns(Columns::default().start(\"…\"))`; if it is written in another way, make it a time with \
             `.with(\"start\", \"STRPTIME(start, '%d/%m/%Y %H:%M')\")`, or `EPOCH_MS(1000 * start)` of seconds since 1970"
        )),
        error => error,
    }
}
