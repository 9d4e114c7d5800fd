//! The index `tallies`: what each batch adds up to, without its ledger. It may lag by moments.

use super::batches::{PREFIX, WHAT, number_of, pk};
use super::item::{Item, doc, instant, number, s};
use super::reading;
use super::tally_item::TallyItem;
use super::{AccountStore, Error, Result, failed};
use crate::domain::ids::CampaignId;
use crate::domain::phone::PhoneNumber;
use crate::domain::tally::Tally;

/// Name of the index.
pub(super) const INDEX: &str = "tallies";

/// A batch as the index shows it.
#[derive(Debug, Clone)]
pub struct BatchTally {
    pub number: u32,
    pub phones: (PhoneNumber, PhoneNumber),
    pub tally: Tally,
    pub lease_until: jiff::Timestamp,
    pub failures: u32,
}

impl AccountStore {
    /// Tallies of all batches of a campaign, in order.
    pub async fn tallies(&self, campaign: &CampaignId) -> Result<Vec<BatchTally>> {
        let mut start = None;
        let mut tallies = Vec::new();
        loop {
            let query = self
                .db
                .query()
                .table_name(&self.tables.campaigns)
                .index_name(INDEX)
                .key_condition_expression("tally_of = :campaign AND begins_with(sk, :prefix)")
                .expression_attribute_values(":campaign", s(pk(self.account.as_str(), campaign)))
                .expression_attribute_values(":prefix", s(PREFIX))
                .set_exclusive_start_key(start.take());
            let answer = query.send().await.map_err(failed("list", WHAT))?;
            tallies.extend(answer.items.unwrap_or_default().iter().map(read).collect::<Result<Vec<_>>>()?);
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(tallies);
            }
        }
    }

    /// The sum of all batches, from the table itself: what closing a campaign rests on.
    pub async fn exact_tally(&self, campaign: &CampaignId) -> Result<Tally> {
        let pk = pk(self.account.as_str(), campaign);
        let mut sum = Tally::default();
        for item in reading::all(&self.db, &self.tables.campaigns, &pk, PREFIX, WHAT).await? {
            sum.add(&doc::<TallyItem>(&item, WHAT)?.tally());
        }
        Ok(sum)
    }
}

fn read(item: &Item) -> Result<BatchTally> {
    let phone = |name| {
        PhoneNumber::from_digits(number(item, name, WHAT)?)
            .ok_or_else(|| Error::Corrupt { what: WHAT, cause: "not a number".into() })
    };
    Ok(BatchTally {
        number: number_of(item)?,
        phones: (phone("first_phone")?, phone("last_phone")?),
        tally: doc::<TallyItem>(item, WHAT)?.tally(),
        lease_until: instant(number(item, "lease_until", WHAT)?, WHAT)?,
        failures: number(item, "failures", WHAT)?,
    })
}
