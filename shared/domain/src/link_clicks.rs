//! Clicks on each of several links of a message, recipient by recipient. Pure.
//!
//! A ledger's record counts a recipient's clicks over all links, which is enough for a message with one link. For
//! several links a batch keeps these counts beside its ledger, only for recipients who clicked, so that a campaign
//! without clicks costs nothing. They merge like records, by taking the greater.

use std::collections::BTreeMap;

use super::ledger::Record;

/// Bytes of one recipient's clicks on one link: index in the batch, link, people, bots, early.
const BYTES: usize = 6;

/// One recipient's clicks on one link; each count stops at 255. `early` is part of `human`, as in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Counts {
    human: u8,
    bot: u8,
    early: u8,
}

/// Clicks on the links of one batch's messages, by recipient (index in the batch) and link (index in the message).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkClicks(BTreeMap<(u16, u8), Counts>);

/// The sum of the clicks on one link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LinkTally {
    pub human: u32,
    pub bot: u32,
    /// Recipients for whom a person clicked.
    pub unique: u32,
}

impl LinkClicks {
    pub fn count_person(&mut self, recipient: u16, link: u8, is_early: bool) {
        let counts = self.0.entry((recipient, link)).or_default();
        counts.human = counts.human.saturating_add(1);
        counts.early = counts.early.saturating_add(u8::from(is_early));
    }

    pub fn count_bot(&mut self, recipient: u16, link: u8) {
        let counts = self.0.entry((recipient, link)).or_default();
        counts.bot = counts.bot.saturating_add(1);
    }

    /// Takes the greater of both counts.
    pub fn merge(&mut self, other: &Self) {
        for (key, theirs) in &other.0 {
            let mine = self.0.entry(*key).or_default();
            mine.human = mine.human.max(theirs.human);
            mine.bot = mine.bot.max(theirs.bot);
            mine.early = mine.early.max(theirs.early);
        }
    }

    /// Sums per link, up to the highest link that was clicked. `records` show which recipients' clicks were a
    /// preview's.
    pub fn tallies(&self, records: &[Record]) -> Vec<LinkTally> {
        let mut tallies: Vec<LinkTally> = Vec::new();
        for ((recipient, link), counts) in &self.0 {
            let is_previewed = records.get(usize::from(*recipient)).is_some_and(|record| record.is_previewed);
            let human = counts.human.saturating_sub(if is_previewed { counts.early } else { 0 });
            let link = usize::from(*link);
            if tallies.len() <= link {
                tallies.resize(link + 1, LinkTally::default());
            }
            if let Some(tally) = tallies.get_mut(link) {
                tally.human += u32::from(human);
                tally.bot += u32::from(counts.bot) + u32::from(counts.human - human);
                tally.unique += u32::from(human > 0);
            }
        }
        tallies
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes = |((recipient, link), counts): (&(u16, u8), &Counts)| {
            let [a, b] = recipient.to_be_bytes();
            [a, b, *link, counts.human, counts.bot, counts.early]
        };
        self.0.iter().flat_map(bytes).collect()
    }

    /// Reads `to_bytes`; `None` for other input.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (clicks, rest) = bytes.as_chunks::<BYTES>();
        let read = |[a, b, link, human, bot, early]: &[u8; BYTES]| {
            ((u16::from_be_bytes([*a, *b]), *link), Counts { human: *human, bot: *bot, early: *early })
        };
        rest.is_empty().then(|| Self(clicks.iter().map(read).collect()))
    }
}

impl LinkTally {
    pub fn add(&mut self, other: &Self) {
        self.human += other.human;
        self.bot += other.bot;
        self.unique += other.unique;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clicks() -> impl Strategy<Value = LinkClicks> {
        let counts = any::<[u8; 3]>().prop_map(|[human, bot, early]| Counts { human, bot, early });
        proptest::collection::btree_map((0u16..4, 0u8..3), counts, 0..8).prop_map(LinkClicks)
    }

    fn merged(mut one: LinkClicks, other: &LinkClicks) -> LinkClicks {
        one.merge(other);
        one
    }

    proptest! {
        #[test]
        fn merging_is_a_semilattice(a in clicks(), b in clicks(), c in clicks()) {
            prop_assert_eq!(merged(a.clone(), &b), merged(b.clone(), &a));
            prop_assert_eq!(merged(merged(a.clone(), &b), &c), merged(a.clone(), &merged(b, &c)));
            prop_assert_eq!(merged(a.clone(), &a), a);
        }

        #[test]
        fn clicks_read_back_as_themselves(clicks in clicks()) {
            prop_assert_eq!(LinkClicks::from_bytes(&clicks.to_bytes()), Some(clicks));
        }

        #[test]
        fn reading_clicks_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Some(clicks) = LinkClicks::from_bytes(&bytes) {
                let _ = clicks.tallies(&[Record::default(); 3]);
            }
        }
    }

    #[test]
    fn each_link_has_its_own_sums_and_preview_clicks_count_as_bots() {
        let mut clicks = LinkClicks::default();
        for (recipient, link, is_early) in [(0, 0, false), (0, 0, false), (0, 2, false), (1, 2, true)] {
            clicks.count_person(recipient, link, is_early);
        }
        clicks.count_bot(1, 0);
        let records = [Record::default(), Record { is_previewed: true, ..Record::default() }];
        assert_eq!(
            clicks.tallies(&records),
            [
                LinkTally { human: 2, bot: 1, unique: 1 },
                LinkTally::default(),
                LinkTally { human: 1, bot: 1, unique: 1 },
            ]
        );
    }
}
