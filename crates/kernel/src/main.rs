//! The Rust kernel for these notebooks: evcxr behind a Jupyter server of our own, in a build directory where every
//! dependency of a cell is compiled already.
//!
//! One executable plays several parts, told apart by the name it is called by, by the environment, and last by its
//! arguments. evcxr starts it again as the process that runs the cells, so the parts come before anything else.

mod cargo;
mod cell;
mod command;
mod lab;
mod library_sources;
mod linked_copy;
mod literals;
mod metadata;
mod moved;
mod orphan;
mod place;
mod remembered;
mod runner;
mod server;
mod session;
mod toolchain;
mod warm;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

/// As evcxr's own kernel has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    if let Some(secret) = environment(runner::supervisor::RUNTIME) {
        runner::runtime::run(&secret);
    }
    if std::env::var_os("EVCXR_IS_RUNTIME").is_some() {
        let secret = environment(place::SECRET).context("The process that runs cells is started by a kernel only")?;
        allow_large_pages();
        return runner::supervisor::run(&secret).map(|()| ExitCode::SUCCESS);
    }
    // As what wraps the compiler, if a notebook asks evcxr for its cache. Otherwise this does nothing.
    evcxr::runtime_hook();

    let first = arguments.next();
    match first.as_deref().and_then(|argument| argument.to_str()) {
        Some("--control_file") => serve(Path::new(&arguments.next().context("no control file was given")?)),
        Some("--warm") => warm::make(),
        Some(session::SWEEP) => {
            let directory = arguments.next().context("no directory to sweep was given")?;
            session::sweep(Path::new(&directory))
        }
        Some("--help") => {
            println!("{USAGE}");
            return Ok(ExitCode::SUCCESS);
        }
        _ => bail!("{USAGE}"),
    }
    .map(|()| ExitCode::SUCCESS)
}

/// A variable of the environment that nobody below this process needs to know.
fn environment(name: &str) -> Option<String> {
    let value = std::env::var(name).ok()?;
    // SAFETY: this process has no other thread yet.
    unsafe { std::env::remove_var(name) };
    Some(value)
}

/// Lets the process that runs cells have large pages, which the engine reads files into. The kernel does without, and what it
/// starts would have to, too.
fn allow_large_pages() {
    // SAFETY: it changes nothing but that.
    #[cfg(target_os = "linux")]
    unsafe {
        libc::prctl(libc::PR_SET_THP_DISABLE, 0, 0, 0, 0)
    };
}

/// Runs the kernel until Jupyter shuts it down. Its directory outlives this function: the sweeper removes it as soon
/// as this process is gone, however it went.
fn serve(connection_file: &Path) -> Result<()> {
    let parent = orphan::parent_id();
    // What the kernel spec asks of the allocator. It has read that, and it is for the kernel alone.
    environment("MIMALLOC_ALLOW_THP");
    environment("MIMALLOC_PURGE_DELAY");
    let (lab, start) = warm::start(lab::Lab::find()?)?;
    let session = session::Session::begin(&lab, start.quick, start.compiling.is_some())?;
    start.vouch(&session.directory)?;
    if start.compiling.is_some() {
        std::fs::write(place::ahead(&session.directory), "")?;
    }
    orphan::end_without(parent);
    let directory = session.directory.clone();
    server::serve(connection_file, move || {
        if let Some(compiling) = start.compiling {
            std::thread::spawn(move || {
                if let Err(error) = compiling.done(&directory) {
                    eprintln!("What was compiled can't be given to other kernels: {error:#}");
                }
            });
        }
    })
}
