//! Deliveries: one event sent to one endpoint, with its retries and their results.

use jiff::{SignedDuration, Timestamp};

use super::codes::codes;
use super::ids::{DeliveryId, EventId, WebhookId};
use super::phone::PhoneNumber;
use super::webhook::EventKind;

/// Wait after each failed attempt, in seconds. The schedule follows the Standard Webhooks specification: first soon,
/// then over about a day.
pub const WAITS_SECONDS: [i64; 7] = [5, 5 * 60, 30 * 60, 2 * 3_600, 5 * 3_600, 7 * 3_600, 10 * 3_600];
/// Attempts per delivery: the first, and one after each wait.
pub const TRIES_MAX: u32 = WAITS_SECONDS.len() as u32 + 1;
const _: () = assert!(sum(&WAITS_SECONDS) >= 24 * 3_600);
/// A delivery whose endpoint is resting is given up after this age, however often it was tried.
pub const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(36);
const _: () = assert!(sum(&WAITS_SECONDS) < GIVEN_UP_AFTER.as_secs());
/// Most attempts in a delivery's log; the newest are kept.
pub const ATTEMPTS_KEPT: usize = 30;
/// Characters kept of the response of an endpoint that rejected the call.
pub const ANSWER_CHARACTERS_MAX: usize = 500;
/// How long deliveries and their payloads are kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

const fn sum(seconds: &[i64]) -> i64 {
    let (mut total, mut index) = (0, 0);
    while index < seconds.len() {
        total += seconds[index];
        index += 1;
    }
    total
}

/// An event, as it is sent to endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Stays the same if the event is announced again, so that receivers can drop duplicates.
    pub id: EventId,
    pub kind: EventKind,
    pub at: Timestamp,
    /// The body of the request: a JSON object.
    pub payload: String,
    /// The phone number in the payload, if it has one.
    pub phone: Option<PhoneNumber>,
}

/// One event to be sent to one endpoint, with its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub webhook: WebhookId,
    pub id: DeliveryId,
    pub event: EventId,
    pub kind: EventKind,
    /// The body, identical at every attempt.
    pub payload: String,
    /// The phone number in the payload, kept so that it can be erased.
    pub phone: Option<PhoneNumber>,
    pub status: DeliveryStatus,
    /// The newest [`ATTEMPTS_KEPT`] attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// Attempts since it was created or last replayed, and when that was.
    pub tries: u32,
    pub began_at: Timestamp,
    /// The earliest next attempt; `None` once nothing more will be done.
    pub next_at: Option<Timestamp>,
    /// When it is put on the queue again if the queue lost it; `None` together with `next_at`.
    pub next_check_at: Option<Timestamp>,
    pub created_at: Timestamp,
    /// Rises with every attempt.
    pub version: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryStatus {
    Pending,
    Delivered,
    /// Given up.
    Failed,
}
codes!(DeliveryStatus { Pending = "pending", Delivered = "delivered", Failed = "failed" });

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub at: Timestamp,
    pub took_ms: u32,
    /// The status that the endpoint returned, if it responded.
    pub http_status: Option<u16>,
    /// Why the attempt failed.
    pub problem: Option<DeliveryProblem>,
    /// The beginning of the response of an endpoint that rejected the call.
    pub answer: Option<String>,
}

/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryProblem {
    /// The status is not 2xx; redirects are not followed.
    Status,
    TimedOut,
    /// The host name does not resolve.
    NameNotFound,
    /// The host name or address is in a network that is not public.
    PrivateAddress,
    /// No connection, or no certificate for that name.
    NotReached,
    /// The connection broke before the response.
    Broken,
    /// The endpoint was disabled before the attempt.
    Disabled,
    /// The endpoint rested after failures until this delivery was too old.
    TooOld,
}
codes!(DeliveryProblem {
    Status = "status",
    TimedOut = "timed_out",
    NameNotFound = "name_not_found",
    PrivateAddress = "private_address",
    NotReached = "not_reached",
    Broken = "broken",
    Disabled = "disabled",
    TooOld = "too_old",
});

/// Longest wait that the queue itself keeps, in seconds; longer waits end with a tick of the schedule.
pub const QUEUED_SECONDS_MAX: i64 = 15 * 60;
/// A queue message not seen for this many seconds is taken for lost.
const HINT_SECONDS: i64 = 120;

impl Delivery {
    /// A new delivery of an event to an endpoint. The same event and endpoint give the same delivery.
    pub fn new(webhook: &WebhookId, event: &Event, now: Timestamp) -> Self {
        Self {
            webhook: webhook.clone(),
            id: DeliveryId::derived(event.at, &[event.id.as_str(), webhook.as_str()]),
            event: event.id.clone(),
            kind: event.kind,
            payload: event.payload.clone(),
            phone: event.phone,
            status: DeliveryStatus::Pending,
            attempts: Vec::new(),
            tries: 0,
            began_at: now,
            next_at: Some(now),
            next_check_at: Some(now + SignedDuration::from_secs(HINT_SECONDS)),
            created_at: now,
            version: 0,
        }
    }

    /// Postponed until `at`; does not count as an attempt.
    #[must_use]
    pub fn put_off(self, at: Timestamp) -> Self {
        Self { next_at: Some(at), next_check_at: Some(at), ..self }
    }

    /// Leased by a worker whose attempt ends by `until`.
    #[must_use]
    pub fn taken(self, until: Timestamp) -> Self {
        self.put_off(until)
    }

    /// The delivery after an attempt: delivered, waiting for the next attempt, or given up.
    #[must_use]
    pub fn tried(mut self, attempt: Attempt) -> Self {
        let (at, problem) = (attempt.at, attempt.problem);
        self.tries += 1;
        self.note(attempt);
        let wait = WAITS_SECONDS.get(self.tries as usize - 1);
        match (problem, wait) {
            (None, _) => self.ended(DeliveryStatus::Delivered),
            (Some(_), Some(seconds)) => {
                let next = at + SignedDuration::from_secs(*seconds);
                let patience = if *seconds <= QUEUED_SECONDS_MAX { HINT_SECONDS } else { 0 };
                Self { next_at: Some(next), next_check_at: Some(next + SignedDuration::from_secs(patience)), ..self }
            }
            (Some(_), None) => self.ended(DeliveryStatus::Failed),
        }
    }

    /// Given up without an attempt.
    #[must_use]
    pub fn given_up(mut self, problem: DeliveryProblem, at: Timestamp) -> Self {
        self.note(Attempt { at, took_ms: 0, http_status: None, problem: Some(problem), answer: None });
        self.ended(DeliveryStatus::Failed)
    }

    /// Starts again now; earlier attempts stay in the log.
    #[must_use]
    pub fn replayed(self, now: Timestamp) -> Self {
        let next_check_at = Some(now + SignedDuration::from_secs(HINT_SECONDS));
        Self { status: DeliveryStatus::Pending, tries: 0, began_at: now, next_at: Some(now), next_check_at, ..self }
    }

    /// Whether it waited too long for a resting endpoint.
    pub fn is_too_old(&self, now: Timestamp) -> bool {
        now.duration_since(self.began_at) >= GIVEN_UP_AFTER
    }

    fn note(&mut self, attempt: Attempt) {
        self.attempts.push(attempt);
        let surplus = self.attempts.len().saturating_sub(ATTEMPTS_KEPT);
        self.attempts.drain(..surplus);
    }

    fn ended(self, status: DeliveryStatus) -> Self {
        Self { status, next_at: None, next_check_at: None, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn delivery() -> Delivery {
        let event = Event {
            id: EventId::new(at(0), [1; 6]),
            kind: EventKind::ListReady,
            at: at(0),
            payload: "{}".into(),
            phone: None,
        };
        Delivery::new(&WebhookId::new(at(0), [2; 6]), &event, at(0))
    }

    fn attempt(at: Timestamp, problem: Option<DeliveryProblem>) -> Attempt {
        Attempt { at, took_ms: 3, http_status: None, problem, answer: None }
    }

    #[test]
    fn a_failing_delivery_is_tried_over_a_day_and_then_given_up() {
        let mut delivery = delivery();
        let mut times = Vec::new();
        while let Some(next) = delivery.next_at {
            times.push(next.as_second());
            let patience = if times.len() > 3 { 0 } else { HINT_SECONDS };
            assert_eq!(delivery.next_check_at.unwrap().as_second(), next.as_second() + patience);
            delivery = delivery.tried(attempt(next, Some(DeliveryProblem::TimedOut)));
        }
        assert_eq!(times, [0, 5, 305, 2_105, 9_305, 27_305, 52_505, 88_505]);
        assert_eq!((delivery.status, delivery.tries), (DeliveryStatus::Failed, TRIES_MAX));
        assert_eq!((delivery.next_check_at, delivery.attempts.len()), (None, TRIES_MAX as usize));
    }

    #[test]
    fn a_success_ends_it_and_a_replay_begins_again_with_its_log() {
        let failed = delivery().tried(attempt(at(0), Some(DeliveryProblem::Status)));
        let delivered = failed.tried(attempt(at(5), None));
        assert_eq!((delivered.status, delivered.next_at), (DeliveryStatus::Delivered, None));
        let replayed = delivered.replayed(at(90));
        assert_eq!((replayed.status, replayed.tries, replayed.next_at), (DeliveryStatus::Pending, 0, Some(at(90))));
        assert_eq!((replayed.attempts.len(), replayed.event), (2, delivery().event));
    }

    #[test]
    fn waiting_for_a_resting_endpoint_is_no_attempt_and_ends() {
        let waiting = delivery().put_off(at(60));
        assert_eq!((waiting.tries, waiting.next_at), (0, Some(at(60))));
        assert!(!waiting.is_too_old(at(36 * 3_600 - 1)) && waiting.is_too_old(at(36 * 3_600)));
        let given_up = waiting.given_up(DeliveryProblem::TooOld, at(36 * 3_600));
        assert_eq!((given_up.status, given_up.attempts.len()), (DeliveryStatus::Failed, 1));
    }

    #[test]
    fn a_log_does_not_grow_without_end() {
        let mut delivery = delivery();
        for second in 0..100 {
            delivery = delivery.replayed(at(second)).tried(attempt(at(second), None));
        }
        assert_eq!(delivery.attempts.len(), ATTEMPTS_KEPT);
        assert_eq!(delivery.attempts.last().unwrap().at, at(99));
    }

    #[test]
    fn one_event_makes_one_delivery_per_endpoint() {
        let (first, second) = (delivery(), delivery());
        assert_eq!(first.id, second.id);
    }
}
