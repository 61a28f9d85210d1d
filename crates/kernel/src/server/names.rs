//! The names that a cell binds for the cells below it, and those that it uses of the cells above it.

use std::collections::BTreeSet;

use ra_ap_syntax::ast::{self, HasLoopBody, HasModuleItem, HasName};
use ra_ap_syntax::{AstNode, SyntaxKind, SyntaxNode, SyntaxToken, TextSize};

use super::syntax;

/// What a cell has to do with the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Variables, functions, types and whatever else stays when the cell has run.
    pub binds: BTreeSet<String>,
    /// Names that are bound outside of it.
    pub uses: BTreeSet<String>,
    /// Names that it may change, if they are of variables that can be changed.
    pub changes: BTreeSet<String>,
}

/// The names of a cell, from its text alone: not all that it uses need be a variable.
pub fn of(code: &str) -> Names {
    among(code, |_| true)
}

/// The same, but of the names that are used only those that are `meant`. To look up all names takes long in a long cell.
pub fn among(code: &str, meant: impl Fn(&str) -> bool) -> Names {
    let mut names = Names::default();
    if syntax::is_too_deep(code) {
        return names;
    }
    let parsed = syntax::parse(code);
    let Some(ast::Item::Fn(cell)) = parsed.tree().items().next() else { return names };
    let Some(body) = cell.body() else { return names };
    names.binds = syntax::statements(code).into_iter().flat_map(|statement| statement.binds.into_keys()).collect();
    names.binds.extend(body.statements().filter_map(|statement| match statement {
        ast::Stmt::Item(item) => item_name(&item),
        _ => None,
    }));
    for element in body.syntax().descendants_with_tokens() {
        if let Some(node) = element.as_node() {
            if let Some(name) = ast::NameRef::cast(node.clone()).filter(begins_path)
                && meant(name.text())
            {
                if !is_read(node) {
                    names.changes.insert(name.text().to_string());
                }
                note(&mut names.uses, name.text(), node, node.text_range().start());
            }
        } else if let Some(token) = element.as_token()
            && let Some(tree) = token.parent().filter(|parent| parent.kind() == SyntaxKind::TOKEN_TREE)
        {
            for name in in_macro(token).into_iter().filter(|name| meant(name)) {
                note(&mut names.uses, &name, &tree, token.text_range().start());
                if token.kind() == SyntaxKind::IDENT {
                    names.changes.insert(name);
                }
            }
        }
    }
    names
}

/// Adds a name that is used at a place, unless the cell itself has bound it there.
fn note(uses: &mut BTreeSet<String>, name: &str, node: &SyntaxNode, at: TextSize) {
    if !uses.contains(name) && !is_local(name, node, at) {
        uses.insert(name.to_owned());
    }
}

/// Whether a name is where a path begins: not a field, a method, or a part behind `::`.
fn begins_path(name: &ast::NameRef) -> bool {
    let path = name.syntax().parent().and_then(ast::PathSegment::cast).map(|segment| segment.parent_path());
    path.is_some_and(|path| path.qualifier().is_none())
}

/// Whether a name stands where the variable, or a part of it, is only looked at or given away.
fn is_read(name: &SyntaxNode) -> bool {
    use ast::{BinaryOp, Expr};
    let is_part = |around: &Expr, of: &SyntaxNode| match around {
        Expr::PathExpr(_) | Expr::FieldExpr(_) | Expr::ParenExpr(_) => true,
        Expr::IndexExpr(at) => at.base().is_some_and(|base| base.syntax() == of),
        _ => false,
    };
    let mut of = name.clone();
    for around in name.ancestors().skip(1) {
        match Expr::cast(around.clone()) {
            Some(part) if is_part(&part, &of) => {}
            Some(Expr::RefExpr(reference)) => return reference.mut_token().is_none(),
            Some(Expr::BinExpr(both)) => {
                let changes = matches!(both.op_kind(), Some(BinaryOp::Assignment { .. }));
                return !changes || both.rhs().is_some_and(|rhs| *rhs.syntax() == of);
            }
            Some(_) => return false,
            None if ast::PathSegment::can_cast(around.kind()) || ast::Path::can_cast(around.kind()) => {}
            None => {
                let kinds = [SyntaxKind::STMT_LIST, SyntaxKind::EXPR_STMT, SyntaxKind::ARG_LIST, SyntaxKind::LET_STMT];
                return kinds.contains(&around.kind());
            }
        }
        of = around;
    }
    false
}

/// The names that a token in a macro's brackets may stand for, whatever the macro makes of them: a name, or those in the
/// braces of a text that is formatted.
fn in_macro(token: &SyntaxToken) -> Vec<String> {
    match token.kind() {
        SyntaxKind::IDENT => {
            let before = std::iter::successors(token.prev_token(), SyntaxToken::prev_token);
            let kinds =
                before.filter(|token| !token.kind().is_trivia()).take(2).map(|token| token.kind()).collect::<Vec<_>>();
            match kinds.as_slice() {
                [SyntaxKind::DOT | SyntaxKind::COLON2, ..] | [SyntaxKind::COLON, SyntaxKind::COLON] => Vec::new(),
                _ => vec![token.text().to_owned()],
            }
        }
        SyntaxKind::STRING => in_braces(token.text()),
        _ => Vec::new(),
    }
}

/// The names that a format string takes from around it: `{total:.1}` gives `total`, `{:width$}` gives `width`.
fn in_braces(text: &str) -> Vec<String> {
    let text = text.replace("{{", "");
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_';
    let name = |part: &str| part.chars().take_while(|&c| is_of_name(c)).collect::<String>();
    let is_name = |name: &String| name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let sizes = |part: &str| {
        let before = part.split('}').next().unwrap_or_default().rsplit_once('$').map_or("", |(before, _)| before);
        before
            .split('$')
            .filter_map(|size| size.rsplit(|c| !is_of_name(c)).next())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    text.split('{').skip(1).flat_map(|part| [vec![name(part)], sizes(part)].concat()).filter(is_name).collect()
}

/// Whether something around a node has bound a name before a place in it.
fn is_local(name: &str, node: &SyntaxNode, at: TextSize) -> bool {
    let binds = |pattern: Option<ast::Pat>| pattern.is_some_and(|pattern| binds(pattern.syntax(), name));
    node.ancestors().any(|around| {
        use ast::Expr;
        if let Some(list) = ast::StmtList::cast(around.clone()) {
            return list.statements().any(|statement| match statement {
                ast::Stmt::LetStmt(earlier) => earlier.syntax().text_range().end() <= at && binds(earlier.pat()),
                ast::Stmt::Item(item) => item_name(&item).as_deref() == Some(name),
                ast::Stmt::ExprStmt(_) => false,
            });
        }
        if let Some(arm) = ast::MatchArm::cast(around.clone()) {
            return binds(arm.pat());
        }
        if let Some(function) = ast::Fn::cast(around.clone()) {
            return function.param_list().is_some_and(|list| list.params().any(|one| binds(one.pat())));
        }
        match Expr::cast(around) {
            Some(Expr::ClosureExpr(closure)) => {
                closure.param_list().is_some_and(|list| list.params().any(|one| binds(one.pat())))
            }
            Some(Expr::ForExpr(each)) => {
                each.loop_body().is_some_and(|body| body.syntax().text_range().contains(at)) && binds(each.pat())
            }
            Some(Expr::IfExpr(test)) => {
                let is_else = test.else_branch().is_some_and(|branch| branch.syntax().text_range().contains(at));
                !is_else && test.condition().is_some_and(|condition| is_let(&condition, name, at))
            }
            Some(Expr::WhileExpr(test)) => test.condition().is_some_and(|condition| is_let(&condition, name, at)),
            _ => false,
        }
    })
}

/// Whether a condition's `let` binds a name before a place.
fn is_let(condition: &ast::Expr, name: &str, at: TextSize) -> bool {
    let lets = condition.syntax().descendants().filter_map(ast::LetExpr::cast);
    lets.filter(|one| one.syntax().text_range().end() <= at)
        .any(|one| one.pat().is_some_and(|pattern| binds(pattern.syntax(), name)))
}

fn binds(pattern: &SyntaxNode, name: &str) -> bool {
    pattern.descendants().filter_map(ast::IdentPat::cast).filter_map(|one| one.name()).any(|one| one.text() == name)
}

fn item_name(item: &ast::Item) -> Option<String> {
    let name = match item {
        ast::Item::Const(item) => item.name(),
        ast::Item::Enum(item) => item.name(),
        ast::Item::Fn(item) => item.name(),
        ast::Item::MacroRules(item) => item.name(),
        ast::Item::Module(item) => item.name(),
        ast::Item::Static(item) => item.name(),
        ast::Item::Struct(item) => item.name(),
        ast::Item::Trait(item) => item.name(),
        ast::Item::TypeAlias(item) => item.name(),
        ast::Item::Union(item) => item.name(),
        _ => None,
    };
    name.map(|name| name.text().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binds_and_uses(code: &str) -> (String, String) {
        let Names { binds, uses, .. } = of(code);
        let words = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>().join(" ");
        (words(binds), words(uses))
    }

    #[test]
    fn a_cell_binds_what_stays_and_uses_what_it_has_not_bound() {
        for (code, binds, uses) in [
            ("let by = sessions.opportunity(Isp, percentile)?;", "by", "Isp percentile sessions"),
            ("let a = 1;\nlet b = a + c;", "a b", "c"),
            ("let sessions = sessions.filter(x)?;", "sessions", "sessions x"),
            ("fn twice(n: i64) -> i64 { n * FACTOR }\ntwice(k)", "twice", "FACTOR i64 k"),
            (":dep rand\nlet (a, P { x, y: z }) = p;", "a x z", "P p"),
            ("a.b.c(d).e", "", "a d"),
            ("m::f(n)", "", "m n"),
            ("", "", ""),
            ("let a = ", "a", ""),
        ] {
            assert_eq!(binds_and_uses(code), (binds.into(), uses.into()), "{code}");
        }
    }

    #[test]
    fn what_is_only_looked_at_is_not_changed() {
        for code in ["a", "a.b", "f(a, &a.b)", "&a[0] == a.b[1]", "let b = a;", "c = a", "println!(\"{a}\")", "(a)"] {
            assert!(!of(code).changes.contains("a"), "{code}");
        }
        for code in
            ["a = b", "a.b += 1", "*a = b", "f(&mut a)", "a.f()", "m!(a)", "for x in a {}", "|| a", "&mut a.b[c]"]
        {
            assert!(of(code).changes.contains("a"), "{code}");
        }
    }

    #[test]
    fn what_a_scope_binds_is_its_own() {
        for (code, uses) in [
            ("{ let a = 1; a }; a", "a"),
            ("{ let a = b; a }", "b"),
            ("xs.map(|x| x + y)", "xs y"),
            ("for a in a { b(a) }", "a b"),
            ("for a in 1..2 { a; }", ""),
            ("match a { Some(b) if b > c => b, _ => d }", "Some a c d"),
            ("if let Some(a) = b { a } else { a }", "Some a b"),
            ("if let Some(a) = b && a > 1 { a }", "Some b"),
            ("while let Some(a) = b { a; }", "Some b"),
            ("P { x, y: z }", "P x z"),
        ] {
            assert_eq!(binds_and_uses(code).1, uses, "{code}");
        }
    }

    #[test]
    fn names_in_macros_count() {
        for (code, uses) in [
            ("vec![a, b.c, d::e]", "a b d vec"),
            ("println!(\"{total:.1} {} {{no}} {0}\", x)", "println total x"),
            ("println!(\"{:>width$.most$} {n:0>w$} ${m}\", x)", "m most n println w width x"),
            ("let a = 1; println!(\"{a}\")", "println"),
            ("f(&format!(\"{name}\"))", "f format name"),
        ] {
            assert_eq!(binds_and_uses(code).1, uses, "{code}");
        }
    }
}
