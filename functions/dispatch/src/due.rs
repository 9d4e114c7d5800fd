//! Finds what needs something now, campaigns, erasures and unused lists, and does it.

use aws::queue::Wakeup;
use aws::store::{self, Due, Task};
use domain::campaign::{Campaign, PauseReason, Status};
use domain::ids::{AccountId, CampaignId};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};
use support::Metric;
use support::telemetry::chain;
use tracing::{error, info};

use crate::{App, Error, advance, announce, close, count, erase, fold, imports, purge, standstill, start, unused};

/// Campaigns read from the index at once.
const PAGE: usize = 100;
/// Pages of one tick at most; the next tick goes on.
const PAGES_MAX: usize = 10;
/// Campaigns moved on at once.
const AT_ONCE: usize = 4;

/// What is due for longer than this is stuck: dispatch fails on it, or does not come round.
const STUCK_SECONDS: i64 = 600;

/// Looks at everything that is due, what waits longest first.
pub async fn look_at_all(app: &App) {
    for page in 0..PAGES_MAX {
        let now = app.clock.now();
        let due = match app.store.due(now, PAGE).await {
            Ok(due) => due,
            Err(error) => return error!(error.chain = chain(&error), "cannot list what is due"),
        };
        let found = due.len();
        if page == 0 {
            // Those that wait longest come first: as many as one page holds are as alarming as more.
            let is_stuck = |due: &&Due| now.duration_since(due.at).as_secs() > STUCK_SECONDS;
            app.measure(&[(Metric::CampaignsStuck, due.iter().filter(is_stuck).count() as f64)]);
        }
        let looks = due.into_iter().map(|Due { account, task, .. }| async move {
            let looked = match &task {
                Task::Campaign(id) => look_at(app, &account, id).await,
                Task::Erasure(id) => erase::look_at(app, &account, id).await,
                Task::UnusedLists => unused::purge(app, &account).await,
                Task::Import(list) => imports::settle(app, &account, list).await,
                Task::Fold(id) => fold::fold_if_due(app, &account, id).await,
            };
            if let Err(error) = looked {
                error!(account.id = %account, task = ?task, error.chain = chain(&error), "moving it on failed");
            }
        });
        futures_util::stream::iter(looks).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
        if found < PAGE {
            return;
        }
    }
}

/// Looks at one campaign, if it is due.
pub async fn look_at(app: &App, account: &AccountId, id: &CampaignId) -> Result<(), Error> {
    let store = app.store.account(account);
    let now = app.clock.now();
    let Some(campaign) = store.campaign_or_deleted(id).await? else { return Ok(()) };
    if campaign.wanted_at().is_none_or(|at| at > now) {
        return Ok(());
    }
    // What webhooks were told leaves the outbox with the next write, whichever that is.
    let campaign = announce::announce(app, campaign).await;
    let moved = moved_on(app, campaign).await;
    match moved {
        // Somebody else moved it: pause, edit, another dispatch. What they wrote says when to look again.
        Err(Error::Store(store::Error::Conflict { what })) => {
            info!(account.id = %account, campaign.id = %id, "{what} was changed meanwhile, leaving it");
            Ok(())
        }
        moved => moved,
    }
}

/// Does what the status of a campaign asks for. On the heap: what it takes is large, and its callers stand deep.
fn moved_on(app: &App, campaign: Campaign) -> BoxFuture<'_, Result<(), Error>> {
    match campaign.status {
        Status::Draft if campaign.counting.is_none() => rest(app, campaign).boxed(),
        Status::Draft => count::count(app, campaign).boxed(),
        Status::Ready => start::start(app, campaign).boxed(),
        Status::Sending if campaign.audience.is_none() => {
            standstill::tell(app, &campaign);
            start::build(app, campaign).boxed()
        }
        Status::Sending => advance::advance(app, campaign).boxed(),
        Status::Consolidating => close::close(app, campaign).boxed(),
        Status::Deleted => purge::purge(app, campaign).boxed(),
        Status::Paused if campaign.pause_reason == Some(PauseReason::CarrierErrors) => {
            advance::probe(app, campaign).boxed()
        }
        Status::Paused | Status::Finished => rest(app, campaign).boxed(),
    }
}

/// Takes a campaign that needs nothing out of the index; what webhooks could not be told yet keeps it there.
pub async fn rest(app: &App, campaign: Campaign) -> Result<(), Error> {
    let store = app.store.account(&campaign.account);
    match campaign.look_at {
        None if campaign.outbox.is_empty() => store.empty_outbox(&campaign).await?,
        None => {}
        Some(_) => drop(store.put_campaign(Campaign { look_at: None, ..campaign }).await?),
    }
    Ok(())
}

/// Seconds from tick to tick: what is due later than this, a tick finds in time.
const TICK_SECONDS: i64 = 60;

/// Writes a campaign that shall be looked at again in some seconds, and asks for it if the tick would come too late.
pub async fn look_again(app: &App, campaign: Campaign, seconds: i64) -> Result<Campaign, Error> {
    let now = app.clock.now();
    let at = now + jiff::SignedDuration::from_secs(seconds);
    let store = app.store.account(&campaign.account);
    let written = store.put_campaign(Campaign { look_at: Some(at), ..campaign }).await?;
    if seconds <= TICK_SECONDS {
        let wakeup = Wakeup { account: written.account.clone(), campaign: written.id.clone() };
        app.queues.wake(&wakeup, u32::try_from(seconds.max(0)).unwrap_or(0)).await?;
    }
    Ok(written)
}

/// Seconds until the next look at something that began some time ago and may end at any moment: often while it is
/// young, ever more rarely later.
pub fn patience_seconds(since: jiff::Timestamp, now: jiff::Timestamp, longest: i64) -> i64 {
    (now.duration_since(since).as_secs() / 4).clamp(2, longest)
}
