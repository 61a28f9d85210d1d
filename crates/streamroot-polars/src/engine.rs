//! What a database holds, and how a query on it is answered.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use adbc_core::error::{Error, Result, Status};
use polars::prelude::*;
use polars::sql::SQLContext;
use sqlparser::ast::Query;

use crate::answer::Answer;
use crate::error::{engine_failed, invalid_data, said_by};
use crate::names::Renames;
use crate::source::{self, Format, Watch};
use crate::sql::{self, Prepared, Refusal};
use crate::store::{self, Store, Stored};
use crate::{csv, scan, subquery};

/// Room for the stack of a query: polars walks plans by recursion.
pub const STACK: usize = 64 << 20;

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
    faults: DataFrame,
    columns: Vec<sql::Column>,
    /// How many of `columns` are of the table `sessions`.
    width: usize,
    /// The files that each query reads, if it does.
    watch: Option<Watch>,
}

/// Where the rows are.
enum Rows {
    Memory {
        /// With categories for text of few distinct values.
        coded: DataFrame,
        /// With plain text, made when a query first needs it.
        plain: Mutex<Option<DataFrame>>,
    },
    /// In files that each query streams over.
    Lazy(Box<LazyFrame>),
}

impl Engine {
    /// Opens a data set.
    pub fn open(options: &Options) -> Result<Engine> {
        guarded("opening the data", || Engine::open_here(options))
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
            let rows = if scanned.fits {
                let collect = || scan::collect(scanned.frame).and_then(store::with_categories).map_err(failed);
                Rows::in_memory(scanned.watch.during(collect)?)
            } else {
                watch = Some(scanned.watch);
                Rows::Lazy(Box::new(scanned.frame))
            };
            (rows, scanned.faults, scanned.names)
        };
        let faults = faults.table(&names, &files).map_err(failed)?;
        let (mut columns, schema) = match &rows {
            Rows::Memory { coded, .. } => (
                described(coded.schema(), |name| coded.column(name).is_ok_and(|column| column.null_count() > 0)),
                coded.schema().clone(),
            ),
            Rows::Lazy(frame) => {
                let schema = frame.clone().collect_schema().map_err(failed)?;
                (described(&schema, |_| true), schema)
            }
        };
        let width = schema.len();
        columns.extend(described(faults.schema(), |_| true));
        Ok(Engine { rows, faults, columns, width, watch })
    }

    /// Answers a query.
    pub fn query(&self, text: &str) -> Result<Answer> {
        guarded("answering the query", || Answer::new(self.frame(text)?))
    }

    /// The schema of a query's answer, or of a table.
    pub fn schema(&self, text: &str) -> Result<arrow_schema::SchemaRef> {
        guarded("planning the query", || {
            let (plan, _) = self.plan(text)?;
            let schema = plan.limit(0).collect().map_err(|error| explain(&error))?;
            crate::answer::schema(&as_text(schema).map_err(|error| explain(&error))?)
        })
    }

    fn frame(&self, text: &str) -> Result<DataFrame> {
        match &self.watch {
            Some(watch) => watch.during(|| self.answered(text)),
            None => self.answered(text),
        }
    }

    fn answered(&self, text: &str) -> Result<DataFrame> {
        let (plan, prepared) = self.plan(text)?;
        let answer = match (self.run(plan), &self.rows) {
            // Whatever categories can't do, text can.
            (Err(_), Rows::Memory { .. }) if prepared.by_category => self.run(self.planned(&prepared.text, false)?),
            (answer, _) => answer,
        };
        answer.and_then(as_text).map_err(|error| explain(&error))
    }

    fn run(&self, plan: LazyFrame) -> PolarsResult<DataFrame> {
        match &self.rows {
            Rows::Memory { .. } => plan.collect(),
            Rows::Lazy(_) => scan::collect(plan),
        }
    }

    fn plan(&self, text: &str) -> Result<(LazyFrame, Prepared)> {
        let refused = |refusal: Refusal| refusal.into_error(text);
        let mut query = sql::parse(text).map_err(refused)?;
        subquery::evaluate(&mut query, &mut |inner: &Query| self.frame(&inner.to_string()))?;
        let prepared = sql::prepare(query, &self.columns, self.width).map_err(refused)?;
        let plan = match self.planned(&prepared.text, prepared.by_category) {
            Err(_) if prepared.by_category => self.planned(&prepared.text, false)?,
            plan => plan?,
        };
        Ok((plan, prepared))
    }

    /// Each query gets a context of its own, so that none sees what another left behind.
    fn planned(&self, text: &str, by_category: bool) -> Result<LazyFrame> {
        let mut context = SQLContext::new();
        context.register("sessions", self.sessions(by_category).map_err(|error| explain(&error))?);
        context.register("faults", self.faults.clone().lazy());
        context.execute(text).map_err(|error| explain(&error))
    }

    fn sessions(&self, by_category: bool) -> PolarsResult<LazyFrame> {
        match &self.rows {
            Rows::Lazy(frame) => Ok((**frame).clone()),
            Rows::Memory { coded, .. } if by_category => Ok(coded.clone().lazy()),
            Rows::Memory { coded, plain } => {
                let mut plain = plain.lock().unwrap_or_else(PoisonError::into_inner);
                if plain.is_none() {
                    *plain = Some(as_text(coded.clone())?);
                }
                Ok(plain.clone().unwrap_or_else(|| coded.clone()).lazy())
            }
        }
    }
}

impl Rows {
    fn in_memory(coded: DataFrame) -> Rows {
        Rows::Memory { coded, plain: Mutex::new(None) }
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

/// Runs work on a thread with a large stack; a panic in it becomes an error.
fn guarded<T: Send>(doing: &str, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("streamroot".to_owned()).stack_size(STACK);
        let running = thread.spawn_scoped(scope, work).map_err(|error| engine_failed(doing, error))?;
        running.join().unwrap_or_else(|panic| {
            let said = said_by(&*panic);
            Err(engine_failed(doing, format!("{said}: write it in another way, smaller steps in WITH may help")))
        })
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
