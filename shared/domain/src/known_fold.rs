//! When a process that appends events asks for a fold. Pure.

use jiff::{SignedDuration, Timestamp};

use super::journal::{BLOCKS_PER_FOLD, Events, FOLD_SOONEST};

/// A fold that begins this soon may miss what is appended now, so another one is requested.
const SOON: SignedDuration = SignedDuration::from_secs(2);
/// Blocks that one process appends before it asks for an earlier fold: half of a fold's blocks, as other processes
/// append too.
const APPENDED_MAX: usize = BLOCKS_PER_FOLD / 2;
/// Events that count as one block: reading a campaign should read few of them.
const EVENTS_PER_BLOCK: usize = 125;

/// The next fold of a campaign as this process knows it, and what it appended since, counted in blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownFold {
    pub at: Timestamp,
    pub appended: usize,
}

/// What to do after appending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// A fold is due soon enough, and not so soon that it misses the appended events.
    Comes(KnownFold),
    /// Ask for one within this time; `None` means the usual interval of the campaign.
    Ask(Option<SignedDuration>),
}

impl KnownFold {
    /// A fold that was just learnt of.
    pub fn new(at: Timestamp) -> Self {
        Self { at, appended: 0 }
    }

    pub fn after(known: Option<Self>, blocks: &[Events], now: Timestamp) -> Next {
        let weight: usize = blocks.iter().map(|block| 1 + block.len() / EVENTS_PER_BLOCK).sum();
        let appended = known.map_or(0, |known| known.appended) + weight;
        let are_many = appended >= APPENDED_MAX;
        let comes = |known: &Self| known.at > now + SOON && (!are_many || known.at <= now + FOLD_SOONEST);
        match known.filter(comes) {
            Some(known) => Next::Comes(Self { appended, ..known }),
            None => Next::Ask(are_many.then_some(FOLD_SOONEST)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::journal::Mark;
    use super::*;

    #[test]
    fn few_events_wait_for_the_fold_that_comes_and_many_ask_for_one_soon() {
        let at = |seconds: i64| Timestamp::from_second(1_700_000_000 + seconds).unwrap();
        let block =
            |events: usize| Events { marks: vec![Mark { index: 0, stopped: true }; events], ..Events::default() };
        let after = |known, blocks: &[Events]| KnownFold::after(known, blocks, at(0));
        let known = |seconds, appended| Some(KnownFold { at: at(seconds), appended });
        let comes = |seconds, appended| Next::Comes(KnownFold { at: at(seconds), appended });
        assert_eq!(after(None, &[block(1)]), Next::Ask(None));
        assert_eq!(after(known(3_600, 3), &[block(1)]), comes(3_600, 4));
        assert_eq!(after(known(2, 3), &[block(1)]), Next::Ask(None), "it may have read the journal already");
        assert_eq!(after(known(3_600, 15), &[block(1)]), Next::Ask(Some(FOLD_SOONEST)));
        assert_eq!(after(known(15, 15), &[block(1)]), comes(15, 16), "it could not come sooner");
        assert_eq!(after(known(3_600, 0), &[block(1_000), block(1_000)]), Next::Ask(Some(FOLD_SOONEST)));
        assert_eq!(after(None, &[block(1_000), block(1_000)]), Next::Ask(Some(FOLD_SOONEST)), "a storm after an age");
    }
}
