//! What the use cases of one account need: its tables and files, the clock, and the actor.

use std::sync::Arc;

use aws::files::Files;
use aws::queue::{Queues, Wakeup};
use aws::store::{AccountStore, NewAuditEntry, Store};
use domain::account::Account;
use domain::campaign::Campaign;
use domain::ids::AccountId;
use jiff::Timestamp;
use support::Clock;
use support::telemetry::chain;
use tracing::{error, warn};

pub(crate) use aws::store::Attempts;

use crate::actor::Actor;
use crate::error::Error;
use crate::use_case::UseCase;

/// The services for the use cases of all accounts: created once per process.
#[derive(Debug, Clone)]
pub struct Services {
    pub store: Store,
    pub files: Files,
    pub queues: Queues,
    pub clock: Clock,
    /// Address of the short domain; its length counts in every message with a link.
    pub short_url: Arc<str>,
}

impl Services {
    /// The use cases of one account, for one actor.
    pub fn context(&self, account: &AccountId, actor: Actor) -> Context {
        Context {
            store: self.store.account(account),
            files: self.files.clone(),
            queues: self.queues.clone(),
            clock: self.clock.clone(),
            short_url: self.short_url.clone(),
            actor,
        }
    }
}

/// One account, and the actor.
#[derive(Debug, Clone)]
pub struct Context {
    pub store: AccountStore,
    pub files: Files,
    pub queues: Queues,
    pub clock: Clock,
    pub short_url: Arc<str>,
    pub actor: Actor,
}

impl Context {
    pub fn account_id(&self) -> &AccountId {
        self.store.id()
    }

    /// Now, in whole milliseconds, as the tables store instants.
    pub fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// The present settings and balance.
    pub async fn account(&self) -> Result<Account, Error> {
        self.store.account().await?.ok_or(Error::NotFound { what: "account" })
    }

    /// The permission for a use case, which also writes its audit log entry; an error without permission.
    pub(crate) fn permit(&self, use_case: UseCase) -> Result<Permit<'_>, Error> {
        if self.actor.may(use_case) {
            return Ok(Permit { context: self, use_case });
        }
        Err(Error::Forbidden(use_case))
    }

    /// Has dispatch look at a campaign now. What was written stands whether the queue takes this or not: a wake-up that
    /// is lost costs a minute, as the schedule finds what is due, and an error here would say that nothing was done.
    pub(crate) async fn wake(&self, campaign: &Campaign) {
        let wakeup = Wakeup { account: campaign.account.clone(), campaign: campaign.id.clone() };
        if let Err(error) = self.queues.wake(&wakeup, 0).await {
            warn!(campaign.id = %campaign.id, error.chain = chain(&error), "a wake-up was lost; the schedule will find it");
        }
    }
}

/// The permission for one use case.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Permit<'a> {
    pub context: &'a Context,
    use_case: UseCase,
}

impl Permit<'_> {
    /// The account's tables; the single conditional write made through them carries the audit log entry.
    pub fn noting(&self, about: impl ToString, details: impl Into<String>) -> AccountStore {
        match self.entry(about.to_string(), details.into()) {
            Some(entry) => self.context.store.with_audit(&entry),
            None => self.context.store.clone(),
        }
    }

    /// Writes the entry alone, after changes that no single transaction can make. If this fails the change stays: a
    /// retry would repeat it. The function's log has the entry then.
    pub async fn note(&self, about: impl ToString, details: impl Into<String>) {
        let Some(entry) = self.entry(about.to_string(), details.into()) else { return };
        if let Err(error) = self.context.store.put_audit(&entry).await {
            let NewAuditEntry { action, about, by, .. } = entry;
            error!(action = action.code(), about, by, error.chain = chain(&error), "an audit entry was not written");
        }
    }

    fn entry(&self, about: String, details: String) -> Option<NewAuditEntry> {
        self.context.actor.entry(self.use_case, about, details, self.context.now()).ok()
    }
}

/// The version that an actor expects to change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Expected {
    /// Any version.
    #[default]
    Any,
    /// One of these, which the actor saw.
    Versions(Vec<u64>),
}

impl Expected {
    /// `Error::Stale` unless the present version is an expected one.
    pub(crate) fn holds(&self, version: u64, what: &'static str) -> Result<(), Error> {
        match self {
            Self::Any => Ok(()),
            Self::Versions(versions) if versions.contains(&version) => Ok(()),
            Self::Versions(_) => Err(Error::Stale { what }),
        }
    }
}
