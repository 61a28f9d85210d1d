//! What a cell can change about a chart.

use std::sync::Arc;

use crate::Error;
use crate::plot::chart::{Annotation, At, Change, Chart, Side};
use crate::plot::palette::Palette;
use crate::plot::theme::Theme;
use crate::words::Dimension;

impl Chart {
    /// Changes the chart, and what will be made of parts of its table.
    fn each(mut self, change: impl Fn(&mut Chart) + Send + Sync + 'static) -> Chart {
        change(&mut self);
        self.changes.push(Change(Arc::new(change)));
        self
    }

    /// Keeps the `n` categories with the largest values, in their order; of bars on top of each other, those with the largest
    /// sums. Counts of the rest are added up in one more bar, "other"; of anything else, such as means, the rest is left out
    /// and a note says so.
    pub fn top(self, n: usize) -> Chart {
        self.each(move |chart| chart.top = Some(n))
    }

    /// The title above the chart.
    pub fn title(mut self, title: &str) -> Chart {
        title.clone_into(&mut self.title);
        self
    }

    /// The label of the horizontal axis, in place of the dimension's name; `""` for none.
    pub fn x_label(self, label: &str) -> Chart {
        let label = label.to_owned();
        self.each(move |chart| chart.own_labels.0 = Some(label.clone()))
    }

    /// The label of the vertical axis, in place of the column's name; `""` for none.
    pub fn y_label(self, label: &str) -> Chart {
        let label = label.to_owned();
        self.each(move |chart| chart.own_labels.1 = Some(label.clone()))
    }

    /// Colours from a palette, or one colour for all: `.palette(Blues)`, `.palette(Color(70, 130, 180))`. They are given
    /// out in the order of the bars, or of the series if there are several.
    pub fn palette(self, palette: impl Into<Palette>) -> Chart {
        let palette = palette.into();
        self.each(move |chart| chart.palette = Some(palette.clone()))
    }

    /// The categories in this order: `.order(&["Olga", "Fro"])`. Those not named follow as they were; one that the data
    /// does not have is a problem that the shown chart reports.
    pub fn order(mut self, labels: &[&str]) -> Chart {
        self.order = labels.iter().map(|&label| label.to_owned()).collect();
        self
    }

    /// Writes each value at its bar.
    pub fn values(self) -> Chart {
        self.each(|chart| chart.show_values = true)
    }

    /// Puts the bars or areas of several series on top of each other instead of side by side.
    pub fn stacked(self) -> Chart {
        self.each(|chart| match chart.mark.stacked() {
            Some(mark) => chart.mark = mark,
            None => chart.refuse("only bars and areas can stand on top of each other: leave out `.stacked()`"),
        })
    }

    /// Lays bars on their side, with room for long names.
    pub fn horizontal(self) -> Chart {
        self.each(|chart| match chart.mark.lying() {
            Some(mark) => {
                chart.mark = mark;
                std::mem::swap(&mut chart.x_label, &mut chart.y_label);
            }
            None if matches!(chart.mark.left(chart), Side::Names(_)) => {}
            None => chart.refuse("only bars can lie on their side: leave out `.horizontal()`"),
        })
    }

    /// A logarithmic axis of the values. Values of 0 and below have no place on it; a note says which.
    pub fn log(self) -> Chart {
        self.each(|chart| chart.log = true)
    }

    /// A logarithmic axis of the numbers below, of dots, lines and areas. What stands at 0 or below has no place on it; a note
    /// says how much that is.
    pub fn log_x(self) -> Chart {
        self.each(|chart| chart.log_x = true)
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
        self.annotated(Annotation::Rule(value, text.to_owned()))
    }

    /// A band across the chart from one value to another, with a text.
    pub fn band(self, low: f64, high: f64, text: &str) -> Chart {
        self.annotated(Annotation::Band(low, high, text.to_owned()))
    }

    /// A text beside a place of the chart: a category or a number on the axis below, and a value.
    /// `.note_at("Olga", 0.3, "a third")`.
    pub fn note_at(self, at: impl Into<At>, value: f64, text: &str) -> Chart {
        self.annotated(Annotation::Note(at.into(), value, text.to_owned()))
    }

    /// Notes why the chart can't be drawn.
    fn refuse(&mut self, sentence: &str) {
        self.problem.get_or_insert_with(|| Error::Figure(sentence.to_owned()));
    }

    fn annotated(self, annotation: Annotation) -> Chart {
        self.each(move |chart| chart.annotations.push(annotation.clone()))
    }

    /// A chart for each value of a dimension, side by side in as many rows as are needed, with axes in common and one
    /// legend. The dimension is a column of the table that the chart was made from:
    /// `sessions.count_by([Stream, Isp])?.bar().facet(Stream)`.
    pub fn facet(mut self, by: impl Into<Dimension>) -> Chart {
        self.by = Some(by.into());
        self
    }
}
