//! The sandbox's messages in memory: in order, indexed by id, by phone and by due receipt. Each change is a method used
//! both for new requests and for the replay of the journal, so that both give the same state.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::fate::{Fate, Status};
use super::row::{Fingerprint, NONE, Row, RowNumber, Written, campaign_of, digits};

/// When receipts are sent.
#[derive(Debug, Clone, Copy)]
pub struct Delays {
    /// From the submission to the first receipts.
    pub first: Duration,
    /// Time over which the receipts of one submission are spread.
    pub spread: Duration,
}

impl Delays {
    fn due_ms(self, at_ms: u64, id: Fingerprint) -> u64 {
        let ms = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).min(u64::from(u32::MAX));
        let share = (u64::from(id.scatter()) * ms(self.spread)) >> 32;
        at_ms + ms(self.first) + share
    }
}

/// A reply of a phone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reply {
    pub from: String,
    pub to: String,
    pub text: String,
    pub at: u64,
    #[serde(skip)]
    pub is_acknowledged: bool,
}

/// Counts since the journal began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Different messages.
    pub messages: u64,
    /// Submissions of them: more than `messages` if some were repeated.
    pub submissions: u64,
    /// Number in each status now.
    pub throttled: u64,
    pub rejected: u64,
    pub accepted: u64,
    pub delivered: u64,
    pub failed: u64,
    pub expired: u64,
    /// Segments of the messages that were not rejected.
    pub segments: u64,
    /// Different numbers.
    pub phones: u64,
    /// Receipts acknowledged, and still due.
    pub receipts: u64,
    pub receipts_owed: u64,
    pub replies: u64,
    pub replies_owed: u64,
}

impl Stats {
    fn count_mut(&mut self, status: Status) -> &mut u64 {
        match status {
            Status::Throttled => &mut self.throttled,
            Status::Rejected => &mut self.rejected,
            Status::Accepted => &mut self.accepted,
            Status::Expired => &mut self.expired,
            Status::Failed => &mut self.failed,
            Status::Delivered => &mut self.delivered,
        }
    }
}

pub struct Memory {
    delays: Delays,
    rows: Vec<Row>,
    by_id: HashMap<Fingerprint, RowNumber>,
    /// The newest message to each number.
    newest: HashMap<u64, RowNumber>,
    /// Tails of the campaigns, numbered from one.
    campaigns: HashMap<Box<str>, u32>,
    /// Receipts to send: when due, and for which message.
    due: BinaryHeap<Reverse<(u64, RowNumber)>>,
    replies: Vec<Reply>,
    /// Every reply before this one was acknowledged.
    first_owed_reply: usize,
    stats: Stats,
}

impl Memory {
    pub fn new(delays: Delays) -> Self {
        Self {
            delays,
            rows: Vec::new(),
            by_id: HashMap::new(),
            newest: HashMap::new(),
            campaigns: HashMap::new(),
            due: BinaryHeap::new(),
            replies: Vec::new(),
            first_owed_reply: 0,
            stats: Stats::default(),
        }
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn replies(&self) -> &[Reply] {
        &self.replies
    }

    /// Replies that are not acknowledged, with their numbers.
    pub fn owed_replies(&self) -> impl Iterator<Item = (usize, &Reply)> {
        let owed = self.replies.iter().enumerate().skip(self.first_owed_reply);
        owed.filter(|(_, reply)| !reply.is_acknowledged)
    }

    pub fn newest(&self, to: u64) -> Option<RowNumber> {
        self.newest.get(&to).copied()
    }

    pub fn find(&self, id: Fingerprint) -> Option<(RowNumber, Row)> {
        let number = *self.by_id.get(&id)?;
        Some((number, *self.rows.get(number as usize)?))
    }

    /// The number of a campaign, given its tail.
    pub fn campaign(&self, tail: &str) -> Option<u32> {
        self.campaigns.get(tail).copied()
    }

    pub fn stats(&self) -> Stats {
        Stats { messages: self.rows.len() as u64, phones: self.newest.len() as u64, ..self.stats }
    }

    /// Adds a new message, whose line is `bytes` at `offset`; returns its number.
    pub fn add(&mut self, message: &Written<'_>, id: Fingerprint, offset: u64, bytes: u32) -> RowNumber {
        let number = self.rows.len() as RowNumber;
        let to = digits(&message.to);
        let previous = if to == 0 { None } else { self.newest.insert(to, number) };
        self.by_id.insert(id, number);
        let campaign = campaign_of(&message.id).map_or(0, |tail| self.campaign_number(tail));
        let status = message.status;
        let row = Row {
            at_ms: message.at,
            to,
            offset,
            bytes,
            previous: previous.unwrap_or(NONE),
            campaign,
            times_submitted: 1,
            status,
            acknowledged: 0,
        };
        self.rows.push(row);
        self.stats.receipts_owed += u64::from(row.owes());
        self.stats.submissions += 1;
        *self.stats.count_mut(status) += 1;
        if status != Status::Rejected {
            self.stats.segments += u64::from(message.segments);
        }
        number
    }

    /// Adds `begin` to the offsets of the messages from `first` on: the offset of their block.
    pub fn index(&mut self, first: usize, begin: u64) {
        for row in self.rows.iter_mut().skip(first) {
            row.offset += begin;
        }
    }

    fn campaign_number(&mut self, tail: &str) -> u32 {
        if let Some(number) = self.campaigns.get(tail) {
            return *number;
        }
        let number = self.campaigns.len() as u32 + 1;
        self.campaigns.insert(tail.into(), number);
        number
    }

    /// Repeats a message: a throttled one is accepted now.
    pub fn again(&mut self, number: RowNumber, at_ms: u64) -> Option<()> {
        let row = self.rows.get_mut(number as usize)?;
        row.times_submitted = row.times_submitted.saturating_add(1);
        self.stats.submissions += 1;
        if row.status == Status::Throttled {
            (row.status, row.at_ms) = (Status::Accepted, at_ms);
            self.stats.receipts_owed += u64::from(row.owes());
            self.stats.throttled -= 1;
            self.stats.accepted += 1;
        }
        Some(())
    }

    /// Records that one receipt of the message was acknowledged.
    pub fn acknowledge(&mut self, number: RowNumber) -> Option<()> {
        let row = self.rows.get_mut(number as usize)?;
        let owed = row.owes();
        row.acknowledged = row.acknowledged.saturating_add(1);
        self.stats.receipts += 1;
        if row.status == Status::Accepted {
            row.status = row.fate().receipt().0;
            self.stats.accepted -= 1;
            *self.stats.count_mut(row.status) += 1;
        }
        self.stats.receipts_owed -= u64::from(owed.saturating_sub(row.owes()));
        Some(())
    }

    /// Adds a reply of a phone; returns its number.
    pub fn reply(&mut self, reply: Reply) -> usize {
        self.replies.push(reply);
        self.stats.replies += 1;
        self.stats.replies_owed += 1;
        self.replies.len() - 1
    }

    pub fn acknowledge_reply(&mut self, number: usize) -> Option<()> {
        let reply = self.replies.get_mut(number)?;
        self.stats.replies_owed -= u64::from(!reply.is_acknowledged);
        reply.is_acknowledged = true;
        while self.replies.get(self.first_owed_reply).is_some_and(|reply| reply.is_acknowledged) {
            self.first_owed_reply += 1;
        }
        Some(())
    }

    /// Schedules the receipt of a newly accepted message. `false` for an early receipt, which the caller delivers.
    pub fn schedule(&mut self, number: RowNumber, id: Fingerprint) -> bool {
        let Some(row) = self.rows.get(number as usize) else { return true };
        if row.fate() == Fate::Early {
            return false;
        }
        if row.owes() > 0 {
            self.due.push(Reverse((self.delays.due_ms(row.at_ms, id), number)));
        }
        true
    }

    /// Schedules receipts for `at_ms`: they could not be delivered, or there is a second one.
    pub fn schedule_again(&mut self, numbers: &[RowNumber], at_ms: u64) {
        for number in numbers {
            if self.rows.get(*number as usize).is_some_and(|row| row.owes() > 0) {
                self.due.push(Reverse((at_ms, *number)));
            }
        }
    }

    /// Creates the schedule after a replay: every receipt that is not acknowledged, early ones at once.
    pub fn schedule_everything(&mut self) {
        self.due.clear();
        for (id, number) in &self.by_id {
            let Some(row) = self.rows.get(*number as usize) else { continue };
            if row.owes() > 0 {
                let early = row.fate() == Fate::Early;
                let due_ms = if early { row.at_ms } else { self.delays.due_ms(row.at_ms, *id) };
                self.due.push(Reverse((due_ms, *number)));
            }
        }
    }

    /// Removes up to `limit` due receipts from the schedule, in order of submission: a batch's receipts stay together.
    pub fn take_due(&mut self, now_ms: u64, limit: usize) -> Vec<RowNumber> {
        let mut numbers = Vec::new();
        while let Some(Reverse((due_ms, number))) = self.due.peek().copied() {
            if due_ms > now_ms || numbers.len() == limit {
                break;
            }
            self.due.pop();
            numbers.push(number);
        }
        numbers.sort_unstable();
        numbers
    }

    /// When the next receipt is due.
    pub fn next_due_ms(&self) -> Option<u64> {
        self.due.peek().map(|Reverse((due_ms, _))| *due_ms)
    }
}
