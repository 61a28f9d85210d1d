//! Where the rows of CSV files go: memory, or, when they do not fit there, a Parquet file without a name.

use std::fs::{File, OpenOptions};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use adbc_core::error::{Error, Result, Status};
use polars::io::HiveOptions;
use polars::prelude::*;
use polars_arrow::array::BooleanArray;
use polars_arrow::bitmap::{Bitmap, MutableBitmap};

use crate::csv::Sink;
use crate::csv::column::{Chunk, Column as Described, Data};
use crate::csv::dictionary::Dictionary;
use crate::csv::value::Type;
use crate::error::engine_failed;

/// A text column with more distinct values than this is kept as plain strings.
const MOST_CATEGORIES: usize = 1 << 16;
/// Files of more rows, other than CSV, are not read into memory.
pub const MOST_ROWS_IN_MEMORY: u64 = 4_000_000;
/// How many rows go to the file at once.
const ROW_GROUP: usize = 1 << 19;

/// Rows that have been read.
pub enum Stored {
    Memory(DataFrame),
    /// A Parquet file that only this handle still reaches.
    File(File),
}

/// Collects rows in memory up to a number of bytes, and in a file from there on.
pub struct Store {
    budget: usize,
    spill_to: Vec<PathBuf>,
    columns: Vec<Kept>,
    rows: usize,
    spill: Option<Spill>,
}

/// A column's values.
struct Kept {
    data: Data,
    /// Which rows have a value, if not all have.
    validity: Option<MutableBitmap>,
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
            let series = columns.iter().zip(self.columns).map(|(column, kept)| {
                let texts = kept.texts();
                kept.into_series(column, &texts, true).map(Column::from)
            });
            let frame = series.collect::<PolarsResult<Vec<_>>>().and_then(|series| DataFrame::new(self.rows, series));
            return frame.map(Stored::Memory).map_err(|error| engine_failed("keeping the rows", error));
        }
        self.write(columns)?;
        let Some(spill) = self.spill else { return Err(engine_failed("keeping the rows", "no file")) };
        spill.finish().map(Stored::File)
    }

    /// Writes the rows to the file, a part of them after another, since text takes more room there than it does as codes.
    fn write(&mut self, columns: &[Described]) -> Result<()> {
        let kept: Vec<_> = std::mem::take(&mut self.columns).into_iter().map(|kept| (kept.texts(), kept)).collect();
        let rows = std::mem::take(&mut self.rows);
        for start in (0..rows).step_by(ROW_GROUP) {
            let part = start..rows.min(start + ROW_GROUP);
            let series = columns.iter().zip(&kept).map(|(column, (texts, kept))| {
                kept.part(part.clone()).into_series(column, texts, false).map(Column::from)
            });
            let frame = series.collect::<PolarsResult<Vec<_>>>().and_then(|series| DataFrame::new(part.len(), series));
            let frame = frame.map_err(|error| engine_failed("keeping the rows", error))?;
            let spill = match &mut self.spill {
                Some(spill) => spill,
                None => self.spill.insert(Spill::create(&self.spill_to, frame.schema())?),
            };
            spill.write(&frame)?;
        }
        Ok(())
    }
}

impl Sink for Store {
    fn expect(&mut self, columns: &[Described], rows: usize) {
        self.columns = columns.iter().map(|column| Kept::of(column.ty)).collect();
        let bytes: usize = self.columns.iter().map(|kept| kept.size(1)).sum();
        let rows = rows.min(self.budget / bytes.max(1));
        for kept in &mut self.columns {
            kept.reserve(rows);
        }
    }

    fn push(&mut self, columns: &[Described], chunk: &Chunk) -> Result<()> {
        if self.columns.is_empty() {
            self.columns = columns.iter().map(|column| Kept::of(column.ty)).collect();
        }
        for (kept, values) in self.columns.iter_mut().zip(&chunk.columns) {
            kept.append(&values.data, &values.nulls, self.rows, chunk.rows);
        }
        self.rows += chunk.rows;
        let is_full = match self.spill {
            None => self.columns.iter().map(|kept| kept.size(self.rows)).sum::<usize>() > self.budget,
            Some(_) => self.rows >= ROW_GROUP,
        };
        if is_full { self.write(columns) } else { Ok(()) }
    }

    fn restart(&mut self) {
        *self = Store::new(self.budget, std::mem::take(&mut self.spill_to));
    }
}

impl Spill {
    /// Creates a file in the first directory that takes one and removes its name at once, so that nothing stays behind
    /// whatever happens to this process.
    pub fn create(directories: &[PathBuf], schema: &Schema) -> Result<Spill> {
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
}

impl Spill {
    pub fn write(&mut self, rows: &DataFrame) -> Result<()> {
        self.writer.write_batch(rows).map_err(|error| cannot_spill(&self.path, &error))
    }

    /// The file, with all that was written.
    pub fn finish(self) -> Result<File> {
        self.writer.finish().map_err(|error| cannot_spill(&self.path, &error))?;
        Ok(self.file)
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

impl Kept {
    /// No values of this type.
    fn of(ty: Type) -> Kept {
        Kept { data: Data::with_capacity(ty, 0), validity: None }
    }

    /// Makes room for so many rows.
    fn reserve(&mut self, rows: usize) {
        match &mut self.data {
            Data::Int(values) => reserve(values, rows),
            Data::Float(values) => reserve(values, rows),
            Data::Bool(values) => reserve(values, rows),
            Data::Text { codes, .. } => reserve(codes, rows),
        }
    }

    /// Appends as many `rows` to those `before`.
    fn append(&mut self, data: &Data, nulls: &[u32], before: usize, rows: usize) {
        match (&mut self.data, data) {
            (Data::Int(all), Data::Int(new)) => all.extend_from_slice(new),
            (Data::Float(all), Data::Float(new)) => all.extend_from_slice(new),
            (Data::Bool(all), Data::Bool(new)) => all.extend_from_slice(new),
            (Data::Text { codes, dictionary }, Data::Text { codes: new, dictionary: texts }) => {
                let mut known: Vec<u32> =
                    (0..texts.len() as u32).map(|code| dictionary.code(texts.get(code))).collect();
                if known.is_empty() {
                    // Nulls alone.
                    known.push(0);
                }
                codes.extend(new.iter().map(|code| known[*code as usize]));
            }
            // A pass reads a column as of one type.
            _ => {}
        }
        if self.validity.is_none() && !nulls.is_empty() {
            self.validity = Some(MutableBitmap::from_len_set(before));
        }
        if let Some(validity) = &mut self.validity {
            validity.extend_constant(rows, true);
            for &null in nulls {
                validity.set(before + null as usize, false);
            }
        }
    }

    /// Bytes of memory that so many rows take.
    fn size(&self, rows: usize) -> usize {
        match &self.data {
            Data::Int(_) | Data::Float(_) => rows * 8,
            Data::Bool(_) => rows,
            // Columns with few distinct values are kept as codes, others as views and text.
            Data::Text { dictionary, .. } if dictionary.len() <= MOST_CATEGORIES => rows * 4,
            Data::Text { dictionary, .. } => rows * 16 + dictionary.text_len(),
        }
    }

    /// The distinct texts, in the order of their codes.
    fn texts(&self) -> StringChunked {
        let none = Dictionary::default();
        let dictionary = if let Data::Text { dictionary, .. } = &self.data { dictionary } else { &none };
        let texts = (0..dictionary.len() as u32).map(|code| String::from_utf8_lossy(dictionary.get(code)));
        StringChunked::from_iter_values(PlSmallStr::EMPTY, texts)
    }

    /// A copy of some rows, without the distinct texts.
    fn part(&self, rows: Range<usize>) -> Kept {
        let validity = self.validity.as_ref().map(|bits| rows.clone().map(|row| bits.get(row)).collect());
        let data = match &self.data {
            Data::Int(values) => Data::Int(values[rows].to_vec()),
            Data::Float(values) => Data::Float(values[rows].to_vec()),
            Data::Bool(values) => Data::Bool(values[rows].to_vec()),
            Data::Text { codes, .. } => Data::Text { codes: codes[rows].to_vec(), dictionary: Dictionary::default() },
        };
        Kept { data, validity }
    }

    /// The column for polars. With `categories`, texts of few distinct values become categoricals.
    fn into_series(self, column: &Described, texts: &StringChunked, categories: bool) -> PolarsResult<Series> {
        let name = PlSmallStr::from(column.name.as_str());
        let validity = self.validity.map(Bitmap::from);
        Ok(match self.data {
            Data::Int(values) => match column.ty {
                Type::Unsigned => {
                    let values = values.into_iter().map(i64::cast_unsigned).collect();
                    UInt64Chunked::from_vec_validity(name, values, validity).into_series()
                }
                Type::Date => {
                    let days = values.into_iter().map(|day| day as i32).collect();
                    Int32Chunked::from_vec_validity(name, days, validity).into_date().into_series()
                }
                ty => {
                    let whole = Int64Chunked::from_vec_validity(name, values, validity);
                    match ty {
                        Type::Timestamp => whole.into_datetime(TimeUnit::Microseconds, None).into_series(),
                        _ => whole.into_series(),
                    }
                }
            },
            Data::Float(values) => Float64Chunked::from_vec_validity(name, values, validity).into_series(),
            Data::Bool(values) => {
                let array = BooleanArray::new(ArrowDataType::Boolean, Bitmap::from(values), validity);
                BooleanChunked::with_chunk(name, array).into_series()
            }
            Data::Text { codes, .. } if texts.is_empty() => Series::full_null(name, codes.len(), &DataType::String),
            Data::Text { codes, .. } if categories && texts.len() <= MOST_CATEGORIES => {
                categorical(name, codes, texts, validity)?
            }
            Data::Text { codes, .. } => {
                let places = IdxCa::from_vec_validity(name.clone(), codes, validity);
                texts.take(&places)?.with_name(name).into_series()
            }
        })
    }
}

/// Reserves memory, in large pages where the system has them: it is given out by the page, and for so much at once that
/// takes longer than writing to it.
fn reserve<T>(values: &mut Vec<T>, len: usize) {
    const LARGE_PAGE: usize = 1 << 21;
    if len * size_of::<T>() < LARGE_PAGE {
        return values.reserve_exact(len);
    }
    // Enough for the last page to be a large one, too. What is not written to takes no memory.
    values.reserve_exact(len + LARGE_PAGE / size_of::<T>());
    #[cfg(target_os = "linux")]
    {
        const PAGE: usize = 1 << 12;
        let room = values.spare_capacity_mut();
        let (start, end) = (room.as_mut_ptr().addr(), room.as_mut_ptr().addr() + size_of_val(room));
        let first = start.next_multiple_of(PAGE);
        // SAFETY: the pages are part of what has been reserved. This is advice, and changes nothing that is in them.
        unsafe { libc::madvise(first as *mut libc::c_void, end - first, libc::MADV_HUGEPAGE) };
    }
}

fn categorical(
    name: PlSmallStr,
    mut codes: Vec<u32>,
    texts: &StringChunked,
    validity: Option<Bitmap>,
) -> PolarsResult<Series> {
    let kind = Categories::random(PlSmallStr::EMPTY, CategoricalPhysical::U32);
    let mapping = kind.mapping();
    let known = texts.no_null_iter().map(|text| mapping.insert_cat(text)).collect::<PolarsResult<Vec<u32>>>()?;
    if known.iter().enumerate().any(|(code, known)| code as u32 != *known) {
        for code in &mut codes {
            *code = known[*code as usize];
        }
    }
    let physical = UInt32Chunked::from_vec_validity(name, codes, validity);
    // SAFETY: every code came from this type's own mapping; the type holds on to it.
    let column = unsafe {
        CategoricalChunked::<Categorical32Type>::from_cats_and_dtype_unchecked(
            physical,
            DataType::Categorical(kind, mapping),
        )
    };
    Ok(column.into_series())
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

/// Writes a frame as a Parquet file, whole or not at all.
pub fn save(frame: &mut DataFrame, path: &Path) -> Result<()> {
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

/// A lazy frame over a stored file.
pub fn scan(file: &File) -> PolarsResult<LazyFrame> {
    let file = file.try_clone()?;
    let hive_options = HiveOptions { enabled: Some(false), ..HiveOptions::default() };
    let args = ScanArgsParquet { hive_options, ..ScanArgsParquet::default() };
    LazyFrame::scan_parquet_sources(ScanSources::Files(Arc::from([file])), args)
}

/// The frame with categories for its texts of few distinct values.
pub fn with_categories(mut frame: DataFrame) -> PolarsResult<DataFrame> {
    frame.rechunk_mut_par();
    for i in 0..frame.width() {
        let column = &frame.columns()[i];
        if *column.dtype() != DataType::String || column.n_unique()? > MOST_CATEGORIES {
            continue;
        }
        let kind = Categories::random(PlSmallStr::EMPTY, CategoricalPhysical::U32);
        let coded = column.cast(&DataType::from_categories(kind))?;
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
