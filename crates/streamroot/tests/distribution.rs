//! Samples, cumulative shares, and keys that only differ where no reader sees it, on small files.

mod support;

use streamroot::prelude::*;
use support::{Directory, DuckDb};

/// Sessions of two ISPs whose bytes come from a generator of remainders, some of them 0.
fn bytes() -> Vec<(&'static str, f64, f64)> {
    let remainder = |i: u64, m: u64| ((i * 7_919 + 13) % m) as f64;
    let one = |i: u64| {
        let p2p = if i.is_multiple_of(3) { 0.0 } else { remainder(i, 1_000_003) };
        (if i.is_multiple_of(4) { "Fro" } else { "Olga" }, p2p, remainder(i, 10_007) * 1e3 + 1.0)
    };
    (1..=600).map(one).collect()
}

fn opened(directory: &Directory) -> Sessions {
    let rows: String = bytes().iter().map(|(isp, p2p, cdn)| format!("1,{isp},Iron,true,{p2p},{cdn}\n")).collect();
    Sessions::open(&directory.write("s.csv", format!("stream,isp,browser,connected,p2p,cdn\n{rows}"))).unwrap()
}

#[test]
fn a_cumulative_share_is_that_of_the_sessions_up_to_it() {
    let directory = Directory::new();
    let sessions = opened(&directory);
    for (by, measure) in [("Fro", P2p), ("Olga", P2p), ("Fro", Total), ("", Total)] {
        let table = if by.is_empty() { sessions.ecdf(measure.clone()) } else { sessions.ecdf_by(Isp, measure.clone()) };
        let table = table.unwrap();
        let known = bytes().into_iter().filter(|(isp, ..)| by.is_empty() || *isp == by);
        let values: Vec<f64> = known.map(|(_, p2p, cdn)| if measure == P2p { p2p } else { p2p + cdn }).collect();
        let below = |edge: f64, also: bool| {
            let count = values.iter().filter(|v| **v < edge || (also && **v <= edge)).count();
            count as f64 / values.len() as f64
        };
        let (at, part) = (&table.columns()[table.columns().len() - 2], &table.columns()[table.columns().len() - 1]);
        let mut checked = 0;
        let mut before = 0.0;
        for row in (0..table.rows()).filter(|row| by.is_empty() || table.columns()[0].text(*row) == by) {
            let (at, part) = (at.number(row).unwrap(), part.number(row).unwrap());
            let slack = 1e-9 * at.abs();
            let (low, high) = (below(at - slack, false), below(at + slack, true));
            assert!(
                (low - 1e-9..=high + 1e-9).contains(&part),
                "{by} {measure:?}: {part} at {at}, not {low} to {high}"
            );
            assert!(part >= before, "it never falls");
            (before, checked) = (part, checked + 1);
        }
        assert!(checked > 50 && (before - 1.0).abs() < 1e-12, "{by} {measure:?}: {checked} rows, up to {before}");
        table.ecdf().log().save(&directory.path("ecdf.png")).unwrap();
    }
}

/// Each row is what a plain loop counts of the numbers that DuckDB has made: ties at every edge, numbers that are no binary
/// fractions, and parts that have nothing where others have most.
#[test]
fn each_cumulative_share_is_exact_ties_too() {
    let thirds =
        "CREATE TABLE sessions AS SELECT 'a' AS isp, 1.0 AS p2p, 1.0 AS cdn, 50 * (i % 3) AS x FROM range(9) AS t(i)";
    let table = DuckDb::with(thirds).ecdf("x").unwrap();
    for (at, part) in [("0", 1.0 / 3.0), ("50", 2.0 / 3.0), ("100", 1.0)] {
        assert!((table.number(at, "share of sessions").unwrap() - part).abs() < 1e-12, "{at}: {table}");
    }
    for x in [
        "i % 3 * 50",
        "i % 257",
        "0.1 + (i % 257) * 0.1 / 256",
        "-7.3 + (i % 1025) * 1.7 / 3",
        "CASE WHEN i % 5 = 0 THEN NULL WHEN i % 2 = 0 THEN 0 ELSE 1e9 / (1 + i % 7) END",
        "EXP(i % 300 / 7.0)",
        "42",
    ] {
        let create = format!(
            "CREATE TABLE sessions AS SELECT CASE WHEN i % 4 = 0 THEN 'a' ELSE 'b' END AS isp, 1.0 AS p2p, 1.0 AS cdn, \
             CAST({x} + CASE WHEN i % 4 = 0 THEN 1 ELSE 0 END AS DOUBLE) AS x FROM range(3000) AS t(i)"
        );
        let theirs = DuckDb::with(&create);
        let directory = Directory::new();
        let rows = theirs.sql("SELECT isp, x FROM sessions").unwrap();
        let line = |row| {
            format!(
                "{},1,1,{}\n",
                rows.columns()[0].text(row),
                rows.columns()[1].number(row).map_or(String::new(), |x| x.to_string())
            )
        };
        let value = |row| Some((rows.columns()[0].text(row), rows.columns()[1].number(row)?));
        let values: Vec<(String, f64)> = (0..rows.rows()).filter_map(value).collect();
        let lines: String = (0..rows.rows()).map(line).collect();
        let ours = Sessions::open(&directory.write("x.csv", format!("isp,p2p,cdn,x\n{lines}"))).unwrap();
        for (table, by) in [(ours.ecdf("x"), false), (ours.ecdf_by(Isp, "x"), true), (theirs.ecdf_by(Isp, "x"), true)] {
            let table = table.unwrap();
            Figure::from(table.ecdf()).to_svg().unwrap();
            let largest = values.iter().map(|(_, x)| *x).fold(f64::MIN, f64::max);
            let ends = |row: &usize| table.columns()[table.columns().len() - 2].number(*row) == Some(largest);
            assert_eq!((0..table.rows()).filter(ends).count(), if by { 2 } else { 1 }, "{x}: all end at {largest}");
            let [.., at, part] = table.columns() else { panic!("{x}: {table}") };
            for row in 0..table.rows() {
                let (at, part) = (at.number(row).unwrap(), part.number(row).unwrap());
                let of = if by { table.columns()[0].text(row) } else { String::new() };
                let known = || values.iter().filter(|(isp, _)| !by || *isp == of);
                let counted = known().filter(|(_, x)| *x <= at).count() as f64 / known().count() as f64;
                assert!((part - counted).abs() < 1e-12, "{x}, {of}: {part} up to {at}, not {counted}");
            }
        }
    }
}

#[test]
fn a_sample_is_the_same_each_time_and_says_how_large_it_is() {
    let directory = Directory::new();
    let sessions = opened(&directory);
    let sample = sessions.sample(50).unwrap();
    assert_eq!((sample.rows(), sample.columns().len()), (50, 6));
    assert_eq!(sample, sessions.sample(50).unwrap());
    assert!(sample.to_string().ends_with("a sample of 50 of 600 sessions"), "{sample}");
    let svg = Figure::from(sample.dots("cdn", "p2p").color_by("isp")).to_svg().unwrap();
    assert!(svg.contains("a sample of 50 of 600 sessions") && svg.matches("<circle").count() == 50);
    // Spread over all of them: both ISPs in their proportions, a quarter and three quarters.
    let fro = (0..50).filter(|row| sample.columns()[1].text(*row) == "Fro").count();
    assert!((6..=20).contains(&fro), "{fro} of 50");
    assert_eq!(sessions.filter("isp = 'Fro'").unwrap().sample(1_000).unwrap().rows(), 150);
    assert!(sessions.sample(1_000_000).unwrap_err().to_string().contains("20000"));
}

#[test]
fn rows_of_equal_looks_are_not_taken_for_each_other() {
    let directory = Directory::new();
    let ids = ["9007199254740993", "9007199254740992", "9007199254740994"];
    let rows: String = ids.iter().zip([1.0, 2.0, 3.0]).map(|(id, p2p)| format!("1,a,b,true,{p2p},0,{id}\n")).collect();
    let file = directory.write("big.csv", format!("stream,isp,browser,connected,p2p,cdn,id\n{rows}"));
    let spread = Sessions::open(&file).unwrap().spread_by("id", P2p).unwrap();
    let found: Vec<(String, Option<f64>)> =
        (0..3).map(|row| (spread.columns()[0].text(row), spread.column("median").unwrap().number(row))).collect();
    let expected = [("9007199254740992", 2.0), ("9007199254740993", 1.0), ("9007199254740994", 3.0)];
    assert_eq!(found, expected.map(|(id, median)| (id.to_owned(), Some(median))));
}

#[test]
fn a_year_is_no_count() {
    let directory = Directory::new();
    let sessions = opened(&directory);
    for query in [
        "SELECT 2019 AS year, COUNT(*) AS n FROM sessions",
        "SELECT 2019 AS \"first year\", COUNT(*) AS n FROM sessions",
        "SELECT 2019 AS y, COUNT(*) AS n FROM sessions",
        "SELECT COUNT(*) AS n, 2019 AS year FROM sessions",
    ] {
        let table = sessions.sql(query).unwrap();
        assert!(table.to_string().contains("2019"), "{table}");
    }
    let table = sessions.sql("SELECT 2019 AS year, COUNT(*) AS n FROM sessions").unwrap();
    assert!(Figure::from(table.bar()).to_svg().unwrap().contains(">2019<"));
    // A count stays one.
    let table = sessions.sql("SELECT isp, COUNT(*) + 1419 AS n FROM sessions GROUP BY isp").unwrap();
    assert!(table.to_string().contains("1,569"), "{table}");
}
