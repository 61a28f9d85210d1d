//! A scene as PNG and as SVG.
//!
//! The shapes are replayed on plotters-bitmap and on plotters' SVG, lines and areas for the PNG by `raster.rs`; the text by
//! [`Typeface`](crate::plot::text::Typeface), because plotters puts each letter on a whole pixel.

use plotters::prelude::{BitMapBackend, DrawingBackend, RGBColor, SVGBackend, ShapeStyle};
use plotters::style::Color as _;

use crate::plot::raster;
use crate::plot::scene::Scene;
use crate::plot::shape::{Paint, Shape};
use crate::plot::theme::DENSITY;
use crate::{Error, Result};

/// What replays shapes: with pixels, finely, or as shapes again.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Pixels,
    Shapes,
}

fn style(Paint { color, alpha }: Paint) -> ShapeStyle {
    RGBColor(color.0, color.1, color.2).mix(alpha).filled()
}

/// A place in points as whole pixels.
fn pixel(points: f64) -> i32 {
    (points * f64::from(DENSITY)).round() as i32
}

fn failed(what: impl std::fmt::Display) -> Error {
    Error::Figure(format!("the figure can't be drawn: {what}"))
}

impl Scene {
    /// The picture's size in pixels.
    fn pixels(&self) -> (u32, u32) {
        (self.width * DENSITY as u32, self.height * DENSITY as u32)
    }

    /// The picture as PNG, with its density in it.
    pub(crate) fn png(&self) -> Result<Vec<u8>> {
        let (width, height) = self.pixels();
        let mut pixels: Vec<u8> = Vec::with_capacity(width as usize * height as usize * 3);
        let paper = self.look.paper;
        for _ in 0..width as usize * height as usize {
            pixels.extend([paper.0, paper.1, paper.2]);
        }
        for run in self.shapes().chunk_by(|a, b| !is_text(a) && !is_text(b)) {
            match run {
                [Shape::Text(text)] => self.typeface.draw(text, &mut pixels, width, height),
                shapes => {
                    let mut backend = BitMapBackend::with_buffer(&mut pixels, (width, height));
                    shapes.iter().try_for_each(|shape| replay(&mut backend, shape, Form::Pixels))?;
                }
            }
        }
        for text in &self.texts {
            self.typeface.draw(text, &mut pixels, width, height);
        }
        encode(&pixels, width, height).map_err(|e| Error::Figure(format!("the picture can't be written as PNG: {e}")))
    }

    /// The picture as SVG that has nothing in it but the PNG, in base64.
    pub(crate) fn svg_of_png(&self, png: &str) -> String {
        let (width, height) = (self.width, self.height);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\">\
             <image width=\"{width}\" height=\"{height}\" href=\"data:image/png;base64,{png}\"/></svg>\n"
        )
    }

    /// The picture as SVG, of the same size and with the same coordinates as the PNG's pixels.
    pub(crate) fn svg(&self) -> Result<String> {
        let (width, height) = self.pixels();
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"'DejaVu Sans', Verdana, sans-serif\">\n",
            self.width, self.height
        );
        svg += &vectors((width, height), |backend| {
            backend
                .draw_rect((0, 0), (width as i32, height as i32), &style(self.look.paper.into()), true)
                .map_err(failed)
        })?;
        for run in self.shapes().chunk_by(|a, b| !is_text(a) && !is_text(b)) {
            match run {
                [Shape::Text(text)] => svg += &text.svg(&self.typeface),
                shapes => {
                    svg += &vectors((width, height), |backend| {
                        shapes.iter().try_for_each(|shape| replay(backend, shape, Form::Shapes))
                    })?;
                }
            }
        }
        for text in self.texts.iter().filter(|text| !text.content.is_empty()) {
            svg += &text.svg(&self.typeface);
        }
        svg += "</svg>\n";
        Ok(svg)
    }
}

fn is_text(shape: &Shape) -> bool {
    matches!(shape, Shape::Text(_))
}

/// What plotters writes as SVG, without its own first and last tag, which give way to ones with the size in points.
fn vectors(size: (u32, u32), draw: impl FnOnce(&mut SVGBackend) -> Result<()>) -> Result<String> {
    let mut drawn = String::new();
    {
        let mut backend = SVGBackend::with_string(&mut drawn, size);
        draw(&mut backend)?;
        backend.present().map_err(failed)?;
    }
    Ok(drawn.split_once('\n').map_or("", |(_, body)| body).trim_end().trim_end_matches("</svg>").to_owned())
}

/// Draws one shape on one of plotters' own backends.
fn replay<B: DrawingBackend>(backend: &mut B, shape: &Shape, form: Form) -> Result<()> {
    let (width, height) = backend.get_size();
    let fine = |(x, y): &(f64, f64)| (x * f64::from(DENSITY), y * f64::from(DENSITY));
    let whole = |(x, y): &(f64, f64)| (pixel(*x), pixel(*y));
    let (polygons, paint) = match shape {
        Shape::Box { left, top, right, bottom, paint } => {
            let (first, last) = (
                (pixel(left.min(*right)), pixel(top.min(*bottom))),
                (pixel(left.max(*right)), pixel(top.max(*bottom))),
            );
            // plotters fills up to the last pixel, and not that. Whatever is there is seen.
            let last = (last.0.max(first.0 + 1), last.1.max(first.1 + 1));
            return backend.draw_rect(first, last, &style(*paint), true).map_err(failed);
        }
        Shape::Pixels { left, top, pixel: size, size: (columns, rows), rgb } => {
            for (i, color) in rgb.chunks_exact(3).take(*columns as usize * *rows as usize).enumerate() {
                let (column, row) = ((i as u32 % columns) as f64, (i as u32 / columns) as f64);
                let (x, y) = (left + column * size, top + row * size);
                let (first, last) = ((pixel(x), pixel(y)), (pixel(x + size), pixel(y + size)));
                let color = RGBColor(color[0], color[1], color[2]);
                let last = (last.0.max(first.0 + 1), last.1.max(first.1 + 1));
                backend.draw_rect(first, last, &color, true).map_err(failed)?;
            }
            return Ok(());
        }
        Shape::Disc { x, y, radius, paint } if form == Form::Shapes => {
            return backend
                .draw_circle((pixel(*x), pixel(*y)), pixel(*radius).max(1) as u32, &style(*paint), true)
                .map_err(failed);
        }
        Shape::Line { points, width, paint } if form == Form::Shapes => {
            let style = style(*paint).stroke_width(pixel(*width).max(1) as u32);
            return backend.draw_path(points.iter().map(whole), &style).map_err(failed);
        }
        Shape::Area { points, paint } if form == Form::Shapes => {
            return backend.fill_polygon(points.iter().map(whole), &style(*paint)).map_err(failed);
        }
        Shape::Disc { x, y, radius, paint } => {
            (vec![raster::disc(fine(&(*x, *y)), radius * f64::from(DENSITY))], paint)
        }
        Shape::Line { points, width, paint } => {
            let points: Vec<(f64, f64)> = points.iter().map(fine).collect();
            (raster::stroke(&points, width * f64::from(DENSITY)), paint)
        }
        Shape::Area { points, paint } => (vec![points.iter().map(fine).collect()], paint),
        Shape::Text(_) => return Ok(()),
    };
    let mut drawn = Ok(());
    raster::cover(&polygons, width, height, |x, y, part| {
        let color = pixel_color(*paint, part);
        if let Err(error) = backend.draw_pixel((x, y), color) {
            drawn = Err(failed(error));
        }
    });
    drawn
}

fn pixel_color(Paint { color, alpha }: Paint, part: f64) -> plotters_backend::BackendColor {
    plotters_backend::BackendColor { alpha: alpha * part, rgb: (color.0, color.1, color.2) }
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
