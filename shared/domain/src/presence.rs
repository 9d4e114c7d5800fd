//! Which outcomes occur in which batches of a campaign, so that a page of one outcome skips other batches. Pure.

use super::outcome::Outcome;
use super::tally::Tally;

/// Most groups of consecutive batches, one byte each: up to a million recipients a group is one batch.
const GROUPS_MAX: u32 = 2_048;

/// One byte per group of batches, one bit per outcome.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Presence {
    batches_per_group: u32,
    groups: Vec<u8>,
}

/// The bit of an outcome; outcomes that are still to be sent share one.
fn bit(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Pending | Outcome::Submitting => 1,
        Outcome::HandedOver => 1 << 1,
        Outcome::Unknown => 1 << 2,
        Outcome::Excluded => 1 << 3,
        Outcome::Rejected => 1 << 4,
        Outcome::Expired => 1 << 5,
        Outcome::Failed => 1 << 6,
        Outcome::Delivered => 1 << 7,
    }
}

fn bits(tally: &Tally) -> u8 {
    let counts = [
        (tally.to_send, Outcome::Pending),
        (tally.awaiting, Outcome::HandedOver),
        (tally.unknown, Outcome::Unknown),
        (tally.excluded, Outcome::Excluded),
        (tally.rejected, Outcome::Rejected),
        (tally.expired, Outcome::Expired),
        (tally.failed, Outcome::Failed),
        (tally.delivered, Outcome::Delivered),
    ];
    counts.iter().filter(|(count, _)| *count > 0).map(|(_, outcome)| bit(*outcome)).fold(0, |all, one| all | one)
}

impl Presence {
    /// An empty map for a campaign of this many batches.
    pub fn empty(batches: u32) -> Self {
        let batches_per_group = batches.div_ceil(GROUPS_MAX).max(1);
        let groups = usize::try_from(batches.div_ceil(batches_per_group)).unwrap_or_default();
        Self { batches_per_group, groups: vec![0; groups] }
    }

    fn group(&mut self, batch: u32) -> Option<&mut u8> {
        self.groups.get_mut(usize::try_from(batch / self.batches_per_group.max(1)).ok()?)
    }

    /// Adds the outcomes of a batch.
    pub fn add_batch(&mut self, batch: u32, tally: &Tally) {
        self.group(batch).into_iter().for_each(|group| *group |= bits(tally));
    }

    /// Adds one outcome of a batch.
    pub fn add(&mut self, batch: u32, outcome: Outcome) {
        self.group(batch).into_iter().for_each(|group| *group |= bit(outcome));
    }

    /// The first batch from `batch` on that may contain an outcome, of `batches`.
    pub fn next(&self, batch: u32, batches: u32, outcome: Option<Outcome>) -> Option<u32> {
        let Some(outcome) = outcome.filter(|_| !self.groups.is_empty()) else {
            return Some(batch).filter(|batch| *batch < batches);
        };
        let size = self.batches_per_group.max(1);
        let first = batch / size;
        let rest = self.groups.iter().zip(0u32..).skip(usize::try_from(first).ok()?);
        let (_, group) = rest.into_iter().find(|(bits, _)| **bits & bit(outcome) != 0)?;
        Some((group * size).max(batch)).filter(|batch| *batch < batches)
    }

    /// Reads `to_bytes`.
    pub fn from_bytes(batches: u32, groups: &[u8]) -> Self {
        Self { groups: groups.to_vec(), ..Self::empty(batches) }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        self.groups.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_without_an_outcome_are_skipped() {
        let mut presence = Presence::empty(10);
        presence.add_batch(3, &Tally { failed: 1, delivered: 4, ..Tally::default() });
        presence.add(7, Outcome::Failed);
        let failed = |from| presence.next(from, 10, Some(Outcome::Failed));
        assert_eq!([failed(0), failed(3), failed(4), failed(8)], [Some(3), Some(3), Some(7), None]);
        assert_eq!((presence.next(4, 10, None), presence.next(10, 10, None)), (Some(4), None));
        assert_eq!(Presence::from_bytes(10, &presence.to_bytes()), presence);
    }

    #[test]
    fn ten_million_recipients_take_two_kilobytes() {
        let mut presence = Presence::empty(20_000);
        assert!(presence.to_bytes().len() <= 2_048);
        presence.add(19_999, Outcome::Unknown);
        let found = presence.next(0, 20_000, Some(Outcome::Unknown)).unwrap();
        assert!((19_990..20_000).contains(&found));
        assert_eq!(presence.next(found + 1, 20_000, Some(Outcome::Unknown)), Some(found + 1));
    }

    #[test]
    fn without_a_map_every_batch_may_contain_it() {
        assert_eq!(Presence::default().next(5, 9, Some(Outcome::Failed)), Some(5));
    }
}
