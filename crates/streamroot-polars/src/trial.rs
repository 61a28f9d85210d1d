//! Reads Parquet and Arrow files in a process of its own before this one does.
//!
//! polars believes what such a file says of itself. A damaged one can ask for more memory than there is, which ends the
//! process it is in, notebook and all, or keep it busy for ever; no check of lengths and offsets excludes all of that. So
//! the one reading of all rows that opening needs, to count them and to look at their values, is done by the program
//! `streamroot-trial`. However that ends, it ends well here, and what it has read whole, this process can read too.
//!
//! Requests and answers are JSON, on standard input and output.

use std::ffi::{CStr, OsStr, OsString, c_int, c_void};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use adbc_core::error::{AdbcStatusCode, Error, Result, Status};

use crate::error::{damaged, engine_failed, said_by};
use crate::examine::{Examined, examine as examine_here};
use crate::guard::{STACK, check};
use crate::names::Renames;
use crate::source::{Format, Input, Watch};

/// How long a trial may take: this, and for each megabyte a second, which is slower than any disk.
const PATIENCE: Duration = Duration::from_secs(60);

/// Examines files in a process of its own. Where the program for that does not lie beside this library, as in tests of
/// the library alone, it is done here.
pub fn examine(inputs: &[Input], renames: &Renames, watch: &Watch) -> Result<Examined> {
    let Some(program) = program() else { return examine_here(inputs, renames) };
    let tried = run(&program, inputs, renames)?;
    if let Ended::Answered(Ok(examined)) = tried {
        return Ok(examined);
    }
    check()?;
    watch.check()?;
    // Of several files, one may be wrong by itself, and is to be named.
    if let [_, _, ..] = inputs {
        for input in inputs {
            run(&program, std::slice::from_ref(input), renames)?.answer(input)?;
        }
    }
    tried.answer(&inputs[0])
}

/// How a trial ended.
enum Ended {
    Answered(Result<Examined>),
    /// Without an answer, for the reason given.
    Otherwise(String),
}

impl Ended {
    fn answer(self, input: &Input) -> Result<Examined> {
        match self {
            Ended::Answered(answer) => answer,
            Ended::Otherwise(how) => Err(damaged(input.path.display(), how)),
        }
    }
}

fn run(program: &Path, inputs: &[Input], renames: &Renames) -> Result<Ended> {
    let failed = |error: std::io::Error| engine_failed("starting streamroot-trial", error);
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let megabytes = inputs.iter().filter_map(|input| Some(input.path.metadata().ok()?.len() >> 20)).sum();
    let answer = conversation(&mut child, &request(inputs, renames), PATIENCE + Duration::from_secs(megabytes));
    if answer.is_none() {
        let _ = child.kill();
    }
    let status = child.wait().map_err(failed)?;
    Ok(match answer.as_deref().map(response) {
        Some(Some(answer)) if status.success() => Ended::Answered(answer),
        None => Ended::Otherwise("reading it comes to no end".to_owned()),
        _ => Ended::Otherwise(format!("a process that tried to read it {}", ended(status))),
    })
}

/// Sends the request and waits for all of the answer; `None` if it takes too long.
fn conversation(child: &mut Child, request: &[u8], patience: Duration) -> Option<Vec<u8>> {
    if let Some(mut stdin) = child.stdin.take() {
        // A process that ends before it has read everything says so by its status.
        let _ = stdin.write_all(request);
    }
    let mut stdout = child.stdout.take()?;
    let (sender, answer) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stdout.read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    answer.recv_timeout(patience).ok()
}

fn ended(status: ExitStatus) -> String {
    match status.signal() {
        Some(libc::SIGABRT) => "asked for more memory than there is".to_owned(),
        Some(libc::SIGKILL) => "was killed, perhaps because it took too much memory".to_owned(),
        Some(signal) => format!("was ended by signal {signal}"),
        None => format!("ended with {status}"),
    }
}

/// The program, beside this library.
fn program() -> Option<PathBuf> {
    // SAFETY: a structure of pointers, for which null is a value.
    let mut found: libc::Dl_info = unsafe { std::mem::zeroed() };
    let here = program as fn() -> Option<PathBuf> as *const c_void;
    // SAFETY: `here` is an address within this library, and `found` is written to only.
    let name = unsafe {
        if libc::dladdr(here, &raw mut found) == 0 || found.dli_fname.is_null() {
            return None;
        }
        CStr::from_ptr(found.dli_fname)
    };
    let library = Path::new(OsStr::from_bytes(name.to_bytes()));
    let program = library.with_file_name(format!("streamroot-trial{}", std::env::consts::EXE_SUFFIX));
    program.is_file().then_some(program)
}

// ---------------------------------------------------------------- in the process of its own

/// Reads a request from standard input, examines the files, and writes the answer to standard output.
#[unsafe(no_mangle)]
pub extern "C" fn streamroot_trial() -> c_int {
    std::panic::set_hook(Box::new(|_| {}));
    let answered = catch_unwind(|| {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).ok()?;
        let (inputs, renames) = read_request(&bytes)?;
        limit(&inputs);
        let trial = || {
            catch_unwind(AssertUnwindSafe(|| examine_here(&inputs, &renames)))
                .unwrap_or_else(|panic| Err(damaged(inputs[0].path.display(), said_by(&*panic))))
        };
        let answer = std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, trial).ok()?;
            thread.join().ok()
        })?;
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(&write_response(answer)).and_then(|()| stdout.flush()).ok()
    });
    match answered {
        // SAFETY: ends the process. Threads of polars may be stuck in what they do, and nobody waits for them.
        Ok(Some(())) => unsafe { libc::_exit(0) },
        _ => 1,
    }
}

/// Memory beyond what the machine has is refused instead of lent, and no core is left behind. On Linux, when memory runs out
/// all the same, this process goes first, and it goes with its parent.
fn limit(inputs: &[Input]) {
    let files: u64 = inputs.iter().filter_map(|input| Some(input.path.metadata().ok()?.len())).sum();
    // SAFETY: plain calls to the system, on values of their own.
    unsafe {
        let memory = u64::try_from(libc::sysconf(libc::_SC_PHYS_PAGES)).unwrap_or(u64::MAX >> 16)
            * u64::try_from(libc::sysconf(libc::_SC_PAGESIZE)).unwrap_or(4096);
        // The stacks and heaps of threads reserve more addresses than they use.
        let most = memory.saturating_add(2 * files).saturating_add(8 << 30);
        libc::setrlimit(libc::RLIMIT_AS, &libc::rlimit { rlim_cur: most, rlim_max: most });
        libc::setrlimit(libc::RLIMIT_CORE, &libc::rlimit { rlim_cur: 0, rlim_max: 0 });
        #[cfg(target_os = "linux")]
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
    #[cfg(target_os = "linux")]
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
}

// ---------------------------------------------------------------- what is sent

/// An input's path, which need not be UTF-8, its format, the length of the opened directory's part, and its partitions.
type SentInput = (OsString, Format, usize, Vec<(String, String)>);

fn request(inputs: &[Input], renames: &Renames) -> Vec<u8> {
    let sent = |Input { path, format, partitions, below }: &Input| -> SentInput {
        (path.clone().into(), *format, *below, partitions.clone())
    };
    serde_json::to_vec(&(inputs.iter().map(sent).collect::<Vec<_>>(), renames)).unwrap_or_default()
}

fn read_request(bytes: &[u8]) -> Option<(Vec<Input>, Renames)> {
    let (sent, renames): (Vec<SentInput>, Renames) = serde_json::from_slice(bytes).ok()?;
    let input = |(path, format, below, partitions): SentInput| Input { path: path.into(), format, partitions, below };
    let inputs: Vec<Input> = sent.into_iter().map(input).collect();
    (!inputs.is_empty()).then_some((inputs, renames))
}

/// What is sent of an answer: an error is a status and a sentence.
type Answer = std::result::Result<Examined, (AdbcStatusCode, String)>;

fn write_response(answer: Result<Examined>) -> Vec<u8> {
    let answer: Answer = answer.map_err(|error| (error.status.into(), error.message));
    serde_json::to_vec(&answer).unwrap_or_default()
}

/// An answer, if it is a whole one.
fn response(bytes: &[u8]) -> Option<Result<Examined>> {
    let answer: Answer = serde_json::from_slice(bytes).ok()?;
    Some(answer.map_err(|(status, message)| {
        Error::with_message_and_status(message, Status::try_from(status).unwrap_or(Status::Internal))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::invalid_data;
    use crate::faults::{Entry, Fault};

    #[test]
    fn what_is_sent_comes_back() {
        let input = |path: &str, format| Input {
            path: path.into(),
            format,
            partitions: vec![("day".to_owned(), "a=\n\0".to_owned()), ("é".to_owned(), String::new())],
            below: 2,
        };
        let renames = Renames { pairs: vec![("stream".to_owned(), "a\"'b".to_owned())], any_table: true };
        let inputs = [input("/a b/ö.parquet", Format::Parquet), input("x", Format::Ipc)];
        let (found, found_renames) = read_request(&request(&inputs, &renames)).unwrap();
        assert_eq!(format!("{found:?} {found_renames:?}"), format!("{inputs:?} {renames:?}"));

        let entry = Entry {
            fault: Fault::Negative,
            column: Some(3),
            rows: 7,
            line: 1 << 40,
            file: 2,
            example: "-1\n".to_owned(),
        };
        let row = Entry { fault: Fault::TooLong, column: None, ..entry.clone() };
        let faults = vec![entry, row];
        let bytes = write_response(Ok(Examined { rows: 5, faults: faults.clone() }));
        let back = response(&bytes).unwrap().unwrap();
        assert_eq!((back.rows, back.faults), (5, faults));
        assert!((1..bytes.len()).filter(|cut| response(&bytes[..*cut]).is_some()).count() < 4, "cut answers are taken");

        let error = response(&write_response(Err(invalid_data("it's damaged")))).unwrap().err().unwrap();
        assert_eq!((error.message.as_str(), error.status), ("it's damaged", Status::InvalidData));
    }
}
