//! A picture as shapes and lines of text, and its two forms: PNG and SVG.
//!
//! The shapes are drawn by plotters, on plotters-bitmap for the PNG; the text by [`Typeface`], because plotters puts each
//! letter on a whole pixel.

use plotters::prelude::*;

use crate::palette::Color;
use crate::text::{Text, Typeface};
use crate::{Error, Result};

/// Pixels a point: pictures have twice the pixels of their size, to be sharp on a dense screen.
pub(crate) const DENSITY: i32 = 2;

/// A shape, in points from the upper left corner.
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Box { left: f64, top: f64, right: f64, bottom: f64, color: Color },
    Dot { x: f64, y: f64, radius: f64, color: Color },
}

/// A picture: what is drawn first is covered by what is drawn later, and text stands above all shapes.
pub(crate) struct Scene {
    width: u32,
    height: u32,
    shapes: Vec<Shape>,
    texts: Vec<Text>,
    pub typeface: Typeface,
}

impl Scene {
    /// An empty picture of a size in points.
    pub(crate) fn new(width: u32, height: u32) -> Result<Scene> {
        Ok(Scene { width, height, shapes: Vec::new(), texts: Vec::new(), typeface: Typeface::embedded()? })
    }

    /// A filled box between two corners, at least one pixel thick.
    pub(crate) fn fill(&mut self, left: f64, top: f64, right: f64, bottom: f64, color: Color) {
        if [left, top, right, bottom].iter().all(|place| place.is_finite()) {
            self.shapes.push(Shape::Box { left, top, right, bottom, color });
        }
    }

    /// A line along an axis: a thin box around the place.
    pub(crate) fn horizontal(&mut self, y: f64, from: f64, to: f64, thickness: f64, color: Color) {
        self.fill(from, y - thickness / 2.0, to, y + thickness / 2.0, color);
    }

    /// The same from top to bottom.
    pub(crate) fn vertical(&mut self, x: f64, from: f64, to: f64, thickness: f64, color: Color) {
        self.fill(x - thickness / 2.0, from, x + thickness / 2.0, to, color);
    }

    pub(crate) fn dot(&mut self, x: f64, y: f64, radius: f64, color: Color) {
        if x.is_finite() && y.is_finite() {
            self.shapes.push(Shape::Dot { x, y, radius, color });
        }
    }

    pub(crate) fn write(&mut self, text: Text) {
        self.texts.push(text);
    }

    /// The picture's size in pixels.
    fn pixels(&self) -> (u32, u32) {
        (self.width * DENSITY as u32, self.height * DENSITY as u32)
    }

    fn draw_shapes<B: DrawingBackend>(&self, backend: B) -> Result<()> {
        let failed = |what: String| Error::Figure(format!("the figure can't be drawn: {what}"));
        let paper = backend.into_drawing_area();
        paper.fill(&WHITE).map_err(|e| failed(e.to_string()))?;
        let pixel = |points: f64| (points * f64::from(DENSITY)).round() as i32;
        let style = |Color(r, g, b): Color| ShapeStyle::from(RGBColor(r, g, b)).filled();
        for shape in &self.shapes {
            match *shape {
                Shape::Box { left, top, right, bottom, color } => {
                    let (first, last) = (
                        (pixel(left.min(right)), pixel(top.min(bottom))),
                        (pixel(left.max(right)), pixel(top.max(bottom))),
                    );
                    // plotters' boxes include their last pixel.
                    let last = ((last.0 - 1).max(first.0), (last.1 - 1).max(first.1));
                    paper.draw(&Rectangle::new([first, last], style(color)))
                }
                Shape::Dot { x, y, radius, color } => {
                    paper.draw(&Circle::new((pixel(x), pixel(y)), pixel(radius), style(color)))
                }
            }
            .map_err(|e| failed(e.to_string()))?;
        }
        paper.present().map_err(|e| failed(e.to_string()))
    }

    /// The picture as PNG, with its density in it.
    pub(crate) fn png(&self) -> Result<Vec<u8>> {
        let (width, height) = self.pixels();
        let mut pixels = vec![0; width as usize * height as usize * 3];
        self.draw_shapes(BitMapBackend::with_buffer(&mut pixels, (width, height)))?;
        for text in &self.texts {
            self.typeface.draw(text, &mut pixels, width, height);
        }
        encode(&pixels, width, height).map_err(|e| Error::Figure(format!("the picture can't be written as PNG: {e}")))
    }

    /// The picture as SVG, of the same size and with the same coordinates as the PNG's pixels.
    pub(crate) fn svg(&self) -> Result<String> {
        let (width, height) = self.pixels();
        let mut drawn = String::new();
        self.draw_shapes(SVGBackend::with_string(&mut drawn, (width, height)))?;
        // plotters' own first and last tag give way to ones with the size in points.
        let shapes = drawn.split_once('\n').map_or("", |(_, body)| body).trim_end().trim_end_matches("</svg>");
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"'DejaVu Sans', Verdana, sans-serif\">\n{shapes}",
            self.width, self.height
        );
        for text in self.texts.iter().filter(|text| !text.content.is_empty()) {
            svg += &text.svg(&self.typeface);
        }
        svg += "</svg>\n";
        Ok(svg)
    }
}

fn encode(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, png::EncodingError> {
    /// Pixels a metre at which a point is 1/96 inch, as in CSS.
    const DOTS_A_METRE: u32 = (96.0 * DENSITY as f64 / 0.0254) as u32;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::Up);
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: DOTS_A_METRE,
        yppu: DOTS_A_METRE,
        unit: png::Unit::Meter,
    }));
    encoder.write_header()?.write_image_data(pixels)?;
    Ok(bytes)
}
