//! Bars that lie, with room for long names.

use crate::Result;
use crate::plot::chart::{Chart, Mark, Side, span};
use crate::plot::frame::Frame;
use crate::plot::marks::{BAR, sums};
use crate::plot::scale::Scale;
use crate::plot::scene::Scene;
use crate::plot::text::{Align, Text};

#[derive(Debug)]
pub(super) struct LyingBars;

#[derive(Debug)]
pub(super) struct LyingStacks;

/// How thick a bar is at the most, in points.
const THICKEST_BAR: f64 = 48.0;

/// The size in which values are written beside bars of so much room.
fn value_size(scene: &Scene, room: f64) -> Option<f64> {
    scene.look.values().into_iter().find(|size| size * 1.1 <= room)
}

fn headroom(chart: &Chart, scene: &Scene, values: impl Iterator<Item = f64>) -> f64 {
    if !chart.show_values {
        return 0.0;
    }
    let size = scene.look.values()[0];
    values.map(|value| scene.typeface.width(&chart.unit.format(value), size)).fold(0.0, f64::max) + 10.0
}

fn write(scene: &mut Scene, text: &str, x: f64, y: f64, size: f64, left: bool) {
    let (x, align) = if left { (x - 5.0, Align::End) } else { (x + 5.0, Align::Start) };
    scene.write(Text::new(text, x, y + size * 0.36, size, scene.look.ink).align(align));
}

impl Mark for LyingBars {
    fn left(&self, chart: &Chart) -> Side {
        Side::Names(chart.categories.clone())
    }

    fn below(&self, chart: &Chart) -> Side {
        Side::Values(chart.span(Scale::FromZero))
    }

    fn stacked(&self) -> Option<&'static dyn Mark> {
        Some(&LyingStacks)
    }

    fn adds_up(&self) -> bool {
        true
    }

    fn headroom(&self, chart: &Chart, scene: &Scene, _: f64) -> f64 {
        headroom(chart, scene, chart.all_values())
    }

    fn draw(&self, chart: &Chart, frame: &Frame, scene: &mut Scene) {
        let (colors, own) = (chart.series_colors(), chart.category_colors());
        let count = chart.series.len().max(1) as f64;
        let group = (frame.row() * BAR).min(THICKEST_BAR * count);
        let (thick, wall) = (group / count, frame.wall());
        let gap = if count > 1.0 { (thick * 0.06).min(2.0) } else { 0.0 };
        let size = value_size(scene, if count > 1.0 { thick } else { frame.row() });
        for (k, series) in chart.series.iter().enumerate() {
            for (i, value) in series.values.iter().enumerate() {
                let Some(value) = chart.drawable(*value) else { continue };
                let color = if self.is_grouped(chart) { colors[k] } else { own[i] };
                let top = frame.line(i) - group / 2.0 + thick * k as f64;
                let end = frame.x(value);
                if value != 0.0 {
                    scene.fill(wall, top + gap / 2.0, end, top + thick - gap / 2.0, color);
                }
                let mut beyond = end;
                if let Some((low, high)) = super::intervals::drawable(chart, series, i) {
                    let (low, high, y) = (frame.x(low), frame.x(high), top + thick / 2.0);
                    let (ink, half) = (scene.look.ink, (thick * 0.15).min(6.0));
                    scene.horizontal(y, low, high, 1.5, ink);
                    for end in [low, high] {
                        scene.vertical(end, y - half, y + half, 1.5, ink);
                    }
                    beyond = if value < 0.0 { end.min(low) } else { end.max(high) };
                }
                if let Some(size) = size.filter(|_| chart.show_values) {
                    write(scene, &chart.unit.format(value), beyond, top + thick / 2.0, size, value < 0.0);
                }
            }
        }
    }
}

impl Mark for LyingStacks {
    fn stacked(&self) -> Option<&'static dyn Mark> {
        Some(&LyingStacks)
    }

    fn check(&self, chart: &Chart) -> Result<()> {
        sums::linear(chart)
    }

    fn left(&self, chart: &Chart) -> Side {
        Side::Names(chart.categories.clone())
    }

    fn below(&self, chart: &Chart) -> Side {
        let sums = (0..chart.categories.len()).flat_map(|i| [true, false].map(|up| sums::sum(chart, i, up)));
        Side::Values(span(sums, chart.unit, Scale::FromZero))
    }

    fn sizes(&self, chart: &Chart) -> Vec<f64> {
        sums::sizes(chart)
    }

    fn adds_up(&self) -> bool {
        true
    }

    fn headroom(&self, chart: &Chart, scene: &Scene, _: f64) -> f64 {
        headroom(chart, scene, (0..chart.categories.len()).map(|i| sums::sum(chart, i, true)))
    }

    fn draw(&self, chart: &Chart, frame: &Frame, scene: &mut Scene) {
        let thick = (frame.row() * BAR).min(THICKEST_BAR);
        let colors = chart.series_colors();
        let size = value_size(scene, frame.row());
        for i in 0..chart.categories.len() {
            let (mut up, mut down) = (0.0, 0.0);
            let (top, bottom) = (frame.line(i) - thick / 2.0, frame.line(i) + thick / 2.0);
            for (series, color) in chart.series.iter().zip(&colors) {
                let Some(value) = chart.drawable(series.values[i]) else { continue };
                let sum = if value < 0.0 { &mut down } else { &mut up };
                let from = if *sum == 0.0 { frame.wall() } else { frame.x(*sum) };
                *sum += value;
                let to = frame.x(*sum);
                if value != 0.0 {
                    scene.fill(sums::parted(from, to, *sum == value), top, to, bottom, *color);
                }
            }
            if let Some(size) = size.filter(|_| chart.show_values) {
                write(scene, &chart.unit.format(up + down), frame.x(up), frame.line(i), size, false);
            }
        }
    }
}
