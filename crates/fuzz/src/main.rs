#![no_main]
#![allow(dead_code, reason = "of the engine, only what reads CSV files and answers")]
//! Opens what libFuzzer makes up as a CSV file, strictly and leniently, and compares what the engine says of it with what a
//! simple reader finds. `cargo lab fuzz` builds it so that libFuzzer sees which ways through the engine a file has taken.

#[path = "../../streamroot/tests/support/simple_reader.rs"]
mod simple_reader;

use std::path::PathBuf;
use std::sync::LazyLock;

use adbc_core::options::{OptionDatabase, OptionValue};
use adbc_core::{Connection, Database, Driver, Statement};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use engine::driver::PolarsDriver;
use libfuzzer_sys::fuzz_target;

static FILE: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("streamroot-fuzz-{}.csv", std::process::id())));

fuzz_target!(|bytes: &[u8]| {
    std::fs::write(&*FILE, bytes).expect("the directory for temporary files can be written to");
    let path = FILE.to_string_lossy();
    if let Err(what) = simple_reader::judge(&path, bytes, ask(&path, "strict"), ask(&path, "lenient")) {
        panic!("{what}\n{:?}", String::from_utf8_lossy(bytes));
    }
});

fn ask(path: &str, mode: &str) -> Result<[f64; 5], String> {
    let options = [("uri", path), ("streamroot.mode", mode)];
    let options = options.map(|(key, value)| (OptionDatabase::from(key), OptionValue::from(value)));
    let answer = || -> adbc_core::error::Result<Vec<RecordBatch>> {
        let database = PolarsDriver.new_database_with_opts(options)?;
        let mut connection = database.new_connection()?;
        let mut statement = connection.new_statement()?;
        statement.set_sql_query(simple_reader::QUESTION)?;
        Ok(statement.execute()?.collect::<Result<_, _>>()?)
    };
    let batches = answer().map_err(|error| error.message)?;
    let row = batches.iter().find(|batch| batch.num_rows() > 0).expect("an aggregate has a row");
    Ok([0, 1, 2, 3, 4].map(|i| number(row.column(i))))
}

fn number(column: &dyn Array) -> f64 {
    match column.as_primitive_opt::<Int64Type>() {
        Some(whole) => whole.value(0) as f64,
        None => column.as_primitive::<Float64Type>().value(0),
    }
}
