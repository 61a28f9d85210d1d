//! What plotters draws on: a backend that records it.
//!
//! plotters' places are whole numbers. What a cell draws with plotters itself is on a paper of points, as a cell expects it;
//! charts are on one so fine that nothing is lost by it.

use std::cell::{Ref, RefCell};
use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;

use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Drawable, PointCollection};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontTransform,
};

use crate::plot::palette::Color;
use crate::plot::shape::{Paint, Shape};
use crate::plot::text::{Align, Text, Typeface};
use crate::plot::theme::Look;
use crate::{Error, Result};

/// What plotters draws on in [`Figure::draw`](crate::Figure::draw). Nothing of it is lost: a circle stays a circle and text
/// stays text until the figure is shown.
pub struct Paper {
    size: (u32, u32),
    /// Whether its places are grains, and not points.
    fine: bool,
    shapes: Rc<RefCell<Vec<Shape>>>,
    typeface: Typeface,
}

/// The whole of a drawing, which plotters' `ChartBuilder::on` and `.draw` take.
pub type Area = DrawingArea<Paper, Shift>;

/// How many grains a point has. 32,767 points of these are plotters' largest number.
const GRAINS: u32 = 1 << 16;

/// A length in points, in grains.
pub(crate) fn grains(length: f64) -> u32 {
    (length * f64::from(GRAINS)).round() as u32
}

/// A fine paper, on which places are in points.
pub(crate) struct Page {
    area: DrawingArea<Paper, Cartesian2d<RangedCoordf64, RangedCoordf64>>,
    shapes: Rc<RefCell<Vec<Shape>>>,
}

impl Page {
    pub(crate) fn new(width: u32, height: u32) -> Result<Page> {
        let shapes = Rc::new(RefCell::new(Vec::new()));
        let size = (width * GRAINS, height * GRAINS);
        let paper = Paper { size, fine: true, shapes: Rc::clone(&shapes), typeface: Typeface::embedded()? };
        let places =
            Cartesian2d::new(0.0..f64::from(width), 0.0..f64::from(height), (0..size.0 as i32, 0..size.1 as i32));
        Ok(Page { area: paper.into_drawing_area().apply_coord_spec(places), shapes })
    }

    pub(crate) fn draw<E>(&self, element: &E)
    where
        for<'b> &'b E: PointCollection<'b, (f64, f64)>,
        E: Drawable<Paper>,
    {
        // Nothing can go wrong where it is recorded.
        let _ = self.area.draw(element);
    }

    pub(crate) fn place(&self, shapes: impl Iterator<Item = Shape>) {
        self.shapes.borrow_mut().extend(shapes);
    }

    pub(crate) fn shapes(&self) -> Ref<'_, Vec<Shape>> {
        self.shapes.borrow()
    }
}

/// What was drawn, in points.
#[derive(Clone, Debug)]
pub(crate) struct Drawing {
    pub width: u32,
    pub height: u32,
    pub shapes: Arc<[Shape]>,
}

impl Drawing {
    /// Lets `draw` draw on an empty paper.
    pub(crate) fn record(
        width: u32,
        height: u32,
        draw: impl FnOnce(&Area) -> std::result::Result<(), Box<dyn std::error::Error>>,
    ) -> Result<Drawing> {
        let shapes = Rc::new(RefCell::new(Vec::new()));
        let paper =
            Paper { size: (width, height), fine: false, shapes: Rc::clone(&shapes), typeface: Typeface::embedded()? };
        let area = paper.into_drawing_area();
        draw(&area).map_err(|error| Error::Figure(format!("the figure can't be drawn: {error}")))?;
        let shapes = shapes.take().into();
        Ok(Drawing { width, height, shapes })
    }
}

/// A shape in the colours of a page: what plotters draws in black and on white by itself is ink on paper.
pub(crate) fn on_page(shape: Shape, look: Look) -> Shape {
    let color = |color: Color| match color {
        Color(0, 0, 0) if look.paper != Color(255, 255, 255) => look.ink,
        Color(255, 255, 255) => look.paper,
        color => color,
    };
    let inked = |paint: Paint| Paint { color: color(paint.color), ..paint };
    match shape {
        Shape::Box { left, top, right, bottom, paint } => Shape::Box { left, top, right, bottom, paint: inked(paint) },
        Shape::Disc { x, y, radius, paint } => Shape::Disc { x, y, radius, paint: inked(paint) },
        Shape::Line { points, width, paint } => Shape::Line { points, width, paint: inked(paint) },
        Shape::Area { points, paint } => Shape::Area { points, paint: inked(paint) },
        Shape::Text(text) => Shape::Text(Text { color: color(text.color), ..text }),
        pixels @ Shape::Pixels { .. } => pixels,
    }
}

type Drawn = std::result::Result<(), DrawingErrorKind<Infallible>>;

fn paint(color: BackendColor) -> Paint {
    Paint { color: Color(color.rgb.0, color.rgb.1, color.rgb.2), alpha: color.alpha.clamp(0.0, 1.0) }
}

/// plotters' font size is the height of a line, of which the letters' em is this part.
const EM: f64 = 1.0 / 1.24;

impl Paper {
    /// A place: a grain, or the middle of one of plotters' pixels, which are points here.
    fn middle(&self, (x, y): BackendCoord) -> (f64, f64) {
        let half = if self.fine { 0.0 } else { 0.5 };
        (self.length(x) + half, self.length(y) + half)
    }

    fn length(&self, length: impl Into<f64>) -> f64 {
        if self.fine { length.into() / f64::from(GRAINS) } else { length.into() }
    }

    fn push(&self, shape: Shape, color: BackendColor) -> Drawn {
        if color.alpha > 0.0 {
            self.shapes.borrow_mut().push(shape);
        }
        Ok(())
    }
}

impl DrawingBackend for Paper {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        let (left, top) = (f64::from(x), f64::from(y));
        self.push(Shape::Box { left, top, right: left + 1.0, bottom: top + 1.0, paint: paint(color) }, color)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        if !fill {
            return self.draw_path([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], style);
        }
        let last = if self.fine { 0 } else { 1 };
        let [left, top, right, bottom] = [left, top, right + last, bottom + last].map(|place| self.length(place));
        self.push(Shape::Box { left, top, right, bottom, paint: paint(style.color()) }, style.color())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let points: Vec<(f64, f64)> = path.into_iter().map(|place| self.middle(place)).collect();
        let (width, paint) = (self.length(style.stroke_width()), paint(style.color()));
        match points.as_slice() {
            [_, _, ..] if self.fine => self.push(Shape::Line { points, width, paint }, style.color()),
            // Along an axis: sharp, as a box.
            [(x0, y0), (x1, y1)] if x0 == x1 || y0 == y1 => {
                let half = width / 2.0;
                let (wide, tall) = if x0 == x1 { (half, 0.5) } else { (0.5, half) };
                let (left, right) = (x0.min(*x1) - wide, x0.max(*x1) + wide);
                let (top, bottom) = (y0.min(*y1) - tall, y0.max(*y1) + tall);
                self.push(Shape::Box { left, top, right, bottom, paint }, style.color())
            }
            [] | [_] => Ok(()),
            _ => self.push(Shape::Line { points: smoothed(points), width, paint }, style.color()),
        }
    }

    fn draw_circle<S: BackendStyle>(&mut self, center: BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        let ((x, y), radius, paint) = (self.middle(center), self.length(radius), paint(style.color()));
        if fill {
            return self.push(Shape::Disc { x, y, radius, paint }, style.color());
        }
        let corners = (radius * 4.0).clamp(24.0, 180.0).round();
        let ring = (0..=corners as i32).map(|i| {
            let angle = f64::from(i) / corners * std::f64::consts::TAU;
            (x + angle.cos() * radius, y + angle.sin() * radius)
        });
        let width = self.length(style.stroke_width());
        self.push(Shape::Line { points: ring.collect(), width, paint }, style.color())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let points: Vec<(f64, f64)> = path.into_iter().map(|place| self.middle(place)).collect();
        if points.len() < 3 {
            return Ok(());
        }
        let points = if self.fine { points } else { smoothed(points) };
        self.push(Shape::Area { points, paint: paint(style.color()) }, style.color())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, (x, y): BackendCoord) -> Drawn {
        let size = style.size() * EM;
        let align = match style.anchor().h_pos {
            HPos::Left => Align::Start,
            HPos::Center => Align::Middle,
            HPos::Right => Align::End,
        };
        // How far the baseline is below the anchor.
        let down = size
            * match style.anchor().v_pos {
                VPos::Top => 0.86,
                VPos::Center => 0.36,
                VPos::Bottom => -0.2,
            };
        let (angle, dx, dy) = match style.transform() {
            FontTransform::None => (0.0, 0.0, down),
            FontTransform::Rotate90 => (-90.0, -down, 0.0),
            FontTransform::Rotate180 => (180.0, 0.0, -down),
            FontTransform::Rotate270 => (90.0, down, 0.0),
        };
        let Paint { color, alpha } = paint(style.color());
        let part = |ink: u8| (f64::from(ink) * alpha + 255.0 * (1.0 - alpha)).round() as u8;
        let color = Color(part(color.0), part(color.1), part(color.2));
        let text = Text::new(text, f64::from(x) + dx, f64::from(y) + dy, size, color).align(align).angle(angle);
        self.push(Shape::Text(text), style.color())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> std::result::Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let width = self.typeface.width(text, style.size() * EM);
        Ok((width.ceil() as u32, style.size().ceil() as u32))
    }

    fn blit_bitmap(&mut self, (x, y): BackendCoord, size: (u32, u32), rgb: &[u8]) -> Drawn {
        let (left, top) = (f64::from(x), f64::from(y));
        self.shapes.borrow_mut().push(Shape::Pixels { left, top, pixel: 1.0, size, rgb: rgb.into() });
        Ok(())
    }
}

/// A path without the steps that plotters' whole pixels put in it: where its points are close to each other, each moves to
/// the middle of those around it, but no further than it was rounded.
fn smoothed(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    const REACH: usize = 3;
    const CLOSE: f64 = 2.5;
    let near = |i: usize, j: usize| {
        let ((x0, y0), (x1, y1)) = (points[i], points[j]);
        (x0 - x1).abs().max((y0 - y1).abs()) <= CLOSE
    };
    (0..points.len())
        .map(|i| {
            let reach = (1..=REACH)
                .take_while(|k| i >= *k && i + k < points.len() && near(i - k, i - k + 1) && near(i + k, i + k - 1))
                .count();
            let around = &points[i - reach..=i + reach];
            let mean = |of: fn(&(f64, f64)) -> f64| around.iter().map(of).sum::<f64>() / around.len() as f64;
            let (x, y) = points[i];
            (x + (mean(|p| p.0) - x).clamp(-0.5, 0.5), y + (mean(|p| p.1) - y).clamp(-0.5, 0.5))
        })
        .collect()
}
