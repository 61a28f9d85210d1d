//! The fuzzer: libFuzzer, and the engine compiled so that it tells which ways through it were taken.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::process::{Command, ExitCode};

use crate::project::Project;

/// Set where this program stands in for the compiler of this workspace's packages.
const COMPILING: &str = "STREAMROOT_COMPILES_FOR_FUZZING";
/// What has LLVM count each branch, and tell libFuzzer the values that are compared.
const COUNTING: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];
/// Bytes of a made-up file: several of the parser's windows, and soon read.
const LONGEST: u32 = 2048;
/// Seconds for one file, which takes a millisecond or two.
const PATIENCE: u32 = 20;

/// Fuzzes for some seconds. What goes wrong is kept under `target/lab/fuzz/`, and so is what led to new ways.
///
/// # Errors
/// The fuzzer can't be built or started.
pub fn fuzz(project: &Project, seconds: u32) -> Result<ExitCode, String> {
    let me = env::current_exe().map_err(|error| format!("Can't find myself: {error}."))?;
    // Only the engine's own source files are compiled anew; polars is used as it is.
    let mut build = project.cargo("build");
    build.args(["--release", "--locked", "--package", "fuzz"]);
    build.env("RUSTC_WORKSPACE_WRAPPER", me).env(COMPILING, "1");
    let built = build.status().map_err(|error| format!("Cargo can't be run: {error}."))?;
    if !built.success() {
        return Err("The fuzzer can't be built. It needs a C++ compiler; on Debian: apt install g++.".to_owned());
    }
    let directory = project.lab().join("fuzz");
    let corpus = directory.join("corpus");
    fs::create_dir_all(&corpus).map_err(|error| format!("Can't make {}: {error}.", corpus.display()))?;
    let mut run = project.command(project.program("fuzz"));
    run.arg(&corpus).arg(project.at("crates/fuzz/seeds"));
    run.arg(format!("-dict={}", project.at("crates/fuzz/csv.dict").display()));
    run.arg(format!("-artifact_prefix={}/", directory.display()));
    run.arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={LONGEST}"))
        .arg(format!("-timeout={PATIENCE}"));
    let ended = run.status().map_err(|error| format!("The fuzzer can't be started: {error}."))?;
    Ok(if ended.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Compiles a package for the fuzzer, if that is what this program was started for: cargo gives the compiler and its
/// arguments.
pub fn compiled() -> Option<ExitCode> {
    env::var_os(COMPILING)?;
    let mut arguments = env::args_os().skip(1);
    let mut rustc = Command::new(arguments.next()?);
    let arguments: Vec<OsString> = arguments.collect();
    if arguments.iter().any(|argument| argument == "--crate-name") {
        rustc.args(COUNTING);
    }
    let ended = rustc.args(arguments).status();
    Some(if ended.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
