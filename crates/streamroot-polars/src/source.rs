//! From a path to the files that hold the data: one file, a glob, or a directory, perhaps partitioned by its folders.

use std::fs::{self, File, Metadata};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Component, Path, PathBuf};

use adbc_core::error::{Error, Result, Status};
use serde::{Deserialize, Serialize};

use crate::error::{invalid_argument, invalid_data, io_error};
use crate::mapped;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    Csv(Compression),
    Parquet,
    Ipc,
}

/// How a CSV file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compression {
    None,
    Gzip,
    Zstd,
}

/// One file of the data.
#[derive(Clone, Debug)]
pub struct Input {
    pub path: PathBuf,
    pub format: Format,
    /// `key=value` folders between the opened directory and the file.
    pub partitions: Vec<(String, String)>,
    /// How many bytes of the path are the opened directory's.
    pub below: usize,
}

/// Tells when files are no longer what they were: another size, another time of change, another file of the same name.
/// Times are compared and never ordered, so it does not matter whether the clock is right.
#[derive(Debug)]
pub struct Watch(Vec<(PathBuf, State)>);

impl Watch {
    /// Watches files as they are now.
    pub fn of(inputs: &[Input]) -> Result<Watch> {
        let seen = |input: &Input| Ok((input.path.clone(), state(&input.path)?));
        inputs.iter().map(seen).collect::<Result<_>>().map(Watch)
    }

    /// An error when a file has changed.
    pub fn check(&self) -> Result<()> {
        for (path, before) in &self.0 {
            if !state(path).is_ok_and(|now| now == *before) {
                return Err(invalid_data(format!(
                    "{} changed or vanished while it was read, or since it was opened: open it again",
                    path.display()
                )));
            }
        }
        Ok(())
    }

    /// Does some reading of the files. That they changed is the error that counts, whatever else came of it.
    pub fn during<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.check()?;
        // A panic may come of a change, too.
        let (done, gone) = mapped::reading(|| catch_unwind(AssertUnwindSafe(work)));
        self.check()?;
        // A part of an unchanged file can be gone when the disk fails; or it was another reading's file.
        if gone {
            for (path, _) in &self.0 {
                File::open(path)
                    .and_then(|mut file| std::io::copy(&mut file, &mut std::io::sink()))
                    .map_err(|error| io_error(path, &error))?;
            }
        }
        done.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

/// By what a file that changes is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    pub length: u64,
    others: [i64; 5],
}

impl State {
    pub fn of(found: &Metadata) -> State {
        let inode = found.ino() as i64;
        let others = [inode, found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()];
        State { length: found.len(), others }
    }
}

fn state(path: &Path) -> Result<State> {
    fs::metadata(path).map(|found| State::of(&found)).map_err(|error| io_error(path, &error))
}

/// The files that a path, a glob pattern or a `file://` address stands for, in the order of their names.
pub fn find(uri: &str) -> Result<Vec<Input>> {
    let path = local_path(uri)?;
    let (root, paths) = match fs::metadata(&path) {
        Ok(found) if found.is_dir() => {
            let mut paths = Vec::new();
            walk(&path, &mut paths)?;
            if paths.is_empty() {
                return Err(Error::with_message_and_status(
                    format!("the directory {} holds no CSV, Parquet or Arrow file", path.display()),
                    Status::NotFound,
                ));
            }
            (path, paths)
        }
        Ok(_) => (path.parent().map(Path::to_path_buf).unwrap_or_default(), vec![path]),
        Err(_) if is_pattern(&path) => expand(&path)?,
        Err(error) => return Err(io_error(&path, &error)),
    };
    let inputs = paths
        .into_iter()
        .map(|path| {
            let below = if path.starts_with(&root) { root.as_os_str().len() } else { 0 };
            Ok(Input { format: format(&path)?, partitions: partitions(&root, &path), path, below })
        })
        .collect::<Result<Vec<_>>>()?;
    check_alike(&inputs)?;
    Ok(inputs)
}

fn local_path(uri: &str) -> Result<PathBuf> {
    if let Some(rest) = uri.strip_prefix("file://") {
        return Ok(PathBuf::from(percent_decoded(rest)?));
    }
    match uri.split_once("://") {
        Some((scheme, _)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => Err(invalid_argument(format!(
            "this engine reads local files, and {uri} is not one: get the file, or connect to an engine that reads {scheme}"
        ))),
        _ if uri.is_empty() => {
            Err(invalid_argument("the path of the data is empty: give a file, a glob or a directory"))
        }
        _ => Ok(PathBuf::from(uri)),
    }
}

/// Undoes `%2C` and the like.
pub fn percent_decoded(text: &str) -> Result<String> {
    let wrong =
        || invalid_argument(format!("{text:?} has a % that no two hexadecimal digits follow: write %25 for it"));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16)).ok_or_else(wrong);
        bytes.push((digit()? * 16 + digit()?) as u8);
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '['])
}

/// The files of a glob pattern, and the folder in front of its first wildcard.
fn expand(pattern: &Path) -> Result<(PathBuf, Vec<PathBuf>)> {
    let shown = pattern.display();
    let matches = glob::glob(&pattern.to_string_lossy())
        .map_err(|error| invalid_argument(format!("{shown} is not a glob pattern: {}", error.msg)))?;
    let mut paths = Vec::new();
    for found in matches {
        let path = found.map_err(|error| io_error(error.path(), error.error()))?;
        if path.is_dir() {
            walk(&path, &mut paths)?;
        } else {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(Error::with_message_and_status(
            format!("no file matches {shown}: check the pattern"),
            Status::NotFound,
        ));
    }
    let root = pattern.components().take_while(|part| !is_pattern(Path::new(part))).collect();
    Ok((root, paths))
}

/// Adds the data files under a directory, in the order of their names; hidden ones and those that start with `_` (as
/// Spark's markers do) are no data.
fn walk(directory: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    let wrong = |error| io_error(directory, &error);
    let mut entries = fs::read_dir(directory).map_err(wrong)?.collect::<std::io::Result<Vec<_>>>().map_err(wrong)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy().to_lowercase();
        if name.starts_with(['.', '_']) {
            continue;
        }
        if path.is_dir() {
            walk(&path, paths)?;
        } else if has_data_extension(&name) {
            paths.push(path);
        }
    }
    Ok(())
}

fn has_data_extension(name: &str) -> bool {
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name);
    matches!(name.rsplit_once('.'), Some((_, "csv" | "tsv" | "psv" | "parquet" | "arrow" | "ipc" | "feather")))
}

/// A file's format by its first bytes. What is not Parquet or Arrow is taken for CSV.
fn format(path: &Path) -> Result<Format> {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(8).read_to_end(&mut head));
    read.map_err(|error| io_error(path, &error))?;
    let shown = path.display();
    match head.as_slice() {
        [b'P', b'A', b'R', b'1', ..] => Ok(Format::Parquet),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Ok(Format::Ipc),
        [0x1f, 0x8b, ..] => Ok(Format::Csv(Compression::Gzip)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Ok(Format::Csv(Compression::Zstd)),
        [b'P', b'K', 3, 4, ..] => {
            Err(invalid_data(format!("{shown} is a ZIP or Excel file: unpack it, or save the sheet as CSV")))
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            Err(invalid_data(format!("{shown} is encoded in UTF-16: save it as UTF-8")))
        }
        [0xff, 0xff, 0xff, 0xff, ..] => {
            Err(invalid_data(format!("{shown} is an Arrow stream: write it as an Arrow file")))
        }
        _ => Ok(Format::Csv(Compression::None)),
    }
}

fn partitions(root: &Path, path: &Path) -> Vec<(String, String)> {
    let inner = path.strip_prefix(root).unwrap_or(path);
    let folders = inner.parent().into_iter().flat_map(Path::components);
    folders
        .filter_map(|folder| match folder {
            Component::Normal(name) => name.to_str()?.split_once('='),
            _ => None,
        })
        .map(|(key, value)| {
            let decoded = |text: &str| percent_decoded(text).unwrap_or_else(|_| text.to_owned());
            let value = if value == "__HIVE_DEFAULT_PARTITION__" { String::new() } else { decoded(value) };
            (decoded(key), value)
        })
        .collect()
}

fn check_alike(inputs: &[Input]) -> Result<()> {
    let Some((first, others)) = inputs.split_first() else { return Ok(()) };
    let kind = |input: &Input| match input.format {
        Format::Csv(_) => "CSV",
        Format::Parquet => "Parquet",
        Format::Ipc => "Arrow",
    };
    let keys = |input: &Input| input.partitions.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
    for other in others {
        let (a, b) = (first.path.display(), other.path.display());
        if kind(first) != kind(other) {
            return Err(invalid_data(format!(
                "{a} is {} and {b} is {}: open one kind at a time, with a pattern such as *.csv",
                kind(first),
                kind(other)
            )));
        }
        if keys(first) != keys(other) {
            return Err(invalid_data(format!(
                "{a} and {b} lie in folders with different partition keys: open one kind at a time"
            )));
        }
    }
    Ok(())
}
