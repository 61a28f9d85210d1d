//! The benchmark: the environments it compares with, made on demand, and its start.

use std::fs::File;
use std::process::{Command, ExitCode};

use crate::project::Project;
use crate::{engines, environment, jupyter};

/// The environment of Python packages that has pandas and seaborn.
const ENVIRONMENT: &str = "bench";

/// Runs the benchmark, and prints its table.
///
/// # Errors
/// What it compares with can't be installed, or the benchmark can't be started.
pub fn bench(project: &Project, repeat: usize, with_stock: bool) -> Result<ExitCode, String> {
    let _lock = hold(project)?;
    let python = environment::ready(project, ENVIRONMENT)?;
    let mut command = jupyter::script(project, "bench.py", &project.lab().join("jupyter-run"));
    command.arg("--root").arg(project.root()).arg("--pandas-python").arg(python);
    command.arg("--repeat").arg(repeat.to_string());
    if with_stock {
        command.arg("--stock").arg(project.program("stock-kernel"));
    }
    run(command)
}

/// Measures how quickly figures follow a hand in JupyterLab's page, and prints a table.
///
/// # Errors
/// The benchmark can't be started.
pub fn by_hand(project: &Project) -> Result<ExitCode, String> {
    let _lock = hold(project)?;
    let mut command = jupyter::script(project, "bench_by_hand.py", &project.lab().join("jupyter-run"));
    command.arg("--root").arg(project.root());
    run(command)
}

/// Measures how time and memory grow with the number of sessions, up to `largest` times the data set, and prints a table.
///
/// # Errors
/// What it compares with can't be installed, or the benchmark can't be started.
pub fn scale(project: &Project, largest: u32) -> Result<ExitCode, String> {
    let _lock = hold(project)?;
    let python = environment::ready(project, ENVIRONMENT)?;
    engines::duckdb(project)?;
    let mut command = jupyter::script(project, "scale.py", &project.lab().join("jupyter-run"));
    command.arg("--root").arg(project.root()).arg("--pandas-python").arg(python);
    command.arg("--reconstruction").arg(project.program("reconstruction"));
    command.arg("--duckdb").arg(project.lab().join("duckdb/libduckdb.so"));
    command.arg("--largest").arg(largest.to_string());
    run(command)
}

/// Held while installing, and while measuring: two benchmarks at once would measure each other.
fn hold(project: &Project) -> Result<File, String> {
    let path = project.lab().join("bench.lock");
    let lock = File::create(&path).map_err(|error| format!("Can't write {}: {error}.", path.display()))?;
    lock.try_lock().map_err(|_| "Another `cargo lab bench` is running; two at once would measure each other.")?;
    Ok(lock)
}

fn run(mut command: Command) -> Result<ExitCode, String> {
    // On other data the pandas side would have other figures to draw.
    command.env_remove("STREAMROOT_SESSIONS");
    let status = command.status().map_err(|error| format!("The benchmark can't be started: {error}."))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
