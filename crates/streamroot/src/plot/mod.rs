//! From a table to a picture: a chart is data, a mark draws it, scales and names stand around it.

mod annotate;
pub(crate) mod chart;
pub(crate) mod figure;
mod finish;
mod frame;
mod layout;
mod marks;
mod names;
mod output;
pub mod palette;
mod panel;
pub(crate) mod paper;
mod raster;
mod read;
mod scale;
mod scene;
mod shape;
mod text;
pub(crate) mod theme;
mod verbs;
