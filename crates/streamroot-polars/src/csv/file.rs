//! A CSV file as bytes, compressed or not.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

use adbc_core::error::Result;

use crate::error::io_error;
use crate::progress::Counted;
use crate::source::Compression;

pub type Reader = Box<dyn Read + Send>;

/// By what a file that changes is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub length: u64,
    modified: SystemTime,
}

impl Stamp {
    pub fn of(found: io::Result<Metadata>) -> Option<Stamp> {
        let found = found.ok()?;
        Some(Stamp { length: found.len(), modified: found.modified().ok()? })
    }
}

/// Opens a file for reading.
pub fn open(path: &Path, compression: Compression) -> Result<(Reader, Option<Stamp>)> {
    let file = File::open(path).map_err(|error| io_error(path, &error))?;
    let stamp = Stamp::of(file.metadata());
    let file = Counted(file);
    let reader: Reader = match compression {
        Compression::None => Box::new(file),
        Compression::Gzip => Box::new(flate2::read::MultiGzDecoder::new(io::BufReader::with_capacity(1 << 17, file))),
        Compression::Zstd => Box::new(zstd::Decoder::new(file).map_err(|error| io_error(path, &error))?),
    };
    Ok((reader, stamp))
}

/// Adds up to `len` bytes of what is read. False at the end of the file.
pub fn fill(reader: &mut dyn Read, bytes: &mut Vec<u8>, len: usize, path: &Path) -> Result<bool> {
    bytes.reserve(len);
    reader.take(len as u64).read_to_end(bytes).map(|read| read > 0).map_err(|error| io_error(path, &error))
}
