//! Says what was lost when the process that runs the cells ends: by an interrupt, an abort, a crash.
//!
//! The variables of a notebook live in that process. evcxr starts a new one and reports the signal, not what it means.
//! A companion process shares the error output of the one that runs cells, sees it end, and adds the sentence.

use std::env;
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Result;

/// The argument with which this executable is the companion.
pub const REPORT: &str = "--report-loss";

/// Starts the companion of this process, which is about to run cells. Cells run without one just as well.
pub fn start_companion() {
    let Ok(this) = env::current_exe() else { return };
    let companion = Command::new(this)
        .arg(REPORT)
        .env_remove("EVCXR_IS_RUNTIME")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn();
    // The pipe to it closes when this process ends, and not before.
    std::mem::forget(companion);
}

/// Waits for the end of the process that runs cells.
pub fn report() -> Result<()> {
    io::stdin().lock().read_to_end(&mut Vec::new())?;
    let Some(build) = env::var_os("EVCXR_TMPDIR") else { return Ok(()) };
    let last_cell = fs::read_to_string(Path::new(&build).join("src").join("lib.rs"))?;
    if let Some(sentence) = sentence(&last_cell) {
        eprintln!("{sentence}");
    }
    Ok(())
}

/// Whether the last cell that was compiled in a directory was given variables, or left some.
pub fn has_variables(build: &Path) -> bool {
    let code = fs::read_to_string(build.join("src").join("lib.rs")).unwrap_or_default();
    sentence(&code).is_some() || code.contains("evcxr_variable_store.put_variable::<")
}

/// What to say when `code`, a cell as evcxr completed it, was the last that ran. A cell first checks the types of all
/// variables there are, and so names them.
fn sentence(code: &str) -> Option<String> {
    let mut variables: Vec<_> = code
        .split("evcxr_variable_store.check_variable::<")
        .skip(1)
        .filter_map(|rest| rest.split_once("stringify!(")?.1.split_once(')'))
        .map(|(name, _)| name.trim())
        .collect();
    variables.sort_unstable();
    if variables.is_empty() {
        return None;
    }
    Some(format!(
        "The process that ran the cells has ended, and these variables are lost: {}. To have them back, choose Run > Run All \
         Above Selected Cell.",
        variables.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn names_the_variables_that_the_cell_was_given() {
        let code = "mod evcxr_internal_runtime { pub fn check_variable<T: 'static>(&mut self, name: &str) -> bool {} }\n\
            {let mut vars_ok = true;\n\
            vars_ok &= evcxr_variable_store.check_variable::<Vec<Table>>(stringify!(users));\n\
            vars_ok &= evcxr_variable_store.check_variable::<Sessions>(stringify!(sessions));\n\
            evcxr_variable_store.put_variable::<i32>(stringify!(fresh), fresh);";
        let sentence = sentence(code).unwrap();
        assert!(sentence.contains("lost: sessions, users. To"), "{sentence}");
    }

    #[test]
    fn says_nothing_when_nothing_was_lost() {
        assert_eq!(sentence("{let mut vars_ok = true;if !vars_ok {return evcxr_variable_store;}}"), None);
    }
}
