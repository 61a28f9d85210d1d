//! Where a chart's marks stand in the picture.

use crate::plot::scale::Axis;

/// The room for a chart's marks, in points, with what is at its sides.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    /// The axis at the left, unless there are names.
    pub y: Option<Axis>,
    /// The axis below, unless there are names.
    pub x: Option<Axis>,
    /// How many names there are from left to right, and from top to bottom.
    pub columns: usize,
    pub rows: usize,
}

impl Frame {
    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// How wide a name's room is.
    pub(crate) fn slot(&self) -> f64 {
        self.width() / self.columns.max(1) as f64
    }

    /// How high a name's room is.
    pub(crate) fn row(&self) -> f64 {
        self.height() / self.rows.max(1) as f64
    }

    /// The middle of a name's room, from left to right.
    pub(crate) fn column(&self, i: usize) -> f64 {
        self.left + self.slot() * (i as f64 + 0.5)
    }

    /// The middle of a name's room, from top to bottom.
    pub(crate) fn line(&self, i: usize) -> f64 {
        self.top + self.row() * (i as f64 + 0.5)
    }

    /// Where a value stands on the axis at the left.
    pub(crate) fn y(&self, value: f64) -> f64 {
        self.bottom - self.y.as_ref().map_or(0.0, |axis| axis.position(value).clamp(0.0, 1.0)) * self.height()
    }

    /// Where a value stands on the axis below.
    pub(crate) fn x(&self, value: f64) -> f64 {
        self.left + self.x.as_ref().map_or(0.0, |axis| axis.position(value).clamp(0.0, 1.0)) * self.width()
    }

    /// Where bars that stand begin.
    pub(crate) fn floor(&self) -> f64 {
        self.bottom - self.y.as_ref().map_or(0.0, Axis::base) * self.height()
    }

    /// Where bars that lie begin.
    pub(crate) fn wall(&self) -> f64 {
        self.left + self.x.as_ref().map_or(0.0, Axis::base) * self.width()
    }
}
