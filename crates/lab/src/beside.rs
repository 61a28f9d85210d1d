//! JupyterLab, opened as soon as it is there, and the set-up that goes on beside it.
//!
//! This process becomes JupyterLab, so that Ctrl-C and the exit code are JupyterLab's own. What is left of the set-up is done by
//! a child of it, which leads a group of processes: JupyterLab ends all of them when it ends, and when it is killed, the child
//! finds itself an orphan and does.

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, parent_id};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::cli::GO_ON;
use crate::jupyter;
use crate::progress;
use crate::project::Project;
use crate::setup::Setup;

/// How long the set-up is waited for before JupyterLab opens without it. When there is nothing to do, less is needed.
const PATIENCE: Duration = Duration::from_secs(3);

/// Opens JupyterLab, in place of this process, when all is set up, or after a moment.
///
/// # Errors
/// What JupyterLab needs is missing and can't be had, or it can't be started.
pub fn open(project: &Project, browser: bool, state: Option<PathBuf>, more: &[OsString]) -> Result<ExitCode, String> {
    let (mut setup, mut is_our_turn) = Setup::at_once(project)?;
    if !is_our_turn && !setup.has_jupyterlab() {
        (setup, is_our_turn) = (setup.in_turn()?, true);
    }
    if is_our_turn {
        setup.jupyterlab()?;
    }
    let mut child = go_on_beside(project, setup.lock())?;
    drop(setup);
    // When there is no kernel yet, nothing is to be waited for.
    let patience = if project.program("kernel").exists() { PATIENCE } else { Duration::ZERO };
    let ended = wait(&mut child, patience).map_err(|error| format!("The set-up can't be waited for: {error}."))?;
    if !ended {
        let announced = progress::announce(&project.lab());
        announced.map_err(|error| format!("Can't write to {}: {error}.", project.lab().display()))?;
    }
    jupyter::open(project, browser, state, (!ended).then(|| child.id()), more)
}

/// Goes on with the set-up in a process of its own, with the lock that this one has, or waits for.
fn go_on_beside(project: &Project, lock: &File) -> Result<Child, String> {
    let myself = env::current_exe().map_err(|error| format!("Can't find myself: {error}."))?;
    // What is compiled stands back for JupyterLab and its page, where there is a `nice` for it.
    let mut nice = Command::new("nice");
    nice.args(["-n", "5"]).arg(&myself);
    let spawn = |mut command: Command| {
        command.arg(GO_ON).current_dir(project.root()).process_group(0);
        command.stdin(Stdio::from(lock.try_clone()?)).stdout(Stdio::null()).spawn()
    };
    let child = spawn(nice).or_else(|_| spawn(Command::new(&myself)));
    child.map_err(|error| format!("The set-up can't go on in a process of its own: {error}."))
}

/// Whether a process ends before long.
fn wait(child: &mut Child, patience: Duration) -> io::Result<bool> {
    let began = Instant::now();
    while began.elapsed() < patience {
        if child.try_wait()?.is_some() {
            return Ok(true);
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(false)
}

/// Goes on with a set-up that JupyterLab need not wait for. The lock is what is given for standard input.
///
/// # Errors
/// What the first step that fails says.
pub fn go_on(project: &Project) -> Result<ExitCode, String> {
    end_with_parent();
    let lock = io::stdin().as_fd().try_clone_to_owned();
    let lock = lock.map_err(|error| format!("The set-up can't go on: {error}."))?;
    let began = Instant::now();
    let said = Setup::go_on(project, File::from(lock), PATIENCE).in_turn()?.kernel();
    match said {
        Ok(()) if began.elapsed() > PATIENCE => eprintln!("The set-up is complete. Cells run."),
        Ok(()) => {}
        Err(message) => {
            eprintln!("{message}\nThe notebooks can be read. When `cargo lab setup` succeeds, cells run.");
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Ends this process, and what it has started, when the one that has started it is gone.
fn end_with_parent() {
    let parent = parent_id();
    thread::spawn(move || {
        while parent_id() == parent {
            thread::sleep(Duration::from_millis(500));
        }
        // All of the group: cargo alone would leave its compilers behind. There is no signal in the standard library, and a
        // shell is there wherever a linker is.
        let _ = Command::new("sh").args(["-c", "kill -KILL 0"]).status();
    });
}
