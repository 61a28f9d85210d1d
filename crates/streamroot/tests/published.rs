//! The aggregations on the full reconstruction, against the figures that were published of the original.

use std::path::Path;

use streamroot::prelude::*;
use toml::Value;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn published() -> Value {
    let path = root().join("data/published.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    Value::Table(text.parse().unwrap())
}

fn sessions() -> Sessions {
    Sessions::open(root().join("data/sessions.csv").to_str().unwrap()).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_float().or_else(|| value.as_integer().map(|n| n as f64)).unwrap()
}

/// Compares a table's last column, by its first, with a published one: all categories, and no others.
fn agree(name: &str, computed: &Table, published: &Value, tolerance: impl Fn(f64) -> f64) {
    let published = published.as_table().unwrap();
    assert_eq!(computed.rows(), published.len(), "{name}: {computed}");
    let column = computed.columns().last().unwrap().name();
    for (category, value) in published {
        let (computed, value) = (computed.number(category, column).unwrap(), number(value));
        let off = (computed - value).abs();
        assert!(off <= tolerance(value), "{name} of {category}: {computed} instead of {value}");
    }
}

#[test]
fn what_is_exact_holds_to_the_last_unit() {
    let (sessions, published) = (sessions(), published());
    let exact = &published["exact"];
    let same = |name: &str, computed: Quantity| assert_eq!(f64::from(computed), number(&exact[name]), "{name}");
    same("users", sessions.count().unwrap());
    same("connected", sessions.filter(Connected).unwrap().count().unwrap());
    same("not_connected", sessions.filter(NotConnected).unwrap().count().unwrap());
    same("cdn_only", sessions.filter(CdnOnly).unwrap().count().unwrap());
    let stream7 = sessions.filter("stream = 7").unwrap();
    same("stream7_cdn_only", stream7.filter(CdnOnly).unwrap().count().unwrap());
    same("not_connected_p2p_mean", sessions.filter(NotConnected).unwrap().mean(P2p).unwrap());

    let not_connected = sessions.filter(NotConnected).unwrap();
    let large = sessions.filter("p2p + cdn > 100e6").unwrap();
    for (name, computed) in [
        ("users_by_stream", sessions.count_by(Stream)),
        ("users_by_isp", sessions.count_by(Isp)),
        ("users_by_browser", sessions.count_by(Browser)),
        ("connected_by_stream", sessions.filter(Connected).unwrap().count_by(Stream)),
        ("not_connected_by_isp", not_connected.count_by(Isp)),
        ("not_connected_by_browser", not_connected.count_by(Browser)),
        ("over_100mb_with_p2p_by_browser", large.filter(WithP2p).unwrap().count_by(Browser)),
        ("over_100mb_cdn_only_by_browser", large.filter(CdnOnly).unwrap().count_by(Browser)),
    ] {
        agree(name, &computed.unwrap(), &exact[name], |_| 0.0);
    }
}

#[test]
fn what_is_rounded_holds_within_its_tolerance() {
    let (sessions, published) = (sessions(), published());
    let rounded = &published["rounded"];
    for (name, condition) in [("mean_mb_connected", Connected.into()), ("mean_mb_not_connected", NotConnected)] {
        let mean = f64::from(sessions.filter(condition).unwrap().mean(Total).unwrap()) / 1e6;
        let (value, tolerance) = (number(&rounded[name]["value"]), number(&rounded[name]["tolerance"]));
        assert!((mean - value).abs() <= tolerance, "{name}: {mean} instead of {value}");
    }
    for (name, measure) in [("mean_p2p_bytes", P2p), ("mean_cdn_bytes", Cdn)] {
        let mean = f64::from(sessions.mean(measure).unwrap());
        let value = number(&rounded[name]["value"]);
        let tolerance = number(&rounded[name]["tolerance_percent"]) / 100.0 * value;
        assert!((mean - value).abs() <= tolerance, "{name}: {mean} instead of {value}");
    }
    let share = |dimension: Dimension, of: &str| {
        sessions.share_by(dimension, WithP2p).unwrap().number(of, "with P2P").unwrap() * 100.0
    };
    let olga = &rounded["p2p_users_olga_percent"];
    assert!((share(Isp, "Olga") - number(&olga["value"])).abs() <= number(&olga["tolerance"]));
    assert!(share(Browser, "Vectrice") < number(&rounded["p2p_users_vectrice_percent"]["below"]));
    assert!(share(Browser, "EarthWolf") > number(&rounded["p2p_users_earthwolf_percent"]["above"]));
    assert!(share(Browser, "Iron") > number(&rounded["p2p_users_iron_percent"]["above"]));

    // The tolerances are those that the comments of the file give.
    for (name, dimension, tolerance) in [
        ("mean_offload_by_stream", Stream, 0.003),
        ("mean_offload_by_isp", Isp, 0.005),
        ("mean_offload_by_browser", Browser, 0.005),
    ] {
        agree(name, &sessions.mean_by(dimension, Offload).unwrap(), &rounded[name], |_| tolerance);
    }
    let pairs = sessions.mean_by([Isp, Browser], Offload).unwrap();
    let mut compared = 0;
    for (isp, values) in rounded["mean_offload_by_isp_and_browser"].as_table().unwrap() {
        for (browser, value) in ["EarthWolf", "Iron", "Swamp", "Vectrice"].iter().zip(values.as_array().unwrap()) {
            let row = (0..pairs.rows())
                .find(|&row| pairs.columns()[0].text(row) == *isp && pairs.columns()[1].text(row) == *browser)
                .unwrap();
            let computed = pairs.columns()[2].number(row).unwrap();
            assert!((computed - number(value)).abs() <= 0.02, "{isp}, {browser}: {computed} instead of {value:?}");
            compared += 1;
        }
    }
    assert_eq!(compared, pairs.rows());
}

#[test]
fn what_was_read_off_a_picture_holds_within_a_twentieth_of_its_largest_bar() {
    let (sessions, published) = (sessions(), published());
    let read_off = &published["read_off"];
    let large = sessions.filter("p2p + cdn > 100e6").unwrap();
    for (name, computed) in [
        ("stream7_users_by_isp", sessions.filter("stream = 7").unwrap().count_by(Isp)),
        ("over_100mb_with_p2p_by_isp", large.filter(WithP2p).unwrap().count_by(Isp)),
        ("over_100mb_cdn_only_by_isp", large.filter(CdnOnly).unwrap().count_by(Isp)),
    ] {
        let largest = read_off[name].as_table().unwrap().values().map(number).fold(0.0, f64::max);
        agree(name, &computed.unwrap(), &read_off[name], |_| 0.05 * largest);
    }
    for (name, computed) in [
        ("mean_p2p_bytes_by_isp", sessions.mean_by(Isp, P2p)),
        ("mean_cdn_bytes_by_isp", sessions.mean_by(Isp, Cdn)),
        ("mean_p2p_bytes_by_browser", sessions.mean_by(Browser, P2p)),
        ("mean_cdn_bytes_by_browser", sessions.mean_by(Browser, Cdn)),
    ] {
        agree(name, &computed.unwrap(), &read_off[name], |value| 0.15 * value);
    }
}

#[test]
fn every_session_of_a_stream_downloads_about_its_size() {
    let (sessions, published) = (sessions(), published());
    let extremes = sessions
        .sql("SELECT stream, MIN(p2p + cdn) AS low, MAX(p2p + cdn) AS high FROM sessions GROUP BY stream")
        .unwrap();
    for (stream, size) in published["rounded"]["stream_size_bytes"].as_table().unwrap() {
        let (low, high) = (extremes.number(stream, "low").unwrap(), extremes.number(stream, "high").unwrap());
        let size = number(size);
        assert!(0.95 * size <= low && high <= 1.05 * size, "stream {stream}: {low} to {high} instead of {size}");
    }
}

#[test]
fn the_missing_cdn_stays_missing() {
    let sessions = sessions();
    let missing = sessions.missing().unwrap();
    assert_eq!(missing.to_string(), "column  missing\ncdn           1");
    assert!(format!("{sessions:?}").ends_with("; without cdn: 1"), "{sessions:?}");
    // A mean over nothing but this session has nothing to work with.
    let cut_off = sessions.filter("cdn IS NULL").unwrap();
    assert_eq!(f64::from(cut_off.count().unwrap()), 1.0);
    assert!(f64::from(cut_off.mean(Total).unwrap()).is_nan());
}
