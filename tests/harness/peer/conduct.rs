//! The behaviour of a carrier: good, unless a test changes it.

use std::collections::VecDeque;
use std::time::Duration;

/// Settings of the behaviour.
#[derive(Debug, Clone)]
pub struct Conduct {
    /// Accepts an id only once; otherwise each repeat is another SMS.
    pub deduplicates: bool,
    /// Reactions to the next calls, one each; later calls get `usual`.
    pub next: VecDeque<Reaction>,
    pub usual: Reaction,
    pub limit: Option<Limit>,
    /// What happens to a call beyond the limit.
    pub excess: Excess,
    /// A longer call is rejected with 429 as a whole, without `Retry-After`.
    pub messages_of_a_call_max: usize,
    /// Results come in any order instead of that of the messages.
    pub answers_in_any_order: bool,
    pub receipts: Receipts,
}

impl Default for Conduct {
    /// A well-behaved carrier that does not deduplicate.
    fn default() -> Self {
        Self {
            deduplicates: false,
            next: VecDeque::new(),
            usual: Reaction::Answers,
            limit: None,
            excess: Excess::ThrottlesTheRest,
            messages_of_a_call_max: usize::MAX,
            answers_in_any_order: false,
            receipts: Receipts::default(),
        }
    }
}

/// The reaction to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reaction {
    /// Accepts what the limit allows, and answers so.
    #[default]
    Answers,
    /// Accepts nothing and answers with this status.
    Fails { status: u16 },
    /// Accepts nothing and answers 429.
    Throttles { retry_after_seconds: Option<u32> },
    /// Accepts nothing and never answers.
    Hangs,
    /// Accepts everything; the connection breaks before the response.
    TakesAndBreaks,
    /// Accepts the first half, then answers 500.
    TakesHalfAndFails,
    /// Accepts everything and never answers; the waiting caller is killed ([`super::Peer::killed`]).
    TakesAndKills,
}

/// Its rate limit.
#[derive(Debug, Clone, Copy)]
pub enum Limit {
    /// A token bucket that fills by `per_second` and holds `burst`.
    Bucket { per_second: u32, burst: u32 },
    /// This many in each window of some seconds; the first begins at midnight, 1 January 1970.
    Window { messages: u32, seconds: u32 },
}

/// What happens to a call beyond the limit.
#[derive(Debug, Clone, Copy)]
pub enum Excess {
    /// The first messages are accepted, the rest is `throttled`.
    ThrottlesTheRest,
    /// Nothing is accepted: 429.
    RefusesTheCall { retry_after_seconds: Option<u32> },
}

/// When and how receipts are sent.
#[derive(Debug, Clone, Copy)]
pub struct Receipts {
    /// Shortest time from accepting a message to its receipt.
    pub after: Duration,
    /// Time over which the receipts of one call are spread randomly.
    pub spread: Duration,
    /// As phones are reached, instead: 60 % within 10 s, 30 % within 5 min, 9 % within an hour, the rest within 2 days.
    pub as_phones_are: bool,
    /// Each receipt is sent a second time, after one with `accepted`.
    pub again: bool,
    /// Receipts are sent before the response to the call.
    pub before_the_answer: bool,
    /// Most receipts per call.
    pub of_a_call_max: usize,
}

impl Default for Receipts {
    /// One to three seconds later, once, hundreds per call.
    fn default() -> Self {
        let (after, spread) = (Duration::from_secs(1), Duration::from_secs(2));
        Self { after, spread, as_phones_are: false, again: false, before_the_answer: false, of_a_call_max: 500 }
    }
}
