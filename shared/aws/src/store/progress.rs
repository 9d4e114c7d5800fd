//! The progress of a campaign: the sum of its ledgers as of the last refresh, and how far its journal is folded.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use domain::columns::{Reader, Writer};
use domain::ids::CampaignId;
use domain::presence::Presence;
use domain::tally::Tally;
use jiff::{SignedDuration, Timestamp};

use super::batches::pk;
use super::item::{Item, b, binary, doc, instant, json, ms, n, number, s};
use super::journal::BlockId;
use super::tally_item::TallyItem;
use super::{AccountStore, Error, Result, failed, reading};

const WHAT: &str = "progress";
const SK: &str = "progress";
/// Most recent blocks remembered as read; beyond, some are read and recorded again.
const READ_BLOCKS_MAX: usize = 10_000;

/// Events that the last fold carried to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carried {
    /// The number they stand under.
    pub generation: u64,
    pub events: u32,
}

/// What is known about a campaign without reading its batches.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Blocks made before are folded or carried, except late ones.
    pub folded_until: Timestamp,
    /// Blocks shortly before `folded_until`, and of that instant, that are folded or carried.
    pub read: BTreeSet<BlockId>,
    pub carried: Option<Carried>,
    /// The sum of all batches, including carried events.
    pub tally: Tally,
    pub presence: Presence,
    pub refreshed_at: Timestamp,
    /// Counts folds; the write of a fold is conditioned on it.
    folds: u64,
}

impl Progress {
    /// A campaign of which nothing was folded.
    pub fn of_new_campaign(started_at: Timestamp, recipients: u32, batches: u32) -> Self {
        Self {
            folded_until: started_at,
            read: BTreeSet::new(),
            carried: None,
            tally: Tally { recipients, to_send: recipients, ..Tally::default() },
            presence: Presence::empty(batches),
            refreshed_at: started_at,
            folds: 0,
        }
    }

    /// Records which blocks were read: recent ones, among which blocks may come `late`, by name, older ones by their
    /// time.
    pub fn mark_read(&mut self, read: Vec<BlockId>, late: SignedDuration) {
        let newest = read.iter().filter_map(|block| Timestamp::from_millisecond(block.ms).ok()).max();
        self.folded_until = newest.map_or(self.folded_until, |newest| newest.max(self.folded_until));
        self.read.extend(read);
        let since_ms = (self.folded_until - late).as_millisecond();
        self.read = self.read.split_off(&BlockId { ms: since_ms, nonce: 0 });
        while self.read.len() > READ_BLOCKS_MAX {
            self.read.pop_first();
        }
    }
}

impl AccountStore {
    /// The progress of a campaign with so many batches; `None` before the first refresh.
    pub async fn progress(&self, campaign: &CampaignId, batches: u32) -> Result<Option<Progress>> {
        let pk = pk(self.account.as_str(), campaign);
        let item = reading::get(&self.db, &self.tables.campaigns, &pk, SK, WHAT).await?;
        item.map(|item| read(&item, batches)).transpose()
    }

    /// Writes the result of a fold, unless another fold was faster.
    pub async fn put_fold(&self, campaign: &CampaignId, progress: &mut Progress) -> Result<()> {
        let Progress { folded_until, read, carried, folds, .. } = &*progress;
        let (generation, events) = carried.map_or((0, 0), |carried| (carried.generation, carried.events));
        let also = "folded_until = :until, folded_blocks = :blocks, carried = :carried, carried_events = :events, folds = :next";
        let update = self
            .update_progress(campaign, progress, also)
            .expression_attribute_values(":until", n(ms(*folded_until)))
            .expression_attribute_values(":blocks", b(blocks_to_bytes(*folded_until, read)))
            .expression_attribute_values(":carried", n(generation))
            .expression_attribute_values(":events", n(events))
            .expression_attribute_values(":next", n(folds + 1));
        update.send().await.map_err(failed("write", WHAT))?;
        progress.folds += 1;
        Ok(())
    }

    /// Writes a new sum, unless there was a fold since the progress was read.
    pub async fn put_sum(&self, campaign: &CampaignId, progress: &Progress) -> Result<()> {
        let update = self.update_progress(campaign, progress, "folded_until = if_not_exists(folded_until, :until)");
        let update = update.expression_attribute_values(":until", n(ms(progress.folded_until)));
        update.send().await.map_err(failed("write", WHAT))?;
        Ok(())
    }

    pub(super) async fn forget_progress(&self, campaign: &CampaignId) -> Result<()> {
        let pk = pk(self.account.as_str(), campaign);
        reading::forget(&self.db, &self.tables.campaigns, &pk, SK, WHAT).await
    }

    fn update_progress(&self, campaign: &CampaignId, progress: &Progress, also: &str) -> UpdateItemFluentBuilder {
        let pk = pk(self.account.as_str(), campaign);
        let sum = format!("SET doc = :tally, presence = :presence, refreshed_at = :now, {also}");
        let values = [
            (":tally", s(json(&TallyItem::new(&progress.tally)))),
            (":presence", b(progress.presence.to_bytes())),
            (":now", n(ms(progress.refreshed_at))),
        ];
        let update = reading::update(&self.db, &self.tables.campaigns, pk, SK, &sum, values);
        match progress.folds {
            0 => update.condition_expression("attribute_not_exists(folds)"),
            read => update.condition_expression("folds = :read").expression_attribute_values(":read", n(read)),
        }
    }
}

fn read(item: &Item, batches: u32) -> Result<Progress> {
    let folded_until = instant(number(item, "folded_until", WHAT)?, WHAT)?;
    let blocks = blocks_from_bytes(folded_until, binary(item, "folded_blocks").unwrap_or_default());
    let generation: u64 = number(item, "carried", WHAT)?;
    let events = number(item, "carried_events", WHAT)?;
    Ok(Progress {
        folded_until,
        read: blocks.ok_or_else(|| Error::Corrupt { what: WHAT, cause: "not a list of blocks".into() })?,
        carried: (generation != 0).then_some(Carried { generation, events }),
        tally: doc::<TallyItem>(item, WHAT)?.tally(),
        presence: Presence::from_bytes(batches, binary(item, "presence").unwrap_or_default()),
        refreshed_at: instant(number(item, "refreshed_at", WHAT)?, WHAT)?,
        folds: number(item, "folds", WHAT)?,
    })
}

/// Blocks as milliseconds before an instant and their random numbers, some 7 bytes each.
fn blocks_to_bytes(until: Timestamp, blocks: &BTreeSet<BlockId>) -> Vec<u8> {
    let mut writer = Writer::default();
    for block in blocks {
        let Ok(before) = u64::try_from(ms(until) - block.ms) else { continue };
        writer.number(before);
        writer.bytes(&block.nonce.to_be_bytes());
    }
    writer.into_bytes()
}

fn blocks_from_bytes(until: Timestamp, bytes: &[u8]) -> Option<BTreeSet<BlockId>> {
    let (mut reader, mut blocks) = (Reader::new(bytes), BTreeSet::new());
    while !reader.is_empty() {
        let before = i64::try_from(reader.number()?).ok()?;
        let nonce = u32::from_be_bytes(reader.bytes(4)?.try_into().ok()?);
        blocks.insert(BlockId { ms: ms(until).checked_sub(before)?, nonce });
    }
    Some(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_the_last_moments_are_known_by_name_and_all_before_by_their_time() {
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let block = |second, nonce| BlockId { ms: ms(at(second)), nonce };
        let mut progress = Progress::of_new_campaign(at(0), 1, 1);
        let late = SignedDuration::from_secs(90);
        progress.mark_read(vec![block(10, 1), block(100, 2), block(40, 3)], late);
        assert_eq!((progress.folded_until, progress.read.len()), (at(100), 3));
        // A late block changes nothing; a newer one drops those that can no longer be late.
        progress.mark_read(vec![block(50, 4)], late);
        assert_eq!((progress.folded_until, progress.read.len()), (at(100), 4));
        progress.mark_read(vec![block(135, 5)], late);
        assert_eq!(progress.read, [block(50, 4), block(100, 2), block(135, 5)].into());
        assert_eq!(progress.folded_until, at(135));
        progress.mark_read(Vec::new(), late);
        assert_eq!((progress.folded_until, progress.read.len()), (at(135), 3));
        progress.mark_read((0..20_000).map(|nonce| block(135, nonce)).collect(), late);
        assert_eq!(progress.read.len(), READ_BLOCKS_MAX);
    }

    #[test]
    fn blocks_read_back_as_themselves() {
        let until = Timestamp::from_millisecond(1_800_000_000_000).unwrap();
        let blocks: BTreeSet<_> =
            (0..200u32).map(|n| BlockId { ms: ms(until) - i64::from(n * 400), nonce: n * 77_777 }).collect();
        let bytes = blocks_to_bytes(until, &blocks);
        assert!(bytes.len() < 200 * 8);
        assert_eq!(blocks_from_bytes(until, &bytes), Some(blocks));
        assert_eq!(blocks_from_bytes(until, &[1, 2]), None);
    }
}
