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

/// Gives rust-analyzer the library without the processors' vector instructions. Those are more than half of it, no variable
/// of a notebook has their types, and reading them would take a quarter of the kernel's start.
pub fn give() -> Result<()> {
    let session = place::directory().context("The kernel's directory is unknown")?;
    let links = place::library_sources(&session);
    let Some(library) = toolchain::library_sources() else { return Ok(()) };
    fs::remove_dir_all(links.join("core"))?;
    for entry in fs::read_dir(library)? {
        let entry = entry?;
        if entry.file_name() != "stdarch" {
            std::os::unix::fs::symlink(entry.path(), links.join(entry.file_name()))?;
        }
    }
    Ok(())
}
