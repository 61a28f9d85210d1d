//! A chart as data: what it shows and how the cell wants it, before anything is drawn; and what a mark is.

use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;

use crate::plot::frame::Frame;
use crate::plot::palette::{Color, Palette};
use crate::plot::paper::Drawing;
use crate::plot::scale::{Scale, Span};
use crate::plot::scene::Scene;
use crate::plot::theme::Theme;
use crate::table::Table;
use crate::table::moment;
use crate::table::unit::Unit;
use crate::words::Dimension;
use crate::{Error, Result};

/// One chart. A table makes it, builder verbs change it, and a cell that ends in it shows it.
///
/// ```
/// use streamroot::prelude::*;
///
/// let users = Table::new(vec![
///     Column::new("browser", Values::Text(vec![Some("Iron".into()), Some("Swamp".into())])),
///     Column::new("users", Values::Int(vec![Some(30), Some(10)])),
/// ])?;
/// let chart = users.bar().title("Users per browser").palette(BuGn.reversed()).values();
/// assert!(Figure::from(chart).to_svg()?.contains("Users per browser"));
/// # Ok::<(), streamroot::Error>(())
/// ```
///
/// The verbs never fail. What can't be drawn is said where the chart is shown or saved.
#[derive(Clone, Debug)]
pub struct Chart {
    /// How the data is drawn.
    pub(crate) mark: &'static dyn Mark,
    /// What the categories are, by column name: panels that show the same dimension agree on its order.
    pub(crate) dimension: String,
    pub(crate) title: String,
    pub(crate) x_label: String,
    pub(crate) y_label: String,
    /// Whether the categories follow each other, as ages and hours do, so that none of them can be left out.
    pub(crate) is_sequence: bool,
    /// What the cell has asked for in place of both.
    pub(crate) own_labels: (Option<String>, Option<String>),
    /// What the series are, where they are the values of a dimension.
    pub(crate) legend: String,
    /// What stands in a row, unless it is numbers.
    pub(crate) categories: Vec<Category>,
    /// The values of each category or number, one series or several. Rows of a heat map; the five numbers of a box.
    pub(crate) series: Vec<Series>,
    /// What the numbers below are, where those are not categories.
    pub(crate) across: Option<Across>,
    /// Where a histogram's bins begin and end, one more than there are values.
    pub(crate) edges: Vec<f64>,
    /// What a cell has drawn with plotters itself.
    pub(crate) drawing: Option<Drawing>,
    pub(crate) unit: Unit,
    /// Whether the values are counts, which add up.
    pub(crate) counted: bool,
    pub(crate) palette: Option<Palette>,
    /// How many steps of numbers the series are, beside those without a number.
    pub(crate) steps: Option<usize>,
    /// Whether the categories are in an order that the cell has asked for.
    pub(crate) ordered: bool,
    /// As many categories as are kept.
    pub(crate) top: Option<usize>,
    pub(crate) show_values: bool,
    pub(crate) log: bool,
    pub(crate) log_x: bool,
    pub(crate) size: Option<(u32, u32)>,
    pub(crate) theme: Option<Theme>,
    /// What a reader must know to read the chart rightly, in small letters below it.
    pub(crate) notes: Vec<String>,
    pub(crate) annotations: Vec<Annotation>,
    /// The categories that come first, as far as the cell has asked for an order of its own.
    pub(crate) order: Vec<String>,
    /// What the verbs have changed, to change the same in charts of parts of the table.
    pub(crate) changes: Vec<Change>,
    /// The column with a value for each part of the table, if it is to be drawn in parts.
    pub(crate) by: Option<Dimension>,
    /// The same chart for each part, once it is to be drawn.
    pub(crate) facets: Vec<Chart>,
    /// The values of the lightest and the darkest shade, where several charts have them in common.
    pub(crate) shaded: Option<(f64, f64)>,
    /// What it was made from, to make it again from a part of that.
    pub(crate) source: Option<Source>,
    /// Why there is nothing to draw, if that is so.
    pub(crate) problem: Option<Error>,
}

/// The numbers below a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Across {
    pub unit: Unit,
    pub scale: Scale,
}

impl Across {
    /// A number as a reader knows it.
    pub(crate) fn format(self, value: f64) -> String {
        if self.scale == Scale::Time { moment::moment(value as i64, 1) } else { self.unit.format(value) }
    }
}

/// A name on an axis or in a legend, with its number among all values of its dimension, which decides its colour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Category {
    pub label: String,
    pub place: usize,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Series {
    pub name: Category,
    /// As many as there are categories; `None` where there is nothing to show.
    pub values: Vec<Option<f64>>,
    /// Where each value stands, in a chart with numbers below.
    pub at: Vec<f64>,
    /// The interval around each value, where there is one.
    pub intervals: Vec<Option<(f64, f64)>>,
    /// How large each value is drawn, 0 to 1.
    pub sizes: Vec<f64>,
}

/// What a cell adds to a chart.
#[derive(Clone, Debug)]
pub(crate) enum Annotation {
    /// A line at a value.
    Rule(f64, String),
    /// What is between two values.
    Band(f64, f64, String),
    /// A text at a category or a number, and a value.
    Note(At, f64, String),
}

/// Where a note stands along a chart: at the category of that name, or at a number. See [`Chart::note_at`].
#[derive(Clone, Debug, PartialEq)]
pub enum At {
    /// A category, by its name.
    Name(String),
    /// A number on the axis below.
    Number(f64),
}

impl From<&str> for At {
    fn from(name: &str) -> At {
        At::Name(name.to_owned())
    }
}

impl From<f64> for At {
    fn from(number: f64) -> At {
        At::Number(number)
    }
}

impl From<i32> for At {
    fn from(number: i32) -> At {
        At::Number(number.into())
    }
}

/// What is at the left of a chart, or below it.
#[derive(Clone, Debug)]
pub(crate) enum Side {
    Names(Vec<Category>),
    Values(Span),
}

/// One way to draw data: bars, lines, dots. Each is a file of its own in `marks`.
pub(crate) trait Mark: Debug + Sync {
    /// Why a chart can't be drawn in this way, if that is so.
    fn check(&self, _chart: &Chart) -> Result<()> {
        Ok(())
    }

    /// What is at the left: an axis of the values unless a mark says otherwise.
    fn left(&self, chart: &Chart) -> Side {
        Side::Values(chart.span(Scale::FromZero))
    }

    /// What is below: the categories, or numbers where the chart has them.
    fn below(&self, chart: &Chart) -> Side {
        match chart.across {
            Some(across) => Side::Values(chart.span_across(across)),
            None => Side::Names(chart.categories.clone()),
        }
    }

    /// Whether colour tells series apart; else it tells categories apart.
    fn is_grouped(&self, chart: &Chart) -> bool {
        chart.series.len() > 1
    }

    /// The mark with its series on top of each other, if there is one.
    fn stacked(&self) -> Option<&'static dyn Mark> {
        None
    }

    /// The mark lying on its side, if there is one.
    fn lying(&self) -> Option<&'static dyn Mark> {
        None
    }

    /// How large each category is among the others, for the largest to be kept.
    fn sizes(&self, chart: &Chart) -> Vec<f64> {
        let size = |i: usize| chart.series.iter().filter_map(|s| s.values[i]).fold(f64::MIN, f64::max);
        (0..chart.categories.len()).map(size).collect()
    }

    /// Whether categories that are left out can be added up in one, "other".
    fn adds_up(&self) -> bool {
        false
    }

    /// Whether the values are what a logarithmic axis is for.
    fn logs_values(&self) -> bool {
        true
    }

    /// The values of the lightest and the darkest shade, if values are shades.
    fn shaded(&self, _chart: &Chart) -> Option<(f64, f64)> {
        None
    }

    /// Whether there can be more categories than can be read.
    fn folds(&self) -> bool {
        true
    }

    /// The room at the ends of the axis of values that value labels take, in points.
    fn headroom(&self, _chart: &Chart, _scene: &Scene, _slot: f64) -> f64 {
        0.0
    }

    fn draw(&self, chart: &Chart, frame: &Frame, scene: &mut Scene);
}

/// What a verb does to a chart.
#[derive(Clone)]
pub(crate) struct Change(pub Arc<dyn Fn(&mut Chart) + Send + Sync>);

impl Debug for Change {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Change")
    }
}

/// How a chart is made from a table and the columns that were asked for.
pub(crate) type Make = fn(&Table, &[&str]) -> Result<Chart>;

#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub table: Table,
    pub columns: Vec<String>,
    pub make: Make,
}

impl Source {
    pub(crate) fn chart(&self, table: &Table) -> Result<Chart> {
        let columns: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        (self.make)(table, &columns)
    }
}

impl Chart {
    pub(crate) fn new(mark: &'static dyn Mark) -> Chart {
        Chart {
            mark,
            dimension: String::new(),
            title: String::new(),
            x_label: String::new(),
            y_label: String::new(),
            is_sequence: false,
            own_labels: (None, None),
            legend: String::new(),
            categories: Vec::new(),
            series: Vec::new(),
            across: None,
            edges: Vec::new(),
            drawing: None,
            unit: Unit::Plain,
            counted: false,
            palette: None,
            steps: None,
            ordered: false,
            top: None,
            show_values: false,
            log: false,
            log_x: false,
            size: None,
            theme: None,
            notes: Vec::new(),
            annotations: Vec::new(),
            order: Vec::new(),
            changes: Vec::new(),
            by: None,
            facets: Vec::new(),
            shaded: None,
            source: None,
            problem: None,
        }
    }

    /// A chart of a table, or one that says why there is none.
    pub(crate) fn made(mark: &'static dyn Mark, table: &Table, columns: &[&str], make: Make) -> Chart {
        let columns = columns.iter().map(|name| (*name).to_owned()).collect();
        let source = Source { table: table.clone(), columns, make };
        let mut chart =
            source.chart(table).unwrap_or_else(|problem| Chart { problem: Some(problem), ..Chart::new(mark) });
        chart.notes.extend(table.note().map(str::to_owned));
        Chart { source: Some(source), ..chart }
    }

    /// Why the chart can't be drawn, if that is so.
    pub(crate) fn problem(&self) -> Option<Error> {
        let drawn = || match self.facets.is_empty() {
            true => self.mark.check(self).err(),
            false => self.facets.iter().find_map(Chart::problem),
        };
        self.problem.clone().or_else(drawn)
    }

    /// A value that can be drawn: a number, and above 0 where the axis is logarithmic.
    pub(crate) fn drawable(&self, value: Option<f64>) -> Option<f64> {
        value.filter(|v| v.is_finite() && (!self.log || !self.mark.logs_values() || *v > 0.0))
    }

    /// All values that can be drawn, those at the ends of intervals too.
    pub(crate) fn all_values(&self) -> impl Iterator<Item = f64> + '_ {
        let ends = |s: &'_ Series| s.intervals.iter().flatten().flat_map(|(a, b)| [*a, *b]).collect::<Vec<_>>();
        self.series
            .iter()
            .flat_map(move |s| s.values.iter().flatten().copied().chain(ends(s)))
            .filter_map(|v| self.drawable(Some(v)))
    }

    /// The axis of the values.
    pub(crate) fn span(&self, scale: Scale) -> Span {
        self.span_of(self.all_values(), scale)
    }

    pub(crate) fn span_of(&self, values: impl Iterator<Item = f64>, scale: Scale) -> Span {
        if !self.log {
            return span(values, self.unit, scale);
        }
        let span = span(values, self.unit, Scale::Log);
        // What has a length has one where it is smallest, too.
        if scale == Scale::FromZero { Span { low: span.low * 0.7, ..span } } else { span }
    }

    /// The axis of the numbers below.
    fn span_across(&self, across: Across) -> Span {
        span(self.series.iter().flat_map(|s| s.at.iter().copied()), across.unit, across.scale)
    }

    /// The colours of `names`: by their order in a palette that was asked for, or else by their own places.
    pub(crate) fn colors<'a>(&self, names: impl ExactSizeIterator<Item = &'a Category>) -> Vec<Color> {
        const OTHER: Color = Color(0x94, 0x94, 0x94);
        match (&self.palette, self.steps) {
            (Some(palette), Some(steps)) => {
                let shades = palette.pick(steps);
                names.map(|name| shades.get(name.place).copied().unwrap_or(OTHER)).collect()
            }
            (Some(palette), None) => palette.pick(names.len()),
            (None, _) => {
                let palette = Palette::default();
                names
                    .map(|name| match name.place {
                        usize::MAX => OTHER,
                        place => palette.pick(place % 10 + 1).pop().unwrap_or(OTHER),
                    })
                    .collect()
            }
        }
    }

    /// The colours of the categories. Many that follow each other have one in common: their places tell them apart.
    pub(crate) fn category_colors(&self) -> Vec<Color> {
        let one = self.is_sequence && self.palette.is_none() && self.categories.len() > 10;
        let first =
            self.categories.iter().map(|name| Category { place: if one { 0 } else { name.place }, ..name.clone() });
        self.colors(first.collect::<Vec<_>>().iter())
    }

    /// The colours of the series.
    pub(crate) fn series_colors(&self) -> Vec<Color> {
        self.colors(self.series.iter().map(|s| &s.name))
    }
}

/// What an axis of these values spans.
pub(crate) fn span(values: impl Iterator<Item = f64>, unit: Unit, scale: Scale) -> Span {
    let (low, high) =
        values.filter(|v| v.is_finite()).fold((f64::NAN, f64::NAN), |(low, high), v| (v.min(low), v.max(high)));
    Span { low, high, unit, scale }
}
