//! What other engines need on this machine, installed on demand: their environment of Python packages, and DuckDB's library.

use std::path::PathBuf;

use crate::cli::Engine;
use crate::environment;
use crate::jupyter;
use crate::project::Project;
use crate::step::show;

/// The environment of Python packages that starts engines.
const ENVIRONMENT: &str = "engines";

/// The Python that starts engines.
pub fn python(project: &Project) -> PathBuf {
    environment::python(project, ENVIRONMENT)
}

/// Installs what an engine needs, unless it is there.
///
/// # Errors
/// What can't be installed, in a sentence.
pub fn ready(project: &Project, engine: Engine) -> Result<(), String> {
    environment::ready(project, ENVIRONMENT)?;
    match engine {
        Engine::Sail => Ok(()),
        Engine::DuckDb => duckdb(project),
    }
}

/// Fetches DuckDB's library.
///
/// # Errors
/// It can't be fetched.
pub fn duckdb(project: &Project) -> Result<(), String> {
    let mut fetch = jupyter::script(project, "duckdb_library.py", &project.lab().join("jupyter-run"));
    let shown = show(&fetch, project.root());
    let status = fetch.status().map_err(|error| format!("`{shown}` can't be run: {error}."))?;
    if status.success() { Ok(()) } else { Err(format!("`{shown}` ended with {status}; it fetches DuckDB.")) }
}
