//! Campaigns of an account. A campaign with work for dispatch is in the sparse index `due`.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::announcement::Outbox;
use domain::campaign::{Campaign, Status};
use domain::credits::{Mode, Movement};
use domain::ids::CampaignId;
use support::cause::NotRead;

use super::campaign_item::{AnnouncementItem, CampaignItem, WHAT, outbox, outbox_item};
use super::campaign_projections::{SHOWN_NAME, STATUS_OF, status_of};
use super::item::{Item, Page, doc, item, json, ms, n, number, s, text};
use super::reading::{self, Slice};
use super::writes::versioned;
use super::{AccountStore, Error, Result, failed};

/// Hash key of the index `due`, which holds few and small items.
pub(super) const DUE: &str = "due";
/// Announcements that webhooks still have to be sent; absent if there are none.
const OUTBOX: &str = "outbox";

impl AccountStore {
    /// A campaign; one that is being deleted is not found.
    pub async fn campaign(&self, id: &CampaignId) -> Result<Option<Campaign>> {
        Ok(self.campaign_or_deleted(id).await?.filter(|campaign| campaign.status != Status::Deleted))
    }

    /// The same including deleted ones, for dispatch, which removes their data.
    pub async fn campaign_or_deleted(&self, id: &CampaignId) -> Result<Option<Campaign>> {
        let got = reading::get(&self.db, &self.tables.campaigns, self.account.as_str(), id.as_str(), WHAT).await?;
        got.map(|item| self.read_campaign(&item)).transpose()
    }

    pub(super) fn read_campaign(&self, item: &Item) -> Result<Campaign> {
        let id = super::item::code::<CampaignId>(text(item, "sk", WHAT)?, WHAT)?;
        let waiting = match item.contains_key(OUTBOX) {
            true => text(item, OUTBOX, WHAT).and_then(|waiting| {
                let corrupt = |error| Error::Corrupt { what: WHAT, cause: NotRead::from(error).to_string() };
                outbox(serde_json::from_str::<Vec<AnnouncementItem>>(waiting).map_err(corrupt)?)
            })?,
            false => Outbox::default(),
        };
        doc::<CampaignItem>(item, WHAT)?.campaign(self.account.clone(), id, waiting, number(item, "version", WHAT)?)
    }

    fn campaign_item(campaign: &Campaign) -> Item {
        let mut item = item(campaign.account.as_str(), campaign.id.as_str(), &CampaignItem::new(campaign));
        if campaign.status != Status::Deleted {
            item.insert(STATUS_OF.into(), s(status_of(campaign.account.as_str(), campaign.status)));
            item.insert(SHOWN_NAME.into(), s(&campaign.settings.name));
        }
        if let Some(at) = campaign.next_due_at() {
            item.insert("due".into(), s(DUE));
            item.insert("due_at".into(), n(ms(at)));
        }
        if !campaign.outbox.is_empty() {
            item.insert(OUTBOX.into(), s(json(&outbox_item(&campaign.outbox))));
        }
        item
    }

    /// Writes a campaign that is unchanged since it was read; returns it at its new version.
    pub async fn put_campaign(&self, campaign: Campaign) -> Result<Campaign> {
        let projections = match campaign.status {
            // Its name may have changed, so its projections are written too.
            Status::Draft => self.card_writes(&campaign)?,
            _ => self.sent_write(&campaign)?.into_iter().collect(),
        };
        if projections.is_empty() {
            let item = Self::campaign_item(&campaign);
            self.put(&self.tables.campaigns, item, campaign.version, WHAT).await?;
        } else {
            let writes = std::iter::once(self.campaign_write(&campaign)?).chain(projections).collect();
            self.transact(writes, WHAT).await?;
        }
        Ok(Campaign { version: campaign.version + 1, ..campaign })
    }

    /// Records that webhooks were notified and nothing else is due, for a campaign that is unchanged since it was read.
    /// The version stays, so that other writers get no conflict.
    pub async fn empty_outbox(&self, campaign: &Campaign) -> Result<()> {
        let (pk, sk, read) = (self.account.as_str(), campaign.id.as_str(), [(":read", n(campaign.version))]);
        let update = reading::update(&self.db, &self.tables.campaigns, pk, sk, "REMOVE outbox, due, due_at", read);
        update.condition_expression("version = :read").send().await.map_err(failed("write", WHAT))?;
        Ok(())
    }

    /// Writes a campaign and moves credits, both or neither.
    pub async fn put_campaign_and_move(
        &self,
        campaign: Campaign,
        mode: Mode,
        movements: &[Movement],
    ) -> Result<Campaign> {
        self.move_with(campaign, mode, movements, None).await
    }

    /// The same at the end of a campaign, under the fold lock: a conflict if the lock has expired and another process
    /// may be writing its batches.
    pub async fn finish_campaign(
        &self,
        campaign: Campaign,
        mode: Mode,
        movements: &[Movement],
        held_until: jiff::Timestamp,
    ) -> Result<Campaign> {
        let condition = self.fold_is_held(&campaign.id, held_until)?;
        self.move_with(campaign, mode, movements, Some(condition)).await
    }

    async fn move_with(
        &self,
        campaign: Campaign,
        mode: Mode,
        movements: &[Movement],
        condition: Option<TransactWriteItem>,
    ) -> Result<Campaign> {
        let mut writes = vec![self.campaign_write(&campaign)?];
        writes.extend(condition);
        writes.extend(self.sent_write(&campaign)?);
        // Of two writes of one version only one is made.
        writes.extend(self.movement_writes(mode, movements, &campaign.version.to_string())?);
        self.transact(writes, WHAT).await?;
        Ok(Campaign { version: campaign.version + 1, ..campaign })
    }

    /// The write of a campaign that is unchanged since it was read, for a transaction.
    fn campaign_write(&self, campaign: &Campaign) -> Result<TransactWriteItem> {
        versioned(&self.tables.campaigns, Self::campaign_item(campaign), campaign.version, WHAT)
    }

    /// Campaigns, newest first, without those being deleted.
    pub async fn campaigns(&self, after: Option<&str>, limit: usize) -> Result<Page<Campaign>> {
        let slice = Slice { pk: self.account.as_str(), prefix: CampaignId::PREFIX, after, newest_first: true };
        let page = reading::page(&self.db, &self.tables.campaigns, slice, limit, WHAT).await?;
        let campaigns = page.items.iter().map(|item| self.read_campaign(item)).collect::<Result<Vec<_>>>()?;
        let items = campaigns.into_iter().filter(|campaign| campaign.status != Status::Deleted).collect();
        Ok(Page { items, next: page.next })
    }

    /// Removes the item of a deleted campaign, after its batches and files.
    pub async fn forget_campaign(&self, campaign: &Campaign) -> Result<()> {
        self.forget_cards(&campaign.id).await?;
        self.forget_sent(campaign).await?;
        self.delete(&self.tables.campaigns, campaign.id.as_str(), campaign.version, WHAT).await
    }
}
