//! A font for tests: the embedded one, but that it has other characters.

use rustybuzz::ttf_parser::Face;

fn number(bytes: &[u8], at: usize) -> usize {
    bytes[at..at + 4].iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

fn glyph(font: &Face, c: char) -> u32 {
    font.glyph_index(c).unwrap().0.into()
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
    let count = number(embedded, 4) >> 16;
    let entry = (0..count).map(|i| 12 + 16 * i).find(|at| &embedded[*at..*at + 4] == b"cmap").unwrap();
    changed[entry + 8..entry + 12].copy_from_slice(&(embedded.len() as u32).to_be_bytes());
    changed[entry + 12..entry + 16].copy_from_slice(&(map.len() as u32).to_be_bytes());
    changed.extend(map);
    changed
}
