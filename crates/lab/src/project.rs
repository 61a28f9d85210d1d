//! Where things are, and in what environment commands run.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The project's directories. Everything that is made, but for the data, is under `target`.
#[derive(Debug, Clone)]
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// The project that this program is run in. Cargo says where that is; without it, the program's own place does. Where the
    /// program was compiled says nothing: the project may have been moved or copied since.
    ///
    /// # Errors
    /// A sentence, when neither is known.
    pub fn find() -> Result<Project, String> {
        let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let of_package = package.as_deref().and_then(|package| package.ancestors().nth(2));
        let program = env::current_exe().unwrap_or_default();
        let root = of_package.into_iter().chain(program.ancestors().nth(3)).find_map(|root| {
            let root = root.canonicalize().ok()?;
            root.join("crates/lab/Cargo.toml").is_file().then_some(root)
        });
        let root =
            root.ok_or("This program is not where cargo puts it, so its project is unknown: run `cargo lab`.")?;
        Ok(Project { root })
    }

    /// The top of the work tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path below the top.
    pub fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The directory of the notebooks.
    pub fn notebooks(&self) -> PathBuf {
        self.at("notebooks")
    }

    /// Where builds go, whatever CARGO_TARGET_DIR says: the kernel and the engine are looked for there.
    pub fn target(&self) -> PathBuf {
        self.at("target")
    }

    /// Everything this program writes.
    pub fn lab(&self) -> PathBuf {
        self.at("target/lab")
    }

    /// A program of the workspace, in the release profile.
    pub fn program(&self, name: &str) -> PathBuf {
        self.target().join("release").join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// A shared library of the workspace, in the release profile.
    pub fn library(&self, name: &str) -> PathBuf {
        self.target().join("release").join(format!("{}{name}{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX))
    }

    /// The Python environment.
    pub fn venv(&self) -> PathBuf {
        self.lab().join("venv")
    }

    /// The interpreter of the Python environment.
    pub fn python(&self) -> PathBuf {
        interpreter(&self.venv())
    }

    /// A Python file of this crate.
    pub fn script(&self, name: &str) -> PathBuf {
        self.at("crates/lab/python").join(name)
    }

    /// A command that runs at the top of the work tree in a clean environment.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        clean(&mut command);
        command
    }

    /// Cargo, building into [`Project::target`].
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut command = self.command(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
        command.arg(subcommand).arg("--target-dir").arg(self.target());
        command
    }
}

/// The interpreter of an environment of Python packages.
pub fn interpreter(venv: &Path) -> PathBuf {
    venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

/// Takes out what `cargo run` put into this process' environment, and what would send a build elsewhere.
///
/// Without this, a cargo that we start, or one that the kernel starts for a cell, sees another environment than the
/// user's own cargo does, and may build again what is built.
fn clean(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        let of_this_package = text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_");
        let elsewhere = matches!(text, "CARGO_TARGET_DIR" | "CARGO_BUILD_TARGET_DIR" | "CARGO_BUILD_TARGET");
        let of_python = matches!(text, "PYTHONHOME" | "PYTHONPATH" | "VIRTUAL_ENV");
        if of_this_package || elsewhere || of_python {
            command.env_remove(&name);
        }
    }
    if let Some(paths) = env::var_os("LD_LIBRARY_PATH") {
        let kept: Vec<PathBuf> = env::split_paths(&paths).filter(|path| !is_cargos(path)).collect();
        match env::join_paths(&kept) {
            Ok(joined) if !kept.is_empty() => command.env("LD_LIBRARY_PATH", joined),
            _ => command.env_remove("LD_LIBRARY_PATH"),
        };
    }
}

/// Whether cargo added this directory to the library path of what it runs.
fn is_cargos(path: &Path) -> bool {
    path.as_os_str().is_empty()
        || path.ends_with("release")
        || path.ends_with("release/deps")
        || path.components().any(|part| part.as_os_str() == "rustlib")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_cargos_own_library_paths_are_taken_out() {
        assert!(is_cargos(Path::new("/home/a/target/release/deps")));
        assert!(is_cargos(Path::new("/home/a/.rustup/toolchains/t/lib/rustlib/x86_64-unknown-linux-gnu/lib")));
        assert!(!is_cargos(Path::new("/opt/cuda/lib64")));
    }

    #[test]
    fn a_command_does_not_build_elsewhere() {
        let project = Project { root: PathBuf::from("/p") };
        let command = project.cargo("build");
        let arguments: Vec<_> = command.get_args().map(|a| a.to_string_lossy().replace('\\', "/")).collect();
        assert_eq!(arguments, ["build", "--target-dir", "/p/target"]);
    }
}
