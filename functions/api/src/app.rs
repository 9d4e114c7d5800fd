//! What a request can reach, and where it is configured.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use shared::files::Files;
use shared::http::bucket::{Buckets, Rate};
use shared::queue::{QueueUrls, Queues};
use shared::runtime::config::{Faults, Lookup, Queue, Table};
use shared::runtime::{Clock, aws, random};
use shared::store::{AccountStore, Store, Tables};

use crate::audit::Trail;
use crate::gate::{Caller, KeyCache};

/// What differs between deployments.
#[derive(Debug, Clone)]
pub struct Config {
    pub tables: Tables,
    pub bucket: String,
    pub queues: QueueUrls,
    /// `https://short.example`: where short links live.
    pub short_url: String,
    /// The carrier is the built-in sandbox: no message reaches a real phone.
    pub reaches_no_phone: bool,
    /// Requests of one account, at one instance.
    pub rate: Rate,
}

impl Config {
    /// Reads the configuration; all faults at once.
    pub fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, Faults> {
        let mut lookup = Lookup::new(get);
        let config = Self {
            tables: lookup.tables(&[Table::Accounts, Table::Lists, Table::Campaigns, Table::Links]),
            bucket: lookup.text("BUCKET"),
            queues: lookup.queues(&[Queue::Wakeups]),
            short_url: lookup.text("SHORT_URL"),
            reaches_no_phone: lookup.text("CARRIER") == "sandbox",
            rate: Rate { per_second: lookup.parsed("RATE_PER_SECOND", 500), burst: lookup.parsed("RATE_BURST", 2_000) },
        };
        lookup.finish(config)
    }
}

#[derive(Debug, Clone)]
pub struct App {
    pub store: Store,
    pub files: Files,
    pub queues: Queues,
    pub clock: Clock,
    pub(crate) short_url: Arc<str>,
    pub(crate) reaches_no_phone: bool,
    pub(crate) keys: Arc<KeyCache>,
    pub(crate) buckets: Arc<Buckets>,
}

impl App {
    pub fn new(sdk: &aws::SdkConfig, config: Config, clock: Clock) -> Self {
        Self {
            store: Store::new(aws::dynamodb(sdk), config.tables),
            files: Files::new(aws::s3(sdk), &config.bucket),
            queues: Queues::new(aws::sqs(sdk), config.queues),
            clock,
            short_url: config.short_url.as_str().into(),
            reaches_no_phone: config.reaches_no_phone,
            keys: Arc::default(),
            buckets: Arc::new(Buckets::new(config.rate)),
        }
    }

    /// The tables as the caller's account sees them.
    pub(crate) fn store_of(&self, caller: &Caller) -> AccountStore {
        self.store.account(&caller.account)
    }

    /// The audit trail of what this caller does.
    pub(crate) fn trail<'a>(&'a self, caller: &'a Caller) -> Trail<'a> {
        Trail { app: self, caller }
    }

    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        random::octets()
    }
}

impl FromRequestParts<Self> for App {
    type Rejection = Infallible;
    async fn from_request_parts(_: &mut Parts, state: &Self) -> Result<Self, Infallible> {
        Ok(state.clone())
    }
}
