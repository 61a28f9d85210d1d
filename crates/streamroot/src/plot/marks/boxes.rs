//! Box plots: how values spread within each category.

use crate::plot::chart::{Category, Chart, Mark, Series};
use crate::plot::frame::Frame;
use crate::plot::marks::WIDEST_BAR;
use crate::plot::read;
use crate::plot::scene::Scene;
use crate::table::{Column, Table};
use crate::{Error, Result};

/// The names of a box plot's five numbers, as [`Sessions::spread_by`](crate::Sessions::spread_by) gives them.
const FIVE_NUMBERS: [&str; 5] = ["p5", "p25", "median", "p75", "p95"];

impl Table {
    /// Box plots, of a table that [`Sessions::spread_by`](crate::Sessions::spread_by) has made: a box from the first to the
    /// third quartile with a line at the median, whiskers from the 5th to the 95th percentile, a dot at the mean.
    pub fn boxes(&self) -> Chart {
        Chart::made(&Boxes, self, &FIVE_NUMBERS, read_boxes)
    }
}

#[derive(Debug)]
struct Boxes;

fn read_boxes(table: &Table, columns: &[&str]) -> Result<Chart> {
    if columns.iter().any(|name| table.column(name).is_err()) {
        let sentence = "box plots are drawn of what `spread_by` gives, such as `sessions.spread_by(Isp, Cdn)?.boxes()`";
        return Err(Error::Figure(sentence.to_owned()));
    }
    if table.columns().first().is_some_and(Column::is_counted) {
        let sentence = "box plots need a first column that names them: `.facet(…)` takes a dimension of its own";
        return Err(Error::Figure(sentence.to_owned()));
    }
    let mut chart = read::categories(&Boxes, table, columns)?;
    if let Ok(mean) = table.column("mean")
        && let Some(name) = chart.series.first().map(|s| s.name.clone())
    {
        let values = (0..table.rows()).map(|row| mean.number(row)).collect();
        let name = Category { label: "mean".to_owned(), ..name };
        chart.series.push(Series { name, values, ..Series::default() });
    }
    chart.notes.push("box: middle half of the sessions, line: median, dot: mean, whiskers: 5 % to 95 %".to_owned());
    Ok(chart)
}

impl Mark for Boxes {
    fn is_grouped(&self, _chart: &Chart) -> bool {
        false
    }

    fn draw(&self, chart: &Chart, frame: &Frame, scene: &mut Scene) {
        let colors = chart.category_colors();
        let wide = (frame.slot() * 0.6).min(WIDEST_BAR * 0.7);
        let (ink, soft, paper) = (scene.look.ink, scene.look.soft, scene.look.paper);
        for (i, color) in colors.iter().enumerate() {
            let number = |k: usize| chart.series.get(k).and_then(|s| chart.drawable(s.values[i]));
            let (Some(low), Some(q1), Some(median), Some(q3), Some(high)) =
                (number(0), number(1), number(2), number(3), number(4))
            else {
                continue;
            };
            let [low, q1, median, q3, high] = [low, q1, median, q3, high].map(|v| frame.y(v));
            let (x, half) = (frame.column(i), wide / 2.0);
            scene.vertical(x, high, low, 1.0, soft);
            for end in [low, high] {
                scene.horizontal(end, x - half * 0.5, x + half * 0.5, 1.0, soft);
            }
            scene.fill(x - half, q3, x + half, q1, *color);
            scene.horizontal(median, x - half, x + half, 2.0, ink);
            if let Some(mean) = number(5) {
                let mean = frame.y(mean);
                scene.dot(x, mean, 4.0, ink);
                scene.dot(x, mean, 3.0, paper);
            }
        }
    }
}
