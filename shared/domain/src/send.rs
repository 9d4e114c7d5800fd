//! What a sender decides about the batch that it holds. Pure.

use jiff::{SignedDuration, Timestamp};

use super::campaign::Campaign;
use super::flow::Grant;
use super::release::BatchSlice;
use super::status::{PauseReason, Status};

/// Longest time that a sender waits for the carrier with a batch leased; for longer waits the queue message returns.
pub const WAIT_MAX: SignedDuration = SignedDuration::from_secs(3);
/// No call begins later than this after the first call of a batch; the rest returns to the queue.
pub const LAST_CALL: SignedDuration = SignedDuration::from_secs(75);
/// How long a queue message about a batch keeps returning, in seconds.
const HINT_SECONDS: i64 = 300;
/// When throttled messages are tried again, unless something prevents it.
const PUT_OFF: SignedDuration = SignedDuration::from_secs(1);

/// Whether messages of a campaign may be sent: it is sending, or paused until a message shows that the carrier is back.
pub fn may_send(campaign: &Campaign) -> bool {
    match campaign.status {
        Status::Sending => true,
        Status::Paused => campaign.pause_reason == Some(PauseReason::CarrierErrors),
        Status::Draft | Status::Ready | Status::Consolidating | Status::Finished | Status::Deleted => false,
    }
}

/// Whether more of a batch was released after `sent` was read; the queue message for it found the batch leased.
pub fn is_more_released(sent: BatchSlice, now: Option<BatchSlice>) -> bool {
    now.is_some_and(|now| now.released > sent.released)
}

/// Whether a queue message returns once more. An old one does not: dispatch releases idle batches again, and copies of
/// a message, which the queue and repairs make, would circulate forever.
pub fn comes_back(waits_since_second: i64, now: Timestamp) -> bool {
    now.as_second() <= waits_since_second + HINT_SECONDS
}

/// When throttled messages are tried again; `None` if dispatch releases them when the carrier is back.
pub fn try_again_at(grant: Grant, now: Timestamp) -> Option<Timestamp> {
    match grant {
        Grant::Now(_) => Some(now + PUT_OFF),
        Grant::At(at) => Some(at),
        Grant::Open(_) => None,
    }
}

/// Whether a batch is worked on, decided before it is leased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    TakeUp,
    /// The queue message returns then.
    ComeBack(Timestamp),
    /// Dispatch releases it again when the carrier is back.
    Leave,
}

impl Outlook {
    /// `can_wait`: the sender may wait for a moment with the batch leased.
    pub fn new(grant: Grant, can_wait: bool, now: Timestamp) -> Self {
        match grant {
            Grant::At(at) if !can_wait || at > now + WAIT_MAX => Self::ComeBack(at),
            Grant::Now(_) | Grant::At(_) => Self::TakeUp,
            Grant::Open(_) => Self::Leave,
        }
    }
}

/// What to do before the next call of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// A call of this many messages.
    Call(u32),
    Wait(SignedDuration),
    ComeBack(Timestamp),
    /// The carrier does not answer: dispatch continues later.
    Stop,
}

impl Turn {
    /// `is_needed_elsewhere`: an account cannot take its turn because others that wait for the rate hold every session.
    pub fn new(grant: Grant, is_needed_elsewhere: bool, now: Timestamp) -> Self {
        match grant {
            Grant::Now(messages) => Self::Call(messages),
            Grant::Open(_) => Self::Stop,
            Grant::At(at) if is_needed_elsewhere => Self::ComeBack(at + WAIT_MAX),
            Grant::At(at) if at.duration_since(now) <= WAIT_MAX => Self::Wait(at.duration_since(now)),
            Grant::At(at) => Self::ComeBack(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::Settings;
    use crate::territory::Territory;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn messages_are_sent_while_a_campaign_sends_or_probes_the_carrier() {
        let (account, id) = ("acc_00000000000000000001".parse().unwrap(), "cmp_00000000000000000001".parse().unwrap());
        let draft = Campaign::draft(account, id, Settings::default(), String::new(), at(0));
        let sends: Vec<_> = Status::ALL
            .into_iter()
            .flat_map(|status| PauseReason::ALL.map(|reason| (status, reason)))
            .filter(|(status, reason)| {
                may_send(&Campaign { status: *status, pause_reason: Some(*reason), ..draft.clone() })
            })
            .collect();
        let sending = PauseReason::ALL.map(|reason| (Status::Sending, reason));
        assert_eq!(sends, [&sending[..], &[(Status::Paused, PauseReason::CarrierErrors)]].concat());
    }

    #[test]
    fn more_is_released_when_the_slice_says_so_now() {
        let slice = |released| BatchSlice { territory: Territory::Metropolitan, first: 0, recipients: 500, released };
        let table = [(Some(slice(301)), true), (Some(slice(300)), false), (None, false)];
        for (now, expected) in table {
            assert_eq!(is_more_released(slice(300), now), expected, "{now:?}");
        }
    }

    #[test]
    fn a_queue_message_comes_back_for_five_minutes() {
        let since = at(0).as_second();
        assert_eq!([0, 300, 301].map(|second| comes_back(since, at(second))), [true, true, false]);
    }

    #[test]
    fn throttled_messages_are_tried_again_when_the_carrier_allows_it() {
        assert_eq!(try_again_at(Grant::Now(5), at(0)), Some(at(1)));
        assert_eq!(try_again_at(Grant::At(at(9)), at(0)), Some(at(9)));
        assert_eq!(try_again_at(Grant::Open(at(9)), at(0)), None);
    }

    #[test]
    fn a_batch_is_leased_if_its_turn_is_soon() {
        let table = [
            (Grant::Now(1), true, Outlook::TakeUp),
            (Grant::Now(1), false, Outlook::TakeUp),
            (Grant::At(at(3)), true, Outlook::TakeUp),
            (Grant::At(at(3)), false, Outlook::ComeBack(at(3))),
            (Grant::At(at(4)), true, Outlook::ComeBack(at(4))),
            (Grant::Open(at(4)), true, Outlook::Leave),
        ];
        for (grant, can_wait, expected) in table {
            assert_eq!(Outlook::new(grant, can_wait, at(0)), expected, "{grant:?} {can_wait}");
        }
    }

    #[test]
    fn a_call_waits_a_moment_for_its_turn_and_yields_its_session_if_needed() {
        let table = [
            (Grant::Now(7), false, Turn::Call(7)),
            (Grant::Now(7), true, Turn::Call(7)),
            (Grant::Open(at(5)), true, Turn::Stop),
            (Grant::At(at(3)), false, Turn::Wait(SignedDuration::from_secs(3))),
            (Grant::At(at(4)), false, Turn::ComeBack(at(4))),
            (Grant::At(at(1)), true, Turn::ComeBack(at(4))),
        ];
        for (grant, is_needed_elsewhere, expected) in table {
            assert_eq!(Turn::new(grant, is_needed_elsewhere, at(0)), expected, "{grant:?} {is_needed_elsewhere}");
        }
    }
}
