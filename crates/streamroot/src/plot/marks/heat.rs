//! Heat maps: a value for each of two dimensions as a colour.

use crate::plot::chart::{Annotation, Chart, Mark, Series, Side};
use crate::plot::frame::Frame;
use crate::plot::palette::{Blues, Palette};
use crate::plot::read;
use crate::plot::scale::Scale;
use crate::plot::scene::Scene;
use crate::plot::text::{Align, Text};
use crate::table::Table;
use crate::{Error, Result};

impl Table {
    /// A heat map with its values in the cells, of a table with two columns of names and one of numbers: the first names the
    /// rows, the second the columns.
    pub fn heat(&self) -> Chart {
        Chart::made(&Heat, self, &[], read_heat)
    }
}

#[derive(Debug)]
struct Heat;

fn read_heat(table: &Table, columns: &[&str]) -> Result<Chart> {
    let chart = read::categories(&Heat, table, columns)?;
    match read::labels(table).as_slice() {
        [_, second] => {
            let y_label = read::axis_name(second.name());
            Ok(turned(Chart { show_values: true, y_label, dimension: second.name().to_owned(), ..chart }))
        }
        names => Err(Error::Figure(format!(
            "a heat map needs two columns of names and one of numbers, but the table has {} of names: count by two \
             dimensions, such as [Isp, Browser]",
            names.len()
        ))),
    }
}

/// A heat map's rows are the first dimension, its columns the second.
fn turned(mut chart: Chart) -> Chart {
    let rows = std::mem::take(&mut chart.categories);
    chart.categories = chart.series.iter().map(|series| series.name.clone()).collect();
    chart.series = rows
        .into_iter()
        .enumerate()
        .map(|(i, name)| Series {
            name,
            values: chart.series.iter().map(|s| s.values[i]).collect(),
            ..Series::default()
        })
        .collect();
    std::mem::swap(&mut chart.x_label, &mut chart.y_label);
    chart
}

/// The values of the first and the last shade. Between two colours, what is neither is 0.
fn shaded(chart: &Chart) -> (f64, f64) {
    let span = chart.span(Scale::FromZero);
    let (low, high) = (span.low.min(0.0), span.high);
    let is_balanced = low < 0.0 && high > 0.0 && chart.palette.as_ref().is_some_and(Palette::has_two_ends);
    let most = high.max(-low);
    if is_balanced { (-most, most) } else { (low, high) }
}

impl Mark for Heat {
    fn check(&self, chart: &Chart) -> Result<()> {
        let across = |annotation: &Annotation| !matches!(annotation, Annotation::Note(..));
        match chart {
            _ if chart.log => Err(Error::Figure(
                "a heat map has no axis that could be logarithmic: leave out `.log()`, or show the logarithms"
                    .to_owned(),
            )),
            _ if chart.annotations.iter().any(across) => Err(Error::Figure(
                "a heat map has no axis of its values: leave out `.rule(…)` and `.band(…)`".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    fn shaded(&self, chart: &Chart) -> Option<(f64, f64)> {
        Some(shaded(chart))
    }

    fn left(&self, chart: &Chart) -> Side {
        Side::Names(chart.series.iter().map(|series| series.name.clone()).collect())
    }

    fn is_grouped(&self, _chart: &Chart) -> bool {
        false
    }

    fn draw(&self, chart: &Chart, frame: &Frame, scene: &mut Scene) {
        let (low, high) = chart.shaded.unwrap_or_else(|| shaded(chart));
        let shades = chart.palette.as_ref().unwrap_or(&Blues).shades(256);
        let (wide, tall) = (frame.slot(), frame.row());
        // Written in full where that fits, else shorter, else not at all.
        let full = |v: f64| chart.unit.format(v);
        let short = |v: f64| chart.unit.format_tick(v, (high - low).abs() / 100.0, v.abs());
        let values = || chart.series.iter().flat_map(|s| &s.values).filter_map(|&v| chart.drawable(v));
        let fits = |size: f64, text: &dyn Fn(f64) -> String| {
            size * 1.1 <= tall && values().all(|v| scene.typeface.width(&text(v), size) + 4.0 <= wide)
        };
        let forms: [&dyn Fn(f64) -> String; 2] = [&full, &short];
        let sizes = scene.look.values();
        let form =
            sizes.into_iter().flat_map(|size| forms.map(|form| (size, form))).find(|(size, form)| fits(*size, *form));
        let (no_value, soft) = (scene.look.no_value, scene.look.soft);
        for (row, series) in chart.series.iter().enumerate() {
            let top = frame.top + tall * row as f64;
            for (column, value) in series.values.iter().enumerate() {
                let left = frame.left + wide * column as f64;
                let value = chart.drawable(*value);
                let part = value.map(|v| if high > low { (v - low) / (high - low) } else { 0.0 });
                let color = part.map_or(no_value, |part| shades[(part * 255.0).round().clamp(0.0, 255.0) as usize]);
                let (gap_x, gap_y) = ((wide * 0.15).min(1.5), (tall * 0.15).min(1.5));
                scene.fill(left, top, left + wide - gap_x, top + tall - gap_y, color);
                if let Some((size, form)) = form {
                    let (text, ink) = value.map_or(("–".to_owned(), soft), |v| (form(v), color.ink()));
                    let (x, y) = (left + wide / 2.0 - 0.75, top + tall / 2.0 + size * 0.36 - 0.75);
                    scene.write(Text::new(&text, x, y, size, ink).align(Align::Middle));
                }
            }
        }
    }
}
