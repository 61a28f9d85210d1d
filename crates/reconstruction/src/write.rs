//! Files: CSV as the original has it, or Parquet, under a temporary name until they are complete.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type as Schema;

use crate::Error;
use crate::published::{BROWSERS, ISPS, Row, STREAMS};

/// Where sessions go, one after the other.
pub(crate) trait Sink {
    fn put(&mut self, row: &Row) -> Result<(), Error>;
    /// Writes what is left and makes sure that it is on the disk.
    fn close(self: Box<Self>) -> Result<(), Error>;
}

/// Fills a file under a temporary name beside `path`, and renames it when all is written. What is there and no file, such as
/// `/dev/null`, is refused: renaming would put a file in its place.
pub(crate) fn replace(path: &Path, fill: impl FnOnce(File) -> Result<(), Error>) -> Result<(), Error> {
    let failed = |what: &str, e: std::io::Error| Error(format!("{}: {what}: {e}", path.display()));
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return Err(Error(format!("{} is there and is no file: name a file to write to", path.display())));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|e| failed("its folder can't be made", e))?;
    let name = path.file_name().ok_or_else(|| Error(format!("{} names no file", path.display())))?;
    let temporary = folder.join(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
    let file = File::create(&temporary).map_err(|e| failed("it can't be written", e))?;
    let written = fill(file)
        .map_err(|Error(e)| Error(format!("{}: {e}", path.display())))
        .and_then(|()| std::fs::rename(&temporary, path).map_err(|e| failed("it can't be replaced", e)));
    if written.is_err() {
        // The first error is the one to report.
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

fn failed(e: impl std::fmt::Display) -> Error {
    Error(format!("the sessions can't be written: {e}"))
}

pub(crate) struct Csv {
    out: BufWriter<File>,
    line: Vec<u8>,
}

impl Csv {
    pub(crate) fn new(file: File, header: &str) -> Result<Csv, Error> {
        let mut out = BufWriter::with_capacity(1 << 20, file);
        writeln!(out, "{header}").map_err(failed)?;
        Ok(Csv { out, line: Vec::with_capacity(128) })
    }
}

impl Sink for Csv {
    fn put(&mut self, row: &Row) -> Result<(), Error> {
        let line = &mut self.line;
        line.clear();
        whole(line, u64::from(STREAMS[row.stream]));
        line.push(b',');
        line.extend_from_slice(ISPS[row.isp].as_bytes());
        line.push(b',');
        line.extend_from_slice(BROWSERS[row.browser].as_bytes());
        line.extend_from_slice(if row.connected { b",true," } else { b",false," });
        decimal(line, row.p2p);
        if let Some(cdn) = row.cdn {
            line.push(b',');
            decimal(line, cdn);
        }
        line.push(b'\n');
        self.out.write_all(line).map_err(failed)
    }

    fn close(self: Box<Self>) -> Result<(), Error> {
        let file = self.out.into_inner().map_err(|e| failed(e.error()))?;
        file.sync_data().map_err(failed)
    }
}

fn whole(line: &mut Vec<u8>, mut n: u64) {
    let start = line.len();
    loop {
        line.push(b'0' + (n % 10) as u8);
        n /= 10;
        if n == 0 {
            break;
        }
    }
    line[start..].reverse();
}

/// Millionths as a decimal number, without zeros at its end: `109025.960619`, `0.0`.
fn decimal(line: &mut Vec<u8>, millionths: u64) {
    whole(line, millionths / 1_000_000);
    line.push(b'.');
    let start = line.len();
    whole(line, 1_000_000 + millionths % 1_000_000);
    line.remove(start);
    while line.len() > start + 1 && line.last() == Some(&b'0') {
        line.pop();
    }
}

/// Rows of a group, as many as are kept in memory until they are written.
const GROUP: usize = 1 << 20;

pub(crate) struct Parquet {
    out: SerializedFileWriter<File>,
    isps: [ByteArray; ISPS.len()],
    browsers: [ByteArray; BROWSERS.len()],
    rows: Vec<Row>,
}

impl Parquet {
    pub(crate) fn new(file: File) -> Result<Parquet, Error> {
        let column = |name: &str, of: Type, repetition: Repetition| {
            let text = (of == Type::BYTE_ARRAY).then_some(LogicalType::String);
            let column = Schema::primitive_type_builder(name, of).with_repetition(repetition).with_logical_type(text);
            column.build().map(Arc::new).map_err(failed)
        };
        let fields = vec![
            column("stream", Type::INT64, Repetition::REQUIRED)?,
            column("isp", Type::BYTE_ARRAY, Repetition::REQUIRED)?,
            column("browser", Type::BYTE_ARRAY, Repetition::REQUIRED)?,
            column("connected", Type::BOOLEAN, Repetition::REQUIRED)?,
            column("p2p", Type::DOUBLE, Repetition::REQUIRED)?,
            column("cdn", Type::DOUBLE, Repetition::OPTIONAL)?,
        ];
        let schema = Schema::group_type_builder("sessions").with_fields(fields).build().map_err(failed)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            // Hardly two sessions have the same bytes: a dictionary of them only costs time.
            .set_column_dictionary_enabled("p2p".into(), false)
            .set_column_dictionary_enabled("cdn".into(), false)
            .build();
        Ok(Parquet {
            out: SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)).map_err(failed)?,
            isps: ISPS.map(ByteArray::from),
            browsers: BROWSERS.map(ByteArray::from),
            rows: Vec::with_capacity(GROUP),
        })
    }

    fn write_group(&mut self) -> Result<(), Error> {
        let rows = std::mem::take(&mut self.rows);
        let bytes = |millionths: u64| millionths as f64 / 1e6;
        let cdn: Vec<f64> = rows.iter().filter_map(|row| row.cdn.map(bytes)).collect();
        let known: Vec<i16> = rows.iter().map(|row| i16::from(row.cdn.is_some())).collect();
        let streams: Vec<i64> = rows.iter().map(|row| i64::from(STREAMS[row.stream])).collect();
        let isps: Vec<ByteArray> = rows.iter().map(|row| self.isps[row.isp].clone()).collect();
        let browsers: Vec<ByteArray> = rows.iter().map(|row| self.browsers[row.browser].clone()).collect();
        let connected: Vec<bool> = rows.iter().map(|row| row.connected).collect();
        let p2p: Vec<f64> = rows.iter().map(|row| bytes(row.p2p)).collect();

        let mut group = self.out.next_row_group().map_err(failed)?;
        macro_rules! write {
            ($type:ty, $values:expr, $known:expr) => {
                if let Some(mut column) = group.next_column().map_err(failed)? {
                    column.typed::<$type>().write_batch($values, $known, None).map_err(failed)?;
                    column.close().map_err(failed)?;
                }
            };
        }
        write!(Int64Type, &streams, None);
        write!(ByteArrayType, &isps, None);
        write!(ByteArrayType, &browsers, None);
        write!(BoolType, &connected, None);
        write!(DoubleType, &p2p, None);
        write!(DoubleType, &cdn, Some(&known));
        group.close().map_err(failed)?;
        self.rows = rows;
        self.rows.clear();
        Ok(())
    }
}

impl Sink for Parquet {
    fn put(&mut self, row: &Row) -> Result<(), Error> {
        self.rows.push(row.clone());
        if self.rows.len() == GROUP { self.write_group() } else { Ok(()) }
    }

    fn close(mut self: Box<Self>) -> Result<(), Error> {
        if !self.rows.is_empty() {
            self.write_group()?;
        }
        let file = self.out.into_inner().map_err(failed)?;
        file.sync_data().map_err(failed)
    }
}
