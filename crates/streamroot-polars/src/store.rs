//! Where the rows of CSV files go: memory, or, when they do not fit there, a Parquet file without a name.

use std::fmt::Display;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use adbc_core::error::{Error, Result, Status};
use polars::io::HiveOptions;
use polars::prelude::*;
use polars_arrow::array::BooleanArray;
use polars_arrow::bitmap::{Bitmap, MutableBitmap};
use polars_parquet::read::{infer_schema, read_metadata};

use crate::csv::Sink;
use crate::csv::column::{Chunk, Column as Described, Data, Values};
use crate::csv::value::Type;
use crate::error::{engine_failed, invalid_argument};
use crate::names::COUNT;

/// A text column with more distinct values than this is kept as plain strings.
const MOST_CATEGORIES: usize = 1 << 16;
/// Files of more rows, other than CSV, are not read into memory.
pub const MOST_ROWS_IN_MEMORY: u64 = 4_000_000;
/// How many rows go to the file at once.
const ROW_GROUP: usize = 1 << 19;

/// Rows that have been read.
pub enum Stored {
    Memory(DataFrame),
    /// In a Parquet file without a name.
    File(Box<LazyFrame>),
}

/// Collects rows in memory up to a number of bytes, and in a file from there on.
pub struct Store {
    budget: usize,
    spill_to: Vec<PathBuf>,
    columns: Vec<Values>,
    rows: usize,
    spill: Option<Spill>,
}

/// A Parquet file without a name, while it is written.
pub struct Spill {
    file: File,
    path: PathBuf,
    writer: polars::io::parquet::write::BatchedWriter<File>,
}

impl Store {
    /// `spill_to`: directories to try, in this order, when the rows take more than `budget` bytes.
    pub fn new(budget: usize, spill_to: Vec<PathBuf>) -> Store {
        Store { budget, spill_to, columns: Vec::new(), rows: 0, spill: None }
    }

    pub fn finish(mut self, columns: &[Described]) -> Result<Stored> {
        if self.spill.is_none() {
            let coded = self.take(columns, true);
            return coded.and_then(|rows| rows.part(0, usize::MAX)).map(Stored::Memory).map_err(kept_badly);
        }
        self.write(columns)?;
        let Some(spill) = self.spill else { return Err(kept_badly("no file")) };
        spill.finish().map(Box::new).map(Stored::File)
    }

    /// Writes the rows to the file, a part of them after another, since text takes more room there than it does as codes.
    fn write(&mut self, columns: &[Described]) -> Result<()> {
        let rows = self.take(columns, false).map_err(kept_badly)?;
        for start in (0..rows.coded.height()).step_by(ROW_GROUP) {
            let part = rows.part(start, ROW_GROUP).map_err(kept_badly)?;
            Spill::write(&mut self.spill, &self.spill_to, &part)?;
        }
        Ok(())
    }

    /// Takes the rows out.
    fn take(&mut self, columns: &[Described], categories: bool) -> PolarsResult<Coded> {
        let (mut coded, mut texts) = (Vec::new(), Vec::new());
        for (column, values) in columns.iter().zip(std::mem::replace(&mut self.columns, empty(columns, 0))) {
            texts.push(self::texts(&values.data, categories)?);
            coded.push(series(column, self.rows, values).into());
        }
        Ok(Coded { coded: DataFrame::new(std::mem::take(&mut self.rows), coded)?, texts })
    }
}

impl Sink for Store {
    fn begin(&mut self, columns: &[Described], rows: usize) {
        let bytes: usize = empty(columns, 0).iter().map(|values| size(values, 1)).sum();
        self.columns = empty(columns, rows.min(self.budget / bytes.max(1)));
        self.rows = 0;
        self.spill = None;
    }

    fn push(&mut self, columns: &[Described], chunk: &Chunk) -> Result<()> {
        for (all, values) in self.columns.iter_mut().zip(&chunk.columns) {
            all.append(values, self.rows);
        }
        self.rows += chunk.rows;
        let is_full = match self.spill {
            None => self.columns.iter().map(|values| size(values, self.rows)).sum::<usize>() > self.budget,
            Some(_) => self.rows >= ROW_GROUP,
        };
        if is_full { self.write(columns) } else { Ok(()) }
    }
}

/// No values, with room for those of so many rows.
fn empty(columns: &[Described], rows: usize) -> Vec<Values> {
    columns.iter().map(|column| Values::with_capacity(column.ty, rows)).collect()
}

/// Bytes of memory that the values of so many rows take.
fn size(values: &Values, rows: usize) -> usize {
    let data = match &values.data {
        Data::Int(_) | Data::Float(_) => rows * 8,
        Data::Bool(_) => rows,
        // Columns with few distinct values are kept as codes, others as views and text.
        Data::Text { dictionary, .. } if dictionary.len() <= MOST_CATEGORIES => rows * 4,
        Data::Text { dictionary, .. } => rows * 16 + dictionary.text_len(),
    };
    data + values.nulls.len() * 4
}

fn kept_badly(error: impl Display) -> Error {
    engine_failed("keeping the rows", error)
}

impl Spill {
    /// Creates a file in the first directory that takes one and removes its name at once, so that nothing stays behind
    /// whatever happens to this process.
    fn create(directories: &[PathBuf], schema: &Schema) -> Result<Spill> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!(".streamroot-{}-{}.parquet", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut refused = Vec::new();
        for directory in directories {
            let path = directory.join(&name);
            let created = OpenOptions::new().read(true).write(true).create_new(true).open(&path).and_then(|file| {
                std::fs::remove_file(&path)?;
                Ok((file.try_clone()?, file))
            });
            match created {
                Ok((copy, file)) => {
                    let writer = ParquetWriter::new(copy)
                        .with_compression(ParquetCompression::Uncompressed)
                        .batched(schema)
                        .map_err(|error| cannot_spill(&path, &error))?;
                    return Ok(Spill { file, path, writer });
                }
                Err(error) => refused.push(format!("{} ({error})", directory.display())),
            }
        }
        Err(Error::with_message_and_status(
            format!(
                "the rows do not fit in memory, and no file can be made for them in {}: name a directory in the option streamroot.spill",
                refused.join(" or ")
            ),
            Status::IO,
        ))
    }

    /// Writes rows to the file, which is made when the first come.
    pub fn write(spill: &mut Option<Spill>, directories: &[PathBuf], rows: &DataFrame) -> Result<()> {
        let spill = match spill {
            Some(spill) => spill,
            None => spill.insert(Spill::create(directories, rows.schema())?),
        };
        spill.writer.write_batch(rows).map_err(|error| cannot_spill(&spill.path, &error))
    }

    /// All that was written, in a file that nothing but these rows still reaches.
    pub fn finish(self) -> Result<LazyFrame> {
        self.writer.finish().map_err(|error| cannot_spill(&self.path, &error))?;
        let hive_options = HiveOptions { enabled: Some(false), ..HiveOptions::default() };
        let args = ScanArgsParquet { hive_options, ..ScanArgsParquet::default() };
        let rows = LazyFrame::scan_parquet_sources(ScanSources::Files(Arc::from([self.file])), args);
        rows.map_err(|error| engine_failed("opening the data", error))
    }
}

fn cannot_spill(path: &Path, error: &PolarsError) -> Error {
    let directory = path.parent().unwrap_or(path).display();
    let message = format!(
        "the rows do not fit in memory, and writing them to {directory} failed ({error}): free some space, or name another directory in the option streamroot.spill"
    );
    Error::with_message_and_status(message, Status::IO)
}

// ---------------------------------------------------------------- columns

/// Rows in which a text is the code of one of its column's texts.
struct Coded {
    coded: DataFrame,
    /// The texts of columns that have some.
    texts: Vec<Option<Series>>,
}

impl Coded {
    /// Some of the rows, with their texts.
    fn part(&self, start: usize, rows: usize) -> PolarsResult<DataFrame> {
        let mut part = self.coded.slice(start as i64, rows);
        for (i, texts) in self.texts.iter().enumerate() {
            if let Some(texts) = texts {
                let codes = part.columns()[i].u32()?;
                let column = match texts.is_empty() {
                    true => Series::full_null(PlSmallStr::EMPTY, codes.len(), &DataType::String),
                    false => texts.take(codes)?,
                };
                let column = column.with_name(codes.name().clone());
                part.replace_column(i, column.into())?;
            }
        }
        Ok(part)
    }
}

/// The distinct texts of a column that has some, in the order of their codes: with `categories`, few are categoricals.
fn texts(data: &Data, categories: bool) -> PolarsResult<Option<Series>> {
    let Data::Text { dictionary, .. } = data else { return Ok(None) };
    let texts = StringChunked::from_iter_values(PlSmallStr::EMPTY, dictionary.iter().map(String::from_utf8_lossy));
    let few = categories && (1..=MOST_CATEGORIES).contains(&texts.len());
    if few { texts.cast(&a_categorical()).map(Some) } else { Ok(Some(texts.into_series())) }
}

/// The values of so many rows as a column for polars, texts as their codes.
fn series(column: &Described, rows: usize, Values { data, nulls, .. }: Values) -> Series {
    let name = PlSmallStr::from(column.name.as_str());
    let validity = (!nulls.is_empty()).then(|| {
        let mut validity = MutableBitmap::from_len_set(rows);
        for null in nulls {
            validity.set(null as usize, false);
        }
        Bitmap::from(validity)
    });
    match (data, column.ty) {
        (Data::Int(values), Type::Unsigned) => {
            let values = values.into_iter().map(i64::cast_unsigned).collect();
            UInt64Chunked::from_vec_validity(name, values, validity).into_series()
        }
        (Data::Int(values), Type::Date) => {
            let days = values.into_iter().map(|day| day as i32).collect();
            Int32Chunked::from_vec_validity(name, days, validity).into_date().into_series()
        }
        (Data::Int(values), Type::Timestamp) => {
            let times = Int64Chunked::from_vec_validity(name, values, validity);
            times.into_datetime(TimeUnit::Microseconds, None).into_series()
        }
        (Data::Int(values), _) => Int64Chunked::from_vec_validity(name, values, validity).into_series(),
        (Data::Float(values), _) => Float64Chunked::from_vec_validity(name, values, validity).into_series(),
        (Data::Bool(values), _) => {
            let array = BooleanArray::new(ArrowDataType::Boolean, Bitmap::from(values), validity);
            BooleanChunked::with_chunk(name, array).into_series()
        }
        (Data::Text { codes, .. }, _) => UInt32Chunked::from_vec_validity(name, codes, validity).into_series(),
    }
}

/// A type of its own for the texts of a column.
fn a_categorical() -> DataType {
    DataType::from_categories(Categories::random(PlSmallStr::EMPTY, CategoricalPhysical::U32))
}

/// How much memory may be used for rows: a quarter of what is free, since a query needs some as well.
pub fn default_budget() -> usize {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    budget(&read("/proc/meminfo"), &limits.map(read))
}

/// A quarter of the memory that the machine has free, or of what a container may take of it.
fn budget(memory: &str, limits: &[String]) -> usize {
    let available = memory.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kilobytes = available.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    let free = kilobytes.map_or(1 << 32, |kilobytes| kilobytes * 1024);
    limits.iter().filter_map(|limit| limit.trim().parse().ok()).fold(free, usize::min) / 4
}

/// Writes a frame as a Parquet file, whole or not at all. Of files that are there, only a cube gives way, and none of those that
/// were opened.
pub fn save(frame: &mut DataFrame, path: &Path, opened: &[PathBuf]) -> Result<()> {
    let shown = path.display();
    if !path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet")) {
        return Err(invalid_argument(format!(
            "{shown} does not end in .parquet, and Parquet is what is saved: name it so"
        )));
    }
    if let Ok(there) = path.canonicalize() {
        if opened.iter().any(|file| file.canonicalize().is_ok_and(|file| file == there)) {
            return Err(invalid_argument(format!("{shown} is read by these sessions: save under another name")));
        }
        if !is_cube(path) {
            return Err(invalid_argument(format!(
                "{shown} is there already, and no cube: take it away first, or save under another name"
            )));
        }
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let written = File::create(&beside).map_err(PolarsError::from).and_then(|file| {
        ParquetWriter::new(file).finish(frame)?;
        std::fs::rename(&beside, path).map_err(PolarsError::from)
    });
    written.map(|_| ()).map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        let message = format!("{} can't be written: {error}", path.display());
        Error::with_message_and_status(message, Status::IO)
    })
}

fn is_cube(path: &Path) -> bool {
    let schema = |mut file| read_metadata(&mut file).and_then(|metadata| infer_schema(&metadata)).ok();
    File::open(path).ok().and_then(schema).is_some_and(|schema| schema.contains(COUNT))
}

/// The frame with categories for its texts of few distinct values.
pub fn with_categories(mut frame: DataFrame) -> PolarsResult<DataFrame> {
    frame.rechunk_mut_par();
    for i in 0..frame.width() {
        let column = &frame.columns()[i];
        if *column.dtype() != DataType::String || column.n_unique()? > MOST_CATEGORIES {
            continue;
        }
        let coded = column.cast(&a_categorical())?;
        frame.replace_column(i, coded)?;
    }
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_get_a_quarter_of_what_is_free() {
        let memory = "MemTotal: 4000 kB\nMemFree: 10 kB\nMemAvailable:    2000 kB\n";
        let limits = |texts: [&str; 2]| texts.map(str::to_owned);
        assert_eq!(budget(memory, &limits(["", ""])), 512_000);
        assert_eq!(budget(memory, &limits(["max\n", "9223372036854771712\n"])), 512_000);
        assert_eq!(budget(memory, &limits(["1000000\n", ""])), 250_000);
        assert_eq!(budget("", &limits(["", ""])), 1 << 30);
    }
}
