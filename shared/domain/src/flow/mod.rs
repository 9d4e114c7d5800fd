//! The health of a carrier and the rate at which it takes messages. Pure: the state is one item per carrier, which all
//! senders read and change.
//!
//! - **Health.** Failed calls are counted per carrier, not per batch. After a failure calls shrink to one message;
//!   after [`FAILURES_MAX`] in a row the circuit opens, and single messages probe whether the carrier is back.
//! - **Pace.** The rate comes from the contract, or is learnt: what a carrier accepts while it throttles is its rate.
//!   Messages are granted along that rate, so throttling stays rare.
//!
//! Neither ends a message: the message waits.

mod pace;
mod share;

use jiff::{SignedDuration, Timestamp};

use crate::ids::AccountId;

pub use pace::Measure;
pub use share::{Demand, share};

/// Failed calls in a row that open the circuit.
pub const FAILURES_MAX: u32 = 3;
/// Single messages rejected in a row, each alone in its call, from which on a rejection counts as a failure.
const REFUSALS_MAX: u32 = 5;
/// Once the circuit has been open this long, a message rejected alone in its call is rejected for good if its batch has
/// only a few left: they do not wait forever, and little is lost.
const REFUSED_FOR_GOOD_AFTER: SignedDuration = SignedDuration::from_hours(1);
const LAST_MESSAGES: usize = 50;
/// First and longest pause between two probes of an open circuit, in seconds; it doubles with each probe.
const PROBE_SECONDS: i64 = 5;
const PROBE_SECONDS_MAX: i64 = 60;
/// A probe without a result for this many seconds was cut off: longer than any call to a carrier.
const PROBE_LEASE_SECONDS: i64 = 45;
/// A circuit open for this long pauses the campaigns that need the carrier.
pub const PAUSE_AFTER: SignedDuration = SignedDuration::from_mins(3);
/// Messages are granted at most this far ahead, in milliseconds: one call's worth.
const AHEAD_MS: i64 = 1_000;
/// A party that does not take its turn within this time loses it; the others check again at the second interval. In
/// milliseconds.
const TURN_MS: i64 = 3_000;
const TURN_LOOK_MS: i64 = 200;
/// A party that misses its turn by this much may have no session, because others that wait for the rate hold them all.
/// In milliseconds.
const TURN_MISSED_MS: i64 = 1_000;
/// A rate is in use until this long after its last grant, in milliseconds.
const GRANT_PAUSE_MS: i64 = 2_000;

/// State of one carrier.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flow {
    /// The learnt rate of the carrier, in messages per 1,000 seconds; `None` while it never throttled.
    pub learnt_rate: Option<u64>,
    /// The rate at which it last throttled.
    pub ceiling: Option<u64>,
    /// Until when the rate has been granted.
    pub granted_until: Option<Timestamp>,
    /// The party that was last granted messages, where a rate limits them.
    pub last: Option<Party>,
    /// The party that goes before all others, and until when: it waited while another was granted messages.
    pub turn: Option<(Party, Timestamp)>,
    /// Most messages per call, learnt from calls that were throttled completely.
    pub call_max: Option<u32>,
    /// The carrier asked for no calls until then.
    pub blocked_until: Option<Timestamp>,
    /// Calls throttled completely in a row.
    pub throttled_calls: u32,
    /// What was accepted and throttled since the measurement began.
    pub measure: Option<Measure>,
    /// Measurements in a row without throttling.
    pub clean: u32,
    /// Calls that failed in a row.
    pub failures: u32,
    /// When the last failure was recorded. Answers to calls that began before it say nothing about the time since.
    pub failed_at: Option<Timestamp>,
    /// Messages rejected in a row, each alone in its call.
    pub refusals: u32,
    /// When the circuit opened; `None` while it is closed.
    pub open_since: Option<Timestamp>,
    /// When an open circuit is probed next.
    pub probe_at: Option<Timestamp>,
}

/// One of those who share the carrier: a hash of the account, as accounts take turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Party(pub u64);

impl From<&AccountId> for Party {
    /// A stable hash of the account id (FNV-1a).
    fn from(account: &AccountId) -> Self {
        let mix = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Self(account.as_str().bytes().fold(0xcbf2_9ce4_8422_2325, mix))
    }
}

/// What may be handed over now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// This many messages, in one call.
    Now(u32),
    /// Nothing before this instant.
    At(Timestamp),
    /// The circuit is open: nothing before this instant, and then only a probe.
    Open(Timestamp),
}

/// The result of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// The carrier answered for each message.
    Answered { accepted: u32, throttled: u32 },
    /// Throttled completely, perhaps with a time to wait.
    Throttled { messages: u32, retry_after_seconds: Option<i64> },
    /// The carrier rejected the only message of the call.
    Refused,
    /// No answer, or an answer outside the protocol.
    Failed,
}

/// What the contract with the carrier allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contract {
    /// Most messages per call.
    pub window: u32,
    /// Messages per second; `None` means that it is learnt.
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
    /// Messages per 1,000 seconds: the lower of the contract's and the learnt rate; `None` means no limit.
    pub fn rate(&self, contract: &Contract) -> Option<u64> {
        [self.learnt_rate, contract.rate()].into_iter().flatten().min()
    }

    pub fn is_open(&self) -> bool {
        self.open_since.is_some()
    }

    /// Whether the circuit is open and a message may probe the carrier now.
    pub fn is_probe_due(&self, now: Timestamp) -> bool {
        self.probe_at.is_none_or(|at| at <= now)
    }

    /// Whether the circuit has been open long enough to pause campaigns.
    pub fn is_down(&self, now: Timestamp) -> bool {
        self.open_since.is_some_and(|since| now.duration_since(since) >= PAUSE_AFTER)
    }

    /// Whether a message rejected alone in its call, of a batch with `left` messages, is itself the cause. Not while
    /// the carrier rejects one after another or does not answer: then the message waits like the others.
    pub fn refuses_for_good(&self, left: usize, now: Timestamp) -> bool {
        let is_one_of_the_last = left <= LAST_MESSAGES;
        self.open_since.is_none_or(|since| is_one_of_the_last && now.duration_since(since) >= REFUSED_FOR_GOOD_AFTER)
    }

    /// Nothing but the contract's window limits calls, and a successful call changes nothing, so no write is needed.
    pub fn is_free(&self, contract: &Contract) -> bool {
        self.rate(contract).is_none()
            && self.failures == 0
            && self.refusals == 0
            && self.open_since.is_none()
            && self.call_max.is_none()
            && self.blocked_until.is_none()
            && self.throttled_calls == 0
    }

    /// Grants up to `wanted` messages to a party and records the grant.
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
        // After a failure one message is granted; its result shows whether the carrier is back.
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
        // One second's worth per call, and at least one message.
        let ahead = rate * AHEAD_MS.unsigned_abs() / 1_000_000;
        messages = messages.min(u32::try_from(ahead).unwrap_or(u32::MAX).max(1));
        let takes_ms = u64::from(messages) * 1_000_000 / rate.max(1);
        self.granted_until = Some(after_ms(from, i64::try_from(takes_ms).unwrap_or(i64::MAX)));
        Grant::Now(messages)
    }

    fn is_others_turn(&self, party: Party, now: Timestamp) -> bool {
        self.turn.is_some_and(|(of, until)| of != party && until > now)
    }

    /// Records that a party waits for the rate: it gets the next turn.
    pub fn wait(&mut self, party: Party, now: Timestamp) {
        let is_in_use = |until: &Timestamp| after_ms(*until, GRANT_PAUSE_MS) > now;
        let Some(until) = self.granted_until.filter(is_in_use) else { return };
        if self.last.is_some_and(|last| last != party) && !self.is_others_turn(party, now) {
            self.turn = Some((party, after_ms(until.max(now), TURN_MS)));
        }
    }

    /// Whether another party has missed its turn.
    pub fn has_missed_turn(&self, party: Party, now: Timestamp) -> bool {
        let is_missed = |until: Timestamp| after_ms(now, TURN_MS - TURN_MISSED_MS) >= until;
        self.turn.is_some_and(|(of, until)| of != party && until > now && is_missed(until))
    }

    /// Learns from a call that began at `began_at` and ended at `now`.
    pub fn learn(&mut self, call: Call, began_at: Timestamp, now: Timestamp) {
        match call {
            Call::Failed => self.fail(now),
            // One or a few rejected messages may be the cause themselves; when all are rejected, the carrier is.
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

    /// The carrier answered, so it is reachable. Ignored if the call began before the last failure: a late answer would
    /// let every session try a whole window.
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
