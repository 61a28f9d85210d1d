//! Areas below lines, those of several series behind each other or on top of each other.

use crate::plot::chart::{Chart, Mark, Series, Side, span};
use crate::plot::frame::Frame;
use crate::plot::marks::line::{runs, x};
use crate::plot::marks::sums;
use crate::plot::palette::Color;
use crate::plot::read;
use crate::plot::scale::Scale;
use crate::plot::scene::Scene;
use crate::table::Table;
use crate::{Error, Result};

impl Table {
    /// What is below a line; the table is read as for [`Table::line`]. Several series lie behind each other, or with
    /// [`Chart::stacked`] on top of each other.
    pub fn area(&self) -> Chart {
        self.areas(&[])
    }

    /// An area for each of several columns: `.areas(&["P2P", "CDN"]).stacked()`.
    pub fn areas(&self, columns: &[&str]) -> Chart {
        Chart::made(&Area, self, columns, |table, columns| read::numbers_across(&Area, table, columns))
    }
}

#[derive(Debug)]
struct Area;

#[derive(Debug)]
struct StackedArea;

impl Mark for Area {
    fn stacked(&self) -> Option<&'static dyn Mark> {
        Some(&StackedArea)
    }

    fn folds(&self) -> bool {
        false
    }

    fn draw(&self, chart: &Chart, frame: &Frame, scene: &mut Scene) {
        for (series, color) in chart.series.iter().zip(chart.series_colors()) {
            let value = |i: usize| chart.drawable(series.values[i]);
            for run in runs(series.values.len(), |i| value(i).is_some()) {
                let points: Vec<(f64, f64)> =
                    run.iter().filter_map(|&i| Some((x(frame, series, i), frame.y(value(i)?)))).collect();
                let floor = points.iter().rev().map(|(x, _)| (*x, frame.floor()));
                scene.area(points.iter().copied().chain(floor).collect(), color.alpha(0.3));
                if let [(x, y)] = points[..] {
                    // Between two gaps: as wide as a line.
                    scene.vertical(x, y, frame.floor(), 2.0, color.alpha(0.5));
                    scene.dot(x, y, 2.0, color);
                }
                scene.line(points, 2.0, color);
            }
        }
    }
}

impl Mark for StackedArea {
    fn stacked(&self) -> Option<&'static dyn Mark> {
        Some(&StackedArea)
    }

    fn check(&self, chart: &Chart) -> Result<()> {
        let (below, above) = (chart.all_values().any(|v| v < 0.0), chart.all_values().any(|v| v > 0.0));
        if below && above {
            let sentence =
                "areas on top of each other can't go below 0 and above it: leave out `.stacked()`, or draw lines";
            return Err(Error::Figure(sentence.to_owned()));
        }
        sums::linear(chart)
    }

    fn left(&self, chart: &Chart) -> Side {
        let count = chart.series.first().map_or(0, |series| series.values.len());
        let sums = (0..count).flat_map(|i| [sums::sum(chart, i, true), sums::sum(chart, i, false)]);
        Side::Values(span(sums, chart.unit, Scale::FromZero))
    }

    fn folds(&self) -> bool {
        false
    }

    /// The sum of parts of which one is missing is not known: there is a gap.
    fn draw(&self, chart: &Chart, frame: &Frame, scene: &mut Scene) {
        let count = chart.series.first().map_or(0, |series| series.values.len());
        let value = |series: &Series, i: usize| chart.drawable(series.values.get(i).copied().flatten());
        let parts: Vec<(&Series, Color)> = chart.series.iter().zip(chart.series_colors()).collect();
        let parts: Vec<&(&Series, Color)> =
            parts.iter().filter(|(series, _)| (0..count).any(|i| value(series, i).is_some())).collect();
        let is_there = |i: usize| parts.iter().all(|(series, _)| value(series, i).is_some());
        for run in runs(count, is_there) {
            let mut sums = vec![0.0; run.len()];
            for (series, color) in &parts {
                let line = |sums: &[f64]| -> Vec<(f64, f64)> {
                    run.iter().zip(sums).map(|(&i, sum)| (x(frame, series, i), frame.y(*sum))).collect()
                };
                let bottom = line(&sums);
                let mut outline = bottom.clone();
                for (sum, &i) in sums.iter_mut().zip(&run) {
                    *sum += value(series, i).unwrap_or(0.0);
                }
                let top = line(&sums);
                outline.extend(top.iter().rev());
                scene.area(outline, *color);
                if let ([(x, high)], [low]) = (&top[..], &bottom[..]) {
                    scene.vertical(*x, *high, low.1, 2.0, *color);
                }
                // A thread of paper between two areas, where it leaves something of them.
                if frame.width() > 4.0 * top.len() as f64 {
                    scene.line(top, 1.0, scene.look.paper);
                }
            }
        }
    }
}
