//! What JupyterLab's page asks while a hand changes a cell: a comm that is opened with a question is answered, and closed.

use std::collections::HashSet;

use jupyter_protocol::messaging::{CommClose, CommMsg, CommOpen};
use jupyter_zmq_client::JupyterMessage;
use serde_json::{Map, Value, json};

use super::names;
use super::shell::Shell;

/// The comm's target.
const TARGET: &str = "streamroot.hand";

/// The helper crate's lists of words that can stand in each other's place, as code that gives them.
const KIN: &str = "streamroot::kin()";

impl Shell {
    /// Answers a comm, if it is the page's. Nobody else is here for a comm to talk to, which is said by closing it.
    pub(super) fn open_comm(&mut self, request: &JupyterMessage, comm: &CommOpen) {
        if comm.target_name == TARGET {
            let answer = match comm.data.get("ask").and_then(Value::as_str) {
                Some("names") => self.names(comm.data.get("cells")),
                Some("kin") => json!({"families": self.families(request)}),
                _ => json!({}),
            };
            let data = answer.as_object().cloned().unwrap_or_default();
            self.sender.publish(CommMsg { comm_id: comm.comm_id.clone(), data }, Some(request));
        }
        self.sender.publish(CommClose { comm_id: comm.comm_id.clone(), data: Map::new() }, Some(request));
    }

    /// What each of some cells binds and uses, and all names that have a value.
    fn names(&mut self, cells: Option<&Value>) -> Value {
        let known: Option<HashSet<String>> = self.evaluator.started().map(|context| {
            let variables = context.variables_and_types().map(|(name, _)| name.to_owned());
            variables.chain(context.defined_item_names().map(str::to_owned)).collect()
        });
        let cells = cells.and_then(Value::as_array).into_iter().flatten();
        let cells: Vec<Value> = cells
            .map(|cell| {
                let names = names::of(cell.as_str().unwrap_or_default());
                json!({"binds": names.binds, "uses": names.uses})
            })
            .collect();
        json!({"cells": cells, "known": known.unwrap_or_default()})
    }

    /// `true` and `false`, which are Rust's, and what the helper crate names.
    fn families(&mut self, request: &JupyterMessage) -> Vec<Vec<String>> {
        let mut families = vec![vec!["true".to_owned(), "false".to_owned()]];
        let named = self.evaluator.run(request, KIN, true).unwrap_or_default();
        let text = named.iter().find(|(mime, _)| mime == "text/plain").map_or("", |(_, text)| text);
        // Words in quotes and brackets are written in Rust as in JSON.
        families.extend(serde_json::from_str::<Vec<Vec<String>>>(text).unwrap_or_default());
        families
    }
}
