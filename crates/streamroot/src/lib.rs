//! Open session files, count, share, chart and show: what a cell of the notebooks uses.
//!
//! The rooms, in the way of the data:
//!
//! - `ask`: [`Sessions`], opened or connected to, and what is asked of them in the `words` of the field;
//! - `engine`: who answers, over ADBC, in Arrow data;
//! - `table`: the [`Table`] that comes back, with units, times and statistics;
//! - `plot`: a [`Chart`] as data, the `marks` that draw it (a file each), scales and layout of a [`Figure`];
//! - `show`: tables and figures as a page, a file or a terminal shows them, with what `page` knows of the kernel.
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

mod ask;
mod engine;
mod error;
mod kin;
mod page;
mod plot;
mod show;
mod table;
mod words;

pub use ask::columns::{Columns, OpenOptions};
pub use ask::connect::ConnectOptions;
pub use ask::published::{Computed, Published};
pub use ask::sessions::Sessions;
pub use error::{Error, Result};
pub use kin::kin;
pub use plot::chart::{At, Chart};
pub use plot::figure::Figure;
pub use plot::palette;
pub use plot::paper::{Area, Paper};
pub use plot::theme::Theme;
/// The library that draws, for [`Figure::draw`].
pub use plotters;
pub use table::unit::{Quantity, Unit};
pub use table::{Column, Table, Values};
pub use words::{By, Condition, Dimension, Literal, Measure};

/// Everything that a cell names, in one line: `use streamroot::prelude::*;`.
///
/// With `use plotters::prelude::*;` beside it, `Color` and `Palette` are named twice; a cell's own prelude says that this
/// crate's are meant. The methods of plotters' two traits of these names work in either case.
pub mod prelude {
    pub use plotters::style::{Color as _, Palette as _};

    pub use crate::palette::{Blues, BrBG, BuGn, Color, ColorBlind, Greens, Palette, Pinks, RedBlue, Tab10};
    pub use crate::plot::theme::Theme::{self, Dark, Light, Print};
    pub use crate::words::Condition::{self, CdnOnly, NotConnected, WithP2p};
    pub use crate::words::Dimension::{self, Browser, Connected, Day, Hour, Isp, Minute, Stream, Week};
    pub use crate::words::Measure::{self, Cdn, Offload, P2p, Total};
    pub use crate::{Chart, Column, Columns, Error, Figure, Published, Quantity, Sessions, Table, Unit, Values};
}
