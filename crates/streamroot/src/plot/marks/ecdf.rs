//! Cumulative shares: which part of the sessions has no more than so much.

use crate::plot::chart::{Across, Category, Chart, Mark, Series, Side, span};
use crate::plot::frame::Frame;
use crate::plot::read;
use crate::plot::scale::{Scale, Span};
use crate::plot::scene::Scene;
use crate::table::Table;
use crate::table::unit::Unit;
use crate::{Error, Result};

impl Table {
    /// A cumulative share as a line, of a table that [`Sessions::ecdf_by`](crate::Sessions::ecdf_by) has made. With
    /// [`Chart::log`] the axis of the measure is logarithmic, and begins at the smallest value above 0.
    pub fn ecdf(&self) -> Chart {
        Chart::made(&Ecdf, self, &[], read_ecdf)
    }
}

#[derive(Debug)]
struct Ecdf;

fn read_ecdf(table: &Table, _: &[&str]) -> Result<Chart> {
    let (by, at, part) = match table.columns() {
        [by, at, part] if read::is_number(at) && read::is_number(part) => (Some(by), at, part),
        [at, part] if read::is_number(at) && read::is_number(part) => (None, at, part),
        _ => {
            return Err(Error::Figure(
                "a cumulative share is drawn of what `ecdf` or `ecdf_by` gives: a column of names, the measure, the share"
                    .to_owned(),
            ));
        }
    };
    let mut chart = Chart {
        legend: by.map_or(String::new(), |by| read::axis_name(by.name())),
        x_label: at.name().to_owned(),
        y_label: part.name().to_owned(),
        unit: Unit::Share,
        across: Some(Across { unit: at.unit(), scale: Scale::Exact }),
        ..Chart::new(&Ecdf)
    };
    let one = Category { label: part.name().to_owned(), place: 0 };
    let names = by.map_or_else(|| vec![one; table.rows()], read::named);
    let mut order = read::distinct(&names);
    order.sort_by_key(|name| name.place);
    chart.series = order.iter().map(|name| Series { name: name.clone(), ..Series::default() }).collect();
    let places = read::numbered(&order);
    for (row, name) in names.iter().enumerate() {
        let (Some(&place), Some(x)) = (places.get(name), at.number(row)) else { continue };
        chart.series[place].at.push(x);
        chart.series[place].values.push(part.number(row));
    }
    Ok(chart)
}

impl Mark for Ecdf {
    fn check(&self, chart: &Chart) -> Result<()> {
        let mut at = chart.series.iter().flat_map(|series| &series.at).peekable();
        if chart.log && at.peek().is_some() && at.all(|at| *at <= 0.0) {
            let sentence = "nothing is above 0, where a logarithmic axis begins: leave out `.log()`";
            return Err(Error::Figure(sentence.to_owned()));
        }
        Ok(())
    }

    fn left(&self, _: &Chart) -> Side {
        Side::Values(Span { low: 0.0, high: 1.0, unit: Unit::Share, scale: Scale::Exact })
    }

    fn below(&self, chart: &Chart) -> Side {
        let (unit, scale) = chart.across.map_or((Unit::Plain, Scale::Exact), |across| (across.unit, across.scale));
        let at = chart.series.iter().flat_map(|s| s.at.iter().copied());
        Side::Values(if chart.log || scale == Scale::Log {
            span(at.filter(|at| *at > 0.0), unit, Scale::Log)
        } else {
            let span = span(at, unit, Scale::Exact);
            // All values are one: it stands in the middle.
            let span = if span.low < span.high { span } else { Span { scale: Scale::Around, ..span } };
            // A share is shown as the part of a whole that it is.
            let is_part = unit == Unit::Share && span.low >= 0.0 && span.high <= 1.0;
            if is_part { Span { low: 0.0, high: 1.0, ..span } } else { span }
        })
    }

    fn logs_values(&self) -> bool {
        false
    }

    fn folds(&self) -> bool {
        false
    }

    fn draw(&self, chart: &Chart, frame: &Frame, scene: &mut Scene) {
        for (series, color) in chart.series.iter().zip(chart.series_colors()) {
            let points = series.at.iter().zip(&series.values).filter(|(at, _)| !chart.log || **at > 0.0);
            let mut points: Vec<(f64, f64)> =
                points.filter_map(|(at, value)| Some((frame.x(*at), frame.y((*value)?)))).collect();
            // Below the lowest value there is nothing, and the line rises there to those that have just so much.
            if let Some((x, _)) = points.first().filter(|_| points.len() == series.at.len()) {
                points.insert(0, (*x, frame.y(0.0)));
            }
            scene.line(points, 2.0, color);
        }
    }
}
