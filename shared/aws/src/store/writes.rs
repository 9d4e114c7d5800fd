//! Conditional writes: one item, or several together, and the entry of the audit log that goes with them.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::{PutBuilder, UpdateBuilder};
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};

use super::audit::NewAuditEntry;
use super::item::{Item, n, s};
use super::{AccountStore, Error, Result, failed, reading, unbuilt};

/// Attempts at a transaction that conflicts with others, with growing pauses: 620 ms in total.
const ATTEMPTS_MAX: u32 = 6;
/// The condition of a movement of credits: the balance has the mode that was read, and covers the amount.
pub(super) const COVERS_THE_NEED: &str = "credit_mode = :mode AND balance >= :need";

/// A put of an item whose version was `read`; zero means that it must not exist yet. It is written with the next one.
pub(super) fn versioned(table: &str, mut item: Item, read: u64, what: &'static str) -> Result<TransactWriteItem> {
    item.insert("version".into(), n(read + 1));
    let put = Put::builder().table_name(table).set_item(Some(item));
    let put = match read {
        0 => put.condition_expression("attribute_not_exists(pk)"),
        _ => put.condition_expression("version = :read").expression_attribute_values(":read", n(read)),
    };
    Ok(TransactWriteItem::builder().put(put.build().map_err(unbuilt(what))?).build())
}

/// An update of one item as a part of a transaction.
pub(super) fn updated(update: UpdateBuilder, what: &'static str) -> Result<TransactWriteItem> {
    Ok(TransactWriteItem::builder().update(update.build().map_err(unbuilt(what))?).build())
}

impl AccountStore {
    /// The same account, whose conditional write carries an entry of the audit log: both or neither. For one write
    /// only.
    #[must_use]
    pub fn with_audit(&self, entry: &NewAuditEntry) -> Self {
        let put = Put::builder().table_name(&self.tables.accounts).set_item(Some(self.audit_item(entry)));
        let put = put.condition_expression("attribute_not_exists(pk)");
        Self { audit: Some(Arc::new(put)), ..self.clone() }
    }

    /// Writes an item whose version was `read` when it was read; zero means that it must not exist yet.
    pub(super) async fn put(&self, table: &str, item: Item, read: u64, what: &'static str) -> Result<()> {
        match self.audit {
            None => reading::put(&self.db, table, item, read, what).await,
            Some(_) => self.transact(vec![versioned(table, item, read, what)?], what).await,
        }
    }

    /// Removes an item of the account if it is still at the version read.
    pub(super) async fn delete(&self, table: &str, sk: &str, read: u64, what: &'static str) -> Result<()> {
        let pk = self.account.as_str();
        if self.audit.is_none() {
            return reading::delete(&self.db, table, pk, sk, read, what).await;
        }
        let delete = Delete::builder().table_name(table).key("pk", s(pk)).key("sk", s(sk));
        let delete = delete.condition_expression("version = :read").expression_attribute_values(":read", n(read));
        let delete = delete.build().map_err(unbuilt(what))?;
        self.transact(vec![TransactWriteItem::builder().delete(delete).build()], what).await
    }

    /// All writes or none. The failed condition tells an insufficient balance from a conflict. While another
    /// transaction holds one of the items nothing is decided, so it is tried again: an exclusion must not be lost to a
    /// coincidence.
    pub(super) async fn transact(&self, mut writes: Vec<TransactWriteItem>, what: &'static str) -> Result<()> {
        if let Some(put) = &self.audit {
            let put = PutBuilder::clone(put).build().map_err(unbuilt(what))?;
            writes.push(TransactWriteItem::builder().put(put).build());
        }
        let is_balance: Vec<bool> = writes.iter().map(|write| write.update().is_some_and(needs_balance)).collect();
        for attempt in 0..ATTEMPTS_MAX {
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(10 << attempt)).await;
            }
            let sent = self.db.transact_write_items().set_transact_items(Some(writes.clone())).send().await;
            let Err(error) = sent else { return Ok(()) };
            let reasons = cancelled(&error).map(TransactionCanceledException::cancellation_reasons);
            let has_failed = |of_balance: bool| {
                let mut reasons = reasons.into_iter().flatten().zip(&is_balance);
                reasons.any(|(reason, is)| *is == of_balance && reason.code() == Some("ConditionalCheckFailed"))
            };
            let collided = reasons.is_some_and(|all| all.iter().any(|one| one.code() == Some("TransactionConflict")));
            match (has_failed(false), has_failed(true), collided) {
                (true, _, _) => return Err(Error::Conflict { what }),
                (false, true, _) => return Err(Error::NotEnoughCredits),
                (false, false, true) => {}
                (false, false, false) => return Err(failed("write", what)(error)),
            }
        }
        Err(Error::Unavailable { verb: "write", what, cause: "other transactions hold it for too long".into() })
    }
}

fn needs_balance(update: &Update) -> bool {
    update.condition_expression() == Some(COVERS_THE_NEED)
}

/// The reasons of a transaction that was cancelled.
fn cancelled<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<&TransactionCanceledException> {
    match error {
        SdkError::ServiceError(service) => match service.err() {
            TransactWriteItemsError::TransactionCanceledException(cancelled) => Some(cancelled),
            _ => None,
        },
        _ => None,
    }
}
