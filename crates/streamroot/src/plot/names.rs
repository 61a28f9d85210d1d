//! Category names along the horizontal axis: on one line if they fit, else wrapped, smaller, tilted, upright, or thinned
//! out.

use crate::plot::palette::Color;
use crate::plot::scene::Scene;
use crate::plot::text::{Align, Text};

/// How the names of a panel are set.
pub(crate) struct Names {
    lines: Vec<Vec<String>>,
    pub size: f64,
    angle: f64,
    /// The height they take, in points.
    pub height: f64,
}

const LINE: f64 = 1.25;
const SIZES: [f64; 3] = [12.0, 11.0, 10.0];
const TILT: f64 = 40.0;

impl Names {
    /// Sets names `slot` points apart, the first with `left` points to the picture's edge, at most `height` high and in
    /// letters no larger than `largest`.
    pub(crate) fn set(scene: &Scene, names: &[&str], slot: f64, left: f64, height: f64, largest: f64) -> Names {
        let (typeface, scale) = (&scene.typeface, scene.look.scale);
        let room = slot - 6.0;
        let sizes = || SIZES.into_iter().map(|size| size * scale).filter(|&size| size <= largest);
        for size in sizes() {
            if names.iter().all(|name| name.len() < 200 && typeface.width(name, size) <= room) {
                let lines = names.iter().map(|name| vec![(*name).to_owned()]).collect();
                return Names { lines, size, angle: 0.0, height: size * LINE };
            }
        }
        for size in sizes() {
            let most = (height / (size * LINE)).min(3.0);
            let fits = |line: &String| typeface.width(line, size) <= room;
            if names.iter().any(|name| name.len() > 200) {
                break;
            }
            let lines: Vec<Vec<String>> = names.iter().map(|name| typeface.wrap(name, size, room)).collect();
            if lines.iter().all(|lines| lines.len() as f64 <= most && lines.iter().all(fits)) {
                let height = size * LINE * lines.iter().map(Vec::len).max().unwrap_or(1) as f64;
                return Names { lines, size, angle: 0.0, height };
            }
        }
        // Side by side, tilted lines are as far apart as their height over the sine of the angle.
        let tilted = (slot * TILT.to_radians().sin() / 1.1).min(11.0 * scale);
        let (angle, size) = if tilted >= 8.5 { (TILT, tilted) } else { (90.0, (slot / 1.15).clamp(7.0, 10.0 * scale)) };
        let every = (size * 1.15 / slot).ceil().max(1.0) as usize;
        let (sin, cos) = angle.to_radians().sin_cos();
        let longest = (height - size) / sin;
        let lines: Vec<Vec<String>> = names
            .iter()
            .enumerate()
            .map(|(i, name)| {
                let to_edge = (left + slot * (i as f64 + 0.5) - 6.0) / cos.max(1e-6);
                if i % every == 0 { vec![typeface.shorten(name, size, longest.min(to_edge))] } else { Vec::new() }
            })
            .collect();
        let widest = lines.iter().flatten().map(|line| typeface.width(line, size)).fold(0.0, f64::max);
        Names { lines, size, angle, height: widest * sin + size * cos + 2.0 }
    }

    /// The lines of name number `i` whose slot is centred on `x`, below `top`.
    pub(crate) fn texts(&self, i: usize, x: f64, top: f64, color: Color) -> Vec<Text> {
        let lines = self.lines.get(i).map(Vec::as_slice).unwrap_or_default();
        let texts = lines.iter().enumerate();
        texts
            .map(|(number, line)| {
                if self.angle == 0.0 {
                    let y = top + self.size * (0.95 + LINE * number as f64);
                    Text::new(line, x, y, self.size, color).align(Align::Middle)
                } else {
                    let (sin, cos) = self.angle.to_radians().sin_cos();
                    // The end of the line's middle stands at the tick.
                    let (x, y) = (x + self.size * 0.36 * sin, top + self.size * 0.36 * cos + 2.0);
                    Text::new(line, x, y, self.size, color).align(Align::End).angle(self.angle)
                }
            })
            .collect()
    }
}
