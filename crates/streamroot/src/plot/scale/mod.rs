//! The axes of values: what one spans, where its ticks stand, and where a value lands.

mod time;

use crate::table::unit::Unit;

/// What an axis is to show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span {
    /// The lowest and the highest value; NaN when there is none.
    pub low: f64,
    pub high: f64,
    pub unit: Unit,
    pub scale: Scale,
}

impl Span {
    /// Whether one axis can show both.
    pub(crate) fn is_alike(&self, other: &Span) -> bool {
        self.unit == other.unit && self.scale == other.scale
    }

    /// What shows both.
    pub(crate) fn with(self, other: &Span) -> Span {
        Span { low: self.low.min(other.low), high: self.high.max(other.high), ..self }
    }
}

/// How values become places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Linear, and with 0: for what has a length.
    FromZero,
    /// Linear, around the values.
    Data,
    /// Linear, from the lowest value to the highest.
    Exact,
    /// The same with a little room at both ends.
    Around,
    Log,
    /// Seconds since 1970.
    Time,
}

/// A value axis of a given length.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
    log: bool,
    /// The ticks with their labels, from the lowest.
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis for values from `low` to `high` on `length` points, about one tick every `spacing` points.
    ///
    /// A linear axis of bars includes 0. The `headroom`, in points at both ends where values reach, is for value labels.
    pub(crate) fn new(low: f64, high: f64, unit: Unit, log: bool, length: f64, headroom: f64, spacing: f64) -> Axis {
        let (low, high) = if low.is_finite() && high.is_finite() { (low, high) } else { (0.0, 0.0) };
        if log {
            return Axis::logarithmic(low, high, unit, length, headroom, spacing);
        }
        let (low, high) = (low.min(0.0), high.max(0.0));
        let (low, high) = if low == high { (0.0, 1.0) } else { (low, high) };
        let room = (headroom.max(length * 0.04) / length.max(1.0)).min(0.4);
        let span = (high - low) / (1.0 - room * (f64::from(high > 0.0) + f64::from(low < 0.0)));
        let low = if low < 0.0 { low - span * room } else { low };
        let high = if high > 0.0 { high + span * room } else { high };
        let ticks = ticks(low, high, unit, (length / spacing).max(1.0));
        Axis { low, high, log, ticks }
    }

    /// The axis that a mark wants, on `length` points.
    pub(crate) fn of(span: &Span, length: f64, headroom: f64, spacing: f64) -> Axis {
        let Span { low, high, unit, .. } = *span;
        match span.scale {
            Scale::FromZero => Axis::new(low, high, unit, false, length, headroom, spacing),
            Scale::Log => Axis::new(low, high, unit, true, length, headroom, spacing),
            Scale::Exact => Axis::exact(low, high, unit, length, spacing),
            Scale::Time => {
                let (low, high) = if low < high { (low, high) } else { (low - 0.5, low + 0.5) };
                Axis { low, high, log: false, ticks: time::ticks(low, high, length / (spacing * 1.1)) }
            }
            Scale::Around => {
                let room = if high > low { (high - low) * 0.03 } else { low.abs().max(1e-12) * 0.03 };
                Axis::exact(low - room, high + room, unit, length, spacing)
            }
            // From 0 all the same where that is near.
            Scale::Data if low >= 0.0 && low <= high * 0.5 => {
                Axis::new(low, high, unit, false, length, headroom, spacing)
            }
            Scale::Data => {
                let half = if high > low { (high - low) * 0.06 } else { low.abs().max(1e-12) * 0.06 };
                Axis::exact(low - half, high + half, unit, length, spacing)
            }
        }
    }

    /// An axis exactly from `low` to `high`.
    pub(crate) fn exact(low: f64, high: f64, unit: Unit, length: f64, spacing: f64) -> Axis {
        let (low, high) = if low < high && (high - low).is_finite() { (low, high) } else { (0.0, 1.0) };
        Axis { low, high, log: false, ticks: ticks(low, high, unit, (length / spacing).max(1.0)) }
    }

    fn logarithmic(low: f64, high: f64, unit: Unit, length: f64, headroom: f64, spacing: f64) -> Axis {
        let (low, high) = if low > 0.0 && high >= low { (low, high) } else { (1.0, 10.0) };
        let first = low.log10().floor();
        let room = (headroom.max(length * 0.04) / length.max(1.0)).min(0.4);
        let last = first + (high.log10() - first).max(1.0) / (1.0 - room);
        // With few decades 2 and 5 get a tick too; with many, only every so many decades.
        let wanted = (length / spacing).max(1.0);
        let every = ((last - first) / wanted).ceil().max(1.0) as i32;
        let between: &[f64] = if (last - first) * 3.0 <= wanted { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let decades = (0..=(last - first) as i32).step_by(every as usize);
        let values: Vec<f64> = decades
            .flat_map(|decade| between.iter().map(move |m| m * 10f64.powf(first + f64::from(decade))))
            .filter(|value| value.log10() <= last)
            .collect();
        let ticks = values.iter().copied().zip(unit.format_log_ticks(&values)).collect();
        Axis { low: 10f64.powf(first), high: 10f64.powf(last), log: true, ticks }
    }

    /// Where a value stands, from 0 at the low end to 1 at the high one.
    pub(crate) fn position(&self, value: f64) -> f64 {
        if self.log {
            (value.log10() - self.low.log10()) / (self.high.log10() - self.low.log10())
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }

    /// Where bars start: at 0, or at the low end of a logarithmic axis.
    pub(crate) fn base(&self) -> f64 {
        if self.log { 0.0 } else { self.position(0.0).clamp(0.0, 1.0) }
    }
}

/// Round values around `low` and `high`, about `wanted` steps, each with its text.
pub(crate) fn steps(low: f64, high: f64, unit: Unit, wanted: f64) -> Vec<(f64, String)> {
    let Some(step) = round_step(low, high, unit, wanted) else { return Vec::new() };
    let (first, last) = ((low / step + 1e-9).floor(), (high / step - 1e-9).ceil());
    let count = (last - first).clamp(1.0, 100.0) as i32;
    labelled((0..=count).map(|i| (first + f64::from(i)) * step).collect(), unit, step)
}

/// Round values between `low` and `high`: multiples of 1, 2, 2.5 or 5 times a power of ten, about `wanted` of them; where none of
/// these lies between them, finer ones.
fn ticks(low: f64, high: f64, unit: Unit, wanted: f64) -> Vec<(f64, String)> {
    for (unit, finer) in (0..8).map(|finer| (unit, finer)).chain((0..8).map(|finer| (Unit::Plain, finer))) {
        let Some(step) = round_step(low, high, unit, wanted * 2f64.powi(finer)) else { return Vec::new() };
        let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
        if last >= first {
            let count = (last - first).min(100.0) as i32;
            return labelled((0..=count).map(|i| (first + f64::from(i)) * step).collect(), unit, step);
        }
    }
    Vec::new()
}

/// The distance between round values, if there is one.
fn round_step(low: f64, high: f64, unit: Unit, wanted: f64) -> Option<f64> {
    // A share is read in per cent, and what is counted is whole.
    let scale = if unit == Unit::Share { 100.0 } else { 1.0 };
    let rough = (high - low) * scale / wanted.max(1.0);
    let power = 10f64.powf(rough.log10().floor());
    let step =
        [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|m| m * power >= rough * 0.999).unwrap_or(10.0) * power / scale;
    let step = if matches!(unit, Unit::Count | Unit::Label) { step.max(1.0) } else { step };
    (step > 0.0 && step.is_finite()).then_some(step)
}

fn labelled(values: Vec<f64>, unit: Unit, step: f64) -> Vec<(f64, String)> {
    let labels = unit.format_ticks(&values, step);
    values.into_iter().zip(labels).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(
            labels(&Axis::new(0.0, 100_000.0, Unit::Count, false, 300.0, 0.0, 50.0)),
            ["0", "20k", "40k", "60k", "80k", "100k"]
        );
        assert_eq!(labels(&Axis::new(0.0, 3.0, Unit::Count, false, 300.0, 0.0, 50.0)), ["0", "1", "2", "3"]);
        assert_eq!(
            labels(&Axis::new(0.0, 0.97, Unit::Share, false, 230.0, 0.0, 50.0)),
            ["0 %", "25 %", "50 %", "75 %", "100 %"]
        );
        assert_eq!(labels(&Axis::new(-2.0, 1.0, Unit::Plain, false, 200.0, 0.0, 50.0)), ["-2", "-1", "0", "1"]);
        assert_eq!(labels(&Axis::new(1e3, 9e7, Unit::Bytes, true, 300.0, 0.0, 50.0)).first(), Some(&"1 kB"));
    }

    #[test]
    fn every_value_lands_inside_whatever_the_data() {
        for (low, high) in [
            (0.0, 0.0),
            (f64::NAN, f64::NAN),
            (f64::INFINITY, f64::NEG_INFINITY),
            (-5.0, -1.0),
            (0.0, 5e-324),
            (-1e300, 1e300),
        ] {
            for log in [false, true] {
                let axis = Axis::new(low, high, Unit::Plain, log, 100.0, 20.0, 40.0);
                assert!(axis.ticks.len() < 102, "{low} to {high}");
                assert!((0.0..=1.0).contains(&axis.base()), "{low} to {high}");
            }
        }
        let axis = Axis::new(0.0, 10.0, Unit::Count, false, 100.0, 20.0, 40.0);
        assert!((axis.position(10.0) - 0.8).abs() < 1e-9, "twenty of a hundred points are left above the highest bar");
    }
}
