//! Columns have names of their own, and long tables are made and shown in a time that grows with them.

mod support;

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
