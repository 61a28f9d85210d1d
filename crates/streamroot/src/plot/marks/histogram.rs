//! Histograms: how many there are of each size.

use crate::plot::chart::{Across, Category, Chart, Mark, Series, Side, span};
use crate::plot::frame::Frame;
use crate::plot::marks::value_labels::ValueLabels;
use crate::plot::read;
use crate::plot::scale::Scale;
use crate::plot::scene::Scene;
use crate::table::Table;
use crate::{Error, Result};

impl Table {
    /// A histogram, of a table that [`Sessions::histogram`](crate::Sessions::histogram) has made.
    pub fn histogram(&self) -> Chart {
        Chart::made(&Histogram, self, &[], read_histogram)
    }
}

#[derive(Debug)]
struct Histogram;

fn read_histogram(table: &Table, _: &[&str]) -> Result<Chart> {
    let (Ok(from), Ok(to)) = (table.numbers("from"), table.numbers("to")) else {
        let sentence =
            "a histogram is drawn of what `histogram` gives, such as `sessions.histogram(Cdn, 30)?.histogram()`";
        return Err(Error::Figure(sentence.to_owned()));
    };
    let Some(counts) = table.columns().last().filter(|column| read::is_number(column)) else {
        return Err(Error::Figure("a histogram needs a last column of numbers".to_owned()));
    };
    let mut edges: Vec<f64> = from.iter().flatten().copied().collect();
    edges.extend(to.last().copied().flatten());
    let finite = edges.iter().all(|edge| edge.is_finite());
    if (edges.len() != table.rows() + 1 || !finite) && table.rows() > 0 {
        return Err(Error::Figure("a histogram needs a number in each row of \"from\" and \"to\"".to_owned()));
    }
    let meet = edges.iter().skip(1).zip(&to).all(|(edge, to)| Some(*edge) == *to);
    if !meet || edges.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(Error::Figure(
            "the bins of a histogram stand in their order, each from where the one before ends: sort the rows by \"from\", and \
             add those that are missing"
                .to_owned(),
        ));
    }
    let values = (0..table.rows()).map(|row| counts.number(row)).collect();
    let name = Category { label: counts.name().to_owned(), place: 0 };
    let at = edges.clone();
    Ok(Chart {
        y_label: counts.name().to_owned(),
        unit: counts.unit(),
        across: Some(Across { unit: table.column("from")?.unit(), scale: Scale::Exact }),
        edges,
        series: vec![Series { name, values, at, ..Series::default() }],
        ..Chart::new(&Histogram)
    })
}

fn slot(chart: &Chart, width: f64) -> f64 {
    width / chart.edges.len().saturating_sub(1).max(1) as f64
}

impl Mark for Histogram {
    fn below(&self, chart: &Chart) -> Side {
        let unit = chart.across.map_or(chart.unit, |across| across.unit);
        Side::Values(span(chart.edges.iter().copied(), unit, Scale::Exact))
    }

    fn headroom(&self, chart: &Chart, scene: &Scene, width: f64) -> f64 {
        ValueLabels::fitting(scene, chart, slot(chart, width)).map_or(0.0, |labels| labels.height + 6.0)
    }

    fn draw(&self, chart: &Chart, frame: &Frame, scene: &mut Scene) {
        let Some(series) = chart.series.first() else { return };
        let color = chart.series_colors().first().copied().unwrap_or(scene.look.soft);
        let labels = ValueLabels::fitting(scene, chart, slot(chart, frame.width()));
        let base = frame.floor();
        for (value, edges) in series.values.iter().zip(chart.edges.windows(2)) {
            let Some(value) = chart.drawable(*value) else { continue };
            let (left, right, end) = (frame.x(edges[0]), frame.x(edges[1]), frame.y(value));
            if value != 0.0 {
                // A thread of paper between two bars that are wide enough.
                let gap = if right - left > 4.0 { 0.5 } else { 0.0 };
                scene.fill(left + gap, end, right - gap, base, color);
            }
            if let Some(labels) = &labels {
                labels.write(scene, &chart.unit.format(value), (left + right) / 2.0, end, value < 0.0);
            }
        }
    }
}
