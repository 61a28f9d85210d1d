//! Cells that were compiled and can be run again, with other literals.
//!
//! What a cell means follows from its text, from the types of the variables there are, and from what other cells have defined.
//! While the last two are as they were when it was compiled, it need not be compiled again for another number or text.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::literals::{self, Literals};

/// Names with their types.
pub type Variables = BTreeMap<String, String>;

#[derive(Default)]
pub struct Again {
    /// By the cell without its literals.
    compiled: HashMap<String, Compiled>,
    /// Cells, without their literals, that can be compiled as they stand only.
    hopeless: HashSet<String>,
    /// Whether cells can have a state of their own, which compiling them anew clears.
    keep_state: bool,
}

/// A cell that was compiled.
#[derive(Clone)]
pub struct Compiled {
    pub function: String,
    pub source: String,
    /// The variables there were behind it.
    variables: Variables,
}

impl Again {
    /// For cells that are linked with what these settings of evcxr's load. Crates but the helper crate may have a state.
    pub fn with_settings(settings: &str) -> Self {
        let mut is_dependency = false;
        let others = settings.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let keep_state = others.into_iter().any(|line| {
            if line.starts_with('[') {
                is_dependency = line == "[dependencies]";
                return line.starts_with("[dependencies.");
            }
            is_dependency && line.split(['=', '.', ' ']).next() != Some("streamroot")
        });
        Self { keep_state, ..Self::default() }
    }

    /// What was compiled of a cell, if it means now what it meant then.
    pub fn find(&self, cell: &Literals, variables: &Variables) -> Option<Compiled> {
        let compiled = self.compiled.get(&cell.without)?;
        let are_there = compiled.variables.iter().all(|(name, ty)| variables.get(name) == Some(ty));
        let are_other = variables.keys().any(|name| !compiled.variables.contains_key(name) && cell.mentions(name));
        (are_there && !are_other).then(|| compiled.clone())
    }

    /// Before a cell is compiled: forgets what it may change the meaning of, and says whether its literals are to be given.
    pub fn compiles(&mut self, code: &str, cell: Option<&Literals>) -> bool {
        if cell.is_none_or(|cell| cell.defines) {
            self.compiled.clear();
        }
        // The crates that a cell is linked with, and what is static in it, are its own until it is compiled again.
        self.keep_state |= [":dep", "static ", "thread_local"].iter().any(|word| code.contains(word));
        !self.keep_state && cell.is_some_and(|cell| !self.hopeless.contains(&cell.without))
    }

    /// Behind a cell that was compiled and has come to its end.
    pub fn note(&mut self, cell: &Literals, source: &str, before: &Variables, after: Variables) {
        // A cell that uses a variable up can't be run twice.
        if let Some(function) = literals::function_of(source)
            && before.iter().all(|(name, ty)| after.get(name) == Some(ty))
        {
            let compiled = Compiled { function: function.to_owned(), source: source.to_owned(), variables: after };
            self.compiled.insert(cell.without.clone(), compiled);
        }
    }

    /// The literals of a cell have to be as they are written.
    pub fn give_up(&mut self, cell: Option<&Literals>) {
        self.hopeless.extend(cell.map(|cell| cell.without.clone()));
    }

    /// Behind a cell that has failed as it ran. What it left of the variables is for evcxr to find out.
    pub fn forget(&mut self) {
        self.compiled.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_of_others_may_have_a_state() {
        let keep_state = |settings: &str| Again::with_settings(settings).keep_state;
        for without in
            ["", "[evcxr]\nopt_level = \"0\"\n\n[dependencies]\n# nothing else\nstreamroot = { path = \"..\" }\n"]
        {
            assert!(!keep_state(without), "{without}");
        }
        let ours = include_str!("../../../../notebooks/evcxr.toml");
        assert!(!keep_state(ours));
        for with in ["rand = \"0.10\"", "streamroot-other = \"1\"", "[dependencies.rand]\nversion = \"0.10\""] {
            assert!(keep_state(&format!("{ours}\n{with}\n")), "{with}");
        }
    }
}
