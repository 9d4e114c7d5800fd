//! What a command works with: the deployment's tables, files and queues, the clock, and who asks.

use std::sync::Mutex;

use app::planning::Planner;
use aws::files::Files;
use aws::queue::{QueueUrls, Queues};
use aws::store::{AuditEntry, Store, Tables};
use domain::account::Account;
use domain::ids::AccountId;
use support::telemetry::chain;
use support::{Clock, random};

use crate::Failure;
use crate::place::Place;

pub struct Desk {
    pub place: Place,
    clock: Clock,
    operator: String,
    warnings: Mutex<Vec<String>>,
}

impl Desk {
    pub fn new(place: Place, operator: String, clock: Clock) -> Self {
        Self { place, clock, operator, warnings: Mutex::default() }
    }

    /// Now, to the millisecond, as tables keep instants: what is made now reads the same later.
    pub fn now(&self) -> jiff::Timestamp {
        let now = self.clock.now();
        jiff::Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// As the audit log names whoever asks.
    pub fn by(&self) -> String {
        format!("operator:{}", self.operator)
    }

    pub fn store(&self) -> Result<Store, Failure> {
        let name = |logical| self.place.resource(logical).map(str::to_owned);
        let tables = Tables {
            accounts: name("AccountsTable")?,
            lists: name("ListsTable")?,
            campaigns: name("CampaignsTable")?,
            links: name("LinksTable")?,
        };
        Ok(Store::new(aws::sdk::dynamodb(&self.place.sdk), tables))
    }

    pub fn files(&self) -> Result<Files, Failure> {
        Ok(Files::new(aws::sdk::s3(&self.place.sdk), self.place.resource("Bucket")?))
    }

    pub fn planner(&self, account: &AccountId) -> Result<Planner, Failure> {
        let url = |logical| self.place.resource(logical).map(str::to_owned);
        let urls = QueueUrls {
            wakeups: url("WakeupsQueue")?,
            batches: url("BatchesQueue")?,
            events: url("EventsQueue")?,
            deliveries: url("DeliveriesQueue")?,
        };
        Ok(Planner {
            store: self.store()?.account(account),
            files: self.files()?,
            queues: Queues::new(aws::sdk::sqs(&self.place.sdk), urls),
            short_url: self.place.short_url.clone(),
        })
    }

    /// An account that must be there.
    pub async fn account(&self, id: &AccountId) -> Result<Account, Failure> {
        let found = self.store()?.account(id).account().await?;
        found.ok_or_else(|| Failure::NotFound { what: format!("account {id} in {}", self.place) })
    }

    /// Writes to an account's audit log what was done to it. After the deed, which stays done if this fails; then
    /// whoever asks is told.
    pub async fn note(&self, account: &AccountId, action: &str, about: &str, details: impl Into<String>) {
        let entry = AuditEntry {
            at: self.now(),
            by: self.by(),
            action: action.into(),
            about: about.into(),
            details: details.into(),
            from: String::new(),
        };
        let written = match self.store() {
            Ok(store) => store.account(account).put_audit(&entry, random::octets()).await.map_err(Failure::from),
            Err(failure) => Err(failure),
        };
        if let Err(failure) = written {
            self.warn(format!("done, but {action} is missing in the audit log of {account}: {}", chain(&failure)));
        }
    }

    /// Something to know, beside the answer.
    pub fn warn(&self, warning: String) {
        if let Ok(mut warnings) = self.warnings.lock() {
            warnings.push(warning);
        }
    }

    pub fn warnings(&self) -> Vec<String> {
        self.warnings.lock().map(|warnings| warnings.clone()).unwrap_or_default()
    }
}
