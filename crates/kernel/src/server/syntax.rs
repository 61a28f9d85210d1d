//! What a cell's text says by itself, as rust-analyzer's parser reads it.

use std::collections::BTreeMap;

use ra_ap_syntax::ast::{self, HasModuleItem, HasName};
use ra_ap_syntax::{AstNode, Edition, SourceFile, SyntaxKind, SyntaxNode};

const BEFORE: &str = "fn cell() {\n";
const AFTER: &str = "\n}";
/// How deep brackets may stand in each other.
pub const DEEPEST: usize = 200;

/// Whether a cell can be run as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    Complete,
    /// Something has been begun that more lines can end.
    Incomplete,
    Invalid,
}

/// A statement of a cell that can have to do with variables.
pub struct Statement {
    /// With its semicolon.
    pub text: String,
    /// The names it binds for what is below, and whether they are `mut`.
    pub binds: BTreeMap<String, bool>,
}

/// The statements of a cell, but for its items.
pub fn statements(code: &str) -> Vec<Statement> {
    let mut found = Vec::new();
    let parsed = parse(code);
    let functions =
        parsed.tree().items().filter_map(|item| if let ast::Item::Fn(cell) = item { Some(cell) } else { None });
    for body in functions.filter_map(|cell| cell.body()) {
        for statement in body.statements() {
            let binds = match &statement {
                ast::Stmt::LetStmt(statement) => statement.pat().map(|pattern| names(&pattern)).unwrap_or_default(),
                ast::Stmt::ExprStmt(_) => BTreeMap::new(),
                ast::Stmt::Item(_) => continue,
            };
            found.push(Statement { text: whole(statement.syntax()), binds });
        }
        let last = body.tail_expr().map(|last| Statement { text: whole(last.syntax()), binds: BTreeMap::new() });
        found.extend(last);
    }
    found
}

/// The names that a pattern binds, and whether they are `mut`.
fn names(pattern: &ast::Pat) -> BTreeMap<String, bool> {
    let names = pattern.syntax().descendants().filter_map(ast::IdentPat::cast);
    names.filter_map(|one| Some((one.name()?.text().to_string(), one.mut_token().is_some()))).collect()
}

/// A statement with its semicolon, so that another one can follow.
fn whole(statement: &SyntaxNode) -> String {
    let text = statement.text().to_string();
    if text.ends_with(';') { text } else { text + ";" }
}

/// Whether a cell is whole. A statement that only lacks its semicolon is not.
pub fn completeness(code: &str) -> Completeness {
    let parsed = parse(code);
    let errors = parsed.errors();
    if errors.is_empty() {
        return Completeness::Complete;
    }
    let end = BEFORE.len() + code.trim_end().len();
    let mut open = 0_i32;
    for token in parsed.syntax_node().descendants_with_tokens().filter_map(|element| element.into_token()) {
        match token.kind() {
            SyntaxKind::L_CURLY | SyntaxKind::L_PAREN | SyntaxKind::L_BRACK => open += 1,
            SyntaxKind::R_CURLY | SyntaxKind::R_PAREN | SyntaxKind::R_BRACK => open -= 1,
            // A text or a comment that swallowed the closing brace of `AFTER`.
            kind if (kind == SyntaxKind::COMMENT || kind == SyntaxKind::STRING)
                && usize::from(token.text_range().end()) > end + 1 =>
            {
                return Completeness::Incomplete;
            }
            _ => {}
        }
    }
    let all_at_the_end = errors.iter().all(|error| usize::from(error.range().start()) >= end);
    if open > 0 || all_at_the_end { Completeness::Incomplete } else { Completeness::Invalid }
}

/// Whether brackets stand in each other deeper than rust-analyzer can follow in a lifetime.
pub fn is_too_deep(code: &str) -> bool {
    let mut depth = 0_usize;
    for c in code.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

/// What is wrong with a cell's brackets and comments, and the line, from 1. The compiler sees them with evcxr's own code
/// around, and what ends that too early is no code to evcxr.
pub fn unbalanced(code: &str) -> Option<(usize, String)> {
    let begins = code.len() - without_commands(code).len();
    let end = BEFORE.len() + code.len() - begins;
    let line = |place: usize| 1 + code[..(begins + place - BEFORE.len()).min(code.len())].matches('\n').count();
    let mut open: Vec<(SyntaxKind, usize)> = Vec::new();
    for token in parse(code).syntax_node().descendants_with_tokens().filter_map(|element| element.into_token()) {
        let (place, ends) = (usize::from(token.text_range().start()), usize::from(token.text_range().end()));
        let opening = match token.kind() {
            _ if place < BEFORE.len() => continue,
            kind if ends > end && place < end => {
                // Of a text without end, the compiler says so.
                let is_comment = kind == SyntaxKind::COMMENT && token.text().starts_with("/*");
                let sentence = "A comment begins with /* here and does not end with */.";
                return is_comment.then(|| (line(place), sentence.to_owned()));
            }
            _ if place >= end => break,
            kind @ (SyntaxKind::L_CURLY | SyntaxKind::L_PAREN | SyntaxKind::L_BRACK) => {
                open.push((kind, place));
                continue;
            }
            SyntaxKind::R_CURLY => SyntaxKind::L_CURLY,
            SyntaxKind::R_PAREN => SyntaxKind::L_PAREN,
            SyntaxKind::R_BRACK => SyntaxKind::L_BRACK,
            _ => continue,
        };
        let closing = token.text();
        match open.pop() {
            None => return Some((line(place), format!("Nothing is open that this {closing} could close."))),
            Some((kind, begun)) if kind != opening => {
                let (open, begun) = (shown(kind), line(begun));
                return Some((line(place), format!("This {closing} can't close what line {begun} opens with {open}.")));
            }
            Some(_) => {}
        }
    }
    let (kind, place) = open.pop()?;
    Some((line(place), format!("The {} that is opened here is not closed.", shown(kind))))
}

fn shown(bracket: SyntaxKind) -> char {
    match bracket {
        SyntaxKind::L_CURLY => '{',
        SyntaxKind::L_PAREN => '(',
        _ => '[',
    }
}

/// Code as a function, without the lines that are evcxr's commands.
pub fn parse(code: &str) -> ra_ap_syntax::Parse<SourceFile> {
    SourceFile::parse(&[BEFORE, without_commands(code), AFTER].concat(), Edition::Edition2024)
}

fn without_commands(code: &str) -> &str {
    let is_command = |line: &&str| line.trim_start().starts_with(':') || line.starts_with('!');
    let commands: usize = code.split_inclusive('\n').take_while(is_command).map(str::len).sum();
    &code[commands..]
}

/// The end of the name that a place in the code is in, before or just behind; or, in a call's parentheses, of the name
/// that is called.
pub fn name_at(code: &str, place: usize) -> usize {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let place = text_around(code, place).unwrap_or(place);
    let (before, after) = code.split_at(place);
    let behind = place + after.len() - after.trim_start_matches(is_name).len();
    if before.ends_with(is_name) || behind > place {
        return behind;
    }
    let mut depth = 0_i32;
    for (at, c) in before.char_indices().rev() {
        match c {
            ')' | ']' | '}' => depth += 1,
            '(' if depth == 0 => return before[..at].trim_end().len(),
            '(' | '[' | '{' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            break;
        }
    }
    place
}

/// Where the text in quotes begins that a place is in.
fn text_around(code: &str, place: usize) -> Option<usize> {
    let mut begun = None;
    let mut escaped = false;
    for (at, c) in code[..place].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = begun.is_some(),
            '"' => begun = if begun.is_none() { Some(at) } else { None },
            _ => {}
        }
    }
    begun
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_bind_the_names_that_stay() {
        let code = ":dep rand\nlet a = 1;\nlet (b, mut c) = {\n let d = 2;\n (d, 3)\n};\nfn f() {}\nlet P { x, y: z } = p; a + 1";
        let found = statements(code);
        let binds = |at: usize| found[at].binds.iter().map(|(name, can)| (name.as_str(), *can)).collect::<Vec<_>>();
        assert_eq!((found[0].text.as_str(), binds(0)), ("let a = 1;", vec![("a", false)]));
        assert_eq!(binds(1), [("b", false), ("c", true)]);
        assert_eq!(binds(2), [("x", false), ("z", false)]);
        assert_eq!((found[3].text.as_str(), found.len()), ("a + 1;", 4));
    }

    #[test]
    fn code_is_whole_or_not() {
        for whole in ["", "1 + 1", "let x = 5;", "fn f() -> i32 { 1 }", ":dep rand", "use std::fs;\nf()", "// a"] {
            assert_eq!(completeness(whole), Completeness::Complete, "{whole}");
        }
        for begun in ["fn f() {", "f(", "let x =", "let x = 5", "vec![1,", "let s = \"abc", "/* abc", "if x {\n1"] {
            assert_eq!(completeness(begun), Completeness::Incomplete, "{begun}");
        }
        for wrong in ["let = 5; f()", "fn fn() { x }; y", ") 1; 2"] {
            assert_eq!(completeness(wrong), Completeness::Invalid, "{wrong}");
        }
    }

    #[test]
    fn brackets_without_end_are_noticed() {
        assert!(!is_too_deep(&"f(x); ".repeat(1000)));
        assert!(is_too_deep(&"(".repeat(3000)));
    }

    #[test]
    fn brackets_close_what_is_open() {
        let balanced = [
            "",
            "f(x[1]) { }",
            "\"}\"; '}'; b'('",
            "r#\")\"#",
            "// }\n1",
            "/* } */",
            ":dep a = {\n1",
            "\"open {",
            "'{'",
        ];
        for balanced in balanced {
            assert_eq!(unbalanced(balanced), None, "{balanced}");
        }
        let of = |code: &str| unbalanced(code).unwrap_or_else(|| panic!("{code}"));
        assert_eq!(of("}").0, 1);
        assert_eq!(of("let a = 1;\n}\nlet b = 2;").0, 2);
        assert_eq!(of(":dep a\n{\nf(1)").0, 2);
        assert_eq!(of("f(\n1]"), (2, "This ] can't close what line 1 opens with (.".to_owned()));
        assert_eq!(of("m! { ( ] }").0, 1);
        assert_eq!(of("1\n/* open").0, 2);
    }

    #[test]
    fn a_name_is_found_around_the_cursor_or_before_the_parentheses() {
        let at = |marked: &str| {
            let place = marked.find('|').unwrap();
            let code = marked.replace('|', "");
            code[..name_at(&code, place)].to_owned()
        };
        assert_eq!(at("sessions.cou|nt_by(Isp)?"), "sessions.count_by");
        assert_eq!(at("sessions.|count_by(Isp)?"), "sessions.count_by");
        assert_eq!(at("sessions.count_by(|)?"), "sessions.count_by");
        assert_eq!(at("f(g(1), | 2)"), "f");
        assert_eq!(at("g(\"a\"); f(\"a \\\"b.c|sv\")"), "g(\"a\"); f");
        assert_eq!(at("x + |"), "x + ");
        assert_eq!(at("{ f(1) } |"), "{ f(1) } ");
    }
}
