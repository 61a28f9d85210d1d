//! Python environments, with all their packages pinned.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::project::{Project, interpreter};
use crate::stamp::{Fingerprint, Stamp};
use crate::step::Step;

/// The Python of an environment beside JupyterLab's, such as `bench`.
pub fn python(project: &Project, name: &str) -> PathBuf {
    interpreter(&venv(project, name))
}

fn venv(project: &Project, name: &str) -> PathBuf {
    project.lab().join(format!("{name}-venv"))
}

/// Makes an environment beside JupyterLab's, unless it is there, of `python/NAME-requirements.txt`, and gives its Python.
///
/// # Errors
/// What can't be installed, in a sentence.
pub fn ready(project: &Project, name: &'static str) -> Result<PathBuf, String> {
    let path = project.lab().join(format!("{name}-venv.lock"));
    let lock = fs::create_dir_all(project.lab()).and_then(|()| File::create(&path));
    let lock = lock.and_then(|lock| lock.lock().map(|()| lock));
    let lock = lock.map_err(|error| format!("Can't lock {}: {error}.", path.display()))?;
    let python = python(project, name);
    let requirements = project.script(&format!("{name}-requirements.txt"));
    let stamp = Stamp::new(project.lab().join("stamps").join(name));
    let inputs = Fingerprint::new().file(&requirements);
    let inputs = inputs.map_err(|error| format!("Can't read {}: {error}.", requirements.display()))?.to_string();
    if stamp.says(&inputs) && python.exists() {
        return Ok(python);
    }
    stamp.clear().map_err(|error| format!("Can't remove a stamp: {error}."))?;
    let mut step = Step::begin(name, project, &lock)?;
    install(project, &mut step, &project.python(), &venv(project, name), &requirements)?;
    step.done();
    stamp.write(&inputs).map_err(|error| format!("Can't write a stamp: {error}."))?;
    Ok(python)
}

/// Makes an environment with a Python that there is. The requirements name everything, so pip resolves nothing.
///
/// # Errors
/// What the Python or its pip says.
pub fn install(
    project: &Project,
    step: &mut Step<'_>,
    python: &Path,
    venv: &Path,
    requirements: &Path,
) -> Result<(), String> {
    let mut make = project.command(python);
    make.args(["-m", "venv", "--clear"]).arg(venv);
    step.run(make)?;
    let mut pip = project.command(interpreter(venv));
    pip.args(["-m", "pip", "install", "--no-deps", "--no-input", "--disable-pip-version-check"]);
    pip.args(["--progress-bar", "off", "--no-warn-script-location", "--root-user-action=ignore"]);
    pip.arg("--cache-dir").arg(project.lab().join("cache/pip"));
    pip.arg("--requirement").arg(requirements).env("PIP_USER", "0");
    step.run(pip)?;
    Ok(())
}
