//! Bars, those of several series on top of each other.

use crate::Result;
use crate::plot::chart::{Chart, Mark, Side, span};
use crate::plot::frame::Frame;
use crate::plot::marks::sums::{linear, parted, sizes, sum};
use crate::plot::marks::value_labels::ValueLabels;
use crate::plot::marks::{BAR, WIDEST_BAR};
use crate::plot::scale::Scale;
use crate::plot::scene::Scene;

#[derive(Debug)]
pub(super) struct Stacks;

impl Mark for Stacks {
    fn check(&self, chart: &Chart) -> Result<()> {
        linear(chart)
    }

    fn left(&self, chart: &Chart) -> Side {
        let sums = (0..chart.categories.len()).flat_map(|i| [sum(chart, i, true), sum(chart, i, false)]);
        Side::Values(span(sums, chart.unit, Scale::FromZero))
    }

    fn sizes(&self, chart: &Chart) -> Vec<f64> {
        sizes(chart)
    }

    fn stacked(&self) -> Option<&'static dyn Mark> {
        Some(&Stacks)
    }

    fn lying(&self) -> Option<&'static dyn Mark> {
        Some(&super::lying::LyingStacks)
    }

    fn adds_up(&self) -> bool {
        true
    }

    fn headroom(&self, chart: &Chart, scene: &Scene, width: f64) -> f64 {
        ValueLabels::fitting(scene, chart, width / chart.categories.len().max(1) as f64)
            .map_or(0.0, |labels| labels.height + 6.0)
    }

    fn draw(&self, chart: &Chart, frame: &Frame, scene: &mut Scene) {
        let labels = ValueLabels::fitting(scene, chart, frame.slot());
        let wide = (frame.slot() * BAR).min(WIDEST_BAR);
        let colors = chart.series_colors();
        for i in 0..chart.categories.len() {
            let (mut up, mut down) = (0.0, 0.0);
            for (series, color) in chart.series.iter().zip(&colors) {
                let Some(value) = chart.drawable(series.values[i]) else { continue };
                let sum = if value < 0.0 { &mut down } else { &mut up };
                let from = if *sum == 0.0 { frame.floor() } else { frame.y(*sum) };
                *sum += value;
                let to = frame.y(*sum);
                if value != 0.0 {
                    let from = parted(from, to, *sum == value);
                    scene.fill(frame.column(i) - wide / 2.0, to, frame.column(i) + wide / 2.0, from, *color);
                }
            }
            if let Some(labels) = &labels {
                labels.write(scene, &chart.unit.format(up + down), frame.column(i), frame.y(up), false);
            }
        }
    }
}
