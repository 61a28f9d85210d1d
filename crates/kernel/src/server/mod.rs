//! The Jupyter server: what a front end asks, in the words of the
//! [messaging protocol](https://jupyter-client.readthedocs.io/en/stable/messaging.html).

mod again;
mod analysis;
mod bound;
mod connection;
mod control;
mod errors;
mod evaluator;
mod execution;
mod hand;
mod info;
mod input;
mod names;
mod output;
mod shell;
pub mod syntax;

pub use evaluator::start_alone;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};

use connection::Channels;
use evaluator::Evaluator;
use input::Input;
use output::Output;
use shell::Shell;

/// Serves the notebook whose connection file this is, until it is told to end. `started` is called when evcxr has compiled
/// what all cells need.
///
/// # Errors
/// The connection file can't be read, or its ports can't be had.
pub fn serve(connection_file: &Path, started: impl FnOnce() + Send + 'static) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let Channels { shell, control, input, sender } = runtime.block_on(connection::open(connection_file))?;
    let output = Arc::new(Output::new(sender.clone()));
    output.starting();
    let evaluator = Evaluator::start(Arc::clone(&output), Input::new(sender.clone(), input), started)?;
    let interrupts = evaluator.interrupts();
    let shell = Shell::new(sender.clone(), output, evaluator, shell);
    // Code that is nested deeply is analysed by functions that call themselves.
    std::thread::Builder::new().name("shell".into()).stack_size(256 << 20).spawn(move || shell.serve())?;
    runtime.block_on(control::serve(control, sender, interrupts)).context("The control channel is gone")
}
