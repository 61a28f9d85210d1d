//! What is answered while a cell runs: the interrupt, and the end.

use std::time::Duration;

use anyhow::{Context, Result};
use jupyter_protocol::messaging::{InterruptReply, JupyterMessageContent, ReplyStatus, ShutdownReply};
use jupyter_zmq_client::JupyterMessage;
use tokio::sync::mpsc::UnboundedReceiver;

use super::connection::{Channel, Sender};
use super::evaluator::Interrupts;
use super::info::{kernel_info, refusal};

/// Serves until the kernel is told to end, and then ends the process: what runs the cells notices by itself.
pub async fn serve(
    mut messages: UnboundedReceiver<JupyterMessage>,
    sender: Sender,
    interrupts: Interrupts,
) -> Result<()> {
    loop {
        let message = messages.recv().await.context("no more messages")?;
        let reply = |content: JupyterMessageContent| sender.send(Channel::Control, content, &message);
        match &message.content {
            JupyterMessageContent::KernelInfoRequest(_) => reply(kernel_info().into()),
            JupyterMessageContent::InterruptRequest(_) => {
                interrupts.interrupt();
                reply(InterruptReply::new().into());
            }
            JupyterMessageContent::ShutdownRequest(request) => {
                let content = ShutdownReply { restart: request.restart, status: ReplyStatus::Ok, error: None };
                sender.try_publish(content.clone(), Some(&message));
                reply(content.into());
                // Until it is sent.
                tokio::time::sleep(Duration::from_millis(50)).await;
                return Ok(());
            }
            JupyterMessageContent::UnknownMessage(unknown) => reply(refusal(unknown)),
            other => eprintln!("Nobody here answers {} on the control channel.", other.message_type()),
        }
    }
}
