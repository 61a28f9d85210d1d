//! What a cell adds to a chart: lines, bands and texts, where they cover no label.

use std::collections::HashSet;

use crate::plot::chart::{Annotation, At, Category, Chart, Side};
use crate::plot::frame::Frame;
use crate::plot::scale::{Scale, Span};
use crate::plot::scene::Scene;
use crate::plot::text::{Align, Text};
use crate::table::moment;
use crate::{Error, Result};

/// Where a note stands below, as a number; nothing if it stands at a name.
fn number(chart: &Chart, at: &At) -> Option<f64> {
    match at {
        At::Number(number) => Some(*number),
        At::Name(name) if chart.across?.scale == Scale::Time => moment::parse(name),
        At::Name(_) => None,
    }
}

/// Names for a sentence, each once, and how many more there are.
pub(crate) fn listed<'a>(names: impl Iterator<Item = &'a Category>) -> String {
    const MOST: usize = 40;
    let mut seen = HashSet::new();
    let mut names: Vec<&str> = names.map(|name| &*name.label).filter(|name| seen.insert(*name)).collect();
    let more = names.len().saturating_sub(MOST);
    names.truncate(MOST);
    let listed = names.join(", ");
    if more > 0 { format!("{listed} and {more} more") } else { listed }
}

/// Why something that was added to a chart has no place on it, if that is so.
pub(crate) fn check(chart: &Chart) -> Result<()> {
    let parts = if chart.facets.is_empty() { std::slice::from_ref(chart) } else { &chart.facets };
    let refused = |sentence: String| Err(Error::Figure(sentence));
    for annotation in &chart.annotations {
        let values = match annotation {
            Annotation::Rule(value, _) | Annotation::Note(_, value, _) => [*value, *value],
            Annotation::Band(low, high, _) => [*low, *high],
        };
        if let Some(value) = values
            .into_iter()
            .find(|value| !value.is_finite() || chart.log && chart.mark.logs_values() && *value <= 0.0)
        {
            let axis = if value.is_finite() { "on a logarithmic axis" } else { "on any axis" };
            return refused(format!(
                "{value} has no place {axis}: choose another value for the rule, the band or the note"
            ));
        }
        let Annotation::Note(at, _, text) = annotation else { continue };
        let is_known = |chart: &Chart| match at {
            At::Name(name) => {
                chart.categories.iter().any(|category| category.label == *name) || number(chart, at).is_some()
            }
            At::Number(number) => chart.across.is_some() && number.is_finite(),
        };
        if !parts.iter().any(is_known) {
            let names = listed(parts.iter().flat_map(|part| &part.categories));
            let there = match (names.is_empty(), chart.across.map(|across| across.scale)) {
                (false, _) => format!("there are: {names}"),
                (true, Some(Scale::Time)) => "a time is written as 2026-03-04 19:00".to_owned(),
                (true, _) => "there are numbers below".to_owned(),
            };
            return refused(format!("the note {text:?} has no place at {at:?}: {there}"));
        }
    }
    Ok(())
}

/// What is at the left and below, as far as everything reaches that was added.
pub(crate) fn reached(chart: &Chart, left: Side, below: Side) -> (Side, Side) {
    let mut values = Vec::new();
    let mut numbers = Vec::new();
    for annotation in &chart.annotations {
        match annotation {
            Annotation::Rule(value, _) => values.push(*value),
            Annotation::Band(low, high, _) => values.extend([*low, *high]),
            Annotation::Note(at, value, _) => {
                values.push(*value);
                numbers.extend(number(chart, at));
            }
        }
    }
    let with = |side: Side, more: &[f64]| match side {
        Side::Values(span) => {
            let is_there = |value: &&f64| value.is_finite() && (span.scale != Scale::Log || **value > 0.0);
            let wide =
                |span: Span, value: &f64| Span { low: span.low.min(*value), high: span.high.max(*value), ..span };
            Side::Values(more.iter().filter(is_there).fold(span, wide))
        }
        names => names,
    };
    match left {
        Side::Values(_) => (with(left, &values), with(below, &numbers)),
        Side::Names(_) => (left, with(below, &values)),
    }
}

/// Whether the axis of values is at the left; else it is below.
fn is_upright(frame: &Frame) -> bool {
    frame.y.is_some()
}

/// The bands, behind everything.
pub(crate) fn bands(chart: &Chart, frame: &Frame, scene: &mut Scene) {
    let paint = scene.look.baseline.alpha(0.2);
    for annotation in &chart.annotations {
        let Annotation::Band(low, high, _) = annotation else { continue };
        if is_upright(frame) {
            scene.fill(frame.left, frame.y(*high), frame.right, frame.y(*low), paint);
        } else if frame.x.is_some() {
            scene.fill(frame.x(*low), frame.top, frame.x(*high), frame.bottom, paint);
        }
    }
}

/// The lines, above the marks.
pub(crate) fn rules(chart: &Chart, frame: &Frame, scene: &mut Scene) {
    const DASH: f64 = 6.0;
    let ink = scene.look.soft;
    for annotation in &chart.annotations {
        let Annotation::Rule(value, _) = annotation else { continue };
        if is_upright(frame) {
            let y = frame.y(*value);
            let mut x = frame.left;
            while x < frame.right {
                scene.horizontal(y, x, (x + DASH * 0.6).min(frame.right), 1.5, ink);
                x += DASH;
            }
        } else if frame.x.is_some() {
            let x = frame.x(*value);
            let mut y = frame.top;
            while y < frame.bottom {
                scene.vertical(x, y, (y + DASH * 0.6).min(frame.bottom), 1.5, ink);
                y += DASH;
            }
        }
    }
}

/// All texts, each at the first of some places where it meets no other.
pub(crate) fn texts(chart: &Chart, frame: &Frame, names: &[Category], scene: &mut Scene) {
    let (size, soft, ink) = (scene.look.note(), scene.look.soft, scene.look.ink);
    for annotation in &chart.annotations {
        let (text, color, places) = match annotation {
            Annotation::Rule(value, text) => (text, soft, beside_line(frame, *value, size)),
            Annotation::Band(low, high, text) => {
                let mut places = beside_line(frame, *high, size);
                // Inside of the band first.
                if is_upright(frame) {
                    let inside = frame.y(*high) + size + 1.0;
                    places.insert(0, (frame.left + 4.0, inside, Align::Start));
                    places.insert(0, (frame.right - 4.0, inside, Align::End));
                } else {
                    places.insert(0, ((frame.x(*low) + frame.x(*high)) / 2.0, frame.top + size, Align::Middle));
                }
                (text, soft, places)
            }
            Annotation::Note(at, value, text) => {
                let Some((x, y)) = place(chart, frame, names, at, *value) else { continue };
                (text, ink, around(x, y, size))
            }
        };
        let text = scene.typeface.shorten(text, size, frame.width() - 8.0);
        if text.is_empty() {
            continue;
        }
        let at = |(x, y, align): (f64, f64, Align)| {
            // Inside of the frame from left to right.
            let width = scene.typeface.width(&text, size);
            let (before, after) = match align {
                Align::Start => (0.0, width),
                Align::Middle => (width / 2.0, width / 2.0),
                Align::End => (width, 0.0),
            };
            let x = x.min(frame.right - after).max(frame.left + before);
            Text::new(&text, x, y, size, color).align(align)
        };
        let fits =
            |text: &Text| text.y - size * 0.8 >= frame.top - 2.0 && text.y <= frame.bottom && scene.has_room_for(text);
        let fitting = places.iter().map(|place| at(*place)).filter(fits);
        // The first of those that cover as few dots as can be.
        let fitting = fitting.min_by_key(|text| scene.dots_below(text));
        // Nowhere without meeting another: left out, as a label that would hide one.
        if let Some(text) = fitting {
            // On paper, for what is below not to make it unreadable.
            let (left, top, right, bottom) = scene.room(&text);
            scene.fill(left - 2.0, top, right + 2.0, bottom, scene.look.paper.alpha(0.75));
            scene.write(text);
        }
    }
}

/// Above and below a line at its two ends and its middle, or right and left of it at its upper end.
fn beside_line(frame: &Frame, value: f64, size: f64) -> Vec<(f64, f64, Align)> {
    if is_upright(frame) {
        let (above, below) = (frame.y(value) - 4.0, frame.y(value) + size + 1.0);
        let middle = (frame.left + frame.right) / 2.0;
        [above, below]
            .into_iter()
            .flat_map(|y| {
                [(frame.right - 2.0, y, Align::End), (frame.left + 4.0, y, Align::Start), (middle, y, Align::Middle)]
            })
            .collect()
    } else {
        let x = frame.x(value);
        let step = size * 1.3;
        (0..8)
            .map(|i| frame.top + size + step * f64::from(i))
            .flat_map(|y| [(x + 4.0, y, Align::Start), (x - 4.0, y, Align::End)])
            .collect()
    }
}

/// Above, right, left and below a point, then further away.
fn around(x: f64, y: f64, size: f64) -> Vec<(f64, f64, Align)> {
    (0..5)
        .flat_map(|i| {
            let away = 8.0 + size * 1.2 * f64::from(i);
            let middle = y + size * 0.36;
            [
                (x, y - away, Align::Middle),
                (x + away, middle, Align::Start),
                (x - away, middle, Align::End),
                (x, y + away + size * 0.8, Align::Middle),
            ]
        })
        .collect()
}

/// Where a note belongs; `None` at a category that the chart does not have, since it is a part of one.
fn place(chart: &Chart, frame: &Frame, names: &[Category], at: &At, value: f64) -> Option<(f64, f64)> {
    if frame.y.is_some()
        && frame.x.is_some()
        && let Some(number) = number(chart, at)
    {
        return Some((frame.x(number), frame.y(value)));
    }
    let At::Name(name) = at else { return None };
    let i = names.iter().position(|category| category.label == *name)?;
    Some(if frame.y.is_some() { (frame.column(i), frame.y(value)) } else { (frame.x(value), frame.line(i)) })
}
