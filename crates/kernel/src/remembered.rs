//! What cargo answers and does while a kernel starts, remembered beside what is compiled already.
//!
//! A start asks cargo some twenty questions and has it build three times, and cargo looks at all manifests each time. Nothing of
//! that changes from one start to the next, as long as the files and settings that it follows from are the same. The kernel
//! that makes the warm directory writes the answers down, and the compiler's commands; others give those in cargo's place. Where
//! something is not as it was, there is no such answer, and cargo is asked.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use memchr::memmem;

use crate::command::Recorded;
use crate::lab;
use crate::place;
use crate::toolchain::{CARGO, USERS_CARGO_HOME};

/// Stands for the directory of a kernel, which is another one each time.
const KERNEL: &[u8] = b"\x01the kernel's directory\x01";

/// Is there in the directory of a kernel that writes answers down.
const WRITES: &str = "writes";

/// The locked versions that all answers follow from.
const VERSIONS: &str = "versions";

/// Begins to write down what cargo does for the kernel in this directory.
pub fn begin(session: &Path) -> io::Result<()> {
    fs::create_dir_all(place::remembered(session))?;
    fs::write(place::remembered(session).join(WRITES), "")
}

/// Gives what was written down to the warm directory.
pub fn give(session: &Path, warm: &Path) -> io::Result<()> {
    fs::remove_file(place::remembered(session).join(WRITES))?;
    // A first start has those of the whole workspace until its last build. They name the same versions, and more of them.
    fs::copy(place::locked_versions(session), place::remembered(session).join(VERSIONS))?;
    fs::rename(place::remembered(session), place::remembered(warm))
}

/// A question to cargo, and where its answer is or would be.
pub struct Question {
    session: PathBuf,
    file: PathBuf,
}

impl Question {
    /// What is asked by these arguments, with everything here that the answer follows from.
    pub fn new(session: &Path, arguments: &[OsString]) -> Question {
        let mut hasher = DefaultHasher::new();
        let mut words = arguments.to_vec();
        // What cargo tells a program that it runs is no setting; rust-analyzer names a copy of the lock file.
        let told = [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_CRATE_",
            "CARGO_BIN_",
            "CARGO_PRIMARY_",
            "CARGO_RESOLVER_LOCKFILE_PATH",
        ];
        let is_setting = |name: &OsStr| {
            let starts = |start: &&str| name.as_bytes().starts_with(start.as_bytes());
            ["CARGO_", "__CARGO", "RUSTC", "RUSTFLAGS"].iter().any(starts) && !told.iter().any(starts)
        };
        let mut variables: Vec<_> = env::vars_os().filter(|(name, _)| is_setting(name)).collect();
        variables.sort();
        words.extend(variables.into_iter().flat_map(|(name, value)| [name, value]));
        for word in words {
            without(session, word.as_bytes()).hash(&mut hasher);
        }
        let cargo = env::var_os(CARGO).and_then(|cargo| fs::metadata(cargo).ok());
        cargo.map(|cargo| (cargo.len(), cargo.modified().ok())).hash(&mut hasher);
        let workspace = lab::workspace();
        let mut files = vec![
            PathBuf::from("Cargo.toml"),
            workspace.join("Cargo.toml"),
            workspace.join("crates/streamroot/Cargo.toml"),
        ];
        // Wherever cargo looks for its settings.
        let named = env::var_os(USERS_CARGO_HOME).filter(|home| !home.is_empty()).map(PathBuf::from);
        let home = named.or_else(|| Some(Path::new(&env::var_os("HOME")?).join(".cargo")));
        let above = session.join("build");
        for directory in above.ancestors().map(|directory| directory.join(".cargo")).chain(home) {
            files.extend(["config.toml", "config"].map(|name| directory.join(name)));
        }
        for file in files {
            fs::read(file).ok().hash(&mut hasher);
        }
        let file = place::remembered(session).join(format!("{:016x}", hasher.finish()));
        Question { session: session.to_owned(), file }
    }

    /// What cargo has answered.
    pub fn answer(&self) -> Option<Vec<u8>> {
        let answer = fs::read(&self.file).ok()?;
        self.is_of_these_versions().then(|| within(&self.session, &answer))
    }

    /// Whether the locked versions are still those that answers were given with.
    fn is_of_these_versions(&self) -> bool {
        let remembered = place::remembered(&self.session);
        let locked = || fs::read(place::locked_versions(&self.session)).ok();
        remembered.join(WRITES).exists() || fs::read(remembered.join(VERSIONS)).is_ok_and(|of| Some(of) == locked())
    }

    /// Writes an answer down, if this is a kernel that does.
    pub fn note(&self, answer: &[u8]) {
        if place::remembered(&self.session).join(WRITES).exists() {
            let _ = fs::write(&self.file, without(&self.session, answer));
        }
    }

    /// The compiler's command that cargo has given for a build.
    pub fn command(&self) -> Option<Recorded> {
        let Recorded { words, environment } = Recorded::load(&self.file).filter(|_| self.is_of_these_versions())?;
        let here = |word: &OsString| OsString::from_vec(within(&self.session, word.as_bytes()));
        let of_cargo: Vec<(OsString, OsString)> =
            environment.iter().map(|(name, value)| (name.clone(), here(value))).collect();
        let own = env::vars_os().filter(|(name, _)| !of_cargo.iter().any(|(known, _)| known == name));
        Some(Recorded { words: words.iter().map(here).collect(), environment: own.chain(of_cargo.clone()).collect() })
    }

    /// Writes a command down likewise: with those variables only that cargo has set.
    pub fn note_command(&self, recorded: &Recorded) {
        if !place::remembered(&self.session).join(WRITES).exists() {
            return;
        }
        let there = |word: &OsString| OsString::from_vec(without(&self.session, word.as_bytes()));
        let by_cargo = recorded.environment.iter().filter(|(name, value)| env::var_os(name).as_ref() != Some(value));
        let environment = by_cargo.map(|(name, value)| (name.clone(), there(value))).collect();
        let _ = Recorded { words: recorded.words.iter().map(there).collect(), environment }.save(&self.file);
    }
}

/// With a sign in the place of the kernel's directory.
fn without(session: &Path, text: &[u8]) -> Vec<u8> {
    replaced(text, session.as_os_str().as_bytes(), KERNEL)
}

fn within(session: &Path, text: &[u8]) -> Vec<u8> {
    replaced(text, KERNEL, session.as_os_str().as_bytes())
}

fn replaced(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut all = Vec::with_capacity(text.len());
    let mut from = 0;
    for at in memmem::find_iter(text, old) {
        all.extend_from_slice(&text[from..at]);
        all.extend_from_slice(new);
        from = at + old.len();
    }
    all.extend_from_slice(&text[from..]);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_given_in_another_directory_while_nothing_has_changed() {
        let root = env::temp_dir().join(format!("remembered-{}", std::process::id()));
        let (first, warm, other) = (root.join("1"), root.join("warm"), root.join("12"));
        for directory in [&first, &warm, &other] {
            fs::create_dir_all(directory).unwrap();
            fs::write(place::locked_versions(directory), "locked").unwrap();
        }
        let ask = |session: &Path, what: &str| {
            let path = session.join("build/Cargo.toml").into_os_string();
            Question::new(session, &[what.into(), "--manifest-path".into(), path])
        };
        ask(&first, "metadata").note(b"lost");
        begin(&first).unwrap();
        let answer =
            |session: &Path| format!("{{\"root\": \"{0}/build\", \"id\": \"path+file://{0}\"}}", session.display());
        ask(&first, "metadata").note(answer(&first).as_bytes());
        let recorded = Recorded {
            words: vec!["rustc".into(), format!("--out-dir={}/target", first.display()).into()],
            environment: vec![
                ("OUT_DIR".into(), first.join("out").into()),
                ("HOME".into(), env::var_os("HOME").unwrap_or_default()),
            ],
        };
        ask(&first, "build").note_command(&recorded);
        fs::write(place::locked_versions(&first), "locked, and less of it").unwrap();
        give(&first, &warm).unwrap();
        assert_eq!(ask(&other, "metadata").answer(), None, "nothing is remembered there");
        fs::write(place::locked_versions(&other), "locked, and less of it").unwrap();
        crate::linked_copy::linked_copy(&place::remembered(&warm), &place::remembered(&other), &|_| false).unwrap();

        assert_eq!(ask(&other, "metadata").answer(), Some(answer(&other).into_bytes()));
        ask(&other, "version").note(b"not written");
        assert_eq!(ask(&other, "version").answer(), None);
        let command = ask(&other, "build").command().unwrap();
        assert_eq!(command.words[1], format!("--out-dir={}/target", other.display()).as_str());
        let value = |name: &str| {
            command
                .environment
                .iter()
                .filter(|(known, _)| known == name)
                .map(|(_, value)| value.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(value("OUT_DIR"), [other.join("out").into_os_string()]);
        assert_eq!(value("PATH"), [env::var_os("PATH").unwrap()]);
        fs::write(place::locked_versions(&other), "other versions").unwrap();
        assert_eq!(ask(&other, "metadata").answer(), None);
        assert!(ask(&other, "build").command().is_none());
        fs::remove_dir_all(root).unwrap();
    }
}
