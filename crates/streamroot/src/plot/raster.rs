//! Which pixels a shape covers, and how much of each.
//!
//! Lines and areas are drawn here and not by plotters-bitmap because that puts their points on whole pixels and leaves the
//! edges of thick lines jagged.

use ab_glyph_rasterizer::{Rasterizer, point};

/// A point in pixels.
type Place = (f64, f64);

/// Calls `pixel` for each pixel that polygons cover, with the part of it that they do, up to 1. They all run the same way
/// round, so that what two of them cover is covered once.
pub(crate) fn cover(polygons: &[Vec<Place>], width: u32, height: u32, mut pixel: impl FnMut(i32, i32, f64)) {
    let clipped: Vec<Vec<Place>> =
        polygons.iter().map(|polygon| clip(polygon, f64::from(width), f64::from(height))).collect();
    let points = || clipped.iter().flatten();
    let left = points().map(|p| p.0).fold(f64::MAX, f64::min).floor();
    let top = points().map(|p| p.1).fold(f64::MAX, f64::min).floor();
    let right = points().map(|p| p.0).fold(f64::MIN, f64::max).ceil();
    let bottom = points().map(|p| p.1).fold(f64::MIN, f64::max).ceil();
    if left >= right || top >= bottom {
        return;
    }
    let mut coverage = Rasterizer::new((right - left) as usize + 2, (bottom - top) as usize + 1);
    for polygon in &clipped {
        for (i, from) in polygon.iter().enumerate() {
            let to = polygon[(i + 1) % polygon.len()];
            let relative = |(x, y): Place| point((x - left) as f32, (y - top) as f32);
            coverage.draw_line(relative(*from), relative(to));
        }
    }
    coverage.for_each_pixel_2d(|x, y, part| {
        let (x, y) = (left as i64 + i64::from(x), top as i64 + i64::from(y));
        if part > 0.002 && x < i64::from(width) && y < i64::from(height) {
            pixel(x as i32, y as i32, f64::from(part.min(1.0)));
        }
    });
}

/// What of a polygon is within the picture (I. Sutherland and G. Hodgman, "Reentrant Polygon Clipping", 1974).
fn clip(polygon: &[Place], width: f64, height: f64) -> Vec<Place> {
    // How far inside of each edge a point is.
    let edges: [&dyn Fn(Place) -> f64; 4] = [&|p| p.0, &|p| width - p.0, &|p| p.1, &|p| height - p.1];
    let mut points = polygon.to_vec();
    for inside in edges {
        let mut kept = Vec::with_capacity(points.len() + 2);
        for (i, &to) in points.iter().enumerate() {
            let from = points[(i + points.len() - 1) % points.len()];
            let (a, b) = (inside(from), inside(to));
            if (a < 0.0) != (b < 0.0) {
                let part = a / (a - b);
                kept.push((from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part));
            }
            if b >= 0.0 {
                kept.push(to);
            }
        }
        points = kept;
    }
    points
}

/// The polygons that a line of some width through points covers, with round joints.
pub(crate) fn stroke(points: &[Place], width: f64) -> Vec<Vec<Place>> {
    const STEP: f64 = 0.4;
    let half = width / 2.0;
    let mut polygons = Vec::new();
    let mut before: Option<f64> = None;
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let (dx, dy) = (x1 - x0, y1 - y0);
        let length = dx.hypot(dy);
        if length < 1e-9 {
            continue;
        }
        let (nx, ny) = (-dy / length * half, dx / length * half);
        polygons.push(vec![(x0 + nx, y0 + ny), (x1 + nx, y1 + ny), (x1 - nx, y1 - ny), (x0 - nx, y0 - ny)]);
        let angle = dy.atan2(dx);
        if let Some(before) = before {
            // The wedge on the outer side of the bend.
            let turn = (angle - before + std::f64::consts::PI).rem_euclid(std::f64::consts::TAU) - std::f64::consts::PI;
            let steps = (turn.abs() / STEP).ceil().max(1.0) as usize;
            let side = if turn > 0.0 { -1.0 } else { 1.0 };
            let mut rim: Vec<Place> = (0..=steps)
                .map(|i| {
                    let normal = before + turn * i as f64 / steps as f64 + side * std::f64::consts::FRAC_PI_2;
                    (x0 + normal.cos() * half, y0 + normal.sin() * half)
                })
                .collect();
            if turn > 0.0 {
                rim.reverse();
            }
            rim.push((x0, y0));
            polygons.push(rim);
        }
        before = Some(angle);
    }
    polygons
}

/// A disc, as a polygon that is round to the eye.
pub(crate) fn disc((x, y): Place, radius: f64) -> Vec<Place> {
    let corners = (radius * 4.0).clamp(16.0, 96.0).round();
    (0..corners as i32)
        .map(|i| {
            let angle = -f64::from(i) / corners * std::f64::consts::TAU;
            (x + angle.cos() * radius, y + angle.sin() * radius)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(polygons: &[Vec<Place>], size: u32) -> f64 {
        let mut sum = 0.0;
        cover(polygons, size, size, |_, _, part| sum += part);
        sum
    }

    #[test]
    fn what_is_covered_is_as_large_as_the_shape() {
        let close = |a: f64, b: f64| (a - b).abs() < 0.02 * b;
        let square = vec![(1.25, 1.5), (9.25, 1.5), (9.25, 6.5), (1.25, 6.5)];
        assert!(close(area(&[square], 20), 40.0));
        assert!(close(area(&[disc((50.3, 49.6), 20.0)], 100), std::f64::consts::PI * 400.0));
        let line = stroke(&[(10.0, 10.0), (60.0, 10.0), (60.0, 80.0)], 4.0);
        // Two bars, which meet in a square of which one quarter is round.
        let joint = 4.0 - 4.0 * (1.0 - std::f64::consts::FRAC_PI_4);
        assert!(close(area(&line, 100), 50.0 * 4.0 + 70.0 * 4.0 - 4.0 + joint));
        // What is beyond the picture is cut off, however far it reaches.
        assert!(close(area(&[vec![(-1e9, -1e9), (1e9, -1e9), (1e9, 1e9), (-1e9, 1e9)]], 10), 100.0));
        assert_eq!(area(&[vec![(-5.0, -5.0), (-1.0, -5.0), (-1.0, -1.0)]], 10), 0.0);
    }
}
