//! Window functions: rows are put in the order of each window once, and everything is computed along it.

use std::cmp::Ordering;

use pl::NamedFrom;
use polars::prelude::{
    self as pl, Column, DataFrame, IdxCa, IdxSize, IntoColumn, IntoLazy, LazyFrame, NewChunkedArray, PlSmallStr,
    PolarsResult, Series, SortMultipleOptions, col, lit,
};

use super::aggregates::lower_aggregate;
use super::expressions::{Surroundings, lower};
use super::rows::{Args, Reader, fail, total};
use crate::plan::tree::{Aggregate, Bound, Expr, Frame, Id, Key, Ranked, Sum, Window, name};
use crate::plan::types::Type;

/// More values than these are not looked at for frames that have to be gone through for each row.
const MOST_LOOKS: usize = 1 << 31;

/// Rows in the order of a window.
struct Ordered {
    /// Which row comes at each place.
    rows: Vec<IdxSize>,
    /// Where the partition of each place starts and ends, and the rows of equal rank.
    partition: Vec<(usize, usize)>,
    peers: Vec<(usize, usize)>,
}

/// A frame with the columns of window functions beside all others.
pub fn with_windows(
    frame: LazyFrame,
    windows: &[&(Id, Type, Window)],
    any: &str,
    around: &dyn Surroundings,
) -> PolarsResult<LazyFrame> {
    // Everything that windows are made of, beside the rows.
    let (mut computed, mut before) = (Vec::new(), Vec::new());
    let mut names = |of: Vec<&Expr>| {
        let name = |of: &Expr| {
            let name = format!("w{}", computed.len());
            computed.push(lower(of, around)?.alias(&name));
            Ok(name)
        };
        of.into_iter().map(name).collect::<PolarsResult<Vec<String>>>()
    };
    let mut parts = Vec::with_capacity(windows.len());
    for (id, ty, window) in windows {
        let partition = names(window.partition.iter().collect())?;
        let order = names(window.order.iter().map(|key| &key.of).collect())?;
        let of = names(window.of.iter().collect())?;
        let aggregate = match &window.what {
            Ranked::Aggregate(aggregate) => {
                let mut lowered = lower_aggregate(*id, *ty, aggregate, any, around)?;
                before.append(&mut lowered.before);
                Some((aggregate, lowered))
            }
            _ => None,
        };
        parts.push((*id, *ty, window, partition, order, of, aggregate));
    }
    computed.append(&mut before);
    let mut frame = around.collect(frame.with_columns(computed))?;
    let mut known: Vec<(&[Expr], &[Key], Ordered)> = Vec::new();
    for (id, ty, window, partition, order, of, aggregate) in parts {
        let place = known.iter().position(|(by, keys, _)| *by == window.partition && *keys == window.order);
        let place = match place {
            Some(place) => place,
            None => {
                let along = ordered(&frame, &partition, &order, &window.order, around)?;
                known.push((&window.partition, &window.order, along));
                known.len() - 1
            }
        };
        let along = &known[place].2;
        let column = match aggregate {
            Some((_, lowered)) if window.frame.start == Bound::Unbounded && window.frame.end == Bound::Unbounded => {
                whole_partitions(&frame, along, id, lowered, around)?
            }
            Some((aggregate, _)) => {
                let argument = frame.column(&format!("{}_a", name(id)))?.clone();
                running(aggregate, &argument, ty, along, &window.frame)?
            }
            None => {
                let of = of.iter().map(|name| frame.column(name).cloned()).collect::<PolarsResult<Vec<_>>>()?;
                ranked(window, &of, ty, along)?
            }
        };
        frame.with_column(column.with_name(name(id).into()))?;
    }
    Ok(frame.lazy())
}

/// Puts rows in order.
fn ordered(
    frame: &DataFrame,
    partition: &[String],
    order: &[String],
    keys: &[Key],
    around: &dyn Surroundings,
) -> PolarsResult<Ordered> {
    let rows = frame.height();
    let by: Vec<pl::Expr> = partition.iter().chain(order).map(|name| col(name.as_str())).collect();
    if by.is_empty() {
        let all = vec![(0, rows); rows];
        return Ok(Ordered { rows: (0..rows as IdxSize).collect(), partition: all.clone(), peers: all });
    }
    let before = partition.iter().map(|_| (false, false));
    let (descending, nulls_last): (Vec<bool>, Vec<bool>) =
        before.chain(keys.iter().map(|key| (key.descending, !key.nulls_first))).unzip();
    let options =
        SortMultipleOptions { descending, nulls_last, multithreaded: true, maintain_order: true, limit: None };
    let names: Vec<&str> = partition.iter().chain(order).map(String::as_str).collect();
    let sorted = frame.select(names)?.lazy().with_row_index("row", None).sort_by_exprs(by, options);
    let differs = |names: &[String], as_name: &str| {
        let all = names.iter().map(|name| col(name.as_str()).neq_missing(col(name.as_str()).shift(lit(1i64))));
        all.reduce(pl::Expr::or).unwrap_or_else(|| col("row").is_null()).alias(as_name)
    };
    let marks = [col("row"), differs(partition, "partition"), differs(order, "peers")];
    let marks = around.collect(around.collect(sorted)?.lazy().select(marks))?;
    let places: Vec<IdxSize> = marks.column("row")?.idx()?.into_no_null_iter().collect();
    let starts = |column: &str| -> PolarsResult<Vec<bool>> {
        Ok(marks.column(column)?.bool()?.iter().map(|mark| mark == Some(true)).collect())
    };
    let (partitions, mut peers) = (starts("partition")?, starts("peers")?);
    peers.iter_mut().zip(&partitions).for_each(|(peer, partition)| *peer |= *partition);
    Ok(Ordered { rows: places, partition: ranges(&partitions), peers: ranges(&peers) })
}

/// The start and end of each place's range, from where ranges start.
fn ranges(starts: &[bool]) -> Vec<(usize, usize)> {
    let mut all = Vec::with_capacity(starts.len());
    let mut start = 0;
    for place in 1..=starts.len() {
        if place == starts.len() || starts[place] {
            all.extend(std::iter::repeat_n((start, place), place - start));
            start = place;
        }
    }
    all
}

impl Ordered {
    /// Values along the order as a column of the rows.
    fn scattered(&self, column: &Column) -> PolarsResult<Column> {
        let mut places = vec![0; self.rows.len()];
        self.rows.iter().enumerate().for_each(|(place, row)| places[*row as usize] = place as IdxSize);
        column.take(&IdxCa::from_vec(PlSmallStr::EMPTY, places))
    }

    /// The places of a row's frame, from the first on to before the last.
    fn frame(&self, place: usize, frame: &Frame) -> (usize, usize) {
        let ((first, last), (peer, peers)) = (self.partition[place], self.peers[place]);
        let moved = |by: i64| (place as i64 + by).clamp(first as i64, last as i64) as usize;
        let start = match frame.start {
            Bound::Unbounded => first,
            Bound::Rows(0) if frame.by_rank => peer,
            Bound::Rows(by) => moved(by),
        };
        let end = match frame.end {
            Bound::Unbounded => last,
            Bound::Rows(0) if frame.by_rank => peers,
            Bound::Rows(by) => moved(by + 1),
        };
        (start.min(end), end)
    }
}

/// Functions of a row's place.
fn ranked(window: &Window, of: &[Column], ty: Type, along: &Ordered) -> PolarsResult<Column> {
    let rows = along.rows.len();
    let args = Args::alone(ty, rows);
    let rank = |place: usize| along.peers[place].0 - along.partition[place].0 + 1;
    let size = |place: usize| along.partition[place].1 - along.partition[place].0;
    let within = |place: usize| place - along.partition[place].0;
    let column = match &window.what {
        Ranked::RowNumber => args.wholes(|place| Some(within(place) as i128 + 1))?,
        Ranked::Rank => args.wholes(|place| Some(rank(place) as i128))?,
        Ranked::DenseRank => {
            let mut dense = 0;
            args.wholes(|place| {
                if along.peers[place].0 == place {
                    dense = if along.partition[place].0 == place { 1 } else { dense + 1 };
                }
                Some(dense)
            })?
        }
        Ranked::PercentRank => args.numbers(|place| {
            Some(if size(place) == 1 { 0.0 } else { (rank(place) - 1) as f64 / (size(place) - 1) as f64 })
        })?,
        Ranked::CumeDist => {
            args.numbers(|place| Some((along.peers[place].1 - along.partition[place].0) as f64 / size(place) as f64))?
        }
        Ranked::Ntile(parts) => args.wholes(|place| {
            let (each, more, at) = (size(place) / parts, size(place) % parts, within(place));
            // The first parts have one row more.
            let large = (each + 1) * more;
            Some(if at < large { at / (each + 1) } else { more + (at - large) / each.max(1) } as i128 + 1)
        })?,
        Ranked::Lag(_) | Ranked::FirstValue | Ranked::LastValue | Ranked::NthValue(_) => {
            let values = of.first().ok_or_else(|| fail("a window function takes a value"))?;
            let is_there: Vec<bool> = values.is_not_null().iter().map(|there| there == Some(true)).collect();
            let there = |place: usize| !window.ignore_nulls || is_there[along.rows[place] as usize];
            let mut places: Vec<Option<IdxSize>> = Vec::with_capacity(rows);
            for place in 0..rows {
                let (start, end) = along.frame(place, &window.frame);
                let found = match window.what {
                    Ranked::Lag(by) => {
                        let (first, last) = along.partition[place];
                        let at = place as i64 - by;
                        (at >= first as i64 && at < last as i64).then_some(at as usize)
                    }
                    Ranked::LastValue => (start..end).rev().find(|place| there(*place)),
                    Ranked::NthValue(n) => (start..end).filter(|place| there(*place)).nth(n - 1),
                    _ => (start..end).find(|place| there(*place)),
                };
                places.push(found.map(|place| along.rows[place]));
            }
            let outside: Vec<bool> = places.iter().map(Option::is_none).collect();
            let taken = values.take(&IdxCa::from_iter_options(PlSmallStr::EMPTY, places.into_iter()))?;
            match of.get(1) {
                Some(default) if matches!(window.what, Ranked::Lag(_)) => {
                    let default = default.take(&IdxCa::from_vec(PlSmallStr::EMPTY, along.rows.clone()))?;
                    let outside = Series::new(PlSmallStr::EMPTY, outside);
                    default.zip_with(outside.bool()?, &taken)?
                }
                _ => taken,
            }
        }
        Ranked::Aggregate(_) => return Err(fail("an aggregate is no window function of a place")),
    };
    along.scattered(&column)
}

/// An aggregate of whole partitions, as one of groups.
fn whole_partitions(
    frame: &DataFrame,
    along: &Ordered,
    id: Id,
    lowered: super::aggregates::Lowered,
    around: &dyn Surroundings,
) -> PolarsResult<Column> {
    let mut number: IdxSize = 0;
    let mut numbers: Vec<IdxSize> = vec![0; along.rows.len()];
    for (place, row) in along.rows.iter().enumerate() {
        number += IdxSize::from(place > 0 && along.partition[place].0 == place);
        numbers[*row as usize] = number;
    }
    let groups = IdxCa::from_vec(PlSmallStr::EMPTY, numbers.clone());
    let mut rows = frame.clone();
    rows.with_column(Series::new("partition".into(), numbers).into_column())?;
    let grouped = rows.lazy().group_by([col("partition")]).agg(lowered.within);
    let grouped = grouped.select([col("partition"), lowered.after]);
    let grouped = grouped.sort_by_exprs([col("partition")], SortMultipleOptions::default());
    around.collect(grouped)?.column(&name(id))?.take(&groups)
}

/// The frames of all rows, one after the other.
struct Frames<'a> {
    along: &'a Ordered,
    frame: &'a Frame,
    before: (usize, usize),
    looks: usize,
}

impl Frames<'_> {
    /// Counts values that are looked at.
    fn look(&mut self, values: usize) -> PolarsResult<()> {
        self.looks += values;
        if self.looks > MOST_LOOKS {
            return Err(fail("the frames of a window have too many rows to go through: make them smaller"));
        }
        Ok(())
    }

    /// Adds the rows of a place's frame to nothing, or to what the frame before it has come to, if that has only grown.
    fn add<T: Default>(&mut self, place: usize, sum: &mut T, add: impl Fn(&mut T, usize)) -> PolarsResult<()> {
        let (start, end) = self.along.frame(place, self.frame);
        let goes_on = self.before.0 == start && self.before.1 <= end && start < end;
        if !goes_on {
            *sum = T::default();
        }
        let from = if goes_on { self.before.1 } else { start };
        self.before = (start, end);
        self.look(end - from)?;
        self.along.rows[from..end].iter().for_each(|row| add(sum, *row as usize));
        Ok(())
    }
}

/// An aggregate of the frame of each row.
fn running(aggregate: &Aggregate, of: &Column, ty: Type, along: &Ordered, frame: &Frame) -> PolarsResult<Column> {
    let rows = along.rows.len();
    let reader = Reader::of(of, rows)?;
    let args = Args::alone(ty, rows);
    let is_double = aggregate.of.first().is_some_and(|of| of.ty.is_double());
    let mut frames = Frames { along, frame, before: (usize::MAX, 0), looks: 0 };
    let column = match aggregate.sum {
        Sum::Grouping => return Err(fail("GROUPING takes no OVER")),
        Sum::CountRows | Sum::Count => {
            let mut count = 0;
            args.wholes(|place| {
                frames.add(place, &mut count, |count, row| *count += i128::from(reader.is_some(row)))?;
                Ok(Some(count))
            })?
        }
        Sum::Total if !is_double => {
            let mut sum: Option<i128> = None;
            args.wholes(|place| {
                frames.add(place, &mut sum, |sum, row| {
                    if let Some(value) = reader.whole(row) {
                        *sum = Some(sum.unwrap_or(0) + value);
                    }
                })?;
                Ok(sum)
            })?
        }
        Sum::Total | Sum::Avg => {
            let mut added = (0f64, 0usize);
            args.numbers(|place| {
                frames.add(place, &mut added, |(sum, count), row| {
                    if let Some(value) = reader.number(row) {
                        *sum += value;
                        *count += 1;
                    }
                })?;
                let (sum, count) = added;
                let by = if aggregate.sum == Sum::Avg { count as f64 } else { 1.0 };
                Ok((count > 0).then(|| sum / by))
            })?
        }
        Sum::Min | Sum::Max | Sum::All | Sum::Any => {
            let wanted = if matches!(aggregate.sum, Sum::Min | Sum::All) { Ordering::Less } else { Ordering::Greater };
            let is_better = |row, best| reader.compare(row, &reader, best) == Some(wanted);
            let mut best: Option<usize> = None;
            let mut places: Vec<Option<IdxSize>> = Vec::with_capacity(rows);
            for place in 0..rows {
                frames.add(place, &mut best, |best, row| {
                    if reader.is_some(row) && best.is_none_or(|best| is_better(row, best)) {
                        *best = Some(row);
                    }
                })?;
                places.push(best.map(|row| row as IdxSize));
            }
            of.take(&IdxCa::from_iter_options(PlSmallStr::EMPTY, places.into_iter()))?
        }
        Sum::Stddev | Sum::StddevPop | Sum::Variance | Sum::VariancePop | Sum::Median | Sum::QuantileCont => args
            .numbers(|place| {
                let (start, end) = along.frame(place, frame);
                frames.look(end - start)?;
                let values = along.rows[start..end].iter().filter_map(|row| reader.number(*row as usize)).collect();
                Ok(of_values(aggregate, values))
            })?,
        Sum::QuantileDisc | Sum::Corr | Sum::CovarSamp | Sum::CovarPop | Sum::First | Sum::Last | Sum::AnyValue => {
            return Err(fail(
                "this aggregate can't be computed OVER (ORDER BY ...) here: leave out the order, or use FIRST_VALUE and LAST_VALUE",
            ));
        }
    };
    along.scattered(&column)
}

/// A measure of all values at once.
fn of_values(aggregate: &Aggregate, mut values: Vec<f64>) -> Option<f64> {
    let count = values.len() as f64;
    if values.is_empty() {
        return None;
    }
    let spread = |less: f64| {
        let mean = values.iter().sum::<f64>() / count;
        (count > less).then(|| values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (count - less))
    };
    match aggregate.sum {
        Sum::Stddev => spread(1.0).map(f64::sqrt),
        Sum::StddevPop => spread(0.0).map(f64::sqrt),
        Sum::Variance => spread(1.0),
        Sum::VariancePop => spread(0.0),
        _ => {
            values.sort_by(|a, b| total(*a, *b));
            let part = if aggregate.sum == Sum::Median { 0.5 } else { aggregate.part };
            let at = (count - 1.0) * part;
            let (low, high) = (values[at.floor() as usize], values[at.ceil() as usize]);
            Some(low + (high - low) * (at - at.floor()))
        }
    }
}
