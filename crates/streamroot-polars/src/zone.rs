//! Times of sessions as clocks show them somewhere. Files have them in UTC.

use adbc_core::error::Result;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use polars::prelude::*;

use crate::error::{engine_failed, invalid_data};

const START: &str = "start";

/// The rows, with the column `start` as clocks show it in a zone of the IANA's time zone database.
///
/// `collect` answers a query of one row. When clocks are turned back, an hour stands twice; when they are turned forward, one
/// is missing.
pub fn in_zone(
    frame: LazyFrame,
    zone: &str,
    collect: impl Fn(LazyFrame) -> PolarsResult<DataFrame>,
) -> Result<LazyFrame> {
    let failed = |error| engine_failed("opening the data", error);
    let known = TimeZone::get(zone).map_err(|_| {
        invalid_data(format!(
            "there is no time zone {zone:?} on this machine: name one as Europe/Paris or UTC, as in /usr/share/zoneinfo"
        ))
    })?;
    let schema = frame.clone().collect_schema().map_err(failed)?;
    if !matches!(schema.get(START), Some(DataType::Datetime(..))) {
        return Err(invalid_data(format!(
            "the time zone {zone} is for the column start, and there is none with times"
        )));
    }
    let microseconds = || col(START).cast(DataType::Datetime(TimeUnit::Microseconds, None)).cast(DataType::Int64);
    let ends = [microseconds().min().alias("first"), microseconds().max().alias("last")];
    let ends = collect(frame.clone().select(ends)).map_err(failed)?;
    let end =
        |name: &str| ends.column(name).and_then(|column| column.get(0)).ok().and_then(|value| value.extract::<i64>());
    let (Some(first), Some(last)) = (end("first"), end("last")) else { return Ok(frame) };
    let moment = |microseconds: i64| {
        Timestamp::from_microsecond(microseconds).map_err(|_| {
            invalid_data(format!("a start is beyond the years that the time zone {zone} knows: leave the zone out"))
        })
    };
    let (first, last) = (moment(first)?, moment(last)?);
    let ahead = |seconds: i32| lit(i64::from(seconds) * 1_000_000);
    let mut shift = ahead(known.to_offset(first).seconds());
    for change in known.following(first).take_while(|change| change.timestamp() <= last) {
        let turned = microseconds().gt_eq(lit(change.timestamp().as_microsecond()));
        shift = when(turned).then(ahead(change.offset().seconds())).otherwise(shift);
    }
    let local = (microseconds() + shift).cast(DataType::Datetime(TimeUnit::Microseconds, None));
    Ok(frame.with_columns([local.alias(START)]))
}
