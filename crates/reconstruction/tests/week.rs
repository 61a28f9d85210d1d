//! The week that is made up holds what `data/README.md` says was put into it.

use std::collections::BTreeMap;
use std::fs;

struct Session {
    day: u64,
    hour: usize,
    duration: Option<f64>,
    stream: String,
    isp: String,
    browser: String,
    connected: bool,
    p2p: f64,
    cdn: f64,
}

fn week() -> (Vec<u8>, Vec<Session>) {
    let path = std::env::temp_dir().join(format!("week-{}-{:?}.csv", std::process::id(), std::thread::current().id()));
    reconstruction::write_week(&path).unwrap();
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    assert_eq!(
        reader.headers().unwrap(),
        ["start", "duration", "stream", "isp", "browser", "connected", "p2p", "cdn"].as_slice()
    );
    let sessions = reader.records().map(|row| {
        let row = row.unwrap();
        assert!(row[0].starts_with("2026-03-0") && row[0].len() == 19, "{}", &row[0]);
        Session {
            day: row[0][8..10].parse().unwrap(),
            hour: row[0][11..13].parse().unwrap(),
            duration: Some(&row[1]).filter(|text| !text.is_empty()).map(|text| text.parse().unwrap()),
            stream: row[2].to_owned(),
            isp: row[3].to_owned(),
            browser: row[4].to_owned(),
            connected: row[5].parse().unwrap(),
            p2p: row[6].parse().unwrap(),
            cdn: row[7].parse().unwrap(),
        }
    });
    let sessions = sessions.collect();
    (bytes, sessions)
}

fn close(a: f64, b: f64, within: f64) -> bool {
    (a / b - 1.0).abs() < within
}

#[test]
fn it_is_the_same_each_time_and_in_order() {
    let (first, second) = (week().0, week().0);
    assert!(first == second);
    let text = String::from_utf8(first).unwrap();
    let starts: Vec<&str> = text.lines().skip(1).map(|line| &line[..19]).collect();
    assert!(starts.is_sorted() && starts[0] >= "2026-03-02" && starts[starts.len() - 1] < "2026-03-09");
}

#[test]
fn it_holds_what_was_put_into_it() {
    let sessions = week().1;
    let count = |is: &dyn Fn(&Session) -> bool| sessions.iter().filter(|session| is(session)).count() as f64;
    let all = sessions.len() as f64;
    // A rhythm: the series are watched in the evening, and more of them on Saturday than on Friday.
    let hours = |hours: std::ops::Range<usize>| count(&|s| s.stream == "2" && hours.contains(&s.hour));
    assert!(hours(19..22) > 10.0 * hours(2..5));
    assert!(close(count(&|s| s.stream != "3" && s.day == 7), 1.25 * count(&|s| s.stream != "3" && s.day == 6), 0.001));
    assert_eq!(count(&|s| s.stream == "3" && !matches!(s.day, 4 | 7)), 0.0, "a match on Wednesday and on Saturday");
    // From Thursday on, a quarter more users, all of Olga.
    let users = |day: u64, olga: bool| count(&|s| s.stream != "3" && s.day == day && (s.isp == "Olga") == olga);
    assert!(close(users(5, false), users(2, false), 0.05), "{} {}", users(5, false), users(2, false));
    assert!(close(users(5, true) / users(2, true), 40.0 / 15.0, 0.1));
    // The rest.
    assert!(close(count(&|s| !s.connected), 0.04 * all, 0.1));
    assert!(close(count(&|s| s.duration.is_none()), all / 400.0, 0.3));
    assert_eq!(count(&|s| s.p2p > 0.0 && (!s.connected || s.browser == "Vectrice")), 0.0);
    assert!(sessions.iter().all(|s| s.duration.is_none_or(|seconds| seconds > 0.0) && s.p2p >= 0.0 && s.cdn >= 0.0));
    // During the match there are so many peers that they give most of what they could.
    let mut of_match: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for session in sessions.iter().filter(|s| s.stream == "3" && s.day == 4 && s.hour == 20 && s.p2p > 0.0) {
        let (p2p, bytes) = of_match.entry(&session.isp).or_default();
        *p2p += session.p2p;
        *bytes += session.p2p + session.cdn;
    }
    for (isp, most) in [("Arange", 0.70), ("BTP", 0.75), ("Fro", 0.65), ("Olga", 0.30)] {
        let (p2p, bytes) = of_match[isp];
        assert!(p2p / bytes < most && p2p / bytes > 0.75 * most, "{isp}: {}", p2p / bytes);
    }
}
