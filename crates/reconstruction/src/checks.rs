//! The published figures as a table, with the bounds within which each is met.

use toml::{Table, Value};

use crate::Error;
use crate::published::{BROWSERS, ISPS, STREAMS, as_number, embedded};

/// How far a computed value may be from a published one.
#[derive(Clone, Copy)]
enum Tolerance {
    Exact,
    /// In the unit of the value.
    Within(f64),
    /// As a part of the value.
    Part(f64),
    /// As a part of the largest value of its figure: what was read off a picture.
    PartOfLargest(f64),
}

/// The figures that are tables of one number for each category, as the file's sections have them.
const TABLES: [(&str, &str, Tolerance); 20] = [
    ("exact", "users_by_stream", Tolerance::Exact),
    ("exact", "connected_by_stream", Tolerance::Exact),
    ("exact", "users_by_isp", Tolerance::Exact),
    ("exact", "users_by_browser", Tolerance::Exact),
    ("exact", "not_connected_by_isp", Tolerance::Exact),
    ("exact", "not_connected_by_browser", Tolerance::Exact),
    ("exact", "over_100mb_with_p2p_by_browser", Tolerance::Exact),
    ("exact", "over_100mb_cdn_only_by_browser", Tolerance::Exact),
    ("rounded", "stream_size_bytes", Tolerance::Part(0.05)),
    ("rounded", "mean_offload_by_stream", Tolerance::Within(0.003)),
    ("rounded", "mean_offload_by_isp", Tolerance::Within(0.005)),
    ("rounded", "mean_offload_by_browser", Tolerance::Within(0.005)),
    ("rounded", "mean_offload_by_isp_and_browser", Tolerance::Within(0.02)),
    ("read_off", "stream7_users_by_isp", Tolerance::PartOfLargest(0.05)),
    ("read_off", "over_100mb_with_p2p_by_isp", Tolerance::PartOfLargest(0.05)),
    ("read_off", "over_100mb_cdn_only_by_isp", Tolerance::PartOfLargest(0.05)),
    ("read_off", "mean_p2p_bytes_by_isp", Tolerance::Part(0.15)),
    ("read_off", "mean_cdn_bytes_by_isp", Tolerance::Part(0.15)),
    ("read_off", "mean_p2p_bytes_by_browser", Tolerance::Part(0.15)),
    ("read_off", "mean_cdn_bytes_by_browser", Tolerance::Part(0.15)),
];

/// The figures that are single exact numbers.
const NUMBERS: [&str; 6] =
    ["users", "connected", "not_connected", "cdn_only", "stream7_cdn_only", "not_connected_p2p_mean"];

/// A single rounded figure: its name in the file, the figure and category it is checked as, and what its value is
/// multiplied with to be in bytes or a fraction.
const ROUNDED: [(&str, &str, &str, f64); 13] = [
    ("mean_mb_connected", "mean_bytes_connected", "", 1e6),
    ("mean_mb_not_connected", "mean_bytes_not_connected", "", 1e6),
    ("mean_p2p_bytes", "mean_p2p_bytes", "", 1.0),
    ("mean_cdn_bytes", "mean_cdn_bytes", "", 1.0),
    ("standard_deviation_p2p_bytes", "standard_deviation_p2p_bytes", "", 1.0),
    ("median_p2p_bytes", "median_p2p_bytes", "", 1.0),
    ("first_quartile_cdn_bytes", "first_quartile_cdn_bytes", "", 1.0),
    ("correlation_of_p2p_and_cdn", "correlation_of_p2p_and_cdn", "", 1.0),
    ("median_offload", "median_offload", "", 1.0),
    ("p2p_users_olga_percent", "share_with_p2p_by_isp", "Olga", 0.01),
    ("p2p_users_vectrice_percent", "share_with_p2p_by_browser", "Vectrice", 0.01),
    ("p2p_users_earthwolf_percent", "share_with_p2p_by_browser", "EarthWolf", 0.01),
    ("p2p_users_iron_percent", "share_with_p2p_by_browser", "Iron", 0.01),
];

pub(crate) fn table() -> Result<String, Error> {
    let figures = embedded()?;
    let mut csv = String::from("figure,of,value,low,high,held\n");
    for name in NUMBERS {
        add(&mut csv, "exact", name, "", as_number(find(&figures, "exact", name)?)?, 0.0);
    }
    for (section, name, tolerance) in TABLES {
        let values = values(name, find(&figures, section, name)?)?;
        let largest = values.iter().map(|(_, value)| *value).fold(0.0, f64::max);
        for (of, value) in values {
            let off = match tolerance {
                Tolerance::Exact => 0.0,
                Tolerance::Within(off) => off,
                Tolerance::Part(part) => part * value,
                Tolerance::PartOfLargest(part) => part * largest,
            };
            add(&mut csv, section, name, &of, value, off);
        }
    }
    for (name, figure, of, unit) in ROUNDED {
        let figure_of = find(&figures, "rounded", name)?;
        let get = |key: &str| figure_of.get(key).map(as_number).transpose();
        match (get("value")?, get("tolerance")?, get("tolerance_percent")?) {
            (Some(value), Some(off), _) => add(&mut csv, "rounded", figure, of, value * unit, off * unit),
            (Some(value), None, Some(percent)) => {
                add(&mut csv, "rounded", figure, of, value * unit, value * unit * percent / 100.0);
            }
            _ => {
                let bound = |bound: Option<f64>| bound.map_or(String::new(), |bound| (bound * unit).to_string());
                csv += &format!("{figure},{of},,{},{},rounded\n", bound(get("above")?), bound(get("below")?));
            }
        }
    }
    Ok(csv)
}

fn add(csv: &mut String, held: &str, figure: &str, of: &str, value: f64, off: f64) {
    let held = held.replace('_', " ");
    let of = if of.contains(',') { format!("\"{of}\"") } else { of.to_owned() };
    *csv += &format!("{figure},{of},{value},{},{},{held}\n", value - off, value + off);
}

fn find<'a>(figures: &'a Table, section: &str, name: &str) -> Result<&'a Value, Error> {
    let found = figures.get(section).and_then(|section| section.get(name));
    found.ok_or_else(|| Error(format!("data/published.toml has no {name} under [{section}]")))
}

/// The categories of a figure with their values, in the order in which all else here has them.
fn values(name: &str, figure: &Value) -> Result<Vec<(String, f64)>, Error> {
    let known = STREAMS.iter().map(u32::to_string).chain(ISPS.map(str::to_owned)).chain(BROWSERS.map(str::to_owned));
    let mut values = Vec::new();
    for category in known {
        match figure.get(&category) {
            Some(Value::Array(numbers)) => {
                for (browser, number) in BROWSERS.iter().zip(numbers) {
                    values.push((format!("{category}, {browser}"), as_number(number)?));
                }
            }
            Some(number) => values.push((category, as_number(number)?)),
            None => {}
        }
    }
    if values.is_empty() { Err(Error(format!("data/published.toml has no values of {name}"))) } else { Ok(values) }
}
