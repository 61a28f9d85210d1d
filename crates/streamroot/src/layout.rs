//! From charts to a picture: where everything stands, and what is drawn there.

use crate::axis::Axis;
use crate::chart::{Category, Chart, Kind};
use crate::figure::Figure;
use crate::names::Names;
use crate::palette::{Blues, Color};
use crate::scene::Scene;
use crate::text::{Align, Text};
use crate::unit::Unit;

const INK: Color = Color(0x26, 0x26, 0x26);
const SOFT: Color = Color(0x59, 0x59, 0x59);
const BASELINE: Color = Color(0x8c, 0x8c, 0x8c);
const GRID: Color = Color(0xe4, 0xe4, 0xe4);
const NO_VALUE: Color = Color(0xf0, 0xf0, 0xf0);

/// Type sizes and distances, in points.
const TITLE: f64 = 15.0;
const LABEL: f64 = 12.0;
const TICK: f64 = 11.0;
const NOTE: f64 = 10.0;
const VALUE_SIZES: [f64; 4] = [11.0, 10.0, 9.0, 8.0];
const MARGIN: f64 = 12.0;
const BETWEEN: f64 = 24.0;
/// The part of its slot that a bar or a group of bars takes, and how wide a bar is at the most.
const BAR: f64 = 0.8;
const WIDEST_BAR: f64 = 110.0;

/// A chart with its place in the picture.
struct Panel<'a> {
    chart: &'a Chart,
    axis: Axis,
    /// Whether this panel shows the tick labels and the label of its vertical axis.
    labelled: bool,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    names: Names,
}

impl Panel<'_> {
    fn slot(&self) -> f64 {
        (self.right - self.left) / columns(self.chart).max(1) as f64
    }

    fn y(&self, position: f64) -> f64 {
        self.bottom - position.clamp(0.0, 1.0) * (self.bottom - self.top)
    }

    /// The middle of a slot.
    fn x(&self, i: usize) -> f64 {
        self.left + self.slot() * (i as f64 + 0.5)
    }
}

/// Draws a figure into an empty scene of that size.
pub(crate) fn draw(figure: &Figure, scene: &mut Scene, width: f64, height: f64) {
    let mut top = MARGIN;
    if !figure.title.is_empty() {
        top = paragraph(scene, &figure.title, MARGIN, top, width - 2.0 * MARGIN, TITLE + 1.0, INK) + 6.0;
    }
    for panel in arrange(&figure.charts, figure.shared_y, scene, top, width, height) {
        draw_panel(scene, &panel, top);
    }
}

/// Finds every panel's place. Heights and widths depend on each other through the labels, so each round works with what the
/// one before has found.
fn arrange<'a>(charts: &'a [Chart], shared: bool, scene: &Scene, top: f64, width: f64, height: f64) -> Vec<Panel<'a>> {
    let ranges: Vec<(f64, f64)> = charts.iter().map(range).collect();
    let alike = |a: &Chart, b: &Chart| has_axis(a) && has_axis(b) && a.unit == b.unit && a.log == b.log;
    let labelled = |i: usize| {
        i == 0 || !shared || !alike(&charts[i], &charts[i - 1]) || charts[i].y_label != charts[i - 1].y_label
    };
    let mut panels: Vec<Panel> = Vec::new();
    let mut largest = f64::MAX;
    for _ in 0..3 {
        let panel_width = (width - 2.0 * MARGIN) / charts.len().max(1) as f64;
        let plot_height =
            panels.iter().map(|p| p.bottom - p.top).reduce(f64::min).unwrap_or((height - top) * 0.7).max(20.0);
        let axes: Vec<Axis> = charts
            .iter()
            .enumerate()
            .map(|(i, chart)| {
                let together = |j: usize| j == i || (shared && alike(chart, &charts[j]));
                let members: Vec<usize> = (0..charts.len()).filter(|&j| together(j)).collect();
                let low = members.iter().map(|&j| ranges[j].0).reduce(f64::min).unwrap_or(0.0);
                let high = members.iter().map(|&j| ranges[j].1).reduce(f64::max).unwrap_or(0.0);
                let slot = panels.get(i).map_or(panel_width / columns(chart).max(1) as f64, Panel::slot);
                let headroom = members
                    .iter()
                    .map(|&j| value_labels(scene, &charts[j], slot).map_or(0.0, |labels| labels.height + 6.0))
                    .fold(0.0, f64::max);
                Axis::new(low, high, chart.unit, chart.log, plot_height, headroom, 46.0)
            })
            .collect();
        let gutters: Vec<f64> =
            (0..charts.len()).map(|i| gutter(scene, &charts[i], &axes[i], labelled(i), panel_width)).collect();
        let plots =
            width - 2.0 * MARGIN - gutters.iter().sum::<f64>() - BETWEEN * charts.len().saturating_sub(1) as f64;
        let plot_width = (plots / charts.len().max(1) as f64).max(20.0);

        let mut left = MARGIN;
        panels = charts
            .iter()
            .zip(axes)
            .zip(&gutters)
            .enumerate()
            .map(|(i, ((chart, axis), gutter))| {
                let start = left + gutter;
                left = start + plot_width + BETWEEN;
                let texts: Vec<&str> = chart.categories.iter().map(|c| c.label.as_str()).collect();
                let slot = plot_width / columns(chart).max(1) as f64;
                let most = (height - top) * 0.35;
                let names = if chart.kind == Kind::Histogram {
                    Names::set(&scene.typeface, &["0"], plot_width, start, most, f64::MAX)
                } else {
                    Names::set(&scene.typeface, &texts, slot, start, most, largest)
                };
                let (right, bottom) = (start + plot_width, height);
                Panel { chart, axis, labelled: labelled(i), left: start, right, top, bottom, names }
            })
            .collect();
        // All panels have their upper and their lower edge in common, and the size and the room of their names.
        largest = panels.iter().map(|panel| panel.names.size).fold(f64::MAX, f64::min).max(10.0);
        let names = panels.iter().map(|panel| panel.names.height).fold(0.0, f64::max);
        panels.iter_mut().for_each(|panel| panel.names.height = names);
        let head = panels.iter().map(|panel| head(scene, panel)).fold(0.0, f64::max);
        let foot = panels.iter().map(|panel| foot(scene, panel)).fold(0.0, f64::max);
        for panel in &mut panels {
            panel.top = top + head;
            panel.bottom = (height - foot).max(panel.top + 10.0);
        }
    }
    panels
}

/// Whether a chart has a vertical axis of values.
fn has_axis(chart: &Chart) -> bool {
    chart.kind != Kind::Heat
}

/// The number of slots along the horizontal axis.
fn columns(chart: &Chart) -> usize {
    if chart.kind == Kind::Histogram { chart.edges.0.len().saturating_sub(1) } else { chart.categories.len() }
}

/// A value that can be drawn: a number, and above 0 where the axis is logarithmic.
fn drawable(chart: &Chart, value: Option<f64>) -> Option<f64> {
    value.filter(|v| v.is_finite() && (!chart.log || *v > 0.0))
}

/// The lowest and the highest value of a chart; NaN when there is none.
fn range(chart: &Chart) -> (f64, f64) {
    let mut values: Vec<f64> =
        chart.series.iter().flat_map(|s| &s.values).filter_map(|&v| drawable(chart, v)).collect();
    if chart.kind == Kind::Stacked {
        let sum = |i: usize, up: bool| -> f64 {
            let of_bar = chart.series.iter().filter_map(|s| drawable(chart, s.values[i]));
            of_bar.filter(|v| (*v > 0.0) == up).sum()
        };
        values = (0..chart.categories.len()).flat_map(|i| [sum(i, true), sum(i, false)]).collect();
        values.retain(|v| !chart.log || *v > 0.0);
    }
    let low = values.iter().copied().reduce(f64::min).unwrap_or(f64::NAN);
    (low, values.iter().copied().reduce(f64::max).unwrap_or(f64::NAN))
}

/// The room to the left of a panel.
fn gutter(scene: &Scene, chart: &Chart, axis: &Axis, labelled: bool, panel_width: f64) -> f64 {
    if !labelled {
        return 0.0;
    }
    let labels = if has_axis(chart) {
        axis.ticks.iter().map(|(_, label)| scene.typeface.width(label, TICK)).fold(0.0, f64::max)
    } else {
        row_names(scene, chart, panel_width).iter().map(|name| scene.typeface.width(name, LABEL)).fold(0.0, f64::max)
    };
    labels + 8.0 + if chart.y_label.is_empty() { 0.0 } else { LABEL * 1.5 }
}

/// A heat map's row names, none wider than a third of its panel.
fn row_names(scene: &Scene, chart: &Chart, panel_width: f64) -> Vec<String> {
    chart.series.iter().map(|s| scene.typeface.shorten(&s.name.label, LABEL, panel_width / 3.0)).collect()
}

/// The room above a panel: title and legend.
fn head(scene: &Scene, panel: &Panel) -> f64 {
    let title = title_lines(scene, panel).len() as f64 * TITLE * 1.25;
    let legend = legend_rows(scene, panel).len() as f64 * LABEL * 1.5;
    title + legend + if title + legend > 0.0 { 8.0 } else { 2.0 }
}

/// The room below a panel: names, axis label and notes.
fn foot(scene: &Scene, panel: &Panel) -> f64 {
    let label = if panel.chart.x_label.is_empty() { 0.0 } else { LABEL * 1.5 };
    let notes = note_lines(scene, panel).len() as f64 * NOTE * 1.35;
    panel.names.height + 6.0 + label + if notes > 0.0 { notes + 6.0 } else { 0.0 } + MARGIN * 0.6
}

/// A panel reaches from where its vertical axis label begins.
fn title_left(panel: &Panel) -> f64 {
    panel.left
}

fn title_lines(scene: &Scene, panel: &Panel) -> Vec<String> {
    let width = panel.right - title_left(panel);
    let lines = scene.typeface.wrap(&panel.chart.title.chars().take(400).collect::<String>(), TITLE, width);
    lines.iter().take(3).map(|line| scene.typeface.shorten(line, TITLE, width)).collect()
}

fn note_lines(scene: &Scene, panel: &Panel) -> Vec<String> {
    let all = notes(panel.chart).join("; ");
    let lines = scene.typeface.wrap(&all, NOTE, panel.right - panel.left);
    lines.iter().take(3).map(|line| scene.typeface.shorten(line, NOTE, panel.right - panel.left)).collect()
}

/// What a chart says below itself: its notes, and which values could not be drawn.
fn notes(chart: &Chart) -> Vec<String> {
    let mut notes = chart.notes.clone();
    let mut undrawn: Vec<String> = Vec::new();
    let mut count = 0;
    for series in &chart.series {
        for (i, value) in series.values.iter().enumerate() {
            let Some(value) = value.filter(|&v| drawable(chart, Some(v)).is_none()) else { continue };
            count += 1;
            if undrawn.len() < 3 {
                let name = chart.categories.get(i).unwrap_or(&series.name);
                undrawn.push(format!("{} ({})", name.label, chart.unit.format(value)));
            }
        }
    }
    if count > undrawn.len() {
        undrawn.push(format!("{} more", count - undrawn.len()));
    }
    if !undrawn.is_empty() {
        notes.push(format!("can't be drawn: {}", undrawn.join(", ")));
    }
    notes
}

/// The entries of a legend, row by row, each with its distance from the left.
fn legend_rows<'a>(scene: &Scene, panel: &Panel<'a>) -> Vec<Vec<(f64, usize, &'a Category)>> {
    let mut rows: Vec<Vec<(f64, usize, &Category)>> = Vec::new();
    if !panel.chart.is_grouped() {
        return rows;
    }
    let mut x = legend_title(scene, panel);
    for (i, series) in panel.chart.series.iter().enumerate() {
        let wide = 15.0 + scene.typeface.width(&legend_name(scene, panel, &series.name), TICK) + 14.0;
        if rows.is_empty() {
            rows.push(Vec::new());
        } else if x + wide - 14.0 > panel.right - panel.left {
            rows.push(Vec::new());
            x = 0.0;
        }
        if let Some(row) = rows.last_mut() {
            row.push((x, i, &series.name));
        }
        x += wide;
    }
    rows
}

/// The room that the legend's title takes in its first row.
fn legend_title(scene: &Scene, panel: &Panel) -> f64 {
    if panel.chart.legend.is_empty() { 0.0 } else { scene.typeface.width(&panel.chart.legend, TICK) + 12.0 }
}

fn legend_name(scene: &Scene, panel: &Panel, name: &Category) -> String {
    scene.typeface.shorten(&name.label, TICK, (panel.right - panel.left - 15.0).max(10.0))
}

/// Writes wrapped lines below `top` and returns where they end.
fn paragraph(scene: &mut Scene, text: &str, left: f64, top: f64, width: f64, size: f64, color: Color) -> f64 {
    let mut y = top;
    for line in scene.typeface.wrap(text, size, width).into_iter().take(3) {
        let line = scene.typeface.shorten(&line, size, width);
        scene.write(Text::new(&line, left, y + size * 0.95, size, color));
        y += size * 1.25;
    }
    y
}

fn draw_panel(scene: &mut Scene, panel: &Panel, top: f64) {
    let chart = panel.chart;
    let mut y = top;
    for line in title_lines(scene, panel) {
        scene.write(Text::new(&line, title_left(panel), y + TITLE * 0.95, TITLE, INK));
        y += TITLE * 1.25;
    }
    let colors = chart.colors(chart.series.iter().map(|s| &s.name));
    for (number, row) in legend_rows(scene, panel).into_iter().enumerate() {
        if number == 0 && !chart.legend.is_empty() {
            scene.write(Text::new(&chart.legend, panel.left, y + LABEL * 0.75 + TICK * 0.36, TICK, SOFT));
        }
        for (x, i, name) in row {
            let (x, middle) = (panel.left + x, y + LABEL * 0.75);
            scene.fill(x, middle - 5.0, x + 10.0, middle + 5.0, colors[i]);
            let name = legend_name(scene, panel, name);
            scene.write(Text::new(&name, x + 15.0, middle + TICK * 0.36, TICK, INK));
        }
        y += LABEL * 1.5;
    }

    let is_empty = !chart.series.iter().flat_map(|s| &s.values).any(|&v| drawable(chart, v).is_some());
    if is_empty {
        for y in [panel.top, panel.bottom] {
            scene.horizontal(y, panel.left, panel.right, 1.0, GRID);
        }
        for x in [panel.left, panel.right] {
            scene.vertical(x, panel.top, panel.bottom, 1.0, GRID);
        }
        let (x, y) = ((panel.left + panel.right) / 2.0, (panel.top + panel.bottom) / 2.0);
        scene.write(Text::new("no data", x, y + LABEL * 0.36, LABEL, SOFT).align(Align::Middle));
    } else {
        if has_axis(chart) {
            draw_axis(scene, panel);
        }
        match chart.kind {
            Kind::Bars => draw_bars(scene, panel, &colors),
            Kind::Stacked => draw_stacks(scene, panel, &colors),
            Kind::Heat => draw_heat(scene, panel),
            Kind::Boxes => draw_boxes(scene, panel),
            Kind::Histogram => draw_histogram(scene, panel),
        }
    }
    draw_names(scene, panel);
}

/// The grid with its tick labels, and the label of the axis.
fn draw_axis(scene: &mut Scene, panel: &Panel) {
    let mut widest = 0.0_f64;
    for (value, label) in &panel.axis.ticks {
        let y = panel.y(panel.axis.position(*value));
        scene.horizontal(y, panel.left, panel.right, 1.0, GRID);
        if panel.labelled {
            scene.write(Text::new(label, panel.left - 7.0, y + TICK * 0.36, TICK, SOFT).align(Align::End));
            widest = widest.max(scene.typeface.width(label, TICK));
        }
    }
    draw_y_label(scene, panel, widest);
}

fn draw_y_label(scene: &mut Scene, panel: &Panel, widest: f64) {
    if panel.labelled && !panel.chart.y_label.is_empty() {
        let label = scene.typeface.shorten(&panel.chart.y_label, LABEL, panel.bottom - panel.top + 40.0);
        let (x, y) = (panel.left - 8.0 - widest - LABEL * 0.4, (panel.top + panel.bottom) / 2.0);
        scene.write(Text::new(&label, x, y, LABEL, SOFT).align(Align::Middle).angle(90.0));
    }
}

/// What stands below a panel.
fn draw_names(scene: &mut Scene, panel: &Panel) {
    let chart = panel.chart;
    let top = panel.bottom + 5.0;
    let base = if has_axis(chart) { panel.y(panel.axis.base()) } else { panel.bottom };
    if has_axis(chart) {
        scene.horizontal(base, panel.left, panel.right, 1.0, BASELINE);
    }
    if chart.kind == Kind::Histogram {
        let (edges, unit) = (&chart.edges.0, chart.edges.1);
        if let (Some(&low), Some(&high)) = (edges.first(), edges.last()) {
            let width = panel.right - panel.left;
            let axis = Axis::exact(low, high, unit, width, 80.0);
            for (value, label) in &axis.ticks {
                let x = panel.left + axis.position(*value) * width;
                scene.vertical(x, panel.bottom, panel.bottom + 3.0, 1.0, BASELINE);
                // The last label stays within the picture.
                let half = scene.typeface.width(label, TICK) / 2.0;
                let x = x.min(panel.right + MARGIN - 1.0 - half);
                scene.write(Text::new(label, x, top + TICK, TICK, INK).align(Align::Middle));
            }
        }
    } else {
        for i in 0..chart.categories.len() {
            for text in panel.names.texts(i, panel.x(i), top, INK) {
                scene.write(text);
            }
        }
    }
    let mut y = top + panel.names.height;
    if !chart.x_label.is_empty() {
        let label = scene.typeface.shorten(&chart.x_label, LABEL, panel.right - panel.left);
        let middle = (panel.left + panel.right) / 2.0;
        scene.write(Text::new(&label, middle, y + LABEL * 1.2, LABEL, SOFT).align(Align::Middle));
        y += LABEL * 1.5;
    }
    y += 6.0;
    for line in note_lines(scene, panel) {
        scene.write(Text::new(&line, panel.left, y + NOTE, NOTE, SOFT));
        y += NOTE * 1.35;
    }
}

/// How the values of a chart are written at its bars: as large as none meets its neighbour, or not at all.
struct ValueLabels {
    size: f64,
    upright: bool,
    height: f64,
}

fn value_labels(scene: &Scene, chart: &Chart, slot: f64) -> Option<ValueLabels> {
    if !chart.show_values || chart.kind == Kind::Heat || chart.kind == Kind::Boxes {
        return None;
    }
    let bars = if chart.kind == Kind::Bars { chart.series.len().max(1) as f64 } else { 1.0 };
    let room = if bars > 1.0 { slot * BAR / bars } else { slot };
    let texts = || {
        chart.series.iter().flat_map(|s| &s.values).filter_map(|&v| drawable(chart, v)).map(|v| chart.unit.format(v))
    };
    for size in VALUE_SIZES {
        if texts().all(|text| scene.typeface.width(&text, size) + 3.0 <= room) {
            return Some(ValueLabels { size, upright: false, height: size });
        }
    }
    let size = VALUE_SIZES.into_iter().find(|size| size * 1.1 <= room)?;
    let height = texts().map(|text| scene.typeface.width(&text, size)).fold(0.0, f64::max);
    Some(ValueLabels { size, upright: true, height })
}

impl ValueLabels {
    /// Writes a value beyond the end of its bar.
    fn write(&self, scene: &mut Scene, text: &str, x: f64, end: f64, below: bool) {
        let text = match (self.upright, below) {
            (false, false) => Text::new(text, x, end - 4.0, self.size, INK).align(Align::Middle),
            (false, true) => Text::new(text, x, end + 4.0 + self.size * 0.73, self.size, INK).align(Align::Middle),
            (true, below) => {
                Text::new(text, x + self.size * 0.36, if below { end + 4.0 } else { end - 4.0 }, self.size, INK)
                    .align(if below { Align::End } else { Align::Start })
                    .angle(90.0)
            }
        };
        scene.write(text);
    }
}

fn draw_bars(scene: &mut Scene, panel: &Panel, colors: &[Color]) {
    let chart = panel.chart;
    let own = chart.colors(chart.categories.iter());
    let labels = value_labels(scene, chart, panel.slot());
    let base = panel.y(panel.axis.base());
    let group = (panel.slot() * BAR).min(WIDEST_BAR * chart.series.len() as f64);
    let wide = group / chart.series.len().max(1) as f64;
    let gap = if chart.series.len() > 1 { (wide * 0.06).min(2.0) } else { 0.0 };
    for (k, series) in chart.series.iter().enumerate() {
        for (i, value) in series.values.iter().enumerate() {
            let Some(value) = drawable(chart, *value) else { continue };
            let color = if chart.is_grouped() { colors[k] } else { own[i] };
            let left = panel.x(i) - group / 2.0 + wide * k as f64;
            let end = panel.y(panel.axis.position(value));
            if end != base {
                scene.fill(left + gap / 2.0, end, left + wide - gap / 2.0, base, color);
            }
            if let Some(labels) = &labels {
                labels.write(scene, &chart.unit.format(value), left + wide / 2.0, end, value < 0.0);
            }
        }
    }
}

fn draw_stacks(scene: &mut Scene, panel: &Panel, colors: &[Color]) {
    let chart = panel.chart;
    let labels = value_labels(scene, chart, panel.slot());
    let wide = (panel.slot() * BAR).min(WIDEST_BAR);
    for i in 0..chart.categories.len() {
        let (mut up, mut down) = (0.0, 0.0);
        for (series, color) in chart.series.iter().zip(colors) {
            let Some(value) = drawable(chart, series.values[i]) else { continue };
            let sum = if value < 0.0 { &mut down } else { &mut up };
            let from = if *sum == 0.0 { panel.axis.base() } else { panel.axis.position(*sum) };
            *sum += value;
            let (from, to) = (panel.y(from), panel.y(panel.axis.position(*sum)));
            if from != to {
                scene.fill(panel.x(i) - wide / 2.0, to, panel.x(i) + wide / 2.0, from, *color);
            }
        }
        if let Some(labels) = &labels {
            let end = panel.y(panel.axis.position(up));
            labels.write(scene, &chart.unit.format(up + down), panel.x(i), end, false);
        }
    }
}

fn draw_heat(scene: &mut Scene, panel: &Panel) {
    let chart = panel.chart;
    let (low, high) = range(chart);
    let low = low.min(0.0);
    let shades = chart.palette.as_ref().unwrap_or(&Blues).shades(256);
    let (wide, tall) = (panel.slot(), (panel.bottom - panel.top) / chart.series.len().max(1) as f64);
    // Written in full where that fits, else shorter, else not at all.
    let full = |v: f64| chart.unit.format(v);
    let short = |v: f64| chart.unit.format_tick(v, (high - low).abs() / 100.0, v.abs());
    let values = || chart.series.iter().flat_map(|s| &s.values).filter_map(|&v| drawable(chart, v));
    let fits = |size: f64, text: &dyn Fn(f64) -> String| {
        size * 1.1 <= tall && values().all(|v| scene.typeface.width(&text(v), size) + 4.0 <= wide)
    };
    let forms: [&dyn Fn(f64) -> String; 2] = [&full, &short];
    let form =
        VALUE_SIZES.into_iter().flat_map(|size| forms.map(|form| (size, form))).find(|(size, form)| fits(*size, *form));

    let mut texts = Vec::new();
    for (row, series) in chart.series.iter().enumerate() {
        let top = panel.top + tall * row as f64;
        for (column, value) in series.values.iter().enumerate() {
            let left = panel.left + wide * column as f64;
            let value = drawable(chart, *value);
            let part = value.map(|v| if high > low { (v - low) / (high - low) } else { 0.0 });
            let color = part.map_or(NO_VALUE, |part| shades[(part * 255.0).round().clamp(0.0, 255.0) as usize]);
            scene.fill(left, top, left + wide - 1.5, top + tall - 1.5, color);
            if let Some((size, form)) = form {
                let (text, ink) = value.map_or(("–".to_owned(), SOFT), |v| (form(v), color.ink()));
                let (x, y) = (left + wide / 2.0 - 0.75, top + tall / 2.0 + size * 0.36 - 0.75);
                texts.push(Text::new(&text, x, y, size, ink).align(Align::Middle));
            }
        }
    }
    let mut widest = 0.0_f64;
    if panel.labelled {
        let names = row_names(scene, chart, panel.right - panel.left);
        let size = (tall / 1.1).min(LABEL);
        let every = (7.0 / size).ceil().max(1.0) as usize;
        for (row, name) in names.iter().enumerate().step_by(every) {
            let y = panel.top + tall * (row as f64 + 0.5) + size * 0.36;
            widest = widest.max(scene.typeface.width(name, size));
            texts.push(Text::new(name, panel.left - 7.0, y, size.max(7.0), INK).align(Align::End));
        }
    }
    texts.into_iter().for_each(|text| scene.write(text));
    draw_y_label(scene, panel, widest);
}

fn draw_boxes(scene: &mut Scene, panel: &Panel) {
    let chart = panel.chart;
    let colors = chart.colors(chart.categories.iter());
    let wide = (panel.slot() * 0.6).min(WIDEST_BAR * 0.7);
    for (i, color) in colors.iter().enumerate() {
        let number = |k: usize| chart.series.get(k).and_then(|s| drawable(chart, s.values[i]));
        let (Some(low), Some(q1), Some(median), Some(q3), Some(high)) =
            (number(0), number(1), number(2), number(3), number(4))
        else {
            continue;
        };
        let [low, q1, median, q3, high] = [low, q1, median, q3, high].map(|v| panel.y(panel.axis.position(v)));
        let (x, half) = (panel.x(i), wide / 2.0);
        scene.vertical(x, high, low, 1.0, SOFT);
        for end in [low, high] {
            scene.horizontal(end, x - half * 0.5, x + half * 0.5, 1.0, SOFT);
        }
        scene.fill(x - half, q3, x + half, q1, *color);
        scene.horizontal(median, x - half, x + half, 2.0, INK);
        if let Some(mean) = number(5) {
            let mean = panel.y(panel.axis.position(mean));
            scene.dot(x, mean, 4.0, INK);
            scene.dot(x, mean, 3.0, Color(0xff, 0xff, 0xff));
        }
    }
}

fn draw_histogram(scene: &mut Scene, panel: &Panel) {
    let chart = panel.chart;
    let edges = &chart.edges.0;
    let (Some(series), Some(&first), Some(&last)) = (chart.series.first(), edges.first(), edges.last()) else { return };
    let color = chart.colors(std::iter::once(&series.name)).first().copied().unwrap_or(SOFT);
    let labels = value_labels(scene, chart, panel.slot());
    let x =
        |edge: f64| panel.left + (edge - first) / (last - first).max(f64::MIN_POSITIVE) * (panel.right - panel.left);
    let base = panel.y(panel.axis.base());
    for (value, edges) in series.values.iter().zip(edges.windows(2)) {
        let Some(value) = drawable(chart, *value) else { continue };
        let (left, right, end) = (x(edges[0]), x(edges[1]), panel.y(panel.axis.position(value)));
        if end != base {
            scene.fill(left + 0.5, end, right - 0.5, base, color);
        }
        if let Some(labels) = &labels {
            labels.write(scene, &Unit::format(chart.unit, value), (left + right) / 2.0, end, value < 0.0);
        }
    }
}
