//! `reconstruction [--output FILE] [--sessions N] [--format csv|parquet]`, or one of its other files

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use lexopt::prelude::*;
use reconstruction::Format;

const HELP: &str = "\
Writes sessions that reproduce the published figures of the original data set.

Usage: reconstruction [--output FILE] [--sessions N] [--format csv|parquet]
       reconstruction --figures
       reconstruction --time [--output FILE]

  --output FILE    where to; data/sessions.csv unless given, with data/published.csv beside it
  --sessions N     N sessions drawn from the same distribution, for benchmarks
  --format FORMAT  csv or parquet; what FILE ends in unless given
  --figures        data/published.csv alone
  --time           a week of sessions that are made up, with their time: data/week.csv, or FILE
";

struct Options {
    output: Option<PathBuf>,
    sessions: Option<u64>,
    format: Option<Format>,
    figures: bool,
    time: bool,
}

fn main() -> ExitCode {
    match options().and_then(|options| options.map_or(Ok(()), |options| run(&options))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The options, or `None` when help was asked for.
fn options() -> Result<Option<Options>, Box<dyn std::error::Error>> {
    let mut options = Options { output: None, sessions: None, format: None, figures: false, time: false };
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("output") => options.output = Some(arguments.value()?.into()),
            Long("sessions") => options.sessions = Some(arguments.value()?.parse()?),
            Long("format") => {
                options.format = Some(match arguments.value()?.string()?.as_str() {
                    "csv" => Format::Csv,
                    "parquet" => Format::Parquet,
                    other => return Err(format!("--format is csv or parquet, not {other}").into()),
                });
            }
            Long("figures") => options.figures = true,
            Long("time") => options.time = true,
            Short('h') | Long("help") => {
                print!("{HELP}");
                return Ok(None);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(options))
}

fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    if options.figures {
        return Ok(reconstruction::write_figures(&data.join("published.csv"))?);
    }
    if options.time {
        if options.sessions.is_some() || options.format.is_some() {
            return Err("--time makes one file, of CSV: leave out --sessions and --format".into());
        }
        return Ok(reconstruction::write_week(options.output.as_deref().unwrap_or(&data.join("week.csv")))?);
    }
    let output = options.output.clone().unwrap_or_else(|| data.join("sessions.csv"));
    let ends_in_parquet = output.extension().is_some_and(|ending| ending == "parquet");
    let format = options.format.unwrap_or(if ends_in_parquet { Format::Parquet } else { Format::Csv });
    match options.sessions {
        Some(sessions) => reconstruction::write_scaled(&output, format, sessions)?,
        None => reconstruction::write(&output, format)?,
    }
    if options.output.is_none() {
        reconstruction::write_figures(&data.join("published.csv"))?;
    }
    Ok(())
}
