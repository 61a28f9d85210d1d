//! Tests through the ADBC objects: a file is written, opened and asked. Expected values are worked out by hand.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use adbc_core::options::{OptionDatabase, OptionValue};
use adbc_core::{Connection, Database, Driver, Statement};
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;

use crate::driver::{PolarsConnection, PolarsDriver};

/// A directory that goes away with the test.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Directory {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("streamroot polars é {}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Directory(path)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn open_with(uri: &str, options: &[(&str, &str)]) -> Result<PolarsConnection, String> {
    let all = [("uri", uri)].into_iter().chain(options.iter().copied());
    let all = all.map(|(key, value)| (OptionDatabase::from(key), OptionValue::from(value)));
    let database = PolarsDriver.new_database_with_opts(all).map_err(|error| error.message)?;
    database.new_connection().map_err(|error| error.message)
}

fn open(uri: &str) -> PolarsConnection {
    open_with(uri, &[]).unwrap()
}

fn ask(connection: &mut PolarsConnection, sql: &str) -> Result<Vec<RecordBatch>, String> {
    let mut statement = connection.new_statement().map_err(|error| error.message)?;
    statement.set_sql_query(sql).map_err(|error| error.message)?;
    let batches = statement.execute().map_err(|error| error.message)?;
    batches.collect::<Result<_, _>>().map_err(|error| error.to_string())
}

/// The answer as text: values of a row joined by `|`, rows by a space.
fn answer(connection: &mut PolarsConnection, sql: &str) -> String {
    let batches = ask(connection, sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let mut rows = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            rows.push(batch.columns().iter().map(|column| shown(column, row)).collect::<Vec<_>>().join("|"));
        }
    }
    rows.join(" ")
}

fn shown(column: &dyn Array, row: usize) -> String {
    if column.is_null(row) {
        return "-".to_owned();
    }
    match column.data_type() {
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Date32 => {
            let days = column.as_primitive::<Date32Type>().value(row);
            let (year, month, day) = crate::calendar::civil(days.into());
            format!("{year}-{month:02}-{day:02}")
        }
        DataType::Decimal128(_, scale) => {
            let digits = column.as_primitive::<Decimal128Type>().value(row);
            (digits as f64 / 10f64.powi((*scale).into())).to_string()
        }
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::LargeUtf8 => column.as_string::<i64>().value(row).to_owned(),
        DataType::Null => "-".to_owned(),
        other => panic!("a column of type {other}"),
    }
}

fn refused(connection: &mut PolarsConnection, sql: &str) -> String {
    match ask(connection, sql) {
        Ok(_) => panic!("{sql} was answered"),
        Err(error) => error,
    }
}

const HEADER: &str = "#stream,isp,browser,connected,p2p,cdn\n";

/// Six sessions: 1 Fro true 30+10, 1 Fro true 0+20, 2 BTP false 0+40, 2 BTP true 60+20, 3 (no isp) true 0+0, and one cut off.
fn small(directory: &Directory) -> PolarsConnection {
    let rows = "1,Fro,Iron,true,30,10\n1,Fro,Swamp,true,0,20\n2,BTP,Iron,false,0,40\n2,BTP,Iron,true,60,20\n3,,Iron,true,0,0\n9,BTP,Iron,true,5";
    open(&directory.write("small.csv", format!("{HEADER}{rows}")))
}

#[test]
fn the_cut_off_last_row_is_kept_and_its_cdn_is_missing() {
    let directory = Directory::new();
    let mut data = small(&directory);
    assert_eq!(answer(&mut data, "SELECT COUNT(*), COUNT(cdn), SUM(p2p), SUM(p2p + cdn) FROM sessions"), "6|5|95|180");
    let faults = answer(&mut data, "SELECT fault, column, rows, first_row FROM faults ORDER BY first_row");
    assert_eq!(faults, "missing|isp|1|6 missing|cdn|1|7");
}

#[test]
fn every_way_of_writing_the_same_rows_reads_the_same() {
    let directory = Directory::new();
    let expected = "1|Fro|Iron|true|1.5|2.5 2|-|a,b|false|0|-";
    let plain = format!("{HEADER}1,Fro,Iron,true,1.5,2.5\n2,NA,\"a,b\",false,0,\n");
    let gzip = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(plain.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let forms: Vec<(&str, Vec<u8>)> = vec![
        ("plain.csv", plain.clone().into_bytes()),
        ("no-hash.csv", plain.replace('#', "").into_bytes()),
        ("bom.csv", [b"\xef\xbb\xbf", plain.as_bytes()].concat()),
        ("crlf.csv", plain.replace('\n', "\r\n").into_bytes()),
        ("gzip.csv.gz", gzip),
        ("zstd.csv.zst", zstd::encode_all(plain.as_bytes(), 1).unwrap()),
        (
            "semicolon.csv",
            b"stream; isp; browser; connected; p2p; cdn\n1; Fro; Iron; TRUE; 1.5; 2.5\n2;null;a,b;No;0;NaN".to_vec(),
        ),
        (
            "tab.csv",
            b"STREAM\tISP\tBROWSER\tCONNECTED\tP2P\tCDN\n1\tFro\tIron\tyes\t1.5\t2.5\n\n2\t\ta,b\t0\t0\tNA\n".to_vec(),
        ),
        (
            "pipe.csv",
            b"stream|isp|browser|connected|p2p|cdn\n1|Fro|\"Iron\"|1|15e-1|+2.5\n2|NULL|\"a,b\"|False|-0|\n".to_vec(),
        ),
        ("order.csv", b"cdn,p2p,connected,browser,isp,stream\n2.5,1.5,True,Iron,Fro,1\n,0,false,\"a,b\",,2\n".to_vec()),
    ];
    for (name, bytes) in forms {
        let mut data = open(&directory.write(name, bytes));
        let rows = answer(&mut data, "SELECT stream, isp, browser, connected, p2p, cdn FROM sessions ORDER BY stream");
        assert_eq!(rows, expected, "{name}");
    }
}

#[test]
fn each_fault_is_refused_by_place_and_counted_when_lenient() {
    // (rows, what the sentence holds, the fault's line in the table, what stays of `SELECT p2p, cdn`)
    let good = "1,Fro,Iron,true,1,2\n";
    let cases: &[(&[u8], &str, &str, &str)] = &[
        (b"1,Fro,Iron,true,abc,2", "line 3, column p2p: \"abc\" is not a number", "not a number|p2p|1|3", "1|2 -|2"),
        (
            b"1,Fro,Iron,true,1,-2",
            "line 3, column cdn: \"-2\" bytes is less than nothing",
            "negative|cdn|1|3",
            "1|2 1|-",
        ),
        (b"1,Fro,Iron,true,inf,2", "line 3, column p2p: \"inf\" is more than", "infinite|p2p|1|3", "1|2 -|2"),
        (b"1,Fro,Iron,true,1e400,2", "line 3, column p2p", "infinite|p2p|1|3", "1|2 -|2"),
        (b"1,Fro,Iron,maybe,1,2", "line 3, column connected: \"maybe\"", "not a boolean|connected|1|3", "1|2 1|2"),
        (
            b"1,Fro,Iron,false,7,2",
            "line 3, column p2p: \"7\" bytes by P2P",
            "p2p while not connected|p2p|1|3",
            "1|2 -|2",
        ),
        (
            b"1,Fro,Iron,true,1\n1,Fro,Iron,true,1,2",
            "line 3: the row has only 5 of 6",
            "row too short|-|1|3",
            "1|2 1|- 1|2",
        ),
        (b"1,Fro,Iron,true,1,2,3", "line 3: the row has 7 values instead of 6", "row too long|-|1|3", "1|2 -|-"),
        (b"1,F\xffo,Iron,true,1,2", "line 3, column isp", "not UTF-8|isp|1|3", "1|2 1|2"),
        (b"1,F\0o,Iron,true,1,2", "line 3, column isp", "NUL byte|isp|1|3", "1|2 1|2"),
        (b"1,\"Fro\"x,Iron,true,1,2", "line 3, column isp: text follows", "text after a quote|isp|1|3", "1|2 1|2"),
        (b"1,\"F\no\",Iron,true,x,2", "line 3, column p2p", "not a number|p2p|1|3", "1|2 -|2"),
    ];
    let directory = Directory::new();
    for (i, (rows, sentence, fault, kept)) in cases.iter().enumerate() {
        let path = directory.write(&format!("{i}.csv"), [HEADER.as_bytes(), good.as_bytes(), rows].concat());
        let error = open_with(&path, &[]).err().unwrap_or_else(|| panic!("case {i} was opened"));
        assert!(error.contains(sentence) && error.contains(&path), "{error}");
        let mut data = open_with(&path, &[("streamroot.mode", "lenient")]).unwrap();
        let faults = "SELECT fault, column, rows, first_row FROM faults WHERE fault <> 'missing'";
        assert_eq!(answer(&mut data, faults), *fault);
        assert_eq!(answer(&mut data, "SELECT p2p, cdn FROM sessions"), *kept, "case {i}");
    }
}

#[test]
fn what_can_not_be_opened_says_why() {
    let directory = Directory::new();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    gzip.write_all(format!("{HEADER}{}", "1,Fro,Iron,true,1,2\n".repeat(50_000)).as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    fs::create_dir_all(directory.0.join("nothing")).unwrap();
    let missing = directory.0.join("missing.csv").to_str().unwrap().to_owned();
    let empty_directory = directory.0.join("nothing").to_str().unwrap().to_owned();
    let pattern = directory.0.join("*.arrow").to_str().unwrap().to_owned();
    let cases = [
        (missing, "there is no file"),
        (empty_directory, "holds no CSV, Parquet or Arrow file"),
        (pattern, "no file matches"),
        (directory.write("empty.csv", ""), "is empty"),
        (directory.write("header.csv", HEADER), "has a header and no row"),
        (directory.write("no-cdn.csv", "stream,p2p\n1,2\n"), "has no column cdn"),
        (directory.write("twice.csv", "p2p,cdn,isp,isp\n1,2,a,b\n"), "has the column isp twice (columns 3 and 4)"),
        (directory.write("no-header.csv", "1,2,3\n4,5,6\n"), "has no column p2p"),
        (directory.write("utf16.csv", b"\xff\xfes\0t\0"), "UTF-16"),
        (directory.write("sheet.csv", b"PK\x03\x04whatever"), "ZIP or Excel"),
        (directory.write("cut.csv.gz", &gzip[..gzip.len() / 2]), "ends in the middle of its compressed data"),
        (directory.write("cut.parquet", b"PAR1 and no more"), "is damaged or cut off"),
        (directory.write("quote.csv", format!("{HEADER}1,\"Fro,Iron,true,1,2\n")), "never closed"),
        ("s3://bucket/data.csv".to_owned(), "reads local files"),
    ];
    for (path, sentence) in cases {
        let error = open_with(&path, &[]).err().unwrap_or_else(|| panic!("{path} was opened"));
        assert!(error.contains(sentence), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
}

#[test]
fn columns_can_have_other_names_and_types_widen_to_fit_every_value() {
    let directory = Directory::new();
    let mut text = "channel,p2p,http=bytes,country,n,flag\n".to_owned();
    // More than one block, and the value that does not fit stands in the last one.
    for i in 0..100_000 {
        text.push_str(&format!("{i},0,1,DE,{},true\n", i % 7));
    }
    text.push_str("live,0,1,DE,0.5,perhaps\n");
    let path = directory.write("other.csv", text);
    let mut data = open_with(&path, &[("streamroot.columns", "stream=channel,cdn=http%3Dbytes")]).unwrap();
    // 0 + … + 6 is 21, in each of 14,285 rounds; five more rows have 0 + 1 + 2 + 3 + 4.
    let sums = answer(&mut data, "SELECT SUM(n), COUNT(*), SUM(cdn) FROM sessions");
    assert_eq!(sums, format!("{}|100001|100001", 14_285 * 21 + 10).replace("|100001|", ".5|100001|"));
    assert_eq!(answer(&mut data, "SELECT stream, flag FROM sessions WHERE n = 0.5"), "live|perhaps");
    let error = open_with(&path, &[("streamroot.columns", "stream=chanel")]).err().unwrap();
    assert!(error.contains("has no column chanel") && error.contains("channel"), "{error}");
}

#[test]
fn a_directory_with_partitions_is_one_table() {
    let directory = Directory::new();
    directory.write("set/day=2019-03-10/a.csv", "p2p,cdn\n1,2\n3,4\n");
    directory.write("set/day=2019-03-11/b.csv", "cdn,p2p\n6,5\n");
    directory.write("set/README.md", "no data");
    let mut data = open(directory.0.join("set").to_str().unwrap());
    assert_eq!(
        answer(&mut data, "SELECT day, SUM(p2p), SUM(cdn) FROM sessions GROUP BY day"),
        "2019-03-10|4|6 2019-03-11|5|6"
    );
}

#[test]
fn rows_beyond_the_memory_limit_go_to_a_file_and_answer_the_same() {
    let directory = Directory::new();
    let mut text = HEADER.to_owned();
    for i in 0..120_000 {
        let isp = ["Fro", "BTP", "Olga"][i % 3];
        text.push_str(&format!(
            "{},{isp},Iron,{},{},{}\n",
            i % 9 + 1,
            i % 2 == 0,
            if i % 2 == 0 { i % 10 } else { 0 },
            i % 4
        ));
    }
    let path = directory.write("many.csv", text);
    let query =
        "SELECT isp, COUNT(*), SUM(p2p), SUM(cdn), COUNT(*) FILTER (WHERE connected) FROM sessions GROUP BY isp";
    // p2p: 0, 2, 4, 6, 8 in each ten rows, so 20 in 30 rows for each ISP; cdn: 18 in 12 rows, 6 for each ISP.
    let expected = "BTP|40000|80000|60000|20000 Fro|40000|80000|60000|20000 Olga|40000|80000|60000|20000";
    assert_eq!(answer(&mut open(&path), query), expected);
    let mut streamed = open_with(&path, &[("streamroot.memory", "100000")]).unwrap();
    assert_eq!(answer(&mut streamed, query), expected);
    assert_eq!(fs::read_dir(&directory.0).unwrap().count(), 1, "a file stayed behind");
}

#[test]
fn sql_that_polars_gets_wrong_answers_as_other_engines_do() {
    let directory = Directory::new();
    let mut data = small(&directory);
    // Worked out by hand; DuckDB agrees.
    let cases = [
        ("SELECT COUNT(*) - 10 FROM sessions", "-4"),
        ("SELECT COUNT(*) * 1000000000 FROM sessions", "6000000000"),
        ("SELECT SUM(CASE WHEN connected THEN 1000000000 ELSE 0 END) FROM sessions", "5000000000"),
        ("SELECT COUNT(*) FROM sessions WHERE p2p + cdn > 4e1", "1"),
        ("SELECT -7 % 3, MOD(-7, 3), 7 % -3", "-1|-1|1"),
        ("SELECT ROUND(2.5), ROUND(-2.5), ROUND(0.125, 2), ROUND(1250, -2)", "3|-3|0.13|1300"),
        ("SELECT isp FROM sessions GROUP BY isp ORDER BY isp DESC", "Fro BTP -"),
        ("SELECT isp, COUNT(*) AS n FROM sessions GROUP BY isp ORDER BY COUNT(*) DESC", "BTP|3 Fro|2 -|1"),
        ("SELECT COUNT(*) FROM sessions WHERE (isp = 'BTP') IS NOT TRUE", "3"),
        ("SELECT COUNT(*) OVER () FROM sessions LIMIT 2", "6 6"),
        (
            "SELECT isp, RANK() OVER (ORDER BY isp) AS r FROM (SELECT DISTINCT isp FROM sessions) AS t ORDER BY r",
            "BTP|1 Fro|2 -|3",
        ),
        ("WITH sessions AS (SELECT * FROM sessions WHERE connected) SELECT COUNT(*) FROM sessions", "5"),
        ("SELECT COUNT(*) FROM sessions WHERE isp IN (SELECT isp FROM sessions GROUP BY isp HAVING COUNT(*) > 2)", "3"),
        ("SELECT COUNT(*) FROM sessions WHERE p2p > (SELECT AVG(p2p) FROM sessions)", "2"),
        (
            "SELECT isp, COUNT(*) * 1.0 / (SELECT COUNT(*) FROM sessions) AS s FROM sessions WHERE isp = 'BTP' GROUP BY isp",
            "BTP|0.5",
        ),
        (
            "SELECT 'all' AS k, COUNT(*) AS n FROM sessions UNION ALL SELECT 'P2P', COUNT(*) FROM sessions WHERE p2p > 0 ORDER BY n",
            "P2P|3 all|6",
        ),
        ("SELECT SUM(p2p), SUM(p2p) FROM sessions", "95|95"),
        (
            "SELECT stream % 2 AS odd, stream, COUNT(*) FROM sessions GROUP BY stream % 2, stream",
            "0|2|2 1|1|2 1|3|1 1|9|1",
        ),
        ("SELECT FLOOR(cdn / 30) AS bin, MAX(cdn) FROM sessions GROUP BY FLOOR(cdn / 30)", "0|20 1|40 -|-"),
        ("SELECT NULL AS nothing, COUNT(*) FROM sessions", "-|6"),
        ("SELECT upper(isp) AS i, COUNT(*) FROM sessions WHERE isp LIKE 'B%' GROUP BY i", "BTP|3"),
        (
            "SELECT stream, n, SUM(n) OVER (ORDER BY stream ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS t FROM (SELECT stream, COUNT(*) AS n FROM sessions GROUP BY stream) AS g ORDER BY stream",
            "1|2|2 2|2|4 3|1|5 9|1|6",
        ),
    ];
    for (sql, expected) in cases {
        assert_eq!(answer(&mut data, sql), expected, "{sql}");
    }
}

#[test]
fn sql_that_can_not_be_answered_is_refused_with_what_to_write() {
    let directory = Directory::new();
    let mut data = small(&directory);
    let cases = [
        ("SELECT isp, COUNT(*) FROM sessions", "add GROUP BY isp"),
        ("SELECT isp, p2p FROM sessions GROUP BY isp", "p2p is neither grouped by"),
        ("SELECT isp, p2p + 1 FROM sessions GROUP BY ROLLUP (isp)", "p2p is neither grouped by"),
        ("SELECT isp FROM sessions WHERE COUNT(*) > 1", "put the condition in HAVING"),
        ("SELECT isp, COUNT(*) AS n FROM sessions WHERE n > 1 GROUP BY isp", "put the condition in HAVING"),
        ("SELECT AVG(MAX(p2p)) FROM sessions", "compute the inner one in WITH"),
        ("SELECT isp FROM sessions WHERE RANK() OVER (ORDER BY p2p) = 1", "QUALIFY"),
        ("SELECT RANK() FROM sessions", "OVER (ORDER BY"),
        ("SELECT DISTINCT isp FROM sessions ORDER BY p2p", "SELECT DISTINCT"),
        ("SELECT DISTINCT ON (isp) isp, p2p FROM sessions", "ROW_NUMBER"),
        ("SELECT STRING_AGG(isp, ',') FROM sessions", "the engine has no STRING_AGG"),
        ("SELECT ARG_MAX(isp, p2p) FROM sessions", "ROW_NUMBER"),
        ("SELECT SOUNDEX(isp) FROM sessions", "the engine has no function SOUNDEX"),
        ("SELECT INTERVAL '1 day'", "INTERVAL can't be used"),
        ("SELECT [1, 2]", "lists"),
        ("SELECT isp FROM sessions WHERE isp > 5", "text is compared with a INTEGER"),
        ("SELECT isp + 1 FROM sessions", "+ takes numbers, and this is a VARCHAR"),
        ("SELECT UPPER(p2p) FROM sessions", "UPPER takes text"),
        ("SELECT CASE WHEN connected THEN isp ELSE stream END FROM sessions", "CASE has a"),
        ("SELECT CAST(isp AS UUID) FROM sessions", "UUID can't be cast to"),
        (
            "WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM a) SELECT * FROM a",
            "RECURSIVE can't be used",
        ),
        ("SELECT * FROM sessions, LATERAL (SELECT 1) AS t", "LATERAL can't be used"),
        ("SELECT a.isp FROM sessions AS a JOIN sessions AS b", "needs ON or USING"),
        (
            "SELECT isp FROM sessions AS a JOIN sessions AS b ON a.stream = b.stream",
            "isp is the name of several columns",
        ),
        ("SELECT a.isp FROM sessions AS a JOIN sessions AS a ON 1 = 1", "two tables of FROM are called a"),
        ("SELECT s.isp FROM sessions", "there is no table s in this place: the tables are sessions"),
        (
            "SELECT isp FROM sessions AS s WHERE p2p > (SELECT AVG(o.p2p) FROM sessions AS o WHERE o.cdn > s.cdn)",
            "in an equality such as",
        ),
        ("SELECT (SELECT isp FROM sessions)", "several rows where one value is needed"),
        ("SELECT isp FROM sessions LIMIT p2p", "a plain whole number"),
        ("SELECT isp FROM sessions UNION SELECT isp, p2p FROM sessions", "as many columns on both sides"),
        // What has no value is an error, and no number is cut.
        ("SELECT 2147483647 + stream::INTEGER FROM sessions", "does not fit in INTEGER"),
        ("SELECT SUM(stream + 9223372036854775806) FROM sessions", "does not fit in BIGINT"),
        ("SELECT SUM(n) FROM (SELECT 9223372036854775807 AS n FROM sessions) AS t", "more than 64 bits"),
        ("SELECT CAST(isp AS INTEGER) FROM sessions", "is no INTEGER: TRY_CAST"),
        ("SELECT CAST(300 AS TINYINT)", "does not fit in TINYINT"),
        ("SELECT SQRT(-1)", "SQRT"),
        (
            "SELECT ispp FROM sessions",
            "there is no column ispp (is it isp?): the columns are stream, isp, browser, connected, p2p, cdn",
        ),
        ("SELECT isp FROM sesions", "the rows are in the table sessions"),
        ("INSERT INTO sessions VALUES (1)", "SELECT only"),
        ("DROP TABLE sessions", "SELECT only"),
        ("SELECT 1; SELECT 2", "one statement"),
        ("SELECT * FROM read_csv('/etc/passwd')", "can't be read from"),
        ("", "empty"),
    ];
    for (sql, sentence) in cases {
        let error = refused(&mut data, sql);
        assert!(error.contains(sentence), "{sql}: {error}");
    }
    let deep = format!("SELECT {}1{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(refused(&mut data, &deep).contains("too deeply"));
    let long = format!("SELECT {} FROM sessions", vec!["p2p"; 20_000].join("+"));
    assert!(refused(&mut data, &long).contains("too deeply"));
    let many = vec!["SELECT 1"; 5_000].join(" UNION ");
    assert!(refused(&mut data, &many).contains("can't be put together"));
    let inner =
        format!("{}SELECT stream FROM sessions{}", "SELECT stream FROM (".repeat(1_000), ") AS t".repeat(1_000));
    assert!(refused(&mut data, &inner).contains("too deeply"));
    let joins = format!(
        "SELECT COUNT(*) FROM sessions{}",
        (0..2_000).map(|i| format!(" CROSS JOIN faults AS f{i}")).collect::<String>()
    );
    assert!(refused(&mut data, &joins).contains("more than"));
    let doubled: Vec<String> =
        (1..40).map(|i| format!("a{i} AS (SELECT x.n + y.n AS n FROM a{} x, a{} y)", i - 1, i - 1)).collect();
    let doubled = format!("WITH a0 AS (SELECT 1 AS n), {} SELECT n FROM a30", doubled.join(", "));
    assert_eq!(answer(&mut data, &doubled), (1i64 << 30).to_string());
    assert_eq!(answer(&mut data, "SELECT COUNT(*) FROM sessions"), "6", "the driver goes on working");
}

#[test]
fn the_place_of_a_mistake_is_marked() {
    let directory = Directory::new();
    let mut data = small(&directory);
    let error = refused(&mut data, "SELECT isp,\n  brwser\nFROM sessions");
    assert!(error.ends_with("\n    brwser\n    ^"), "{error}");
    let error = refused(&mut data, "SELECT isp FORM sessions WHERE");
    assert!(error.contains("FORM sessions") && error.ends_with('^'), "{error}");
}

#[test]
fn connections_share_the_data_between_threads() {
    let directory = Directory::new();
    let path = directory.write("small.csv", format!("{HEADER}1,Fro,Iron,true,30,10\n2,BTP,Iron,false,0,40\n"));
    let options = [(OptionDatabase::Uri, OptionValue::from(path.as_str()))];
    let database = PolarsDriver.new_database_with_opts(options).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let mut connection = database.new_connection().unwrap();
            scope.spawn(move || {
                for _ in 0..20 {
                    let rows = answer(&mut connection, "SELECT isp, SUM(cdn) FROM sessions GROUP BY isp");
                    assert_eq!(rows, "BTP|40 Fro|10");
                    let like = answer(&mut connection, "SELECT COUNT(*) FROM sessions WHERE isp LIKE 'F%'");
                    assert_eq!(like, "1");
                }
            });
        }
    });
}
