//! Dumbbells: two or more values of each category on one line, and how far they are from each other.

use crate::plot::chart::{Chart, Mark, Side};
use crate::plot::frame::Frame;
use crate::plot::read;
use crate::plot::scale::Scale;
use crate::plot::scene::Scene;
use crate::table::Table;

impl Table {
    /// The values of several columns on a line for each row: `.dumbbell(&["mean", "same mix"])`. The first column names the
    /// lines.
    pub fn dumbbell(&self, columns: &[&str]) -> Chart {
        Chart::made(&Dumbbell, self, columns, |table, columns| {
            let mut chart = read::once(read::categories(&Dumbbell, table, columns)?)?;
            std::mem::swap(&mut chart.x_label, &mut chart.y_label);
            Ok(chart)
        })
    }
}

#[derive(Debug)]
struct Dumbbell;

impl Mark for Dumbbell {
    fn left(&self, chart: &Chart) -> Side {
        Side::Names(chart.categories.clone())
    }

    fn below(&self, chart: &Chart) -> Side {
        Side::Values(chart.span(Scale::Data))
    }

    fn draw(&self, chart: &Chart, frame: &Frame, scene: &mut Scene) {
        let colors = chart.series_colors();
        for i in 0..chart.categories.len() {
            let y = frame.line(i);
            let ends: Vec<(f64, _)> = chart
                .series
                .iter()
                .zip(&colors)
                .filter_map(|(series, color)| Some((frame.x(chart.drawable(series.values[i])?), *color)))
                .collect();
            let least = ends.iter().map(|end| end.0).fold(f64::MAX, f64::min);
            let most = ends.iter().map(|end| end.0).fold(f64::MIN, f64::max);
            if least < most {
                scene.horizontal(y, least, most, 3.0, scene.look.baseline);
            }
            for (k, (x, color)) in ends.iter().enumerate() {
                // Where values are equal, those below show as rings.
                let above = ends[k + 1..].iter().filter(|other| (other.0 - x).abs() < 2.5).count();
                scene.dot(*x, y, 6.0 + 2.5 * above as f64, *color);
            }
        }
    }
}
