//! Removes what is left of a deleted campaign: batches, journal, files, credits held for it, at last itself.

use shared::domain::campaign::Campaign;
use shared::domain::credits::{Movement, MovementKind};
use shared::files::FileKey;

use crate::due::look_again;
use crate::{App, Error};

/// Each step may be done again after a crash: the campaign's own item goes last.
pub async fn purge(app: &App, campaign: Campaign) -> Result<(), Error> {
    let store = app.store.account(&campaign.account);
    let mut campaign = campaign;
    let now = app.clock.now();
    if store.tallies(&campaign.id).await?.iter().any(|batch| batch.lease_until > now) {
        // A batch at work ends in its own time; what it hands over still counts.
        look_again(app, campaign, 5).await?;
        return Ok(());
    }
    let held = campaign.reserved - campaign.used - campaign.given_back;
    if held > 0 {
        campaign = settle(app, campaign, held).await?;
    }
    store.forget_batches_from(&campaign.id, 0).await?;
    store.forget_journal(&campaign.id).await?;
    let (account, id) = (campaign.account.clone(), campaign.id.clone());
    app.files.delete(&FileKey::Audience { account: account.clone(), campaign: id.clone() }).await?;
    app.files.delete(&FileKey::Report { account, campaign: id }).await?;
    store.forget_campaign(&campaign).await?;
    Ok(())
}

/// Used is what was handed over before it was deleted; the rest goes back.
async fn settle(app: &App, campaign: Campaign, held: u64) -> Result<Campaign, Error> {
    let store = app.store.account(&campaign.account);
    let now = app.clock.now();
    let used = store.exact_tally(&campaign.id).await?.segments.min(held);
    let given_back = held - used;
    let movement = |kind, credits| Movement { at: now, kind, credits, about: campaign.id.to_string() };
    let movements = [movement(MovementKind::Used, used), movement(MovementKind::GivenBack, given_back)];
    let mode = store.account().await?.map(|account| account.balance.mode).unwrap_or_default();
    let (used, given_back) = (campaign.used + used, campaign.given_back + given_back);
    Ok(store.put_campaign_and_move(Campaign { used, given_back, ..campaign }, mode, &movements).await?)
}
