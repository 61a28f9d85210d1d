//! A reader of CSV files that is simple, slow, and shares nothing with the engine's; and what must be the same in both.

/// What the simple reader finds in a file.
#[derive(Debug)]
pub struct Read {
    rows: usize,
    /// Of P2P and of the CDN: how many values there are, and their sum.
    bytes: [(usize, f64); 2],
    /// Whether each value is what it should be.
    sound: bool,
}

/// What stands for a missing value.
const MISSING: [&str; 8] = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "Null"];

/// A row's fields, and whether nothing stands there but separators.
type Row = (Vec<String>, bool);

/// Splits text into rows of fields. A field is in quotes when one is the first thing in it but spaces. `None` when quotes
/// are not as they should be.
fn split(text: &str, separator: char) -> Option<Vec<Row>> {
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
        let mut is_blank = true;
        loop {
            is_blank &= chars.peek().is_none_or(|c| *c == separator || *c == '\n');
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
        is_blank &= row.len() > 1;
        rows.push((row, is_blank));
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
    let ((header, _), rows) = rows.split_first()?;
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
    for (i, (row, is_blank)) in rows.iter().enumerate() {
        // The last row may be cut off, behind its first value.
        let cut_off = i + 1 == rows.len() && (2..names.len()).contains(&row.len());
        result.sound &= (row.len() == names.len() || cut_off) && !is_blank;
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
pub enum Went {
    /// Both read it, and the engine strictly.
    Agreed,
    /// Both read it, the engine leniently.
    AgreedLeniently,
    /// The engine read what the simple reader does not judge.
    Alone,
    /// The engine refused it either way.
    Refused,
}

/// What is asked of a file that was opened: how many rows it has, and of P2P and of the CDN, how many values and their sum.
pub const QUESTION: &str = "SELECT COUNT(*) AS n, COUNT(p2p) AS p, COALESCE(SUM(p2p), 0.0) AS ps, COUNT(cdn) AS c, \
    COALESCE(SUM(cdn), 0.0) AS cs FROM sessions";

/// Compares what the engine says of a file, opened strictly and leniently, with what the simple reader finds in it.
///
/// # Errors
/// What is wrong, with what was found and what was to be found.
pub fn judge(
    path: &str,
    bytes: &[u8],
    strict: Result<[f64; 5], String>,
    lenient: Result<[f64; 5], String>,
) -> Result<Went, String> {
    let expected = read(bytes);
    let refused = |sentence: String| {
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
