//! Single sessions: drawn from the cells, each with its bytes.

use crate::counts::{Cell, Way};
use crate::offload::Parts;
use crate::published::{Published, Row};
use crate::random::Random;

/// Sessions have up to 5 % more or less than their stream's size; a little less than that, so that rounding stays within.
const WITHIN: f64 = 0.0499;

/// What sessions are drawn from.
pub(crate) struct Model<'a> {
    pub published: &'a Published,
    pub cells: &'a [Cell],
    pub parts: &'a Parts,
}

impl Model<'_> {
    /// All sessions of a stream, exactly as many of each cell as counted, in random order; `skip` of them are left out.
    pub(crate) fn all(&self, stream: usize, skip: &[Row], random: &mut Random) -> Vec<Row> {
        let mut rows = Vec::new();
        for cell in self.cells.iter().filter(|cell| cell.stream == stream) {
            let given = skip.iter().filter(|row| is_of(row, cell)).count() as i64;
            let n = (cell.count - given).max(0) as u64;
            // One from each of n equal parts of the range, so that the mean is met closely.
            let mut ranks: Vec<u64> = (0..n).collect();
            random.shuffle(&mut ranks);
            for rank in ranks {
                let rank = (rank as f64 + random.part()) / n as f64;
                rows.push(self.row(cell, rank, random));
            }
        }
        random.shuffle(&mut rows);
        rows
    }

    /// A session of a cell. Its `rank`, from 0 to 1, says where in the range of its cell its P2P lies.
    pub(crate) fn row(&self, cell: &Cell, rank: f64, random: &mut Random) -> Row {
        let size = self.published.stream_size_bytes[cell.stream];
        let off = WITHIN * (0.002 + 0.998 * random.part());
        let sign = if crate::counts::is_long(cell.stream) { cell.large } else { random.below(2) == 1 };
        let total = size * 1e6 * if sign { 1.0 + off } else { 1.0 - off };
        let p2p = if cell.way == Way::P2p { total * part(self.parts.of(cell), rank) } else { 0.0 };
        let (total, p2p) = (total as u64, p2p as u64);
        let cdn = Some(total - p2p.min(total));
        Row { stream: cell.stream, isp: cell.isp, browser: cell.browser, connected: cell.is_connected(), p2p, cdn }
    }
}

/// Whether a published session is one of a cell.
fn is_of(row: &Row, cell: &Cell) -> bool {
    let way = match (row.connected, row.p2p) {
        (false, _) => Way::NotConnected,
        (true, 0) => Way::Connected,
        (true, _) => Way::P2p,
    };
    let large = row.cdn.is_some_and(|cdn| row.p2p + cdn > 100_000_000_000_000);
    (row.stream, row.isp, row.browser, way, large) == (cell.stream, cell.isp, cell.browser, cell.way, cell.large)
}

/// The part of a session's bytes that comes from peers, spread evenly around the mean, and as far as 0 and 1 allow.
///
/// A write-up of the original says that its points lie in clusters and look uniform within intervals.
fn part(mean: f64, rank: f64) -> f64 {
    let reach = 0.95 * mean.min(1.0 - mean);
    mean + reach * (2.0 * rank - 1.0)
}
