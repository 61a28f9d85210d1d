//! A picture as shapes and lines of text, before it has a form.

use std::borrow::Borrow;
use std::cell::Ref;

use plotters::element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle};

use crate::Result;
use crate::plot::paper::{Page, Paper, grains};
use crate::plot::shape::{Paint, Shape};
use crate::plot::text::{Align, Text, Typeface};
use crate::plot::theme::{Look, Theme};

/// A picture: what is drawn first is covered by what is drawn later, and what is written stands above all shapes. It is drawn with
/// plotters' elements; text has a layout of its own.
pub(crate) struct Scene {
    pub width: u32,
    pub height: u32,
    page: Page,
    pub texts: Vec<Text>,
    pub typeface: Typeface,
    pub look: Look,
}

impl Scene {
    /// An empty picture of a size in points.
    pub(crate) fn new(width: u32, height: u32, theme: Theme) -> Result<Scene> {
        let (page, typeface) = (Page::new(width, height)?, Typeface::embedded()?);
        Ok(Scene { width, height, page, texts: Vec::new(), typeface, look: theme.look() })
    }

    /// What is drawn, from the lowest up.
    pub(crate) fn shapes(&self) -> Ref<'_, Vec<Shape>> {
        self.page.shapes()
    }

    /// Whether so much is drawn that a page shows pixels only: as shapes it would take megabytes, and slow the page down.
    pub(crate) fn is_crowded(&self) -> bool {
        const MOST_POINTS: usize = 20_000;
        self.shapes().iter().map(Shape::points).sum::<usize>() > MOST_POINTS
    }

    /// Adds shapes that are recorded already.
    pub(crate) fn place(&mut self, shapes: impl Iterator<Item = Shape>) {
        self.page.place(shapes);
    }

    /// An element of plotters', whose places are in points. One that lies nowhere is not drawn.
    pub(crate) fn draw<E>(&mut self, element: E)
    where
        for<'b> &'b E: PointCollection<'b, (f64, f64)>,
        E: Drawable<Paper>,
    {
        let is_finite = |place: &(f64, f64)| place.0.is_finite() && place.1.is_finite();
        if element.point_iter().into_iter().all(|place| is_finite(place.borrow())) {
            self.page.draw(&element);
        }
    }

    /// A filled box between two corners, at least one pixel thick.
    pub(crate) fn fill(&mut self, left: f64, top: f64, right: f64, bottom: f64, paint: impl Into<Paint>) {
        self.draw(Rectangle::new([(left, top), (right, bottom)], paint.into().filled()));
    }

    /// A line along an axis: a thin box around the place.
    pub(crate) fn horizontal(&mut self, y: f64, from: f64, to: f64, thickness: f64, paint: impl Into<Paint>) {
        self.fill(from, y - thickness / 2.0, to, y + thickness / 2.0, paint);
    }

    /// The same from top to bottom.
    pub(crate) fn vertical(&mut self, x: f64, from: f64, to: f64, thickness: f64, paint: impl Into<Paint>) {
        self.fill(x - thickness / 2.0, from, x + thickness / 2.0, to, paint);
    }

    pub(crate) fn dot(&mut self, x: f64, y: f64, radius: f64, paint: impl Into<Paint>) {
        self.draw(Circle::new((x, y), grains(radius), paint.into().filled()));
    }

    /// A line through points. A single point is no line.
    pub(crate) fn line(&mut self, points: Vec<(f64, f64)>, width: f64, paint: impl Into<Paint>) {
        self.draw(PathElement::new(points, paint.into().filled().stroke_width(grains(width))));
    }

    /// What a closed line through points surrounds.
    pub(crate) fn area(&mut self, points: Vec<(f64, f64)>, paint: impl Into<Paint>) {
        self.draw(Polygon::new(points, paint.into().filled()));
    }

    pub(crate) fn write(&mut self, text: Text) {
        self.texts.push(text);
    }

    /// Whether a line of text would meet none that is written already.
    pub(crate) fn has_room_for(&self, text: &Text) -> bool {
        let (left, top, right, bottom) = self.room(text);
        let inside = left >= 0.0 && top >= 0.0 && right <= f64::from(self.width) && bottom <= f64::from(self.height);
        inside
            && self.texts.iter().all(|other| {
                let (l, t, r, b) = self.room(other);
                right <= l || r <= left || bottom <= t || b <= top
            })
    }

    /// How many dots a line of text would cover.
    pub(crate) fn dots_below(&self, text: &Text) -> usize {
        let (left, top, right, bottom) = self.room(text);
        let is_below = |shape: &&Shape| match shape {
            Shape::Disc { x, y, radius, .. } => {
                (left - radius..=right + radius).contains(x) && (top - radius..=bottom + radius).contains(y)
            }
            _ => false,
        };
        self.shapes().iter().filter(is_below).count()
    }

    /// The box around a line of text: left, top, right, bottom.
    pub(crate) fn room(&self, text: &Text) -> (f64, f64, f64, f64) {
        let width = self.typeface.width(&text.content, text.size);
        let from = match text.align {
            Align::Start => 0.0,
            Align::Middle => -width / 2.0,
            Align::End => -width,
        };
        let (sin, cos) = text.angle.to_radians().sin_cos();
        let corners = [(from, 0.25), (from + width, 0.25), (from + width, -0.8), (from, -0.8)].map(|(dx, part)| {
            let dy = part * text.size;
            (text.x + dx * cos + dy * sin, text.y - dx * sin + dy * cos)
        });
        let least = |of: fn(&(f64, f64)) -> f64| corners.iter().map(of).fold(f64::MAX, f64::min);
        let most = |of: fn(&(f64, f64)) -> f64| corners.iter().map(of).fold(f64::MIN, f64::max);
        (least(|c| c.0), least(|c| c.1), most(|c| c.0), most(|c| c.1))
    }
}
