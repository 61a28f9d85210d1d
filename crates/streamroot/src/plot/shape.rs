//! What a picture is made of, before it has a form: shapes in points.

use std::sync::Arc;

use plotters::style::{RGBAColor, ShapeStyle};

use crate::plot::palette::Color;
use crate::plot::text::Text;

/// A colour and how much of it covers what is below, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Paint {
    pub color: Color,
    pub alpha: f64,
}

impl From<Color> for Paint {
    fn from(color: Color) -> Paint {
        Paint { color, alpha: 1.0 }
    }
}

impl Paint {
    /// As plotters has it.
    pub(crate) fn filled(self) -> ShapeStyle {
        let Color(red, green, blue) = self.color;
        ShapeStyle { color: RGBAColor(red, green, blue, self.alpha), filled: true, stroke_width: 0 }
    }
}

impl Color {
    /// This colour, through which a part of what is below is seen.
    pub(crate) fn alpha(self, alpha: f64) -> Paint {
        Paint { color: self, alpha }
    }
}

/// A shape, in points from the upper left corner.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// Its edges are on whole pixels.
    Box {
        left: f64,
        top: f64,
        right: f64,
        bottom: f64,
        paint: Paint,
    },
    Disc {
        x: f64,
        y: f64,
        radius: f64,
        paint: Paint,
    },
    Line {
        points: Vec<(f64, f64)>,
        width: f64,
        paint: Paint,
    },
    /// The inside of a closed line.
    Area {
        points: Vec<(f64, f64)>,
        paint: Paint,
    },
    Text(Text),
    /// A picture of so many pixels, red, green and blue, each `pixel` points wide.
    Pixels {
        left: f64,
        top: f64,
        pixel: f64,
        size: (u32, u32),
        rgb: Arc<[u8]>,
    },
}

impl Shape {
    /// How many places it is made of.
    pub(crate) fn points(&self) -> usize {
        match self {
            Shape::Line { points, .. } | Shape::Area { points, .. } => points.len(),
            Shape::Box { .. } | Shape::Disc { .. } | Shape::Text(_) | Shape::Pixels { .. } => 1,
        }
    }

    /// The shape as large as `scale` says, and moved.
    pub(crate) fn placed(&self, left: f64, top: f64, scale: f64) -> Shape {
        let (dx, dy) = (left, top);
        let place = |(x, y): (f64, f64)| (dx + x * scale, dy + y * scale);
        let places = |points: &[(f64, f64)]| points.iter().map(|point| place(*point)).collect();
        match self {
            Shape::Box { left, top, right, bottom, paint } => {
                let ((left, top), (right, bottom)) = (place((*left, *top)), place((*right, *bottom)));
                Shape::Box { left, top, right, bottom, paint: *paint }
            }
            Shape::Disc { x, y, radius, paint } => {
                let (x, y) = place((*x, *y));
                Shape::Disc { x, y, radius: radius * scale, paint: *paint }
            }
            Shape::Line { points, width, paint } => {
                Shape::Line { points: places(points), width: width * scale, paint: *paint }
            }
            Shape::Area { points, paint } => Shape::Area { points: places(points), paint: *paint },
            Shape::Text(text) => {
                let (x, y) = place((text.x, text.y));
                Shape::Text(Text { x, y, size: text.size * scale, ..text.clone() })
            }
            Shape::Pixels { left, top, pixel, size, rgb } => {
                let (left, top) = place((*left, *top));
                Shape::Pixels { left, top, pixel: pixel * scale, size: *size, rgb: Arc::clone(rgb) }
            }
        }
    }
}
