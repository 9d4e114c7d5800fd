//! The index `tallies`: the sum of each batch, without its ledger. It may lag by moments.

use std::ops::{Range, RangeInclusive};

use domain::ids::CampaignId;
use domain::phone::PhoneNumber;
use domain::tally::Tally;

use super::batches::{PREFIX, WHAT, number_of, pk, sk};
use super::item::{Item, doc, instant, number, s};
use super::reading;
use super::tally_item::TallyItem;
use super::{AccountStore, Error, Result};

/// Name of the index.
pub(super) const INDEX: &str = "tallies";

/// Batches read at once, with their ledgers.
const BATCHES_AT_ONCE: usize = 500;
/// The highest number of a batch that sorts as its key does.
const NUMBER_MAX: u32 = 9_999_999;

/// A batch as the index shows it.
#[derive(Debug, Clone)]
pub struct BatchTally {
    pub number: u32,
    pub phones: RangeInclusive<PhoneNumber>,
    pub tally: Tally,
    pub lease_until: jiff::Timestamp,
}

impl AccountStore {
    /// Tallies of all batches of a campaign, in order.
    pub async fn tallies(&self, campaign: &CampaignId) -> Result<Vec<BatchTally>> {
        self.tallies_of(campaign, 0..u32::MAX).await
    }

    /// Tallies of the batches with these numbers, in order.
    pub async fn tallies_of(&self, campaign: &CampaignId, batches: Range<u32>) -> Result<Vec<BatchTally>> {
        if batches.is_empty() {
            return Ok(Vec::new());
        }
        let query = self
            .db
            .query()
            .table_name(&self.tables.campaigns)
            .index_name(INDEX)
            .key_condition_expression("tally_of = :campaign AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":campaign", s(pk(self.account.as_str(), campaign)))
            .expression_attribute_values(":first", s(sk(batches.start)))
            .expression_attribute_values(":last", s(sk((batches.end - 1).min(NUMBER_MAX))));
        reading::every(query, WHAT).await?.iter().map(read).collect()
    }

    /// The sum of all batches, from the table itself; closing a campaign relies on it.
    pub async fn exact(&self, campaign: &CampaignId) -> Result<Exact> {
        let pk = pk(self.account.as_str(), campaign);
        let mut exact =
            Exact { tally: Tally::default(), lease_until: jiff::Timestamp::UNIX_EPOCH, unsettled: Vec::new() };
        let mut after: Option<String> = None;
        loop {
            let slice = reading::Slice { pk: &pk, prefix: PREFIX, after: after.as_deref(), newest_first: false };
            let page = reading::page(&self.db, &self.tables.campaigns, slice, BATCHES_AT_ONCE, WHAT).await?;
            for item in &page.items {
                let tally = doc::<TallyItem>(item, WHAT)?.tally();
                let lease_until = instant(number(item, "lease_until", WHAT)?, WHAT)?;
                if tally.to_send > 0 || lease_until != jiff::Timestamp::UNIX_EPOCH {
                    exact.unsettled.push(number_of(item)?);
                }
                exact.tally.add(&tally);
                exact.lease_until = exact.lease_until.max(lease_until);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(exact),
            }
        }
    }
}

/// The sum of the batches of a campaign.
#[derive(Debug, Clone)]
pub struct Exact {
    pub tally: Tally,
    /// When the last lease ends; the zero instant without any.
    pub lease_until: jiff::Timestamp,
    /// Batches with messages left to send, or not returned by their lease holder.
    pub unsettled: Vec<u32>,
}

fn read(item: &Item) -> Result<BatchTally> {
    let phone = |name| {
        PhoneNumber::from_digits(number(item, name, WHAT)?)
            .ok_or_else(|| Error::Corrupt { what: WHAT, cause: "not a number".into() })
    };
    Ok(BatchTally {
        number: number_of(item)?,
        phones: phone("first_phone")?..=phone("last_phone")?,
        tally: doc::<TallyItem>(item, WHAT)?.tally(),
        lease_until: instant(number(item, "lease_until", WHAT)?, WHAT)?,
    })
}
