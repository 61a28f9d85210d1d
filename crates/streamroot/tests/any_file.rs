//! Files of other services, and files that something is wrong with, through the engine that notebooks use. What is expected
//! was worked out by hand.

mod support;

use std::fs;
use std::path::Path;

use streamroot::prelude::*;
use support::{Directory, flat};

const HEADER: &str = "#stream,isp,browser,connected,p2p,cdn\n";
const ROWS: &str = "1,Fro,Iron,true,30,10\n1,Fro,Swamp,true,0,20\n2,BTP,Iron,false,0,40\n2,BTP,Iron,true,60,20.5\n3,,\"a,b\",true,0,\n";
const READ: &str =
    "1|Fro|Iron|true|30|10 1|Fro|Swamp|true|0|20 2|BTP|Iron|false|0|40 2|BTP|Iron|true|60|20.5 3|-|a,b|true|0|-";
const ALL: &str = "SELECT stream, isp, browser, connected, p2p, cdn FROM sessions";

const WRITTEN_ELSEWHERE: [&str; 9] = [
    "sessions.csv.gz",
    "sessions.csv.zst",
    "sessions.parquet",
    "delta-zstd.parquet",
    "plain-gzip.parquet",
    "dictionary-none.parquet",
    "sessions.arrow",
    "lz4.arrow",
    "zstd.arrow",
];

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name).to_str().unwrap().to_owned()
}

fn open(path: &str) -> Sessions {
    Sessions::open(path).unwrap_or_else(|error| panic!("{error}"))
}

fn asked(sessions: &Sessions, sql: &str) -> String {
    flat(&sessions.sql(sql).unwrap_or_else(|error| panic!("{sql}: {error}")))
}

/// The sentence that refuses a file.
fn refused(path: &str) -> String {
    match Sessions::open(path) {
        Ok(sessions) => panic!("{path} was opened: {sessions:?}"),
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn holds(sentence: &str, parts: &[&str]) {
    for part in parts {
        assert!(sentence.contains(part), "{part:?} is not in: {sentence}");
    }
    assert!(!sentence.contains('\n') && sentence.len() < 600, "not one sentence: {sentence}");
}

#[test]
fn the_same_sessions_in_every_form_are_the_same() {
    let directory = Directory::new();
    let plain = format!("{HEADER}{ROWS}");
    // No value holds one of these, but "a,b", which is in quotes.
    let separated = |by: &str| plain.replace("\"a,b\"", "a\u{1}b").replace(',', by).replace("a\u{1}b", "\"a,b\"");
    let rows = |header: &str, rows: [&str; 5]| format!("{header}\n{}\n", rows.join("\n"));
    let booleans = |yes: [&str; 4], no: &str| {
        let [a, b, c, d] = yes;
        format!(
            "{HEADER}1,Fro,Iron,{a},30,10\n1,Fro,Swamp,{b},0,20\n2,BTP,Iron,{no},0,40\n2,BTP,Iron,{c},60,20.5\n3,NA,\"a,b\",{d},0,NaN\n"
        )
    };
    let forms: Vec<(&str, String)> = vec![
        ("plain.csv", plain.clone()),
        ("no hash.csv", plain.replace('#', "")),
        ("hash and space.csv", plain.replace('#', "# ")),
        ("bom.csv", format!("\u{feff}{plain}")),
        ("crlf.csv", plain.replace('\n', "\r\n")),
        ("bom, crlf.csv", format!("\u{feff}{}", plain.replace('\n', "\r\n"))),
        ("no line end.csv", plain.trim_end().to_owned()),
        ("blank lines.csv", format!("\n{}\n\n", plain.replace("1,Fro,Swamp", "\n1,Fro,Swamp"))),
        ("semicolon.csv", separated(";")),
        ("tab.tsv", separated("\t")),
        ("pipe.psv", separated("|")),
        ("spaces.csv", separated(" , ")),
        ("capitals.csv", plain.replace(HEADER, "Stream,ISP,Browser,Connected,P2P,CDN\n")),
        (
            "quotes.csv",
            rows(
                "\"#stream\",\"isp\",\"browser\",\"connected\",\"p2p\",\"cdn\"",
                [
                    "\"1\",\"Fro\",\"Iron\",\"true\",\"30\",\"10\"",
                    "\"1\",\"Fro\",\"Swamp\",\"true\",\"0\",\"20\"",
                    "\"2\",\"BTP\",\"Iron\",\"false\",\"0\",\"40\"",
                    "\"2\",\"BTP\",\"Iron\",\"true\",\"60\",\"20.5\"",
                    "\"3\",\"\",\"a,b\",\"true\",\"0\",\"\"",
                ],
            ),
        ),
        (
            "other order, more columns.csv",
            rows(
                "#cdn,country,browser,p2p,stream,day,isp,connected",
                [
                    "10,DE,Iron,30,1,2019-03-10,Fro,true",
                    "20,FR,Swamp,0,1,2019-03-10,Fro,true",
                    "40,DE,Iron,0,2,2019-03-10,BTP,false",
                    "20.5,,Iron,60,2,,BTP,true",
                    "NA,DE,\"a,b\",0,3,2019-03-11,,true",
                ],
            ),
        ),
        ("booleans 1.csv", booleans(["True", "TRUE", "1", "yes"], "False")),
        ("booleans 2.csv", booleans(["t", "y", "YES", "tRuE"], "FALSE")),
        ("booleans 3.csv", booleans(["T", "Y", "Yes", "true"], "0")),
        ("booleans 4.csv", booleans(["T", "Y", "Yes", "true"], "no")),
        ("missing na.csv", format!("{HEADER}{}", ROWS.replace("3,,", "3,NA,").replace("0,\n", "0,NA\n"))),
        ("missing nan.csv", format!("{HEADER}{}", ROWS.replace("3,,", "3,NaN,").replace("0,\n", "0,nan\n"))),
        ("missing null.csv", format!("{HEADER}{}", ROWS.replace("3,,", "3,null,").replace("0,\n", "0,NULL\n"))),
        ("numbers.csv", plain.replace(",30,10", ",3e1,+10.0").replace(",0,20\n", ",0.000,2.0E1\n")),
    ];
    for (name, text) in forms {
        let path = directory.write(name, text);
        assert_eq!(asked(&open(&path), ALL), READ, "{name}");
    }
    for name in WRITTEN_ELSEWHERE {
        assert_eq!(asked(&open(&fixture(name)), ALL), READ, "{name}");
    }
}

#[test]
fn the_questions_of_the_notebooks_answer_the_same_whatever_the_form() {
    let directory = Directory::new();
    let csv = directory.write("plain.csv", format!("{HEADER}{ROWS}"));
    for path in [csv, fixture("sessions.csv.zst"), fixture("sessions.parquet"), fixture("sessions.arrow")] {
        let sessions = open(&path);
        assert_eq!(f64::from(sessions.count().unwrap()), 5.0);
        assert_eq!(flat(&sessions.count_by(Isp).unwrap()), "BTP|2 Fro|2 -|1");
        assert_eq!(flat(&sessions.count_by(Stream).unwrap()), "1|2 2|2 3|1");
        assert_eq!(flat(&sessions.share_by(Stream, Connected).unwrap()), "1|1 2|0.5 3|1");
        assert_eq!(flat(&sessions.sum_by(Browser, P2p).unwrap()), "Iron|90 Swamp|0 a,b|0");
        assert_eq!(flat(&sessions.mean_by(Stream, Total).unwrap()), "1|30 2|60.25 3|-");
        assert_eq!(f64::from(sessions.offload().unwrap()), 90.0 / 180.5);
        assert_eq!(flat(&sessions.missing().unwrap()), "isp|1 cdn|1");
        assert_eq!(flat(&sessions.faults().unwrap().picked(&["fault", "column", "rows"]).unwrap()), {
            "missing|isp|1 missing|cdn|1"
        });
        let name = Path::new(&path).file_name().unwrap().to_str().unwrap();
        assert_eq!(format!("{sessions:?}"), format!("5 sessions from {name}; without isp: 1, without cdn: 1"));
    }
}

#[test]
fn directories_globs_and_partitions_are_one_table() {
    let directory = Directory::new();
    directory.write("flat/a.csv", format!("{HEADER}1,Fro,Iron,true,30,10\n"));
    directory.write("flat/b.csv", "cdn,p2p,connected,browser,isp,stream\n20,0,true,Swamp,Fro,1\n");
    directory.write("flat/_SUCCESS", "");
    directory.write("flat/notes.txt", "no sessions");
    let sums = "SELECT COUNT(*) AS n, SUM(p2p) AS p2p, SUM(cdn) AS cdn FROM sessions";
    for path in ["flat", "flat/*.csv", "flat/?.csv", "flat/[ab].csv"] {
        assert_eq!(asked(&open(&directory.path(path)), sums), "2|30|30", "{path}");
    }
    assert_eq!(asked(&open(&directory.path("flat/b*")), sums), "1|0|20");

    directory.write("parts/country=DE/day=2019-03-10/a.csv", "p2p,cdn\n1,2\n3,4\n");
    directory.write("parts/country=O%27Neil/day=2019-03-11/b.csv", "cdn,p2p\n6,5\n");
    let sessions = open(&directory.path("parts"));
    assert_eq!(flat(&sessions.sum_by("country", P2p).unwrap()), "DE|4 O'Neil|5");
    assert_eq!(flat(&sessions.count_by(["country", "day"]).unwrap()), "DE|2019-03-10|2 O'Neil|2019-03-11|1");
    assert_eq!(f64::from(sessions.filter(Dimension::from("country").is("O'Neil")).unwrap().count().unwrap()), 1.0);

    for (country, file) in [("DE", "sessions.parquet"), ("FR", "sessions.parquet")] {
        let path = directory.0.join(format!("parquet/country={country}"));
        fs::create_dir_all(&path).unwrap();
        fs::copy(fixture(file), path.join("part-0.parquet")).unwrap();
    }
    let sessions = open(&directory.path("parquet"));
    assert_eq!(flat(&sessions.sum_by("country", P2p).unwrap()), "DE|90 FR|90");
}

#[test]
fn the_columns_of_another_service_are_mapped_by_one_call() {
    let directory = Directory::new();
    let path = directory.write(
        "other.csv",
        "channel;provider;p2p_bytes;\"http, bytes = 100 % CDN\";\"say \"\"hi\"\"\"\nnews;A;1;2;x\nsport;B;3;4;y\nnews;A;5;6;x\n",
    );
    let columns = Columns::default()
        .stream("channel")
        .isp("provider")
        .p2p("p2p_bytes")
        .cdn("http, bytes = 100 % CDN")
        .rename("say \"hi\"", "it's \"quoted\", a=b; -- 100 %");
    let sessions = Sessions::options().columns(columns).open(&path).unwrap();
    assert_eq!(flat(&sessions.count_by(Stream).unwrap()), "news|2 sport|1");
    assert_eq!(flat(&sessions.sum_by(Isp, Cdn).unwrap()), "A|8 B|4");
    assert_eq!(flat(&sessions.count_by("it's \"quoted\", a=b; -- 100 %").unwrap()), "x|2 y|1");

    // The last word on a column counts.
    let columns = Columns::default().stream("nowhere").stream("channel").p2p("p2p_bytes").cdn("p2p_bytes");
    let error = Sessions::options().columns(columns).open(&path).unwrap_err().to_string();
    holds(&error, &["p2p_bytes", "twice"]);
    let columns = Columns::default().stream("chanel").p2p("p2p_bytes").cdn("http, bytes = 100 % CDN");
    let error = Sessions::options().columns(columns).open(&path).unwrap_err().to_string();
    holds(&error, &[&path, "no column chanel", "channel, provider, p2p_bytes"]);
    holds(&refused(&path), &[&path, "no column p2p", "channel, provider, p2p_bytes"]);

    // Parquet too.
    let columns = Columns::default().isp("browser").browser("isp");
    let sessions = Sessions::options().columns(columns).open(&fixture("sessions.parquet")).unwrap();
    assert_eq!(flat(&sessions.count_by(Browser).unwrap()), "BTP|2 Fro|2 -|1");
}

#[test]
fn a_quote_within_a_name_of_the_header_is_a_letter_of_it() {
    let directory = Directory::new();
    for (header, name) in [("p2p,c\"dn,cdn", "c\"dn"), ("p2p,5\" screens,cdn", "5\" screens"), ("p2p,x\",cdn", "x\"")] {
        let path = directory.write("stray.csv", format!("{header}\n1,a,2\n3,b,4\n5,a,6\n"));
        let sessions = open(&path);
        assert_eq!(flat(&sessions.count_by(name).unwrap()), "a|2 b|1", "{header}");
        assert_eq!(flat(&sessions.sum_by(name, Cdn).unwrap()), "a|8 b|4", "{header}");
    }
    // The line end inside the quotes is the name's.
    let path = directory.write("two lines.csv", "\"two;\nlines\";p2p;cdn\na;1;2\nb;3;4\n");
    assert_eq!(flat(&open(&path).sum_by("two;\nlines", Cdn).unwrap()), "a|2 b|4");
}

#[test]
fn files_with_fewer_or_more_dimensions_work() {
    let directory = Directory::new();
    let path = directory.write("few.csv", "country,p2p,cdn\nDE,1,1\nFR,0,2\nDE,3,1\n");
    let sessions = open(&path);
    assert_eq!(flat(&sessions.count_by("country").unwrap()), "DE|2 FR|1");
    assert_eq!(flat(&sessions.offload_by("country").unwrap()), "DE|0.6666666666666666|0.625 FR|0|0");
    assert_eq!(format!("{sessions:?}"), "3 sessions from few.csv");
    let error = sessions.count_by(Browser).unwrap_err().to_string();
    assert!(error.contains("browser") && error.contains("country, p2p, cdn"), "{error}");
    let error = sessions.share(Connected).unwrap_err().to_string();
    assert!(error.contains("connected") && error.contains("country, p2p, cdn"), "{error}");

    let names: Vec<String> = (0..10).map(|i| format!("dimension {i}")).collect();
    let values: Vec<String> = (0..10).map(|i| format!("v{i}")).collect();
    let (names, values) = (names.join(","), values.join(","));
    let path = directory.write("many.csv", format!("{names},p2p,cdn\n{values},1,1\n{values},2,2\n"));
    assert_eq!(flat(&open(&path).count_by(["dimension 0", "dimension 9"]).unwrap()), "v0|v9|2");
}

#[test]
fn streams_may_be_text_and_names_may_look_like_numbers() {
    let directory = Directory::new();
    let path = directory.write("text.csv", format!("{HEADER}1,7,1,1,1,1\nlive,true,2,0,0,1\n01,NAN,3,1,1,1\n"));
    assert_eq!(asked(&open(&path), ALL), "1|7|1|true|1|1 live|true|2|false|0|1 01|NAN|3|true|1|1");
    assert_eq!(flat(&open(&path).count_by(Stream).unwrap()), "01|1 1|1 live|1");
}

#[test]
fn quotes_in_names_and_values_break_nothing() {
    let directory = Directory::new();
    let names =
        ["O'Neil", "say \"hi\"", "a\"; DROP TABLE sessions; --", "back\\slash", "value", "users", "sele ct", "é"];
    let header: Vec<String> = names.iter().map(|name| format!("\"{}\"", name.replace('"', "\"\""))).collect();
    let values = ["it's", "\"", "'; --", "\\'", "a'b\"c", "''", "x", "ÿ"];
    let row: Vec<String> = values.iter().map(|value| format!("\"{}\"", value.replace('"', "\"\""))).collect();
    let other = ["other"; 8].join(",");
    let path = directory.write(
        "names.csv",
        format!("{},p2p,cdn\n{},1,2\n{other},3,4\n{},5,6\n", header.join(","), row.join(","), row.join(",")),
    );
    let sessions = open(&path);
    for (name, value) in names.iter().zip(values) {
        let dimension = Dimension::from(*name);
        assert_eq!(flat(&sessions.count_by(*name).unwrap()), format!("{value}|2 other|1"), "{name}");
        let by_sum = flat(&sessions.sum_by(*name, P2p).unwrap());
        assert!(by_sum == format!("{value}|6 other|3") || by_sum == format!("other|3 {value}|6"), "{name}: {by_sum}");
        let filtered = sessions.filter(dimension.is(value)).unwrap();
        assert_eq!(f64::from(filtered.count().unwrap()), 2.0, "{name} is {value}");
        assert_eq!(f64::from(sessions.share(dimension.is(value)).unwrap()), 2.0 / 3.0);
        assert!(sessions.spread_by(*name, Cdn).unwrap().rows() == 2 && sessions.offload_by(*name).unwrap().rows() == 2);
        assert_eq!(sessions.opportunity(*name, 75.0, 1).err().map(|error| error.to_string().contains("stream")), {
            Some(true)
        });
        assert_eq!(asked(&filtered, "SELECT COUNT(*) AS n FROM sessions"), "2");
    }
    assert_eq!(f64::from(sessions.filter(Dimension::from("é").is("' OR 'a' = 'a")).unwrap().count().unwrap()), 0.0);
    assert_eq!(flat(&sessions.missing().unwrap()), "");
}

#[test]
fn every_value_that_can_not_be_is_refused_with_its_place_and_counted_when_lenient() {
    // What stands in line 3, what the sentence holds, the line of the faults, what stays of the row.
    let cases: &[(&[u8], &[&str], &str, &str)] = &[
        (b"2,BTP,Iron,true,many,5", &["column p2p", "\"many\"", "not a number"], "not a number|p2p|1|3|many", "-|5"),
        (b"2,BTP,Iron,true,1,5 MB", &["column cdn", "\"5 MB\"", "not a number"], "not a number|cdn|1|3|5 MB", "1|-"),
        (b"2,BTP,Iron,true,\"1,5\",5", &["column p2p", "\"1,5\"", "point"], "not a number|p2p|1|3|1,5", "-|5"),
        (b"2,BTP,Iron,true,-1,5", &["column p2p", "\"-1\"", "less than nothing"], "negative|p2p|1|3|-1", "-|5"),
        (b"2,BTP,Iron,true,1,-0.5", &["column cdn", "\"-0.5\""], "negative|cdn|1|3|-0.5", "1|-"),
        (b"2,BTP,Iron,true,inf,5", &["column p2p", "\"inf\""], "infinite|p2p|1|3|inf", "-|5"),
        (b"2,BTP,Iron,true,1,1e999", &["column cdn", "\"1e999\""], "infinite|cdn|1|3|1e999", "1|-"),
        (b"2,BTP,Iron,perhaps,1,5", &["column connected", "\"perhaps\""], "not a boolean|connected|1|3|perhaps", "1|5"),
        (b"2,BTP,Iron,2,1,5", &["column connected", "\"2\""], "not a boolean|connected|1|3|2", "1|5"),
        (
            b"2,BTP,Iron,false,7,5",
            &["column p2p", "\"7\"", "not connected"],
            "p2p while not connected|p2p|1|3|7",
            "-|5",
        ),
        (b"2,BTP,Iron,true,1", &["5 of 6"], "row too short|-|1|3|5 of 6 values", "1|-"),
        (b"2", &["1 of 6"], "row too short|-|1|3|1 of 6 values", "-|-"),
        (
            b"2,BTP,Iron,true,1,5,9",
            &["7 values instead of 6", "2,BTP,Iron"],
            "row too long|-|1|3|7 values instead of 6, 2,BTP,Iron,true,1,5,9",
            "-|-",
        ),
        (b"2,B\xffP,Iron,true,1,5", &["column isp", "B\u{fffd}P", "UTF-8"], "not UTF-8|isp|1|3|B\u{fffd}P", "1|5"),
        (b"2,B\0P,Iron,true,1,5", &["column isp", "NUL"], "NUL byte|isp|1|3|B\0P", "1|5"),
        (b"2,\"B\"P,Iron,true,1,5", &["column isp", "\"B\"", "quote"], "text after a quote|isp|1|3|B", "1|5"),
    ];
    let directory = Directory::new();
    for (i, (row, sentence, fault, kept)) in cases.iter().enumerate() {
        let file = format!("case {i}.csv");
        let text = [HEADER.as_bytes(), b"1,Fro,Iron,true,30,10\n", row, b"\n3,Fro,Iron,true,1,2\n"].concat();
        let path = directory.write(&file, text);
        let error = refused(&path);
        holds(&error, &[&path, "line 3", "lenient"]);
        holds(&error, sentence);

        let sessions = Sessions::options().lenient().open(&path).unwrap();
        let faults = sessions.faults().unwrap();
        let faults: Vec<String> = (0..faults.rows())
            .map(|row| faults.columns()[..5].iter().map(|c| support::value(c, row)).collect::<Vec<_>>().join("|"))
            .collect();
        assert!(faults.contains(&(*fault).to_owned()), "{faults:?} has no {fault}");
        assert_eq!(faults.iter().filter(|fault| !fault.starts_with("missing")).count(), 1, "{faults:?}");
        // No row is dropped, and the others are whole.
        assert_eq!(asked(&sessions, "SELECT p2p, cdn FROM sessions"), format!("30|10 {kept} 1|2"), "case {i}");
        let shown = format!("{sessions:?}");
        assert!(shown.starts_with(&format!("3 sessions from {file}")), "{shown}");
        let kind = fault.split('|').next().unwrap();
        assert!(
            shown.contains(&format!("taken as missing: 1 × {kind}")) && shown.contains(&format!("{file}:3")),
            "{shown}"
        );
        // Strict is what one gets without asking.
        assert_eq!(Sessions::options().lenient().strict().open(&path).unwrap_err().to_string(), error);
    }
}

#[test]
fn lenient_counts_add_up() {
    // Of p2p: 1 is no number, 2 are negative, 1 is missing, 1 is in a session that is not connected, 1 in a row that is
    // too long. Of cdn: 1 in a row that is too short, 1 in the one that is too long.
    let rows = "1,a,b,true,x,1\n1,a,b,true,-1,1\n1,a,b,true,-2,1\n1,a,b,true,,1\n1,a,b,no,5,1\n1,a,b,true,5\n\
                1,a,b,true,5,1,1\n1,a,b,maybe,5,1\n1,a,b,true,5,1\n";
    let directory = Directory::new();
    let path = directory.write("faults.csv", format!("{HEADER}{rows}"));
    let sessions = Sessions::options().lenient().open(&path).unwrap();
    assert_eq!(f64::from(sessions.count().unwrap()), 9.0);
    assert_eq!(
        asked(&sessions, "SELECT COUNT(p2p) AS p, COUNT(cdn) AS c, COUNT(connected) AS k FROM sessions"),
        "3|7|7"
    );
    let faults = sessions.faults().unwrap().sort("first_row").unwrap();
    assert_eq!(flat(&faults.picked(&["first_row", "rows"]).unwrap()), "2|1 3|2 5|1 6|1 7|1 8|1 9|1", "{faults}");
    let shown = format!("{sessions:?}");
    assert!(shown.contains("taken as missing: 2 × negative in p2p, the first at faults.csv:3: \"-1\""), "{shown}");
    assert_eq!(shown.lines().count(), 7, "{shown}");
    // A filter changes what is counted, not what is wrong with the file.
    let filtered = sessions.filter("p2p > 0").unwrap();
    assert_eq!(filtered.faults().unwrap(), sessions.faults().unwrap());

    // The faults of several files name theirs.
    directory.write("two/a.csv", format!("{HEADER}1,a,b,true,5,1\n"));
    directory.write("two/b.csv", format!("{HEADER}1,a,b,true,5,1\n1,a,b,true,x,1\n"));
    holds(&refused(&directory.path("two")), &["b.csv, line 3, column p2p", "\"x\""]);
    let shown = format!("{:?}", Sessions::options().lenient().open(&directory.path("two")).unwrap());
    assert!(shown.contains("the first at b.csv:3: \"x\""), "{shown}");
}

#[test]
fn values_of_other_files_are_looked_at_too() {
    holds(&refused(&fixture("negative.parquet")), &["negative.parquet, row 4, column p2p", "\"-60", "lenient"]);
    holds(&refused(&fixture("boolean.parquet")), &["boolean.parquet, row 3, column connected", "\"perhaps\""]);
    holds(&refused(&fixture("text.parquet")), &["text.parquet", "column p2p", "numbers of bytes"]);
    let sessions = Sessions::options().lenient().open(&fixture("negative.parquet")).unwrap();
    assert_eq!(asked(&sessions, "SELECT p2p FROM sessions"), "30 0 0 - 0");
    let shown = format!("{sessions:?}");
    assert!(shown.contains("1 × negative in p2p, the first at negative.parquet:4"), "{shown}");
    // Of several files, the one that is wrong is named, with the row in it.
    let directory = Directory::new();
    for (i, p2p) in ["1.5", "2", "CASE WHEN i = 6 THEN -60 ELSE i END", "-1"].iter().enumerate() {
        let rows = format!("SELECT ({p2p})::DOUBLE AS p2p, 1.0::DOUBLE AS cdn FROM range(10) t(i)");
        written_by_duckdb(&directory.path(&format!("{i}.parquet")), &rows);
    }
    holds(&refused(&directory.path("*.parquet")), &["2.parquet, row 7, column p2p", "\"-60"]);
    let good = fs::read(directory.path("1.parquet")).unwrap();
    fs::write(directory.path("1.parquet"), &good[..good.len() - 1]).unwrap();
    holds(&refused(&directory.path("*.parquet")), &["1.parquet is damaged or cut off"]);
    let sessions = Sessions::options().lenient().open(&fixture("boolean.parquet")).unwrap();
    assert_eq!(
        asked(&sessions, "SELECT connected, COUNT(*) AS n FROM sessions GROUP BY connected ORDER BY n, connected"),
        { "false|1 true|2 -|2" }
    );
}

#[test]
fn columns_that_queries_can_not_use_are_said_to_be_left_out() {
    let directory = Directory::new();
    let path = directory.path("odd.parquet");
    let columns = "1::DOUBLE AS p2p, i::DOUBLE AS cdn, [i, i] AS tags, {'a': i} AS pair, 'x'::BLOB AS raw, TIME '10:15:00' AS clock, \
                   1.5::DECIMAL(38, 30) AS exact, i AS fine";
    written_by_duckdb(&path, &format!("SELECT {columns} FROM range(3) t(i)"));
    let sessions = open(&path);
    let shown = format!("{sessions:?}");
    for (name, ty) in [("tags", "list"), ("pair", "struct"), ("raw", "binary"), ("clock", "time"), ("exact", "decimal")]
    {
        let line = format!("left out: {name}, of type {ty}");
        assert!(shown.contains(&line), "{line}: {shown}");
        let error = sessions.sql(&format!("SELECT {name} FROM sessions")).unwrap_err().to_string();
        assert!(error.contains("queries can't use"), "{error}");
    }
    assert_eq!(sessions.faults().unwrap().rows(), 5);
    assert_eq!(asked(&sessions, "SELECT * FROM sessions"), "1|0|0 1|1|1 1|2|2");
}

#[test]
fn columns_are_computed_of_others() {
    let directory = Directory::new();
    let path = directory.write("a.csv", "isp,P2P,cdn,\"a \"\"b\"\"\"\nFro,30,\"10\",1\nBTP,0,20,2\nFro,60,20,3\n");
    let sessions =
        open(&path).with("size", "CASE WHEN p2p + cdn > 35 THEN 'large' ELSE 'small' END -- of a session").unwrap();
    assert_eq!(flat(&sessions.count_by("size").unwrap()), "large|2 small|1");
    assert_eq!(asked(&sessions, "SELECT * FROM sessions LIMIT 1"), "Fro|30|10|1|large");
    // A column computed anew stays in its place, and means the new one from there on.
    let doubled = sessions.with("CDN", "2 * cdn").unwrap().with("a \"b\"", "\"a \"\"b\"\"\" + cdn").unwrap();
    assert_eq!(asked(&doubled, "SELECT * FROM sessions LIMIT 1"), "Fro|30|20|21|large");
    let some = doubled.filter(Isp.is("Fro")).unwrap().with("part", "p2p / SUM(p2p) OVER ()").unwrap();
    assert_eq!(
        asked(&some, "WITH x AS (SELECT part FROM sessions) SELECT SUM(part) AS s, COUNT(*) AS n FROM x"),
        "1|2"
    );
    assert_eq!(flat(&some.filter("part > 0.5").unwrap().offload_by("size").unwrap()), "large|0.6|0.6");
    let shown = format!("{some:?}");
    assert!(shown.contains("2 sessions from a.csv, where (\"isp\" = ('Fro'))"), "{shown}");
    for (name, of, why) in [
        ("x", "cdm", "is it cdn?"),
        ("x", "SUM(cdn)", "of each session"),
        ("x", "", "not SQL"),
        ("x", "1) AS y, (2", "one expression"),
    ] {
        let error = sessions.with(name, of).unwrap_err().to_string();
        assert!(error.contains(why), "{of}: {error}");
    }
}

#[test]
fn the_last_row_may_be_cut_off() {
    let directory = Directory::new();
    let path = directory.write("cut.csv", format!("{HEADER}1,Fro,Iron,true,30,10\n2,BTP,Swamp,tr"));
    // "tr" is no boolean, and nobody knows what it was to be.
    holds(&refused(&path), &[&path, "line 3, column connected", "\"tr\""]);
    let path = directory.write("cut2.csv", format!("{HEADER}1,Fro,Iron,true,30,10\n2,BTP,Swamp,true"));
    assert_eq!(asked(&open(&path), ALL), "1|Fro|Iron|true|30|10 2|BTP|Swamp|true|-|-");
    assert_eq!(flat(&open(&path).missing().unwrap()), "p2p|1 cdn|1");
}

#[test]
fn what_can_not_be_opened_says_why() {
    let directory = Directory::new();
    let gzip = fs::read(fixture("sessions.csv.gz")).unwrap();
    let zstd = fs::read(fixture("sessions.csv.zst")).unwrap();
    let parquet = fs::read(fixture("sessions.parquet")).unwrap();
    let arrow = fs::read(fixture("sessions.arrow")).unwrap();
    fs::create_dir_all(directory.0.join("nothing")).unwrap();
    let mut damaged = gzip.clone();
    damaged[40] ^= 0xff;
    let cases = [
        (directory.path("missing.csv"), "there is no file"),
        (directory.path("missing/*.csv"), "no file matches"),
        (directory.path("nothing"), "holds no CSV, Parquet or Arrow file"),
        (directory.write("empty.csv", ""), "is empty"),
        (directory.write("blank.csv", "\n\n"), "is empty"),
        (directory.write("header.csv", HEADER), "a header and no row"),
        (directory.write("header2.csv", HEADER.trim()), "a header and no row"),
        (directory.write("no cdn.csv", "stream,p2p\n1,2\n"), "no column cdn"),
        (directory.write("no header.csv", ROWS), "no column p2p"),
        (directory.write("twice.csv", "p2p,cdn,isp,isp\n1,2,a,b\n"), "column isp twice (columns 3 and 4)"),
        (directory.write("twice2.csv", "p2p,cdn,CDN\n1,2,3\n"), "column cdn twice (columns 2 and 3)"),
        (directory.write("utf16.csv", b"\xff\xfes\0t\0"), "UTF-16"),
        (directory.write("latin1.csv", b"p2p,cdn,op\xe9rateur\n1,2,a\n"), "UTF-8"),
        (directory.write("sheet.csv", b"PK\x03\x04whatever"), "Excel"),
        (directory.write("zero.csv", [0; 4096]), "not a text file"),
        (directory.write("cut.csv.gz", &gzip[..gzip.len() - 9]), "cut off"),
        (directory.write("cut.csv.zst", &zstd[..zstd.len() - 9]), "cut off"),
        (directory.write("damaged.csv.gz", damaged), "damaged"),
        (directory.write("cut.parquet", &parquet[..parquet.len() / 2]), "damaged or cut off"),
        (directory.write("cut2.parquet", &parquet[..parquet.len() - 9]), "damaged or cut off"),
        (directory.write("cut.arrow", &arrow[..arrow.len() / 2]), "damaged or cut off"),
        (directory.write("quote.csv", format!("{HEADER}1,\"Fro,Iron,true,1,2\n3,Fro,Iron,true,1,2\n")), "never closed"),
        (directory.write("header quote.csv", "p2p,cdn,\"isp\n1,2,Fro\n"), "opens a quote in its header"),
        (
            directory.write("header quote 2.csv", "p2p,\"cd\"n,isp\n1,2,Fro\n"),
            "the closing quote of \"cd\" in its header",
        ),
        (directory.write("nul, too long.csv", b"p2p,cdn\n1,2,3\0\n"), "1,2,3\\0"),
    ];
    // The list of batches at the end has three entries of 24 bytes behind their number; here it has one less, or one twice.
    let ends = arrow.len() - 10;
    let length = i32::from_le_bytes(arrow[ends..ends + 4].try_into().unwrap());
    let list = (ends - length as usize..ends).find(|at| arrow[*at..at + 4] == [3, 0, 0, 0]).unwrap();
    let mut fewer = arrow.clone();
    fewer[list] = 2;
    let mut twice = arrow.clone();
    twice.copy_within(list + 4..list + 28, list + 28);
    let cases = cases.into_iter().chain([
        (directory.write("fewer.arrow", fewer), "list of batches"),
        (directory.write("twice.arrow", twice), "list of batches"),
    ]);
    for (path, why) in &cases.collect::<Vec<_>>() {
        let error = refused(path);
        holds(&error, &[path, why]);
    }
    // What a cell can write is in the sentence.
    holds(&refused(&directory.path("no cdn.csv")), &["Sessions::options().columns(Columns::default().cdn("]);
    holds(&refused(&fixture("negative.parquet")), &["Sessions::options().lenient().open("]);
    holds(&refused(""), &["path", "empty"]);
    holds(&refused("s3://bucket/data.csv"), &["s3://bucket/data.csv", "local files"]);
    holds(&refused("a\0b.csv"), &["NUL"]);
    // A process may not read its own memory from the start: the error is the system's own.
    holds(&refused("/proc/self/mem"), &["/proc/self/mem"]);
    let unreadable = directory.write("secret.csv", format!("{HEADER}{ROWS}"));
    forbid(&unreadable);
    if fs::File::open(&unreadable).is_err() {
        holds(&refused(&unreadable), &[&unreadable, "permissions"]);
    } else {
        // The superuser may read everything.
        assert_eq!(asked(&open(&unreadable), ALL), READ);
    }
    directory.write("kinds/a.csv", format!("{HEADER}{ROWS}"));
    fs::copy(fixture("sessions.parquet"), directory.0.join("kinds/b.parquet")).unwrap();
    holds(&refused(&directory.path("kinds")), &["a.csv", "b.parquet", "one kind"]);
    directory.write("columns/a.csv", "p2p,cdn,x\n1,2,3\n");
    directory.write("columns/b.csv", "p2p,cdn,y\n1,2,3\n");
    holds(&refused(&directory.path("columns")), &["b.csv", "other columns"]);
}

fn forbid(path: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
}

#[test]
fn a_row_of_10_mb_is_a_row() {
    let directory = Directory::new();
    let long = "x".repeat(10_000_000);
    let path = directory.write("long.csv", format!("{HEADER}1,{long},Iron,true,1,2\n2,BTP,Iron,true,1,2\n"));
    assert_eq!(asked(&open(&path), "SELECT LENGTH(isp) AS l FROM sessions ORDER BY l"), "3 10000000");
    // A value at fault of that length makes no sentence of that length.
    let path = directory.write("long fault.csv", format!("{HEADER}1,Fro,Iron,true,{long},2\n"));
    holds(&refused(&path), &[&path, "line 2, column p2p", "xxx…"]);
    let path = directory.write("long header.csv", format!("p2p,cdn,{long}\n1,2,3\n"));
    assert_eq!(f64::from(open(&path).count().unwrap()), 1.0);
}

#[test]
fn rows_that_do_not_fit_in_memory_go_where_they_are_told() {
    let directory = Directory::new();
    let rows: String = (0..200_000).map(|i| format!("{},Fro,Iron,true,{i},1\n", i % 9)).collect();
    let path = directory.write("many.csv", format!("{HEADER}{rows}"));
    let small = Sessions::options().memory(100_000);
    let sessions = small.clone().spill(&directory.0).open(&path).unwrap();
    // 0 + 1 + … + 199,999.
    assert_eq!(asked(&sessions, "SELECT COUNT(*) AS n, SUM(p2p) AS s, SUM(cdn) AS c FROM sessions"), {
        "200000|19999900000|200000"
    });
    assert_eq!(fs::read_dir(&directory.0).unwrap().count(), 1, "a file stayed behind");
    let error = small.spill(directory.0.join("nowhere")).open(&path).unwrap_err().to_string();
    holds(&error, &["nowhere", "memory"]);
}

/// Names the directory on a small disk to this test, when it starts itself anew with one.
const SMALL_DISK: &str = "STREAMROOT_SMALL_DISK";

#[test]
fn rows_that_fit_neither_in_memory_nor_on_the_disk_are_refused() {
    let name = "rows_that_fit_neither_in_memory_nor_on_the_disk_are_refused";
    if let Some(disk) = std::env::var_os(SMALL_DISK) {
        let directory = Directory::new();
        let rows: String = (0..300_000).map(|i| format!("{},Fro,Iron,true,{i},1\n", i % 9)).collect();
        let path = directory.write("many.csv", format!("{HEADER}{rows}"));
        let options = Sessions::options().memory(100_000);
        let error = options.clone().spill(Path::new(&disk)).open(&path).unwrap_err().to_string();
        holds(&error, &[disk.to_str().unwrap(), "No space left", "free some space"]);
        assert_eq!(fs::read_dir(&disk).unwrap().count(), 0, "a file stayed behind");
        assert_eq!(f64::from(options.spill(&directory.0).open(&path).unwrap().count().unwrap()), 300_000.0);
        return;
    }
    let directory = Directory::new();
    let unshare = |options: &[&str]| {
        let mut command = std::process::Command::new("unshare");
        command.args(options);
        command
    };
    let allowed = |options: &&[&str]| unshare(options).arg("true").output().is_ok_and(|output| output.status.success());
    let Some(options) = [&["--mount"][..], &["--mount", "--map-root-user"]].into_iter().find(allowed) else {
        eprintln!("left out: no small disk can be mounted here");
        return;
    };
    let script = "mount -t tmpfs -o size=1m tmpfs \"$1\" && exec \"$2\" --exact \"$3\"";
    let output = unshare(options)
        .args(["sh", "-c", script, "sh"])
        .arg(&directory.0)
        .arg(std::env::current_exe().unwrap())
        .arg(name)
        .env(SMALL_DISK, &directory.0)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused_or_read_whole() {
    let directory = Directory::new();
    let rows = "1,Fro,Iron,true,30,10\n".repeat(400_000);
    for delay in [0, 1, 3, 10, 30] {
        let path = directory.write("changing.csv", format!("{HEADER}{rows}"));
        let opened = std::thread::scope(|scope| {
            let opened = scope.spawn(|| Sessions::open(&path).and_then(|sessions| sessions.count()));
            std::thread::sleep(std::time::Duration::from_millis(delay));
            // Cut in the middle, as a program does that writes the file anew.
            fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(5_000_000).unwrap();
            opened.join().unwrap()
        });
        match opened {
            Ok(count) => {
                let count = f64::from(count);
                // 37 + 1 bytes of header, 22 of a row.
                let cut = f64::from((5_000_000_u32 - 38).div_ceil(22));
                assert!(count == 400_000.0 || count == cut, "{count} rows after {delay} ms");
            }
            Err(error) => holds(&error.to_string(), &[&path, "changed"]),
        }
    }
    // And one that vanishes.
    let path = directory.write("vanishing.csv", format!("{HEADER}{rows}"));
    let sessions = open(&path);
    fs::remove_file(&path).unwrap();
    assert_eq!(f64::from(sessions.count().unwrap()), 400_000.0);
}

/// Five million sessions as Parquet, more than are kept in memory, so that each query reads the file.
fn large_parquet(path: &str) {
    let rows = "SELECT i % 9 AS stream, 'Fro' AS isp, TRUE AS connected, i::DOUBLE AS p2p, 1.0::DOUBLE AS cdn FROM range(5000000) t(i)";
    written_by_duckdb(path, rows);
}

/// The rows of a query as Parquet.
fn written_by_duckdb(path: &str, rows: &str) {
    support::run_duckdb(":memory:", &format!("COPY ({rows}) TO '{path}' (FORMAT parquet)"));
}

#[test]
fn a_large_file_that_changes_between_and_during_queries_is_never_half_read() {
    let directory = Directory::new();
    let (good, path) = (directory.path("good.parquet"), directory.path("large.parquet"));
    large_parquet(&good);
    let sums = "SELECT COUNT(*) AS n, SUM(p2p) AS s, COUNT(DISTINCT stream) AS d FROM sessions";
    // 0 + 1 + … + 4,999,999.
    let expected = "5000000|12499997500000|9";

    fs::copy(&good, &path).unwrap();
    let sessions = open(&path);
    assert_eq!(asked(&sessions, sums), expected);
    // A time of change in the far future or past is none that a sane clock gives, and no reason to refuse.
    for year in [2080, 1980] {
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs((year - 1970) * 31_557_600);
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        assert_eq!(asked(&open(&path), sums), expected, "{year}");
    }
    let error = sessions.sql(sums).unwrap_err().to_string();
    holds(&error, &[&path, "changed", "open it again"]);

    // Other content of the same length in the same file, as an `rsync --inplace` leaves.
    let sessions = open(&path);
    fs::copy(&good, &path).unwrap();
    holds(&sessions.sql(sums).unwrap_err().to_string(), &[&path, "changed", "open it again"]);
    // Another file of the same name.
    let sessions = open(&path);
    fs::copy(&good, directory.path("other.parquet")).unwrap();
    fs::rename(directory.path("other.parquet"), &path).unwrap();
    holds(&sessions.count().unwrap_err().to_string(), &[&path, "changed", "open it again"]);
    let sessions = open(&path);
    fs::remove_file(&path).unwrap();
    holds(&sessions.count().unwrap_err().to_string(), &[&path, "vanished", "open it again"]);

    // Cut off while it is opened or asked: an error, or an answer from all rows. The process must survive.
    for (delay, opened_first) in [0, 2, 5, 10, 20, 40, 80].into_iter().flat_map(|delay| [(delay, false), (delay, true)])
    {
        fs::copy(&good, &path).unwrap();
        let before = opened_first.then(|| open(&path));
        let answer = std::thread::scope(|scope| {
            let answer = scope.spawn(|| {
                let sessions = before.map_or_else(|| Sessions::open(&path), Ok)?;
                sessions.sql(sums).map(|table| flat(&table))
            });
            std::thread::sleep(std::time::Duration::from_millis(delay));
            fs::File::options().write(true).open(&path).unwrap().set_len(1_000_000).unwrap();
            answer.join().unwrap()
        });
        match answer {
            Ok(answer) => assert_eq!(answer, expected, "after {delay} ms"),
            Err(error) => holds(&error.to_string(), &[&path]),
        }
    }
    fs::copy(&good, &path).unwrap();
    assert_eq!(asked(&open(&path), sums), expected, "the engine goes on working");
}

#[test]
fn wrong_sql_is_marked_and_the_columns_are_listed() {
    let sessions = open(&fixture("sessions.parquet"));
    let error = sessions.sql("SELECT isp,\n  brwser\nFROM sessions").unwrap_err().to_string();
    assert!(error.contains("brwser") && error.contains("stream, isp, browser, connected, p2p, cdn"), "{error}");
    assert!(error.ends_with("\n    brwser\n    ^"), "{error}");
    let error = sessions.filter("p2p >").unwrap_err().to_string();
    assert!(error.contains('^'), "{error}");
    let error = sessions.filter("p3p > 0").unwrap_err().to_string();
    assert!(error.contains("p3p") && error.contains("stream, isp, browser, connected, p2p, cdn"), "{error}");
    for wrong in ["DROP TABLE sessions", "", "SELECT 1; SELECT 2", "SELECT * FROM nothing", "SELECT a\0b"] {
        assert!(!sessions.sql(wrong).unwrap_err().to_string().is_empty(), "{wrong}");
    }
    assert_eq!(f64::from(sessions.count().unwrap()), 5.0, "the engine goes on working");
}

#[test]
fn filters_and_queries_may_hold_comments_and_tables_of_their_own() {
    let sessions = open(&fixture("sessions.parquet"));
    let fro = sessions.filter("isp = 'Fro' -- the smaller one").unwrap().filter("stream = 1").unwrap();
    assert_eq!(flat(&fro.count_by(Browser).unwrap()), "Iron|1 Swamp|1 a,b|0");
    let queries = [
        "SELECT COUNT(*) AS n FROM sessions",
        "  with x as (SELECT * FROM sessions) SELECT COUNT(*) AS n FROM x",
        "-- how many?\n/* with\ncare */ WITH x AS (SELECT * FROM sessions) SELECT COUNT(*) AS n FROM x",
        "WITH\"x y\"AS (SELECT * FROM sessions) SELECT COUNT(*) AS n FROM \"x y\"",
    ];
    for query in queries {
        assert_eq!(asked(&fro, query), "2", "{query}");
    }
}
