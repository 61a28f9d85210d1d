//! Single sessions: drawn from the cells, each with its bytes.

use rand::RngExt;
use rand::seq::SliceRandom;

use crate::Random;
use crate::counts::{Cell, Way, is_long};
use crate::offload::Parts;
use crate::published::{Published, Row};

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
            ranks.shuffle(random);
            for rank in ranks {
                let rank = (rank as f64 + random.random::<f64>()) / n as f64;
                rows.push(self.row(cell, rank, random));
            }
        }
        rows.shuffle(random);
        rows
    }

    /// A session of a cell. Its `rank`, from 0 to 1, says where among those of its cell its P2P lies.
    pub(crate) fn row(&self, cell: &Cell, rank: f64, random: &mut Random) -> Row {
        let size = self.published.stream_size_bytes[cell.stream];
        let off = WITHIN * (0.002 + 0.998 * random.random::<f64>());
        let sign = if is_long(cell.stream) { cell.large } else { random.random() };
        let total = size * 1e6 * if sign { 1.0 + off } else { 1.0 - off };
        let p2p = if cell.way == Way::P2p { total * self.parts.of(cell, rank) } else { 0.0 };
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
