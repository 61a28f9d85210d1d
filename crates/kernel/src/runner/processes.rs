//! The processes below one, and their end.

use std::collections::{HashMap, HashSet};
use std::process::Command;

/// All processes below `top`, without itself.
pub fn below(top: u32) -> HashSet<u32> {
    let mut found = HashSet::new();
    let mut new = vec![top];
    let mut listed = None;
    while let Some(parent) = new.pop() {
        let children = children(parent, &mut listed);
        new.extend(children.into_iter().filter(|&child| found.insert(child)));
    }
    found
}

/// Kills processes, none of which needs to be there any more.
pub fn kill(processes: impl IntoIterator<Item = u32>) {
    for process in processes {
        if let Ok(process) = i32::try_from(process) {
            // SAFETY: sends a signal.
            unsafe { libc::kill(process, libc::SIGKILL) };
        }
    }
}

/// Tells a process that it is interrupted, as Ctrl-C does.
pub fn interrupt(process: u32) {
    if let Ok(process) = i32::try_from(process) {
        // SAFETY: sends a signal.
        unsafe { libc::kill(process, libc::SIGINT) };
    }
}

/// The children of a process.
pub fn children_of(parent: u32) -> Vec<u32> {
    children(parent, &mut None)
}

/// The name of the program that a process runs, as far as the system keeps it.
pub fn name(process: u32) -> Option<String> {
    if let Ok(name) = std::fs::read_to_string(format!("/proc/{process}/comm")) {
        return Some(name.trim().to_owned());
    }
    let output = Command::new("ps").args(["-o", "comm=", "-p", &process.to_string()]).output().ok()?;
    let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    path.rsplit('/').next().map(str::to_owned)
}

/// The children of a process: as Linux lists them for each of its threads, or else as `ps` does.
fn children(parent: u32, listed: &mut Option<HashMap<u32, Vec<u32>>>) -> Vec<u32> {
    let threads = std::fs::read_dir(format!("/proc/{parent}/task"));
    let lists =
        threads.into_iter().flatten().flatten().map(|thread| std::fs::read_to_string(thread.path().join("children")));
    let lists: Vec<String> = lists.flatten().collect();
    if !lists.is_empty() {
        return lists.iter().flat_map(|list| list.split_whitespace()).filter_map(|child| child.parse().ok()).collect();
    }
    listed.get_or_insert_with(list).get(&parent).cloned().unwrap_or_default()
}

fn list() -> HashMap<u32, Vec<u32>> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let Ok(output) = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output() else { return children };
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let mut numbers = line.split_whitespace().filter_map(|word| word.parse::<u32>().ok());
        if let (Some(process), Some(parent)) = (numbers.next(), numbers.next()) {
            children.entry(parent).or_default().push(process);
        }
    }
    children
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_and_their_children_are_found_and_ended() {
        let mut shell = Command::new("sh").args(["-c", "sleep 100 & sleep 101"]).spawn().unwrap();
        let is_complete = || below(std::process::id()).len() >= 3;
        while !is_complete() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let found = below(shell.id());
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(list().get(&shell.id()).map(Vec::len), Some(2), "`ps` agrees");
        kill(found.into_iter().chain([shell.id()]));
        assert!(!shell.wait().unwrap().success());
        assert!(below(shell.id()).is_empty());
    }
}
