//! How an error of a cell reads: a name, a sentence, and the place in the cell.

use evcxr::{CompilationError, Theme};
use jupyter_protocol::messaging::ReplyError;

use crate::runner::link::{Failure, FailureKind, Gone};

const RED: &str = "\x1b[31m";
const PLAIN: &str = "\x1b[0m";

/// What a front end shows of a cell that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellError {
    pub name: String,
    pub sentence: String,
    pub traceback: Vec<String>,
}

impl CellError {
    /// An error that is said in one sentence.
    pub fn new(name: &str, sentence: impl Into<String>) -> Self {
        let sentence = sentence.into();
        let traceback = format!("{RED}{name}{PLAIN}: {sentence}").lines().map(str::to_owned).collect();
        Self { name: name.to_owned(), sentence, traceback }
    }

    /// An error at a line of the cell.
    pub fn at(mut self, line: Option<(usize, &str)>) -> Self {
        if let Some((number, text)) = line {
            self.traceback.push(format!("{number:>4} │ {}", text.trim_end()));
        }
        self
    }

    /// What the compiler, or evcxr in its place, has to say of `code`.
    pub fn of_evcxr(error: &evcxr::Error, code: &str) -> Self {
        let errors = match error {
            evcxr::Error::CompilationErrors(errors) if !errors.is_empty() => errors,
            other => return Self::new("Error", other.to_string()),
        };
        let errors: Vec<_> = errors.iter().filter(|error| error.level() == "error").collect();
        if errors.is_empty() {
            // What is wrong stands where evcxr stores the variables.
            return Self::new(
                "CompileError",
                "A variable of this cell has a type that can't be written down here. Import what the type names, give the \
                 variable a type, or put the cell in braces if nothing of it need stay.",
            );
        }
        let sentence = errors.iter().map(|error| error.message()).collect::<Vec<_>>().join("\n");
        let traceback = errors.into_iter().flat_map(|error| report(error, code)).collect();
        Self { name: "CompileError".into(), sentence, traceback }
    }

    /// A failure of the cell `code`, which was compiled as a part of `source`.
    pub fn of_failure(failure: &Failure, code: &str, source: &str) -> Self {
        let line = line_of_cell(code, source, failure.line);
        let error = match failure.kind {
            FailureKind::Error => Self::new("Error", &failure.message),
            FailureKind::Panic => Self::new("Panic", &failure.message),
            FailureKind::Interrupt => Self::new(
                "Interrupted",
                "What the cell had started was ended, and then it came to its end by itself. No variable is lost.",
            ),
        };
        error.at(line)
    }

    /// The end of the process that ran the cells, with what is lost by it and the statements that bring that back, if they
    /// are known.
    pub fn of_end(gone: &Gone, lost: &[&str], statements: &[&str]) -> Self {
        let (name, mut sentence) = match gone {
            Gone::Interrupted => {
                ("Interrupted", "The cell was ended, and with it the process that holds the variables.".to_owned())
            }
            Gone::OutOfMemory { limit } => (
                "OutOfMemory",
                format!(
                    "The cell took more than {:.1} GB of memory, its share of this machine, and was ended before the machine \
                     stalled. STREAMROOT_MEMORY sets the share (such as 60% or 8GB).",
                    *limit as f64 / 1e9
                ),
            ),
            Gone::Signal(signal) => {
                ("ProcessEnded", format!("The process that runs the cells has crashed ({}).", signal_name(*signal)))
            }
            Gone::Exit(code) => {
                ("ProcessEnded", format!("The cell has ended the process that runs the cells (exit code {code})."))
            }
        };
        if lost.is_empty() {
            return Self::new(name, sentence);
        }
        sentence.push_str(&format!(" These variables are lost: {}.", lost.join(", ")));
        sentence.push_str(" To have them back, choose Run > Run All Above Selected Cell");
        if statements.is_empty() {
            sentence.push('.');
        } else {
            sentence.push_str(", or run:");
            for statement in statements {
                sentence.push_str("\n    ");
                sentence.push_str(statement);
            }
        }
        Self::new(name, sentence)
    }

    pub fn reply(&self) -> Box<ReplyError> {
        let Self { name, sentence, traceback } = self.clone();
        Box::new(ReplyError { ename: name, evalue: sentence, traceback })
    }
}

/// A compiler's error as its own report, or in plain lines where that can't be drawn.
fn report(error: &CompilationError, code: &str) -> Vec<String> {
    let file = "this cell".to_owned();
    let drawn = std::panic::catch_unwind(|| {
        let report = error.build_report(file.clone(), code.to_owned(), Theme::Light)?;
        let mut bytes = Vec::new();
        report.write(ariadne::sources([(file, code)]), &mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect::<Vec<_>>())
    });
    if error.is_from_user_code()
        && let Ok(Some(lines)) = drawn
    {
        return lines;
    }
    let mut lines = vec![format!("{RED}Error{PLAIN}: {}", error.message())];
    for message in error.spanned_messages() {
        let Some(span) = &message.span else { continue };
        lines.extend(message.lines.iter().zip(span.start_line..).map(|(line, number)| format!("{number:>4} │ {line}")));
        let (start, end) = (span.start_column, span.end_column.max(span.start_column + 1));
        lines.push(format!("     │ {}{} {}", " ".repeat(start - 1), "^".repeat(end - start), message.label));
    }
    lines.extend(error.help().iter().map(|help| format!("help: {help}")));
    lines
}

/// The line of the cell, from 1, that is line `line` of what was compiled. evcxr compiles a cell's statements as they
/// stand, each beginning a line; of lines that stand more than once it can't be told which it is.
fn line_of_cell<'a>(code: &'a str, source: &str, line: usize) -> Option<(usize, &'a str)> {
    let compiled = source.lines().nth(line.checked_sub(1)?)?.trim();
    let the_one = |is_it: &dyn Fn(&str) -> bool| {
        let mut lines = code.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty() && is_it(line));
        match (lines.next(), lines.next()) {
            (Some((text, number)), None) => Some((number, text)),
            _ => None,
        }
    };
    if compiled.is_empty() {
        return None;
    }
    // A statement behind another on its line is compiled by itself; the last one stands in what shows its value.
    the_one(&|line| line.contains(compiled)).or_else(|| the_one(&|line| compiled.contains(line.trim())))
}

fn signal_name(signal: i32) -> String {
    match signal {
        libc::SIGSEGV => "segmentation fault, SIGSEGV".into(),
        libc::SIGABRT => "it aborted, SIGABRT".into(),
        libc::SIGBUS => "bus error, SIGBUS".into(),
        libc::SIGILL => "illegal instruction, SIGILL".into(),
        libc::SIGKILL => "it was killed, SIGKILL; perhaps the machine ran out of memory".into(),
        libc::SIGTERM => "it was told to end, SIGTERM".into(),
        signal => format!("signal {signal}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_cell_is_found_in_what_was_compiled() {
        let code = "let a = 1;\nlet b = f(a)?; let c = g(b)?;\nf(a)?";
        let source = "fn x() {\nlet a = 1;\nlet b = f(a)?;\n let c = g(b)?;\n(f(a)?\n).evcxr_display();";
        assert_eq!(line_of_cell(code, source, 2), Some((1, "let a = 1;")));
        assert_eq!(line_of_cell(code, source, 3).map(|line| line.0), Some(2));
        assert_eq!(line_of_cell(code, source, 4).map(|line| line.0), Some(2));
        assert_eq!(line_of_cell(code, source, 0), None);
        assert_eq!(line_of_cell(code, source, 99), None);
        assert_eq!(line_of_cell("f()?\nf()?", "f()?", 1), None, "either may be meant");
    }

    #[test]
    fn what_is_lost_is_named_with_what_brings_it_back() {
        let open = "let sessions = Sessions::open(\"a.csv\")?;";
        let error = CellError::of_end(&Gone::Interrupted, &["sessions", "x"], &[open]);
        assert!(error.sentence.contains("lost: sessions, x."), "{}", error.sentence);
        assert!(error.sentence.ends_with(&format!("or run:\n    {open}")), "{}", error.sentence);
        let error = CellError::of_end(&Gone::Exit(3), &["x"], &[]);
        assert!(error.sentence.ends_with("Run All Above Selected Cell."), "{}", error.sentence);
        let error = CellError::of_end(&Gone::Exit(3), &[], &[]);
        assert!(error.sentence.ends_with("(exit code 3)."), "{}", error.sentence);
    }
}
