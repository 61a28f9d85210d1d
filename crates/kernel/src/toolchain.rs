//! cargo and rustc, and how evcxr is told where they are.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::command::become_command;
use crate::place;

/// Names the real cargo to everything a kernel starts.
pub const CARGO: &str = "STREAMROOT_CARGO";
/// Names the real rustc likewise. It is also where cargo and rust-analyzer look: at each start they ask rustc two dozen
/// questions, and rustup's proxy, which they would ask instead, takes longer than the answer.
pub const RUSTC: &str = "RUSTC";

/// rust-analyzer looks for cargo in `bin` of the directory that this names, before it looks anywhere else.
const CARGO_HOME: &str = "CARGO_HOME";
/// Names the user's own, if there is one, to everything a kernel starts. Only rust-analyzer needs another.
pub const USERS_CARGO_HOME: &str = "STREAMROOT_CARGO_HOME";

/// The tools themselves, not rustup's proxies, which decide anew at each call which tool is meant.
pub struct Toolchain {
    pub cargo: PathBuf,
    pub rustc: PathBuf,
}

impl Toolchain {
    /// The toolchain that is in force in the current directory.
    pub fn find() -> Result<Self> {
        Ok(Self { cargo: find_tool("cargo")?, rustc: find_tool("rustc")? })
    }
}

/// The sources of the standard library that come with this kernel's rustc, if rustup's component `rust-src` is there.
pub fn library_sources() -> Option<PathBuf> {
    let rustc = PathBuf::from(env::var_os(RUSTC)?);
    let sysroot = rustc.parent()?.parent()?;
    Some(sysroot.join("lib/rustlib/src/rust/library")).filter(|library| library.join("core").is_dir())
}

fn find_tool(name: &str) -> Result<PathBuf> {
    if let Ok(output) = real("rustup".as_ref()).args(["which", name]).output()
        && output.status.success()
        && let Ok(path) = str::from_utf8(&output.stdout)
    {
        return Ok(PathBuf::from(path.trim()));
    }
    path()
        .into_iter()
        .map(|directory| directory.join(name))
        .find(|file| file.is_file())
        .with_context(|| format!("Can't find {name}: install Rust (https://rustup.rs) or add it to PATH"))
}

/// Called as `rustup`, which is how evcxr asks for its tools: names our own cargo, and the real rustc. Every other
/// question goes to the real rustup.
pub fn stand_in(arguments: Vec<OsString>) -> Result<ExitCode> {
    let words: Vec<_> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let answer = match words[..] {
        ["which", "cargo"] => place::directory().map(|session| place::stand_ins(&session).join("cargo")),
        ["which", "rustc"] => env::var_os(RUSTC).map(PathBuf::from),
        _ => None,
    };
    match answer {
        Some(path) => {
            println!("{}", path.display());
            Ok(ExitCode::SUCCESS)
        }
        None => become_command(real("rustup".as_ref()).args(arguments)),
    }
}

/// The real cargo, for one who called ours.
pub fn real_cargo() -> Result<Command> {
    match env::var_os(CARGO) {
        Some(cargo) => Ok(real(&cargo)),
        None => bail!("{CARGO} is not set: this stand-in for cargo works only inside a kernel"),
    }
}

/// A command that finds the real tools on its `PATH`.
fn real(program: &OsStr) -> Command {
    let mut command = Command::new(program);
    give_back_cargo_home(&mut command);
    if let Ok(path) = env::join_paths(path()) {
        command.env("PATH", path);
    }
    command
}

/// Has rust-analyzer find the stand-in for cargo in a kernel's directory. To be called before there are threads.
pub fn set_cargo_home(session: &Path) {
    let home = env::var_os(CARGO_HOME);
    // A kernel that was started below another one finds the directory of that.
    if home.as_deref().map(Path::new) != place::directory().as_deref() {
        // SAFETY: the kernel has no threads yet.
        unsafe { env::set_var(USERS_CARGO_HOME, home.unwrap_or_default()) };
    }
    // SAFETY: likewise.
    unsafe { env::set_var(CARGO_HOME, session) };
}

/// Gives what a command starts the user's own.
pub fn give_back_cargo_home(command: &mut Command) {
    match env::var_os(USERS_CARGO_HOME) {
        Some(users) if !users.is_empty() => command.env(CARGO_HOME, users),
        _ => command.env_remove(CARGO_HOME),
    };
}

/// `PATH` without the stand-ins of the kernel that has started this process, if one has: a kernel may start another one,
/// and what stands in for the tools of both would call itself for ever.
fn path() -> Vec<PathBuf> {
    let stand_ins = place::directory().map(|kernel| place::stand_ins(&kernel));
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).filter(|part| Some(part) != stand_ins.as_ref()).collect()
}

/// `PATH` with `directory` before all others.
pub fn path_beginning_with(directory: &Path) -> Result<OsString> {
    let parts = [directory.to_path_buf()].into_iter().chain(path());
    env::join_paths(parts).with_context(|| format!("The path {} can't stand in PATH", directory.display()))
}
