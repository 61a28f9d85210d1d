//! Colours: the palettes that the original notebook uses, equal to seaborn's, and a default that all readers can tell apart.

use std::f64::consts::TAU;

/// A colour as red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color(pub u8, pub u8, pub u8);

impl Color {
    /// The colour as `#rrggbb`.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// Dark grey or white, whichever has the higher contrast with this colour (WCAG 2).
    pub fn ink(self) -> Color {
        const DARK: Color = Color(0x26, 0x26, 0x26);
        const WHITE: Color = Color(0xff, 0xff, 0xff);
        let own = self.luminance() + 0.05;
        if own / (DARK.luminance() + 0.05) > (WHITE.luminance() + 0.05) / own { DARK } else { WHITE }
    }

    fn luminance(self) -> f64 {
        let linear = |c: u8| (f64::from(c) / 255.0).powf(2.2);
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }
}

/// For what a cell draws with plotters itself.
impl From<Color> for plotters::style::RGBColor {
    fn from(Color(red, green, blue): Color) -> plotters::style::RGBColor {
        plotters::style::RGBColor(red, green, blue)
    }
}

/// Where a chart takes its colours from.
///
/// ```
/// use streamroot::prelude::*;
///
/// assert_eq!(Blues.pick(5)[0].hex(), "#d6e6f4");
/// assert_eq!(BuGn.reversed().pick(4)[0], BuGn.pick(4)[3]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Palette {
    scale: Scale,
    reversed: bool,
    /// How many colours the palette is divided into; `None` for as many as there are categories.
    size: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
enum Scale {
    /// These colours and no others, from the first again when there are not enough.
    Cycle(&'static [Color]),
    /// Colours of the user's own, used like a cycle.
    Own(Vec<Color>),
    /// Evenly spaced colours, blended linearly, of which the two ends are not used.
    Inner(&'static [Color]),
    /// Colours at places from 0 to 1, blended linearly, ends included.
    Stops(&'static [(f64, Color)]),
    /// A way through the colour cube whose lightness falls evenly.
    Cubehelix { start: f64, rotations: f64 },
}

/// ColorBrewer's blues, light to dark.
#[allow(non_upper_case_globals, reason = "a palette's name is a proper name")]
pub const Blues: Palette = Palette::of(Scale::Inner(&[
    Color(247, 251, 255),
    Color(222, 235, 247),
    Color(198, 219, 239),
    Color(158, 202, 225),
    Color(107, 174, 214),
    Color(66, 146, 198),
    Color(33, 113, 181),
    Color(8, 81, 156),
    Color(8, 48, 107),
]));

/// ColorBrewer's blue-greens, light to dark.
#[allow(non_upper_case_globals, reason = "a palette's name is a proper name")]
pub const BuGn: Palette = Palette::of(Scale::Inner(&[
    Color(247, 252, 253),
    Color(229, 245, 249),
    Color(204, 236, 230),
    Color(153, 216, 201),
    Color(102, 194, 164),
    Color(65, 174, 118),
    Color(35, 139, 69),
    Color(0, 109, 44),
    Color(0, 68, 27),
]));

/// ColorBrewer's brown to blue-green, pale in the middle.
#[allow(non_upper_case_globals, reason = "a palette's name is a proper name")]
pub const BrBG: Palette = Palette::of(Scale::Inner(&[
    Color(84, 48, 5),
    Color(140, 81, 10),
    Color(191, 129, 45),
    Color(223, 194, 125),
    Color(246, 232, 195),
    Color(245, 245, 245),
    Color(199, 234, 229),
    Color(128, 205, 193),
    Color(53, 151, 143),
    Color(1, 102, 94),
    Color(0, 60, 48),
]));

/// Red to blue, pale in the middle: seaborn's `diverging_palette(10, 220, sep=80)`.
///
/// The ends are the HUSL colours (10, 75, 50) and (220, 75, 50), each blended with a grey of its own hue, and the middle
/// 80 of 256 steps are one light grey.
#[allow(non_upper_case_globals, reason = "a palette's name is a proper name")]
pub const RedBlue: Palette = Palette::of(Scale::Stops(&[
    (0.0, Color(218, 59, 70)),
    (87.0 / 255.0, Color(242, 240, 240)),
    (88.0 / 255.0, Color(242, 242, 242)),
    (167.0 / 255.0, Color(242, 242, 242)),
    (168.0 / 255.0, Color(239, 241, 242)),
    (1.0, Color(63, 127, 147)),
]));

/// Pale pink to deep purple: seaborn's `cubehelix_palette(8)`.
#[allow(non_upper_case_globals, reason = "a palette's name is a proper name")]
pub const Pinks: Palette = Palette::of(Scale::Cubehelix { start: 0.0, rotations: 0.4 }).colors(8);

/// Pale green to deep blue: seaborn's `cubehelix_palette(8, start=.5, rot=-.75)`.
#[allow(non_upper_case_globals, reason = "a palette's name is a proper name")]
pub const Greens: Palette = Palette::of(Scale::Cubehelix { start: 0.5, rotations: -0.75 }).colors(8);

/// Matplotlib's cycle of ten.
#[allow(non_upper_case_globals, reason = "a palette's name is a proper name")]
pub const Tab10: Palette = Palette::of(Scale::Cycle(&[
    Color(0x1f, 0x77, 0xb4),
    Color(0xff, 0x7f, 0x0e),
    Color(0x2c, 0xa0, 0x2c),
    Color(0xd6, 0x27, 0x28),
    Color(0x94, 0x67, 0xbd),
    Color(0x8c, 0x56, 0x4b),
    Color(0xe3, 0x77, 0xc2),
    Color(0x7f, 0x7f, 0x7f),
    Color(0xbc, 0xbd, 0x22),
    Color(0x17, 0xbe, 0xcf),
]));

/// Ten colours that readers with any kind of colour vision can tell apart: seaborn's `colorblind`. The default.
#[allow(non_upper_case_globals, reason = "a palette's name is a proper name")]
pub const ColorBlind: Palette = Palette::of(Scale::Cycle(&[
    Color(0x01, 0x73, 0xb2),
    Color(0xde, 0x8f, 0x05),
    Color(0x02, 0x9e, 0x73),
    Color(0xd5, 0x5e, 0x00),
    Color(0xcc, 0x78, 0xbc),
    Color(0xca, 0x91, 0x61),
    Color(0xfb, 0xaf, 0xe4),
    Color(0x94, 0x94, 0x94),
    Color(0xec, 0xe1, 0x33),
    Color(0x56, 0xb4, 0xe9),
]));

impl Palette {
    const fn of(scale: Scale) -> Palette {
        Palette { scale, reversed: false, size: None }
    }

    /// The palette from its other end.
    #[must_use]
    pub const fn reversed(mut self) -> Palette {
        self.reversed = !self.reversed;
        self
    }

    /// The palette divided into `size` colours, whatever the number of categories: `BrBG.colors(7)` gives four bars the
    /// first four of seven.
    #[must_use]
    pub const fn colors(mut self, size: usize) -> Palette {
        self.size = Some(size);
        self
    }

    /// The colours of `n` categories.
    pub fn pick(&self, n: usize) -> Vec<Color> {
        let size = match &self.scale {
            Scale::Cycle(colors) => colors.len(),
            Scale::Own(colors) => colors.len(),
            // More cannot be told apart.
            _ => self.size.unwrap_or(n).clamp(1, 4096),
        };
        let mut colors: Vec<Color> = (0..size).map(|i| self.scale.color(i, size)).collect();
        if self.reversed {
            colors.reverse();
        }
        colors.into_iter().cycle().take(n).collect()
    }
}

impl Palette {
    /// As many shades as a scale of numbers needs, from low to high, whatever number of colours the palette was divided
    /// into. A palette of colours that only tell things apart gives shades of its first one.
    pub(crate) fn shades(&self, n: usize) -> Vec<Color> {
        match &self.scale {
            Scale::Cycle(_) | Scale::Own(_) => {
                let full = self.pick(1).first().copied().unwrap_or(Color(0, 0, 0));
                let part = |i: usize| 0.04 + 0.96 * i as f64 / n.max(2).saturating_sub(1) as f64;
                (0..n).map(|i| blend(Color(0xff, 0xff, 0xff), full, part(i))).collect()
            }
            Scale::Stops(stops) => {
                let shade = |i: usize| {
                    let part = i as f64 / n.max(2).saturating_sub(1) as f64;
                    at(stops, without_stretches(stops, if self.reversed { 1.0 - part } else { part }))
                };
                (0..n).map(shade).collect()
            }
            _ => Palette { size: None, ..self.clone() }.pick(n),
        }
    }

    /// Whether its middle stands for what is neither the one nor the other.
    pub(crate) fn has_two_ends(&self) -> bool {
        self.scale == RedBlue.scale || self.scale == BrBG.scale
    }
}

/// The colour at a place from 0 to 1.
fn at(stops: &[(f64, Color)], x: f64) -> Color {
    let after = stops.iter().position(|stop| stop.0 >= x).unwrap_or(stops.len() - 1).max(1);
    let ((x0, c0), (x1, c1)) = (stops[after - 1], stops[after]);
    blend(c0, c1, (x - x0) / (x1 - x0))
}

/// A place on the scale without the stretches of it that have one colour: values that differ have shades that do.
fn without_stretches(stops: &[(f64, Color)], part: f64) -> f64 {
    let stretches = || stops.windows(2).filter(|pair| pair[0].1 == pair[1].1).map(|pair| (pair[0].0, pair[1].0));
    let left: f64 = 1.0 - stretches().map(|(from, to)| to - from).sum::<f64>();
    stretches().fold(part * left, |x, (from, to)| if x > from { x + to - from } else { x })
}

impl Default for Palette {
    fn default() -> Palette {
        ColorBlind
    }
}

/// Colours of one's own, used in their order: `[Color(31, 119, 180), Color(255, 127, 14)]`.
impl<const N: usize> From<[Color; N]> for Palette {
    fn from(colors: [Color; N]) -> Palette {
        Palette::of(if N == 0 { Scale::Cycle(&[Color(0x80, 0x80, 0x80)]) } else { Scale::Own(colors.into()) })
    }
}

impl From<Color> for Palette {
    fn from(color: Color) -> Palette {
        Palette::from([color])
    }
}

impl Scale {
    /// Colour number `i` of `n`.
    fn color(&self, i: usize, n: usize) -> Color {
        let (position, count) = (i as f64, n as f64);
        let from_end_to_end = if n > 1 { position / (count - 1.0) } else { 0.0 };
        match self {
            Scale::Cycle(colors) => colors[i % colors.len()],
            Scale::Own(colors) => colors[i % colors.len()],
            Scale::Inner(colors) => {
                let x = as_colormap_entry((position + 1.0) / (count + 1.0)) * (colors.len() - 1) as f64;
                let before = (x as usize).min(colors.len() - 2);
                blend(colors[before], colors[before + 1], x - before as f64)
            }
            Scale::Stops(stops) => at(stops, as_colormap_entry(from_end_to_end)),
            Scale::Cubehelix { start, rotations } => {
                const LIGHT: f64 = 0.85;
                const DARK: f64 = 0.15;
                let x = as_colormap_entry(LIGHT + (DARK - LIGHT) * from_end_to_end);
                cubehelix(x, *start, *rotations)
            }
        }
    }
}

/// Matplotlib looks colours up in a table of 256; this is where in the scale the entry for `x` was taken from.
fn as_colormap_entry(x: f64) -> f64 {
    (x * 256.0).floor().clamp(0.0, 255.0) / 255.0
}

fn blend(from: Color, to: Color, part: f64) -> Color {
    let channel = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * part).round() as u8;
    Color(channel(from.0, to.0), channel(from.1, to.1), channel(from.2, to.2))
}

/// D. A. Green, "A colour scheme for the display of astronomical intensity images", 2011, with hue 0.8 and gamma 1.
fn cubehelix(x: f64, start: f64, rotations: f64) -> Color {
    const HUE: f64 = 0.8;
    let amplitude = HUE * x * (1.0 - x) / 2.0;
    let (sin, cos) = (TAU * (start / 3.0 + rotations * x)).sin_cos();
    let channel = |a: f64, b: f64| ((x + amplitude * (a * cos + b * sin)).clamp(0.0, 1.0) * 255.0).round() as u8;
    Color(channel(-0.14861, 1.78277), channel(-0.29227, -0.90649), channel(1.97294, 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// seaborn 0.13.2's own values, printed by `sns.color_palette(name, n).as_hex()` and the functions named here.
    #[test]
    fn palettes_equal_seaborns() {
        let cases: [(&str, Palette, &[&str]); 8] = [
            ("Blues, 5", Blues, &["#d6e6f4", "#abd0e6", "#6aaed6", "#3787c0", "#105ba4"]),
            ("Blues, 4", Blues, &["#d0e1f2", "#94c4df", "#4a98c9", "#1764ab"]),
            ("BuGn_r, 4", BuGn.reversed(), &["#157f3b", "#48b27f", "#8fd4c2", "#d6f0ee"]),
            (
                "BuGn, 9",
                BuGn,
                &["#e9f7fa", "#d6f0ee", "#b8e4db", "#8fd4c2", "#65c2a3", "#48b27f", "#2f9858", "#157f3b", "#006428"],
            ),
            ("BrBG, 7", BrBG.colors(7), &["#995d13", "#cfa256", "#f1dfb3", "#f4f5f5", "#b4e2db", "#58b0a7", "#0c7169"]),
            (
                "cubehelix_palette(8)",
                Pinks,
                &["#edd1cb", "#e1b1b4", "#cf91a3", "#b77495", "#9a5b88", "#774576", "#52315f", "#2d1e3e"],
            ),
            (
                "cubehelix_palette(8, start=.5, rot=-.75)",
                Greens,
                &["#d7dfc0", "#aecfa2", "#82bc92", "#5fa38e", "#4a848b", "#3f5f7f", "#393d65", "#2c1e3e"],
            ),
            (
                "diverging_palette(10, 220, sep=80, n=7)",
                RedBlue.colors(7),
                &["#da3b46", "#e69298", "#f2eded", "#f2f2f2", "#ebeff0", "#94b6c1", "#3f7f93"],
            ),
        ];
        for (name, palette, theirs) in cases {
            for (i, (ours, theirs)) in palette.pick(theirs.len()).iter().zip(theirs).enumerate() {
                let channel = |from: usize| u8::from_str_radix(&theirs[from..from + 2], 16).unwrap();
                for (a, b) in [(ours.0, channel(1)), (ours.1, channel(3)), (ours.2, channel(5))] {
                    assert!(a.abs_diff(b) <= 2, "{name}, colour {i}: {} is not {theirs}", ours.hex());
                }
            }
        }
    }

    #[test]
    fn shades_run_from_one_end_to_the_other() {
        for palette in [Blues, Greens, BuGn.reversed(), Tab10, Palette::from(Color(200, 0, 0))] {
            let shades = palette.shades(256);
            assert_eq!(shades.len(), 256);
            let steps = shades.windows(2).map(|pair| pair[0].luminance() - pair[1].luminance());
            let (down, up) = steps.fold((0.0_f64, 0.0_f64), |(down, up), step| (down.max(step), up.max(-step)));
            assert!(down < 0.03 && up < 0.03, "{palette:?} jumps by {down} or {up}");
            assert!((shades[0].luminance() - shades[255].luminance()).abs() > 0.4, "{palette:?}");
        }
        let shades = RedBlue.shades(256);
        assert!(
            shades.chunk_by(|a, b| a == b).all(|same| same.len() < 16),
            "no two values far from each other look alike"
        );
        assert_eq!((shades[0], shades[255]), (RedBlue.pick(2)[0], RedBlue.pick(2)[1]));
        assert_eq!(RedBlue.reversed().shades(256)[0], shades[255]);
    }

    #[test]
    fn a_palette_of_fixed_size_gives_its_first_colours() {
        assert_eq!(Pinks.pick(3), Pinks.pick(8)[..3]);
        assert_eq!(Tab10.pick(12)[10], Tab10.pick(1)[0]);
        assert_eq!(Blues.pick(0), []);
        assert_eq!(Palette::from([Color(1, 2, 3)]).pick(2), [Color(1, 2, 3); 2]);
    }
}
