//! Commands that replace this process, and commands written down to be given again.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

/// Continues as another program. Returns only when that can't be started.
pub fn become_command(command: &mut Command) -> Result<ExitCode> {
    let error = command.exec();
    Err(error).with_context(|| format!("Can't start {}", command.get_program().display()))
}

/// A program with its arguments and its whole environment.
#[derive(Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The program, then its arguments.
    pub words: Vec<OsString>,
    pub environment: Vec<(OsString, OsString)>,
}

impl Recorded {
    /// The command, ready to be started with exactly this environment.
    pub fn command(&self) -> Option<Command> {
        let (program, arguments) = self.words.split_first()?;
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        Some(command)
    }

    /// Writes the command to a file: the number of words, the words, then names and values, each ended by a zero
    /// byte, which none of them can contain.
    pub fn save(&self, file: &Path) -> io::Result<()> {
        let count = OsString::from(self.words.len().to_string());
        let variables = self.environment.iter().flat_map(|(name, value)| [name, value]);
        let mut bytes = Vec::new();
        for part in [&count].into_iter().chain(&self.words).chain(variables) {
            bytes.extend_from_slice(part.as_bytes());
            bytes.push(0);
        }
        std::fs::write(file, bytes)
    }

    /// Reads what [`Recorded::save`] wrote; `None` when there is no such file or it is not whole.
    pub fn load(file: &Path) -> Option<Self> {
        let bytes = std::fs::read(file).ok()?;
        let mut parts =
            bytes.strip_suffix(&[0])?.split(|&byte| byte == 0).map(|part| OsString::from_vec(part.to_vec()));
        let count = parts.next()?.to_str()?.parse().ok()?;
        let words: Vec<_> = parts.by_ref().take(count).collect();
        let mut environment = Vec::new();
        while let Some(name) = parts.next() {
            environment.push((name, parts.next()?));
        }
        (words.len() == count).then_some(Self { words, environment })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_command_comes_back_as_it_was() {
        let directory = std::env::temp_dir().join(format!("recorded-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let file = directory.join("command");
        let recorded = Recorded {
            words: vec!["rustc".into(), "--cfg".into(), "feature=\"a b\"\n".into(), "".into()],
            environment: vec![("EMPTY".into(), "".into()), ("PATH".into(), "/bin:/usr/bin".into())],
        };
        recorded.save(&file).unwrap();
        assert_eq!(Recorded::load(&file), Some(recorded));

        std::fs::write(&file, b"2\0rustc\0--cfg\0NAME\0").unwrap();
        assert_eq!(Recorded::load(&file), None, "a name without its value");
        std::fs::remove_dir_all(&directory).unwrap();
        assert_eq!(Recorded::load(&file), None);
    }
}
