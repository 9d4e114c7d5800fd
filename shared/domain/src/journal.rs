//! The journal of a campaign: receipts, clicks and replies as they arrived, in blocks of bytes. Pure.
//!
//! `track` appends one block per invocation; `dispatch` folds blocks into the ledgers of their batches, many events
//! with one write. Folding is idempotent: a block may be read twice, and an event may be in several blocks.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::clicks::Visitor;
use super::columns::{Reader, Writer};
use super::ledger::Minute;
use super::outcome::{Reason, State};
use super::release::{Run, batch_of};

/// First byte of a block.
const VERSION: u8 = 1;
/// Most events of one block: reading a campaign reads whole blocks and should not read too many events. A click takes
/// up to 20 bytes, a receipt up to 12 and mostly 4.
pub const BLOCK_EVENTS_MAX: usize = 1_000;
/// The stored code for a visitor that the writer of a block did not know.
const NO_VISITOR: u32 = 255;

/// A carrier's receipt for one recipient's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Receipt {
    /// The recipient's index in the audience.
    pub index: u32,
    pub state: State,
    pub reason: Reason,
    pub at: Minute,
}

/// One hit on a link of one recipient's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Click {
    /// Second since 1970.
    pub second: u32,
    pub index: u32,
    /// `None` if a newer version stored a kind that this version does not know.
    pub visitor: Option<Visitor>,
    /// Unique to the hit; its upper half identifies the address it came from.
    pub key: u64,
    /// Index of the link in the message.
    pub link: u8,
}

/// A recipient's reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    pub index: u32,
    /// The reply was a STOP.
    pub stopped: bool,
}

/// Events of one campaign, in any order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Events {
    pub receipts: Vec<Receipt>,
    pub clicks: Vec<Click>,
    pub marks: Vec<Mark>,
}

impl Events {
    pub fn len(&self) -> usize {
        self.receipts.len() + self.clicks.len() + self.marks.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn append(&mut self, other: &mut Self) {
        self.receipts.append(&mut other.receipts);
        self.clicks.append(&mut other.clicks);
        self.marks.append(&mut other.marks);
    }

    /// Sorts and removes duplicates.
    pub fn tidy(&mut self) {
        self.receipts.sort_unstable();
        self.receipts.dedup();
        self.clicks.sort_unstable();
        self.clicks.dedup();
        self.marks.sort_unstable();
        self.marks.dedup();
    }

    /// Tidies and splits into parts of at most `BLOCK_EVENTS_MAX` events.
    pub fn into_blocks(mut self) -> Vec<Self> {
        self.tidy();
        if self.len() <= BLOCK_EVENTS_MAX {
            return if self.is_empty() { Vec::new() } else { vec![self] };
        }
        let receipts = self.receipts.chunks(BLOCK_EVENTS_MAX).map(<[_]>::to_vec);
        let clicks = self.clicks.chunks(BLOCK_EVENTS_MAX).map(<[_]>::to_vec);
        let marks = self.marks.chunks(BLOCK_EVENTS_MAX).map(<[_]>::to_vec);
        let receipts = receipts.map(|receipts| Self { receipts, ..Self::default() });
        let clicks = clicks.map(|clicks| Self { clicks, ..Self::default() });
        let marks = marks.map(|marks| Self { marks, ..Self::default() });
        receipts.chain(clicks).chain(marks).collect()
    }

    /// The events by the batch of their recipient; events outside every batch are dropped.
    pub fn by_batch(self, runs: &[Run]) -> BTreeMap<u32, Self> {
        let mut batches: BTreeMap<u32, Self> = BTreeMap::new();
        for receipt in self.receipts {
            if let Some(batch) = batch_of(runs, receipt.index) {
                batches.entry(batch).or_default().receipts.push(receipt);
            }
        }
        for click in self.clicks {
            if let Some(batch) = batch_of(runs, click.index) {
                batches.entry(batch).or_default().clicks.push(click);
            }
        }
        for mark in self.marks {
            if let Some(batch) = batch_of(runs, mark.index) {
                batches.entry(batch).or_default().marks.push(mark);
            }
        }
        batches
    }

    /// The events as a block stores them. Tidy events take less space.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { receipts, clicks, marks } = self;
        let mut writer = Writer::default();
        writer.bytes(&[VERSION]);
        writer.number(receipts.len() as u64);
        writer.column(receipts.iter().map(|receipt| receipt.index));
        writer.column(receipts.iter().map(|receipt| u32::from(receipt.state.byte())));
        writer.column(receipts.iter().map(|receipt| u32::from(receipt.reason.byte())));
        writer.column(receipts.iter().map(|receipt| receipt.at.number()));
        writer.number(clicks.len() as u64);
        writer.column(clicks.iter().map(|click| click.second));
        writer.column(clicks.iter().map(|click| click.index));
        writer.column(clicks.iter().map(|click| visitor_number(click.visitor)));
        writer.column(clicks.iter().map(|click| u32::from(click.link)));
        clicks.iter().for_each(|click| writer.bytes(&click.key.to_be_bytes()));
        writer.number(marks.len() as u64);
        writer.column(marks.iter().map(|mark| mark.index));
        writer.column(marks.iter().map(|mark| u32::from(mark.stopped)));
        writer.into_bytes()
    }

    /// Reads `to_bytes`; `None` for other input.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        if reader.byte()? != VERSION {
            return None;
        }
        let events = Self {
            receipts: read_receipts(&mut reader)?,
            clicks: read_clicks(&mut reader)?,
            marks: read_marks(&mut reader)?,
        };
        reader.is_empty().then_some(events)
    }
}

fn visitor_number(visitor: Option<Visitor>) -> u32 {
    let position = visitor.and_then(|visitor| Visitor::ALL.iter().position(|other| *other == visitor));
    position.and_then(|position| u32::try_from(position).ok()).unwrap_or(NO_VISITOR)
}

fn read_receipts(reader: &mut Reader<'_>) -> Option<Vec<Receipt>> {
    let length = reader.length()?;
    let (indexes, states) = (reader.column(length)?, reader.byte_column(length)?);
    let (reasons, minutes) = (reader.byte_column(length)?, reader.column(length)?);
    let rows = indexes.into_iter().zip(states).zip(reasons).zip(minutes);
    let receipt = |(((index, state), reason), minute)| {
        let (state, reason) = (State::from_byte(state)?, Reason::from_byte(reason)?);
        Some(Receipt { index, state, reason, at: Minute::from_number(minute)? })
    };
    rows.map(receipt).collect()
}

fn read_clicks(reader: &mut Reader<'_>) -> Option<Vec<Click>> {
    let length = reader.length()?;
    let (seconds, indexes) = (reader.column(length)?, reader.column(length)?);
    let (visitors, links) = (reader.byte_column(length)?, reader.byte_column(length)?);
    let rows = seconds.into_iter().zip(indexes).zip(visitors).zip(links);
    let mut click = |(((second, index), visitor), link)| {
        let key = u64::from_be_bytes(reader.bytes(8)?.try_into().ok()?);
        let visitor = Visitor::ALL.get(usize::from(visitor)).copied();
        Some(Click { second, index, visitor, key, link })
    };
    rows.map(&mut click).collect()
}

fn read_marks(reader: &mut Reader<'_>) -> Option<Vec<Mark>> {
    let length = reader.length()?;
    let (indexes, stopped) = (reader.column(length)?, reader.byte_column(length)?);
    Some(indexes.into_iter().zip(stopped).map(|(index, stopped)| Mark { index, stopped: stopped != 0 }).collect())
}

/// Approximate number of blocks that wait between two folds.
pub const BLOCKS_PER_FOLD: usize = 32;
/// Shortest time between two folds, and from the first block to the first fold.
pub const FOLD_SOONEST: SignedDuration = SignedDuration::from_secs(15);

/// Longest time until an appended block is read by a fold; it grows with the campaign's age.
pub fn fold_interval_max(started_at: Timestamp, now: Timestamp) -> SignedDuration {
    match now.duration_since(started_at) {
        age if age < SignedDuration::from_mins(10) => SignedDuration::from_secs(60),
        age if age < SignedDuration::from_hours(6) => SignedDuration::from_mins(30),
        _ => SignedDuration::from_hours(6),
    }
}

/// Time from one fold to the next when `blocks` were appended within a time: until about `BLOCKS_PER_FOLD` have
/// arrived. Each fold costs about ten write units, plus those of the batches that it writes.
pub fn fold_interval(blocks: usize, within: SignedDuration, max: SignedDuration) -> SignedDuration {
    let blocks = i32::try_from(blocks).unwrap_or(i32::MAX).max(1);
    let per_block = within.max(SignedDuration::ZERO) / blocks;
    per_block.saturating_mul(BLOCKS_PER_FOLD as i32).clamp(FOLD_SOONEST, max)
}

/// A batch with this many waiting events is folded: carrying them on would soon cost more than writing it.
pub const FOLDED_EVENTS_MIN: usize = 60;
/// Most events that a fold carries on, about 4 bytes each; beyond, the batches with most events are folded.
pub const CARRIED_EVENTS_MAX: usize = 12_000;

/// Which batches a fold writes, by the number of waiting events; the others' events are carried to the next fold. With
/// `is_last` all are written.
pub fn folded_now(waiting: &BTreeMap<u32, Events>, is_last: bool) -> Vec<u32> {
    let mut batches: Vec<_> = waiting.iter().map(|(number, events)| (events.len(), *number)).collect();
    batches.sort_unstable_by(|one, other| other.cmp(one));
    let mut left: usize = batches.iter().map(|(events, _)| events).sum();
    let mut folded = Vec::new();
    for (events, number) in batches {
        if !is_last && events < FOLDED_EVENTS_MIN && left <= CARRIED_EVENTS_MAX {
            break;
        }
        left -= events;
        folded.push(number);
    }
    folded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn receipt() -> impl Strategy<Value = Receipt> {
        let state = any::<u8>().prop_filter_map("a state", State::from_byte);
        let reason = (0u8..32).prop_filter_map("a reason", Reason::from_byte);
        let at = (1u32..0xFF_FFFF).prop_filter_map("a minute", Minute::from_number);
        (any::<u32>(), state, reason, at).prop_map(|(index, state, reason, at)| Receipt { index, state, reason, at })
    }

    fn click() -> impl Strategy<Value = Click> {
        let visitor = (0usize..8).prop_map(|position| Visitor::ALL.get(position).copied());
        (any::<[u32; 2]>(), visitor, any::<u64>(), any::<u8>())
            .prop_map(|([second, index], visitor, key, link)| Click { second, index, visitor, key, link })
    }

    fn events() -> impl Strategy<Value = Events> {
        let mark = (any::<u32>(), any::<bool>()).prop_map(|(index, stopped)| Mark { index, stopped });
        let few = 0..12;
        (
            proptest::collection::vec(receipt(), few.clone()),
            proptest::collection::vec(click(), few.clone()),
            proptest::collection::vec(mark, few),
        )
            .prop_map(|(receipts, clicks, marks)| Events { receipts, clicks, marks })
    }

    proptest! {
        #[test]
        fn events_read_back_as_themselves(events in events()) {
            prop_assert_eq!(Events::from_bytes(&events.to_bytes()), Some(events));
        }

        #[test]
        fn reading_a_block_never_panics(mut bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Events::from_bytes(&bytes);
            if let Some(first) = bytes.first_mut() {
                *first = VERSION;
                let _ = Events::from_bytes(&bytes);
            }
        }

        #[test]
        fn a_block_cut_short_is_refused(events in events(), cut in 1usize..20) {
            let bytes = events.to_bytes();
            prop_assert_eq!(Events::from_bytes(&bytes[..bytes.len().saturating_sub(cut)]), None);
        }
    }

    fn receipts(indexes: impl Iterator<Item = u32>) -> Events {
        let one = |index| Receipt {
            index,
            state: State::from_byte(134).unwrap(),
            reason: Reason::None,
            at: Minute::from_number(1_500_000 + index % 3).unwrap(),
        };
        Events { receipts: indexes.map(one).collect(), ..Events::default() }
    }

    #[test]
    fn a_thousand_receipts_take_about_three_bytes_each_and_a_full_block_fits_an_item() {
        let mut some = receipts((0..1_000).map(|n| n * 7_919 % 1_000_000));
        some.tidy();
        let bytes = some.to_bytes().len();
        assert!(bytes < 4_500, "{bytes}");
        let blocks = receipts((0..20_000u32).map(|n| n.wrapping_mul(2_654_435_761))).into_blocks();
        assert_eq!(blocks.iter().map(Events::len).sum::<usize>(), 20_000);
        assert!(blocks.iter().all(|block| block.to_bytes().len() < 100_000));
    }

    #[test]
    fn a_fold_writes_the_batches_with_most_events_and_the_last_one_all() {
        let few = |batch: u32| (batch, receipts(0..3));
        let mut waiting: BTreeMap<_, _> = (1..10).map(few).collect();
        waiting.insert(0, receipts(0..60));
        assert_eq!(folded_now(&waiting, false), [0]);
        assert_eq!(folded_now(&waiting, true).len(), 10);
        let crowded: BTreeMap<_, _> = (0..5_000).map(few).collect();
        assert_eq!(folded_now(&crowded, false).len(), 1_000);
    }

    #[test]
    fn folds_become_rare_as_a_campaign_ages() {
        let at = |seconds: i64| Timestamp::from_second(1_700_000_000 + seconds).unwrap();
        let seconds = |age| fold_interval_max(at(0), at(age)).as_secs();
        assert_eq!([0, 599, 600, 21_599, 21_600, 86_400].map(seconds), [60, 60, 1_800, 1_800, 21_600, 21_600]);
    }

    #[test]
    fn a_fold_is_due_when_about_32_blocks_wait() {
        let seconds = |blocks, within| {
            fold_interval(blocks, SignedDuration::from_secs(within), SignedDuration::from_secs(600)).as_secs()
        };
        assert_eq!([seconds(60, 60), seconds(500, 60), seconds(4, 60), seconds(1, 60)], [32, 15, 480, 600]);
        assert_eq!([seconds(0, 0), seconds(usize::MAX, 1), seconds(1, i64::MAX)], [15, 15, 600]);
    }
}
