//! The process that watches over the one that runs the cells.
//!
//! evcxr takes it for the process that runs them: it sends `LOAD_AND_RUN <library> <function>` and waits for
//! `EVCXR_EXECUTION_COMPLETE`. Between the two, this process reads everything that comes out of a cell and tells the
//! server; it ends what an interrupt is meant to end, and what outgrows its memory; and it is still there to say so when
//! the process that ran the cells is not.

use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio, exit};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::link::{self, Failure, FailureKind, Gone, Said, Stream, Told};
use super::marks::{Mark, Marks, Piece};
use super::terminal::Terminal;
use super::{memory, processes, runtime};

/// Names the secret of the marks to the process that runs the cells.
pub const RUNTIME: &str = "STREAMROOT_RUNTIME";

/// How long what is printed is collected, so that a flood of short lines is not a flood of messages.
const COLLECT: Duration = Duration::from_millis(15);
/// How much of it at most, in bytes.
const COLLECT_BYTES: usize = 1 << 16;
/// How long an interrupted cell may take to come to its end by itself, once what it had started is ended.
const GRACE: Duration = Duration::from_millis(500);
/// How often the memory of a cell is looked at, and an interrupted one is told again.
const LOOK: Duration = Duration::from_millis(50);

/// A line that is no text. evcxr gives the cell up when it reads one, and keeps what it knew before the cell: its
/// variables with their types. Its own notice of a failed `?` would have it forget each that the cell was to bind anew.
const GIVE_UP: &[u8] = b"\xff\n";
const COMPLETE: &[u8] = b"EVCXR_EXECUTION_COMPLETE\n";

enum Event {
    /// From evcxr. Nothing, when it is gone.
    Order(Option<String>),
    /// From the server. Nothing, when it is gone.
    Said(Option<Said>),
    Printed(Stream, Vec<u8>),
    /// The process was stopped by this signal.
    Stopped(i32),
    /// The process has ended, with this status.
    Ended(i32),
}

/// Watches until evcxr has no more cells, or the process that runs them is gone.
pub fn run(secret: &str) -> Result<()> {
    // A cell that prints faster than the page can be told waits until it can.
    let (events, received) = mpsc::sync_channel(4);
    let terminal = Terminal::new().ok();
    let link = link::inherited();
    let (child, orders) = start(secret, terminal.as_ref(), &events)?;
    listen(&events, link.as_ref())?;
    let limit = memory::limit();
    let mut supervisor = Supervisor {
        child,
        orders,
        terminal,
        link,
        out: Marks::new(secret, true),
        err: Marks::new(secret, false),
        collected: Vec::new(),
        collecting_since: None,
        prompt: (String::new(), false),
        cell: None,
        interrupted: false,
        limit,
    };
    supervisor.watch(&received)
}

/// The cell that runs.
struct Cell {
    /// What ran below the process before it.
    before: HashSet<u32>,
    /// Whether the end of its standard output, and of its error output, has come.
    ends: [bool; 2],
    failure: Option<Failure>,
    /// A panic that nobody may have caught yet.
    panicking: Option<Mark>,
    /// For evcxr: variables whose types are others now.
    notices: Vec<u8>,
    /// Whether it is run again, and evcxr knows nothing of it; and then whether it could not be.
    again: bool,
    refused: bool,
    interrupted: Option<Interrupt>,
}

/// An interrupt of a cell.
struct Interrupt {
    since: Instant,
    /// When the cell was last told.
    told: Instant,
    /// Whether something was ended that the cell had started.
    ended_something: bool,
}

struct Supervisor {
    child: Child,
    orders: io::PipeWriter,
    terminal: Option<Terminal>,
    link: Option<UnixStream>,
    out: Marks,
    err: Marks,
    /// What was printed and not told yet.
    collected: Vec<(Stream, String)>,
    collecting_since: Option<Instant>,
    /// What is asked by the next line that is read, and whether it is a password.
    prompt: (String, bool),
    cell: Option<Cell>,
    /// Whether the server wants no more of the cell that it has begun.
    interrupted: bool,
    limit: Option<u64>,
}

impl Supervisor {
    fn watch(&mut self, events: &Receiver<Event>) -> Result<()> {
        let mut why = None;
        loop {
            let event = match self.patience() {
                Some(patience) => match events.recv_timeout(patience) {
                    Ok(event) => Some(event),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => break,
                },
                None => Some(events.recv()?),
            };
            match event {
                Some(Event::Order(Some(order))) => self.order(&order)?,
                Some(Event::Order(None) | Event::Said(None)) => break,
                Some(Event::Said(Some(said))) => self.said(said)?,
                Some(Event::Printed(stream, bytes)) => self.printed(stream, &bytes)?,
                Some(Event::Stopped(signal)) => self.stopped(signal)?,
                Some(Event::Ended(status)) => {
                    self.last_words(events)?;
                    self.gone(status, why);
                    return Ok(());
                }
                None => {}
            }
            self.tell_collected(false)?;
            if why.is_none() {
                let interrupted = self.cell.as_ref().and_then(|cell| cell.interrupted.as_ref());
                if interrupted.is_some_and(|interrupt| interrupt.told.elapsed() > LOOK) {
                    self.tell_interrupted();
                }
                why = self.to_be_ended();
                if why.is_some() {
                    self.end_all();
                }
            }
        }
        self.end_all();
        exit(0)
    }

    /// How long to wait for something to happen, when there is something to do if it doesn't.
    fn patience(&self) -> Option<Duration> {
        let collecting = self.collecting_since.map(|since| COLLECT.saturating_sub(since.elapsed()));
        let looking = self.cell.as_ref().map(|_| LOOK);
        collecting.into_iter().chain(looking).min()
    }

    fn order(&mut self, order: &str) -> Result<()> {
        // The function's name is the last word; the path may have spaces in it.
        let order = order.strip_prefix("LOAD_AND_RUN ").and_then(|rest| rest.rsplit_once(' '));
        let (path, function) = order.context("evcxr has sent what it never sends")?;
        if self.interrupted {
            return self.answer_evcxr(GIVE_UP);
        }
        self.begin(false);
        writeln!(self.orders, "{}{function} {path}", runtime::RUN)?;
        Ok(())
    }

    fn begin(&mut self, again: bool) {
        self.cell = Some(Cell {
            before: processes::below(self.child.id()),
            ends: [false; 2],
            failure: None,
            panicking: None,
            notices: Vec::new(),
            again,
            refused: false,
            interrupted: None,
        });
    }

    fn said(&mut self, said: Said) -> Result<()> {
        match said {
            Said::Begin => {
                self.interrupted = false;
                self.tell(&Told::Begun)?;
            }
            Said::End => {
                self.tell_collected(true)?;
                self.tell(&Told::Ended)?;
            }
            Said::RunAgain { .. } if self.interrupted => self.tell(&Told::RanAgain(false))?,
            Said::RunAgain { function, literals } => {
                self.begin(true);
                writeln!(self.orders, "{}{function} {}", runtime::AGAIN, serde_json::to_string(&literals)?)?;
            }
            Said::Answer(line) => self.answer(line.as_deref())?,
            Said::Interrupt => self.interrupt(),
        }
        Ok(())
    }

    fn interrupt(&mut self) {
        self.interrupted = true;
        let Some(cell) = self.cell.as_mut().filter(|cell| cell.interrupted.is_none()) else { return };
        let now = Instant::now();
        cell.interrupted = Some(Interrupt { since: now, told: now, ended_something: false });
        self.tell_interrupted();
    }

    /// Ends what an interrupted cell has started, and tells the process that runs it, in which the engine may hear that. Many a
    /// cell then comes to its end, and no variable is lost. It is done again until then, since a cell may be about to begin
    /// with the one or the other.
    fn tell_interrupted(&mut self) {
        let Some(Cell { before, interrupted: Some(interrupted), .. }) = &mut self.cell else { return };
        processes::interrupt(self.child.id());
        let started: Vec<u32> =
            processes::below(self.child.id()).into_iter().filter(|process| !before.contains(process)).collect();
        interrupted.ended_something |= !started.is_empty();
        interrupted.told = Instant::now();
        processes::kill(started);
    }

    /// Whether the process is to be ended, and why.
    fn to_be_ended(&self) -> Option<Gone> {
        let cell = self.cell.as_ref()?;
        if cell.interrupted.as_ref().is_some_and(|interrupt| interrupt.since.elapsed() > GRACE) {
            return Some(Gone::Interrupted);
        }
        let limit = self.limit?;
        memory::taken(self.child.id()).filter(|&taken| taken > limit).map(|_| Gone::OutOfMemory { limit })
    }

    fn stopped(&mut self, signal: i32) -> Result<()> {
        if signal != libc::SIGTTIN {
            return Ok(());
        }
        self.tell_collected(true)?;
        let (prompt, password) = std::mem::take(&mut self.prompt);
        if self.interrupted || self.link.is_none() {
            return self.answer(None);
        }
        self.tell(&Told::Ask { prompt, password })
    }

    fn answer(&self, line: Option<&str>) -> Result<()> {
        if let Some(terminal) = &self.terminal {
            terminal.answer(self.group(), line).context("Can't give the cell its input")?;
        }
        Ok(())
    }

    fn printed(&mut self, stream: Stream, bytes: &[u8]) -> Result<()> {
        let marks = if stream == Stream::Stdout { &mut self.out } else { &mut self.err };
        for piece in marks.push(bytes) {
            self.piece(stream, piece)?;
        }
        Ok(())
    }

    fn piece(&mut self, stream: Stream, piece: Piece) -> Result<()> {
        match piece {
            Piece::Text(text) => self.collect(stream, text),
            Piece::Show { mime, content, .. } if mime == FAILURE => {
                let failure = Failure { kind: FailureKind::Error, message: content, line: 0, column: 0 };
                self.tell_collected(true)?;
                self.tell(&Told::Failed(failure))?;
            }
            Piece::Show { mime, content, display } => {
                self.tell_collected(true)?;
                self.tell(&Told::Show { mime, content, display })?;
            }
            Piece::Prompt { prompt, password } => self.prompt = (prompt, password),
            Piece::Mark(mark) => self.mark(stream, mark)?,
        }
        Ok(())
    }

    fn mark(&mut self, stream: Stream, mark: Mark) -> Result<()> {
        let Some(cell) = &mut self.cell else { return Ok(()) };
        let failure = |kind, mark: Mark| Failure { kind, message: mark.text, line: mark.line, column: mark.column };
        match mark.kind.as_str() {
            "failed" => cell.failure = Some(failure(FailureKind::Error, mark)),
            // Of two panics, the first was caught: by a thread, or by the cell.
            "panicking" => {
                if let Some(caught) = cell.panicking.replace(mark) {
                    self.collect(Stream::Stderr, panic_text(&caught));
                }
            }
            "panic" => {
                let panicking = cell.panicking.take().unwrap_or(mark);
                cell.failure = Some(failure(FailureKind::Panic, panicking));
            }
            "lost" => {
                cell.notices.extend_from_slice(format!("EVCXR_VARIABLE_CHANGED_TYPE:{}\n", mark.text).as_bytes());
            }
            "refused" => cell.refused = true,
            "end" => {
                cell.ends[usize::from(stream == Stream::Stderr)] = true;
                if cell.ends == [true; 2] {
                    self.end_of_cell()?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end_of_cell(&mut self) -> Result<()> {
        let Some(cell) = self.cell.take() else { return Ok(()) };
        for stream in [Stream::Stdout, Stream::Stderr] {
            let marks = if stream == Stream::Stdout { &mut self.out } else { &mut self.err };
            for piece in marks.rest() {
                self.piece(stream, piece)?;
            }
        }
        if let Some(caught) = &cell.panicking {
            self.collect(Stream::Stderr, panic_text(caught));
        }
        self.tell_collected(true)?;
        let gives_up = cell.failure.is_some();
        if cell.interrupted.is_some_and(|interrupt| interrupt.ended_something || gives_up) {
            let message = String::new();
            self.tell(&Told::Failed(Failure { kind: FailureKind::Interrupt, message, line: 0, column: 0 }))?;
        } else if let Some(failure) = cell.failure {
            self.tell(&Told::Failed(failure))?;
        }
        if cell.again {
            return self.tell(&Told::RanAgain(!cell.refused && cell.notices.is_empty()));
        }
        if gives_up {
            return self.answer_evcxr(GIVE_UP);
        }
        let answer = [cell.notices.as_slice(), COMPLETE].concat();
        self.answer_evcxr(&answer)
    }

    fn collect(&mut self, stream: Stream, text: String) {
        match self.collected.last_mut() {
            Some((last, before)) if *last == stream => before.push_str(&text),
            _ => self.collected.push((stream, text)),
        }
        self.collecting_since.get_or_insert_with(Instant::now);
    }

    /// Tells what was printed: at once, or if it has been collected for long enough.
    fn tell_collected(&mut self, at_once: bool) -> Result<()> {
        let Some(since) = self.collecting_since else { return Ok(()) };
        let bytes: usize = self.collected.iter().map(|(_, text)| text.len()).sum();
        if at_once || since.elapsed() >= COLLECT || bytes >= COLLECT_BYTES {
            self.collecting_since = None;
            for (stream, text) in std::mem::take(&mut self.collected) {
                self.tell(&Told::Text { stream, text })?;
            }
        }
        Ok(())
    }

    fn tell(&self, told: &Told) -> Result<()> {
        match &self.link {
            Some(link) => link::send(link, told).context("The server is gone"),
            // Nobody listens while the warm directory is made, but what goes wrong there must be seen.
            None => {
                if let Told::Text { text, .. } = told {
                    eprint!("{text}");
                }
                Ok(())
            }
        }
    }

    fn answer_evcxr(&self, line: &[u8]) -> Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(line).and_then(|()| stdout.flush()).context("evcxr is gone")
    }

    fn group(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap_or(0)
    }

    fn end_all(&self) {
        // What they start while they are ended is found the second time.
        for _ in 0..2 {
            processes::kill(processes::below(std::process::id()));
        }
    }

    /// What the process printed before its end.
    fn last_words(&mut self, events: &Receiver<Event>) -> Result<()> {
        // What it started may hold the pipes open, so their end is not waited for.
        while let Ok(event) = events.recv_timeout(Duration::from_millis(50)) {
            if let Event::Printed(stream, bytes) = event {
                self.printed(stream, &bytes)?;
            }
        }
        for stream in [Stream::Stdout, Stream::Stderr] {
            let marks = if stream == Stream::Stdout { &mut self.out } else { &mut self.err };
            for piece in marks.rest() {
                self.piece(stream, piece)?;
            }
        }
        self.tell_collected(true)
    }

    /// Says how the process went, and goes as well. evcxr then starts another one of each.
    fn gone(&mut self, status: i32, why: Option<Gone>) {
        self.end_all();
        let status = std::process::ExitStatus::from_raw(status);
        let gone = why.unwrap_or_else(|| match status.signal() {
            Some(signal) => Gone::Signal(signal),
            None => Gone::Exit(status.code().unwrap_or(0)),
        });
        let _ = self.tell(&Told::Gone(gone));
    }
}

/// The type of what the helper crate prints in place of a value that can't be shown.
const FAILURE: &str = "application/vnd.streamroot.failure";

fn panic_text(mark: &Mark) -> String {
    format!("A panic: {}\n", mark.text)
}

/// Starts the process that runs the cells.
fn start(secret: &str, terminal: Option<&Terminal>, events: &SyncSender<Event>) -> Result<(Child, io::PipeWriter)> {
    let (their_orders, orders) = io::pipe()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.env(RUNTIME, secret).env_remove("EVCXR_IS_RUNTIME").env_remove("RUST_BACKTRACE");
    link::forget(&mut command);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    match terminal {
        Some(terminal) => command.stdin(terminal.line()?),
        None => command.stdin(Stdio::null()),
    };
    let number = their_orders.as_raw_fd();
    // SAFETY: only calls that are allowed between fork and exec.
    unsafe {
        command.pre_exec(move || {
            if libc::dup2(number, runtime::ORDERS) < 0 {
                return Err(io::Error::last_os_error());
            }
            if number == runtime::ORDERS {
                libc::fcntl(number, libc::F_SETFD, 0);
            }
            libc::signal(libc::SIGTTOU, libc::SIG_DFL);
            #[cfg(target_os = "linux")]
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            Ok(())
        });
    }
    // Orphans of the cells become children of this process, which so can end them.
    #[cfg(target_os = "linux")]
    // SAFETY: a plain call of the system.
    unsafe {
        libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1);
    }
    let mut child = command.spawn().context("Can't start the process that runs the cells")?;
    if let Some(stdout) = child.stdout.take() {
        pass_on(stdout, Stream::Stdout, events.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        pass_on(stderr, Stream::Stderr, events.clone());
    }
    if let Some(written) = terminal.and_then(|terminal| terminal.written().ok()) {
        pass_on(written, Stream::Stdout, events.clone());
    }
    wait_for(i32::try_from(child.id())?, events.clone());
    Ok((child, orders))
}

fn pass_on(mut from: impl Read + Send + 'static, stream: Stream, events: SyncSender<Event>) {
    thread::spawn(move || {
        let mut buffer = vec![0; COLLECT_BYTES];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            if events.send(Event::Printed(stream, buffer[..length].to_vec())).is_err() {
                return;
            }
        }
    });
}

/// Tells when the process is stopped, and when it ends.
fn wait_for(process: i32, events: SyncSender<Event>) {
    thread::spawn(move || {
        loop {
            let mut status = 0;
            // Orphans of the cells are waited for too, where they become this process' children.
            let which = if cfg!(target_os = "linux") { -1 } else { process };
            // SAFETY: waits for a child.
            let waited = unsafe { libc::waitpid(which, &mut status, libc::WUNTRACED) };
            let event = match waited {
                -1 => return,
                _ if waited != process => continue,
                _ if libc::WIFSTOPPED(status) => Event::Stopped(libc::WSTOPSIG(status)),
                _ => Event::Ended(status),
            };
            let is_the_end = matches!(event, Event::Ended(_));
            if events.send(event).is_err() || is_the_end {
                return;
            }
        }
    });
}

/// Listens to evcxr and to the server.
fn listen(events: &SyncSender<Event>, link: Option<&UnixStream>) -> Result<()> {
    let orders = events.clone();
    thread::spawn(move || {
        for line in io::stdin().lines().map_while(io::Result::ok) {
            let _ = orders.send(Event::Order(Some(line)));
        }
        let _ = orders.send(Event::Order(None));
    });
    if let Some(link) = link {
        let (from_server, server) = (BufReader::new(link.try_clone()?), events.clone());
        thread::spawn(move || {
            for line in from_server.lines().map_while(io::Result::ok) {
                if let Ok(said) = serde_json::from_str(&line) {
                    let _ = server.send(Event::Said(Some(said)));
                }
            }
            let _ = server.send(Event::Said(None));
        });
    }
    Ok(())
}
