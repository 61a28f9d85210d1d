//! Numbers with their units: what a column or an axis counts, and how a value of it reads.

use std::fmt;

use crate::page;

/// What the numbers of a column or an axis mean, and so how they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things that are counted: `534,954`.
    Count,
    /// A part of a whole, stored as a fraction of 1: 0.908 reads `90.80 %`.
    Share,
    /// Bytes, in decimal multiples as the field has them (MB = 10^6 bytes): `20.14 MB`.
    Bytes,
    /// A number without a unit, to four significant digits: `0.4323`.
    Plain,
    /// A number with each of its digits, such as a decimal: `35.93`.
    Exact,
    /// A number that is a name, such as a stream's: written as it is, never with separators.
    Label,
}

impl Unit {
    /// Writes one value in full, as a table's cell or a bar's label shows it.
    pub fn format(self, value: f64) -> String {
        if value.is_nan() {
            return "NaN".to_owned();
        }
        if value.is_infinite() {
            return if value > 0.0 { "∞" } else { "-∞" }.to_owned();
        }
        match self {
            Unit::Count if value.fract() == 0.0 => thousands(value, 0),
            Unit::Count => thousands(value, 1),
            Unit::Share => format!("{} %", thousands(value * 100.0, 2)),
            Unit::Bytes => bytes(value, byte_prefix(value), 2),
            Unit::Plain => significant(value),
            Unit::Exact | Unit::Label => format!("{value}"),
        }
    }

    /// Writes a whole number with each of its digits, also one that no floating-point number can hold.
    pub(crate) fn format_whole(self, value: i64) -> String {
        match self {
            Unit::Count => grouped(&value.to_string()),
            Unit::Exact | Unit::Label => value.to_string(),
            // Four significant digits are not enough for a number that is whole.
            Unit::Plain if value.unsigned_abs() >= 10_000 => grouped(&value.to_string()),
            _ => self.format(value as f64),
        }
    }

    /// Writes the values of a table's column, with what stands in its header: bytes share one multiple, so that they can be
    /// compared at a glance, and it is named once.
    pub(crate) fn format_column(self, values: &[Option<f64>]) -> (Vec<Option<String>>, Option<&'static str>) {
        if self != Unit::Bytes {
            return (values.iter().map(|value| value.map(|v| self.format(v))).collect(), None);
        }
        let finite = || values.iter().flatten().map(|v| v.abs()).filter(|v| v.is_finite() && *v > 0.0);
        let prefix = byte_prefix(finite().fold(0.0, f64::max));
        // As many decimals as the smallest needs for two digits, but no more than four.
        let smallest = finite().fold(f64::MAX, f64::min) / prefix.0;
        let decimals = (1..=4).find(|&d| smallest * 10f64.powi(d) >= 10.0).unwrap_or(4).max(2) as usize;
        let decimals = if prefix.0 == 1.0 { 0 } else { decimals };
        let write = |v: f64| if v.is_finite() { thousands(v / prefix.0, decimals) } else { self.format(v) };
        (values.iter().map(|value| value.map(write)).collect(), Some(prefix.1))
    }

    /// Writes the ticks of an axis, `step` apart: all alike, no longer than they need to be (`0`, `20k`, `40k`), and no two
    /// of them the same.
    pub(crate) fn format_ticks(self, values: &[f64], step: f64) -> Vec<String> {
        let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        self.distinct(values, |value| self.format_tick(value, step, largest))
    }

    /// Writes the ticks of a logarithmic axis, each in its own multiple.
    pub(crate) fn format_log_ticks(self, values: &[f64]) -> Vec<String> {
        self.distinct(values, |value| self.format_tick(value, value, value))
    }

    /// The values as `usual` writes them, or, if that makes two of them the same, with more digits.
    fn distinct(self, values: &[f64], usual: impl Fn(f64) -> String) -> Vec<String> {
        let usual: Vec<String> = values.iter().map(|value| usual(*value)).collect();
        let (factor, unit) = match self {
            Unit::Share => (100.0, " %"),
            Unit::Bytes => (1.0, " B"),
            Unit::Count | Unit::Plain | Unit::Exact | Unit::Label => (1.0, ""),
        };
        let plain = (0..4).map(|decimals| -> Vec<String> {
            values.iter().map(|value| format!("{}{unit}", thousands(value * factor, decimals))).collect()
        });
        let powers = (0..16).map(|digits| -> Vec<String> {
            values.iter().map(|value| format!("{:.digits$e}{unit}", value * factor)).collect()
        });
        let is_distinct = |texts: &Vec<String>| texts.iter().enumerate().all(|(i, text)| !texts[..i].contains(text));
        std::iter::once(usual.clone()).chain(plain).chain(powers).find(is_distinct).unwrap_or(usual)
    }

    /// Writes a value so short that it tells multiples of `step` apart; `largest` is the largest absolute value beside it.
    pub(crate) fn format_tick(self, value: f64, step: f64, largest: f64) -> String {
        match self {
            Unit::Share => format!("{} %", thousands(value * 100.0, decimals(step * 100.0))),
            Unit::Bytes => {
                let prefix = byte_prefix(largest);
                bytes(value, prefix, decimals(step / prefix.0))
            }
            Unit::Label => format!("{value}"),
            Unit::Count | Unit::Plain | Unit::Exact => {
                let (divisor, suffix) = match largest {
                    l if l >= 1e12 => (1e12, "T"),
                    l if l >= 1e9 => (1e9, "G"),
                    l if l >= 1e6 => (1e6, "M"),
                    l if l >= 1e4 => (1e3, "k"),
                    _ => (1.0, ""),
                };
                if value == 0.0 {
                    return "0".to_owned();
                }
                if largest >= 1e15 {
                    let digits = decimals(step / 10f64.powf(largest.log10().floor()));
                    return format!("{value:.digits$e}");
                }
                format!("{}{suffix}", thousands(value / divisor, decimals(step / divisor)))
            }
        }
    }
}

/// How many decimals tell multiples of `step` apart.
fn decimals(step: f64) -> usize {
    (0..6)
        .find(|&d| {
            let scaled = step * 10f64.powi(d);
            (scaled - scaled.round()).abs() < 1e-6 * scaled.abs().max(1e-9)
        })
        .unwrap_or(6) as usize
}

/// The decimal multiple of the byte in which a value reads best.
fn byte_prefix(value: f64) -> (f64, &'static str) {
    match value.abs() {
        v if v >= 1e15 => (1e15, "PB"),
        v if v >= 1e12 => (1e12, "TB"),
        v if v >= 1e9 => (1e9, "GB"),
        v if v >= 1e6 => (1e6, "MB"),
        v if v >= 1e3 => (1e3, "kB"),
        _ => (1.0, "B"),
    }
}

fn bytes(value: f64, (unit, name): (f64, &str), decimals: usize) -> String {
    let decimals = if unit == 1.0 && value.fract() == 0.0 { 0 } else { decimals };
    format!("{} {name}", thousands(value / unit, decimals))
}

/// `-1234567.5` with one decimal is `-1,234,567.5`. What has more digits than a floating-point number knows of is a power of ten.
fn thousands(value: f64, decimals: usize) -> String {
    if value.abs() >= 1e18 {
        return format!("{value:.3e}");
    }
    let text = format!("{value:.decimals$}");
    grouped(&text)
}

/// A number's digits in groups of three.
fn grouped(text: &str) -> String {
    let (sign, digits) = match text.strip_prefix('-') {
        // Rounding can leave a zero with a sign.
        Some(rest) if rest.bytes().all(|b| b == b'0' || b == b'.') => ("", rest),
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut grouped = String::with_capacity(text.len() + whole.len() / 3);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{fraction}")
}

/// Four significant digits, thousands separated, and powers of ten only where nothing else is legible.
fn significant(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e15).contains(&size) {
        return format!("{value:.3e}");
    }
    let magnitude = size.log10().floor() as i32;
    let text = thousands(value, usize::try_from(3 - magnitude).unwrap_or(0));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A single number with its unit. A cell that ends in one shows it; `f64::from` takes the number out.
///
/// ```
/// use streamroot::{Quantity, Unit};
///
/// let share = Quantity::new(0.35501557, Unit::Share);
/// assert_eq!(share.to_string(), "35.50 %");
/// assert_eq!(f64::from(share), 0.35501557);
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct Quantity {
    value: f64,
    unit: Unit,
}

impl Quantity {
    /// A number and what it means.
    pub fn new(value: f64, unit: Unit) -> Quantity {
        Quantity { value, unit }
    }

    /// The number itself: a fraction of 1 for a share, bytes for bytes.
    pub fn value(self) -> f64 {
        self.value
    }

    /// What the number means.
    pub fn unit(self) -> Unit {
        self.unit
    }

    /// Shows the quantity as a cell's output.
    pub fn evcxr_display(&self) {
        page::bundle(&[("text/plain", &self.to_string())]);
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.unit.format(self.value))
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Quantity> for f64 {
    fn from(quantity: Quantity) -> f64 {
        quantity.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_people_write_them() {
        for (unit, value, text) in [
            (Unit::Count, 534_954.0, "534,954"),
            (Unit::Count, 999.0, "999"),
            (Unit::Count, 1_000.0, "1,000"),
            (Unit::Count, 2.25, "2.2"),
            (Unit::Count, -1_234_567.0, "-1,234,567"),
            (Unit::Share, 0.908_028_2, "90.80 %"),
            (Unit::Share, 0.0, "0.00 %"),
            (Unit::Share, -0.000_001, "0.00 %"),
            (Unit::Share, 12.345, "1,234.50 %"),
            (Unit::Bytes, 20_138_638.48, "20.14 MB"),
            (Unit::Bytes, 512.0, "512 B"),
            (Unit::Bytes, 1_500.0, "1.50 kB"),
            (Unit::Bytes, 10_091_000_000_000.0, "10.09 TB"),
            (Unit::Plain, 0.432_262_5, "0.4323"),
            (Unit::Plain, 1_234_567.8, "1,234,568"),
            (Unit::Plain, 0.5, "0.5"),
            (Unit::Plain, 100.0, "100"),
            (Unit::Plain, 0.000_012_345, "1.234e-5"),
            (Unit::Label, 2019.0, "2019"),
            (Unit::Exact, 1234.5678901, "1234.5678901"),
            (Unit::Plain, f64::NAN, "NaN"),
            (Unit::Bytes, f64::NEG_INFINITY, "-∞"),
            (Unit::Count, 2e300, "2.000e300"),
            (Unit::Share, -1e20, "-1.000e22 %"),
        ] {
            assert_eq!(unit.format(value), text, "{unit:?} of {value}");
        }
    }

    #[test]
    fn bytes_of_one_column_share_a_multiple() {
        let column = |values: &[f64]| {
            let values: Vec<Option<f64>> = values.iter().map(|v| Some(*v)).collect();
            let (cells, header) = Unit::Bytes.format_column(&values);
            (cells.into_iter().flatten().collect::<Vec<_>>(), header)
        };
        assert_eq!(column(&[20.14e6, 6.28e6]), (vec!["20.14".to_owned(), "6.28".to_owned()], Some("MB")));
        assert_eq!(column(&[100e6, 10e3, 0.0]), (vec!["100.000".into(), "0.010".into(), "0.000".into()], Some("MB")));
        assert_eq!(column(&[]), (vec![], Some("B")));
        assert_eq!(column(&[f64::NAN, 7.0]), (vec!["NaN".into(), "7".into()], Some("B")));
    }

    #[test]
    fn ticks_of_one_axis_read_alike() {
        let ticks = |unit: Unit, step: f64, n: i32| -> Vec<String> {
            (0..=n).map(|i| unit.format_tick(step * f64::from(i), step, step * f64::from(n))).collect()
        };
        assert_eq!(ticks(Unit::Count, 20_000.0, 2), ["0", "20k", "40k"]);
        assert_eq!(ticks(Unit::Count, 2_500.0, 4), ["0", "2.5k", "5.0k", "7.5k", "10.0k"]);
        assert_eq!(ticks(Unit::Count, 200.0, 2), ["0", "200", "400"]);
        assert_eq!(ticks(Unit::Count, 5e5, 2), ["0", "0.5M", "1.0M"]);
        assert_eq!(ticks(Unit::Plain, 1e9, 2), ["0", "1G", "2G"]);
        assert_eq!(ticks(Unit::Plain, 5e299, 2), ["0", "5.0e299", "1.0e300"]);
        assert_eq!(Unit::Plain.format_log_ticks(&[1e2, 1e4, 1e6, 1e16]), ["100", "10k", "1M", "1e16"]);
        assert_eq!(ticks(Unit::Share, 0.25, 2), ["0 %", "25 %", "50 %"]);
        assert_eq!(ticks(Unit::Share, 0.005, 2), ["0.0 %", "0.5 %", "1.0 %"]);
        assert_eq!(ticks(Unit::Bytes, 5e6, 2), ["0 MB", "5 MB", "10 MB"]);
        assert_eq!(ticks(Unit::Plain, 0.2, 2), ["0", "0.2", "0.4"]);
    }
}
