//! Runs everything that is due: campaigns, erasures, unused lists, stalled imports.

use aws::store::{self, Due, Task};
use domain::campaign::Campaign;
use domain::dispatch::Step;
use domain::ids::{AccountId, CampaignId};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};
use support::Metric;
use support::telemetry::chain;
use tracing::{error, info};

use crate::schedule::unschedule;
use crate::{App, Error, advance, announce, close, count, erase, fold, imports, purge, standstill, start, unused};

/// Items read from the index at once.
const PAGE: usize = 100;
/// Most pages per tick; the next tick continues.
const PAGES_MAX: usize = 10;
/// Tasks run at the same time.
const AT_ONCE: usize = 4;

/// A task due for longer than this is stuck: dispatch fails on it, or does not reach it.
const STUCK_SECONDS: i64 = 600;

/// Runs everything that is due, longest waiting first.
pub async fn run_due(app: &App) {
    for page in 0..PAGES_MAX {
        let now = app.clock.now();
        let due = match app.store.due(now, PAGE).await {
            Ok(due) => due,
            Err(error) => return error!(error.chain = chain(&error), "due tasks cannot be listed"),
        };
        let found = due.len();
        if page == 0 {
            // The longest waiting ones come first, so one page is enough for the alarm.
            let is_stuck = |due: &&Due| now.duration_since(due.at).as_secs() > STUCK_SECONDS;
            app.measure(&[(Metric::CampaignsStuck, due.iter().filter(is_stuck).count() as f64)]);
        }
        let runs = due.into_iter().map(|Due { account, task, .. }| async move {
            let done = match &task {
                Task::Campaign(id) => run_if_due(app, &account, id).await,
                Task::Erasure(id) => erase::run_if_due(app, &account, id).await,
                Task::UnusedLists => unused::purge(app, &account).await,
                Task::Import(list) => imports::settle(app, &account, list).await,
                Task::Fold(id) => fold::fold_if_due(app, &account, id).await,
            };
            if let Err(error) = done {
                error!(account.id = %account, task = ?task, error.chain = chain(&error), "a due task failed");
            }
        });
        futures_util::stream::iter(runs).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
        if found < PAGE {
            return;
        }
    }
}

/// Runs one campaign, if it is due.
pub async fn run_if_due(app: &App, account: &AccountId, id: &CampaignId) -> Result<(), Error> {
    let store = app.store.account(account);
    let now = app.clock.now();
    let Some(campaign) = store.campaign_or_deleted(id).await? else { return Ok(()) };
    if campaign.next_due_at().is_none_or(|at| at > now) {
        return Ok(());
    }
    // Sent announcements leave the outbox with the next write, whichever that is.
    let campaign = announce::announce(app, campaign).await;
    match step(app, campaign).await {
        // Changed by another writer (pause, edit, another dispatch), which also set the next check.
        Err(Error::Store(store::Error::Conflict { what })) => {
            info!(account.id = %account, campaign.id = %id, "{what} was changed meanwhile and is skipped");
            Ok(())
        }
        done => done,
    }
}

/// Does the campaign's next step. Boxed, because the future is large and its callers are deep.
fn step(app: &App, campaign: Campaign) -> BoxFuture<'_, Result<(), Error>> {
    match Step::from_campaign(&campaign) {
        Step::Unschedule => unschedule(app, campaign).boxed(),
        Step::Count => count::count(app, campaign).boxed(),
        Step::Start => start::start(app, campaign).boxed(),
        Step::Build => {
            standstill::report(app, &campaign);
            start::build(app, campaign).boxed()
        }
        Step::Advance(audience) => {
            let audience = audience.clone();
            advance::advance(app, campaign, audience).boxed()
        }
        Step::Probe(audience) => {
            let audience = audience.clone();
            advance::probe(app, campaign, audience).boxed()
        }
        Step::Close => close::close(app, campaign).boxed(),
        Step::Purge => purge::purge(app, campaign).boxed(),
    }
}
