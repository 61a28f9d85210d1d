//! Times of sessions as clocks show them somewhere. Files have them in UTC.

use adbc_core::error::Result;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use polars::prelude::*;

use crate::error::{engine_failed, invalid_data};

const START: &str = "start";

/// The rows, with the column `start` as clocks show it in a zone of the IANA's time zone database. When clocks are turned back, an
/// hour stands twice; when they are turned forward, one is missing.
///
/// # Errors
/// The machine knows no such zone, or the rows have no times in `start`.
pub fn in_zone(mut frame: LazyFrame, zone: &str) -> Result<LazyFrame> {
    let known = TimeZone::get(zone).map_err(|_| {
        invalid_data(format!(
            "there is no time zone {zone:?} on this machine: name one as Europe/Paris or UTC, as in /usr/share/zoneinfo"
        ))
    })?;
    let schema = frame.collect_schema().map_err(|error| engine_failed("opening the data", error))?;
    if !matches!(schema.get(START), Some(DataType::Datetime(..))) {
        return Err(invalid_data(format!(
            "the time zone {zone} is for the column start, and there is none with times"
        )));
    }
    let type_of_local = DataType::Datetime(TimeUnit::Microseconds, None);
    let local = type_of_local.clone();
    let moved = move |column: Column| {
        let times = column.cast(&local)?.cast(&DataType::Int64)?;
        let times = times.i64()?.apply_values(|time| shown(&known, time));
        times.with_name(START.into()).into_column().cast(&local)
    };
    let start = col(START).map(moved, move |_, field| Ok(Field::new(field.name().clone(), type_of_local.clone())));
    Ok(frame.with_columns([start]))
}

/// What clocks show at a moment, in microseconds as if they were in UTC. Beyond the year 9999 they go as at its end.
fn shown(zone: &TimeZone, moment: i64) -> i64 {
    let end = if moment < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let offset = zone.to_offset(Timestamp::from_microsecond(moment).unwrap_or(end)).seconds();
    moment.saturating_add(i64::from(offset) * 1_000_000)
}
