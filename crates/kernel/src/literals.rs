//! The numbers and texts of a cell, which can be given anew without compiling it.
//!
//! A cell whose second version differs from the first in nothing but literals is the same function of them. So it is compiled
//! with each literal of its statements as a variable at its beginning, which takes what it is given. The compiler decides
//! whether that is the same: where a literal has to be a constant, the cell is compiled as it stands (`cargo.rs`).

use std::collections::HashSet;
use std::ops::Range;

use ra_ap_syntax::ast::{self, AstToken, HasModuleItem, LiteralKind};
use ra_ap_syntax::{AstNode, SyntaxKind, SyntaxNode, TextRange};

use crate::runner::literals::LITERALS;
use crate::server::syntax;

/// The call that takes what a literal is given.
const GIVEN: &str = "evcxr_internal_runtime::given(";

/// A cell with its literals taken out.
#[derive(Debug)]
pub struct Literals {
    /// The cell, with the kind of each literal in its place.
    pub without: String,
    /// What each of them says.
    pub values: Vec<String>,
    /// As they are written.
    texts: Vec<String>,
    /// Whether it defines something that other cells are compiled with.
    pub defines: bool,
    names: HashSet<String>,
    statements: Vec<Statement>,
}

/// A statement's text, with the places of its literals in there.
#[derive(Debug)]
struct Statement {
    text: String,
    literals: Vec<Range<usize>>,
}

impl Literals {
    /// The literals of a cell; nothing if it has commands of evcxr's, or is no Rust.
    pub fn of(code: &str) -> Option<Self> {
        if code.lines().any(|line| line.trim_start().starts_with([':', '!'])) || syntax::is_too_deep(code) {
            return None;
        }
        let parsed = syntax::parse(code);
        let file = parsed.tree();
        let Some(ast::Item::Fn(cell)) = file.items().next().filter(|_| parsed.errors().is_empty()) else { return None };
        let body = cell.body()?.stmt_list()?;
        let text = body.syntax().text().to_string();
        let within = |range: TextRange| Range::<usize>::from(range - body.syntax().text_range().start());

        let (mut without, mut values, mut places, mut copied) = (String::new(), Vec::new(), Vec::new(), 0);
        for literal in body.syntax().descendants().filter_map(ast::Literal::cast) {
            let Some((kind, value)) = kind_and_value(&literal).filter(|_| is_made_in_place(&literal, body.syntax()))
            else {
                continue;
            };
            let place = within(literal.syntax().text_range());
            without.push_str(&text[copied..place.start]);
            without.push_str(&format!("\0{kind}"));
            copied = place.end;
            values.push(value);
            places.push(place);
        }
        without.push_str(&text[copied..]);

        let nodes = body.statements().map(|statement| statement.syntax().clone());
        let nodes: Vec<_> = nodes.chain(body.tail_expr().map(|last| last.syntax().clone())).collect();
        let (items, statements): (Vec<_>, Vec<_>) =
            nodes.into_iter().partition(|node| ast::Item::can_cast(node.kind()));
        let statement = |node: SyntaxNode| {
            let all = within(node.text_range());
            let inside = places.iter().filter(|place| all.contains(&place.start));
            let literals = inside.map(|place| place.start - all.start..place.end - all.start).collect();
            Statement { text: text[all].to_owned(), literals }
        };
        let tokens = body.syntax().descendants_with_tokens().filter_map(|element| element.into_token());
        Some(Self {
            without,
            values,
            texts: places.iter().map(|place| text[place.clone()].to_owned()).collect(),
            defines: !items.is_empty(),
            names: tokens
                .filter(|token| token.kind() == SyntaxKind::IDENT)
                .map(|token| token.text().to_owned())
                .collect(),
            statements: statements.into_iter().map(statement).collect(),
        })
    }

    /// Whether a name stands in the cell.
    pub fn mentions(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// What [`Self::given`] has made, as it was before.
    pub fn written(&self, given: &str) -> String {
        let names = self.texts.iter().enumerate().rev().map(|(count, text)| (variable(count), text));
        names.fold(given.to_owned(), |source, (name, text)| source.replace(&name, text))
    }

    /// What evcxr has made of the cell, with its literals given; nothing if it is not as evcxr makes it.
    pub fn given(&self, source: &str) -> Option<String> {
        // Without this, it is only compiled for the words of the compiler.
        let function = source.find(FUNCTION).filter(|_| source.contains("catch_unwind("))?;
        let begins = ["-> std::result::Result<(), EvcxrUserCodeError> {\n", "std::panic::AssertUnwindSafe(||{\n"]
            .iter()
            .find_map(|begin| Some(function + source[function..].find(begin)? + begin.len() - 1))?;
        let (mut lets, mut cell, mut rest, mut count) = (String::new(), String::new(), &source[begins..], 0);
        for Statement { text, literals } in &self.statements {
            let begins_a_line =
                |at: &usize| rest[..*at].rsplit('\n').next().is_some_and(|before| before.trim().is_empty());
            let at = rest.match_indices(text.as_str()).map(|(at, _)| at).find(begins_a_line)?;
            cell.push_str(&rest[..at]);
            let mut copied = 0;
            for place in literals {
                lets.push_str(&format!(" let {} = {GIVEN}{}, {count});", variable(count), &text[place.clone()]));
                cell.push_str(&text[copied..place.start]);
                cell.push_str(&variable(count));
                copied = place.end;
                count += 1;
            }
            cell.push_str(&text[copied..]);
            rest = &rest[at + text.len()..];
        }
        Some([&source[..begins], &lets, &cell, rest].concat())
    }
}

/// The variable that stands for a literal.
fn variable(count: usize) -> String {
    format!("streamroot_{count}")
}

/// How the function begins that evcxr makes of a cell; a number follows.
const FUNCTION: &str = "pub extern \"C\" fn run_user_code_";

/// The function that was compiled, if its literals can be given.
pub fn function_of(source: &str) -> Option<&str> {
    let at = source.find(FUNCTION).filter(|_| source.contains(LITERALS))?;
    source[at..].split(['(', ' ']).find(|word| word.starts_with("run_user_code_"))
}

/// Of what kind a literal is, and what it says, as Rust's own types read it.
fn kind_and_value(literal: &ast::Literal) -> Option<(String, String)> {
    let suffixed = |kind: &str, suffix: Option<&str>| format!("{kind} {}", suffix.unwrap_or_default());
    match literal.kind() {
        LiteralKind::IntNumber(number) => Some((suffixed("int", number.suffix()), number.value().ok()?.to_string())),
        LiteralKind::FloatNumber(number) => Some((suffixed("float", number.suffix()), number.value_string())),
        LiteralKind::Bool(value) => Some(("bool".to_owned(), value.to_string())),
        LiteralKind::String(text) if text.syntax().text().starts_with(['"', 'r']) => {
            Some(("text".to_owned(), text.value().ok()?.into_owned())).filter(|(_, text)| !text.contains('\0'))
        }
        _ => None,
    }
}

/// Whether a literal is a value that is made where it stands, when the cell comes there: not a part of a pattern, a type, a constant
/// or an item. The type of a number that is cast follows from the cast, which that of a variable would not.
fn is_made_in_place(literal: &ast::Literal, body: &SyntaxNode) -> bool {
    use SyntaxKind as Kind;
    let place = literal.syntax().text_range();
    literal.syntax().ancestors().take_while(|around| around != body).all(|around| match around.kind() {
        Kind::CAST_EXPR
        | Kind::LITERAL_PAT
        | Kind::RANGE_PAT
        | Kind::CONST_ARG
        | Kind::CONST_BLOCK_PAT
        | Kind::ATTR => false,
        Kind::BLOCK_EXPR => ast::BlockExpr::cast(around).is_some_and(|block| block.const_token().is_none()),
        // The length of an array.
        Kind::ARRAY_EXPR => ast::ArrayExpr::cast(around)
            .and_then(|array| array.semicolon_token())
            .is_none_or(|semicolon| place.end() <= semicolon.text_range().start()),
        Kind::MACRO_CALL => true,
        kind => !ast::Item::can_cast(kind) && !ast::Type::can_cast(kind),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(code: &str) -> Vec<String> {
        Literals::of(code).unwrap_or_else(|| panic!("{code}")).values
    }

    #[test]
    fn literals_are_the_values_that_statements_make() {
        assert_eq!(values("let a = 1_000u64; f(-2.5e3, \"a\\n\\\"b\", true)"), ["1000", "2.5e3", "a\n\"b", "true"]);
        assert_eq!(values("let q = r#\"say \"x\"\"#; g(0xff, |x| x > 3)"), ["say \"x\"", "255", "3"]);
        for none in [
            "300 as u8",
            "(1 + 2) as f32",
            "match x { 1 => a, 2..=3 => b, \"c\" => d }",
            "let a: [u8; 4] = [x; 4];",
            "fn f() -> i32 { 5 }",
            "const A: i32 = 5;",
            "static A: i32 = 5;",
            "const { 5 }",
            "x.0",
            "println!(\"{}\", 5)",
            "f::<5>()",
            "b\"ab\"",
            "'a'",
        ] {
            assert_eq!(values(none), [""; 0], "{none}");
        }
        for nothing in [":dep a\n1", "let = 1;", "f(", "1\n!ls"] {
            assert!(Literals::of(nothing).is_none(), "{nothing}");
        }
    }

    #[test]
    fn cells_that_differ_in_literals_alone_are_the_same_without() {
        let without = |code: &str| Literals::of(code).unwrap().without;
        assert_eq!(without("f(1, \"a\", 0.5)"), without("f(200, \"b // c\", 1e-3)"));
        for other in
            ["f(1, \"a\", 5)", "f(1u8, \"a\", 0.5)", "f(-1, \"a\", 0.5)", "f(1, true, 0.5)", "f(1, \"a\", 0.5);"]
        {
            assert_ne!(without("f(1, \"a\", 0.5)"), without(other), "{other}");
        }
        assert_ne!(without("f(1 as u8)"), without("f(2 as u8)"));
        assert!(Literals::of("use a::b; 1").unwrap().defines && !Literals::of("let a = 1;").unwrap().defines);
    }

    #[test]
    fn literals_are_given_in_what_was_compiled_and_no_line_moves() {
        let source = "pub extern \"C\" fn run_user_code_7(\ncatch_unwind(std::panic::AssertUnwindSafe(||{\n\
                      let _ = (|| -> std::result::Result<(), EvcxrUserCodeError> {\nlet b1 = a1; \nlet t = f(1,\n 2);\n(\n1\n).evcxr_display();\n";
        let literals = Literals::of("let b1 = a1; let t = f(1,\n 2);\n1").unwrap();
        let given = literals.given(source).unwrap();
        let lines: Vec<&str> = given.lines().collect();
        assert_eq!(lines.len(), source.lines().count());
        assert_eq!(lines[3..8], ["let b1 = a1; ", "let t = f(streamroot_0,", " streamroot_1);", "(", "streamroot_2"]);
        assert!(lines[2].ends_with(&format!("let streamroot_2 = {GIVEN}1, 2);")), "{}", lines[2]);
        assert!(literals.written(&given).ends_with(&source[source.find("let b1").unwrap()..]));
        assert_eq!(function_of(&[LITERALS, &given].concat()), Some("run_user_code_7"));
        assert_eq!(function_of(source), None);
        assert!(Literals::of("let c = 3;").unwrap().given(source).is_none());
    }
}
