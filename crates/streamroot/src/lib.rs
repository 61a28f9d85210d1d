//! Open session files, count, share, chart and show: what a cell of the notebooks uses.
//!
//! The way of the data, by file: [`Sessions`] asks an engine (`engine.rs`, `connect.rs`, `dialect.rs`, `adbc.rs`) and gets a
//! [`Table`] (`table.rs`, with units from `unit.rs`); a table makes a [`Chart`] (`chart.rs`, colours from `palette.rs`);
//! charts make a [`Figure`] (`figure.rs`), which is laid out (`layout.rs`, `axis.rs`, `names.rs`) as a scene of shapes and
//! text (`scene.rs`, `text.rs`) and shown (`show.rs`).
//!
//! ```no_run
//! use streamroot::prelude::*;
//!
//! let sessions = Sessions::open("../data/sessions.csv")?;
//! let users = sessions.count_by(Isp)?;
//! println!("{users}");
//! users.bar().title("Users per ISP").palette(Blues).save("users.png")?;
//! # Ok::<(), streamroot::Error>(())
//! ```
#![warn(missing_docs)]

mod adbc;
mod axis;
mod chart;
mod columns;
mod compare;
mod connect;
mod cube;
mod dialect;
mod engine;
mod error;
mod figure;
mod kin;
mod layout;
mod names;
mod offload;
pub mod palette;
mod progress;
mod published;
mod scene;
mod sessions;
mod show;
mod stats;
mod table;
mod text;
mod unit;
mod words;

pub use chart::Chart;
pub use columns::{Columns, OpenOptions};
pub use connect::ConnectOptions;
pub use error::{Error, Result};
pub use figure::Figure;
pub use kin::kin;
pub use published::{Computed, Published};
pub use sessions::Sessions;
pub use table::{Column, Table, Values};
pub use unit::{Quantity, Unit};
pub use words::{By, Condition, Dimension, Literal, Measure};

/// Everything that a cell names, in one line: `use streamroot::prelude::*;`.
pub mod prelude {
    pub use crate::palette::{Blues, BrBG, BuGn, Color, ColorBlind, Greens, Palette, Pinks, RedBlue, Tab10};
    pub use crate::words::Condition::{self, CdnOnly, NotConnected, WithP2p};
    pub use crate::words::Dimension::{self, Browser, Connected, Isp, Stream};
    pub use crate::words::Measure::{self, Cdn, Offload, P2p, Total};
    pub use crate::{Chart, Column, Columns, Error, Figure, Published, Quantity, Sessions, Table, Unit, Values};
}
