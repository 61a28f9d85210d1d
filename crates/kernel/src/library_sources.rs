//! The sources of the standard library, as rust-analyzer gets them.
//!
//! evcxr loads rust-analyzer twice while it starts: for a cell of its own, `42`, and again for what its settings name. Each
//! time all of the library is read and analysed, and nothing of the first time is used the second. So it gets the library
//! for the second time only, which made a start about a fifth shorter.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result};

use crate::place;
use crate::toolchain;

/// Gives rust-analyzer a library with nothing in it.
pub fn withhold(session: &Path) -> io::Result<()> {
    let core = place::library_sources(session).join("core/src");
    fs::create_dir_all(&core)?;
    fs::write(core.join("lib.rs"), "#![no_core]\n")
}

/// Gives rust-analyzer the crates of the library that have types of a notebook's variables: no test harness, nothing that those
/// crates use within, and not the processors' vector instructions, which are more than half of it. As there is no manifest
/// beside them, they are taken for the whole library, and cargo is not asked what else they use.
pub fn give() -> Result<()> {
    let session = place::directory().context("The kernel's directory is unknown")?;
    let links = place::library_sources(&session);
    let Some(library) = toolchain::library_sources() else { return Ok(()) };
    fs::remove_dir_all(links.join("core"))?;
    for name in ["core", "alloc", "std"] {
        std::os::unix::fs::symlink(library.join(name), links.join(name))?;
    }
    Ok(())
}
