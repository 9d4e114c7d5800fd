//! How a carrier is doing and how fast it takes messages. Pure: the state lives in one item a carrier, and everybody
//! who hands messages over to it reads and changes that one.
//!
//! - **Health.** Failed calls count per carrier, not per batch. After a failure calls shrink to one message; after
//!   [`FAILURES_MAX`] in a row the circuit opens, and one message at a time probes whether the carrier is back.
//! - **Pace.** The rate is the contract's, or learnt from what the carrier throttles: what it took while it throttled
//!   is what it takes. Messages are granted along that rate, so that being throttled stays rare.
//!
//! Neither ends a message: it waits.

mod share;

use jiff::{SignedDuration, Timestamp};

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
/// First pause after a call that was throttled whole without a word on how long, and after one of which every message
/// was; and the longest, as it doubles each time. In milliseconds.
const BLOCKED_MS: i64 = 1_000;
const BLOCKED_MESSAGES_MS: i64 = 250;
const BLOCKED_MS_MAX: i64 = 16_000;
/// The longest pause that a carrier may ask for, in seconds.
const BLOCKED_SECONDS_MAX: i64 = 900;
/// What the carrier takes is measured over at least so long, in milliseconds.
const MEASURED_MS: i64 = 5_000;
/// A measure that nobody went on with for so long says nothing any more, in milliseconds.
const FORGOTTEN_MS: i64 = 120_000;
/// The learnt rate lies so far above what was measured, in per mille: what is just not taken shows where the limit is.
const ABOVE_PER_MILLE: u64 = 1_010;
/// Without any throttling the learnt rate grows so fast from measure to measure, first and then, in per mille.
const GROWTH_PER_MILLE: u64 = 1_250;
const FAST_GROWTH_PER_MILLE: u64 = 2_000;
/// One throttled message of so many tells of a limit, where there are so many at least.
const TELLING_SHARE: u64 = 20;
const TELLING_MESSAGES: u64 = 20;
/// Calls throttled whole in a row after which the next is half as large: the carrier may take less at once. Where that
/// was so before, a quarter less at the first; and an eighth more after each that was not.
const HALVED_AFTER: u32 = 2;
/// The same where the carrier said each time how long to wait. Calls of several sessions may hear it at once.
const HALVED_AFTER_ASKED: u32 = 6;
/// Messages are granted at most so far ahead, in milliseconds: one call's worth.
const AHEAD_MS: i64 = 1_000;
/// Whose turn it is and does not come lets the others go on after so long, who look again so often. In milliseconds.
const TURN_MS: i64 = 3_000;
const TURN_LOOK_MS: i64 = 200;
/// The slowest rate, in messages a 1,000 seconds.
const RATE_MIN: u64 = 100;

/// A learnt limit that has grown beyond this limits nothing any more: messages of a call, messages a 1,000 seconds.
const CALL_MAX_FORGOTTEN: u32 = 10_000;
const RATE_FORGOTTEN: u64 = 20_000_000;

/// State of one carrier.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flow {
    /// What the carrier takes, in messages a 1,000 seconds, as learnt; `None` while it never throttled.
    pub learnt_rate: Option<u64>,
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

/// What the carrier took over some time in which there was always more for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    pub began_at: Timestamp,
    pub accepted: u64,
    pub throttled: u64,
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
        let Some(from) = self.granted_until.filter(|from| *from > now) else { return };
        if self.last.is_some_and(|last| last != party) && !self.is_others_turn(party, now) {
            self.turn = Some((party, after_ms(from, TURN_MS)));
        }
    }

    /// Learns from a call that ended at `now`.
    pub fn learn(&mut self, call: Call, now: Timestamp) {
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
                self.heal();
                let known = self.call_max.is_some() && self.throttled_calls == 0;
                self.block(retry_after_seconds, BLOCKED_MS, now);
                match retry_after_seconds {
                    // It was left alone as long as it asked for, again and again: then that does not help.
                    Some(_) if self.throttled_calls >= HALVED_AFTER_ASKED => {
                        self.call_max = Some((messages / 2).max(1));
                    }
                    Some(_) => {}
                    None if known => self.call_max = Some((messages * 3 / 4).max(1)),
                    None if self.throttled_calls >= HALVED_AFTER => self.call_max = Some((messages / 2).max(1)),
                    None => {}
                }
                self.count(0, messages, now);
            }
            Call::Answered { accepted, throttled } => {
                self.heal();
                self.answered(accepted, throttled, now);
            }
        }
    }

    /// The carrier answers: whatever it says, it is there.
    fn heal(&mut self) {
        (self.failures, self.open_since, self.probe_at) = (0, None, None);
    }

    fn fail(&mut self, now: Timestamp) {
        self.failures += 1;
        if self.failures < FAILURES_MAX {
            return;
        }
        self.open_since = self.open_since.or(Some(now));
        let doublings = (self.failures - FAILURES_MAX).min(6);
        self.probe_at = Some(after_seconds(now, (PROBE_SECONDS << doublings).min(PROBE_SECONDS_MAX)));
    }

    /// Leaves the carrier alone for as long as it asks for, or ever longer.
    fn block(&mut self, retry_after_seconds: Option<i64>, first_ms: i64, now: Timestamp) {
        let pause_ms = match retry_after_seconds {
            Some(seconds) => seconds.clamp(1, BLOCKED_SECONDS_MAX) * 1_000,
            None => (first_ms << self.throttled_calls.min(6)).min(BLOCKED_MS_MAX),
        };
        self.throttled_calls += 1;
        self.blocked_until = Some(after_ms(now, pause_ms));
    }

    fn answered(&mut self, accepted: u32, throttled: u32, now: Timestamp) {
        self.refusals = 0;
        if accepted == 0 && throttled > 0 {
            self.block(None, BLOCKED_MESSAGES_MS, now);
        } else {
            (self.throttled_calls, self.blocked_until) = (0, None);
            // Calls grow again where they were made smaller, until nothing is left of it.
            let more = |most: u32| most.saturating_add((most / 8).max(1));
            self.call_max = self.call_max.map(more).filter(|most| *most < CALL_MAX_FORGOTTEN);
        }
        self.count(accepted, throttled, now);
    }

    /// Counts into the measure, and sets the rate by it when it is long enough.
    fn count(&mut self, accepted: u32, throttled: u32, now: Timestamp) {
        let call = Measure { began_at: now, accepted: accepted.into(), throttled: throttled.into() };
        if self.learnt_rate.is_none() && !call.tells_a_limit() {
            return;
        }
        let fresh = Measure { began_at: now, accepted: 0, throttled: 0 };
        let mut measure = self.measure.unwrap_or(fresh);
        let elapsed_ms = i64::try_from(now.duration_since(measure.began_at).as_millis()).unwrap_or(0).max(0);
        if elapsed_ms > FORGOTTEN_MS {
            // Much may have changed, and is soon learnt again.
            (self.learnt_rate, self.clean, measure) = (None, 0, fresh);
        } else if accepted > 0 && elapsed_ms >= MEASURED_MS {
            // A measure ends where the carrier takes again: of a carrier that takes 500 and then none for 20 s, the
            // 20 s belong to the 500.
            self.set_rate(measure, elapsed_ms.unsigned_abs());
            measure = fresh;
        }
        measure.accepted += call.accepted;
        measure.throttled += call.throttled;
        // The first word: what it took of a call is about what it takes in a second.
        if self.learnt_rate.is_none() && accepted > 0 && call.tells_a_limit() {
            self.learnt_rate = Some((call.accepted * 1_000).max(RATE_MIN));
        }
        self.measure = self.learnt_rate.map(|_| measure).or(Some(measure).filter(Measure::tells_a_limit));
    }

    fn set_rate(&mut self, measure: Measure, elapsed_ms: u64) {
        if measure.throttled > 0 {
            self.clean = 0;
            if measure.tells_a_limit() {
                let measured = measure.accepted.saturating_mul(1_000_000) / elapsed_ms.max(1);
                self.learnt_rate = Some((measured.saturating_mul(ABOVE_PER_MILLE) / 1_000).max(RATE_MIN));
            }
            return;
        }
        // It took all that it was given. That was not more than the rate, which may rise: carefully, then faster.
        self.clean += 1;
        let growth = if self.clean > 1 { FAST_GROWTH_PER_MILLE } else { GROWTH_PER_MILLE };
        let grown = self.learnt_rate.map(|rate| rate.saturating_mul(growth) / 1_000);
        self.learnt_rate = grown.filter(|rate| *rate < RATE_FORGOTTEN);
    }
}

impl Measure {
    /// So much was throttled that the carrier takes no more. Carriers throttle single messages for reasons of their
    /// own, such as a recipient who was written to a moment ago: these say nothing of its rate.
    fn tells_a_limit(&self) -> bool {
        self.throttled * TELLING_SHARE >= self.accepted + self.throttled
            && (self.throttled >= TELLING_MESSAGES || self.accepted == 0)
    }
}

#[cfg(test)]
mod tests;
