//! What a carrier accepted and the receipts it owes: the truth that tests compare with.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use super::conduct::{Conduct, Excess, Reaction};
use super::level::Level;
use super::random::Random;

/// One message of a call.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    pub id: String,
    pub from: String,
    pub to: String,
    pub text: String,
    pub encoding: String,
    pub segments: u32,
}

/// An SMS that was sent: a message, each time that it was accepted.
#[derive(Debug, Clone)]
pub struct Taken {
    pub message: Message,
    pub at: Timestamp,
}

/// A call and its result.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub at: Timestamp,
    pub messages: usize,
    pub taken: usize,
    pub throttled: usize,
    pub reaction: Reaction,
}

/// The answer for one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    Accepted,
    Rejected,
    Throttled,
}

impl Word {
    pub fn code(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Throttled => "throttled",
        }
    }
}

/// The response to a call.
pub enum Met {
    Answers(Vec<(String, Word)>),
    Status { status: u16, retry_after_seconds: Option<u32> },
    Silence,
    BrokenConnection,
    Death,
}

/// A receipt that is not delivered yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Receipt {
    pub due: Timestamp,
    pub id: String,
    pub status: &'static str,
}

pub struct Book {
    pub conduct: Conduct,
    pub taken: Vec<Taken>,
    pub calls: Vec<Call>,
    /// How often each id arrived, accepted or not.
    pub submissions: HashMap<String, u32>,
    pub receipt_calls: u64,
    /// Ids that were accepted.
    known: HashMap<String, u32>,
    owed: BinaryHeap<Reverse<Receipt>>,
    level: Level,
    random: Random,
}

impl Book {
    pub fn new(conduct: Conduct, seed: u64) -> Self {
        Self {
            conduct,
            taken: Vec::new(),
            calls: Vec::new(),
            submissions: HashMap::new(),
            receipt_calls: 0,
            known: HashMap::new(),
            owed: BinaryHeap::new(),
            level: Level::default(),
            random: Random(seed),
        }
    }

    /// Handles a call.
    pub fn meet(&mut self, messages: Vec<Message>, now: Timestamp) -> Met {
        for message in &messages {
            *self.submissions.entry(message.id.clone()).or_default() += 1;
        }
        let reaction = self.conduct.next.pop_front().unwrap_or(self.conduct.usual);
        let (count, before) = (messages.len(), self.taken.len());
        let met = match reaction {
            Reaction::Answers => self.answer(messages, now),
            Reaction::Fails { status } => Met::Status { status, retry_after_seconds: None },
            Reaction::Throttles { retry_after_seconds } => Met::Status { status: 429, retry_after_seconds },
            Reaction::Hangs => Met::Silence,
            Reaction::TakesAndBreaks => self.take(messages, now, Met::BrokenConnection),
            Reaction::TakesHalfAndFails => {
                let half = messages.into_iter().take(count / 2).collect();
                self.take(half, now, Met::Status { status: 500, retry_after_seconds: None })
            }
            Reaction::TakesAndKills => self.take(messages, now, Met::Death),
        };
        let throttled = match &met {
            Met::Answers(words) => words.iter().filter(|(_, word)| *word == Word::Throttled).count(),
            Met::Status { status: 429, .. } => count,
            Met::Status { .. } | Met::Silence | Met::BrokenConnection | Met::Death => 0,
        };
        self.calls.push(Call { at: now, messages: count, taken: self.taken.len() - before, throttled, reaction });
        met
    }

    fn answer(&mut self, messages: Vec<Message>, now: Timestamp) -> Met {
        if messages.len() > self.conduct.messages_of_a_call_max {
            return Met::Status { status: 429, retry_after_seconds: None };
        }
        let allowed = self.level.allowance(self.conduct.limit, now);
        if let Excess::RefusesTheCall { retry_after_seconds } = self.conduct.excess
            && allowed < messages.len()
        {
            return Met::Status { status: 429, retry_after_seconds };
        }
        let mut words = Vec::with_capacity(messages.len());
        for (index, message) in messages.into_iter().enumerate() {
            let id = message.id.clone();
            words.push((id, if index < allowed { self.take_one(message, now) } else { Word::Throttled }));
        }
        self.level.add(words.len().min(allowed));
        if self.conduct.answers_in_any_order {
            self.random.shuffle(&mut words);
        }
        Met::Answers(words)
    }

    fn take(&mut self, messages: Vec<Message>, now: Timestamp, met: Met) -> Met {
        for message in messages {
            self.take_one(message, now);
        }
        met
    }

    fn take_one(&mut self, message: Message, now: Timestamp) -> Word {
        if fate(&message.to) == "rejected" {
            return Word::Rejected;
        }
        let times = self.known.entry(message.id.clone()).or_default();
        *times += 1;
        if *times == 1 {
            self.owe(&message, now);
        }
        if self.known[&message.id] == 1 || !self.conduct.deduplicates {
            self.taken.push(Taken { message, at: now });
        }
        Word::Accepted
    }

    fn owe(&mut self, message: &Message, now: Timestamp) {
        let receipts = self.conduct.receipts;
        let mut later = |after: Duration| {
            let (from, to) = match self.random.below(100) {
                _ if !receipts.as_phones_are => (after, after + receipts.spread),
                0..60 => (Duration::from_secs(1), Duration::from_secs(10)),
                60..90 => (Duration::from_secs(10), Duration::from_secs(300)),
                90..99 => (Duration::from_secs(300), Duration::from_secs(3_600)),
                _ => (Duration::from_secs(3_600), Duration::from_secs(48 * 3_600)),
            };
            let spread = u64::try_from((to - from).as_millis()).unwrap();
            now + from + Duration::from_millis(self.random.below(spread + 1))
        };
        let (first, lower, second) = (later(receipts.after), later(receipts.after), later(2 * receipts.after));
        let receipt = |due, status| Reverse(Receipt { due, id: message.id.clone(), status });
        self.owed.push(receipt(first, fate(&message.to)));
        if receipts.again {
            self.owed.extend([receipt(lower, "accepted"), receipt(second, fate(&message.to))]);
        }
    }

    /// Removes and returns receipts that are due, oldest first.
    pub fn take_due(&mut self, now: Timestamp, most: usize) -> Vec<Receipt> {
        let mut due = Vec::new();
        while due.len() < most && self.owed.peek().is_some_and(|Reverse(receipt)| receipt.due <= now) {
            due.extend(self.owed.pop().map(|Reverse(receipt)| receipt));
        }
        due
    }

    /// Puts back receipts that could not be delivered.
    pub fn owe_again(&mut self, receipts: Vec<Receipt>) {
        self.owed.extend(receipts.into_iter().map(Reverse));
    }

    pub fn owes(&self) -> usize {
        self.owed.len()
    }

    /// A pseudo-random number.
    pub fn draw(&mut self) -> u64 {
        self.random.draw()
    }
}

/// The outcome of a number's messages, by its last two digits as in the sandbox: `01` fails, `02` expires, `03` is
/// rejected at once, all others are delivered.
pub fn fate(to: &str) -> &'static str {
    match to.get(to.len().saturating_sub(2)..) {
        Some("01") => "failed",
        Some("02") => "expired",
        Some("03") => "rejected",
        _ => "delivered",
    }
}
