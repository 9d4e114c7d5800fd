//! How a carrier behaves: well, unless a test says otherwise.

use std::collections::VecDeque;
use std::time::Duration;

/// Everything that can be different about a carrier.
#[derive(Debug, Clone)]
pub struct Conduct {
    /// Takes the same id once; otherwise each time that it comes is one more SMS.
    pub deduplicates: bool,
    /// What the next calls meet, one each; the calls after them meet `usual`.
    pub next: VecDeque<Reaction>,
    pub usual: Reaction,
    pub limit: Option<Limit>,
    /// What becomes of a call that the limit does not let through.
    pub excess: Excess,
    /// A longer call is refused with 429 as a whole, without `Retry-After`.
    pub messages_of_a_call_max: usize,
    /// Answers come in any order instead of that of the messages.
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

/// What one call meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reaction {
    /// Takes what the limit allows, and says so.
    #[default]
    Answers,
    /// Takes nothing and answers with this status.
    Fails { status: u16 },
    /// Takes nothing and answers 429.
    Throttles { retry_after_seconds: Option<u32> },
    /// Takes nothing and never answers.
    Hangs,
    /// Takes everything; the connection breaks before the answer.
    TakesAndBreaks,
    /// Takes the first half, then answers 500.
    TakesHalfAndFails,
    /// Takes everything and never answers; who waits for it dies ([`super::Peer::killed`]).
    TakesAndKills,
}

/// How much it takes, by its clock.
#[derive(Debug, Clone, Copy)]
pub enum Limit {
    /// A bucket that fills by `per_second` and holds `burst`.
    Bucket { per_second: u32, burst: u32 },
    /// So many in each window of so many seconds; the first begins at midnight, 1 January 1970.
    Window { messages: u32, seconds: u32 },
}

/// What becomes of a call that is more than the limit lets through.
#[derive(Debug, Clone, Copy)]
pub enum Excess {
    /// The first messages are taken, the rest is `throttled`.
    ThrottlesTheRest,
    /// Nothing is taken: 429.
    RefusesTheCall { retry_after_seconds: Option<u32> },
}

/// When and how receipts come.
#[derive(Debug, Clone, Copy)]
pub struct Receipts {
    /// From taking a message to its receipt, at least.
    pub after: Duration,
    /// Over how long the receipts of one call are spread, at random.
    pub spread: Duration,
    /// As phones are reached, instead: 60 % within 10 s, 30 % within 5 min, 9 % within an hour, the rest within 2 days.
    pub as_phones_are: bool,
    /// Each receipt comes a second time, after one that says `accepted`.
    pub again: bool,
    /// They come before the answer to the call.
    pub before_the_answer: bool,
    /// Most receipts of one call.
    pub of_a_call_max: usize,
}

impl Default for Receipts {
    /// One to three seconds later, once, hundreds in a call.
    fn default() -> Self {
        let (after, spread) = (Duration::from_secs(1), Duration::from_secs(2));
        Self { after, spread, as_phones_are: false, again: false, before_the_answer: false, of_a_call_max: 500 }
    }
}
