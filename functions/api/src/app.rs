//! The services of the API, and its configuration.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use app::config::{Queue, Table};
use app::webhooks::WebhookSettings;
use app::{Services, Start};
use axum::extract::FromRequestParts;
use carrier::Carrier;
use domain::ids::AccountId;
use domain::links::LinkKey;
use http::request::Parts;
use support::ConfigErrors;
use web::bucket::{Buckets, Rate};
use web::cursor::Seal;

use crate::gate::KeyCache;

/// Requests per account, unless configured.
pub(crate) const RATE_PER_SECOND: u32 = 500;
pub(crate) const RATE_BURST: u32 = 2_000;
/// Failed authentications from one address, at one instance: enough for a program that continues with a revoked key,
/// too few to search for one.
pub(crate) const AUTH_FAILURES: Rate = Rate { per_second: 1, burst: 100 };
/// A request has 30 seconds at the gateway; the carrier gets most of them.
const CARRIER_TIMEOUT: Duration = Duration::from_secs(20);

#[derive(Debug, Clone)]
pub struct App {
    pub services: Services,
    pub(crate) link_key: LinkKey,
    pub(crate) webhooks: WebhookSettings,
    /// The seal of cursors.
    pub(crate) seal: Arc<Seal>,
    pub(crate) carrier: Carrier,
    pub(crate) keys: Arc<KeyCache>,
    pub(crate) buckets: Arc<Buckets<AccountId>>,
    /// Failures to authenticate, by address.
    pub(crate) auth_failures: Arc<Buckets<IpAddr>>,
}

impl App {
    pub fn new(start: &Start) -> Result<Self, ConfigErrors> {
        start.make(|resources| {
            let rate = Rate {
                per_second: resources.lookup.parsed("RATE_PER_SECOND", RATE_PER_SECOND),
                burst: resources.lookup.parsed("RATE_BURST", RATE_BURST),
            };
            Some(Self {
                services: resources.services(
                    &[Table::Accounts, Table::Lists, Table::Campaigns, Table::Links],
                    &[Queue::Wakeups, Queue::Deliveries],
                ),
                link_key: resources.lookup.link_key(),
                webhooks: resources.webhook_settings(),
                seal: Arc::new(Seal::new(&resources.lookup.maybe("LINK_KEY").unwrap_or_default())),
                keys: Arc::default(),
                buckets: Arc::new(Buckets::new(rate)),
                auth_failures: Arc::new(Buckets::new(AUTH_FAILURES)),
                carrier: resources.lookup.carrier(CARRIER_TIMEOUT)?,
            })
        })
    }
}

impl FromRequestParts<Self> for App {
    type Rejection = Infallible;
    async fn from_request_parts(_: &mut Parts, state: &Self) -> Result<Self, Infallible> {
        Ok(state.clone())
    }
}
