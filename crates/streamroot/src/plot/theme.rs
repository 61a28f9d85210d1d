//! How figures look: on a light page, on a dark one, or in print.

use crate::plot::palette::Color;

/// Pixels a point: pictures have twice the pixels of their size, to be sharp on a dense screen.
pub(crate) const DENSITY: i32 = 2;

/// The room around everything, in points.
pub(crate) const MARGIN: f64 = 12.0;

/// What a figure is made for: `.theme(Dark)`. The environment variable `STREAMROOT_THEME` (`light`, `dark` or `print`) says
/// it for all figures that don't say it themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// White paper.
    #[default]
    Light,
    /// JupyterLab's dark page.
    Dark,
    /// White paper, and type that is still read when the figure is set into a column of print.
    Print,
}

impl Theme {
    /// The theme that the environment asks for.
    pub(crate) fn of_environment() -> Theme {
        match std::env::var("STREAMROOT_THEME").unwrap_or_default().to_ascii_lowercase().as_str() {
            "dark" => Theme::Dark,
            "print" => Theme::Print,
            _ => Theme::Light,
        }
    }

    pub(crate) fn look(self) -> Look {
        let light = Look {
            paper: Color(0xff, 0xff, 0xff),
            ink: Color(0x26, 0x26, 0x26),
            soft: Color(0x59, 0x59, 0x59),
            baseline: Color(0x8c, 0x8c, 0x8c),
            grid: Color(0xe4, 0xe4, 0xe4),
            no_value: Color(0xf0, 0xf0, 0xf0),
            scale: 1.0,
        };
        match self {
            Theme::Light => light,
            Theme::Dark => Look {
                paper: Color(0x11, 0x11, 0x11),
                ink: Color(0xe6, 0xe6, 0xe6),
                soft: Color(0xad, 0xad, 0xad),
                baseline: Color(0x80, 0x80, 0x80),
                grid: Color(0x33, 0x33, 0x33),
                no_value: Color(0x26, 0x26, 0x26),
                scale: 1.0,
            },
            Theme::Print => Look { ink: Color(0, 0, 0), soft: Color(0x33, 0x33, 0x33), scale: 1.35, ..light },
        }
    }
}

/// The colours of everything that is no data, and the sizes of type in points.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub paper: Color,
    pub ink: Color,
    pub soft: Color,
    pub baseline: Color,
    pub grid: Color,
    pub no_value: Color,
    pub scale: f64,
}

impl Look {
    pub(crate) fn title(self) -> f64 {
        15.0 * self.scale
    }

    pub(crate) fn label(self) -> f64 {
        12.0 * self.scale
    }

    pub(crate) fn tick(self) -> f64 {
        11.0 * self.scale
    }

    pub(crate) fn note(self) -> f64 {
        10.0 * self.scale
    }

    /// The sizes in which values are written, the first that fits.
    pub(crate) fn values(self) -> [f64; 4] {
        [11.0, 10.0, 9.0, 8.0].map(|size| size * self.scale)
    }
}
