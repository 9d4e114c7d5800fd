//! Limits how many messages of a campaign are under way to the carrier: no more than it takes until the next check. So
//! an account that starts beside a large campaign waits seconds only, and throttling stays rare.

use jiff::Timestamp;

use crate::flow::Flow;

/// Most messages of a campaign under way at once when the carrier's rate is unknown: a few seconds' worth of a fast
/// carrier.
pub const UNDER_WAY_MAX: u32 = 128_000;
/// When the rate is known: what the carrier takes in this many seconds.
const AHEAD_SECONDS: u64 = 10;
/// Seconds until the next check of a campaign that reached its limit; short, so that the carrier is never idle.
const CHECK_SECONDS: i64 = 2;
const CHECK_SECONDS_AT_RATE: i64 = 5;
/// Shortest and longest time until the next check while the circuit is open, in seconds.
const CHECK_SECONDS_OPEN: std::ops::RangeInclusive<i64> = 2..=30;

/// How much more may be released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub messages: u32,
    /// Seconds after which more may be released, once the limit is used up.
    pub check_seconds: i64,
}

/// While the carrier's circuit is open: one message to probe it, if none is under way.
pub fn limit_while_open(flow: &Flow, under_way: u32, now: Timestamp) -> Limit {
    let probe = flow.probe_at.map_or(0, |at| at.duration_since(now).as_secs() + 1);
    let check_seconds = probe.clamp(*CHECK_SECONDS_OPEN.start(), *CHECK_SECONDS_OPEN.end());
    Limit { messages: u32::from(under_way == 0), check_seconds }
}

/// When the carrier's rate is unknown.
pub fn limit_without_rate(under_way: u32) -> Limit {
    Limit { messages: UNDER_WAY_MAX.saturating_sub(under_way), check_seconds: CHECK_SECONDS }
}

/// When the campaign's share of the carrier's rate is known, in messages per 1,000 seconds.
pub fn limit_at_rate(share: u64, under_way: u32) -> Limit {
    let ahead = share.saturating_mul(AHEAD_SECONDS).div_ceil(1_000).max(1);
    let messages = u32::try_from(ahead).unwrap_or(u32::MAX).saturating_sub(under_way);
    Limit { messages, check_seconds: CHECK_SECONDS_AT_RATE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_circuit_lets_one_message_out_to_probe_and_is_checked_when_that_is_due() {
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        // Seconds until the probe, messages under way; messages that may go, seconds until the next check.
        let table = [
            (None, 0, 1, 2),
            (Some(0), 0, 1, 2),
            (Some(12), 0, 1, 13),
            (Some(12), 1, 0, 13),
            (Some(600), 0, 1, 30),
            (Some(-60), 0, 1, 2),
        ];
        for (probe, under_way, messages, check_seconds) in table {
            let flow = Flow { open_since: Some(at(-60)), probe_at: probe.map(at), ..Flow::default() };
            let limit = limit_while_open(&flow, under_way, at(0));
            assert_eq!(limit, Limit { messages, check_seconds }, "{probe:?} {under_way}");
        }
    }

    #[test]
    fn what_is_under_way_is_ten_seconds_of_the_share_or_some_seconds_of_a_fast_carrier() {
        let messages = |limit: Limit| limit.messages;
        assert_eq!([0, 100, 128_000, 200_000].map(limit_without_rate).map(messages), [128_000, 127_900, 0, 0]);
        // Share in messages per 1,000 seconds, messages under way, messages that may go.
        let table = [(50_000, 0, 500), (50_000, 120, 380), (50_000, 501, 0), (1, 0, 1), (0, 0, 1), (0, 1, 0)];
        for (share, under_way, expected) in table {
            assert_eq!(limit_at_rate(share, under_way).messages, expected, "{share} {under_way}");
        }
        assert_eq!(limit_at_rate(u64::MAX, 0).messages, u32::MAX);
    }
}
