//! A figure: one chart or several side by side, and how it reaches the page or a file.

use std::path::Path;

use crate::chart::{Category, Chart, Kind};
use crate::scene::Scene;
use crate::unit::Unit;
use crate::{Error, Result, layout, show};

/// Charts side by side. They share their vertical axis unless told otherwise, and where they show the same dimension, they
/// share its order.
///
/// A cell that ends in a figure shows it, as SVG and as a PNG of twice the size.
///
/// ```no_run
/// use streamroot::prelude::*;
///
/// let sessions = Sessions::open("../data/sessions.csv")?;
/// Figure::row([
///     sessions.count_by(Isp)?.bar().title("Users per ISP").palette(Blues),
///     sessions.count_by(Browser)?.bar().title("Users per browser").palette(BuGn.reversed()),
/// ])
/// .save("users.png")?;
/// # Ok::<(), streamroot::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Figure {
    pub(crate) charts: Vec<Chart>,
    pub(crate) shared_y: bool,
    pub(crate) title: String,
    size: Option<(u32, u32)>,
}

/// The sizes, in points, that are drawn; others are brought into this range.
const SIZES: std::ops::RangeInclusive<u32> = 100..=4000;

impl Figure {
    /// Charts in a row, from left to right.
    pub fn row(charts: impl Into<Vec<Chart>>) -> Figure {
        Figure::of(charts.into())
    }

    fn of(charts: Vec<Chart>) -> Figure {
        Figure { charts: agreeing(charts), shared_y: true, title: String::new(), size: None }
    }

    /// Gives each chart a vertical axis of its own.
    #[must_use]
    pub fn own_y(mut self) -> Figure {
        self.shared_y = false;
        self
    }

    /// A title above all charts.
    #[must_use]
    pub fn title(mut self, title: &str) -> Figure {
        title.clone_into(&mut self.title);
        self
    }

    /// The size in points, as CSS has them: 640 by 400 for one chart, and 480 in width for each of several, unless it is
    /// set.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Figure {
        self.size = Some((width, height));
        self
    }

    fn drawn(&self) -> Result<Scene> {
        if let Some(problem) = self.charts.iter().find_map(|chart| chart.problem.clone()) {
            return Err(problem);
        }
        let (width, height) = match (self.size, self.charts.as_slice()) {
            (Some(size), _) => size,
            (None, [chart]) => chart.size.unwrap_or((640, 400)),
            (None, charts) => (480 * charts.len().max(1) as u32, 400),
        };
        let bounded = |length: u32| length.clamp(*SIZES.start(), *SIZES.end());
        let (width, height) = (bounded(width), bounded(height));
        let mut scene = Scene::new(width, height)?;
        layout::draw(self, &mut scene, f64::from(width), f64::from(height));
        Ok(scene)
    }

    /// The figure as PNG, with two pixels a point.
    ///
    /// # Errors
    /// [`Error::Figure`] when a chart can't be drawn, with the reason.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        self.drawn()?.png()
    }

    /// The figure as SVG.
    ///
    /// # Errors
    /// [`Error::Figure`] when a chart can't be drawn, with the reason.
    pub fn to_svg(&self) -> Result<String> {
        self.drawn()?.svg()
    }

    /// Writes the figure to a file, as PNG or SVG by its ending.
    ///
    /// # Errors
    /// [`Error::Figure`] when a chart can't be drawn, when the file can't be written, or at another ending.
    pub fn save(&self, path: &str) -> Result<()> {
        let ending = Path::new(path).extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        let bytes = match ending.as_deref() {
            Some("png") => self.to_png()?,
            Some("svg") => self.to_svg()?.into_bytes(),
            _ => return Err(Error::Figure(format!("{path:?} ends neither in .png nor in .svg: name one of the two"))),
        };
        std::fs::write(path, bytes).map_err(|e| Error::Figure(format!("the figure can't be written to {path:?}: {e}")))
    }

    /// Shows the figure as a cell's output: SVG, PNG, and its values as text.
    pub fn evcxr_display(&self) {
        let drawn = self.drawn().and_then(|scene| Ok((scene.png()?, scene.svg()?)));
        match drawn {
            Ok((png, svg)) => show::bundle(&[
                ("image/png", &show::base64(&png)),
                ("image/svg+xml", &svg),
                ("text/plain", &self.to_string()),
            ]),
            Err(error) => show::failed(&error),
        }
    }
}

impl From<Chart> for Figure {
    fn from(chart: Chart) -> Figure {
        Figure::of(vec![chart])
    }
}

/// Brings charts of the same dimension to the same categories in the same order: that of the first which a cell has put
/// in order, or else of the first.
fn agreeing(mut charts: Vec<Chart>) -> Vec<Chart> {
    for i in 0..charts.len() {
        let dimension = charts[i].dimension.clone();
        let alike =
            |chart: &Chart| chart.dimension == dimension && !dimension.is_empty() && chart.kind != Kind::Histogram;
        if charts[..i].iter().any(alike) || charts.iter().filter(|chart| alike(chart)).count() < 2 {
            continue;
        }
        let first = charts.iter().position(|chart| alike(chart) && chart.ordered).unwrap_or(i);
        let mut order: Vec<Category> = charts[first].categories.clone();
        for chart in charts.iter().filter(|chart| alike(chart)) {
            for category in &chart.categories {
                if !order.iter().any(|known| known.label == category.label) {
                    order.push(category.clone());
                }
            }
        }
        charts = charts.into_iter().map(|chart| if alike(&chart) { in_order(chart, &order) } else { chart }).collect();
    }
    charts
}

/// A chart with these categories; those it did not have count 0, or have no value if they aren't counts.
fn in_order(mut chart: Chart, order: &[Category]) -> Chart {
    let absent = (chart.unit == Unit::Count).then_some(0.0);
    let places: Vec<Option<usize>> =
        order.iter().map(|known| chart.categories.iter().position(|c| c.label == known.label)).collect();
    for series in &mut chart.series {
        series.values = places.iter().map(|place| place.map_or(absent, |i| series.values[i])).collect();
    }
    chart.categories = order.to_vec();
    chart
}

/// The values of all charts, for those who can't see them.
impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, chart) in self.charts.iter().enumerate() {
            let title = if chart.title.is_empty() { &chart.y_label } else { &chart.title };
            write!(f, "{}{title}:", if i == 0 { "" } else { "\n" })?;
            for series in &chart.series {
                if chart.series.len() > 1 {
                    write!(f, "\n  {}:", series.name.label)?;
                }
                for (j, value) in series.values.iter().enumerate() {
                    let label = match chart.categories.get(j) {
                        Some(category) => category.label.clone(),
                        None => chart.edges.0.get(j).map_or(String::new(), |edge| chart.edges.1.format(*edge)),
                    };
                    let value = value.map_or("–".to_owned(), |v| chart.unit.format(v));
                    write!(f, "{} {label} {value}", if j == 0 { "" } else { "," })?;
                }
            }
        }
        Ok(())
    }
}
