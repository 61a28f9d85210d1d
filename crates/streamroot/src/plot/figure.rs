//! A figure: one chart or several side by side, and what they have in common.

use std::collections::{HashMap, HashSet};

use crate::plot::chart::{Category, Chart, Series};
use crate::plot::layout;
use crate::plot::paper::Area;
use crate::plot::read::distinct;
use crate::plot::scene::Scene;
use crate::plot::theme::Theme;
use crate::{Error, Result};

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
    theme: Option<Theme>,
}

/// The sizes, in points, that are drawn; others are brought into this range.
const SIZES: std::ops::RangeInclusive<u32> = 100..=4000;

impl Figure {
    /// Charts in a row, from left to right.
    pub fn row(charts: impl Into<Vec<Chart>>) -> Figure {
        Figure::of(charts.into())
    }

    /// A chart that is drawn with plotters itself, `width` times `height` points large: whatever plotters can draw, on the
    /// same paper and in the same letters as all others. It is shown, saved and put in a row as they are.
    ///
    /// `use plotters::prelude::*;` brings plotters' names into a cell. Two of them are names of this crate as well, `Color`
    /// and `Palette`: they mean this crate's, and plotters' methods of these two traits (`RED.mix(0.5)`, `BLUE.filled()`,
    /// `Palette99::pick(3)`) work all the same.
    ///
    /// One of plotters' pixels is a point, so that its sizes of type and its widths of lines are those of a page. Black is
    /// drawn in the theme's ink, and white in its paper.
    ///
    /// ```
    /// use streamroot::prelude::*;
    /// use streamroot::plotters::prelude::*;
    ///
    /// let figure = Figure::draw(640, 400, |area| {
    ///     let mut chart = ChartBuilder::on(area).margin(20).x_label_area_size(30).y_label_area_size(50)
    ///         .build_cartesian_2d(0f64..9f64, 0f64..1f64)?;
    ///     chart.configure_mesh().draw()?;
    ///     chart.draw_series(LineSeries::new((0..9).map(|i| (i as f64, 1.0 / (i + 1) as f64)), &BLUE))?;
    ///     Ok(())
    /// });
    /// assert!(Figure::from(figure).to_svg()?.contains("<polyline"));
    /// # Ok::<(), streamroot::Error>(())
    /// ```
    ///
    /// What `draw` returns as an error is said where the chart is shown or saved.
    #[must_use]
    pub fn draw(
        width: u32,
        height: u32,
        draw: impl FnOnce(&Area) -> std::result::Result<(), Box<dyn std::error::Error>>,
    ) -> Chart {
        let bounded = |length: u32| length.clamp(*SIZES.start(), *SIZES.end());
        Chart::drawn(bounded(width), bounded(height), draw)
    }

    fn of(charts: Vec<Chart>) -> Figure {
        let charts = charts
            .into_iter()
            .map(|chart| {
                let mut chart = chart.finished();
                if chart.problem.is_none() {
                    chart.facets = agreeing(with_all_series(chart.facets), true);
                }
                chart
            })
            .collect();
        Figure { charts: agreeing(charts, false), shared_y: true, title: String::new(), size: None, theme: None }
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

    /// What the figure is made for: a light page, a dark one, or print.
    #[must_use]
    pub fn theme(mut self, theme: Theme) -> Figure {
        self.theme = Some(theme);
        self
    }

    /// The figure as shapes and text.
    pub(crate) fn drawn(&self) -> Result<Scene> {
        if let Some(problem) = self.charts.iter().find_map(Chart::problem) {
            return Err(problem);
        }
        if self.charts.is_empty() {
            return Err(Error::Figure("a row without charts shows nothing: put one into it".to_owned()));
        }
        if self.charts.len() > 1 && self.charts.iter().any(|chart| !chart.facets.is_empty()) {
            return Err(Error::Figure(
                "a chart with `.facet(…)` is a figure of its own: take it out of the row".to_owned(),
            ));
        }
        let (width, height) = match (self.size, self.charts.as_slice()) {
            (Some(size), _) => size,
            (None, [chart]) => chart.size.unwrap_or_else(|| usual_size(chart)),
            (None, charts) => (480 * charts.len().max(1) as u32, 400),
        };
        let bounded = |length: u32| length.clamp(*SIZES.start(), *SIZES.end());
        let theme = self.theme.or_else(|| self.charts.iter().find_map(|chart| chart.theme));
        let theme = theme.unwrap_or_else(Theme::of_environment);
        let is_given =
            self.size.is_some() || self.charts.iter().all(|chart| chart.facets.is_empty() || chart.size.is_some());
        let mut height = height;
        loop {
            let mut scene = Scene::new(bounded(width), bounded(height), theme)?;
            match layout::draw(&self.charts, self.shared_y, &self.title, &mut scene) {
                // Names and notes take more room than they usually do.
                Err(_) if !is_given && height < *SIZES.end() => height += height / 4,
                drawn => return drawn.map(|()| scene),
            }
        }
    }
}

/// Small multiples need more room the more of them there are.
fn usual_size(chart: &Chart) -> (u32, u32) {
    match chart.facets.len() as u32 {
        0 => (640, 400),
        n => (760, (n.div_ceil(4) * 190 + 90).max(300)),
    }
}

impl From<Chart> for Figure {
    fn from(chart: Chart) -> Figure {
        Figure::of(vec![chart])
    }
}

/// Gives small multiples the series of each other, so that a palette gives them the same colours in all.
fn with_all_series(charts: Vec<Chart>) -> Vec<Chart> {
    let all: Vec<Category> = charts.iter().flat_map(|chart| &chart.series).map(|series| series.name.clone()).collect();
    let mut names = distinct(&all);
    names.sort_by_key(|name| name.place);
    let completed = |chart: &Chart| {
        let (count, at) = chart.series.first().map_or((0, Vec::new()), |s| (s.values.len(), s.at.clone()));
        let absent = |name: &Category| Series {
            name: name.clone(),
            values: vec![None; count],
            at: at.clone(),
            ..Series::default()
        };
        let own = |name: &Category| chart.series.iter().find(|s| s.name == *name).cloned();
        let series = names.iter().map(|name| own(name).unwrap_or_else(|| absent(name))).collect();
        Chart { series, ..chart.clone() }
    };
    let completed: Vec<Chart> = charts.iter().map(completed).collect();
    if completed.iter().any(|chart| chart.mark.is_grouped(chart)) { completed } else { charts }
}

/// Brings charts of the same dimension to the same categories in the same order: that of the first which a cell has put
/// in order, or else of the first.
fn agreeing(mut charts: Vec<Chart>, are_folded_alike: bool) -> Vec<Chart> {
    for i in 0..charts.len() {
        let dimension = charts[i].dimension.clone();
        let alike = |chart: &Chart| {
            let is_whole =
                are_folded_alike || chart.top.is_none() && chart.categories.iter().all(|c| c.place != usize::MAX);
            chart.dimension == dimension && !dimension.is_empty() && is_whole && can_agree(chart)
        };
        if charts[..i].iter().any(alike) || charts.iter().filter(|chart| alike(chart)).count() < 2 {
            continue;
        }
        let first = charts.iter().position(|chart| alike(chart) && chart.ordered).unwrap_or(i);
        let others = charts.iter().filter(|chart| alike(chart)).flat_map(|chart| &chart.categories);
        let mut seen = HashSet::new();
        let all = charts[first].categories.iter().chain(others);
        let order: Vec<Category> = all.filter(|category| seen.insert(&category.label)).cloned().collect();
        charts = charts.into_iter().map(|chart| if alike(&chart) { in_order(chart, &order) } else { chart }).collect();
    }
    charts
}

/// Whether each category of a chart is there once. Of others no order can be told.
fn can_agree(chart: &Chart) -> bool {
    let mut seen = HashSet::new();
    let mut labels = chart.categories.iter().map(|category| &category.label);
    chart.problem.is_none() && !chart.categories.is_empty() && labels.all(|label| seen.insert(label))
}

/// A chart with these categories; those it did not have count 0, or have no value if they aren't counts.
fn in_order(mut chart: Chart, order: &[Category]) -> Chart {
    let absent = chart.counted.then_some(0.0);
    let places: HashMap<&str, usize> = chart.categories.iter().enumerate().map(|(i, c)| (&*c.label, i)).collect();
    let order = order.iter().map(|known| (known.clone(), places.get(&*known.label).copied())).collect();
    chart.rearrange(order, absent);
    chart
}
