//! Blocks of whole rows, which all cores parse, and which go to a [`Sink`] in their order.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use adbc_core::error::Result;

use super::column::{Chunk, Column, Widen};
use super::cursor::{Cursor, End};
use super::file::{Reader, fill, open};
use super::header::{LONGEST_ROW, Source};
use super::lane::Marks;
use super::rows::{Block, Reading, parse};
use super::value::Type;
use crate::error::invalid_data;
use crate::faults::Faults;
use crate::guard::check;

/// How much is read and parsed at once: as much as stays at hand in a core's cache, together with what is made of it.
const BLOCK: usize = 1 << 17;

/// Takes the rows, in order.
pub trait Sink: Send {
    /// About as many rows will come as this.
    fn expect(&mut self, columns: &[Column], rows: usize);
    /// The chunk's room is used again.
    fn push(&mut self, columns: &[Column], chunk: &Chunk) -> Result<()>;
    /// Forgets all rows: reading starts again with wider types.
    fn restart(&mut self);
}

/// How a reading of all files ended.
pub enum Passed {
    /// With the faults, the number of rows, and the types of the values of columns whose type is open.
    Done(Faults, u64, Vec<Type>),
    Widen(Widen),
}

/// Hands out the blocks of all files, in order, to whoever asks next.
struct Feeder<'a> {
    sources: std::slice::Iter<'a, Source>,
    current: Option<Open<'a>>,
    /// How many blocks have been handed out.
    blocks: usize,
}

struct Open<'a> {
    source: &'a Source,
    reader: Reader,
    /// Its first bytes have been read and not yet handed out. They start at a row's start.
    rest: Vec<u8>,
    /// How many they are.
    len: usize,
}

struct Work<'a> {
    index: usize,
    source: &'a Source,
    bytes: Vec<u8>,
    first: bool,
    last: bool,
}

impl<'a> Feeder<'a> {
    /// The next block. `spare` is the room of one that is done with.
    fn next(&mut self, spare: Vec<u8>) -> Result<Option<Work<'a>>> {
        let mut first = false;
        if self.current.is_none() {
            let Some(source) = self.sources.next() else { return Ok(None) };
            let (reader, stamp) = open(&source.path, source.compression)?;
            if stamp != source.stamp {
                source.check_unchanged()?;
            }
            let mut open = Open { source, reader, rest: Vec::new(), len: 0 };
            open.skip(source.header_len)?;
            self.current = Some(open);
            first = true;
        }
        let Some(open) = &mut self.current else { return Ok(None) };
        let (source, (bytes, last)) = (open.source, open.block(spare)?);
        if last {
            self.current = None;
        }
        let index = self.blocks;
        self.blocks += 1;
        Ok(Some(Work { index, source, bytes, first, last }))
    }
}

impl Open<'_> {
    fn skip(&mut self, len: usize) -> Result<()> {
        fill(&mut *self.reader, &mut self.rest, 0, len, &self.source.path)?;
        Ok(())
    }

    /// Whole rows, about a block of them, and whether they are the file's last.
    fn block(&mut self, mut spare: Vec<u8>) -> Result<(Vec<u8>, bool)> {
        let mut bytes = std::mem::take(&mut self.rest);
        let mut len = std::mem::take(&mut self.len);
        let mut wanted = BLOCK.saturating_sub(len).max(1 << 16);
        loop {
            if !fill(&mut *self.reader, &mut bytes, len, wanted, &self.source.path)? {
                return Ok((bytes, true));
            }
            len = bytes.len();
            // Something must stay behind, so that the last block knows that it is.
            let cut = rows_end(&bytes, self.source.layout.separator).filter(|cut| *cut < bytes.len());
            if let Some(cut) = cut {
                self.len = len - cut;
                if spare.len() < self.len {
                    spare.resize(BLOCK.max(self.len), 0);
                }
                spare[..self.len].copy_from_slice(&bytes[cut..]);
                self.rest = spare;
                bytes.truncate(cut);
                return Ok((bytes, false));
            }
            if bytes.len() > LONGEST_ROW {
                return Err(invalid_data(format!(
                    "{} has a row of more than {} MB: a quote may be open, or it is no CSV file",
                    self.source.path.display(),
                    LONGEST_ROW >> 20
                )));
            }
            wanted = len.max(1 << 16);
        }
    }
}

/// Where the last whole row ends.
fn rows_end(bytes: &[u8], separator: u8) -> Option<usize> {
    if memchr::memchr(b'"', bytes).is_none() {
        return memchr::memrchr(b'\n', bytes).map(|end| end + 1);
    }
    // A line end inside quotes ends no row.
    let mut cursor = Cursor { bytes, at: 0, line: 0, separator };
    let mut end = None;
    while cursor.at < bytes.len() {
        if cursor.field().end == End::Line {
            end = Some(cursor.at);
        }
    }
    end
}

/// What the threads of a pass share.
struct Shared<'s> {
    /// Parsed blocks that wait for an earlier one.
    waiting: BTreeMap<usize, Parsed>,
    /// Chunks that are done with.
    spare: Vec<Chunk>,
    /// The next block that the sink takes.
    next: usize,
    /// How many bytes of rows there are, if that is known.
    bytes: Option<u64>,
    sink: &'s mut dyn Sink,
    faults: Faults,
    found: Vec<Type>,
    rows: u64,
    /// The number of the line that the next block starts at, from 1.
    line: u64,
    stop: Option<Result<Passed>>,
}

struct Parsed {
    bytes: usize,
    chunk: std::result::Result<Chunk, Widen>,
    file: usize,
    starts_at_line: Option<u64>,
}

/// Reads all files once, as far as they have the types that are expected.
pub fn pass(sources: &[Source], columns: &[Column], strict: bool, sink: &mut dyn Sink) -> Result<Passed> {
    let feeder = Mutex::new(Feeder { sources: sources.iter(), current: None, blocks: 0 });
    let shared = Mutex::new(Shared {
        waiting: BTreeMap::new(),
        spare: Vec::new(),
        next: 0,
        bytes: sources.iter().map(Source::bytes).sum(),
        sink,
        faults: Faults::default(),
        found: vec![Type::Open; columns.len()],
        rows: 0,
        line: 1,
        stop: None,
    });
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    let paths: Vec<PathBuf> = sources.iter().map(|source| source.path.clone()).collect();
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| work(&feeder, &shared, columns, strict, &paths));
        }
        work(&feeder, &shared, columns, strict, &paths);
    });
    let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    match shared.stop {
        Some(stop) => stop,
        None => Ok(Passed::Done(shared.faults, shared.rows, shared.found)),
    }
}

fn work(feeder: &Mutex<Feeder>, shared: &Mutex<Shared>, columns: &[Column], strict: bool, paths: &[PathBuf]) {
    let (mut spare, mut chunk, mut marks) = (Vec::new(), Chunk::default(), Marks::default());
    loop {
        let next = check().and_then(|()| lock(feeder).next(std::mem::take(&mut spare)));
        let work = match next {
            Ok(Some(work)) => work,
            Ok(None) => return,
            Err(error) => {
                let mut shared = lock(shared);
                shared.stop.get_or_insert(Err(error));
                return;
            }
        };
        let block = Block { bytes: &work.bytes, last: work.last };
        let parsed =
            parse(&block, Reading { layout: &work.source.layout, columns, strict, lane: true }, chunk, &mut marks);
        spare = work.bytes;
        let starts_at_line = work.first.then_some(work.source.header_lines + 1);
        let mut shared = lock(shared);
        let parsed = Parsed { bytes: spare.len(), chunk: parsed, file: work.source.file, starts_at_line };
        shared.waiting.insert(work.index, parsed);
        shared.drain(columns, strict, paths);
        chunk = shared.spare.pop().unwrap_or_default();
        if shared.stop.is_some() {
            return;
        }
    }
}

/// Locks, and stays awake for a moment if it has to wait: both locks are held for some microseconds, and to fall asleep and
/// be woken takes longer.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    const LOOKS: usize = 1 << 12;
    for _ in 0..LOOKS {
        match mutex.try_lock() {
            Ok(guard) => return guard,
            Err(TryLockError::Poisoned(guard)) => return guard.into_inner(),
            Err(TryLockError::WouldBlock) => std::hint::spin_loop(),
        }
    }
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared<'_> {
    /// Gives the sink every block whose turn it is.
    fn drain(&mut self, columns: &[Column], strict: bool, paths: &[PathBuf]) {
        while self.stop.is_none()
            && let Some(parsed) = self.waiting.remove(&self.next)
        {
            self.next += 1;
            let mut chunk = match parsed.chunk {
                Ok(chunk) => chunk,
                Err(widen) => {
                    self.stop = Some(Ok(Passed::Widen(widen)));
                    return;
                }
            };
            self.line = parsed.starts_at_line.unwrap_or(self.line);
            for entry in &mut chunk.faults.0 {
                entry.line += self.line;
                entry.file = parsed.file;
            }
            if let (true, Some(entry)) = (strict, chunk.faults.first_refused()) {
                let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
                self.stop = Some(Err(Faults::describe(entry, &names, paths, "line")));
                return;
            }
            if let (0, Some(bytes)) = (self.rows, self.bytes) {
                // The first block tells how long rows are, more or less.
                let blocks = bytes as f64 / parsed.bytes.max(1) as f64;
                self.sink.expect(columns, (chunk.rows as f64 * blocks * 1.05) as usize);
            }
            self.line += chunk.lines;
            self.rows += chunk.rows as u64;
            self.faults.append(std::mem::take(&mut chunk.faults));
            for (found, values) in self.found.iter_mut().zip(&chunk.columns) {
                *found = found.join(values.found);
            }
            if let Err(error) = self.sink.push(columns, &chunk) {
                self.stop = Some(Err(error));
            }
            self.spare.push(chunk);
        }
    }
}
