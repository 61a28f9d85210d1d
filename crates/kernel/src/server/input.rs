//! Lines that a cell reads.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use jupyter_protocol::messaging::{InputRequest, JupyterMessageContent};
use jupyter_zmq_client::JupyterMessage;

use super::connection::{Channel, Sender};
use super::output::Output;
use crate::runner::link::{Failure, FailureKind};

/// Asks the front end for lines.
pub struct Input {
    sender: Sender,
    lines: Receiver<JupyterMessage>,
}

impl Input {
    pub fn new(sender: Sender, lines: Receiver<JupyterMessage>) -> Self {
        Self { sender, lines }
    }

    /// A line for the cell that runs. When the front end has nobody to type one, the cell fails with a sentence, and
    /// reads that its input has ended.
    pub fn ask(&mut self, output: &Output, prompt: &str, password: bool, give_up: &dyn Fn() -> bool) -> Option<String> {
        let request = output.request()?;
        let allowed = matches!(&request.content, JupyterMessageContent::ExecuteRequest(request) if request.allow_stdin);
        if !allowed {
            let message = "The cell reads from the standard input, and nobody is there to type anything.".into();
            output.failed(Failure { kind: FailureKind::Error, message, line: 0, column: 0 });
            return None;
        }
        // Answers to questions that nobody asks any more.
        while self.lines.try_recv().is_ok() {}
        self.sender.send(Channel::Input, InputRequest { prompt: prompt.to_owned(), password }, &request);
        loop {
            match self.lines.recv_timeout(Duration::from_millis(50)) {
                Ok(message) => {
                    if let JupyterMessageContent::InputReply(reply) = message.content {
                        return Some(reply.value);
                    }
                }
                Err(RecvTimeoutError::Timeout) if give_up() => return None,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }
}
