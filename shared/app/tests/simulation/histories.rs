//! Runs histories in parallel, and reports the first in which a check failed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::checks::longest;
use crate::engine::Sim;
use crate::model::Model;
use crate::rules::Rules;

/// Histories per test, unless the environment sets it; fewer without optimisation.
const HISTORIES: u64 = if cfg!(debug_assertions) { 300 } else { 4_000 };
/// Lines shown of a history's end.
const LINES: usize = 120;

/// The result of a history.
pub struct Lived {
    pub events: u64,
    pub violation: Option<String>,
    pub lines: Vec<String>,
    pub figures: crate::truth::Figures,
}

/// Runs the history of a seed.
pub fn live(seed: u64, rules: Rules, is_traced: bool) -> Lived {
    let model = Model::new(seed, rules, is_traced);
    let until = longest(model.plan.begins_at);
    let sim = Sim::new(model);
    let events = sim.live(until);
    let mut model = sim.model();
    if model.violation.is_none() {
        model.check_end();
    }
    Lived { events, violation: model.violation.clone(), lines: model.lines().to_vec(), figures: model.truth.figures }
}

/// The first of `seeds` whose history fails a check.
pub fn first_violation(seeds: std::ops::Range<u64>, rules: Rules) -> Option<(u64, String)> {
    let (next, found) = (AtomicU64::new(seeds.start), AtomicU64::new(u64::MAX));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end || found.load(Ordering::Relaxed) < seed {
                        return;
                    }
                    if live(seed, rules, false).violation.is_some() {
                        found.fetch_min(seed, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let seed = Some(found.into_inner()).filter(|seed| *seed != u64::MAX)?;
    Some((seed, live(seed, rules, false).violation.unwrap_or_default()))
}

fn environment(name: &str) -> Option<u64> {
    std::env::var_os(name)?.to_str()?.parse().ok()
}

/// The report of a seed: its plan, and its last lines.
fn story(seed: u64, lived: &Lived, lines: usize) -> String {
    let plan = Model::new(seed, Rules::default(), false).plan;
    let from = lived.lines.len().saturating_sub(lines);
    format!("{:?}\n{:?}\n{}", plan.carrier, plan.faults, lived.lines[from..].join("\n"))
}

#[test]
fn what_was_promised_holds_in_every_history() {
    if let Some(seed) = environment("SIMULATION_SEED") {
        let lived = live(seed, Rules::default(), true);
        println!("{}", story(seed, &lived, usize::MAX));
        assert_eq!(lived.violation, None, "seed {seed}");
        return;
    }
    let histories = environment("SIMULATION_HISTORIES").unwrap_or(HISTORIES);
    let begun = Instant::now();
    let found = first_violation(0..histories, Rules::default());
    let seconds = begun.elapsed().as_secs_f64();
    println!("{histories} histories in {seconds:.1} s, {:.0} a second", histories as f64 / seconds);
    if let Some((seed, violation)) = found {
        let lived = live(seed, Rules::default(), true);
        panic!("{}\n\n{violation}\nSIMULATION_SEED={seed}", story(seed, &lived, LINES));
    }
}

#[test]
fn a_history_is_the_same_every_time() {
    for seed in [3, 77] {
        let (one, other) = (live(seed, Rules::default(), true), live(seed, Rules::default(), true));
        assert_eq!((one.events, one.lines), (other.events, other.lines));
    }
}

#[test]
fn histories_are_worth_living() {
    let (mut taken, mut finished) = (0, 0);
    for seed in 0..300 {
        let figures = live(seed, Rules::default(), false).figures;
        (taken, finished) = (taken + figures.taken, finished + figures.finished);
    }
    assert!(taken > 1_000 && finished > 200, "{taken} {finished}");
}
