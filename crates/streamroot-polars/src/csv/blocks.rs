//! Blocks of whole rows, which all cores parse, and which go to a [`Sink`] in their order.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use adbc_core::error::Result;

use super::column::{Chunk, Column, Widen};
use super::cursor::{Cursor, End};
use super::file::{Reader, fill, open};
use super::header::{LONGEST_ROW, Source};
use super::lane::Marks;
use super::rows::{Reading, parse};
use super::value::Type;
use crate::error::invalid_data;
use crate::faults::Faults;
use crate::guard::check;

/// How much is read and parsed at once: as much as stays at hand in a core's cache, together with what is made of it.
const BLOCK: usize = 1 << 17;

/// Takes the rows, in order.
pub trait Sink: Send {
    /// Forgets all rows, since all files are read anew; about as many will come as this.
    fn begin(&mut self, columns: &[Column], rows: usize);
    fn push(&mut self, columns: &[Column], chunk: &Chunk) -> Result<()>;
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
    /// What has been read and not yet handed out. It starts at a row's start.
    rest: Vec<u8>,
    /// The line that the next block starts at, if it is the first.
    line: Option<u64>,
}

struct Work<'a> {
    index: usize,
    source: &'a Source,
    bytes: Vec<u8>,
    starts_at_line: Option<u64>,
    last: bool,
}

impl<'a> Feeder<'a> {
    fn next(&mut self) -> Result<Option<Work<'a>>> {
        let open = match &mut self.current {
            Some(open) => open,
            None => {
                let Some(source) = self.sources.next() else { return Ok(None) };
                self.current.insert(Open::new(source)?)
            }
        };
        let (source, starts_at_line, (bytes, last)) = (open.source, open.line.take(), open.block()?);
        if last {
            self.current = None;
        }
        self.blocks += 1;
        Ok(Some(Work { index: self.blocks - 1, source, bytes, starts_at_line, last }))
    }
}

impl<'a> Open<'a> {
    fn new(source: &'a Source) -> Result<Open<'a>> {
        let (mut reader, state) = open(&source.path, source.compression)?;
        if state != source.state {
            source.check_unchanged()?;
        }
        fill(&mut *reader, &mut Vec::new(), source.header_len, &source.path)?;
        Ok(Open { source, reader, rest: Vec::new(), line: Some(source.header_lines + 1) })
    }

    /// Whole rows, about a block of them, and whether they are the file's last.
    fn block(&mut self) -> Result<(Vec<u8>, bool)> {
        let mut bytes = std::mem::take(&mut self.rest);
        let mut wanted = BLOCK.saturating_sub(bytes.len()).max(1 << 16);
        while fill(&mut *self.reader, &mut bytes, wanted, &self.source.path)? {
            // Something must stay behind, so that the last block knows that it is.
            let cut = rows_end(&bytes, self.source.layout.separator).filter(|cut| *cut < bytes.len());
            if let Some(cut) = cut {
                self.rest = bytes.split_off(cut);
                return Ok((bytes, false));
            }
            if bytes.len() > LONGEST_ROW {
                return Err(invalid_data(format!(
                    "{} has a row of more than {} MB: a quote may be open, or it is no CSV file",
                    self.source.path.display(),
                    LONGEST_ROW >> 20
                )));
            }
            wanted = bytes.len();
        }
        Ok((bytes, true))
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

/// What a block is, or why it could not be read as planned.
type Parsed = std::result::Result<Chunk, Widen>;

/// What the threads of a pass share.
struct Shared<'s> {
    /// Parsed blocks that wait for an earlier one, with the line that they start at if it is known.
    waiting: BTreeMap<usize, (Parsed, &'s Source, Option<u64>)>,
    /// The next block that the sink takes.
    next: usize,
    sink: &'s mut dyn Sink,
    faults: Faults,
    found: Vec<Type>,
    rows: u64,
    /// The number of the line that the next block starts at, from 1.
    line: u64,
    stop: Option<Result<Passed>>,
}

/// Reads all files once, as far as they have the types that are expected.
pub fn pass(sources: &[Source], columns: &[Column], strict: bool, sink: &mut dyn Sink) -> Result<Passed> {
    sink.begin(columns, sources.iter().map(|source| source.rows).sum());
    let feeder = Mutex::new(Feeder { sources: sources.iter(), current: None, blocks: 0 });
    let shared = Mutex::new(Shared {
        waiting: BTreeMap::new(),
        next: 0,
        sink,
        faults: Faults::default(),
        found: vec![Type::Open; columns.len()],
        rows: 0,
        line: 1,
        stop: None,
    });
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| work(&feeder, &shared, columns, strict));
        }
        work(&feeder, &shared, columns, strict);
    });
    let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    shared.stop.unwrap_or(Ok(Passed::Done(shared.faults, shared.rows, shared.found)))
}

fn work<'s>(feeder: &Mutex<Feeder<'s>>, shared: &Mutex<Shared<'s>>, columns: &[Column], strict: bool) {
    let mut marks = Marks::default();
    loop {
        let next = check().and_then(|()| lock(feeder).next());
        let Work { index, source, bytes, starts_at_line, last } = match next {
            Ok(Some(work)) => work,
            Ok(None) => return,
            Err(error) => {
                lock(shared).stop.get_or_insert(Err(error));
                return;
            }
        };
        let reading = Reading { layout: &source.layout, columns, strict, lane: true };
        let chunk = parse(&bytes, last, reading, &mut marks);
        let mut shared = lock(shared);
        shared.waiting.insert(index, (chunk, source, starts_at_line));
        shared.drain(columns, strict);
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
    fn drain(&mut self, columns: &[Column], strict: bool) {
        while self.stop.is_none()
            && let Some((chunk, source, starts_at_line)) = self.waiting.remove(&self.next)
        {
            self.next += 1;
            let mut chunk = match chunk {
                Ok(chunk) => chunk,
                Err(widen) => {
                    self.stop = Some(Ok(Passed::Widen(widen)));
                    return;
                }
            };
            self.line = starts_at_line.unwrap_or(self.line);
            for entry in &mut chunk.faults.0 {
                entry.line += self.line;
                entry.file = source.file;
            }
            if let (true, Some(entry)) = (strict, chunk.faults.first_refused()) {
                let column = entry.column.map(|column| columns[column].name.as_str());
                self.stop = Some(Err(entry.describe(&source.path, "line", column)));
                return;
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
        }
    }
}
