//! The cubes that there are: the engine's own, made once it is of use, and one that was saved and is opened in place of its
//! sessions.
//!
//! The engine's own has what sessions are usually asked, in a fixed vocabulary, so that no unusual question ever takes it away
//! from the usual ones. One question of rows in files costs no more than its own scan; the second one makes the cube. Of rows
//! in memory, the first one does.

use std::collections::HashMap;
use std::ops::ControlFlow;

use adbc_core::error::{Error, Result};
use polars::prelude::{Column, DataFrame, DataType};
use sqlparser::ast::{Expr as Syntax, Visit, Visitor};

use crate::cube::{Applied, Cube, SESSIONS, canonical};
use crate::error::invalid_data;
use crate::names::{COUNT, is_dimension};
use crate::plan::functions::NOT;
use crate::plan::planner::{Planned, Table};
use crate::plan::query::plan;
use crate::plan::scope::Named;
use crate::plan::tree::{Aggregate, Expr, Id, Kind, Step, Sum};
use crate::plan::types::Type;
use crate::sql::{self, Request};

/// A cube of more rows saves no scan worth the name.
const MOST_CELLS: usize = 1 << 17;
/// A key with more values than these in some thousand rows would make a cube of as many rows as there are sessions.
const MOST_VALUES: usize = 256;
/// How many rows are looked at for that.
const SAMPLE: u64 = 1 << 14;
/// What sessions are told apart by besides their dimensions, and what is measured of them: the words of the helper crate, and
/// what the published figures call large.
const CONDITIONS: [&str; 2] = ["p2p > 0", "p2p + cdn > 100e6"];
const MEASURES: [&str; 4] = ["p2p", "cdn", "p2p + cdn", "CASE WHEN p2p + cdn > 0 THEN p2p / (p2p + cdn) END"];

/// What a column of a cube has, by the SQL that it is called.
enum Meaning {
    Key(Expr),
    Sum(Sum, Expr),
    Count,
}

fn meaning(text: &str, sessions: &Table) -> Option<(Meaning, Type)> {
    if let Some(place) = sessions.columns.iter().position(|(name, _)| name == text) {
        let ty = sessions.columns[place].1?;
        return Some((Meaning::Key(Expr::column(place, ty)), ty));
    }
    let Request::Query(query) = sql::parse(&format!("SELECT {text} FROM {}", sessions.name)).ok()? else { return None };
    let planned = plan(&query, std::slice::from_ref(sessions)).ok()?;
    let mut step = &planned.step;
    let mut found = None;
    loop {
        match step {
            Step::Sort { input, .. } => step = input,
            Step::Project { input, columns } => {
                found = columns.first().map(|(_, expr)| expr);
                step = input;
            }
            Step::Group { input, sums, .. } => {
                let (_, ty, sum) = sums.first()?;
                let columns = places(input)?;
                let meaning = match sum.of.as_slice() {
                    [of] if !sum.distinct && sum.filter.is_none() => Meaning::Sum(sum.sum, canonical(of, &columns)),
                    _ if sum.sum == Sum::CountRows && sum.filter.is_none() => Meaning::Count,
                    _ => return None,
                };
                return Some((meaning, *ty));
            }
            scan => {
                let expr = found?;
                return Some((Meaning::Key(canonical(expr, &places(scan)?)), expr.ty));
            }
        }
    }
}

/// The columns of a scan by their places.
fn places(scan: &Step) -> Option<HashMap<Id, Expr>> {
    let Step::Scan { columns, .. } = scan else { return None };
    Some(columns.iter().map(|(place, id)| (*id, Expr::column(*place, Type::Null))).collect())
}

/// A cube whose columns have these meanings, as far as they have one.
fn cube_of(texts: &[String], sessions: &Table) -> Cube {
    let names = sessions.columns.iter().map(|(name, _)| name.clone()).collect();
    let mut cube = Cube { names, ..Cube::default() };
    for (column, text) in texts.iter().enumerate() {
        let (meaning, ty) = meaning(text, sessions).unzip();
        cube.types.push(ty.unwrap_or(Type::Null));
        match meaning {
            Some(Meaning::Key(key)) => cube.keys.push((key, column)),
            Some(Meaning::Sum(sum, of)) => cube.sums.push((sum, of, column)),
            Some(Meaning::Count) => cube.count = column,
            None => {}
        }
    }
    cube
}

// ---------------------------------------------------------------- the engine's own

/// Answers a plan from the rows.
pub type Ask<'a> = &'a dyn Fn(&Planned) -> Option<DataFrame>;

pub struct Own {
    sessions: Table,
    /// What its columns are called; none if a cube would be of no use.
    texts: Vec<String>,
    cube: Cube,
    frame: Option<DataFrame>,
    questions: usize,
    /// Whether making it costs hardly more than answering a single question.
    cheap: bool,
}

impl Own {
    /// No cube yet. `cheap` says whether making it costs hardly more than answering a single question.
    pub fn new(sessions: &Table, cheap: bool) -> Own {
        let has = |name: &str| sessions.columns.iter().any(|(known, _)| known == name);
        let is_key = |(name, ty): &&(String, Option<Type>)| is_dimension(name) && ty.is_some_and(|ty| !ty.is_double());
        let mut texts: Vec<String> = sessions.columns.iter().filter(is_key).map(|(name, _)| name.clone()).collect();
        texts.push(COUNT.to_owned());
        if has("p2p") && has("cdn") {
            texts.extend(CONDITIONS.map(str::to_owned));
            texts.extend(MEASURES.iter().flat_map(|of| [format!("COUNT({of})"), format!("SUM({of})")]));
        }
        let mut own =
            Own { sessions: sessions.clone(), texts, cube: Cube::default(), frame: None, questions: 0, cheap };
        own.describe();
        own
    }

    fn describe(&mut self) {
        self.cube = cube_of(&self.texts, &self.sessions);
        // A session has P2P or none: bytes are never less than nothing.
        let known = |text| match meaning(text, &self.sessions) {
            Some((Meaning::Key(key), _)) => Some(key),
            _ => None,
        };
        let with = self.texts.iter().position(|text| text == CONDITIONS[0]);
        if let (Some(without), Some(column)) = (known("p2p = 0"), with) {
            let with = Expr::column(column, Type::Bool);
            self.cube.derived.push((without, Expr::call(&NOT, vec![with], Type::Bool)));
        }
    }

    /// A plan with this cube in it, and the cube, if that is of use.
    pub fn applied(&mut self, step: &Step, ask: Ask) -> Option<(Applied, DataFrame)> {
        if self.texts.is_empty() {
            return None;
        }
        let mut applied = self.cube.applied(step);
        if !applied.reads_cube {
            return None;
        }
        if self.frame.is_none() {
            self.questions += 1;
            if !self.cheap && self.questions < 2 {
                return None;
            }
            self.make(ask);
            applied = self.cube.applied(step);
        }
        applied.reads_cube.then_some(())?;
        Some((applied, self.frame.clone()?))
    }

    /// Adds the sessions up, unless that would be as many rows as sessions.
    fn make(&mut self, ask: Ask) {
        self.leave_out_large_keys(ask);
        self.frame = ask(&making(&self.cube)).filter(|frame| frame.height() <= MOST_CELLS);
        if self.frame.is_none() {
            self.texts.clear();
        }
    }

    /// Takes out the dimensions that some thousand rows have too many values of.
    fn leave_out_large_keys(&mut self, ask: Ask) {
        let plain = self.cube.keys.iter().filter_map(|(key, column)| match key.kind {
            Kind::Column(place) => Some((place, *column, key.ty)),
            _ => None,
        });
        let keys: Vec<(usize, usize, Type)> = plain.collect();
        let scan =
            Step::Scan { table: SESSIONS, columns: keys.iter().map(|(place, ..)| (*place, place + 1)).collect() };
        let columns = keys.iter().map(|(place, column, ty)| Named { name: column.to_string(), id: place + 1, ty: *ty });
        let step = Step::Limit { input: Box::new(scan), offset: 0, most: Some(SAMPLE) };
        let Some(sample) = ask(&Planned { step, columns: columns.collect() }).filter(|_| !keys.is_empty()) else {
            return;
        };
        let is_large = |column: &Column| column.n_unique().map_or(true, |values| values > MOST_VALUES);
        let large: Vec<String> =
            sample.columns().iter().filter(|c| is_large(c)).map(|c| c.name().to_string()).collect();
        if !large.is_empty() {
            let mut column = 0..;
            self.texts.retain(|_| column.next().is_some_and(|column: usize| !large.contains(&column.to_string())));
            self.describe();
        }
    }
}

/// The plan that makes a cube of sessions.
fn making(cube: &Cube) -> Planned {
    // Columns of sessions have the numbers of their places and one more.
    let numbered = |of: &Expr| of.clone().renumbered(&|place| place + 1);
    let first = cube.names.len() + 1;
    let scan = Step::Scan { table: SESSIONS, columns: (0..cube.names.len()).map(|place| (place, place + 1)).collect() };
    let keys = cube.keys.iter().map(|(key, column)| (first + column, numbered(key))).collect();
    let sum = |sum: Sum, of: Vec<Expr>, column: usize| (first + column, cube.types[column], Aggregate::plain(sum, of));
    let mut sums: Vec<_> = cube.sums.iter().map(|(what, of, column)| sum(*what, vec![numbered(of)], *column)).collect();
    sums.push(sum(Sum::CountRows, Vec::new(), cube.count));
    let columns = cube.types.iter().enumerate();
    let columns = columns.map(|(column, ty)| Named { name: column.to_string(), id: first + column, ty: *ty });
    Planned { step: Step::Group { input: Box::new(scan), keys, sums }, columns: columns.collect() }
}

// ---------------------------------------------------------------- one that was saved

/// A cube in files, opened in place of its sessions.
pub struct Saved {
    pub frame: DataFrame,
    pub cube: Cube,
    /// No sessions, with the columns that they had, as far as the cube knows them.
    pub empty: DataFrame,
    path: String,
}

impl Saved {
    /// Takes the rows of a cube's files. `sessions` makes a table of what is known of the sessions' columns.
    pub fn open(path: &str, frame: DataFrame, sessions: impl Fn(&DataFrame) -> Table) -> Result<Saved> {
        let wrong = |what: String| {
            invalid_data(format!("{path} has a column {COUNT}, so it should be a cube of sessions, and {what}"))
        };
        let counts = frame.column(COUNT).map_err(|_| wrong("has none of that name: save it again".to_owned()))?;
        if !counts.dtype().is_integer() || counts.null_count() > 0 {
            return Err(wrong(format!("{COUNT} is not a whole number everywhere: save it again")));
        }
        if frame.height() == 0 {
            return Err(wrong("has no row: there is nothing to analyse".to_owned()));
        }
        let mut columns: Vec<Column> = Vec::new();
        let mut computed: Vec<String> = Vec::new();
        for column in frame.columns() {
            match columns_in(column.name()) {
                Some(used) => computed.extend(used),
                None => columns.push(column.clear()),
            }
        }
        for name in computed {
            if columns.iter().all(|column| column.name().as_str() != name) {
                columns.push(Column::new_empty(name.into(), &DataType::Float64));
            }
        }
        let empty = DataFrame::new(0, columns).map_err(|error| wrong(format!("can't be read ({error})")))?;
        let texts: Vec<String> = frame.get_column_names().iter().map(ToString::to_string).collect();
        let mut cube = cube_of(&texts, &sessions(&empty));
        // As they are held, which sums of whole numbers may be in more than one way.
        for (ty, column) in cube.types.iter_mut().zip(frame.columns()) {
            *ty = Type::of_column(column.dtype()).unwrap_or(*ty);
        }
        Ok(Saved { frame, cube, empty, path: path.to_owned() })
    }

    /// The sentence about a query that needs more.
    pub fn lacks(&self, missing: Option<&str>) -> Error {
        let what = match missing.filter(|name| !name.is_empty()) {
            Some(name) => format!("it has no {name}"),
            None => "this needs the sessions themselves".to_owned(),
        };
        let names = self.frame.get_column_names();
        let keys = self.cube.keys.iter().map(|(_, column)| names[*column].as_str()).collect::<Vec<_>>().join(", ");
        invalid_data(format!(
            "{} is a cube of sessions, and {what}: it counts and adds up by {keys}; open the file that it was made from",
            self.path
        ))
    }
}

/// The columns of sessions that a cube's column was computed from, if it was computed.
fn columns_in(name: &str) -> Option<Vec<String>> {
    struct Columns(Vec<String>);
    impl Visitor for Columns {
        type Break = ();
        fn pre_visit_expr(&mut self, expr: &Syntax) -> ControlFlow<()> {
            if let Syntax::Identifier(name) = expr {
                self.0.push(name.value.clone());
            }
            ControlFlow::Continue(())
        }
    }
    let expr = sql::expression(name).filter(|expr| !matches!(expr, Syntax::Identifier(_)))?;
    let mut columns = Columns(Vec::new());
    let _ = expr.visit(&mut columns);
    Some(columns.0)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn sessions() -> Table {
        let columns = [
            ("stream", Type::BigInt),
            ("isp", Type::Text),
            ("connected", Type::Bool),
            ("p2p", Type::Double),
            ("cdn", Type::Double),
            ("start", Type::Timestamp),
        ];
        let columns = columns.map(|(name, ty)| (name.to_owned(), Some(ty)));
        Table { name: "sessions".to_owned(), columns: columns.to_vec() }
    }

    fn planned(text: &str) -> Step {
        let Ok(Request::Query(query)) = sql::parse(text) else { panic!("{text} is no query") };
        plan(&query, &[sessions()]).unwrap_or_else(|refusal| panic!("{text}: {}", refusal.sentence)).step
    }

    /// What a plan reads once the cube is in it.
    fn reads(text: &str) -> (bool, bool) {
        let applied = Own::new(&sessions(), true).cube.applied(&planned(text));
        (applied.reads_cube, applied.reads_sessions)
    }

    #[test]
    fn aggregations_of_usual_things_are_answered_from_the_cube() {
        for text in [
            "SELECT COUNT(*) FROM sessions",
            "SELECT isp, COUNT(*) AS n FROM sessions GROUP BY isp ORDER BY n DESC",
            "SELECT AVG(p2p + cdn) FROM sessions WHERE connected",
            "SELECT COUNT(*) FROM sessions WHERE ((p2p + cdn) > 100000000.0) AND \"p2p\" > 0",
            "SELECT COUNT(*) FROM sessions WHERE p2p + cdn > 1e8 AND p2p = 0.0",
            "SELECT isp, AVG(CASE WHEN p2p = 0 THEN 1 ELSE 0 END) FROM sessions GROUP BY 1",
            "SELECT isp, MIN(stream), COUNT(DISTINCT stream) FROM sessions GROUP BY isp HAVING SUM(p2p) > 5",
            "SELECT SUM(p2p) FILTER (WHERE connected AND isp <> 'Fro') / SUM(cdn) FROM sessions",
            "SELECT isp FROM sessions GROUP BY isp LIMIT 3",
            "SELECT DISTINCT isp, p2p > 0 FROM sessions",
            "WITH a AS (SELECT isp, SUM(cdn) AS s FROM sessions GROUP BY isp) SELECT AVG(s) FROM a",
            "WITH sessions AS (SELECT * FROM sessions WHERE isp = 'Fro') SELECT stream % 2, COUNT(cdn) FROM sessions GROUP BY 1",
            "SELECT isp, COUNT(*) * 1.0 / (SELECT COUNT(*) FROM sessions) FROM sessions GROUP BY isp",
            "SELECT isp, COUNT(*) FROM sessions GROUP BY ROLLUP (isp)",
            "SELECT SUM(CASE WHEN n > (SELECT COUNT(*) FROM sessions) THEN 1 END) OVER () FROM (SELECT COUNT(*) AS n FROM sessions) AS t",
        ] {
            assert_eq!(reads(text), (true, false), "{text}");
        }
    }

    #[test]
    fn what_needs_the_rows_reads_them() {
        for text in [
            "SELECT * FROM sessions",
            "SELECT isp FROM sessions",
            "SELECT p2p, COUNT(*) FROM sessions GROUP BY p2p",
            "SELECT MEDIAN(cdn) FROM sessions",
            "SELECT isp, VARIANCE(cdn), QUANTILE_CONT(cdn, 0.5) FROM sessions GROUP BY isp",
            "SELECT COUNT(DISTINCT cdn) FROM sessions",
            "SELECT FLOOR(cdn / 10) AS bin, COUNT(*) FROM sessions GROUP BY bin",
            "SELECT DATE_TRUNC('hour', start) AS hour, COUNT(*) FROM sessions GROUP BY 1",
            "SELECT isp, ROW_NUMBER() OVER (ORDER BY cdn) AS r FROM sessions",
            "SELECT COUNT(*) FROM sessions AS a JOIN sessions AS b ON a.stream = b.stream",
            "SELECT COUNT(*) FROM sessions WHERE cdn > 5",
            "SELECT isp, COUNT(*) FROM (SELECT * FROM sessions LIMIT 10) AS s GROUP BY isp",
        ] {
            assert_eq!(reads(text), (false, true), "{text}");
        }
        assert_eq!(reads("SELECT 1 AS one"), (false, false));
        let both = "SELECT isp, COUNT(*) FROM sessions WHERE cdn > (SELECT AVG(cdn) FROM sessions) GROUP BY isp";
        assert_eq!(reads(both), (true, true), "each part where it can be had");
    }

    /// A cube of so many rows, whatever is asked.
    fn rows(planned: &Planned, height: usize) -> Option<DataFrame> {
        let columns = planned
            .columns
            .iter()
            .map(|column| Column::full_null(column.name.as_str().into(), height, &column.ty.held()));
        DataFrame::new(height, columns.collect()).ok()
    }

    #[test]
    fn rows_in_files_are_added_up_with_the_second_question() {
        let asked = Cell::new(0);
        let ask = |planned: &Planned| {
            asked.set(asked.get() + 1);
            rows(planned, 9)
        };
        let mut own = Own::new(&sessions(), false);
        let (usual, other) = (planned("SELECT COUNT(*) FROM sessions"), planned("SELECT MAX(cdn) FROM sessions"));
        assert!(own.applied(&usual, &ask).is_none(), "one question is no habit");
        assert!(own.applied(&other, &ask).is_none(), "nor is one that no cube answers");
        assert_eq!(asked.get(), 0);
        assert!(own.applied(&usual, &ask).is_some());
        let once = asked.get();
        for text in ["SELECT isp, SUM(p2p) FROM sessions GROUP BY isp", "SELECT AVG(cdn) FROM sessions WHERE p2p > 0"] {
            assert!(own.applied(&planned(text), &ask).is_some());
            assert!(own.applied(&other, &ask).is_none());
        }
        assert_eq!(asked.get(), once, "the rows have been read once for all of it");
    }

    #[test]
    fn a_cube_that_would_be_too_large_is_not_made() {
        let asked = Cell::new(0);
        let ask = |planned: &Planned| {
            asked.set(asked.get() + 1);
            rows(planned, MOST_CELLS + 1)
        };
        let mut own = Own::new(&sessions(), true);
        for _ in 0..5 {
            assert!(own.applied(&planned("SELECT COUNT(*) FROM sessions"), &ask).is_none());
        }
        assert!(asked.get() < 4, "and not tried for ever: {}", asked.get());
    }

    #[test]
    fn a_dimension_of_too_many_values_is_left_out() {
        let ask = |planned: &Planned| {
            let height = if matches!(planned.step, Step::Limit { .. }) { 1_000 } else { 9 };
            let mut frame = rows(planned, height)?;
            if height > 9 {
                let streams: Vec<i64> = (0..1_000).collect();
                frame.with_column(Column::new("0".into(), streams)).ok()?;
            }
            Some(frame)
        };
        let mut own = Own::new(&sessions(), true);
        assert!(own.applied(&planned("SELECT isp, COUNT(*) FROM sessions GROUP BY isp"), &ask).is_some());
        assert!(own.applied(&planned("SELECT stream, COUNT(*) FROM sessions GROUP BY stream"), &ask).is_none());
        assert!(own.applied(&planned("SELECT SUM(cdn) FROM sessions WHERE p2p = 0"), &ask).is_some());
    }
}
