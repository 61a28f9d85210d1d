//! The directory in which one kernel compiles its cells, from its start to its end.
//!
//! Each kernel has its own, a copy of the warm one, and holds a lock on it while it lives. A sweeper waits for that
//! lock and removes the directory, whatever way the kernel ended; what a lost sweeper left behind is removed when
//! the next kernel starts.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::lab::{self, Lab};
use crate::library_sources;
use crate::linked_copy::linked_copy;
use crate::place::{self, KERNEL, SECRET, build, locked_versions, stand_ins};
use crate::toolchain::{self, Toolchain};

/// For a kernel that has to compile the helper crate while someone waits: compiling it for speed takes five times
/// as long as this.
const QUICK_TO_COMPILE: &str = "[profile.dev.package.streamroot]\nopt-level = 0\n";

/// The argument with which this executable sweeps.
pub const SWEEP: &str = "--sweep";

/// A directory that belongs to this process until it ends.
pub struct Session {
    pub directory: PathBuf,
    _lock: File,
}

impl Session {
    /// Makes the directory, and sets the environment that makes evcxr use it. To be called before there are threads.
    /// `quick` says that the helper crate is compiled quickly here: someone waits for it, or it was in the warm directory;
    /// `compiles`, that it will be compiled.
    pub fn begin(lab: &Lab, quick: bool, compiles: bool) -> Result<Self> {
        let toolchain = Toolchain::find()?;
        lab.write_cargo_config()?;
        let one_at_a_time = lab.lock_file()?;
        one_at_a_time.lock().context("Can't lock the lab directory")?;
        clear_stale(&lab.kernels());
        let session = Self::claim(&lab.kernels())?;
        session.start_sweeper()?;
        session.fill(lab, compiles)?;
        if quick {
            let settings = session.directory.join(".cargo");
            fs::create_dir_all(&settings)?;
            fs::write(settings.join("config.toml"), QUICK_TO_COMPILE)?;
        }
        library_sources::withhold(&session.directory)?;
        drop(one_at_a_time);
        session.set_environment(&toolchain)?;
        Ok(session)
    }

    /// Makes a directory named after this process and locks it.
    fn claim(kernels: &Path) -> Result<Self> {
        let process = std::process::id();
        // Another machine or container may have a process of the same number and a directory in here.
        let mut names = std::iter::once(process.to_string()).chain((2..).map(|n| format!("{process}-{n}")));
        let directory = loop {
            let directory = kernels.join(names.next().unwrap_or_default());
            match fs::create_dir(&directory) {
                Ok(()) => break directory,
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).with_context(|| format!("Can't make {}", directory.display())),
            }
        };
        let lock = File::create(lock(&directory))?;
        lock.lock().with_context(|| format!("Can't lock {}", directory.display()))?;
        Ok(Self { directory, _lock: lock })
    }

    fn fill(&self, lab: &Lab, compiles: bool) -> Result<()> {
        let warm = lab.warm();
        let build = build(&self.directory);
        fs::create_dir_all(&build)?;
        if warm.exists() {
            // Most of the files are for the compiler to go on from.
            let is_left_out = |name: &OsStr| is_a_cells(name) || !compiles && name == "incremental";
            linked_copy(&warm.join("target"), &build.join("target"), &is_left_out)
                .with_context(|| format!("Can't copy the warm directory {}", warm.display()))?;
        } else {
            eprintln!("Nothing is compiled for these notebooks yet, so this start takes longer.");
        }
        let versions = [warm.join("Cargo.lock"), lab::workspace().join("Cargo.lock")];
        if let Some(versions) = versions.iter().find(|file| file.exists()) {
            fs::copy(versions, locked_versions(&self.directory))?;
        }

        let remembered = place::remembered(&warm);
        if !compiles && remembered.exists() {
            linked_copy(&remembered, &place::remembered(&self.directory), &|_| false)?;
        }
        let stand_ins = stand_ins(&self.directory);
        fs::create_dir_all(&stand_ins)?;
        let this = env::current_exe().context("Can't find the kernel's own executable")?;
        for name in ["cargo", "rustup"] {
            std::os::unix::fs::symlink(&this, stand_ins.join(name))?;
        }
        Ok(())
    }

    fn start_sweeper(&self) -> Result<()> {
        // In a group of its own, for Jupyter ends a kernel by ending its group.
        Command::new(env::current_exe()?)
            .arg(SWEEP)
            .arg(&self.directory)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("Can't start the process that clears up after the kernel")?;
        Ok(())
    }

    fn set_environment(&self, toolchain: &Toolchain) -> Result<()> {
        let stand_ins = stand_ins(&self.directory);
        let path = toolchain::path_beginning_with(&stand_ins)?;
        toolchain::set_cargo_home(&self.directory);
        // SAFETY: the kernel has no threads yet.
        unsafe {
            env::set_var(KERNEL, &self.directory);
            env::set_var(SECRET, uuid::Uuid::new_v4().simple().to_string());
            env::set_var(toolchain::CARGO, &toolchain.cargo);
            env::set_var(toolchain::RUSTC, &toolchain.rustc);
            env::set_var("PATH", path);
            env::set_var("EVCXR_TMPDIR", build(&self.directory));
            env::set_var("RUST_SRC_PATH", place::library_sources(&self.directory));
            // evcxr looks for a kernel named `rust` here and rewrites it when it is of another version. There is
            // none in this directory, and so none of the user's is touched.
            env::set_var("JUPYTER_PATH", &self.directory);
        }
        Ok(())
    }
}

/// What belongs to a cell that was run, and not to what cells depend on. cargo names a cell's files after the path of
/// its package, so they are of no use in another directory.
pub fn is_a_cells(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    ["ctx", "libctx", "libcode_", ".cargo-lock"].iter().any(|prefix| name.starts_with(prefix))
}

fn lock(session: &Path) -> PathBuf {
    session.join("lock")
}

/// Removes the directories of kernels that are no more.
fn clear_stale(kernels: &Path) {
    for directory in fs::read_dir(kernels).into_iter().flatten().flatten().map(|entry| entry.path()) {
        match File::open(lock(&directory)) {
            Ok(lock) => match lock.try_lock() {
                Ok(()) => remove(&directory),
                Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
            },
            // Directories are made and locked under the lab's lock, which we hold: this one was never finished.
            Err(_) => remove(&directory),
        }
    }
}

/// Waits until the kernel that owns the directory is gone, then removes it.
pub fn sweep(directory: &Path) -> Result<()> {
    let lock = File::open(lock(directory))?;
    lock.lock()?;
    // Another kernel may have cleared it and made a directory of the same name since.
    let is_the_same = fs::metadata(self::lock(directory))
        .and_then(|now| Ok((now.dev(), now.ino()) == (lock.metadata()?.dev(), lock.metadata()?.ino())));
    if is_the_same.unwrap_or(false) {
        remove(directory);
    }
    Ok(())
}

/// Removes a directory, in several attempts, since a compiler that is just ending may still write to it.
fn remove(directory: &Path) {
    for _ in 0..20 {
        if fs::remove_dir_all(directory).is_ok() || !directory.exists() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kernels(test: &str) -> PathBuf {
        let directory = env::temp_dir().join(format!("kernels-{test}-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        directory
    }

    #[test]
    fn a_live_kernels_directory_stays_and_a_stale_one_goes() {
        let kernels = kernels("stale");
        let live = Session::claim(&kernels).unwrap();
        let other = Session::claim(&kernels).unwrap();
        assert_ne!(live.directory, other.directory, "two kernels never share a directory");
        let stale = other.directory.clone();
        drop(other);
        fs::create_dir_all(kernels.join("unfinished").join("build")).unwrap();

        clear_stale(&kernels);

        assert!(live.directory.exists());
        assert!(!stale.exists());
        assert!(!kernels.join("unfinished").exists());
        fs::remove_dir_all(kernels).unwrap();
    }

    #[test]
    fn sweeping_waits_for_the_kernel_to_end() {
        let kernels = kernels("sweep");
        let session = Session::claim(&kernels).unwrap();
        let directory = session.directory.clone();
        let sweeper = std::thread::spawn({
            let directory = directory.clone();
            move || sweep(&directory)
        });
        std::thread::sleep(std::time::Duration::from_millis(200));
        assert!(!sweeper.is_finished() && directory.exists());
        drop(session);
        sweeper.join().unwrap().unwrap();
        assert!(!directory.exists());
        fs::remove_dir_all(kernels).unwrap();
    }
}
