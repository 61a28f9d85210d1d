//! What the user asks for.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use lexopt::Arg::{Long, Short, Value};
use lexopt::ValueExt;

use crate::own_jupyter::Place;

/// What there is, command by command: its name, how it is used, and examples.
const COMMANDS: [(&str, &str, &str); 11] = [
    (
        "open",
        "\
cargo lab                       open JupyterLab on notebooks/, and set up what is missing
    --no-browser                print the address, and leave opening it to you
    -- OPTION…                  options for JupyterLab
",
        "\
cargo lab
cargo lab --no-browser -- --ServerApp.port=9000
",
    ),
    (
        "setup",
        "\
cargo lab setup                 the set-up alone
",
        "\
cargo lab setup
",
    ),
    (
        "run",
        "\
cargo lab run [NAME…]           run notebooks from top to bottom, and write their outputs into them
    --sessions FILE             … on another file or glob; the results go to target/lab/runs/
    --check                     … and compare with what is committed, writing nothing
    --engine sail|duckdb        … on another engine, and compare with what is committed
    --kernel stock              … in evcxr's own kernel, and compare with what is committed
",
        "\
cargo lab run 07-offload
cargo lab run 01-general-analysis 08-opportunity --sessions 'logs/2026-*.parquet'
cargo lab run --check
",
    ),
    (
        "export",
        "\
cargo lab export [NAME…]        notebooks as they are saved, for readers: HTML and, with Chromium, PDF, in target/lab/export/
    --no-code                   … without the cells' code
    --html                      … without PDF
    --to DIR                    … in another directory
",
        "\
cargo lab export
cargo lab export 07-offload --no-code --to ~/report
",
    ),
    (
        "test",
        "\
cargo lab test [PART…]          all parts of the tests, or some of: rust, scripts, kernel, spare, notebooks, engines,
                                browser, by-hand, minute, surroundings; and, if thorough or named, machines
    --thorough                  … and all of each, which takes some hours: Tab everywhere, every notebook in a browser
    --within MINUTES            … and begin no further part once so many minutes have passed
",
        "\
cargo lab test
cargo lab test rust notebooks
cargo lab test --within 60
",
    ),
    (
        "bench",
        "\
cargo lab bench                 how long cells, starts and the engine take, beside pandas and seaborn
    --quick                     … in 2 runs of each instead of 10, to see that it works
    --repeat N                  … in N runs
    --with-stock-evcxr          … beside polars in evcxr's own kernel too, which takes a quarter of an hour, once
    --by-hand                   … instead, how quickly figures follow a hand in JupyterLab's page; needs Chromium
    --scale                     … instead, up to 107 million sessions beside DuckDB and pandas; needs 15 GB of disk
    --largest N                 … up to N times the data set, of 1, 10, 100 and 200
",
        "\
cargo lab bench --quick
cargo lab bench --scale --largest 10
",
    ),
    (
        "kernel",
        "\
cargo lab kernel install        make the kernel known to a Jupyter or a VS Code of your own:
    --user                      … to all of yours
    --prefix DIR                … to that of one Python environment
cargo lab kernel uninstall      take it away again, --user or --prefix DIR
cargo lab kernel list           say whether it is there: --user, which it is unless told otherwise, or --prefix DIR
",
        "\
cargo lab kernel install --user
cargo lab kernel uninstall --prefix ~/venvs/analysis
",
    ),
    (
        "lab-extension",
        "\
cargo lab lab-extension         put what follows the hand into a JupyterLab of your own:
    --user                      … into all of yours
    --prefix DIR                … into that of one Python environment
",
        "\
cargo lab lab-extension --user
",
    ),
    (
        "fuzz",
        "\
cargo lab fuzz                  feed the engine made-up CSV files until one goes wrong; needs a C++ compiler
    --seconds N                 … or until N seconds have passed, 60 unless told otherwise
",
        "\
cargo lab fuzz --seconds 600
",
    ),
    (
        "data",
        "\
cargo lab data [OPTION…]        make the reconstruction again; with options, run it with them
",
        "\
cargo lab data
cargo lab data --help
",
    ),
    (
        "help",
        "\
cargo lab COMMAND --help        examples
",
        "\
cargo lab run --help
",
    ),
];

/// How a command is used, with examples; or all of them, without.
pub fn usage(of: Option<&str>) -> String {
    match COMMANDS.iter().find(|(name, ..)| of == Some(*name)) {
        Some((_, usage, examples)) => {
            let examples: String = examples.lines().map(|line| format!("    {line}\n")).collect();
            format!("{usage}\nFor example:\n{examples}")
        }
        None => {
            let all: String = COMMANDS.iter().map(|(_, usage, _)| *usage).collect();
            format!("The Streamroot notebooks\n\n{all}")
        }
    }
}

/// The command that goes on with a set-up.
pub const GO_ON: &str = "go-on";

/// How often the benchmark runs each thing, unless told otherwise.
const BENCH_RUNS: usize = 10;

/// How long the fuzzer runs, unless told otherwise.
const FUZZ_SECONDS: u32 = 60;

/// A command.
#[derive(Debug, PartialEq)]
pub enum Action {
    /// JupyterLab. `state` is where it keeps its own files; the browser tests give one of theirs.
    Open { browser: bool, state: Option<PathBuf>, more: Vec<OsString> },
    /// The set-up alone.
    Setup,
    /// What is left of a set-up, beside JupyterLab. `Open` starts it; nobody types it.
    GoOn,
    /// Notebooks without a browser.
    Run { names: Vec<String>, sessions: Option<PathBuf>, check: bool, engine: Option<Engine>, stock: bool },
    /// Notebooks as pages for readers.
    Export { names: Vec<String>, to: Option<PathBuf>, no_code: bool, html: bool },
    /// Tests, all parts of them if none is named; `thorough` leaves nothing of these out, and none is
    /// begun when as much time has passed as there is `within`.
    Test { parts: Vec<Part>, thorough: bool, within: Option<Duration> },
    /// The benchmark.
    Bench { repeat: usize, with_stock: bool },
    /// The benchmark of larger and larger files, up to so many times the data set.
    Scale { largest: u32 },
    /// The benchmark of what follows a hand in JupyterLab's page.
    ByHand,
    /// The kernel, in a Jupyter of the user's own.
    Kernel { what: OfKernel, place: Place },
    /// The extension of JupyterLab's page, for a JupyterLab of the user's own.
    LabExtension { place: Place },
    /// The fuzzer.
    Fuzz { seconds: u32 },
    /// The reconstruction, with its own options.
    Data { more: Vec<OsString> },
    /// How a command is used, or all of them.
    Help { of: Option<String> },
}

/// What is done with the kernel of a Jupyter of the user's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfKernel {
    /// It is made known.
    Install,
    /// It is taken away.
    Uninstall,
    /// It is looked for.
    List,
}

/// An engine beside the embedded one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Sail, a distributed engine, with a driver and two workers on this machine.
    Sail,
    /// DuckDB.
    DuckDb,
}

impl Engine {
    /// All of them.
    pub const ALL: [Engine; 2] = [Engine::Sail, Engine::DuckDb];

    /// The name it has on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Sail => "sail",
            Engine::DuckDb => "duckdb",
        }
    }
}

/// A part of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `cargo test`.
    Rust,
    /// The Python files of this crate.
    Scripts,
    /// What the kernel promises.
    Kernel,
    /// The kernel that is started before anybody asks for one.
    Spare,
    /// The notebooks' outputs.
    Notebooks,
    /// The notebooks on other engines, and what can go wrong with one.
    Engines,
    /// JupyterLab in Chromium.
    Browser,
    /// What a hand drags, types and slides in JupyterLab's page, and what follows it.
    ByHand,
    /// JupyterLab while the set-up is not complete.
    Minute,
    /// A wrong clock, no network, a killed JupyterLab and the like.
    Surroundings,
    /// Whether everything compiles for machines that this one is not.
    Machines,
}

impl Part {
    /// All parts, in the order in which they run.
    pub const ALL: [Part; 11] = [
        Part::Rust,
        Part::Scripts,
        Part::Kernel,
        Part::Spare,
        Part::Notebooks,
        Part::Engines,
        Part::Browser,
        Part::ByHand,
        Part::Minute,
        Part::Surroundings,
        Part::Machines,
    ];

    /// The name it has on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Part::Rust => "rust",
            Part::Scripts => "scripts",
            Part::Kernel => "kernel",
            Part::Spare => "spare",
            Part::Notebooks => "notebooks",
            Part::Engines => "engines",
            Part::Browser => "browser",
            Part::ByHand => "by-hand",
            Part::Minute => "minute",
            Part::Surroundings => "surroundings",
            Part::Machines => "machines",
        }
    }
}

/// Reads the command line, without the name of the program.
///
/// # Errors
/// What can't be understood, in a sentence.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Action, String> {
    read(lexopt::Parser::from_args(arguments)).map_err(|error| match error {
        lexopt::Error::Custom(message) => message.to_string(),
        error => format!("{error}. `cargo lab --help` lists the commands."),
    })
}

fn read(mut parser: lexopt::Parser) -> Result<Action, lexopt::Error> {
    let mut command = None;
    let (mut browser, mut state, mut more) = (true, None, Vec::new());
    let (mut values, mut sessions, mut check, mut engine, mut stock) = (Vec::new(), None, false, None, false);
    let (mut repeat, mut with_stock) = (BENCH_RUNS, false);
    let (mut scale, mut largest) = (false, 200);
    let (mut by_hand, mut place, mut thorough) = (false, None, false);
    let mut seconds = FUZZ_SECONDS;
    let (mut to, mut no_code, mut html, mut within) = (None, false, false, None);
    loop {
        // A lone `--` ends our own options. It is looked for here, because lexopt would read past it.
        let is_open = matches!(command.as_deref(), None | Some("open"));
        if is_open
            && let Some(mut raw) = parser.try_raw_args().filter(|raw| raw.peek().is_some_and(|next| next == "--"))
        {
            raw.next();
            more = raw.collect();
            break;
        }
        let Some(argument) = parser.next()? else { break };
        match (argument, command.as_deref()) {
            (Short('h') | Long("help"), _) => return Ok(Action::Help { of: command }),
            (Long("no-browser"), None | Some("open")) => browser = false,
            (Long("state"), None | Some("open")) => state = Some(PathBuf::from(parser.value()?)),
            (Long("sessions"), Some("run")) => sessions = Some(PathBuf::from(parser.value()?)),
            (Long("check"), Some("run")) => check = true,
            (Long("engine"), Some("run")) => engine = Some(an_engine(&parser.value()?.string()?)?),
            (Long("kernel"), Some("run")) => match parser.value()?.string()?.as_str() {
                "stock" => stock = true,
                "streamroot" => stock = false,
                other => {
                    let error = format!("`--kernel` does not know `{other}`. It knows: streamroot, stock.");
                    return Err(error.as_str().into());
                }
            },
            (Long("to"), Some("export")) => to = Some(PathBuf::from(parser.value()?)),
            (Long("no-code"), Some("export")) => no_code = true,
            (Long("html"), Some("export")) => html = true,
            (Long("thorough"), Some("test")) => thorough = true,
            (Long("within"), Some("test")) => {
                let value = parser.value()?.string()?;
                let minutes = value.parse().ok().filter(|&minutes: &u64| minutes > 0).ok_or_else(|| {
                    lexopt::Error::from(format!("`--within` takes a number of minutes, not `{value}`.").as_str())
                })?;
                within = Some(Duration::from_secs(60 * minutes));
            }
            (Long("quick"), Some("bench")) => repeat = 2,
            (Long("repeat"), Some("bench")) => {
                let value = parser.value()?.string()?;
                repeat = value.parse().ok().filter(|&runs| runs > 0).ok_or_else(|| {
                    lexopt::Error::from(format!("`--repeat` takes a number of runs from 1 on, not `{value}`.").as_str())
                })?;
            }
            (Long("with-stock-evcxr"), Some("bench")) => with_stock = true,
            (Long("scale"), Some("bench")) => scale = true,
            (Long("by-hand"), Some("bench")) => by_hand = true,
            (Long("user"), Some("kernel" | "lab-extension")) => place = Some(Place::User),
            (Long("prefix"), Some("kernel" | "lab-extension")) => {
                place = Some(Place::Prefix(PathBuf::from(parser.value()?)))
            }
            (Long("largest"), Some("bench")) => {
                let value = parser.value()?.string()?;
                largest = value.parse().ok().filter(|&times| times > 0).ok_or_else(|| {
                    lexopt::Error::from(format!("`--largest` takes a number of times, not `{value}`.").as_str())
                })?;
            }
            (Long("seconds"), Some("fuzz")) => {
                let value = parser.value()?.string()?;
                seconds = value.parse().ok().filter(|&seconds| seconds > 0).ok_or_else(|| {
                    lexopt::Error::from(format!("`--seconds` takes a number of seconds, not `{value}`.").as_str())
                })?;
            }
            (Value(value), None) => {
                let value = value.string()?;
                if value == "data" {
                    return Ok(Action::Data { more: parser.raw_args()?.collect() });
                }
                command = Some(value);
            }
            (Value(value), Some("export" | "kernel" | "run" | "test")) => values.push(value.string()?),
            (other, _) => return Err(other.unexpected()),
        }
    }
    match command.as_deref() {
        None | Some("open") => Ok(Action::Open { browser, state, more }),
        Some("setup") => Ok(Action::Setup),
        Some("help") => Ok(Action::Help { of: None }),
        Some(GO_ON) => Ok(Action::GoOn),
        Some("run") if check && sessions.is_some() => {
            Err("`--check` compares with the committed outputs, and those are \
            of data/sessions.csv: leave out `--sessions`."
                .into())
        }
        Some("run") if stock && (sessions.is_some() || engine.is_some()) => {
            Err("`--kernel stock` compares with the committed outputs, and those are of data/sessions.csv and the embedded \
            engine: leave out `--sessions` and `--engine`."
                .into())
        }
        Some("run") if engine.is_some() && sessions.is_some() => {
            Err("`--engine` compares with the committed outputs, and those are \
            of data/sessions.csv: leave out `--sessions`."
                .into())
        }
        Some("run") => Ok(Action::Run { names: values, sessions, check, engine, stock }),
        Some("export") => Ok(Action::Export { names: values, to, no_code, html }),
        Some("kernel") => {
            let what = of_kernel(&values)?;
            let place = place.or((what == OfKernel::List).then_some(Place::User));
            let place = place.ok_or("`cargo lab kernel` needs to know where: `--user`, or `--prefix DIR`.")?;
            Ok(Action::Kernel { what, place })
        }
        Some("lab-extension") => match place {
            Some(place) => Ok(Action::LabExtension { place }),
            None => Err("`cargo lab lab-extension` needs to know where to: `--user`, or `--prefix DIR`.".into()),
        },
        Some("bench") if by_hand => Ok(Action::ByHand),
        Some("bench") if scale => Ok(Action::Scale { largest }),
        Some("bench") => Ok(Action::Bench { repeat, with_stock }),
        Some("fuzz") => Ok(Action::Fuzz { seconds }),
        Some("test") => Ok(Action::Test { parts: parts(&values, thorough)?, thorough, within }),
        Some(other) => {
            Err(format!("There is no command `{other}`. `cargo lab --help` lists the commands.").as_str().into())
        }
    }
}

fn of_kernel(words: &[String]) -> Result<OfKernel, lexopt::Error> {
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["install"] => Ok(OfKernel::Install),
        ["uninstall"] => Ok(OfKernel::Uninstall),
        ["list"] => Ok(OfKernel::List),
        _ => Err("`cargo lab kernel` is followed by install, uninstall or list.".into()),
    }
}

fn an_engine(name: &str) -> Result<Engine, lexopt::Error> {
    Engine::ALL.into_iter().find(|engine| engine.name() == name).ok_or_else(|| {
        let known = Engine::ALL.map(Engine::name).join(", ");
        format!("`--engine` does not know `{name}`. It knows: {known}.").as_str().into()
    })
}

fn parts(names: &[String], thorough: bool) -> Result<Vec<Part>, lexopt::Error> {
    if names.is_empty() {
        return Ok(Part::ALL.into_iter().filter(|&part| thorough || part != Part::Machines).collect());
    }
    let part = |name: &String| {
        Part::ALL.into_iter().find(|part| part.name() == name).ok_or_else(|| {
            let known = Part::ALL.map(Part::name).join(", ");
            format!("There is no part `{name}` of the tests. There are: {known}.").as_str().into()
        })
    };
    names.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Result<Action, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn nothing_opens_jupyterlab() {
        assert_eq!(of(""), Ok(Action::Open { browser: true, state: None, more: vec![] }));
        assert_eq!(of("open"), of(""));
        assert_eq!(of("--no-browser"), Ok(Action::Open { browser: false, state: None, more: vec![] }));
        let more = vec!["--ServerApp.port=9000".into(), "-x".into()];
        assert_eq!(
            of("--no-browser -- --ServerApp.port=9000 -x"),
            Ok(Action::Open { browser: false, state: None, more })
        );
    }

    #[test]
    fn run_takes_names_and_options_in_any_order() {
        let names = vec!["01-a".to_owned(), "02-b".to_owned()];
        assert_eq!(
            of("run 01-a --check 02-b"),
            Ok(Action::Run { names: names.clone(), sessions: None, check: true, engine: None, stock: false })
        );
        let sessions = Some(PathBuf::from("x.csv"));
        assert_eq!(
            of("run --sessions x.csv 01-a 02-b"),
            Ok(Action::Run { names, sessions, check: false, engine: None, stock: false })
        );
        assert!(of("run --sessions").is_err());
        assert!(of("run --check --sessions x.csv").is_err());
    }

    #[test]
    fn run_takes_an_engine_that_there_is() {
        let engine = Some(Engine::Sail);
        assert_eq!(
            of("run --engine sail"),
            Ok(Action::Run { names: vec![], sessions: None, check: false, engine, stock: false })
        );
        let stock = Action::Run { names: vec![], sessions: None, check: false, engine: None, stock: true };
        assert_eq!(of("run --kernel stock"), Ok(stock));
        assert!(of("run --kernel other").unwrap_err().contains("streamroot, stock"));
        assert!(of("run --engine spark").unwrap_err().contains("sail, duckdb"));
        assert!(of("run --engine duckdb --sessions x.csv").is_err());
        assert!(of("test --engine sail").is_err());
    }

    #[test]
    fn export_takes_names_and_a_directory() {
        let names = vec!["07-offload".to_owned()];
        let to = Some(PathBuf::from("/tmp/report"));
        assert_eq!(
            of("export --no-code 07-offload --to /tmp/report"),
            Ok(Action::Export { names, to, no_code: true, html: false })
        );
        assert_eq!(of("export --html"), Ok(Action::Export { names: vec![], to: None, no_code: false, html: true }));
        assert!(of("run --html").is_err());
    }

    #[test]
    fn data_hands_its_options_on() {
        let more = vec!["--sessions".into(), "1000".into()];
        assert_eq!(of("data --sessions 1000"), Ok(Action::Data { more }));
    }

    #[test]
    fn bench_takes_its_number_of_runs() {
        assert_eq!(of("bench"), Ok(Action::Bench { repeat: BENCH_RUNS, with_stock: false }));
        assert_eq!(of("bench --quick --with-stock-evcxr"), Ok(Action::Bench { repeat: 2, with_stock: true }));
        assert_eq!(of("bench --repeat 25"), Ok(Action::Bench { repeat: 25, with_stock: false }));
        assert_eq!(of("bench --scale --largest 10"), Ok(Action::Scale { largest: 10 }));
        assert_eq!(of("bench --by-hand"), Ok(Action::ByHand));
        assert!(of("bench --repeat 0").unwrap_err().contains("`0`"));
        assert!(of("bench --repeat many").unwrap_err().contains("`many`"));
        assert!(of("run --quick").is_err());
    }

    #[test]
    fn the_extension_is_told_where_to_go() {
        assert_eq!(of("lab-extension --user"), Ok(Action::LabExtension { place: Place::User }));
        let place = Place::Prefix("/opt/venv".into());
        assert_eq!(of("lab-extension --prefix /opt/venv"), Ok(Action::LabExtension { place }));
        assert!(of("lab-extension").unwrap_err().contains("--user"));
    }

    #[test]
    fn the_kernel_is_told_where_to_go() {
        assert_eq!(of("kernel install --user"), Ok(Action::Kernel { what: OfKernel::Install, place: Place::User }));
        let place = Place::Prefix("/opt/venv".into());
        assert_eq!(of("kernel uninstall --prefix /opt/venv"), Ok(Action::Kernel { what: OfKernel::Uninstall, place }));
        assert_eq!(of("kernel list"), Ok(Action::Kernel { what: OfKernel::List, place: Place::User }));
        assert!(of("kernel install").unwrap_err().contains("--user"));
        assert!(of("kernel --user").unwrap_err().contains("uninstall"));
        assert!(of("kernel instal --user").is_err());
    }

    #[test]
    fn fuzz_takes_seconds() {
        assert_eq!(of("fuzz"), Ok(Action::Fuzz { seconds: FUZZ_SECONDS }));
        assert_eq!(of("fuzz --seconds 5"), Ok(Action::Fuzz { seconds: 5 }));
        assert!(of("fuzz --seconds 0").unwrap_err().contains("`0`"));
    }

    #[test]
    fn every_command_has_examples_that_it_understands() {
        assert_eq!(of("run --help"), Ok(Action::Help { of: Some("run".to_owned()) }));
        assert_eq!(of("--help"), Ok(Action::Help { of: None }));
        for (name, usage, examples) in COMMANDS {
            for example in examples.lines() {
                let words = example.strip_prefix("cargo lab").unwrap_or_else(|| panic!("{example}"));
                assert!(of(words).is_ok(), "{example}: {:?}", of(words));
            }
            let options =
                usage.lines().filter_map(|line| line.trim_start().split("  ").next()).filter(|o| o.starts_with("--"));
            for option in options.filter(|option| !option.starts_with("-- ")) {
                // Of a value, any number does, or the first word of those that are named.
                let (option, value) = option.split_once(' ').unwrap_or((option, ""));
                let value = if value == value.to_uppercase() && !value.is_empty() { "3" } else { value };
                let value = value.split('|').next().unwrap_or_default();
                let words = if name == "kernel" { "install" } else { "" };
                assert!(of(&format!("{name} {words} {option} {value}")).is_ok(), "{name} {option} {value}");
            }
            assert!(super::usage(Some(name)).contains(usage) && super::usage(None).contains(usage), "{name}");
        }
    }

    #[test]
    fn an_option_of_another_command_is_refused() {
        assert!(of("setup --check").is_err());
        assert!(of("run --no-browser").is_err());
        assert!(of("setup now").is_err());
    }

    #[test]
    fn unknown_words_are_named() {
        assert!(of("tset").unwrap_err().contains("`tset`"));
        assert!(of("test nonsense").unwrap_err().contains("rust, scripts, kernel, spare, notebooks, engines, browser"));
        assert_eq!(of("test browser"), Ok(Action::Test { parts: vec![Part::Browser], thorough: false, within: None }));
        let within = Some(Duration::from_secs(600));
        assert_eq!(
            of("test browser --within 10"),
            Ok(Action::Test { parts: vec![Part::Browser], thorough: false, within })
        );
        let parts = |line: &str| match of(line) {
            Ok(Action::Test { parts, .. }) => parts,
            other => panic!("{line}: {other:?}"),
        };
        assert_eq!(parts("test machines"), [Part::Machines]);
        assert!(!parts("test").contains(&Part::Machines) && parts("test --thorough").contains(&Part::Machines));
        assert!(of("test --within soon").unwrap_err().contains("`soon`"));
        assert_eq!(
            of("test --thorough browser"),
            Ok(Action::Test { parts: vec![Part::Browser], thorough: true, within: None })
        );
    }
}
