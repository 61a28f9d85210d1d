//! The directory every kernel starts from: what a cell depends on, compiled exactly as a cell needs it.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result};

use crate::lab::{self, Lab};
use crate::server;
use crate::session::{self, Session};
use crate::toolchain::Toolchain;

/// The last line of a fingerprint of what was made quickly.
const QUICK: &str = "quick\n";

/// Makes the warm directory, unless there is one that is up to date. It is made as a kernel's directory, by evcxr
/// itself, with the `evcxr.toml` of the current directory, and takes its place when it is complete.
///
/// With `quick`, someone waits: the helper crate is compiled quickly, and the code of it is slow. What is made without is
/// better than that and stays.
pub fn make(quick: bool) -> Result<()> {
    let start = Instant::now();
    let lab = Lab::find()?;
    let only_one = lab.warming_lock_file()?;
    only_one.lock().context("Can't lock the lab directory")?;
    let mut fingerprint = fingerprint(&lab)?;
    let made_from = fs::read_to_string(lab.warm().join("fingerprint")).unwrap_or_default();
    if made_from == fingerprint || (quick && made_from == format!("{fingerprint}{QUICK}")) {
        println!("What a cell needs is compiled already.");
        return Ok(());
    }
    if quick {
        fingerprint.push_str(QUICK);
    }
    let session = Session::begin(&lab, quick)?;
    server::start_alone()?;
    replace(&lab, &session, &fingerprint)?;
    println!("Compiled what a cell needs in {:.1} s.", start.elapsed().as_secs_f64());
    Ok(())
}

/// Whether the warm directory was made quickly.
pub fn is_quick(lab: &Lab) -> bool {
    fs::read_to_string(lab.warm().join("fingerprint")).is_ok_and(|made_from| made_from.ends_with(QUICK))
}

/// Does the same while this process goes on, with what time the machine has to spare. The next kernel profits, this
/// one doesn't depend on it.
pub fn make_in_background() {
    let Ok(this) = env::current_exe() else { return };
    let _ = Command::new("nice")
        .arg("-n19")
        .arg(this)
        .arg("--warm")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn();
}

/// Puts what this session compiled in the place of the old warm directory.
fn replace(lab: &Lab, session: &Session, fingerprint: &str) -> Result<()> {
    let (new, old) = (lab.beside_warm("new"), lab.beside_warm("old"));
    for left_over in [&new, &old] {
        if left_over.exists() {
            fs::remove_dir_all(left_over)?;
        }
    }
    fs::create_dir_all(&new)?;
    fs::rename(session::build(&session.directory).join("target"), new.join("target"))?;
    fs::copy(session::locked_versions(&session.directory), new.join("Cargo.lock"))?;
    fs::write(new.join("fingerprint"), fingerprint)?;

    let lock = lab.lock_file()?;
    lock.lock()?;
    if lab.warm().exists() {
        fs::rename(lab.warm(), &old)?;
    }
    fs::rename(&new, lab.warm())?;
    drop(lock);
    if old.exists() {
        fs::remove_dir_all(&old)?;
    }
    Ok(())
}

/// Everything the warm directory is made from, a line each.
fn fingerprint(lab: &Lab) -> Result<String> {
    let toolchain = Toolchain::find()?;
    let version = Command::new(&toolchain.rustc).arg("-vV").output().context("Can't start rustc")?;
    let kernel = fs::metadata(env::current_exe()?)?;
    let mut lines = format!("rustc {:016x}\n", hash(&version.stdout));
    writeln!(lines, "kernel {} {:?}", kernel.len(), kernel.modified()?)?;
    writeln!(lines, "settings {:016x}", hash(lab.cargo_config().as_bytes()))?;
    for file in [env::current_dir()?.join("evcxr.toml"), lab::workspace().join("Cargo.lock")] {
        lines.push_str(&line_of(&file)?);
    }
    lines.extend(helper_crate()?);
    Ok(lines)
}

/// Whether there is a warm directory that was made with another helper crate than there is now.
pub fn helper_crate_changed(lab: &Lab) -> bool {
    let Ok(known) = fs::read_to_string(lab.warm().join("fingerprint")) else { return false };
    helper_crate().is_ok_and(|lines| lines.iter().any(|line| !known.contains(line.as_str())))
}

/// The part of the fingerprint that stands for the helper crate.
fn helper_crate() -> Result<Vec<String>> {
    let helper_crate = lab::workspace().join("crates").join("streamroot");
    sources(&helper_crate)?.iter().map(|file| line_of(file)).collect()
}

fn line_of(file: &Path) -> Result<String> {
    let bytes = fs::read(file).with_context(|| format!("Can't read {}", file.display()))?;
    Ok(format!("{} {:016x}\n", file.display(), hash(&bytes)))
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// The files a crate is compiled from: its manifest and all under `src`, in order.
fn sources(krate: &Path) -> Result<Vec<PathBuf>> {
    let mut files = vec![krate.join("Cargo.toml")];
    let mut directories = vec![krate.join("src")];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).with_context(|| format!("Can't read {}", directory.display()))? {
            let entry = entry?;
            if entry.file_type()?.is_dir() { directories.push(entry.path()) } else { files.push(entry.path()) }
        }
    }
    files.sort();
    Ok(files)
}
