//! What the notebooks 06 to 08 compute, against plain loops over the rows of the file.

use std::collections::BTreeMap;
use std::path::Path;

use streamroot::prelude::*;

struct Row {
    stream: String,
    isp: String,
    browser: String,
    connected: bool,
    p2p: f64,
    cdn: f64,
}

fn path() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sessions.csv").to_str().unwrap().to_owned()
}

/// The rows whose bytes are known.
fn rows() -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path()).unwrap();
    let records = reader.records().map(Result::unwrap).filter(|record| record.len() == 6);
    records
        .map(|r| Row {
            stream: r[0].to_owned(),
            isp: r[1].to_owned(),
            browser: r[2].to_owned(),
            connected: &r[3] == "true",
            p2p: r[4].parse().unwrap(),
            cdn: r[5].parse().unwrap(),
        })
        .collect()
}

fn offload(row: &Row) -> f64 {
    row.p2p / (row.p2p + row.cdn)
}

fn close(name: &str, ours: f64, theirs: f64) {
    assert!((ours - theirs).abs() <= 1e-9 * theirs.abs().max(1e-3), "{name}: {ours} instead of {theirs}");
}

/// The rows by one of their names.
fn grouped(rows: &[Row], of: fn(&Row) -> &String) -> BTreeMap<&str, Vec<&Row>> {
    let mut groups: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        groups.entry(of(row)).or_default().push(row);
    }
    groups
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (n, sum) = values.fold((0.0, 0.0), |(n, sum), value| (n + 1.0, sum + value));
    sum / n
}

#[test]
fn offload_by_bytes_and_by_session() {
    let (sessions, rows) = (Sessions::open(&path()).unwrap(), rows());
    let all = rows.iter().map(|r| r.p2p).sum::<f64>() / rows.iter().map(|r| r.p2p + r.cdn).sum::<f64>();
    close("offload", sessions.offload().unwrap().value(), all);
    close("mean offload", sessions.mean(Offload).unwrap().value(), mean(rows.iter().map(offload)));
    for (dimension, of) in
        [(Stream, (|r| &r.stream) as fn(&Row) -> &String), (Isp, |r| &r.isp), (Browser, |r| &r.browser)]
    {
        let table = sessions.offload_by(dimension).unwrap();
        for (name, rows) in grouped(&rows, of) {
            let bytes = rows.iter().map(|r| r.p2p).sum::<f64>() / rows.iter().map(|r| r.p2p + r.cdn).sum::<f64>();
            close(name, table.number(name, "offload").unwrap(), bytes);
            close(name, table.number(name, "mean offload").unwrap(), mean(rows.iter().map(|r| offload(r))));
        }
    }
}

#[test]
fn the_spread_of_offload() {
    let (sessions, rows) = (Sessions::open(&path()).unwrap(), rows());
    let table = sessions.spread_by(Isp, Offload).unwrap();
    for (name, rows) in grouped(&rows, |r| &r.isp) {
        let mut offloads: Vec<f64> = rows.iter().map(|r| offload(r)).collect();
        offloads.sort_by(f64::total_cmp);
        for (column, part) in [("p5", 0.05), ("p25", 0.25), ("median", 0.5), ("p75", 0.75), ("p95", 0.95)] {
            let place = part * (offloads.len() - 1) as f64;
            let (low, high) = (offloads[place.floor() as usize], offloads[place.ceil() as usize]);
            close(name, table.number(name, column).unwrap(), low + (high - low) * place.fract());
        }
        assert_eq!(table.number(name, "sessions").unwrap(), offloads.len() as f64);
    }

    let bins = sessions.filter(WithP2p).unwrap().histogram(Offload, 8).unwrap();
    let mut counts = [0.0; 8];
    for row in rows.iter().filter(|r| r.p2p > 0.0) {
        counts[((offload(row) * 8.0) as usize).min(7)] += 1.0;
    }
    let users: Vec<f64> = bins.numbers("users").unwrap().into_iter().flatten().collect();
    assert_eq!(users, counts);
}

#[test]
fn the_difference_with_the_same_mix_of_streams() {
    let (sessions, rows) = (Sessions::open(&path()).unwrap(), rows());
    let table = sessions.difference(Connected, Stream, Total).unwrap();
    let total = |r: &&Row| r.p2p + r.cdn;
    let side = |connected: bool| rows.iter().filter(move |r| r.connected == connected);
    for (column, connected) in [("with", true), ("without", false)] {
        close(column, table.number("overall", column).unwrap(), mean(side(connected).map(|r| total(&r))));
        let mut same_mix = 0.0;
        for (_, of_stream) in grouped(&rows, |r| &r.stream) {
            let theirs = mean(of_stream.iter().filter(|r| r.connected == connected).map(total));
            same_mix += theirs * of_stream.len() as f64 / rows.len() as f64;
        }
        close(column, table.number("same mix", column).unwrap(), same_mix);
    }
    // The interval: the squared standard errors of all parts, added up.
    let mut error2 = 0.0;
    for (_, of_stream) in grouped(&rows, |r| &r.stream) {
        let weight = of_stream.len() as f64 / rows.len() as f64;
        for connected in [true, false] {
            let totals: Vec<f64> = of_stream.iter().filter(|r| r.connected == connected).map(total).collect();
            let (n, mean) = (totals.len() as f64, mean(totals.iter().copied()));
            let variance = totals.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / (n - 1.0);
            error2 += weight * weight * variance / n;
        }
    }
    let half = (table.number("same mix", "high").unwrap() - table.number("same mix", "low").unwrap()) / 2.0;
    assert!((half / (1.959_963_984_540_054 * error2.sqrt()) - 1.0).abs() < 1e-6, "{half}");
}

#[test]
fn what_could_move_from_the_cdn_to_peers() {
    let (sessions, rows) = (Sessions::open(&path()).unwrap(), rows());
    // Bytes and sessions of each ISP on each stream.
    let mut parts: BTreeMap<(&str, &str), (f64, f64, f64)> = BTreeMap::new();
    for row in &rows {
        let part = parts.entry((&row.stream, &row.isp)).or_default();
        *part = (part.0 + 1.0, part.1 + row.p2p, part.2 + row.cdn);
    }
    let mut could_move: BTreeMap<&str, f64> = BTreeMap::new();
    for ((stream, isp), (n, p2p, cdn)) in &parts {
        let comparable = parts.iter().filter(|((s, _), (n, ..))| s == stream && *n >= 500.0);
        let best = comparable.map(|(_, (_, p2p, cdn))| p2p / (p2p + cdn)).fold(0.0, f64::max);
        let gain = if *n >= 500.0 { (best - p2p / (p2p + cdn)).max(0.0) * (p2p + cdn) } else { 0.0 };
        *could_move.entry(isp).or_default() += gain;
    }
    let table = sessions.opportunity(Isp, 100.0, 500).unwrap();
    for (isp, bytes) in could_move {
        close(isp, table.number(isp, "could move").unwrap(), bytes);
    }
    let falling: Vec<f64> = table.numbers("could move").unwrap().into_iter().flatten().collect();
    assert!(falling.is_sorted_by(|a, b| a >= b));
    assert!(sessions.opportunity(Isp, 101.0, 1).unwrap_err().to_string().contains("101"));
}
