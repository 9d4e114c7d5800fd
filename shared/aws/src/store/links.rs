//! Ranges of link numbers: one item per link, whatever the number of its messages.

use domain::campaign::Target;
use domain::ids::{AccountId, CampaignId, ImageId};
use serde::{Deserialize, Serialize};

use super::item::{doc, item, maybe_instant, ms, n, number, s};
use super::reading;
use super::{Error, Result, Store, failed};

const WHAT: &str = "link";
const COUNTER: &str = "counter";
pub(super) const RANGE: &str = "range";

/// The target of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkTarget {
    Url(String),
    Image(ImageId),
}

/// A run of link numbers: the message of recipient `n` carries number `first + n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRange {
    pub first: u64,
    pub count: u64,
    pub account: AccountId,
    pub campaign: CampaignId,
    /// Name of the link in the message, and its index: short links first, then images.
    pub name: String,
    pub index: u8,
    pub target: LinkTarget,
    /// From then on it leads to the fallback, if it has one.
    pub expires_at: Option<jiff::Timestamp>,
    pub fallback_url: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct RangeItem {
    count: u64,
    account: AccountId,
    campaign: CampaignId,
    name: String,
    /// Ranges of earlier versions have none: their clicks count for the first link.
    #[serde(default, rename = "place")]
    index: u8,
    url: Option<String>,
    image: Option<ImageId>,
    expires_at: Option<i64>,
    #[serde(default)]
    fallback_url: Option<String>,
}

impl LinkTarget {
    /// The target of a link of a message, and its fallback.
    pub fn split(target: Target<'_>) -> (Self, Option<String>) {
        match target {
            Target::Url { url, fallback_url } => (Self::Url(url.to_owned()), fallback_url.map(ToOwned::to_owned)),
            Target::Image(image) => (Self::Image(image.clone()), None),
        }
    }
}

fn sk(first: u64) -> String {
    format!("{first:020}")
}

/// The key of a range's item.
pub(super) fn range_key(first: u64) -> super::item::Item {
    std::collections::HashMap::from([("pk".into(), s(RANGE)), ("sk".into(), s(sk(first)))])
}

impl Store {
    /// Reserves `count` unused numbers and returns the first.
    pub async fn reserve_link_numbers(&self, count: u64) -> Result<u64> {
        let count_on = [(":count", n(count))];
        let update = reading::update(&self.db, &self.tables.links, COUNTER, COUNTER, "ADD reserved :count", count_on)
            .return_values(aws_sdk_dynamodb::types::ReturnValue::UpdatedNew);
        let answer = update.send().await.map_err(failed("reserve", WHAT))?;
        let reserved: u64 = number(&answer.attributes.unwrap_or_default(), "reserved", WHAT)?;
        reserved.checked_sub(count).ok_or_else(|| Error::Corrupt { what: WHAT, cause: "the counter went back".into() })
    }

    /// Stores a range. Repeating it writes the same.
    pub async fn put_link_range(&self, range: &LinkRange) -> Result<()> {
        let shape = RangeItem {
            count: range.count,
            account: range.account.clone(),
            campaign: range.campaign.clone(),
            name: range.name.clone(),
            index: range.index,
            url: match &range.target {
                LinkTarget::Url(url) => Some(url.clone()),
                LinkTarget::Image(_) => None,
            },
            image: match &range.target {
                LinkTarget::Image(image) => Some(image.clone()),
                LinkTarget::Url(_) => None,
            },
            expires_at: range.expires_at.map(ms),
            fallback_url: range.fallback_url.clone(),
        };
        let item = item(RANGE, &sk(range.first), &shape);
        let put = self.db.put_item().table_name(&self.tables.links).set_item(Some(item));
        put.send().await.map_err(failed("write", WHAT))?;
        Ok(())
    }

    /// The range that contains a number: one read.
    pub async fn link_range_of(&self, number: u64) -> Result<Option<LinkRange>> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.links)
            .key_condition_expression("pk = :range AND sk <= :number")
            .expression_attribute_values(":range", s(RANGE))
            .expression_attribute_values(":number", s(sk(number)))
            .scan_index_forward(false)
            .limit(1);
        let items = query.send().await.map_err(failed("read", WHAT))?.items.unwrap_or_default();
        let Some(item) = items.first() else { return Ok(None) };
        let shape: RangeItem = doc(item, WHAT)?;
        let corrupt = |cause: &str| Error::Corrupt { what: WHAT, cause: cause.into() };
        let first = super::item::text(item, "sk", WHAT)?.parse().map_err(|_| corrupt("no number in the key"))?;
        let target = match (shape.url, shape.image) {
            (Some(url), _) => LinkTarget::Url(url),
            (None, Some(image)) => LinkTarget::Image(image),
            (None, None) => return Err(corrupt("it leads nowhere")),
        };
        let range = LinkRange {
            first,
            count: shape.count,
            account: shape.account,
            campaign: shape.campaign,
            name: shape.name,
            index: shape.index,
            target,
            expires_at: maybe_instant(shape.expires_at, WHAT)?,
            fallback_url: shape.fallback_url,
        };
        Ok((number - range.first < range.count).then_some(range))
    }
}
