//! What other engines need on this machine, installed on demand: their environment of Python packages, and DuckDB's library.

use std::fs::{self, File};
use std::path::PathBuf;

use crate::cli::Engine;
use crate::jupyter;
use crate::project::Project;
use crate::stamp::{Fingerprint, Stamp};
use crate::step::{Step, show};

/// The Python that starts engines: an environment of its own, all of it pinned.
pub fn python(project: &Project) -> PathBuf {
    project.lab().join("engines-venv").join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

/// Installs what an engine needs, unless it is there.
///
/// # Errors
/// What can't be installed, in a sentence.
pub fn ready(project: &Project, engine: Engine) -> Result<(), String> {
    environment(project)?;
    match engine {
        Engine::Sail => Ok(()),
        Engine::DuckDb => duckdb(project),
    }
}

fn environment(project: &Project) -> Result<(), String> {
    let path = project.lab().join("engines.lock");
    let lock = fs::create_dir_all(project.lab()).and_then(|()| File::create(&path));
    let lock = lock.and_then(|lock| lock.lock().map(|()| lock));
    let lock = lock.map_err(|error| format!("Can't lock {}: {error}.", path.display()))?;
    let python = python(project);
    let requirements = project.script("engines-requirements.txt");
    let stamp = Stamp::new(project.lab().join("stamps/engines"));
    let inputs = Fingerprint::new().file(&requirements);
    let inputs = inputs.map_err(|error| format!("Can't read {}: {error}.", requirements.display()))?.to_string();
    if stamp.says(&inputs) && python.exists() {
        return Ok(());
    }
    stamp.clear().map_err(|error| format!("Can't remove a stamp: {error}."))?;
    let mut step = Step::begin("engines", project, &lock)?;
    let mut make = project.command(project.python());
    make.args(["-m", "venv", "--clear"]).arg(project.lab().join("engines-venv"));
    step.run(make)?;
    let mut pip = project.command(&python);
    pip.args(["-m", "pip", "install", "--no-deps", "--no-input", "--disable-pip-version-check"]);
    pip.args(["--progress-bar", "off", "--no-warn-script-location", "--root-user-action=ignore"]);
    pip.arg("--cache-dir").arg(project.lab().join("cache/pip"));
    pip.arg("--requirement").arg(&requirements).env("PIP_USER", "0");
    step.run(pip)?;
    step.done();
    stamp.write(&inputs).map_err(|error| format!("Can't write a stamp: {error}."))
}

/// Fetches DuckDB's library.
fn duckdb(project: &Project) -> Result<(), String> {
    let mut fetch = jupyter::script(project, "duckdb_library.py", &project.lab().join("jupyter-run"));
    let shown = show(&fetch, project.root());
    let status = fetch.status().map_err(|error| format!("`{shown}` can't be run: {error}."))?;
    if status.success() { Ok(()) } else { Err(format!("`{shown}` ended with {status}; it fetches DuckDB.")) }
}
