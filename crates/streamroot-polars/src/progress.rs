//! How far the reading of files is, for one who waits for it.

use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};

static READ: AtomicU64 = AtomicU64::new(0);
static TOTAL: AtomicU64 = AtomicU64::new(0);

/// Says how many bytes of files have been read and how many there are, both 0 when nothing was ever read. Of several that
/// are read at once, the last one that began counts. To be called at any time, from any thread.
///
/// # Safety
/// Both are places to write a number to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn StreamrootProgress(read: *mut u64, total: *mut u64) {
    // SAFETY: as above.
    unsafe {
        read.write(READ.load(Ordering::Relaxed));
        total.write(TOTAL.load(Ordering::Relaxed));
    }
}

/// Begins to read files of so many bytes in all.
pub fn begin(total: u64) {
    READ.store(0, Ordering::Relaxed);
    TOTAL.store(total, Ordering::Relaxed);
}

/// A file whose bytes count, as they stand on the disk.
pub struct Counted(pub File);

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        READ.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
