//! The five sockets of a kernel, and who may write to which.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc as std_mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use jupyter_protocol::messaging::{ExecutionState, Header, IoPubWelcome, Status, UnknownMessage};
use jupyter_zmq_client::{
    Connection, ConnectionInfo, JupyterMessage, JupyterMessageContent, RawMessage, SubscriptionEvent,
    create_kernel_control_connection, create_kernel_heartbeat_connection, create_kernel_iopub_xpub_connection,
    create_kernel_shell_connection, create_kernel_stdin_connection,
};
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

/// How many messages may be on their way to the page. Who has more to say waits.
const ON_THEIR_WAY: usize = 64;

/// What comes in, channel by channel, and what everybody sends with.
pub struct Channels {
    pub shell: std_mpsc::Receiver<JupyterMessage>,
    pub control: UnboundedReceiver<JupyterMessage>,
    /// The lines that a user typed for a cell.
    pub input: std_mpsc::Receiver<JupyterMessage>,
    pub sender: Sender,
}

/// A channel to send on.
#[derive(Debug, Clone, Copy)]
pub enum Channel {
    Shell,
    Control,
    Input,
}

/// Sends from any thread, in order.
#[derive(Clone)]
pub struct Sender {
    channels: Arc<[UnboundedSender<JupyterMessage>; 3]>,
    page: mpsc::Sender<JupyterMessage>,
}

impl Sender {
    /// Sends a message that `parent` asked for. It gets there unless the front end is gone.
    pub fn send(&self, channel: Channel, content: impl Into<JupyterMessageContent>, parent: &JupyterMessage) {
        let _ = self.channels[channel as usize].send(message(content, Some(parent)));
    }

    /// Tells all front ends, and waits while they have too much to hear. Not for a task.
    pub fn publish(&self, content: impl Into<JupyterMessageContent>, parent: Option<&JupyterMessage>) {
        let mut message = message(content, parent);
        // What all get has no address.
        message.zmq_identities.clear();
        let _ = self.page.blocking_send(message);
    }

    /// Tells all front ends, if they are ready to hear.
    pub fn try_publish(&self, content: impl Into<JupyterMessageContent>, parent: Option<&JupyterMessage>) {
        let mut message = message(content, parent);
        message.zmq_identities.clear();
        let _ = self.page.try_send(message);
    }
}

fn message(content: impl Into<JupyterMessageContent>, parent: Option<&JupyterMessage>) -> JupyterMessage {
    let mut message = JupyterMessage::new(content.into(), parent);
    message.header.username = "kernel".into();
    message
}

/// Takes the ports that the connection file names.
pub async fn open(file: &Path) -> Result<Channels> {
    let text = std::fs::read_to_string(file).with_context(|| format!("Can't read {}", file.display()))?;
    let info: ConnectionInfo =
        serde_json::from_str(&text).with_context(|| format!("{} is not a connection file", file.display()))?;
    let session = uuid::Uuid::new_v4().to_string();

    heartbeat(info.clone());
    let (shell_out, shell_in) = create_kernel_shell_connection(&info, &session).await?.split();
    let (control_out, control_in) = create_kernel_control_connection(&info, &session).await?.split();
    let (input_out, input_in) = create_kernel_stdin_connection(&info, &session).await?.split();
    let page = create_kernel_iopub_xpub_connection(&info, &session).await?;

    let (shell_sender, shell) = std_mpsc::channel();
    read(shell_in, move |message| shell_sender.send(message).is_ok());
    let (control_sender, control) = mpsc::unbounded_channel();
    read(control_in, move |message| control_sender.send(message).is_ok());
    let (input_sender, input) = std_mpsc::channel();
    read(input_in, move |message| input_sender.send(message).is_ok());

    let channels = Arc::new([write(shell_out), write(control_out), write(input_out)]);
    Ok(Channels { shell, control, input, sender: Sender { channels, page: publish(page) } })
}

/// Answers that the kernel is there, in a thread of its own, whatever the others do.
fn heartbeat(info: ConnectionInfo) {
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let Ok(mut heart) = create_kernel_heartbeat_connection(&info).await else {
                eprintln!("The heartbeat's port can't be had.");
                return;
            };
            loop {
                if heart.single_heartbeat().await.is_err() {
                    pause().await;
                }
            }
        });
    });
}

/// Hands on what arrives. What is no message, or not signed with the notebook's key, is left out.
fn read<S>(mut from: Connection<S>, mut hand_on: impl FnMut(JupyterMessage) -> bool + Send + 'static)
where
    S: zeromq::SocketRecv + Send + 'static,
{
    tokio::spawn(async move {
        loop {
            let received = from.socket.recv().await.map_err(anyhow::Error::from);
            let message = received.and_then(|parts| understood(RawMessage::from_multipart(parts, &from.mac)?));
            match message {
                Ok(message) => {
                    if !hand_on(message) {
                        return;
                    }
                }
                Err(error) => {
                    eprintln!("A message was not understood: {error}");
                    pause().await;
                }
            }
        }
    });
}

/// A message with everything that it may leave out. A request that says what it may not becomes an unknown one, which is
/// refused: a front end that is not answered waits.
fn understood(raw: RawMessage) -> Result<JupyterMessage> {
    let [header, parent_header, metadata, content, ..] = raw.jparts.as_slice() else { bail!("it has too few parts") };
    let header =
        with_defaults(serde_json::from_slice(header)?, json!({"username": "", "session": "", "version": "5.3"}));
    let header: Header = serde_json::from_value(header)?;
    let defaults = match header.msg_type.as_str() {
        "execute_request" => json!({
            "silent": false, "store_history": true, "user_expressions": {}, "allow_stdin": true, "stop_on_error": true,
        }),
        "history_request" => json!({
            "hist_access_type": "tail", "output": false, "raw": true, "unique": false, "n": i32::MAX, "session": 0, "start": 0,
            "stop": i32::MAX, "pattern": "*",
        }),
        "inspect_request" | "complete_request" => json!({"detail_level": 0, "cursor_pos": u32::MAX}),
        "shutdown_request" => json!({"restart": false}),
        _ => json!({}),
    };
    let content = with_defaults(serde_json::from_slice(content)?, defaults);
    let content = JupyterMessageContent::from_type_and_content(&header.msg_type, content.clone())
        .unwrap_or_else(|_| UnknownMessage { msg_type: header.msg_type.clone(), content }.into());
    Ok(JupyterMessage {
        zmq_identities: raw.zmq_identities,
        parent_header: serde_json::from_slice(parent_header).ok(),
        metadata: serde_json::from_slice(metadata)?,
        buffers: Vec::new(),
        channel: None,
        header,
        content,
    })
}

fn with_defaults(mut object: Value, defaults: Value) -> Value {
    if let (Some(object), Value::Object(defaults)) = (object.as_object_mut(), defaults) {
        for (name, value) in defaults {
            if object.get(&name).is_none_or(Value::is_null) {
                object.insert(name, value);
            }
        }
    }
    object
}

fn write<S>(mut to: Connection<S>) -> UnboundedSender<JupyterMessage>
where
    S: zeromq::SocketSend + Send + 'static,
{
    let (sender, mut messages) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(message) = messages.recv().await {
            if let Err(error) = to.send(message).await {
                eprintln!("A message could not be sent: {error}");
            }
        }
    });
    sender
}

/// What everybody may see. Who begins to look is welcomed (Jupyter Enhancement Proposal 65), and told whether the kernel is
/// busy: that may have been said while a page was still on its way to a kernel that was started anew.
fn publish(mut page: Connection<zeromq::XPubSocket>) -> mpsc::Sender<JupyterMessage> {
    let (sender, mut messages) = mpsc::channel::<JupyterMessage>(ON_THEIR_WAY);
    tokio::spawn(async move {
        let mut status = Status::idle();
        loop {
            tokio::select! {
                message = messages.recv() => {
                    let Some(message) = message else { return };
                    if let JupyterMessageContent::Status(now) = &message.content
                        && now.execution_state != ExecutionState::Starting
                    {
                        status = now.clone();
                    }
                    if let Err(error) = page.send(message).await {
                        eprintln!("A message could not be published: {error}");
                    }
                }
                subscription = page.recv_subscription() => match subscription {
                    Ok(SubscriptionEvent::Subscribe(topic)) => {
                        let _ = page.send(JupyterMessage::new(IoPubWelcome::new(topic), None)).await;
                        let _ = page.send(JupyterMessage::new(status.clone(), None)).await;
                    }
                    Ok(SubscriptionEvent::Unsubscribe(_)) => {}
                    Err(_) => pause().await,
                },
            }
        }
    });
    sender
}

/// So that what fails again and again does not take a processor.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}
