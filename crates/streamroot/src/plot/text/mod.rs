//! Text in figures: DejaVu Sans, embedded, so that a label has the same size and the same pixels on every machine. What that
//! has no letters of is drawn in a font of the machine, if one has them; emoji in colours, too.

mod fonts;
mod outline;
mod picture;
mod shaping;

use ab_glyph_rasterizer::{Rasterizer, point};

use fonts::{Font, Opened};
use outline::Curve;
use shaping::{Line, is_invisible};

use crate::plot::palette::Color;
use crate::plot::theme::DENSITY;
use crate::{Error, Result, page};

/// Which point of a line of text stands at its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Start,
    Middle,
    End,
}

/// One line of text in a scene. Its position is on the baseline, in points.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text {
    pub content: String,
    pub x: f64,
    pub y: f64,
    /// Points per em.
    pub size: f64,
    pub align: Align,
    /// Degrees, counter-clockwise.
    pub angle: f64,
    pub color: Color,
}

impl Text {
    pub(crate) fn new(content: &str, x: f64, y: f64, size: f64, color: Color) -> Text {
        Text { content: content.to_owned(), x, y, size, align: Align::Start, angle: 0.0, color }
    }

    pub(crate) fn align(mut self, align: Align) -> Text {
        self.align = align;
        self
    }

    pub(crate) fn angle(mut self, degrees: f64) -> Text {
        self.angle = degrees;
        self
    }

    /// The text as an SVG element, in pixels of the scene. `textLength` holds it to the measured width when the reader
    /// has another font.
    pub(crate) fn svg(&self, typeface: &Typeface) -> String {
        let density = f64::from(DENSITY);
        let anchor = match self.align {
            Align::Start => "start",
            Align::Middle => "middle",
            Align::End => "end",
        };
        let (x, y) = (self.x * density, self.y * density);
        let turn = if self.angle == 0.0 {
            String::new()
        } else {
            format!(" transform=\"rotate({} {x:.1} {y:.1})\"", -self.angle)
        };
        format!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{:.1}\" text-anchor=\"{anchor}\" textLength=\"{:.1}\" \
             lengthAdjust=\"spacingAndGlyphs\" fill=\"{}\"{turn}>{}</text>\n",
            self.size * density,
            typeface.width(&self.content, self.size) * density,
            self.color.hex(),
            page::escape(&isolated(&self.content)),
        )
    }
}

/// The embedded font, ready to measure and to draw, and those of the machine that it needs beside itself.
pub(crate) struct Typeface(Opened);

impl Typeface {
    pub(crate) fn embedded() -> Result<Typeface> {
        Font::embedded()
            .map(|_| Typeface(Opened::default()))
            .ok_or_else(|| Error::Figure("the embedded font can't be read".to_owned()))
    }

    fn line(&self, text: &str) -> Line {
        Line::of(&one_line(text), &self.0)
    }

    /// The width of a line in points.
    pub(crate) fn width(&self, text: &str, size: f64) -> f64 {
        self.line(text).width * size
    }

    /// Of which scripts texts have characters that neither the embedded font nor one of the machine draws, and how many.
    pub(crate) fn undrawable<'a>(&self, texts: impl Iterator<Item = &'a str>) -> Vec<(&'static str, usize)> {
        let mut scripts: Vec<(&'static str, usize)> = Vec::new();
        let is_drawn = |c: char| c.is_ascii() || c.is_control() || is_invisible(c) || Font::is_there_for(c);
        for c in texts.flat_map(|text| text.chars().take(1_000)).filter(|c| !is_drawn(*c)) {
            match scripts.iter_mut().find(|(name, _)| *name == script(c)) {
                Some((_, count)) => *count += 1,
                None => scripts.push((script(c), 1)),
            }
        }
        scripts
    }

    /// The longest beginning of a text that is no wider than `width`, with an ellipsis when something is cut.
    pub(crate) fn shorten(&self, text: &str, size: f64, width: f64) -> String {
        // No label is this long, but a value of the data may be.
        const LONGEST: usize = 200;
        let letters: Vec<char> = text.chars().take(LONGEST).collect();
        if text.chars().nth(LONGEST).is_none() && self.width(text, size) <= width {
            return text.to_owned();
        }
        let cut = |kept: usize| letters[..kept].iter().collect::<String>().trim_end().to_owned() + "…";
        let lengths: Vec<usize> = (1..letters.len()).collect();
        let fits = |kept: usize| self.width(&cut(kept), size) <= width;
        let about = lengths.partition_point(|kept| fits(*kept));
        cut((1..=about).rev().find(|kept| fits(*kept)).unwrap_or(0))
    }

    /// Breaks a text at its spaces into lines no wider than `width`; a single word may be wider.
    pub(crate) fn wrap(&self, text: &str, size: f64, width: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line} {word}"), size) <= width => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        lines
    }

    /// The same as no more lines than `most`, none of which is wider; the last ends in "…" if there is more.
    pub(crate) fn lines(&self, text: &str, size: f64, width: f64, most: usize) -> Vec<String> {
        let mut lines = self.wrap(text, size, width);
        let rest = lines.split_off(lines.len().min(most.saturating_sub(1)));
        if !rest.is_empty() {
            lines.push(rest.join(" "));
        }
        lines.iter().map(|line| self.shorten(line, size, width)).collect()
    }

    /// Draws a line into an RGB picture of `width` times `height` pixels.
    pub(crate) fn draw(&self, text: &Text, pixels: &mut [u8], width: u32, height: u32) {
        let density = f64::from(DENSITY);
        let unit = text.size * density;
        let (sin, cos) = text.angle.to_radians().sin_cos();
        let line = self.line(&text.content);
        let start = match text.align {
            Align::Start => 0.0,
            Align::Middle => -line.width / 2.0,
            Align::End => -line.width,
        };
        let origin = (text.x * density, text.y * density);
        // From ems, y up, along the baseline, to the picture's pixels, y down.
        let place = |(x, y): (f64, f64)| {
            let (x, y) = ((start + x) * unit, y * unit);
            (origin.0 + x * cos - y * sin, origin.1 - x * sin - y * cos)
        };
        for picture in line.pictures() {
            let corners = picture.corners().map(place);
            let range = |of: fn(&(f64, f64)) -> f64, most: u32| {
                let low = corners.iter().map(of).fold(f64::MAX, f64::min).floor().max(0.0);
                low as u32..corners.iter().map(of).fold(f64::MIN, f64::max).ceil().min(f64::from(most)).max(0.0) as u32
            };
            // From the picture's pixels, y down, to ems, y up, along the baseline.
            let back = |x: f64, y: f64| ((x * cos - y * sin) / unit, (-x * sin - y * cos) / unit);
            for y in range(|p| p.1, height) {
                for x in range(|p| p.0, width) {
                    let (em_x, em_y) = back(f64::from(x) - origin.0, f64::from(y) - origin.1);
                    let (color, part) = picture.color((em_x - start, em_y), back(1.0, 0.0), back(0.0, 1.0));
                    let at = (y as usize * width as usize + x as usize) * 3;
                    for (pixel, ink) in pixels[at..at + 3].iter_mut().zip(color) {
                        *pixel = (f64::from(*pixel) + (ink - f64::from(*pixel)) * part).round() as u8;
                    }
                }
            }
        }
        let curves: Vec<Curve> = line.curves().iter().map(|curve| curve.map(place)).collect();
        let (mut left, mut top, mut right, mut bottom) = (f64::MAX, f64::MAX, f64::MIN, f64::MIN);
        for (x, y) in curves.iter().flat_map(Curve::points) {
            (left, right) = (left.min(*x), right.max(*x));
            (top, bottom) = (top.min(*y), bottom.max(*y));
        }
        // Nothing to draw, or nothing of it within the picture.
        if curves.is_empty() || right < 0.0 || bottom < 0.0 || left > f64::from(width) || top > f64::from(height) {
            return;
        }

        let (left, top) = (left.floor() - 1.0, top.floor() - 1.0);
        let mut coverage = Rasterizer::new((right - left).ceil() as usize + 2, (bottom - top).ceil() as usize + 2);
        let relative = |(x, y): (f64, f64)| point((x - left) as f32, (y - top) as f32);
        for curve in curves {
            match curve.map(relative) {
                Curve::Line([a, b]) => coverage.draw_line(a, b),
                Curve::Quadratic([a, b, c]) => coverage.draw_quad(a, b, c),
                Curve::Cubic([a, b, c, d]) => coverage.draw_cubic(a, b, c, d),
            }
        }
        let Color(r, g, b) = text.color;
        coverage.for_each_pixel_2d(|x, y, alpha| {
            let (x, y) = (left as i64 + i64::from(x), top as i64 + i64::from(y));
            if alpha <= 0.0 || x < 0 || y < 0 || x >= i64::from(width) || y >= i64::from(height) {
                return;
            }
            let at = (y as usize * width as usize + x as usize) * 3;
            for (pixel, ink) in pixels[at..at + 3].iter_mut().zip([r, g, b]) {
                let (paper, ink) = (f32::from(*pixel), f32::from(ink));
                *pixel = (paper + (ink - paper) * alpha.min(1.0)).round() as u8;
            }
        });
    }
}

/// Text from data on one line: control characters become spaces.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A line as an SVG has it: what runs from right to left does so from its first letter on, whatever stands around it.
fn isolated(text: &str) -> String {
    let line = one_line(text);
    if shaping::runs_from_right_to_left(&line) { format!("\u{2068}{line}\u{2069}") } else { line }
}

/// A script, as a note names it.
fn script(c: char) -> &'static str {
    match c {
        '\u{600}'..='\u{8ff}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' => "Arabic",
        '\u{900}'..='\u{97f}' => "Devanagari",
        '\u{980}'..='\u{dff}' => "Indic",
        '\u{e00}'..='\u{e7f}' => "Thai",
        '\u{3040}'..='\u{30ff}' => "Japanese",
        '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}' => "Korean",
        '\u{2e80}'..='\u{303f}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}' => "Chinese",
        '\u{1f000}'..='\u{1faff}' => "emoji",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_follow_the_fonts_advances() {
        let typeface = Typeface::embedded().unwrap();
        // DejaVu Sans: a digit is 1303 of 2048 units wide.
        assert!((typeface.width("0", 20.48) - 13.03).abs() < 1e-6);
        assert!((typeface.width("000", 20.48) - 39.09).abs() < 1e-6);
        assert_eq!(typeface.width("", 12.0), 0.0);
    }

    #[test]
    fn long_text_wraps_and_shortens() {
        let typeface = Typeface::embedded().unwrap();
        let width = typeface.width("Datch Telecam", 12.0);
        assert_eq!(typeface.wrap("Datch Telecam", 12.0, width + 0.1), ["Datch Telecam"]);
        assert_eq!(typeface.wrap("Datch Telecam", 12.0, width - 1.0), ["Datch", "Telecam"]);
        let short = typeface.shorten("Datch Telecam", 12.0, width - 1.0);
        assert!(short.ends_with('…') && typeface.width(&short, 12.0) <= width - 1.0, "{short}");
        assert_eq!(typeface.shorten("Olga", 12.0, 0.0), "…");
    }

    #[test]
    fn text_is_drawn_where_it_was_measured() {
        let typeface = Typeface::embedded().unwrap();
        let (width, height) = (400_u32, 100_u32);
        for align in [Align::Start, Align::Middle, Align::End] {
            let mut pixels = vec![255; (width * height * 3) as usize];
            let text = Text::new("EarthWolf", 100.0, 30.0, 14.0, Color(0, 0, 0)).align(align);
            typeface.draw(&text, &mut pixels, width, height);
            let inked: Vec<u32> =
                (0..width).filter(|x| (0..height).any(|y| pixels[((y * width + x) * 3) as usize] < 128)).collect();
            let measured = typeface.width("EarthWolf", 14.0);
            let from = match align {
                Align::Start => 100.0,
                Align::Middle => 100.0 - measured / 2.0,
                Align::End => 100.0 - measured,
            };
            let (first, last) = (f64::from(inked[0]) / 2.0, f64::from(inked[inked.len() - 1]) / 2.0);
            assert!((first - from).abs() < 3.0 && (last - from - measured).abs() < 3.0, "{align:?}: {first} to {last}");
        }
    }

    #[test]
    fn an_svg_keeps_what_runs_from_right_to_left_together() {
        let typeface = Typeface::embedded().unwrap();
        let svg = |text: &str| Text::new(text, 0.0, 0.0, 12.0, Color(0, 0, 0)).svg(&typeface);
        // First strong isolate and pop directional isolate, of Unicode Standard Annex #9.
        assert!(svg("שלום ISP").contains(">\u{2068}שלום ISP\u{2069}</text>"));
        assert!(svg("Zoë").contains(">Zoë</text>"));
    }

    #[test]
    fn text_beyond_the_picture_is_cut_not_a_panic() {
        let typeface = Typeface::embedded().unwrap();
        let mut pixels = vec![255; 10 * 10 * 3];
        for (x, y, angle) in [(-1e6, 0.0, 0.0), (3.0, 3.0, 40.0), (0.0, 1e7, 90.0), (f64::NAN, 1.0, 0.0)] {
            typeface.draw(&Text::new("W\u{0}東", x, y, 30.0, Color(0, 0, 0)).angle(angle), &mut pixels, 10, 10);
        }
    }
}
