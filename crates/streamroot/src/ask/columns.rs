//! How a file is opened: what it calls its columns, and what becomes of a value that can't be what it should be.

use std::path::Path;

use crate::{Result, Sessions};

/// What a file calls the columns of its sessions, where that is not `stream, isp, browser, connected, p2p, cdn`. This one
/// call is enough for the data of another service:
///
/// ```no_run
/// use streamroot::prelude::*;
///
/// let columns = Columns::default().stream("channel").cdn("http_bytes");
/// let sessions = Sessions::options().columns(columns).open("../data/other.csv")?;
/// println!("{}", sessions.count_by(Stream)?);
/// # Ok::<(), streamroot::Error>(())
/// ```
///
/// A name is taken as the file has it, whatever characters it holds. Columns that are not mentioned keep their names, and
/// all but P2P and CDN may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// The name in queries, and the one in the file.
    names: Vec<(String, String)>,
}

impl Columns {
    /// The column that says which video was watched.
    pub fn stream(self, name: &str) -> Columns {
        self.rename(name, "stream")
    }

    /// The column of the internet service provider.
    pub fn isp(self, name: &str) -> Columns {
        self.rename(name, "isp")
    }

    /// The column of the browser, or of whatever plays the video.
    pub fn browser(self, name: &str) -> Columns {
        self.rename(name, "browser")
    }

    /// The column that says whether the session was connected to the backend.
    pub fn connected(self, name: &str) -> Columns {
        self.rename(name, "connected")
    }

    /// The column of the bytes that came through peers.
    pub fn p2p(self, name: &str) -> Columns {
        self.rename(name, "p2p")
    }

    /// The column of the bytes that came through the CDN.
    pub fn cdn(self, name: &str) -> Columns {
        self.rename(name, "cdn")
    }

    /// The column of the time at which the session began, which [`Dimension::Hour`](crate::Dimension::Hour) and its like go by.
    pub fn start(self, name: &str) -> Columns {
        self.rename(name, "start")
    }

    /// The column of how long the session was, in seconds, which [`Sessions::concurrent`] goes by.
    pub fn duration(self, name: &str) -> Columns {
        self.rename(name, "duration")
    }

    /// Any other column: the file's `name` is called `new` in queries, tables and figures.
    pub fn rename(mut self, name: &str, new: &str) -> Columns {
        self.names.retain(|(known, _)| known != new);
        self.names.push((new.to_owned(), name.to_owned()));
        self
    }

    /// As the engine's option has it: `stream=channel,cdn=http_bytes`, with its own signs inside a name encoded.
    fn option(&self) -> String {
        let pairs = self.names.iter().map(|(new, name)| format!("{}={}", encoded(new), encoded(name)));
        pairs.collect::<Vec<_>>().join(",")
    }
}

/// A name without the signs that mean something in the option, and without spaces at its ends that would be cut off.
fn encoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            ',' | '=' | '%' | '\0'..=' ' | '\x7f' => text += &format!("%{:02X}", u32::from(c)),
            c => text.push(c),
        }
    }
    text
}

/// How [`Sessions`] are opened, begun with [`Sessions::options`].
///
/// **Strict**, the default: the first value that can't be what it should be is an error with the file, the row, the column
/// and the value. It is the default because a figure that was drawn from half-read data looks like any other figure. Only
/// missing values are let pass, which every service has; the sessions say how many when they are shown.
///
/// **Lenient**: such a value counts as missing, its session stays, and the sessions say of what kind, how many and which
/// was the first when they are shown. [`Sessions::faults`] is the same as a table.
///
/// ```no_run
/// use streamroot::prelude::*;
///
/// let sessions = Sessions::options().lenient().open("../data/logs/*.csv.gz")?;
/// println!("{}", sessions.faults()?);
/// # Ok::<(), streamroot::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "options open nothing until `open` is called"]
pub struct OpenOptions {
    columns: Columns,
    lenient: bool,
    memory: Option<u64>,
    spill: Option<String>,
    zone: Option<String>,
}

impl OpenOptions {
    /// What the file calls its columns.
    pub fn columns(self, columns: Columns) -> OpenOptions {
        OpenOptions { columns, ..self }
    }

    /// Refuses the file at the first value that can't be what it should be. This is the default.
    pub fn strict(self) -> OpenOptions {
        OpenOptions { lenient: false, ..self }
    }

    /// Counts values that can't be what they should be, and takes them as missing.
    pub fn lenient(self) -> OpenOptions {
        OpenOptions { lenient: true, ..self }
    }

    /// How many bytes of memory the rows of CSV files may take before they go to a file on disk; a quarter of what is free
    /// by default.
    pub fn memory(self, bytes: u64) -> OpenOptions {
        OpenOptions { memory: Some(bytes), ..self }
    }

    /// The directory of that file; the data's own by default, or that for temporary files.
    pub fn spill(self, directory: impl AsRef<Path>) -> OpenOptions {
        OpenOptions { spill: Some(directory.as_ref().to_string_lossy().into_owned()), ..self }
    }

    /// The time zone that the column `start` is to be in, as `"Europe/Paris"`, so that [`Dimension::Hour`](crate::Dimension::Hour)
    /// and its like are those of the clocks there; UTC by default. A time without a zone in the file is taken for UTC. Where clocks
    /// are turned back, two hours are one, and what runs at once across a turn is an hour off.
    ///
    /// [`open`](OpenOptions::open) fails with [`Error::Engine`](crate::Error::Engine) when the machine knows no such zone, when the
    /// data have no times in `start`, and for a cube, which keeps none.
    pub fn time_zone(self, zone: &str) -> OpenOptions {
        OpenOptions { zone: Some(zone.to_owned()), ..self }
    }

    /// Opens a CSV, Parquet or Arrow file, a directory of them, or what a glob matches, as [`Sessions::open`] does.
    ///
    /// # Errors
    /// Those of [`Sessions::open`]; [`Error::Engine`](crate::Error::Engine) too when the file has no column of a name that
    /// it is said to have.
    pub fn open(&self, path: &str) -> Result<Sessions> {
        let memory = self.memory.map(|bytes| bytes.to_string());
        let columns = self.columns.option();
        let mut options = vec![("streamroot.mode", if self.lenient { "lenient" } else { "strict" })];
        options.extend((!columns.is_empty()).then_some(("streamroot.columns", columns.as_str())));
        options.extend(memory.as_deref().map(|bytes| ("streamroot.memory", bytes)));
        options.extend(self.spill.as_deref().map(|directory| ("streamroot.spill", directory)));
        options.extend(self.zone.as_deref().map(|zone| ("streamroot.zone", zone)));
        let instead = std::env::var("STREAMROOT_SESSIONS").ok().filter(|instead| !instead.is_empty());
        Sessions::file(instead.as_deref().unwrap_or(path), &options)
    }
}
