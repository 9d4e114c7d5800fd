//! The tables, and the only place that knows their keys and items.
//!
//! Use `Store::account`: it returns a store that can access one account only, because every key it makes begins with
//! that account. The few look-ups without a known account are in `across.rs`. Every write states its condition; the
//! version that was read is part of it. An item is its keys, the attributes that conditions and indexes need, and a
//! JSON document `doc`.

mod account_dump;
mod accounts;
mod across;
mod audit;
mod batches;
mod campaign_item;
mod campaign_projections;
mod campaigns;
mod credits;
mod deliveries;
mod directory;
mod erasures;
mod exclusions;
mod filtered;
mod flows;
mod folds;
mod grants;
mod idempotency;
mod images;
mod imports;
mod item;
mod journal;
mod keys;
mod links;
mod lists;
mod progress;
mod proofs;
mod reading;
mod replies;
mod report_item;
mod retry;
mod schema;
mod sent_projections;
mod sessions;
mod tallies;
mod tally_item;
mod templates;
#[cfg(test)]
mod tests;
mod unused_lists;
mod users;
mod webhooks;
mod writes;

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::builders::PutBuilder;
use domain::fingerprint::FingerprintKey;
use domain::ids::AccountId;

use crate::cause;

pub use account_dump::RawItem;
pub use across::{Due, DueDelivery, ReplyRoute, Task};
pub use audit::{AuditEntry, NewAuditEntry};
pub use batches::{Batch, NewBatch};
pub use campaign_projections::Projection;
pub use directory::Directory;
pub use erasures::ErasedMark;
pub use exclusions::ExclusionPage;
pub use filtered::filtered;
pub use flows::{Demands, ReadFlow};
pub use folds::NextFold;
pub use grants::{Grant, Granted};
pub use idempotency::{ANSWER_BYTES_MAX, Begun, KEPT_SECONDS as ANSWERS_KEPT_SECONDS, KeptAnswer};
pub use item::Page;
pub use journal::{Block, BlockId};
pub use keys::KEYS_MAX;
pub use links::{LinkRange, LinkTarget};
pub use progress::{Carried, Progress};
pub use retry::{Attempts, CONFLICT_TRIES, IsConflict, retry_on_conflict};
pub use schema::{IndexSchema, TableSchema, schema};
pub use sent_projections::Sent;
pub use sessions::Session;
pub use tallies::{BatchTally, Exact};

/// Names of the tables.
#[derive(Debug, Clone)]
pub struct Tables {
    pub accounts: String,
    pub lists: String,
    pub campaigns: String,
    pub links: String,
}

/// All tables, of all accounts.
#[derive(Debug, Clone)]
pub struct Store {
    db: Client,
    tables: Arc<Tables>,
    fingerprints: Option<Arc<FingerprintKey>>,
}

/// The tables of one account.
#[derive(Debug, Clone)]
pub struct AccountStore {
    db: Client,
    tables: Arc<Tables>,
    /// Makes the keys of erased numbers' items. Without it, operations that need them fail.
    fingerprints: Option<Arc<FingerprintKey>>,
    account: AccountId,
    /// The audit log entry that its conditional write carries.
    audit: Option<Arc<PutBuilder>>,
}

impl Store {
    pub fn new(db: Client, tables: Tables) -> Self {
        Self { db, tables: Arc::new(tables), fingerprints: None }
    }

    /// The same, able to recognise erased numbers.
    #[must_use]
    pub fn with_fingerprints(self, key: FingerprintKey) -> Self {
        Self { fingerprints: Some(Arc::new(key)), ..self }
    }

    /// The same tables, one account only.
    pub fn account(&self, account: &AccountId) -> AccountStore {
        let (db, tables, fingerprints) = (self.db.clone(), self.tables.clone(), self.fingerprints.clone());
        AccountStore { db, tables, fingerprints, account: account.clone(), audit: None }
    }
}

impl AccountStore {
    pub fn id(&self) -> &AccountId {
        &self.account
    }
}

/// Why a store operation failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The condition of a write failed: another writer changed the item first.
    #[error("{what} was changed meanwhile")]
    Conflict { what: &'static str },
    /// The balance does not cover a reservation.
    #[error("not enough credits")]
    NotEnoughCredits,
    /// The table did not answer; trying again may help.
    #[error("cannot {verb} {what}: {cause}")]
    Unavailable { verb: &'static str, what: &'static str, cause: String },
    /// An item that this code cannot read.
    #[error("{what} cannot be read: {cause}")]
    Corrupt { what: &'static str, cause: String },
}

impl Error {
    /// Whether trying again may help.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Conflict { .. } | Self::Unavailable { .. } => true,
            Self::NotEnoughCredits | Self::Corrupt { .. } => false,
        }
    }
}

pub type Result<T> = std::result::Result<T, Error>;

/// Turns an error of the SDK into ours: a failed condition is a conflict, everything else is an outage.
fn failed<E, R>(verb: &'static str, what: &'static str) -> impl FnOnce(SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata,
    SdkError<E, R>: std::error::Error + 'static,
{
    move |error| match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some("ConditionalCheckFailedException" | "TransactionConflictException") => Error::Conflict { what },
        _ => Error::Unavailable { verb, what, cause: cause::of_call(&error) },
    }
}

/// What the builder of a request says when a field is missing: a mistake in this code.
fn unbuilt(what: &'static str) -> impl Fn(BuildError) -> Error {
    move |error| Error::Corrupt { what, cause: error.to_string() }
}
