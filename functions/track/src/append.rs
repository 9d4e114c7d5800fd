//! Appends events to the journal of their campaign, and sees to it that they are folded.

use aws::queue::Wakeup;
use aws::store::{AccountStore, NextFold};
use domain::ids::{AccountId, CampaignId};
use domain::journal::{Events, FOLD_SOONEST};
use domain::known_fold::{KnownFold, Next};
use jiff::{SignedDuration, Timestamp};
use support::random;

use crate::{App, Error};

/// Between two ticks of dispatch, in seconds: a fold that shall come earlier needs a wake-up.
const TICK_SECONDS: i64 = 60;
/// A fold finds blocks that come 90 s after their time: with room for clocks that differ.
const APPENDED_WITHIN: SignedDuration = SignedDuration::from_secs(60);

/// Appends events as blocks, then asks for a fold unless one is to come soon enough. False for a campaign that is gone,
/// which has no use for its receipts.
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

/// Appends one block; once more under its new time where that took so long that a fold may not look there any more.
async fn append_block(app: &App, store: &AccountStore, campaign: &CampaignId, block: &Events) -> Result<(), Error> {
    loop {
        let begun_at = app.clock.now();
        store.append_block(campaign, begun_at, u32::from_be_bytes(random::bytes()), block).await?;
        if app.clock.now() <= begun_at + APPENDED_WITHIN {
            return Ok(());
        }
    }
}

/// Asks for a fold, unless one is due by then: within so long, or when folds of this campaign usually come. Answers when
/// it will be. One that is due, or runs, finds what was appended: before it ends it looks for what came meanwhile.
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
        // Somebody was faster; when it will be is asked at the next block.
        return Ok(KnownFold::new(now));
    }
    let seconds = interval.as_secs();
    if seconds < TICK_SECONDS {
        let wakeup = Wakeup { account: store.id().clone(), campaign: campaign.clone() };
        app.queues.wake(&wakeup, u32::try_from(seconds).unwrap_or(0)).await?;
    }
    Ok(KnownFold::new(at))
}
