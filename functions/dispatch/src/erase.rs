//! Continues the erasure of a number: lists, then campaigns, then replies, then the erasure's own copy. Every step can
//! be repeated after a crash; resources in use are checked again later.

use app::{Actor, erasure};
use aws::store::{AccountStore, IsConflict};
use domain::campaign::Campaign;
use domain::erasure::{Erasure, Stage, Trace};
use domain::ids::{AccountId, CampaignId, ErasureId, ListId};
use domain::phone::PhoneNumber;
use jiff::SignedDuration;
use tracing::info;

use crate::erase_files::{self, EraseOutcome};
use crate::{App, Error};

/// Lists or campaigns per step; progress is stored between two steps.
const STEP: usize = 20;
/// Most steps per run; the next tick continues.
const STEPS_MAX: usize = 20;
/// Time between two checks of resources in use.
const LOOK: SignedDuration = SignedDuration::from_mins(10);

/// Continues one erasure, if it is due.
pub async fn run_if_due(app: &App, account: &AccountId, id: &ErasureId) -> Result<(), Error> {
    let store = app.store.account(account);
    let Some(mut erasure) = store.erasure(id).await? else { return Ok(()) };
    let work = Work { app, store };
    for _ in 0..STEPS_MAX {
        if erasure.next_check_at.is_none_or(|at| at > app.clock.now()) {
            return Ok(());
        }
        let Some(phone) = erasure.phone else { return Ok(()) };
        let next = match erasure.stage.clone() {
            Stage::Lists { after } => work.lists(erasure, phone, after.as_deref()).await?,
            Stage::Campaigns { after } => work.campaigns(erasure, phone, after.as_deref()).await?,
            Stage::Waiting => work.waiting(erasure, phone).await?,
            Stage::Done => return Ok(()),
        };
        erasure = match work.write(next).await {
            // Another dispatch works on it.
            Err(error) if error.is_conflict() => return Ok(()),
            written => written?,
        };
        if erasure.stage == Stage::Done {
            let Erasure { lists, campaigns, replies, .. } = erasure;
            info!(account.id = %account, erasure.id = %id, lists, campaigns, replies, "a number was erased");
            return Ok(());
        }
    }
    Ok(())
}

struct Work<'a> {
    app: &'a App,
    store: AccountStore,
}

impl Work<'_> {
    /// One step through the lists.
    async fn lists(&self, mut erasure: Erasure, phone: PhoneNumber, after: Option<&str>) -> Result<Erasure, Error> {
        let page = self.store.lists(after, STEP).await?;
        for list in &page.items {
            match erase_files::of_list(self.app, &self.store, list, phone).await? {
                EraseOutcome::Nothing => {}
                EraseOutcome::Erased => erasure.lists += 1,
                EraseOutcome::InUse => erasure.waiting_lists.push(list.id.clone()),
            }
        }
        erasure.stage = match page.next {
            Some(after) => Stage::Lists { after: Some(after) },
            None => Stage::Campaigns { after: None },
        };
        Ok(erasure)
    }

    /// One step through the campaigns; after the last one, the replies.
    async fn campaigns(&self, mut erasure: Erasure, phone: PhoneNumber, after: Option<&str>) -> Result<Erasure, Error> {
        let page = self.store.campaigns(after, STEP).await?;
        for campaign in &page.items {
            match self.campaign(campaign, phone).await? {
                EraseOutcome::Nothing => {}
                EraseOutcome::Erased => erasure.campaigns += 1,
                EraseOutcome::InUse => erasure.waiting_campaigns.push(campaign.id.clone()),
            }
        }
        erasure.stage = match page.next {
            Some(after) => Stage::Campaigns { after: Some(after) },
            None => Stage::Waiting,
        };
        if erasure.stage == Stage::Waiting {
            self.replies(&mut erasure, phone).await?;
        }
        Ok(erasure)
    }

    async fn campaign(&self, campaign: &Campaign, phone: PhoneNumber) -> Result<EraseOutcome, Error> {
        match Trace::from_campaign(campaign) {
            Trace::Nowhere => Ok(EraseOutcome::Nothing),
            Trace::Unknown => Ok(EraseOutcome::InUse),
            Trace::Files => erase_files::of_campaign(self.app, &self.store, campaign, phone).await,
        }
    }

    /// Checks resources that were in use again; when none is left, removes the erasure's own copy of the number.
    async fn waiting(&self, mut erasure: Erasure, phone: PhoneNumber) -> Result<Erasure, Error> {
        let lists: Vec<ListId> = std::mem::take(&mut erasure.waiting_lists);
        for id in lists {
            let Some(list) = self.store.list(&id).await? else { continue };
            match erase_files::of_list(self.app, &self.store, &list, phone).await? {
                EraseOutcome::Nothing => {}
                EraseOutcome::Erased => erasure.lists += 1,
                EraseOutcome::InUse => erasure.waiting_lists.push(id),
            }
        }
        let campaigns: Vec<CampaignId> = std::mem::take(&mut erasure.waiting_campaigns);
        for id in campaigns {
            let Some(campaign) = self.store.campaign(&id).await? else { continue };
            match self.campaign(&campaign, phone).await? {
                EraseOutcome::Nothing => {}
                EraseOutcome::Erased => erasure.campaigns += 1,
                EraseOutcome::InUse => erasure.waiting_campaigns.push(id),
            }
        }
        let now = self.app.clock.now();
        if !erasure.waiting_lists.is_empty() || !erasure.waiting_campaigns.is_empty() {
            erasure.next_check_at = Some(now + LOOK);
            return Ok(erasure);
        }
        self.replies(&mut erasure, phone).await?;
        // The decision last: until now it kept released batches from sending to the number.
        self.store.forget_decisions_on(phone).await?;
        Ok(Erasure { phone: None, stage: Stage::Done, done_at: Some(now), next_check_at: None, ..erasure })
    }

    /// Erases the number's replies, and the webhook deliveries that contain it.
    async fn replies(&self, erasure: &mut Erasure, phone: PhoneNumber) -> Result<(), Error> {
        let replies = self.store.forget_replies_of(phone).await?;
        erasure.replies += u32::try_from(replies).unwrap_or(u32::MAX);
        self.store.forget_deliveries_about(phone).await?;
        Ok(())
    }

    async fn write(&self, erasure: Erasure) -> Result<Erasure, app::Error> {
        match erasure.stage {
            Stage::Done => {
                let (actor, now) = (Actor::function("dispatch"), self.app.clock.now());
                erasure::finish(&actor, &self.store, erasure, now).await
            }
            Stage::Lists { .. } | Stage::Campaigns { .. } | Stage::Waiting => {
                Ok(self.store.put_erasure(erasure).await?)
            }
        }
    }
}
