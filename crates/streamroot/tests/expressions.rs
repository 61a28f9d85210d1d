//! SQL of a cell within a larger query is one expression, and questions that have no answer are refused with a sentence.

mod support;

use std::fmt::Debug;

use streamroot::prelude::*;
use support::{Directory, DuckDb, duckdb, run_duckdb};

const ROWS: &str = "1,Fro,Iron,true,30,10,90\n1,Fro,Iron,true,0,20,15\n2,BTP,Swamp,false,0,40,85\n";

fn opened(directory: &Directory) -> Sessions {
    let file = directory.write("ages.csv", format!("stream,isp,browser,connected,p2p,cdn,age\n{ROWS}"));
    Sessions::open(&file).unwrap()
}

fn said<T: Debug>(result: streamroot::Result<T>) -> String {
    result.unwrap_err().to_string()
}

/// What is no single expression, and what its sentence has to say.
const WRONG: [(&str, &str); 15] = [
    ("age < 20) or (true", "closes a bracket"),
    ("age), max(age", "closes a bracket"),
    ("age) + (1", "closes a bracket"),
    ("age)", "closes a bracket"),
    ("(age", "does not close"),
    ("(age]", "closes a bracket"),
    ("[age)", "closes a bracket"),
    ("age > 'a", "does not close"),
    ("age > 'it''s", "does not close"),
    ("\"age", "does not close"),
    ("age /* years", "does not close"),
    ("age /* /* */", "does not close"),
    ("age /* ' */) + (1 -- '", "closes a bracket"),
    ("age, 2", "more than one expression"),
    ("age; age", "more than one expression"),
];

#[test]
fn every_text_within_a_query_is_one_expression() {
    let directory = Directory::new();
    let sessions = opened(&directory);
    let old = sessions.filter("age > 80").unwrap();
    for (wrong, why) in WRONG {
        for sentence in [
            said(old.filter(wrong)),
            said(old.with("x", wrong)),
            said(old.share(wrong)),
            said(old.share_by(Isp, wrong)),
            said(old.share_interval_by(Isp, wrong)),
            said(old.mean(wrong)),
            said(old.mean_by(Isp, wrong)),
            said(old.sum(wrong)),
            said(old.sum_by(Isp, wrong)),
            said(old.spread_by(Isp, wrong)),
            said(old.histogram(wrong, 5)),
            said(old.ecdf(wrong)),
            said(old.ecdf_by(Isp, wrong)),
            said(old.standardised_by(Isp, Stream, wrong)),
            said(old.difference(wrong, Stream, "age")),
            said(old.difference("age > 1", Stream, wrong)),
        ] {
            assert!(sentence.contains(wrong) && sentence.contains(why) && !sentence.contains('\u{a}'), "{sentence}");
        }
    }
    // What is no bracket changes the meaning just as well.
    assert!(!said(sessions.share("age > 80 THEN 1 WHEN true")).is_empty());
    assert!(!said(sessions.filter("true UNION ALL SELECT * FROM sessions")).is_empty());
}

#[test]
fn brackets_and_quotes_within_texts_names_and_comments_are_none() {
    let directory = Directory::new();
    let sessions = opened(&directory);
    let named = sessions.with("a ) \" (", "age").unwrap();
    for (right, count) in [
        ("isp <> ')'", 3.0),
        ("isp <> 'it''s ('", 3.0),
        ("isp <> $$it's ($$", 3.0),
        ("\"a ) \"\" (\" > 80", 2.0),
        ("age > 80 -- years (not months", 2.0),
        ("age > 80 -- years ) or (true\n AND p2p > 0", 1.0),
        ("age > /* ) /* ( */ ' */ 80", 2.0),
        ("(age > 80) AND ((p2p > 0))", 1.0),
        ("age IN (90, 15)", 2.0),
    ] {
        assert_eq!(named.filter(right).unwrap().count().unwrap().value(), count, "{right}");
        assert!((named.share(right).unwrap().value() - count / 3.0).abs() < 1e-12, "{right}");
        let mean = named.mean(format!("CASE WHEN {right}\n THEN 1.0 ELSE 0.0 END -- of (all").as_str()).unwrap();
        assert!((mean.value() - count / 3.0).abs() < 1e-12, "{right}");
        let filtered = named.filter("age > 80").unwrap().filter(right).unwrap().filter("true").unwrap();
        assert!(filtered.count().unwrap().value() <= 2.0, "{right}");
    }
}

#[test]
fn what_stands_behind_from_is_whole_too() {
    let directory = Directory::new();
    let path = directory.path("sessions.duckdb");
    run_duckdb(&path, "CREATE TABLE sessions AS SELECT 1.0 AS p2p, 1.0 AS cdn, age FROM range(100) AS t(age)");
    let connect = |table: &str| Sessions::connect(duckdb().to_str().unwrap(), &path, table);
    for (table, count) in [("sessions -- of all", 19.0), ("sessions, (SELECT 1 UNION ALL SELECT 2) AS twice", 38.0)] {
        assert_eq!(connect(table).unwrap().filter("age > 80").unwrap().count().unwrap().value(), count, "{table}");
    }
    let sentence = said(connect("sessions) AS a JOIN (SELECT 1"));
    assert!(sentence.contains("closes a bracket"), "{sentence}");
}

#[test]
fn a_histogram_has_bounds() {
    let directory = Directory::new();
    let sessions = opened(&directory);
    for bins in [0, 1_001, 1_000_000] {
        let sentence = said(sessions.histogram("age", bins));
        assert!(sentence.contains(&bins.to_string()) && sentence.contains("1 to 1,000"), "{sentence}");
    }
    for bins in [1, 1_000] {
        assert_eq!(sessions.histogram("age", bins).unwrap().rows(), bins);
    }
}

#[test]
fn a_measure_without_an_end_has_no_bins() {
    let create =
        "CREATE TABLE sessions AS SELECT 1.0 AS p2p, 1.0 AS cdn, x FROM (VALUES (CAST({} AS DOUBLE)), (1)) AS t(x)";
    for (end, measure, what) in [
        ("'inf'", "x", "infinite"),
        ("'-inf'", "x", "infinite"),
        ("'nan'", "x", "no numbers"),
        ("1.7e308", "x - 1.7e308 * CAST(x = 1 AS INTEGER)", "far apart"),
    ] {
        let sessions = DuckDb::with(&create.replace("{}", end));
        for sentence in
            [said(sessions.histogram(measure, 5)), said(sessions.ecdf(measure)), said(sessions.ecdf_by("p2p", measure))]
        {
            assert!(sentence.contains(what) && sentence.contains(&format!(".filter(\"ABS({measure})")), "{sentence}");
        }
        assert_eq!(sessions.filter("ABS(x) < 1e300").unwrap().histogram("x", 5).unwrap().rows(), 5);
    }
}

#[test]
fn a_missing_column_is_told_with_its_own_verb() {
    let directory = Directory::new();
    for (header, verb) in [("isp,peers,cdn", "p2p"), ("isp,p2p,http", "cdn")] {
        let sentence = said(Sessions::open(&directory.write(&format!("{verb}.csv"), format!("{header}\nFro,1,2\n"))));
        assert!(sentence.contains(&format!("Columns::default().{verb}(\"…\")")), "{sentence}");
    }
}

#[test]
fn a_column_is_computed_of_each_session() {
    let directory = Directory::new();
    for sentence in [
        said(opened(&directory).with("z", "SUM(age)")),
        said(DuckDb::with("CREATE TABLE sessions AS SELECT 1.0 AS p2p, 1.0 AS cdn, 3 AS age").with("z", "SUM(age)")),
    ] {
        assert!(sentence.contains("SUM(age)") && sentence.contains("of each session"), "{sentence}");
    }
}
