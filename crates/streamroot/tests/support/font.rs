//! A font for tests: the embedded one, but that it has other characters.

use rustybuzz::ttf_parser::Face;

fn number(bytes: &[u8], at: usize) -> usize {
    bytes[at..at + 4].iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

fn glyph(font: &Face, c: char) -> u32 {
    font.glyph_index(c).unwrap().0.into()
}

/// The same font, of which this character is a square of one colour, as wide and as high as an em, from the baseline up.
pub fn with_a_square(letters: &[(char, char)], c: char, color: [u8; 3]) -> Vec<u8> {
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 8, 8);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&color.repeat(64)).unwrap();
    let font = Face::parse(dejavu::sans::regular(), 0).unwrap();
    let looks = letters.iter().find(|(known, _)| *known == c).unwrap().1;
    let (own, count) = (glyph(&font, looks), u32::from(font.number_of_glyphs()));
    // The table `sbix` of one strike, whose pictures are 8 pixels an em.
    let mut sbix: Vec<u8> = [0_u16, 1, 0, 1, 0, 12, 8, 72].iter().flat_map(|n| n.to_be_bytes()).collect();
    sbix[..4].copy_from_slice(&[0, 1, 0, 1]);
    let start = 4 + 4 * (count + 1);
    let end = start + 8 + png.len() as u32;
    sbix.extend((0..=count).flat_map(|id| if id <= own { start } else { end }.to_be_bytes()));
    sbix.extend([0, 0, 0, 0]);
    sbix.extend(b"png ");
    sbix.extend(png);
    let mut changed = of(letters);
    replace(&mut changed, b"kern", b"sbix", &sbix);
    changed
}

/// Puts another table in the place of one.
fn replace(font: &mut Vec<u8>, old: &[u8; 4], new: &[u8; 4], table: &[u8]) {
    let count = number(font, 4) >> 16;
    let entry = (0..count).map(|i| 12 + 16 * i).find(|at| &font[*at..*at + 4] == old).unwrap();
    font[entry..entry + 4].copy_from_slice(new);
    let from = font.len() as u32;
    font[entry + 8..entry + 12].copy_from_slice(&from.to_be_bytes());
    font[entry + 12..entry + 16].copy_from_slice(&(table.len() as u32).to_be_bytes());
    font.extend(table);
}

/// The embedded font with these characters and no others; each looks as the other one does in it.
pub fn of(letters: &[(char, char)]) -> Vec<u8> {
    let embedded: &[u8] = dejavu::sans::regular();
    let font = Face::parse(embedded, 0).unwrap();
    // A character map of format 12, for the platform "Windows" and all of Unicode.
    let mut letters = letters.to_vec();
    letters.sort();
    let mut map: Vec<u8> = [0_u16, 1, 3, 10].iter().flat_map(|n| n.to_be_bytes()).collect();
    map.extend(12_u32.to_be_bytes());
    map.extend([12_u16, 0].iter().flat_map(|n| n.to_be_bytes()));
    map.extend([16 + 12 * letters.len() as u32, 0, letters.len() as u32].iter().flat_map(|n| n.to_be_bytes()));
    for (c, looks) in letters {
        map.extend([c.into(), c.into(), glyph(&font, looks)].iter().flat_map(|n: &u32| n.to_be_bytes()));
    }
    let mut changed = embedded.to_vec();
    // It has rules for Devanagari where it has those for Cyrillic, so that HarfBuzz's own for that script come into play.
    for at in 0..changed.len() - 4 {
        if &changed[at..at + 4] == b"cyrl" {
            changed[at..at + 4].copy_from_slice(b"deva");
        }
    }
    replace(&mut changed, b"cmap", b"cmap", &map);
    changed
}
