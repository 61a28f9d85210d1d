//! Notebooks that are run without a browser, or made into pages: which ones, on what, and where the results go.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::cli::Engine;
use crate::engines;
use crate::jupyter::{become_command, script};
use crate::project::Project;

/// What `cargo lab run` was asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Run {
    /// The notebooks, all of them if none is named.
    pub names: Vec<String>,
    /// Another file or a glob in place of `data/sessions.csv`, absolute.
    pub sessions: Option<PathBuf>,
    /// Compare with what is committed, and write nothing.
    pub check: bool,
    /// Compare with what is committed, on another engine; it is to be [`ready`](engines::ready).
    pub engine: Option<Engine>,
    /// Compare with what is committed, in evcxr's own kernel.
    pub stock: bool,
}

/// The notebook whose sessions have a time. A file of another's need not have one.
const WITH_TIME: &str = "09-time";

/// The command that runs notebooks. On another file, all are all that need no time.
///
/// # Errors
/// A name that no notebook has.
pub fn run_command(project: &Project, run: &Run) -> Result<Command, String> {
    let mut notebooks = select(&available(project)?, &run.names)?;
    if run.sessions.is_some() && run.names.is_empty() {
        notebooks.retain(|name| name != WITH_TIME);
    }
    let mut command = script(project, "run.py", &project.lab().join("jupyter-run"));
    command.arg("--lab").arg(project.lab());
    if run.check {
        command.arg("--check");
    }
    if run.stock {
        command.arg("--stock").arg(project.program("stock-kernel"));
    }
    if let Some(engine) = run.engine {
        command.arg("--engine").arg(engine.name()).arg("--engine-python").arg(engines::python(project));
        command.arg("--sessions").arg(project.at("data/sessions.csv"));
    }
    if let Some(sessions) = &run.sessions {
        command.env("STREAMROOT_SESSIONS", sessions);
        command.arg("--results").arg(project.lab().join("runs").join(stem(sessions)));
    } else {
        command.env_remove("STREAMROOT_SESSIONS");
    }
    command.args(files(project, &notebooks));
    Ok(command)
}

fn files(project: &Project, names: &[String]) -> impl Iterator<Item = PathBuf> {
    names.iter().map(|name| project.notebooks().join(format!("{name}.ipynb")))
}

/// The command that makes notebooks into pages for readers, in a directory that is told from where the user is.
///
/// # Errors
/// A name that no notebook has.
pub fn export_command(
    project: &Project,
    names: &[String],
    to: Option<&Path>,
    no_code: bool,
    html: bool,
) -> Result<Command, String> {
    let notebooks = select(&available(project)?, names)?;
    let to = match to {
        Some(to) => here()?.join(to),
        None => project.lab().join("export"),
    };
    let mut command = script(project, "export.py", &project.lab().join("jupyter-run"));
    command.arg("--to").arg(to).arg("--log").arg(project.lab().join("logs/chromium.log"));
    command.args(no_code.then_some("--no-code")).args(html.then_some("--html")).args(files(project, &notebooks));
    Ok(command)
}

/// Where the user is.
fn here() -> Result<PathBuf, String> {
    env::current_dir().map_err(|error| format!("Can't tell the current directory: {error}."))
}

/// Runs notebooks, in place of this process.
///
/// # Errors
/// A name that no notebook has, or the runner can't be started.
pub fn run(project: &Project, run: &Run) -> Result<ExitCode, String> {
    become_command(run_command(project, run)?)
}

/// The sessions a user names on the command line, from where she is.
///
/// # Errors
/// A file that isn't there. A glob is left to the engine, which knows how to read one.
pub fn sessions(argument: &Path) -> Result<PathBuf, String> {
    let path = here()?.join(argument);
    let is_glob = argument.to_string_lossy().contains(['*', '?', '[']);
    if !is_glob && !path.exists() {
        return Err(format!("There is no file {}.", path.display()));
    }
    Ok(path)
}

/// The notebooks that there are, in their order.
fn available(project: &Project) -> Result<Vec<String>, String> {
    let directory = project.notebooks();
    let entries = fs::read_dir(&directory).map_err(|error| format!("Can't read {}: {error}.", directory.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".ipynb").map(str::to_owned))
        .filter(|name| !name.is_empty() && !name.starts_with('.'))
        .collect();
    names.sort();
    Ok(names)
}

/// The notebooks that are meant by these names: `02-streams`, `02-streams.ipynb` or its path, or all if there is none.
fn select(available: &[String], names: &[String]) -> Result<Vec<String>, String> {
    if names.is_empty() {
        return Ok(available.to_vec());
    }
    let mut selected = Vec::new();
    for name in names {
        let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let wanted = file.strip_suffix(".ipynb").unwrap_or(file);
        if !available.iter().any(|one| one == wanted) {
            return Err(format!("There is no notebook named {name}. There are: {}.", available.join(", ")));
        }
        if !selected.iter().any(|one| one == wanted) {
            selected.push(wanted.to_owned());
        }
    }
    Ok(selected)
}

/// A directory's name for the results of a file or a glob: `sessions-*.parquet` gives `sessions-_`.
fn stem(sessions: &Path) -> String {
    let stem = sessions.file_stem().unwrap_or_default().to_string_lossy();
    stem.chars().map(|c| if "*?[]{}".contains(c) || c.is_control() { '_' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn notebooks_are_found_by_name_file_or_path() {
        let available = names(&["01-a", "02-b"]);
        assert_eq!(select(&available, &[]).unwrap(), available);
        assert_eq!(select(&available, &names(&["02-b.ipynb"])).unwrap(), ["02-b"]);
        assert_eq!(select(&available, &names(&["notebooks/02-b.ipynb", "01-a", "02-b"])).unwrap(), ["02-b", "01-a"]);
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let error = select(&names(&["01-a", "02-b"]), &names(&["b"])).unwrap_err();
        assert_eq!(error, "There is no notebook named b. There are: 01-a, 02-b.");
    }

    #[test]
    fn results_of_a_glob_have_a_plain_directory() {
        assert_eq!(stem(Path::new("/data/sessions-*.parquet")), "sessions-_");
        assert_eq!(stem(Path::new("/data/june.2024.csv")), "june.2024");
    }
}
