//! How many sessions there are of each kind: raked to the published counts, then made whole without breaking one.

use crate::published::{BROWSERS, ISPS, Published, STREAMS};

/// What a session uses. The order is that of the cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    NotConnected,
    /// Connected, and still nothing through peers.
    Connected,
    P2p,
}

const WAYS: [Way; 3] = [Way::NotConnected, Way::Connected, Way::P2p];

/// Sessions of one kind, indistinguishable but for their bytes.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub stream: usize,
    pub isp: usize,
    pub browser: usize,
    pub way: Way,
    /// Whether they download more than 100 MB. Of the other streams none can.
    pub large: bool,
    pub count: i64,
}

impl Cell {
    pub(crate) fn is_connected(&self) -> bool {
        self.way != Way::NotConnected
    }

    fn is_long(&self) -> bool {
        is_long(self.stream)
    }
}

/// Streams of about 100 MB, the only ones in which a session can be larger than that.
pub(crate) fn is_long(stream: usize) -> bool {
    STREAMS[stream] == 4 || STREAMS[stream] == 8
}

/// All cells with whole counts that meet every exact figure.
pub(crate) fn cells(published: &Published) -> Vec<Cell> {
    let mut cells = Vec::new();
    for stream in 0..STREAMS.len() {
        for isp in 0..ISPS.len() {
            for browser in 0..BROWSERS.len() {
                for way in WAYS {
                    for large in [false, true] {
                        if !large || is_long(stream) {
                            cells.push(Cell { stream, isp, browser, way, large, count: 0 });
                        }
                    }
                }
            }
        }
    }
    let raked = rake(&cells, published);
    for (cell, count) in cells.iter_mut().zip(raked) {
        cell.count = count.round() as i64;
    }
    repair(&mut cells, published);
    cells
}

/// A published count, and the cells that it is the sum of.
struct Margin {
    cells: Vec<usize>,
    sum: f64,
}

/// Iterative proportional fitting: brings sums to the published ones, one after the other and again, and leaves the cells
/// otherwise in the proportions that they started with.
fn rake(cells: &[Cell], published: &Published) -> Vec<f64> {
    let margins = margins(cells, published);
    let mut counts: Vec<f64> = cells.iter().map(|cell| start(cell, published)).collect();
    for _ in 0..300 {
        for margin in &margins {
            let sum: f64 = margin.cells.iter().map(|&i| counts[i]).sum();
            if sum > 0.0 {
                let factor = margin.sum / sum;
                margin.cells.iter().for_each(|&i| counts[i] *= factor);
            }
        }
    }
    counts
}

/// Where raking starts: what is not published follows from here. ISP and browser are independent; how many of a stream's
/// connected users use P2P follows its offload.
fn start(cell: &Cell, published: &Published) -> f64 {
    let users = published.users_by_isp[cell.isp] * published.users_by_browser[cell.browser];
    let p2p = if cell.is_long() {
        0.9
    } else {
        p2p_users(cell.stream, published) / published.connected_by_stream[cell.stream]
    };
    let p2p = p2p
        * match (ISPS[cell.isp], BROWSERS[cell.browser]) {
            // Vectrice hardly ever gets anything through peers.
            (_, "Vectrice") => 0.012,
            // Swamp has less offload than others, but for Olga's users, where it has more.
            ("Olga", "EarthWolf" | "Iron") => 0.85,
            ("Arange" | "BTP" | "Datch Telecam" | "Fro", "Swamp") => 0.75,
            _ => 1.0,
        };
    let users = users
        * match (ISPS[cell.isp], STREAMS[cell.stream], cell.way) {
            // Olga's P2P is so few bytes, for the offload that it has, that most of it must be in the shortest stream.
            ("Olga", 9, Way::P2p) => 40.0,
            ("Olga", 9, _) => 3.0,
            ("Olga", 3, Way::P2p) => 4.0,
            // Nearly all P2P bytes are BTP's, and p2p deviates so little that its long sessions must have alike of them,
            // in both streams: then most of these are in the one with the larger offload.
            ("BTP", 8, _) => 22.0,
            _ => 1.0,
        };
    users
        * match cell.way {
            Way::NotConnected => 0.1,
            Way::Connected => 1.0 - p2p,
            Way::P2p => p2p,
        }
}

/// How many users of a stream have P2P, from the offload that is assumed for one of them. In stream 7, where they are
/// published, it is 0.645, and in the first rows 0.64: streams 1, 2 and 9 have about as much, and the published median of
/// p2p and first quartile of cdn agree. The median offload must lie among the sessions of stream 3. Few users are then left
/// for 5 and 6, so that each has much.
fn p2p_users(stream: usize, published: &Published) -> f64 {
    let offload = match STREAMS[stream] {
        1 | 2 => 0.67,
        3 => 0.15,
        5 | 6 => 0.83,
        _ => 0.64,
    };
    published.users_by_stream[stream] * published.mean_offload_by_stream[stream] / offload
}

/// The published counts, the exact ones last, so that they hold best.
fn margins(cells: &[Cell], published: &Published) -> Vec<Margin> {
    let mut margins = Vec::new();
    let mut add = |sum: f64, belongs: &dyn Fn(&Cell) -> bool| {
        let cells = cells.iter().enumerate().filter(|(_, cell)| belongs(cell)).map(|(i, _)| i).collect();
        margins.push(Margin { cells, sum });
    };
    let long: f64 = (0..STREAMS.len()).filter(|&s| is_long(s)).map(|s| published.users_by_stream[s]).sum();
    let large: f64 =
        published.over_100mb_with_p2p_by_browser.iter().chain(&published.over_100mb_cdn_only_by_browser).sum();
    // Read off pictures.
    let stream7: f64 = published.stream7_users_by_isp.iter().sum();
    let with_p2p: f64 = published.over_100mb_with_p2p_by_isp.iter().sum();
    let cdn_only: f64 = published.over_100mb_cdn_only_by_isp.iter().sum();
    let users7 = published.users_by_stream[6];
    for isp in 0..ISPS.len() {
        add(published.stream7_users_by_isp[isp] / stream7 * users7, &|c| STREAMS[c.stream] == 7 && c.isp == isp);
        // About half of a long stream's sessions are large, whoever has them: those that aren't are spread like those that
        // are.
        for (is_large, part) in [(true, large), (false, long - large)] {
            let scale = |sum: f64, all: f64, exact: &[f64]| sum / all * exact.iter().sum::<f64>() * part / large;
            let sum =
                scale(published.over_100mb_with_p2p_by_isp[isp], with_p2p, &published.over_100mb_with_p2p_by_browser);
            add(sum, &|c| c.is_long() && c.large == is_large && c.way == Way::P2p && c.isp == isp);
            let sum =
                scale(published.over_100mb_cdn_only_by_isp[isp], cdn_only, &published.over_100mb_cdn_only_by_browser);
            add(sum, &|c| c.is_long() && c.large == is_large && c.way != Way::P2p && c.isp == isp);
        }
    }
    // Assumed, but for stream 7, whose exact one comes later.
    for stream in (0..STREAMS.len()).filter(|&stream| !is_long(stream)) {
        add(p2p_users(stream, published), &|c| c.stream == stream && c.way == Way::P2p);
    }
    // Published in words.
    add(published.p2p_share_olga * published.users_by_isp[4], &|c| ISPS[c.isp] == "Olga" && c.way == Way::P2p);
    for stream in (0..STREAMS.len()).filter(|&stream| is_long(stream)) {
        add(published.users_by_stream[stream] * large / long, &|c| c.stream == stream && c.large);
    }
    for browser in 0..BROWSERS.len() {
        for (is_large, part) in [(false, (long - large) / large), (true, 1.0)] {
            let with_p2p = published.over_100mb_with_p2p_by_browser[browser] * part;
            add(with_p2p, &|c| c.is_long() && c.large == is_large && c.way == Way::P2p && c.browser == browser);
            let cdn_only = published.over_100mb_cdn_only_by_browser[browser] * part;
            add(cdn_only, &|c| c.is_long() && c.large == is_large && c.way != Way::P2p && c.browser == browser);
        }
    }
    // Exact.
    add(published.cdn_only, &|c| c.way != Way::P2p);
    add(published.users - published.cdn_only, &|c| c.way == Way::P2p);
    add(published.stream7_cdn_only, &|c| STREAMS[c.stream] == 7 && c.way != Way::P2p);
    add(users7 - published.stream7_cdn_only, &|c| STREAMS[c.stream] == 7 && c.way == Way::P2p);
    for connected in [false, true] {
        let part = |all: f64, not: f64| if connected { all - not } else { not };
        for isp in 0..ISPS.len() {
            let sum = part(published.users_by_isp[isp], published.not_connected_by_isp[isp]);
            add(sum, &|c| c.isp == isp && c.is_connected() == connected);
        }
        for browser in 0..BROWSERS.len() {
            let sum = part(published.users_by_browser[browser], published.not_connected_by_browser[browser]);
            add(sum, &|c| c.browser == browser && c.is_connected() == connected);
        }
        for stream in 0..STREAMS.len() {
            let users = published.users_by_stream[stream];
            let sum = part(users, users - published.connected_by_stream[stream]);
            add(sum, &|c| c.stream == stream && c.is_connected() == connected);
        }
    }
    margins
}

/// Moves single sessions between cells until every exact count holds to the last unit. Each step keeps what those before
/// it have brought about, because it moves sessions only along one dimension.
fn repair(cells: &mut [Cell], published: &Published) {
    let whole = |x: f64| x.round() as i64;
    for connected in [false, true] {
        // The number of sessions of each stream.
        for stream in 0..STREAMS.len() {
            let users = if connected {
                published.connected_by_stream[stream]
            } else {
                published.users_by_stream[stream] - published.connected_by_stream[stream]
            };
            let of = |c: &Cell| c.stream == stream && c.is_connected() == connected;
            while let Some(off) = Some(whole(users) - sum(cells, of)).filter(|off| *off != 0) {
                let largest = largest(cells, of);
                cells[largest].count += off.signum();
            }
        }
        // Of each ISP: a session changes its ISP and nothing else.
        let isps: Vec<i64> = (0..ISPS.len())
            .map(|isp| {
                let not = published.not_connected_by_isp[isp];
                whole(if connected { published.users_by_isp[isp] - not } else { not })
            })
            .collect();
        exchange(cells, &isps, |c| c.isp, |c| c.is_connected() == connected, |c, isp| Cell { isp, ..c.clone() });
        // Of each browser, in streams where it does not matter for the large downloads.
        let browsers: Vec<i64> = (0..BROWSERS.len())
            .map(|browser| {
                let not = published.not_connected_by_browser[browser];
                whole(if connected { published.users_by_browser[browser] - not } else { not })
            })
            .collect();
        let of = |c: &Cell| c.is_connected() == connected && !c.is_long();
        let long = |browser: usize| {
            sum(cells, |c: &Cell| c.is_connected() == connected && c.is_long() && c.browser == browser)
        };
        let browsers: Vec<i64> = browsers.iter().enumerate().map(|(browser, all)| all - long(browser)).collect();
        exchange(cells, &browsers, |c| c.browser, of, |c, browser| Cell { browser, ..c.clone() });
    }
    // Of those with P2P: a connected session changes its way.
    let way = |c: &Cell| usize::from(c.way == Way::P2p);
    let change = |c: &Cell, p2p: usize| Cell { way: if p2p == 1 { Way::P2p } else { Way::Connected }, ..c.clone() };
    let mut settle = |counted: &dyn Fn(&Cell) -> bool, movable: &dyn Fn(&Cell) -> bool, cdn_only: f64| {
        let of = |c: &Cell| movable(c) && c.is_connected();
        let without = whole(cdn_only) - sum(cells, |c| counted(c) && !of(c) && c.way != Way::P2p);
        let with = sum(cells, of) - without;
        exchange(cells, &[without, with], way, of, change);
    };
    let stream7 = |c: &Cell| STREAMS[c.stream] == 7;
    settle(&stream7, &stream7, published.stream7_cdn_only);
    settle(&|_| true, &|c| !stream7(c) && !c.is_long(), published.cdn_only);
    // Of the large downloads: a session of a long stream passes the line or does not.
    for browser in 0..BROWSERS.len() {
        for (with_p2p, large) in [
            (true, published.over_100mb_with_p2p_by_browser[browser]),
            (false, published.over_100mb_cdn_only_by_browser[browser]),
        ] {
            let of = |c: &Cell| c.is_long() && c.browser == browser && (c.way == Way::P2p) == with_p2p;
            let sums = [sum(cells, of) - whole(large), whole(large)];
            exchange(cells, &sums, |c| usize::from(c.large), of, |c, large| Cell { large: large == 1, ..c.clone() });
        }
    }
}

fn sum(cells: &[Cell], of: impl Fn(&Cell) -> bool) -> i64 {
    cells.iter().filter(|cell| of(cell)).map(|cell| cell.count).sum()
}

fn largest(cells: &[Cell], of: impl Fn(&Cell) -> bool) -> usize {
    (0..cells.len()).filter(|&i| of(&cells[i])).max_by_key(|&i| (cells[i].count, std::cmp::Reverse(i))).unwrap_or(0)
}

/// Moves sessions from places that have too many to places that have too few, each to the cell that differs from its own
/// in nothing but the place.
fn exchange(
    cells: &mut [Cell],
    sums: &[i64],
    place: impl Fn(&Cell) -> usize,
    of: impl Fn(&Cell) -> bool,
    at: impl Fn(&Cell, usize) -> Cell,
) {
    loop {
        let off: Vec<i64> = (0..sums.len()).map(|p| sums[p] - sum(cells, |c| of(c) && place(c) == p)).collect();
        let (Some(much), Some(few)) = (off.iter().position(|off| *off < 0), off.iter().position(|off| *off > 0)) else {
            return;
        };
        // Where both cells are large, one session more or less changes least.
        let counterpart = |c: &Cell| {
            let other = at(c, few);
            cells.iter().position(|c| {
                (c.stream, c.isp, c.browser, c.way, c.large)
                    == (other.stream, other.isp, other.browser, other.way, other.large)
            })
        };
        let best = (0..cells.len())
            .filter(|&i| of(&cells[i]) && place(&cells[i]) == much && cells[i].count > 0)
            .filter_map(|i| counterpart(&cells[i]).map(|j| (i, j)))
            .max_by_key(|&(i, j)| (cells[i].count.min(cells[j].count), std::cmp::Reverse(i)));
        let Some((from, to)) = best else { return };
        cells[from].count -= 1;
        cells[to].count += 1;
    }
}
