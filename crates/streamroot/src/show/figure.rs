//! Figures and charts as a page, a file and a terminal show them.

use std::fmt;
use std::path::Path;

use crate::plot::chart::Chart;
use crate::plot::figure::Figure;
use crate::{Error, Result, page};

impl Figure {
    /// The figure as PNG, with two pixels a point.
    ///
    /// # Errors
    /// [`Error::Figure`] when a chart can't be drawn, with the reason.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        self.drawn()?.png()
    }

    /// The figure as SVG.
    ///
    /// # Errors
    /// [`Error::Figure`] when a chart can't be drawn, with the reason.
    pub fn to_svg(&self) -> Result<String> {
        self.drawn()?.svg()
    }

    /// Writes the figure to a file, as PNG or SVG by its ending.
    ///
    /// # Errors
    /// [`Error::Figure`] when a chart can't be drawn, when the file can't be written, or at another ending.
    pub fn save(&self, path: &str) -> Result<()> {
        let ending = Path::new(path).extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        let bytes = match ending.as_deref() {
            Some("png") => self.to_png()?,
            Some("svg") => self.to_svg()?.into_bytes(),
            _ => return Err(Error::Figure(format!("{path:?} ends neither in .png nor in .svg: name one of the two"))),
        };
        std::fs::write(path, bytes).map_err(|e| Error::Figure(format!("the figure can't be written to {path:?}: {e}")))
    }

    /// Shows the figure as a cell's output: SVG, PNG, and its values as text.
    pub fn evcxr_display(&self) {
        let drawn = self.drawn().and_then(|scene| {
            let png = page::base64(&scene.png()?);
            let svg = if scene.is_crowded() { scene.svg_of_png(&png) } else { scene.svg()? };
            Ok((png, svg))
        });
        match drawn {
            Ok((png, svg)) => {
                page::bundle(&[("image/png", &png), ("image/svg+xml", &svg), ("text/plain", &self.to_string())]);
            }
            Err(error) => page::failed(&error),
        }
    }
}

impl Chart {
    /// Writes the chart to a file, as PNG or SVG by its ending.
    ///
    /// # Errors
    /// [`Error::Figure`] when the chart can't be drawn, when the file can't be written, or at another ending.
    pub fn save(&self, path: &str) -> Result<()> {
        Figure::from(self.clone()).save(path)
    }

    /// Shows the chart as a cell's output.
    pub fn evcxr_display(&self) {
        Figure::from(self.clone()).evcxr_display();
    }
}

/// The values of all charts, for those who can't see them.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let charts = self.charts.iter().flat_map(|chart| {
            if chart.facets.is_empty() { std::slice::from_ref(chart) } else { chart.facets.as_slice() }
        });
        for (i, chart) in charts.enumerate() {
            let title = if chart.title.is_empty() { &chart.y_label } else { &chart.title };
            write!(f, "{}{title}:", if i == 0 { "" } else { "\n" })?;
            for series in &chart.series {
                if chart.series.len() > 1 {
                    write!(f, "\n  {}:", series.name.label)?;
                }
                write_values(f, chart, series)?;
            }
            if chart.drawing.is_some() {
                f.write_str(" a drawing")?;
            }
        }
        Ok(())
    }
}

/// More values than these say less than the picture.
const MOST_VALUES: usize = 50;

fn write_values(f: &mut fmt::Formatter<'_>, chart: &Chart, series: &crate::plot::chart::Series) -> fmt::Result {
    for (j, value) in series.values.iter().enumerate().take(MOST_VALUES) {
        let label = match (chart.across, series.at.get(j), chart.categories.get(j)) {
            (Some(across), Some(at), _) => across.format(*at),
            (None, Some(at), _) => chart.categories.get(*at as usize).map_or(String::new(), |c| c.label.clone()),
            (_, _, Some(category)) => category.label.clone(),
            _ => String::new(),
        };
        let value = value.map_or("–".to_owned(), |v| chart.unit.format(v));
        write!(f, "{} {label} {value}", if j == 0 { "" } else { "," })?;
    }
    match series.values.len().saturating_sub(MOST_VALUES) {
        0 => Ok(()),
        rest => write!(f, " and {rest} more"),
    }
}
