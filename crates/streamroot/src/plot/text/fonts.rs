//! The fonts that text is drawn in: DejaVu Sans, embedded, and for letters that it lacks those of the machine.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use rustybuzz::Face;
use rustybuzz::ttf_parser::cmap;

static EMBEDDED: LazyLock<Option<Face<'static>>> = LazyLock::new(|| Face::from_slice(dejavu::sans::regular(), 0));

/// The font files of this machine, the likelier ones first.
static FILES: LazyLock<Vec<PathBuf>> = LazyLock::new(|| {
    let mut files = Vec::new();
    directories().iter().for_each(|directory| collect(directory, &mut files, 8));
    files.sort_by_cached_key(|path| (plainness(path), path.clone()));
    files
});

/// The file of a font that has a character, of those that were asked for.
static FOUND: Mutex<BTreeMap<char, Option<&'static Path>>> = Mutex::new(BTreeMap::new());

#[derive(Clone)]
pub(crate) enum Font {
    Embedded,
    OfMachine(Arc<[u8]>),
}

impl Font {
    /// The embedded font, if it can be read.
    pub(crate) fn embedded() -> Option<Font> {
        EMBEDDED.is_some().then_some(Font::Embedded)
    }

    pub(crate) fn is_embedded(&self) -> bool {
        matches!(self, Font::Embedded)
    }

    /// Whether there is a font that draws a character.
    pub(crate) fn is_there_for(c: char) -> bool {
        Font::Embedded.has(c) || Font::file_with(c).is_some()
    }

    fn file_with(c: char) -> Option<&'static Path> {
        let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
        let file = |how| FILES.iter().map(PathBuf::as_path).find(|path| draws(path, c) == Some(how));
        *found.entry(c).or_insert_with(|| file(Glyphs::Outlines).or_else(|| file(Glyphs::Pictures)))
    }

    /// Whether a font has a character.
    pub(crate) fn has(&self, c: char) -> bool {
        self.face(|face| face.glyph_index(c).is_some_and(|glyph| glyph.0 != 0)).unwrap_or(false)
    }

    /// What comes of the font as it is read.
    pub(crate) fn face<T>(&self, of: impl FnOnce(&Face<'_>) -> T) -> Option<T> {
        match self {
            Font::Embedded => EMBEDDED.as_ref().map(of),
            Font::OfMachine(bytes) => Face::from_slice(bytes, 0).as_ref().map(of),
        }
    }
}

/// The fonts of the machine that a figure has needed until now. They are large, so each is read once for it.
#[derive(Default)]
pub(crate) struct Opened(Mutex<Vec<Font>>);

impl Opened {
    /// The font that draws a character: the embedded one, one that is open, or another one of the machine.
    pub(crate) fn with(&self, c: char) -> Option<Font> {
        if Font::Embedded.has(c) {
            return Some(Font::Embedded);
        }
        let mut opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(font) = opened.iter().find(|font| font.has(c)) {
            return Some(font.clone());
        }
        let font = Font::OfMachine(fs::read(Font::file_with(c)?).ok()?.into());
        opened.push(font.clone());
        Some(font)
    }
}

/// Where fonts are, as the XDG base directories and macOS have it.
fn directories() -> Vec<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let home = variable("HOME").map(PathBuf::from);
    let in_home = |path: &str| home.as_ref().map(|home| home.join(path));
    let own = variable("XDG_DATA_HOME").map(PathBuf::from).or_else(|| in_home(".local/share"));
    let shared = variable("XDG_DATA_DIRS").unwrap_or_else(|| "/usr/local/share:/usr/share".into());
    let data = own.into_iter().chain(std::env::split_paths(&shared)).map(|directory| directory.join("fonts"));
    let others = [in_home(".fonts"), in_home("Library/Fonts"), Some("/Library/Fonts".into())];
    data.chain(others.into_iter().flatten()).chain([PathBuf::from("/System/Library/Fonts")]).collect()
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>, depth: u8) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        if matches!(ending.as_str(), "ttf" | "otf" | "ttc" | "otc") {
            files.push(path);
        } else if depth > 0 && path.is_dir() {
            collect(&path, files, depth - 1);
        }
    }
}

/// How far a font is from an upright sans-serif one of usual weight, by its name.
fn plainness(path: &Path) -> usize {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let styles = ["bold", "black", "light", "thin", "medium", "italic", "oblique", "condensed", "mono", "serif"];
    let unlike = styles.iter().filter(|style| name.replace("sansserif", "sans").contains(**style)).count();
    unlike * 4 + usize::from(!name.contains("regular")) + usize::from(!name.contains("sans")) * 2
}

#[derive(Clone, Copy, PartialEq)]
enum Glyphs {
    Outlines,
    /// In colours.
    Pictures,
}

/// How the first font of a file draws a character, if it does. Only as much of it is read as that takes.
fn draws(path: &Path, c: char) -> Option<Glyphs> {
    let mut file = File::open(path).ok()?;
    let number = |bytes: &[u8], at: usize| {
        bytes.get(at..at + 4).map(|four| four.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)))
    };
    let head = bytes(&mut file, 0, 16)?;
    let start = if head.starts_with(b"ttcf") { number(&head, 12)? } else { 0 };
    let count = number(&bytes(&mut file, start + 4, 4)?, 0)? >> 16;
    let tables = bytes(&mut file, start + 12, count * 16)?;
    let has = |tag: &[u8; 4]| tables.chunks_exact(16).any(|table| table.starts_with(tag));
    let glyphs = match (has(b"CBDT") || has(b"sbix"), has(b"COLR")) {
        (true, _) => Glyphs::Pictures,
        // What is put together of coloured outlines is not drawn.
        (false, true) => return None,
        (false, false) => Glyphs::Outlines,
    };
    let table = tables.chunks_exact(16).find(|table| table.starts_with(b"cmap"))?;
    let map = bytes(&mut file, number(table, 8)?, number(table, 12)?)?;
    let mut parts = cmap::Table::parse(&map)?.subtables.into_iter().filter(cmap::Subtable::is_unicode);
    parts.any(|part| part.glyph_index(c.into()).is_some_and(|glyph| glyph.0 != 0)).then_some(glyphs)
}

/// So many bytes of a file, if it has them.
fn bytes(file: &mut File, from: u64, length: u64) -> Option<Vec<u8>> {
    file.seek(SeekFrom::Start(from)).ok()?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 == length).then_some(bytes)
}
