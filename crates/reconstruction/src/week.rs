//! A week of sessions that are made up, with a time: a daily rhythm, two live matches, and a change in the middle.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use rand::{RngExt, SeedableRng};

use crate::{Error, Random, write};

/// The week begins on Monday, 2 March 2026, at midnight UTC.
const FIRST_DAY: u32 = 2;
const HOUR: u32 = 3_600;
const DAY: u32 = 24 * HOUR;

/// The users' providers, how many of a hundred users before the change each has before and after it, and the part of its
/// bytes that a session gets from peers when there are very many of them.
const ISPS: [(&str, [u64; 2], f64); 4] =
    [("Arange", [35, 35], 0.70), ("BTP", [30, 30], 0.75), ("Fro", [20, 20], 0.65), ("Olga", [15, 40], 0.30)];

/// The browsers, and the part of the users that each has. The last one has no P2P.
const BROWSERS: [(&str, u64); 3] = [("EarthWolf", 50), ("Iron", 40), ("Vectrice", 10)];

/// The change comes with Thursday: peers are found more quickly, and a campaign brings more users, all of one ISP.
const CHANGE: u32 = 3 * DAY;
const GAIN: f64 = 1.12;

/// So many peers on the same stream and ISP give half of what very many would.
const HALF: f64 = 25.0;

/// What is watched all week: sessions a day, bytes a second, how long a session is at least and at most in seconds, and how
/// the sessions are spread over the hours of a day.
struct Programme {
    sessions: u64,
    rate: f64,
    long: (u32, u32),
    hours: [u64; 24],
}

const PROGRAMMES: [Programme; 2] = [
    // News, short.
    Programme {
        sessions: 3_400,
        rate: 300e3,
        long: (90, 720),
        hours: [1, 1, 1, 1, 2, 4, 8, 11, 10, 7, 6, 6, 9, 8, 6, 5, 6, 8, 10, 11, 9, 6, 4, 2],
    },
    // Series, in the evening.
    Programme {
        sessions: 2_600,
        rate: 500e3,
        long: (900, 3_000),
        hours: [4, 2, 1, 1, 1, 1, 1, 2, 3, 3, 4, 4, 5, 6, 6, 6, 7, 9, 13, 18, 22, 21, 14, 8],
    },
];

/// The third stream: a match on Wednesday and one on Saturday, both at 19:45.
const KICK_OFFS: [u32; 2] = [2 * DAY + 19 * HOUR + 45 * 60, 5 * DAY + 19 * HOUR + 45 * 60];
const MATCH: u32 = 2 * HOUR;
const MATCH_SESSIONS: u64 = 1_200;
const MATCH_RATE: f64 = 750e3;

struct Session {
    start: u32,
    duration: u32,
    stream: usize,
    rate: f64,
}

/// Writes the week as a CSV file: `start, duration, stream, isp, browser, connected, p2p, cdn`, in the order of the starts;
/// times in UTC, durations in seconds, bytes. Of a few sessions, the duration is missing. The same bytes on every machine.
///
/// # Errors
/// When the file can't be written; then nothing is left of it.
pub fn write_week(path: &Path) -> Result<(), Error> {
    let mut random = Random::seed_from_u64(2_026);
    let mut sessions: Vec<Session> = (0..7).flat_map(|day| a_day(day, &mut random)).collect();
    sessions.extend(KICK_OFFS.into_iter().flat_map(|kick_off| a_match(kick_off, &mut random)));
    sessions.sort_by_key(|session| (session.start, session.stream, session.duration));
    write::replace(path, |file| {
        let failed = |e: std::io::Error| Error(format!("the sessions can't be written: {e}"));
        let mut out = BufWriter::new(file);
        rows(&sessions, &mut random, &mut out).and_then(|()| out.flush()).map_err(failed)
    })
}

/// The sessions of the first two streams on one day.
fn a_day(day: u32, random: &mut Random) -> Vec<Session> {
    let mut sessions = Vec::new();
    for (stream, programme) in PROGRAMMES.iter().enumerate() {
        // There is more time to watch on Saturday and Sunday.
        let count = of_users(programme.sessions, day) * if day >= 5 { 5 } else { 4 } / 4;
        for _ in 0..count {
            let hour = drawn(&programme.hours, random) as u32;
            let (least, most) = programme.long;
            // Few are long: the smaller of two.
            let long = random.random::<f64>().min(random.random());
            sessions.push(Session {
                start: day * DAY + hour * HOUR + random.random_range(0..HOUR),
                duration: least + (f64::from(most - least) * long) as u32,
                stream,
                rate: programme.rate,
            });
        }
    }
    sessions
}

/// Those of a match: most come around the kick-off, and two in three stay to the end.
fn a_match(kick_off: u32, random: &mut Random) -> Vec<Session> {
    let session = |random: &mut Random| {
        let around = (random.random::<f64>() + random.random::<f64>() - 1.0) * 1_800.0;
        let start = (f64::from(kick_off) + around) as u32;
        let rest = kick_off + MATCH - start;
        let stays = random.random_range(0..3) > 0;
        let duration = if stays { rest + random.random_range(0..300) } else { 60 + random.random_range(0..rest) };
        Session { start, duration, stream: 2, rate: MATCH_RATE }
    };
    (0..of_users(MATCH_SESSIONS, kick_off / DAY)).map(|_| session(random)).collect()
}

/// As many sessions of all users as there are of those who are not brought by the campaign.
fn of_users(sessions: u64, day: u32) -> u64 {
    let all = |when: usize| ISPS.iter().map(|(_, users, _)| users[when]).sum::<u64>();
    if day * DAY < CHANGE { sessions } else { sessions * all(1) / all(0) }
}

fn rows(sessions: &[Session], random: &mut Random, out: &mut BufWriter<File>) -> std::io::Result<()> {
    writeln!(out, "start,duration,stream,isp,browser,connected,p2p,cdn")?;
    // When those end who are peers now, for each stream and ISP.
    let mut peers: Vec<BinaryHeap<Reverse<u32>>> = vec![BinaryHeap::new(); 3 * ISPS.len()];
    for session in sessions {
        let changed = session.start >= CHANGE;
        let isp = drawn(&ISPS.map(|(_, parts, _)| parts[usize::from(changed)]), random);
        let browser = drawn(&BROWSERS.map(|(_, part)| part), random);
        let connected = random.random_range(0..100) < 96;
        let peers = &mut peers[session.stream * ISPS.len() + isp];
        while peers.peek().is_some_and(|Reverse(end)| *end <= session.start) {
            peers.pop();
        }
        let others = peers.len() as f64;
        let offload = if connected && browser + 1 < BROWSERS.len() {
            peers.push(Reverse(session.start + session.duration));
            let gain = if changed { GAIN } else { 1.0 };
            (ISPS[isp].2 * gain * others / (others + HALF) * (0.5 + random.random::<f64>())).min(0.98)
        } else {
            0.0
        };
        let bytes = session.rate * f64::from(session.duration) * (0.85 + 0.3 * random.random::<f64>());
        let p2p = (bytes * offload) as u64;
        let (day, second) = (session.start / DAY, session.start % DAY);
        let (hour, minute, second) = (second / HOUR, second / 60 % 60, second % 60);
        let duration = if random.random_range(0..400) > 0 { session.duration.to_string() } else { String::new() };
        writeln!(
            out,
            "2026-03-{:02} {hour:02}:{minute:02}:{second:02},{duration},{},{},{},{connected},{p2p},{}",
            FIRST_DAY + day,
            session.stream + 1,
            ISPS[isp].0,
            BROWSERS[browser].0,
            bytes as u64 - p2p
        )?;
    }
    Ok(())
}

/// The place of one of the parts, drawn by their sizes.
fn drawn(parts: &[u64], random: &mut Random) -> usize {
    let mut at = random.random_range(0..parts.iter().sum());
    parts.iter().position(|part| at.checked_sub(*part).map(|rest| at = rest).is_none()).unwrap_or_default()
}
