//! A cube of sessions: their counts and sums, small enough to keep, to send and to ask at once.

use std::path::Path;

use crate::ask::sessions::Sessions;
use crate::engine::tokens::one_expression;
use crate::words::{By, Condition, Measure, quoted};
use crate::{Error, Result};

/// What sessions are asked besides their bytes: P2P of those whose total is known, for offload by bytes.
const OTHER_MEASURES: [&str; 1] = ["CASE WHEN cdn IS NOT NULL THEN p2p END"];
const OTHER_CONDITIONS: [&str; 2] = ["cdn IS NOT NULL", "p2p + cdn IS NOT NULL"];

impl Sessions {
    /// Adds these sessions up and saves what comes out as a Parquet file at `path`: for each combination of the dimensions
    /// and of what `conditions` say, how many sessions there are, and the count, sum, smallest and largest value of
    /// [`Measure::P2p`], [`Measure::Cdn`], [`Measure::Total`] and [`Measure::Offload`]. The 534,954 sessions of the published
    /// data become some thousand rows. Whether a session is [`Condition::WithP2p`] or [`Condition::CdnOnly`] is always kept.
    ///
    /// What is returned, and what [`Sessions::open`] gives for the file or for several such files (one a day, say), is used
    /// like any sessions, and counts, shares, sums and means by these dimensions and under these conditions are the same as
    /// of the sessions themselves. Anything else is an error that says what the cube lacks: it has no rows, so no
    /// [`spread_by`](Sessions::spread_by) and no [`histogram`](Sessions::histogram).
    ///
    /// The file's columns are named by the SQL that they hold, `COUNT(*)` or `SUM(p2p + cdn)`, so that other tools can use
    /// it too.
    ///
    /// ```no_run
    /// use streamroot::prelude::*;
    ///
    /// let sessions = Sessions::open("../data/sessions.csv")?;
    /// let by = [Stream, Isp, Browser, Connected];
    /// let cube = sessions.cube("../data/cube.parquet", by, &["p2p + cdn > 100e6"])?;
    /// let large = cube.filter("p2p + cdn > 100e6")?;
    /// println!("{}", large.count_by(Browser)?);
    /// # Ok::<(), streamroot::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Engine`] when there is no such column, a condition is not valid SQL, or the file can't be written;
    /// [`Error::Column`] for a dimension that is a time, of which a cube keeps none.
    pub fn cube(&self, path: impl AsRef<Path>, by: impl Into<By>, conditions: &[&str]) -> Result<Sessions> {
        self.save_cube(path.as_ref(), &by.into(), conditions)
    }

    fn save_cube(&self, path: &Path, by: &By, conditions: &[&str]) -> Result<Sessions> {
        let Some(path) = path.to_str() else {
            return Err(Error::Engine(format!("{} is not UTF-8: give the file another name", path.display())));
        };
        if let Some(time) = by.0.iter().find(|dimension| dimension.period().is_some()) {
            return Err(Error::Column(format!("a cube keeps no times: leave {} out of its dimensions", time.name())));
        }
        let mut keys: Vec<(String, String)> =
            by.0.iter().map(|dimension| (dimension.sql(), quoted(dimension.name()))).collect();
        let usual = [Condition::WithP2p, Condition::CdnOnly];
        let conditions = usual.iter().map(Condition::sql).chain(OTHER_CONDITIONS).chain(conditions.iter().copied());
        for condition in conditions {
            let key = (one_expression(condition)?, quoted(condition));
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        let places: Vec<String> = (1..=keys.len()).map(|place| place.to_string()).collect();
        let mut columns = keys;
        let mut aggregate = |sql: String| columns.push((sql.clone(), quoted(&sql)));
        aggregate("COUNT(*)".to_owned());
        let measures = [Measure::P2p, Measure::Cdn, Measure::Total, Measure::Offload];
        for measure in measures.iter().map(Measure::sql).chain(OTHER_MEASURES) {
            for function in ["COUNT", "SUM", "MIN", "MAX"] {
                aggregate(format!("{function}({measure})"));
            }
        }
        let columns: Vec<String> = columns.iter().map(|(sql, name)| format!("{sql} AS {name}")).collect();
        let select = format!("SELECT {}", columns.join(", "));
        self.save(path, &select, &format!(" GROUP BY {}", places.join(", ")))?;
        Sessions::file(path, &[])
    }
}
