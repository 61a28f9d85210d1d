//! What parts on top of each other come to.

use crate::plot::chart::Chart;
use crate::{Error, Result};

/// The sum of what stands above 0 at a place, or below it.
pub(super) fn sum(chart: &Chart, i: usize, up: bool) -> f64 {
    let values = chart.series.iter().filter_map(|s| chart.drawable(s.values.get(i).copied().flatten()));
    values.filter(|v| (*v > 0.0) == up).sum()
}

/// How long the whole of each category is, above 0 and below it.
pub(super) fn sizes(chart: &Chart) -> Vec<f64> {
    (0..chart.categories.len()).map(|i| sum(chart, i, true) - sum(chart, i, false)).collect()
}

/// On a logarithmic axis the length of a part says nothing, and the first has none.
pub(super) fn linear(chart: &Chart) -> Result<()> {
    if chart.log {
        return Err(Error::Figure(
            "parts on top of each other have no length on a logarithmic axis: leave out `.stacked()` or `.log()`"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Where a part of a stack begins, so that a thread of paper is between it and the one before, unless it is thin or the first.
pub(super) fn parted(from: f64, to: f64, is_first: bool) -> f64 {
    if is_first || (to - from).abs() < 2.0 { from } else { from + 0.5 * (to - from).signum() }
}
