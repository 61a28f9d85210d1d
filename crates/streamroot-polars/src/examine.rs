//! Looks at Parquet and Arrow files: their columns get the names and types of a session's, and their values are looked at.

use adbc_core::error::{Error, Result};
use polars::io::HiveOptions;
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::{damaged, invalid_data, ours};
use crate::faults::{Entry, Fault};
use crate::names::{COUNT, Renames, Role, role};
use crate::source::{Format, Input};
use crate::{batches, csv, widen};

/// What a reading of all rows has found.
#[derive(Serialize, Deserialize)]
pub struct Examined {
    pub rows: u64,
    /// What is wrong, by the column and then the kind.
    pub faults: Vec<Entry>,
}

/// Reads all rows, counts them, and finds what is wrong with their values.
pub fn examine(inputs: &[Input], renames: &Renames) -> Result<Examined> {
    let first = shown(inputs);
    let wrong = |error: PolarsError| unreadable(&first, &error);
    let Plan { raw, originals, values, suspects, .. } = Plan::new(inputs, renames)?;
    let number = |expr: Expr| expr.cast(DataType::Int64);
    let mut counts: Vec<Expr> = suspects
        .iter()
        .enumerate()
        .map(|(i, (_, _, suspect))| number(suspect.clone().sum()).alias(format!("{i}")))
        .collect();
    counts.push(number(len()).alias("rows"));
    // Each value is read, and each column must have as many as there are rows.
    for (i, value) in values.iter().enumerate() {
        counts.push(number(unaliased(value).count()).alias(format!("values {i}")));
    }
    let counts = collect(raw.clone().select(counts)).map_err(wrong)?;
    let count = |name: &str| -> u64 {
        let value = counts.column(name).ok().and_then(|column| column.get(0).ok()?.try_extract::<i64>().ok());
        value.and_then(|n| u64::try_from(n).ok()).unwrap_or(0)
    };
    let rows = count("rows");
    // What the files say of themselves, which a query may be answered from.
    let said = collect(raw.clone().select([number(len()).alias("rows")])).map_err(wrong)?;
    let said = said.column("rows").and_then(|column| column.get(0)?.try_extract::<i64>()).map_err(wrong)?;
    let is_gap = |i: usize| suspects.iter().position(|(column, fault, _)| *column == i && *fault == Fault::Missing);
    let gaps = |i: usize| is_gap(i).map_or(0, |place| count(&format!("{place}")));
    let whole = |i: usize| count(&format!("values {i}")) + gaps(i) == rows;
    if u64::try_from(said) != Ok(rows) || !(0..values.len()).all(whole) {
        let how = format!("it says that it has {said} rows, and has another number");
        return Err(damaged(first, how));
    }

    if inputs[0].format == Format::Ipc {
        let mut found = 0;
        for input in inputs {
            found += batches::rows(&input.path).map_err(|what| damaged(input.path.display(), what))?;
        }
        if found != rows {
            let how = format!("its list of batches leads to {rows} rows, and its batches have {found}");
            return Err(damaged(first, how));
        }
    }

    let mut faults = Vec::new();
    for (i, (column, fault, suspect)) in suspects.into_iter().enumerate() {
        // What is no boolean is null by now; it is counted once, as what it is.
        let rows = count(&format!("{i}"));
        if rows > 0 {
            let (file, line, example) = first_place(inputs, &originals[column], suspect).map_err(wrong)?;
            faults.push(Entry { fault, column: Some(column), rows, line, file, example });
        }
    }
    Ok(Examined { rows, faults })
}

/// How the columns of files become those of sessions.
pub struct Plan {
    pub raw: LazyFrame,
    /// The names in the file, and those they get.
    originals: Vec<String>,
    pub names: Vec<String>,
    /// The values of each column, under its new name.
    pub values: Vec<Expr>,
    /// For a column, what may be wrong with it, and where that is so.
    pub suspects: Vec<(usize, Fault, Expr)>,
}

impl Plan {
    pub fn new(inputs: &[Input], renames: &Renames) -> Result<Plan> {
        let first = shown(inputs);
        let mut raw = scan(inputs, None).map_err(|error| unreadable(&first, &error))?;
        let schema = raw.collect_schema().map_err(|error| unreadable(&first, &error))?;
        let originals: Vec<String> = schema.iter_names().map(ToString::to_string).collect();
        // The columns of a cube are named by what they hold, and it has none of a session's bytes.
        let names = if originals.iter().any(|name| name == COUNT) {
            originals.clone()
        } else {
            renames.apply(&first, &originals)?
        };

        let mut values = Vec::new();
        let mut suspects: Vec<(usize, Fault, Expr)> = Vec::new();
        for (i, ((original, ty), name)) in schema.iter().zip(&names).enumerate() {
            let source = col(original.clone());
            let value = typed(&first, name, source.clone(), ty)?;
            suspects.push((i, Fault::Missing, value.clone().is_null()));
            match role(name) {
                Role::P2p | Role::Cdn => {
                    suspects.push((i, Fault::Negative, value.clone().lt(lit(0.0))));
                    suspects.push((i, Fault::Infinite, value.clone().eq(lit(f64::INFINITY))));
                }
                Role::Connected if *ty != DataType::Boolean => {
                    suspects.push((i, Fault::NotABoolean, value.clone().is_null().and(source.is_not_null())));
                }
                _ => {}
            }
            values.push(value.alias(name.as_str()));
        }
        let place = |wanted: Role| names.iter().position(|name| role(name) == wanted);
        if let (Some(p2p), Some(connected)) = (place(Role::P2p), place(Role::Connected)) {
            let unconnected = unaliased(&values[p2p]).gt(lit(0.0)).and(unaliased(&values[connected]).not());
            suspects.push((p2p, Fault::P2pUnconnected, unconnected));
        }
        Ok(Plan { raw, originals, names, values, suspects })
    }
}

/// What is said of several files names the first.
pub fn shown(inputs: &[Input]) -> String {
    inputs.first().map(|input| input.path.display().to_string()).unwrap_or_default()
}

pub fn unaliased(expr: &Expr) -> Expr {
    match expr {
        Expr::Alias(inner, _) => (**inner).clone(),
        other => other.clone(),
    }
}

/// Runs a plan in bounded memory.
pub fn collect(plan: LazyFrame) -> PolarsResult<DataFrame> {
    plan.collect_with_engine(Engine::Streaming).map(|result| result.unwrap_single())
}

/// The rows of all files, and in the column `path`, if it is named, the path of each one's file.
fn scan(inputs: &[Input], path: Option<&str>) -> PolarsResult<LazyFrame> {
    if let Some(widened) = widen::widened(inputs, path)? {
        return Ok(widened);
    }
    let paths: Vec<String> = inputs.iter().map(|input| input.path.to_string_lossy().into_owned()).collect();
    let hive_options = HiveOptions { enabled: Some(!inputs[0].partitions.is_empty()), ..HiveOptions::new_enabled() };
    let include_file_paths = path.map(PlSmallStr::from);
    let sources = ScanSources::Paths(paths.iter().map(|path| PlRefPath::new(path.as_str())).collect());
    match inputs[0].format {
        Format::Ipc => {
            let args = UnifiedScanArgs { hive_options, glob: false, include_file_paths, ..UnifiedScanArgs::default() };
            LazyFrame::scan_ipc_sources(sources, IpcScanOptions::default(), args)
        }
        _ => {
            // A query must not leave rows out because of damaged statistics, which nothing can be checked against.
            let args = ScanArgsParquet {
                hive_options,
                glob: false,
                use_statistics: false,
                include_file_paths,
                ..ScanArgsParquet::default()
            };
            LazyFrame::scan_parquet_sources(sources, args)
        }
    }
}

/// A column in the type that its role has; other columns in one of the types that the engine computes with.
fn typed(file: &str, name: &str, source: Expr, ty: &DataType) -> Result<Expr> {
    let is_text = matches!(ty, DataType::String | DataType::Categorical(..) | DataType::Enum(..));
    let wrong = |expected: &str| {
        invalid_data(format!(
            "{file}: column {name} holds values of type {ty}, not {expected}: convert it when the file is written"
        ))
    };
    Ok(match role(name) {
        Role::P2p | Role::Cdn if ty.is_numeric() || ty.is_decimal() => {
            let number = source.strict_cast(DataType::Float64);
            // NaN is how some writers say that a value is missing.
            if ty.is_float() { when(number.clone().is_nan()).then(lit(NULL)).otherwise(number) } else { number }
        }
        Role::P2p | Role::Cdn => return Err(wrong("numbers of bytes")),
        Role::Connected if *ty == DataType::Boolean => source,
        Role::Connected if is_text || ty.is_integer() => boolean(source.cast(DataType::String)),
        Role::Connected => return Err(wrong("booleans")),
        Role::Name if ty.is_nested() => return Err(wrong("text")),
        Role::Name => source.cast(DataType::String),
        _ if is_text => source.cast(DataType::String),
        _ if ty.is_integer() && *ty != DataType::UInt64 => source.strict_cast(DataType::Int64),
        _ if ty.is_float() => source.cast(DataType::Float64),
        // Instants of any zone are those of UTC.
        _ if matches!(ty, DataType::Datetime(..)) => source.cast(DataType::Datetime(TimeUnit::Microseconds, None)),
        _ => source,
    })
}

/// A boolean in any of the forms that a CSV file may use.
fn boolean(text: Expr) -> Expr {
    let read = |text: Column| {
        let words: BooleanChunked = text.str()?.iter().map(|text| csv::value::boolean(text?.as_bytes())).collect();
        Ok(words.with_name(text.name().clone()).into_column())
    };
    text.map(read, |_, field| Ok(Field::new(field.name().clone(), DataType::Boolean)))
}

/// The first row with a fault: its file, its number there, from 1, and the value.
fn first_place(inputs: &[Input], column: &str, suspect: Expr) -> PolarsResult<(usize, u64, String)> {
    const ROW: &str = "row of all";
    const PATH: &str = "path of the file";
    let number = |frame: &DataFrame, name: &str| frame.column(name)?.get(0)?.try_extract::<i64>();
    let found = collect(
        scan(inputs, Some(PATH))?
            .with_row_index(ROW, Some(1))
            .filter(suspect)
            .select(
                [(ROW, DataType::Int64), (PATH, DataType::String), (column, DataType::String)]
                    .map(|(name, ty)| col(name).cast(ty)),
            )
            .limit(1),
    )?;
    let path = found.column(PATH)?.str()?.get(0).unwrap_or_default();
    let file = inputs.iter().position(|input| input.path.to_string_lossy() == path).unwrap_or(0);
    let before = match file {
        0 => 0,
        _ => number(&collect(scan(&inputs[..file], None)?.select([len().cast(DataType::Int64).alias(ROW)]))?, ROW)?,
    };
    let row = number(&found, ROW)? - before;
    let value = found.column(column)?.str()?.get(0).unwrap_or_default().to_owned();
    Ok((file, u64::try_from(row).unwrap_or(0), value))
}

fn unreadable(file: &str, error: &PolarsError) -> Error {
    if let Some(sentence) = ours(error) {
        return invalid_data(sentence);
    }
    let said = error.to_string();
    let said = said.lines().next().unwrap_or_default();
    let message = match error {
        PolarsError::SchemaMismatch(_) | PolarsError::SchemaFieldNotFound(_) | PolarsError::ColumnNotFound(_) => {
            format!("{file} and the files beside it have different columns ({said}): open files of one kind")
        }
        _ if said.contains("not yet implemented") => {
            format!(
                "{file} has a column of a type that can't be read ({said}): leave it out, or convert it when the file is written"
            )
        }
        _ if said.contains("NegativeFooterLength") => format!(
            "{file} is damaged or cut off, or has decimals of a negative scale, which can't be read ({said}): get it again, or convert them"
        ),
        _ => return damaged(file, said),
    };
    invalid_data(message)
}
