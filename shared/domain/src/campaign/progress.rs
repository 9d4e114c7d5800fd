//! How far dispatch saw a campaign come.

use jiff::Timestamp;

/// How far a campaign was when dispatch last saw it move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Recipients that nothing has to be done for any more: handed over while it sends, settled while it consolidates.
    pub done: u32,
    /// When it was first seen there, or last seen waiting for something that comes by itself.
    pub at: Timestamp,
    /// Nothing has to happen before something comes by itself: a window, the pace, the carrier, a lease, a receipt.
    pub is_waiting: bool,
}

impl Progress {
    /// What a look sees, after what the last one saw.
    pub fn seen(last: Option<Self>, done: u32, is_waiting: bool, now: Timestamp) -> Self {
        match last {
            Some(last) if last.done == done && !last.is_waiting && !is_waiting => last,
            _ => Self { done, at: now, is_waiting },
        }
    }
}
