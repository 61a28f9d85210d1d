//! Tab and Shift+Tab. Whatever happens in rust-analyzer, the answer is what could be found, and nothing is lost.

use std::panic::{AssertUnwindSafe, catch_unwind};

use evcxr::{CommandContext, Completions};
use jupyter_protocol::messaging::{CompleteReply, InspectReply};
use serde_json::json;

use super::output::media;
use super::syntax;

/// What can stand at a place in the code, which the protocol counts in characters.
pub fn complete(context: &mut CommandContext, code: &str, cursor: usize) -> CompleteReply {
    let place = byte_of(code, cursor);
    // Inside a name, what counts is what is before the cursor; rust-analyzer would look for the whole.
    let end = syntax::name_at(code, place);
    let cut = [&code[..place], &code[end.max(place)..]].concat();
    let found = catch_unwind(AssertUnwindSafe(|| {
        if syntax::is_too_deep(code) { Ok(Completions::default()) } else { context.completions(&cut, place) }
    }));
    let found = match found {
        Ok(Ok(found)) if !found.completions.is_empty() => found,
        _ => return names(context, code, place, cursor),
    };
    let Completions { completions, start_offset, .. } = found;
    let start = character_of(code, start_offset.min(place));
    let types: Vec<_> = completions
        .iter()
        .map(|found| json!({"text": found.label, "type": found.kind, "start": start, "end": cursor}))
        .collect();
    let metadata = json!({"_jupyter_types_experimental": types});
    CompleteReply {
        matches: completions.into_iter().map(|found| found.code).collect(),
        cursor_start: start,
        cursor_end: cursor,
        metadata: metadata.as_object().cloned().unwrap_or_default(),
        ..CompleteReply::default()
    }
}

/// The variables and items that begin as the name before the cursor does.
fn names(context: &CommandContext, code: &str, place: usize, cursor: usize) -> CompleteReply {
    let before = &code[..place];
    let name = &before[before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').len()..];
    let is_member = before[..place - name.len()].ends_with(['.', ':']);
    let known = context.variables_and_types().map(|(name, _)| name).chain(context.defined_item_names());
    let mut matches: Vec<String> =
        known.filter(|known| !is_member && !name.is_empty() && known.starts_with(name)).map(str::to_owned).collect();
    matches.sort();
    CompleteReply {
        matches,
        cursor_start: cursor - name.chars().count(),
        cursor_end: cursor,
        ..CompleteReply::default()
    }
}

/// What is known of the name at a place in the code: its signature and what its documentation begins with, or all of
/// it.
pub fn inspect(context: &mut CommandContext, code: &str, cursor: usize, everything: bool) -> InspectReply {
    if syntax::is_too_deep(code) {
        return InspectReply::default();
    }
    let place = syntax::name_at(code, byte_of(code, cursor));
    let found = catch_unwind(AssertUnwindSafe(|| context.hover_at(code, place)));
    match found {
        Ok(Ok((plain, _))) if plain != "No documentation found" => {
            let text = if everything { plain } else { beginning(&plain) };
            InspectReply { found: true, data: media(&[("text/plain".into(), text)]), ..InspectReply::default() }
        }
        _ => InspectReply::default(),
    }
}

/// The signature, and the first paragraph of the documentation, which rust-analyzer parts by two empty lines.
fn beginning(hover: &str) -> String {
    match hover.split_once("\n\n\n") {
        Some((signature, documentation)) => {
            let first = documentation.trim().split("\n\n").next().unwrap_or_default();
            format!("{}\n\n{first}", signature.trim())
        }
        None => hover.trim().to_owned(),
    }
}

/// The place of a character, counted from 0, in bytes.
fn byte_of(code: &str, character: usize) -> usize {
    code.char_indices().nth(character).map_or(code.len(), |(byte, _)| byte)
}

/// The number of characters before a byte.
fn character_of(code: &str, byte: usize) -> usize {
    code.char_indices().take_while(|&(at, _)| at < byte).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_characters() {
        let code = "a\u{310}é🦀x";
        for character in 0..=5 {
            assert_eq!(character_of(code, byte_of(code, character)), character);
        }
        assert_eq!(byte_of(code, 4), code.len() - 1);
        assert_eq!(byte_of(code, 99), code.len());
    }
}
