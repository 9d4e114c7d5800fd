//! Projections of campaigns for tables and searches, so that ten thousand finished campaigns add no cost: one with the
//! name of each campaign and whether it is a proof, and one more for each unfinished campaign. Projections are written
//! together with the draft, the only time at which they can change; a reader removes projections of campaigns finished
//! long ago. The index `statuses` lists campaigns of one status; it lags by moments, so each campaign is read itself
//! before it is shown.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::campaign::{Campaign, Status};
use domain::ids::CampaignId;
use futures_util::{StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::campaign_item::WHAT;
use super::item::{Item, Page, doc, instant, item, ms, s, text};
use super::reading::{self, Slice};
use super::{AccountStore, Result, failed, unbuilt};

/// Projections of campaigns that are unfinished, or finished recently.
const OPEN: &str = "open#";
/// Projections of all.
const NAME: &str = "name#";
/// Name of the index of campaigns by their status.
pub(super) const STATUSES: &str = "statuses";
/// Hash key of the index, and what it shows of a campaign.
pub(super) const STATUS_OF: &str = "status_of";
pub(super) const SHOWN_NAME: &str = "name";
/// How long after its end a campaign may still be one of today in some time zone: a day, and the zones' difference.
const OVER_AFTER: SignedDuration = SignedDuration::from_hours(48);
/// Projections removed at once.
const FORGOTTEN_AT_ONCE: usize = 16;
/// Projections of names read at once, and for one page at most: a hundred bytes each.
const NAMES_AT_ONCE: usize = 5_000;
const NAMES_MAX: usize = 50_000;

/// What is known about a campaign without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    pub id: CampaignId,
    pub name: String,
    pub proof: bool,
    pub created_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct ProjectionItem {
    #[serde(rename = "n")]
    name: String,
    #[serde(rename = "p")]
    proof: bool,
    #[serde(rename = "c")]
    created_at: i64,
}

/// Which campaigns are searched.
#[derive(Debug, Clone, Copy)]
enum Projections {
    Open,
    All,
    Index,
}

impl Projections {
    fn prefix(self) -> &'static str {
        match self {
            Self::Open => OPEN,
            Self::All => NAME,
            Self::Index => "",
        }
    }

    fn name(self, projection: &Item) -> Result<String> {
        match self {
            Self::Open | Self::All => Ok(doc::<ProjectionItem>(projection, WHAT)?.name),
            Self::Index => text(projection, SHOWN_NAME, WHAT).map(ToOwned::to_owned),
        }
    }
}

/// The partition of the index for an account's campaigns of one status.
pub(super) fn status_of(account: &str, status: Status) -> String {
    format!("{account}/{}", status.code())
}

impl AccountStore {
    /// The projections of a draft, to be written with it.
    pub(super) fn card_writes(&self, campaign: &Campaign) -> Result<Vec<TransactWriteItem>> {
        let projection = |prefix: &str| {
            let (name, proof) = (campaign.settings.name.clone(), campaign.settings.proof);
            let of = ProjectionItem { name, proof, created_at: ms(campaign.created_at) };
            let projection = item(self.account.as_str(), &format!("{prefix}{}", campaign.id), &of);
            let put = Put::builder().table_name(&self.tables.campaigns).set_item(Some(projection)).build();
            let put = put.map_err(unbuilt(WHAT))?;
            Ok(TransactWriteItem::builder().put(put).build())
        };
        [OPEN, NAME].into_iter().map(projection).collect()
    }

    /// Removes the projections of a campaign.
    pub(super) async fn forget_cards(&self, id: &CampaignId) -> Result<()> {
        for prefix in [OPEN, NAME] {
            self.forget_card(prefix, id).await?;
        }
        Ok(())
    }

    async fn forget_card(&self, prefix: &str, id: &CampaignId) -> Result<()> {
        reading::forget(&self.db, &self.tables.campaigns, self.account.as_str(), &format!("{prefix}{id}"), WHAT).await
    }

    /// Campaigns that are unfinished or finished at `since` or later, newest first. A page may be shorter than
    /// requested; the id of its last campaign is where the next one begins.
    pub async fn current_campaigns(
        &self,
        since: Timestamp,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Campaign>> {
        self.still_current(since, self.ids_on_cards(Projections::Open, |_| true, after, limit, limit).await?).await
    }

    /// The same, with a matching name.
    pub async fn current_campaigns_named(
        &self,
        since: Timestamp,
        is_wanted: impl Fn(&str) -> bool,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Campaign>> {
        self.still_current(since, self.ids_on_cards(Projections::Open, is_wanted, after, limit, NAMES_AT_ONCE).await?)
            .await
    }

    /// Campaigns with a matching name, newest first. A page may be shorter than requested.
    pub async fn campaigns_named(
        &self,
        is_wanted: impl Fn(&str) -> bool,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Campaign>> {
        let Page { items, next } = self.ids_on_cards(Projections::All, is_wanted, after, limit, NAMES_AT_ONCE).await?;
        let items = self.campaigns_of(&items).await?.into_iter().flatten();
        Ok(Page { items: items.filter(|campaign| campaign.status != Status::Deleted).collect(), next })
    }

    /// Campaigns of one status, newest first, with a matching name if one is given. A page may be shorter than
    /// requested.
    pub async fn campaigns_with_status(
        &self,
        status: Status,
        is_wanted: Option<impl Fn(&str) -> bool>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Campaign>> {
        let at_once = if is_wanted.is_some() { NAMES_AT_ONCE } else { limit };
        let is_wanted = |name: &str| is_wanted.as_ref().is_none_or(|is_wanted| is_wanted(name));
        let read = |after: Option<String>, limit| async move { self.indexed(status, after.as_deref(), limit).await };
        let Page { items, next } = ids(Projections::Index, read, is_wanted, after, limit, at_once).await?;
        let items = self.campaigns_of(&items).await?.into_iter().flatten();
        Ok(Page { items: items.filter(|campaign| campaign.status == status).collect(), next })
    }

    /// Campaigns by their projections, newest first.
    pub async fn campaign_projections(&self, limit: usize) -> Result<Vec<Projection>> {
        let page = self.projections(NAME, None, limit).await?;
        let projection = |item: &Item| {
            let ProjectionItem { name, proof, created_at } = doc(item, WHAT)?;
            Ok(Projection { id: id_of(item, NAME)?, name, proof, created_at: instant(created_at, WHAT)? })
        };
        page.items.iter().map(projection).collect()
    }

    /// Names of campaigns by id; deleted ones are left out.
    pub async fn campaign_names(&self, ids: &[CampaignId]) -> Result<HashMap<CampaignId, String>> {
        let sks: Vec<String> = ids.iter().map(|id| format!("{NAME}{id}")).collect();
        let sks: Vec<&str> = sks.iter().map(String::as_str).collect();
        let projections = reading::get_all(&self.db, &self.tables.campaigns, self.account.as_str(), &sks, WHAT).await?;
        projections
            .values()
            .map(|projection| Ok((id_of(projection, NAME)?, doc::<ProjectionItem>(projection, WHAT)?.name)))
            .collect()
    }

    /// The current campaigns among some projections; projections of campaigns finished long ago are removed.
    async fn still_current(&self, since: Timestamp, page: Page<CampaignId>) -> Result<Page<Campaign>> {
        let (mut items, mut over) = (Vec::with_capacity(page.items.len()), Vec::new());
        for (id, campaign) in page.items.iter().zip(self.campaigns_of(&page.items).await?) {
            match campaign {
                Some(campaign) if is_open(&campaign, since) => items.push(campaign),
                Some(campaign) if is_open(&campaign, since - OVER_AFTER) => {}
                Some(_) | None => over.push(self.forget_card(OPEN, id)),
            }
        }
        futures_util::stream::iter(over).buffer_unordered(FORGOTTEN_AT_ONCE).try_collect::<()>().await?;
        items.retain(|campaign| campaign.status != Status::Deleted);
        Ok(Page { items, next: page.next })
    }

    async fn ids_on_cards(
        &self,
        projections: Projections,
        is_wanted: impl Fn(&str) -> bool,
        after: Option<&str>,
        limit: usize,
        at_once: usize,
    ) -> Result<Page<CampaignId>> {
        let read = |after: Option<String>, limit| async move {
            self.projections(projections.prefix(), after.as_deref(), limit).await
        };
        ids(projections, read, is_wanted, after, limit, at_once).await
    }

    async fn projections(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Page<Item>> {
        let after = after.map(|id| format!("{prefix}{id}"));
        let slice = Slice { pk: self.account.as_str(), prefix, after: after.as_deref(), newest_first: true };
        reading::page(&self.db, &self.tables.campaigns, slice, limit, WHAT).await
    }

    /// Campaigns of one status as the index shows them.
    async fn indexed(&self, status: Status, after: Option<&str>, limit: usize) -> Result<Page<Item>> {
        let of = status_of(self.account.as_str(), status);
        let start = after.map(|id| {
            let key = [("pk", self.account.as_str()), ("sk", id), (STATUS_OF, of.as_str())];
            key.map(|(name, value)| (name.to_owned(), s(value))).into()
        });
        let query = self
            .db
            .query()
            .table_name(&self.tables.campaigns)
            .index_name(STATUSES)
            .key_condition_expression("status_of = :of")
            .expression_attribute_values(":of", s(of.as_str()))
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start);
        let answer = query.send().await.map_err(failed("list", WHAT))?;
        let items = answer.items.unwrap_or_default();
        let next = match answer.last_evaluated_key {
            Some(last) => Some(text(&last, "sk", WHAT)?.to_owned()),
            None => None,
        };
        Ok(Page { items, next })
    }

    /// Campaigns by their ids, in their order.
    pub async fn campaigns_of(&self, ids: &[CampaignId]) -> Result<Vec<Option<Campaign>>> {
        let sks: Vec<&str> = ids.iter().map(CampaignId::as_str).collect();
        let mut found = reading::get_all(&self.db, &self.tables.campaigns, self.account.as_str(), &sks, WHAT).await?;
        sks.into_iter().map(|sk| found.remove(sk).map(|item| self.read_campaign(&item)).transpose()).collect()
    }
}

/// Ids of up to `limit` campaigns with a matching name, reading this many projections at once.
async fn ids<R>(
    projections: Projections,
    read: impl Fn(Option<String>, usize) -> R,
    is_wanted: impl Fn(&str) -> bool,
    after: Option<&str>,
    limit: usize,
    at_once: usize,
) -> Result<Page<CampaignId>>
where
    R: Future<Output = Result<Page<Item>>>,
{
    let (mut ids, mut after, mut seen): (Vec<CampaignId>, _, _) = (Vec::new(), after.map(ToOwned::to_owned), 0);
    loop {
        let page = read(after.take(), at_once).await?;
        seen += page.items.len();
        for projection in &page.items {
            if is_wanted(&projections.name(projection)?) {
                ids.push(id_of(projection, projections.prefix())?);
            }
        }
        after = page.next.map(|sk| sk.trim_start_matches(projections.prefix()).to_owned());
        if ids.len() > limit {
            ids.truncate(limit);
            return Ok(Page { next: ids.last().map(ToString::to_string), items: ids });
        }
        if after.is_none() || ids.len() == limit || seen >= NAMES_MAX {
            return Ok(Page { items: ids, next: after });
        }
    }
}

fn is_open(campaign: &Campaign, since: Timestamp) -> bool {
    campaign.status != Status::Finished || campaign.finished_at.is_some_and(|at| at >= since)
}

fn id_of(projection: &Item, prefix: &str) -> Result<CampaignId> {
    super::item::code(text(projection, "sk", WHAT)?.trim_start_matches(prefix), WHAT)
}
