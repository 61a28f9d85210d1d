//! Paths with spaces, which evcxr can't tell the process that runs the cells.
//!
//! It sends that process lines such as `LOAD_AND_RUN /path/libcode_1.so run_user_code_0`, and the process takes a path to end
//! at the first space. When there is one in the kernel's directory, the lines pass through here, and name the directory by
//! a number under which this process has it open.

use std::env;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::{AsFd, AsRawFd, IntoRawFd};
use std::os::unix::ffi::OsStrExt;
use std::thread;

use anyhow::{Context, Result};

/// Puts itself between evcxr and what reads its lines in this process, if that is needed.
pub fn shorten_paths() -> Result<()> {
    let Some(directory) = env::var_os("EVCXR_TMPDIR").filter(|directory| has_space(directory)) else { return Ok(()) };
    let opened = File::open(&directory).with_context(|| format!("Can't open {}", directory.display()))?;
    // Open as long as this process lives.
    let short = format!("/proc/self/fd/{}", opened.into_raw_fd());
    let lines = BufReader::new(File::from(io::stdin().as_fd().try_clone_to_owned()?));
    let (reader, mut writer) = io::pipe()?;
    // SAFETY: both are open; nobody has read from the standard input yet.
    if unsafe { libc::dup2(reader.as_raw_fd(), libc::STDIN_FILENO) } < 0 {
        return Err(io::Error::last_os_error()).context("Can't put a pipe in the place of the standard input");
    }
    thread::spawn(move || {
        for line in lines.split(b'\n').map_while(io::Result::ok) {
            let mut line = shortened(&line, directory.as_bytes(), short.as_bytes());
            line.push(b'\n');
            if writer.write_all(&line).is_err() {
                return;
            }
        }
    });
    Ok(())
}

fn has_space(path: &OsStr) -> bool {
    path.as_bytes().contains(&b' ')
}

/// A line with the directory's short name in the place of the long one.
fn shortened(line: &[u8], directory: &[u8], short: &[u8]) -> Vec<u8> {
    match line.windows(directory.len()).position(|part| part == directory) {
        Some(at) => [&line[..at], short, &line[at + directory.len()..]].concat(),
        None => line.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_gets_its_short_name() {
        let line = "LOAD_AND_RUN /a b/ö/build/target/libcode_1.so run_user_code_0";
        assert_eq!(
            shortened(line.as_bytes(), "/a b/ö/build".as_bytes(), b"/proc/self/fd/7"),
            b"LOAD_AND_RUN /proc/self/fd/7/target/libcode_1.so run_user_code_0"
        );
        assert_eq!(shortened(b"LOAD_AND_RUN /x y", b"/a b", b"/s"), b"LOAD_AND_RUN /x y");
    }
}
