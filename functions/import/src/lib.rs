//! Imports an uploaded file as a list: sorted by number, deduplicated, with rejects and report.

mod upload;

use app::Start;
use app::config::{Queue, Table};
use aws::files::Files;
use aws::queue::Queues;
use aws::store::Store;
use aws_lambda_events::event::s3::S3Event;
use support::telemetry::chain;
use support::{Clock, ConfigErrors, Metric, Metrics};
use tracing::error;

/// Everything that import needs.
#[derive(Clone)]
pub struct App {
    pub store: Store,
    pub files: Files,
    pub queues: Queues,
    pub clock: Clock,
    pub metrics: Metrics,
}

impl App {
    pub fn new(start: &Start) -> Result<Self, ConfigErrors> {
        start.make(|resources| {
            Some(Self {
                store: resources.store_with_fingerprints(&[Table::Accounts, Table::Lists, Table::Campaigns]),
                files: resources.files(),
                queues: resources.queues(&[Queue::Deliveries]),
                clock: resources.clock(),
                metrics: resources.lookup.metrics(),
            })
        })
    }
}

/// The handler: imports each upload that S3 announces. S3 announces at least once and in any order; an imported file is
/// not imported again.
pub async fn handle(app: &App, event: S3Event) -> Result<(), Error> {
    let mut failed = None;
    for record in event.records {
        let key = record.s3.object.url_decoded_key.or(record.s3.object.key).unwrap_or_default();
        let told_at = jiff::Timestamp::from_millisecond(record.event_time.timestamp_millis()).unwrap_or_default();
        let begun_at = app.clock.now();
        let rows = upload::import(app, &key, told_at).await;
        let ended_at = app.clock.now();
        match rows {
            Ok(Some(rows)) => {
                let seconds = ended_at.duration_since(begun_at).as_secs_f64();
                app.metrics.write(ended_at, &[(Metric::ImportRows, rows as f64), (Metric::ImportSeconds, seconds)]);
            }
            Ok(None) => app.metrics.write(ended_at, &[(Metric::ImportsFailed, 1.0)]),
            Err(error) => {
                error!(error.chain = chain(&error), "an import failed");
                app.metrics.write(ended_at, &[(Metric::ImportsFailed, 1.0)]);
                failed = Some(error);
            }
        }
    }
    // Lambda retries an asynchronous event when its function fails.
    failed.map_or(Ok(()), Err)
}

/// Why an upload could not be imported now; a retry may help. Errors in the file itself are stored in its list.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] aws::store::Error),
    #[error(transparent)]
    Files(#[from] aws::files::Error),
    #[error(transparent)]
    Audience(#[from] app::audience::Error),
    #[error("the import was cut off")]
    CutOff,
}
