//! The progress of a campaign as dispatch last saw it.

use jiff::Timestamp;

/// The progress of a campaign when dispatch last saw it change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Recipients that are done: handed over while it sends, settled while it consolidates.
    pub done: u32,
    /// When this progress was first seen, or when it was last seen waiting.
    pub at: Timestamp,
    /// Whether it waits for something automatic: a window, the pace, the carrier, a lease, a receipt.
    pub is_waiting: bool,
}

impl Progress {
    /// The progress at a check, given that of the previous check.
    pub fn seen(last: Option<Self>, done: u32, is_waiting: bool, now: Timestamp) -> Self {
        match last {
            Some(last) if last.done == done && !last.is_waiting && !is_waiting => last,
            _ => Self { done, at: now, is_waiting },
        }
    }
}
