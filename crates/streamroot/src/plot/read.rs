//! From a table to what a chart shows: names, series, values.

use std::collections::{HashMap, HashSet};

use crate::plot::chart::{Across, Category, Chart, Mark, Series};
use crate::plot::scale::Scale;
use crate::table::unit::Unit;
use crate::table::{Column, Table, Values, moment};
use crate::{Error, Result};

/// Reads a table: one or two leading columns of names, then numbers; the last column of them, or `columns`.
pub(crate) fn categories(mark: &'static dyn Mark, table: &Table, columns: &[&str]) -> Result<Chart> {
    let names = labels(table);
    let [by, rest @ ..] = names.as_slice() else {
        return Err(Error::Figure("a chart needs a first column that names its bars".to_owned()));
    };
    let measured: Vec<&Column> = if columns.is_empty() {
        measured(table, names.len()).into_iter().collect()
    } else {
        columns.iter().map(|name| table.column(name)).collect::<Result<_>>()?
    };
    let Some(first) = measured.first() else {
        return Err(Error::Figure(format!(
            "a chart needs a column of numbers beside {:?}; the table has none",
            by.name()
        )));
    };
    if let Some(text) = measured.iter().find(|column| !is_number(column)) {
        return Err(Error::Figure(format!("column {:?} can't be drawn, it has no numbers", text.name())));
    }
    let of_units =
        measured.iter().find(|column| column.unit() != first.unit() && !is_plain(column) && !is_plain(first));
    if let Some(other) = of_units {
        return Err(Error::Figure(format!(
            "{:?} and {:?} are of different kinds, and one axis can't show both: draw each for itself, and put them into \
             `Figure::row([…]).own_y()`",
            first.name(),
            other.name()
        )));
    }
    let mut chart = Chart {
        dimension: by.name().to_owned(),
        x_label: axis_name(by.name()),
        unit: first.unit(),
        is_sequence: is_sequence(by),
        counted: measured.iter().all(|column| column.is_counted()),
        y_label: if measured.len() == 1 { first.name().to_owned() } else { String::new() },
        ..Chart::new(mark)
    };
    match rest {
        [] => {
            chart.categories = named(by);
            let series = |(place, column): (usize, &&Column)| Series {
                name: Category { label: column.name().to_owned(), place },
                values: (0..table.rows()).map(|row| column.number(row)).collect(),
                intervals: intervals(table, column),
                ..Series::default()
            };
            chart.series = measured.iter().enumerate().map(series).collect();
        }
        [second] if measured.len() == 1 => {
            chart.legend = axis_name(second.name());
            pairs(&mut chart, table, by, second, first)?;
        }
        _ => {
            return Err(Error::Figure(format!(
                "a chart shows one or two dimensions and, with two, one column of numbers; this table has {} columns \
                 of names and {} of numbers: put one dimension into `.facet(…)`",
                names.len(),
                measured.len()
            )));
        }
    }
    Ok(chart)
}

/// More combinations of two dimensions than these would take the memory of everything else.
const MOST_CELLS: usize = 5_000_000;

/// Whether a column's values follow each other: points in time, and whole numbers that lie close together.
fn is_sequence(column: &Column) -> bool {
    match (column.values(), positions(column)) {
        (Values::Int(values), _) => {
            let known = || values.iter().flatten();
            let ends = known().min().zip(known().max());
            ends.is_some_and(|(first, last)| last.abs_diff(*first) < 3 * values.len() as u64)
        }
        (_, Some((across, _))) => across.scale == Scale::Time,
        _ => false,
    }
}

/// Two dimensions: the first are the categories, the second the series.
fn pairs(chart: &mut Chart, table: &Table, by: &Column, second: &Column, numbers: &Column) -> Result<()> {
    let (firsts, seconds) = (named(by), named(second));
    let (columns, mut names) = (distinct(&firsts), distinct(&seconds));
    chart.categories.clone_from(&columns);
    names.sort_by_key(|name| name.place);
    let (columns, places) = (numbered(&columns), numbered(&names));
    let cells = chart.categories.len() * names.len();
    if cells > MOST_CELLS {
        return Err(Error::Figure(format!(
            "{:?} and {:?} have {} combinations of their values, which no chart can show: filter or group them first",
            by.name(),
            second.name(),
            Unit::Count.format(cells as f64)
        )));
    }
    // A combination that no session has is counted 0; there is no mean of it.
    let is_count = numbers.is_counted();
    let absent = is_count.then_some(0.0);
    let around = intervals(table, numbers);
    let count = chart.categories.len();
    chart.series = names
        .iter()
        .map(|name| Series {
            name: name.clone(),
            values: vec![absent; count],
            intervals: if around.is_empty() { Vec::new() } else { vec![None; count] },
            ..Series::default()
        })
        .collect();
    let mut seen = vec![vec![false; count]; chart.series.len()];
    for (row, (category, name)) in firsts.iter().zip(&seconds).enumerate() {
        let (Some(&column), Some(&place)) = (columns.get(category), places.get(name)) else { continue };
        let (value, series) = (numbers.number(row), &mut chart.series[place]);
        if !std::mem::replace(&mut seen[place][column], true) {
            series.values[column] = value;
        } else if is_count {
            series.values[column] = Some(series.values[column].unwrap_or(0.0) + value.unwrap_or(0.0));
        } else {
            return Err(repeated(&format!("{:?} of {:?}", name.label, category.label), numbers.name()));
        }
        if let (Some(interval), Some(own)) = (around.get(row), series.intervals.get_mut(column)) {
            *own = *interval;
        }
    }
    Ok(())
}

/// Each name once, in the order of their first places.
pub(crate) fn distinct(names: &[Category]) -> Vec<Category> {
    let mut known = HashSet::new();
    names.iter().filter(|name| known.insert(*name)).cloned().collect()
}

/// The first place of each name.
pub(crate) fn numbered(names: &[Category]) -> HashMap<&Category, usize> {
    let mut places = HashMap::new();
    for (i, name) in names.iter().enumerate() {
        places.entry(name).or_insert(i);
    }
    places
}

fn repeated(key: &str, column: &str) -> Error {
    Error::Figure(format!(
        "{key} stands in more than one row, and only one {column:?} of it can be drawn: group the rows first, so that each \
         is there once"
    ))
}

/// Reads the same, of which the first column is numbers or points in time where it can be. Each of them is there once.
pub(crate) fn numbers_across(mark: &'static dyn Mark, table: &Table, columns: &[&str]) -> Result<Chart> {
    let chart = once(categories(mark, table, columns)?)?;
    let Some((across, positions)) = table.columns().first().and_then(positions) else {
        return Ok(chart);
    };
    // The number of each category: that of the first row which has it.
    let names = table.columns().first().map(named).unwrap_or_default();
    let rows = numbered(&names);
    let mut order: Vec<(usize, f64)> = chart
        .categories
        .iter()
        .enumerate()
        .filter_map(|(i, category)| {
            let row = *rows.get(category)?;
            positions.get(row).copied().flatten().map(|at| (i, at))
        })
        .collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut chart = chart;
    let nowhere = chart.categories.len() - order.len();
    if nowhere > 0 {
        chart.notes.push(format!("{} without {}", Unit::Count.format(nowhere as f64), chart.dimension));
    }
    for series in &mut chart.series {
        series.at = order.iter().map(|(_, at)| *at).collect();
        series.values = order.iter().map(|(i, _)| series.values[*i]).collect();
        if !series.intervals.is_empty() {
            series.intervals = order.iter().map(|(i, _)| series.intervals[*i]).collect();
        }
    }
    chart.categories.clear();
    // What a line goes over begins where its data does.
    let scale = if across.scale == Scale::Data { Scale::Around } else { across.scale };
    Ok(Chart { across: Some(Across { scale, ..across }), ..chart })
}

/// The chart with each of its categories once: counts of the same one are added up, of anything else there can be only one.
pub(crate) fn once(mut chart: Chart) -> Result<Chart> {
    let mut first: Vec<usize> = Vec::new();
    let names = chart.categories.clone();
    let places = numbered(&names);
    for (i, name) in names.iter().enumerate() {
        let known = places.get(name).copied().unwrap_or(i);
        if known == i {
            first.push(i);
            continue;
        }
        if !chart.counted {
            return Err(repeated(&format!("{:?}", chart.categories[i].label), &chart.y_label));
        }
        for series in &mut chart.series {
            series.values[known] = match (series.values[known], series.values[i]) {
                (Some(a), Some(b)) => Some(a + b),
                (a, b) => a.or(b),
            };
        }
    }
    chart.arrange(&first);
    Ok(chart)
}

/// A column as numbers on an axis; `None` if it is names.
pub(crate) fn positions(column: &Column) -> Option<(Across, Vec<Option<f64>>)> {
    match column.values() {
        Values::Int(values) => {
            let numbers = (0..values.len()).map(|row| column.number(row)).collect();
            Some((Across { unit: column.unit(), scale: Scale::Data }, numbers))
        }
        Values::Float(values) => {
            let numbers = values.iter().map(|v| v.filter(|v| v.is_finite())).collect();
            Some((Across { unit: column.unit(), scale: Scale::Data }, numbers))
        }
        Values::Text(values) => {
            let times: Vec<Option<f64>> = values.iter().map(|v| v.as_deref().and_then(moment::parse)).collect();
            let is_time = times.iter().any(Option::is_some)
                && values.iter().zip(&times).all(|(value, time)| value.is_none() || time.is_some());
            is_time.then_some((Across { unit: Unit::Plain, scale: Scale::Time }, times))
        }
        Values::Bool(_) => None,
    }
}

/// The column of numbers that a chart shows: the last one, or the one before the columns `low` and `high` around it.
fn measured(table: &Table, names: usize) -> Option<&Column> {
    let columns = table.columns().get(names..)?;
    match columns {
        [.., value, low, high] if low.name() == "low" && high.name() == "high" && is_number(value) => Some(value),
        columns => columns.iter().rfind(|column| is_number(column)),
    }
}

/// What is in the columns `low` and `high` behind a column.
pub(crate) fn intervals(table: &Table, column: &Column) -> Vec<Option<(f64, f64)>> {
    let place = table.columns().iter().position(|c| std::ptr::eq(c, column));
    match place.and_then(|place| table.columns().get(place + 1..place + 3)) {
        Some([low, high]) if low.name() == "low" && high.name() == "high" => {
            (0..table.rows()).map(|row| low.number(row).zip(high.number(row))).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a column's numbers may be of any kind.
fn is_plain(column: &Column) -> bool {
    matches!(column.unit(), Unit::Plain | Unit::Exact)
}

pub(crate) fn is_number(column: &Column) -> bool {
    matches!(column.values(), Values::Int(_) | Values::Float(_))
}

/// The leading columns that name things: the first, and those after it that hold no numbers or numbers that are names.
pub(crate) fn labels(table: &Table) -> Vec<&Column> {
    let is_label = |(i, column): (usize, &Column)| i == 0 || !is_number(column) || column.unit() == Unit::Label;
    table.columns().iter().enumerate().take_while(|&(i, column)| is_label((i, column))).map(|(_, c)| c).collect()
}

/// The names in a column, row by row.
pub(crate) fn named(column: &Column) -> Vec<Category> {
    let places = column.places();
    places.into_iter().enumerate().map(|(row, place)| Category { label: column.text(row), place }).collect()
}

/// A dimension's name as an axis shows it.
pub(crate) fn axis_name(column: &str) -> String {
    if column == "isp" { "ISP".to_owned() } else { column.to_owned() }
}
