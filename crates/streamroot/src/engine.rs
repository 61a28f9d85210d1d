//! Where the embedded engine is: polars behind ADBC, a shared library that this workspace builds once.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// The path of the embedded engine: what the environment variable `STREAMROOT_ENGINE` names, or else what
/// `cargo build --release` has put under the workspace's `target/`.
pub(crate) fn embedded() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("STREAMROOT_ENGINE").filter(|path| !path.is_empty()) {
        return Ok(PathBuf::from(path));
    }
    let library = format!("{DLL_PREFIX}streamroot_polars{DLL_SUFFIX}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/release").join(library);
    if path.exists() {
        Ok(path)
    } else {
        Err(Error::Driver(format!("the engine is not built, {} is not there: run `cargo lab setup`", path.display())))
    }
}
