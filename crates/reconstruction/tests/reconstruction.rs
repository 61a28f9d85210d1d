//! The written file, read back: its form, and what no published figure says of its sessions. `figures.rs` has the figures.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use toml::Value;

struct Session {
    stream: String,
    isp: String,
    browser: String,
    connected: bool,
    p2p: f64,
    cdn: Option<f64>,
}

/// A folder of its own for each test, removed when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("reconstruction-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn write(&self, name: &str, options: &[&str]) -> PathBuf {
        let path = self.0.join(name);
        let output = Command::new(env!("CARGO_BIN_EXE_reconstruction"))
            .arg("--output")
            .arg(&path)
            .args(options)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn read(path: &PathBuf) -> Vec<Session> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).unwrap();
    let rows = reader.records().map(|row| row.unwrap());
    rows.map(|row| Session {
        stream: row[0].to_owned(),
        isp: row[1].to_owned(),
        browser: row[2].to_owned(),
        connected: row[3].parse().unwrap(),
        p2p: row[4].parse().unwrap(),
        cdn: row.get(5).map(|cdn| cdn.parse().unwrap()),
    })
    .collect()
}

fn published() -> Value {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/published.toml")).unwrap();
    Value::Table(text.parse().unwrap())
}

#[test]
fn the_file_has_the_originals_form() {
    let folder = Folder::new("form");
    let text = fs::read_to_string(folder.write("sessions.csv", &[])).unwrap();
    let published = published();
    let file = &published["file"];
    let line = |row: &Value| {
        let of = |key: &str| match &row[key] {
            Value::String(text) => text.clone(),
            Value::Float(number) => format!("{number:?}"),
            Value::Boolean(value) => value.to_string(),
            other => other.as_integer().unwrap().to_string(),
        };
        let cdn = row.get("cdn").map_or(String::new(), |_| format!(",{}", of("cdn")));
        format!("{},{},{},{},{}{cdn}", of("stream"), of("isp"), of("browser"), of("connected"), of("p2p"))
    };
    let mut lines = text.lines();
    assert_eq!(lines.next(), file["header"].as_str());
    for row in file["first_rows"].as_array().unwrap() {
        assert_eq!(lines.next().unwrap(), line(row));
    }
    assert_eq!(text.lines().last().unwrap(), line(&file["last_row"]));
    assert_eq!(text.lines().count() as i64, 1 + file["rows"].as_integer().unwrap());
    assert_eq!(text.lines().skip(1).filter(|line| line.split(',').count() != 6).count(), 1);

    let streams: Vec<&str> = text.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert!(streams.is_sorted(), "rows are grouped by stream");
}

#[test]
fn sessions_are_possible_ones() {
    let folder = Folder::new("possible");
    let published = published();
    let mut largest: BTreeMap<String, f64> = BTreeMap::new();
    for session in read(&folder.write("sessions.csv", &[])) {
        assert!(session.connected || session.p2p == 0.0, "who is not connected has no P2P");
        let Some(cdn) = session.cdn else { continue };
        let size = published["rounded"]["stream_size_bytes"][&session.stream].as_integer().unwrap() as f64;
        let total = session.p2p + cdn;
        assert!((total - size).abs() <= 0.05 * size, "stream {}: {total}", session.stream);
        let largest = largest.entry(session.stream).or_default();
        *largest = largest.max(total);
    }
    // The write-up that was published with the sizes has the largest session of all just below 105 MB.
    assert!(largest["8"] < 105e6 && largest["8"] > 104.5e6);
}

#[test]
fn p2p_spreads_over_sessions() {
    let folder = Folder::new("spread");
    // The sample of any size has the same spread.
    for options in [&[][..], &["--sessions", "500000"]] {
        let mut parts: BTreeMap<(String, String), Vec<f64>> = BTreeMap::new();
        for session in read(&folder.write("sessions.csv", options)).iter().filter(|s| s.p2p > 0.0) {
            let Some(cdn) = session.cdn else { continue };
            let key = (session.stream.clone(), session.isp.clone());
            parts.entry(key).or_default().push(session.p2p / (session.p2p + cdn));
        }
        let mut bins = [0.0; 100];
        for (key, parts) in &parts {
            let distinct: BTreeSet<u64> = parts.iter().map(|part| part.to_bits()).collect();
            assert!(distinct.len() * 10 > parts.len() * 9, "{key:?}");
            parts.iter().for_each(|part| bins[(part * 100.0) as usize] += 1.0);
        }
        // A histogram without holes, spikes and steps between its hills.
        for near in bins.windows(3) {
            let (low, high) = (f64::min(near[0], near[2]), f64::max(near[0], near[2]));
            assert!(0.7 * low < near[1] && near[1] < 1.3 * high, "{bins:?}");
        }
        // BTP's long sessions are as close to each other as the published deviation asks for.
        let btp = &parts[&("8".to_owned(), "BTP".to_owned())];
        let mean = btp.iter().sum::<f64>() / btp.len() as f64;
        let variance = btp.iter().map(|part| (part - mean).powi(2)).sum::<f64>() / btp.len() as f64;
        assert!((0.01..0.05).contains(&variance.sqrt()), "{mean} ± {}", variance.sqrt());
    }
}

/// Cramér's V of ISP and browser among the sessions of one stream.
fn association(sessions: &[&Session]) -> f64 {
    let mut counts: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    let (mut isps, mut browsers): (BTreeMap<&str, f64>, BTreeMap<&str, f64>) = Default::default();
    for session in sessions {
        *counts.entry((&session.isp, &session.browser)).or_default() += 1.0;
        *isps.entry(&session.isp).or_default() += 1.0;
        *browsers.entry(&session.browser).or_default() += 1.0;
    }
    let n = sessions.len() as f64;
    let mut chi2 = 0.0;
    for (isp, row) in &isps {
        for (browser, column) in &browsers {
            let expected = row * column / n;
            chi2 += (counts.get(&(*isp, *browser)).unwrap_or(&0.0) - expected).powi(2) / expected;
        }
    }
    (chi2 / (n * (isps.len().min(browsers.len()) - 1) as f64)).sqrt()
}

#[test]
fn isp_and_browser_are_nearly_independent() {
    let folder = Folder::new("independent");
    let sessions = read(&folder.write("sessions.csv", &[]));
    for stream in 1..=9 {
        for connected in [true, false] {
            let of = |s: &&Session| s.stream == stream.to_string() && s.connected == connected;
            let v = association(&sessions.iter().filter(of).collect::<Vec<_>>());
            assert!(v < 0.15, "stream {stream}, connected {connected}: {v}");
        }
    }
}

#[test]
fn two_runs_write_the_same_bytes_and_nothing_else() {
    let folder = Folder::new("same");
    let (first, second) = (folder.write("a.csv", &[]), folder.write("b.csv", &[]));
    assert!(fs::read(first).unwrap() == fs::read(second).unwrap());
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 2, "no temporary file is left");
}

#[test]
fn a_scaled_file_has_the_same_mix() {
    let folder = Folder::new("scaled");
    let sessions = read(&folder.write("small.csv", &["--sessions", "200000"]));
    assert_eq!(sessions.len(), 200_000);
    let cut_off: Vec<usize> = (0..sessions.len()).filter(|&i| sessions[i].cdn.is_none()).collect();
    assert_eq!(cut_off, [199_999], "the last row is cut off, and no other");
    let published = published();
    let users = published["exact"]["users"].as_integer().unwrap() as f64;
    for (key, of) in [("users_by_isp", (|s| &s.isp) as fn(&Session) -> &String), ("users_by_browser", |s| &s.browser)] {
        for (name, count) in published["exact"][key].as_table().unwrap() {
            let share = sessions.iter().filter(|s| of(s) == name).count() as f64 / 200_000.0;
            let expected = count.as_integer().unwrap() as f64 / users;
            // Six standard errors of a drawn share.
            let error = 6.0 * (expected * (1.0 - expected) / 200_000.0).sqrt();
            assert!((share - expected).abs() <= error, "{name}: {share} instead of {expected}");
        }
    }
    assert!(sessions.iter().map(|s| &s.stream).is_sorted());

    let parquet = fs::File::open(folder.write("small.parquet", &["--sessions", "200000"])).unwrap();
    let reader = parquet::file::serialized_reader::SerializedFileReader::new(parquet).unwrap();
    let (mut rows, mut p2p) = (0, 0.0);
    for row in reader {
        use parquet::record::RowAccessor;
        let row = row.unwrap();
        p2p += row.get_double(4).unwrap();
        rows += 1;
        assert_eq!(row.get_double(5).is_err(), rows == 200_000, "the last cdn is null, and no other");
    }
    assert_eq!(rows, 200_000);
    // The same draws in another form.
    let csv_p2p: f64 = sessions.iter().map(|s| s.p2p).sum();
    assert!((p2p - csv_p2p).abs() < 1e-6 * p2p);
}

#[test]
fn what_can_not_be_written_is_said_in_a_sentence() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_reconstruction")).args(arguments).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(run(&["--output", "/dev/null/sessions.csv"]).contains("/dev/null/sessions.csv"));
    assert!(run(&["--sessions", "0", "--output", "/dev/null"]).contains("at least one"));
    let folder = Folder::new("refused");
    let inside = folder.write("sessions.csv", &["--sessions", "1"]);
    assert!(run(&["--output", folder.0.to_str().unwrap()]).contains("no file"));
    assert!(inside.exists(), "what was there is still there");
    // Behind a link, so that no device of this machine is lost when this fails.
    #[cfg(unix)]
    {
        let device = folder.0.join("device");
        std::os::unix::fs::symlink("/dev/null", &device).unwrap();
        assert!(run(&["--output", device.to_str().unwrap()]).contains("no file"));
    }
    assert!(run(&["--format", "xlsx"]).contains("csv or parquet"));
}
