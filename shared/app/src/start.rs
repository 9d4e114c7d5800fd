//! Start of a function: what Lambda or the local runner gives it, and what it is made of.

use std::collections::BTreeMap;
use std::ffi::OsString;

use aws::files::Files;
use aws::queue::Queues;
use aws::sdk::{self, SdkConfig};
use aws::secrets::{self, Environment};
use aws::store::Store;
use support::{Clock, ConfigErrors, telemetry};

use crate::config::{Lookup, Queue, Table};
use crate::context::Services;
use crate::webhooks::WebhookSettings;

/// What a function is started with.
#[derive(Debug, Clone)]
pub struct Start {
    pub sdk: SdkConfig,
    /// Secrets in their places.
    pub environment: Environment,
    pub clock: Clock,
}

impl Start {
    /// On Lambda, of the process's variables, which only `main.rs` may read. Starts the logs.
    pub async fn on_lambda(variables: impl Iterator<Item = (OsString, OsString)>) -> Result<Self, ConfigErrors> {
        let readable = |(name, value): (OsString, OsString)| name.into_string().ok().zip(value.into_string().ok());
        let variables: BTreeMap<String, String> = variables.filter_map(readable).collect();
        telemetry::start(variables.get("RUST_LOG").map(String::as_str));
        let sdk = sdk::sdk_config();
        let environment = secrets::resolve(&sdk, variables).await?;
        Ok(Self { sdk, environment, clock: Clock::System })
    }

    /// Makes a function of its resources, unless something is wrong with the configuration; all errors at once. `None`
    /// is for what cannot be made at all, so it is read last.
    pub fn make<T>(&self, make: impl FnOnce(&mut Resources<'_>) -> Option<T>) -> Result<T, ConfigErrors> {
        let get = |name: &str| self.environment.get(name);
        let mut resources = Resources { lookup: Lookup::new(&get), start: self };
        let made = make(&mut resources);
        resources.lookup.finish(made)
    }
}

/// What functions share of a deployment. Each names the tables and queues that it uses; `tests/tests/roles` compares
/// these with its role.
pub struct Resources<'a> {
    /// For what only some functions read.
    pub lookup: Lookup<'a>,
    start: &'a Start,
}

impl Resources<'_> {
    pub fn clock(&self) -> Clock {
        self.start.clock.clone()
    }

    pub fn store(&mut self, used: &[Table]) -> Store {
        Store::new(sdk::dynamodb(&self.start.sdk), self.lookup.tables(used))
    }

    /// For functions that write or compare numbers that may have been erased.
    pub fn store_with_fingerprints(&mut self, used: &[Table]) -> Store {
        self.store(used).with_fingerprints(self.lookup.fingerprint_key())
    }

    pub fn files(&mut self) -> Files {
        Files::new(sdk::s3(&self.start.sdk), &self.lookup.text("BUCKET"))
    }

    pub fn queues(&mut self, used: &[Queue]) -> Queues {
        Queues::new(sdk::sqs(&self.start.sdk), self.lookup.queues(used))
    }

    /// What the use cases of every account work with.
    pub fn services(&mut self, tables: &[Table], queues: &[Queue]) -> Services {
        Services {
            store: self.store_with_fingerprints(tables),
            files: self.files(),
            queues: self.queues(queues),
            clock: self.clock(),
            short_url: self.lookup.text("SHORT_URL").into(),
        }
    }

    pub fn webhook_settings(&mut self) -> WebhookSettings {
        WebhookSettings { key: self.lookup.webhook_key(), reach: self.lookup.reach() }
    }
}
