//! Why a query is refused, and where in it.

use adbc_core::error::{Error, Status};
use sqlparser::ast::{Ident, Spanned};
use sqlparser::tokenizer::Location;

/// Why a query is refused, and where in it.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub sentence: String,
    pub place: Option<Location>,
}

impl Refusal {
    /// A refusal of the query as a whole.
    pub fn new(sentence: impl Into<String>) -> Refusal {
        Refusal { sentence: sentence.into(), place: None }
    }

    /// A refusal of a part of the query.
    pub fn at(part: &impl Spanned, sentence: impl Into<String>) -> Refusal {
        Refusal { sentence: sentence.into(), place: place_of(part) }
    }

    pub fn at_name(name: &Ident, sentence: impl Into<String>) -> Refusal {
        let place = name.span.start;
        Refusal { sentence: sentence.into(), place: (place.line > 0).then_some(place) }
    }

    pub fn at_place(place: Option<Location>, sentence: impl Into<String>) -> Refusal {
        Refusal { sentence: sentence.into(), place }
    }

    /// The sentence, and below it the line of the query with the place marked.
    pub fn into_error(self, query: &str) -> Error {
        let mut message = self.sentence;
        if let Some(place) = self.place
            && let Some(line) = usize::try_from(place.line).ok().and_then(|n| query.lines().nth(n.checked_sub(1)?))
        {
            let column = usize::try_from(place.column).unwrap_or(1).saturating_sub(1).min(line.chars().count());
            // Long queries of one line: show what is around the place.
            let from = column.saturating_sub(70);
            let shown: String = line.chars().skip(from).take(100).map(|c| if c == '\t' { ' ' } else { c }).collect();
            message.push_str(&format!("\n  {shown}\n  {}^", " ".repeat(column - from)));
        }
        Error::with_message_and_status(message, Status::InvalidArguments)
    }
}

/// Where a part of a query begins, if the parser knows.
pub fn place_of(part: &impl Spanned) -> Option<Location> {
    let place = part.span().start;
    (place.line > 0).then_some(place)
}
