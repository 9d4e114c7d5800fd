//! Removes a deleted campaign: batches, journal, files, reserved credits, and finally its item.

use aws::files::FileKey;
use domain::campaign::Campaign;

use crate::schedule::reschedule;
use crate::{App, Error, settle};

/// Seconds until the next check of a campaign with a leased batch.
const AT_WORK_SECONDS: i64 = 5;

/// Each step can be repeated after a crash: the campaign's own item goes last.
pub async fn purge(app: &App, mut campaign: Campaign) -> Result<(), Error> {
    let store = app.store.account(&campaign.account);
    let Some(tally) = settle::in_doubt(app, &store, &campaign).await? else {
        // A leased batch is left to finish; what it hands over still counts.
        return reschedule(app, campaign, AT_WORK_SECONDS).await.map(drop);
    };
    if campaign.held() > 0 {
        campaign = settle::credits(app, &store, campaign, &tally).await?;
    }
    store.forget_batches_from(&campaign.id, 0).await?;
    store.forget_journal(&campaign.id).await?;
    let (account, id) = (campaign.account.clone(), campaign.id.clone());
    app.files.delete(&FileKey::Audience { account: account.clone(), campaign: id.clone() }).await?;
    app.files.delete(&FileKey::Report { account, campaign: id }).await?;
    store.forget_campaign(&campaign).await?;
    Ok(())
}
