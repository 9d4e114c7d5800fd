//! The journal of a campaign: blocks of events, appended by `track` and folded into ledgers by `dispatch`.
//!
//! One partition takes 1,000 write units per second; 1,000 events per second need about ten units, so one key is
//! enough. Blocks are removed only by expiry or together with their campaign.

use std::collections::BTreeSet;

use domain::ids::{AccountId, CampaignId};
use domain::journal::Events;
use jiff::{SignedDuration, Timestamp};

use super::item::{Item, b, binary, ms, n, s, text};
use super::{AccountStore, Error, Result, failed, reading};

const WHAT: &str = "journal";
const BLOCK: &str = "block#";
const CARRIED: &str = "carried#";
/// How long blocks are kept: far longer than any of them waits to be folded.
const KEPT_DAYS: i64 = 30;

/// When a block was made, in milliseconds since 1970, and a random number. Blocks sort by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId {
    pub ms: i64,
    pub nonce: u32,
}

/// A block as it was appended.
#[derive(Debug, Clone)]
pub struct Block {
    pub id: BlockId,
    pub events: Events,
}

pub(super) fn pk(account: &AccountId, campaign: &CampaignId) -> String {
    format!("{account}/{campaign}#journal")
}

fn sk(id: BlockId) -> String {
    format!("{BLOCK}{:013}#{:08x}", id.ms, id.nonce)
}

fn carried_prefix(generation: u64) -> String {
    format!("{CARRIED}{generation:016x}#")
}

impl AccountStore {
    async fn put_events(&self, campaign: &CampaignId, sk: String, events: &Events, now: Timestamp) -> Result<()> {
        let expires_at = now + SignedDuration::from_hours(24 * KEPT_DAYS);
        let item = Item::from([
            ("pk".into(), s(pk(&self.account, campaign))),
            ("sk".into(), s(sk)),
            ("events".into(), b(events.to_bytes())),
            ("expires_at".into(), n(expires_at.as_second())),
        ]);
        let put = self.db.put_item().table_name(&self.tables.campaigns).set_item(Some(item));
        put.send().await.map_err(failed("write", WHAT))?;
        Ok(())
    }

    /// Appends a block of tidy events.
    pub async fn append_block(&self, campaign: &CampaignId, now: Timestamp, nonce: u32, events: &Events) -> Result<()> {
        self.put_events(campaign, sk(BlockId { ms: ms(now), nonce }), events, now).await
    }

    /// Blocks made at `from_ms` or later, oldest first, at most `limit`, without those in `read`.
    pub async fn blocks(
        &self,
        campaign: &CampaignId,
        from_ms: i64,
        read: &BTreeSet<BlockId>,
        limit: usize,
    ) -> Result<Vec<Block>> {
        let begin = sk(BlockId { ms: from_ms, nonce: 0 });
        let (mut start, mut blocks) = (None, Vec::new());
        loop {
            let already = read.range(BlockId { ms: from_ms, nonce: 0 }..).count();
            let query = self
                .db
                .query()
                .table_name(&self.tables.campaigns)
                .key_condition_expression("pk = :pk AND sk BETWEEN :begin AND :end")
                .expression_attribute_values(":pk", s(pk(&self.account, campaign)))
                .expression_attribute_values(":begin", s(&begin))
                .expression_attribute_values(":end", s(format!("{BLOCK}~")))
                .consistent_read(true)
                .limit(i32::try_from((limit - blocks.len()).saturating_add(already)).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start.take());
            let answer = query.send().await.map_err(failed("list", WHAT))?;
            for item in answer.items.unwrap_or_default() {
                let id = block_id(&item)?;
                if !read.contains(&id) && blocks.len() < limit {
                    blocks.push(Block { id, events: events(&item)? });
                }
            }
            start = answer.last_evaluated_key;
            if start.is_none() || blocks.len() >= limit {
                return Ok(blocks);
            }
        }
    }

    /// Stores the events that a fold carries to the next one, under their own number.
    pub async fn put_carried(
        &self,
        campaign: &CampaignId,
        generation: u64,
        parts: &[Events],
        now: Timestamp,
    ) -> Result<()> {
        for (index, events) in parts.iter().enumerate() {
            let sk = format!("{}{index:03}", carried_prefix(generation));
            self.put_events(campaign, sk, events, now).await?;
        }
        Ok(())
    }

    /// Events that a fold carried on.
    pub async fn carried(&self, campaign: &CampaignId, generation: u64) -> Result<Events> {
        let (pk, prefix) = (pk(&self.account, campaign), carried_prefix(generation));
        let mut carried = Events::default();
        for item in reading::all(&self.db, &self.tables.campaigns, &pk, &prefix, WHAT).await? {
            carried.append(&mut events(&item)?);
        }
        Ok(carried)
    }

    /// Removes the journal of a campaign, and the other items beside its batches.
    pub async fn forget_journal(&self, campaign: &CampaignId) -> Result<()> {
        let (pk, table) = (pk(&self.account, campaign), &self.tables.campaigns);
        for prefix in [BLOCK, CARRIED] {
            let items = reading::all(&self.db, table, &pk, prefix, WHAT).await?;
            let sk = |item| Ok(text(item, "sk", WHAT)?.to_owned());
            let sks = items.iter().map(sk).collect::<Result<_>>()?;
            reading::forget_all(&self.db, table, &pk, sks, WHAT).await?;
        }
        self.forget_progress(campaign).await?;
        self.forget_fold(campaign).await?;
        self.forget_directory(campaign).await
    }
}

fn block_id(item: &Item) -> Result<BlockId> {
    let sk = text(item, "sk", WHAT)?;
    let parts = sk.strip_prefix(BLOCK).and_then(|rest| rest.split_once('#'));
    let id = parts
        .and_then(|(ms, nonce)| Some(BlockId { ms: ms.parse().ok()?, nonce: u32::from_str_radix(nonce, 16).ok()? }));
    id.ok_or_else(|| Error::Corrupt { what: WHAT, cause: format!("no block in the key {sk}") })
}

fn events(item: &Item) -> Result<Events> {
    let events = binary(item, "events").and_then(Events::from_bytes);
    events.ok_or_else(|| Error::Corrupt { what: WHAT, cause: "not a block of events".into() })
}
