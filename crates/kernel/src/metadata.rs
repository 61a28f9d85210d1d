//! What rust-analyzer is told of the crates that a cell depends on: those that its variables can have types of.
//!
//! It reads every crate it hears of when a kernel starts. A crate says in its manifest which of the crates that it uses are seen
//! from outside; the others it uses within, and no variable of a cell has a type of theirs:
//!
//! ```toml
//! [package.metadata.kernel]
//! public = ["plotters"]
//! ```

use std::collections::BTreeSet;

use serde_json::Value;

/// The answer of `cargo metadata` without crates that are used within others only; `None` if it is no such answer.
pub fn of_public_crates(answer: &[u8]) -> Option<Vec<u8>> {
    let mut answer: Value = serde_json::from_slice(answer).ok()?;
    let packages = answer["packages"].as_array()?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let name = |id: &Value| text(&packages.iter().find(|package| package["id"] == *id)?["name"]);
    // What each package that says so shows of others.
    let public = |id: &Value| {
        let package = packages.iter().find(|package| package["id"] == *id)?;
        Some(package["metadata"]["kernel"]["public"].as_array()?.clone())
    };
    let is_seen = |by: &Value, other: &Value| match (public(by), name(other)) {
        (Some(public), Some(name)) => public.iter().any(|one| one.as_str() == Some(&name)),
        _ => true,
    };
    let nodes = answer["resolve"]["nodes"].as_array()?;
    let mut reached: BTreeSet<String> = BTreeSet::new();
    let mut next: Vec<Value> = answer["workspace_members"].as_array()?.clone();
    while let Some(id) = next.pop() {
        if reached.insert(text(&id)?) {
            let node = nodes.iter().find(|node| node["id"] == id)?;
            next.extend(node["dependencies"].as_array()?.iter().filter(|other| is_seen(&id, other)).cloned());
        }
    }
    let is_reached = |id: &Value| id.as_str().is_some_and(|id| reached.contains(id));
    let nodes: Vec<Value> = nodes.iter().filter(|node| is_reached(&node["id"])).cloned().collect();
    let packages: Vec<Value> = packages.iter().filter(|package| is_reached(&package["id"])).cloned().collect();
    let nodes = nodes.into_iter().map(|mut node| {
        for (list, id) in [("dependencies", None), ("deps", Some("pkg"))] {
            if let Some(others) = node[list].as_array_mut() {
                others.retain(|other| is_reached(id.map_or(other, |id| &other[id])));
            }
        }
        node
    });
    answer["resolve"]["nodes"] = nodes.collect();
    answer["packages"] = packages.into();
    serde_json::to_vec(&answer).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_that_are_used_within_are_left_out() {
        let package = |id: &str, public: Value| serde_json::json!({"id": id, "name": id, "metadata": public});
        let node = |id: &str, others: &[&str]| {
            let deps: Vec<Value> =
                others.iter().map(|other| serde_json::json!({"name": other, "pkg": other})).collect();
            serde_json::json!({"id": id, "dependencies": others, "deps": deps})
        };
        let answer = serde_json::json!({
            "packages": [
                package("ctx", Value::Null),
                package("helper", serde_json::json!({"kernel": {"public": ["seen"]}})),
                package("seen", Value::Null),
                package("within", Value::Null),
                package("shared", Value::Null),
                package("deep", Value::Null),
                package("users", Value::Null),
            ],
            "workspace_members": ["ctx"],
            "resolve": {"nodes": [
                node("ctx", &["helper", "users"]),
                node("helper", &["seen", "within", "shared"]),
                node("seen", &[]),
                node("within", &["deep"]),
                node("shared", &[]),
                node("deep", &[]),
                node("users", &["shared"]),
            ]},
        });
        let told = of_public_crates(answer.to_string().as_bytes()).unwrap();
        let told: Value = serde_json::from_slice(&told).unwrap();
        let names = |list: &Value, of: &str| -> Vec<String> {
            list.as_array().unwrap().iter().map(|one| one[of].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&told["packages"], "name"), ["ctx", "helper", "seen", "shared", "users"]);
        let nodes = &told["resolve"]["nodes"];
        assert_eq!(names(nodes, "id"), ["ctx", "helper", "seen", "shared", "users"]);
        assert_eq!(names(&nodes[1]["deps"], "name"), ["seen", "shared"]);
        assert_eq!(nodes[1]["dependencies"], serde_json::json!(["seen", "shared"]));
        assert_eq!(names(&nodes[4]["deps"], "name"), ["shared"]);
        assert_eq!(of_public_crates(b"error"), None);
    }
}
