//! What a database holds, and how a query on it is answered.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use adbc_core::error::{Error, Result, Status};
use polars::prelude::*;
use polars::sql::SQLContext;
use polars_async::executor::ALLOW_RAYON_THREADS;
use sqlparser::ast::Query;

use crate::aggregate::Numbering;
use crate::answer::Answer;
use crate::cube::{self, Cubes, Needs, Saved};
use crate::error::{engine_failed, invalid_data, said_by};
use crate::names::{self, Renames};
use crate::source::{self, Format, Watch};
use crate::sql::{self, Prepared, Request};
use crate::store::{self, Store, Stored};
use crate::{aggregate, csv, scan, subquery};

/// Room for the stack of a query: polars walks plans by recursion.
pub const STACK: usize = 64 << 20;
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
    columns: Vec<sql::Column>,
    /// How many of `columns` are of the table `sessions`.
    width: usize,
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
        /// With plain text, made when a query first needs it.
        plain: Mutex<Option<DataFrame>>,
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
            let rows = if scanned.names.iter().any(|name| name == cube::COUNT) {
                let cells = scanned.watch.during(|| scan::collect(scanned.frame).map_err(failed))?;
                Rows::Aggregated(Saved::open(&options.uri, cells)?)
            } else if scanned.fits {
                let collect = || scan::collect(scanned.frame).and_then(store::with_categories).map_err(failed);
                Rows::in_memory(scanned.watch.during(collect)?)
            } else {
                watch = Some(scanned.watch);
                Rows::Lazy(Box::new(scanned.frame))
            };
            (rows, scanned.faults, scanned.names)
        };
        let faults = faults.table(&names, &files).map_err(failed)?;
        let (mut columns, empty) = match &rows {
            Rows::Memory { coded, .. } => (
                described(coded.schema(), |name| coded.column(name).is_ok_and(|column| column.null_count() > 0)),
                coded.clear(),
            ),
            Rows::Lazy(frame) => {
                let schema = frame.clone().collect_schema().map_err(failed)?;
                (described(&schema, |_| true), DataFrame::empty_with_schema(&schema))
            }
            Rows::Aggregated(cube) => (described(cube.empty.schema(), |_| true), cube.empty.clone()),
        };
        let empty = as_text(empty).map_err(failed)?;
        let width = empty.width();
        let is_session = ["p2p", "cdn"].iter().all(|name| empty.schema().contains(name));
        let keys = columns.iter().filter(|column| names::is_dimension(&column.name) && !column.is_fraction);
        let in_memory = matches!(rows, Rows::Memory { .. });
        let cubes = Mutex::new(Cubes::new(keys.map(|column| column.name.clone()), is_session, in_memory));
        columns.extend(described(faults.schema(), |_| true));
        Ok(Engine { rows, cubes, answers: Mutex::default(), empty, faults, columns, width, watch })
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
                    let prepared = self.prepared(*query, text)?;
                    crate::answer::schema(&self.columns(&prepared.text)?)
                }
                Request::Save { .. } => Err(invalid_data("COPY has no schema: ask for that of its SELECT")),
            }
        })
    }

    /// A query in the form that it is answered in. Errors show it as `text`.
    fn prepared(&self, mut query: Query, text: &str) -> Result<Prepared> {
        subquery::evaluate(&mut query, &mut |inner: &Query| self.frame(inner.clone(), &inner.to_string()))?;
        sql::prepare(query, &self.columns, self.width).map_err(|refusal| refusal.into_error(text))
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
        let prepared = self.prepared(query, text)?;
        if prepared.no_rows {
            return self.columns(&prepared.text);
        }
        if let Some(answer) = self.ask_cube(&prepared) {
            return Ok(answer);
        }
        self.ask_rows(&prepared)
    }

    /// The answer from what has been aggregated already, if that has what the query needs.
    fn ask_cube(&self, prepared: &Prepared) -> Option<DataFrame> {
        let question = prepared.question.as_ref()?;
        let cube = match &self.rows {
            Rows::Aggregated(cube) => cube.covering(&question.needs)?,
            _ => {
                let mut cubes = self.cubes.lock().unwrap_or_else(PoisonError::into_inner);
                cubes.covering(&question.needs, self)?
            }
        };
        // What can't be said of a cube can be said of the rows.
        self.collected(&question.text, cube).ok()
    }

    fn ask_rows(&self, prepared: &Prepared) -> Result<DataFrame> {
        let run = |sessions: LazyFrame, streaming: bool| {
            let plan = self.planned(&prepared.text, sessions)?;
            let answer = if streaming { scan::collect(plan) } else { plan.collect() };
            answer.and_then(as_text).map_err(|error| explain(&error))
        };
        match &self.rows {
            Rows::Lazy(frame) => run((**frame).clone(), true),
            Rows::Aggregated(_) if !prepared.reads_sessions => run(self.empty.clone().lazy(), false),
            Rows::Aggregated(cube) => Err(cube.lacks(prepared.question.as_ref().map(|question| &question.needs))),
            Rows::Memory { coded, plain, .. } => {
                if prepared.by_category
                    && let Ok(answer) = run(coded.clone().lazy(), false)
                {
                    return Ok(answer);
                }
                // Whatever categories can't do, text can.
                let mut plain = plain.lock().unwrap_or_else(PoisonError::into_inner);
                let frame = match &*plain {
                    Some(frame) => frame.clone(),
                    None => plain.insert(as_text(coded.clone()).map_err(|error| explain(&error))?).clone(),
                };
                drop(plain);
                run(frame.lazy(), false)
            }
        }
    }

    /// The columns of an answer, without rows.
    fn columns(&self, text: &str) -> Result<DataFrame> {
        alone(|| {
            let schema = self.planned(text, self.empty.clone().lazy())?.collect_schema();
            schema.and_then(|schema| as_text(DataFrame::empty_with_schema(&schema))).map_err(|error| explain(&error))
        })
    }

    /// The answer from sessions that are at hand.
    fn collected(&self, text: &str, sessions: DataFrame) -> Result<DataFrame> {
        let is_small = sessions.height() <= FEW;
        let answer = || {
            let answer = self.planned(text, sessions.lazy())?.collect();
            answer.and_then(as_text).map_err(|error| explain(&error))
        };
        if is_small { alone(answer) } else { answer() }
    }

    /// Each query gets a context of its own, so that none sees what another left behind.
    fn planned(&self, text: &str, sessions: LazyFrame) -> Result<LazyFrame> {
        let mut context = SQLContext::new();
        context.register("sessions", sessions);
        context.register("faults", self.faults.clone().lazy());
        context.execute(text).map_err(|error| explain(&error))
    }
}

impl cube::Rows for Engine {
    fn ask(&self, query: &str) -> Option<DataFrame> {
        let query = match sql::parse(query).ok()? {
            Request::Query(query) => sql::prepare(*query, &self.columns, self.width).ok()?,
            Request::Save { .. } => return None,
        };
        self.ask_rows(&query).ok()
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
        Rows::Memory { coded, plain: Mutex::new(None), computed: Mutex::default() }
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

fn described(schema: &Schema, has_nulls: impl Fn(&str) -> bool) -> Vec<sql::Column> {
    schema
        .iter()
        .map(|(name, ty)| sql::Column {
            name: name.to_string(),
            is_text: matches!(ty, DataType::String | DataType::Categorical(..)),
            is_fraction: ty.is_float(),
            has_nulls: has_nulls(name),
        })
        .collect()
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

/// Runs polars' work on this thread, without its others: to hand a small task over takes longer than the task.
fn alone<T>(work: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            ALLOW_RAYON_THREADS.set(self.0);
        }
    }
    let _restore = Restore(ALLOW_RAYON_THREADS.replace(false));
    work()
}

/// The stack that a query may need. No query goes deeper than its text has characters.
fn stack_for(text: &str) -> usize {
    (text.len() << 14).clamp(1 << 19, STACK)
}

/// Runs work with so much stack at least; a panic in it becomes an error.
fn guarded<T>(doing: &str, stack: usize, work: impl FnOnce() -> Result<T>) -> Result<T> {
    stacker::maybe_grow(stack, STACK, || catch_unwind(AssertUnwindSafe(work))).unwrap_or_else(|panic| {
        let said = said_by(&*panic);
        Err(engine_failed(doing, format!("{said}: write it in another way, smaller steps in WITH may help")))
    })
}

/// What polars says, in a sentence.
fn explain(error: &PolarsError) -> Error {
    let full = error.to_string();
    let said = full.split("\n\nResolved plan").next().unwrap_or_default().trim();
    let quoted = |text: &str| text.split('\'').nth(1).unwrap_or_default().to_owned();
    let message = if said.contains("was not found") && said.starts_with("relation") {
        format!("there is no table {}: the rows are in the table sessions", quoted(said))
    } else if said.starts_with("unsupported function") {
        format!("the engine has no function {}: compute it from others", quoted(said).to_uppercase())
    } else if let Some(name) = said.split("unable to find column \"").nth(1).and_then(|rest| rest.split('"').next()) {
        format!(
            "{name} can't be used in this place: an alias is known in ORDER BY, and to what reads from a WITH, not beside it or in WHERE"
        )
    } else if said.contains("ESCAPE char") {
        "LIKE can't have an ESCAPE in this engine: use STARTS_WITH or = instead".to_owned()
    } else if said.contains("datatype Decimal") {
        "DECIMAL can't be cast to in this engine: use DOUBLE, and ROUND(x, 2)".to_owned()
    } else if said.contains("cannot compare string with numeric") {
        "text is compared with a number: write numbers without quotes, and text in single quotes".to_owned()
    } else if said.contains("not currently supported") && said.contains(" { ") || said.contains("([") {
        // polars prints its syntax tree.
        let kind: String = said.trim_start_matches("expression ").chars().take_while(|c| c.is_alphanumeric()).collect();
        format!("the engine can't answer this kind of expression ({kind}): write it in another way")
    } else {
        let line = said.lines().next().unwrap_or_default();
        let short: String = line.chars().take(300).collect();
        format!("the engine can't answer this: {short}")
    };
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
