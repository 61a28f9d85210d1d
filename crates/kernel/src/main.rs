//! The Rust kernel for these notebooks: evcxr's own, started in a build directory where every dependency of a cell
//! is compiled already.
//!
//! One executable plays several parts, told apart by the name it is called by, by the environment, and last by its
//! arguments. evcxr starts it again as the process that runs the cells, so the parts come before anything else.

mod cargo;
mod command;
mod lab;
mod linked_copy;
mod loss;
mod orphan;
mod session;
mod spaces;
mod toolchain;
mod warm;

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
Usage: kernel --control_file FILE   serve a notebook (Jupyter does this)
       kernel --warm                compile what a cell needs; to be run in the notebooks' directory";

fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args_os();
    let called = arguments.next().map(PathBuf::from).unwrap_or_default();
    match called.file_name().and_then(|name| name.to_str()) {
        Some("cargo") => return cargo::stand_in(arguments.collect()),
        Some("rustup") => return toolchain::stand_in(arguments.collect()),
        _ => {}
    }
    if std::env::var_os(cargo::RECORD).is_some() {
        return cargo::record_and_compile(arguments.collect());
    }
    if std::env::var_os("EVCXR_IS_RUNTIME").is_some() {
        loss::start_companion();
        orphan::end_without_parent();
        spaces::shorten_paths()?;
        return evcxr_jupyter::main().map(|()| ExitCode::SUCCESS);
    }
    if std::env::var_os("EVCXR_RUSTC_WRAPPER").is_some() {
        return evcxr_jupyter::main().map(|()| ExitCode::SUCCESS);
    }

    let first = arguments.next();
    match first.as_deref().and_then(|argument| argument.to_str()) {
        Some("--control_file") => serve(),
        Some("--warm") => warm::make(),
        Some(session::SWEEP) => {
            let directory = arguments.next().context("no directory to sweep was given")?;
            session::sweep(Path::new(&directory))
        }
        Some(loss::REPORT) => loss::report(),
        Some("--help") => {
            println!("{USAGE}");
            return Ok(ExitCode::SUCCESS);
        }
        _ => bail!("{USAGE}"),
    }
    .map(|()| ExitCode::SUCCESS)
}

/// Counts how often a kernel has begun anew.
const ATTEMPTS: &str = "STREAMROOT_KERNEL_ATTEMPTS";

/// Runs the kernel until Jupyter shuts it down. Its directory outlives this function: the sweeper removes it as soon
/// as this process is gone, however it went.
fn serve() -> Result<()> {
    let environment: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    let lab = lab::Lab::find()?;
    let changed = warm::helper_crate_changed(&lab);
    if changed {
        warm::make_in_background();
    }
    let session = session::Session::begin(&lab, changed)?;
    orphan::end_without_parent();
    let served = evcxr_jupyter::main();
    match &served {
        Err(error) if is_a_lost_client(error) && !loss::has_variables(&session::build(&session.directory)) => {
            begin_anew(environment)
        }
        _ => served,
    }
}

/// While a kernel starts, Jupyter's server asks again and again whether it is there, and goes away at the first answer.
/// evcxr answers all of these questions, and gives up when there is nobody left to take an answer.
fn is_a_lost_client(error: &anyhow::Error) -> bool {
    let kinds = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
    error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|cause| kinds.contains(&cause.kind()))
}

/// Starts this kernel again in the same process, on the same ports, so that nobody notices. To be called when no cell
/// has left anything behind.
fn begin_anew(environment: Vec<(OsString, OsString)>) -> Result<()> {
    let attempts = std::env::var(ATTEMPTS).ok().and_then(|n| n.parse().ok()).unwrap_or(0) + 1;
    if attempts > 5 {
        bail!("The connection to Jupyter broke five times while the kernel was starting.");
    }
    eprintln!("The connection to Jupyter broke while the kernel was starting; it starts again.");
    let mut kernel = Command::new(std::env::current_exe()?);
    kernel.args(std::env::args_os().skip(1)).env_clear().envs(environment).env(ATTEMPTS, attempts.to_string());
    Err(kernel.exec()).context("Can't start the kernel again")
}
