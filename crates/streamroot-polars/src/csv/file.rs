//! A CSV file as bytes, compressed or not.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use adbc_core::error::Result;

use crate::error::io_error;
use crate::progress::Counted;
use crate::source::{Compression, State};

pub type Reader = Box<dyn Read + Send>;

/// Opens a file for reading.
pub fn open(path: &Path, compression: Compression) -> Result<(Reader, State)> {
    let file = File::open(path).map_err(|error| io_error(path, &error))?;
    let state = file.metadata().map(|found| State::of(&found)).map_err(|error| io_error(path, &error))?;
    let file = Counted(file);
    let reader: Reader = match compression {
        Compression::None => Box::new(file),
        Compression::Gzip => Box::new(flate2::read::MultiGzDecoder::new(io::BufReader::with_capacity(1 << 17, file))),
        Compression::Zstd => Box::new(zstd::Decoder::new(file).map_err(|error| io_error(path, &error))?),
    };
    Ok((reader, state))
}

/// Adds up to `len` bytes of what is read. False at the end of the file.
pub fn fill(reader: &mut dyn Read, bytes: &mut Vec<u8>, len: usize, path: &Path) -> Result<bool> {
    bytes.reserve(len);
    reader.take(len as u64).read_to_end(bytes).map(|read| read > 0).map_err(|error| io_error(path, &error))
}
