//! Sets when a campaign is checked next: in its item, and with a wake-up if the next tick would be too late.

use aws::queue::Wakeup;
use domain::campaign::Campaign;
use jiff::SignedDuration;

use crate::{App, Error};

/// Seconds between two ticks; a tick is early enough for anything due later than this.
pub const TICK_SECONDS: i64 = 60;

/// Writes a campaign to be checked again in `seconds`.
pub async fn reschedule(app: &App, campaign: Campaign, seconds: i64) -> Result<Campaign, Error> {
    let at = app.clock.now() + SignedDuration::from_secs(seconds);
    let store = app.store.account(&campaign.account);
    let written = store.put_campaign(Campaign { next_check_at: Some(at), ..campaign }).await?;
    if seconds <= TICK_SECONDS {
        wake(app, &written, seconds).await?;
    }
    Ok(written)
}

/// Requests a check of a campaign in `seconds`.
pub async fn wake(app: &App, campaign: &Campaign, seconds: i64) -> Result<(), Error> {
    let wakeup = Wakeup { account: campaign.account.clone(), campaign: campaign.id.clone() };
    Ok(app.queues.wake(&wakeup, u32::try_from(seconds.max(0)).unwrap_or(0)).await?)
}

/// Removes a campaign that needs nothing from the index; announcements still in the outbox keep it there.
pub async fn unschedule(app: &App, campaign: Campaign) -> Result<(), Error> {
    let store = app.store.account(&campaign.account);
    match campaign.next_check_at {
        None if campaign.outbox.is_empty() => store.empty_outbox(&campaign).await?,
        None => {}
        Some(_) => drop(store.put_campaign(Campaign { next_check_at: None, ..campaign }).await?),
    }
    Ok(())
}
