//! Rules that a history can be lived without, to see that their breach is found.

use crate::engine::Sim;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// The campaign is read before the lease of its batch is taken.
    CampaignReadBeforeLease,
    /// What the holder of a batch knows is merged like receipts are.
    MaxMerge,
    /// The carrier is called before the messages are marked.
    CallBeforeMark,
    /// A first call that was waited for goes out with what was read before.
    FirstCallAfterWait,
    /// A start that was overtaken writes its batches over those of the other.
    StartWritesOver,
    /// Who was held up after it looked at the clock calls the carrier all the same.
    HeldUpAndCalls,
    /// What the carrier may have is not settled when its campaign ends.
    NothingSettled,
    /// A campaign ends without taking its batches from who may still hold them.
    NoFence,
    /// A fold takes up exactly where the one before ended.
    NoOverlap,
    /// A campaign that waits for the carrier releases nothing that could show that it is back.
    NothingProbes,
    /// A block that was written late is left where no fold looks.
    LateBlocks,
    /// A fold whose right has lapsed goes on writing.
    LapsedFoldWrites,
    /// A campaign ends by the word of somebody whose right to fold has lapsed.
    LapsedFoldEnds,
    /// Who takes the right to fold for the end of a campaign does not see that somebody ended it before.
    FoldsForAnother,
    /// Every change of the pace grants anew.
    PaceGrantsAnew,
}

/// The rules of a history.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules {
    pub broken: Option<Break>,
}

impl Sim {
    pub fn is_broken(&self, rule: Break) -> bool {
        self.model().rules.broken == Some(rule)
    }
}
