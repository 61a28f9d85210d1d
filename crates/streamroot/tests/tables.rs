//! Columns have names of their own, and long tables are made and shown in a time that grows with them.

mod support;

use std::time::{Duration, Instant};

use streamroot::prelude::*;
use support::{Directory, DuckDb, flat};

fn column(name: &str, values: [i64; 2]) -> Column {
    Column::new(name, Values::Int(values.map(Some).into()))
}

fn users() -> Table {
    let isps = Column::new("isp", Values::Text(vec![Some("Fro".to_owned()), Some("BTP".to_owned())]));
    Table::new(vec![isps, column("users", [3, 1]), column("more", [1, 2])]).unwrap()
}

#[test]
fn no_two_columns_have_one_name() {
    let users = users();
    let renamed = users.rename("more", "share of users").unwrap();
    for (what, result) in [
        ("new", Table::new(vec![column("users", [1, 2]), column("users", [3, 4])])),
        ("text", Table::text(&["users", "users"], &[&["a", "b"]])),
        ("rename", users.rename("more", "users")),
        ("beside", users.beside(&users.picked(&["isp", "users"]).unwrap())),
        ("picked", users.picked(&["isp", "users", "users"])),
        ("with_product", users.with_product("users", "users", "more")),
        ("with_part", users.with_part("users", "users", "more")),
        ("with_share", renamed.with_share("users")),
    ] {
        let sentence = result.map(|table| table.to_string()).expect_err(what).to_string();
        assert!(sentence.contains("users\"") && sentence.contains("rename"), "{what}: {sentence}");
    }
    assert_eq!(users.rename("users", "users").unwrap(), users);
    assert_eq!(users.beside(&users.picked(&["isp"]).unwrap()).unwrap(), users);
}

/// A dimension may be called as what is computed.
#[test]
fn what_is_asked_has_a_column_of_its_own() {
    let directory = Directory::new();
    let names = ["users", "sessions", "p5", "mean", "low", "could move", "offload", "share of sessions", "value"];
    let header = names.map(|name| format!("\"{name}\"")).join(",");
    let row = |i: usize| format!("{i},Fro,Iron,true,{},10,{}\n", i * 10, vec![i.to_string(); names.len()].join(","));
    let rows: String = [1, 2, 2, 3].map(row).concat();
    let file = directory.write("a.csv", format!("stream,isp,browser,connected,p2p,cdn,{header}\n{rows}"));
    let sessions = Sessions::open(&file).unwrap();
    for name in names {
        let sql = format!("\"{name}\"");
        for table in [
            sessions.count_by(name),
            sessions.count_by([name, "isp"]),
            sessions.share_by(name, Dimension::from(name).is(2)),
            sessions.share_interval_by(name, Connected),
            sessions.spread_by(name, P2p),
            sessions.offload_by(name),
            sessions.standardised_by(name, Stream, P2p),
            sessions.opportunity(name, 50.0, 1),
            sessions.ecdf_by(name, P2p),
            sessions.ecdf_by(Stream, sql.as_str()),
        ] {
            let table = table.unwrap_or_else(|error| panic!("{name}: {error}"));
            let mut found: Vec<&str> = table.columns().iter().map(Column::name).collect();
            found.sort_unstable();
            found.dedup();
            assert_eq!(found.len(), table.columns().len(), "{name}: {table}");
        }
        assert!(sessions.count_by(name).unwrap().number("2", name).unwrap() > 0.0, "{name}");
    }
    assert_eq!(flat(&sessions.count_by("users").unwrap()), "1|1 2|2 3|1");
    assert_eq!(sessions.count_by("users").unwrap().number("2", "users 2").unwrap(), 2.0);
    let theirs = DuckDb::with("CREATE TABLE sessions AS SELECT 'Fro' AS isp, 1.0 AS p2p, 1.0 AS cdn");
    for sessions in [&sessions, &*theirs] {
        let thrice = sessions.sql("SELECT isp, isp, 2 AS isp FROM sessions LIMIT 1").unwrap();
        assert_eq!(thrice.columns().iter().map(Column::name).collect::<Vec<_>>(), ["isp", "isp 2", "isp 3"]);
    }
    let moved = sessions.opportunity("could move", 100.0, 1).unwrap();
    assert_eq!(flat(&moved), flat(&sessions.opportunity("low", 100.0, 1).unwrap()));
}

/// Sessions of as many users.
fn of_users(directory: &Directory, count: usize) -> Sessions {
    let rows: String = (0..count).map(|i| format!("1,{},{},user {i}\n", i % 1_000, i % 777)).collect();
    Sessions::open(&directory.write("users.csv", format!("stream,p2p,cdn,user_id\n{rows}"))).unwrap()
}

#[test]
fn an_opportunity_of_many_segments_is_not_waited_for() {
    let directory = Directory::new();
    let sessions = of_users(&directory, 100_000);
    let begin = Instant::now();
    let table = sessions.opportunity("user_id", 50.0, 1).unwrap();
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    assert_eq!(table.rows(), 100_000);
    // By hand: those below the median of all offloads reach it.
    let parts: Vec<(f64, f64)> = (0..100_000).map(|i| ((i % 1_000) as f64, (i % 777) as f64)).collect();
    let known: Vec<(f64, f64)> = parts.into_iter().filter(|(p2p, cdn)| p2p + cdn > 0.0).collect();
    let mut offloads: Vec<f64> = known.iter().map(|(p2p, cdn)| p2p / (p2p + cdn)).collect();
    offloads.sort_by(f64::total_cmp);
    let middle = offloads.len() / 2;
    let median = if offloads.len().is_multiple_of(2) {
        (offloads[middle - 1] + offloads[middle]) / 2.0
    } else {
        offloads[middle]
    };
    let moved: f64 = known.iter().map(|(p2p, cdn)| (median * (p2p + cdn) - p2p).max(0.0)).sum();
    let ours = table.sum("could move").unwrap().value();
    assert!((ours / moved - 1.0).abs() < 1e-9, "{ours} instead of {moved}");
    let sentence = sessions.opportunity("user_id", 50.0, -5).unwrap_err().to_string();
    assert!(sentence.contains("-5") && sentence.contains("0 or more"), "{sentence}");
    assert!(sessions.opportunity("stream", 50.0, 0).is_ok());
}

#[test]
fn a_long_table_is_shown_in_a_time_that_grows_with_it() {
    let count = 60_000;
    let names = Values::Text((0..count).map(|i| Some(format!("user {i}"))).collect());
    let numbers = Values::Int((0..count).map(|i| Some(i as i64)).collect());
    let table = Table::new(vec![Column::new("user", names), Column::new("users", numbers)]).unwrap();
    let table = table.with_bars("users").unwrap().show_rows(count);
    let begin = Instant::now();
    let (html, text) = (table.to_html(), table.to_string());
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    assert_eq!((html.matches("<tr>").count(), text.lines().count()), (count + 1, count + 1));
    assert!(html.contains("transparent 50.0%"), "a bar is a part of the largest");
}
