//! From charts to a picture: where everything stands.

use crate::plot::annotate;
use crate::plot::chart::{Category, Chart, Side};
use crate::plot::frame::Frame;
use crate::plot::names::Names;
use crate::plot::panel::{self, Panel};
use crate::plot::scale::{Axis, Span};
use crate::plot::scene::Scene;
use crate::plot::text::Text;
use crate::plot::theme::MARGIN;
use crate::table::unit::Unit;
use crate::{Error, Result};

/// How wide and how high the marks of a chart must be at the least.
const SMALLEST: (f64, f64) = (30.0, 18.0);
/// Distances, in points.
const BETWEEN: f64 = 24.0;
/// The distances between two ticks that are aimed at, from bottom to top and from left to right.
const UPRIGHT_TICKS: f64 = 46.0;
const LYING_TICKS: f64 = 80.0;

/// Charts that are laid out together, with what is theirs in common.
struct Group<'a> {
    charts: Vec<&'a Chart>,
    lefts: Vec<Side>,
    belows: Vec<Side>,
    /// Whether charts side by side have their axes in common.
    shared: bool,
    /// Whether they are small multiples: the same chart again and again.
    facets: bool,
}

/// A row of them: which, and between which heights.
struct Row {
    first: usize,
    count: usize,
    /// As many as there would be room for.
    columns: usize,
    top: f64,
    bottom: f64,
}

/// Draws charts into an empty scene, side by side.
///
/// # Errors
/// There is no room for all of them.
pub(crate) fn draw(charts: &[Chart], shared: bool, title: &str, scene: &mut Scene) -> Result<()> {
    let (width, height) = (f64::from(scene.width), f64::from(scene.height));
    let mut top = MARGIN;
    if !title.is_empty() {
        let size = scene.look.title() + 1.0;
        top = paragraph(scene, title, top, width - 2.0 * MARGIN, size) + 6.0;
    }
    match charts {
        [chart] if !chart.facets.is_empty() => draw_facets(chart, scene, top, width, height),
        charts => {
            let group = Group::of(charts.iter().collect(), shared, false);
            let row = Row { first: 0, count: charts.len(), columns: charts.len(), top, bottom: height };
            let panels = group.arrange(&row, scene, width);
            let is_small = |panel: &Panel| panel.frame.width() < SMALLEST.0 || panel.frame.height() < SMALLEST.1;
            if panels.iter().any(is_small) {
                return Err(Error::Figure(format!(
                    "{width} by {height} points are too few: beside titles, legend, names and notes there is no room for what is \
                     to be drawn: make it larger with `.size(…)`"
                )));
            }
            panels.iter().for_each(|panel| panel::draw(panel, scene, top));
            Ok(())
        }
    }
}

/// The same chart for each value of a dimension: one title, one legend, and as many rows as are needed.
fn draw_facets(chart: &Chart, scene: &mut Scene, top: f64, width: f64, height: f64) -> Result<()> {
    /// How narrow a chart may be, in points.
    const NARROWEST: f64 = 170.0;
    /// How low the marks of a chart may be.
    const LOWEST: f64 = 40.0;
    let count = chart.facets.len();
    let most = ((width / NARROWEST) as usize).clamp(1, count.max(1));
    let rows = count.div_ceil(most).max(1);
    let columns = count.div_ceil(rows).max(1);
    let mut top = top;
    if !chart.title.is_empty() {
        let size = scene.look.title();
        top = paragraph(scene, &chart.title, top, width - 2.0 * MARGIN, size) + 4.0;
    }
    let mut names: Vec<&Category> = Vec::new();
    for series in chart.facets.iter().flat_map(|facet| &facet.series) {
        if !names.contains(&&series.name) {
            names.push(&series.name);
        }
    }
    names.sort_by_key(|name| name.place);
    if let Some(facet) = chart.facets.first().filter(|facet| facet.mark.is_grouped(facet) && names.len() > 1) {
        let legend = panel::Legend::of(scene, &facet.legend, names, facet, width - 2.0 * MARGIN);
        legend.draw(scene, MARGIN, top);
        top += legend.height(scene) + 6.0;
    }
    let mut notes: Vec<String> = chart.notes.clone();
    for note in chart.facets.iter().flat_map(|facet| panel::notes(scene, facet)) {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    let notes = panel::note_lines(scene, &notes, width - 2.0 * MARGIN);
    let bottom = height - notes.len() as f64 * scene.look.note() * 1.35;
    for (i, line) in notes.iter().enumerate() {
        let y = bottom + scene.look.note() * (0.7 + 1.35 * i as f64) - 4.0;
        scene.write(Text::new(line, MARGIN, y, scene.look.note(), scene.look.soft));
    }

    let group = Group::of(chart.facets.iter().collect(), true, true);
    let row = |number: usize, top: f64, bottom: f64| {
        let first = number * columns;
        Row { first, count: columns.min(count - first), columns, top, bottom }
    };
    // What stands above and below the marks differs from row to row; the marks get the same height in all.
    let room = |bottom: f64| {
        let even = (bottom - top) / rows as f64;
        let around = |i: usize| {
            let panels = group.arrange(&row(i, top, top + even), scene, width);
            panels.first().map_or(0.0, |panel| even - panel.frame.height())
        };
        let around: Vec<f64> = (0..rows).map(around).collect();
        let plot = (bottom - top - around.iter().sum::<f64>()) / rows as f64;
        (around, plot)
    };
    let (around, plot) = room(bottom);
    if plot < LOWEST {
        let enough = |more: &f64| room(bottom + more).1 >= LOWEST;
        let more = (1..1000).map(|i| f64::from(i) * 10.0).find(enough).unwrap_or_default();
        return Err(Error::Figure(format!(
            "{count} charts side by side do not fit into {width} by {height} points: of this width, they need a height \
             of {} points",
            height + more
        )));
    }
    for (number, around) in around.iter().enumerate() {
        let next = top + plot + around;
        for panel in group.arrange(&row(number, top, next), scene, width) {
            panel::draw(&panel, scene, top);
        }
        top = next;
    }
    Ok(())
}

impl<'a> Group<'a> {
    fn of(charts: Vec<&'a Chart>, shared: bool, facets: bool) -> Group<'a> {
        let sides =
            charts.iter().map(|chart| annotate::reached(chart, chart.mark.left(chart), chart.mark.below(chart)));
        let (lefts, belows): (Vec<Side>, Vec<Side>) = sides.unzip();
        let (lefts, belows) = (together(lefts, shared), together(belows, facets));
        Group { charts, lefts, belows, shared, facets }
    }

    /// Whether a chart shows what is at its left; else it has that in common with the one before.
    fn is_labelled(&self, row: &Row, i: usize) -> bool {
        i == row.first
            || !self.shared
            || match (&self.lefts[i], &self.lefts[i - 1]) {
                (Side::Values(a), Side::Values(b)) => {
                    !a.is_alike(b) || self.charts[i].y_label != self.charts[i - 1].y_label
                }
                (Side::Names(a), Side::Names(b)) => !self.facets || a != b,
                _ => true,
            }
    }

    /// Whether a chart shows what is below it; else the one in the next row does.
    fn is_named(&self, row: &Row, i: usize) -> bool {
        !self.facets || i + row.columns >= self.charts.len()
    }

    /// Finds the place of every panel in a row. Heights and widths depend on each other through the labels, so each round
    /// works with what the one before has found.
    fn arrange(&self, row: &Row, scene: &Scene, width: f64) -> Vec<Panel<'a>> {
        let Row { top, bottom: height, .. } = *row;
        let indexes = row.first..row.first + row.count;
        let count = row.columns.max(1) as f64;
        let mut panels: Vec<Panel> = Vec::new();
        let mut largest = f64::MAX;
        for _ in 0..3 {
            let panel_width = (width - 2.0 * MARGIN) / count;
            let plot_height = panels
                .iter()
                .map(|p| p.frame.height())
                .reduce(f64::min)
                .unwrap_or((height - top) * if self.facets { 1.0 } else { 0.7 })
                .max(20.0);
            let known = panels.first().map(|panel| panel.frame.width());
            let room = |chart: &Chart| chart.mark.headroom(chart, scene, known.unwrap_or(panel_width));
            let ys: Vec<Option<Axis>> = indexes
                .clone()
                .map(|i| {
                    let Side::Values(span) = &self.lefts[i] else { return None };
                    let together = |j: usize| j == i || (self.shared && is_alike(&self.lefts[j], &self.lefts[i]));
                    let members = (0..self.charts.len()).filter(|&j| together(j));
                    let headroom = members.map(|j| room(self.charts[j])).fold(0.0, f64::max);
                    Some(Axis::of(span, plot_height, headroom, UPRIGHT_TICKS * scene.look.scale.sqrt()))
                })
                .collect();
            let gutters: Vec<f64> = indexes
                .clone()
                .zip(&ys)
                .map(|(i, y)| {
                    let labelled = self.is_labelled(row, i);
                    panel::gutter(scene, self.charts[i], &self.lefts[i], y.as_ref(), labelled, panel_width)
                })
                .collect();
            // In an incomplete row a panel is as wide as in the others.
            let plots = width - 2.0 * MARGIN - gutters.iter().sum::<f64>() - BETWEEN * (row.columns.max(1) - 1) as f64;
            let plot_width = (plots / count).max(20.0);

            let mut left = MARGIN;
            panels = indexes
                .clone()
                .zip(ys)
                .zip(&gutters)
                .map(|((i, y), gutter)| {
                    let chart = self.charts[i];
                    let start = left + gutter;
                    left = start + plot_width + BETWEEN;
                    let most = (height - top) * 0.35;
                    let (x, names) = match &self.belows[i] {
                        Side::Values(span) => {
                            let lies = matches!(self.lefts[i], Side::Names(_));
                            let headroom = if lies { room(chart) } else { 0.0 };
                            // Numbers that are names are short.
                            let near = if lies || span.unit == Unit::Label { 0.6 } else { 1.0 };
                            let ticks = near * LYING_TICKS * scene.look.scale;
                            let axis = Axis::of(span, plot_width, headroom, ticks);
                            let names = Names::set(scene, &["0"], plot_width, start, most, f64::MAX);
                            (Some(axis), names)
                        }
                        Side::Names(categories) => {
                            let texts: Vec<&str> = categories.iter().map(|c| c.label.as_str()).collect();
                            let slot = plot_width / texts.len().max(1) as f64;
                            (None, Names::set(scene, &texts, slot, start, most, largest))
                        }
                    };
                    let frame = Frame {
                        left: start,
                        right: start + plot_width,
                        top,
                        bottom: height,
                        y,
                        x,
                        columns: names_of(&self.belows[i]).len(),
                        rows: names_of(&self.lefts[i]).len(),
                    };
                    Panel {
                        chart,
                        frame,
                        rows: names_of(&self.lefts[i]).to_vec(),
                        columns: names_of(&self.belows[i]).to_vec(),
                        labelled: self.is_labelled(row, i),
                        named: self.is_named(row, i),
                        facet: self.facets,
                        names,
                    }
                })
                .collect();
            // All panels have their upper and their lower edge in common, and the size and the room of their names.
            largest = panels.iter().map(|panel| panel.names.size).fold(f64::MAX, f64::min).max(10.0 * scene.look.scale);
            let names = panels.iter().map(|panel| panel.names.height).fold(0.0, f64::max);
            panels.iter_mut().for_each(|panel| panel.names.height = names);
            let head = panels.iter().map(|panel| panel::head(scene, panel)).fold(0.0, f64::max);
            let foot = panels.iter().map(|panel| panel::foot(scene, panel)).fold(0.0, f64::max);
            for Panel { frame, .. } in &mut panels {
                frame.top = top + head;
                frame.bottom = (height - foot).max(frame.top + 10.0);
            }
        }
        panels
    }
}

fn names_of(side: &Side) -> &[Category] {
    match side {
        Side::Names(names) => names,
        Side::Values(_) => &[],
    }
}

fn is_alike(a: &Side, b: &Side) -> bool {
    matches!((a, b), (Side::Values(a), Side::Values(b)) if a.is_alike(b))
}

/// Sides of which those that are alike show all values of each other.
fn together(sides: Vec<Side>, shared: bool) -> Vec<Side> {
    if !shared {
        return sides;
    }
    let spans: Vec<Option<Span>> = sides
        .iter()
        .map(|side| match side {
            Side::Values(span) => Some(*span),
            Side::Names(_) => None,
        })
        .collect();
    let wide = |span: Span| {
        let alike = spans.iter().flatten().filter(|other| span.is_alike(other));
        alike.fold(span, Span::with)
    };
    sides
        .into_iter()
        .map(|side| match side {
            Side::Values(span) => Side::Values(wide(span)),
            names => names,
        })
        .collect()
}

/// Writes wrapped lines below `top` and returns where they end.
fn paragraph(scene: &mut Scene, text: &str, top: f64, width: f64, size: f64) -> f64 {
    let mut y = top;
    for line in scene.typeface.lines(text, size, width, 3) {
        scene.write(Text::new(&line, MARGIN, y + size * 0.95, size, scene.look.ink));
        y += size * 1.25;
    }
    y
}
