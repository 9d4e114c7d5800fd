//! What handing a message over does to its record. Pure; the one place for it, whoever holds the batch.
//!
//! A message is marked `submitting` before the carrier hears of it. Whoever finds that mark without holding the lease
//! under which it was made knows: the carrier may have the message.

use super::ledger::{Ledger, Minute, Record};
use super::outcome::{Outcome, Reason, State};

/// What the carrier said of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Accepted,
    /// Refused for good.
    Rejected {
        reason: Reason,
    },
    /// Certainly not taken; may be handed over again, later.
    Throttled,
    /// Perhaps taken. A carrier that deduplicates may get it again, another must not.
    Unknown,
}

/// What a record becomes that must not be handed over: excluded since the start; or perhaps handed over by somebody who
/// never came back, to a carrier that cannot tell, or to a number that must not be written to again. `None` for others.
pub fn settle(record: Record, is_excluded: bool, deduplicates: bool, now: Minute) -> Option<Record> {
    match (record.state.outcome(), is_excluded) {
        (Outcome::Pending, true) => Some(record.settle(Outcome::Excluded, Reason::ExcludedSince, now)),
        (Outcome::Submitting, true) => Some(give_up(record, now)),
        (Outcome::Submitting, false) if !deduplicates => Some(give_up(record, now)),
        _ => None,
    }
}

/// What a record becomes when nobody will ever ask the carrier again: a message that it may have is unknown.
pub fn give_up(record: Record, now: Minute) -> Record {
    match record.state.outcome() {
        Outcome::Submitting => record.settle(Outcome::Unknown, Reason::NoAnswer, now),
        _ => record,
    }
}

/// Marks a message that is about to be handed over, of so many segments. One that was marked before is handed over
/// again: whatever the carrier says of this time, it may have the message from that.
pub fn submitting(record: Record, segments: u8) -> Record {
    match record.state.outcome() {
        Outcome::Pending => Record { state: State::from(Outcome::Submitting), segments, ..record },
        Outcome::Submitting => Record { state: State::AGAIN, segments, ..record },
        _ => Record { segments, ..record },
    }
}

/// The record after the carrier's answer. A throttled message is pending again, for as long as its campaign lives; one
/// that the carrier may have from an earlier time stays in doubt until it says more.
pub fn answered(record: Record, answer: Answer, deduplicates: bool, at: Minute) -> Record {
    match answer {
        Answer::Accepted => {
            let state = State::from(Outcome::HandedOver);
            record.merge(Record { state, handed_over: Some(at), ..Record::default() })
        }
        // Also of one that was handed over before: who deduplicates answers the same id as the first time.
        Answer::Rejected { reason } => record.settle(Outcome::Rejected, reason, at),
        // A receipt may have come meanwhile: then it was taken, whatever the carrier says.
        Answer::Throttled if record.state == State::from(Outcome::Submitting) => {
            Record { state: State::from(Outcome::Pending), ..record }
        }
        Answer::Throttled => record,
        // Asking again is harmless where an id is taken once.
        Answer::Unknown if deduplicates => record,
        Answer::Unknown => record.settle(Outcome::Unknown, Reason::NoAnswer, at),
    }
}

/// The record of a message with which every call is refused, whatever else is in it. That says nothing of an earlier time.
pub fn refused(record: Record, at: Minute) -> Record {
    match record.state {
        State::AGAIN => record.settle(Outcome::Unknown, Reason::NoAnswer, at),
        _ => record.settle(Outcome::Rejected, Reason::Refused, at),
    }
}

/// Brings what the holder of a batch knows together with what the table says meanwhile. Nobody but the holder moves
/// messages that are not handed over, so there the holder's word counts; for all others the greater word does.
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
        Minute::of("2026-12-01T09:00:00Z".parse().unwrap())
    }

    fn record(outcome: Outcome) -> Record {
        Record { state: State::from(outcome), ..Record::default() }
    }

    #[test]
    fn a_throttled_message_waits_however_often_it_is_put_off() {
        let mut one = Record::default();
        for _ in 0..1_000 {
            one = submitting(one, 2);
            assert_eq!(one.state.outcome(), Outcome::Submitting);
            one = answered(one, Answer::Throttled, false, at());
            assert_eq!(one.state.outcome(), Outcome::Pending);
        }
    }

    #[test]
    fn a_message_that_the_carrier_may_have_from_before_stays_in_doubt_when_it_is_throttled() {
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
    fn a_receipt_that_was_faster_than_the_answer_stands() {
        let delivered = submitting(Record::default(), 1).settle(Outcome::Delivered, Reason::None, at());
        for answer in [Answer::Accepted, Answer::Throttled, Answer::Unknown, Answer::Rejected { reason: Reason::Spam }]
        {
            assert_eq!(answered(delivered, answer, false, at()).state.outcome(), Outcome::Delivered);
        }
    }

    #[test]
    fn what_the_carrier_may_have_is_asked_again_only_where_it_tells_twins_apart() {
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
    fn the_holders_word_counts_for_what_is_not_handed_over_and_the_greater_for_the_rest() {
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
