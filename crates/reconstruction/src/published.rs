//! The published figures, read from `data/published.toml`, which is part of this program.

use toml::{Table, Value};

use crate::Error;

pub(crate) const STREAMS: [u32; 9] = [1, 2, 3, 4, 5, 6, 7, 8, 9];
pub(crate) const ISPS: [&str; 5] = ["Arange", "BTP", "Datch Telecam", "Fro", "Olga"];
pub(crate) const BROWSERS: [&str; 4] = ["EarthWolf", "Iron", "Swamp", "Vectrice"];

const TEXT: &str = include_str!("../../../data/published.toml");

/// The figures that the reconstruction is made from. Arrays are in the order of [`STREAMS`], [`ISPS`] and [`BROWSERS`].
pub(crate) struct Published {
    pub users: f64,
    pub cdn_only: f64,
    pub stream7_cdn_only: f64,
    pub users_by_stream: Vec<f64>,
    pub connected_by_stream: Vec<f64>,
    pub users_by_isp: Vec<f64>,
    pub users_by_browser: Vec<f64>,
    pub not_connected_by_isp: Vec<f64>,
    pub not_connected_by_browser: Vec<f64>,
    pub over_100mb_with_p2p_by_browser: Vec<f64>,
    pub over_100mb_cdn_only_by_browser: Vec<f64>,
    pub over_100mb_with_p2p_by_isp: Vec<f64>,
    pub over_100mb_cdn_only_by_isp: Vec<f64>,
    pub stream7_users_by_isp: Vec<f64>,
    /// Of Olga's users.
    pub p2p_share_olga: f64,
    pub stream_size_bytes: Vec<f64>,
    pub mean_offload_by_stream: Vec<f64>,
    pub mean_offload_by_isp: Vec<f64>,
    pub mean_offload_by_browser: Vec<f64>,
    pub mean_offload_by_isp_and_browser: Vec<Vec<f64>>,
    pub mean_p2p_bytes_by_isp: Vec<f64>,
    pub mean_p2p_bytes_by_browser: Vec<f64>,
    pub header: String,
    pub first_rows: Vec<Row>,
    pub last_row: Row,
}

/// A session that was published as it is. Its bytes are in millionths, since the file has six decimals; the last one's cdn
/// is cut off.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub stream: usize,
    pub isp: usize,
    pub browser: usize,
    pub connected: bool,
    pub p2p: u64,
    pub cdn: Option<u64>,
}

impl Published {
    pub(crate) fn embedded() -> Result<Published, Error> {
        let figures = embedded()?;
        let find = |section: &str, name: &str| {
            let found = figures.get(section).and_then(|section| section.get(name));
            found.ok_or_else(|| Error(format!("data/published.toml has no {name} under [{section}]")))
        };
        let number = |section: &str, name: &str| find(section, name).and_then(as_number);
        let by = |section: &str, name: &str, keys: &[&str]| {
            let table = find(section, name)?;
            keys.iter()
                .map(|key| {
                    let value =
                        table.get(key).ok_or_else(|| Error(format!("{name} has no {key} in data/published.toml")))?;
                    as_number(value)
                })
                .collect::<Result<Vec<f64>, Error>>()
        };
        let streams = STREAMS.map(|stream| stream.to_string());
        let streams = streams.each_ref().map(String::as_str);
        let pairs = find("rounded", "mean_offload_by_isp_and_browser")?;
        let pairs = ISPS.iter().map(|isp| {
            let values = pairs.get(isp).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            values.iter().map(as_number).collect::<Result<Vec<f64>, Error>>()
        });
        let olga = find("rounded", "p2p_users_olga_percent")?.get("value").map(as_number);
        let no_value = || Error("p2p_users_olga_percent has no value in data/published.toml".to_owned());
        let first_rows = find("file", "first_rows")?.as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(Published {
            users: number("exact", "users")?,
            cdn_only: number("exact", "cdn_only")?,
            stream7_cdn_only: number("exact", "stream7_cdn_only")?,
            users_by_stream: by("exact", "users_by_stream", &streams)?,
            connected_by_stream: by("exact", "connected_by_stream", &streams)?,
            users_by_isp: by("exact", "users_by_isp", &ISPS)?,
            users_by_browser: by("exact", "users_by_browser", &BROWSERS)?,
            not_connected_by_isp: by("exact", "not_connected_by_isp", &ISPS)?,
            not_connected_by_browser: by("exact", "not_connected_by_browser", &BROWSERS)?,
            over_100mb_with_p2p_by_browser: by("exact", "over_100mb_with_p2p_by_browser", &BROWSERS)?,
            over_100mb_cdn_only_by_browser: by("exact", "over_100mb_cdn_only_by_browser", &BROWSERS)?,
            over_100mb_with_p2p_by_isp: by("read_off", "over_100mb_with_p2p_by_isp", &ISPS)?,
            over_100mb_cdn_only_by_isp: by("read_off", "over_100mb_cdn_only_by_isp", &ISPS)?,
            stream7_users_by_isp: by("read_off", "stream7_users_by_isp", &ISPS)?,
            p2p_share_olga: olga.ok_or_else(no_value)?? / 100.0,
            stream_size_bytes: by("rounded", "stream_size_bytes", &streams)?,
            mean_offload_by_stream: by("rounded", "mean_offload_by_stream", &streams)?,
            mean_offload_by_isp: by("rounded", "mean_offload_by_isp", &ISPS)?,
            mean_offload_by_browser: by("rounded", "mean_offload_by_browser", &BROWSERS)?,
            mean_offload_by_isp_and_browser: pairs.collect::<Result<_, Error>>()?,
            mean_p2p_bytes_by_isp: by("read_off", "mean_p2p_bytes_by_isp", &ISPS)?,
            mean_p2p_bytes_by_browser: by("read_off", "mean_p2p_bytes_by_browser", &BROWSERS)?,
            header: find("file", "header")?.as_str().unwrap_or_default().to_owned(),
            first_rows: first_rows.iter().map(row).collect::<Result<_, Error>>()?,
            last_row: row(find("file", "last_row")?)?,
        })
    }
}

pub(crate) fn embedded() -> Result<Table, Error> {
    TEXT.parse().map_err(|e| Error(format!("data/published.toml can't be read: {e}")))
}

pub(crate) fn as_number(value: &Value) -> Result<f64, Error> {
    value
        .as_float()
        .or_else(|| value.as_integer().map(|n| n as f64))
        .ok_or_else(|| Error(format!("data/published.toml has {value:?} where a number belongs")))
}

fn row(value: &Value) -> Result<Row, Error> {
    let odd = || Error(format!("data/published.toml has a row that is no session: {value:?}"));
    let place = |names: &[&str], key: &str| {
        let name = value.get(key).and_then(Value::as_str);
        names.iter().position(|known| Some(*known) == name).ok_or_else(odd)
    };
    let stream = value.get("stream").and_then(Value::as_integer).ok_or_else(odd)?;
    let bytes = |key: &str| value.get(key).and_then(Value::as_float).map(|bytes| (bytes * 1e6).round() as u64);
    Ok(Row {
        stream: STREAMS.iter().position(|known| i64::from(*known) == stream).ok_or_else(odd)?,
        isp: place(&ISPS, "isp")?,
        browser: place(&BROWSERS, "browser")?,
        connected: value.get("connected").and_then(Value::as_bool).ok_or_else(odd)?,
        p2p: bytes("p2p").ok_or_else(odd)?,
        cdn: bytes("cdn"),
    })
}
