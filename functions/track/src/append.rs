//! Appends events to the journal of their campaign, and sees to it that they are folded.

use aws::queue::Wakeup;
use aws::store::{AccountStore, NextFold};
use domain::ids::{AccountId, CampaignId};
use domain::journal::{BLOCKS_PER_FOLD, Events, FOLD_SOONEST};
use jiff::{SignedDuration, Timestamp};
use support::random;

use crate::{App, Asked, Error};

/// Between two ticks of dispatch, in seconds: a fold that shall come earlier needs a wake-up.
const TICK_SECONDS: i64 = 60;
/// A fold that begins within so long may not see what is appended now: it is asked for again.
const SOON: SignedDuration = SignedDuration::from_secs(2);
/// So many blocks of one process ask for a fold sooner than it was to come: of several processes, they are more than are
/// to wait.
const APPENDED_MAX: usize = BLOCKS_PER_FOLD / 2;
/// So many events weigh as much as a block: a look at a campaign reads few of them.
const EVENTS_PER_BLOCK: usize = 125;
/// A fold finds blocks that come 90 s after their time: with room for clocks that differ.
const APPENDED_WITHIN: SignedDuration = SignedDuration::from_secs(60);

/// Appends events as blocks, then asks for a fold unless one is to come soon enough. False for a campaign that is gone,
/// which has no use for its receipts.
pub async fn append(app: &App, account: &AccountId, campaign: &CampaignId, events: Events) -> Result<bool, Error> {
    let asked = app.asked(campaign);
    if asked.is_none() && !app.has_started(account, campaign).await? {
        return Ok(false);
    }
    let store = app.store.account(account);
    let blocks = events.into_blocks();
    for block in &blocks {
        append_block(app, &store, campaign, block).await?;
    }
    let weight: usize = blocks.iter().map(|block| 1 + block.len() / EVENTS_PER_BLOCK).sum();
    let now = app.clock.now();
    if blocks.is_empty() {
        return Ok(true);
    }
    let appended = asked.map_or(0, |asked| asked.appended) + weight;
    let are_many = appended >= APPENDED_MAX;
    // One that is to come soon enough, and not so soon that it misses what was appended now.
    let comes = |asked: &Asked| asked.at > now + SOON && (!are_many || asked.at <= now + FOLD_SOONEST);
    let asked = match asked.filter(comes) {
        Some(asked) => Asked { appended, ..asked },
        None => ask(app, &store, campaign, now, are_many.then_some(FOLD_SOONEST)).await?,
    };
    app.remember(campaign, asked);
    Ok(true)
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

/// Asks for a fold, unless one is due by then: within so long, or when folds of this campaign usually come. Answers when
/// it will be. One that is due, or runs, finds what was appended: before it ends it looks for what came meanwhile.
async fn ask(
    app: &App,
    store: &AccountStore,
    campaign: &CampaignId,
    now: Timestamp,
    within: Option<SignedDuration>,
) -> Result<Asked, Error> {
    let NextFold { due_at, interval } = store.next_fold(campaign).await?;
    let interval = within.or(interval).unwrap_or(FOLD_SOONEST);
    let at = now + interval;
    if let Some(at) = due_at.filter(|due_at| *due_at <= at) {
        return Ok(Asked { at, appended: 0 });
    }
    if !store.schedule_fold(campaign, at).await? {
        // Somebody was faster; when it will be is asked at the next block.
        return Ok(Asked { at: now, appended: 0 });
    }
    let seconds = interval.as_secs();
    if seconds < TICK_SECONDS {
        let wakeup = Wakeup { account: store.id().clone(), campaign: campaign.clone() };
        app.queues.wake(&wakeup, u32::try_from(seconds).unwrap_or(0)).await?;
    }
    Ok(Asked { at, appended: 0 })
}
