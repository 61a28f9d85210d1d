//! The outlines of a line's glyphs, of those that are no pictures.

use rustybuzz::ttf_parser::OutlineBuilder;

use super::picture::image;
use super::shaping::{Line, Place};

/// A piece of an outline, from its first point to its last one.
pub(crate) enum Curve<P = Place> {
    Line([P; 2]),
    Quadratic([P; 3]),
    Cubic([P; 4]),
}

impl<P: Copy> Curve<P> {
    /// The same elsewhere.
    pub(crate) fn map<Q>(&self, place: impl Fn(P) -> Q) -> Curve<Q> {
        match self {
            Curve::Line(points) => Curve::Line(points.map(place)),
            Curve::Quadratic(points) => Curve::Quadratic(points.map(place)),
            Curve::Cubic(points) => Curve::Cubic(points.map(place)),
        }
    }

    pub(crate) fn points(&self) -> &[P] {
        match self {
            Curve::Line(points) => points,
            Curve::Quadratic(points) => points,
            Curve::Cubic(points) => points,
        }
    }
}

impl Line {
    pub(crate) fn curves(&self) -> Vec<Curve> {
        let mut outline = Outline { curves: Vec::new(), from: (0.0, 0.0), em: 1.0, start: (0.0, 0.0), at: (0.0, 0.0) };
        for glyph in &self.glyphs {
            outline.from = (glyph.x, glyph.y);
            glyph.font.face(|face| {
                outline.em = f64::from(face.units_per_em().max(1));
                if image(face, glyph.id).is_none() {
                    face.outline_glyph(glyph.id, &mut outline);
                }
            });
        }
        outline.curves
    }
}

/// What a font tells its outlines to, in its own units.
struct Outline {
    curves: Vec<Curve>,
    from: Place,
    em: f64,
    /// Where this contour began.
    start: Place,
    at: Place,
}

impl Outline {
    fn place(&self, x: f32, y: f32) -> Place {
        (self.from.0 + f64::from(x) / self.em, self.from.1 + f64::from(y) / self.em)
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.start = self.place(x, y);
        self.at = self.start;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let to = self.place(x, y);
        self.curves.push(Curve::Line([self.at, to]));
        self.at = to;
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let to = self.place(x, y);
        self.curves.push(Curve::Quadratic([self.at, self.place(x1, y1), to]));
        self.at = to;
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let to = self.place(x, y);
        self.curves.push(Curve::Cubic([self.at, self.place(x1, y1), self.place(x2, y2), to]));
        self.at = to;
    }

    fn close(&mut self) {
        if self.at != self.start {
            self.curves.push(Curve::Line([self.at, self.start]));
        }
        self.at = self.start;
    }
}
