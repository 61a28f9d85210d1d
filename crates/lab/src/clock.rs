//! Times of change that cargo can go by, though the clock was wrong when files were changed, or the project was moved.
//!
//! Cargo builds a package again when a file of it is younger than what was built from it. A file from the future, as a wrong
//! clock leaves it, is younger for ever, and everything is built at every start; a file that was changed under a clock that
//! goes slow, or that was unpacked with its old time, is never younger, and what runs is not what stands in the file. Files that
//! were moved or copied with all that was built from them are not younger either, and what runs looks for them in their old
//! place.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::project::Project;
use crate::stamp::{Fingerprint, Stamp};

/// Gives files of the workspace another time where theirs would mislead cargo. `stamp` keeps what is in them.
///
/// # Errors
/// A file can't be read.
pub fn mend(project: &Project, stamp: &Stamp) -> io::Result<()> {
    let mut files: Vec<PathBuf> = ["Cargo.toml", "Cargo.lock"].iter().map(|name| project.at(name)).collect();
    walk(&project.at("crates"), &mut files)?;
    files.sort();
    mend_files(project.root(), &files, stamp)
}

fn mend_files(root: &Path, files: &[PathBuf], stamp: &Stamp) -> io::Result<()> {
    let before = stamp.read().unwrap_or_default();
    let place = root.display().to_string();
    let known_place = before.lines().next().and_then(|first| first.strip_prefix("in "));
    let moved = known_place.is_some_and(|known| known != place);
    let known: HashMap<&str, &str> =
        before.lines().filter_map(|line| line.split_once(' ').map(|(hash, path)| (path, hash))).collect();
    let last = stamp.written();
    let now = SystemTime::now();
    let mut lines = format!("in {place}\n");
    for path in files {
        // An editor's file may be gone by now.
        let Ok(modified) = fs::metadata(path).and_then(|found| found.modified()) else { continue };
        let content = Fingerprint::new().file(path)?.to_string();
        let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
        let changed = moved || known.get(name.as_str()).is_some_and(|before| *before != content);
        // Where it may not be set, cargo builds more often than it would have to.
        let set = |time| File::options().write(true).open(path).and_then(|file| file.set_modified(time));
        match last {
            _ if modified > now => set(now).unwrap_or_default(),
            Some(last) if changed && modified <= last => {
                set(now.max(last + Duration::from_secs(1))).unwrap_or_default();
            }
            _ => {}
        }
        lines.push_str(&format!("{content} {name}\n"));
    }
    if lines == before { Ok(()) } else { stamp.write(&lines) }
}

fn walk(directory: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), files)?;
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_from_the_future_changes_from_the_past_and_moved_files_get_a_time_that_cargo_sees() {
        let directory = std::env::temp_dir().join(format!("lab-clock-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let (file, stamp) = (directory.join("lib.rs"), Stamp::new(directory.join("stamp")));
        let files = [file.clone()];
        let set = |time: SystemTime| File::options().write(true).open(&file).unwrap().set_modified(time).unwrap();
        let modified = || fs::metadata(&file).unwrap().modified().unwrap();
        let year = Duration::from_secs(31_557_600);

        fs::write(&file, "one").unwrap();
        set(SystemTime::now() + 14 * year);
        mend_files(&directory, &files, &stamp).unwrap();
        assert!(modified() <= SystemTime::now());

        // An old file that did not change keeps its time.
        let long_ago = SystemTime::UNIX_EPOCH + 10 * year;
        set(long_ago);
        mend_files(&directory, &files, &stamp).unwrap();
        assert_eq!(modified(), long_ago);

        // One that did is younger than all that was built until then.
        let built = stamp.written().unwrap();
        fs::write(&file, "two").unwrap();
        set(long_ago);
        mend_files(&directory, &files, &stamp).unwrap();
        assert!(modified() > built);

        // So is one in a directory that has another name now.
        let moved = directory.with_extension("moved");
        fs::rename(&directory, &moved).unwrap();
        let (file, stamp) = (moved.join("lib.rs"), Stamp::new(moved.join("stamp")));
        let built = stamp.written().unwrap();
        File::options().write(true).open(&file).unwrap().set_modified(long_ago).unwrap();
        mend_files(&moved, std::slice::from_ref(&file), &stamp).unwrap();
        assert!(fs::metadata(&file).unwrap().modified().unwrap() > built);
        fs::remove_dir_all(moved).unwrap();
    }
}
