//! The ADBC client against two drivers, the embedded engine and DuckDB: every type that a table can hold, and everything
//! that can go wrong between a cell and an engine.

mod support;

use streamroot::prelude::*;
use support::{Directory, DuckDb, duckdb, flat, root, run_duckdb};

/// DuckDB without any sessions.
fn nothing() -> DuckDb {
    DuckDb::with("CREATE TABLE sessions (p2p DOUBLE, cdn DOUBLE)")
}

/// The embedded engine with the file of four hundred sessions that have gaps and odd values.
fn odd() -> Sessions {
    Sessions::open(root().join("crates/streamroot-polars/tests/odd.csv").to_str().unwrap()).unwrap()
}

fn asked(sessions: &Sessions, sql: &str) -> String {
    flat(&sessions.sql(sql).unwrap_or_else(|error| panic!("{sql}: {error}")))
}

#[track_caller]
fn holds(error: &Error, parts: &[&str]) {
    let sentence = error.to_string();
    for part in parts {
        assert!(sentence.contains(part), "{part:?} is not in: {sentence}");
    }
    assert!(sentence.len() > 20, "no sentence: {sentence}");
}

#[test]
fn every_type_of_duckdb_that_a_table_can_hold() {
    let engine = nothing();
    // An SQL type, some values of it, how they read, and which of a table's types it becomes.
    let cases = [
        ("BOOLEAN", "true, false", "true false", "bool"),
        ("TINYINT", "-128, 127", "-128 127", "int"),
        ("SMALLINT", "-32768, 32767", "-32768 32767", "int"),
        ("INTEGER", "-2147483648, 2147483647", "-2147483648 2147483647", "int"),
        ("BIGINT", "-9223372036854775808, 9223372036854775807", "-9223372036854775808 9223372036854775807", "int"),
        ("UTINYINT", "0, 255", "0 255", "int"),
        ("USMALLINT", "0, 65535", "0 65535", "int"),
        ("UINTEGER", "0, 4294967295", "0 4294967295", "int"),
        ("UBIGINT", "0, 9223372036854775807", "0 9223372036854775807", "int"),
        ("HUGEINT", "-9223372036854775808, 7", "-9223372036854775808 7", "int"),
        ("FLOAT", "0.5, -1.5", "0.5 -1.5", "float"),
        ("DOUBLE", "0.1, -1e300", "0.1 -1000", "float"),
        ("DECIMAL(4, 1)", "-999.9, 0.1", "-999.9 0.1", "float"),
        ("DECIMAL(9, 2)", "-1234567.25, 0.01", "-1234567.25 0.01", "float"),
        ("DECIMAL(18, 3)", "-123456789012.125, 1", "-123456789012.125 1", "float"),
        ("DECIMAL(38, 2)", "-1234567.25, 0.01", "-1234567.25 0.01", "float"),
        ("DECIMAL(18, 0)", "-999999999999999999, 1", "-999999999999999999 1", "int"),
        (
            "VARCHAR",
            "'', 'é', 'twelve bytes', 'more than twelve bytes'",
            " é twelve bytes more than twelve bytes",
            "text",
        ),
        ("ENUM ('x', 'y', 'zz')", "'zz', 'x', 'zz'", "zz x zz", "text"),
        (
            "DATE",
            "'1970-01-01', '2019-03-10', '1969-12-31', '2000-02-29'",
            "1970-01-01 2019-03-10 1969-12-31 2000-02-29",
            "text",
        ),
        (
            "TIMESTAMP",
            "'2019-03-10 12:30:01', '1969-12-31 23:59:59.5'",
            "2019-03-10 12:30:01 1969-12-31 23:59:59.5",
            "text",
        ),
        ("TIMESTAMP_S", "'2019-03-10 12:30:01'", "2019-03-10 12:30:01", "text"),
        ("TIMESTAMP_MS", "'2019-03-10 12:30:01.999'", "2019-03-10 12:30:01.999", "text"),
        ("TIMESTAMP_NS", "'2019-03-10 12:30:01'", "2019-03-10 12:30:01", "text"),
        ("UUID", "'00000000-0000-0000-0000-00000000000a'", "00000000-0000-0000-0000-00000000000a", "text"),
    ];
    for (i, (ty, values, expected, kind)) in cases.into_iter().enumerate() {
        engine.sql(&format!("CREATE TABLE t{i} (n INTEGER, v {ty})")).unwrap();
        // Missing ones before, between and after.
        engine.sql(&format!("INSERT INTO t{i} VALUES (0, NULL)")).unwrap();
        for (n, value) in values.split(", ").enumerate() {
            engine.sql(&format!("INSERT INTO t{i} VALUES ({}, {value}), ({}, NULL)", 2 * n + 1, 2 * n + 2)).unwrap();
        }
        let expected = expected.replace("-1000", &format!("{}", -1e300));
        let table = engine.sql(&format!("SELECT v FROM t{i} ORDER BY n")).unwrap();
        let found = flat(&table);
        let found: Vec<&str> = found.strip_prefix("- ").unwrap().strip_suffix(" -").unwrap().split(" - ").collect();
        assert_eq!(found.join(" "), expected, "{ty}");
        let is = match table.columns()[0].values() {
            Values::Bool(_) => "bool",
            Values::Int(_) => "int",
            Values::Float(_) => "float",
            Values::Text(_) => "text",
        };
        assert_eq!(is, kind, "{ty}");
        // Nothing at all, nothing but missing values, and no missing value.
        assert_eq!(engine.sql(&format!("SELECT v FROM t{i} WHERE n < 0")).unwrap().rows(), 0, "{ty}");
        assert_eq!(asked(&engine, &format!("SELECT v FROM t{i} WHERE v IS NULL AND n < 3")), "- -", "{ty}");
        let whole = asked(&engine, &format!("SELECT v FROM t{i} WHERE v IS NOT NULL ORDER BY n"));
        assert_eq!(whole, expected, "{ty}");
    }
    assert_eq!(asked(&engine, "SELECT CAST('inf' AS DOUBLE) AS a, CAST('nan' AS DOUBLE) AS b, NULL AS c"), "inf|NaN|-");
    assert_eq!(asked(&engine, "SELECT TIMESTAMPTZ '2019-03-10 12:30:01+00' AS a"), "2019-03-10 12:30:01");
}

#[test]
fn types_that_a_table_can_not_hold_are_named_with_their_column() {
    let engine = nothing();
    let cases = ["[1, 2]", "{'a': 1}", "INTERVAL 1 DAY", "TIME '12:00:00'", "'x'::BLOB", "MAP {'a': 1}"];
    for value in cases {
        let error = engine.sql(&format!("SELECT 1 AS fine, {value} AS strange")).unwrap_err();
        holds(&error, &["\"strange\"", "CAST"]);
    }
    // Numbers with more digits than a column of numbers keeps are texts, with all of them.
    for value in [
        "18446744073709551615::UBIGINT",
        "170141183460469231731687303715884105727::HUGEINT",
        "-1234567890123456789012345.67::DECIMAL(38, 2)",
        "12345678901234567.5::DECIMAL(18, 1)",
    ] {
        let digits = value.split(':').next().unwrap();
        assert_eq!(asked(&engine, &format!("SELECT {value} AS large")), digits);
        let small =
            format!("SELECT CASE i WHEN 0 THEN 7 WHEN 2 THEN {value} END AS large FROM range(3) t(i) ORDER BY i");
        let zeros =
            digits.split_once('.').map_or(String::new(), |(_, fraction)| format!(".{}", "0".repeat(fraction.len())));
        assert_eq!(asked(&engine, &small), format!("7{zeros} - {digits}"));
    }
    assert_eq!(asked(&engine, "SELECT 1 AS n"), "1", "the connection goes on working");
}

#[test]
fn answers_of_many_batches_are_whole() {
    let engine = nothing();
    let table = engine
        .sql(
            "SELECT i AS n, CASE WHEN i % 3 = 0 THEN NULL ELSE 'row ' || i END AS name, i % 2 = 0 AS even, \
             CASE WHEN i % 5 > 0 THEN i / 4 END AS quarter, \
             (CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN 'odd one' ELSE 'x' END)::ENUM ('x', 'odd one') AS kind \
             FROM range(100000) t(i) ORDER BY i",
        )
        .unwrap();
    assert_eq!(table.rows(), 100_000);
    let [n, name, even, quarter, kind] = table.columns() else { panic!("five columns") };
    for row in 0..100_000 {
        let i = row as i64;
        let (Values::Int(n), Values::Text(name), Values::Bool(even)) = (n.values(), name.values(), even.values())
        else {
            panic!("other types")
        };
        assert_eq!((n[row], even[row]), (Some(i), Some(i % 2 == 0)));
        assert_eq!(name[row], (i % 3 > 0).then(|| format!("row {i}")));
        assert_eq!(quarter.number(row), (i % 5 > 0).then_some(i as f64 / 4.0));
        let expected = ["-", "odd one", "x"][row % 3];
        assert_eq!(support::value(kind, row), expected);
    }
}

#[test]
fn every_type_of_the_embedded_engine() {
    let sessions = odd();
    let names = ["stream", "isp", "browser", "connected", "p2p", "cdn", "country", "age", "device", "note"];
    let whole = sessions.sql("SELECT * FROM sessions").unwrap();
    assert_eq!(whole.columns().iter().map(Column::name).collect::<Vec<_>>(), names);
    assert_eq!(whole.rows(), 400);
    // Parts of it are the same values, wherever they start: within a byte of a bitmap, at its end, beyond it.
    for (start, len) in
        [(0, 1), (1, 7), (3, 8), (5, 64), (63, 2), (64, 64), (127, 130), (399, 1), (399, 9), (400, 5), (7, 0)]
    {
        let part = sessions.sql(&format!("SELECT * FROM sessions LIMIT {len} OFFSET {start}")).unwrap();
        assert_eq!(part.rows(), len.min(400 - start.min(400)), "{len} from {start}");
        for (all, part) in whole.columns().iter().zip(part.columns()) {
            for row in 0..part_len(part) {
                assert_eq!(support::value(part, row), support::value(all, start + row), "{} {start} {row}", all.name());
            }
        }
    }
    let types = "SELECT NULL AS a, 1 AS b, 0.5 AS c, 'x' AS d, TRUE AS e, CAST('2019-03-10' AS DATE) AS f, 9223372036854775807 AS g";
    assert_eq!(
        asked(&sessions, &format!("{types} FROM sessions LIMIT 1")),
        "-|1|0.5|x|true|2019-03-10|9223372036854775807"
    );
    assert_eq!(sessions.sql("SELECT isp, p2p, connected FROM sessions WHERE p2p < 0").unwrap().rows(), 0);
    assert_eq!(flat(&sessions.filter("p2p < 0").unwrap().count_by("device").unwrap().top(0)), "");
}

fn part_len(column: &Column) -> usize {
    match column.values() {
        Values::Text(v) => v.len(),
        Values::Bool(v) => v.len(),
        Values::Int(v) => v.len(),
        Values::Float(v) => v.len(),
    }
}

#[test]
fn a_library_that_is_no_driver_is_a_sentence() {
    let directory = Directory::new();
    let connect = |driver: &str| {
        Sessions::connect(driver, "", "sessions").err().unwrap_or_else(|| panic!("{driver} is a driver"))
    };
    let missing = directory.path("libnothing.so");
    holds(&connect(&missing), &[&missing, "can't be loaded"]);
    let text = directory.write("libtext.so", "no library");
    holds(&connect(&text), &[&text, "can't be loaded"]);
    let empty = directory.write("libempty.so", "");
    holds(&connect(&empty), &[&empty, "can't be loaded"]);
    let folder = directory.0.to_str().unwrap();
    holds(&connect(folder), &[folder, "can't be loaded"]);
    // The mathematical functions of C, a library of every Linux.
    holds(&connect("libm.so.6"), &["libm.so.6", "no ADBC driver", "AdbcDriverInit"]);
}

#[test]
fn what_an_engine_refuses_is_a_sentence() {
    let directory = Directory::new();
    let connect = |path: &str, table: &str| Sessions::connect(duckdb().to_str().unwrap(), path, table).err().unwrap();
    let text = directory.write("text.duckdb", "no database, but long enough to be looked at".repeat(500));
    holds(&connect(&text, "sessions"), &["text.duckdb"]);
    let nowhere = directory.path("nowhere/x.duckdb");
    holds(&connect(&nowhere, "sessions"), &["x.duckdb"]);
    holds(&connect("a\0b", "sessions"), &["NUL"]);
    let options = Sessions::connect_options().option("no_such_option", "1");
    holds(&options.connect(duckdb().to_str().unwrap(), ":memory:", "sessions").err().unwrap(), &["no_such_option"]);

    let missing = directory.path("missing.duckdb");
    holds(&connect(&missing, "sessions"), &["missing.duckdb"]);
    assert!(!std::path::Path::new(&missing).exists(), "a mistyped path made a database");

    // A table that is not there, or that is none of sessions.
    let path = directory.path("tables.duckdb");
    run_duckdb(&path, "CREATE TABLE sizes AS SELECT 1 AS stream, 2 AS p2p");
    let error = connect(&path, "sesions");
    holds(&error, &["can't read the table sesions", "tables.duckdb", "does not exist", "name one that is there"]);
    assert_eq!(error.to_string().lines().count(), 1, "{error}");
    holds(&connect(&path, "sizes"), &["the table sizes", "no column cdn", "stream, p2p"]);
    let other = Sessions::connect(duckdb().to_str().unwrap(), &path, "(SELECT *, 3 AS cdn FROM sizes)").unwrap();
    assert_eq!(f64::from(other.sum(Total).unwrap()), 5.0);
    assert_eq!(flat(&other.sql("SELECT stream, p2p + cdn AS total FROM sessions").unwrap()), "1|5");

    let engine = nothing();
    holds(&engine.faults().unwrap_err(), &["sessions", "faults"]);
    holds(&engine.sql("SELECT 1 +").unwrap_err(), &["syntax error"]);
    holds(&engine.sql("SELECT a\0b").unwrap_err(), &["NUL"]);
    holds(&engine.count_by(Isp).unwrap_err(), &["isp"]);
    // One that goes wrong after some rows, and one after most.
    for row in [1, 99_999] {
        let sql = format!(
            "SELECT CAST(CASE WHEN i = {row} THEN 'word' ELSE '1' END AS INTEGER) AS n FROM range(100000) t(i)"
        );
        holds(&engine.sql(&sql).unwrap_err(), &["word"]);
    }
    // A statement without an answer is an empty one or says how many rows it changed, and does no harm.
    engine.sql("INSERT INTO sessions VALUES (2.0, 3.0)").unwrap();
    assert_eq!(f64::from(engine.sum(Total).unwrap()), 5.0);
    assert_eq!(format!("{:?}", engine.clone()), "1 sessions from sessions");
    engine.sql("DROP TABLE sessions").unwrap();
    for error in [engine.count().err(), engine.filter("p2p > 0").err(), engine.missing().err()] {
        holds(&error.unwrap(), &["sessions"]);
    }

    let embedded = odd();
    for wrong in
        ["", " ", "SELECT", "SELECT 1 +", "INSERT INTO sessions VALUES (1)", "SELECT * FROM nothing", "SELECT a\0b"]
    {
        holds(&embedded.sql(wrong).unwrap_err(), &[]);
    }
    assert_eq!(f64::from(embedded.count().unwrap()), 400.0);
}

#[test]
fn both_engines_live_side_by_side_and_are_asked_from_many_threads() {
    let path = root().join("crates/streamroot-polars/tests/odd.csv");
    let create = format!("CREATE TABLE sessions AS SELECT * FROM read_csv('{}')", path.display());
    let (embedded, other) = (odd(), DuckDb::with(&create));
    let expected = f64::from(embedded.count().unwrap());
    assert_eq!(expected, 400.0);
    std::thread::scope(|scope| {
        for i in 0..8 {
            let engine = if i % 2 == 0 { embedded.clone() } else { other.clone() };
            scope.spawn(move || {
                for _ in 0..50 {
                    assert_eq!(f64::from(engine.count().unwrap()), 400.0);
                    assert!(engine.sql("SELECT nothing FROM sessions").is_err());
                }
            });
        }
    });
    // A table outlives the connection that it came from.
    let table = other.sql("SELECT 'a text of more than twelve bytes' AS t").unwrap();
    drop(other);
    assert_eq!(flat(&table), "a text of more than twelve bytes");
    // Opening and closing leaves nothing behind that a later opening meets.
    for _ in 0..20 {
        assert_eq!(asked(&nothing(), "SELECT 1 AS n"), "1");
        assert_eq!(f64::from(odd().count().unwrap()), 400.0);
    }
}
