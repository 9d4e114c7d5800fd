use super::*;

const CONTRACT: Contract = Contract { window: 500, rate_per_second: None };

const ONE: Party = Party(1);
const OTHER: Party = Party(2);

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + ms).unwrap()
}

/// A carrier that takes this many messages per period, and a part of a call if it must.
struct Limited {
    per_period: u32,
    period_ms: i64,
    period: i64,
    taken: u32,
}

impl Limited {
    fn new(per_period: u32, period_ms: i64) -> Self {
        Self { per_period, period_ms, period: -1, taken: 0 }
    }

    fn take(&mut self, messages: u32, now_ms: i64) -> u32 {
        if now_ms / self.period_ms != self.period {
            (self.period, self.taken) = (now_ms / self.period_ms, 0);
        }
        let taken = messages.min(self.per_period - self.taken);
        self.taken += taken;
        taken
    }
}

/// Result of sending with one session for some time: accepted, throttled, calls.
fn sent(flow: &mut Flow, carrier: &mut Limited, contract: &Contract, seconds: i64) -> (u32, u32, u32) {
    let (mut taken, mut throttled, mut calls, mut now) = (0, 0, 0, 0);
    while now < seconds * 1_000 {
        match flow.grant(500, ONE, contract, at(now)) {
            Grant::Now(messages) => {
                let accepted = carrier.take(messages, now);
                calls += 1;
                flow.learn(Call::Answered { accepted, throttled: messages - accepted }, at(now), at(now + 50));
                now += 50;
                (taken, throttled) = (taken + accepted, throttled + messages - accepted);
            }
            Grant::At(until) | Grant::Open(until) => now = (until.as_millisecond() - 1_700_000_000_000).max(now + 1),
        }
    }
    (taken, throttled, calls)
}

#[test]
fn a_carrier_of_40_a_second_is_used_and_rarely_throttles() {
    let (taken, throttled, calls) = sent(&mut Flow::default(), &mut Limited::new(40, 1_000), &CONTRACT, 300);
    assert!(taken * 100 >= 40 * 300 * 95, "{taken} of {} taken", 40 * 300);
    // Except for the first call, when the rate was unknown.
    assert!(throttled - 460 <= taken / 12, "{throttled} throttled of {taken}");
    assert!(calls < 400, "{calls} calls");
}

#[test]
fn a_carrier_of_500_in_20_seconds_is_used() {
    let (taken, ..) = sent(&mut Flow::default(), &mut Limited::new(500, 20_000), &CONTRACT, 600);
    assert!(taken * 100 >= 500 * 30 * 90, "{taken} of {} taken", 500 * 30);
}

#[test]
fn a_contract_rate_is_respected_from_the_first_message_on() {
    let contract = Contract { rate_per_second: Some(40), ..CONTRACT };
    let (taken, throttled, _) = sent(&mut Flow::default(), &mut Limited::new(41, 1_000), &contract, 300);
    assert_eq!(throttled, 0);
    assert!((40 * 295..=40 * 301).contains(&taken), "{taken} taken");
}

#[test]
fn a_limit_that_rises_is_found() {
    let mut flow = Flow::default();
    sent(&mut flow, &mut Limited::new(40, 1_000), &CONTRACT, 60);
    let (taken, ..) = sent(&mut flow, &mut Limited::new(4_000, 1_000), &CONTRACT, 300);
    assert!(taken > 20_000, "{taken} taken of a carrier that takes what it is given");
}

#[test]
fn failures_in_a_row_open_the_circuit_and_one_message_at_a_time_closes_it() {
    let mut flow = Flow::default();
    assert_eq!(flow.grant(500, ONE, &CONTRACT, at(0)), Grant::Now(500));
    flow.learn(Call::Failed, at(0), at(0));
    for _ in 1..FAILURES_MAX {
        assert_eq!(flow.grant(500, ONE, &CONTRACT, at(0)), Grant::Now(1));
        flow.learn(Call::Failed, at(0), at(0));
    }
    assert_eq!(flow.grant(500, ONE, &CONTRACT, at(0)), Grant::Open(at(5_000)));
    assert!(!flow.is_down(at(179_999)) && flow.is_down(at(180_000)));
    assert_eq!(flow.grant(500, ONE, &CONTRACT, at(5_000)), Grant::Now(1));
    // No other probe meanwhile; a probe that was cut off holds it for a limited time only.
    assert_eq!(flow.grant(500, ONE, &CONTRACT, at(5_001)), Grant::Open(at(50_000)));
    flow.learn(Call::Failed, at(6_000), at(6_000));
    assert_eq!(flow.grant(500, ONE, &CONTRACT, at(6_000)), Grant::Open(at(16_000)));
    assert_eq!(flow.grant(500, ONE, &CONTRACT, at(16_000)), Grant::Now(1));
    flow.learn(Call::Answered { accepted: 1, throttled: 0 }, at(16_100), at(16_100));
    assert!(!flow.is_open() && flow.is_free(&CONTRACT));
}

#[test]
fn an_hour_of_outage_takes_few_probes() {
    let (mut flow, mut now, mut calls) = (Flow::default(), 0, 0);
    while now < 3_600_000 {
        match flow.grant(500, ONE, &CONTRACT, at(now)) {
            Grant::Now(_) => {
                calls += 1;
                flow.learn(Call::Failed, at(now), at(now));
            }
            Grant::At(until) | Grant::Open(until) => now = until.as_millisecond() - 1_700_000_000_000,
        }
    }
    assert!((60..70).contains(&calls), "{calls} calls");
}

#[test]
fn a_pause_that_the_carrier_asks_for_is_respected() {
    let mut flow = Flow::default();
    flow.learn(Call::Throttled { messages: 500, retry_after_seconds: Some(195) }, at(0), at(0));
    assert_eq!(flow.grant(500, ONE, &CONTRACT, at(1)), Grant::At(at(195_000)));
    assert_eq!(flow.grant(500, ONE, &CONTRACT, at(195_000)), Grant::Now(500));
    flow.learn(Call::Answered { accepted: 500, throttled: 0 }, at(195_100), at(195_100));
    assert!(flow.is_free(&CONTRACT));
}

#[test]
fn a_carrier_that_takes_50_a_call_gets_calls_of_50_at_most() {
    let (mut flow, mut now, mut taken) = (Flow::default(), 0, 0);
    while now < 120_000 {
        match flow.grant(500, ONE, &CONTRACT, at(now)) {
            Grant::Now(messages) if messages > 50 => {
                flow.learn(Call::Throttled { messages, retry_after_seconds: None }, at(now), at(now));
            }
            Grant::Now(messages) => {
                taken += messages;
                flow.learn(Call::Answered { accepted: messages, throttled: 0 }, at(now), at(now));
                now += 50;
            }
            Grant::At(until) | Grant::Open(until) => now = until.as_millisecond() - 1_700_000_000_000,
        }
    }
    assert!(taken > 1_000, "{taken} taken in two minutes");
}

#[test]
fn a_carrier_that_takes_few_at_once_and_asks_for_pauses_gets_small_calls() {
    let (mut flow, mut now, mut taken) = (Flow::default(), 0, 0);
    while now < 600_000 {
        match flow.grant(500, ONE, &CONTRACT, at(now)) {
            Grant::Now(messages) if messages > 50 => {
                flow.learn(Call::Throttled { messages, retry_after_seconds: Some(7) }, at(now), at(now));
            }
            Grant::Now(messages) => {
                taken += messages;
                flow.learn(Call::Answered { accepted: messages, throttled: 0 }, at(now), at(now));
                now += 50;
            }
            Grant::At(until) | Grant::Open(until) => now = until.as_millisecond() - 1_700_000_000_000,
        }
    }
    assert!(taken > 1_000, "{taken} taken in ten minutes");
}

#[test]
fn throttling_is_no_failure() {
    let mut flow = Flow::default();
    for second in 0..1_000 {
        flow.learn(
            Call::Throttled { messages: 1, retry_after_seconds: None },
            at(second * 20_000),
            at(second * 20_000),
        );
        assert!(!flow.is_open());
    }
}

#[test]
fn a_few_rejected_messages_are_the_cause_themselves_and_many_in_a_row_are_not() {
    let mut flow = Flow::default();
    for _ in 0..100 {
        flow.learn(Call::Refused, at(0), at(0));
        flow.learn(Call::Refused, at(0), at(0));
        flow.learn(Call::Answered { accepted: 250, throttled: 0 }, at(0), at(0));
    }
    assert!(!flow.is_open());
    assert!(flow.refuses_for_good(500, at(0)));
    for _ in 0..7 {
        flow.learn(Call::Refused, at(0), at(0));
    }
    assert!(flow.is_open() && !flow.refuses_for_good(1, at(3_599_999)));
    assert!(flow.refuses_for_good(50, at(3_600_000)), "the last messages of a batch do not wait for ever");
    assert!(!flow.refuses_for_good(51, at(3_600_000)), "and many do");
}

#[test]
fn parties_take_turns_and_a_missing_one_does_not_block_the_others() {
    let contract = Contract { rate_per_second: Some(40), ..CONTRACT };
    let mut flow = Flow::default();
    let mut grant = |party, ms| flow.grant(500, party, &contract, at(ms));
    assert_eq!(grant(ONE, 0), Grant::Now(40));
    assert_eq!(grant(OTHER, 100), Grant::At(at(1_000)));
    // It is the other party's turn, whichever asks first.
    assert_eq!(grant(ONE, 1_000), Grant::At(at(1_200)));
    assert_eq!(grant(OTHER, 1_100), Grant::Now(40));
    assert_eq!(grant(ONE, 1_200), Grant::At(at(2_100)));
    assert_eq!(grant(OTHER, 2_100), Grant::At(at(2_300)));
    assert_eq!(grant(OTHER, 5_100), Grant::Now(40));
}

#[test]
fn a_few_throttled_messages_say_nothing_of_the_rate() {
    let mut flow = Flow::default();
    for second in 0..100 {
        flow.learn(Call::Answered { accepted: 495, throttled: 5 }, at(second * 1_000), at(second * 1_000));
        flow.learn(Call::Answered { accepted: 7, throttled: 1 }, at(second * 1_000), at(second * 1_000));
        flow.learn(Call::Answered { accepted: 0, throttled: 1 }, at(second * 1_000), at(second * 1_000));
        flow.learn(Call::Answered { accepted: 1, throttled: 0 }, at(second * 1_000 + 500), at(second * 1_000 + 600));
    }
    assert!(flow.is_free(&CONTRACT), "{flow:?}");
}

#[test]
fn a_limit_learnt_long_ago_is_forgotten() {
    let mut flow = Flow::default();
    flow.learn(Call::Answered { accepted: 40, throttled: 460 }, at(0), at(0));
    assert_eq!(flow.rate(&CONTRACT), Some(40_000));
    flow.learn(Call::Answered { accepted: 40, throttled: 0 }, at(1_000_000), at(1_000_000));
    assert_eq!(flow.rate(&CONTRACT), None);
}

/// A carrier with a token bucket that takes a call completely or not at all.
struct Bucket {
    per_second: i64,
    most: i64,
    /// Messages that it has room for, times 1,000.
    room: i64,
    at_ms: i64,
}

impl Bucket {
    fn new(per_second: i64, most: i64) -> Self {
        Self { per_second, most, room: most * 1_000, at_ms: 0 }
    }

    fn takes(&mut self, messages: u32, now_ms: i64) -> bool {
        self.room = (self.room + (now_ms - self.at_ms) * self.per_second).min(self.most * 1_000);
        self.at_ms = now_ms;
        let takes = self.room >= i64::from(messages) * 1_000;
        if takes {
            self.room -= i64::from(messages) * 1_000;
        }
        takes
    }
}

/// Messages that such a carrier accepts from several sessions within a time.
fn taken_whole(bucket: &mut Bucket, retry_after_seconds: Option<i64>, from_ms: i64, until_ms: i64) -> u32 {
    const SESSIONS: usize = 5;
    const CALL_MS: i64 = 80;
    let (mut flow, mut taken) = (Flow::default(), 0);
    let mut sessions: [(i64, Option<(i64, Call)>); SESSIONS] = [(0, None); SESSIONS];
    loop {
        let (number, _) = sessions.iter().enumerate().min_by_key(|(_, (at, _))| *at).unwrap();
        let (now, ended) = sessions[number];
        if now >= until_ms {
            return taken;
        }
        if let Some((began, call)) = ended {
            flow.learn(call, at(began), at(now));
            sessions[number].1 = None;
        }
        match flow.grant(500, ONE, &CONTRACT, at(now)) {
            Grant::Now(messages) => {
                let call = match bucket.takes(messages, now) {
                    true => Call::Answered { accepted: messages, throttled: 0 },
                    false => Call::Throttled { messages, retry_after_seconds },
                };
                if now >= from_ms && matches!(call, Call::Answered { .. }) {
                    taken += messages;
                }
                sessions[number] = (now + CALL_MS, Some((now, call)));
            }
            Grant::At(until) | Grant::Open(until) => {
                sessions[number].0 = (until.as_millisecond() - 1_700_000_000_000).max(now + 1);
            }
        }
    }
}

#[test]
fn a_carrier_that_refuses_whole_calls_above_its_rate_is_used() {
    for (most, retry_after_seconds) in [(40, None), (40, Some(1)), (80, None), (200, None), (200, Some(1))] {
        let taken = taken_whole(&mut Bucket::new(40, most), retry_after_seconds, 0, 30_000);
        assert!(taken >= 40 * 15, "{taken} in the first half minute, {most} {retry_after_seconds:?}");
        let taken = taken_whole(&mut Bucket::new(40, most), retry_after_seconds, 60_000, 360_000);
        assert!(taken * 100 >= 40 * 300 * 90, "{taken} of {}, {most} {retry_after_seconds:?}", 40 * 300);
    }
}

#[test]
fn a_late_answer_to_a_call_before_an_outage_does_not_end_it() {
    let mut flow = Flow::default();
    for _ in 0..FAILURES_MAX {
        flow.learn(Call::Failed, at(1_000), at(2_000));
    }
    flow.learn(Call::Answered { accepted: 500, throttled: 0 }, at(1_500), at(3_000));
    assert!(flow.is_open(), "it was taken before the carrier failed");
    assert_eq!(flow.grant(500, ONE, &CONTRACT, at(7_000)), Grant::Now(1));
    flow.learn(Call::Answered { accepted: 1, throttled: 0 }, at(7_000), at(7_100));
    assert_eq!(flow.grant(500, ONE, &CONTRACT, at(7_200)), Grant::Now(500));
}

#[test]
fn a_party_that_waits_without_a_session_gets_one() {
    let contract = Contract { rate_per_second: Some(40), ..CONTRACT };
    let mut flow = Flow::default();
    assert_eq!(flow.grant(500, ONE, &contract, at(0)), Grant::Now(40));
    flow.wait(OTHER, at(500));
    assert!(!flow.has_missed_turn(ONE, at(1_900)), "it may still come");
    assert!(flow.has_missed_turn(ONE, at(2_000)) && !flow.has_missed_turn(OTHER, at(2_000)));
    assert!(!flow.has_missed_turn(ONE, at(4_000)), "no party waits forever");
    // Also between two grants, but not when the carrier is unused.
    let mut flow = Flow { granted_until: Some(at(0)), last: Some(ONE), ..Flow::default() };
    flow.wait(OTHER, at(2_000));
    assert_eq!(flow.turn, None);
    flow.wait(OTHER, at(1_000));
    assert_eq!(flow.turn, Some((OTHER, at(4_000))));
}
