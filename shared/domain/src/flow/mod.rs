//! How a carrier is doing and how fast it takes messages. Pure: the state lives in one item a carrier, and everybody
//! who hands messages over to it reads and changes that one.
//!
//! - **Health.** Failed calls count per carrier, not per batch. After a failure calls shrink to one message; after
//!   [`FAILURES_MAX`] in a row the circuit opens, and one message at a time probes whether the carrier is back.
//! - **Pace.** The rate is the contract's, or learnt from what the carrier throttles: what it took while it throttled
//!   is what it takes. Messages are granted along that rate, so that being throttled stays rare.
//!
//! Neither ends a message: it waits.

mod pace;
mod share;

use jiff::{SignedDuration, Timestamp};

use crate::ids::AccountId;

pub use pace::Measure;
pub use share::{Demand, share};

/// Failed calls in a row that open the circuit.
pub const FAILURES_MAX: u32 = 3;
/// Messages refused one after another, each alone in its call, from which on that counts as a failure.
const REFUSALS_MAX: u32 = 5;
/// When the circuit is open for so long, a message refused alone is refused for good, where its batch has so few left:
/// these do not wait for ever, and little is lost.
const REFUSED_FOR_GOOD_AFTER: SignedDuration = SignedDuration::from_hours(1);
const LAST_MESSAGES: usize = 50;
/// First and longest pause between two probes of an open circuit, in seconds; doubled with each.
const PROBE_SECONDS: i64 = 5;
const PROBE_SECONDS_MAX: i64 = 60;
/// A probe that says nothing for so long was cut off, in seconds: longer than any call to a carrier.
const PROBE_LEASE_SECONDS: i64 = 45;
/// A circuit that is open for so long pauses the campaigns that need the carrier.
pub const PAUSE_AFTER: SignedDuration = SignedDuration::from_mins(3);
/// Messages are granted at most so far ahead, in milliseconds: one call's worth.
const AHEAD_MS: i64 = 1_000;
/// Whose turn it is and does not come lets the others go on after so long, who look again so often. In milliseconds.
const TURN_MS: i64 = 3_000;
const TURN_LOOK_MS: i64 = 200;
/// A party that does not take its turn within so long has no session, perhaps: others that wait for the rate may hold
/// them all. In milliseconds.
const TURN_MISSED_MS: i64 = 1_000;
/// A rate is in use until so long after its last grant, in milliseconds.
const GRANT_PAUSE_MS: i64 = 2_000;

/// State of one carrier.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flow {
    /// What the carrier takes, in messages a 1,000 seconds, as learnt; `None` while it never throttled.
    pub learnt_rate: Option<u64>,
    /// The rate at which it throttled last.
    pub ceiling: Option<u64>,
    /// Until when the rate has been handed out.
    pub granted_until: Option<Timestamp>,
    /// Who was granted messages last, where a rate limits them.
    pub last: Option<Party>,
    /// Who goes before all others, and until when: somebody who waited while another was granted messages.
    pub turn: Option<(Party, Timestamp)>,
    /// Most messages of one call, as learnt from calls that were throttled whole.
    pub call_max: Option<u32>,
    /// The carrier asked to be left alone until then.
    pub blocked_until: Option<Timestamp>,
    /// Calls throttled whole in a row.
    pub throttled_calls: u32,
    /// What was taken and throttled since the measure began.
    pub measure: Option<Measure>,
    /// Measures in a row in which nothing was throttled.
    pub clean: u32,
    /// Calls that failed in a row.
    pub failures: u32,
    /// When a failure was noted last. What is answered to a call that began before says nothing of the time since.
    pub failed_at: Option<Timestamp>,
    /// Messages that were refused one after another, each alone in its call.
    pub refusals: u32,
    /// When the circuit opened; `None` while it is closed.
    pub open_since: Option<Timestamp>,
    /// When an open circuit is probed next.
    pub probe_at: Option<Timestamp>,
}

/// One of those who share the carrier, by a number made of its account: accounts take turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Party(pub u64);

impl From<&AccountId> for Party {
    /// The same number for an account everywhere (FNV-1a).
    fn from(account: &AccountId) -> Self {
        let mix = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Self(account.as_str().bytes().fold(0xcbf2_9ce4_8422_2325, mix))
    }
}

/// What may be handed over now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// So many messages, in one call.
    Now(u32),
    /// Nothing before this instant.
    At(Timestamp),
    /// The circuit is open: nothing before this instant, and then a probe only.
    Open(Timestamp),
}

/// How a call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Answered for each message.
    Answered { accepted: u32, throttled: u32 },
    /// Throttled as a whole, perhaps with a word on how long.
    Throttled { messages: u32, retry_after_seconds: Option<i64> },
    /// The carrier found fault with the only message of the call.
    Refused,
    /// Not answered, or not as a carrier does.
    Failed,
}

/// What the carrier's contract says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contract {
    /// Most messages of one call.
    pub window: u32,
    /// Messages a second; `None` leaves it to be learnt.
    pub rate_per_second: Option<u32>,
}

impl Contract {
    fn rate(&self) -> Option<u64> {
        self.rate_per_second.map(|rate| u64::from(rate) * 1_000)
    }
}

fn after_ms(at: Timestamp, ms: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_millis(ms)).unwrap_or(at)
}

fn after_seconds(at: Timestamp, seconds: i64) -> Timestamp {
    after_ms(at, seconds.saturating_mul(1_000))
}

impl Flow {
    /// Messages a 1,000 seconds: the least of what the contract says and what was learnt; `None` is without a limit.
    pub fn rate(&self, contract: &Contract) -> Option<u64> {
        [self.learnt_rate, contract.rate()].into_iter().flatten().min()
    }

    pub fn is_open(&self) -> bool {
        self.open_since.is_some()
    }

    /// Of an open circuit: a message may show now whether the carrier is back.
    pub fn is_probe_due(&self, now: Timestamp) -> bool {
        self.probe_at.is_none_or(|at| at <= now)
    }

    /// The circuit is open for so long that campaigns are paused.
    pub fn is_down(&self, now: Timestamp) -> bool {
        self.open_since.is_some_and(|since| now.duration_since(since) >= PAUSE_AFTER)
    }

    /// Whether a message that was refused alone in its call, of a batch with so many `left`, is at fault itself. Not while
    /// the carrier refuses one after another, or does not answer: then it waits like the others.
    pub fn refuses_for_good(&self, left: usize, now: Timestamp) -> bool {
        let is_one_of_the_last = left <= LAST_MESSAGES;
        self.open_since.is_none_or(|since| is_one_of_the_last && now.duration_since(since) >= REFUSED_FOR_GOOD_AFTER)
    }

    /// Nothing limits calls but the contract's window, and a call that goes well changes nothing: no need to write.
    pub fn is_free(&self, contract: &Contract) -> bool {
        self.rate(contract).is_none()
            && self.failures == 0
            && self.refusals == 0
            && self.open_since.is_none()
            && self.call_max.is_none()
            && self.blocked_until.is_none()
            && self.throttled_calls == 0
    }

    /// Grants messages of the `wanted` ones to one of the parties and notes that they were.
    pub fn grant(&mut self, wanted: u32, party: Party, contract: &Contract, now: Timestamp) -> Grant {
        if self.open_since.is_some() {
            let probe_at = self.probe_at.unwrap_or(now);
            if probe_at > now {
                return Grant::Open(probe_at);
            }
            self.probe_at = Some(after_seconds(now, PROBE_LEASE_SECONDS));
            return Grant::Now(1);
        }
        if let Some(until) = self.blocked_until.filter(|until| *until > now) {
            return Grant::At(until);
        }
        let mut messages = wanted.min(contract.window).min(self.call_max.unwrap_or(u32::MAX));
        // A carrier that has just failed is given one: what becomes of it says enough.
        if self.failures > 0 {
            messages = messages.min(1);
        }
        let Some(rate) = self.rate(contract) else { return Grant::Now(messages) };
        let from = self.granted_until.map_or(now, |until| until.max(now));
        if self.is_others_turn(party, now) {
            return Grant::At(after_ms(from, TURN_LOOK_MS));
        }
        if from > now {
            self.wait(party, now);
            return Grant::At(from);
        }
        (self.last, self.turn) = (Some(party), None);
        // One second's worth a call, and at least one message.
        let ahead = rate * AHEAD_MS.unsigned_abs() / 1_000_000;
        messages = messages.min(u32::try_from(ahead).unwrap_or(u32::MAX).max(1));
        let takes_ms = u64::from(messages) * 1_000_000 / rate.max(1);
        self.granted_until = Some(after_ms(from, i64::try_from(takes_ms).unwrap_or(i64::MAX)));
        Grant::Now(messages)
    }

    fn is_others_turn(&self, party: Party, now: Timestamp) -> bool {
        self.turn.is_some_and(|(of, until)| of != party && until > now)
    }

    /// Notes that a party waits for the rate: the next turn is its own, not that of who had the last.
    pub fn wait(&mut self, party: Party, now: Timestamp) {
        let is_in_use = |until: &Timestamp| after_ms(*until, GRANT_PAUSE_MS) > now;
        let Some(until) = self.granted_until.filter(is_in_use) else { return };
        if self.last.is_some_and(|last| last != party) && !self.is_others_turn(party, now) {
            self.turn = Some((party, after_ms(until.max(now), TURN_MS)));
        }
    }

    /// Whether another party has not taken its turn for a while.
    pub fn has_missed_turn(&self, party: Party, now: Timestamp) -> bool {
        let is_missed = |until: Timestamp| after_ms(now, TURN_MS - TURN_MISSED_MS) >= until;
        self.turn.is_some_and(|(of, until)| of != party && until > now && is_missed(until))
    }

    /// Learns from a call that began at `began_at` and ended at `now`.
    pub fn learn(&mut self, call: Call, began_at: Timestamp, now: Timestamp) {
        match call {
            Call::Failed => self.fail(now),
            // One message may be at fault, and so may a few; when all are, it is something else.
            Call::Refused => {
                self.refusals += 1;
                if self.refusals >= REFUSALS_MAX {
                    self.fail(now);
                }
            }
            Call::Throttled { messages, retry_after_seconds } => {
                self.heal(began_at);
                self.throttled(messages, retry_after_seconds, began_at, now);
            }
            Call::Answered { accepted, throttled } => {
                self.heal(began_at);
                self.answered(accepted, throttled, began_at, now);
            }
        }
    }

    /// The carrier answers: whatever it says, it is there. Unless the call is older than the last failure: of several
    /// sessions, one whose answer is late would have the others try a whole window each.
    fn heal(&mut self, began_at: Timestamp) {
        if self.failed_at.is_none_or(|failed_at| began_at > failed_at) {
            (self.failures, self.open_since, self.probe_at) = (0, None, None);
        }
    }

    fn fail(&mut self, now: Timestamp) {
        self.failures += 1;
        self.failed_at = Some(now);
        if self.failures < FAILURES_MAX {
            return;
        }
        self.open_since = self.open_since.or(Some(now));
        let doublings = (self.failures - FAILURES_MAX).min(6);
        self.probe_at = Some(after_seconds(now, (PROBE_SECONDS << doublings).min(PROBE_SECONDS_MAX)));
    }
}

#[cfg(test)]
mod tests;
