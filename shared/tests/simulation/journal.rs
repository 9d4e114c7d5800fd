//! The journal: receipts in blocks of bytes, as `track` appends them and `dispatch` folds them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use shared::domain::ledger::{Ledger, Minute, Record};
use shared::domain::outcome::{Outcome, Reason, State};
use shared::domain::release::{Run, batch_of};

/// What a carrier said of one recipient's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Receipt {
    pub index: u32,
    pub state: State,
    pub reason: Reason,
    pub at: Minute,
}

impl Receipt {
    pub fn new(index: u32, outcome: Outcome, reason: Reason, at: Timestamp) -> Self {
        Self { index, state: State::from(outcome), reason, at: Minute::of(at) }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events {
    pub receipts: Vec<Receipt>,
}

impl Events {
    pub fn len(&self) -> usize {
        self.receipts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.receipts.is_empty()
    }

    pub fn append(&mut self, other: &mut Self) {
        self.receipts.append(&mut other.receipts);
    }

    pub fn tidy(&mut self) {
        self.receipts.sort_unstable();
        self.receipts.dedup();
    }

    pub fn by_batch(self, runs: &[Run]) -> BTreeMap<u32, Self> {
        let mut batches: BTreeMap<u32, Self> = BTreeMap::new();
        for receipt in self.receipts {
            if let Some(batch) = batch_of(runs, receipt.index) {
                batches.entry(batch).or_default().receipts.push(receipt);
            }
        }
        batches
    }

    /// Records receipts in the ledger of a batch whose first recipient has index `first`.
    pub fn record(&self, first: u32, ledger: &mut Ledger) {
        for Receipt { index, state, reason, at } in &self.receipts {
            let record = index.checked_sub(first).and_then(|place| ledger.records_mut().get_mut(place as usize));
            if let Some(record) = record {
                *record = record.told(state.outcome(), *reason, *at);
                if !matches!(state.outcome(), Outcome::Unknown | Outcome::Rejected) {
                    *record = record.merge(Record { handed_over: Some(*at), ..Record::default() });
                }
            }
        }
    }
}

/// When a block was made, and a random number.
pub type BlockId = (Timestamp, u32);

/// The journal of one campaign, as the table has it.
#[derive(Default)]
pub struct JournalItem {
    /// Blocks by their key, with when they were written.
    pub blocks: BTreeMap<BlockId, Events>,
    /// What folds carried on, by its number.
    pub carried: BTreeMap<u64, Events>,
    pub progress: Option<Progress>,
    pub fold_due: Option<Timestamp>,
    pub fold_held_until: Option<Timestamp>,
}

/// How far a journal is folded.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    pub folded_until: Option<Timestamp>,
    /// Blocks made from then on that are folded already.
    pub read: BTreeSet<BlockId>,
    pub carried: Option<u64>,
    /// Counts folds; the write of one is conditioned on it.
    pub folds: u64,
}
