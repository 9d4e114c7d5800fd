//! What the console works with, and what it is made of.

use std::sync::Arc;
use std::time::Duration;

use app::config::{Queue, Table};
use app::webhooks::WebhookSettings;
use app::{Services, Start};
use aws::files::FileKey;
use carrier::Carrier;
use domain::ids::AccountId;
use domain::links::LinkKey;
use support::ConfigErrors;
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

impl App {
    pub fn new(start: &Start) -> Result<Self, ConfigErrors> {
        start.make(|resources| {
            Some(Self {
                services: resources.services(
                    &[Table::Accounts, Table::Lists, Table::Campaigns, Table::Links],
                    &[Queue::Wakeups, Queue::Deliveries],
                ),
                link_key: resources.lookup.link_key(),
                webhooks: resources.webhook_settings(),
                bucket_origin: Arc::default(),
                carrier: resources.lookup.carrier(CALL_TIMEOUT)?,
            })
        })
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
