//! Files with random damage: the engine never panics, never hangs and never counts wrong.
//!
//! Small files of several forms are mutated by a generator that gives the same files each time. Each is opened strictly
//! and leniently, and read by a reader of its own here, which is simple, slow, and shares nothing with the engine's. What
//! both accept has the same number of sessions and the same bytes in both; what the engine refuses, it refuses with a
//! sentence that names the file.
//!
//! `STREAMROOT_MUTATIONS` sets how many files there are, `STREAMROOT_SEED` which.

#[path = "support/queries.rs"]
#[allow(dead_code, reason = "the random numbers only")]
mod queries;
#[path = "support/simple_reader.rs"]
mod simple_reader;
mod support;
#[path = "support/tables.rs"]
mod tables;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use queries::Random;
use simple_reader::Went;
use streamroot::prelude::*;
use support::Directory;

/// What files are made from, here and by `cargo lab fuzz`.
const SEEDS: [&str; 6] = [
    include_str!("../../fuzz/seeds/sessions.csv"),
    include_str!("../../fuzz/seeds/quotes.csv"),
    include_str!("../../fuzz/seeds/tabs.csv"),
    include_str!("../../fuzz/seeds/few-columns.csv"),
    include_str!("../../fuzz/seeds/quoted-header.csv"),
    include_str!("../../fuzz/seeds/pipes.csv"),
];

/// What tends to break readers.
const TOKENS: [&[u8]; 40] = [
    b"\"",
    b"\"\"",
    b",",
    b";",
    b"\t",
    b"|",
    b"\n",
    b"\r\n",
    b"\r",
    b"\n\n",
    b" ",
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xef\xbb\xbf",
    b"NA",
    b"NaN",
    b"null",
    b"inf",
    b"-1",
    b"1e999",
    b"1e-400",
    b"0x10",
    b"1_000",
    b"+",
    b"-",
    b".",
    b"1.",
    b".5",
    b"-0",
    b"00",
    b"true",
    b"false",
    b"maybe",
    b"p2p",
    b"cdn",
    b"#",
    b"99999999999999999999",
    b"18014398509481985",
    b"\",\"",
];

fn mutated(r: &mut Random) -> Vec<u8> {
    let mut bytes = SEEDS[r.below(SEEDS.len())].as_bytes().to_vec();
    for _ in 0..r.below(5) {
        let at = r.below(bytes.len() + 1);
        let end = (at + 1 + r.below(12)).min(bytes.len());
        match r.below(9) {
            0 if at < bytes.len() => bytes[at] ^= 1 << r.below(8),
            1 if at < bytes.len() => bytes[at] = r.next() as u8,
            2 | 3 => {
                let token = TOKENS[r.below(TOKENS.len())];
                bytes.splice(at..at, token.iter().copied());
            }
            4 => drop(bytes.drain(at..end)),
            5 => {
                let copy = bytes[at..end].to_vec();
                let to = r.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            6 => bytes.truncate(at),
            7 => {
                // Only behind the header, so that most files stay readable.
                let body = bytes.iter().position(|b| *b == b'\n').map_or(0, |at| at + 1);
                let at = body + r.below(bytes.len() - body + 1);
                let token = TOKENS[r.below(TOKENS.len())];
                bytes.splice(at..at, token.iter().copied());
            }
            _ => {
                let digit = bytes.iter().skip(at).position(u8::is_ascii_digit);
                if let Some(digit) = digit {
                    bytes[at + digit] = b'0' + r.below(10) as u8;
                }
            }
        }
    }
    bytes
}

/// Opens a file strictly, and leniently where it is refused or `both` ways are asked for.
fn check(path: &str, bytes: &[u8], both: bool) -> Result<Went, String> {
    let ask = |sessions: Sessions| -> streamroot::Result<[f64; 5]> {
        let sums = sessions.sql(simple_reader::QUESTION)?;
        Ok([0, 1, 2, 3, 4].map(|i| sums.columns()[i].number(0).unwrap_or(f64::NAN)))
    };
    let strict = Sessions::open(path).and_then(ask).map_err(|error| error.to_string());
    let lenient = if both || strict.is_err() {
        Sessions::options().lenient().open(path).and_then(ask).map_err(|error| error.to_string())
    } else {
        strict.clone()
    };
    simple_reader::judge(path, bytes, strict, lenient)
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

/// Tries files by number, on all cores, until all are done or too many went wrong. What comes back is how they went.
fn all_files<H: Ord + Send>(files: u64, one: impl Fn(u64) -> Result<H, String> + Sync) -> BTreeMap<H, u64> {
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let (went, wrong) = (Mutex::new(BTreeMap::new()), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(2, |n| n.get()) as u64;
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let case = next.fetch_add(1, Ordering::Relaxed);
                    if case >= files || wrong.lock().unwrap().len() > 20 {
                        break;
                    }
                    match one(case) {
                        Ok(how) => *went.lock().unwrap().entry(how).or_insert(0) += 1,
                        Err(what) => wrong.lock().unwrap().push(format!("case {case}: {what}")),
                    }
                    done.fetch_add(1, Ordering::Relaxed);
                }
                done.fetch_add(files, Ordering::Relaxed);
            });
        }
        // A file that is never done with must not stop the tests for ever.
        scope.spawn(|| {
            let (mut last, mut since) = (0, Instant::now());
            while done.load(Ordering::Relaxed) < files * threads {
                std::thread::sleep(Duration::from_millis(20));
                let now = done.load(Ordering::Relaxed);
                if now != last {
                    (last, since) = (now, Instant::now());
                } else if since.elapsed() > Duration::from_secs(120) {
                    eprintln!("no file was done with in two minutes, near case {}", next.load(Ordering::Relaxed));
                    std::process::abort();
                }
            }
        });
    });
    let (went, wrong) = (went.into_inner().unwrap(), wrong.into_inner().unwrap());
    assert!(wrong.is_empty(), "{} files went wrong:\n{}", wrong.len(), wrong.join("\n"));
    went
}

#[test]
fn damaged_files_are_read_right_or_refused() {
    let (files, seed) = (number("STREAMROOT_MUTATIONS", 20_000), number("STREAMROOT_SEED", 2019));
    let directory = Directory::new();
    let went = all_files(files, |case| {
        let bytes = mutated(&mut Random(seed.wrapping_mul(1 << 32).wrapping_add(case)));
        let path = directory.write(&format!("{case}.csv"), &bytes);
        let found = check(&path, &bytes, case % 4 == 0);
        std::fs::remove_file(&path).unwrap();
        found.map_err(|what| format!("{what}\n{:?}", String::from_utf8_lossy(&bytes)))
    });
    println!("{went:?}");
    // A test whose files are all refused tells little.
    for how in [Went::Agreed, Went::AgreedLeniently, Went::Alone, Went::Refused] {
        let found = went.get(&how).copied().unwrap_or(0);
        assert!(found * 50 >= files, "only {found} of {files} files were {how:?}");
    }
}

/// The text of each cell.
type Cells = Vec<Vec<String>>;

/// Tables of all types are read cell by cell as they were made, from CSV and from the Parquet that is made of it.
#[test]
fn made_up_tables_are_read_as_they_were_made() {
    let (files, seed) = (number("STREAMROOT_MUTATIONS", 20_000) / 20, number("STREAMROOT_SEED", 2019));
    let directory = Directory::new();
    let went = all_files(files, |case| {
        let mut random = Random(seed.wrapping_mul(1 << 34).wrapping_add(case));
        let made = tables::made(&mut |n| random.below(n));
        let path = directory.write(&format!("{case}.csv"), &made.text);
        let copy = directory.path(&format!("{case}.parquet"));
        let rows = |sessions: &Sessions| -> streamroot::Result<Cells> {
            let table = sessions.sql("SELECT * FROM sessions")?;
            let row = |row| table.columns().iter().map(|column| support::value(column, row)).collect();
            Ok((0..table.rows()).map(row).collect())
        };
        let read = || -> streamroot::Result<(Cells, Option<Cells>)> {
            let sessions = Sessions::open(&path)?;
            let found = rows(&sessions)?;
            if case % 8 > 0 {
                return Ok((found, None));
            }
            sessions.sql(&format!("COPY (SELECT * FROM sessions) TO '{copy}' (FORMAT PARQUET)"))?;
            Ok((found, Some(rows(&Sessions::open(&copy)?)?)))
        };
        let (found, again) = read().map_err(|error| format!("{error}\n{}", made.text))?;
        for path in [path.as_str(), copy.as_str()] {
            let _ = std::fs::remove_file(path);
        }
        for found in [Some(found), again].into_iter().flatten() {
            let same = found.len() == made.cells.len() && found.iter().zip(&made.cells).all(|(a, b)| a == b);
            if !same {
                return Err(format!("{found:?}\ninstead of\n{:?}\nin\n{}", made.cells, made.text));
            }
        }
        Ok("read")
    });
    assert_eq!(went.values().sum::<u64>(), files);
}

/// What tends to break readers of numbers: lengths and counts that can't be, in the ways that Parquet and Arrow write them.
const ABSURD: [&[u8]; 14] = [
    &[0xff, 0xff, 0xff, 0xff],
    &[0xff, 0xff, 0xff, 0x7f],
    &[0x00, 0x00, 0x00, 0x80],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    &[0xff; 8],
    &[0, 0, 0, 0, 0, 1, 0, 0],
    &[0; 4],
    &[0; 8],
    &[0xfe, 0xff, 0xff, 0xff, 0x0f],
    &[0xff, 0xff, 0xff, 0xff, 0x07],
    &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    &[0x80, 0x80, 0x80, 0x80, 0x80, 0x20],
    &[0x01],
    &[0xff],
];

/// Damages a Parquet or Arrow file. What it says of itself stands in its last part, and is hit as often as the rest.
fn damaged(bytes: &mut Vec<u8>, r: &mut Random) {
    for _ in 0..1 + r.below(3) {
        let whole = bytes.len().max(1);
        let at = if r.below(2) == 0 { r.below(whole) } else { whole - 1 - r.below((whole / 2).max(1)) };
        let end = (at + 1 + r.below(12)).min(bytes.len());
        match r.below(10) {
            0..=3 if at < bytes.len() => bytes[at] ^= 1 << r.below(8),
            4 if at < bytes.len() => bytes[at] = r.next() as u8,
            5 | 6 => {
                // In the place of as many bytes, or of a few more or fewer.
                let token = ABSURD[r.below(ABSURD.len())];
                let end = if r.below(2) == 0 { (at + token.len()).min(bytes.len()) } else { end };
                bytes.splice(at.min(end)..end, token.iter().copied());
            }
            7 if r.below(4) == 0 => bytes.truncate(at),
            8 => drop(bytes.drain(at.min(end)..end)),
            9 => {
                let copy = bytes[at.min(end)..end].to_vec();
                let to = r.below(bytes.len() + 1);
                bytes.splice(to..(to + copy.len()).min(bytes.len()), copy);
            }
            _ => {}
        }
    }
}

/// Nothing tells a value with a changed bit from another value, so values may differ. The number of rows may not.
#[test]
fn damaged_parquet_and_arrow_files_are_counted_right_or_refused() {
    let (files, seed) = (number("STREAMROOT_MUTATIONS", 20_000) / 20, number("STREAMROOT_SEED", 2019));
    let seeds = ["sessions", "delta-zstd", "plain-gzip", "dictionary-none"].map(|name| format!("{name}.parquet"));
    let seeds = seeds.into_iter().chain(["sessions", "lz4", "zstd"].map(|name| format!("{name}.arrow")));
    let read = |name: String| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(&name);
        (name, std::fs::read(path).unwrap())
    };
    let seeds: Vec<(String, Vec<u8>)> = seeds.map(read).collect();
    let directory = Directory::new();
    let went = all_files(files, |case| {
        let mut random = Random(seed.wrapping_mul(1 << 33).wrapping_add(case));
        let (name, mut bytes) = seeds[case as usize % seeds.len()].clone();
        damaged(&mut bytes, &mut random);
        let path = directory.write(&format!("{case}-{name}"), &bytes);
        let options = if case % 2 == 0 { Sessions::options() } else { Sessions::options().lenient() };
        let count = options.open(&path).and_then(|sessions| {
            let all = sessions.sql("SELECT * FROM sessions")?.rows();
            Ok((f64::from(sessions.count()?), all))
        });
        let found = match count {
            Ok((5.0, 5)) => Ok((name, "opened")),
            Ok(count) => Err(format!("{count:?} rows instead of 5 in {name}: {bytes:x?}")),
            Err(error) => {
                let sentence = error.to_string();
                let fine = sentence.contains(&path)
                    && sentence.len() < 700
                    && !sentence.contains('\n')
                    && !sentence.contains("the engine failed");
                if fine { Ok((name, "refused")) } else { Err(format!("{name} is refused with: {sentence}")) }
            }
        };
        std::fs::remove_file(&path).unwrap();
        found
    });
    println!("{went:?}");
    for (name, _) in seeds {
        for how in ["opened", "refused"] {
            assert!(went.contains_key(&(name.clone(), how)), "no {name} was {how}: {went:?}");
        }
    }
}

/// Compressed files carry a sum of what they hold, so damage never goes unseen.
#[test]
fn damaged_compressed_files_are_read_right_or_refused() {
    let (files, seed) = (number("STREAMROOT_MUTATIONS", 20_000) / 10, number("STREAMROOT_SEED", 2019));
    let directory = Directory::new();
    let mut random = Random(seed);
    for name in ["sessions.csv.gz", "sessions.csv.zst"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name);
        let whole = std::fs::read(&path).unwrap();
        let rows = |path: &str| Sessions::open(path).and_then(|sessions| sessions.sql("SELECT * FROM sessions"));
        let expected = rows(path.to_str().unwrap()).unwrap();
        let (mut opened, mut refused) = (0, 0);
        for case in 0..files {
            let mut bytes = whole.clone();
            for _ in 0..1 + random.below(3) {
                let at = random.below(bytes.len());
                match random.below(5) {
                    0 => bytes[at] = random.next() as u8,
                    1 => bytes.truncate(at.max(1)),
                    2 if bytes.len() > 20 => drop(bytes.drain(at..(at + 1 + random.below(8)).min(bytes.len()))),
                    _ => bytes[at] ^= 1 << random.below(8),
                }
            }
            let path = directory.write(&format!("{case}-{name}"), &bytes);
            match rows(&path) {
                Ok(table) => {
                    assert_eq!(table, expected, "{name} {case}: {bytes:x?}");
                    opened += 1;
                }
                Err(error) => {
                    let sentence = error.to_string();
                    assert!(
                        sentence.contains(&path) && !sentence.contains("the engine failed"),
                        "{name} {case}: {sentence}"
                    );
                    refused += 1;
                }
            }
            std::fs::remove_file(&path).unwrap();
        }
        assert!(opened > 0 && refused * 2 > files, "{name}: {opened} opened, {refused} refused");
    }
}
