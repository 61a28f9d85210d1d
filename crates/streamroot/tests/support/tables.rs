#![allow(dead_code, reason = "each test uses a part")]
//! Makes up tables: columns of all types, gaps, quotes, separators and line ends, with what each cell must be read as.

/// A file, and the text of each cell as it is when it has been read, `-` where nothing is.
pub struct Made {
    pub text: String,
    pub names: Vec<String>,
    pub cells: Vec<Vec<String>>,
}

/// What a column's values are.
#[derive(Clone, Copy)]
enum Kind {
    Natural,
    Int,
    Unsigned,
    Digits,
    Float,
    Bool,
    Date,
    Time,
    Text,
}

const KINDS: [Kind; 9] = [
    Kind::Natural,
    Kind::Int,
    Kind::Unsigned,
    Kind::Digits,
    Kind::Float,
    Kind::Bool,
    Kind::Date,
    Kind::Time,
    Kind::Text,
];

/// A value as it is written and as it is read.
fn value(kind: Kind, below: &mut dyn FnMut(usize) -> usize) -> (String, String) {
    let date = |below: &mut dyn FnMut(usize) -> usize| {
        format!("20{:02}-{:02}-{:02}", below(100), below(12) + 1, below(28) + 1)
    };
    let text = match kind {
        Kind::Natural => below(1 << 20).to_string(),
        Kind::Int => (below(1 << 20) as i64 - (1 << 19)).to_string(),
        Kind::Unsigned => (u64::MAX - below(1 << 20) as u64).to_string(),
        Kind::Digits => format!("{}{:020}", below(9) + 1, below(1 << 20)),
        Kind::Float => return float(below),
        Kind::Bool => ["true", "false"][below(2)].to_owned(),
        Kind::Date => date(below),
        Kind::Time => {
            let (date, hour, minute, second) = (date(below), below(24), below(60), below(60));
            let (part, written) = match below(4) {
                0 => (".25".to_owned(), ".250".to_owned()),
                1 => (".000001".to_owned(), ".000001".to_owned()),
                _ => (String::new(), String::new()),
            };
            let between = ["T", " "][below(2)];
            let zone = ["", "Z", "+00:00"][below(3)];
            let clock = format!("{hour:02}:{minute:02}:{second:02}");
            return (format!("{date}{between}{clock}{written}{zone}"), format!("{date} {clock}{part}"));
        }
        Kind::Text => ["a", "b b", "é", "07", "it's", "a;b", "a,b", "a|b", "say \"hi\"", "two\nlines", "1 2"]
            [below(11)]
        .to_owned(),
    };
    (text.clone(), text)
}

/// A number of bytes or another fraction, with an end that is exact in binary.
fn float(below: &mut dyn FnMut(usize) -> usize) -> (String, String) {
    let whole = below(1 << 24);
    let fraction = ["", ".0", ".5", ".25", ".125"][below(5)];
    let number = format!("{whole}{fraction}");
    (number.clone(), number.parse::<f64>().unwrap_or_default().to_string())
}

/// A table by what `below(n)` says, which gives numbers below `n`.
pub fn made(below: &mut dyn FnMut(usize) -> usize) -> Made {
    let separator = [',', ',', ';', '\t', '|'][below(5)];
    let end = ["\n", "\n", "\r\n"][below(3)];
    let columns = 2 + [below(6), below(30), below(300)][below(3)];
    let rows = 1 + if columns > 40 { below(8) } else { below(60) };
    let (gaps, quotes) = ([0, 3, 50, 99][below(4)], [0, 0, 10, 50][below(4)]);
    let kinds: Vec<Kind> = (0..columns).map(|_| KINDS[below(KINDS.len())]).collect();
    let p2p = below(columns);
    let cdn = (p2p + 1 + below(columns - 1)) % columns;
    let name = |i: usize| match i {
        i if i == p2p => "p2p".to_owned(),
        i if i == cdn => "cdn".to_owned(),
        i => format!("c{i}"),
    };
    let names: Vec<String> = (0..columns).map(name).collect();
    let mut text = names.join(&separator.to_string());
    let mut cells = Vec::with_capacity(rows);
    for _ in 0..rows {
        text += end;
        let mut row = Vec::with_capacity(columns);
        for (i, kind) in kinds.iter().enumerate() {
            if i > 0 {
                text.push(separator);
            }
            // A row has a value.
            if i != p2p && below(100) < gaps {
                text += ["", "", "NA", "null"][below(4)];
                row.push("-".to_owned());
                continue;
            }
            let (written, read) = if i == p2p || i == cdn { float(below) } else { value(*kind, below) };
            let must = written.contains([separator, '"', '\n']);
            if must || below(100) < quotes {
                text += &format!("\"{}\"", written.replace('"', "\"\""));
            } else {
                text += &written;
            }
            row.push(read);
        }
        cells.push(row);
    }
    if below(2) == 0 {
        text += end;
    }
    Made { text, names, cells }
}
