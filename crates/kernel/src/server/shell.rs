//! What a front end asks for, one after the other.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use jupyter_protocol::messaging::{
    CommInfoReply, CompleteReply, HistoryEntry, HistoryReply, HistoryRequest, InspectReply, IsCompleteReply,
    IsCompleteReplyStatus, Status,
};
use jupyter_zmq_client::{JupyterMessage, JupyterMessageContent};

use super::analysis;
use super::connection::{Channel, Sender};
use super::evaluator::Evaluator;
use super::info::{kernel_info, refusal};
use super::output::Output;
use super::syntax::{self, Completeness};

/// Serves the shell channel.
pub struct Shell {
    pub(super) sender: Sender,
    pub(super) output: Arc<Output>,
    pub(super) evaluator: Evaluator,
    /// What is asked and was not looked at yet.
    pub(super) queue: VecDeque<JupyterMessage>,
    pub(super) requests: Receiver<JupyterMessage>,
    /// The number of the last cell.
    pub(super) count: usize,
    /// The cells that were run, with their numbers.
    pub(super) history: Vec<(usize, String)>,
}

impl Shell {
    pub fn new(sender: Sender, output: Arc<Output>, evaluator: Evaluator, requests: Receiver<JupyterMessage>) -> Self {
        Self { sender, output, evaluator, queue: VecDeque::new(), requests, count: 0, history: Vec::new() }
    }

    /// Serves until nobody can ask any more.
    pub fn serve(mut self) {
        loop {
            let request = match self.queue.pop_front() {
                Some(request) => request,
                None => match self.requests.recv() {
                    Ok(request) => request,
                    Err(_) => return,
                },
            };
            self.output.state(Status::busy(), &request);
            self.answer(&request);
            self.output.state(Status::idle(), &request);
        }
    }

    fn answer(&mut self, request: &JupyterMessage) {
        use JupyterMessageContent as Content;
        match &request.content {
            Content::ExecuteRequest(cell) => self.execute(request, cell),
            Content::KernelInfoRequest(_) => self.reply(request, kernel_info()),
            Content::IsCompleteRequest(asked) => self.reply(request, is_complete(&asked.code)),
            Content::CommInfoRequest(_) => self.reply(request, CommInfoReply::default()),
            Content::HistoryRequest(asked) => self.reply(request, HistoryReply::new(self.recall(asked))),
            Content::CompleteRequest(asked) => {
                let reply = match self.evaluator.started() {
                    Some(context) => analysis::complete(context, &asked.code, asked.cursor_pos),
                    None => nothing_at(asked.cursor_pos),
                };
                self.reply(request, reply);
            }
            Content::InspectRequest(asked) => {
                let everything = asked.detail_level.unwrap_or(0) > 0;
                let reply = match self.evaluator.started() {
                    Some(context) => analysis::inspect(context, &asked.code, asked.cursor_pos, everything),
                    None => InspectReply::default(),
                };
                self.reply(request, reply);
            }
            Content::CommOpen(comm) => self.open_comm(request, comm),
            Content::CommMsg(_) | Content::CommClose(_) => {}
            Content::UnknownMessage(unknown) => self.reply(request, refusal(unknown)),
            other => eprintln!("Nobody here answers {} on the shell channel.", other.message_type()),
        }
    }

    pub(super) fn reply(&self, request: &JupyterMessage, content: impl Into<JupyterMessageContent>) {
        self.sender.send(Channel::Shell, content, request);
    }

    /// All that has arrived, in order.
    pub(super) fn take_in(&mut self) {
        while let Ok(request) = self.requests.recv_timeout(Duration::ZERO) {
            self.queue.push_back(request);
        }
    }

    fn recall(&self, asked: &HistoryRequest) -> Vec<HistoryEntry> {
        let last = |n: i32, cells: Vec<&(usize, String)>| {
            let skipped = cells.len().saturating_sub(usize::try_from(n).unwrap_or(0));
            cells[skipped..].iter().map(|&cell| cell.clone()).collect::<Vec<_>>()
        };
        let cells = match asked {
            HistoryRequest::Tail { n, .. } => last(*n, self.history.iter().collect()),
            HistoryRequest::Range { start, stop, .. } => {
                let is_in = |number: usize| i32::try_from(number).is_ok_and(|number| (*start..*stop).contains(&number));
                self.history.iter().filter(|(number, _)| is_in(*number)).cloned().collect()
            }
            HistoryRequest::Search { pattern, n, unique, .. } => {
                let mut found: Vec<_> = self.history.iter().filter(|(_, code)| matches(code, pattern)).collect();
                if *unique {
                    let mut later = HashSet::new();
                    found.reverse();
                    found.retain(|(_, code)| later.insert(code));
                    found.reverse();
                }
                last(*n, found)
            }
        };
        let with_output = match asked {
            HistoryRequest::Tail { output, .. }
            | HistoryRequest::Range { output, .. }
            | HistoryRequest::Search { output, .. } => *output,
        };
        let entry = |(number, code)| match with_output {
            true => HistoryEntry::InputOutput(1, number, (code, String::new())),
            false => HistoryEntry::Input(1, number, code),
        };
        cells.into_iter().map(entry).collect()
    }
}

/// Whether a text is as a pattern has it, in which `*` stands for any text and `?` for any character.
fn matches(text: &str, pattern: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            text.char_indices().any(|(at, _)| matches(&text[at..], &pattern[1..])) || matches("", &pattern[1..])
        }
        Some(c) => {
            text.strip_prefix(|next| c == '?' || c == next).is_some_and(|rest| matches(rest, &pattern[c.len_utf8()..]))
        }
    }
}

fn nothing_at(cursor: usize) -> CompleteReply {
    CompleteReply { cursor_start: cursor, cursor_end: cursor, ..CompleteReply::default() }
}

fn is_complete(code: &str) -> IsCompleteReply {
    match syntax::completeness(code) {
        Completeness::Complete => IsCompleteReply::new(IsCompleteReplyStatus::Complete, String::new()),
        Completeness::Incomplete => IsCompleteReply::new(IsCompleteReplyStatus::Incomplete, "    ".into()),
        Completeness::Invalid => IsCompleteReply::new(IsCompleteReplyStatus::Invalid, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_are_of_the_whole_text() {
        assert!(matches("6 * 7", "6 *") && matches("6 * 7", "*7") && matches("ä", "?") && matches("", "*"));
        assert!(!matches("1 + 6 * 7", "6 *") && !matches("6", "6?") && !matches("6", ""));
    }
}
