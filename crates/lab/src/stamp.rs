//! What a step was last made from. A stamp is written last, so an interrupted step is made again.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A hash of the inputs of a step: FNV-1a in 64 bits, the same on every machine and with every compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// The fingerprint of nothing.
    pub fn new() -> Fingerprint {
        Fingerprint(0xcbf2_9ce4_8422_2325)
    }

    /// With a text added, its end included: `["ab", "c"]` differs from `["a", "bc"]`.
    pub fn text(self, text: &str) -> Fingerprint {
        self.bytes(text.as_bytes()).bytes(&[0xff])
    }

    /// With a file's bytes added. A file that isn't there counts too, as such.
    ///
    /// # Errors
    /// The file is there and can't be read.
    pub fn file(self, path: &Path) -> io::Result<Fingerprint> {
        let mut file = match fs::File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(self.text("missing")),
            file => file?,
        };
        let mut fingerprint = self.text("file");
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(fingerprint.bytes(&[0xff])),
                length => fingerprint = fingerprint.bytes(&buffer[..length]),
            }
        }
    }

    fn bytes(self, bytes: &[u8]) -> Fingerprint {
        Fingerprint(
            bytes.iter().fold(self.0, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)),
        )
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The stamp of one step, a small text file.
#[derive(Debug, Clone)]
pub struct Stamp {
    path: PathBuf,
}

impl Stamp {
    /// The stamp at a path, whether it exists or not.
    pub fn new(path: PathBuf) -> Stamp {
        Stamp { path }
    }

    /// What the step was made from, if it was ever completed.
    pub fn read(&self) -> Option<String> {
        fs::read_to_string(&self.path).ok()
    }

    /// When it was written, by the clock of then.
    pub fn written(&self) -> Option<SystemTime> {
        fs::metadata(&self.path).and_then(|found| found.modified()).ok()
    }

    /// Whether the step was completed from just this.
    pub fn says(&self, inputs: &str) -> bool {
        self.read().as_deref() == Some(inputs)
    }

    /// Marks the step as not complete. Said before it begins, so that an interruption can't leave an old stamp on new
    /// and half-made things.
    ///
    /// # Errors
    /// The stamp is there and can't be removed.
    pub fn clear(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Marks the step as complete.
    ///
    /// # Errors
    /// The directory can't be written to.
    pub fn write(&self, inputs: &str) -> io::Result<()> {
        write_whole(&self.path, inputs.as_bytes())
    }
}

/// Writes a file so that it is never there in part: beside its place, then renamed.
///
/// # Errors
/// The directory can't be made or written to.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    fs::write(&beside, bytes)?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let directory = std::env::temp_dir().join(format!("lab-stamp-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        directory
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        // The test vectors of the function's authors (draft-eastlake-fnv, 64 bits).
        assert_eq!(Fingerprint::new().bytes(b"").0, 0xcbf2_9ce4_8422_2325);
        assert_eq!(Fingerprint::new().bytes(b"a").0, 0xaf63_dc4c_8601_ec8c);
        assert_eq!(Fingerprint::new().bytes(b"foobar").0, 0x8594_4171_f739_67e8);
    }

    #[test]
    fn texts_keep_their_borders() {
        assert_ne!(Fingerprint::new().text("ab").text("c"), Fingerprint::new().text("a").text("bc"));
    }

    #[test]
    fn a_file_that_changes_or_goes_changes_the_fingerprint() {
        let directory = scratch("file");
        let path = directory.join("input");
        let missing = Fingerprint::new().file(&path).unwrap();
        fs::write(&path, "").unwrap();
        let empty = Fingerprint::new().file(&path).unwrap();
        fs::write(&path, "1").unwrap();
        let one = Fingerprint::new().file(&path).unwrap();
        assert!(missing != empty && empty != one && missing != one);
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn a_step_is_complete_only_between_write_and_clear() {
        let directory = scratch("stamp");
        let stamp = Stamp::new(directory.join("stamps/step"));
        assert!(!stamp.says("x"));
        stamp.clear().unwrap();
        stamp.write("x").unwrap();
        assert!(stamp.says("x") && !stamp.says("y"));
        assert_eq!(fs::read_dir(directory.join("stamps")).unwrap().count(), 1, "nothing is left beside the stamp");
        stamp.clear().unwrap();
        assert!(!stamp.says("x"));
        fs::remove_dir_all(directory).unwrap();
    }
}
