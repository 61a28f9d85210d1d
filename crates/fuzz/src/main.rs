#![no_main]
//! Opens what libFuzzer makes up, and compares what the engine says of it with what is right. `cargo lab fuzz` builds it so that
//! libFuzzer sees which ways through the engine a file has taken.
//!
//! Bytes that begin as text files do (a letter, `#`, a quote, a byte order mark) are a CSV file, which a simple reader reads as
//! well. Others are choices: they make up a table of columns of all types, whose cells are known, which the engine reads from
//! CSV, and from Parquet and Arrow that are made of what it has read.

#[path = "../../streamroot/tests/support/simple_reader.rs"]
mod simple_reader;
#[path = "../../streamroot/tests/support/tables.rs"]
mod tables;

use std::fs::File;
use std::path::PathBuf;
use std::sync::LazyLock;

use adbc_core::error::Result as Answered;
use adbc_core::options::{OptionDatabase, OptionValue};
use adbc_core::{Connection, Database, Driver, Statement};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use engine::driver::PolarsDriver;
use libfuzzer_sys::fuzz_target;
use polars::prelude::{IpcWriter, ParquetReader, SerReader, SerWriter};

static FILE: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("streamroot-fuzz-{}.csv", std::process::id())));

fuzz_target!(|bytes: &[u8]| {
    let is_file =
        bytes.first().is_none_or(|byte| matches!(byte, b'#' | b'"' | b' ' | 0xef) || byte.is_ascii_alphabetic());
    let went = if is_file { file(bytes) } else { table(bytes) };
    if let Err(what) = went {
        panic!("{what}\n{:?}", String::from_utf8_lossy(bytes));
    }
});

fn file(bytes: &[u8]) -> Result<(), String> {
    std::fs::write(&*FILE, bytes).map_err(|error| error.to_string())?;
    let path = FILE.to_string_lossy();
    simple_reader::judge(&path, bytes, ask(&path, "strict"), ask(&path, "lenient")).map(|_| ())
}

/// Each byte is a choice; when there are no more, the first one is taken.
fn table(bytes: &[u8]) -> Result<(), String> {
    let mut choices = bytes.iter().skip(1);
    let mut next = move || choices.next().copied().map_or(0, usize::from);
    let made = tables::made(&mut |n| if n <= 256 { next() % n } else { (next() << 16 | next() << 8 | next()) % n });
    let (csv, parquet, arrow) = (FILE.clone(), FILE.with_extension("parquet"), FILE.with_extension("arrow"));
    std::fs::write(&csv, &made.text).map_err(|error| error.to_string())?;
    let copied = || -> Answered<()> {
        let copy = format!("COPY (SELECT * FROM sessions) TO '{}' (FORMAT PARQUET)", parquet.to_string_lossy());
        answer(&csv.to_string_lossy(), "strict", &copy).map(|_| ())
    };
    copied().map_err(|error| format!("{}\n{}", error.message, made.text))?;
    let rows = || -> polars::prelude::PolarsResult<()> {
        let mut rows = ParquetReader::new(File::open(&parquet)?).finish()?;
        IpcWriter::new(File::create(&arrow)?).finish(&mut rows)
    };
    rows().map_err(|error| error.to_string())?;
    for path in [&csv, &parquet, &arrow] {
        let path = path.to_string_lossy();
        for column in 0..made.cells[0].len() {
            let there = made.cells.iter().filter(|row| row[column] != "-").count();
            let sql = format!("SELECT COUNT(\"{0}\") AS n FROM sessions", made.names[column]);
            let found = answer(&path, "strict", &sql).map(|batches| first(&batches, 0));
            if !matches!(found, Ok(found) if found == there as f64) {
                return Err(format!(
                    "{path}: {found:?} values of {} and not {there} in\n{}",
                    made.names[column], made.text
                ));
            }
            if column == 8 {
                // As many as are soon asked.
                break;
            }
        }
    }
    Ok(())
}

fn answer(path: &str, mode: &str, sql: &str) -> Answered<Vec<RecordBatch>> {
    let options = [("uri", path), ("streamroot.mode", mode)];
    let options = options.map(|(key, value)| (OptionDatabase::from(key), OptionValue::from(value)));
    let database = PolarsDriver.new_database_with_opts(options)?;
    let mut connection = database.new_connection()?;
    let mut statement = connection.new_statement()?;
    statement.set_sql_query(sql)?;
    Ok(statement.execute()?.collect::<Result<_, _>>()?)
}

fn ask(path: &str, mode: &str) -> Result<[f64; 5], String> {
    let batches = answer(path, mode, simple_reader::QUESTION).map_err(|error| error.message)?;
    Ok([0, 1, 2, 3, 4].map(|i| first(&batches, i)))
}

/// The number in the first row, which an aggregate has.
fn first(batches: &[RecordBatch], column: usize) -> f64 {
    let row = batches.iter().find(|batch| batch.num_rows() > 0).expect("an aggregate has a row");
    number(row.column(column))
}

fn number(column: &dyn Array) -> f64 {
    match column.as_primitive_opt::<Int64Type>() {
        Some(whole) => whole.value(0) as f64,
        None => column.as_primitive::<Float64Type>().value(0),
    }
}
