//! What a database holds, and how a query on it is answered.

use std::fs::File;
use std::path::PathBuf;

use adbc_core::error::{Error, Result};
use polars::prelude::*;
use polars::sql::SQLContext;

use crate::answer::Answer;
use crate::csv;
use crate::error::invalid_data;
use crate::names::Renames;
use crate::source::{self, Format};
use crate::sql::{self, Prepared, Table, refuse};
use crate::store::{Store, Stored, default_budget, scan};

/// How a data set is to be opened.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub uri: String,
    pub lenient: bool,
    pub renames: Renames,
    /// Bytes of memory that rows may take.
    pub memory: Option<usize>,
    pub spill: Option<PathBuf>,
}

/// An opened data set.
pub struct Engine {
    data: Data,
    faults: DataFrame,
}

enum Data {
    Memory(DataFrame),
    File(File),
}

impl Engine {
    pub fn open(options: &Options) -> Result<Engine> {
        let inputs = source::find(&options.uri)?;
        let files: Vec<PathBuf> = inputs.iter().map(|input| input.path.clone()).collect();
        match inputs[0].format {
            Format::Csv(_) => {
                let beside = files[0].parent().map(|p| if p.as_os_str().is_empty() { PathBuf::from(".") } else { p.to_path_buf() });
                let spill_to = match &options.spill {
                    Some(directory) => vec![directory.clone()],
                    None => beside.into_iter().chain([std::env::temp_dir()]).collect(),
                };
                let mut store = Store::new(options.memory.unwrap_or_else(default_budget), spill_to);
                let outcome = csv::read(&inputs, &options.renames, !options.lenient, &mut store)?;
                let names: Vec<String> = outcome.columns.iter().map(|c| c.name.clone()).collect();
                let faults = outcome.faults.table(&names, &files).map_err(failed)?;
                let data = match store.finish(&outcome.columns)? {
                    Stored::Memory(frame) => Data::Memory(frame),
                    Stored::File(file) => Data::File(file),
                };
                Ok(Engine { data, faults })
            }
            _ => Err(invalid_data("TODO")),
        }
    }

    /// Answers a query.
    pub fn query(&self, sql: &str) -> Result<Answer> {
        let query = refuse(sql::parse(sql), sql)?;
        let tables = self.tables();
        let prepared = refuse(sql::prepare(query, &tables), sql)?;
        let frame = self.run(&prepared)?;
        Answer::new(frame)
    }

    fn tables(&self) -> Vec<Table<'_>> {
        let mut tables = Vec::new();
        for (name, frame) in [("sessions", self.sample()), ("faults", &self.faults)] {
            let columns: Vec<&str> = frame.schema().iter_names().map(|n| n.as_str()).collect();
            let text_columns = frame
                .schema()
                .iter()
                .filter(|(_, ty)| matches!(ty, DataType::String | DataType::Categorical(..)))
                .map(|(n, _)| n.as_str())
                .collect();
            tables.push(Table { name, columns, text_columns });
        }
        tables
    }

    fn sample(&self) -> &DataFrame {
        match &self.data {
            Data::Memory(frame) => frame,
            Data::File(_) => &self.faults,
        }
    }

    fn run(&self, prepared: &Prepared) -> Result<DataFrame> {
        let mut context = SQLContext::new();
        let (sessions, engine) = match &self.data {
            Data::Memory(frame) => {
                let frame = if prepared.by_category { frame.clone() } else { plain(frame.clone()).map_err(failed)? };
                (frame.lazy(), polars::prelude::Engine::InMemory)
            }
            Data::File(file) => (scan(file).map_err(failed)?, polars::prelude::Engine::Streaming),
        };
        context.register("sessions", sessions);
        context.register("faults", self.faults.clone().lazy());
        let frame = context
            .execute(&prepared.text)
            .and_then(|plan| plan.collect_with_engine(engine))
            .map_err(|e| invalid_data(format!("{e} <<< {}", prepared.text)))?
            .unwrap_single();
        plain(frame).map_err(failed)
    }
}

/// The frame with text instead of categories.
fn plain(mut frame: DataFrame) -> PolarsResult<DataFrame> {
    for i in 0..frame.width() {
        if matches!(frame.columns()[i].dtype(), DataType::Categorical(..)) {
            let text = frame.columns()[i].cast(&DataType::String)?;
            frame.replace_column(i, text)?;
        }
    }
    Ok(frame)
}

fn failed(error: PolarsError) -> Error {
    invalid_data(error.to_string())
}
