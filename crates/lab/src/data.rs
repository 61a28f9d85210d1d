//! The files in `data/`: made by the reconstruction's program, and left alone where the user has put others in their place.

use std::fs;
use std::io;
use std::path::Path;

use crate::project::Project;
use crate::stamp::{Fingerprint, Stamp};
use crate::step::Step;

/// A file that is made.
pub struct File {
    pub name: &'static str,
    /// The stamp that says what it was made from.
    pub stamp: &'static str,
    /// What the program is told to make it.
    options: &'static [&'static str],
    /// What is made with it.
    beside: Option<&'static str>,
    /// What makes that alone.
    beside_options: &'static [&'static str],
}

/// The reconstruction, with the figures that it is compared with, and the week that is made up.
pub const FILES: [File; 2] = [
    File {
        name: "sessions.csv",
        stamp: "data",
        options: &[],
        beside: Some("published.csv"),
        beside_options: &["--figures"],
    },
    File { name: "week.csv", stamp: "week", options: &["--time"], beside: None, beside_options: &[] },
];

/// What has become of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    Made,
    Nothing,
    /// It is the user's own.
    LeftAlone,
}

impl File {
    /// Makes the file, if it is not there as it is to be or is to be made again.
    ///
    /// # Errors
    /// What the program says, or that the file there is the user's own and can't be made again.
    pub fn make(&self, project: &Project, step: &mut Step<'_>, stamp: &Stamp, again: bool) -> Result<Done, String> {
        let path = project.at(&format!("data/{}", self.name));
        let program = project.program("reconstruction");
        let cant_read = |error: io::Error| format!("Can't read what the data is made from: {error}.");
        let inputs = Fingerprint::new().file(&program).and_then(|f| f.file(&project.at("data/published.toml")));
        let inputs = inputs.map_err(cant_read)?;
        let complete = self.beside.is_none_or(|name| project.at(&format!("data/{name}")).exists());
        let mut found = Found::read(&path, stamp.read().as_deref()).map_err(cant_read)?;
        if found == Found::Unknown {
            found = self.recognise(project, step, stamp, &path, &inputs.to_string())?;
        }
        match found {
            Found::Ours { from } if !again && complete && from == inputs.to_string() => return Ok(Done::Nothing),
            Found::Another if again => {
                return Err(format!(
                    "data/{} is not a file that `cargo lab` has made, so it is left alone. Move it away to have what is made in \
                     its place.",
                    self.name
                ));
            }
            Found::Another => {
                if !complete {
                    let mut beside = project.command(program);
                    beside.args(self.beside_options);
                    step.run(beside)?;
                }
                return Ok(Done::LeftAlone);
            }
            Found::Ours { .. } | Found::Nothing | Found::Unknown => {}
        }
        let mut made = project.command(program);
        made.args(self.options);
        step.run(made)?;
        let made = fs::metadata(&path).and_then(|made| Ok((made.len(), Fingerprint::new().file(&path)?)));
        let (length, content) = made.map_err(|error| format!("data/{} was not written: {error}.", self.name))?;
        stamp
            .write(&format!("{inputs} {length} {content}"))
            .map_err(|error| format!("Can't write a stamp: {error}."))?;
        Ok(Done::Made)
    }

    /// Whether a file that no stamp knows is ours: the set-up may have been ended before the stamp was written, or the stamp
    /// is damaged. What it would have made, is made again and compared.
    fn recognise(
        &self,
        project: &Project,
        step: &mut Step<'_>,
        stamp: &Stamp,
        path: &Path,
        inputs: &str,
    ) -> Result<Found, String> {
        let again = project.lab().join(format!("{}-again.csv", self.stamp));
        let mut program = project.command(project.program("reconstruction"));
        program.args(self.options).arg("--output").arg(&again);
        step.run(program)?;
        let cant_compare = |error: io::Error| format!("Can't compare data/{}: {error}.", self.name);
        let made = fs::metadata(&again).map_err(cant_compare)?.len();
        let there = fs::metadata(path).map_err(cant_compare)?;
        let content = Fingerprint::new().file(&again).map_err(cant_compare)?;
        let is_ours = made == there.len() && content == Fingerprint::new().file(path).map_err(cant_compare)?;
        fs::remove_file(&again).map_err(cant_compare)?;
        let (found, said) = if is_ours {
            (Found::Ours { from: inputs.to_owned() }, format!("{inputs} {made} {content}"))
        } else {
            (Found::Another, format!("{ANOTHER} {} {}", there.len(), time_of(&there).map_err(cant_compare)?))
        };
        stamp.write(&said).map_err(|error| format!("Can't write a stamp: {error}."))?;
        Ok(found)
    }
}

/// The first word of the stamp of a file that is the user's own.
const ANOTHER: &str = "another";

/// What is where the file is to be.
#[derive(Debug, PartialEq)]
enum Found {
    Nothing,
    /// What a set-up made, from these inputs.
    Ours {
        from: String,
    },
    /// A file that no set-up has made.
    Another,
    /// A file that the stamp says nothing about.
    Unknown,
}

impl Found {
    /// `stamp` says what was made: its inputs, its length, and its content's fingerprint. Of a file that was found to be
    /// another one, it says the length and the time.
    fn read(path: &Path, stamp: Option<&str>) -> io::Result<Found> {
        let found = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            metadata => metadata?,
        };
        let words: Vec<&str> = stamp.unwrap_or_default().split_whitespace().collect();
        let &[from, length, content] = words.as_slice() else { return Ok(Found::Unknown) };
        if length != found.len().to_string() {
            return Ok(Found::Unknown);
        }
        if from == ANOTHER {
            return Ok(if content == time_of(&found)? { Found::Another } else { Found::Unknown });
        }
        if content == Fingerprint::new().file(path)?.to_string() {
            return Ok(Found::Ours { from: from.to_owned() });
        }
        Ok(Found::Unknown)
    }
}

/// The time of the last change, to be compared only.
fn time_of(found: &fs::Metadata) -> io::Result<String> {
    Ok(format!("{:?}", found.modified()?).replace(' ', ""))
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    #[test]
    fn a_file_of_the_users_is_known_from_ours() {
        let path = env::temp_dir().join(format!("lab-found-{}.csv", std::process::id()));
        let _ = fs::remove_file(&path);
        assert_eq!(Found::read(&path, None).unwrap(), Found::Nothing);
        fs::write(&path, "abc").unwrap();
        let content = Fingerprint::new().file(&path).unwrap();
        let stamp = format!("inputs 3 {content}");
        assert_eq!(Found::read(&path, Some(&stamp)).unwrap(), Found::Ours { from: "inputs".into() });
        assert_eq!(Found::read(&path, None).unwrap(), Found::Unknown);
        for damaged in ["", "inputs", "inputs 3", "\0\0\0", "inputs 3 0 0"] {
            assert_eq!(Found::read(&path, Some(damaged)).unwrap(), Found::Unknown, "{damaged:?}");
        }
        fs::write(&path, "abd").unwrap();
        assert_eq!(Found::read(&path, Some(&stamp)).unwrap(), Found::Unknown);
        let another = format!("{ANOTHER} 3 {}", time_of(&fs::metadata(&path).unwrap()).unwrap());
        assert_eq!(Found::read(&path, Some(&another)).unwrap(), Found::Another);
        fs::write(&path, "abcd").unwrap();
        assert_eq!(Found::read(&path, Some(&another)).unwrap(), Found::Unknown);
        fs::remove_file(&path).unwrap();
    }
}
