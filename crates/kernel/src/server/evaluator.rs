//! The one who evaluates: evcxr, the process that runs the cells, and what is known of both.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use evcxr::{CommandContext, CompilationError, EvalContext, EvalOutputs};
use jupyter_zmq_client::JupyterMessage;

use super::again::{Again, Compiled, Variables};
use super::bound::Bound;
use super::errors::CellError;
use super::input::Input;
use super::output::{Output, is_unit};
use super::syntax;
use crate::library_sources;
use crate::literals::Literals;
use crate::place;
use crate::runner::link::{self, Failure, Said, Told};
use crate::runner::processes;
use crate::toolchain;

/// A value in its representations: types and contents.
pub type Value = Vec<(String, String)>;

/// How long the watching process may take for an answer. It has nothing else to do.
const ANSWER: Duration = Duration::from_secs(10);
/// How often it is looked at while a cell runs that evcxr knows nothing of.
const LOOK: Duration = Duration::from_millis(500);

pub struct Evaluator {
    evcxr: Evcxr,
    output: Arc<Output>,
    link: UnixStream,
    answers: Receiver<Told>,
    interrupts: Interrupts,
    bound: Bound,
    again: Again,
}

/// evcxr takes some seconds to start. Until someone needs it, it does so by itself.
enum Evcxr {
    Starting { thread: JoinHandle<Result<CommandContext, CellError>>, wanted: Arc<AtomicBool> },
    Ready(Box<CommandContext>),
    Failed(CellError),
}

impl Evaluator {
    /// Starts evcxr and the process that runs the cells. `ready` is called when evcxr has compiled what all cells need.
    pub fn start(output: Arc<Output>, input: Input, ready: impl FnOnce() + Send + 'static) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        toolchain::give_back_cargo_home(&mut command);
        let (link, theirs) = link::pair(&mut command)?;
        let interrupts = Interrupts::new(link.try_clone()?);
        let (answer, answers) = mpsc::channel();
        listen(link.try_clone()?, Arc::clone(&output), input, interrupts.clone(), answer);
        let wanted = Arc::new(AtomicBool::new(false));
        let is_wanted = Arc::clone(&wanted);
        let start = move || {
            let started = start_evcxr(command, &is_wanted);
            if started.is_ok() {
                ready();
            }
            // evcxr starts another process with the same command when this one ends.
            std::mem::forget(theirs);
            started.map_err(|error| start_error(&error))
        };
        let thread = thread::Builder::new().name("evcxr".into()).stack_size(256 << 20).spawn(start)?;
        let settings = place::settings().and_then(fs::read_to_string).unwrap_or_default();
        let (evcxr, again) = (Evcxr::Starting { thread, wanted }, Again::with_settings(&settings));
        Ok(Self { evcxr, output, link, answers, interrupts, bound: Bound::default(), again })
    }

    pub fn interrupts(&self) -> Interrupts {
        self.interrupts.clone()
    }

    /// Runs code for a request, and gives its value.
    ///
    /// # Errors
    /// It does not compile, fails, panics, is interrupted, or ends the process that runs it.
    pub fn run(&mut self, request: &JupyterMessage, code: &str, silent: bool) -> Result<Value, CellError> {
        self.interrupts.begin();
        let result = self.run_between(request, code, silent);
        self.interrupts.end();
        result
    }

    fn run_between(&mut self, request: &JupyterMessage, code: &str, silent: bool) -> Result<Value, CellError> {
        let ready = refusal(code).map_or_else(|| self.context().map(|_| ()), Err);
        if ready.is_ok() {
            ask(&self.link, &self.answers, &Said::Begin);
        }
        // What has come until now, such as evcxr's own words when it started, is of no cell.
        self.output.begin(request, silent);
        ready?;
        let Evcxr::Ready(context) = &mut self.evcxr else { return Err(interrupted()) };
        let before = variables(context);
        let cell = Literals::of(code);
        let compiled = cell.as_ref().and_then(|cell| Some((cell, self.again.find(cell, &before)?)));
        let watching = context.process_handle();
        let ran = compiled.filter(|(cell, compiled)| {
            match run_again(&self.link, &self.answers, &watching, compiled, cell) {
                Some(Told::Gone(_)) => {
                    // evcxr finds out that the process is gone, and starts another one.
                    self.interrupts.end();
                    let _ = context.execute("();");
                    true
                }
                told => matches!(told, Some(Told::RanAgain(true))),
            }
        });
        let is_again = ran.is_some();
        let (evaluated, source) = match ran {
            Some((_, compiled)) => (Ok(Ok(EvalOutputs::default())), compiled.source),
            None => {
                let wanted = place::directory().map(|session| place::literals(&session)).unwrap_or_default();
                let given = self.again.compiles(code, cell.as_ref());
                let _ = if given { fs::write(&wanted, code) } else { fs::remove_file(&wanted) };
                let evaluated = catch_unwind(AssertUnwindSafe(|| context.execute(code)));
                if given && fs::metadata(&wanted).is_ok_and(|file| file.len() == 0) {
                    self.again.give_up(cell.as_ref());
                }
                (evaluated, context.last_source().unwrap_or_default())
            }
        };
        ask(&self.link, &self.answers, &Said::End);
        let ending = self.output.end();
        let ended = evaluated.as_ref().is_ok_and(Result::is_ok) && ending.gone.is_none();
        let after = variables(context);
        if ending.gone.is_none() && (ended || !ending.failures.is_empty()) {
            self.bound.note(code, &before, &after, !ended || is_again && ending.failures.iter().any(Failure::gives_up));
        }
        if ended && ending.failures.is_empty() {
            if let Some(cell) = cell.as_ref().filter(|_| !is_again) {
                self.again.note(cell, &source, &before, after);
            }
        } else if !matches!(evaluated, Ok(Err(evcxr::Error::CompilationErrors(_)))) {
            self.again.forget();
        }

        if let Some(gone) = ending.gone {
            let bound = std::mem::take(&mut self.bound);
            let lost: Vec<_> = before.keys().map(String::as_str).collect();
            return Err(CellError::of_end(&gone, &lost, &bound.statements(before.keys()).unwrap_or_default()));
        }
        if let Some(failure) = ending.failures.first() {
            self.output.display(&ending.value);
            let source = cell.map_or(source.clone(), |cell| cell.written(&source));
            return Err(CellError::of_failure(failure, code, &source));
        }
        let result = evaluated.unwrap_or_else(|_| Err("evcxr panicked over this cell, and did not run it.".into()));
        match result {
            Ok(outputs) => {
                // What evcxr's own commands say comes without the process that runs cells.
                let mut value: Value = outputs.content_by_mime_type.into_iter().collect();
                value.sort();
                value.extend(ending.value);
                Ok(if is_unit(&value) { Value::new() } else { value })
            }
            Err(_) if self.interrupts.is_interrupted() => Err(interrupted()),
            Err(error) => Err(CellError::of_evcxr(&error, code)),
        }
    }

    /// evcxr, once it has started.
    ///
    /// # Errors
    /// It did not start, or the waiting was interrupted.
    pub fn context(&mut self) -> Result<&mut CommandContext, CellError> {
        if let Evcxr::Starting { thread: starting, wanted } = &self.evcxr {
            wanted.store(true, Ordering::Relaxed);
            while !starting.is_finished() {
                if self.interrupts.is_interrupted() {
                    return Err(interrupted());
                }
                thread::sleep(Duration::from_millis(5));
            }
            let failed = || CellError::new("Error", "evcxr panicked while it started. Restart the kernel.");
            let before = std::mem::replace(&mut self.evcxr, Evcxr::Failed(failed()));
            if let Evcxr::Starting { thread, .. } = before {
                self.evcxr = match thread.join().unwrap_or_else(|_| Err(failed())) {
                    Ok(context) => Evcxr::Ready(Box::new(context)),
                    Err(error) => Evcxr::Failed(error),
                };
            }
        }
        match &mut self.evcxr {
            Evcxr::Ready(context) => Ok(context),
            Evcxr::Failed(error) => Err(error.clone()),
            Evcxr::Starting { .. } => Err(interrupted()),
        }
    }

    /// evcxr, if it need not be waited for.
    pub fn started(&mut self) -> Option<&mut CommandContext> {
        match &self.evcxr {
            Evcxr::Starting { thread, .. } if !thread.is_finished() => None,
            _ => self.context().ok(),
        }
    }
}

fn variables(context: &CommandContext) -> Variables {
    context.variables_and_types().map(|(name, ty)| (name.to_owned(), ty.to_owned())).collect()
}

/// Runs what was compiled of a cell, with its literals, and gives what the watching process tells in the end.
/// Nothing, if that process is no more and has not said so.
fn run_again(
    link: &UnixStream,
    answers: &Receiver<Told>,
    watching: &Mutex<Child>,
    compiled: &Compiled,
    cell: &Literals,
) -> Option<Told> {
    while answers.try_recv().is_ok() {}
    let order = Said::RunAgain { function: compiled.function.clone(), literals: cell.values.clone() };
    link::send(link, &order).ok()?;
    loop {
        match answers.recv_timeout(LOOK) {
            Ok(told) => return Some(told),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => {
                let lives = watching.lock().unwrap_or_else(PoisonError::into_inner).try_wait();
                lives.ok().filter(Option::is_none)?;
            }
        }
    }
}

/// Says something to the watching process, and waits until it has heard.
fn ask(link: &UnixStream, answers: &Receiver<Told>, what: &Said) {
    while answers.try_recv().is_ok() {}
    if link::send(link, what).is_err() || answers.recv_timeout(ANSWER).is_err() {
        eprintln!("The process that watches over the cells does not answer.");
    }
}

/// Why a cell is not given to evcxr at all.
fn refusal(code: &str) -> Option<CellError> {
    if syntax::is_too_deep(code) {
        let sentence = format!("Brackets stand in each other more than {} deep.", syntax::DEEPEST);
        return Some(CellError::new("CompileError", sentence));
    }
    let (line, sentence) = syntax::unbalanced(code)?;
    let text = code.lines().nth(line - 1).unwrap_or_default();
    Some(CellError::new("CompileError", sentence).at(Some((line, text))))
}

fn interrupted() -> CellError {
    CellError::new("Interrupted", "The cell was interrupted before it ran. No variable is lost.")
}

/// Says that evcxr does not start.
fn start_error(error: &evcxr::Error) -> CellError {
    let mut error = match error {
        evcxr::Error::CompilationErrors(errors) => {
            CellError { traceback: errors.iter().map(words).collect(), ..CellError::of_evcxr(error, "") }
        }
        error => CellError::new("Error", error.to_string()),
    };
    error.traceback.insert(0, "What evcxr.toml loads can't be used; mend it, and restart the kernel.".into());
    error
}

/// What the compiler says, as it shows it itself if it does.
fn words(error: &CompilationError) -> String {
    let shown = error.rendered();
    if shown.trim().is_empty() { error.message() } else { shown }
}

/// evcxr with what `evcxr.toml` loads. `command` starts the process that runs the cells.
///
/// What a notebook's directory has no settings for is as the kernel spec has it. The paths in those are relative to the
/// directory they are in, and evcxr takes them for relative to the current one. Once it is `wanted`, nothing is done ahead.
fn start_evcxr(mut command: Command, wanted: &AtomicBool) -> Result<CommandContext, evcxr::Error> {
    let moved = |to: &Path| std::env::set_current_dir(to).map_err(|error| format!("{}: {error}", to.display()));
    let here = std::env::current_dir().map_err(|error| format!("The notebook's directory is gone: {error}"))?;
    if let Ok(settings) = place::settings().as_deref()
        && let Some(directory) = settings.parent()
    {
        moved(directory)?;
    }
    command.current_dir(&here);
    let started = start_evcxr_here(command, wanted);
    moved(&here)?;
    started
}

fn start_evcxr_here(command: Command, wanted: &AtomicBool) -> Result<CommandContext, evcxr::Error> {
    let (context, outputs) = EvalContext::with_subprocess_command(command)?;
    // Nothing comes through these: the watching process tells the server.
    thread::spawn(move || outputs.stdout.iter().for_each(drop));
    thread::spawn(move || outputs.stderr.iter().for_each(|line| eprintln!("{line}")));
    library_sources::give().map_err(|error| format!("rust-analyzer gets no library: {error:#}"))?;
    let mut context = CommandContext::with_eval_context(context);
    context.execute(":load_config --quiet")?;
    // rust-analyzer lets go of what it no longer needs when it is asked next, which may be long from now: 30 MB. The first Tab
    // is quicker for it, too.
    if !wanted.load(Ordering::Relaxed) {
        let _ = context.completions("S", 1);
    }
    Ok(context)
}

/// Hears what the watching process tells.
fn listen(link: UnixStream, output: Arc<Output>, mut input: Input, interrupts: Interrupts, answer: mpsc::Sender<Told>) {
    thread::spawn(move || {
        let to_runner = link.try_clone();
        for line in BufReader::new(link).split(b'\n').map_while(std::io::Result::ok) {
            // Half a line is what a process leaves that was killed from outside.
            let Ok(told) = serde_json::from_slice::<Told>(&line) else { continue };
            match told {
                Told::Text { stream, text } => output.text(stream, text),
                Told::Show { mime, content, display } => output.show(mime, content, display),
                Told::Failed(failure) => output.failed(failure),
                Told::Gone(gone) => {
                    output.gone(gone.clone());
                    let _ = answer.send(Told::Gone(gone));
                }
                Told::Ask { prompt, password } => {
                    let line = input.ask(&output, &prompt, password, &|| interrupts.is_interrupted());
                    if let Ok(to_runner) = &to_runner {
                        let _ = link::send(to_runner, &Said::Answer(line));
                    }
                }
                told @ (Told::Begun | Told::Ended | Told::RanAgain(_)) => {
                    let _ = answer.send(told);
                }
            }
        }
    });
}

/// Interrupts what runs, from any thread.
#[derive(Clone)]
pub struct Interrupts {
    link: Arc<UnixStream>,
    /// While something is evaluated, whether that is interrupted.
    interrupted: Arc<Mutex<Option<Arc<AtomicBool>>>>,
}

impl Interrupts {
    fn new(link: UnixStream) -> Self {
        Self { link: Arc::new(link), interrupted: Arc::default() }
    }

    fn current(&self) -> MutexGuard<'_, Option<Arc<AtomicBool>>> {
        self.interrupted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self) {
        *self.current() = Some(Arc::default());
    }

    fn end(&self) {
        *self.current() = None;
    }

    fn is_interrupted(&self) -> bool {
        self.current().as_ref().is_some_and(|interrupted| interrupted.load(Ordering::Relaxed))
    }

    /// Ends what runs, and otherwise nothing.
    pub fn interrupt(&self) {
        let interrupted = {
            let current = self.current();
            let Some(interrupted) = current.as_ref() else { return };
            if interrupted.swap(true, Ordering::Relaxed) {
                return;
            }
            let _ = link::send(&*self.link, &Said::Interrupt);
            Arc::clone(interrupted)
        };
        let this = self.clone();
        thread::spawn(move || {
            // evcxr may start one compiler after the other.
            while this.current().as_ref().is_some_and(|current| Arc::ptr_eq(current, &interrupted)) {
                end_compilers();
                thread::sleep(Duration::from_millis(50));
            }
        });
    }
}

/// What evcxr starts to compile a cell, or to run a line that begins with `!`.
const STARTED_BY_EVCXR: [&str; 4] = ["cargo", "rustc", "mold", "sh"];

/// Ends these, with all below them. Nothing else below the server is touched.
fn end_compilers() {
    for child in processes::children_of(std::process::id()) {
        if processes::name(child).is_some_and(|name| STARTED_BY_EVCXR.contains(&name.as_str())) {
            processes::kill(processes::below(child).into_iter().chain([child]));
        }
    }
}

/// Makes the helper crate ready as a kernel does, without anybody to show anything to.
pub fn start_alone() -> Result<()> {
    let command = Command::new(std::env::current_exe()?);
    match start_evcxr(command, &AtomicBool::new(true)) {
        Ok(_) => Ok(()),
        Err(evcxr::Error::CompilationErrors(errors)) => {
            let errors: Vec<_> = errors.iter().map(words).collect();
            Err(anyhow!("What evcxr.toml loads doesn't compile:\n{}", errors.join("\n")))
        }
        Err(error) => Err(anyhow!("{error}")).context("What evcxr.toml loads can't be run"),
    }
}
