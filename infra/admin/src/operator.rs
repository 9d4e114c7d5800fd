//! What a command works with: the deployment's tables, files and queues, the clock, and the operator's name.

use std::sync::Mutex;

use app::{Actor, Context, Services};
use aws::files::Files;
use aws::queue::{QueueUrls, Queues};
use aws::store::{Store, Tables};
use domain::account::Account;
use domain::ids::AccountId;
use support::Clock;

use crate::CommandError;
use crate::deployment::Deployment;

pub struct Operator {
    pub deployment: Deployment,
    clock: Clock,
    name: String,
    warnings: Mutex<Vec<String>>,
}

impl Operator {
    pub fn new(deployment: Deployment, name: String, clock: Clock) -> Self {
        Self { deployment, clock, name, warnings: Mutex::default() }
    }

    /// Now, to the millisecond, as tables store instants.
    pub fn now(&self) -> jiff::Timestamp {
        let now = self.clock.now();
        jiff::Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// The operator's name for the audit log.
    pub fn by(&self) -> String {
        format!("operator:{}", self.name)
    }

    pub fn store(&self) -> Result<Store, CommandError> {
        let name = |logical| self.deployment.resource(logical).map(str::to_owned);
        let tables = Tables {
            accounts: name("AccountsTable")?,
            lists: name("ListsTable")?,
            campaigns: name("CampaignsTable")?,
            links: name("LinksTable")?,
        };
        Ok(Store::new(aws::sdk::dynamodb(&self.deployment.sdk), tables))
    }

    pub fn files(&self) -> Result<Files, CommandError> {
        Ok(Files::new(aws::sdk::s3(&self.deployment.sdk), self.deployment.resource("Bucket")?))
    }

    /// The context for use cases of an account, with the operator as the actor.
    pub fn context(&self, account: &AccountId) -> Result<Context, CommandError> {
        Ok(self.services()?.context(account, self.actor()))
    }

    pub fn actor(&self) -> Actor {
        Actor::operator(&self.name)
    }

    pub fn services(&self) -> Result<Services, CommandError> {
        let url = |logical| self.deployment.resource(logical).map(str::to_owned);
        let urls = QueueUrls {
            wakeups: url("WakeupsQueue")?,
            batches: url("BatchesQueue")?,
            events: url("EventsQueue")?,
            deliveries: url("DeliveriesQueue")?,
        };
        Ok(Services {
            store: self.store()?,
            files: self.files()?,
            queues: Queues::new(aws::sdk::sqs(&self.deployment.sdk), urls),
            clock: self.clock.clone(),
            short_url: self.deployment.short_url.as_str().into(),
        })
    }

    /// An account; an error if it does not exist.
    pub async fn account(&self, id: &AccountId) -> Result<Account, CommandError> {
        let found = self.store()?.account(id).account().await?;
        found.ok_or_else(|| CommandError::NotFound { what: format!("account {id} in {}", self.deployment) })
    }

    /// Adds a warning beside the answer.
    pub fn warn(&self, warning: String) {
        if let Ok(mut warnings) = self.warnings.lock() {
            warnings.push(warning);
        }
    }

    pub fn warnings(&self) -> Vec<String> {
        self.warnings.lock().map(|warnings| warnings.clone()).unwrap_or_default()
    }
}
