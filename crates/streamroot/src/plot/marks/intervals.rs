//! Dots with the intervals around them: what is known of a value, and how well.

use crate::Error;
use crate::plot::chart::{Chart, Mark, Series, Side};
use crate::plot::frame::Frame;
use crate::plot::palette::Color;
use crate::plot::read;
use crate::plot::scale::Scale;
use crate::plot::scene::Scene;
use crate::table::Table;

impl Table {
    /// Dots with their intervals, of a table with the columns `low` and `high` behind the numbers, as
    /// [`Sessions::share_interval_by`](crate::Sessions::share_interval_by) gives them: the axis is that of the values and
    /// need not begin at 0.
    pub fn intervals(&self) -> Chart {
        Chart::made(&Intervals, self, &[], |table, columns| {
            let chart = read::once(read::categories(&Intervals, table, columns)?)?;
            if table.rows() > 0 && chart.series.iter().all(|series| series.intervals.is_empty()) {
                let sentence = "intervals are drawn of numbers with the columns `low` and `high` behind them, as `share_interval_by` \
                                gives them";
                return Err(Error::Figure(sentence.to_owned()));
            }
            Ok(chart)
        })
    }
}

#[derive(Debug)]
struct Intervals;

/// The interval around a value, if it can be drawn.
pub(super) fn drawable(chart: &Chart, series: &Series, i: usize) -> Option<(f64, f64)> {
    let (low, high) = series.intervals.get(i).copied().flatten()?;
    chart.drawable(Some(low)).zip(chart.drawable(Some(high)))
}

/// A line from one end of an interval to the other, with a bar across each end.
pub(super) struct Whisker {
    pub low: f64,
    pub high: f64,
    pub at: f64,
    pub half: f64,
}

impl Whisker {
    pub(super) fn draw(&self, scene: &mut Scene, color: Color) {
        scene.vertical(self.at, self.high, self.low, 1.5, color);
        for end in [self.low, self.high] {
            scene.horizontal(end, self.at - self.half, self.at + self.half, 1.5, color);
        }
    }
}

impl Mark for Intervals {
    fn left(&self, chart: &Chart) -> Side {
        Side::Values(chart.span(Scale::Data))
    }

    fn draw(&self, chart: &Chart, frame: &Frame, scene: &mut Scene) {
        let (colors, own) = (chart.series_colors(), chart.category_colors());
        let group = (frame.slot() * 0.5).min(26.0 * chart.series.len() as f64);
        let wide = group / chart.series.len().max(1) as f64;
        for (k, series) in chart.series.iter().enumerate() {
            for (i, value) in series.values.iter().enumerate() {
                let Some(value) = chart.drawable(*value) else { continue };
                let color = if self.is_grouped(chart) { colors[k] } else { own[i] };
                let x = frame.column(i) - group / 2.0 + wide * (k as f64 + 0.5);
                if let Some((low, high)) = drawable(chart, series, i) {
                    Whisker { low: frame.y(low), high: frame.y(high), at: x, half: 7.0 }.draw(scene, color);
                }
                scene.dot(x, frame.y(value), 3.5, color);
            }
        }
    }
}
