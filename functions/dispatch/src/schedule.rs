//! When a campaign is checked next: in its item, and by a wake-up where the tick would come too late.

use aws::queue::Wakeup;
use domain::campaign::Campaign;
use jiff::SignedDuration;

use crate::{App, Error};

/// Seconds from tick to tick: what is due later than this, a tick finds in time.
pub const TICK_SECONDS: i64 = 60;

/// Writes a campaign that shall be checked again in some seconds.
pub async fn reschedule(app: &App, campaign: Campaign, seconds: i64) -> Result<Campaign, Error> {
    let at = app.clock.now() + SignedDuration::from_secs(seconds);
    let store = app.store.account(&campaign.account);
    let written = store.put_campaign(Campaign { next_check_at: Some(at), ..campaign }).await?;
    if seconds <= TICK_SECONDS {
        wake(app, &written, seconds).await?;
    }
    Ok(written)
}

/// Asks for a check of a campaign in some seconds.
pub async fn wake(app: &App, campaign: &Campaign, seconds: i64) -> Result<(), Error> {
    let wakeup = Wakeup { account: campaign.account.clone(), campaign: campaign.id.clone() };
    Ok(app.queues.wake(&wakeup, u32::try_from(seconds.max(0)).unwrap_or(0)).await?)
}

/// Takes a campaign that needs nothing out of the index; what webhooks could not be told yet keeps it there.
pub async fn unschedule(app: &App, campaign: Campaign) -> Result<(), Error> {
    let store = app.store.account(&campaign.account);
    match campaign.next_check_at {
        None if campaign.outbox.is_empty() => store.empty_outbox(&campaign).await?,
        None => {}
        Some(_) => drop(store.put_campaign(Campaign { next_check_at: None, ..campaign }).await?),
    }
    Ok(())
}
