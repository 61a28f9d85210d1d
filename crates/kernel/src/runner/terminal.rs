//! The standard input of the cells: a terminal of which nobody else knows when it is read.
//!
//! Of a pipe, nobody can tell that a process waits for it. Of a terminal, the system tells: a process in the background
//! that reads from it is stopped (POSIX, 11.1.4, "Terminal Access Control"). So the cells run in the background of a
//! terminal; when they are stopped by it, the page is asked for a line, and they have the foreground until they have
//! read it.

use std::ffi::CStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::{Duration, Instant};

/// What ends the input (`VEOF`, Ctrl-D).
const END: u8 = 4;
/// A terminal takes no longer line at once.
const LONGEST: usize = 4000;

pub struct Terminal {
    /// The end at which one types.
    keyboard: File,
    /// The end at which the cells read.
    line: File,
}

impl Terminal {
    /// Makes a terminal, and makes it the one of this process, which must not have had one: it leads a session anew.
    pub fn new() -> io::Result<Self> {
        // SAFETY: plain calls of the system; what they return is checked.
        unsafe {
            libc::setsid();
            let keyboard = checked(libc::posix_openpt(libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC))?;
            let keyboard = File::from(OwnedFd::from_raw_fd(keyboard));
            checked(libc::grantpt(keyboard.as_raw_fd()))?;
            checked(libc::unlockpt(keyboard.as_raw_fd()))?;
            let name = libc::ptsname(keyboard.as_raw_fd());
            if name.is_null() {
                return Err(io::Error::last_os_error());
            }
            let name = CStr::from_ptr(name).to_string_lossy().into_owned();
            let line = File::options().read(true).write(true).open(name)?;
            checked(libc::ioctl(line.as_raw_fd(), libc::TIOCSCTTY as _, 0))?;
            let mut settings: libc::termios = std::mem::zeroed();
            checked(libc::tcgetattr(line.as_raw_fd(), &mut settings))?;
            // No echo, no keys that send signals, and lines as they come; but whole lines, and an end.
            settings.c_lflag = libc::ICANON;
            settings.c_iflag = 0;
            settings.c_oflag = 0;
            checked(libc::tcsetattr(line.as_raw_fd(), libc::TCSANOW, &settings))?;
            // This process takes the foreground back from behind, for which it would be stopped.
            libc::signal(libc::SIGTTOU, libc::SIG_IGN);
            checked(libc::tcsetpgrp(line.as_raw_fd(), libc::getpgrp()))?;
            Ok(Self { keyboard, line })
        }
    }

    /// Where the cells read.
    pub fn line(&self) -> io::Result<File> {
        self.line.try_clone()
    }

    /// What the cells write to the terminal itself, as few programs do.
    pub fn written(&self) -> io::Result<impl Read + use<>> {
        self.keyboard.try_clone()
    }

    /// Gives a line, or the end of the input, to the processes of a group that are stopped for it, and lets them go on.
    pub fn answer(&self, group: i32, line: Option<&str>) -> io::Result<()> {
        let typed = match line {
            Some(line) => {
                // Where the input is cut, what was typed so far is read, and the line goes on.
                let mut line: Vec<u8> = line.bytes().filter(|&byte| byte != b'\n' && byte != END).collect();
                line.push(b'\n');
                line.chunks(LONGEST).map(<[u8]>::to_vec).collect::<Vec<_>>().join(&END)
            }
            None => vec![END],
        };
        // SAFETY: plain calls of the system. Should the group be gone, there is nobody to be answered.
        unsafe {
            checked(libc::tcsetpgrp(self.line.as_raw_fd(), group))?;
            (&self.keyboard).write_all(&typed)?;
            libc::kill(-group, libc::SIGCONT);
            self.wait_until_read();
            checked(libc::tcsetpgrp(self.line.as_raw_fd(), libc::getpgrp()))?;
            // One that reads again already began to while it had the foreground. It begins anew, in the background.
            libc::kill(-group, libc::SIGSTOP);
            libc::kill(-group, libc::SIGCONT);
        }
        Ok(())
    }

    fn wait_until_read(&self) {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(1) {
            std::thread::sleep(Duration::from_millis(2));
            let mut waiting: libc::c_int = 0;
            // SAFETY: asks how many bytes are there to be read.
            let asked = unsafe { libc::ioctl(self.line.as_raw_fd(), libc::FIONREAD, &mut waiting) };
            if asked < 0 || waiting == 0 {
                return;
            }
        }
    }
}

fn checked(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}
