//! What is where in the directory of a kernel, and how what it starts finds that.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

/// Names the directory of the running kernel to everything it starts.
pub const KERNEL: &str = "STREAMROOT_KERNEL";

/// Names the secret of this kernel's marks to what compiles its cells and to what runs them.
pub const SECRET: &str = "STREAMROOT_SECRET";

/// The directory of the kernel that this process belongs to.
pub fn directory() -> Option<PathBuf> {
    env::var_os(KERNEL).map(PathBuf::from)
}

/// Where the stand-ins for cargo and rustup are.
pub fn stand_ins(session: &Path) -> PathBuf {
    session.join("bin")
}

/// Where evcxr keeps the package that a cell is compiled in.
pub fn build(session: &Path) -> PathBuf {
    session.join("build")
}

/// The lock file that fixes the versions of all dependencies of this kernel's cells.
pub fn locked_versions(session: &Path) -> PathBuf {
    session.join("Cargo.lock")
}

/// What cargo has answered, for the next kernels.
pub fn remembered(directory: &Path) -> PathBuf {
    directory.join("remembered")
}

/// The code of the cell that is compiled, if its literals are to be given. It is empty when they can't be.
pub fn literals(session: &Path) -> PathBuf {
    session.join("literals")
}

/// Is there if the helper crate has to be compiled.
pub fn ahead(session: &Path) -> PathBuf {
    session.join("ahead")
}

/// Where rust-analyzer reads the standard library.
pub fn library_sources(session: &Path) -> PathBuf {
    session.join("rust-src")
}

/// What evcxr reads when it starts: a file of the current directory, or else of the one that the kernel spec names.
pub fn settings() -> io::Result<PathBuf> {
    let here = env::current_dir()?.join("evcxr.toml");
    let usual = env::var_os("EVCXR_CONFIG_DIR").map(|directory| Path::new(&directory).join("evcxr.toml"));
    Ok(usual.filter(|usual| usual.exists() && !here.exists()).unwrap_or(here))
}
