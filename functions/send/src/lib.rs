//! Sends one batch to the carrier: leased, read, rendered, marked, handed over, recorded.
//!
//! The order matters. Records are marked `submitting` in the table before the carrier hears of them, and the lease
//! outlives the call; so after a crash at any point the next holder knows which messages the carrier may have.
//!
//! - `batch` takes and releases the lease; `ready` reads what sending needs; `prepare` renders the messages; `call`
//!   hands them over; `record` stores the carrier's answers; `flows` is the state of the carrier.

mod batch;
mod call;
mod figures;
mod flows;
mod prepare;
mod ready;
mod record;

use app::Start;
use app::config::{Queue, Table};
use aws::files::Files;
use aws::queue::{self, Queues};
use aws::store::{IsConflict, Store};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use carrier::Carrier;
use domain::ledger::Minute;
use domain::links::LinkKey;
use support::telemetry::chain;
use support::{Clock, ConfigErrors, Metrics};
use tracing::error;

/// Everything that send needs.
#[derive(Clone)]
pub struct App {
    pub store: Store,
    pub files: Files,
    pub queues: Queues,
    pub carrier: Carrier,
    flows: flows::Flows,
    pub link_key: LinkKey,
    pub short_url: String,
    pub clock: Clock,
    pub metrics: Metrics,
}

impl App {
    /// The minute as ledgers hold it.
    fn minute(&self) -> Minute {
        Minute::from_timestamp(self.clock.now())
    }

    pub fn new(start: &Start) -> Result<Self, ConfigErrors> {
        start.make(|resources| {
            let store = resources.store(&[Table::Accounts, Table::Lists, Table::Campaigns]);
            let (files, queues) = (resources.files(), resources.queues(&[Queue::Batches]));
            let (short_url, link_key) = (resources.lookup.text("SHORT_URL"), resources.lookup.link_key());
            let (metrics, clock) = (resources.lookup.metrics(), resources.clock());
            let carrier = resources.lookup.carrier(call::CALL_TIMEOUT)?;
            let flows = flows::Flows::new(store.clone(), carrier.name(), carrier.contract(), clock.clone());
            Some(Self { store, files, queues, carrier, flows, link_key, short_url, clock, metrics })
        })
    }
}

/// The handler: each record is one batch; a bad one fails alone.
pub async fn handle(app: &App, event: SqsEvent) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for record in event.records {
        let hint = match queue::batch_hint(record.body.as_deref().unwrap_or_default()) {
            Ok(hint) => hint,
            Err(error) => {
                error!(error.chain = chain(&error), "a message of the batches queue cannot be read");
                response.add_failure(record.message_id.unwrap_or_default());
                continue;
            }
        };
        let (account, campaign, batch) = (hint.account.clone(), hint.campaign.clone(), hint.batch);
        if let Err(error) = batch::send(app, hint).await {
            error!(account.id = %account, campaign.id = %campaign, batch, error.chain = chain(&error), "a batch failed and will be retried");
            response.add_failure(record.message_id.unwrap_or_default());
        }
    }
    response
}

/// Why a batch could not be sent. The queue delivers it again, and dispatch repairs it.
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
    #[error("batch {batch} of {campaign} does not fit its audience: {cause}")]
    Unexpected { campaign: domain::ids::CampaignId, batch: u32, cause: String },
}

impl IsConflict for Error {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_conflict())
    }
}
