//! The quick way through rows reads what the plain one reads, whatever the file looks like.

use super::column::{Chunk, Column, Data, Values, Widen};
use super::lane::Marks;
use super::rows::{Layout, Reading, parse};
use super::value::Type;
use crate::names::Role;

/// Random numbers, the same each time (xorshift64*).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// Columns of sessions, and as many more as are wanted.
fn columns(count: usize) -> Vec<Column> {
    let first = [
        ("stream", Role::Stream, Type::Natural),
        ("isp", Role::Name, Type::Text),
        ("connected", Role::Connected, Type::Bool),
        ("p2p", Role::P2p, Type::Float),
        ("cdn", Role::Cdn, Type::Float),
    ];
    let more = (first.len()..count).map(|i| (format!("c{i}"), Role::Other, Type::Natural));
    let first = first.into_iter().map(|(name, role, ty)| (name.to_owned(), role, ty));
    first.chain(more).take(count).map(|(name, role, ty)| Column { name, role, ty }).collect()
}

/// Reads a block with types that fit all of its values, as a pass over a file does.
fn read(bytes: &[u8], count: usize, last: bool, strict: bool, lane: bool, into: &mut Chunk) -> Vec<Type> {
    let layout = Layout { separator: b',', places: (0..count).rev().collect(), constants: vec![] };
    let mut columns = columns(count);
    loop {
        let reading = Reading { layout: &layout, columns: &columns, strict, lane };
        match parse(bytes, last, reading, &mut Marks::default()) {
            Ok(chunk) => {
                *into = chunk;
                return columns.iter().map(|column| column.ty).collect();
            }
            Err(Widen { column, to }) => columns[column].ty = to,
        }
    }
}

/// The values of a chunk, as text, and its faults.
fn shown(chunk: &Chunk) -> (u64, Vec<Vec<String>>, Vec<String>) {
    let value = |values: &Values, row: usize| match &values.data {
        _ if values.is_null(row) => "-".to_owned(),
        Data::Int(all) => all[row].to_string(),
        Data::Float(all) => all[row].to_string(),
        Data::Bool(all) => all[row].to_string(),
        Data::Text { codes, dictionary } => {
            String::from_utf8_lossy(dictionary.iter().nth(codes[row] as usize).unwrap()).into_owned()
        }
    };
    let columns = chunk.columns.iter().map(|values| (0..chunk.rows).map(|row| value(values, row)).collect()).collect();
    let mut faults: Vec<String> = chunk.faults.0.iter().map(|entry| format!("{entry:?}")).collect();
    faults.sort();
    (chunk.lines, columns, faults)
}

/// A file without its header: few columns or hundreds, full or sparse, quoted, ragged, with any line end.
fn file(r: &mut Random, count: usize, rows: usize) -> Vec<u8> {
    let full = r.pick(&[1, 8, 8, 200]);
    let (quoted, ragged, odd) = (r.pick(&[0, 0, 0, 3]), r.pick(&[0, 0, 20]), r.pick(&[0, 0, 10]));
    let end = r.pick(&["\n", "\n", "\r\n", "mixed"]);
    let kinds: Vec<usize> = (0..count).map(|_| r.below(6)).collect();
    let mut text = String::new();
    for _ in 0..rows {
        let width = match ragged > 0 && r.below(ragged) == 0 {
            true => r.below(count + 3).max(1),
            false => count,
        };
        for i in 0..width {
            text += if i > 0 { "," } else { "" };
            // Columns are read in the other order.
            let column = count.wrapping_sub(i + 1);
            let is_session = column < 5;
            if !is_session && r.below(full) > 0 {
                continue;
            }
            let value = match (column, kinds.get(i)) {
                (0, _) => r.below(12).to_string(),
                (1, _) => r.pick(&["Fro", "Datch Telecam", "a name of more than sixteen bytes", "", "é"]).to_owned(),
                (2, _) => r.pick(&["true", "true", "false", ""]).to_owned(),
                (3 | 4, _) => format!("{}.{}", r.below(1 << 30), r.below(1 << 20)),
                (_, Some(0)) => r.below(1 << 20).to_string(),
                (_, Some(1)) => format!("{}.{}", r.below(1 << 10), r.below(1 << 10)),
                (_, Some(2)) => format!("2019-03-{:02}", r.below(28) + 1),
                (_, Some(3)) => r.pick(&["a", "b", "07", "0.5"]).to_owned(),
                _ => r.below(10).to_string(),
            };
            let strange =
                ["NA", "-1", "18446744073709551615", " 7 ", "x", "1e400", "07.5", "2019-03-10 10:00", "\0", "\u{feff}"];
            let value = if odd > 0 && r.below(odd * count) == 0 { r.pick(&strange).to_owned() } else { value };
            text += &if quoted > 0 && r.below(quoted * 4) == 0 { format!("\"{value}\"") } else { value };
        }
        text += if end == "mixed" { r.pick(&["\n", "\r\n", "\n\n"]) } else { end };
    }
    let mut bytes = text.into_bytes();
    if odd > 0 && !bytes.is_empty() && r.below(3) == 0 {
        let at = r.below(bytes.len());
        bytes[at] = r.pick(b"\xff\"\r ");
    }
    bytes
}

#[test]
fn the_quick_way_reads_what_the_plain_one_reads() {
    let mut random = Random(2019);
    let (mut plain, mut quick) = (Chunk::default(), Chunk::default());
    let (mut faults, mut values) = (0, 0);
    for case in 0..400 {
        let count = random.pick(&[2, 5, 6, 7, 12, 101, 300]);
        let most = if case % 60 == 0 { 3_000 } else { 30 };
        let rows = random.below(most);
        let mut bytes = file(&mut random, count, rows * 6 / (count + 5) + 1);
        // Every length around those 64 bytes.
        let spare = bytes.len() % 64;
        let cuts = if case % 5 == 0 { spare.min(bytes.len()) } else { 0 };
        for cut in 0..=cuts {
            bytes.truncate(bytes.len() - usize::from(cut > 0));
            let last = random.below(2) == 0;
            let types = read(&bytes, count, last, false, false, &mut plain);
            assert_eq!(
                read(&bytes, count, last, false, true, &mut quick),
                types,
                "{:?}",
                String::from_utf8_lossy(&bytes)
            );
            let (one, other) = (shown(&plain), shown(&quick));
            assert_eq!(one, other, "{:?}", String::from_utf8_lossy(&bytes));
            faults += plain.faults.0.len();
            values += plain.rows * count;
            // Strict reading ends at the first fault, or some rows later; which one that is, is the same.
            let refused = |chunk: &Chunk| chunk.faults.first_refused().map(|e| (e.line, e.fault, e.column));
            let first = refused(&plain);
            for (lane, chunk) in [(false, &mut plain), (true, &mut quick)] {
                read(&bytes, count, last, true, lane, chunk);
                assert_eq!(refused(chunk).map(|f| f.0), first.map(|f| f.0), "{:?}", String::from_utf8_lossy(&bytes));
            }
        }
    }
    assert!(faults > 500 && values > 300_000, "there was something to read: {faults} faults, {values} values");
}
