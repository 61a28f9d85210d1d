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
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use queries::Random;
use streamroot::prelude::*;
use support::Directory;

const SEEDS: [&str; 6] = [
    "#stream,isp,browser,connected,p2p,cdn\n1,Fro,Iron,true,30,10\n2,BTP,Swamp,false,0,20.5\n3,,Iron,true,1e3,\n4,Olga,Iron,true,0,7\n",
    "cdn;p2p;connected;note\r\n1;2;yes;\"a;b\"\r\n3;4;no;\"say \"\"hi\"\"\"\r\nNA;5;1;x\r\n",
    "\u{feff}stream\tp2p\tcdn\n7\t1.25\t2\n\n8\t0\tnull\n9\t3\t4",
    "p2p,cdn\n1,2\n3,4\n5,6\n7,8\n9,10\n11,12\n13,14\n15,16\n",
    "\"p2p\",\"cdn\",\"two\nlines\"\n\"1\",\"2\",\"a\nb\"\n\"3\",\"\",\"\"\n",
    " p2p | cdn | country | connected \n 1 | 2 | DE | TRUE \n 0 | 4 | é | False \n",
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

/// What the simple reader finds in a file.
#[derive(Debug)]
struct Read {
    rows: usize,
    /// Of P2P and of the CDN: how many values there are, and their sum.
    bytes: [(usize, f64); 2],
    /// Whether each value is what it should be.
    sound: bool,
}

/// What stands for a missing value.
const MISSING: [&str; 8] = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "Null"];

/// Splits text into rows of fields. A field is in quotes when one is the first thing in it but spaces. `None` when quotes
/// are not as they should be.
fn split(text: &str, separator: char) -> Option<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    let mut chars = text.chars().peekable();
    loop {
        // Lines with nothing in them.
        while chars.peek() == Some(&'\n') {
            chars.next();
        }
        if chars.peek().is_none() {
            return Some(rows);
        }
        let mut row = Vec::new();
        loop {
            let mut field = String::new();
            while chars.peek() == Some(&' ') {
                chars.next();
            }
            if chars.peek() == Some(&'"') {
                chars.next();
                loop {
                    match chars.next()? {
                        '"' if chars.peek() == Some(&'"') => field.push(chars.next()?),
                        '"' => break,
                        c => field.push(c),
                    }
                }
                while chars.peek() == Some(&' ') {
                    chars.next();
                }
                if chars.peek().is_some_and(|c| *c != separator && *c != '\n') {
                    return None;
                }
            } else {
                while let Some(c) = chars.next_if(|c| *c != separator && *c != '\n') {
                    field.push(c);
                }
            }
            row.push(field.trim().to_owned());
            match chars.next() {
                Some(c) if c == separator => {}
                _ => break,
            }
        }
        rows.push(row);
    }
}

/// Reads a file, unless anything in it is out of the ordinary.
fn read(bytes: &[u8]) -> Option<Read> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    // Control characters within a line, and lines of nothing but spaces, can be taken in more than one way.
    let odd = |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || c == '\u{feff}';
    if text.contains(odd) || text.split('\n').any(|line| !line.is_empty() && line.trim().is_empty()) {
        return None;
    }
    let text = text.trim_start_matches('\n');
    // A header with one kind of separator in its first line, so that only that can be meant.
    let header = text.split('\n').next()?;
    let separators: Vec<char> = [',', ';', '\t', '|'].into_iter().filter(|c| header.contains(*c)).collect();
    let [separator] = separators[..] else { return None };
    let rows = split(text, separator)?;
    let (header, rows) = rows.split_first()?;
    let names: Vec<String> = header
        .iter()
        .enumerate()
        .map(|(i, name)| if i == 0 { name.trim_start_matches('#').trim() } else { name }.to_lowercase())
        .collect();
    // Another separator in a further line of the header may be meant; of equal names, either column.
    let stray = |(i, name): (usize, &String)| name.contains([',', ';', '\t', '|']) || names[..i].contains(name);
    if names.iter().enumerate().any(stray) {
        return None;
    }
    let one = |wanted: &str| {
        let mut found = names.iter().enumerate().filter(|(_, name)| *name == wanted);
        found.next().map(|(i, _)| i).filter(|_| found.next().is_none())
    };
    let places = [one("p2p")?, one("cdn")?];
    let connected = names.iter().position(|name| name == "connected");
    let mut result = Read { rows: rows.len(), bytes: [(0, 0.0); 2], sound: true };
    for (i, row) in rows.iter().enumerate() {
        let short = row.len() < names.len();
        result.sound &= row.len() == names.len() || (short && i + 1 == rows.len());
        for (place, (count, sum)) in places.into_iter().zip(&mut result.bytes) {
            let value = row.get(place).map_or("", String::as_str);
            if MISSING.contains(&value) {
                continue;
            }
            match value.parse::<f64>() {
                Ok(number) if number.is_finite() && number >= 0.0 => (*count, *sum) = (*count + 1, *sum + number),
                _ => result.sound = false,
            }
        }
        let connected = connected.and_then(|place| row.get(place)).map_or("", String::as_str);
        let (yes, no) = (["true", "t", "yes", "y", "1"], ["false", "f", "no", "n", "0"]);
        let connected_is = |forms: [&str; 5]| forms.contains(&connected.to_lowercase().as_str());
        result.sound &= MISSING.contains(&connected) || connected_is(yes) || connected_is(no);
        if connected_is(no) {
            let p2p = row.get(places[0]).and_then(|value| value.parse::<f64>().ok());
            result.sound &= p2p.is_none_or(|p2p| p2p.is_nan() || p2p == 0.0);
        }
    }
    Some(result)
}

/// How the files went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Went {
    /// Both read it, and the engine strictly.
    Agreed,
    /// Both read it, the engine leniently.
    AgreedLeniently,
    /// The engine read what the simple reader does not judge.
    Alone,
    /// The engine refused it either way.
    Refused,
}

/// Opens a file strictly, and leniently where it is refused or `both` ways are asked for.
fn check(path: &str, bytes: &[u8], both: bool) -> Result<Went, String> {
    let expected = read(bytes);
    let ask = |sessions: Sessions| -> streamroot::Result<[f64; 5]> {
        let sums = sessions.sql(
            "SELECT COUNT(*) AS n, COUNT(p2p) AS p, COALESCE(SUM(p2p), 0.0) AS ps, COUNT(cdn) AS c, \
             COALESCE(SUM(cdn), 0.0) AS cs FROM sessions",
        )?;
        Ok([0, 1, 2, 3, 4].map(|i| sums.columns()[i].number(0).unwrap_or(f64::NAN)))
    };
    let refused = |error: Error| {
        let sentence = error.to_string();
        let fine = sentence.contains(path) && sentence.len() < 1000 && !sentence.contains("the engine failed");
        if fine { Ok(()) } else { Err(format!("refused with: {sentence}")) }
    };
    let agrees = |found: [f64; 5], expected: &Read| {
        let [(p, ps), (c, cs)] = expected.bytes;
        let near = |a: f64, b: f64| a == b || (a - b).abs() <= 1e-12 * a.abs().max(b.abs());
        let same = found[0] == expected.rows as f64
            && (!expected.sound
                || (found[1] == p as f64 && near(found[2], ps) && found[3] == c as f64 && near(found[4], cs)));
        if same { Ok(()) } else { Err(format!("{found:?} instead of {expected:?}")) }
    };
    let strict = Sessions::open(path).and_then(ask);
    let lenient = match &strict {
        Ok(sums) if !both => Ok(*sums),
        _ => Sessions::options().lenient().open(path).and_then(ask),
    };
    match (strict, lenient, expected) {
        (Ok(strict), Ok(lenient), _) if strict.map(f64::to_bits) != lenient.map(f64::to_bits) => {
            Err(format!("{strict:?} strictly and {lenient:?} leniently"))
        }
        (Ok(_), Err(error), _) => Err(format!("opened strictly, but not leniently: {error}")),
        (Ok(found), Ok(_), Some(expected)) => {
            if !expected.sound {
                return Err(format!("opened strictly with {expected:?}"));
            }
            agrees(found, &expected).map(|()| Went::Agreed)
        }
        (Err(error), _, Some(expected)) if expected.sound && expected.rows > 0 => {
            Err(format!("{error} with {expected:?}"))
        }
        (Err(error), Ok(found), Some(expected)) => {
            refused(error)?;
            agrees(found, &expected).map(|()| Went::AgreedLeniently)
        }
        (Ok(_), Ok(_), None) => Ok(Went::Alone),
        (Err(error), Ok(_), None) => refused(error).map(|()| Went::Alone),
        (Err(strict), Err(lenient), _) => {
            refused(strict)?;
            refused(lenient).map(|()| Went::Refused)
        }
    }
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
    let (files, seed) = (number("STREAMROOT_MUTATIONS", 100_000), number("STREAMROOT_SEED", 2019));
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
    let (files, seed) = (number("STREAMROOT_MUTATIONS", 100_000) / 50, number("STREAMROOT_SEED", 2019));
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
    let (files, seed) = (number("STREAMROOT_MUTATIONS", 100_000) / 50, number("STREAMROOT_SEED", 2019));
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
