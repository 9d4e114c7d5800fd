//! How handing a message over changes its record. Pure; the only place for this rule.
//!
//! A message is marked `submitting` before the carrier hears of it. A sender that finds the mark without holding the
//! lease under which it was made must assume that the carrier may have the message.

use super::ledger::{Ledger, Minute, Record};
use super::outcome::{Outcome, Reason, State};

/// The carrier's answer for one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Accepted,
    /// Rejected for good.
    Rejected {
        reason: Reason,
    },
    /// Certainly not accepted; may be handed over again later.
    Throttled,
    /// Perhaps accepted. May be handed over again only to a carrier that deduplicates.
    Unknown,
}

/// The final record of a message that must not be handed over: excluded since the start; or marked by a sender that
/// never came back, and the carrier cannot deduplicate or the number is excluded. `None` for other messages.
pub fn settle(record: Record, is_excluded: bool, deduplicates: bool, now: Minute) -> Option<Record> {
    match (record.state.outcome(), is_excluded) {
        (Outcome::Pending, true) => Some(record.settle(Outcome::Excluded, Reason::ExcludedSince, now)),
        (Outcome::Submitting, true) => Some(give_up(record, now)),
        (Outcome::Submitting, false) if !deduplicates => Some(give_up(record, now)),
        _ => None,
    }
}

/// The record when the carrier will not be called again: a message that it may have becomes `unknown`.
pub fn give_up(record: Record, now: Minute) -> Record {
    match record.state.outcome() {
        Outcome::Submitting => record.settle(Outcome::Unknown, Reason::NoAnswer, now),
        _ => record,
    }
}

/// Marks a message of `segments` segments before it is handed over. If it was marked before, the carrier may have it
/// from that attempt, whatever it answers now.
pub fn submitting(record: Record, segments: u8) -> Record {
    match record.state.outcome() {
        Outcome::Pending => Record { state: State::from(Outcome::Submitting), segments, ..record },
        Outcome::Submitting => Record { state: State::AGAIN, segments, ..record },
        _ => Record { segments, ..record },
    }
}

/// The record after the carrier's answer. A throttled message is pending again, as long as its campaign lives; one that
/// the carrier may have from an earlier attempt stays in doubt.
pub fn answered(record: Record, answer: Answer, deduplicates: bool, at: Minute) -> Record {
    match answer {
        Answer::Accepted => {
            let state = State::from(Outcome::HandedOver);
            record.merge(Record { state, handed_over: Some(at), ..Record::default() })
        }
        // Also if it was handed over before: a carrier that deduplicates answers the same id as it did the first time.
        Answer::Rejected { reason } => record.settle(Outcome::Rejected, reason, at),
        // A receipt may have arrived meanwhile: then it was accepted, whatever the carrier answers.
        Answer::Throttled if record.state == State::from(Outcome::Submitting) => {
            Record { state: State::from(Outcome::Pending), ..record }
        }
        Answer::Throttled => record,
        // Repeating is harmless when the carrier deduplicates.
        Answer::Unknown if deduplicates => record,
        Answer::Unknown => record.settle(Outcome::Unknown, Reason::NoAnswer, at),
    }
}

/// The record of a message with which every call is rejected, whatever else is in the call. That says nothing about an
/// earlier attempt.
pub fn refused(record: Record, at: Minute) -> Record {
    match record.state {
        State::AGAIN => record.settle(Outcome::Unknown, Reason::NoAnswer, at),
        _ => record.settle(Outcome::Rejected, Reason::Refused, at),
    }
}

/// Merges what the lease holder knows with the table. Only the holder changes messages that are not handed over, so its
/// record counts for those; for all others the greater record does.
pub fn lay_over(table: &mut Ledger, held: &Ledger) {
    for (theirs, mine) in table.records_mut().iter_mut().zip(held.records()) {
        let both_to_send = theirs.state.outcome().is_to_send() && mine.state.outcome().is_to_send();
        let merged = theirs.merge(*mine);
        *theirs = if both_to_send { Record { state: mine.state, ..merged } } else { merged };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Minute {
        Minute::from_timestamp("2026-12-01T09:00:00Z".parse().unwrap())
    }

    fn record(outcome: Outcome) -> Record {
        Record { state: State::from(outcome), ..Record::default() }
    }

    #[test]
    fn a_throttled_message_stays_pending_however_often_it_is_throttled() {
        let mut one = Record::default();
        for _ in 0..1_000 {
            one = submitting(one, 2);
            assert_eq!(one.state.outcome(), Outcome::Submitting);
            one = answered(one, Answer::Throttled, false, at());
            assert_eq!(one.state.outcome(), Outcome::Pending);
        }
    }

    #[test]
    fn a_throttled_message_that_the_carrier_may_have_stays_in_doubt() {
        let in_doubt = answered(submitting(Record::default(), 1), Answer::Unknown, true, at());
        let again = answered(submitting(in_doubt, 1), Answer::Throttled, true, at());
        assert_eq!(again.state.outcome(), Outcome::Submitting);
        let once_more = submitting(again, 1);
        assert_eq!(answered(once_more, Answer::Throttled, true, at()).state.outcome(), Outcome::Submitting);
        assert_eq!(answered(once_more, Answer::Accepted, true, at()).state.outcome(), Outcome::HandedOver);
        let rejected = answered(once_more, Answer::Rejected { reason: Reason::Blocked }, true, at());
        assert_eq!((rejected.state.outcome(), rejected.reason), (Outcome::Rejected, Reason::Blocked), "as before");
        assert_eq!(refused(once_more, at()).state.outcome(), Outcome::Unknown, "the call was refused, not the message");
        let first = submitting(Record::default(), 1);
        assert_eq!(refused(first, at()).state.outcome(), Outcome::Rejected, "it never went out");
        assert_eq!(give_up(again, at()).state.outcome(), Outcome::Unknown);
    }

    #[test]
    fn a_receipt_that_arrives_before_the_answer_stands() {
        let delivered = submitting(Record::default(), 1).settle(Outcome::Delivered, Reason::None, at());
        for answer in [Answer::Accepted, Answer::Throttled, Answer::Unknown, Answer::Rejected { reason: Reason::Spam }]
        {
            assert_eq!(answered(delivered, answer, false, at()).state.outcome(), Outcome::Delivered);
        }
    }

    #[test]
    fn a_message_in_doubt_is_sent_again_only_to_a_carrier_that_deduplicates() {
        for (outcome, is_excluded, deduplicates, expected) in [
            (Outcome::Pending, false, false, None),
            (Outcome::Pending, true, true, Some(Outcome::Excluded)),
            (Outcome::Submitting, false, true, None),
            (Outcome::Submitting, false, false, Some(Outcome::Unknown)),
            (Outcome::Submitting, true, true, Some(Outcome::Unknown)),
            (Outcome::Delivered, true, false, None),
        ] {
            let settled = settle(record(outcome), is_excluded, deduplicates, at());
            assert_eq!(settled.map(|record| record.state.outcome()), expected, "{outcome:?} {is_excluded}");
        }
    }

    #[test]
    fn the_holders_record_counts_before_the_hand_over_and_the_greater_one_after() {
        let one = |outcome| {
            let mut ledger = Ledger::pending(1);
            ledger.records_mut()[0] = record(outcome);
            ledger
        };
        for (table, held, expected) in [
            (Outcome::Submitting, Outcome::Pending, Outcome::Pending),
            (Outcome::Pending, Outcome::Submitting, Outcome::Submitting),
            (Outcome::Delivered, Outcome::Pending, Outcome::Delivered),
            (Outcome::Submitting, Outcome::HandedOver, Outcome::HandedOver),
            (Outcome::Delivered, Outcome::HandedOver, Outcome::Delivered),
        ] {
            let mut both = one(table);
            lay_over(&mut both, &one(held));
            assert_eq!(both.records()[0].state.outcome(), expected, "{table:?} {held:?}");
        }
    }
}
