//! The state of a history: clock, agenda, table, queues, carrier, and the true outcomes.

use domain::flow::Contract;
use jiff::Timestamp;

use crate::actors::Job;
use crate::carrier::CarrierState;
use crate::engine::{Agenda, Event, TaskId, after_ms};
use crate::flows::Session;
use crate::plan::{Faults, Plan};
use crate::queue::Queue;
use crate::random::Random;
use crate::rules::Rules;
use crate::table::Table;
use crate::truth::Truth;

/// Milliseconds from tick to tick.
const TICK_MS: i64 = 60_000;
/// Lines of a trace that are kept.
const TRACE_LINES: usize = 4_000;

pub struct Model {
    pub now: Timestamp,
    pub random: Random,
    pub plan: Plan,
    pub rules: Rules,
    pub agenda: Agenda,
    pub current: Option<TaskId>,
    pub table: Table,
    pub queue: Queue,
    pub carrier: CarrierState,
    pub sessions: Vec<Session>,
    pub truth: Truth,
    /// The first check that failed.
    pub violation: Option<String>,
    last_tick: Timestamp,
    trace: Option<Vec<String>>,
}

impl Model {
    pub fn new(seed: u64, rules: Rules, is_traced: bool) -> Self {
        let mut random = Random::new(seed);
        let plan = Plan::draw(&mut random);
        let table = Table::new(&plan);
        let truth = Truth::new(&plan);
        let sessions = (0..plan.sessions).map(|_| Session::default()).collect();
        let mut model = Self {
            now: plan.begins_at,
            last_tick: plan.begins_at,
            carrier: CarrierState::default(),
            queue: Queue::default(),
            agenda: Agenda::default(),
            current: None,
            violation: None,
            trace: is_traced.then(Vec::new),
            random,
            rules,
            table,
            truth,
            sessions,
            plan,
        };
        for (at, campaign, command) in model.plan.commands.clone() {
            model.agenda.add(at, Event::Start(Job::Command { campaign, command }));
        }
        model.agenda.add(model.plan.calm_at, Event::Start(Job::ResumeAll));
        model
    }

    pub fn is_calm(&self) -> bool {
        self.now >= self.plan.calm_at
    }

    /// The faults that are active now.
    pub fn faults(&self) -> Faults {
        if self.is_calm() { Faults::default() } else { self.plan.faults }
    }

    pub fn contract(&self) -> Contract {
        Contract { window: self.plan.carrier.window, rate_per_second: self.plan.carrier.contract_rate }
    }

    /// Wakes the current actor after some time, if it is alive.
    pub fn sleep(&mut self, ms: i64) {
        let Some(id) = self.current else { return };
        let dies = self.random.chance(self.faults().dies);
        let (ms, event) = match dies {
            true => (self.random.between(0, ms), Event::Die(id)),
            false => (ms, Event::Wake(id)),
        };
        self.agenda.add(after_ms(self.now, ms), event);
    }

    /// Latency of a call in one direction, in milliseconds.
    pub fn latency_ms(&mut self) -> i64 {
        if self.random.chance(self.faults().stalls) {
            return self.random.between(5_000, 120_000);
        }
        match self.random.below(16) {
            0 if !self.is_calm() => self.random.between(300, 3_000),
            0..4 => self.random.between(20, 200),
            _ => self.random.between(1, 20),
        }
    }

    /// Schedules the next tick if it comes before anything else. Ticks without work are skipped.
    pub fn plan_tick(&mut self) {
        while let Some(due) = self.table.next_due() {
            let from = due.max(self.last_tick).max(self.now).as_millisecond();
            let tick = Timestamp::from_millisecond((from.div_euclid(TICK_MS) + 1) * TICK_MS).unwrap_or(due);
            if self.agenda.next_at().is_some_and(|next| next < tick) {
                return;
            }
            self.last_tick = tick;
            let is_out = self.plan.tick_outage.is_some_and(|(from, to)| (from..to).contains(&tick));
            if is_out || self.random.chance(self.faults().tick_missing) {
                continue;
            }
            self.agenda.add(tick, Event::Start(Job::Tick));
            if self.random.chance(self.faults().tick_twice) {
                let again = self.random.between(0, 90_000);
                self.agenda.add(after_ms(tick, again), Event::Start(Job::Tick));
            }
            return;
        }
    }

    /// Whether every campaign has ended, and nothing is in progress.
    pub fn is_over(&self) -> bool {
        self.is_calm() && self.agenda.next_at().is_none() && self.table.next_due().is_none()
    }

    pub fn broken(&mut self, what: impl FnOnce() -> String) {
        if self.violation.is_none() {
            let what = what();
            self.trace(|| format!("BROKEN: {what}"));
            self.violation = Some(what);
        }
    }

    pub fn trace(&mut self, line: impl FnOnce() -> String) {
        let now = self.now;
        if let Some(lines) = self.trace.as_mut().filter(|lines| lines.len() < TRACE_LINES) {
            lines.push(format!("{now} {}", line()));
        }
    }

    pub fn lines(&self) -> &[String] {
        self.trace.as_deref().unwrap_or_default()
    }
}
