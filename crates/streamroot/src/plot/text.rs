//! Text in figures: DejaVu Sans, embedded, so that a label has the same size and the same pixels on every machine.

use ab_glyph::{Font, FontRef, OutlineCurve, Point, point};
use ab_glyph_rasterizer::Rasterizer;

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
            page::escape(&one_line(&self.content)),
        )
    }
}

/// The embedded font, ready to measure and to draw.
pub(crate) struct Typeface(FontRef<'static>);

impl Typeface {
    pub(crate) fn embedded() -> Result<Typeface> {
        FontRef::try_from_slice(dejavu::sans::regular())
            .map(Typeface)
            .map_err(|_| Error::Figure("the embedded font can't be read".to_owned()))
    }

    /// The width of a line in points.
    pub(crate) fn width(&self, text: &str, size: f64) -> f64 {
        let mut width = 0.0;
        let mut before = None;
        for c in printable(text).chars() {
            let glyph = self.0.glyph_id(c);
            if let Some(before) = before {
                width += self.0.kern_unscaled(before, glyph);
            }
            width += self.0.h_advance_unscaled(glyph);
            before = Some(glyph);
        }
        f64::from(width) * self.em(size)
    }

    /// The size of one font unit.
    fn em(&self, size: f64) -> f64 {
        size / f64::from(self.0.units_per_em().unwrap_or(2048.0))
    }

    /// Of which scripts texts have characters that are not drawn as a reader knows them, and how many: those that the font
    /// lacks, and those of scripts whose letters change with their neighbours.
    pub(crate) fn undrawable<'a>(&self, texts: impl Iterator<Item = &'a str>) -> Vec<(&'static str, usize)> {
        let mut scripts: Vec<(&'static str, usize)> = Vec::new();
        let is_drawn = |c: char| c.is_ascii() || c.is_control() || (self.0.glyph_id(c).0 != 0 && !joins(c));
        for c in texts.flat_map(|text| text.chars().take(1_000)).filter(|c| !is_drawn(*c)) {
            // What only changes the character before it.
            if matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{200d}') {
                continue;
            }
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
        let mut kept: Vec<char> = text.chars().take(LONGEST).collect();
        if text.chars().nth(LONGEST).is_none() && self.width(text, size) <= width {
            return text.to_owned();
        }
        while kept.pop().is_some() {
            let short = kept.iter().collect::<String>().trim_end().to_owned() + "…";
            if self.width(&short, size) <= width {
                return short;
            }
        }
        "…".to_owned()
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

    /// Draws a line into an RGB picture of `width` times `height` pixels.
    pub(crate) fn draw(&self, text: &Text, pixels: &mut [u8], width: u32, height: u32) {
        let density = f64::from(DENSITY);
        let unit = self.em(text.size) * density;
        let (sin, cos) = text.angle.to_radians().sin_cos();
        let start = match text.align {
            Align::Start => 0.0,
            Align::Middle => -self.width(&text.content, text.size) / 2.0,
            Align::End => -self.width(&text.content, text.size),
        };
        let origin = (text.x * density, text.y * density);
        // From font units, y up, along the baseline, to the picture's pixels, y down.
        let place = |along: f64, p: Point| {
            let (x, y) = ((along + f64::from(p.x)) * unit + start * density, f64::from(p.y) * unit);
            (origin.0 + x * cos - y * sin, origin.1 - x * sin - y * cos)
        };

        let mut curves = Vec::new();
        let (mut left, mut top, mut right, mut bottom) = (f64::MAX, f64::MAX, f64::MIN, f64::MIN);
        let mut along = 0.0;
        let mut before = None;
        for c in printable(&text.content).chars() {
            let glyph = self.0.glyph_id(c);
            if let Some(before) = before {
                along += f64::from(self.0.kern_unscaled(before, glyph));
            }
            for curve in self.0.outline(glyph).map(|outline| outline.curves).unwrap_or_default() {
                let (points, n) = match curve {
                    OutlineCurve::Line(a, b) => ([a, b, b, b], 2),
                    OutlineCurve::Quad(a, b, c) => ([a, b, c, c], 3),
                    OutlineCurve::Cubic(a, b, c, d) => ([a, b, c, d], 4),
                };
                let points = points.map(|p| place(along, p));
                for (x, y) in points {
                    (left, right) = (left.min(x), right.max(x));
                    (top, bottom) = (top.min(y), bottom.max(y));
                }
                curves.push((points, n));
            }
            along += f64::from(self.0.h_advance_unscaled(glyph));
            before = Some(glyph);
        }
        // Nothing to draw, or nothing of it within the picture.
        if curves.is_empty() || right < 0.0 || bottom < 0.0 || left > f64::from(width) || top > f64::from(height) {
            return;
        }

        let (left, top) = (left.floor() - 1.0, top.floor() - 1.0);
        let mut coverage = Rasterizer::new((right - left).ceil() as usize + 2, (bottom - top).ceil() as usize + 2);
        let relative = |(x, y): (f64, f64)| point((x - left) as f32, (y - top) as f32);
        for ([a, b, c, d], n) in curves {
            match n {
                2 => coverage.draw_line(relative(a), relative(b)),
                3 => coverage.draw_quad(relative(a), relative(b), relative(c)),
                _ => coverage.draw_cubic(relative(a), relative(b), relative(c), relative(d)),
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

/// The same as its letters are seen: Hebrew runs from right to left.
fn printable(text: &str) -> String {
    let text = one_line(text);
    if text.chars().any(is_hebrew) { right_to_left(&text.chars().collect::<Vec<char>>()) } else { text }
}

/// A script that this typeface has no letters of, or not the rules by which they join, as a note names it.
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

fn is_hebrew(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{5ff}' | '\u{fb1d}'..='\u{fb4f}')
}

/// Whether a letter changes with its neighbours.
fn joins(c: char) -> bool {
    matches!(script(c), "Arabic" | "Devanagari" | "Indic")
}

/// The letters in the order in which they are seen: each run of Hebrew words, with what is between them, backwards. Digits
/// within it keep their order.
fn right_to_left(letters: &[char]) -> String {
    let mut seen = String::new();
    let mut i = 0;
    while i < letters.len() {
        if !is_hebrew(letters[i]) {
            seen.push(letters[i]);
            i += 1;
            continue;
        }
        // To the last Hebrew letter before one of another script.
        let other = letters[i..].iter().position(|c| c.is_alphabetic() && !is_hebrew(*c));
        let end = other.map_or(letters.len(), |n| i + n);
        let end = letters[i..end].iter().rposition(|c| is_hebrew(*c)).map_or(i, |n| i + n) + 1;
        let mut run: Vec<char> = letters[i..end].iter().rev().copied().collect();
        for number in run.chunk_by_mut(|a, b| is_of_number(*a) && is_of_number(*b)) {
            if number.iter().all(|c| is_of_number(*c)) {
                number.reverse();
            }
        }
        seen.extend(run);
        i = end;
    }
    seen
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '.' | ',')
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
    fn hebrew_is_read_from_right_to_left() {
        assert_eq!(printable("שלום"), "םולש");
        assert_eq!(printable("ISP שלום עולם 25 (b)"), "ISP םלוע םולש 25 (b)");
        assert_eq!(printable("ערוץ 12 חדש"), "שדח 12 ץורע");
        assert_eq!(printable("Zoë\t1"), "Zoë 1");
    }

    #[test]
    fn what_can_not_be_drawn_is_known() {
        let typeface = Typeface::embedded().unwrap();
        let undrawable = |text: &str| typeface.undrawable(std::iter::once(text));
        assert_eq!(undrawable("Télécom Ελλάδα Москва שלום – 12 %"), []);
        assert_eq!(undrawable("a東b京"), [("Chinese", 2)]);
        assert_eq!(undrawable("مرحبا नमस्ते"), [("Arabic", 5), ("Devanagari", 6)]);
        assert_eq!(undrawable("🦀"), [("emoji", 1)]);
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
