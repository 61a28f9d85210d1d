//! What part of its bytes a session with P2P gets from peers. The mean for each stream, ISP and browser is raked until the
//! published means hold; single sessions spread around it.

use crate::counts::{Cell, Way, is_long};
use crate::published::{BROWSERS, ISPS, Published, STREAMS};

/// For sessions with P2P, by stream, ISP and browser: the odds of a byte to come from a peer, in the middle one of them.
pub(crate) struct Parts(Vec<f64>);

fn place(stream: usize, isp: usize, browser: usize) -> usize {
    (stream * ISPS.len() + isp) * BROWSERS.len() + browser
}

impl Parts {
    /// The part of a session whose `rank`, from 0 to 1, says how many of its cell's sessions have less.
    pub(crate) fn of(&self, cell: &Cell, rank: f64) -> f64 {
        let place = place(cell.stream, cell.isp, cell.browser);
        let odds = self.0[place] * deviation(rank, roots(place));
        odds / (1.0 + odds)
    }
}

/// How narrow the spread is: see [`deviation`]. The published deviation of p2p and its correlation with cdn leave hardly
/// any to BTP's long sessions; the median of p2p and the first quartile of cdn leave little to streams 1, 2, 7 and 9, and
/// the published first rows are as close to each other. What has hardly any offload, or much, is assumed to spread more.
fn roots(place: usize) -> u32 {
    let isps = place / BROWSERS.len();
    match (STREAMS[isps / ISPS.len()], ISPS[isps % ISPS.len()]) {
        (4 | 8, "BTP") => 4,
        (4 | 8, _) | (5 | 6, _) => 1,
        (3, _) => 2,
        _ => 4,
    }
}

/// What the odds of a session are multiplied with. Its logarithm has a logistic distribution, whose scale of 1 is halved by
/// each root: a bell without ends, so that no seam is seen where two meet, and without a function whose last digit depends
/// on the machine.
fn deviation(rank: f64, roots: u32) -> f64 {
    let rank = rank.clamp(1e-9, 1.0 - 1e-9);
    (0..roots).fold(rank / (1.0 - rank), |odds, _| odds.sqrt())
}

/// The odds in the middle of sessions whose mean part has the odds `mean`.
fn middle(mean: f64, roots: u32) -> f64 {
    const RANKS: u32 = 500;
    let rank = |i: u32| (f64::from(i) + 0.5) / f64::from(RANKS);
    let deviations: Vec<f64> = (0..RANKS).map(|i| deviation(rank(i), roots)).collect();
    let mut odds = mean;
    for _ in 0..20 {
        let parts = deviations.iter().map(|deviation| odds * deviation / (1.0 + odds * deviation));
        let now = parts.sum::<f64>() / f64::from(RANKS);
        odds *= mean * (1.0 - now) / now;
    }
    odds
}

/// A published sum: of parts, or of bytes.
struct Sum {
    /// Places with their weights.
    of: Vec<(usize, f64)>,
    /// Which of the places are moved to meet the sum.
    moved: fn(usize) -> bool,
    sum: f64,
}

/// Fits the odds of a byte to come from a peer. Each round multiplies the odds of the places behind a published mean by
/// what that mean lacks, so that no part ever leaves 0 to 1.
pub(crate) fn parts(cells: &[Cell], published: &Published) -> Parts {
    let count = STREAMS.len() * ISPS.len() * BROWSERS.len();
    let (mut users, mut with_p2p) = (vec![0.0; count], vec![0.0; count]);
    for cell in cells {
        let place = place(cell.stream, cell.isp, cell.browser);
        users[place] += cell.count as f64;
        if cell.way == Way::P2p {
            with_p2p[place] += cell.count as f64;
        }
    }
    // The last session's total is not known, so that no mean offload has it.
    let last = &published.last_row;
    let last = place(last.stream, last.isp, last.browser);
    users[last] -= 1.0;
    with_p2p[last] -= 1.0;

    let sums = sums(&users, &with_p2p, published);
    let mut odds = vec![1.0; count];
    for _ in 0..400 {
        for sum in &sums {
            let (mut all, mut now, mut wanted) = (0.0, 0.0, sum.sum);
            for &(i, weight) in &sum.of {
                let part = weight * odds[i] / (1.0 + odds[i]);
                if (sum.moved)(i) {
                    all += weight;
                    now += part;
                } else {
                    wanted -= part;
                }
            }
            let wanted = wanted.clamp(0.002 * all, 0.98 * all);
            if now > 0.0 && now < all {
                let factor = wanted / (all - wanted) * (all - now) / now;
                let moved = sum.of.iter().filter(|(i, _)| (sum.moved)(*i));
                moved.for_each(|&(i, _)| odds[i] = (odds[i] * factor).clamp(1e-3, 49.0));
            }
        }
    }
    Parts(odds.iter().enumerate().map(|(i, odds)| middle(*odds, roots(i))).collect())
}

/// The published means as sums, the most exactly published ones last.
fn sums(users: &[f64], with_p2p: &[f64], published: &Published) -> Vec<Sum> {
    let mut sums = Vec::new();
    let mut places = Vec::new();
    for stream in 0..STREAMS.len() {
        for isp in 0..ISPS.len() {
            for browser in 0..BROWSERS.len() {
                places.push((stream, isp, browser));
            }
        }
    }
    let chosen = |of: &dyn Fn(usize, usize, usize) -> bool| -> Vec<usize> {
        (0..places.len()).filter(|&i| of(places[i].0, places[i].1, places[i].2)).collect()
    };
    let all_users = |of: &[usize]| of.iter().map(|&i| users[i]).sum::<f64>();
    // Almost all bytes belong to the long streams: only their parts are moved to meet a mean of bytes.
    let mut bytes = |mean: f64, of: &dyn Fn(usize, usize) -> bool| {
        let chosen = chosen(&|_, isp, browser| of(isp, browser));
        let sum = mean * all_users(&chosen);
        let weight = |i: usize| with_p2p[i] * published.stream_size_bytes[places[i].0];
        let of = chosen.into_iter().map(|i| (i, weight(i))).collect();
        sums.push(Sum { of, moved: |i| is_long(i / (ISPS.len() * BROWSERS.len())), sum });
    };
    for isp in 0..ISPS.len() {
        bytes(published.mean_p2p_bytes_by_isp[isp], &|i, _| i == isp);
    }
    for browser in 0..BROWSERS.len() {
        bytes(published.mean_p2p_bytes_by_browser[browser], &|_, b| b == browser);
    }
    let mut parts = |mean: f64, of: &dyn Fn(usize, usize, usize) -> bool| {
        let chosen = chosen(of);
        let sum = mean * all_users(&chosen);
        sums.push(Sum { of: chosen.into_iter().map(|i| (i, with_p2p[i])).collect(), moved: |_| true, sum });
    };
    for isp in 0..ISPS.len() {
        for browser in 0..BROWSERS.len() {
            parts(published.mean_offload_by_isp_and_browser[isp][browser], &|_, i, b| i == isp && b == browser);
        }
    }
    for browser in 0..BROWSERS.len() {
        parts(published.mean_offload_by_browser[browser], &|_, _, b| b == browser);
    }
    for isp in 0..ISPS.len() {
        parts(published.mean_offload_by_isp[isp], &|_, i, _| i == isp);
    }
    for stream in 0..STREAMS.len() {
        parts(published.mean_offload_by_stream[stream], &|s, _, _| s == stream);
    }
    sums
}
