//! One chart in the picture: its title, legend, axes, names and notes around its marks.

use crate::plot::annotate;
use crate::plot::chart::{Category, Chart, Side};
use crate::plot::frame::Frame;
use crate::plot::names::Names;
use crate::plot::palette::Color;
use crate::plot::scale::Axis;
use crate::plot::scene::Scene;
use crate::plot::text::{Align, Text};
use crate::plot::theme::MARGIN;

/// A chart with its place in the picture.
pub(crate) struct Panel<'a> {
    pub chart: &'a Chart,
    pub frame: Frame,
    /// The names at the left and below.
    pub rows: Vec<Category>,
    pub columns: Vec<Category>,
    /// Whether this panel shows what is at its left, and what is below.
    pub labelled: bool,
    pub named: bool,
    /// Whether it is one of many like it, which have legend and notes in common.
    pub facet: bool,
    pub names: Names,
}

/// The room to the left of a panel.
pub(crate) fn gutter(
    scene: &Scene,
    chart: &Chart,
    left: &Side,
    axis: Option<&Axis>,
    labelled: bool,
    panel_width: f64,
) -> f64 {
    let nothing = matches!(left, Side::Names(names) if names.is_empty());
    if !labelled || nothing {
        return 0.0;
    }
    let labels = match left {
        Side::Values(_) => axis
            .map(|axis| &axis.ticks)
            .into_iter()
            .flatten()
            .map(|(_, label)| scene.typeface.width(label, scene.look.tick()))
            .fold(0.0, f64::max),
        Side::Names(names) => row_names(scene, chart, names, panel_width)
            .iter()
            .map(|name| scene.typeface.width(name, scene.look.label()))
            .fold(0.0, f64::max),
    };
    labels + 8.0 + if chart.y_label.is_empty() { 0.0 } else { scene.look.label() * 1.5 }
}

/// The names at the left, none wider than its part of the panel: a third, or more where the marks lie.
fn row_names(scene: &Scene, chart: &Chart, names: &[Category], panel_width: f64) -> Vec<String> {
    let part = if matches!(chart.mark.below(chart), Side::Values(_)) { 0.45 } else { 1.0 / 3.0 };
    names.iter().map(|name| scene.typeface.shorten(&name.label, scene.look.label(), panel_width * part)).collect()
}

/// The room above a panel: title and legend.
pub(crate) fn head(scene: &Scene, panel: &Panel) -> f64 {
    let title = title_lines(scene, panel).len() as f64 * title_size(scene, panel) * 1.25;
    let legend = legend(scene, panel).map_or(0.0, |legend| legend.height(scene));
    let below = if panel.facet { 4.0 } else { 8.0 };
    title + legend + if title + legend > 0.0 { below } else { 2.0 }
}

/// The room below a panel: names, axis label and notes.
pub(crate) fn foot(scene: &Scene, panel: &Panel) -> f64 {
    if !panel.named {
        return MARGIN;
    }
    let label = if panel.chart.x_label.is_empty() { 0.0 } else { scene.look.label() * 1.5 };
    let notes = panel_notes(scene, panel).len() as f64 * scene.look.note() * 1.35;
    panel.names.height + 6.0 + label + if notes > 0.0 { notes + 6.0 } else { 0.0 } + MARGIN * 0.6
}

fn title_size(scene: &Scene, panel: &Panel) -> f64 {
    if panel.facet { scene.look.label() } else { scene.look.title() }
}

fn title_lines(scene: &Scene, panel: &Panel) -> Vec<String> {
    let (width, size) = (panel.frame.width(), title_size(scene, panel));
    let title: String = panel.chart.title.chars().take(400).collect();
    scene.typeface.lines(&title, size, width, if panel.facet { 1 } else { 3 })
}

fn panel_notes(scene: &Scene, panel: &Panel) -> Vec<String> {
    if panel.facet { Vec::new() } else { note_lines(scene, &notes(scene, panel.chart), panel.frame.width()) }
}

/// Notes as lines of a width.
pub(crate) fn note_lines(scene: &Scene, notes: &[String], width: f64) -> Vec<String> {
    let size = scene.look.note();
    scene.typeface.lines(&notes.join("; "), size, width, 3)
}

/// What a chart says below itself: its notes, and which values and characters could not be drawn.
pub(crate) fn notes(scene: &Scene, chart: &Chart) -> Vec<String> {
    let mut notes = chart.notes.clone();
    let mut undrawn: Vec<String> = Vec::new();
    let mut count = 0;
    for series in &chart.series {
        for (i, value) in series.values.iter().enumerate() {
            let Some(value) = value.filter(|&v| chart.drawable(Some(v)).is_none()) else { continue };
            count += 1;
            if undrawn.len() < 3 {
                let name = match (chart.across, series.at.get(i)) {
                    (Some(across), Some(at)) => across.format(*at),
                    (None, Some(at)) => chart.categories.get(*at as usize).unwrap_or(&series.name).label.clone(),
                    _ => chart.categories.get(i).unwrap_or(&series.name).label.clone(),
                };
                undrawn.push(format!("{name} ({})", chart.unit.format(value)));
            }
        }
    }
    if count > undrawn.len() {
        undrawn.push(format!("{} more", count - undrawn.len()));
    }
    if !undrawn.is_empty() {
        notes.push(format!("can't be drawn: {}", undrawn.join(", ")));
    }
    let names = chart.categories.iter().chain(chart.series.iter().map(|series| &series.name));
    let labels = [&chart.title, &chart.x_label, &chart.y_label, &chart.legend].into_iter();
    let scripts = scene.typeface.undrawable(names.map(|name| &name.label).chain(labels).map(String::as_str));
    if !scripts.is_empty() {
        let scripts: Vec<String> = scripts
            .into_iter()
            .map(|(script, count)| format!("{count} {script} character{}", if count == 1 { "" } else { "s" }))
            .collect();
        notes.push(format!("not drawn as they are read: {}", scripts.join(", ")));
    }
    notes
}

/// The entries of a legend, row by row.
pub(crate) struct Legend {
    title: String,
    /// How far from the left each is, with its colour and its name.
    rows: Vec<Vec<(f64, Color, String)>>,
}

impl Legend {
    /// Of these names, in `width` points.
    pub(crate) fn of(scene: &Scene, title: &str, names: Vec<&Category>, chart: &Chart, width: f64) -> Legend {
        let tick = scene.look.tick();
        let title = scene.typeface.shorten(title, tick, width / 3.0);
        let mut rows: Vec<Vec<(f64, Color, String)>> = Vec::new();
        let mut x = if title.is_empty() { 0.0 } else { scene.typeface.width(&title, tick) + 12.0 };
        let colors = chart.colors(names.iter().copied());
        for (name, color) in names.into_iter().zip(colors) {
            let label = scene.typeface.shorten(&name.label, tick, (width - 15.0).max(10.0));
            let wide = 15.0 + scene.typeface.width(&label, tick) + 14.0;
            if rows.is_empty() {
                rows.push(Vec::new());
            } else if x + wide - 14.0 > width {
                rows.push(Vec::new());
                x = 0.0;
            }
            if let Some(row) = rows.last_mut() {
                row.push((x, color, label));
            }
            x += wide;
        }
        Legend { title, rows }
    }

    pub(crate) fn height(&self, scene: &Scene) -> f64 {
        self.rows.len() as f64 * scene.look.label() * 1.5
    }

    pub(crate) fn draw(&self, scene: &mut Scene, left: f64, top: f64) {
        let (label, tick) = (scene.look.label(), scene.look.tick());
        for (number, row) in self.rows.iter().enumerate() {
            let middle = top + label * (1.5 * number as f64 + 0.75);
            if number == 0 && !self.title.is_empty() {
                scene.write(Text::new(&self.title, left, middle + tick * 0.36, tick, scene.look.soft));
            }
            for (x, color, name) in row {
                let x = left + x;
                scene.fill(x, middle - 5.0, x + 10.0, middle + 5.0, *color);
                scene.write(Text::new(name, x + 15.0, middle + tick * 0.36, tick, scene.look.ink));
            }
        }
    }
}

fn legend(scene: &Scene, panel: &Panel) -> Option<Legend> {
    let chart = panel.chart;
    if panel.facet || !chart.mark.is_grouped(chart) {
        return None;
    }
    let names = chart.series.iter().map(|series| &series.name).collect();
    Some(Legend::of(scene, &chart.legend, names, chart, panel.frame.width()))
}

/// Draws a panel whose title begins at `top`.
pub(crate) fn draw(panel: &Panel, scene: &mut Scene, top: f64) {
    let (chart, frame) = (panel.chart, &panel.frame);
    let mut y = top;
    let size = title_size(scene, panel);
    for line in title_lines(scene, panel) {
        scene.write(Text::new(&line, frame.left, y + size * 0.95, size, scene.look.ink));
        y += size * 1.25;
    }
    if let Some(legend) = legend(scene, panel) {
        legend.draw(scene, frame.left, y);
    }
    let is_empty = chart.drawing.is_none() && chart.all_values().next().is_none();
    if is_empty {
        let (grid, soft, label) = (scene.look.grid, scene.look.soft, scene.look.label());
        for y in [frame.top, frame.bottom] {
            scene.horizontal(y, frame.left, frame.right, 1.0, grid);
        }
        for x in [frame.left, frame.right] {
            scene.vertical(x, frame.top, frame.bottom, 1.0, grid);
        }
        let (x, y) = ((frame.left + frame.right) / 2.0, (frame.top + frame.bottom) / 2.0);
        scene.write(Text::new("no data", x, y + label * 0.36, label, soft).align(Align::Middle));
    } else {
        annotate::bands(chart, frame, scene);
        draw_grid(scene, panel);
        let left = draw_left(scene, panel);
        chart.mark.draw(chart, frame, scene);
        annotate::rules(chart, frame, scene);
        draw_y_label(scene, panel, left);
    }
    draw_below(scene, panel, is_empty);
    if !is_empty {
        let names = if frame.y.is_some() { &panel.columns } else { &panel.rows };
        annotate::texts(chart, frame, names, scene);
    }
}

/// The lines behind the marks.
fn draw_grid(scene: &mut Scene, panel: &Panel) {
    let frame = &panel.frame;
    let grid = scene.look.grid;
    if let Some(axis) = &frame.y {
        for (value, _) in &axis.ticks {
            scene.horizontal(frame.y(*value), frame.left, frame.right, 1.0, grid);
        }
    } else if let Some(axis) = &frame.x {
        for (value, _) in &axis.ticks {
            scene.vertical(frame.x(*value), frame.top, frame.bottom, 1.0, grid);
        }
    }
}

/// What stands at the left of a panel; returns how wide it is.
fn draw_left(scene: &mut Scene, panel: &Panel) -> f64 {
    let frame = &panel.frame;
    let (soft, ink, tick) = (scene.look.soft, scene.look.ink, scene.look.tick());
    let mut widest = 0.0_f64;
    if !panel.labelled {
        return widest;
    }
    if let Some(axis) = &frame.y {
        for (value, label) in &axis.ticks {
            let y = frame.y(*value) + tick * 0.36;
            scene.write(Text::new(label, frame.left - 7.0, y, tick, soft).align(Align::End));
            widest = widest.max(scene.typeface.width(label, tick));
        }
    }
    let tall = frame.row();
    let size = (tall / 1.1).min(scene.look.label());
    let every = (7.0 / size).ceil().max(1.0) as usize;
    // As wide as the room that was left for them.
    let names = row_names(scene, panel.chart, &panel.rows, frame.right - frame.left);
    for (row, name) in names.iter().enumerate().step_by(every) {
        let y = frame.line(row) + size * 0.36;
        widest = widest.max(scene.typeface.width(name, size.max(7.0)));
        scene.write(Text::new(name, frame.left - 7.0, y, size.max(7.0), ink).align(Align::End));
    }
    widest
}

fn draw_y_label(scene: &mut Scene, panel: &Panel, widest: f64) {
    if panel.labelled && !panel.chart.y_label.is_empty() {
        let (frame, size) = (&panel.frame, scene.look.label());
        let label = scene.typeface.shorten(&panel.chart.y_label, size, frame.height() + 40.0);
        let (x, y) = (frame.left - 8.0 - widest - size * 0.4, (frame.top + frame.bottom) / 2.0);
        scene.write(Text::new(&label, x, y, size, scene.look.soft).align(Align::Middle).angle(90.0));
    }
}

/// What stands below a panel.
fn draw_below(scene: &mut Scene, panel: &Panel, is_empty: bool) {
    let (chart, frame) = (panel.chart, &panel.frame);
    let (ink, soft, baseline) = (scene.look.ink, scene.look.soft, scene.look.baseline);
    let top = frame.bottom + 5.0;
    if frame.y.is_some() {
        scene.horizontal(frame.floor(), frame.left, frame.right, 1.0, baseline);
    } else if frame.x.is_some() {
        scene.vertical(frame.wall(), frame.top, frame.bottom, 1.0, baseline);
    }
    if !panel.named {
        return;
    }
    if let Some(axis) = frame.x.as_ref().filter(|_| !is_empty || frame.y.is_some()) {
        let tick = scene.look.tick();
        let mut end = f64::MIN;
        for (value, label) in &axis.ticks {
            let x = frame.x(*value);
            if frame.y.is_some() {
                scene.vertical(x, frame.bottom, frame.bottom + 3.0, 1.0, baseline);
            }
            // The first and the last label stay within the picture, and none meets the one before.
            let half = scene.typeface.width(label, tick) / 2.0;
            let x = x.min(frame.right + MARGIN - 1.0 - half).max(half + 1.0);
            if x - half > end + 4.0 {
                scene.write(Text::new(label, x, top + tick, tick, ink).align(Align::Middle));
                end = x + half;
            }
        }
    } else {
        for i in 0..panel.columns.len() {
            for text in panel.names.texts(i, frame.column(i), top, ink) {
                scene.write(text);
            }
        }
    }
    let mut y = top + panel.names.height;
    if !chart.x_label.is_empty() {
        let size = scene.look.label();
        let label = scene.typeface.shorten(&chart.x_label, size, frame.width());
        let middle = (frame.left + frame.right) / 2.0;
        scene.write(Text::new(&label, middle, y + size * 1.2, size, soft).align(Align::Middle));
        y += size * 1.5;
    }
    y += 6.0;
    for line in panel_notes(scene, panel) {
        scene.write(Text::new(&line, frame.left, y + scene.look.note(), scene.look.note(), soft));
        y += scene.look.note() * 1.35;
    }
}
