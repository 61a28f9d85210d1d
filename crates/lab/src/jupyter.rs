//! JupyterLab and the scripts beside it: how they are started, and where they may write.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::json;
use crate::project::Project;

/// How Jupyter calls the kernel.
pub const DISPLAY_NAME: &str = "Streamroot (Rust)";

/// The kernel spec, as Jupyter's documentation of kernels has it.
///
/// A kernel that starts looks for a stock evcxr in `JUPYTER_PATH` and replaces one of another version by itself. The
/// path given here has nothing in it, so a user's other kernels are never touched. A notebook in a directory without an
/// `evcxr.toml` gets the one of these notebooks. What the kernel's allocator does not use it is to give back at once: it
/// takes 540 MB otherwise, and 420 so.
pub fn kernel_spec(project: &Project) -> String {
    let kernel = json::string(&project.program("kernel").display().to_string());
    let notebooks = json::string(&project.notebooks().display().to_string());
    let nothing = json::string(&project.lab().join("jupyter/none").display().to_string());
    format!(
        r#"{{
  "argv": [{kernel}, "--control_file", "{{connection_file}}"],
  "display_name": "{DISPLAY_NAME}",
  "env": {{
    "EVCXR_CONFIG_DIR": {notebooks},
    "JUPYTER_PATH": {nothing},
    "MIMALLOC_ALLOW_THP": "0",
    "MIMALLOC_PURGE_DELAY": "0"
  }},
  "interrupt_mode": "message",
  "language": "rust"
}}
"#
    )
}

/// A Python script of this crate, in the environment that set-up made, and writing only below `state`.
pub fn script(project: &Project, name: &str, state: &Path) -> Command {
    let mut command = project.command(project.python());
    command.arg("-B").arg(project.script(name));
    let places = [
        ("JUPYTER_CONFIG_DIR", "config"),
        ("JUPYTER_DATA_DIR", "data"),
        ("JUPYTER_RUNTIME_DIR", "runtime"),
        ("JUPYTER_PATH", "none"),
        ("JUPYTERLAB_SETTINGS_DIR", "settings"),
        ("JUPYTERLAB_WORKSPACES_DIR", "workspaces"),
        ("IPYTHONDIR", "ipython"),
    ];
    for (variable, place) in places {
        command.env(variable, state.join(place));
    }
    command.env_remove("JUPYTER_CONFIG_PATH").env_remove("JUPYTERLAB_DIR").env("PYTHONNOUSERSITE", "1");
    command
}

/// Where JupyterLab keeps its own files, unless told otherwise.
pub fn usual_state(project: &Project) -> PathBuf {
    project.lab().join("jupyter")
}

/// JupyterLab on the notebooks, in place of this process. `setup` is a child of it that goes on with the set-up.
///
/// # Errors
/// It can't be started.
pub fn open(
    project: &Project,
    browser: bool,
    state: Option<PathBuf>,
    setup: Option<u32>,
    more: &[OsString],
) -> Result<ExitCode, String> {
    let state = state.unwrap_or_else(|| usual_state(project));
    let mut command = script(project, "serve.py", &state);
    command.arg("--notebooks").arg(project.notebooks()).arg("--state").arg(&state);
    if browser {
        command.arg("--browser");
    }
    if let Some(setup) = setup {
        command.arg("--setup").arg(setup.to_string());
    }
    command.arg("--").args(more);
    become_command(command)
}

/// The reconstruction with options of its own, in place of this process and in the user's directory.
///
/// # Errors
/// It can't be started.
pub fn reconstruction(project: &Project, more: &[OsString]) -> Result<ExitCode, String> {
    let mut command = project.command(project.program("reconstruction"));
    if let Ok(here) = env::current_dir() {
        command.current_dir(here);
    }
    command.args(more);
    become_command(command)
}

/// Runs a command in place of this process, so that Ctrl-C and the exit code are its own.
#[cfg(unix)]
pub fn become_command(mut command: Command) -> Result<ExitCode, String> {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(format!("Can't start {}: {error}.", command.get_program().display()))
}

/// Runs a command to its end.
#[cfg(not(unix))]
pub fn become_command(mut command: Command) -> Result<ExitCode, String> {
    let status = command.status().map_err(|error| format!("Can't start the command: {error}."))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
