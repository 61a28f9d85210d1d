//! Called as `cargo`: compiles a cell without cargo wherever cargo would only find that nothing but the cell changed.
//!
//! Of the time a cell takes, cargo itself used a third: starting, reading the manifests of all dependencies,
//! looking whether they are fresh. For a cell, the answer is always the same. So the first build of a kind goes
//! through the real cargo, the rustc command it gives for the cell is written down together with everything it
//! followed from, and while that stays the same the command is given again at once.
//!
//! That also means that a kernel stays with the helper crate it started with. A running kernel holds values whose
//! layout a changed crate could change; restarting it picks the change up.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus, Output, Stdio};

use anyhow::{Context, Result};
use memchr::memmem;

use crate::cell;
use crate::command::{Recorded, become_command};
use crate::literals::Literals;
use crate::metadata;
use crate::moved;
use crate::place;
use crate::remembered::Question;
use crate::toolchain::real_cargo;

/// Set for a rustc that is to be recorded: the file to write.
pub const RECORD: &str = "STREAMROOT_RECORD";

/// The crate that cells use, and that may change from one start of a kernel to the next.
const HELPER_CRATE: &str = "streamroot";
/// What evcxr has crates compiled with. With other flags cargo would compile them again.
const EVCXRS_FLAGS: &str = "-Cprefer-dynamic";

/// What the compiler says of a value that has no way of its own to be shown.
const NOT_SHOWN: &[u8] = b"no method named `evcxr_display` found";

/// The name evcxr gives the package that a cell is compiled as.
const CELL: &str = "ctx";

/// Does what cargo would do for these arguments.
pub fn stand_in(arguments: Vec<OsString>) -> Result<ExitCode> {
    let here = env::current_dir().and_then(|directory| directory.canonicalize()).ok();
    match place::directory() {
        Some(session) if here == place::build(&session).canonicalize().ok() => {}
        _ => return become_command(real_cargo()?.args(&arguments)),
    }
    match arguments.first().and_then(|argument| argument.to_str()) {
        // evcxr's own caches wrap rustc too; they are left to work as they do.
        Some("build") if env::var_os("RUSTC_WRAPPER").is_none() => build(&arguments),
        Some("metadata") => metadata(&arguments),
        // What rust-analyzer asks when it starts.
        Some("locate-project" | "--version" | "-Z" | "rustc") => remembered(&arguments, &|_| asked(&arguments)),
        _ => become_command(real_cargo()?.args(&arguments)),
    }
}

/// What cargo says.
fn asked(arguments: &[OsString]) -> Result<Output> {
    real_cargo()?.args(arguments).stderr(Stdio::inherit()).output().context("Can't start cargo")
}

/// Gives the answer to a question that was asked before, or asks, and remembers that.
fn remembered(arguments: &[OsString], ask: &dyn Fn(&Path) -> Result<Output>) -> Result<ExitCode> {
    let session = place::directory().context("The kernel's directory is unknown")?;
    let question = Question::new(&session, arguments);
    if let Some(answer) = question.answer() {
        io::stdout().write_all(&answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    let output = ask(&session)?;
    if output.status.success() {
        question.note(&output.stdout);
    }
    io::stdout().write_all(&output.stdout)?;
    Ok(exit_code(output.status))
}

fn build(arguments: &[OsString]) -> Result<ExitCode> {
    let session = place::directory().context("The kernel's directory is unknown")?;
    let source = Path::new("src/lib.rs");
    let secret = env::var(place::SECRET).unwrap_or_default();
    let rewritten = cell::rewritten(&fs::read_to_string(source)?, &secret)?;
    let write = |text: &str| fs::write(source, text).context("Can't write the cell");
    write(&rewritten)?;
    let (command_file, situation_file) = (session.join("cell-command"), session.join("cell-situation"));
    let so_path_file = env::var_os("EVCXR_EXECUTION_SO_PATH").map(PathBuf::from);

    let mut is_known = fs::read(&situation_file).is_ok_and(|known| known == situation(arguments));
    if !is_known && let Some(recorded) = Question::new(&session, arguments).command() {
        recorded.save(&command_file)?;
        fs::write(&situation_file, situation(arguments))?;
        is_known = true;
    }
    if is_known
        && let Some(recorded) = Recorded::load(&command_file)
        && let Some(library) = library_of(&recorded)
        && let Some(so_path_file) = so_path_file
        && let Some(mut rustc) = recorded.command()
    {
        // evcxr reads this file only if the compiler ends well, and the compiler's messages as they are.
        fs::write(so_path_file, library.as_os_str().as_bytes())?;
        let wanted = place::literals(&session);
        let literals = fs::read_to_string(&wanted).ok().and_then(|code| Literals::of(&code));
        let given = literals.and_then(|literals| cell::given(&rewritten, &literals));
        if let Some(given) = &given {
            write(given)?;
            let output = rustc.output().context("Can't start the compiler")?;
            // A value that is shown as text, or a variable that is used up, does not compile at first, whatever the literals;
            // evcxr mends that, and tries again.
            let (told, is_mended) = moved::told(&output.stderr, &rewritten);
            if output.status.success() || is_mended || memmem::find(&output.stderr, NOT_SHOWN).is_some() {
                io::stderr().write_all(&told)?;
                return Ok(exit_code(output.status));
            }
            write(&rewritten)?;
        }
        let output = rustc.output().context("Can't start the compiler")?;
        if output.status.success() && given.is_some() {
            fs::write(wanted, "")?; // so it was for the literals
        }
        return say(&output, &rewritten);
    }

    let question = Question::new(&session, arguments);
    let mut versions = Versions::of(&session);
    versions.keep_all();
    let recording = session.join("cell-command.new");
    let output = real_cargo()?
        .args(arguments)
        .env("RUSTC_WRAPPER", env::current_exe()?)
        .env(RECORD, &recording)
        .output()
        .context("Can't start cargo")?;
    if output.status.success() {
        versions.note();
        if fs::rename(&recording, &command_file).is_ok() {
            fs::write(&situation_file, situation(arguments))?;
            if let Some(recorded) = Recorded::load(&command_file) {
                question.note_command(&recorded);
            }
        }
    } else {
        let _ = fs::remove_file(&recording);
    }
    say(&output, &rewritten)
}

/// Says to evcxr what the compiler of a cell has said.
fn say(output: &Output, rewritten: &str) -> Result<ExitCode> {
    io::stdout().write_all(&moved::told(&output.stdout, rewritten).0)?;
    io::stderr().write_all(&moved::told(&output.stderr, rewritten).0)?;
    Ok(exit_code(output.status))
}

fn exit_code(status: ExitStatus) -> ExitCode {
    ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// evcxr asks for this with a manifest that names nothing but a dependency to be added. cargo would forget the
/// versions of all others. rust-analyzer asks for it too, with the path of the manifest.
fn metadata(arguments: &[OsString]) -> Result<ExitCode> {
    remembered(arguments, &|session| {
        let versions = Versions::of(session);
        versions.keep_all();
        let mut output = asked(arguments)?;
        versions.keep_all();
        let is_rust_analyzers = arguments.iter().any(|argument| argument == "--manifest-path");
        if is_rust_analyzers && let Some(public) = metadata::of_public_crates(&output.stdout) {
            output.stdout = public;
        }
        let names_helper_crate =
            || fs::read_to_string("Cargo.toml").is_ok_and(|manifest| manifest.contains(HELPER_CRATE));
        if is_rust_analyzers && names_helper_crate() && fs::remove_file(place::ahead(session)).is_ok() {
            compile_ahead(session, arguments)?;
        }
        Ok(output)
    })
}

/// Compiles the helper crate as the next build will want it, while rust-analyzer reads what cargo has told it. That build
/// waits for this one; both hold the lock of the same directory.
fn compile_ahead(session: &Path, arguments: &[OsString]) -> Result<()> {
    let package = session.join("ahead-of-cells");
    fs::create_dir_all(package.join("src"))?;
    fs::write(package.join("src/lib.rs"), "")?;
    for file in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(file, package.join(file))?;
    }
    let mut cargo = real_cargo()?;
    cargo.args(["build", "--quiet", "--package", HELPER_CRATE]);
    if let Some(of) = arguments.iter().position(|argument| argument == "--filter-platform") {
        cargo.arg("--target").args(arguments.get(of + 1));
    }
    let target = place::build(session).join("target");
    cargo.current_dir(package).env("CARGO_TARGET_DIR", &target).env("CARGO_BUILD_BUILD_DIR", &target);
    cargo.env("RUSTFLAGS", EVCXRS_FLAGS).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    cargo.spawn().context("Can't start cargo")?;
    Ok(())
}

/// Everything that the compiler command of a cell follows from, but for the cell itself.
fn situation(arguments: &[OsString]) -> Vec<u8> {
    let mut situation = Vec::new();
    for argument in arguments {
        situation.extend_from_slice(argument.as_bytes());
        situation.push(0);
    }
    for file in ["Cargo.toml", "Cargo.lock", ".cargo/config.toml"] {
        situation.extend(fs::read(file).unwrap_or_default());
        situation.push(0);
    }
    for (name, value) in env::vars_os().collect::<BTreeMap<_, _>>() {
        situation.extend_from_slice(name.as_bytes());
        situation.push(b'=');
        situation.extend_from_slice(value.as_bytes());
        situation.push(0);
    }
    situation
}

/// The shared library that a recorded compiler command makes, if all that it links with is still there.
fn library_of(recorded: &Recorded) -> Option<PathBuf> {
    let after = |name: &'static str| {
        recorded.words.windows(2).filter(move |pair| pair[0] == name).map(|pair| pair[1].as_os_str())
    };
    let externs_exist = after("--extern").all(|word| {
        let word = word.as_bytes();
        let path = word.iter().position(|&byte| byte == b'=').map(|equals| &word[equals + 1..]);
        path.is_none_or(|path| Path::new(OsStr::from_bytes(path)).exists())
    });
    let directory = after("--out-dir").next().filter(|_| externs_exist)?;
    Some(Path::new(directory).join(format!("lib{CELL}.{}", env::consts::DLL_EXTENSION)))
}

/// Called by cargo in rustc's place: writes the command down if it compiles a cell, and becomes rustc.
pub fn record_and_compile(words: Vec<OsString>) -> Result<ExitCode> {
    // The channels of cargo's job server are open only as long as this cargo runs.
    let of_the_moment = [RECORD, "RUSTC_WRAPPER", "CARGO_MAKEFLAGS", "MAKEFLAGS", "MFLAGS"];
    let environment = env::vars_os().filter(|(name, _)| !of_the_moment.iter().any(|other| name == other)).collect();
    let recorded = Recorded { words, environment };
    let is_a_cell = recorded.words.windows(2).any(|pair| pair[0] == "--crate-name" && pair[1] == CELL)
        && recorded.words.windows(2).any(|pair| pair[0] == "--crate-type" && pair[1] == "cdylib");
    if is_a_cell && let Some(file) = env::var_os(RECORD) {
        recorded.save(Path::new(&file))?;
    }
    let (rustc, arguments) = recorded.words.split_first().context("cargo gave no compiler")?;
    become_command(std::process::Command::new(rustc).args(arguments).env_remove(RECORD).env_remove("RUSTC_WRAPPER"))
}

/// The versions of all dependencies. cargo drops from a lock file what the manifest at hand doesn't need, and evcxr
/// writes manifests without dependencies; the next build would then take whatever is newest.
struct Versions {
    kept: PathBuf,
}

impl Versions {
    fn of(session: &Path) -> Self {
        Self { kept: place::locked_versions(session) }
    }

    /// Puts versions that were dropped back.
    fn keep_all(&self) {
        let packages = |file: &Path| fs::read_to_string(file).unwrap_or_default().matches("[[package]]").count();
        if packages(Path::new("Cargo.lock")) < packages(&self.kept) {
            let _ = fs::copy(&self.kept, "Cargo.lock");
        }
    }

    /// After a build with all dependencies there are: these versions are the ones to keep.
    fn note(&mut self) {
        let has_dependencies = fs::read_to_string("Cargo.toml").is_ok_and(|manifest| {
            manifest.split("[dependencies]").nth(1).is_some_and(|dependencies| !dependencies.trim().is_empty())
        });
        if has_dependencies {
            let _ = fs::copy("Cargo.lock", &self.kept);
        }
    }
}
