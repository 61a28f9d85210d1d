//! Every figure of `data/published.toml`, computed from the written file with nothing but the `csv` crate and sums.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use toml::Value;

struct Session {
    stream: String,
    isp: String,
    browser: String,
    connected: bool,
    p2p: f64,
    /// Missing from the last row.
    cdn: Option<f64>,
}

impl Session {
    fn total(&self) -> Option<f64> {
        self.cdn.map(|cdn| self.p2p + cdn)
    }

    fn offload(&self) -> Option<f64> {
        self.total().map(|total| self.p2p / total)
    }

    fn over_100mb(&self) -> bool {
        self.total().is_some_and(|total| total > 100e6)
    }
}

/// What a figure is broken down by.
type Key = fn(&Session) -> String;
/// Which sessions are counted.
type Of = fn(&Session) -> bool;
/// What is averaged.
type Measure = fn(&Session) -> Option<f64>;

const BROWSERS: [&str; 4] = ["EarthWolf", "Iron", "Swamp", "Vectrice"];

fn stream(session: &Session) -> String {
    session.stream.clone()
}

fn isp(session: &Session) -> String {
    session.isp.clone()
}

fn browser(session: &Session) -> String {
    session.browser.clone()
}

fn published() -> Value {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/published.toml")).unwrap();
    Value::Table(text.parse().unwrap())
}

fn sessions() -> Vec<Session> {
    let folder = tempdir();
    let path = folder.join("sessions.csv");
    let status = Command::new(env!("CARGO_BIN_EXE_reconstruction")).arg("--output").arg(&path).status().unwrap();
    assert!(status.success());
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(&path).unwrap();
    let rows = reader.records().map(|row| row.unwrap());
    let sessions = rows.map(|row| Session {
        stream: row[0].to_owned(),
        isp: row[1].to_owned(),
        browser: row[2].to_owned(),
        connected: row[3].parse().unwrap(),
        p2p: row[4].parse().unwrap(),
        cdn: row.get(5).map(|cdn| cdn.parse().unwrap()),
    });
    let sessions = sessions.collect();
    fs::remove_dir_all(folder).unwrap();
    sessions
}

fn tempdir() -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!(
        "reconstruction-figures-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    ));
    fs::create_dir_all(&path).unwrap();
    path
}

fn number(value: &Value) -> f64 {
    value.as_float().or_else(|| value.as_integer().map(|n| n as f64)).unwrap()
}

/// A published table: its categories with their values.
fn table(value: &Value) -> BTreeMap<String, f64> {
    value.as_table().unwrap().iter().map(|(name, value)| (name.clone(), number(value))).collect()
}

fn counts(sessions: &[Session], key: Key, of: Of) -> BTreeMap<String, f64> {
    let mut counts = BTreeMap::new();
    for session in sessions.iter().filter(|session| of(session)) {
        *counts.entry(key(session)).or_insert(0.0) += 1.0;
    }
    counts
}

/// Means of what is there; a session without the value is skipped.
fn means(sessions: &[Session], key: Key, value: Measure) -> BTreeMap<String, f64> {
    let mut sums: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for session in sessions {
        if let Some(value) = value(session) {
            let sum = sums.entry(key(session)).or_default();
            *sum = (sum.0 + value, sum.1 + 1.0);
        }
    }
    sums.into_iter().map(|(name, (sum, n))| (name, sum / n)).collect()
}

/// Compares all categories of a figure, and that there are no others.
fn agree(
    figure: &str,
    computed: &BTreeMap<String, f64>,
    published: &BTreeMap<String, f64>,
    tolerance: impl Fn(f64) -> f64,
) {
    assert!(computed.keys().eq(published.keys()), "{figure}: {computed:?}");
    for (name, &value) in published {
        let off = (computed[name] - value).abs();
        assert!(off <= tolerance(value), "{figure}, {name}: {} instead of {value}", computed[name]);
    }
}

#[test]
fn exact_counts_hold_to_the_last_unit() {
    let (sessions, published) = (sessions(), published());
    let exact = &published["exact"];
    let single: [(&str, Of); 5] = [
        ("users", |_| true),
        ("connected", |s| s.connected),
        ("not_connected", |s| !s.connected),
        ("cdn_only", |s| s.p2p == 0.0),
        ("stream7_cdn_only", |s| s.p2p == 0.0 && s.stream == "7"),
    ];
    for (name, of) in single {
        assert_eq!(sessions.iter().filter(|s| of(s)).count() as f64, number(&exact[name]), "{name}");
    }
    let not_connected: f64 = sessions.iter().filter(|s| !s.connected).map(|s| s.p2p).sum();
    assert_eq!(not_connected, number(&exact["not_connected_p2p_mean"]));

    let by: [(&str, Key, Of); 8] = [
        ("users_by_stream", stream, |_| true),
        ("connected_by_stream", stream, |s| s.connected),
        ("users_by_isp", isp, |_| true),
        ("users_by_browser", browser, |_| true),
        ("not_connected_by_isp", isp, |s| !s.connected),
        ("not_connected_by_browser", browser, |s| !s.connected),
        ("over_100mb_with_p2p_by_browser", browser, |s| s.over_100mb() && s.p2p > 0.0),
        ("over_100mb_cdn_only_by_browser", browser, |s| s.over_100mb() && s.p2p == 0.0),
    ];
    for (name, key, of) in by {
        agree(name, &counts(&sessions, key, of), &table(&exact[name]), |_| 0.0);
    }
    // A figure that is added to the file must be checked here, too.
    assert_eq!(exact.as_table().unwrap().len(), single.len() + 1 + by.len());
}

#[test]
fn rounded_figures_hold_within_their_tolerance() {
    let (sessions, published) = (sessions(), published());
    let rounded = &published["rounded"];

    let mb: Measure = |s| s.total().map(|total| total / 1e6);
    let by_connection = means(&sessions, |s| s.connected.to_string(), mb);
    let all: Key = |_| "all".to_owned();
    let every_p2p: Vec<f64> = sessions.iter().map(|s| s.p2p).collect();
    let (p2p, cdn): (Vec<f64>, Vec<f64>) = sessions.iter().filter_map(|s| Some((s.p2p, s.cdn?))).unzip();
    let correlation = covariance(&p2p, &cdn) / (covariance(&p2p, &p2p) * covariance(&cdn, &cdn)).sqrt();
    let single = [
        ("mean_mb_connected", by_connection["true"]),
        ("mean_mb_not_connected", by_connection["false"]),
        ("mean_p2p_bytes", means(&sessions, all, |s| Some(s.p2p))["all"]),
        ("mean_cdn_bytes", means(&sessions, all, |s| s.cdn)["all"]),
        ("standard_deviation_p2p_bytes", covariance(&every_p2p, &every_p2p).sqrt()),
        ("median_p2p_bytes", quantile(&sessions, 0.5, |s| Some(s.p2p))),
        ("first_quartile_cdn_bytes", quantile(&sessions, 0.25, |s| s.cdn)),
        ("correlation_of_p2p_and_cdn", correlation),
        ("median_offload", quantile(&sessions, 0.5, Session::offload)),
        ("p2p_users_olga_percent", p2p_users(&sessions, isp)["Olga"]),
        ("p2p_users_vectrice_percent", p2p_users(&sessions, browser)["Vectrice"]),
        ("p2p_users_earthwolf_percent", p2p_users(&sessions, browser)["EarthWolf"]),
        ("p2p_users_iron_percent", p2p_users(&sessions, browser)["Iron"]),
    ];
    for (name, computed) in single {
        let of = |key: &str| rounded[name].get(key).map(number);
        let (low, high) = match of("value") {
            Some(value) => {
                let off = of("tolerance").unwrap_or_else(|| value * of("tolerance_percent").unwrap() / 100.0);
                (value - off, value + off)
            }
            None => (of("above").unwrap_or(f64::NEG_INFINITY), of("below").unwrap_or(f64::INFINITY)),
        };
        assert!(low <= computed && computed <= high, "{name}: {computed} is not within {low} to {high}");
    }

    // The comments in the file have these tolerances.
    let by: [(&str, Key, f64); 3] = [
        ("mean_offload_by_stream", stream, 0.003),
        ("mean_offload_by_isp", isp, 0.005),
        ("mean_offload_by_browser", browser, 0.005),
    ];
    for (name, key, tolerance) in by {
        agree(name, &means(&sessions, key, Session::offload), &table(&rounded[name]), |_| tolerance);
    }
    let mut pairs = BTreeMap::new();
    for (isp, values) in rounded["mean_offload_by_isp_and_browser"].as_table().unwrap() {
        for (browser, value) in BROWSERS.iter().zip(values.as_array().unwrap()) {
            pairs.insert(format!("{isp}, {browser}"), number(value));
        }
    }
    let computed = means(&sessions, |s| format!("{}, {}", s.isp, s.browser), Session::offload);
    agree("mean_offload_by_isp_and_browser", &computed, &pairs, |_| 0.02);

    // The size of a stream is a bound for each of its sessions, tested as such elsewhere.
    agree(
        "stream_size_bytes",
        &means(&sessions, stream, Session::total),
        &table(&rounded["stream_size_bytes"]),
        |size| 0.05 * size,
    );
    assert_eq!(rounded.as_table().unwrap().len(), single.len() + by.len() + 2);
}

/// Of a sample: that of a value with itself is its variance.
fn covariance(xs: &[f64], ys: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (x_mean, y_mean) = (mean(xs), mean(ys));
    let products = xs.iter().zip(ys).map(|(x, y)| (x - x_mean) * (y - y_mean));
    products.sum::<f64>() / (xs.len() - 1) as f64
}

/// Between the two sessions around the quantile, in proportion.
fn quantile(sessions: &[Session], part: f64, value: Measure) -> f64 {
    let mut values: Vec<f64> = sessions.iter().filter_map(value).collect();
    values.sort_by(f64::total_cmp);
    let place = part * (values.len() - 1) as f64;
    let (low, high) = (values[place.floor() as usize], values[place.ceil() as usize]);
    low + (high - low) * place.fract()
}

/// The percentage of users with P2P.
fn p2p_users(sessions: &[Session], key: Key) -> BTreeMap<String, f64> {
    means(sessions, key, |s| Some(if s.p2p > 0.0 { 100.0 } else { 0.0 }))
}

#[test]
fn what_was_read_off_pictures_is_near() {
    let (sessions, published) = (sessions(), published());
    let read_off = &published["read_off"];
    let counted: [(&str, Of); 3] = [
        ("stream7_users_by_isp", |s| s.stream == "7"),
        ("over_100mb_with_p2p_by_isp", |s| s.over_100mb() && s.p2p > 0.0),
        ("over_100mb_cdn_only_by_isp", |s| s.over_100mb() && s.p2p == 0.0),
    ];
    for (name, of) in counted {
        let published = table(&read_off[name]);
        let largest = published.values().fold(0.0, |largest: f64, bar| largest.max(*bar));
        agree(name, &counts(&sessions, isp, of), &published, |_| 0.05 * largest);
    }
    let means_of: [(&str, Key, Measure); 4] = [
        ("mean_p2p_bytes_by_isp", isp, |s| Some(s.p2p)),
        ("mean_cdn_bytes_by_isp", isp, |s| s.cdn),
        ("mean_p2p_bytes_by_browser", browser, |s| Some(s.p2p)),
        ("mean_cdn_bytes_by_browser", browser, |s| s.cdn),
    ];
    for (name, key, value) in means_of {
        agree(name, &means(&sessions, key, value), &table(&read_off[name]), |mean| 0.15 * mean);
    }
    assert_eq!(read_off.as_table().unwrap().len(), counted.len() + means_of.len());
}
