//! The way from a line of text to glyphs: what runs from right to left is put in the order in which it is seen, each run
//! gets a font that has its letters, and HarfBuzz's rules say how these join.
//!
//! Directions as in the Unicode Bidirectional Algorithm (Unicode Standard Annex #9), in the crate `unicode-bidi`; shaping in
//! the crate `rustybuzz`.

use std::sync::OnceLock;

use rustybuzz::ttf_parser::GlyphId;
use rustybuzz::{Direction, Face, GlyphBuffer, ShapePlan, UnicodeBuffer, script, shape, shape_with_plan};
use unicode_bidi::BidiInfo;
use unicode_script::{Script, UnicodeScript};

use super::fonts::{Font, Opened};

const LEFT_TO_RIGHT: Direction = Direction::LeftToRight;

static ASCII: OnceLock<ShapePlan> = OnceLock::new();

/// A place in ems, y up from the baseline.
pub(crate) type Place = (f64, f64);

/// A line of text as it is drawn, in ems.
#[derive(Default)]
pub(crate) struct Line {
    pub glyphs: Vec<Glyph>,
    pub width: f64,
}

/// A glyph and where it stands, in ems.
pub(crate) struct Glyph {
    pub font: Font,
    pub id: GlyphId,
    pub x: f64,
    pub y: f64,
}

impl Line {
    /// A text without line ends.
    pub(crate) fn of(text: &str, fonts: &Opened) -> Line {
        let mut line = Line::default();
        if text.is_ascii() {
            // All that most figures have: a plan of how it is shaped is made once.
            Font::Embedded.face(|face| {
                let plan = ASCII.get_or_init(|| ShapePlan::new(face, LEFT_TO_RIGHT, Some(script::LATIN), None, &[]));
                let mut buffer = UnicodeBuffer::new();
                buffer.push_str(text);
                buffer.set_direction(LEFT_TO_RIGHT);
                buffer.set_script(script::LATIN);
                line.push(&Font::Embedded, face, &shape_with_plan(face, plan, buffer));
            });
            return line;
        }
        let order = BidiInfo::new(text, None);
        for paragraph in &order.paragraphs {
            let (levels, runs) = order.visual_runs(paragraph, paragraph.range.clone());
            for range in runs {
                let right_to_left = levels[range.start].is_rtl();
                let direction = if right_to_left { Direction::RightToLeft } else { LEFT_TO_RIGHT };
                let mut runs = runs_of(&text[range], fonts);
                if right_to_left {
                    runs.reverse();
                }
                runs.iter().for_each(|(text, font)| line.add(text, font, direction));
            }
        }
        line
    }

    /// Puts what one font draws behind what is there.
    fn add(&mut self, text: &str, font: &Font, direction: Direction) {
        font.face(|face| {
            let mut buffer = UnicodeBuffer::new();
            buffer.push_str(text);
            buffer.guess_segment_properties();
            buffer.set_direction(direction);
            self.push(font, face, &shape(face, &[], buffer));
        });
    }

    fn push(&mut self, font: &Font, face: &Face, shaped: &GlyphBuffer) {
        let em = f64::from(face.units_per_em().max(1));
        for (info, position) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
            let (x, y) = (f64::from(position.x_offset) / em, f64::from(position.y_offset) / em);
            let id = GlyphId(u16::try_from(info.glyph_id).unwrap_or(0));
            self.glyphs.push(Glyph { font: font.clone(), id, x: self.width + x, y });
            self.width += f64::from(position.x_advance) / em;
        }
    }
}

/// Whether any of a text does.
pub(crate) fn runs_from_right_to_left(text: &str) -> bool {
    !text.is_ascii() && BidiInfo::new(text, None).has_rtl()
}

/// The parts of a text that runs in one direction, each in one script, and the font of each. What has no script of its own,
/// as a space, stays with what is before it.
fn runs_of<'a>(text: &'a str, fonts: &Opened) -> Vec<(&'a str, Font)> {
    let mut runs: Vec<(usize, Font)> = Vec::new();
    let mut of_run = Script::Common;
    for (at, c) in text.char_indices() {
        let own = Some(c.script()).filter(|own| !matches!(own, Script::Common | Script::Inherited | Script::Unknown));
        let same_script = own.is_none_or(|own| of_run == own || of_run == Script::Common);
        // A space behind emoji is none of theirs.
        let leaves = of_run == Script::Common && c.is_ascii() && Font::Embedded.has(c);
        let stays = |font: &Font| is_invisible(c) || if leaves { font.is_embedded() } else { font.has(c) };
        let goes_on = runs.last().is_some_and(|(_, font)| same_script && stays(font));
        if !goes_on {
            runs.push((at, fonts.with(c).unwrap_or(Font::Embedded)));
            of_run = Script::Common;
        }
        of_run = own.unwrap_or(of_run);
    }
    let ends: Vec<usize> = runs.iter().skip(1).map(|(at, _)| *at).chain([text.len()]).collect();
    runs.into_iter().zip(ends).map(|((at, font), end)| (&text[at..end], font)).collect()
}

/// What only changes the characters beside it.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{200b}'..='\u{200f}' | '\u{2066}'..='\u{2069}')
}
