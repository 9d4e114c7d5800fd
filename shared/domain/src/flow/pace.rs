//! The pace of a carrier, learnt from what it throttles: how large a call may be, how many messages a second, and how long
//! it is left alone.

use jiff::Timestamp;

use super::{Flow, after_ms};

/// First pause after a call that was throttled whole without a word on how long, and after one of which every message
/// was; and the longest, as it doubles each time, the former when calls cannot be made smaller any more. In milliseconds.
const BLOCKED_MS: i64 = 1_000;
const BLOCKED_MESSAGES_MS: i64 = 250;
const BLOCKED_MS_MAX: i64 = 16_000;
/// Where the rate is known, a call throttled whole is followed by half of the time that it would have taken: a carrier
/// that counts fills up again meanwhile. At least so long, in milliseconds.
const BLOCKED_MS_MIN: i64 = 100;
/// The longest pause that a carrier may ask for, in seconds.
const BLOCKED_SECONDS_MAX: i64 = 900;
/// What the carrier takes is measured over at least so long, in milliseconds.
const MEASURED_MS: i64 = 5_000;
/// A measure that nobody went on with for so long says nothing any more, in milliseconds.
const FORGOTTEN_MS: i64 = 120_000;
/// The learnt rate lies so far above what was measured, in per mille: what is just not taken shows where the limit is.
const ABOVE_PER_MILLE: u64 = 1_010;
/// Without any throttling the learnt rate grows by so much from measure to measure, first and at most, in per mille; it
/// doubles each time. Carefully where the carrier throttled last, as each step beyond costs a pause; faster below.
const GROWTH_PER_MILLE: u64 = 30;
const GROWTH_BELOW_PER_MILLE: u64 = 250;
const GROWTH_PER_MILLE_MAX: u64 = 1_000;
/// One throttled message of so many tells of a limit, where there are so many at least.
const TELLING_SHARE: u64 = 20;
const TELLING_MESSAGES: u64 = 20;
/// Calls throttled whole in a row after which the next is half as large: the carrier may take less at once. Where that
/// was so before, or the rate is known, a quarter less at the first; and an eighth more after each that was not, or after
/// each measure in which none was.
const HALVED_AFTER: u32 = 2;
/// The same where the carrier said each time how long to wait.
const HALVED_AFTER_ASKED: u32 = 3;
/// Where the rate is known, calls get no smaller than so many a second need.
const CALLS_PER_SECOND_MAX: u64 = 3;

/// The slowest rate, in messages a 1,000 seconds.
const RATE_MIN: u64 = 100;

/// A learnt limit that has grown beyond this limits nothing any more: messages of a call, messages a 1,000 seconds.
const CALL_MAX_FORGOTTEN: u32 = 10_000;
const RATE_FORGOTTEN: u64 = 20_000_000;

/// What the carrier took over some time in which there was always more for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    pub began_at: Timestamp,
    pub accepted: u64,
    pub throttled: u64,
}

impl Flow {
    /// A call that began before the carrier was left alone: calls of several sessions hear the same at once.
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
            // Smaller calls find room more often, down to some size; then it is the rate.
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
        // Once may be a hiccup. As much as tells of a limit, whatever the call held.
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

    /// Calls grow again where they were made smaller, until nothing is left of it.
    fn grow_calls(&mut self) {
        let more = |most: u32| most.saturating_add((most / 8).max(1));
        self.call_max = self.call_max.map(more).filter(|most| *most < CALL_MAX_FORGOTTEN);
    }

    /// Counts into the measure, and sets the rate by it when it is long enough.
    fn count(&mut self, accepted: u64, throttled: u64, now: Timestamp) {
        let call = Measure { began_at: now, accepted, throttled };
        if self.learnt_rate.is_none() && self.measure.is_none() && !call.tells_a_limit() {
            return;
        }
        let fresh = Measure { began_at: now, accepted: 0, throttled: 0 };
        let mut measure = self.measure.unwrap_or(fresh);
        let elapsed_ms = i64::try_from(now.duration_since(measure.began_at).as_millis()).unwrap_or(0).max(0);
        if elapsed_ms > FORGOTTEN_MS {
            // Much may have changed, and is soon learnt again.
            (self.learnt_rate, self.clean, measure) = (None, 0, fresh);
        } else if self.learnt_rate.is_some() && accepted > 0 && elapsed_ms >= MEASURED_MS {
            // A measure ends where the carrier takes again: of a carrier that takes 500 and then none for 20 s, the
            // 20 s belong to the 500. Where it took nothing all the while, it says nothing of how much it takes.
            if measure.accepted > 0 {
                self.set_rate(measure, elapsed_ms.unsigned_abs());
            }
            measure = fresh;
        }
        measure.accepted += call.accepted;
        measure.throttled += call.throttled;
        // The first word: what it took of a call, or of the first call that it took, is about what it takes in a second.
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
                // Not below half at once: of a carrier that takes much and then nothing for a while, a measure of the while
                // alone says too little.
                let measured = measured.saturating_mul(ABOVE_PER_MILLE) / 1_000;
                self.learnt_rate = Some(measured.max(rate / 2).max(RATE_MIN));
            }
            return;
        }
        // It took all that it was given. That was not more than the rate, which may rise.
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
    /// So much was throttled that the carrier takes no more. Carriers throttle single messages for reasons of their
    /// own, such as a recipient who was written to a moment ago: these say nothing of its rate.
    fn tells_a_limit(&self) -> bool {
        self.throttled * TELLING_SHARE >= self.accepted + self.throttled
            && (self.throttled >= TELLING_MESSAGES || self.accepted == 0)
    }
}
