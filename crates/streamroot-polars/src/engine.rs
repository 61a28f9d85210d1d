//! What a database holds, and how a query on it is answered.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use adbc_core::error::{Error, Result, Status};
use polars::prelude::*;
use sqlparser::ast::Query;

use crate::aggregate::Numbering;
use crate::answer::Answer;
use crate::cube::{self, Cubes, Needs, Question, Saved};
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
use crate::{aggregate, csv, scan};

/// Sessions of no more rows than this are asked by one thread.
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
}

/// An opened data set.
pub struct Engine {
    rows: Rows,
    /// What has been aggregated of the rows.
    cubes: Mutex<Cubes>,
    answers: Mutex<Answers>,
    /// No sessions, with all columns.
    empty: DataFrame,
    faults: DataFrame,
    /// The tables of queries: `sessions`, then `faults`.
    tables: [Table; 2],
    /// The files that each query reads, if it does.
    watch: Option<Watch>,
}

/// What has been computed of each session for a cube, and is used again for the next one.
#[derive(Default)]
struct Computed {
    /// Measures and conditions that are no columns of the sessions, each under its SQL's name.
    columns: Vec<Column>,
    cells: Option<Numbering>,
}

/// Where the rows are.
enum Rows {
    Memory {
        /// With categories for text of few distinct values.
        coded: DataFrame,
        computed: Mutex<Computed>,
    },
    /// In files that each query streams over.
    Lazy(Box<LazyFrame>),
    /// Nowhere: a cube of them was saved.
    Aggregated(Saved),
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
                Stored::Memory(frame) => Rows::in_memory(frame),
                Stored::File(file) => Rows::Lazy(Box::new(store::scan(&file).map_err(failed)?)),
            };
            (rows, read.faults, names)
        } else {
            let scanned = scan::open(&inputs, &options.renames, strict)?;
            let rows = if scanned.names.iter().any(|name| name == names::COUNT) {
                let cells = scanned.watch.during(|| collect_streaming(scanned.frame).map_err(failed))?;
                Rows::Aggregated(Saved::open(&options.uri, cells)?)
            } else if scanned.fits {
                let collect = || collect_streaming(scanned.frame).and_then(store::with_categories).map_err(failed);
                Rows::in_memory(scanned.watch.during(collect)?)
            } else {
                watch = Some(scanned.watch);
                Rows::Lazy(Box::new(scanned.frame))
            };
            (rows, scanned.faults, scanned.names)
        };
        let faults = faults.table(&names, &files).map_err(failed)?;
        let empty = match &rows {
            Rows::Memory { coded, .. } => coded.clear(),
            Rows::Lazy(frame) => {
                let schema = frame.clone().collect_schema().map_err(failed)?;
                DataFrame::empty_with_schema(&schema)
            }
            Rows::Aggregated(cube) => cube.empty.clone(),
        };
        let is_session = ["p2p", "cdn"].iter().all(|name| empty.schema().contains(name));
        let keys = empty.schema().iter().filter(|(name, ty)| names::is_dimension(name) && !ty.is_float());
        let keys: Vec<String> = keys.map(|(name, _)| name.to_string()).collect();
        let in_memory = matches!(rows, Rows::Memory { .. });
        let cubes = Mutex::new(Cubes::new(keys.into_iter(), is_session, in_memory));
        let tables = [table("sessions", empty.schema()), table("faults", faults.schema())];
        Ok(Engine { rows, cubes, answers: Mutex::default(), empty, faults, tables, watch })
    }

    /// Answers a query, or saves its answer in a file and answers with the number of rows.
    pub fn query(&self, text: &str) -> Result<Answer> {
        guarded("answering the query", stack_for(text), || {
            let frame = match sql::parse(text).map_err(|refusal| refusal.into_error(text))? {
                Request::Query(query) => self.frame(*query, text)?,
                Request::Save { query, path } => {
                    let mut frame = self.frame(*query, text)?;
                    store::save(&mut frame, Path::new(&path))?;
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
        let question = cube::question(&query, &|name| self.is_key(name));
        if let Some(answer) = question.as_ref().and_then(|question| self.ask_cube(question)) {
            return Ok(answer);
        }
        self.ask_rows(&planned, &query, question.as_ref().map(|question| &question.needs))
    }

    /// Whether sessions can be told apart by a column's values: names, whole numbers and truth values, but not bytes.
    fn is_key(&self, name: &str) -> bool {
        self.empty.schema().get(name).is_some_and(|ty| !ty.is_float())
    }

    /// The answer from what has been aggregated already, if that has what the query needs.
    fn ask_cube(&self, question: &Question) -> Option<DataFrame> {
        let cube = match &self.rows {
            Rows::Aggregated(cube) => cube.covering(&question.needs)?,
            _ => {
                let mut cubes = self.cubes.lock().unwrap_or_else(PoisonError::into_inner);
                cubes.covering(&question.needs, self)?
            }
        };
        let tables = [table("sessions", cube.schema()), self.tables[1].clone()];
        // What can't be said of a cube can be said of the rows.
        let planned = plan(&question.query, &tables).ok()?;
        let is_small = cube.height() <= FEW;
        let answer = || self.run(&planned, cube.lazy(), &|plan| plan.collect()).ok();
        if is_small { alone(answer) } else { answer() }
    }

    fn ask_rows(&self, planned: &Planned, query: &Query, needs: Option<&Needs>) -> Result<DataFrame> {
        match &self.rows {
            Rows::Lazy(frame) => self.run(planned, (**frame).clone(), &collect_streaming),
            Rows::Aggregated(_) if !sql::reads_sessions(query) => {
                self.run(planned, self.empty.clone().lazy(), &|plan| plan.collect())
            }
            Rows::Aggregated(cube) => Err(cube.lacks(needs)),
            Rows::Memory { coded, .. } => self.run(planned, coded.clone().lazy(), &|plan| plan.collect()),
        }
    }

    fn run(&self, planned: &Planned, sessions: LazyFrame, collect: Collect) -> Result<DataFrame> {
        let source = |mut frame: LazyFrame| -> PolarsResult<Source> {
            let schema = frame.collect_schema()?;
            Ok(Source { frame, schema })
        };
        let answer = || {
            let sources = [source(sessions)?, source(self.faults.clone().lazy())?];
            steps::answer(planned, &sources, collect)
        };
        answer().map_err(|error: PolarsError| explain(&error))
    }
}

impl cube::Rows for Engine {
    fn ask(&self, query: &str) -> Option<DataFrame> {
        let Request::Query(query) = sql::parse(query).ok()? else { return None };
        let planned = plan(&query, &self.tables).ok()?;
        self.ask_rows(&planned, &query, None).ok()
    }

    fn cube(&self, needs: &Needs) -> Option<DataFrame> {
        let Rows::Memory { coded, computed, .. } = &self.rows else { return None };
        let wanted = aggregate::computed(needs, |name| coded.schema().contains(name));
        let mut computed = computed.lock().unwrap_or_else(PoisonError::into_inner);
        let Computed { columns: computed, cells } = &mut *computed;
        computed.retain(|column| wanted.iter().any(|(name, _)| column.name().as_str() == name));
        let new = wanted.iter().filter(|(name, _)| computed.iter().all(|column| column.name().as_str() != name));
        let new: Vec<String> = new.map(|(name, sql)| format!("{sql} AS {}", cube::quoted(name))).collect();
        if !new.is_empty() {
            let new = cube::Rows::ask(self, &format!("SELECT {} FROM sessions", new.join(", ")))?;
            computed.extend(new.columns().iter().cloned());
        }
        let mut frame = coded.clone();
        frame.hstack_mut(computed).ok()?;
        as_text(aggregate::cube(&frame, needs, cells).ok()??).ok()
    }
}

/// Answers that were given, as long as there is room. The same question has the same answer, since rows do not change.
#[derive(Default)]
struct Answers {
    given: HashMap<String, DataFrame>,
    order: VecDeque<String>,
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
        if self.order.len() >= Answers::MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.given.remove(&oldest);
        }
        self.order.push_back(text.to_owned());
        self.given.insert(text.to_owned(), answer.clone());
    }
}

impl Rows {
    fn in_memory(coded: DataFrame) -> Rows {
        Rows::Memory { coded, computed: Mutex::default() }
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

/// A frame with text instead of categories, and with whole numbers of 64 bits.
fn as_text(mut frame: DataFrame) -> PolarsResult<DataFrame> {
    for i in 0..frame.width() {
        let to = match frame.columns()[i].dtype() {
            DataType::Categorical(..) => DataType::String,
            ty if ty.is_integer() && !matches!(ty, DataType::Int64 | DataType::UInt64) => DataType::Int64,
            _ => continue,
        };
        let column = frame.columns()[i].cast(&to)?;
        frame.replace_column(i, column)?;
    }
    Ok(frame)
}

/// What polars says, in a sentence.
fn explain(error: &PolarsError) -> Error {
    if let Some(sentence) = ours(error) {
        return invalid_data(sentence);
    }
    let said = error.to_string();
    let line = said.split("\n\nResolved plan").next().unwrap_or_default().trim();
    let short: String = line.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect();
    let message = format!("the engine can't answer this: {short}");
    match error {
        PolarsError::IO { .. } => Error::with_message_and_status(
            format!(
                "the data can't be read any more ({}): did the file change? Open it again",
                said.lines().next().unwrap_or_default()
            ),
            Status::IO,
        ),
        _ => invalid_data(message),
    }
}
