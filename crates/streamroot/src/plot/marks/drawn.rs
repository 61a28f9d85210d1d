//! What a cell has drawn with plotters itself.

use crate::plot::chart::{Chart, Mark, Side};
use crate::plot::frame::Frame;
use crate::plot::paper::{Area, Drawing, on_page};
use crate::plot::scene::Scene;

impl Chart {
    /// See [`Figure::draw`](crate::Figure::draw).
    pub(crate) fn drawn(
        width: u32,
        height: u32,
        draw: impl FnOnce(&Area) -> Result<(), Box<dyn std::error::Error>>,
    ) -> Chart {
        let chart = Chart { size: Some((width, height)), ..Chart::new(&Drawn) };
        match Drawing::record(width, height, draw) {
            Ok(drawing) => Chart { drawing: Some(drawing), ..chart },
            Err(problem) => Chart { problem: Some(problem), ..chart },
        }
    }
}

#[derive(Debug)]
struct Drawn;

impl Mark for Drawn {
    fn left(&self, _: &Chart) -> Side {
        Side::Names(Vec::new())
    }

    fn below(&self, _: &Chart) -> Side {
        Side::Names(Vec::new())
    }

    /// As large as it fits, in the middle.
    fn draw(&self, chart: &Chart, frame: &Frame, scene: &mut Scene) {
        let Some(drawing) = &chart.drawing else { return };
        let (width, height) = (f64::from(drawing.width), f64::from(drawing.height));
        let scale = (frame.width() / width).min(frame.height() / height);
        let left = frame.left + (frame.width() - width * scale) / 2.0;
        let top = frame.top + (frame.height() - height * scale) / 2.0;
        let look = scene.look;
        scene.place(drawing.shapes.iter().map(|shape| on_page(shape.placed(left, top, scale), look)));
    }
}
