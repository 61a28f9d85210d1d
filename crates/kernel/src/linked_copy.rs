//! Copies of a build directory that share the large files.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Copies the directory `from` to `to`, which must not exist. Modification times are kept, for cargo decides by them.
///
/// Libraries, and what rustc keeps to compile a crate incrementally, are hard links: rustc and the linker never write into
/// such a file, they rename a new one over it, so each copy stays as it is when another one is built on. cargo does write
/// into its own small files (fingerprints, dependency lists) and locks some of them; those are copied, so that no kernel
/// waits for another.
pub fn linked_copy(from: &Path, to: &Path, skip: &dyn Fn(&OsStr) -> bool) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if skip(&name) {
            continue;
        }
        let (source, target) = (entry.path(), to.join(&name));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            linked_copy(&source, &target, skip)?;
        } else if kind.is_file() && !(is_never_written_into(&source) && fs::hard_link(&source, &target).is_ok()) {
            copy_with_time(&source, &target)?;
        }
    }
    Ok(())
}

fn is_never_written_into(path: &Path) -> bool {
    path.extension()
        .and_then(OsStr::to_str)
        .is_some_and(|kind| matches!(kind, "rlib" | "rmeta" | "so" | "dylib" | "o" | "bin"))
}

fn copy_with_time(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    let modified = fs::metadata(from)?.modified()?;
    File::options().write(true).open(to)?.set_modified(modified)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;
    use std::time::{Duration, SystemTime};

    #[test]
    fn shares_libraries_copies_the_rest_and_keeps_times() {
        let root = std::env::temp_dir().join(format!("linked-copy-{}", std::process::id()));
        let (from, to) = (root.join("from"), root.join("to"));
        fs::create_dir_all(from.join("deps")).unwrap();
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        for file in ["deps/libplotters.rlib", "deps/plotters.d", "libctx.so", ".cargo-lock"] {
            fs::write(from.join(file), file).unwrap();
            File::options().write(true).open(from.join(file)).unwrap().set_modified(long_ago).unwrap();
        }

        linked_copy(&from, &to, &|name| name == ".cargo-lock").unwrap();

        let inode = |path: std::path::PathBuf| fs::metadata(path).unwrap().ino();
        assert_eq!(inode(from.join("deps/libplotters.rlib")), inode(to.join("deps/libplotters.rlib")));
        assert_ne!(inode(from.join("deps/plotters.d")), inode(to.join("deps/plotters.d")));
        assert_eq!(fs::read_to_string(to.join("deps/plotters.d")).unwrap(), "deps/plotters.d");
        assert_eq!(fs::metadata(to.join("deps/plotters.d")).unwrap().modified().unwrap(), long_ago);
        assert!(!to.join(".cargo-lock").exists());
        fs::remove_dir_all(root).unwrap();
    }
}
