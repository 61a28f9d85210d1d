//! Ticks of a time axis, at the hours, days, months and years that a person would choose.

use crate::table::moment::{DAY, civil, days};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What is between two ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    /// Seconds, less than a day.
    Seconds(f64),
    Days(i64),
    Months(i64),
}

impl Step {
    fn seconds(self) -> f64 {
        match self {
            Step::Seconds(seconds) => seconds,
            Step::Days(days) => days as f64 * DAY,
            Step::Months(months) => months as f64 * 30.44 * DAY,
        }
    }
}

/// The smallest step of those that people count in with no more than `wanted` ticks.
fn step(span: f64, wanted: f64) -> Step {
    let parts = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0];
    let hours = [1.0, 3.0, 6.0, 12.0].map(|hours| hours * 3_600.0);
    let seconds = parts.into_iter().chain(parts.map(|minutes| minutes * 60.0)).chain(hours);
    let years = (0..5).flat_map(|power| [1, 2, 5].map(|n| n * 12 * 10_i64.pow(power)));
    let steps = seconds.map(Step::Seconds).chain([1, 2, 7, 14].map(Step::Days)).chain([1, 3, 6].map(Step::Months));
    let mut steps = steps.chain(years.map(Step::Months));
    // One or two more are better than half of them.
    steps.find(|step| span / step.seconds() <= 1.2 * wanted.max(1.0)).unwrap_or(Step::Months(600_000))
}

/// The ticks between two points in time, about `wanted` of them. A label says what has changed since the one before.
pub(super) fn ticks(low: f64, high: f64, wanted: f64) -> Vec<(f64, String)> {
    // Beyond this the years have more digits than people have names for.
    if !(low.abs() < 1e13 && high.abs() < 1e13) {
        return Vec::new();
    }
    let step = step(high - low, wanted);
    let first_month = |at: f64| {
        let (year, month, _) = civil((at / DAY).floor() as i64);
        year * 12 + month - 1
    };
    let times: Vec<f64> = match step {
        Step::Seconds(step) => every(low, high, step, 0.0),
        // Weeks begin on Mondays, and 1970 began on a Thursday.
        Step::Days(n) => every(low, high, n as f64 * DAY, if n % 7 == 0 { 4.0 * DAY } else { 0.0 }),
        Step::Months(n) => (first_month(low).div_euclid(n)..=first_month(high).div_euclid(n))
            .map(|i| days((i * n).div_euclid(12), (i * n).rem_euclid(12) + 1, 1) as f64 * DAY)
            .filter(|time| (low..=high).contains(time))
            .collect(),
    };
    let mut before = None;
    times
        .into_iter()
        .take(200)
        .map(|time| {
            let (day, second) = ((time / DAY).floor() as i64, time.rem_euclid(DAY) as i64);
            let now = (civil(day), second);
            let label = label(step, now, before);
            before = Some(now);
            (time, label)
        })
        .collect()
}

fn every(low: f64, high: f64, step: f64, from: f64) -> Vec<f64> {
    let (first, last) = (((low - from) / step).ceil(), ((high - from) / step).floor());
    (0..=(last - first).clamp(-1.0, 200.0) as i64).map(|i| (first + i as f64) * step + from).collect()
}

type Civil = ((i64, i64, i64), i64);

fn label(step: Step, now: Civil, before: Option<Civil>) -> String {
    let ((year, month, day), second) = now;
    let name = MONTHS[(month - 1).clamp(0, 11) as usize];
    let year_is_new = before.is_none_or(|((y, ..), _)| y != year);
    match step {
        Step::Months(n) if n % 12 == 0 => year.to_string(),
        Step::Months(_) if year_is_new => format!("{name} {year}"),
        Step::Months(_) => name.to_owned(),
        Step::Days(_) if year_is_new => format!("{name} {day}, {year}"),
        // A week after another, a day's number alone could be an hour's.
        Step::Days(n) if n >= 7 || before.is_some_and(|((_, m, _), _)| m != month) => format!("{name} {day}"),
        Step::Days(_) => day.to_string(),
        Step::Seconds(step) => {
            let mut time = format!("{:02}:{:02}", second / 3_600, second / 60 % 60);
            if step < 60.0 {
                time += &format!(":{:02}", second % 60);
            }
            match before {
                None => format!("{name} {day}, {time}"),
                Some(((y, m, d), _)) if (y, m, d) != (year, month, day) && second == 0 => format!("{name} {day}"),
                Some(((y, m, d), _)) if (y, m, d) != (year, month, day) => format!("{name} {day}, {time}"),
                Some(_) => time,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::moment::parse;

    fn labels(from: &str, to: &str, wanted: f64) -> Vec<String> {
        ticks(parse(from).unwrap(), parse(to).unwrap(), wanted).into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_where_a_person_would_put_them() {
        assert_eq!(
            labels("2020-03-01 20:00", "2020-03-02 09:00", 6.0),
            ["Mar 1, 21:00", "Mar 2", "03:00", "06:00", "09:00"]
        );
        assert_eq!(labels("2020-02-27", "2020-03-03", 6.0), ["Feb 27, 2020", "28", "29", "Mar 1", "2", "3"]);
        // Mondays.
        assert_eq!(labels("2020-03-01", "2020-04-04", 6.0), ["Mar 2, 2020", "Mar 9", "Mar 16", "Mar 23", "Mar 30"]);
        assert_eq!(labels("2026-01-05", "2026-01-18", 6.0), ["Jan 5, 2026", "7", "9", "11", "13", "15", "17"]);
        assert_eq!(labels("2019-11-15", "2020-03-15", 6.0), ["Dec 2019", "Jan 2020", "Feb", "Mar"]);
        assert_eq!(labels("2015-06-01", "2022-06-01", 8.0), ["2016", "2017", "2018", "2019", "2020", "2021", "2022"]);
        assert_eq!(labels("2020-03-01 10:00:00", "2020-03-01 10:00:20", 5.0).last().unwrap(), "10:00:20");
        assert!(ticks(f64::NAN, 1.0, 5.0).is_empty() && ticks(0.0, 1e300, 5.0).is_empty());
    }
}
