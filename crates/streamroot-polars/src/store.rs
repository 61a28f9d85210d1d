//! Where the rows of CSV files go: memory, or, when they do not fit there, a Parquet file without a name.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use adbc_core::error::{Error, Result, Status};
use polars::io::HiveOptions;
use polars::prelude::*;
use polars_arrow::array::BooleanArray;
use polars_arrow::bitmap::{Bitmap, MutableBitmap};

use crate::csv::Sink;
use crate::error::engine_failed;
use crate::parse::{self, Chunk, Data, Type, Values};

/// A text column with more distinct values than this is kept as plain strings.
const MOST_CATEGORIES: usize = 1 << 16;
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
    used: usize,
    spill_to: Vec<PathBuf>,
    chunks: Vec<Chunk>,
    waiting_rows: usize,
    spill: Option<Spill>,
}

struct Spill {
    file: File,
    path: PathBuf,
    writer: polars::io::parquet::write::BatchedWriter<File>,
}

impl Store {
    /// `spill_to`: directories to try, in this order, when the rows take more than `budget` bytes.
    pub fn new(budget: usize, spill_to: Vec<PathBuf>) -> Store {
        Store { budget, used: 0, spill_to, chunks: Vec::new(), waiting_rows: 0, spill: None }
    }

    pub fn finish(mut self, columns: &[parse::Column]) -> Result<Stored> {
        if self.spill.is_none() {
            let chunks = std::mem::take(&mut self.chunks);
            return frame(columns, chunks, true).map(Stored::Memory).map_err(|e| engine_failed("keeping the rows", e));
        }
        self.write(columns)?;
        let Some(spill) = self.spill else { return Err(engine_failed("keeping the rows", "no file")) };
        spill.writer.finish().map_err(|error| cannot_spill(&spill.path, &error))?;
        Ok(Stored::File(spill.file))
    }

    fn write(&mut self, columns: &[parse::Column]) -> Result<()> {
        if self.chunks.is_empty() {
            return Ok(());
        }
        self.waiting_rows = 0;
        let frame = frame(columns, std::mem::take(&mut self.chunks), false)
            .map_err(|error| engine_failed("keeping the rows", error))?;
        let spill = match &mut self.spill {
            Some(spill) => spill,
            None => self.spill.insert(Spill::create(&self.spill_to, frame.schema())?),
        };
        spill.writer.write_batch(&frame).map_err(|error| cannot_spill(&spill.path, &error))
    }
}

impl Sink for Store {
    fn push(&mut self, columns: &[parse::Column], chunk: Chunk) -> Result<()> {
        self.used += chunk.columns.iter().map(Values::size).sum::<usize>();
        self.waiting_rows += chunk.rows;
        self.chunks.push(chunk);
        let in_file = self.spill.is_some();
        if (in_file && self.waiting_rows >= ROW_GROUP) || (!in_file && self.used > self.budget) {
            self.write(columns)?;
        }
        Ok(())
    }

    fn restart(&mut self) {
        self.used = 0;
        self.waiting_rows = 0;
        self.chunks.clear();
        self.spill = None;
    }
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
}

fn cannot_spill(path: &Path, error: &PolarsError) -> Error {
    let directory = path.parent().unwrap_or(path).display();
    let message = format!(
        "the rows do not fit in memory, and writing them to {directory} failed ({error}): free some space, or name another directory in the option streamroot.spill"
    );
    Error::with_message_and_status(message, Status::IO)
}

impl Values {
    /// Bytes of memory, roughly.
    fn size(&self) -> usize {
        let data = match &self.data {
            Data::Int(values) => values.len() * 8,
            Data::Float(values) => values.len() * 8,
            Data::Bool(values) => values.len(),
            // Columns with few distinct values are kept as codes, others as views and text.
            Data::Text { codes, dictionary } if dictionary.len() * 4 < codes.len() => codes.len() * 4,
            Data::Text { codes, dictionary } => codes.len() * 16 + dictionary.text_len(),
        };
        data + self.nulls.len() * 4
    }
}

// ---------------------------------------------------------------- from chunks to a frame

/// One frame from all chunks. With `categories`, texts of few distinct values become categoricals.
fn frame(columns: &[parse::Column], chunks: Vec<Chunk>, categories: bool) -> PolarsResult<DataFrame> {
    let rows = chunks.iter().map(|chunk| chunk.rows).sum();
    let sizes: Vec<usize> = chunks.iter().map(|chunk| chunk.rows).collect();
    // Column by column, so that each one's chunks are freed before the next is put together.
    let mut by_column: Vec<Vec<Values>> = columns.iter().map(|_| Vec::with_capacity(sizes.len())).collect();
    for chunk in chunks {
        for (parts, values) in by_column.iter_mut().zip(chunk.columns) {
            parts.push(values);
        }
    }
    let work: Vec<_> = columns.iter().zip(by_column).collect();
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    let queue = std::sync::Mutex::new(work.into_iter().enumerate());
    let done = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        let run = || {
            loop {
                let next = queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
                let Some((i, (column, parts))) = next else { return };
                let series = assemble(column, parts, &sizes, rows, categories);
                done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((i, series));
            }
        };
        for _ in 1..threads.min(columns.len()) {
            scope.spawn(run);
        }
        run();
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(i, _)| *i);
    let series = done.into_iter().map(|(_, series)| series.map(Column::from)).collect::<PolarsResult<Vec<_>>>()?;
    DataFrame::new(rows, series)
}

fn assemble(
    column: &parse::Column,
    parts: Vec<Values>,
    sizes: &[usize],
    rows: usize,
    categories: bool,
) -> PolarsResult<Series> {
    let name = PlSmallStr::from(column.name.as_str());
    let validity = validity(&parts, sizes, rows);
    Ok(match column.ty {
        Type::Int => {
            let mut all = Vec::with_capacity(rows);
            for part in parts {
                if let Data::Int(values) = part.data {
                    all.extend_from_slice(&values);
                }
            }
            Int64Chunked::from_vec_validity(name, all, validity).into_series()
        }
        Type::Float => {
            let mut all = Vec::with_capacity(rows);
            for part in parts {
                if let Data::Float(values) = part.data {
                    all.extend_from_slice(&values);
                }
            }
            Float64Chunked::from_vec_validity(name, all, validity).into_series()
        }
        Type::Bool => {
            // All at once: `MutableBitmap::extend` goes wrong when it starts within a byte.
            let mut all = Vec::with_capacity(rows);
            for part in parts {
                if let Data::Bool(values) = part.data {
                    all.extend_from_slice(&values);
                }
            }
            let array = BooleanArray::new(ArrowDataType::Boolean, Bitmap::from(all), validity);
            BooleanChunked::with_chunk(name, array).into_series()
        }
        Type::Text => text(name, parts, rows, validity, categories)?,
    })
}

fn validity(parts: &[Values], sizes: &[usize], rows: usize) -> Option<Bitmap> {
    if parts.iter().all(|part| part.nulls.is_empty()) {
        return None;
    }
    let mut bits = MutableBitmap::from_len_set(rows);
    let mut start = 0;
    for (part, size) in parts.iter().zip(sizes) {
        for &null in &part.nulls {
            bits.set(start + null as usize, false);
        }
        start += size;
    }
    Some(bits.into())
}

fn text(
    name: PlSmallStr,
    parts: Vec<Values>,
    rows: usize,
    validity: Option<Bitmap>,
    categories: bool,
) -> PolarsResult<Series> {
    // One code for each distinct text in all parts.
    let mut codes = Vec::with_capacity(rows);
    let mut distinct: Vec<String> = Vec::new();
    let mut known: HashMap<String, u32> = HashMap::new();
    for part in parts {
        let Data::Text { codes: local, dictionary } = part.data else { continue };
        let mut global = Vec::with_capacity(dictionary.len().max(1));
        for code in 0..dictionary.len() as u32 {
            let value = String::from_utf8_lossy(dictionary.get(code));
            global.push(match known.get(value.as_ref()) {
                Some(code) => *code,
                None => {
                    let code = distinct.len() as u32;
                    distinct.push(value.clone().into_owned());
                    known.insert(value.into_owned(), code);
                    code
                }
            });
        }
        if global.is_empty() {
            // Nulls alone.
            global.push(0);
        }
        codes.extend(local.iter().map(|code| global[*code as usize]));
    }
    if distinct.is_empty() {
        return Ok(Series::full_null(name, rows, &DataType::String));
    }
    if !categories || distinct.len() > MOST_CATEGORIES {
        let dictionary = StringChunked::from_iter_values("".into(), distinct.iter().map(String::as_str));
        let places = IdxCa::from_vec_validity(name.clone(), codes, validity);
        return Ok(dictionary.take(&places)?.with_name(name).into_series());
    }
    let kind = Categories::random(PlSmallStr::EMPTY, CategoricalPhysical::U32);
    let mapping = kind.mapping();
    let mut to_category = Vec::with_capacity(distinct.len());
    for value in &distinct {
        to_category.push(mapping.insert_cat(value)?);
    }
    for code in &mut codes {
        *code = to_category[*code as usize];
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
    let available = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
        line.split_whitespace().nth(1)?.parse::<usize>().ok()
    });
    available.map_or(1 << 30, |kilobytes| kilobytes * 1024 / 4)
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
