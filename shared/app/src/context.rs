//! What the use cases of one account work with: its tables and files, the clock, and who asks.

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

/// What a process gives to the use cases of every account: made once, at its start.
#[derive(Debug, Clone)]
pub struct Services {
    pub store: Store,
    pub files: Files,
    pub queues: Queues,
    pub clock: Clock,
    /// Address of the short domain: its length is part of every message with a link.
    pub short_url: Arc<str>,
}

impl Services {
    /// The use cases of one account, as one actor may do them.
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

/// One account, and who acts on it.
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

    /// Now, in whole milliseconds, as the tables keep instants: what is made now reads the same later.
    pub fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Settings and balance, as they stand.
    pub async fn account(&self) -> Result<Account, Error> {
        self.store.account().await?.ok_or(Error::NotFound { what: "account" })
    }

    /// Leave to do something, which also writes its entry of the audit log; refused to who may not.
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

/// Leave to do one thing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Permit<'a> {
    pub context: &'a Context,
    use_case: UseCase,
}

impl Permit<'_> {
    /// The account's tables; the one conditional write that is made through them carries the entry of the audit log.
    pub fn noting(&self, about: impl ToString, details: impl Into<String>) -> AccountStore {
        match self.entry(about.to_string(), details.into()) {
            Some(entry) => self.context.store.with_audit(&entry),
            None => self.context.store.clone(),
        }
    }

    /// Writes the entry by itself, after what no single transaction can do. What is done stays done if this fails: a
    /// client that tried again would do it twice. The log of the function has it then.
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

/// The version that an actor means to change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Expected {
    /// Whatever stands.
    #[default]
    Any,
    /// One of these: what the actor saw.
    Versions(Vec<u64>),
}

impl Expected {
    /// `Error::Stale` unless the version that stands is one that is expected.
    pub(crate) fn holds(&self, version: u64, what: &'static str) -> Result<(), Error> {
        match self {
            Self::Any => Ok(()),
            Self::Versions(versions) if versions.contains(&version) => Ok(()),
            Self::Versions(_) => Err(Error::Stale { what }),
        }
    }
}
