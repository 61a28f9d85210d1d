//! A second opinion: the same questions to the embedded engine and to DuckDB, on the same data, have the same answers.

#[path = "support/queries.rs"]
mod queries;
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use queries::Random;
use streamroot::prelude::*;
use support::{DuckDb, root};

/// How far two floating-point numbers may be apart, as a part of the larger one: sums are taken in different orders.
const TOLERANCE: f64 = 1e-9;

struct Engines {
    ours: Sessions,
    /// The same rows in a file that each query streams over, until what it asks has been aggregated.
    ours_in_file: Option<Sessions>,
    theirs: Sessions,
    /// Where theirs are.
    database: Rc<DuckDb>,
}

impl Engines {
    /// A CSV file in both, with the types of its columns as DuckDB calls them.
    fn open(path: &Path, types: &[(&str, &str)]) -> Engines {
        let path = path.to_str().unwrap();
        let types: Vec<String> = types.iter().map(|(name, ty)| format!("'{name}': '{ty}'")).collect();
        let read = format!(
            "CREATE TABLE sessions AS SELECT * FROM read_csv('{}', header = true, null_padding = true, auto_detect = false, \
             delim = ',', quote = '\"', columns = {{{}}})",
            path.replace('\'', "''"),
            types.join(", ")
        );
        let database = DuckDb::with(&read);
        let ours = Sessions::open(path).unwrap();
        Engines { ours, ours_in_file: None, theirs: database.clone(), database: Rc::new(database) }
    }

    fn sessions() -> Engines {
        let types = [
            ("stream", "BIGINT"),
            ("isp", "VARCHAR"),
            ("browser", "VARCHAR"),
            ("connected", "BOOLEAN"),
            ("p2p", "DOUBLE"),
            ("cdn", "DOUBLE"),
        ];
        Engines::open(&root().join("data/sessions.csv"), &types)
    }

    fn odd() -> Engines {
        let types = [
            ("stream", "BIGINT"),
            ("isp", "VARCHAR"),
            ("browser", "VARCHAR"),
            ("connected", "BOOLEAN"),
            ("p2p", "DOUBLE"),
            ("cdn", "DOUBLE"),
            ("country", "VARCHAR"),
            ("age", "BIGINT"),
            ("device", "VARCHAR"),
            ("note", "VARCHAR"),
        ];
        let path = root().join("crates/streamroot-polars/tests/odd.csv");
        let in_file = Sessions::options().memory(1).spill(std::env::temp_dir()).open(path.to_str().unwrap()).unwrap();
        Engines { ours_in_file: Some(in_file), ..Engines::open(&path, &types) }
    }

    fn filter(&self, condition: impl Into<Condition>) -> Engines {
        let condition = condition.into();
        let filtered = |sessions: &Sessions| sessions.filter(condition.clone()).unwrap();
        Engines {
            ours: filtered(&self.ours),
            ours_in_file: None,
            theirs: filtered(&self.theirs),
            database: self.database.clone(),
        }
    }

    /// Asks both for a table that has an order.
    fn agree(&self, what: &str, ask: impl Fn(&Sessions) -> streamroot::Result<Table>) {
        let answer = |sessions| ask(sessions).unwrap_or_else(|error| panic!("{what}: {error}"));
        let theirs = answer(&self.theirs);
        let heads = |table: &Table| table.columns().iter().map(|c| (c.name().to_owned(), c.unit())).collect::<Vec<_>>();
        let ours = answer(&self.ours);
        assert_eq!(heads(&ours), heads(&theirs), "{what}");
        if let Err(difference) = same(&rows(&ours), &rows(&theirs), true) {
            panic!("{what}: {difference}\n{ours}\n{theirs}");
        }
    }

    fn agree_on_number(&self, what: &str, ask: impl Fn(&Sessions) -> streamroot::Result<Quantity>) {
        let answer = |sessions| ask(sessions).unwrap_or_else(|error| panic!("{what}: {error}"));
        let (ours, theirs) = (answer(&self.ours), answer(&self.theirs));
        assert_eq!(ours.unit(), theirs.unit(), "{what}");
        let (ours, theirs) = (Cell::Float(ours.value()), Cell::Float(theirs.value()));
        assert!(ours.same(&theirs), "{what}: {ours:?} and {theirs:?}");
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Cell {
    Missing,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
}

impl Cell {
    /// Whole numbers agree exactly, others within the tolerance. A sum may be whole in one engine and not in the other.
    fn same(&self, other: &Cell) -> bool {
        let float = |cell: &Cell| match cell {
            Cell::Int(n) => Some(*n as f64),
            Cell::Float(x) => Some(*x),
            _ => None,
        };
        match (self, other) {
            (Cell::Float(_), Cell::Int(_) | Cell::Float(_)) | (Cell::Int(_), Cell::Float(_)) => {
                let (Some(a), Some(b)) = (float(self), float(other)) else { return false };
                a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1e-3)
            }
            (a, b) => a == b,
        }
    }

    /// Sorts equal cells of both engines to the same place.
    fn key(&self) -> String {
        match self {
            Cell::Missing => String::new(),
            Cell::Bool(b) => format!("a{b}"),
            Cell::Int(n) => format!("b{:.5e}", *n as f64),
            Cell::Float(x) if *x == 0.0 => "b0.00000e0".to_owned(),
            Cell::Float(x) => format!("b{x:.5e}"),
            Cell::Text(text) => format!("c{text}"),
        }
    }
}

fn rows(table: &Table) -> Vec<Vec<Cell>> {
    let cell = |column: &Column, row: usize| match column.values() {
        Values::Text(v) => v[row].clone().map(Cell::Text),
        Values::Bool(v) => v[row].map(Cell::Bool),
        Values::Int(v) => v[row].map(Cell::Int),
        Values::Float(v) => v[row].map(Cell::Float),
    };
    let row = |row| table.columns().iter().map(|column| cell(column, row).unwrap_or(Cell::Missing)).collect();
    (0..table.rows()).map(row).collect()
}

/// Compares rows, in their order or in any.
fn same(ours: &[Vec<Cell>], theirs: &[Vec<Cell>], ordered: bool) -> Result<(), String> {
    if ours.len() != theirs.len() {
        return Err(format!("{} rows and {}: {:?} and {:?}", ours.len(), theirs.len(), ours.first(), theirs.first()));
    }
    let equal = |a: &[Cell], b: &[Cell]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b));
    let sorted = |rows: &[Vec<Cell>]| {
        let mut rows = rows.to_vec();
        if !ordered {
            rows.sort_by_cached_key(|row| row.iter().map(Cell::key).collect::<Vec<_>>());
        }
        rows
    };
    let (ours, mut theirs) = (sorted(ours), sorted(theirs));
    for (i, row) in ours.iter().enumerate() {
        // Numbers that are rounded to different keys are not far from each other.
        let end = if ordered { theirs.len().min(i + 1) } else { theirs.len() };
        match (i..end).find(|&j| equal(row, &theirs[j])) {
            Some(j) => theirs.swap(i, j),
            None => return Err(format!("row {i}: {row:?} and {:?}", theirs[i])),
        }
    }
    Ok(())
}

/// Whether the query's last word is an order of its rows.
fn is_ordered(query: &str) -> bool {
    let query = query.to_ascii_lowercase();
    query.rfind("order by").is_some_and(|at| {
        let rest = &query[at..];
        rest.matches('(').count() == rest.matches(')').count()
    })
}

#[test]
fn every_aggregation_of_sessions() {
    let all = Engines::sessions();
    let filtered = [
        ("all", all.filter("TRUE")),
        ("connected", all.filter(Connected)),
        ("not connected", all.filter(NotConnected)),
        ("large", all.filter("p2p + cdn > 100e6").filter(WithP2p)),
        ("none", all.filter("p2p < 0")),
    ];
    let measures = [
        P2p,
        Cdn,
        Total,
        Offload,
        "p2p / 1e6".into(),
        "CASE WHEN connected THEN stream END".into(),
        "LENGTH(isp)".into(),
    ];
    let dimensions = [Stream, Isp, Browser, Connected];
    let conditions =
        [Condition::from(Connected), NotConnected, WithP2p, CdnOnly, Condition::from("p2p > cdn"), Isp.is("Fro")];
    for (name, engines) in [("unfiltered", all)].into_iter().chain(filtered) {
        engines.agree_on_number(&format!("{name}: count"), Sessions::count);
        engines.agree_on_number(&format!("{name}: offload"), Sessions::offload);
        engines.agree(&format!("{name}: missing"), Sessions::missing);
        for by in &dimensions {
            engines.agree(&format!("{name}: count_by {by:?}"), |s| s.count_by(by.clone()));
            engines.agree(&format!("{name}: offload_by {by:?}"), |s| s.offload_by(by.clone()));
            engines.agree(&format!("{name}: opportunity {by:?}"), |s| s.opportunity(by.clone(), 75.0, 100));
            for other in &dimensions {
                let pair = || [by.clone(), other.clone()];
                if by == other {
                    continue;
                }
                engines.agree(&format!("{name}: count_by {by:?}, {other:?}"), |s| s.count_by(pair()));
                engines.agree(&format!("{name}: offload_by {by:?}, {other:?}"), |s| s.offload_by(pair()));
                engines.agree(&format!("{name}: opportunity {by:?}, {other:?}"), |s| s.opportunity(pair(), 50.0, 30));
                engines.agree_on_number(&format!("{name}: association {by:?}, {other:?}"), |s| {
                    s.association(by.clone(), other.clone())
                });
                engines.agree(&format!("{name}: standardised_by {by:?}, {other:?}"), |s| {
                    s.standardised_by(by.clone(), other.clone(), Offload)
                });
            }
        }
        for measure in &measures {
            let m = || measure.clone();
            engines.agree_on_number(&format!("{name}: mean {measure:?}"), |s| s.mean(m()));
            engines.agree_on_number(&format!("{name}: sum {measure:?}"), |s| s.sum(m()));
            engines.agree(&format!("{name}: difference {measure:?}"), |s| s.difference(WithP2p, Stream, m()));
            engines.agree(&format!("{name}: standardised_by {measure:?}"), |s| s.standardised_by(Isp, Stream, m()));
            for bins in [1, 7, 40] {
                engines.agree(&format!("{name}: histogram {measure:?}, {bins}"), |s| s.histogram(m(), bins));
            }
            for by in &dimensions {
                engines.agree(&format!("{name}: mean_by {by:?}, {measure:?}"), |s| s.mean_by(by.clone(), m()));
                engines.agree(&format!("{name}: sum_by {by:?}, {measure:?}"), |s| s.sum_by(by.clone(), m()));
            }
            // What is measured must differ within a group: see `quantiles_of_what_is_grouped_by`.
            for by in [Stream, Isp].into_iter().filter(|by| !(*by == Isp && *measure == "LENGTH(isp)".into())) {
                engines.agree(&format!("{name}: spread_by {by:?}, {measure:?}"), |s| s.spread_by(by.clone(), m()));
            }
        }
        engines.agree(&format!("{name}: spread_by pair"), |s| s.spread_by([Browser, Connected], Total));
        for condition in &conditions {
            let c = || condition.clone();
            engines.agree_on_number(&format!("{name}: share {condition:?}"), |s| s.share(c()));
            engines.agree(&format!("{name}: difference {condition:?}"), |s| s.difference(c(), Isp, Cdn));
            for by in &dimensions {
                engines.agree(&format!("{name}: share_by {by:?}, {condition:?}"), |s| s.share_by(by.clone(), c()));
                engines.agree(&format!("{name}: share_interval_by {by:?}, {condition:?}"), |s| {
                    s.share_interval_by(by.clone(), c())
                });
            }
            engines.agree(&format!("{name}: share_by pair, {condition:?}"), |s| s.share_by([Isp, Stream], c()));
        }
        let three = [Stream, Isp, Browser];
        engines.agree(&format!("{name}: count_by three"), |s| s.count_by(three.clone()));
        engines.agree(&format!("{name}: mean_by three"), |s| s.mean_by(three.clone(), Offload));
    }
}

/// How queries went.
#[derive(Debug, Default)]
struct Tally {
    equal: usize,
    /// The queries among them whose answer has rows.
    told: Vec<String>,
    refused: Vec<(String, String)>,
    /// What is refused of rows in a file, and answered of the same rows in memory.
    refused_in_file: Vec<String>,
    /// Queries that DuckDB does not answer either tell nothing.
    void: Vec<(String, String)>,
    /// Queries that have no answer for the values there are: a number does not fit, or a text is none.
    failed: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn ask(&mut self, engines: &Engines, query: &str) {
        let theirs = match engines.theirs.sql(query) {
            Ok(theirs) => theirs,
            Err(error) => {
                let error = error.to_string();
                if !error.contains("Out of Range Error") && !error.contains("Conversion Error") {
                    return self.void.push((query.to_owned(), error));
                }
                return match engines.ours.sql(query) {
                    Err(_) => self.failed += 1,
                    Ok(ours) => self.wrong.push(format!(
                        "{query}\n    is answered with {:?} where DuckDB says {error}",
                        rows(&ours).first()
                    )),
                };
            }
        };
        let ours = match engines.ours.sql(query) {
            Ok(ours) => ours,
            Err(error) => return self.refused.push((query.to_owned(), error.to_string())),
        };
        // Another text each time, since an answer to the same one is remembered.
        let mut answers = vec![ours.clone()];
        // Of rows without an order, LIMIT takes any.
        let in_file = engines.ours_in_file.iter().filter(|_| is_ordered(query) || !query.contains("LIMIT"));
        for (sessions, time) in in_file.flat_map(|sessions| (1..4).map(move |time| (sessions, time))) {
            match sessions.sql(&format!("{query}{}", " ".repeat(time))) {
                Ok(answer) => answers.push(answer),
                Err(error) => self.refused_in_file.push(format!("{query}: {error}")),
            }
        }
        for (time, answer) in answers.iter().enumerate() {
            if let Err(difference) = same(&rows(answer), &rows(&theirs), is_ordered(query)) {
                return self.wrong.push(format!("{query}, time {time}\n    {difference}"));
            }
        }
        self.equal += 1;
        self.told.extend((ours.rows() > 0).then(|| query.to_owned()));
    }

    /// Nothing is wrong, and what is refused is refused with a sentence.
    fn check(&self) {
        for (query, error) in &self.refused {
            let first = error.lines().next().unwrap_or_default();
            assert!(first.len() > 20 && !error.contains("the engine failed"), "{query}: {error}");
        }
        assert!(self.wrong.is_empty(), "{} answers differ:\n{}", self.wrong.len(), self.wrong.join("\n"));
        assert!(self.refused_in_file.is_empty(), "refused of rows in a file: {:#?}", self.refused_in_file);
    }
}

/// What DuckDB answers with an error, as this engine does, or with a list, which is no cell of a table.
const DIFFERENT: [&str; 3] = ["SELECT SQRT(-1) a", "SELECT LN(0) a", "SELECT ARRAY_AGG(isp) FROM sessions"];

#[test]
fn queries_that_analysts_write() {
    let engines = Engines::odd();
    let path = root().join("crates/streamroot-polars/tests/answered.sql");
    let text = std::fs::read_to_string(path).unwrap();
    let mut tally = Tally::default();
    let is_query = |line: &&str| !line.starts_with("--") && !line.trim().is_empty();
    for query in text.lines().filter(is_query).filter(|query| !DIFFERENT.contains(query)) {
        tally.ask(&engines, query);
    }
    println!("{} equal, refused {:#?}, void {:#?}", tally.equal, tally.refused, tally.void);
    tally.check();
    assert!(tally.refused.is_empty() && tally.void.is_empty(), "{:#?} {:#?}", tally.refused, tally.void);
    assert!(tally.equal > 860, "{} queries", tally.equal);
}

/// Queries on the published sessions that were once answered wrongly, never, or not at all.
#[test]
fn what_was_once_wrong() {
    let engines = Engines::sessions();
    let mut tally = Tally::default();
    for query in [
        "WITH a AS (SELECT stream, COUNT(*) AS n FROM sessions GROUP BY stream), b AS (SELECT stream, COUNT(*) AS m \
         FROM sessions WHERE NOT connected GROUP BY stream) SELECT a.stream, n, m FROM a LEFT JOIN b ON a.stream = b.stream \
         AND b.m > 3000 ORDER BY a.stream",
        "WITH a AS (SELECT isp FROM sessions WHERE p2p > (SELECT AVG(p2p) FROM sessions)) SELECT COUNT(*) AS n FROM a",
        "SELECT COUNT(*) AS n, QUANTILE_CONT(p2p, 0.5) AS q FROM sessions ORDER BY n",
        "SELECT COUNT(*) AS n FROM (SELECT AVG(p2p) AS a FROM sessions) t",
        "SELECT COUNT(*) AS n FROM (SELECT * FROM sessions WHERE connected) AS sessions WHERE isp IN (SELECT isp FROM sessions \
         WHERE NOT connected)",
        "SELECT POWER(10, 10) AS p, LOG(10, 1000) AS l FROM sessions LIMIT 1",
        "SELECT CAST(2.7 AS UBIGINT) AS u FROM sessions LIMIT 1",
        "SELECT EPOCH(TRY_CAST(t AS TIMESTAMP)) AS a, EPOCH(CAST(t AS TIMESTAMP)) AS b, TRY_CAST('x' || t AS TIMESTAMP) IS NULL AS c \
         FROM (SELECT '2020-03-01 10:15:30' AS t FROM sessions LIMIT 1) AS s",
        "SELECT COUNT(*) AS n FROM sessions AS s WHERE EXISTS (SELECT 1 FROM sessions AS o WHERE o.stream = s.stream AND o.p2p > 2e8)",
        "SELECT CAST(-2.5 AS BIGINT) AS a, LOG(100) AS b",
        "SELECT isp, VAR_POP(p2p) AS v FROM sessions GROUP BY isp",
        "SELECT isp, RANK() OVER (ORDER BY COUNT(*) DESC) AS r, SUM(COUNT(*)) OVER () AS t FROM sessions GROUP BY isp",
        "SELECT COUNT(*) AS n FROM sessions GROUP BY ROLLUP (isp, browser)",
    ] {
        tally.ask(&engines, query);
    }
    tally.check();
    assert_eq!(tally.told.len(), 13, "{:#?} {:#?}", tally.refused, tally.void);
}

/// Each took time that doubles with every value, more memory than there is, or had another answer.
#[test]
fn what_outsiders_found() {
    let engines = Engines::sessions();
    let mut tally = Tally::default();
    let listed = |n: i64| (0..n).map(|i| i.to_string()).collect::<Vec<_>>().join(", ");
    let any = (0..20).map(|i| format!("ROUND(cdn) = {i}")).collect::<Vec<_>>().join(" OR ");
    for query in [
        &format!("SELECT COUNT(*) AS n FROM sessions WHERE ROUND(cdn / 1000) IN ({})", listed(21)),
        &format!("SELECT COUNT(*) AS n FROM sessions WHERE CAST(cdn AS BIGINT) % 100 NOT IN ({})", listed(30)),
        &format!("SELECT COUNT(*) AS n FROM sessions WHERE stream IN ({}, NULL)", listed(3_000)),
        &format!("SELECT COUNT(*) AS n FROM sessions WHERE stream + 1 NOT IN ({}, NULL)", listed(5)),
        "SELECT COUNT(*) AS n FROM sessions WHERE UPPER(isp) IN ('FRO', 'OLGA', NULL) OR LENGTH(isp) IN (3, 4.0)",
        &format!("SELECT COUNT(*) AS n FROM sessions WHERE {any}"),
        "SELECT COUNT(*) AS n FROM (VALUES (NULL)) a(x) JOIN (VALUES (NULL)) b(y) ON a.x IS NOT DISTINCT FROM b.y AND a.x < b.y",
        "SELECT * FROM (VALUES (1, NULL)) a(x, k) JOIN (VALUES (1, NULL)) b(y, k) ON a.x = b.y \
         AND a.k IS NOT DISTINCT FROM b.k AND a.k < b.k",
        "SELECT a.x, b.y FROM (VALUES (1, 1), (NULL, NULL)) a(x, k) LEFT JOIN (VALUES (1, 1), (NULL, NULL), (NULL, 3)) b(y, k) \
         ON a.x IS NOT DISTINCT FROM b.y AND a.k < b.k ORDER BY 1, 2",
        "WITH few AS (SELECT p2p, cdn FROM sessions WHERE stream = 6 AND (p2p IS NULL OR cdn IS NULL)) SELECT COUNT(*) AS n \
         FROM few a FULL JOIN few b ON a.p2p IS NOT DISTINCT FROM b.p2p AND a.cdn = b.cdn",
        "SELECT COUNT(*) AS n FROM sessions WHERE p2p IS DISTINCT FROM cdn AND stream > 3 AND isp IS NOT DISTINCT FROM 'Fro' AND cdn > 5 \
         AND (NOT (isp IS DISTINCT FROM 'Fro') OR cdn > 50)",
        "SELECT TRY_CAST(1.5e300 AS FLOAT) AS a, TRY_CAST('1e39' AS FLOAT) AS b, 1 & 2 | 4 AS c, (1 | 2) & 4 AS d",
        "SELECT CAST(p AS INTEGER) AS n FROM (SELECT CASE WHEN stream = 9 THEN 1e300 ELSE 1.5 END AS p FROM sessions) AS t LIMIT 1",
        "SELECT COUNT(*) AS n FROM sessions a, sessions b WHERE a.cdn < b.cdn AND a.stream = 5 AND a.isp = 'BTP' AND b.stream = 3 AND \
         b.browser = 'Vectrice' AND b.isp = 'Olga'",
        "SELECT UPPER('straße') AS a, LOWER('ΑΣ') AS b, LOWER('İ') AS c, UPPER('ŉﬁǰᾳᾐῃ') AS d, 'ΑΣ' ILIKE 'ας' AS e",
        "WITH a AS (SELECT cdn, ROW_NUMBER() OVER (ORDER BY cdn) AS n FROM sessions QUALIFY n <= 20000) SELECT COUNT(*) AS n, SUM(x.n - y.n) AS s \
         FROM a x JOIN a y ON x.n BETWEEN y.n + 7 AND y.n + 9",
        "SELECT a.isp, b.browser, COUNT(*) AS n, GROUPING(a.isp) AS g FROM sessions a JOIN (SELECT browser, MIN(stream) AS stream FROM \
         sessions GROUP BY browser) b ON a.stream = b.stream AND a.cdn > 1000 GROUP BY ROLLUP (a.isp, b.browser)",
        "SELECT NULL = 'x' AS a, 'x' < NULL AS b, 'x' IN (NULL, 'y') AS c, MAKE_TIMESTAMP(2020, 3, 1, 23, 59, 59.5) AS t",
        "SELECT SUM(DISTINCT x) AS s FROM (VALUES (9223372036854775807), (-9223372036854775807), (5), (5)) AS v(x)",
        "SELECT MAKE_TIMESTAMP(2020, 1, 1, 24, 72057594037927936, 0.0) AS t",
        "SELECT -9223372036854775808 AS a, CAST(18446744073709551615 AS UBIGINT) > CAST(9223372036854775808 AS UBIGINT) AS b",
    ] {
        tally.ask(&engines, query);
    }
    tally.check();
    assert_eq!(tally.told.len(), 19, "{:#?} {:#?}", tally.refused, tally.void);
    for (query, sentence) in [
        (
            "SELECT isp, (WITH few AS (SELECT cdn FROM sessions b WHERE b.isp = a.isp) SELECT MAX(cdn) FROM few) AS m FROM sessions a",
            "name the subquery in WITH, and JOIN it",
        ),
        ("SELECT -9223372036854775809 AS n", "write it as a DOUBLE"),
        ("SELECT COUNT(*) AS n FROM sessions WHERE stream < 12345678901234567890", "CAST the numbers to DOUBLE"),
        ("SELECT CAST(9223372036854775808 AS HUGEINT) AS n", "64 bits"),
        ("SELECT CAST(1.5e300 AS FLOAT) AS x", "does not fit in FLOAT"),
        ("SELECT CAST(99999 AS DECIMAL(4, 1)) AS x", "does not fit in DECIMAL(4,1)"),
        ("SELECT TRY_CAST('infinity' AS DATE) AS t", "can't be held here"),
        ("SELECT TRY_CAST(1e30 AS HUGEINT) AS n", "64 bits"),
        ("SELECT AVGG(p2p) AS m FROM sessions", "is it AVG?"),
        ("SELECT ips FROM sessions", "is it isp?"),
        ("SELECT isp FORM sessions", "is FORM meant to be FROM?"),
        ("SELECT isp, COUNT(*) FROM sessions GRUOP BY isp", "is GRUOP meant to be GROUP?"),
        ("SELECT CASE WHEN p2p > 0 THEN 1 FROM sessions", "a CASE has no END"),
        ("SELECT isp FROM sessions WHERE isp = ’Fro’", "quotes are plain here"),
        ("SELECT STRPTIME('1', '%s') AS t", "STRPTIME has no %s here"),
        ("SELECT isp, GROUPING(cdn) FROM sessions GROUP BY ROLLUP (isp)", "what GROUP BY groups by"),
        (
            "SELECT browser, (SELECT MAX(b.cdn) FROM sessions b WHERE b.isp = a.isp) AS m, COUNT(*) FROM sessions a GROUP BY browser",
            "a column of a subquery's condition",
        ),
        ("SELECT 1 | 2 & 4 AS n", "in parentheses"),
        ("SELECT NOT 1 IS DISTINCT FROM 2 AND true AS b", "in parentheses"),
        ("SELECT 1 IS DISTINCT FROM 2 OR true AS b", "in parentheses"),
        ("SELECT COUNT(*) AS n FROM sessions a JOIN sessions b ON a.isp = b.isp", "more than can be looked at"),
        (
            "SELECT COUNT(*) AS n FROM sessions a LEFT JOIN sessions b ON a.isp = b.isp AND a.p2p < b.p2p",
            "pairs of rows",
        ),
    ] {
        let error = engines.ours.sql(query).unwrap_err().to_string();
        assert!(error.contains(sentence), "{error}");
    }
}

/// A text that may be a time, a number or a boolean, or nearly one.
fn nearly(r: &mut Random) -> String {
    let mut text = r.pick(&["", "", " "]).to_owned();
    if r.chance(45) {
        let between = r.pick(&["-", "-", "/", " ", "\\", "."]);
        text += r.pick(&["2026", "1999", "0001", "99", "20261", "02026", "٢"]);
        text += between;
        text += r.pick(&["1", "01", "12", "13", "0", "001", "2"]);
        text += if r.chance(90) { between } else { "-" };
        text += r.pick(&["1", "01", "31", "30", "29", "32", "0", "001", "1a"]);
        text += r.pick(&["", "", " ", "T", "  ", "t", "\t"]);
        text +=
            r.pick(&["", "10:05", "10:05:06", "24:00", "24:00:00", "1:2:3", "10", "10:", "10:5:", "10:60", "25:00"]);
        text += r.pick(&["", ".1", ".1234567", ":60", "."]);
        text += r.pick(&["", "", "Z", "z", " UTC", "UTC", "+02", "-0230", "+02:30", "+2", " +02", "+02:30:15", "x"]);
    } else {
        text += r.pick(&["", "", "+", "-"]);
        text += r.pick(&[
            "0", "1", "12", "1_000", "1__0", "_1", "1_", "007", "0x1F", "0X_1", "0b101", "0o7", "", "127", "128",
        ]);
        text += r.pick(&[
            "",
            "",
            ".5",
            ".",
            ".25",
            "._5",
            ".5_5",
            ".5e3",
            "e3",
            "e-2",
            "E5",
            "e",
            "e1_0",
            ".499999999999999",
        ]);
        if r.chance(20) {
            text = r
                .pick(&["true", "T", "yes", "no", "TRUE ", "nan", "inf", "-Infinity", "epoch", "1e400", "-0", "1e39"])
                .to_owned();
        }
    }
    text
}

#[test]
fn texts_that_are_nearly_something_else() {
    let engines = Engines::odd();
    let mut tally = Tally::default();
    let mut random = Random(7);
    let types = [
        "DATE",
        "TIMESTAMP",
        "INTEGER",
        "TINYINT",
        "BIGINT",
        "DOUBLE",
        "FLOAT",
        "BOOLEAN",
        "DECIMAL(9,2)",
        "DECIMAL(18,0)",
    ];
    for _ in 0..1_500 {
        let (text, ty) = (nearly(&mut random), random.pick(&types));
        tally.ask(
            &engines,
            &format!("SELECT CAST(TRY_CAST(t AS {ty}) AS VARCHAR) AS v FROM (VALUES ('{text}')) AS x(t)"),
        );
    }
    let forms = [
        "%Y-%m-%d",
        "%d/%m/%Y %H:%M",
        "%d.%m.%y",
        "%b %d %Y %I:%M %p",
        "%A, %d %B %Y",
        "%Y%m%d%H%M%S",
        "%-d/%-m/%Y %H:%M:%S.%f",
    ];
    for _ in 0..700 {
        let form = random.pick(&forms);
        let mut text = form.replace("%-", "%");
        for (code, values) in [
            ("%Y", &["2026", "1999", "26", "0099"][..]),
            ("%m", &["1", "02", "12", "13"]),
            ("%d", &["3", "03", "30", "31", "0"]),
            ("%y", &["26", "68", "69", "7"]),
            ("%H", &["0", "09", "23", "24"]),
            ("%I", &["1", "12", "09", "13", "0"]),
            ("%M", &["5", "05", "59", "60"]),
            ("%S", &["5", "05", "59", "60"]),
            ("%f", &["5", "25", "123456", "1234567"]),
            ("%p", &["AM", "pm", "P"]),
            ("%b", &["Jan", "feb", "March"]),
            ("%B", &["January", "may", "Feb"]),
            ("%A", &["Monday", "sunday", "Mon"]),
            (" ", &[" ", "  ", " "]),
        ] {
            text = text.replace(code, random.pick(values));
        }
        let text = format!("{}{text}{}", random.pick(&["", "", " "]), random.pick(&["", "", " ", "x"]));
        tally.ask(&engines, &format!("SELECT TRY_STRPTIME('{text}', '{form}') AS t"));
    }
    tally.check();
    for (query, error) in &tally.refused {
        assert!(error.contains("can't be held here"), "{query}: {error}");
    }
    assert!(tally.refused.len() < 20 && tally.void.is_empty(), "{:#?}", tally.void);
}

#[test]
fn patterns_are_those_of_re2() {
    let engines = Engines::odd();
    let mut tally = Tally::default();
    let mut random = Random(11);
    let pieces = [
        "a",
        "b",
        "é",
        ".",
        "\\d",
        "\\w",
        "\\W",
        "\\s",
        "\\b",
        "[ab]",
        "[^a]",
        "[[:alpha:]]",
        "[a&&b]",
        "[a-c]",
        "[]x]",
        "[a[b]",
        "(a|b)",
        "(?:x)",
        "(?i)",
        "^",
        "$",
        "*",
        "+",
        "?",
        "{2}",
        "{1,2}",
        "{",
        "}",
        "\\<",
        "\\.",
        "\\Qa.\\E",
        "\\pL",
        "\\p{Lu}",
        "|",
        " ",
        "-",
        "[\\w-]",
        "~",
        "&",
    ];
    let texts = ["a", "ab", "aé", "é b", "९", "A.b", "a.b-c", "x]", "{a}", "", "aa&b", "b <a", "[", "~&"];
    for _ in 0..1_500 {
        let pattern: String = (0..1 + random.below(4)).map(|_| random.pick(&pieces)).collect();
        let function = random.pick(&["REGEXP_MATCHES", "REGEXP_FULL_MATCH"]);
        let text = random.pick(&texts);
        tally.ask(&engines, &format!("SELECT {function}('{text}', '{pattern}') AS m"));
    }
    tally.check();
    // What DuckDB refuses is refused.
    for (query, _) in &tally.void {
        assert!(engines.ours.sql(query).is_err(), "{query}");
    }
    println!("{} equal, {} refused, {} refused by both", tally.equal, tally.refused.len(), tally.void.len());
    assert!(tally.equal > 1_000 && tally.refused.len() < 50, "{:#?}", tally.refused);
}

#[test]
fn quantiles_of_what_is_grouped_by() {
    let engines = Engines::odd();
    let mut tally = Tally::default();
    for (key, of) in
        [("stream", "stream"), ("stream", "stream * 2"), ("isp", "LENGTH(isp)"), ("age", "NULLIF(age, 40)")]
    {
        tally.ask(&engines, &format!("SELECT {key}, QUANTILE_CONT({of}, 0.5) AS q FROM sessions GROUP BY {key}"));
        tally
            .ask(&engines, &format!("SELECT {key} AS k, QUANTILE_CONT({of}, 0.5) FROM sessions GROUP BY 1 ORDER BY 1"));
        tally.ask(&engines, &format!("SELECT {key}, 2 * QUANTILE_DISC({of}, 0.9) AS q FROM sessions GROUP BY {key}"));
    }
    for query in [
        "SELECT stream % 3 AS a, stream, QUANTILE_CONT(stream, 0.25) AS q FROM sessions GROUP BY stream % 3, stream",
        "SELECT stream, age, QUANTILE_CONT(stream + age, 0.5) AS q, AVG(age) AS m FROM sessions GROUP BY stream, age",
        "SELECT age, QUANTILE_CONT(age, 0.5) FILTER (WHERE p2p > 0) AS q FROM sessions GROUP BY age",
        "SELECT age FROM sessions GROUP BY age HAVING QUANTILE_CONT(age, 0.5) > 40",
        "WITH x AS (SELECT stream AS s FROM sessions) SELECT s, QUANTILE_CONT(s, 0.5) AS q FROM x GROUP BY s",
        "SELECT stream, COVAR_SAMP(stream, age) AS c, COVAR_POP(stream, stream) AS d FROM sessions GROUP BY stream",
    ] {
        tally.ask(&engines, query);
    }
    tally.check();
    assert!(tally.refused.len() + tally.void.len() < 3, "{:#?} {:#?}", tally.refused, tally.void);
    assert!(tally.told.len() > 12, "{:#?}", tally.told);
}

#[test]
fn quotes_in_texts_and_names() {
    let engines = Engines::odd();
    let mut tally = Tally::default();
    for text in ["''''''", "''''", "'a''''b'", "'''a'''", "'\\'''", "'\\''''''x'", "'\"\"'", "'it''s'", "''"] {
        tally.ask(&engines, &format!("SELECT {text} AS t, LENGTH({text}) AS l"));
        tally.ask(&engines, &format!("SELECT isp, {text} AS t, COUNT(*) AS n FROM sessions GROUP BY isp"));
        tally.ask(&engines, &format!("SELECT COUNT(*) AS n FROM sessions WHERE COALESCE(note, {text}) = {text}"));
        tally.ask(&engines, &format!("SELECT CASE WHEN {text} = '''' THEN 1 ELSE 2 END AS c, {text} LIKE '%''%' AS l"));
        tally.ask(&engines, &format!("SELECT x FROM (SELECT {text} AS x) AS t WHERE x = (SELECT {text} AS y)"));
        tally.ask(&engines, &format!("SELECT ({text} = {text}) IS TRUE AS t, {text} IN ('''', {text}) AS i"));
    }
    for name in ["a\"\"b", "\"\"\"\"", "\"\"", "a''b", "\\\"\"", "x\"\"\"\"\"\"y", "é \"\""] {
        tally.ask(&engines, &format!("SELECT isp AS \"{name}\", COUNT(*) AS n FROM sessions GROUP BY \"{name}\""));
        tally.ask(
            &engines,
            &format!(
                "WITH c AS (SELECT isp AS \"{name}\", p2p FROM sessions) SELECT \"{name}\", MAX(p2p) AS m, \
                 COUNT(\"{name}\") FROM c AS \"t{name}\" GROUP BY \"{name}\" ORDER BY \"{name}\""
            ),
        );
    }
    tally.check();
    assert!(tally.refused.is_empty() && tally.void.is_empty(), "{:#?} {:#?}", tally.refused, tally.void);
}

#[test]
fn generated_queries() {
    let engines = Engines::odd();
    let queries: usize = std::env::var("STREAMROOT_QUERIES").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000);
    let mut random = Random(std::env::var("STREAMROOT_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(2019));
    let mut tally = Tally::default();
    for _ in 0..queries {
        tally.ask(&engines, &queries::query(&mut random));
    }
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for (_, error) in &tally.refused {
        *reasons.entry(error.lines().next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    println!(
        "{} equal, {} refused, {} refused by DuckDB, {} failed in both",
        tally.equal,
        tally.refused.len(),
        tally.void.len(),
        tally.failed
    );
    println!("refused: {reasons:#?}");
    if std::env::var("STREAMROOT_SHOW").is_ok() {
        println!("refused: {:#?}\nvoid: {:#?}", tally.refused, tally.void);
    }
    tally.check();
    assert!(tally.equal >= 500, "only {} queries were compared", tally.equal);
    // Each kind is there, and often.
    for kind in ["CASE", "FILTER", "WITH", "OVER", "HAVING", "ORDER BY a0", "IN (SELECT", "DISTINCT", "UNION", "JOIN"] {
        let found = tally.told.iter().filter(|query| query.contains(kind)).count();
        assert!(found * 100 >= queries, "only {found} of {queries} queries with {kind} were compared");
    }
    // Refusing everything would be right, too, and of no use.
    assert!(tally.refused.len() * 100 <= queries * 3, "{} of {queries} are refused: {reasons:#?}", tally.refused.len());
    assert!(tally.void.len() * 20 < queries, "DuckDB refuses {}: {:#?}", tally.void.len(), tally.void.first());
}
