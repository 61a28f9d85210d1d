//! Points in time as seconds since 1970, and as text. There are no time zones: what a file says is shown.

pub(crate) const DAY: f64 = 86_400.0;

/// More minutes than these, two years, are no longer counted one by one.
pub(crate) const MOST_MINUTES: i64 = 2 * 366 * 24 * 60;

/// Year, month and day from days since 1970 (Howard Hinnant, "chrono-compatible low-level date algorithms",
/// `civil_from_days`).
pub(crate) fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Days since 1970 of a date (the same, `days_from_civil`).
pub(crate) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// `2019-03-10` from days since 1970.
pub(crate) fn date(day: i64) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2019-03-10 12:30:00` from a time since 1970, and what there is of a second behind it.
pub(crate) fn moment(time: i64, per_second: i64) -> String {
    let (seconds, part) = (time.div_euclid(per_second), time.rem_euclid(per_second));
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let mut text = format!("{} {:02}:{:02}:{:02}", date(day), second / 3_600, second / 60 % 60, second % 60);
    if part > 0 {
        let digits = per_second.ilog10() as usize;
        text += format!(".{part:0digits$}").trim_end_matches('0');
    }
    text
}

/// Seconds since 1970 of a date or a time as ISO 8601 has it: `2019-03-10`, `2019-03-10 12:30`, `2019-03-10T12:30:05.5Z`.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let whole = |part: Option<&str>, digits: usize| -> Option<i64> {
        let part = part?;
        (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let text = text.trim();
    let (date, time) = match text.split_at_checked(10)? {
        (date, "") => (date, "00:00"),
        (date, time) => (date, time.strip_prefix(['T', ' '])?),
    };
    let mut parts = date.split('-');
    let (year, month, day) = (whole(parts.next(), 4)?, whole(parts.next(), 2)?, whole(parts.next(), 2)?);
    let mut parts = time.trim_end_matches('Z').split(':');
    let (hour, minute) = (whole(parts.next(), 2)?, whole(parts.next(), 2)?);
    let second: f64 = match parts.next() {
        Some(second) if second.bytes().next().is_some_and(|b| b.is_ascii_digit()) => second.parse().ok()?,
        Some(_) => return None,
        None => 0.0,
    };
    let is_valid = parts.next().is_none()
        && (1..=12).contains(&month)
        && civil(days(year, month, day)) == (year, month, day)
        && hour < 24
        && minute < 60
        && second < 61.0;
    is_valid.then(|| days(year, month, day) as f64 * DAY + (hour * 3_600 + minute * 60) as f64 + second)
}

/// The times from one to another, each so many seconds after the one before, as tables have them; none if they are too many.
pub(crate) fn periods(first: &str, last: &str, period: i64) -> Option<Vec<String>> {
    let (first, last) = (parse(first)? as i64, parse(last)? as i64);
    let name = |i: i64| {
        let time = first + i * period;
        if period % 86_400 == 0 { date(time / 86_400) } else { moment(time, 1) }
    };
    let count = (last - first) / period;
    (0..MOST_MINUTES).contains(&count).then(|| (0..=count).map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        // GNU date: `date -u -d '2019-03-10 12:30:05' +%s`.
        assert_eq!(parse("2019-03-10T12:30:05Z"), Some(1_552_221_005.0));
        assert_eq!(parse("2019-03-10 12:30:05.5"), Some(1_552_221_005.5));
        assert_eq!(parse("1970-01-01"), Some(0.0));
        assert_eq!(parse("2000-02-29 00:00"), Some(951_782_400.0));
        for no in ["2019-02-29", "2019-13-01", "Arange", "2019", "2019-03-10 25:00", "2019-03-10 12:30:x", "žluťoučký"]
        {
            assert_eq!(parse(no), None, "{no}");
        }
        assert_eq!(moment(1_552_221_005, 1), "2019-03-10 12:30:05");
        assert_eq!(moment(1_552_221_005_250, 1_000), "2019-03-10 12:30:05.25");
    }

    #[test]
    fn no_period_is_left_out() {
        let hours = periods("2026-03-01 22:00:00", "2026-03-02 01:00:00", 3_600).unwrap();
        assert_eq!(hours, ["2026-03-01 22:00:00", "2026-03-01 23:00:00", "2026-03-02 00:00:00", "2026-03-02 01:00:00"]);
        assert_eq!(periods("1969-12-30", "1970-01-01", 86_400).unwrap(), ["1969-12-30", "1969-12-31", "1970-01-01"]);
        assert_eq!(periods("–", "–", 60), None);
        assert_eq!(periods("0001-01-01 00:00:00", "2026-03-02 01:00:00", 60), None);
    }
}
