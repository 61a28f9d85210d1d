//! What the compiler says of variables that a cell uses up, told so that evcxr understands it.
//!
//! evcxr stores every variable behind a cell. One that the cell has used up can't be stored; the compiler says so, and evcxr
//! compiles again without storing it. But the compiler also says where it was used up, and if that is the cell's last
//! expression, evcxr takes it for the reason: it gives up to show the value in the value's own way, and shows it as text.

use std::borrow::Cow;

use memchr::memmem;
use serde_json::Value;

/// How the line begins with which evcxr stores a variable.
const STORES: &str = "evcxr_variable_store.put_variable::<";

/// The compiler's messages as evcxr is to have them, and whether they are of variables that were used up, and nothing else.
/// The messages may come from cargo, which wraps them.
pub fn told<'a>(messages: &'a [u8], source: &str) -> (Cow<'a, [u8]>, bool) {
    if memmem::find(messages, b"E0382").is_none() {
        return (Cow::Borrowed(messages), false);
    }
    let (mut told, mut moved, mut others) = (Vec::with_capacity(messages.len()), false, false);
    for line in messages.split_inclusive(|&byte| byte == b'\n') {
        let mut message = serde_json::from_slice::<Value>(line).unwrap_or_default();
        let error = if message["message"].is_object() { &mut message["message"] } else { &mut message };
        if !is_of_the_store(error, source) {
            // What sums up has no place.
            others |= error["level"] == "error" && error["spans"].as_array().is_some_and(|spans| !spans.is_empty());
            told.extend_from_slice(line);
            continue;
        }
        moved = true;
        error["children"] = Value::Array(Vec::new());
        if let Some(spans) = error["spans"].as_array_mut() {
            spans.retain(|span| span["is_primary"] == true);
        }
        told.extend(message.to_string().into_bytes());
        told.push(b'\n');
    }
    (Cow::Owned(told), moved && !others)
}

/// Whether an error is that a variable that was used up can't be stored.
fn is_of_the_store(error: &Value, source: &str) -> bool {
    let is_there = |span: &Value| {
        let line = span["line_start"].as_u64().and_then(|line| usize::try_from(line).ok()?.checked_sub(1));
        let text = line.and_then(|line| source.lines().nth(line)).unwrap_or_default();
        span["file_name"].as_str().is_some_and(|name| name.ends_with("lib.rs")) && text.starts_with(STORES)
    };
    error["code"]["code"] == "E0382"
        && error["spans"].as_array().is_some_and(|spans| {
            let mut primary = spans.iter().filter(|span| span["is_primary"] == true).peekable();
            primary.peek().is_some() && primary.all(is_there)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SOURCE: &str =
        "(t.title(x)).evcxr_display();\nevcxr_variable_store.put_variable::<Chart>(stringify!(t), t);\n";

    fn error(code: &str, line: u64) -> Value {
        let span =
            |line: u64, primary: bool| json!({"file_name": "src/lib.rs", "line_start": line, "is_primary": primary});
        let spans = [span(1, false), span(line, true)];
        json!({"code": {"code": code}, "level": "error", "message": "", "spans": spans, "children": [{"level": "note"}]})
    }

    #[test]
    fn where_a_variable_was_used_up_is_not_told() {
        let end = json!({"code": null, "level": "error", "message": "aborting due to 1 previous error", "spans": []});
        let lines = |messages: &[&Value]| messages.iter().map(|message| format!("{message}\n")).collect::<String>();
        for wrap in [|error: Value| error, |error: Value| json!({"reason": "compiler-message", "message": error})] {
            let messages = lines(&[&wrap(error("E0382", 2)), &wrap(end.clone())]);
            let (told, only) = told(messages.as_bytes(), SOURCE);
            assert!(only);
            let told = String::from_utf8(told.into_owned()).unwrap();
            assert!(told.contains("\"line_start\":2") && !told.contains("\"line_start\":1"), "{told}");
            assert!(!told.contains("note") && told.contains("aborting"), "{told}");
        }
    }

    #[test]
    fn other_errors_are_told_as_they_are() {
        for messages in [error("E0382", 1), error("E0599", 2), error("E0505", 2)] {
            let messages = format!("error: E0382\n{messages}\n");
            let (told, only) = told(messages.as_bytes(), SOURCE);
            assert_eq!((&*told, only), (messages.as_bytes(), false));
        }
        let both = format!("{}\n{}\n", error("E0382", 2), error("E0382", 1));
        let (told, only) = told(both.as_bytes(), SOURCE);
        assert!(!only && told.ends_with(format!("{}\n", error("E0382", 1)).as_bytes()));
    }
}
