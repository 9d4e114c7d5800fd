//! Starts, paces, repairs and closes campaigns: every minute, and when a wake-up asks for it.
//!
//! `due` lists what is due and runs it: `start`, `advance` and `close` process campaigns, `limit` says how much of one
//! may be under way, `settle` what it has used, `schedule` when it is checked next; `fold` records new events in the
//! ledgers, at the `pace` that a table takes; `count` counts audiences too large for a request; `announce` notifies
//! webhooks; `purge` removes the data of deleted campaigns; `erase` removes a number from every file of an account;
//! `unused` purges unused lists; `imports` ends imports that were cut off. Decisions that need no table are in
//! `domain::dispatch`.

mod advance;
mod announce;
mod close;
mod count;
mod due;
mod erase;
mod erase_files;
mod fold;
mod held;
mod imports;
mod limit;
mod pace;
mod purge;
mod report;
mod schedule;
mod settle;
mod standstill;
mod start;
mod unused;

use app::Start;
use app::config::{Queue, Table};
use aws::files::Files;
use aws::queue::{self, Queues};
use aws::store::{IsConflict, Store};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::account::Account;
use domain::campaign::Campaign;
use domain::flow::Contract;
use domain::ids::CampaignId;
use serde::Deserialize;
use support::telemetry::chain;
use support::{Clock, ConfigErrors, Metric, Metrics};
use tracing::error;

/// Everything that dispatch needs.
#[derive(Clone)]
pub struct App {
    store: Store,
    files: Files,
    queues: Queues,
    clock: Clock,
    /// Address of the short domain: its length is part of every message with a link.
    short_url: String,
    /// Name of the carrier, whose flow rules what is released.
    carrier: String,
    contract: Contract,
    metrics: Metrics,
}

impl App {
    pub fn new(start: &Start) -> Result<Self, ConfigErrors> {
        start.make(|resources| {
            Some(Self {
                store: resources.store_with_fingerprints(&[
                    Table::Accounts,
                    Table::Lists,
                    Table::Campaigns,
                    Table::Links,
                ]),
                files: resources.files(),
                queues: resources.queues(&[Queue::Wakeups, Queue::Batches, Queue::Deliveries]),
                clock: resources.clock(),
                short_url: resources.lookup.text("SHORT_URL"),
                carrier: resources.lookup.text("CARRIER"),
                contract: resources.lookup.contract(),
                metrics: resources.lookup.metrics(),
            })
        })
    }

    /// The account of a campaign.
    async fn account_of(&self, campaign: &Campaign) -> Result<Account, Error> {
        let account = self.store.account(&campaign.account).account().await?;
        account.ok_or_else(|| Error::NoAccount { campaign: campaign.id.clone() })
    }

    /// Writes one line of metrics.
    fn measure(&self, values: &[(Metric, f64)]) {
        self.metrics.write(self.clock.now(), values);
    }
}

/// What wakes dispatch: its queue, or the minute tick, whose content does not matter.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Event {
    Wakeups(SqsEvent),
    Tick(serde_json::Value),
}

/// The handler: checks one campaign per wake-up, or runs everything that is due.
pub async fn handle(app: &App, event: Event) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    match event {
        Event::Tick(_) => due::run_due(app).await,
        Event::Wakeups(wakeups) => {
            for record in wakeups.records {
                if let Err(error) = woken(app, record.body.as_deref().unwrap_or_default()).await {
                    error!(error.chain = chain(&error), "a wake-up failed and will be retried");
                    response.add_failure(record.message_id.unwrap_or_default());
                }
            }
        }
    }
    response
}

async fn woken(app: &App, body: &str) -> Result<(), Error> {
    let wakeup = queue::wakeup(body)?;
    due::run_if_due(app, &wakeup.account, &wakeup.campaign).await?;
    fold::fold_if_due(app, &wakeup.account, &wakeup.campaign).await
}

/// Why a campaign could not be processed. The next tick tries again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] aws::store::Error),
    #[error(transparent)]
    Files(#[from] aws::files::Error),
    #[error(transparent)]
    Queue(#[from] queue::Error),
    #[error(transparent)]
    Audience(#[from] app::audience::Error),
    #[error(transparent)]
    App(#[from] app::Error),
    #[error("campaign {campaign} belongs to a deleted account")]
    NoAccount { campaign: CampaignId },
    #[error("campaign {campaign} is {cause}")]
    Unexpected { campaign: CampaignId, cause: &'static str },
}

impl IsConflict for Error {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_conflict())
    }
}
