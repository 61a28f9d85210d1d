//! Glyphs that a font has as pictures, such as emoji in colours: PNG in the tables `CBDT` and `sbix`.

use png::{Decoder, Transformations};
use rustybuzz::Face;
use rustybuzz::ttf_parser::{GlyphId, RasterGlyphImage, RasterImageFormat};

use super::shaping::{Glyph, Line, Place};

/// A glyph's picture. Places are in ems, y up from the baseline.
pub(crate) struct Picture {
    /// The lower left corner.
    at: Place,
    /// The width of a pixel.
    pixel: f64,
    width: usize,
    height: usize,
    /// Red, green, blue and how much they cover, from the upper left corner.
    rgba: Vec<u8>,
}

/// As many samples of a picture in each direction make a pixel on the page: some five of its own come to one.
const SAMPLES: usize = 4;

impl Line {
    pub(crate) fn pictures(&self) -> Vec<Picture> {
        let picture = |glyph: &Glyph| {
            glyph.font.face(|face| {
                let image = image(face, glyph.id)?;
                let em = f64::from(image.pixels_per_em.max(1));
                let at = (glyph.x + f64::from(image.x) / em, glyph.y + f64::from(image.y) / em);
                let (rgba, width, height) = decoded(image.data)?;
                Some(Picture { at, pixel: 1.0 / em, width, height, rgba })
            })?
        };
        self.glyphs.iter().filter_map(picture).collect()
    }
}

/// A glyph's picture, the largest that its font has.
pub(super) fn image<'a>(face: &'a Face<'a>, id: GlyphId) -> Option<RasterGlyphImage<'a>> {
    face.glyph_raster_image(id, u16::MAX).filter(|image| image.format == RasterImageFormat::PNG)
}

fn decoded(data: &[u8]) -> Option<(Vec<u8>, usize, usize)> {
    /// More pixels than these are no glyph.
    const MOST: u32 = 1 << 10;
    let mut decoder = Decoder::new(std::io::Cursor::new(data));
    decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
    let mut reader = decoder.read_info().ok()?;
    let (width, height) = (reader.info().width, reader.info().height);
    let mut bytes = vec![0; reader.output_buffer_size().filter(|_| width.max(height) <= MOST)?];
    let info = reader.next_frame(&mut bytes).ok()?;
    bytes.truncate(info.buffer_size());
    let rgba = match info.color_type.samples() {
        4 => bytes,
        2 => bytes.chunks_exact(2).flat_map(|of| [of[0], of[0], of[0], of[1]]).collect(),
        _ => return None,
    };
    Some((rgba, width as usize, height as usize))
}

impl Picture {
    /// The corners.
    pub(crate) fn corners(&self) -> [Place; 4] {
        let ((x, y), wide, tall) = (self.at, self.width as f64 * self.pixel, self.height as f64 * self.pixel);
        [(x, y), (x + wide, y), (x + wide, y + tall), (x, y + tall)]
    }

    /// The colour around a place, `from` which `across` leads to the next pixel on the page, and `down` to that below it; and how
    /// much of the pixel it covers, 0 to 1.
    pub(crate) fn color(&self, from: Place, across: Place, down: Place) -> ([f64; 3], f64) {
        let (mut sum, mut covered) = ([0.0; 3], 0.0);
        for i in 0..SAMPLES * SAMPLES {
            let part = |i: usize| (i as f64 + 0.5) / SAMPLES as f64;
            let (a, b) = (part(i % SAMPLES), part(i / SAMPLES));
            let x = from.0 + a * across.0 + b * down.0 - self.at.0;
            let y = from.1 + a * across.1 + b * down.1 - self.at.1;
            let (column, row) = ((x / self.pixel).floor(), self.height as f64 - 1.0 - (y / self.pixel).floor());
            if column < 0.0 || row < 0.0 || column >= self.width as f64 || row >= self.height as f64 {
                continue;
            }
            let at = (row as usize * self.width + column as usize) * 4;
            let alpha = f64::from(self.rgba[at + 3]) / 255.0;
            sum.iter_mut().zip(&self.rgba[at..]).for_each(|(sum, value)| *sum += f64::from(*value) * alpha);
            covered += alpha;
        }
        (sum.map(|sum| if covered > 0.0 { sum / covered } else { 0.0 }), covered / (SAMPLES * SAMPLES) as f64)
    }
}
