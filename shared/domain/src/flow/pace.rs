//! The pace of a carrier, learnt from throttling: how large a call may be, how many messages per second, and how long
//! to pause.

use jiff::Timestamp;

use super::{Flow, after_ms};

/// First and longest pause after a call that was throttled completely without a time to wait, in milliseconds. It
/// doubles each time. The first also follows a call whose every message was throttled.
const BLOCKED_MS: i64 = 1_000;
const BLOCKED_MESSAGES_MS: i64 = 250;
const BLOCKED_MS_MAX: i64 = 16_000;
/// Shortest such pause when the rate is known, in milliseconds. The pause is half of the time that the call would have
/// taken, after which a carrier that counts per period accepts messages again.
const BLOCKED_MS_MIN: i64 = 100;
/// Longest pause that a carrier may ask for, in seconds.
const BLOCKED_SECONDS_MAX: i64 = 900;
/// Shortest time over which the accepted messages are measured, in milliseconds.
const MEASURED_MS: i64 = 5_000;
/// A measurement not continued for this many milliseconds is discarded.
const FORGOTTEN_MS: i64 = 120_000;
/// The learnt rate in per mille of the measured one: slightly above, because only throttling shows where the limit is.
const ABOVE_PER_MILLE: u64 = 1_010;
/// First and largest growth of the learnt rate between measurements without throttling, in per mille; it doubles each
/// time. Small near the rate at which the carrier last throttled, as each step beyond it costs a pause; larger below.
const GROWTH_PER_MILLE: u64 = 30;
const GROWTH_BELOW_PER_MILLE: u64 = 250;
const GROWTH_PER_MILLE_MAX: u64 = 1_000;
/// Throttling indicates a limit from one throttled message in this many, and at least the second number of messages.
const TELLING_SHARE: u64 = 20;
const TELLING_MESSAGES: u64 = 20;
/// Calls throttled completely in a row after which the next call is halved, as the carrier may take less at once. If
/// calls were limited before, or the rate is known, they shrink by a quarter at the first, and grow by an eighth after
/// each unthrottled call or measurement.
const HALVED_AFTER: u32 = 2;
/// The same number where the carrier gave a time to wait each time.
const HALVED_AFTER_ASKED: u32 = 3;
/// When the rate is known, calls stay large enough that this many per second suffice.
const CALLS_PER_SECOND_MAX: u64 = 3;

/// The slowest rate, in messages per 1,000 seconds.
const RATE_MIN: u64 = 100;

/// A learnt limit above these no longer limits anything: messages per call, messages per 1,000 seconds.
const CALL_MAX_FORGOTTEN: u32 = 10_000;
const RATE_FORGOTTEN: u64 = 20_000_000;

/// What the carrier accepted over a time in which there was always more to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    pub began_at: Timestamp,
    pub accepted: u64,
    pub throttled: u64,
}

impl Flow {
    /// Whether a call began before the current pause: calls of several sessions are throttled at the same time.
    fn is_old(&self, began_at: Timestamp) -> bool {
        self.blocked_until.is_some_and(|until| began_at < until)
    }

    pub(super) fn throttled(
        &mut self,
        messages: u32,
        retry_after_seconds: Option<i64>,
        began_at: Timestamp,
        now: Timestamp,
    ) {
        let asked_ms = retry_after_seconds.map(|seconds| seconds.clamp(1, BLOCKED_SECONDS_MAX) * 1_000);
        if self.is_old(began_at) {
            self.blocked_until = self.blocked_until.max(asked_ms.map(|ms| after_ms(now, ms)));
            return;
        }
        let is_first = self.throttled_calls == 0;
        self.throttled_calls += 1;
        let halved_after = if asked_ms.is_some() { HALVED_AFTER_ASKED } else { HALVED_AFTER };
        if self.throttled_calls >= halved_after {
            self.call_max = Some((messages / 2).max(1));
        } else if let (true, Some(rate)) = (is_first, self.learnt_rate) {
            // Smaller calls fit more often, down to some size; below that the rate is the limit.
            let least = u32::try_from(rate / CALLS_PER_SECOND_MAX / 1_000).unwrap_or(u32::MAX).max(1);
            match messages > least {
                true => self.call_max = Some((messages * 3 / 4).max(least)),
                false => (self.ceiling, self.learnt_rate) = (Some(rate), Some((rate * 9 / 10).max(RATE_MIN))),
            }
        } else if is_first && asked_ms.is_none() && self.call_max.is_some() {
            self.call_max = Some((messages * 3 / 4).max(1));
        }
        let first_ms = self.learnt_rate.map_or(BLOCKED_MS, |rate| {
            let half_ms = u64::from(messages) * 500_000 / rate.max(1);
            i64::try_from(half_ms).unwrap_or(BLOCKED_MS).clamp(BLOCKED_MS_MIN, BLOCKED_MS)
        });
        let doublings = if messages > 1 && self.learnt_rate.is_none() { 0 } else { self.throttled_calls - 1 };
        let pause_ms = asked_ms.unwrap_or((first_ms << doublings.min(8)).min(BLOCKED_MS_MAX));
        self.blocked_until = Some(after_ms(now, pause_ms));
        // A single throttled call may be an exception. Beyond that, count enough to indicate a limit, whatever the size
        // of the call.
        if self.learnt_rate.is_some() || !is_first {
            self.count(0, u64::from(messages).max(TELLING_MESSAGES), now);
        }
    }

    pub(super) fn answered(&mut self, accepted: u32, throttled: u32, began_at: Timestamp, now: Timestamp) {
        self.refusals = 0;
        let is_old = self.is_old(began_at);
        if accepted == 0 && throttled > 0 {
            if !is_old {
                let pause_ms = (BLOCKED_MESSAGES_MS << self.throttled_calls.min(8)).min(BLOCKED_MS_MAX);
                self.throttled_calls += 1;
                self.blocked_until = Some(after_ms(now, pause_ms));
            }
        } else if !is_old {
            (self.throttled_calls, self.blocked_until) = (0, None);
            if self.learnt_rate.is_none() {
                self.grow_calls();
            }
        }
        self.count(accepted.into(), throttled.into(), now);
    }

    /// Lets limited calls grow again until the limit is gone.
    fn grow_calls(&mut self) {
        let more = |most: u32| most.saturating_add((most / 8).max(1));
        self.call_max = self.call_max.map(more).filter(|most| *most < CALL_MAX_FORGOTTEN);
    }

    /// Adds to the measurement, and sets the rate once it is long enough.
    fn count(&mut self, accepted: u64, throttled: u64, now: Timestamp) {
        let call = Measure { began_at: now, accepted, throttled };
        if self.learnt_rate.is_none() && self.measure.is_none() && !call.tells_a_limit() {
            return;
        }
        let fresh = Measure { began_at: now, accepted: 0, throttled: 0 };
        let mut measure = self.measure.unwrap_or(fresh);
        let elapsed_ms = i64::try_from(now.duration_since(measure.began_at).as_millis()).unwrap_or(0).max(0);
        if elapsed_ms > FORGOTTEN_MS {
            // Too long ago: the rate is learnt again.
            (self.learnt_rate, self.clean, measure) = (None, 0, fresh);
        } else if self.learnt_rate.is_some() && accepted > 0 && elapsed_ms >= MEASURED_MS {
            // A measurement ends when the carrier accepts again: if it takes 500 and then none for 20 s, the 20 s
            // belong to the 500. If it accepted nothing at all, the measurement says nothing about the rate.
            if measure.accepted > 0 {
                self.set_rate(measure, elapsed_ms.unsigned_abs());
            }
            measure = fresh;
        }
        measure.accepted += call.accepted;
        measure.throttled += call.throttled;
        // First estimate: what it accepted of the first throttled call is about what it takes in a second.
        if self.learnt_rate.is_none() && accepted > 0 && measure.tells_a_limit() {
            self.learnt_rate = Some((call.accepted * 1_000).max(RATE_MIN));
            measure = call;
        }
        self.measure = self.learnt_rate.map(|_| measure).or(Some(measure).filter(Measure::tells_a_limit));
    }

    fn set_rate(&mut self, measure: Measure, elapsed_ms: u64) {
        let Some(rate) = self.learnt_rate else { return };
        if measure.throttled > 0 {
            self.clean = 0;
            if measure.tells_a_limit() {
                let measured = measure.accepted.saturating_mul(1_000_000) / elapsed_ms.max(1);
                self.ceiling = Some(rate);
                // Not below half at once: a carrier that takes many and then none for a while would be measured in the
                // while only.
                let measured = measured.saturating_mul(ABOVE_PER_MILLE) / 1_000;
                self.learnt_rate = Some(measured.max(rate / 2).max(RATE_MIN));
            }
            return;
        }
        // It took everything it was given, which was not more than the rate, so the rate may rise.
        let grown =
            |first: u64| rate.saturating_mul(1_000 + (first << self.clean.min(8)).min(GROWTH_PER_MILLE_MAX)) / 1_000;
        let ceiling = self.ceiling.unwrap_or_default();
        let next = if rate < ceiling { grown(GROWTH_BELOW_PER_MILLE).min(ceiling) } else { grown(GROWTH_PER_MILLE) };
        self.clean = if rate < ceiling && next == ceiling { 0 } else { self.clean + 1 };
        self.learnt_rate = Some(next).filter(|rate| *rate < RATE_FORGOTTEN);
        self.grow_calls();
    }
}

impl Measure {
    /// Whether enough was throttled to indicate the carrier's rate. Carriers also throttle single messages for other
    /// reasons, such as a recipient who got a message a moment ago.
    fn tells_a_limit(&self) -> bool {
        self.throttled * TELLING_SHARE >= self.accepted + self.throttled
            && (self.throttled >= TELLING_MESSAGES || self.accepted == 0)
    }
}
