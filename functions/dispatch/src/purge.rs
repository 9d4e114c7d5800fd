//! Removes what is left of a deleted campaign: batches, journal, files, credits held for it, at last itself.

use aws::files::FileKey;
use domain::campaign::Campaign;
use domain::credits::{Movement, MovementKind};
use domain::tally::Tally;

use crate::due::look_again;
use crate::{App, Error, settle};

/// Each step may be done again after a crash: the campaign's own item goes last.
pub async fn purge(app: &App, campaign: Campaign) -> Result<(), Error> {
    let store = app.store.account(&campaign.account);
    let mut campaign = campaign;
    let Some(tally) = settle::in_doubt(app, &store, &campaign).await? else {
        // A batch at work ends in its own time; what it hands over still counts.
        look_again(app, campaign, 5).await?;
        return Ok(());
    };
    if campaign.held() > 0 {
        campaign = use_up(app, campaign, &tally).await?;
    }
    store.forget_batches_from(&campaign.id, 0).await?;
    store.forget_journal(&campaign.id).await?;
    let (account, id) = (campaign.account.clone(), campaign.id.clone());
    app.files.delete(&FileKey::Audience { account: account.clone(), campaign: id.clone() }).await?;
    app.files.delete(&FileKey::Report { account, campaign: id }).await?;
    store.forget_campaign(&campaign).await?;
    Ok(())
}

/// Used is what the carrier took or may have taken before it was deleted; the rest goes back.
async fn use_up(app: &App, campaign: Campaign, tally: &Tally) -> Result<Campaign, Error> {
    let store = app.store.account(&campaign.account);
    let now = app.clock.now();
    let used = tally.segments.min(campaign.held());
    let given_back = campaign.held() - used;
    let movement = |kind, credits| Movement { at: now, kind, credits, about: campaign.id.to_string() };
    let movements = [movement(MovementKind::Used, used), movement(MovementKind::GivenBack, given_back)];
    let mode = store.account().await?.map(|account| account.balance.mode).unwrap_or_default();
    let (used, given_back) = (campaign.used + used, campaign.given_back + given_back);
    Ok(store.put_campaign_and_move(Campaign { used, given_back, ..campaign }, mode, &movements).await?)
}
