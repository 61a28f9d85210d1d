//! What a cell gives, on its way to the page.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jupyter_protocol::messaging::{
    DisplayData, ErrorOutput, ExecuteResult, ExecutionCount, Media, MediaType, Status, Stdio, StreamContent, Transient,
    UpdateDisplayData,
};
use jupyter_zmq_client::{JupyterMessage, JupyterMessageContent};
use serde_json::Value;

use super::connection::Sender;
use super::errors::CellError;
use crate::runner::link::{Failure, Gone, Stream};

/// Publishes what cells give. What arrives between two cells, from a thread of one, belongs to the last one.
pub struct Output {
    sender: Sender,
    cell: Mutex<Cell>,
}

/// What has come of the cell that runs, or of the last one.
#[derive(Default)]
struct Cell {
    request: Option<JupyterMessage>,
    silent: bool,
    /// The representations of a value that may be the cell's last, and so its result.
    value: Vec<(String, String)>,
    /// The displays that are on the page.
    displays: HashSet<String>,
    failures: Vec<Failure>,
    gone: Option<Gone>,
}

/// How a cell went, as far as the process that ran it could tell.
#[derive(Default)]
pub struct Ending {
    pub value: Vec<(String, String)>,
    pub failures: Vec<Failure>,
    pub gone: Option<Gone>,
}

impl Output {
    pub fn new(sender: Sender) -> Self {
        Self { sender, cell: Mutex::default() }
    }

    /// From now on, what arrives belongs to this request.
    pub fn begin(&self, request: &JupyterMessage, silent: bool) {
        let mut cell = self.cell();
        let displays = std::mem::take(&mut cell.displays);
        *cell = Cell { request: Some(request.clone()), silent, displays, ..Cell::default() };
    }

    /// What the cell has come to.
    pub fn end(&self) -> Ending {
        let mut cell = self.cell();
        Ending {
            value: std::mem::take(&mut cell.value),
            failures: std::mem::take(&mut cell.failures),
            gone: cell.gone.take(),
        }
    }

    pub fn text(&self, stream: Stream, text: String) {
        let mut cell = self.cell();
        self.show_value(&mut cell);
        let name = match stream {
            Stream::Stdout => Stdio::Stdout,
            Stream::Stderr => Stdio::Stderr,
        };
        self.publish(&cell, StreamContent { name, text });
    }

    /// Another representation of a value. A second one of the same type is of another value.
    pub fn show(&self, mime: String, content: String, display: Option<String>) {
        let mut cell = self.cell();
        let Some(id) = display else {
            if cell.value.iter().any(|(other, _)| *other == mime) {
                self.show_value(&mut cell);
            }
            cell.value.push((mime, content));
            return;
        };
        self.show_value(&mut cell);
        let data = media(&[(mime, content)]);
        if cell.displays.insert(id.clone()) {
            let transient = Some(Transient { display_id: Some(id) });
            self.publish(&cell, DisplayData { transient, ..DisplayData::new(data) });
        } else {
            self.publish(&cell, UpdateDisplayData::new(data, &id));
        }
    }

    pub fn failed(&self, failure: Failure) {
        self.cell().failures.push(failure);
    }

    pub fn gone(&self, gone: Gone) {
        self.cell().gone = Some(gone);
    }

    /// The cell's value.
    pub fn result(&self, value: &[(String, String)], count: usize) {
        let cell = self.cell();
        if !cell.silent && !value.is_empty() {
            let result = ExecuteResult::new(ExecutionCount::new(count), media(value));
            // The protocol wants an object here, and not nothing.
            self.publish(&cell, ExecuteResult { transient: Some(Transient::default()), ..result });
        }
    }

    /// A value that was not the last that the cell gave.
    pub fn display(&self, value: &[(String, String)]) {
        if !value.is_empty() {
            self.publish(&self.cell(), DisplayData::new(media(value)));
        }
    }

    pub fn error(&self, error: &CellError) {
        let CellError { name, sentence, traceback } = error.clone();
        self.publish(&self.cell(), ErrorOutput { ename: name, evalue: sentence, traceback });
    }

    /// Says that the kernel starts.
    pub fn starting(&self) {
        self.sender.publish(Status::starting(), None);
    }

    /// Busy or idle, about a request.
    pub fn state(&self, status: Status, request: &JupyterMessage) {
        self.sender.publish(status, Some(request));
    }

    /// The request that runs, or was the last.
    pub fn request(&self) -> Option<JupyterMessage> {
        self.cell().request.clone()
    }

    fn show_value(&self, cell: &mut Cell) {
        let value = std::mem::take(&mut cell.value);
        if !value.is_empty() && !is_unit(&value) {
            self.publish(cell, DisplayData::new(media(&value)));
        }
    }

    fn publish(&self, cell: &Cell, content: impl Into<JupyterMessageContent>) {
        // What comes without a cell is what evcxr tries out when it starts.
        if cell.request.is_some() {
            self.sender.publish(content, cell.request.as_ref());
        }
    }

    fn cell(&self) -> MutexGuard<'_, Cell> {
        self.cell.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether this is what evcxr shows of `()`.
pub fn is_unit(value: &[(String, String)]) -> bool {
    matches!(value, [(mime, content)] if mime == "text/plain" && content == "()")
}

/// A value's representations, as a message has them.
pub fn media(value: &[(String, String)]) -> Media {
    let representation = |(mime, content): &(String, String)| {
        let is_json = mime.ends_with("/json") || mime.ends_with("+json");
        let json = if is_json { serde_json::from_str(content).ok() } else { None };
        MediaType::Other((mime.clone(), json.unwrap_or_else(|| Value::from(content.as_str()))))
    };
    Media { content: value.iter().map(representation).collect() }
}
