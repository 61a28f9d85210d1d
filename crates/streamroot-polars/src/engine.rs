//! What a database holds, and how a query on it is answered.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use adbc_core::error::{Error, Result, Status};
use polars::prelude::*;
use polars_utils::aliases::PlIndexMap;
use sqlparser::ast::Query;

use crate::answer::Answer;
use crate::cubes::{Own, Saved};
use crate::error::{engine_failed, invalid_data, ours};
use crate::examine::collect as collect_streaming;
use crate::guard::{STACK, alone, guarded, stack_for};
use crate::names::{self, Renames};
use crate::plan::planner::{Planned, Table};
use crate::plan::query::plan;
use crate::plan::types::Type;
use crate::run::expressions::Collect;
use crate::run::steps::{self, Source};
use crate::source::{self, Format, Watch};
use crate::sql::{self, Request};
use crate::store::{self, Store, Stored};
use crate::zone::in_zone;
use crate::{csv, scan};

/// A cube of no more rows than this is asked by one thread.
const FEW: usize = 1 << 14;

/// How a data set is to be opened.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A file, a glob, a directory, or a `file://` address of one of them.
    pub uri: String,
    /// Whether faults are counted and their values null, instead of refused.
    pub lenient: bool,
    pub renames: Renames,
    /// Bytes of memory that the rows of CSV files may take before they go to a file.
    pub memory: Option<usize>,
    /// The directory of that file.
    pub spill: Option<PathBuf>,
    /// The time zone that `start` is to be in.
    pub zone: Option<String>,
}

/// An opened data set.
pub struct Engine {
    rows: Rows,
    /// What has been added up of the rows.
    cube: Mutex<Own>,
    answers: Mutex<Answers>,
    /// No sessions, with all columns.
    empty: DataFrame,
    faults: DataFrame,
    /// The tables of queries: `sessions`, then `faults`.
    tables: [Table; 2],
    /// The files that each query reads, if it does.
    watch: Option<Watch>,
    /// All that were opened.
    files: Vec<PathBuf>,
}

/// Where the rows are.
enum Rows {
    /// With categories for text of few distinct values.
    Memory(DataFrame),
    /// In files that each query streams over.
    Lazy(Box<LazyFrame>),
    /// Nowhere: a cube of them was saved.
    Aggregated(Box<Saved>),
}

impl Engine {
    /// Opens a data set.
    pub fn open(options: &Options) -> Result<Engine> {
        guarded("opening the data", STACK, || Engine::open_here(options))
    }

    fn open_here(options: &Options) -> Result<Engine> {
        let inputs = source::find(&options.uri)?;
        let files: Vec<PathBuf> = inputs.iter().map(|input| input.path.clone()).collect();
        let strict = !options.lenient;
        let failed = |error| engine_failed("opening the data", error);
        let mut watch = None;
        let (rows, faults, names) = if matches!(inputs[0].format, Format::Csv(_)) {
            let memory = options.memory.unwrap_or_else(store::default_budget);
            let mut store = Store::new(memory, spill_directories(options, &files[0]));
            let read = csv::read(&inputs, &options.renames, strict, &mut store)?;
            let names: Vec<String> = read.columns.iter().map(|column| column.name.clone()).collect();
            let rows = match store.finish(&read.columns)? {
                Stored::Memory(frame) => Rows::Memory(frame),
                Stored::File(rows) => Rows::Lazy(rows),
            };
            (rows, read.faults, names)
        } else {
            let scanned = scan::open(&inputs, &options.renames, strict)?;
            let rows = if scanned.names.iter().any(|name| name == names::COUNT) {
                let cells = scanned.watch.during(|| collect_streaming(scanned.frame).map_err(failed))?;
                Rows::Aggregated(Box::new(Saved::open(&options.uri, cells, |empty| table("sessions", empty.schema()))?))
            } else if scanned.fits {
                let collect = || collect_streaming(scanned.frame).and_then(store::with_categories).map_err(failed);
                Rows::Memory(scanned.watch.during(collect)?)
            } else {
                watch = Some(scanned.watch);
                Rows::Lazy(Box::new(scanned.frame))
            };
            (rows, scanned.faults, scanned.names)
        };
        let rows = match (&options.zone, rows) {
            (None, rows) => rows,
            (Some(zone), Rows::Memory(frame)) => Rows::Memory(in_zone(frame.lazy(), zone)?.collect().map_err(failed)?),
            (Some(zone), Rows::Lazy(frame)) => Rows::Lazy(Box::new(in_zone(*frame, zone)?)),
            (Some(zone), Rows::Aggregated(_)) => {
                return Err(invalid_data(format!(
                    "the time zone {zone} is for times, and a cube has none: open it without"
                )));
            }
        };
        let faults = faults.table(&names, &files).map_err(failed)?;
        let empty = match &rows {
            Rows::Memory(rows) => rows.clear(),
            Rows::Lazy(frame) => {
                let schema = frame.clone().collect_schema().map_err(failed)?;
                DataFrame::empty_with_schema(&schema)
            }
            Rows::Aggregated(cube) => cube.empty.clone(),
        };
        let tables = [table("sessions", empty.schema()), table("faults", faults.schema())];
        let cube = Mutex::new(Own::new(&tables[0], matches!(rows, Rows::Memory(_))));
        Ok(Engine { rows, cube, answers: Mutex::default(), empty, faults, tables, watch, files })
    }

    /// Answers a query, or saves its answer in a file and answers with the number of rows.
    pub fn query(&self, text: &str) -> Result<Answer> {
        guarded("answering the query", stack_for(text), || {
            let frame = match sql::parse(text).map_err(|refusal| refusal.into_error(text))? {
                Request::Query(query) => self.frame(*query, text)?,
                Request::Save { query, path } => {
                    let mut frame = self.frame(*query, text)?;
                    store::save(&mut frame, Path::new(&path), &self.files)?;
                    let rows = i64::try_from(frame.height()).unwrap_or(i64::MAX);
                    DataFrame::new(1, vec![Column::new("Count".into(), [rows])]).map_err(|error| explain(&error))?
                }
            };
            Answer::new(frame)
        })
    }

    /// The schema of a query's answer, or of a table.
    pub fn schema(&self, text: &str) -> Result<arrow_schema::SchemaRef> {
        guarded("planning the query", stack_for(text), || {
            match sql::parse(text).map_err(|refusal| refusal.into_error(text))? {
                Request::Query(query) => {
                    let planned = plan(&query, &self.tables).map_err(|refusal| refusal.into_error(text))?;
                    crate::answer::schema(&steps::no_rows(&planned).map_err(|error| explain(&error))?)
                }
                Request::Save { .. } => Err(invalid_data("COPY has no schema: ask for that of its SELECT")),
            }
        })
    }

    fn frame(&self, query: Query, text: &str) -> Result<DataFrame> {
        let answer = || {
            let answers = || self.answers.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(answer) = answers().given.get(text) {
                return Ok(answer.clone());
            }
            let answer = self.answered(query, text)?;
            answers().keep(text, &answer);
            Ok(answer)
        };
        match &self.watch {
            Some(watch) => watch.during(answer),
            None => answer(),
        }
    }

    fn answered(&self, query: Query, text: &str) -> Result<DataFrame> {
        let planned = plan(&query, &self.tables).map_err(|refusal| refusal.into_error(text))?;
        if sql::wants_no_rows(&query) {
            return steps::no_rows(&planned).map_err(|error| explain(&error));
        }
        let (frame, collect): (LazyFrame, Collect) = match &self.rows {
            Rows::Memory(rows) => (rows.clone().lazy(), &LazyFrame::collect),
            Rows::Lazy(frame) => ((**frame).clone(), &collect_streaming),
            Rows::Aggregated(saved) => {
                let applied = saved.cube.applied(&planned.step);
                if applied.reads_sessions {
                    return Err(saved.lacks(applied.lacks.as_deref()));
                }
                let planned = Planned { step: applied.step, columns: planned.columns };
                return self.of_cube(&planned, self.empty.clone().lazy(), &saved.frame);
            }
        };
        let ask = |planned: &Planned| self.run(planned, frame.clone(), None, collect).ok();
        let applied = self.cube.lock().unwrap_or_else(PoisonError::into_inner).applied(&planned.step, &ask);
        let Some((applied, cube)) = applied else { return self.run(&planned, frame, None, collect) };
        let planned = Planned { step: applied.step, columns: planned.columns };
        if applied.reads_sessions {
            return self.run(&planned, frame, Some(&cube), collect);
        }
        self.of_cube(&planned, frame, &cube)
    }

    /// The answer to a plan that reads no sessions.
    fn of_cube(&self, planned: &Planned, rows: LazyFrame, cube: &DataFrame) -> Result<DataFrame> {
        let answer = || self.run(planned, rows, Some(cube), &LazyFrame::collect);
        if cube.height() <= FEW { alone(answer) } else { answer() }
    }

    fn run(
        &self,
        planned: &Planned,
        sessions: LazyFrame,
        cube: Option<&DataFrame>,
        collect: Collect,
    ) -> Result<DataFrame> {
        let source = |mut frame: LazyFrame| -> PolarsResult<Source> {
            let schema = frame.collect_schema()?;
            Ok(Source { frame, schema })
        };
        let answer = || {
            let mut sources = vec![source(sessions)?, source(self.faults.clone().lazy())?];
            if let Some(cube) = cube {
                sources.push(source(cube.clone().lazy())?);
            }
            steps::answer(planned, &sources, collect)
        };
        answer().map_err(|error: PolarsError| explain(&error))
    }
}

/// Answers that were given, the oldest first, as long as there is room. The same question has the same answer, since rows do not change.
#[derive(Default)]
struct Answers {
    given: PlIndexMap<String, DataFrame>,
}

impl Answers {
    /// How many answers are kept, and of how many rows at most.
    const MOST: usize = 256;
    const MOST_ROWS: usize = 1 << 12;

    fn keep(&mut self, text: &str, answer: &DataFrame) {
        let again = ["random", "now", "current", "today"].iter().any(|word| text.to_lowercase().contains(word));
        if again || answer.height() > Answers::MOST_ROWS || self.given.contains_key(text) {
            return;
        }
        if self.given.len() >= Answers::MOST {
            self.given.shift_remove_index(0);
        }
        self.given.insert(text.to_owned(), answer.clone());
    }
}

/// The directory of the data first: it has room for data. Then that for temporary files.
fn spill_directories(options: &Options, file: &Path) -> Vec<PathBuf> {
    if let Some(directory) = &options.spill {
        return vec![directory.clone()];
    }
    let beside = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    vec![beside.to_path_buf(), std::env::temp_dir()]
}

/// What a query can name of a table.
fn table(name: &str, schema: &Schema) -> Table {
    Table {
        name: name.to_owned(),
        columns: schema.iter().map(|(name, ty)| (name.to_string(), Type::of_column(ty))).collect(),
    }
}

/// What polars says, in a sentence.
fn explain(error: &PolarsError) -> Error {
    if let Some(sentence) = ours(error) {
        return invalid_data(sentence);
    }
    let said = error.to_string();
    let line = said.split("\n\nResolved plan").next().unwrap_or_default().trim();
    let short: String = line.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect();
    if short.contains("from `i128`") {
        let sentence = "a column has decimals of more than 64 bits, which can't be computed with: write them to the file as DOUBLE, or with fewer digits";
        return invalid_data(format!("{sentence} ({short})"));
    }
    if let PolarsError::IO { .. } = error {
        let line = said.lines().next().unwrap_or_default();
        let message = format!("the data can't be read any more ({line}): did the file change? Open it again");
        return Error::with_message_and_status(message, Status::IO);
    }
    invalid_data(format!("the engine can't answer this: {short}"))
}
