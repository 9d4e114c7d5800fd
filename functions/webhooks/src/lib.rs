//! Calls the accounts' endpoints: Standard Webhooks, signed, retried over a day, every attempt logged.
//!
//! `deliver` makes one attempt of one delivery; `call` is the request and decides whether an address may be called;
//! `due` finds, every minute, deliveries whose next attempt is due or that the queue lost. The table is the truth and
//! the queue a hint, so a crash at any point costs at most a second attempt, which the receiver recognises by its id.

mod call;
mod deliver;
mod due;

use app::Start;
use app::config::{Queue, Table};
use aws::queue::{self, Queues};
use aws::store::Store;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::webhook::WebhookKey;
use futures_util::future::join_all;
use serde::Deserialize;
use support::telemetry::chain;
use support::{Clock, ConfigErrors};
use tracing::error;

/// Everything that webhooks needs.
#[derive(Clone)]
pub struct App {
    pub store: Store,
    pub queues: Queues,
    pub key: WebhookKey,
    caller: call::EndpointClient,
    pub clock: Clock,
}

impl App {
    pub fn new(start: &Start) -> Result<Self, ConfigErrors> {
        start.make(|resources| {
            let settings = resources.webhook_settings();
            Some(Self {
                store: resources.store(&[Table::Accounts, Table::Campaigns]),
                queues: resources.queues(&[Queue::Deliveries]),
                key: settings.key,
                caller: call::EndpointClient::new(settings.reach),
                clock: resources.clock(),
            })
        })
    }
}

/// What wakes webhooks: its queue, or the minute tick, whose content does not matter.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Event {
    Hints(SqsEvent),
    Tick(serde_json::Value),
}

/// The handler: one attempt per queue message, all at the same time, so that none waits for a slow endpoint; or a run
/// of everything that is due. An endpoint that does not answer is no error here: its delivery records it.
pub async fn handle(app: &App, event: Event) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    match event {
        Event::Tick(_) => due::run_due(app).await,
        Event::Hints(hints) => {
            let tries = hints.records.into_iter().map(async |record| {
                let hint = queue::delivery_hint(record.body.as_deref().unwrap_or_default());
                let tried = async { deliver::deliver(app, hint?).await };
                match tried.await {
                    Ok(()) => None,
                    Err(error) => {
                        error!(error.chain = chain(&error), "a delivery failed and will be retried");
                        Some(record.message_id.unwrap_or_default())
                    }
                }
            });
            for id in join_all(tries).await.into_iter().flatten() {
                response.add_failure(id);
            }
        }
    }
    response
}

/// Why a delivery could not be attempted now. The queue delivers it again, and so does the tick.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] aws::store::Error),
    #[error(transparent)]
    Queue(#[from] queue::Error),
    #[error(transparent)]
    App(#[from] app::Error),
}
