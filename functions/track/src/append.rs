//! Appends events to the journal of their campaign, and sees to it that they are folded.

use jiff::{SignedDuration, Timestamp};
use shared::domain::ids::{AccountId, CampaignId};
use shared::domain::journal::{Events, fold_interval};
use shared::queue::Wakeup;
use shared::runtime::random;
use shared::store::AccountStore;

use crate::{App, Error};

/// Between two ticks of dispatch, in seconds: a fold that shall come earlier needs a wake-up.
const TICK_SECONDS: i64 = 60;
/// A fold that begins within so long may not see what is appended now: it is asked for again.
const SOON: SignedDuration = SignedDuration::from_secs(2);

/// Appends events as blocks, then asks for a fold unless one is to come soon enough.
pub async fn append(app: &App, account: &AccountId, campaign: &CampaignId, events: Events) -> Result<(), Error> {
    // A campaign that is gone has no use for its receipts.
    let Some(started) = app.started(account, campaign).await? else { return Ok(()) };
    let (store, now) = (app.store.account(account), app.clock.now());
    let mut is_empty = true;
    for block in events.into_blocks() {
        store.append_block(campaign, now, u32::from_be_bytes(random::octets()), &block).await?;
        is_empty = false;
    }
    if is_empty || app.next_fold(campaign).is_some_and(|at| at > now + SOON) {
        return Ok(());
    }
    let at = now + fold_interval(started.started_at, now);
    app.remember_fold(campaign, schedule(app, &store, campaign, now, at).await?);
    Ok(())
}

/// Asks for a fold; answers when it will be.
async fn schedule(
    app: &App,
    store: &AccountStore,
    campaign: &CampaignId,
    now: Timestamp,
    at: Timestamp,
) -> Result<Timestamp, Error> {
    if !store.schedule_fold(campaign, at).await? {
        return Ok(store.fold_due_at(campaign).await?.unwrap_or(now));
    }
    let seconds = at.duration_since(now).as_secs();
    if seconds < TICK_SECONDS {
        let wakeup = Wakeup { account: store.id().clone(), campaign: campaign.clone() };
        app.queues.wake(&wakeup, u32::try_from(seconds).unwrap_or(0)).await?;
    }
    Ok(at)
}
