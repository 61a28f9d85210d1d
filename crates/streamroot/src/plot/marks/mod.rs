//! The ways to draw data, a file each: how it is read from a table, and what is drawn.

mod area;
mod bars;
mod boxes;
mod dots;
mod drawn;
mod dumbbell;
mod ecdf;
mod heat;
mod histogram;
mod intervals;
mod line;
mod lying;
mod stacks;
mod sums;
mod value_labels;

/// The part of its room that a bar or a group of bars takes, and how wide a bar is at the most, in points.
const BAR: f64 = 0.8;
const WIDEST_BAR: f64 = 110.0;
