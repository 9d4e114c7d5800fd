//! The journal of a campaign in the table: blocks of bytes, carried events, progress of folds.

use std::collections::{BTreeMap, BTreeSet};

use domain::journal::Events;
use jiff::{SignedDuration, Timestamp};

/// When a block was made, and a random number.
pub type BlockId = (Timestamp, u32);

#[derive(Default)]
pub struct JournalItem {
    blocks: BTreeMap<BlockId, Vec<u8>>,
    /// Carried events, by their number.
    pub carried: BTreeMap<u32, Vec<u8>>,
    pub progress: Option<Progress>,
    pub fold_due: Option<Timestamp>,
    pub fold_interval: Option<SignedDuration>,
    pub fold_held_until: Option<Timestamp>,
}

/// How far a journal is folded.
#[derive(Debug, Clone)]
pub struct Progress {
    pub folded_until: Timestamp,
    /// Recent blocks before that instant that are folded.
    pub read: BTreeSet<BlockId>,
    /// The number of the carried events.
    pub carried: Option<u32>,
    /// Counts folds; the write of one is conditioned on it.
    pub folds: u64,
}

impl JournalItem {
    pub fn append(&mut self, block: BlockId, events: &Events) {
        self.blocks.insert(block, events.to_bytes());
    }

    /// Blocks made from an instant on, without those already read.
    pub fn blocks(&self, from: Timestamp, read: &BTreeSet<BlockId>) -> Vec<(BlockId, Events)> {
        let unread = self.blocks.range((from, 0)..).filter(|(id, _)| !read.contains(*id));
        unread.filter_map(|(id, bytes)| Some((*id, Events::from_bytes(bytes)?))).collect()
    }

    pub fn carried(&self, number: u32) -> Events {
        self.carried.get(&number).and_then(|bytes| Events::from_bytes(bytes)).unwrap_or_default()
    }
}
