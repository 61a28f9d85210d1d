//! The values that are written at bars.

use crate::plot::chart::Chart;
use crate::plot::scene::Scene;
use crate::plot::text::{Align, Text};

/// How the values of a chart are written at its bars: as large as none meets its neighbour, or not at all.
pub(super) struct ValueLabels {
    size: f64,
    upright: bool,
    pub height: f64,
}

impl ValueLabels {
    /// For these texts, each with `room` to itself from left to right; `None` if the chart wants none or none fit.
    pub(super) fn fitting(scene: &Scene, chart: &Chart, room: f64) -> Option<ValueLabels> {
        if !chart.show_values {
            return None;
        }
        let texts = || {
            let values = chart.series.iter().flat_map(|s| &s.values).filter_map(|&v| chart.drawable(v));
            values.map(|v| chart.unit.format(v))
        };
        for size in scene.look.values() {
            if texts().all(|text| scene.typeface.width(&text, size) + 3.0 <= room) {
                return Some(ValueLabels { size, upright: false, height: size });
            }
        }
        let size = scene.look.values().into_iter().find(|size| size * 1.1 <= room)?;
        let height = texts().map(|text| scene.typeface.width(&text, size)).fold(0.0, f64::max);
        Some(ValueLabels { size, upright: true, height })
    }

    /// Writes a value beyond the end of its bar.
    pub(super) fn write(&self, scene: &mut Scene, text: &str, x: f64, end: f64, below: bool) {
        let ink = scene.look.ink;
        let text = match (self.upright, below) {
            (false, false) => Text::new(text, x, end - 4.0, self.size, ink).align(Align::Middle),
            (false, true) => Text::new(text, x, end + 4.0 + self.size * 0.73, self.size, ink).align(Align::Middle),
            (true, below) => {
                Text::new(text, x + self.size * 0.36, if below { end + 4.0 } else { end - 4.0 }, self.size, ink)
                    .align(if below { Align::End } else { Align::Start })
                    .angle(90.0)
            }
        };
        scene.write(text);
    }
}
