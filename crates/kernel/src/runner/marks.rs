//! What stands between the lines that a cell prints: values to show, and the marks of the code that evcxr generates.
//!
//! A mark begins with a character that nobody prints and a number that nobody knows, which the kernel puts into what it
//! compiles (`cell.rs`). So it is found wherever it stands, also behind text without a line end, and nothing that a cell
//! prints is taken for one. Values come as [evcxr's documentation](https://github.com/evcxr/evcxr/blob/main/evcxr_jupyter/README.md)
//! has it, between `EVCXR_BEGIN_CONTENT <mime>` and `EVCXR_END_CONTENT`; anything else that looks so is text.

use memchr::memmem;

/// Begins a mark; the secret follows.
pub const MARK: char = '\u{1e}';
const BEGIN: &[u8] = b"EVCXR_BEGIN_CONTENT ";
const END: &[u8] = b"\nEVCXR_END_CONTENT\n";
/// The lines of the crate `evcxr_input`.
const INPUT: &[u8] = b"EVCXR_INPUT_REQUEST";

/// A part of what was printed.
#[derive(Debug, PartialEq)]
pub enum Piece {
    Text(String),
    Show {
        mime: String,
        content: String,
        display: Option<String>,
    },
    /// What is asked by the next line that is read.
    Prompt {
        prompt: String,
        password: bool,
    },
    Mark(Mark),
}

/// `SECRET KIND LINE COLUMN LENGTH`, and behind the line's end as many bytes of text.
#[derive(Debug, PartialEq)]
pub struct Mark {
    pub kind: String,
    pub line: usize,
    pub column: usize,
    pub text: String,
}

/// Takes apart what comes through a pipe, however it is cut.
pub struct Marks {
    start: Vec<u8>,
    /// Whether values are shown here: on the standard output, not on the error output.
    shows: bool,
    pending: Vec<u8>,
    /// Whether the last byte that was handed out ended a line.
    at_line_start: bool,
}

impl Marks {
    pub fn new(secret: &str, shows: bool) -> Self {
        Self { start: format!("{MARK}{secret} ").into_bytes(), shows, pending: Vec::new(), at_line_start: true }
    }

    /// What is certain after these bytes. The rest is kept until more arrives.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Piece> {
        self.pending.extend_from_slice(bytes);
        let mut pieces = Vec::new();
        while let Some(at) = self.next_start() {
            match self.parse(at) {
                Parsed::Piece(piece, length) => {
                    self.text(at, &mut pieces);
                    self.pending.drain(..length);
                    self.at_line_start = true;
                    pieces.push(piece);
                }
                Parsed::Text => self.text(at + 1, &mut pieces),
                Parsed::NotYet => {
                    self.text(at, &mut pieces);
                    return pieces;
                }
            }
        }
        self.text(self.certain(), &mut pieces);
        pieces
    }

    /// All that is left, as text: the cell has ended.
    pub fn rest(&mut self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        self.text(self.pending.len(), &mut pieces);
        self.at_line_start = true;
        pieces
    }

    /// Where the first thing begins that may not be text.
    fn next_start(&self) -> Option<usize> {
        let find = |what: &[u8]| memmem::find(&self.pending, what);
        let mark = find(&self.start);
        if !self.shows {
            return mark;
        }
        let at_line_start = |&at: &usize| if at == 0 { self.at_line_start } else { self.pending[at - 1] == b'\n' };
        let input = memmem::find_iter(&self.pending, INPUT).find(at_line_start);
        [mark, find(BEGIN), input].into_iter().flatten().min()
    }

    fn parse(&self, at: usize) -> Parsed {
        let bytes = &self.pending[at..];
        let Some(line_end) = memchr::memchr(b'\n', bytes) else {
            // A line that is longer than any of ours is text.
            return if bytes.len() > 4096 { Parsed::Text } else { Parsed::NotYet };
        };
        let Ok(line) = str::from_utf8(&bytes[..line_end]) else { return Parsed::Text };
        if let Some(header) = bytes[..line_end].strip_prefix(&self.start[..]) {
            return parse_mark(header, &bytes[line_end + 1..], self.start.len() + header.len() + 1);
        }
        if let Some(header) = line.strip_prefix("EVCXR_BEGIN_CONTENT ") {
            return self.parse_content(header, &bytes[line_end..], line_end);
        }
        let (password, prompt) = match line.strip_prefix("EVCXR_INPUT_REQUEST_PASSWORD:") {
            Some(prompt) => (true, Some(prompt)),
            None => (false, line.strip_prefix("EVCXR_INPUT_REQUEST:")),
        };
        match prompt {
            Some(prompt) => Parsed::Piece(Piece::Prompt { prompt: prompt.to_owned(), password }, line_end + 1),
            None => Parsed::Text,
        }
    }

    /// `rest` begins with the end of the header's line.
    fn parse_content(&self, header: &str, rest: &[u8], header_length: usize) -> Parsed {
        let mut words = header.split(' ');
        let mime = words.next().unwrap_or_default();
        let display = match (words.next(), words.next()) {
            (None, None) => None,
            (Some(word), None) if word.starts_with("display=") => Some(word["display=".len()..].to_owned()),
            _ => return Parsed::Text,
        };
        if !is_mime_type(mime) {
            return Parsed::Text;
        }
        let end = memmem::find(rest, END);
        let inside = &rest[..end.unwrap_or(rest.len())];
        // A value that another one, or a mark, begins in was not one.
        let mut another = b"\n".to_vec();
        another.extend_from_slice(BEGIN);
        if memmem::find(inside, &self.start).is_some() || memmem::find(inside, &another).is_some() {
            return Parsed::Text;
        }
        let Some(end) = end else { return Parsed::NotYet };
        // Without content, both line ends are one.
        let content = String::from_utf8_lossy(rest.get(1..end).unwrap_or_default()).into_owned();
        Parsed::Piece(Piece::Show { mime: mime.to_owned(), content, display }, header_length + end + END.len())
    }

    /// How much of what is kept can't be the beginning of something, or of a character.
    fn certain(&self) -> usize {
        let all = &self.pending[..];
        let mut certain = all.len();
        let starts: &[&[u8]] = if self.shows { &[&self.start, BEGIN, INPUT] } else { &[&self.start] };
        for start in starts {
            let longest = (1..start.len()).rev().find(|&length| all.ends_with(&start[..length])).unwrap_or(0);
            certain = certain.min(all.len() - longest);
        }
        // A character has four bytes at most.
        for length in 1..=certain.min(3) {
            let byte = all[certain - length];
            let needed = match byte {
                0xc0..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf7 => 4,
                _ => continue,
            };
            return if needed > length { certain - length } else { certain };
        }
        certain
    }

    /// Hands the first bytes out as text.
    fn text(&mut self, length: usize, pieces: &mut Vec<Piece>) {
        if length == 0 {
            return;
        }
        self.at_line_start = self.pending[length - 1] == b'\n';
        let text = String::from_utf8_lossy(&self.pending[..length]);
        match pieces.last_mut() {
            Some(Piece::Text(before)) => before.push_str(&text),
            _ => pieces.push(Piece::Text(text.into_owned())),
        }
        self.pending.drain(..length);
    }
}

enum Parsed {
    /// A piece, and how many bytes it takes.
    Piece(Piece, usize),
    /// It only looked like one.
    Text,
    NotYet,
}

fn parse_mark(header: &[u8], rest: &[u8], header_length: usize) -> Parsed {
    let Ok(header) = str::from_utf8(header) else { return Parsed::Text };
    let words: Vec<&str> = header.split(' ').collect();
    let &[kind, line, column, length] = words.as_slice() else { return Parsed::Text };
    let (Ok(line), Ok(column), Ok(length)) = (line.parse(), column.parse(), length.parse::<usize>()) else {
        return Parsed::Text;
    };
    let Some(text) = rest.get(..length + 1) else { return Parsed::NotYet };
    let text = String::from_utf8_lossy(&text[..length]).into_owned();
    Parsed::Piece(Piece::Mark(Mark { kind: kind.to_owned(), line, column, text }), header_length + length + 1)
}

/// Whether this is a type and a subtype (RFC 6838, section 4.2).
fn is_mime_type(text: &str) -> bool {
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b));
    text.split_once('/').is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of some bytes, however they are cut, with texts put together.
    fn pieces(printed: &str) -> Vec<Piece> {
        let bytes = printed.as_bytes();
        let mut all: Vec<Vec<Piece>> = Vec::new();
        for cut in 1..=bytes.len().max(1) {
            let mut marks = Marks::new("77", true);
            let mut found = Vec::new();
            for part in bytes.chunks(cut) {
                found.extend(marks.push(part));
            }
            found.extend(marks.rest());
            let mut joined: Vec<Piece> = Vec::new();
            for piece in found {
                match (joined.last_mut(), piece) {
                    (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
                    (_, piece) => joined.push(piece),
                }
            }
            all.push(joined);
        }
        let first = all.remove(0);
        for (other, cut) in all.into_iter().zip(2..) {
            assert_eq!(other, first, "cut every {cut} bytes: {printed:?}");
        }
        first
    }

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    fn show(mime: &str, content: &str) -> Piece {
        Piece::Show { mime: mime.to_owned(), content: content.to_owned(), display: None }
    }

    #[test]
    fn text_comes_out_as_it_went_in() {
        for printed in [
            "a",
            "abc\n",
            "Zoë 東京 🦀",
            "\n\n",
            "EVCXR_",
            "EVCXR_BEGIN_CONTENT",
            "\u{1e}",
            "\u{1e}7",
            "\u{1e}78 x 0 0 0\n\n",
        ] {
            assert_eq!(pieces(printed), [text(printed)]);
        }
    }

    #[test]
    fn marks_are_found_behind_text_without_a_line_end() {
        let mark = Mark { kind: "failed".into(), line: 12, column: 3, text: "no\nfile ö".into() };
        assert_eq!(
            pieces("opening \u{1e}77 failed 12 3 10\nno\nfile ö\nrest"),
            [text("opening "), Piece::Mark(mark), text("rest")]
        );
    }

    #[test]
    fn values_are_found_behind_text_without_a_line_end() {
        let printed = "abcEVCXR_BEGIN_CONTENT text/html\n<b>\nx</b>\nEVCXR_END_CONTENT\nmore";
        assert_eq!(pieces(printed), [text("abc"), show("text/html", "<b>\nx</b>"), text("more")]);
        let empty = "EVCXR_BEGIN_CONTENT text/plain\n\nEVCXR_END_CONTENT\n";
        assert_eq!(pieces(empty), [show("text/plain", "")]);
        let named = "EVCXR_BEGIN_CONTENT text/plain display=load\n7 %\nEVCXR_END_CONTENT\n";
        let display = Some("load".to_owned());
        assert_eq!(pieces(named), [Piece::Show { mime: "text/plain".into(), content: "7 %".into(), display }]);
    }

    #[test]
    fn what_only_looks_like_a_value_is_text() {
        for printed in [
            "EVCXR_BEGIN_CONTENT is what evcxr prints\nEVCXR_END_CONTENT\n",
            "EVCXR_BEGIN_CONTENT text/plain\nnever ended\n",
            "EVCXR_END_CONTENT\n",
            "EVCXR_EXECUTION_COMPLETE\nEVCXR_PANIC_NOTIFICATION\nEVCXR_ERROR_OCCURRED\n",
        ] {
            assert_eq!(pieces(printed), [text(printed)]);
        }
        let real = "EVCXR_BEGIN_CONTENT a/b\nEVCXR_BEGIN_CONTENT text/plain\n7\nEVCXR_END_CONTENT\n";
        assert_eq!(pieces(real), [text("EVCXR_BEGIN_CONTENT a/b\n"), show("text/plain", "7")]);
    }

    #[test]
    fn a_prompt_is_known_at_the_start_of_a_line_only() {
        let prompt = |prompt: &str, password| Piece::Prompt { prompt: prompt.to_owned(), password };
        assert_eq!(pieces("EVCXR_INPUT_REQUEST:Name?\n"), [prompt("Name?", false)]);
        assert_eq!(pieces("a\nEVCXR_INPUT_REQUEST_PASSWORD:Key?\n"), [text("a\n"), prompt("Key?", true)]);
        assert_eq!(pieces("see EVCXR_INPUT_REQUEST:x\n"), [text("see EVCXR_INPUT_REQUEST:x\n")]);
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        let mut marks = Marks::new("77", true);
        assert_eq!(marks.push(b"a\xffb"), [text("a\u{fffd}b")]);
        assert_eq!(marks.push(b"\xf0\x9f"), []);
        assert_eq!(marks.rest(), [text("\u{fffd}")]);
    }
}
