//! Bars, those of several series side by side, with the intervals around them.

use crate::plot::chart::{Chart, Mark};
use crate::plot::frame::Frame;
use crate::plot::marks::intervals::{self, Whisker};
use crate::plot::marks::lying::LyingBars;
use crate::plot::marks::stacks::Stacks;
use crate::plot::marks::value_labels::ValueLabels;
use crate::plot::marks::{BAR, WIDEST_BAR};
use crate::plot::read;
use crate::plot::scene::Scene;
use crate::table::Table;

impl Table {
    /// A bar chart: the first column names the bars, the last column of numbers is their height. A second column of names
    /// makes groups of bars side by side, or on top of each other with [`Chart::stacked`]. With the columns `low` and `high`
    /// behind the numbers, as [`Sessions::share_interval_by`](crate::Sessions::share_interval_by) gives them, each bar has
    /// its interval.
    ///
    /// A table without names or numbers makes a chart that says so when it is shown.
    pub fn bar(&self) -> Chart {
        self.bars(&[])
    }

    /// A bar chart of several columns: `.bars(&["mean P2P", "mean CDN"]).stacked()`.
    pub fn bars(&self, columns: &[&str]) -> Chart {
        Chart::made(&Bars, self, columns, |table, columns| read::once(read::categories(&Bars, table, columns)?))
    }
}

#[derive(Debug)]
pub(super) struct Bars;

fn labels(chart: &Chart, scene: &Scene, slot: f64) -> Option<ValueLabels> {
    let bars = chart.series.len().max(1) as f64;
    ValueLabels::fitting(scene, chart, if bars > 1.0 { slot * BAR / bars } else { slot })
}

impl Mark for Bars {
    fn stacked(&self) -> Option<&'static dyn Mark> {
        Some(&Stacks)
    }

    fn lying(&self) -> Option<&'static dyn Mark> {
        Some(&LyingBars)
    }

    fn adds_up(&self) -> bool {
        true
    }

    fn headroom(&self, chart: &Chart, scene: &Scene, width: f64) -> f64 {
        labels(chart, scene, width / chart.categories.len().max(1) as f64).map_or(0.0, |labels| labels.height + 6.0)
    }

    fn draw(&self, chart: &Chart, frame: &Frame, scene: &mut Scene) {
        let (colors, own) = (chart.series_colors(), chart.category_colors());
        let labels = labels(chart, scene, frame.slot());
        let base = frame.floor();
        let group = (frame.slot() * BAR).min(WIDEST_BAR * chart.series.len() as f64);
        let wide = group / chart.series.len().max(1) as f64;
        let gap = if chart.series.len() > 1 { (wide * 0.06).min(2.0) } else { 0.0 };
        for (k, series) in chart.series.iter().enumerate() {
            for (i, value) in series.values.iter().enumerate() {
                let Some(value) = chart.drawable(*value) else { continue };
                let color = if self.is_grouped(chart) { colors[k] } else { own[i] };
                let left = frame.column(i) - group / 2.0 + wide * k as f64;
                let mut end = frame.y(value);
                if value != 0.0 {
                    scene.fill(left + gap / 2.0, end, left + wide - gap / 2.0, base, color);
                }
                if let Some(interval) = intervals::drawable(chart, series, i) {
                    let (low, high) = (frame.y(interval.0), frame.y(interval.1));
                    let whisker = Whisker { low, high, at: left + wide / 2.0, half: (wide * 0.15).min(7.0) };
                    whisker.draw(scene, scene.look.ink);
                    // The value stands beyond the interval.
                    end = if value < 0.0 { end.max(low) } else { end.min(high) };
                }
                if let Some(labels) = &labels {
                    labels.write(scene, &chart.unit.format(value), left + wide / 2.0, end, value < 0.0);
                }
            }
        }
    }
}
