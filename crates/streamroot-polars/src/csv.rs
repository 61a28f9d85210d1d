//! Reads CSV files: header, separator and types are found out, blocks of rows are parsed on all cores.
//!
//! A column's type is the narrowest that fits all of its values, never a guess from the first ones: when a block holds
//! a value that does not fit, reading starts again with the wider type. What is read is handed to a [`Sink`] in the
//! order of the file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::SystemTime;

use adbc_core::error::Result;

use crate::error::{invalid_data, io_error};
use crate::faults::{Fault, Faults, excerpt};
use crate::names::{Renames, role};
use crate::parse::{self, Block, Chunk, Column, Cursor, End, Layout, Role, Type, Widen};
use crate::progress::{self, Counted};
use crate::source::{Compression, Format, Input};

/// How much is read and parsed at once: as much as stays at hand in a core's cache, together with what is made of it.
const BLOCK: usize = 1 << 17;
/// How much is read for a first idea of the columns' types.
const SAMPLE: usize = 1 << 14;
/// A line that is longer is no line of a CSV file.
const LONGEST_ROW: usize = 1 << 26;

/// Takes the rows, in order.
pub trait Sink: Send {
    /// About as many rows will come as this.
    fn expect(&mut self, columns: &[Column], rows: usize);
    /// The chunk's room is used again.
    fn push(&mut self, columns: &[Column], chunk: &Chunk) -> Result<()>;
    /// Forgets all rows: reading starts again with wider types.
    fn restart(&mut self);
}

/// What is known of the rows that went to a sink.
pub struct Outcome {
    pub columns: Vec<Column>,
    pub faults: Faults,
}

/// Reads all files into a sink. With `strict`, the first fault other than a missing value is an error.
pub fn read(inputs: &[Input], renames: &Renames, strict: bool, sink: &mut dyn Sink) -> Result<Outcome> {
    let mut columns = Vec::new();
    let mut sources = Vec::new();
    for (file, input) in inputs.iter().enumerate() {
        sources.push(Source::look(input, file, renames, &mut columns)?);
    }
    loop {
        progress::begin(sources.iter().filter_map(|source| source.stamp).map(|(length, _)| length).sum());
        match pass(&sources, &columns, strict, sink)? {
            Passed::Done(faults, rows) => {
                for source in &sources {
                    source.check_unchanged()?;
                }
                if rows == 0 {
                    let path = sources.first().map(|s| s.path.display().to_string()).unwrap_or_default();
                    return Err(invalid_data(format!("{path} has a header and no row: there is nothing to analyse")));
                }
                return Ok(Outcome { columns, faults });
            }
            Passed::Widen(Widen { column, to }) => {
                columns[column].ty = to;
                sink.restart();
            }
        }
    }
}

// ---------------------------------------------------------------- headers

struct Source {
    path: PathBuf,
    compression: Compression,
    /// Index among the inputs.
    file: usize,
    layout: Layout,
    /// The line end of the header, in bytes from the file's start, and lines up to there.
    header_len: usize,
    header_lines: u64,
    stamp: Option<(u64, SystemTime)>,
}

impl Source {
    /// Reads the header of a file, and its first rows for a first idea of the types.
    fn look(input: &Input, file: usize, renames: &Renames, columns: &mut Vec<Column>) -> Result<Source> {
        let path = &input.path;
        let Format::Csv(compression) = input.format else {
            return Err(invalid_data(format!("{} is not a CSV file", path.display())));
        };
        let (mut reader, stamp) = open(path, compression)?;
        let mut head = Vec::new();
        fill(&mut *reader, &mut head, 0, SAMPLE, path)?;
        let mut end = header_end(&head);
        while end.is_none() && head.len() < LONGEST_ROW {
            let read = head.len();
            if !fill(&mut *reader, &mut head, read, 1 << 20, path)? {
                break;
            }
            end = header_end(&head);
        }
        let shown = path.display().to_string();
        if head.trim_ascii().is_empty() {
            return Err(invalid_data(format!(
                "{shown} is empty: it should have a line that names its columns, and rows"
            )));
        }
        let start = header_start(&head);
        let (header_len, separator) = end.unwrap_or_else(|| (head.len(), separator(&head[start..])));
        let header = &head[start..header_len];
        if header.contains(&0) || std::str::from_utf8(header).is_err() {
            return Err(invalid_data(format!("{shown} is not a text file in UTF-8: save it as CSV in UTF-8")));
        }
        let names = renames.apply(&shown, &fields(&shown, header, separator)?)?;
        let keys: Vec<&str> = input.partitions.iter().map(|(key, _)| key.as_str()).collect();
        let first = columns.is_empty();
        if first {
            *columns = names
                .iter()
                .map(String::as_str)
                .chain(keys.iter().copied().filter(|key| !names.iter().any(|name| name == key)))
                .map(|name| Column { name: name.to_owned(), role: role(name), ty: first_type(role(name)) })
                .collect();
        }
        let find = |name: &str| columns.iter().position(|column| column.name == name);
        let other_columns = |name: &str| {
            invalid_data(format!(
                "{shown} has other columns than the first file ({name} is in one of them only): open files of one kind"
            ))
        };
        let mut places = Vec::with_capacity(names.len());
        for name in &names {
            places.push(find(name).ok_or_else(|| other_columns(name))?);
        }
        // A column that is both in the file and in its path is read from the file.
        let mut constants = Vec::new();
        for (key, value) in &input.partitions {
            if !names.iter().any(|name| name == key) {
                constants.push((find(key).ok_or_else(|| other_columns(key))?, value.clone()));
            }
        }
        if let Some(column) = (0..columns.len()).find(|i| !places.contains(i) && constants.iter().all(|(c, _)| c != i))
        {
            return Err(other_columns(&columns[column].name));
        }
        let layout = Layout { separator, places, constants };
        if first {
            guess_types(&head[header_len..], &layout, columns);
        }
        let header_lines = head[..header_len].iter().filter(|b| **b == b'\n').count() as u64;
        Ok(Source { path: path.clone(), compression, file, layout, header_len, header_lines, stamp })
    }

    /// How many bytes of text the file has, if that can be told from its length.
    fn bytes(&self) -> Option<u64> {
        self.stamp.filter(|_| self.compression == Compression::None).map(|(len, _)| len)
    }

    fn check_unchanged(&self) -> Result<()> {
        if stamp(&self.path) == self.stamp {
            return Ok(());
        }
        Err(invalid_data(format!("{} changed or vanished while it was read: open it again", self.path.display())))
    }
}

fn first_type(role: Role) -> Type {
    match role {
        Role::P2p | Role::Cdn => Type::Float,
        Role::Connected => Type::Bool,
        Role::Name => Type::Text,
        Role::Stream | Role::Other => Type::Int,
    }
}

/// Sets the open columns to the type of the values in `rows`. A wrong guess only costs a second pass.
fn guess_types(rows: &[u8], layout: &Layout, columns: &mut [Column]) {
    let mut found: Vec<Option<Type>> = vec![None; columns.len()];
    let mut note = |column: usize, value: &[u8]| {
        if !parse::is_missing(value) {
            let ty = Type::of(value);
            found[column] = Some(found[column].map_or(ty, |known| known.join(ty)));
        }
    };
    // The last row may be cut off by the end of the sample.
    let whole = memchr::memrchr(b'\n', rows).map_or(rows, |end| &rows[..=end]);
    let mut cursor = Cursor { bytes: whole, at: 0, line: 0, separator: layout.separator };
    while cursor.at < whole.len() {
        if cursor.skip_blank_line() {
            continue;
        }
        let mut places = layout.places.iter();
        loop {
            let field = cursor.field();
            if let (Some(&column), None) = (places.next(), field.fault) {
                note(column, &field.bytes);
            }
            if field.end != End::Separator {
                break;
            }
        }
    }
    for (column, value) in &layout.constants {
        note(*column, value.as_bytes());
    }
    for (column, ty) in columns.iter_mut().zip(found) {
        match column.role {
            // A column with no value at all is text.
            Role::Other => column.ty = ty.unwrap_or(Type::Text),
            Role::Stream if ty.is_some_and(|ty| ty != Type::Int) => column.ty = Type::Text,
            _ => {}
        }
    }
}

/// Where the header starts, behind a byte order mark and blank lines.
fn header_start(bytes: &[u8]) -> usize {
    let bom = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    bom + bytes[bom..].iter().take_while(|b| b.is_ascii_whitespace() && **b != b'\t').count()
}

/// The place behind the line end of the header, if it is in `bytes`, and the separator. A quote counts only where a value
/// starts, as in all other rows.
fn header_end(bytes: &[u8]) -> Option<(usize, u8)> {
    let start = header_start(bytes);
    let end = |separator| {
        let mut cursor = Cursor { bytes, at: start, line: 0, separator };
        loop {
            match cursor.field().end {
                End::Separator => {}
                End::Line => return Some(cursor.at),
                End::Data => return None,
            }
        }
    };
    // The first line tells the separator, unless a line end stands in quotes.
    let line = memchr::memchr(b'\n', &bytes[start..])? + 1;
    let first = end(separator(&bytes[start..start + line]))?;
    let separator = separator(&bytes[start..first]);
    Some((end(separator)?, separator))
}

/// The separator that stands most often in the header outside quotes.
fn separator(header: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    // Quotes that open a value, and end it at the next one. Which separator it is, is not known yet: any will do.
    let (mut quoted, mut starts) = (false, true);
    for byte in header {
        if let (false, Some((_, count))) = (quoted, counts.iter_mut().find(|(separator, _)| separator == byte)) {
            *count += 1;
            starts = true;
        } else if *byte == b'"' && (quoted || starts) {
            // The second of two doubled ones opens it again.
            quoted = !quoted;
            starts = !quoted;
        } else if *byte != b' ' {
            starts = false;
        }
    }
    // The first of equals, which is the comma when there is none at all.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| *separator)
}

/// The names in a header.
fn fields(shown: &str, header: &[u8], separator: u8) -> Result<Vec<String>> {
    let mut cursor = Cursor { bytes: header, at: 0, line: 0, separator };
    let mut fields = Vec::new();
    loop {
        let field = cursor.field();
        let name = String::from_utf8_lossy(&field.bytes).into_owned();
        match field.fault {
            Some(Fault::OpenQuote) => {
                return Err(invalid_data(format!(
                    "{shown} opens a quote in its header, before {:?}, and never closes it: close it",
                    excerpt(&field.bytes)
                )));
            }
            Some(_) => {
                return Err(invalid_data(format!(
                    "{shown} has text behind the closing quote of {:?} in its header: double a quote inside quotes",
                    excerpt(&field.bytes)
                )));
            }
            None => fields.push(name),
        }
        if field.end != End::Separator {
            return Ok(fields);
        }
    }
}

// ---------------------------------------------------------------- files

type Reader = Box<dyn Read + Send>;

fn open(path: &Path, compression: Compression) -> Result<(Reader, Option<(u64, SystemTime)>)> {
    let file = File::open(path).map_err(|error| io_error(path, &error))?;
    let stamp = file.metadata().ok().and_then(|found| Some((found.len(), found.modified().ok()?)));
    let file = Counted(file);
    let reader: Reader = match compression {
        Compression::None => Box::new(file),
        Compression::Gzip => Box::new(flate2::read::MultiGzDecoder::new(io::BufReader::with_capacity(1 << 17, file))),
        Compression::Zstd => Box::new(zstd::Decoder::new(file).map_err(|error| io_error(path, &error))?),
    };
    Ok((reader, stamp))
}

fn stamp(path: &Path) -> Option<(u64, SystemTime)> {
    let found = std::fs::metadata(path).ok()?;
    Some((found.len(), found.modified().ok()?))
}

/// Reads up to `len` bytes behind the first `at` ones, and leaves nothing behind them. False at the end of the file.
fn fill(reader: &mut dyn Read, bytes: &mut Vec<u8>, at: usize, len: usize, path: &Path) -> Result<bool> {
    bytes.resize(at + len, 0);
    let mut end = at;
    while end < at + len {
        match reader.read(&mut bytes[end..]) {
            Ok(0) => break,
            Ok(got) => end += got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(io_error(path, &error)),
        }
    }
    bytes.truncate(end);
    Ok(end > at)
}

// ---------------------------------------------------------------- reading

enum Passed {
    Done(Faults, u64),
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

fn pass(sources: &[Source], columns: &[Column], strict: bool, sink: &mut dyn Sink) -> Result<Passed> {
    let feeder = Mutex::new(Feeder { sources: sources.iter(), current: None, blocks: 0 });
    let shared = Mutex::new(Shared {
        waiting: BTreeMap::new(),
        spare: Vec::new(),
        next: 0,
        bytes: sources.iter().map(Source::bytes).sum(),
        sink,
        faults: Faults::default(),
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
        None => Ok(Passed::Done(shared.faults, shared.rows)),
    }
}

fn work(feeder: &Mutex<Feeder>, shared: &Mutex<Shared>, columns: &[Column], strict: bool, paths: &[PathBuf]) {
    let (mut spare, mut chunk) = (Vec::new(), Chunk::default());
    loop {
        let next = lock(feeder).next(std::mem::take(&mut spare));
        let work = match next {
            Ok(Some(work)) => work,
            Ok(None) => return,
            Err(error) => {
                let mut shared = lock(shared);
                shared.stop.get_or_insert(Err(error));
                return;
            }
        };
        let block = Block { bytes: &work.bytes, file: work.source.file, last: work.last };
        let parsed = parse::parse(&block, &work.source.layout, columns, strict, chunk);
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
            if let Err(error) = self.sink.push(columns, &chunk) {
                self.stop = Some(Err(error));
            }
            self.spare.push(chunk);
        }
    }
}
