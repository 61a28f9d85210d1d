//! The benchmark: the environments it compares with, made on demand, and its start.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::project::Project;
use crate::step::Step;
use crate::{engines, environment, jupyter};

/// The environment of Python packages that has pandas and seaborn.
const ENVIRONMENT: &str = "bench";

/// Runs the benchmark, and prints its table.
///
/// # Errors
/// What it compares with can't be installed, or the benchmark can't be started.
pub fn bench(project: &Project, repeat: usize, with_stock: bool) -> Result<ExitCode, String> {
    let lock = hold(project)?;
    let python = environment::ready(project, ENVIRONMENT)?;
    let mut command = jupyter::script(project, "bench.py", &project.lab().join("jupyter-run"));
    command.arg("--root").arg(project.root()).arg("--pandas-python").arg(python);
    command.arg("--repeat").arg(repeat.to_string());
    if with_stock {
        command.arg("--stock").arg(stock(project, &lock)?);
    }
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

/// The stock evcxr kernel, of the version that ours is made from.
fn stock(project: &Project, lock: &File) -> Result<PathBuf, String> {
    let path = project.at("Cargo.lock");
    let versions = fs::read_to_string(&path).map_err(|error| format!("Can't read {}: {error}.", path.display()))?;
    let version = locked_version(&versions, "evcxr_jupyter").ok_or("Cargo.lock has no evcxr_jupyter.")?;
    let mut step = Step::begin("stock", project, lock)?;
    let root = project.lab().join("bench/stock");
    step.run(install(project, version, &root))?;
    step.done();
    Ok(root.join("bin").join(format!("evcxr_jupyter{}", std::env::consts::EXE_SUFFIX)))
}

/// Cargo finds by itself whether this version is installed there already.
fn install(project: &Project, version: &str, root: &std::path::Path) -> Command {
    let mut cargo = project.command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["install", "evcxr_jupyter", "--locked", "--version", &format!("={version}"), "--root"]).arg(root);
    cargo.env("CARGO_TARGET_DIR", project.lab().join("bench/stock-target"));
    cargo.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "100");
    cargo.env("CARGO_TERM_COLOR", "never");
    cargo
}

/// The version of a package in a lock file.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let mut lines = lock.lines().skip_while(|line| *line != format!("name = \"{package}\""));
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_lock_file() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.2.3\"\n\n[[package]]\nname = \"a-b\"\nversion = \"4.5\"\n";
        assert_eq!(locked_version(lock, "a"), Some("1.2.3"));
        assert_eq!(locked_version(lock, "a-b"), Some("4.5"));
        assert_eq!(locked_version(lock, "b"), None);
    }
}
