//! Dots: two columns against each other, with a third as colour and a fourth as size.

use crate::plot::chart::{Across, Category, Chart, Mark, Series, Side};
use crate::plot::frame::Frame;
use crate::plot::marks::intervals::{self, Whisker};
use crate::plot::palette::{Blues, Color, Palette};
use crate::plot::read;
use crate::plot::scale::{self, Scale};
use crate::plot::scene::Scene;
use crate::table::unit::Unit;
use crate::table::{Column, Table};
use crate::{Error, Result};

impl Table {
    /// A dot for each row: one column from left to right, another from bottom to top. The first may be numbers, dates or
    /// names.
    ///
    /// ```no_run
    /// use streamroot::prelude::*;
    ///
    /// let sessions = Sessions::open("../data/sessions.csv")?;
    /// sessions.sample(2_000)?.dots("cdn", "p2p").color_by("isp").title("Sessions").save("dots.png")?;
    /// # Ok::<(), streamroot::Error>(())
    /// ```
    pub fn dots(&self, x: &str, y: &str) -> Chart {
        Chart::made(&Dots, self, &[x, y, "", ""], read_dots)
    }
}

impl Chart {
    /// Dots in the colours of a column: its names, or five steps of its numbers.
    pub fn color_by(self, column: &str) -> Chart {
        self.by(2, column)
    }

    /// Dots as large as a column's numbers say.
    pub fn size_by(self, column: &str) -> Chart {
        self.by(3, column)
    }

    fn by(mut self, place: usize, column: &str) -> Chart {
        let made = match &mut self.source {
            Some(source) if source.columns.len() == 4 => {
                column.clone_into(&mut source.columns[place]);
                source.chart(&source.table)
            }
            _ => {
                Err(Error::Figure("only dots have a colour or a size by a column: begin with `.dots(x, y)`".to_owned()))
            }
        };
        match made {
            Ok(made) => {
                (self.series, self.legend, self.mark, self.steps) = (made.series, made.legend, made.mark, made.steps);
                if self.palette.is_none() {
                    self.palette = made.palette;
                }
                let note = self.source.as_ref().and_then(|source| source.table.note().map(str::to_owned));
                self.notes = made.notes.into_iter().chain(note).collect();
            }
            Err(problem) => {
                self.problem.get_or_insert(problem);
            }
        }
        self
    }
}

#[derive(Debug)]
struct Dots;

fn read_dots(table: &Table, columns: &[&str]) -> Result<Chart> {
    let [x, y, color, size] = columns else {
        return Err(Error::Figure("dots need two columns".to_owned()));
    };
    let (x, y) = (table.column(x)?, table.column(y)?);
    if !read::is_number(y) {
        return Err(Error::Figure(format!("column {:?} can't be drawn, it has no numbers", y.name())));
    }
    let mut chart =
        Chart { x_label: read::axis_name(x.name()), y_label: y.name().to_owned(), unit: y.unit(), ..Chart::new(&Dots) };
    let at: Vec<Option<f64>> = match read::positions(x) {
        Some((across, at)) => {
            chart.across = Some(across);
            at
        }
        None => {
            let names = read::named(x);
            x.name().clone_into(&mut chart.dimension);
            chart.categories = read::distinct(&names);
            let places = read::numbered(&chart.categories);
            names.iter().map(|name| places.get(name).map(|&place| place as f64)).collect()
        }
    };
    let names = if color.is_empty() {
        vec![Category { label: y.name().to_owned(), place: 0 }; table.rows()]
    } else {
        let column = table.column(color)?;
        chart.legend = read::axis_name(color);
        match steps(column) {
            Some(names) => {
                (chart.palette, chart.steps) = (Some(shades()), Some(STEPS));
                names
            }
            None => read::named(column),
        }
    };
    let sizes = if size.is_empty() { Vec::new() } else { table.numbers(size)? };
    let largest = sizes.iter().flatten().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
    if !size.is_empty() {
        if largest <= 0.0 {
            return Err(Error::Figure(format!(
                "column {size:?} has no number above 0 that a dot could be as large as"
            )));
        }
        let unit = table.column(size)?.unit();
        chart.notes.push(format!("size of a dot: {size}, the largest {}", unit.format(largest)));
        let small = sizes.iter().filter(|size| size.is_none_or(|size| !size.is_finite() || size <= 0.0)).count();
        if small > 0 {
            chart.notes.push(format!("{} without a size above 0", Unit::Count.format(small as f64)));
        }
    }
    let nowhere = at.iter().filter(|at| at.is_none()).count();
    if nowhere > 0 {
        chart.notes.push(format!("{} without {}", Unit::Count.format(nowhere as f64), x.name()));
    }
    let around = read::intervals(table, y);
    let mut order = read::distinct(&names);
    order.sort_by_key(|name| name.place);
    chart.series = order.iter().map(|name| Series { name: name.clone(), ..Series::default() }).collect();
    let places = read::numbered(&order);
    for (row, (name, at)) in names.iter().zip(at).enumerate() {
        let (Some(&place), Some(at)) = (places.get(name), at) else { continue };
        let series = &mut chart.series[place];
        series.at.push(at);
        series.values.push(y.number(row));
        series.intervals.push(around.get(row).copied().flatten());
        if let Some(size) = sizes.get(row) {
            let part = size.filter(|v| v.is_finite() && *v > 0.0 && largest > 0.0).map_or(0.0, |v| v / largest);
            series.sizes.push(part);
        }
    }
    Ok(chart)
}

/// As many steps of numbers as can be told apart.
const STEPS: usize = 6;

/// From light to dark, none so light that a dot is lost on paper.
fn shades() -> Palette {
    let shades = Blues.pick(STEPS + 2);
    Palette::from(std::array::from_fn::<Color, STEPS, _>(|i| shades[i + 2]))
}

/// Numbers in steps of equal width; `None` for names, and for numbers that are names.
fn steps(column: &Column) -> Option<Vec<Category>> {
    if !read::is_number(column) || column.unit() == Unit::Label {
        return None;
    }
    let values: Vec<Option<f64>> = (0..column.values().len()).map(|row| column.number(row)).collect();
    let finite = || values.iter().flatten().copied().filter(|v| v.is_finite());
    let (low, high) = (finite().fold(f64::MAX, f64::min), finite().fold(f64::MIN, f64::max));
    let edges = scale::steps(low, high, column.unit(), STEPS as f64 - 1.0);
    let missing = Category { label: "–".to_owned(), place: STEPS };
    let name = |value: Option<f64>| {
        let value = value.filter(|v| v.is_finite())?;
        // At an edge between two steps a number counts in the upper one, at the end in the last.
        let steps = edges.len().checked_sub(1)?.min(STEPS);
        let place = (1..steps).take_while(|i| value >= edges[*i].0).count();
        Some(Category { label: format!("{} to {}", edges[place].1, edges.get(place + 1)?.1), place })
    };
    Some(values.iter().map(|value| name(*value).unwrap_or_else(|| missing.clone())).collect())
}

impl Mark for Dots {
    fn left(&self, chart: &Chart) -> Side {
        Side::Values(chart.span(Scale::Data))
    }

    fn below(&self, chart: &Chart) -> Side {
        match chart.across {
            Some(Across { unit, scale }) => {
                let at = chart.series.iter().flat_map(|s| s.at.iter().copied());
                Side::Values(crate::plot::chart::span(at, unit, scale))
            }
            None => Side::Names(chart.categories.clone()),
        }
    }

    fn folds(&self) -> bool {
        false
    }

    /// How many dots stand over each name.
    fn sizes(&self, chart: &Chart) -> Vec<f64> {
        let mut sizes = vec![0.0; chart.categories.len()];
        for at in chart.series.iter().flat_map(|series| &series.at) {
            if let Some(size) = sizes.get_mut(*at as usize) {
                *size += 1.0;
            }
        }
        sizes
    }

    fn draw(&self, chart: &Chart, frame: &Frame, scene: &mut Scene) {
        let count: usize = chart.series.iter().map(|series| series.at.len()).sum();
        // The more there are, the smaller and the fainter each, for their crowd to be seen.
        let (radius, alpha) = match count {
            0..=60 => (5.0, 0.9),
            61..=600 => (3.5, 0.65),
            _ => (2.5, 0.4),
        };
        let mut dots = Vec::new();
        for (series, color) in chart.series.iter().zip(chart.series_colors()) {
            for (i, value) in series.values.iter().enumerate() {
                let Some(value) = chart.drawable(*value) else { continue };
                let at = series.at[i];
                let x = if chart.across.is_some() { frame.x(at) } else { frame.column(at as usize) };
                if let Some((low, high)) = intervals::drawable(chart, series, i) {
                    Whisker { low: frame.y(low), high: frame.y(high), at: x, half: 4.0 }.draw(scene, color);
                }
                let radius = series.sizes.get(i).map_or(radius, |part| 2.5 + 11.0 * part.sqrt());
                dots.push((x, frame.y(value), radius, color));
            }
        }
        // The large ones first, so that they hide no small one.
        dots.sort_by(|a, b| b.2.total_cmp(&a.2));
        for (x, y, radius, color) in dots {
            scene.dot(x, y, radius, color.alpha(alpha));
        }
    }
}
