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
/// A fold finds blocks that come 90 s after their time: with room for clocks that differ.
const APPENDED_WITHIN: SignedDuration = SignedDuration::from_secs(60);

/// Appends events as blocks, then asks for a fold unless one is to come soon enough.
pub async fn append(app: &App, account: &AccountId, campaign: &CampaignId, events: Events) -> Result<(), Error> {
    // A campaign that is gone has no use for its receipts.
    let Some(started) = app.started(account, campaign).await? else { return Ok(()) };
    let store = app.store.account(account);
    let blocks = events.into_blocks();
    for block in &blocks {
        append_block(app, &store, campaign, block).await?;
    }
    let now = app.clock.now();
    if blocks.is_empty() || app.next_fold(campaign).is_some_and(|at| at > now + SOON) {
        return Ok(());
    }
    let at = now + fold_interval(started.started_at, now);
    app.remember_fold(campaign, schedule(app, &store, campaign, now, at).await?);
    Ok(())
}

/// Appends one block; once more under its new time where that took so long that a fold may not look there any more.
async fn append_block(app: &App, store: &AccountStore, campaign: &CampaignId, block: &Events) -> Result<(), Error> {
    loop {
        let begun_at = app.clock.now();
        store.append_block(campaign, begun_at, u32::from_be_bytes(random::octets()), block).await?;
        if app.clock.now() <= begun_at + APPENDED_WITHIN {
            return Ok(());
        }
    }
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
