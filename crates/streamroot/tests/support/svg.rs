//! What an SVG shows: its labels and where they are, its shapes.
#![allow(dead_code, reason = "each test uses a part")]

use streamroot::Figure;

/// The sizes at which people look at figures.
const SIZES: [(u32, u32); 4] = [(400, 300), (640, 480), (1440, 504), (1920, 1080)];

/// A line of text as the SVG places it: its content and the corners of the room it takes, in pixels.
#[derive(Debug)]
pub struct Label {
    pub content: String,
    pub corners: [(f64, f64); 4],
}

pub fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[start..].split('"').next()
}

pub fn labels(svg: &str) -> Vec<Label> {
    let texts = svg.split("<text").skip(1).map(|rest| rest.split("</text>").next().unwrap().split_once('>').unwrap());
    texts
        .map(|(tag, content)| {
            let number = |name: &str| attribute(tag, name).unwrap().parse::<f64>().unwrap();
            let (x, y, size, length) = (number("x"), number("y"), number("font-size"), number("textLength"));
            let from = match attribute(tag, "text-anchor").unwrap() {
                "start" => 0.0,
                "middle" => -length / 2.0,
                _ => -length,
            };
            let turn = attribute(tag, "transform").map_or(0.0, |t| {
                t.trim_start_matches("rotate(").split(' ').next().unwrap().parse::<f64>().unwrap().to_radians()
            });
            let (sin, cos) = turn.sin_cos();
            // Capitals and digits: from the baseline to 0.73 of the size.
            let corners = [(from, 0.0), (from + length, 0.0), (from + length, -0.73 * size), (from, -0.73 * size)]
                .map(|(dx, dy)| (x + dx * cos - dy * sin, y + dx * sin + dy * cos));
            Label { content: content.to_owned(), corners }
        })
        .collect()
}

/// Two convex shapes overlap unless an edge of one of them separates them (by half a pixel or more).
fn overlap(a: &Label, b: &Label) -> bool {
    let separates = |of: &[(f64, f64); 4]| {
        (0..4).any(|i| {
            let ((x0, y0), (x1, y1)) = (of[i], of[(i + 1) % 4]);
            let (nx, ny) = (y1 - y0, x0 - x1);
            let span = |label: &Label| {
                let along = label.corners.map(|(x, y)| x * nx + y * ny);
                (along.iter().copied().fold(f64::MAX, f64::min), along.iter().copied().fold(f64::MIN, f64::max))
            };
            let ((a0, a1), (b0, b1)) = (span(a), span(b));
            a1 <= b0 || b1 <= a0
        })
    };
    !separates(&a.corners) && !separates(&b.corners)
}

/// Every label is within the picture and on no other, at all sizes.
pub fn check(name: &str, figure: impl Fn() -> Figure) {
    for (width, height) in SIZES {
        let svg = figure().size(width, height).to_svg().unwrap();
        let labels = labels(&svg);
        assert!(!labels.is_empty(), "{name} at {width}x{height} has no text");
        for (i, label) in labels.iter().enumerate() {
            for (x, y) in label.corners {
                let inside = (0.0..=f64::from(2 * width)).contains(&x) && (0.0..=f64::from(2 * height)).contains(&y);
                assert!(inside, "{name} at {width}x{height}: {:?} is cut off at ({x:.0}, {y:.0})", label.content);
            }
            for other in &labels[..i] {
                assert!(
                    !overlap(label, other),
                    "{name} at {width}x{height}: {:?} and {:?} overlap",
                    label.content,
                    other.content
                );
            }
        }
    }
}

/// The fill of the bars, in the order in which they are drawn.
pub fn fills(svg: &str) -> Vec<String> {
    let bars = svg.split("<rect").skip(1).filter_map(|tag| attribute(tag.split("/>").next()?, "fill"));
    bars.map(str::to_ascii_lowercase)
        .filter(|fill| !["#ffffff", "#e4e4e4", "#8c8c8c"].contains(&fill.as_str()))
        .collect()
}

/// The numbers in an attribute of each tag of a name.
pub fn numbers(svg: &str, tag: &str, name: &str) -> Vec<f64> {
    tags(svg, tag).iter().filter_map(|tag| attribute(tag, name)?.parse().ok()).collect()
}

pub fn tags<'a>(svg: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!("<{name}");
    let starts = svg.split(&start).skip(1).filter(|rest| rest.starts_with(' '));
    starts.map(|rest| rest.split('>').next().unwrap()).collect()
}

/// The points of each line or polygon.
pub fn points(svg: &str, tag: &str) -> Vec<Vec<(f64, f64)>> {
    let points = |tag: &&str| -> Option<Vec<(f64, f64)>> {
        let points = attribute(tag, "points")?.split_whitespace();
        points.map(|point| point.split_once(',').and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)))).collect()
    };
    tags(svg, tag).iter().filter_map(points).collect()
}

/// The texts of all labels.
pub fn texts(svg: &str) -> Vec<String> {
    labels(svg).into_iter().map(|label| label.content).collect()
}

/// Left, top, right and bottom of the boxes of a colour.
pub fn boxes(svg: &str, fill: &str) -> Vec<(f64, f64, f64, f64)> {
    let tags = svg.split("<rect").skip(1).filter_map(|rest| rest.split("/>").next());
    tags.filter(|tag| attribute(tag, "fill").is_some_and(|own| own.eq_ignore_ascii_case(fill)))
        .filter_map(|tag| {
            let number = |name: &str| attribute(tag, name)?.parse::<f64>().ok();
            let (x, y) = (number("x")?, number("y")?);
            Some((x, y, x + number("width")?, y + number("height")?))
        })
        .collect()
}
