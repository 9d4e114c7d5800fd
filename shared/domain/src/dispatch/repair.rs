//! Which batches of a campaign are put on the queue again.

use jiff::Timestamp;

use super::Unsent;
use crate::flow::Flow;

/// Released batches that no sender leased are put on the queue again after this time if the queue holds fewer than
/// there are; after the longer time in any case.
const MISSED_SECONDS: i64 = 60;
const FORGOTTEN_SECONDS: i64 = 300;

/// Batches that stopped: their lease expired, or the queue lost them. `queued` is the number of batches on the queue,
/// if known; `repaired_at` is when batches of the campaign were last put there again.
pub fn lost(unsent: &Unsent, flow: &Flow, queued: Option<u64>, repaired_at: Timestamp, now: Timestamp) -> Vec<u32> {
    let waited = now.duration_since(repaired_at).as_secs();
    let is_idle_lost = match queued {
        _ if waited >= FORGOTTEN_SECONDS => true,
        // The carrier asked for a pause, so waiting batches stay where they are.
        _ if flow.blocked_until.is_some_and(|until| until > now) => false,
        Some(0) => true,
        Some(queued) => waited >= MISSED_SECONDS && queued < unsent.idle.len() as u64,
        None => false,
    };
    let idle = if is_idle_lost { unsent.idle.as_slice() } else { &[] };
    unsent.lapsed.iter().chain(idle).copied().collect()
}

/// The batch that probes the carrier, once a probe is due.
pub fn probes(unsent: &Unsent, flow: &Flow, now: Timestamp) -> Vec<u32> {
    unsent.lapsed.iter().chain(&unsent.idle).copied().take(usize::from(flow.is_probe_due(now))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn unsent() -> Unsent {
        Unsent { idle: vec![1, 2, 3], lapsed: vec![9], ..Unsent::default() }
    }

    #[test]
    fn idle_batches_are_lost_when_the_queue_holds_too_few_for_too_long() {
        let (all, lapsed_only) = (&[9, 1, 2, 3][..], &[9][..]);
        // Batches on the queue, seconds since the last repair, seconds for which the carrier asked for a pause.
        let table = [
            (Some(0), 0, None, all),
            (Some(2), 59, None, lapsed_only),
            (Some(2), 60, None, all),
            (Some(3), 299, None, lapsed_only),
            (Some(3), 300, None, all),
            (None, 299, None, lapsed_only),
            (None, 300, None, all),
            (Some(0), 299, Some(1), lapsed_only),
            (Some(0), 299, Some(0), all),
            (Some(0), 300, Some(1), all),
        ];
        for (queued, waited, blocked, expected) in table {
            let flow = Flow { blocked_until: blocked.map(at), ..Flow::default() };
            let lost = lost(&unsent(), &flow, queued, at(-waited), at(0));
            assert_eq!(lost, expected, "{queued:?} {waited} {blocked:?}");
        }
    }

    #[test]
    fn one_batch_probes_the_carrier_and_a_lapsed_one_before_an_idle_one() {
        let table = [(None, unsent(), &[9][..]), (Some(0), unsent(), &[9]), (Some(1), unsent(), &[])];
        for (probe, unsent, expected) in table {
            let flow = Flow { open_since: Some(at(-9)), probe_at: probe.map(at), ..Flow::default() };
            assert_eq!(probes(&unsent, &flow, at(0)), expected, "{probe:?}");
        }
        assert_eq!(probes(&Unsent { lapsed: Vec::new(), ..unsent() }, &Flow::default(), at(0)), [1]);
    }
}
