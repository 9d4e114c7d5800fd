//! Appends events to the journal of their campaign, and schedules their fold.

use aws::queue::Wakeup;
use aws::store::{AccountStore, NextFold};
use domain::ids::{AccountId, CampaignId};
use domain::journal::{Events, FOLD_SOONEST};
use domain::known_fold::{KnownFold, Next};
use jiff::{SignedDuration, Timestamp};
use support::random;

use crate::{App, Error};

/// Seconds between two ticks of dispatch: an earlier fold needs a wake-up.
const TICK_SECONDS: i64 = 60;
/// A fold finds blocks up to 90 s after their timestamp; this leaves a margin for clock differences.
const APPENDED_WITHIN: SignedDuration = SignedDuration::from_secs(60);

/// Appends events as blocks, then requests a fold unless one is due soon enough. False for a deleted campaign, whose
/// receipts are not needed.
pub async fn append(app: &App, account: &AccountId, campaign: &CampaignId, events: Events) -> Result<bool, Error> {
    let known = app.known_fold(campaign);
    if known.is_none() && !app.has_started(account, campaign).await? {
        return Ok(false);
    }
    let store = app.store.account(account);
    let blocks = events.into_blocks();
    for block in &blocks {
        append_block(app, &store, campaign, block).await?;
    }
    if blocks.is_empty() {
        return Ok(true);
    }
    let now = app.clock.now();
    let known = match KnownFold::after(known, &blocks, now) {
        Next::Comes(known) => known,
        Next::Ask(within) => ask(app, &store, campaign, now, within).await?,
    };
    app.remember(campaign, known);
    Ok(true)
}

/// Appends one block; if that took so long that a fold may miss it, appends it again with a new timestamp.
async fn append_block(app: &App, store: &AccountStore, campaign: &CampaignId, block: &Events) -> Result<(), Error> {
    loop {
        let begun_at = app.clock.now();
        store.append_block(campaign, begun_at, u32::from_be_bytes(random::bytes()), block).await?;
        if app.clock.now() <= begun_at + APPENDED_WITHIN {
            return Ok(());
        }
    }
}

/// Requests a fold within this time, or after the usual interval, unless one is due before. Returns when it will be. A
/// fold that is due or running finds what was appended: before it ends it checks for new blocks.
async fn ask(
    app: &App,
    store: &AccountStore,
    campaign: &CampaignId,
    now: Timestamp,
    within: Option<SignedDuration>,
) -> Result<KnownFold, Error> {
    let NextFold { due_at, interval } = store.next_fold(campaign).await?;
    let interval = within.or(interval).unwrap_or(FOLD_SOONEST);
    let at = now + interval;
    if let Some(at) = due_at.filter(|due_at| *due_at <= at) {
        return Ok(KnownFold::new(at));
    }
    if !store.schedule_fold(campaign, at).await? {
        // Another process changed the schedule; the next block reads it again.
        return Ok(KnownFold::new(now));
    }
    let seconds = interval.as_secs();
    if seconds < TICK_SECONDS {
        let wakeup = Wakeup { account: store.id().clone(), campaign: campaign.clone() };
        app.queues.wake(&wakeup, u32::try_from(seconds).unwrap_or(0)).await?;
    }
    Ok(KnownFold::new(at))
}
