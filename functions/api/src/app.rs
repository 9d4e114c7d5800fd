//! What a request can reach, and where it is configured.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use app::Services;
use app::config::{Lookup, Queue, Table};
use app::webhooks::{Reach, WebhookSettings};
use aws::files::Files;
use aws::queue::{QueueUrls, Queues};
use aws::store::{Store, Tables};
use axum::extract::FromRequestParts;
use carrier::Carrier;
use domain::fingerprint::FingerprintKey;
use domain::ids::AccountId;
use domain::links::LinkKey;
use domain::webhook::WebhookKey;
use http::request::Parts;
use support::{Clock, ConfigErrors};
use web::bucket::{Buckets, Rate};
use web::cursor::Seal;

use crate::gate::KeyCache;

/// What differs between deployments.
#[derive(Debug, Clone)]
pub struct Config {
    pub tables: Tables,
    pub bucket: String,
    pub queues: QueueUrls,
    /// `https://short.example`: where short links live.
    pub short_url: String,
    pub link_key: LinkKey,
    pub fingerprint_key: FingerprintKey,
    pub webhook_key: WebhookKey,
    /// Where webhooks may lead.
    pub reach: Reach,
    pub seal: Seal,
    /// Takes test messages.
    pub carrier: Carrier,
    /// Requests of one account, at one instance.
    pub rate: Rate,
}

impl Config {
    /// Reads the configuration; all errors at once.
    pub fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigErrors> {
        let mut lookup = Lookup::new(get);
        let tables = lookup.tables(&[Table::Accounts, Table::Lists, Table::Campaigns, Table::Links]);
        let queues = lookup.queues(&[Queue::Wakeups, Queue::Deliveries]);
        let (bucket, short_url) = (lookup.text("BUCKET"), lookup.text("SHORT_URL"));
        let (link_key, fingerprint_key) = (lookup.link_key(), lookup.fingerprint_key());
        let (webhook_key, reach) = (lookup.webhook_key(), lookup.reach());
        let seal = Seal::of(&get("LINK_KEY").unwrap_or_default());
        let rate = Rate {
            per_second: lookup.parsed("RATE_PER_SECOND", RATE_PER_SECOND),
            burst: lookup.parsed("RATE_BURST", RATE_BURST),
        };
        let carrier = lookup.carrier(CARRIER_TIMEOUT);
        lookup.finish_some(carrier.map(|carrier| Self {
            tables,
            bucket,
            queues,
            short_url,
            link_key,
            fingerprint_key,
            webhook_key,
            reach,
            seal,
            carrier,
            rate,
        }))
    }
}

/// Requests of one account, unless configured.
pub(crate) const RATE_PER_SECOND: u32 = 500;
pub(crate) const RATE_BURST: u32 = 2_000;
/// Failures to authenticate from one address, at one instance: enough for a clock that runs on with a revoked key, too
/// few to look for one.
pub(crate) const AUTH_FAILURES: Rate = Rate { per_second: 1, burst: 100 };
/// A request has 30 seconds at the gateway; the carrier gets most of them.
const CARRIER_TIMEOUT: Duration = Duration::from_secs(20);

#[derive(Debug, Clone)]
pub struct App {
    pub services: Services,
    pub(crate) link_key: LinkKey,
    pub(crate) webhooks: WebhookSettings,
    /// Of cursors.
    pub(crate) seal: Arc<Seal>,
    pub(crate) carrier: Carrier,
    pub(crate) keys: Arc<KeyCache>,
    pub(crate) buckets: Arc<Buckets<AccountId>>,
    /// Failures to authenticate, by address.
    pub(crate) auth_failures: Arc<Buckets<IpAddr>>,
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
            link_key: config.link_key,
            webhooks: WebhookSettings { key: config.webhook_key, reach: config.reach },
            seal: Arc::new(config.seal),
            carrier: config.carrier,
            keys: Arc::default(),
            buckets: Arc::new(Buckets::new(config.rate)),
            auth_failures: Arc::new(Buckets::new(AUTH_FAILURES)),
        }
    }
}

impl FromRequestParts<Self> for App {
    type Rejection = Infallible;
    async fn from_request_parts(_: &mut Parts, state: &Self) -> Result<Self, Infallible> {
        Ok(state.clone())
    }
}
