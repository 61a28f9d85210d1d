//! Every test there is, and one line at the end that counts them.

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use crate::cli::{Engine, Part};
use crate::engines;
use crate::environment;
use crate::jupyter;
use crate::notebooks::{self, Run};
use crate::project::Project;
use crate::step::{duration, show};

/// How many tests passed and failed, and what was said of those that failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Count {
    passed: u64,
    failed: u64,
    said: Vec<String>,
}

/// How many lines are repeated at the end of what was said of one that failed.
const REPEATED: usize = 12;

/// Runs parts of the tests, each whole if they are to be thorough. Those that would begin after some moment are left out, which
/// is said. The last line printed is `N passed, N failed`.
///
/// # Errors
/// A part can't be started at all.
pub fn test(project: &Project, parts: &[Part], thorough: bool, until: Option<Instant>) -> Result<ExitCode, String> {
    if parts.contains(&Part::Rust) {
        engines::ready(project, Engine::DuckDb)?;
    }
    if parts.contains(&Part::Engines) {
        Engine::ALL.into_iter().try_for_each(|engine| engines::ready(project, engine))?;
    }
    let mut total = Count::default();
    let mut summary = Vec::new();
    for &part in parts {
        if until.is_some_and(|until| Instant::now() > until) {
            summary.push(format!("{}: left out, since the time for it is over", part.name()));
            continue;
        }
        println!("\n== {} ==", part.name());
        let (began, mut count) = (Instant::now(), Count::default());
        for command in commands(project, part, thorough)? {
            let counted = run(project, command)?;
            count.passed += counted.passed;
            count.failed += counted.failed;
            count.said.extend(counted.said);
        }
        let took = duration(began.elapsed());
        summary.push(format!("{}: {} passed, {} failed in {took}", part.name(), count.passed, count.failed));
        total.passed += count.passed;
        total.failed += count.failed;
        summary.extend(count.said.into_iter().map(|line| format!("    {line}")));
    }
    println!("\n{}\n{} passed, {} failed", summary.join("\n"), total.passed, total.failed);
    Ok(if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The packages of the workspace. Each is tested by itself, as it is built; see [`Setup`](crate::setup::Setup).
const PACKAGES: [&str; 5] = ["streamroot", "streamroot-polars", "reconstruction", "kernel", "lab"];

/// The notebooks that re-make the older analysis.
const REMADE: [&str; 5] = ["01-general-analysis", "02-streams", "03-connection", "04-data", "05-conclusions"];

/// Those that other engines and the stock kernel run, unless tests are thorough: one that asks for most, one that checks figures.
const SOME: [&str; 2] = ["01-general-analysis", "05-conclusions"];

/// How many damaged files are opened when tests are thorough.
const MUTATIONS: &str = "200000";

fn commands(project: &Project, part: Part, thorough: bool) -> Result<Vec<Command>, String> {
    let state = project.lab().join("jupyter-run");
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let script = |name: &str, thorough: bool| {
        let mut script = jupyter::script(project, name, &state);
        script.arg("--root").arg(project.root()).args(thorough.then_some("--thorough"));
        script
    };
    // A test of `cargo lab` itself is given this program.
    let of_cargo_lab = |name: &str| {
        let myself = std::env::current_exe().map_err(|error| format!("Can't find myself: {error}."))?;
        let mut script = script(name, thorough);
        script.arg("--lab").arg(myself);
        Ok::<_, String>(vec![script])
    };
    Ok(match part {
        Part::Rust => PACKAGES
            .iter()
            .map(|package| {
                let mut cargo = project.cargo("test");
                cargo.args(["--release", "--locked", "--no-fail-fast", "--package", package]);
                cargo.envs(thorough.then_some(("STREAMROOT_MUTATIONS", MUTATIONS)));
                cargo
            })
            .collect(),
        Part::Scripts => vec![jupyter::script(project, "test_outputs.py", &state)],
        Part::Kernel => {
            vec![script("test_kernel.py", false), script("test_hand.py", thorough), script("test_again.py", thorough)]
        }
        Part::Spare => vec![script("test_spare.py", thorough)],
        Part::Notebooks => {
            let names = if thorough { Vec::new() } else { owned(&SOME) };
            vec![
                notebooks::run_command(project, &Run { check: true, ..Run::default() })?,
                notebooks::run_command(project, &Run { stock: true, names, ..Run::default() })?,
            ]
        }
        Part::Engines => {
            let run = |engine, names: &[&str]| {
                notebooks::run_command(project, &Run { names: owned(names), engine: Some(engine), ..Run::default() })
            };
            let mut wrong = script("test_engines.py", false);
            wrong.arg("--engine-python").arg(engines::python(project));
            // The Rust tests compare every aggregation with DuckDB, so one notebook of each kind is enough.
            vec![run(Engine::Sail, if thorough { &REMADE } else { &SOME })?, run(Engine::DuckDb, &SOME)?, wrong]
        }
        Part::Browser => of_cargo_lab("browser.py")?,
        Part::ByHand => of_cargo_lab("test_by_hand.py")?,
        Part::Minute => of_cargo_lab("test_minute.py")?,
        Part::Surroundings => of_cargo_lab("test_surroundings.py")?,
        Part::Machines => {
            let mut check = project.command(environment::ready(project, "machines")?);
            check.arg("-B").arg(project.script("check_machines.py")).arg("--root").arg(project.root());
            vec![check]
        }
    })
}

/// Runs one part, prints what it prints, and counts.
fn run(project: &Project, mut command: Command) -> Result<Count, String> {
    let shown = show(&command, project.root());
    let failed = |error: std::io::Error| format!("`{shown}` can't be run: {error}.");
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(failed)?;
    let mut tally = Tally::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.map_err(failed)?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            tally.line(&line);
        }
    }
    let status = child.wait().map_err(failed)?;
    let count = tally.end(status.success());
    if !status.success() {
        println!("`{shown}` ended with {status}");
    }
    Ok(count)
}

/// Counts tests from what their runners print.
#[derive(Debug, Default)]
struct Tally {
    /// From the result lines of cargo, one for each test binary.
    cargo: Option<Count>,
    /// From the plain closing line of the other runners. The last one counts.
    plain: Option<Count>,
    said: Vec<String>,
    /// How many more lines belong to the test that failed last.
    follow: usize,
}

impl Tally {
    fn line(&mut self, line: &str) {
        let line = line.trim_end();
        let fails = line.contains(" ... FAILED");
        self.follow = if fails { REPEATED } else { self.follow.saturating_sub(1) };
        if fails || self.follow > 0 && line.starts_with(' ') {
            self.said.push(line.to_owned());
        } else {
            self.follow = 0;
        }
        if let Some(rest) = line.strip_prefix("test result: ") {
            let numbers = rest.split_once(". ").and_then(|(_, numbers)| {
                let mut parts = numbers.split("; ");
                Some((number(parts.next()?, "passed")?, number(parts.next()?, "failed")?))
            });
            if let Some((passed, failed)) = numbers {
                let sum = self.cargo.get_or_insert_default();
                sum.passed += passed;
                sum.failed += failed;
            }
        } else if let Some((passed, failed)) = line.split_once(", ")
            && let (Some(passed), Some(failed)) = (number(passed, "passed"), number(failed, "failed"))
        {
            self.plain = Some(Count { passed, failed, said: Vec::new() });
        }
    }

    /// The count. A part that fails without a failed test (it did not compile, it broke off), or that counts nothing,
    /// is one failed test, so it can't go unseen.
    fn end(self, success: bool) -> Count {
        let mut count = self.cargo.or(self.plain).unwrap_or_default();
        if count.failed == 0 && (!success || count.passed == 0) {
            count.failed = 1;
        }
        Count { said: self.said, ..count }
    }
}

/// The number in `12 passed`.
fn number(text: &str, word: &str) -> Option<u64> {
    text.strip_suffix(word)?.trim_end().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(lines: &[&str], success: bool) -> (u64, u64) {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.line(line));
        let count = tally.end(success);
        (count.passed, count.failed)
    }

    #[test]
    fn cargos_results_are_added_up() {
        let lines = [
            "test a ... ok",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ];
        assert_eq!(count(&lines, false), (15, 2));
    }

    #[test]
    fn the_last_plain_line_counts() {
        assert_eq!(count(&["3 passed, 1 failed", "figure 2: 8 passed, 0 failed", "7 passed, 0 failed"], true), (7, 0));
    }

    #[test]
    fn what_failed_is_said_again() {
        let mut tally = Tally::default();
        let lines = [
            "a ... ok",
            "b ... FAILED (6 s)",
            "    it is 7",
            "c ... ok",
            "    of c",
            "test d ... FAILED",
            "1 passed, 2 failed",
        ];
        lines.iter().for_each(|line| tally.line(line));
        assert_eq!(tally.end(false).said, [lines[1], lines[2], lines[5]]);
    }

    #[test]
    fn a_failure_that_nothing_counted_is_one() {
        assert_eq!(count(&["error[E0308]: mismatched types"], false), (0, 1));
        assert_eq!(count(&["5 passed, 0 failed"], false), (5, 1));
        assert_eq!(count(&[], true), (0, 1), "nothing ran");
    }
}
