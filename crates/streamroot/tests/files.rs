//! Kinds of columns and of odd files, each with what is right worked out by hand: every digit of a number is kept and shown,
//! times are times, a line about the rows is none of them.

mod support;

use std::fs;

use streamroot::prelude::*;
use support::{Directory, flat};

const HEADER: &str = "stream,isp,browser,connected,p2p,cdn";

fn open(path: &str) -> Sessions {
    Sessions::open(path).unwrap_or_else(|error| panic!("{error}"))
}

fn asked(sessions: &Sessions, sql: &str) -> String {
    flat(&sessions.sql(sql).unwrap_or_else(|error| panic!("{sql}: {error}")))
}

fn refused(path: &str) -> String {
    match Sessions::open(path) {
        Ok(sessions) => panic!("{path} was opened: {sessions:?}"),
        Err(error) => error.to_string(),
    }
}

/// Sessions with one more column, of these values.
fn with_column(directory: &Directory, name: &str, values: &[&str]) -> Sessions {
    let rows: String =
        values.iter().enumerate().map(|(i, value)| format!("1,Fro,Iron,true,{i},2.5,{value}\n")).collect();
    open(&directory.write(&format!("{name}.csv"), format!("{HEADER},{name}\n{rows}")))
}

/// Sessions as DuckDB writes them, each with one more column.
fn by_duckdb(directory: &Directory, name: &str, column: &str) -> String {
    let path = directory.path(&format!("{name}.parquet"));
    let rows = format!(
        "SELECT 1::UTINYINT AS stream, 'Fro' AS isp, 'Iron' AS browser, TRUE AS connected, i::DOUBLE AS p2p, \
         2.5::DOUBLE AS cdn, {column} AS x FROM range(3) t(i)"
    );
    support::run_duckdb(":memory:", &format!("COPY ({rows}) TO '{path}' (FORMAT parquet)"));
    path
}

#[test]
fn wide_and_sparse_files_are_read() {
    let directory = Directory::new();
    for columns in [93, 294] {
        let names: Vec<String> = (0..columns).map(|i| format!("c{i}")).collect();
        let mut text = format!("note,{HEADER},{}\n", names.join(","));
        for row in 0..400 {
            // A value here and there: 64 bytes in a row are often separators alone.
            let value =
                |i: usize| if (row * 31 + i * 7).is_multiple_of(97) { (row % 10).to_string() } else { String::new() };
            let values: Vec<String> = (0..columns).map(value).collect();
            text += &format!(",{},Fro,Iron,true,1.0,2.0,{}\n", row % 9 + 1, values.join(","));
        }
        let sessions = open(&directory.write("wide.csv", text));
        assert_eq!(asked(&sessions, "SELECT COUNT(*) AS n, SUM(p2p) AS p, SUM(cdn) AS c FROM sessions"), "400|400|800");
        // c0 has a value where 31 × row is a multiple of 97: in rows 0, 97, 194, 291 and 388, which are 0, 7, 4, 1 and 8.
        assert_eq!(asked(&sessions, "SELECT COUNT(c0) AS n, SUM(c0) AS s FROM sessions"), "5|20");
        let shown = format!("{sessions:?}");
        assert!(shown.starts_with("400 sessions from wide.csv; without note: 400, without "), "{shown}");
        assert!(shown.len() < 300 && shown.contains("more columns"), "{shown}");
        assert_eq!(sessions.missing().unwrap().rows(), columns + 1, "each is still known");
    }
}

#[test]
fn whole_numbers_keep_all_of_their_digits() {
    let directory = Directory::new();
    let large = ["18446744073709551615", "18446744073709551614", "18446744073709551613", "9223372036854775808", "7"];
    let sessions = with_column(&directory, "id", &large);
    assert_eq!(asked(&sessions, "SELECT COUNT(DISTINCT id) AS n FROM sessions"), "5");
    assert_eq!(asked(&sessions, "SELECT id FROM sessions ORDER BY id DESC"), large.join(" "));
    assert_eq!(asked(&sessions, "SELECT p2p FROM sessions WHERE id = 18446744073709551614"), "1");
    assert_eq!(flat(&sessions.count_by("id").unwrap()).split(' ').count(), 5);
    // A sample of the file does not tell that numbers are so large.
    let mut values = vec!["5"; 3_000];
    values.extend(large);
    assert_eq!(asked(&with_column(&directory, "late", &values), "SELECT COUNT(DISTINCT late) AS n FROM sessions"), "6");

    let beyond = ["-1", "18446744073709551615", "36893488147419103233", "36893488147419103232"];
    let sessions = with_column(&directory, "beyond", &beyond);
    assert_eq!(asked(&sessions, "SELECT beyond FROM sessions"), beyond.join(" "), "no 64 bits hold all of them");

    let sessions = with_column(
        &directory,
        "big",
        &[
            "1108034252451565568",
            "1108034252451565568",
            "1108034252451565569",
            "1108034252451565569",
            "1108034252451565570",
            "1108034252451565570",
        ],
    );
    let table = sessions.sql("SELECT DISTINCT big FROM sessions ORDER BY big").unwrap();
    let shown = table.to_string();
    for digits in ["1,108,034,252,451,565,568", "1,108,034,252,451,565,569", "1,108,034,252,451,565,570"] {
        assert!(shown.contains(digits) && table.to_html().contains(digits), "{shown}");
    }
    // Of sessions 0 and 1, 2 and 3, 4 and 5.
    let spread = sessions.spread_by("big", P2p).unwrap().picked(&["big", "sessions", "median"]).unwrap();
    assert_eq!(flat(&spread), "1108034252451565568|2|0.5 1108034252451565569|2|2.5 1108034252451565570|2|4.5");
}

#[test]
fn parquet_columns_of_all_types_are_kept_exactly_or_named() {
    let directory = Directory::new();
    let whole = "CASE i WHEN 0 THEN 0 WHEN 1 THEN NULL ELSE ";
    for (ty, largest) in [
        ("UTINYINT", "255"),
        ("USMALLINT", "65535"),
        ("UINTEGER", "4294967295"),
        ("UBIGINT", "18446744073709551615"),
        ("TINYINT", "127"),
        ("SMALLINT", "32767"),
        ("INTEGER", "2147483647"),
        ("BIGINT", "9223372036854775807"),
    ] {
        let sessions = open(&by_duckdb(&directory, ty, &format!("({whole}{largest} END)::{ty}")));
        assert_eq!(asked(&sessions, "SELECT x FROM sessions ORDER BY p2p"), format!("0 - {largest}"), "{ty}");
        assert_eq!(flat(&sessions.count_by(Stream).unwrap()), "1|3", "{ty}");
        assert_eq!(asked(&sessions, "SELECT SUM(p2p) AS s, MAX(x) AS x FROM sessions"), format!("3|{largest}"), "{ty}");
    }
    let decimal = |column: &str, name: &str| {
        let sessions = open(&by_duckdb(&directory, name, column));
        let table = sessions.sql("SELECT x FROM sessions ORDER BY p2p").unwrap();
        let sum = asked(&sessions, "SELECT SUM(x) AS s FROM sessions");
        (flat(&table), table.to_string(), sum)
    };
    // 12345678.91 × 0, 1, 2; digits beyond those of a double stay as well.
    let (values, shown, sum) = decimal("(i * 12345678.91)::DECIMAL(12, 2)", "decimal");
    assert_eq!((values.as_str(), sum.as_str()), ("0 12345678.91 24691357.82", "37037036.73"));
    assert!(shown.contains("24691357.82"), "{shown}");
    let (values, _, _) = decimal("(i * 123456789012345.671)::DECIMAL(18, 3)", "long decimal");
    assert_eq!(values, "0.000 123456789012345.671 246913578024691.342");
    let (values, _, _) = decimal("(i + 0.25)::DECIMAL(38, 2)", "wide decimal");
    assert_eq!(values, "0.25 1.25 2.25");

    let times = "TIMESTAMP '2019-03-10 12:30:00.123456' + i * INTERVAL 1 HOUR";
    let expected = "2019-03-10 12:30:00.123456 2019-03-10 13:30:00.123456 2019-03-10 14:30:00.123456";
    for (ty, expected) in [
        ("TIMESTAMP", expected.to_owned()),
        ("TIMESTAMP_NS", expected.to_owned()),
        ("TIMESTAMP_MS", expected.replace("123456", "123")),
        ("TIMESTAMPTZ", expected.to_owned()),
        ("DATE", "2019-03-10 2019-03-10 2019-03-10".to_owned()),
    ] {
        let sessions = open(&by_duckdb(&directory, ty, &format!("({times})::{ty}")));
        assert_eq!(asked(&sessions, "SELECT x FROM sessions ORDER BY p2p"), expected, "{ty}");
        let hour = if ty == "DATE" { "0|3" } else { "12|1 13|1 14|1" };
        let hours = "SELECT EXTRACT(hour FROM x) AS h, COUNT(*) AS n FROM sessions GROUP BY 1 ORDER BY 1";
        assert_eq!(asked(&sessions, hours), hour, "{ty}");
    }

    // What values can't be computed with is opened, and named where it is used.
    for (column, name) in
        [("[i, i]", "list"), ("[i::UTINYINT]", "bytes"), ("'a'::BLOB", "blob"), ("TIME '12:30:00'", "time")]
    {
        let sessions = open(&by_duckdb(&directory, name, column));
        assert_eq!(f64::from(sessions.count().unwrap()), 3.0, "{name}");
        let error = sessions.sql("SELECT MAX(x) AS x FROM sessions").unwrap_err().to_string();
        assert!(error.contains("column x holds values that queries can't use"), "{error}");
    }
}

#[test]
fn times_are_times() {
    let directory = Directory::new();
    let starts =
        ["2019-03-10T12:00:00Z", "2019-03-10 12:59:59.999999", "", "2019-03-10T15:30:00+02:00", "2019-03-10T13:00"];
    let sessions = with_column(&directory, "start", &starts);
    let hours =
        "SELECT DATE_TRUNC('hour', start) AS hour, COUNT(*) AS n, SUM(p2p) AS p FROM sessions GROUP BY 1 ORDER BY 1";
    assert_eq!(asked(&sessions, hours), "2019-03-10 12:00:00|2|1 2019-03-10 13:00:00|2|7 -|1|2");
    assert_eq!(asked(&sessions, "SELECT MAX(start) AS m FROM sessions WHERE start < '2019-03-10 13:00:00'"), {
        "2019-03-10 12:59:59.999999"
    });
    let days = with_column(&directory, "day", &["2019-03-10", "2019-03-11", "2020-02-29", "2019-03-10"]);
    assert_eq!(flat(&days.count_by("day").unwrap()), "2019-03-10|2 2019-03-11|1 2020-02-29|1");
    assert_eq!(f64::from(days.filter(Dimension::from("day").is("2019-03-10")).unwrap().count().unwrap()), 2.0);
    assert_eq!(asked(&days, "SELECT COUNT(*) AS n FROM sessions WHERE day BETWEEN '2019-03-11' AND '2019-12-31'"), "1");
    // A day that there is none of, and times that microseconds would cut, stay as they are written.
    let odd = with_column(&directory, "odd", &["2019-02-29", "2019-03-10"]);
    assert_eq!(asked(&odd, "SELECT odd FROM sessions"), "2019-02-29 2019-03-10");
    let fine = with_column(&directory, "fine", &["2019-03-10 12:00:00.123456789"]);
    assert_eq!(asked(&fine, "SELECT fine FROM sessions"), "2019-03-10 12:00:00.123456789");
    // Rows that went to a file, too.
    let rows: String = (0..100_000).map(|i| format!("1,a,b,true,1,1,2019-03-{:02}T00:00:00\n", i % 31 + 1)).collect();
    let path = directory.write("many.csv", format!("{HEADER},start\n{rows}"));
    let many = Sessions::options().memory(100_000).open(&path).unwrap();
    // 100,000 = 31 × 3,225 + 25.
    assert_eq!(asked(&many, "SELECT COUNT(*) AS n FROM sessions WHERE start = '2019-03-25'"), "3226");
}

#[test]
fn a_long_value_is_cut_when_it_is_shown() {
    let directory = Directory::new();
    let long = "x".repeat(65_536);
    let sessions = with_column(&directory, "note", &[&long, "short"]);
    let table = sessions.first(2).unwrap();
    for shown in [table.to_string(), table.to_html()] {
        assert!(shown.contains("xxx…") && shown.contains("short") && shown.len() < 5_000, "{}", shown.len());
    }
    assert_eq!(asked(&sessions, "SELECT LENGTH(note) AS l FROM sessions"), "65536 5", "it is kept whole");
    let path = directory.write("header.csv", format!("p2p,cdn,{long}\n1,2,3\n"));
    assert!(open(&path).first(1).unwrap().to_string().len() < 2_000);
}

#[test]
fn only_folders_below_what_is_opened_are_partitions() {
    let directory = Directory::new();
    for day in ["1", "2"] {
        directory.write(&format!("holiday=yes/set/day={day}/a.csv"), "p2p,cdn\n1,2\n");
        let path = directory.path(&format!("holiday=yes/parquet/day={day}"));
        fs::create_dir_all(&path).unwrap();
        fs::copy(by_duckdb(&directory, "part", "i"), format!("{path}/a.parquet")).unwrap();
    }
    for (set, expected) in [("set", "1|1 2|1"), ("parquet", "1|3 2|3"), ("parquet/", "1|3 2|3"), ("parquet/day=*", "3")]
    {
        let sessions = open(&directory.path(&format!("holiday=yes/{set}")));
        let columns = sessions.sql("SELECT * FROM sessions LIMIT 1").unwrap();
        let names: Vec<&str> = columns.columns().iter().map(Column::name).collect();
        assert!(!names.contains(&"holiday"), "{set}: {names:?}");
        if set.contains('*') {
            assert!(names.contains(&"day") || f64::from(sessions.count().unwrap()) == 6.0, "{set}: {names:?}");
        } else {
            assert_eq!(
                asked(&sessions, "SELECT day, COUNT(*) AS n FROM sessions GROUP BY 1 ORDER BY 1"),
                expected,
                "{set}"
            );
        }
    }
}

#[test]
fn lines_about_the_rows_and_rows_of_separators_are_faults() {
    let directory = Directory::new();
    let rows = "1,Fro,Iron,true,30,10\n2,BTP,Iron,true,0,20\n";
    for (name, more, line, kind) in [
        ("affected", "(2 rows affected)\n", 4, "row too short"),
        ("after a blank line", "\n(2 rows affected)\n", 5, "row too short"),
        ("without a line end", "(2 rows affected)", 4, "row too short"),
        ("separators", ",,,,,\n", 4, "row without values"),
        ("separators, crlf", ",,,,,\r\n", 4, "row without values"),
        ("separators at the end", ",,,,,", 4, "row without values"),
        ("fewer separators at the end", ",,", 4, "row too short"),
        ("separators between", ",,,,,\n3,Fro,Iron,true,0,0\n", 4, "row without values"),
    ] {
        let path = directory.write(&format!("{name}.csv"), format!("{HEADER}\n{rows}{more}"));
        let error = refused(&path);
        assert!(error.contains(&format!("line {line}:")) && error.contains("lenient"), "{name}: {error}");
        let sessions = Sessions::options().lenient().open(&path).unwrap();
        let faults = sessions.faults().unwrap();
        assert_eq!(asked(&sessions, "SELECT MAX(stream) AS s FROM sessions").len(), 1, "{name}: stream is a number");
        let first = flat(&faults.picked(&["fault", "first_row"]).unwrap());
        assert!(first.contains(&format!("{kind}|{line}")), "{name}: {first}");
    }
    // A row that was cut off is kept, with what it has.
    let path = directory.write("cut.csv", format!("{HEADER}\n{rows}3,Fro,Iron,true,7"));
    assert_eq!(asked(&open(&path), "SELECT COUNT(*) AS n, COUNT(cdn) AS c, SUM(p2p) AS p FROM sessions"), "3|2|37");
}
