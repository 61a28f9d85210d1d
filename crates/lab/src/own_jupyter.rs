//! What these notebooks have, put into a Jupyter of the user's own: the kernel, and what JupyterLab's page gets from us.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::jupyter;
use crate::project::Project;

/// The name of both, which is that of their directories.
const NAME: &str = "streamroot";

/// Where they are put.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// Where every Jupyter of the user looks.
    User,
    /// Into one environment, as `sys.prefix` of its Python has it.
    Prefix(PathBuf),
}

impl Place {
    /// The directory of what Jupyter finds there.
    fn share(&self) -> Result<PathBuf, String> {
        match self {
            Place::User => data_directory(|name| env::var_os(name).filter(|value| !value.is_empty()))
                .ok_or_else(|| "There is no home directory: name an environment with `--prefix`.".to_owned()),
            Place::Prefix(prefix) if !prefix.is_dir() => Err(format!("There is no directory {}.", prefix.display())),
            Place::Prefix(prefix) => Ok(prefix.join("share/jupyter")),
        }
    }

    fn kernel(&self) -> Result<PathBuf, String> {
        Ok(self.share()?.join("kernels").join(NAME))
    }
}

/// Copies the extension of JupyterLab's page, in place of an earlier one, and says where to.
///
/// # Errors
/// There is no such place, or it can't be written.
pub fn install_extension(project: &Project, place: &Place) -> Result<(), String> {
    let to = place.share()?.join("labextensions").join(NAME);
    replace(&to, |to| copy(&project.root().join("crates/lab/labextension").join(NAME), to))?;
    println!("JupyterLab finds the extension in {} when it is started the next time.", to.display());
    println!("To remove it, remove that directory.");
    Ok(())
}

/// Makes the kernel known, in place of an earlier one, and says where.
///
/// # Errors
/// There is no such place, or it can't be written.
pub fn install_kernel(project: &Project, place: &Place) -> Result<(), String> {
    let to = place.kernel()?;
    replace(&to, |to| {
        fs::create_dir_all(to)?;
        fs::write(to.join("kernel.json"), jupyter::kernel_spec(project))
    })?;
    println!("Jupyter finds the kernel \"{}\" in {}.", jupyter::DISPLAY_NAME, to.display());
    println!("It is the one of {}, which has to stay there.", project.root().display());
    Ok(())
}

/// Takes the kernel away.
///
/// # Errors
/// There is no such place, or what is there can't be removed.
pub fn uninstall_kernel(place: &Place) -> Result<(), String> {
    let at = place.kernel()?;
    if !at.exists() {
        println!("There is no kernel in {}.", at.display());
        return Ok(());
    }
    fs::remove_dir_all(&at).map_err(|error| format!("{} can't be removed: {error}.", at.display()))?;
    println!("Removed {}.", at.display());
    Ok(())
}

/// Says where the kernel is known, and whether it is the one of this checkout.
///
/// # Errors
/// There is no such place.
pub fn list_kernels(project: &Project, place: &Place) -> Result<(), String> {
    let file = place.kernel()?.join("kernel.json");
    match fs::read_to_string(&file) {
        Ok(spec) if spec == jupyter::kernel_spec(project) => {
            println!("{}: the kernel of this checkout", file.display())
        }
        Ok(_) => println!("{}: the kernel of another checkout, or of an older state of this one", file.display()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => println!("{}: there is none", file.display()),
        Err(error) => println!("{}: can't be read ({error})", file.display()),
    }
    Ok(())
}

/// Puts something in the place of what was there.
fn replace(to: &Path, put: impl FnOnce(&Path) -> io::Result<()>) -> Result<(), String> {
    let removed = if to.exists() { fs::remove_dir_all(to) } else { Ok(()) };
    removed.and_then(|()| put(to)).map_err(|error| format!("{} can't be written: {error}.", to.display()))
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

fn copy(from: &Path, to: &Path) -> io::Result<()> {
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
