//! A cell, from the request to its answer.

use std::collections::HashMap;

use jupyter_protocol::messaging::{
    ExecuteInput, ExecuteReply, ExecuteRequest, ExecutionCount, ExpressionResult, ReplyStatus, Status, UnknownMessage,
};
use jupyter_zmq_client::{JupyterMessage, JupyterMessageContent};
use serde_json::json;

use super::errors::CellError;
use super::output::media;
use super::shell::Shell;

impl Shell {
    pub(super) fn execute(&mut self, request: &JupyterMessage, cell: &ExecuteRequest) {
        let stored = cell.store_history && !cell.silent;
        if stored {
            self.count += 1;
            self.history.push((self.count, cell.code.clone()));
        }
        let execution_count = ExecutionCount::new(self.count);
        if !cell.silent {
            let input = ExecuteInput { code: cell.code.clone(), execution_count };
            self.sender.publish(input, Some(request));
        }
        let result = self.evaluator.run(request, &cell.code, cell.silent);
        let reply = match result {
            Ok(value) => {
                self.output.result(&value, self.count);
                let user_expressions = Some(self.expressions(request, cell.user_expressions.as_ref()));
                ExecuteReply { execution_count, user_expressions, ..ExecuteReply::default() }
            }
            Err(error) => {
                self.output.error(&error);
                ExecuteReply {
                    status: ReplyStatus::Error,
                    execution_count,
                    error: Some(error.reply()),
                    ..ExecuteReply::default()
                }
            }
        };
        let failed = reply.status == ReplyStatus::Error;
        self.reply(request, reply);
        if failed && cell.stop_on_error {
            self.abort_queued();
        }
    }

    /// Values that a front end wants beside the cell's own, each by a name.
    fn expressions(
        &mut self,
        request: &JupyterMessage,
        expressions: Option<&HashMap<String, String>>,
    ) -> HashMap<String, ExpressionResult> {
        let mut results = HashMap::new();
        for (name, code) in expressions.into_iter().flatten() {
            let result = match self.evaluator.run(request, code, true) {
                Ok(value) => ExpressionResult::Ok { data: media(&value), metadata: Default::default() },
                Err(CellError { name, sentence, traceback }) => {
                    ExpressionResult::Error { ename: name, evalue: sentence, traceback }
                }
            };
            results.insert(name.clone(), result);
        }
        results
    }

    /// Answers the cells that wait behind one that failed: they are not run. What else is asked stays in its place.
    fn abort_queued(&mut self) {
        self.take_in();
        let waiting = std::mem::take(&mut self.queue);
        for request in waiting {
            if matches!(request.content, JupyterMessageContent::ExecuteRequest(_)) {
                self.output.state(Status::busy(), &request);
                self.reply(
                    &request,
                    // It has no number, for it was not run.
                    UnknownMessage { msg_type: "execute_reply".into(), content: json!({"status": "aborted"}) },
                );
                self.output.state(Status::idle(), &request);
            } else {
                self.queue.push_back(request);
            }
        }
    }
}
