//! Counts the rows of an Arrow file by going through its batches, one after another.
//!
//! The end of such a file lists where its batches are, and each batch says how many rows it has, twice. polars goes by the list
//! and takes one of the two for granted: where they are damaged, it may read fewer rows than there are, or a batch again.
//! See the [format](https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format).

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use polars_arrow_format::ipc::planus::{Error, ReadAsRoot};
use polars_arrow_format::ipc::{FooterRef, MessageHeaderRef, MessageRef};

/// The magic word at the start, filled up to eight bytes.
const HEAD: u64 = 8;
/// The length of the list at the end, and the magic word.
const TAIL: u64 = 10;
/// Stands in front of a message's length.
const CONTINUATION: i32 = -1;

/// How many rows the batches of a file have together, or what is wrong with them.
pub fn rows(path: &Path) -> Result<u64, String> {
    let mut file = File::open(path).map_err(|error| error.to_string())?;
    let len = file.metadata().map_err(|error| error.to_string())?.len();
    let ends = len.checked_sub(TAIL).ok_or("it is too short")?;
    let listed = u64::try_from(number(&mut file, ends)?).map_err(|_| "its list of batches has no length")?;
    let list = ends.checked_sub(listed).ok_or("its list of batches is longer than itself")?;
    let (mut at, mut rows, mut found) = (HEAD, 0_u64, Vec::new());
    while at < list {
        let (mut size, mut body) = (number(&mut file, at)?, at + 4);
        if size == CONTINUATION {
            (size, body) = (number(&mut file, body)?, body + 4);
        }
        let size = u64::try_from(size).map_err(|_| format!("its batch at byte {at} has no length"))?;
        if size == 0 {
            break;
        }
        if size > list.saturating_sub(body) {
            return Err(format!("its batch at byte {at} goes beyond its end"));
        }
        let message = block(&mut file, body, size)?;
        let (of_batch, length) = self::message(&message).map_err(|what| format!("its batch at byte {at}: {what}"))?;
        if let Some(of_batch) = of_batch {
            rows = rows.checked_add(of_batch).ok_or("its batches have too many rows")?;
            found.push(at);
        }
        at = body.checked_add(size).and_then(|at| at.checked_add(length)).ok_or("a batch has no length")?;
    }
    if at > list {
        return Err("its last batch is cut off".to_owned());
    }
    let places = places(&block(&mut file, list, listed)?)?;
    if places == found {
        Ok(rows)
    } else {
        Err("its list of batches leads to other places than its batches".to_owned())
    }
}

/// Where the list at the end says that the batches are, in their order.
fn places(list: &[u8]) -> Result<Vec<u64>, String> {
    let blocks = FooterRef::read_as_root(list).and_then(|footer| footer.record_batches()).map_err(said)?;
    let places = blocks.into_iter().flatten().map(|block| u64::try_from(block.offset()));
    let mut places = places.collect::<Result<Vec<_>, _>>().map_err(|_| "a place in its list of batches is none")?;
    places.sort_unstable();
    Ok(places)
}

/// The rows of a message, if it is a batch, and the length of what follows it.
fn message(bytes: &[u8]) -> Result<(Option<u64>, u64), String> {
    let message = MessageRef::read_as_root(bytes).map_err(said)?;
    let length = u64::try_from(message.body_length().map_err(said)?).map_err(|_| "it has no length")?;
    let Some(MessageHeaderRef::RecordBatch(batch)) = message.header().map_err(said)? else {
        return Ok((None, length));
    };
    let rows = batch.length().map_err(said)?;
    // The first column is never nested in another.
    if let Some(first) = batch.nodes().map_err(said)?.and_then(|nodes| nodes.iter().next())
        && first.length() != rows
    {
        return Err(format!("it says that it has {rows} rows and that a column of it has {}", first.length()));
    }
    Ok((Some(u64::try_from(rows).map_err(|_| "it has fewer rows than none")?), length))
}

fn said(error: Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

fn block(file: &mut File, at: u64, len: u64) -> Result<Vec<u8>, String> {
    let mut bytes = vec![0; usize::try_from(len).map_err(|error| error.to_string())?];
    file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut bytes)).map_err(|error| error.to_string())?;
    Ok(bytes)
}

fn number(file: &mut File, at: u64) -> Result<i32, String> {
    let mut bytes = [0; 4];
    file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut bytes)).map_err(|error| error.to_string())?;
    Ok(i32::from_le_bytes(bytes))
}
