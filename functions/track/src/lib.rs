//! Appends receipts, replies and clicks to the journals of their campaigns: one write per campaign and invocation.
//! `dispatch` folds journals into ledgers. A STOP excludes at once, by its own write.

mod answered;
mod append;
mod groups;
mod memo;
mod replies;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use app::config::{Queue, Table};
use app::{Start, audience};
use aws::files::Files;
use aws::queue::{self, Events, Queues};
use aws::store::{self, Store};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::ids::{AccountId, CampaignId};
use domain::known_fold::KnownFold;
use support::telemetry::chain;
use support::{Clock, ConfigErrors, Metric, Metrics};
use tracing::error;

/// Campaigns whose next fold is cached.
const CAMPAIGNS_REMEMBERED: usize = 256;

/// Everything that track needs.
#[derive(Clone)]
pub struct App {
    pub store: Store,
    pub files: Files,
    pub queues: Queues,
    pub clock: Clock,
    metrics: Metrics,
    folds: Arc<Mutex<HashMap<CampaignId, KnownFold>>>,
}

impl App {
    pub fn new(start: &Start) -> Result<Self, ConfigErrors> {
        start.make(|resources| {
            Some(Self {
                store: resources.store_with_fingerprints(&[Table::Accounts, Table::Campaigns]),
                files: resources.files(),
                queues: resources.queues(&[Queue::Deliveries, Queue::Events, Queue::Wakeups]),
                clock: resources.clock(),
                metrics: resources.lookup.metrics(),
                folds: Arc::default(),
            })
        })
    }

    /// Whether a campaign exists and has started.
    async fn has_started(&self, account: &AccountId, campaign: &CampaignId) -> Result<bool, store::Error> {
        let found = self.store.account(account).campaign(campaign).await?;
        Ok(found.is_some_and(|found| found.audience.is_some() && found.started_at.is_some()))
    }

    /// What this process knows about a campaign's next fold; only for a campaign that has started.
    fn known_fold(&self, campaign: &CampaignId) -> Option<KnownFold> {
        self.folds.lock().ok()?.get(campaign).copied()
    }

    fn remember(&self, campaign: &CampaignId, fold: KnownFold) {
        if let Ok(mut folds) = self.folds.lock() {
            if folds.len() >= CAMPAIGNS_REMEMBERED {
                folds.clear();
            }
            folds.insert(campaign.clone(), fold);
        }
    }
}

/// The handler. A message whose events could not all be recorded is delivered again; recording twice is harmless.
pub async fn handle(app: &App, event: SqsEvent) -> SqsBatchResponse {
    let mut failed = HashSet::new();
    let mut groups = groups::Groups::default();
    let mut replies = Vec::new();
    let mut figures = Figures::default();
    for (index, record) in event.records.iter().enumerate() {
        match queue::events(record.body.as_deref().unwrap_or_default()) {
            Ok(Events::Receipts(receipts)) => {
                figures.receipts += receipts.items.len();
                groups.add_receipts(index, receipts);
            }
            Ok(Events::Clicks(clicks)) => {
                figures.clicks += clicks.items.len();
                groups.add_clicks(index, clicks);
            }
            Ok(Events::Replies(some)) => {
                figures.replies += some.len();
                replies.extend(some.into_iter().map(|reply| (index, reply)));
            }
            Err(error) => {
                error!(error.chain = chain(&error), "a message of the events queue cannot be read");
                failed.insert(index);
            }
        }
    }
    // Reply marks are appended like other events, after the exclusions were written.
    failed.extend(replies::record_all(app, &replies, &mut groups).await);
    failed.extend(groups.record(app).await);
    figures.write(app, &event);
    let mut response = SqsBatchResponse::default();
    for index in failed {
        response.add_failure(event.records[index].message_id.clone().unwrap_or_default());
    }
    response
}

/// Counts of one invocation.
#[derive(Default)]
struct Figures {
    receipts: usize,
    replies: usize,
    clicks: usize,
}

impl Figures {
    /// One line of metrics: counts, and the age of the oldest message since its callback.
    fn write(&self, app: &App, event: &SqsEvent) {
        let now = app.clock.now();
        let sent_at = |record: &SqsMessage| record.attributes.get("SentTimestamp")?.parse::<i64>().ok();
        let oldest_ms = event.records.iter().filter_map(sent_at).min();
        let lag_ms = oldest_ms.map(|sent_ms| now.as_millisecond().saturating_sub(sent_ms).max(0));
        let count = |metric, count: usize| (count > 0).then_some((metric, count as f64));
        let values = [
            count(Metric::Receipts, self.receipts),
            count(Metric::Replies, self.replies),
            count(Metric::Clicks, self.clicks),
            lag_ms.map(|lag_ms| (Metric::EventsLagSeconds, lag_ms as f64 / 1_000.0)),
        ];
        app.metrics.write(now, &values.into_iter().flatten().collect::<Vec<_>>());
    }
}

/// Why events could not be recorded now.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Files(#[from] aws::files::Error),
    #[error(transparent)]
    Queue(#[from] queue::Error),
    #[error("the audience of {campaign} cannot be read")]
    Audience { campaign: CampaignId, source: audience::Error },
}
