//! Sessions with a time: every period is there, and what runs at once is counted as by hand.

mod support;

use streamroot::prelude::*;
use support::{Directory, DuckDb, flat, value};

const HEADER: &str = "start,duration,stream,isp,browser,connected,p2p,cdn\n";

/// Numbers that look random (Knuth's MMIX generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// Seconds of January 2026, as a file has them.
fn text(second: u64) -> String {
    let (day, hour, minute) = (1 + second / 86_400, second / 3_600 % 24, second / 60 % 60);
    format!("2026-01-{day:02} {hour:02}:{minute:02}:{:02}", second % 60)
}

/// Sessions of some days: a start, and a duration unless it is missing. Some begin at a full minute, some last no second.
fn sessions(seed: u64, count: u64) -> Vec<(u64, Option<u64>)> {
    let mut numbers = Numbers(seed);
    (0..count)
        .map(|_| {
            let second = 86_400 + numbers.below(3 * 86_400);
            let start = if numbers.below(4) == 0 { second / 60 * 60 } else { second };
            let duration = [0, 60, numbers.below(300), numbers.below(20_000)][numbers.below(4) as usize];
            (start, (numbers.below(20) > 0).then_some(duration))
        })
        .collect()
}

fn file(sessions: &[(u64, Option<u64>)]) -> String {
    let row = |(start, duration): &(u64, Option<u64>)| {
        let duration = duration.map_or(String::new(), |duration| duration.to_string());
        format!("{},{duration},{},Fro,Iron,true,{},10\n", text(*start), start % 3, start % 20)
    };
    HEADER.to_owned() + &sessions.iter().map(row).collect::<String>()
}

#[test]
fn what_runs_at_once_is_counted_as_by_hand() {
    let directory = Directory::new();
    for seed in 1..6 {
        let rows = sessions(seed, 40 * seed);
        let path = directory.write(&format!("{seed}.csv"), file(&rows));
        let opened = Sessions::open(&path).unwrap();
        let known: Vec<(u64, u64)> =
            rows.iter().filter_map(|(start, duration)| Some((*start, start + (*duration)?))).collect();
        let at_once = |second: u64| known.iter().filter(|(start, end)| (*start..*end).contains(&second)).count() as i64;
        let first = rows.iter().map(|(start, _)| start).min().unwrap();
        let last = known.iter().map(|(_, end)| end).max().unwrap();
        for (every, period) in [(Minute, 60), (Hour, 3_600), (Day, 86_400)] {
            let table = opened.concurrent(every.clone()).unwrap();
            let times: Vec<u64> = (first / period..=last / period).map(|i| i * period).collect();
            assert_eq!(table.rows(), times.len(), "{every:?}");
            for (row, time) in times.into_iter().enumerate() {
                let named = if period == 86_400 { text(time)[..10].to_owned() } else { text(time) };
                let counts: Vec<i64> = (0..period / 60).map(|minute| at_once(time + 60 * minute)).collect();
                let (sum, peak) = (counts.iter().sum::<i64>() as f64, counts.iter().max().unwrap().to_string());
                assert_eq!(value(&table.columns()[0], row), named);
                assert!((table.columns()[1].number(row).unwrap() - sum / counts.len() as f64).abs() < 1e-9, "{named}");
                assert_eq!(value(table.columns().last().unwrap(), row), peak, "{named}");
            }
        }
        let untold = rows.len() - known.len();
        let note = opened.concurrent(Minute).unwrap().to_string();
        assert!(untold == 0 || note.contains(&format!("without {untold} sessions that lack")), "{note}");
    }
}

#[test]
fn every_hour_is_there_also_one_without_sessions() {
    let directory = Directory::new();
    let rows = [(86_400 + 10, Some(5)), (86_400 + 3 * 3_600, Some(5)), (86_400 + 3 * 3_600 + 1, Some(5))];
    let opened = Sessions::open(&directory.write("few.csv", file(&rows))).unwrap();
    let hour = |hour: u32| format!("2026-01-02 {hour:02}:00:00");
    let expected =
        |values: [&str; 4]| (0..4).map(|i| format!("{}|{}", hour(i), values[i as usize])).collect::<Vec<_>>();
    assert_eq!(flat(&opened.count_by(Hour).unwrap()), expected(["1", "0", "0", "2"]).join(" "));
    assert_eq!(flat(&opened.mean_by(Hour, Cdn).unwrap()), expected(["10", "-", "-", "10"]).join(" "));
    assert_eq!(flat(&opened.count_by(Day).unwrap()), "2026-01-02|3");
    assert_eq!(flat(&opened.count_by(Week).unwrap()), "2025-12-29|3", "the second of January 2026 is a Friday");
    let two = opened.filter("start > TIMESTAMP '2026-01-02 01:00:00'").unwrap();
    assert_eq!(flat(&two.count_by(Hour).unwrap()), format!("{}|2", hour(3)), "what is filtered away has no hours");
    assert_eq!(opened.filter(Day.is("2026-01-02")).unwrap().count().unwrap().value(), 3.0);
    assert_eq!(opened.filter(Hour.is(hour(3).as_str())).unwrap().count().unwrap().value(), 2.0);
    let svg = Figure::from(opened.mean_by(Hour, Cdn).unwrap().line()).to_svg().unwrap();
    assert!(svg.contains(":00"), "the axis is one of time");
}

#[test]
fn times_are_grouped_as_duckdb_does() {
    let directory = Directory::new();
    let path = directory.write("some.csv", file(&sessions(7, 500)));
    let ours = Sessions::open(&path).unwrap();
    let theirs = DuckDb::with(&format!("CREATE TABLE sessions AS SELECT * FROM read_csv('{path}')"));
    for every in [Minute, Hour, Day, Week] {
        let questions: [fn(&Sessions, Dimension) -> streamroot::Result<Table>; 4] = [
            |sessions, every| sessions.count_by(every),
            |sessions, every| sessions.concurrent(every),
            |sessions, every| sessions.sum_by([every, Stream], P2p),
            |sessions, every| sessions.spread_by(every, Total)?.picked(&["sessions", "median"]),
        ];
        for (i, ask) in questions.iter().enumerate() {
            let (a, b) = (ask(&ours, every.clone()).unwrap(), ask(&theirs, every.clone()).unwrap());
            assert!(a.rows() > 0 && flat(&a) == flat(&b), "question {i}, {every:?}");
        }
    }
}

#[test]
fn another_services_names_and_ways_to_write_a_time_do() {
    let directory = Directory::new();
    for time in ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05", "2026-01-02 03:04:05.25", "2026-01-02 03:04"] {
        let path = directory.write("other.csv", format!("began,seconds,p2p,cdn\n{time},90,1,1\n"));
        let columns = Columns::default().start("began").duration("seconds");
        let opened = Sessions::options().columns(columns).open(&path).unwrap();
        assert_eq!(flat(&opened.count_by(Hour).unwrap()), "2026-01-02 03:00:00|1", "{time}");
        assert!(opened.concurrent(Minute).unwrap().rows() >= 2, "{time}");
    }
}

#[test]
fn what_has_no_time_is_told_what_to_do() {
    let directory = Directory::new();
    let said = |result: streamroot::Result<Table>| result.unwrap_err().to_string();
    let without = Sessions::open(&directory.write("without.csv", "p2p,cdn\n1,1\n")).unwrap();
    for error in [said(without.count_by(Hour)), said(without.concurrent(Hour)), said(without.spread_by(Day, P2p))] {
        assert!(error.contains("start") && error.contains("Columns::default().start"), "{error}");
    }
    let opened = Sessions::open(&directory.write("with.csv", file(&sessions(3, 50)))).unwrap();
    assert!(said(opened.concurrent(Isp)).contains("Minute, an Hour"));
    let cube = opened.cube(directory.path("hours.parquet"), [Stream, Hour], &[]).unwrap_err().to_string();
    assert!(cube.contains("leave hour out"), "{cube}");
    let none = opened.filter("p2p < 0").unwrap();
    assert!(said(none.concurrent(Minute)).contains("no session has both"));
    assert_eq!(none.count_by(Hour).unwrap().rows(), 0);
    let negative = format!("{HEADER}2026-01-02 00:00:00,-5,1,Fro,Iron,true,1,1\n");
    let negative = Sessions::open(&directory.write("negative.csv", negative)).unwrap();
    assert!(said(negative.concurrent(Minute)).contains("duration below 0"));
    let far = format!("{HEADER}1926-01-02 00:00:00,5,1,Fro,Iron,true,1,1\n2026-01-02 00:00:00,5,1,Fro,Iron,true,1,1\n");
    let far = Sessions::open(&directory.write("far.csv", far)).unwrap();
    for every in [Minute, Hour, Day, Week] {
        assert!(said(far.concurrent(every)).contains("two years"));
    }
    let two = far.count_by(Minute).unwrap();
    assert!(two.rows() == 2 && two.to_string().contains("without the minutes in which no session began"), "{two}");
    let epoch = Sessions::open(&directory.write("epoch.csv", "start,p2p,cdn\n1767312000,1,1\n")).unwrap();
    let error = said(epoch.count_by(Hour));
    assert!(error.contains(".with(\"start\", ") && error.contains("EPOCH_MS(1000 * start)"), "{error}");
    let hours = epoch.with("start", "EPOCH_MS(1000 * start)").unwrap().count_by(Hour).unwrap();
    assert_eq!(flat(&hours), "2026-01-02 00:00:00|1");
    let written = "start,duration,p2p,cdn\n03/04/2026 10:59,90,1,1\n3/4/2026 12:00,60,1,1\n";
    let written = Sessions::open(&directory.write("written.csv", written)).unwrap();
    let written = written.with("start", "STRPTIME(start, '%d/%m/%Y %H:%M')").unwrap();
    let hours = "2026-04-03 10:00:00|1 2026-04-03 11:00:00|0 2026-04-03 12:00:00|1";
    assert_eq!(flat(&written.count_by(Hour).unwrap()), hours);
    assert_eq!(written.concurrent(Minute).unwrap().rows(), 63);
}

/// Clocks in Paris were turned forward on 29 March 2026 and back on 26 October 2025, both at 01:00 UTC (the European Union's
/// directive 2000/84/EC); those of Kolkata are five and a half hours ahead all year.
#[test]
fn times_are_those_of_a_zone() {
    let directory = Directory::new();
    let times = [
        "2025-10-25T23:30:00",
        "2025-10-26T00:30:00Z",
        "2025-10-26 01:00:00",
        "2026-03-29 00:59:59",
        "2026-03-29 01:00:00",
        "",
    ];
    let rows: String = times.iter().map(|time| format!("{time},60,1,Fro,Iron,true,10,10\n")).collect();
    let path = directory.write("clocks.csv", HEADER.to_owned() + &rows);
    let starts = |zone: &str| {
        let sessions = Sessions::options().time_zone(zone).open(&path).unwrap();
        flat(&sessions.sql("SELECT start, COUNT(*) AS n FROM sessions GROUP BY start ORDER BY start").unwrap())
    };
    let paris = "2025-10-26 01:30:00|1 2025-10-26 02:00:00|1 2025-10-26 02:30:00|1 2026-03-29 01:59:59|1 2026-03-29 03:00:00|1 -|1";
    assert_eq!(starts("Europe/Paris"), paris);
    let kolkata = "2025-10-26 05:00:00|1 2025-10-26 06:00:00|1 2025-10-26 06:30:00|1 2026-03-29 06:29:59|1 2026-03-29 06:30:00|1 -|1";
    assert_eq!(starts("Asia/Kolkata"), kolkata);
    assert_eq!(
        starts("UTC"),
        flat(
            &Sessions::open(&path)
                .unwrap()
                .sql("SELECT start, COUNT(*) AS n FROM sessions GROUP BY start ORDER BY start")
                .unwrap()
        )
    );
    // Those that stand for none are in no year that the rules end in.
    let never = directory.write(
        "never.csv",
        HEADER.to_owned() + "9999-12-31 00:00:00,60,1,Fro,Iron,true,10,10\n0001-01-02,60,1,Fro,Iron,true,10,10\n",
    );
    let never = Sessions::options().time_zone("Europe/Paris").open(&never).unwrap();
    let start = never.sql("SELECT MAX(start) AS start FROM sessions").unwrap();
    assert_eq!(flat(&start), "9999-12-31 01:00:00");
    let error = Sessions::options().time_zone("Paris").open(&path).unwrap_err().to_string();
    assert!(error.contains("\"Paris\"") && error.contains("Europe/Paris"), "{error}");
    let timeless = directory.write("timeless.csv", "stream,p2p,cdn\n1,2,3\n");
    let error = Sessions::options().time_zone("Europe/Paris").open(&timeless).unwrap_err().to_string();
    assert!(error.contains("start"), "{error}");
}
