//! Names of columns: what a file calls them, and what a session's columns are called.

use adbc_core::error::Result;
use serde::{Deserialize, Serialize};

use crate::error::{invalid_argument, invalid_data};
use crate::source::percent_decoded;

/// The column that makes a table a cube: how many sessions each of its rows stands for.
pub const COUNT: &str = "COUNT(*)";

/// What a column is in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `p2p`: a finite number of bytes, not negative, zero when not connected.
    P2p,
    /// `cdn`: a finite number of bytes, not negative.
    Cdn,
    /// `connected`: a boolean in any usual form.
    Connected,
    /// `isp` and `browser`: text, even when it looks like something else.
    Name,
    /// `stream`: whole numbers or text.
    Stream,
    /// Any other column: whatever type all its values have.
    Other,
}

/// The columns of a session. A file need not have all of them, but `p2p` and `cdn`, without which it holds no sessions.
const SESSION: [(&str, Role); 6] = [
    ("stream", Role::Stream),
    ("isp", Role::Name),
    ("browser", Role::Name),
    ("connected", Role::Connected),
    ("p2p", Role::P2p),
    ("cdn", Role::Cdn),
];

/// What a column of this name is.
pub fn role(name: &str) -> Role {
    SESSION.iter().find(|(known, _)| *known == name).map_or(Role::Other, |(_, role)| *role)
}

/// Whether sessions are told apart by the column of this name.
pub fn is_dimension(name: &str) -> bool {
    matches!(role(name), Role::Stream | Role::Name | Role::Connected)
}

/// Which column of the file is which column of a session, where their names differ.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Renames {
    /// The name it gets, and the one it has in the file.
    pub pairs: Vec<(String, String)>,
    /// Whether data without `p2p` or `cdn` are welcome too.
    pub any_table: bool,
}

impl Renames {
    /// Reads `stream=channel,cdn=http_bytes`: on the left the name it gets, on the right the one it has in the file.
    /// `,`, `=` and `%` inside a name are written `%2C`, `%3D` and `%25`.
    pub fn from_option(text: &str) -> Result<Renames> {
        let mut renames: Vec<(String, String)> = Vec::new();
        for part in text.split(',').filter(|part| !part.trim().is_empty()) {
            let (new, old) = part.split_once('=').ok_or_else(|| {
                invalid_argument(format!("streamroot.columns has {part:?}, which is not of the form stream=channel"))
            })?;
            let (new, old) = (percent_decoded(new.trim())?, percent_decoded(old.trim())?);
            if new.is_empty() || old.is_empty() {
                return Err(invalid_argument(format!("streamroot.columns has {part:?}, where a name is empty")));
            }
            if renames.iter().any(|(n, o)| *n == new || *o == old) {
                return Err(invalid_argument(format!("streamroot.columns names {new} or {old} twice: name each once")));
            }
            renames.push((new, old));
        }
        Ok(Renames { pairs: renames, any_table: false })
    }

    /// The names that the columns of a file get: the `#` of a header and spaces are stripped, columns are renamed, and
    /// `CDN` is `cdn`.
    ///
    /// # Errors
    /// When two columns get the same name, a column to rename is not there, or `p2p` or `cdn` is not.
    pub fn apply(&self, file: &str, header: &[String]) -> Result<Vec<String>> {
        if let Some(name) = header.iter().find(|name| name.contains('\0')) {
            return Err(invalid_data(format!(
                "{file} has a column whose name holds a NUL byte ({name:?}): it may be damaged, get it again or rename the column"
            )));
        }
        let listed = || header.iter().map(|name| name.trim()).collect::<Vec<_>>().join(", ");
        let mut names: Vec<String> = Vec::with_capacity(header.len());
        for (i, original) in header.iter().enumerate() {
            let mut name = original.trim();
            if i == 0 {
                name = name.strip_prefix('#').unwrap_or(name).trim();
            }
            let name =
                if let Some((new, _)) = self.pairs.iter().find(|(_, old)| *old == name || *old == original.trim()) {
                    new.clone()
                } else if let Some((known, _)) = SESSION.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)) {
                    (*known).to_owned()
                } else if name.is_empty() {
                    format!("column_{}", i + 1)
                } else {
                    name.to_owned()
                };
            if let Some(earlier) = names.iter().position(|known| *known == name) {
                return Err(invalid_data(format!(
                    "{file} has the column {name} twice (columns {} and {}): rename one of them",
                    earlier + 1,
                    i + 1
                )));
            }
            names.push(name);
        }
        for (new, old) in &self.pairs {
            if !names.contains(new) {
                return Err(invalid_data(format!("{file} has no column {old} to take as {new}: it has {}", listed())));
            }
        }
        for required in ["p2p", "cdn"] {
            if !self.any_table && !names.iter().any(|name| name == required) {
                return Err(invalid_data(format!(
                    "{file} has no column {required}, and has {}: say which one it is if it has another name; the first line of a CSV \
                     file should name its columns",
                    listed()
                )));
            }
        }
        Ok(names)
    }
}
