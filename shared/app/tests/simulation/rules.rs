//! Rules that can be disabled, to test that the checks detect it.

use crate::engine::Sim;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// The campaign is read before the lease of its batch is taken.
    CampaignReadBeforeLease,
    /// What the lease holder of a batch knows is merged like receipts are.
    MaxMerge,
    /// The carrier is called before the messages are marked.
    CallBeforeMark,
    /// A first call that waited uses what was read before.
    FirstCallAfterWait,
    /// A start that was overtaken writes its batches over those of the other.
    StartWritesOver,
    /// A sender that was delayed after reading the clock still calls the carrier.
    HeldUpAndCalls,
    /// Messages in doubt are not settled when their campaign ends.
    NothingSettled,
    /// A campaign ends without leasing its batches first.
    NoFence,
    /// A fold begins exactly where the previous one ended.
    NoOverlap,
    /// A campaign that waits for the carrier releases no message to probe it.
    NothingProbes,
    /// A late block stays where no fold reads it.
    LateBlocks,
    /// A fold continues writing after its lock expired.
    LapsedFoldWrites,
    /// A campaign is ended by a process whose fold lock has expired.
    LapsedFoldEnds,
    /// A process that takes the fold lock to end a campaign does not check that it has ended.
    FoldsForAnother,
    /// Every change of the pace grants again.
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
