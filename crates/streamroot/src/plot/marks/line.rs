//! Lines: how a value goes over numbers, ordered categories, or time.

use crate::plot::chart::{Chart, Mark, Series, Side};
use crate::plot::frame::Frame;
use crate::plot::read;
use crate::plot::scale::Scale;
use crate::plot::scene::Scene;
use crate::table::Table;

impl Table {
    /// A line: the first column is what it goes over, the last column of numbers its height. Numbers and dates of the first
    /// column stand where they belong; other names stand side by side. A second column of names makes a line for each of its
    /// values. Where a value is missing, the line has a gap; with the columns `low` and `high` behind the numbers it has the
    /// band between them.
    ///
    /// ```no_run
    /// use streamroot::prelude::*;
    ///
    /// let sessions = Sessions::open("../data/sessions.csv")?;
    /// sessions.mean_by(Stream, Offload)?.line().title("Offload, per stream").rule(0.25, "a quarter").save("line.png")?;
    /// # Ok::<(), streamroot::Error>(())
    /// ```
    pub fn line(&self) -> Chart {
        self.lines(&[])
    }

    /// A line for each of several columns: `.lines(&["mean P2P", "mean CDN"])`.
    pub fn lines(&self, columns: &[&str]) -> Chart {
        Chart::made(&Line, self, columns, |table, columns| read::numbers_across(&Line, table, columns))
    }
}

#[derive(Debug)]
struct Line;

/// Where value number `i` of a series stands from left to right.
pub(super) fn x(frame: &Frame, series: &Series, i: usize) -> f64 {
    series.at.get(i).map_or_else(|| frame.column(i), |at| frame.x(*at))
}

/// The places of the values that `is_there`, each run without a gap for itself.
pub(super) fn runs(count: usize, is_there: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
    let mut runs: Vec<Vec<usize>> = vec![Vec::new()];
    for i in 0..count {
        match runs.last_mut() {
            Some(run) if is_there(i) => run.push(i),
            Some(run) if run.is_empty() => {}
            _ => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

impl Mark for Line {
    fn left(&self, chart: &Chart) -> Side {
        Side::Values(chart.span(Scale::Data))
    }

    fn folds(&self) -> bool {
        false
    }

    fn draw(&self, chart: &Chart, frame: &Frame, scene: &mut Scene) {
        /// With more values than these dots would hide the line.
        const DOTTED: usize = 30;
        for (series, color) in chart.series.iter().zip(chart.series_colors()) {
            let value = |i: usize| chart.drawable(series.values[i]);
            for run in runs(series.values.len(), |i| value(i).is_some()) {
                let place = |of: &dyn Fn(usize) -> Option<f64>| -> Vec<(f64, f64)> {
                    run.iter().filter_map(|&i| Some((x(frame, series, i), frame.y(of(i)?)))).collect()
                };
                let end = |i: usize, of: fn((f64, f64)) -> f64| {
                    chart.drawable(series.intervals.get(i).copied().flatten().map(of))
                };
                // Where an interval is missing, so is the band.
                let ends = |i: usize| Some((x(frame, series, i), end(i, |of| of.0)?, end(i, |of| of.1)?));
                for part in runs(run.len(), |k| ends(run[k]).is_some()) {
                    let around: Vec<_> = part.iter().filter_map(|&k| ends(run[k])).collect();
                    let mut band: Vec<_> = around.iter().map(|&(x, _, high)| (x, frame.y(high))).collect();
                    band.extend(around.iter().rev().map(|&(x, low, _)| (x, frame.y(low))));
                    scene.area(band, color.alpha(0.18));
                }
                let points = place(&value);
                if points.len() == 1 || series.values.len() <= DOTTED {
                    points.iter().for_each(|(x, y)| scene.dot(*x, *y, 3.5, color));
                }
                scene.line(points, 2.0, color);
            }
        }
    }
}
