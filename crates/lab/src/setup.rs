//! The set-up, step by step. Each step is skipped when nothing it depends on has changed, and can be interrupted.

use std::env;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::clock;
use crate::data::{Done, FILES};
use crate::environment;
use crate::jupyter;
use crate::progress::Progress;
use crate::project::Project;
use crate::stamp::{Fingerprint, Stamp, write_whole};
use crate::step::{Step, duration};

/// The oldest Python that the pinned packages run on.
const OLDEST_PYTHON: (u32, u32) = (3, 10);

/// The set-up of a project, alone in it: another `cargo lab` waits until this is dropped.
pub struct Setup<'a> {
    project: &'a Project,
    lock: File,
    /// Whether a step that had nothing to do says so.
    say_all: bool,
    began: Instant,
    progress: Progress,
}

impl<'a> Setup<'a> {
    /// Waits for its turn and begins.
    ///
    /// # Errors
    /// `target/lab` can't be made or written to.
    pub fn begin(project: &'a Project, say_all: bool) -> Result<Setup<'a>, String> {
        Setup { say_all, ..Setup::with_lock(project, lock_file(project)?) }.in_turn()
    }

    /// Begins if it is its turn. If not, only [`readable`](Setup::readable) may be asked.
    ///
    /// # Errors
    /// `target/lab` can't be made or written to.
    pub fn at_once(project: &'a Project) -> Result<(Setup<'a>, bool), String> {
        let setup = Setup::with_lock(project, lock_file(project)?);
        match setup.lock.try_lock() {
            Ok(()) => Ok((setup, true)),
            Err(TryLockError::WouldBlock) => Ok((setup, false)),
            Err(TryLockError::Error(error)) => Err(cannot_lock(&error)),
        }
    }

    /// Goes on with a set-up that another process has begun, with the lock that it was given by that one. JupyterLab is opened
    /// meanwhile, after a time.
    pub fn go_on(project: &'a Project, lock: File, opened_after: Duration) -> Setup<'a> {
        let progress = Progress::begin(&project.lab(), Some(opened_after));
        Setup { progress, ..Setup::with_lock(project, lock) }
    }

    fn with_lock(project: &'a Project, lock: File) -> Setup<'a> {
        let progress = Progress::begin(&project.lab(), None);
        Setup { project, lock, say_all: false, began: Instant::now(), progress }
    }

    /// Waits for its turn.
    ///
    /// # Errors
    /// The file that is locked can't be.
    pub fn in_turn(self) -> Result<Setup<'a>, String> {
        let locked = match self.lock.try_lock() {
            Err(TryLockError::WouldBlock) => {
                eprintln!("Another `cargo lab` is setting up. Waiting for it to end.");
                self.lock.lock()
            }
            Err(TryLockError::Error(error)) => Err(error),
            Ok(()) => Ok(()),
        };
        locked.map(|()| self).map_err(|error| cannot_lock(&error))
    }

    /// The lock, for a command that goes on with the set-up.
    pub fn lock(&self) -> &File {
        &self.lock
    }

    /// Everything that notebooks need.
    ///
    /// # Errors
    /// What the first step that fails says.
    pub fn everything(&self) -> Result<(), String> {
        self.jupyterlab()?;
        self.kernel()?;
        if self.say_all {
            eprintln!("The set-up is complete ({}).", duration(self.began.elapsed()));
        }
        Ok(())
    }

    /// What JupyterLab needs, and so whoever reads the notebooks.
    ///
    /// # Errors
    /// What the first step that fails says.
    pub fn jupyterlab(&self) -> Result<(), String> {
        self.telling(|| {
            self.tools()?;
            self.python()?;
            self.kernel_spec()
        })
    }

    /// Whether JupyterLab has what it needs, as far as that can be told without a turn.
    pub fn has_jupyterlab(&self) -> bool {
        let files = self.shared_files().unwrap_or_default();
        let python = self.python_inputs().is_ok_and(|inputs| inputs.is_some_and(|i| self.stamp("python").says(&i)));
        python
            && !files.is_empty()
            && files.iter().all(|(path, bytes)| fs::read(path).is_ok_and(|there| there == *bytes))
    }

    /// What cells need, once JupyterLab has what it needs.
    ///
    /// # Errors
    /// What the first step that fails says.
    pub fn kernel(&self) -> Result<(), String> {
        self.telling(|| {
            self.build()?;
            self.data(false)?;
            self.warm()
        })?;
        self.progress.complete();
        Ok(())
    }

    /// Tells those who wait when a step fails.
    fn telling(&self, steps: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
        steps().inspect_err(|message| self.progress.failed(message))
    }

    /// The reconstruction alone, made again.
    ///
    /// # Errors
    /// What the first step that fails says, or that the file there is the user's own.
    pub fn reconstruction(&self) -> Result<(), String> {
        self.tools()?;
        self.build()?;
        self.data(true)
    }

    /// Builds the workspace's programs, for a command that needs nothing else.
    ///
    /// # Errors
    /// What the step that fails says.
    pub fn programs(&self) -> Result<(), String> {
        self.tools()?;
        self.build()
    }

    fn step(&self, name: &'static str) -> Result<Step<'_>, String> {
        Ok(Step::begin(name, self.project, &self.lock)?.telling(&self.progress))
    }

    fn stamp(&self, name: &str) -> Stamp {
        Stamp::new(self.project.lab().join("stamps").join(name))
    }

    /// Rust with its standard library's source, and a linker. (That cargo is there is why this runs.)
    fn tools(&self) -> Result<(), String> {
        let mut step = self.step("rust")?;
        let mut rustc = self.project.command(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc.args(["--print", "sysroot"]);
        let printed = step.run(rustc)?;
        let sysroot = PathBuf::from(printed.first().map(|line| line.trim()).unwrap_or_default());
        if !on_path(&["cc", "gcc", "clang"]) && !cfg!(windows) {
            return Err("No linker: rustc needs `cc`. On Debian or Ubuntu: apt install gcc libc6-dev.".into());
        }
        if sysroot.join("lib/rustlib/src/rust/library/std").is_dir() {
            step.up_to_date(self.say_all);
            return Ok(());
        }
        if !on_path(&["rustup"]) {
            return Err(format!(
                "The standard library's source is missing below {}, and the kernel needs it to know the types in a \
                 cell. It comes with rustup (`rustup component add rust-src`) or in a package such as rust-src.",
                sysroot.display()
            ));
        }
        let mut rustup = self.project.command("rustup");
        rustup.args(["component", "add", "rust-src"]);
        step.run(rustup)?;
        step.done();
        Ok(())
    }

    /// The Python environment: JupyterLab, what runs notebooks without it, and what drives a browser.
    ///
    /// All its packages are pinned, with what they need in turn, so pip resolves nothing. JupyterLab asks for ipykernel
    /// too. These notebooks have no use for a Python kernel, so the list leaves it out.
    fn python(&self) -> Result<(), String> {
        let step = self.step("python")?;
        let stamp = self.stamp("python");
        if self.python_inputs()?.is_some_and(|inputs| stamp.says(&inputs)) {
            step.up_to_date(self.say_all);
            return Ok(());
        }
        self.make_venv(step, &stamp, &self.project.script("requirements.txt"))?;
        let inputs = self.python_inputs()?;
        let inputs = inputs.ok_or_else(|| format!("{} was made and is gone.", self.project.python().display()))?;
        stamp.write(&inputs).map_err(|error| format!("Can't write a stamp: {error}."))
    }

    /// What the environment is made from, if there is one. A Python that was replaced by a newer one leaves an environment
    /// without packages behind.
    fn python_inputs(&self) -> Result<Option<String>, String> {
        let requirements = self.project.script("requirements.txt");
        let fingerprint = Fingerprint::new().file(&requirements);
        let fingerprint = fingerprint.map_err(|error| format!("Can't read {}: {error}.", requirements.display()))?;
        let interpreter = self.project.python().canonicalize().ok();
        Ok(interpreter.map(|interpreter| format!("{fingerprint} {}", interpreter.display())))
    }

    fn make_venv(&self, mut step: Step<'_>, stamp: &Stamp, requirements: &Path) -> Result<(), String> {
        let python = find_python(self.project)?;
        stamp.clear().map_err(|error| format!("Can't remove a stamp: {error}."))?;
        environment::install(self.project, &mut step, &python, &self.project.venv(), requirements)?;
        step.done();
        Ok(())
    }

    /// The engine, the kernel and the reconstruction. Cargo knows best whether there is anything to do.
    ///
    /// Each is built by itself, here and for its tests: built together, packages agree on the features of what they share,
    /// and a new dependency of the smallest would have polars compiled again.
    fn build(&self) -> Result<(), String> {
        clock::mend(self.project, &self.stamp("sources"))
            .map_err(|error| format!("Can't look at the workspace's files: {error}."))?;
        let engine = [self.project.library("streamroot_polars"), self.project.program("streamroot-trial")];
        let packages = [
            ("engine", "streamroot-polars", engine.to_vec()),
            ("kernel", "kernel", vec![self.project.program("kernel"), self.project.program("stock-kernel")]),
            ("tools", "reconstruction", vec![self.project.program("reconstruction")]),
        ];
        for (name, package, made) in packages {
            let mut step = self.step(name)?;
            let mut compiled = self.compile(&mut step, package)?;
            // Cargo does not look at what it has made. A machine that goes down may leave files behind that are cut off.
            if !made.iter().all(|path| is_whole_program(path)) {
                made.iter().try_for_each(|path| remove_with_links(path)).map_err(|error| {
                    let target = self.project.target();
                    format!("Can't remove what is damaged of {package}: {error}. Remove {}.", target.display())
                })?;
                compiled = self.compile(&mut step, package)? || compiled;
            }
            if compiled {
                step.done();
            } else {
                step.up_to_date(self.say_all);
            }
        }
        Ok(())
    }

    /// Builds a package. Whether there was anything to compile.
    fn compile(&self, step: &mut Step<'_>, package: &str) -> Result<bool, String> {
        let mut cargo = self.project.cargo("build");
        cargo.args(["--release", "--locked", "--package", package]);
        cargo.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "100");
        cargo.env("CARGO_TERM_COLOR", "never");
        let printed = step.run(cargo)?;
        Ok(printed.iter().any(|line| line.trim_start().starts_with("Compiling")))
    }

    /// The reconstruction of the data, and the week that is made up, unless the user has put other files in their place.
    fn data(&self, again: bool) -> Result<(), String> {
        let mut step = self.step("data")?;
        let done = FILES
            .iter()
            .map(|file| {
                let stamp = self.stamp(file.stamp);
                file.make(self.project, &mut step, &stamp, again)
            })
            .collect::<Result<Vec<Done>, String>>()?;
        match FILES.iter().zip(&done).find(|(_, done)| **done == Done::LeftAlone) {
            _ if done.contains(&Done::Made) => step.done(),
            Some((file, _)) if self.say_all => {
                step.done_saying(&format!("data/{} is your own file and is left alone", file.name));
            }
            Some(_) => step.up_to_date(false),
            None => step.up_to_date(self.say_all),
        }
        Ok(())
    }

    /// The helper crate, compiled for cells. The kernel knows what it needs, and whether it is there.
    fn warm(&self) -> Result<(), String> {
        let mut step = self.step("warm")?;
        let mut kernel = self.project.command(self.project.program("kernel"));
        kernel.arg("--warm").current_dir(self.project.notebooks());
        let made = || fs::metadata(self.project.lab().join("warm")).and_then(|warm| warm.modified()).ok();
        let before = made();
        step.run(kernel)?;
        if made() == before {
            step.up_to_date(self.say_all);
        } else {
            step.done();
        }
        Ok(())
    }

    /// What makes JupyterLab know the kernel, and the settings it starts with.
    fn kernel_spec(&self) -> Result<(), String> {
        let step = self.step("spec")?;
        let mut changed = false;
        for (path, bytes) in self.shared_files()? {
            if fs::read(&path).is_ok_and(|there| there == bytes) {
                continue;
            }
            write_whole(&path, &bytes).map_err(|error| format!("Can't write {}: {error}.", path.display()))?;
            changed = true;
        }
        if changed {
            step.done();
        } else {
            step.up_to_date(self.say_all);
        }
        Ok(())
    }

    /// The files beside JupyterLab's own, and what is to be in them.
    fn shared_files(&self) -> Result<Vec<(PathBuf, Vec<u8>)>, String> {
        let share = self.project.venv().join("share/jupyter");
        let overrides = self.project.script("overrides.json");
        let overrides =
            fs::read(&overrides).map_err(|error| format!("Can't read {}: {error}.", overrides.display()))?;
        Ok(vec![
            (share.join("kernels/streamroot/kernel.json"), jupyter::kernel_spec(self.project).into_bytes()),
            (share.join("lab/settings/overrides.json"), overrides),
        ])
    }
}

/// The file whose lock says that a set-up is under way.
fn lock_file(project: &Project) -> Result<File, String> {
    fs::create_dir_all(project.lab())
        .and_then(|()| {
            let path = project.lab().join("setup.lock");
            File::options().read(true).write(true).create(true).truncate(false).open(path)
        })
        .map_err(|error| cannot_write(project, &error))
}

fn cannot_lock(error: &io::Error) -> String {
    format!("Can't lock target/lab/setup.lock: {error}.")
}

/// Says that the project can't be written to, and what to do.
fn cannot_write(project: &Project, error: &io::Error) -> String {
    format!(
        "Can't write to {}: {error}. `cargo lab` keeps all that it makes below target/ and data/: make this checkout \
         writable, or copy it to a place where you may write.",
        project.lab().display()
    )
}

/// Whether a program or library has all of its parts. The table of an ELF file's sections stands at its end, and the
/// [header](https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html) says where. Of other kinds of programs, it is
/// only known that they are not empty.
fn is_whole_program(path: &Path) -> bool {
    let mut header = [0; 64];
    let read = File::open(path).and_then(|mut file| {
        let length = file.metadata()?.len();
        file.read_exact(&mut header).map(|()| length)
    });
    let Ok(length) = read else { return false };
    if !header.starts_with(b"\x7fELF\x02\x01") {
        return true;
    }
    let number =
        |at: usize, bytes: usize| header[at..at + bytes].iter().rev().fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    let (start, size, count) = (number(40, 8), number(58, 2), number(60, 2));
    start.checked_add(size * count).is_some_and(|end| end <= length)
}

/// Removes a file that cargo has made, under its other names too, so that cargo makes it again.
fn remove_with_links(path: &Path) -> io::Result<()> {
    let Ok(found) = fs::metadata(path) else { return Ok(()) };
    let deps = path.with_file_name("deps");
    for entry in fs::read_dir(deps)? {
        let entry = entry?;
        let other = entry.metadata()?;
        if (other.dev(), other.ino()) == (found.dev(), found.ino()) {
            fs::remove_file(entry.path())?;
        }
    }
    fs::remove_file(path)
}

/// A Python that can make the environment, or the sentence that says what is missing.
fn find_python(project: &Project) -> Result<PathBuf, String> {
    let named = env::var_os("STREAMROOT_PYTHON").map(PathBuf::from);
    let usual = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"];
    let candidates = match named {
        Some(one) => vec![one],
        None => usual.iter().map(PathBuf::from).collect(),
    };
    let mut first_problem = None;
    for candidate in candidates {
        match usable(project.command(&candidate), &candidate) {
            Some(Ok(())) => return Ok(candidate),
            Some(Err(problem)) => first_problem = first_problem.or(Some(problem)),
            None => {}
        }
    }
    Err(first_problem.unwrap_or_else(|| {
        let (major, minor) = OLDEST_PYTHON;
        format!(
            "Python {major}.{minor} or newer is missing. On Debian or Ubuntu: apt install python3 python3-venv. \
             STREAMROOT_PYTHON names one that is not on the PATH."
        )
    }))
}

/// Whether this Python will do, why not, or nothing if it isn't there.
fn usable(mut python: Command, name: &Path) -> Option<Result<(), String>> {
    let script = "import sys; print(*sys.version_info[:2])\nimport venv, ensurepip; print('complete')";
    let output = python.args(["-B", "-c", script]).output().ok()?;
    judge_python(&name.display().to_string(), &String::from_utf8_lossy(&output.stdout))
}

fn judge_python(name: &str, printed: &str) -> Option<Result<(), String>> {
    let mut lines = printed.lines();
    let version: Vec<u32> = lines.next()?.split_whitespace().map_while(|part| part.parse().ok()).collect();
    let &[major, minor] = version.as_slice() else { return None };
    let (oldest_major, oldest_minor) = OLDEST_PYTHON;
    if (major, minor) < OLDEST_PYTHON {
        return Some(Err(format!("{name} is Python {major}.{minor}, and {oldest_major}.{oldest_minor} is needed.")));
    }
    if lines.next() != Some("complete") {
        return Some(Err(format!(
            "{name} can't make an environment: its modules venv and ensurepip are missing. On Debian or Ubuntu: \
             apt install python3-venv."
        )));
    }
    Some(Ok(()))
}

/// Whether one of these programs is on the PATH.
fn on_path(names: &[&str]) -> bool {
    let directories = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&directories).any(|directory| {
        names.iter().any(|name| directory.join(format!("{name}{}", env::consts::EXE_SUFFIX)).is_file())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_is_judged_by_what_it_prints() {
        assert_eq!(judge_python("p", "3 12\ncomplete\n"), Some(Ok(())));
        assert_eq!(judge_python("p", ""), None, "a shim without a Python behind it");
        let old = judge_python("p", "3 9\ncomplete\n");
        assert!(matches!(old, Some(Err(text)) if text.contains("3.9") && text.contains("3.10")));
        let bare = judge_python("p", "3 11\n");
        assert!(matches!(bare, Some(Err(text)) if text.contains("apt install python3-venv")));
    }

    #[test]
    fn a_program_that_was_cut_off_is_known() {
        let whole = env::current_exe().unwrap();
        assert!(is_whole_program(&whole));
        let bytes = fs::read(&whole).unwrap();
        let cut = env::temp_dir().join(format!("lab-cut-{}", std::process::id()));
        for length in [0, 63, 64, bytes.len() / 2, bytes.len() - 1] {
            fs::write(&cut, &bytes[..length]).unwrap();
            assert!(!is_whole_program(&cut), "{length} of {} bytes", bytes.len());
        }
        fs::remove_file(&cut).unwrap();
        assert!(!is_whole_program(&cut));
    }
}
