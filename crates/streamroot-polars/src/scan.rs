//! Opens Parquet and Arrow files, which have been [tried](trial) before.
//!
//! Files of up to some million rows are read into memory, as CSV files are. Larger ones stay where they are, and each
//! query streams over them.

use adbc_core::error::Result;
use polars::prelude::*;

use crate::error::{engine_failed, invalid_data};
use crate::examine::{Plan, shown, unaliased};
use crate::faults::{Entry, Fault, Faults};
use crate::names::Renames;
use crate::plan::types::Type;
use crate::source::{Input, Watch};
use crate::store::MOST_ROWS_IN_MEMORY;
use crate::trial;

/// What has been opened.
pub struct Scanned {
    pub frame: LazyFrame,
    pub names: Vec<String>,
    pub faults: Faults,
    /// Whether the rows are few enough to be kept in memory.
    pub fits: bool,
    pub watch: Watch,
}

/// Opens files. With `strict`, the first fault other than a missing value is an error; without, such values are null.
pub fn open(inputs: &[Input], renames: &Renames, strict: bool) -> Result<Scanned> {
    let watch = Watch::of(inputs)?;
    let examined = trial::examine(inputs, renames, &watch)?;
    let first = shown(inputs);
    let Plan { raw, names, mut values, suspects, .. } = watch.during(|| Plan::new(inputs, renames))?;
    if examined.rows == 0 {
        return Err(invalid_data(format!("{first} has columns and no row: there is nothing to analyse")));
    }
    for (column, fault, suspect) in suspects {
        let found = examined.faults.iter().any(|entry| entry.column == Some(column) && entry.fault == fault);
        if found && fault != Fault::Missing && fault != Fault::NotABoolean {
            values[column] =
                when(suspect).then(lit(NULL)).otherwise(unaliased(&values[column])).alias(names[column].as_str());
        }
    }
    let mut faults = Faults(examined.faults);
    if let (true, Some(entry)) = (strict, faults.first_refused()) {
        let column = entry.column.map(|column| names[column].as_str());
        return Err(entry.describe(&inputs[entry.file].path, "row", column));
    }
    let mut frame = raw.select(values);
    let schema = watch.during(|| frame.collect_schema().map_err(|error| engine_failed("opening the data", error)))?;
    for (i, ty) in schema.iter_values().enumerate().filter(|(_, ty)| Type::of_column(ty).is_none()) {
        let (rows, example) = (examined.rows, ty.to_string());
        faults.0.push(Entry { fault: Fault::Unusable, column: Some(i), rows, line: 1, file: 0, example });
    }
    faults.sort();
    Ok(Scanned { frame, names, faults, fits: examined.rows <= MOST_ROWS_IN_MEMORY, watch })
}
