//! How a campaign ends: its outcomes become final and its credits are settled.

use jiff::{SignedDuration, Timestamp};

use super::poll_interval_seconds;
use crate::campaign::{Campaign, RECEIPTS_HOURS};
use crate::credits::{Credits, Movement, MovementKind};
use crate::hand_over;
use crate::ledger::{Minute, Record};
use crate::outcome::{Outcome, Reason};
use crate::tally::Tally;

/// Longest time between two checks of a campaign that waits for receipts, in seconds. The fold that reads the last
/// receipt asks for a check at once.
const CHECK_SECONDS_MAX: i64 = 3_600;
/// Shortest time between two checks, in seconds.
const CHECK_SECONDS_MIN: i64 = 2;

/// How long a campaign whose last message was handed over still waits for receipts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// Missing receipts are no longer expected.
    pub is_late: bool,
    /// Seconds until the next check.
    pub check_seconds: i64,
}

impl Closing {
    pub fn new(handed_over_at: Timestamp, now: Timestamp) -> Self {
        let end = handed_over_at + SignedDuration::from_hours(RECEIPTS_HOURS);
        let until_end = end.duration_since(now).as_secs().max(CHECK_SECONDS_MIN);
        let poll = poll_interval_seconds(handed_over_at, now, CHECK_SECONDS_MAX);
        Self { is_late: now >= end, check_seconds: poll.min(until_end) }
    }
}

/// Whether the outcomes of a campaign can be frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freeze {
    Ready,
    /// A batch is leased, or some outcomes are still open.
    NotYet {
        is_at_work: bool,
    },
}

impl Freeze {
    /// Decides from the sum of all batches and the end of their last lease.
    pub fn new(tally: &Tally, lease_until: Timestamp, cancelled: bool, now: Timestamp) -> Self {
        let is_at_work = lease_until > now;
        if is_at_work || !tally.is_settled(cancelled) { Self::NotYet { is_at_work } } else { Self::Ready }
    }

    /// A lease expired without the batch being returned: its sender may still write an answer that changes the
    /// outcomes.
    pub fn has_lapsed_lease(lease_until: Timestamp, now: Timestamp) -> bool {
        lease_until != Timestamp::UNIX_EPOCH && lease_until <= now
    }
}

fn is_in_doubt(record: &Record) -> bool {
    record.state.outcome() == Outcome::Submitting
}

/// Whether a batch of a campaign that sends nothing more must be leased: the carrier may have a message without a
/// recorded answer, or its sender never returned it.
pub fn is_unsettled(records: &[Record], lease_until: Timestamp) -> bool {
    lease_until != Timestamp::UNIX_EPOCH || records.iter().any(is_in_doubt)
}

/// Sets messages that the carrier may have to `unknown`; returns how many.
pub fn settle_in_doubt(records: &mut [Record], now: Minute) -> usize {
    let mut settled = 0;
    for record in records.iter_mut().filter(|record| is_in_doubt(record)) {
        *record = hand_over::give_up(*record, now);
        settled += 1;
    }
    settled
}

/// Sets messages whose receipts are no longer expected to `unknown`.
pub fn give_up_receipts(records: &mut [Record], now: Minute) {
    for record in records.iter_mut().filter(|record| record.state.outcome() == Outcome::HandedOver) {
        *record = record.settle(Outcome::Unknown, Reason::NoReceipt, now);
    }
}

/// How the credits reserved for a campaign are split at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement {
    /// For segments that the carrier accepted or may have accepted.
    pub used: Credits,
    pub given_back: Credits,
}

impl Settlement {
    /// Never uses more than is held: a receipt may arrive for a message whose credits were given back.
    pub fn new(held: Credits, segments: u64) -> Self {
        let used = segments.min(held);
        Self { used, given_back: held - used }
    }

    /// The campaign after the settlement.
    #[must_use]
    pub fn settle(self, campaign: Campaign) -> Campaign {
        let (used, given_back) = (campaign.used + self.used, campaign.given_back + self.given_back);
        Campaign { used, given_back, ..campaign }
    }

    /// Its entries in the credit ledger.
    pub fn movements(self, campaign: &Campaign, now: Timestamp) -> [Movement; 2] {
        let movement = |kind, credits| Movement { at: now, kind, credits, about: campaign.id.to_string() };
        [movement(MovementKind::Used, self.used), movement(MovementKind::GivenBack, self.given_back)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::State;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn receipts_are_awaited_for_72_hours_with_fewer_and_fewer_checks() {
        const HOURS: i64 = 3_600;
        // Seconds since the last message was handed over, whether it is late, seconds until the next check.
        let table = [
            (0, false, 2),
            (60, false, 15),
            (4 * HOURS, false, 3_600),
            (72 * HOURS - 600, false, 600),
            (72 * HOURS - 1, false, 2),
            (72 * HOURS, true, 2),
            (80 * HOURS, true, 2),
        ];
        for (waited, is_late, check_seconds) in table {
            assert_eq!(Closing::new(at(-waited), at(0)), Closing { is_late, check_seconds }, "{waited}");
        }
    }

    #[test]
    fn outcomes_freeze_when_no_batch_is_leased_and_nothing_is_open() {
        let unleased = Timestamp::UNIX_EPOCH;
        // Awaiting, to send, end of the last lease, cancelled.
        let table = [
            (0, 0, unleased, false, Freeze::Ready),
            (0, 0, at(0), false, Freeze::Ready),
            (0, 0, at(1), false, Freeze::NotYet { is_at_work: true }),
            (1, 0, unleased, false, Freeze::NotYet { is_at_work: false }),
            (1, 0, unleased, true, Freeze::NotYet { is_at_work: false }),
            (0, 1, unleased, false, Freeze::NotYet { is_at_work: false }),
            (0, 1, unleased, true, Freeze::Ready),
            (0, 1, at(1), true, Freeze::NotYet { is_at_work: true }),
        ];
        for (awaiting, to_send, lease_until, cancelled, expected) in table {
            let tally = Tally { awaiting, to_send, ..Tally::default() };
            let freeze = Freeze::new(&tally, lease_until, cancelled, at(0));
            assert_eq!(freeze, expected, "{awaiting} {to_send} {lease_until} {cancelled}");
        }
        let lapsed = [unleased, at(-1), at(0), at(1)].map(|lease_until| Freeze::has_lapsed_lease(lease_until, at(0)));
        assert_eq!(lapsed, [false, true, true, false]);
    }

    fn records(outcomes: &[Outcome]) -> Vec<Record> {
        outcomes.iter().map(|one| Record { state: State::from(*one), ..Record::default() }).collect()
    }

    fn outcomes(records: &[Record]) -> Vec<Outcome> {
        records.iter().map(|record| record.state.outcome()).collect()
    }

    #[test]
    fn a_batch_is_leased_for_messages_in_doubt_or_for_a_lapsed_lease() {
        use Outcome::*;
        let unleased = Timestamp::UNIX_EPOCH;
        assert!(!is_unsettled(&records(&[Pending, HandedOver, Delivered]), unleased));
        assert!(is_unsettled(&records(&[Pending, Submitting]), unleased));
        assert!(is_unsettled(&records(&[Delivered]), at(0)));
    }

    #[test]
    fn messages_in_doubt_and_messages_without_receipt_become_unknown() {
        use Outcome::*;
        let now = Minute::from_timestamp(at(0));
        let before = [Pending, Submitting, HandedOver, Unknown, Excluded, Rejected, Delivered];
        let mut settled = records(&before);
        settled[1].state = State::AGAIN;
        assert_eq!(settle_in_doubt(&mut settled, now), 1);
        assert_eq!(outcomes(&settled), [Pending, Unknown, HandedOver, Unknown, Excluded, Rejected, Delivered]);
        assert_eq!(settled[1].reason, Reason::NoAnswer);
        let mut given_up = records(&before);
        give_up_receipts(&mut given_up, now);
        assert_eq!(outcomes(&given_up), [Pending, Submitting, Unknown, Unknown, Excluded, Rejected, Delivered]);
        assert_eq!((given_up[2].reason, given_up[2].settled), (Reason::NoReceipt, Some(now)));
    }

    #[test]
    fn every_held_credit_is_used_or_given_back() {
        // Held, segments; used, given back.
        let table = [(10, 0, 0, 10), (10, 7, 7, 3), (10, 10, 10, 0), (10, 12, 10, 0), (0, 3, 0, 0)];
        for (held, segments, used, given_back) in table {
            assert_eq!(Settlement::new(held, segments), Settlement { used, given_back }, "{held} {segments}");
        }
    }
}
