//! Sessions that reproduce the published figures of the original data set, which itself can't be shipped.
//!
//! The way of the data, by file: the figures (`published.rs`) are raked into counts of sessions of each kind (`counts.rs`)
//! and into the mean part that P2P has in their bytes and its spread (`offload.rs`); single sessions are drawn from these
//! (`rows.rs`) and written (`write.rs`). The same bytes come out on every machine: nothing here depends on the platform, not
//! even on its mathematical functions.
//!
//! `week.rs` makes up a week of sessions with a time, which the original has not.

mod checks;
mod counts;
mod offload;
mod published;
mod rows;
mod week;
mod write;

use std::fmt;
use std::path::Path;

use rand::{RngExt, SeedableRng};

use published::{Published, Row, STREAMS};
use rows::Model;
pub use week::write_week;
use write::{Csv, Parquet, Sink};

/// What went wrong, in one sentence.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(pub(crate) String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

/// How sessions are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// As the original: `#stream,isp,browser,connected,p2p,cdn`.
    Csv,
    /// Compressed with Snappy, about a million rows a group.
    Parquet,
}

const SEED: u64 = 534_954;

/// An algorithm with a name, which stays what it is in later versions and on other machines.
type Random = rand::rngs::Xoshiro256PlusPlus;

/// Writes the reconstruction: as many sessions as the original has, which meet every published figure.
///
/// # Errors
/// When the file can't be written; then nothing is left of it.
pub fn write(path: &Path, format: Format) -> Result<(), Error> {
    let published = Published::embedded()?;
    let cells = counts::cells(&published);
    let parts = offload::parts(&cells, &published);
    let model = Model { published: &published, cells: &cells, parts: &parts };
    let given: Vec<Row> = published.first_rows.iter().chain([&published.last_row]).cloned().collect();
    write::replace(path, |file| {
        let mut sink = sink(file, format, &published)?;
        published.first_rows.iter().try_for_each(|row| sink.put(row))?;
        let mut random = Random::seed_from_u64(SEED);
        for stream in 0..STREAMS.len() {
            model.all(stream, &given, &mut random).iter().try_for_each(|row| sink.put(row))?;
        }
        sink.put(&published.last_row)?;
        sink.close()
    })
}

/// Writes `sessions` sessions that are drawn at random from the same distribution, grouped by stream. They take the same
/// memory however many they are. The last one's cdn is missing, as in the original.
///
/// # Errors
/// When the file can't be written; then nothing is left of it.
pub fn write_scaled(path: &Path, format: Format, sessions: u64) -> Result<(), Error> {
    if sessions == 0 {
        return Err(Error("0 sessions make no file: ask for at least one".to_owned()));
    }
    let published = Published::embedded()?;
    let cells = counts::cells(&published);
    let parts = offload::parts(&cells, &published);
    let model = Model { published: &published, cells: &cells, parts: &parts };
    write::replace(path, |file| {
        let mut sink = sink(file, format, &published)?;
        let mut random = Random::seed_from_u64(SEED);
        let (mut users, mut written) = (0, 0);
        for stream in 0..STREAMS.len() {
            let cells: Vec<_> = cells.iter().filter(|cell| cell.stream == stream && cell.count > 0).collect();
            // The number of users up to each cell, to find the cell of a user by.
            let ends: Vec<u64> = cells
                .iter()
                .scan(0, |end, cell| {
                    *end += cell.count as u64;
                    Some(*end)
                })
                .collect();
            let of_stream = ends.last().copied().unwrap_or(0);
            users += of_stream;
            let until = (u128::from(sessions) * u128::from(users) / published.users as u128) as u64;
            while written < until {
                let user = random.random_range(0..of_stream);
                let cell = cells[ends.partition_point(|end| *end <= user)];
                let rank = random.random();
                let mut row = model.row(cell, rank, &mut random);
                written += 1;
                if written == sessions {
                    row.cdn = None;
                }
                sink.put(&row)?;
            }
        }
        sink.close()
    })
}

/// Writes the published figures as a table, each value with the bounds within which a computed one agrees with it: a CSV
/// file with the columns `figure`, `of`, `value`, `low`, `high` and `held` (exact, rounded or read off). Shares are fractions
/// and sizes bytes there.
///
/// # Errors
/// When the file can't be written.
pub fn write_figures(path: &Path) -> Result<(), Error> {
    let table = checks::table()?;
    write::replace(path, |mut file| {
        use std::io::Write;
        file.write_all(table.as_bytes()).map_err(|e| Error(format!("the figures can't be written: {e}")))
    })
}

fn sink(file: std::fs::File, format: Format, published: &Published) -> Result<Box<dyn Sink>, Error> {
    Ok(match format {
        Format::Csv => Box::new(Csv::new(file, &published.header)?),
        Format::Parquet => Box::new(Parquet::new(file)?),
    })
}
