//! The state of the console, and its configuration.

use std::sync::Arc;
use std::time::Duration;

use app::Services;
use app::config::{self, Lookup};
use app::webhooks::{Reach, WebhookSettings};
use aws::files::{FileKey, Files};
use aws::queue::{QueueUrls, Queues};
use aws::store::{Store, Tables};
use carrier::Carrier;
use domain::fingerprint::FingerprintKey;
use domain::ids::AccountId;
use domain::links::LinkKey;
use domain::webhook::WebhookKey;
use support::{Clock, ConfigErrors};
use tokio::sync::OnceCell;

/// Longest time for test messages at a carrier: a user waits for the page.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Clone)]
pub struct App {
    pub services: Services,
    pub carrier: Carrier,
    pub link_key: LinkKey,
    pub webhooks: WebhookSettings,
    /// Origin of the bucket, for uploads and downloads; computed once.
    bucket_origin: Arc<OnceCell<String>>,
}

/// The configuration of the console, from the environment.
pub struct Config {
    pub tables: Tables,
    pub queues: QueueUrls,
    pub bucket: String,
    pub short_url: String,
    pub link_key: LinkKey,
    pub webhook_key: WebhookKey,
    pub reach: Reach,
    pub fingerprint_key: FingerprintKey,
    pub carrier: Carrier,
}

impl Config {
    pub fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigErrors> {
        use config::{Queue, Table};
        let mut lookup = Lookup::new(get);
        let tables = lookup.tables(&[Table::Accounts, Table::Lists, Table::Campaigns, Table::Links]);
        let queues = lookup.queues(&[Queue::Wakeups, Queue::Deliveries]);
        let (bucket, short_url, link_key) = (lookup.text("BUCKET"), lookup.text("SHORT_URL"), lookup.link_key());
        let (webhook_key, reach) = (lookup.webhook_key(), lookup.reach());
        let carrier = lookup.carrier(CALL_TIMEOUT);
        let fingerprint_key = lookup.fingerprint_key();
        lookup.finish_some(carrier.map(|carrier| Self {
            tables,
            queues,
            bucket,
            short_url,
            link_key,
            webhook_key,
            reach,
            fingerprint_key,
            carrier,
        }))
    }
}

impl App {
    pub fn new(sdk: &aws::sdk::SdkConfig, config: Config, clock: Clock) -> Self {
        Self {
            services: Services {
                store: Store::new(aws::sdk::dynamodb(sdk), config.tables).with_fingerprints(config.fingerprint_key),
                files: Files::new(aws::sdk::s3(sdk), &config.bucket),
                queues: Queues::new(aws::sdk::sqs(sdk), config.queues),
                clock,
                short_url: config.short_url.as_str().into(),
            },
            carrier: config.carrier,
            link_key: config.link_key,
            webhooks: WebhookSettings { key: config.webhook_key, reach: config.reach },
            bucket_origin: Arc::default(),
        }
    }

    /// Scheme and host of the bucket's signed addresses: the only other origin that pages may connect to.
    pub async fn bucket_origin(&self) -> &str {
        let find = || async {
            let account = AccountId::new(self.services.clock.now(), [0; 6]);
            let file = FileKey::Export { account, name: "origin".into() };
            let address =
                self.services.files.upload_address(&file, None).await.map(|address| address.url).unwrap_or_default();
            let host_end = address.find("://").and_then(|at| Some(at + 3 + address.get(at + 3..)?.find('/')?));
            host_end.and_then(|end| address.get(..end)).unwrap_or_default().to_owned()
        };
        self.bucket_origin.get_or_init(find).await
    }
}
