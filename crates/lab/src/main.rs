//! `cargo lab`: sets up, opens, runs, tests and measures the notebooks.

mod bench;
mod beside;
mod cli;
mod clock;
mod data;
mod engines;
mod environment;
mod estimate;
mod fuzz;
mod json;
mod jupyter;
mod notebooks;
mod own_jupyter;
mod progress;
mod project;
mod setup;
mod stamp;
mod step;
mod test;

use std::process::ExitCode;
use std::time::Instant;

use cli::{Action, OfKernel};
use project::Project;
use setup::Setup;

fn main() -> ExitCode {
    if let Some(code) = fuzz::compiled() {
        return code;
    }
    let action = match cli::parse(std::env::args_os().skip(1)) {
        Ok(action) => action,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    act(action).unwrap_or_else(|message| {
        eprintln!("{message}");
        ExitCode::FAILURE
    })
}

fn act(action: Action) -> Result<ExitCode, String> {
    let project = Project::find()?;
    match action {
        Action::Help { of } => {
            print!("{}", cli::usage(of.as_deref()));
            Ok(ExitCode::SUCCESS)
        }
        Action::Setup => {
            Setup::begin(&project, true)?.everything()?;
            Ok(ExitCode::SUCCESS)
        }
        Action::Open { browser, state, more } => beside::open(&project, browser, state, &more),
        Action::GoOn => beside::go_on(&project),
        Action::Run { names, sessions, check, engine, stock } => {
            // What is wrong with the command line is said before minutes of set-up.
            let sessions = sessions.as_deref().map(notebooks::sessions).transpose()?;
            let run = notebooks::Run { names, sessions, check, engine, stock };
            notebooks::run_command(&project, &run)?;
            Setup::begin(&project, false)?.everything()?;
            if let Some(engine) = engine {
                engines::ready(&project, engine)?;
            }
            notebooks::run(&project, &run)
        }
        Action::Export { names, to, no_code, html } => {
            let export = notebooks::export_command(&project, &names, to.as_deref(), no_code, html)?;
            Setup::begin(&project, false)?.jupyterlab()?;
            jupyter::become_command(export)
        }
        Action::Test { parts, thorough, within } => {
            let until = within.map(|within| Instant::now() + within);
            Setup::begin(&project, true)?.everything()?;
            test::test(&project, &parts, thorough, until)
        }
        Action::Bench { repeat, with_stock } => {
            Setup::begin(&project, false)?.everything()?;
            bench::bench(&project, repeat, with_stock)
        }
        Action::ByHand => {
            Setup::begin(&project, false)?.everything()?;
            bench::by_hand(&project)
        }
        Action::LabExtension { place } => {
            own_jupyter::install_extension(&project, &place)?;
            Ok(ExitCode::SUCCESS)
        }
        Action::Kernel { what, place } => {
            match what {
                OfKernel::Install => {
                    Setup::begin(&project, false)?.everything()?;
                    own_jupyter::install_kernel(&project, &place)?;
                }
                OfKernel::Uninstall => own_jupyter::uninstall_kernel(&place)?,
                OfKernel::List => own_jupyter::list_kernels(&project, &place)?,
            }
            Ok(ExitCode::SUCCESS)
        }
        Action::Scale { largest } => {
            Setup::begin(&project, false)?.everything()?;
            bench::scale(&project, largest)
        }
        Action::Fuzz { seconds } => {
            Setup::begin(&project, false)?.programs()?;
            fuzz::fuzz(&project, seconds)
        }
        Action::Data { more } if more.is_empty() => {
            Setup::begin(&project, true)?.reconstruction()?;
            Ok(ExitCode::SUCCESS)
        }
        Action::Data { more } => {
            Setup::begin(&project, false)?.programs()?;
            jupyter::reconstruction(&project, &more)
        }
    }
}
