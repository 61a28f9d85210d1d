//! What a cell can change about a chart.

use crate::plot::chart::{Annotation, At, Category, Chart};
use crate::plot::palette::Palette;
use crate::plot::theme::Theme;
use crate::table::{Key, Table};
use crate::words::Dimension;
use crate::{Error, Result};

impl Chart {
    /// Changes the chart, and its like for each value of a dimension.
    fn each(mut self, change: impl Fn(&mut Chart)) -> Chart {
        change(&mut self);
        self.facets.iter_mut().for_each(change);
        self
    }

    /// Keeps the `n` categories with the largest values, in their order; of bars on top of each other, those with the largest
    /// sums. Counts of the rest are added up in one more bar, "other"; of anything else, such as means, the rest is left out
    /// and a note says so.
    pub fn top(self, n: usize) -> Chart {
        self.each(|chart| chart.top = Some(n))
    }

    /// The title above the chart.
    pub fn title(mut self, title: &str) -> Chart {
        title.clone_into(&mut self.title);
        self
    }

    /// The label of the horizontal axis, in place of the dimension's name; `""` for none.
    pub fn x_label(self, label: &str) -> Chart {
        self.each(|chart| label.clone_into(&mut chart.x_label))
    }

    /// The label of the vertical axis, in place of the column's name; `""` for none.
    pub fn y_label(self, label: &str) -> Chart {
        self.each(|chart| label.clone_into(&mut chart.y_label))
    }

    /// Colours from a palette, or one colour for all: `.palette(Blues)`, `.palette(Color(70, 130, 180))`. They are given
    /// out in the order of the bars, or of the series if there are several.
    pub fn palette(self, palette: impl Into<Palette>) -> Chart {
        let palette = palette.into();
        self.each(|chart| chart.palette = Some(palette.clone()))
    }

    /// The categories in this order: `.order(&["Olga", "Fro"])`. Those not named follow as they were; one that the data
    /// does not have is a problem that the shown chart reports.
    pub fn order(self, labels: &[&str]) -> Chart {
        self.each(|chart| chart.put_in_order(labels))
    }

    fn put_in_order(&mut self, labels: &[&str]) {
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
                    return;
                }
            }
        }
        places.extend((0..self.categories.len()).filter(|place| !places.contains(place)).collect::<Vec<_>>());
        self.ordered = true;
        self.arrange(&places);
    }

    /// Writes each value at its bar.
    pub fn values(self) -> Chart {
        self.each(|chart| chart.show_values = true)
    }

    /// Puts the bars or areas of several series on top of each other instead of side by side.
    pub fn stacked(self) -> Chart {
        self.each(|chart| chart.mark = chart.mark.stacked().unwrap_or(chart.mark))
    }

    /// Lays bars on their side, with room for long names.
    pub fn horizontal(self) -> Chart {
        self.each(|chart| {
            if let Some(mark) = chart.mark.lying() {
                chart.mark = mark;
                std::mem::swap(&mut chart.x_label, &mut chart.y_label);
            }
        })
    }

    /// A logarithmic axis of the values. Values of 0 and below have no place on it; a note says which.
    pub fn log(self) -> Chart {
        self.each(|chart| chart.log = true)
    }

    /// The size in points, as CSS has them: 640 by 400 unless it is set.
    pub fn size(mut self, width: u32, height: u32) -> Chart {
        self.size = Some((width, height));
        self
    }

    /// What the figure is made for: a light page, a dark one, or print.
    pub fn theme(mut self, theme: Theme) -> Chart {
        self.theme = Some(theme);
        self
    }

    /// A line across the chart at a value, with a text that covers nothing: `.rule(0.5, "half")`.
    pub fn rule(self, value: f64, text: &str) -> Chart {
        self.each(|chart| chart.annotations.push(Annotation::Rule(value, text.to_owned())))
    }

    /// A band across the chart from one value to another, with a text.
    pub fn band(self, low: f64, high: f64, text: &str) -> Chart {
        self.each(|chart| chart.annotations.push(Annotation::Band(low, high, text.to_owned())))
    }

    /// A text beside a place of the chart: a category or a number on the axis below, and a value.
    /// `.note_at("Olga", 0.3, "a third")`.
    pub fn note_at(self, at: impl Into<At>, value: f64, text: &str) -> Chart {
        let at = at.into();
        self.each(|chart| chart.annotations.push(Annotation::Note(at.clone(), value, text.to_owned())))
    }

    /// A chart for each value of a dimension, side by side in as many rows as are needed, with axes in common and one
    /// legend. The dimension is a column of the table that the chart was made from:
    /// `sessions.count_by([Stream, Isp])?.bar().facet(Stream)`.
    pub fn facet(mut self, by: impl Into<Dimension>) -> Chart {
        let by = by.into();
        let Some(source) = &self.source else { return self };
        let parts = match parts(&source.table, by.name()) {
            Ok(parts) => parts,
            Err(problem) => return Chart { problem: Some(problem), ..self },
        };
        self.facets = parts
            .into_iter()
            .map(|(name, table)| {
                let made = source.chart(&table);
                let mut chart =
                    made.unwrap_or_else(|problem| Chart { problem: Some(problem), ..Chart::new(self.mark) });
                if self.mark.lying().is_none() && chart.mark.lying().is_some() {
                    std::mem::swap(&mut chart.x_label, &mut chart.y_label);
                }
                chart.mark = self.mark;
                chart.title = name;
                chart.palette.clone_from(&self.palette);
                (chart.top, chart.show_values, chart.log) = (self.top, self.show_values, self.log);
                chart.annotations.clone_from(&self.annotations);
                chart
            })
            .collect();
        self.problem = self.facets.is_empty().then(|| Error::Figure("there is nothing to draw".to_owned()));
        self
    }

    /// Puts the categories at `places`, in that order.
    pub(crate) fn arrange(&mut self, places: &[usize]) {
        self.categories = places.iter().map(|&i| self.categories[i].clone()).collect();
        for series in &mut self.series {
            series.values = places.iter().map(|&i| series.values[i]).collect();
            if !series.intervals.is_empty() {
                series.intervals = places.iter().map(|&i| series.intervals[i]).collect();
            }
        }
    }

    /// The chart with no more categories than can be read, or than were asked for.
    pub(crate) fn folded(mut self) -> Chart {
        /// More bars than these can't be read; what is beyond becomes one bar, "other", or is left out with a note.
        const MOST_CATEGORIES: usize = 40;
        let n = match self.top {
            Some(n) => n,
            None if self.categories.len() > MOST_CATEGORIES && self.mark.folds() => MOST_CATEGORIES - 1,
            None => return self,
        };
        if self.categories.len() <= n {
            return self;
        }
        let all = self.categories.len();
        let sizes: Vec<f64> = (0..all).map(|i| self.mark.size(&self, i)).collect();
        let mut by_size: Vec<usize> = (0..all).collect();
        by_size.sort_by(|&a, &b| sizes[b].total_cmp(&sizes[a]));
        let (kept, rest) = by_size.split_at(n);
        let (mut kept, rest) = (kept.to_vec(), rest.to_vec());
        kept.sort_unstable();
        let other: Vec<f64> =
            self.series.iter().map(|s| rest.iter().filter_map(|&i| s.values[i]).sum::<f64>()).collect();
        self.arrange(&kept);
        if self.mark.adds_up() && self.unit == crate::Unit::Count {
            self.categories.push(Category { label: format!("other ({})", rest.len()), place: usize::MAX });
            for (series, sum) in self.series.iter_mut().zip(other) {
                series.values.push(Some(sum));
                if !series.intervals.is_empty() {
                    series.intervals.push(None);
                }
            }
        } else {
            self.notes.push(format!("the {n} largest of {all}"));
        }
        self
    }
}

/// A table's rows for each value of a column, under its name, without that column.
fn parts(table: &Table, column: &str) -> Result<Vec<(String, Table)>> {
    let by = table.column(column)?;
    let mut rows: Vec<(Key, String, Vec<usize>)> = Vec::new();
    for row in 0..table.rows() {
        let key = by.key(row);
        match rows.iter_mut().find(|(known, ..)| *known == key) {
            Some((.., rows)) => rows.push(row),
            None => rows.push((key, by.text(row), vec![row])),
        }
    }
    const MOST_FACETS: usize = 40;
    if rows.len() > MOST_FACETS {
        return Err(Error::Figure(format!(
            "{column:?} has {} values, more than {MOST_FACETS} charts can be read side by side: filter them first",
            rows.len()
        )));
    }
    let name = |text: String| match by.values() {
        crate::Values::Text(_) => text,
        _ => format!("{column} {text}"),
    };
    let rest = table.with_own_domains().without(column);
    Ok(rows.into_iter().map(|(_, text, rows)| (name(text), rest.take(&rows))).collect())
}
