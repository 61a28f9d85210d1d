//! The directory every kernel starts from: what a cell depends on, compiled exactly as a cell needs it.

use std::env;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Instant, SystemTime};

use anyhow::{Context, Result};

use crate::lab::{self, Lab};
use crate::linked_copy::linked_copy;
use crate::place;
use crate::remembered;
use crate::server;
use crate::session::{self, Session};
use crate::toolchain::Toolchain;

/// The last line of a fingerprint of what was made quickly.
const QUICK: &str = "quick\n";

/// Makes the warm directory, unless there is one that is up to date. It is made as a kernel's directory, by evcxr
/// itself, with the `evcxr.toml` of the current directory, and takes its place when it is complete.
pub fn make() -> Result<()> {
    let start = Instant::now();
    let lab = Lab::find()?;
    let only_one = lab.warming_lock_file()?;
    only_one.lock().context("Can't lock the lab directory")?;
    let fingerprint = fingerprint(&lab)?;
    if made_from(&lab) == fingerprint {
        println!("What a cell needs is compiled already.");
        return Ok(());
    }
    let session = Session::begin(&lab, false, true)?;
    remembered::begin(&session.directory)?;
    server::start_alone()?;
    let new = lab.beside_warm("new");
    remove(&new)?;
    fs::create_dir_all(&new)?;
    remembered::give(&session.directory, &new)?;
    fs::rename(place::build(&session.directory).join("target"), new.join("target"))?;
    put_in_place(&lab, &session.directory, &new, &fingerprint)?;
    println!("Compiled what a cell needs in {:.1} s.", start.elapsed().as_secs_f64());
    Ok(())
}

/// What a kernel that starts has to know of the helper crate.
pub struct Start {
    /// Whether the crate is compiled quickly, and the code of it is slow: someone waits for it, or has waited.
    pub quick: bool,
    /// When the warm directory was last seen to be made from the crate as it is now.
    same_at: Option<SystemTime>,
    pub compiling: Option<Compiling>,
}

/// The right to compile the helper crate for this kernel and for all that start meanwhile.
pub struct Compiling {
    lab: Lab,
    fingerprint: String,
    _lock: File,
}

/// Looks whether the helper crate has to be compiled, and waits if another kernel is at it.
pub fn start(lab: Lab) -> Result<(Lab, Start)> {
    let mut compiling = None;
    let before = SystemTime::now();
    if helper_crate_changed(&lab) && is_made_here(&lab) {
        let only_one = lab.compiling_lock_file()?;
        only_one.lock().context("Can't lock the lab directory")?;
        if helper_crate_changed(&lab) {
            let fingerprint = fingerprint(&lab)? + QUICK;
            compiling = Some(Compiling { lab: lab.clone(), fingerprint, _lock: only_one });
        }
    }
    let changed = helper_crate_changed(&lab);
    let start = Start { quick: changed || is_quick(&lab), same_at: (!changed).then_some(before), compiling };
    Ok((lab, start))
}

impl Start {
    /// Tells cargo, in the directory of a kernel, up to when the files of the helper crate are as they were compiled. cargo goes
    /// by their times, and would compile a crate in which an edit was undone, at each start of a kernel.
    pub fn vouch(&self, session: &Path) -> Result<()> {
        let Some(time) = self.same_at else { return Ok(()) };
        for target in list(&place::build(session).join("target"))? {
            for package in list(&target.join("debug/.fingerprint"))? {
                if !is_named(&package, "streamroot-") {
                    continue;
                }
                for file in list(&package)?.into_iter().filter(|file| is_named(file, "dep-")) {
                    File::options().write(true).open(file)?.set_modified(time)?;
                }
            }
        }
        Ok(())
    }
}

/// What is in a directory, which is nothing if there is none.
fn list(directory: &Path) -> Result<Vec<PathBuf>> {
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(directory).with_context(|| format!("Can't read {}", directory.display()))?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

fn is_named(path: &Path, start: &str) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(start))
}

impl Compiling {
    /// Gives what the kernel in this directory has compiled to all others, and has it compiled for speed.
    pub fn done(self, session: &Path) -> Result<()> {
        if !helper_crate_changed(&self.lab) {
            return Ok(()); // it has been compiled for speed meanwhile
        }
        let new = self.lab.beside_warm("quick");
        remove(&new)?;
        linked_copy(&place::build(session).join("target"), &new.join("target"), &session::is_a_cells)?;
        put_in_place(&self.lab, session, &new, &self.fingerprint)?;
        make_in_background();
        Ok(())
    }
}

/// Whether the warm directory was made quickly.
fn is_quick(lab: &Lab) -> bool {
    made_from(lab).ends_with(QUICK)
}

/// Whether the warm directory was made with the `evcxr.toml` of the current directory. A kernel elsewhere may compile
/// something else, which is of no use to others.
fn is_made_here(lab: &Lab) -> bool {
    place::settings().is_ok_and(|file| line_of(&file).is_ok_and(|line| made_from(lab).contains(&line)))
}

/// The fingerprint of the warm directory, which is empty when there is none.
fn made_from(lab: &Lab) -> String {
    fs::read_to_string(lab.warm().join("fingerprint")).unwrap_or_default()
}

/// Makes the warm directory while this process goes on, with what time the machine has to spare. The next kernel
/// profits, this one doesn't depend on it.
fn make_in_background() {
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

/// Puts a new directory with what a session has compiled in the place of the warm one.
fn put_in_place(lab: &Lab, session: &Path, new: &Path, fingerprint: &str) -> Result<()> {
    fs::copy(place::locked_versions(session), new.join("Cargo.lock"))?;
    fs::write(new.join("fingerprint"), fingerprint)?;
    let old = lab.beside_warm(&format!("old-{}", std::process::id()));
    let lock = lab.lock_file()?;
    lock.lock()?;
    if lab.warm().exists() {
        fs::rename(lab.warm(), &old)?;
    }
    fs::rename(new, lab.warm())?;
    drop(lock);
    remove(&old)
}

fn remove(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory).with_context(|| format!("Can't remove {}", directory.display()))?;
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
    for file in [place::settings()?, lab::workspace().join("Cargo.lock")] {
        lines.push_str(&line_of(&file)?);
    }
    lines.extend(helper_crate()?);
    Ok(lines)
}

/// Whether there is a warm directory that was made with another helper crate than there is now.
fn helper_crate_changed(lab: &Lab) -> bool {
    let known = made_from(lab);
    !known.is_empty() && helper_crate().is_ok_and(|lines| lines.iter().any(|line| !known.contains(line.as_str())))
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
        for path in list(&directory)? {
            if path.is_dir() { directories.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}
