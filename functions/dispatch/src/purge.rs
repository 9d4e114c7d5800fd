//! Removes what is left of a deleted campaign: batches, journal, files, credits held for it, at last itself.

use aws::files::FileKey;
use domain::campaign::Campaign;

use crate::schedule::reschedule;
use crate::{App, Error, settle};

/// Until the next check of a campaign that a batch is at work for.
const AT_WORK_SECONDS: i64 = 5;

/// Each step may be done again after a crash: the campaign's own item goes last.
pub async fn purge(app: &App, mut campaign: Campaign) -> Result<(), Error> {
    let store = app.store.account(&campaign.account);
    let Some(tally) = settle::in_doubt(app, &store, &campaign).await? else {
        // A batch at work ends in its own time; what it hands over still counts.
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
