//! A chart as data: what it shows and how the cell wants it, before anything is drawn.

use crate::figure::Figure;
use crate::palette::{Color, Palette};
use crate::table::{Column, Table, Values};
use crate::unit::Unit;
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
    pub(crate) kind: Kind,
    /// What the categories are, by column name: panels that show the same dimension agree on its order.
    pub(crate) dimension: String,
    pub(crate) title: String,
    pub(crate) x_label: String,
    pub(crate) y_label: String,
    /// What the series are, where they are the values of a dimension.
    pub(crate) legend: String,
    pub(crate) categories: Vec<Category>,
    /// The values of each category, one series or several. Rows of a heat map; the five numbers of a box.
    pub(crate) series: Vec<Series>,
    /// Where a histogram's bins begin and end, one more than there are values, with their unit.
    pub(crate) edges: (Vec<f64>, Unit),
    pub(crate) unit: Unit,
    pub(crate) palette: Option<Palette>,
    /// Whether the cell has asked for an order of its own.
    pub(crate) ordered: bool,
    pub(crate) show_values: bool,
    pub(crate) log: bool,
    pub(crate) size: Option<(u32, u32)>,
    /// What a reader must know to read the chart rightly, in small letters below it.
    pub(crate) notes: Vec<String>,
    /// Why there is nothing to draw, if that is so.
    pub(crate) problem: Option<Error>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Bars, those of several series side by side.
    Bars,
    /// Bars, those of several series on top of each other.
    Stacked,
    Heat,
    Boxes,
    Histogram,
}

/// A name on an axis or in a legend, with its number among all values of its dimension, which decides its colour.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Category {
    pub label: String,
    pub place: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub name: Category,
    /// As many as there are categories; `None` where there is nothing to show.
    pub values: Vec<Option<f64>>,
}

/// More bars than these can't be read; what is beyond becomes one bar, "other", or is left out with a note.
const MOST_CATEGORIES: usize = 40;

/// The names of a box plot's five numbers, as [`Sessions::spread_by`](crate::Sessions::spread_by) gives them.
pub(crate) const FIVE_NUMBERS: [&str; 5] = ["p5", "p25", "median", "p75", "p95"];

impl Chart {
    fn new(kind: Kind) -> Chart {
        Chart {
            kind,
            dimension: String::new(),
            title: String::new(),
            x_label: String::new(),
            y_label: String::new(),
            legend: String::new(),
            categories: Vec::new(),
            series: Vec::new(),
            edges: (Vec::new(), Unit::Plain),
            unit: Unit::Plain,
            palette: None,
            ordered: false,
            show_values: false,
            log: false,
            size: None,
            notes: Vec::new(),
            problem: None,
        }
    }

    fn or_problem(kind: Kind, made: Result<Chart>) -> Chart {
        made.map(Chart::folded).unwrap_or_else(|error| Chart { problem: Some(error), ..Chart::new(kind) })
    }

    /// Bars for the last column of numbers, or for all of `columns`.
    pub(crate) fn bars(table: &Table, columns: &[&str]) -> Chart {
        Chart::or_problem(Kind::Bars, Chart::from_columns(Kind::Bars, table, columns))
    }

    pub(crate) fn heat(table: &Table) -> Chart {
        let made = Chart::from_columns(Kind::Heat, table, &[]).and_then(|chart| match labels(table).len() {
            2 => Ok(Chart { show_values: true, ..chart.turned() }),
            n => Err(Error::Figure(format!(
                "a heat map needs two columns of names and one of numbers, but the table has {n} of names: count by two \
                 dimensions, such as [Isp, Browser]"
            ))),
        });
        Chart::or_problem(Kind::Heat, made)
    }

    pub(crate) fn boxes(table: &Table) -> Chart {
        let mut made = Chart::from_columns(Kind::Boxes, table, &FIVE_NUMBERS);
        if let Ok(chart) = &mut made {
            if let Ok(mean) = table.column("mean")
                && let Some(name) = chart.series.first().map(|s| s.name.clone())
            {
                let values = (0..table.rows()).map(|row| mean.number(row)).collect();
                chart.series.push(Series { name: Category { label: "mean".to_owned(), ..name }, values });
            }
            chart
                .notes
                .push("box: middle half of the sessions, line: median, dot: mean, whiskers: 5 % to 95 %".to_owned());
        }
        Chart::or_problem(Kind::Boxes, made)
    }

    pub(crate) fn histogram(table: &Table) -> Chart {
        let made = || {
            let (from, to) = (table.numbers("from")?, table.numbers("to")?);
            let Some(counts) = table.columns().last().filter(|column| is_number(column)) else {
                return Err(Error::Figure("a histogram needs a last column of numbers".to_owned()));
            };
            let mut edges: Vec<f64> = from.iter().flatten().copied().collect();
            edges.extend(to.last().copied().flatten());
            if edges.len() != table.rows() + 1 && table.rows() > 0 {
                return Err(Error::Figure("a histogram needs a number in each row of \"from\" and \"to\"".to_owned()));
            }
            let unit = table.column("from")?.unit();
            let values = (0..table.rows()).map(|row| counts.number(row)).collect();
            let name = Category { label: counts.name().to_owned(), place: 0 };
            Ok(Chart {
                y_label: counts.name().to_owned(),
                unit: counts.unit(),
                edges: (edges, unit),
                series: vec![Series { name, values }],
                ..Chart::new(Kind::Histogram)
            })
        };
        Chart::or_problem(Kind::Histogram, made())
    }

    /// Reads a table: one or two leading columns of names, then numbers.
    fn from_columns(kind: Kind, table: &Table, columns: &[&str]) -> Result<Chart> {
        let names = labels(table);
        let [by, rest @ ..] = names.as_slice() else {
            return Err(Error::Figure("a chart needs a first column that names its bars".to_owned()));
        };
        let measured: Vec<&Column> = if columns.is_empty() {
            table.columns().iter().skip(names.len()).rfind(|column| is_number(column)).into_iter().collect()
        } else {
            columns.iter().map(|name| table.column(name)).collect::<Result<_>>()?
        };
        let Some(first) = measured.first() else {
            return Err(Error::Figure(format!(
                "a chart needs a column of numbers beside {:?}; the table has none",
                by.name()
            )));
        };
        if let Some(text) = measured.iter().find(|column| !is_number(column)) {
            return Err(Error::Figure(format!("column {:?} can't be drawn, it has no numbers", text.name())));
        }
        let mut chart = Chart {
            dimension: by.name().to_owned(),
            x_label: axis_name(by.name()),
            unit: first.unit(),
            ..Chart::new(kind)
        };
        match rest {
            [] => {
                chart.categories = categories(by);
                chart.series = measured
                    .iter()
                    .enumerate()
                    .map(|(place, column)| Series {
                        name: Category { label: column.name().to_owned(), place },
                        values: (0..table.rows()).map(|row| column.number(row)).collect(),
                    })
                    .collect();
            }
            [second] if measured.len() == 1 => {
                chart.legend = axis_name(second.name());
                let (firsts, seconds) = (categories(by), categories(second));
                let mut names: Vec<Category> = Vec::new();
                for (category, name) in firsts.iter().zip(&seconds) {
                    if !chart.categories.contains(category) {
                        chart.categories.push(category.clone());
                    }
                    if !names.contains(name) {
                        names.push(name.clone());
                    }
                }
                names.sort_by_key(|name| name.place);
                // A combination that no session has is counted 0; there is no mean of it.
                let absent = (first.unit() == Unit::Count).then_some(0.0);
                chart.series = names
                    .into_iter()
                    .map(|name| Series { name, values: vec![absent; chart.categories.len()] })
                    .collect();
                for (row, (category, name)) in firsts.iter().zip(&seconds).enumerate() {
                    let column = chart.categories.iter().position(|c| c == category);
                    let series = chart.series.iter_mut().find(|series| series.name == *name);
                    if let (Some(column), Some(series)) = (column, series) {
                        series.values[column] = first.number(row);
                    }
                }
            }
            _ => {
                return Err(Error::Figure(format!(
                    "a chart shows one or two dimensions and, with two, one column of numbers; this table has {} columns \
                     of names and {} of numbers",
                    names.len(),
                    measured.len()
                )));
            }
        }
        chart.y_label = if measured.len() == 1 { first.name().to_owned() } else { String::new() };
        if kind == Kind::Heat {
            chart.y_label = rest.first().map(|second| axis_name(second.name())).unwrap_or_default();
        }
        Ok(chart)
    }

    /// A heat map's rows are the first dimension, its columns the second.
    fn turned(mut self) -> Chart {
        let rows = std::mem::take(&mut self.categories);
        self.categories = self.series.iter().map(|series| series.name.clone()).collect();
        self.series = rows
            .into_iter()
            .enumerate()
            .map(|(i, name)| Series { name, values: self.series.iter().map(|s| s.values[i]).collect() })
            .collect();
        std::mem::swap(&mut self.x_label, &mut self.y_label);
        self
    }

    /// The chart with its categories beyond [`MOST_CATEGORIES`] folded.
    fn folded(self) -> Chart {
        if self.categories.len() > MOST_CATEGORIES { self.top(MOST_CATEGORIES - 1) } else { self }
    }

    /// Keeps the `n` categories with the largest values, in their order. Counts of the rest are added up in one more bar,
    /// "other"; of anything else, such as means, the rest is left out and a note says so.
    pub fn top(mut self, n: usize) -> Chart {
        if self.categories.len() <= n {
            return self;
        }
        let size = |i: usize| self.series.iter().filter_map(|s| s.values[i]).fold(f64::MIN, f64::max);
        let mut by_size: Vec<usize> = (0..self.categories.len()).collect();
        by_size.sort_by(|&a, &b| size(b).total_cmp(&size(a)));
        let (kept, rest) = by_size.split_at(n);
        let (mut kept, rest) = (kept.to_vec(), rest.to_vec());
        kept.sort_unstable();
        let all = self.categories.len();
        let is_sum = self.unit == Unit::Count && matches!(self.kind, Kind::Bars | Kind::Stacked);
        let other: Vec<f64> =
            self.series.iter().map(|s| rest.iter().filter_map(|&i| s.values[i]).sum::<f64>()).collect();
        self = self.arranged(&kept);
        if is_sum {
            self.categories.push(Category { label: format!("other ({})", rest.len()), place: usize::MAX });
            for (series, sum) in self.series.iter_mut().zip(other) {
                series.values.push(Some(sum));
            }
        } else {
            self.notes.push(format!("the {n} largest of {all}"));
        }
        self
    }

    /// The chart with its categories at `places`, in that order.
    pub(crate) fn arranged(mut self, places: &[usize]) -> Chart {
        self.categories = places.iter().map(|&i| self.categories[i].clone()).collect();
        for series in &mut self.series {
            series.values = places.iter().map(|&i| series.values[i]).collect();
        }
        self
    }

    /// The title above the chart.
    pub fn title(mut self, title: &str) -> Chart {
        title.clone_into(&mut self.title);
        self
    }

    /// The label of the horizontal axis, in place of the dimension's name; `""` for none.
    pub fn x_label(mut self, label: &str) -> Chart {
        label.clone_into(&mut self.x_label);
        self
    }

    /// The label of the vertical axis, in place of the column's name; `""` for none.
    pub fn y_label(mut self, label: &str) -> Chart {
        label.clone_into(&mut self.y_label);
        self
    }

    /// Colours from a palette, or one colour for all: `.palette(Blues)`, `.palette(Color(70, 130, 180))`. They are given
    /// out in the order of the bars, or of the series if there are several.
    pub fn palette(mut self, palette: impl Into<Palette>) -> Chart {
        self.palette = Some(palette.into());
        self
    }

    /// The categories in this order: `.order(&["Olga", "Fro"])`. Those not named follow as they were; one that the data
    /// does not have is a problem that the shown chart reports.
    pub fn order(mut self, labels: &[&str]) -> Chart {
        let mut places = Vec::new();
        for label in labels {
            match self.categories.iter().position(|category| category.label == *label) {
                Some(place) if !places.contains(&place) => places.push(place),
                Some(_) => {}
                None => {
                    let all: Vec<&str> = self.categories.iter().map(|c| c.label.as_str()).collect();
                    let error = Error::Figure(format!(
                        "there is no category {label:?} to order by; there are: {}",
                        all.join(", ")
                    ));
                    self.problem.get_or_insert(error);
                    return self;
                }
            }
        }
        places.extend((0..self.categories.len()).filter(|place| !places.contains(place)).collect::<Vec<_>>());
        self.ordered = true;
        self.arranged(&places)
    }

    /// Writes each value at its bar.
    pub fn values(mut self) -> Chart {
        self.show_values = true;
        self
    }

    /// Puts the bars of several series on top of each other instead of side by side.
    pub fn stacked(mut self) -> Chart {
        if self.kind == Kind::Bars {
            self.kind = Kind::Stacked;
        }
        self
    }

    /// A logarithmic vertical axis. Values of 0 and below have no place on it; a note says which.
    pub fn log(mut self) -> Chart {
        self.log = true;
        self
    }

    /// The size in points, as CSS has them: 640 by 400 unless it is set.
    pub fn size(mut self, width: u32, height: u32) -> Chart {
        self.size = Some((width, height));
        self
    }

    /// Writes the chart to a file, as PNG or SVG by its ending.
    ///
    /// # Errors
    /// [`Error::Figure`] when the chart can't be drawn, when the file can't be written, or at another ending.
    pub fn save(&self, path: &str) -> Result<()> {
        Figure::from(self.clone()).save(path)
    }

    /// Shows the chart as a cell's output.
    pub fn evcxr_display(&self) {
        Figure::from(self.clone()).evcxr_display();
    }

    /// Whether colour tells series apart; else it tells categories apart.
    pub(crate) fn is_grouped(&self) -> bool {
        matches!(self.kind, Kind::Bars | Kind::Stacked) && self.series.len() > 1
    }

    /// The colours of `names`: by their order in a palette that was asked for, or else by their own places.
    pub(crate) fn colors<'a>(&self, names: impl ExactSizeIterator<Item = &'a Category>) -> Vec<Color> {
        const OTHER: Color = Color(0x94, 0x94, 0x94);
        match &self.palette {
            Some(palette) => palette.pick(names.len()),
            None => {
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
}

fn is_number(column: &Column) -> bool {
    matches!(column.values(), Values::Int(_) | Values::Float(_))
}

/// The leading columns that name things: the first, and those after it that hold no numbers or numbers that are names.
fn labels(table: &Table) -> Vec<&Column> {
    let is_label = |(i, column): (usize, &Column)| i == 0 || !is_number(column) || column.unit() == Unit::Label;
    table.columns().iter().enumerate().take_while(|&(i, column)| is_label((i, column))).map(|(_, c)| c).collect()
}

/// The names in a column, row by row.
fn categories(column: &Column) -> Vec<Category> {
    let places = column.places();
    places.into_iter().enumerate().map(|(row, place)| Category { label: column.text(row), place }).collect()
}

/// A dimension's name as an axis shows it.
fn axis_name(column: &str) -> String {
    if column == "isp" { "ISP".to_owned() } else { column.to_owned() }
}
