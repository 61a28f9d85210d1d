//! How long a set-up will still take.

use std::thread;
use std::time::Duration;

/// A step that JupyterLab need not wait for.
#[derive(Debug)]
struct Known {
    name: &'static str,
    /// The seconds that it takes on two cores when nothing is there yet, as `cargo lab setup` says them.
    seconds: f64,
    /// The share of these that is over when a share of its crates is compiled. Few of them need most of the time: polars-core,
    /// polars-parquet and the engine's own, rust-analyzer's hir_ty and ide_db.
    curve: &'static [(f64, f64)],
}

const STEPS: [Known; 5] = [
    Known {
        name: "engine",
        seconds: 736.0,
        curve: &[(0.0, 0.0), (0.83, 0.29), (0.845, 0.45), (0.87, 0.62), (0.92, 0.71), (0.97, 0.86), (1.0, 1.0)],
    },
    Known {
        name: "kernel",
        seconds: 285.0,
        curve: &[(0.0, 0.0), (0.25, 0.06), (0.55, 0.25), (0.565, 0.5), (0.6, 0.57), (0.9, 0.85), (1.0, 1.0)],
    },
    Known { name: "tools", seconds: 37.0, curve: &[(0.0, 0.0), (0.9, 0.4), (1.0, 1.0)] },
    Known { name: "data", seconds: 2.0, curve: &[] },
    Known { name: "warm", seconds: 29.0, curve: &[] },
];

/// How many cores these seconds are for.
const CORES: f64 = 2.0;

/// After how many of these seconds the machine's own pace counts as much as the one that was assumed.
const ASSUMED: f64 = 60.0;

/// How long cargo may take to find out what there is to do.
const ASKING: Duration = Duration::from_secs(5);

/// What is done, and what is still to be done, in the seconds of [`STEPS`].
#[derive(Debug)]
pub struct Estimate {
    /// The step that is under way, by its place in [`STEPS`], and since when.
    step: usize,
    began: Duration,
    /// The share of it that was there when it began. Cargo counts what it has no need to compile.
    found: Option<f64>,
    /// The share of it that is done, since when, and what will be with one more crate.
    share: f64,
    changed: Duration,
    next_share: f64,
    now: Duration,
    /// What was done in the steps before, and how long it took.
    done: f64,
    spent: Duration,
    /// The time that one of the seconds takes here: what is assumed, and what has been seen whenever a crate was done.
    assumed: f64,
    pace: f64,
}

impl Estimate {
    /// The estimate at the beginning, when all is to be done.
    pub fn begin() -> Estimate {
        Estimate::on(thread::available_parallelism().map_or(CORES, |cores| cores.get() as f64))
    }

    fn on(cores: f64) -> Estimate {
        // A third of the time, one crate is waited for, however many cores there are.
        let assumed = (CORES / cores).max(1.0 / 3.0);
        Estimate {
            step: 0,
            began: Duration::ZERO,
            found: None,
            share: 0.0,
            changed: Duration::ZERO,
            next_share: 0.0,
            now: Duration::ZERO,
            done: 0.0,
            spent: Duration::ZERO,
            assumed,
            pace: assumed,
        }
    }

    /// Takes note of what a step does, at a time since the beginning.
    pub fn update(&mut self, step: &str, doing: &str, now: Duration) {
        self.now = now;
        let Some(place) = place(step) else { return };
        self.enter(place);
        let Some(bar) = Bar::read(doing) else { return };
        let share = |compiled: u64| along(STEPS[place].curve, compiled as f64 / bar.all.max(1) as f64);
        let before = self.found.map(|_| self.share);
        if before.is_none_or(|before| share(bar.compiled) > before) {
            (self.share, self.changed) = (share(bar.compiled), now);
            self.next_share = share(bar.compiled + 1);
        }
        match before {
            // Until here, cargo has looked for what there is to do.
            None => (self.found, self.began) = (Some(self.share), now),
            Some(before) if self.share > before => self.pace = self.seen_pace(),
            Some(_) => {}
        }
    }

    /// Takes note that a step had nothing to do.
    pub fn skip(&mut self, step: &str) {
        if let Some(place) = place(step) {
            self.enter(place);
            (self.began, self.found, self.share, self.next_share) = (self.now, Some(1.0), 1.0, 1.0);
        }
    }

    /// The share of the set-up that is done.
    pub fn share(&self) -> f64 {
        let all: f64 = STEPS.iter().map(|step| step.seconds).sum();
        1.0 - self.remaining() / all
    }

    /// How long it will still take, in words, if there is anything to go by: cargo needs a moment to say what there is to do.
    pub fn left(&self) -> Option<String> {
        let is_known = self.found.is_some() || is_measured(self.step) || self.now.saturating_sub(self.began) > ASKING;
        is_known.then(|| match (self.remaining() * self.pace / 60.0).round() as u64 {
            0 => "less than a minute left".to_owned(),
            1 => "about a minute left".to_owned(),
            minutes => format!("about {minutes} minutes left"),
        })
    }

    /// Goes on to a step, unless it is under way.
    fn enter(&mut self, place: usize) {
        if place == self.step {
            return;
        }
        if self.found.is_some() || is_measured(self.step) {
            self.share = 1.0;
            self.pace = self.seen_pace();
            self.done += self.done_here();
            self.spent += self.now.saturating_sub(self.began);
        }
        (self.step, self.began, self.found) = (place, self.now, None);
        (self.share, self.changed, self.next_share) = (0.0, self.now, 0.0);
    }

    /// The work of the step under way.
    fn done_here(&self) -> f64 {
        STEPS[self.step].seconds * (self.share - self.found.unwrap_or(0.0))
    }

    /// The time that one of the seconds has taken here, and at first what was assumed.
    fn seen_pace(&self) -> f64 {
        let spent = self.spent + self.now.saturating_sub(self.began);
        (ASSUMED * self.assumed + spent.as_secs_f64()) / (ASSUMED + self.done + self.done_here())
    }

    /// The share of the step under way that is done by now. The crates that are being compiled are taken to come along, up to
    /// where the next one will be done.
    fn share_by_now(&self) -> f64 {
        let come_along =
            |since: Duration| self.now.saturating_sub(since).as_secs_f64() / (STEPS[self.step].seconds * self.pace);
        if is_measured(self.step) && self.found.is_none() {
            return come_along(self.began).min(0.9);
        }
        if self.found.is_none() {
            return 0.0;
        }
        self.share + come_along(self.changed).min(0.9 * (self.next_share - self.share))
    }

    fn remaining(&self) -> f64 {
        let later: f64 = STEPS[self.step + 1..].iter().map(|step| step.seconds).sum();
        STEPS[self.step].seconds * (1.0 - self.share_by_now()) + later
    }
}

/// Whether a step's time is all that is known of it.
fn is_measured(step: usize) -> bool {
    STEPS[step].curve.is_empty()
}

fn place(step: &str) -> Option<usize> {
    STEPS.iter().position(|known| known.name == step)
}

/// The share of the time for a share of the crates, on the lines between the points of a curve.
fn along(curve: &[(f64, f64)], crates: f64) -> f64 {
    let pair = curve.windows(2).find(|pair| crates <= pair[1].0);
    pair.map_or(1.0, |pair| {
        let ((x, y), (next_x, next_y)) = (pair[0], pair[1]);
        y + (crates - x) / (next_x - x) * (next_y - y)
    })
}

/// Cargo's bar, without its drawing.
#[derive(Debug, PartialEq)]
pub struct Bar<'a> {
    pub compiled: u64,
    pub all: u64,
    /// What is being compiled.
    pub names: &'a str,
}

impl Bar<'_> {
    /// Reads `12/345: plotters, png`.
    pub fn read(text: &str) -> Option<Bar<'_>> {
        let (counts, names) = text.split_once(':').unwrap_or((text, ""));
        let (compiled, all) = counts.split_once('/')?;
        Some(Bar { compiled: compiled.parse().ok()?, all: all.parse().ok()?, names: names.trim() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: f64 = 736.0 + 285.0 + 37.0 + 2.0 + 29.0;

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn bars_are_read() {
        let bar = Bar { compiled: 12, all: 345, names: "plotters, polars-core(build)" };
        assert_eq!(Bar::read("12/345: plotters, polars-core(build)"), Some(bar));
        assert_eq!(Bar::read("344/345"), Some(Bar { compiled: 344, all: 345, names: "" }));
        assert_eq!(Bar::read("Compiling adler/2 v1"), None);
        assert_eq!(Bar::read("https://index.crates.io/"), None);
    }

    #[test]
    fn a_machine_with_more_cores_is_expected_to_be_quicker() {
        let left = |cores| Estimate::on(cores).remaining() * Estimate::on(cores).pace;
        assert_eq!(left(2.0), ALL);
        assert_eq!(left(4.0), ALL / 2.0);
        assert_eq!(left(64.0), ALL / 3.0);
    }

    #[test]
    fn the_pace_is_the_machines_own() {
        // Everything takes four times as long as was assumed.
        let mut estimate = Estimate::on(2.0);
        estimate.update("engine", "0/100: a", seconds(0.0));
        estimate.update("engine", "50/100: b", seconds(4.0 * 736.0 * along(STEPS[0].curve, 0.5)));
        estimate.update("engine", "100/100", seconds(4.0 * 736.0));
        estimate.update("kernel", "0/100: c", seconds(4.0 * 736.0));
        let left = estimate.remaining() * estimate.pace;
        assert!((3.5..4.0).contains(&(left / (ALL - 736.0))), "{left}");
        assert!((estimate.share() - 736.0 / ALL).abs() < 1e-9);
    }

    #[test]
    fn what_was_found_is_no_work_that_was_done() {
        let mut estimate = Estimate::on(2.0);
        estimate.update("engine", "", seconds(30.0));
        estimate.skip("engine");
        // All but the last crate is there.
        estimate.update("kernel", "99/100: kernel", seconds(31.0));
        assert!((1.0..1.05).contains(&estimate.pace), "{}", estimate.pace);
    }

    #[test]
    fn while_one_crate_is_compiled_what_is_left_never_grows() {
        let mut estimate = Estimate::on(2.0);
        let mut before = f64::INFINITY;
        for second in 0..1000 {
            estimate.update("engine", "399/400: streamroot-polars", seconds(f64::from(second)));
            let left = estimate.remaining() * estimate.pace;
            assert!(left <= before, "{left} s after {before} s");
            before = left;
        }
        assert!(before > 300.0, "{before} s, and the kernel is still to be compiled");
    }

    #[test]
    fn it_is_said_in_words() {
        let mut estimate = Estimate::on(2.0);
        estimate.update("engine", "", seconds(0.1));
        assert_eq!(estimate.left(), None);
        estimate.update("engine", "0/400: libc", seconds(1.0));
        assert_eq!(estimate.left().as_deref(), Some("about 18 minutes left"));
        estimate.update("warm", "", seconds(1.1));
        assert_eq!(estimate.left().as_deref(), Some("less than a minute left"));
        assert!(estimate.share() > 0.9 && estimate.share() < 1.0);
    }

    #[test]
    fn more_is_done_all_the_time() {
        let mut estimate = Estimate::on(2.0);
        let mut before = 0.0;
        let said = ["0/9: a", "2/9: a", "Compiling b", "8/9: b", "9/9"];
        let steps = ["engine", "kernel", "tools"].into_iter().flat_map(|step| said.map(|said| (step, said)));
        for (second, (step, said)) in steps.chain([("data", "x"), ("warm", "y"), ("warm", "z")]).enumerate() {
            estimate.update(step, said, seconds(second as f64));
            assert!(estimate.share() >= before, "{step} {said}: {} after {before}", estimate.share());
            before = estimate.share();
        }
    }
}
