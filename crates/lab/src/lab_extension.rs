//! What these notebooks add to JupyterLab's page, put into a JupyterLab of the user's own.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::project::Project;

/// The extension's name, which is that of its directory.
const NAME: &str = "streamroot";

/// Where an extension is put.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// Where every JupyterLab of the user looks.
    User,
    /// Into one environment, as `sys.prefix` of its Python has it.
    Prefix(PathBuf),
}

/// Copies the extension, in place of an earlier one, and says where to.
///
/// # Errors
/// There is no such place, or it can't be written.
pub fn install(project: &Project, place: &Place) -> Result<(), String> {
    let share = match place {
        Place::User => data_directory(|name| env::var_os(name).filter(|value| !value.is_empty()))
            .ok_or("There is no home directory: name an environment with `--prefix`.")?,
        Place::Prefix(prefix) if !prefix.is_dir() => {
            return Err(format!("There is no directory {}.", prefix.display()));
        }
        Place::Prefix(prefix) => prefix.join("share/jupyter"),
    };
    let to = share.join("labextensions").join(NAME);
    let failed = |error: std::io::Error| format!("{} can't be written: {error}.", to.display());
    if to.exists() {
        fs::remove_dir_all(&to).map_err(failed)?;
    }
    copy(&project.root().join("crates/lab/labextension").join(NAME), &to).map_err(failed)?;
    println!("JupyterLab finds the extension in {} when it is started the next time.", to.display());
    println!("To remove it, remove that directory.");
    Ok(())
}

/// Where Jupyter looks for what is one user's, as its documentation has it.
fn data_directory(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let path = |name: &str| variable(name).map(PathBuf::from);
    if let Some(data) = path("JUPYTER_DATA_DIR") {
        return Some(data);
    }
    let home = path("HOME");
    if cfg!(target_os = "macos") {
        return Some(home?.join("Library/Jupyter"));
    }
    Some(path("XDG_DATA_HOME").or_else(|| Some(home?.join(".local/share")))?.join("jupyter"))
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let beside = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &beside)?;
        } else {
            fs::copy(entry.path(), beside)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jupyters_own_directory_is_found() {
        let of = |variables: &[(&str, &str)]| {
            data_directory(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into()))
        };
        let all = [("JUPYTER_DATA_DIR", "/data"), ("XDG_DATA_HOME", "/xdg"), ("HOME", "/home/a")];
        assert_eq!(of(&all), Some("/data".into()));
        assert_eq!(of(&[]), None);
        if !cfg!(target_os = "macos") {
            assert_eq!(of(&all[1..]), Some("/xdg/jupyter".into()));
            assert_eq!(of(&all[2..]), Some("/home/a/.local/share/jupyter".into()));
        }
    }
}
