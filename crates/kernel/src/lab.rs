//! Where the kernel keeps what it builds.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Overrides where the lab directory is; for tests and for a kernel that was moved away from its workspace.
pub const LAB: &str = "STREAMROOT_LAB";

/// The directory under which everything that can be built again is kept, `target/lab`.
#[derive(Clone)]
pub struct Lab {
    root: PathBuf,
}

/// Read by cargo in the parents of every build directory in here. evcxr asks for one optimisation level for the cell
/// and all it uses; this keeps the cell quick to compile and makes what it calls quick to run.
const CARGO_CONFIG: &str = r#"# Written by the kernel: what a cell depends on is compiled once, and for speed.
[profile.dev.package."*"]
opt-level = 3
debug-assertions = false
overflow-checks = false
codegen-units = 16

[profile.dev.build-override]
opt-level = 0
"#;

impl Lab {
    /// The lab directory of this workspace, or the one that `STREAMROOT_LAB` names. It need not exist yet.
    pub fn find() -> Result<Self> {
        let root = match env::var_os(LAB) {
            Some(root) => PathBuf::from(root),
            None => workspace().join("target").join("lab"),
        };
        fs::create_dir_all(root.join("kernels"))
            .with_context(|| format!("Can't create the directory {}", root.display()))?;
        let root = root.canonicalize().with_context(|| format!("Can't find the lab directory {}", root.display()))?;
        Ok(Self { root })
    }

    /// What every new kernel starts from a copy of.
    pub fn warm(&self) -> PathBuf {
        self.root.join("warm")
    }

    /// A place beside [`Lab::warm`] on the same file system, to rename from or to.
    pub fn beside_warm(&self, suffix: &str) -> PathBuf {
        self.root.join(format!("warm.{suffix}"))
    }

    /// Holds one directory for each running kernel.
    pub fn kernels(&self) -> PathBuf {
        self.root.join("kernels")
    }

    /// The settings with which dependencies are compiled; part of what makes a warm directory out of date.
    pub fn cargo_config(&self) -> &'static str {
        CARGO_CONFIG
    }

    /// Writes those settings where cargo looks for them. Leaves the file alone when it is right, since others may be
    /// reading it.
    pub fn write_cargo_config(&self) -> Result<()> {
        let directory = self.root.join(".cargo");
        let file = directory.join("config.toml");
        if fs::read_to_string(&file).is_ok_and(|text| text == CARGO_CONFIG) {
            return Ok(());
        }
        fs::create_dir_all(&directory)
            .and_then(|()| fs::write(&file, CARGO_CONFIG))
            .with_context(|| format!("Can't write {}", file.display()))
    }

    /// Held by the one that makes the warm directory, which takes a while.
    pub fn warming_lock_file(&self) -> Result<File> {
        self.open_lock("warming")
    }

    /// Held by the kernel that compiles the helper crate while someone waits. Other kernels wait, and have it from that one.
    pub fn compiling_lock_file(&self) -> Result<File> {
        self.open_lock("compiling")
    }

    /// The lock that orders the making of directories in here between processes. Locked shared to copy the warm
    /// directory, exclusively to replace it and to tell live kernels' directories from stale ones.
    pub fn lock_file(&self) -> Result<File> {
        self.open_lock("lock")
    }

    fn open_lock(&self, name: &str) -> Result<File> {
        let path = self.root.join(name);
        File::create(&path).with_context(|| format!("Can't open the lock {}", path.display()))
    }
}

/// The root of the workspace this kernel was built from.
pub fn workspace() -> &'static Path {
    let manifest_directory = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest_directory.ancestors().nth(2).unwrap_or(manifest_directory)
}
