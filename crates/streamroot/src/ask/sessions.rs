//! Sessions: rows in an engine, and the questions that are asked about them.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::ask::columns::OpenOptions;
use crate::ask::connect::ConnectOptions;
use crate::engine::Engine;
use crate::engine::tokens::one_expression;
use crate::table::moment;
use crate::table::unit::{Quantity, Unit};
use crate::table::{Column, Table, Values};
use crate::words::{Condition, Dimension};
use crate::{Error, Result, page};

/// Video sessions, one row a user: `stream, isp, browser, connected, p2p, cdn`. The rows stay in the engine; what comes
/// out are small [`Table`]s and numbers.
///
/// Cheap to clone: clones share the data. A cell that ends in one shows how many sessions there are, from which file, and
/// what is missing in them.
///
/// ```no_run
/// use streamroot::prelude::*;
///
/// let sessions = Sessions::open("../data/sessions.csv")?;
/// let busy = sessions.filter("p2p + cdn > 100e6")?;
/// println!("{} of {}", busy.count()?, sessions.count()?);
/// println!("{}", sessions.share_by(Stream, Connected)?);
/// # Ok::<(), streamroot::Error>(())
/// ```
#[derive(Clone)]
pub struct Sessions {
    source: Arc<Source>,
    /// What all rows satisfy, as SQL; several conditions are joined by AND.
    condition: Option<String>,
}

struct Source {
    engine: Arc<Engine>,
    /// What a reader knows the data by.
    name: String,
    /// What stands behind FROM.
    table: String,
    /// All values of the dimensions that have been asked for, in order; `None` where there are too many to be categories.
    domains: Mutex<HashMap<String, Option<Column>>>,
}

/// The summary names no more columns with gaps.
const MOST_GAPS: usize = 6;
/// A dimension with more values than these has no categories, only values.
const MOST_CATEGORIES: usize = 200;

impl Sessions {
    /// Opens a CSV, Parquet or Arrow file of sessions, a directory of them, or several with a glob such as
    /// `"logs/*.parquet"`, with the embedded engine.
    ///
    /// The file is refused at its first value that can't be what it should be; [`Sessions::options`] says why, and how it
    /// can be opened all the same. Missing values are let pass, and counted when the sessions are shown.
    ///
    /// Paths are relative to the notebook. When the environment variable `STREAMROOT_SESSIONS` is set, that file is opened
    /// instead, so that a notebook can be run on other data without a change.
    ///
    /// # Errors
    /// [`Error::Driver`] when the engine is not built; [`Error::Engine`] with the file, the row, the column and the value
    /// when the file can't be read as sessions.
    pub fn open(path: &str) -> Result<Sessions> {
        Sessions::options().open(path)
    }

    /// Options to open sessions with: other names of the columns, strict or lenient reading, memory. See [`OpenOptions`].
    pub fn options() -> OpenOptions {
        OpenOptions::default()
    }

    /// Opens this file and no other, with further options of the embedded engine.
    pub(crate) fn file(path: &str, options: &[(&str, &str)]) -> Result<Sessions> {
        let engine = Engine::embedded(&[&[("uri", path)], options].concat()).map_err(with_calls)?;
        let name = Path::new(path).file_name().map_or(path.into(), |name| name.to_string_lossy());
        Ok(Sessions::of(Arc::new(engine), &name, "sessions"))
    }

    /// Uses sessions that another engine serves, through its ADBC driver. What a notebook asks and draws stays as it is;
    /// this line stands in place of [`Sessions::open`].
    ///
    /// `driver` is the path of the driver's shared library, such as `libadbc_driver_flightsql.so` or `libduckdb.so`; `uri`
    /// is where the engine is, as the driver has it: `grpc://host:port` for Flight SQL, `grpc+tls://host:port` with TLS, a
    /// path for DuckDB, whose files are opened for reading only. `table` is a table, a view, or anything else that may stand
    /// behind FROM, with the columns `stream, isp, browser, connected, p2p, cdn`; all but P2P and CDN may be absent.
    /// Whatever else the driver wants to know, credentials first of all, goes to [`Sessions::connect_options`].
    ///
    /// SQL is written as for the embedded engine: names in `"`, texts in `'`, `QUANTILE_CONT`. An engine of Spark's dialect
    /// gets it in that. What is left of the differences is the engine's: Sail refuses to divide by zero, say, which is NaN
    /// otherwise. A query that a distributed engine fails because it has lost a worker is asked again for some seconds.
    ///
    /// Rows have no order in a distributed engine. [`Sessions::first`] gives any of them, unless `table` is a view with an
    /// ORDER BY.
    ///
    /// ```no_run
    /// use streamroot::prelude::*;
    ///
    /// let sessions = Sessions::connect("/opt/adbc/libadbc_driver_flightsql.so", "grpc://127.0.0.1:32010", "sessions")?;
    /// println!("{}", sessions.count_by(Isp)?);
    /// # Ok::<(), streamroot::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Driver`] when the library is no ADBC driver; [`Error::Unreachable`] when no engine answers at the address;
    /// [`Error::Login`] when it refuses the login; [`Error::Engine`] when there is no such table; [`Error::Column`] when the
    /// table has no P2P or CDN.
    pub fn connect(driver: &str, uri: &str, table: &str) -> Result<Sessions> {
        Sessions::connect_options().connect(driver, uri, table)
    }

    /// Options to connect to another engine with: credentials, certificates, and what else its driver wants to know. See
    /// [`ConnectOptions`].
    pub fn connect_options() -> ConnectOptions {
        ConnectOptions::default()
    }

    pub(crate) fn of(engine: Arc<Engine>, name: &str, table: &str) -> Sessions {
        let (name, table) = (name.to_owned(), table.to_owned());
        let source = Source { engine, name, table, domains: Mutex::default() };
        Sessions { source: Arc::new(source), condition: None }
    }

    /// The sessions that satisfy a condition, in SQL or one of [`Condition`]'s. Filters add up.
    ///
    /// # Errors
    /// [`Error::Engine`] when the condition is not valid SQL for these columns, or more than one expression.
    pub fn filter(&self, condition: impl Into<Condition>) -> Result<Sessions> {
        self.filter_by(&condition.into())
    }

    fn filter_by(&self, condition: &Condition) -> Result<Sessions> {
        let condition = condition.within()?;
        let condition = self.condition.as_ref().map_or(condition.clone(), |before| format!("{before} AND {condition}"));
        let filtered = Sessions { condition: Some(condition), ..self.clone() };
        // Asked now, so that a slip is reported in the cell that made it.
        filtered.ask("SELECT *", " LIMIT 0")?;
        Ok(filtered)
    }

    /// The sessions with a column more, computed by SQL of those that there are, or with one of them computed anew: a time that is
    /// written in another way, a number that stands in text, groups of one's own.
    ///
    /// ```no_run
    /// use streamroot::prelude::*;
    ///
    /// let sessions = Sessions::open("../data/other.csv")?
    ///     .with("start", "STRPTIME(start, '%d/%m/%Y %H:%M')")?
    ///     .with("size", "CASE WHEN p2p + cdn > 100e6 THEN 'large' ELSE 'small' END")?;
    /// println!("{}", sessions.offload_by("size")?);
    /// # Ok::<(), streamroot::Error>(())
    /// ```
    ///
    /// A time in seconds since 1970 is `EPOCH_MS(1000 * start)`.
    ///
    /// # Errors
    /// [`Error::Engine`] when the expression is not valid SQL for these columns, or more than one, or when it adds sessions up:
    /// that takes `OVER ()`.
    pub fn with(&self, name: &str, expression: &str) -> Result<Sessions> {
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let computed = format!("{} AS {}", one_expression(expression)?, quoted(name));
        let before = self.ask("SELECT *", " LIMIT 0")?;
        let is_new = |known: &str| known.eq_ignore_ascii_case(name);
        let mut columns: Vec<String> = before
            .columns()
            .iter()
            .map(|column| if is_new(column.name()) { computed.clone() } else { quoted(column.name()) })
            .collect();
        if !before.columns().iter().any(|column| is_new(column.name())) {
            columns.push(computed);
        }
        let table = format!("(SELECT {} FROM {}) AS sessions", columns.join(", "), self.from());
        let name = match &self.condition {
            None => self.source.name.clone(),
            Some(condition) => format!("{}, where {condition}", self.source.name),
        };
        let sessions = Sessions::of(self.source.engine.clone(), &name, &table);
        // Asked now, so that a slip is reported in the cell that made it.
        let after = sessions.ask("SELECT *", " LIMIT 0").map_err(|error| about_aggregates(error, expression))?;
        match after.columns().len() {
            all if all == columns.len() => Ok(sessions),
            _ => Err(Error::Engine(format!("{expression} is more than one expression: add a column after the other"))),
        }
    }

    /// The sessions whose bytes are known in full.
    pub(crate) fn sessions_with_total(&self) -> Sessions {
        let known = "(p2p + cdn IS NOT NULL)";
        let condition = self.condition.as_ref().map_or(known.to_owned(), |before| format!("{before} AND {known}"));
        Sessions { condition: Some(condition), ..self.clone() }
    }

    /// Answers any SQL query; the sessions are the table `sessions`. Columns of the answer that are named `p2p` or `cdn` are
    /// read as bytes, those named like a dimension as its values, and all others as plain numbers; see
    /// [`Table::with_unit`]. Where two columns have one name, the second is numbered: `isp 2`.
    ///
    /// # Errors
    /// [`Error::Engine`] with the engine's message when it refuses the query.
    #[doc = include_str!("sql.md")]
    pub fn sql(&self, query: &str) -> Result<Table> {
        let mut table = self.source.engine.query(&self.with_sessions(query))?;
        for position in 0..table.columns().len() {
            let dimension = Dimension::from(table.columns()[position].name());
            if matches!(dimension.name(), "p2p" | "cdn") {
                table = table.with_column_unit(position, Unit::Bytes);
            }
            if !matches!(dimension, Dimension::Column(_))
                && let Some(domain) = self.domain(&dimension)
            {
                table = table.with_domain(position, &domain);
            }
            if is_year(&table, position) {
                table = table.with_column_unit(position, Unit::Label);
            }
        }
        Ok(table)
    }

    /// The first `n` sessions as they stand in the file, or in the table of another engine.
    ///
    /// # Errors
    /// [`Error::Engine`] when the engine fails.
    pub fn first(&self, n: usize) -> Result<Table> {
        self.sql(&format!("SELECT * FROM sessions LIMIT {n}"))
    }

    /// All values of a dimension in the whole data, whatever the filter; of a time, all from the first session that passes the
    /// filter to the last.
    pub(super) fn domain(&self, dimension: &Dimension) -> Option<Column> {
        if let Some(period) = dimension.period() {
            return self.periods(dimension, period);
        }
        let mut domains = self.source.domains.lock().unwrap_or_else(PoisonError::into_inner);
        let name = dimension.sql();
        if let Some(known) = domains.get(&name) {
            return known.clone();
        }
        let query = format!("SELECT {name} FROM {} GROUP BY {name} LIMIT {}", self.source.table, MOST_CATEGORIES + 1);
        // Where there is no such column, the question that it was for has its own error.
        let table = self.source.engine.query(&query).ok().filter(|table| table.rows() <= MOST_CATEGORIES);
        let domain = table
            .and_then(|table| table.labelled(1).sort(dimension.name()).ok())
            .and_then(|table| table.columns().first().cloned());
        domains.insert(name, domain.clone());
        domain
    }

    fn periods(&self, dimension: &Dimension, period: i64) -> Option<Column> {
        // Where there is no such column, the question that it was for has its own error.
        let ends = self.ask(&format!("SELECT MIN({0}) AS first, MAX({0}) AS last", dimension.sql()), "").ok()?;
        let [first, last] = ends.columns() else { return None };
        let times = moment::periods(&first.text(0), &last.text(0), period)?;
        Some(Column::new(dimension.name(), Values::Text(times.into_iter().map(Some).collect())).with_unit(Unit::Label))
    }

    /// Puts what `sessions` means in front of a query, unless the engine knows it already.
    fn with_sessions(&self, query: &str) -> String {
        if self.condition.is_none() && self.source.table == "sessions" {
            return query.to_owned();
        }
        let definition = format!("sessions AS (SELECT * FROM {})", self.from());
        let query = without_comments(query);
        match first_word(query) {
            ("with", rest) => match first_word(rest) {
                ("recursive", rest) => format!("WITH RECURSIVE {definition},{rest}"),
                _ => format!("WITH {definition},{rest}"),
            },
            _ => format!("WITH {definition} {query}"),
        }
    }

    /// What stands behind FROM.
    fn from(&self) -> String {
        match &self.condition {
            None => self.source.table.clone(),
            Some(condition) => format!("{} WHERE {condition}", self.source.table),
        }
    }

    pub(crate) fn ask(&self, select: &str, rest: &str) -> Result<Table> {
        self.source.engine.query(&format!("{select} FROM {}{rest}", self.from()))
    }

    /// Asks, and has the engine save the answer as a Parquet file.
    pub(crate) fn save(&self, path: &str, select: &str, rest: &str) -> Result<()> {
        let query = format!("{select} FROM {}{rest}", self.from());
        let copy = format!("COPY ({query}) TO '{}' (FORMAT PARQUET)", path.replace('\'', "''"));
        self.source.engine.query(&copy).map(|_| ()).map_err(|error| match error {
            Error::Engine(message) if !self.source.engine.is_embedded() => Error::Engine(format!(
                "the engine of {} can't save a cube: make it from the files, with `Sessions::open` (it says: {message})",
                self.source.name
            )),
            error => error,
        })
    }

    /// Asks for one number.
    pub(crate) fn ask_number(&self, expression: &str, unit: Unit) -> Result<Quantity> {
        let table = self.ask(&format!("SELECT {expression} AS value"), "")?;
        let value = table.column("value")?.number(0).unwrap_or(f64::NAN);
        Ok(Quantity::new(value, unit))
    }

    /// How many values each column lacks; columns without a gap are left out.
    ///
    /// # Errors
    /// [`Error::Engine`] when the engine fails.
    pub fn missing(&self) -> Result<Table> {
        let columns = self.ask("SELECT *", " LIMIT 0")?;
        let names: Vec<&str> = columns.columns().iter().map(Column::name).collect();
        let counts: Vec<String> = names
            .iter()
            .enumerate()
            .map(|(i, name)| format!("COUNT(*) - COUNT(\"{}\") AS c{i}", name.replace('"', "\"\"")))
            .collect();
        let counts = self.ask(&format!("SELECT {}", counts.join(", ")), "")?;
        let missing = names.iter().zip(counts.columns()).filter_map(|(name, count)| {
            count.number(0).filter(|&n| n > 0.0).map(|n| (Some((*name).to_owned()), Some(n as i64)))
        });
        let (names, counts) = missing.unzip();
        Table::new(vec![Column::new("column", Values::Text(names)), Column::new("missing", Values::Int(counts))])
    }

    /// What is not as it should be in the files, whatever the filter: the columns `fault`, `column`, `rows`, `first_row`,
    /// `example` and `file`, a row for each kind of fault and column. `first_row` is the line as an editor counts it, or
    /// the row of a Parquet or Arrow file; `column` is missing where the whole row is meant. Opened strictly, sessions have
    /// no other faults than missing values.
    ///
    /// # Errors
    /// [`Error::Engine`] when the sessions are not files that the embedded engine has read.
    pub fn faults(&self) -> Result<Table> {
        if !self.source.engine.is_embedded() {
            return Err(Error::Engine(format!(
                "what was wrong with the data of {} is known to the engine that has read them: only files opened here have faults",
                self.source.name
            )));
        }
        let query = "SELECT fault, \"column\", \"rows\", first_row, example, file FROM faults";
        Ok(self.source.engine.query(query)?.with_column_unit(3, Unit::Label))
    }

    fn summary(&self) -> Result<String> {
        let mut text = format!("{} sessions from {}", self.count()?, self.source.name);
        if let Some(condition) = &self.condition {
            text += &format!(", where {condition}");
        }
        let missing = self.missing()?;
        let gaps = missing.rows();
        // Of many columns, those that lack most.
        let missing = if gaps > MOST_GAPS { missing.sort_descending("missing")?.top(MOST_GAPS) } else { missing };
        for (i, column) in (0..missing.rows()).map(|row| (row, &missing.columns()[0])) {
            text += if i == 0 { "; without " } else { ", without " };
            text += &format!("{}: {}", column.text(i), missing.columns()[1].text(i));
        }
        if gaps > missing.rows() {
            text += &format!(", and gaps in {} more columns", gaps - missing.rows());
        }
        if self.source.engine.is_embedded() {
            text += &fault_lines(&self.faults()?);
        }
        Ok(text)
    }

    /// Shows the sessions as a cell's output: how many, from which file, and what is missing.
    pub fn evcxr_display(&self) {
        match self.summary() {
            Ok(text) => page::bundle(&[("text/plain", &text)]),
            Err(error) => page::failed(&error),
        }
    }
}

/// An error of the engine about a column that is computed, with what an aggregate among the rows takes.
fn about_aggregates(error: Error, expression: &str) -> Error {
    match error {
        // The clause that engines miss is one that no cell can add here.
        Error::Engine(message) if message.contains("GROUP BY") && !expression.to_uppercase().contains("GROUP BY") => {
            Error::Engine(format!(
                "a column is computed of each session, and {expression} adds them up: put OVER () behind the aggregate for the \
                 value of all sessions, or ask for it with `.sum(…)`, `.mean(…)` or `.sql(…)`"
            ))
        }
        error => error,
    }
}

/// The engine's sentence, with what a cell writes for what it speaks of.
fn with_calls(error: Error) -> Error {
    let Error::Engine(sentence) = error else { return error };
    let verb = if sentence.contains("has no column p2p, and") { "p2p" } else { "cdn" };
    Error::Engine(
        sentence
            .replace("open the file in lenient mode", "open it with `Sessions::options().lenient().open(…)`")
            .replace(
                "say which one it is if it has another name",
                &format!(
                    "if it has another name, say so with \
                         `Sessions::options().columns(Columns::default().{verb}(\"…\")).open(…)`"
                ),
            ),
    )
}

/// Whether a column's whole numbers are years: they are called so, or they are what the rows are named by and all of our
/// time.
fn is_year(table: &Table, position: usize) -> bool {
    let column = &table.columns()[position];
    let Values::Int(values) = column.values() else { return false };
    let within = |low: i64, high: i64| {
        values.iter().any(Option::is_some) && values.iter().flatten().all(|value| (low..=high).contains(value))
    };
    let is_called_so = column.name().to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|word| word == "year");
    (is_called_so && within(1, 9_999)) || (position == 0 && table.columns().len() > 1 && within(1_900, 2_100))
}

/// A line for each fault but missing values, which are counted in the sessions themselves: how many values were taken as
/// missing, and which was the first.
fn fault_lines(faults: &Table) -> String {
    let [fault, column, rows, first, example, file] = faults.columns() else { return String::new() };
    let is_fault = |row: &usize| fault.text(*row) != "missing";
    let lines = (0..faults.rows()).filter(is_fault).map(|row| {
        if fault.text(row) == "type that queries can't use" {
            return format!("\nleft out: {}, of type {}, which queries can't use", column.text(row), example.text(row));
        }
        let place = match column.values() {
            Values::Text(names) => names.get(row).cloned().flatten().map(|name| format!(" in {name}")),
            _ => None,
        };
        let file = file.text(row);
        let file = Path::new(&file).file_name().map_or(file.clone().into(), |name| name.to_string_lossy());
        format!(
            "\ntaken as missing: {} × {}{}, the first at {file}:{}: {:?}",
            rows.text(row),
            fault.text(row),
            place.unwrap_or_default(),
            first.text(row),
            example.text(row)
        )
    });
    lines.collect()
}

/// A query without the spaces and comments in front of it.
fn without_comments(query: &str) -> &str {
    let mut rest = query.trim_start();
    loop {
        let after = match rest.get(..2) {
            Some("--") => rest.split_once('\n').map_or("", |(_, after)| after),
            Some("/*") => rest.split_once("*/").map_or("", |(_, after)| after),
            _ => return rest,
        };
        rest = after.trim_start();
    }
}

/// The first word of a query in lower case, if it is one of those that matter here, and what follows it.
fn first_word(query: &str) -> (&'static str, &str) {
    let query = query.trim_start();
    for word in ["with", "recursive"] {
        if let Some((start, rest)) = query.split_at_checked(word.len())
            && start.eq_ignore_ascii_case(word)
            && rest.starts_with(|c: char| c.is_whitespace() || c == '"')
        {
            return (word, rest);
        }
    }
    ("", query)
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.summary() {
            Ok(text) => f.write_str(&text),
            Err(error) => fmt::Display::fmt(&error, f),
        }
    }
}
