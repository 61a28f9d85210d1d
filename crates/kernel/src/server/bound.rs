//! The statements that made the variables what they are, in the order in which they ran.

use std::collections::{BTreeMap, BTreeSet};

use super::again::Variables;
use super::names::{self, Names};
use super::syntax;

/// How many statements are remembered. Who has more needed ones runs the cells again.
const MOST: usize = 200;

/// What the variables there are came from, as far as that is known.
#[derive(Debug, Default)]
pub struct Bound {
    steps: Vec<Step>,
}

/// A statement that bound variables, or may have changed some.
#[derive(Debug)]
struct Step {
    /// Nothing, if what has happened to the variables can't be done again by a statement.
    statement: Option<String>,
    /// The variables, with whether they can be changed from then on.
    binds: BTreeMap<String, bool>,
    /// The variables it was made of.
    uses: BTreeSet<String>,
}

impl Bound {
    /// Adds the statements of a cell that has come to its end, and forgets those that nothing there is was made of. Of a cell
    /// that has failed, the variables are not there, but it may have changed others before.
    pub fn note(&mut self, code: &str, before: &Variables, after: &Variables, failed: bool) {
        let mut there: BTreeSet<String> = before.keys().cloned().collect();
        for statement in syntax::statements(code) {
            // In a line of its own nothing is taken for a command of evcxr's.
            let line = format!("\n{}", statement.text);
            let Names { uses, changes, .. } = names::among(&line, |name| there.contains(name));
            let changes = uses.intersection(&changes).filter(|name| self.can_change(name));
            let mut binds: BTreeMap<_, _> = changes.map(|name| (name.clone(), true)).collect();
            if failed {
                there.retain(|name| !statement.binds.contains_key(name));
            } else {
                there.extend(statement.binds.keys().cloned());
                binds.extend(statement.binds);
            }
            if !binds.is_empty() {
                self.steps.push(Step { statement: (!failed).then_some(statement.text), binds, uses });
            }
        }
        let (needed, _) = self.needed(after.keys());
        let mut needed = needed.into_iter();
        self.steps.retain(|_| needed.next().unwrap_or(false));
        self.steps.drain(..self.steps.len().saturating_sub(MOST));
    }

    /// The statements that bring these variables back if they are run in this order; nothing, if that can't be known.
    pub fn statements<'a>(&self, names: impl Iterator<Item = &'a String>) -> Option<Vec<&str>> {
        let (needed, all_known) = self.needed(names);
        let needed = self.steps.iter().zip(needed).filter(|(_, needed)| *needed).map(|(step, _)| step);
        needed.map(|step| step.statement.as_deref().filter(|_| all_known)).collect()
    }

    fn can_change(&self, name: &str) -> bool {
        self.steps.iter().rev().find_map(|step| step.binds.get(name)).copied().unwrap_or(false)
    }

    /// For each step whether these variables were made of it, and whether nothing is missing.
    fn needed<'a>(&self, names: impl Iterator<Item = &'a String>) -> (Vec<bool>, bool) {
        let mut wanted: BTreeSet<&str> = names.map(String::as_str).collect();
        let mut needed = vec![false; self.steps.len()];
        for (step, needed) in self.steps.iter().zip(&mut needed).rev() {
            for name in step.binds.keys() {
                *needed |= wanted.remove(name.as_str());
            }
            if *needed {
                wanted.extend(step.uses.iter().map(String::as_str));
            }
        }
        (needed, wanted.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(names: &str) -> Variables {
        names.split_whitespace().map(|name| (name.to_owned(), String::new())).collect()
    }

    /// What is said to bring back the variables behind some cells, each with the variables behind it. One that has failed
    /// begins with a `#`.
    fn back(cells: &[(&str, &str)]) -> Option<String> {
        let (mut bound, mut before) = (Bound::default(), Variables::new());
        for (code, after) in cells {
            let after = variables(after);
            bound.note(code.trim_start_matches('#'), &before, &after, code.starts_with('#'));
            before = after;
        }
        bound.statements(before.keys()).map(|statements| statements.join(" "))
    }

    #[track_caller]
    fn check(cells: &[(&str, &str)], statements: &str) {
        assert_eq!(back(cells).as_deref(), Some(statements));
    }

    #[test]
    fn statements_come_in_the_order_in_which_they_ran() {
        check(
            &[("let v = f();", "v"), ("let b = v.len(); b", "b v"), ("let a = b;", "a b v")],
            "let v = f(); let b = v.len(); let a = b;",
        );
        check(&[("let (b, a) = f();", "a b"), ("let c = 1;", "a b c")], "let (b, a) = f(); let c = 1;");
        check(&[("let a = 1;", "a"), ("let a = 1;", "a")], "let a = 1;");
        check(&[("let a = 1; let b = a;\nlet a = 2;", "a b")], "let a = 1; let b = a; let a = 2;");
        check(&[("a + 1", "")], "");
    }

    #[test]
    fn what_was_moved_away_is_bound_before_it_is_needed() {
        let cells = [("let v = vec![1, 2];", "v"), ("let w = v; w.len()", "w"), ("let v = 5;", "v w")];
        check(&cells[..2], "let v = vec![1, 2]; let w = v;");
        check(&cells, "let v = vec![1, 2]; let w = v; let v = 5;");
        check(&[("let v = f();", "v"), ("drop(v)", ""), ("let a = 1;", "a")], "let a = 1;");
        check(&[("let s = open()?;", "s"), ("let s = s.filter(x)?;", "s")], "let s = open()?; let s = s.filter(x)?;");
        check(
            &[("let n = 2;", "n"), ("let t = format!(\"{n} {:n$}\", 1);", "n t")],
            "let n = 2; let t = format!(\"{n} {:n$}\", 1);",
        );
    }

    #[test]
    fn what_can_be_changed_is_changed_again() {
        let cells = [
            ("let mut v = vec![];", "v"),
            ("v.push(1)", "v"),
            ("let a = v.pop();", "a v"),
            ("v", "a v"),
            ("f(&v)", "a v"),
        ];
        check(&cells, "let mut v = vec![]; v.push(1); let a = v.pop();");
        check(
            &[cells[0], ("for i in 0..2 {\n v.push(i)\n}", "v")],
            "let mut v = vec![]; for i in 0..2 {\n v.push(i)\n};",
        );
        check(&[cells[0], cells[1], ("let v = 1;", "v"), ("v.f()", "v")], "let v = 1;");
    }

    #[test]
    fn what_is_not_known_is_not_made_up() {
        let open = ("let s = open(a)?;", "s");
        check(&[open, ("#let s = open(b)?; s", "s")], "let s = open(a)?;");
        assert_eq!(back(&[("m!()", "a"), ("let b = a;", "b")]), None, "nobody knows where `a` comes from");
        check(&[("m!()", "a"), ("let b = a;", "b"), ("let b = 1;", "b")], "let b = 1;");
        let changed = [("let mut v = f();", "v"), ("#v.push(1); g()?;", "v")];
        assert_eq!(back(&changed), None, "whether it was changed depends on what failed");
        check(&[changed[0], ("#let v = 1; v + 1; g()?;", "v")], "let mut v = f();");
        let chain: Vec<_> = std::iter::repeat_n(("v.push(1);", "v"), MOST).collect();
        assert_eq!(back(&[&changed[..1], &chain].concat()), None, "too many");
    }
}
