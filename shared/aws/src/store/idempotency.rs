//! Responses stored by the idempotency key of a request, so that the same request is executed once.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use serde::{Deserialize, Serialize};

use super::item::{doc, item, ms, n, s, text};
use super::reading;
use super::{AccountStore, Result, failed};

const WHAT: &str = "idempotency key";
const PREFIX: &str = "idempotency#";
/// How long a response is stored, in seconds.
pub const KEPT_SECONDS: i64 = 24 * 3_600;
/// A request that has not finished within this many seconds never will: the API's functions are stopped after 29.
const RUNNING_SECONDS: i64 = 35;
/// Largest answer that is kept, in bytes; an item may have 400 KB.
pub const ANSWER_BYTES_MAX: usize = 300 * 1024;

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAnswer {
    pub status: u16,
    /// Names and values of the headers that belong to it.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// The state of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Unused: execute the request.
    New,
    /// The request was executed, with this response.
    Done(KeptAnswer),
    /// The same request is being executed now.
    Running,
    /// It belongs to another request.
    Reused,
}

impl AccountStore {
    /// Claims a key for a request, identified by its hash.
    pub async fn begin_request(&self, key: &str, hash: &str, now: jiff::Timestamp) -> Result<Begun> {
        let now_s = now.as_second();
        let mut taken = item(self.account.as_str(), &format!("{PREFIX}{key}"), &None::<KeptAnswer>);
        taken.insert("hash".into(), s(hash));
        taken.insert("running_until".into(), n(ms(now) + RUNNING_SECONDS * 1_000));
        taken.insert("expires_at".into(), n(now_s + KEPT_SECONDS));
        let put = self
            .db
            .put_item()
            .table_name(&self.tables.accounts)
            .set_item(Some(taken))
            // The table expires items late; a key older than a day is free, and so is one whose request broke off.
            .condition_expression(
                "attribute_not_exists(pk) OR expires_at <= :now OR (running_until <= :now_ms AND #hash = :hash)",
            )
            .expression_attribute_names("#hash", "hash")
            .expression_attribute_values(":now", n(now_s))
            .expression_attribute_values(":now_ms", n(ms(now)))
            .expression_attribute_values(":hash", s(hash))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(Begun::New),
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => {
                let PutItemError::ConditionalCheckFailedException(refused) = refused.into_err() else {
                    return Ok(Begun::Running);
                };
                let Some(kept) = refused.item else { return Ok(Begun::Running) };
                if text(&kept, "hash", WHAT)? != hash {
                    return Ok(Begun::Reused);
                }
                Ok(doc::<Option<KeptAnswer>>(&kept, WHAT)?.map_or(Begun::Running, Begun::Done))
            }
            Err(error) => Err(failed("write", WHAT)(error)),
        }
    }

    /// Stores the response of a request that holds its key.
    pub async fn finish_request(&self, key: &str, hash: &str, answer: &KeptAnswer, now: jiff::Timestamp) -> Result<()> {
        let (pk, sk) = (self.account.as_str(), format!("{PREFIX}{key}"));
        let doc = s(super::item::json(&Some(answer)));
        // No other request may claim it for a day.
        let values = [(":doc", doc), (":until", n(ms(now) + KEPT_SECONDS * 1_000)), (":hash", s(hash))];
        let kept = "SET doc = :doc, running_until = :until";
        let update = reading::update(&self.db, &self.tables.accounts, pk, sk, kept, values)
            .condition_expression("#hash = :hash")
            .expression_attribute_names("#hash", "hash");
        reading::unless_conflict(update.send().await.map_err(failed("write", WHAT))).map(drop)
    }

    /// Releases a key: the request has no result worth storing.
    pub async fn forget_request(&self, key: &str, hash: &str) -> Result<()> {
        let delete = self
            .db
            .delete_item()
            .table_name(&self.tables.accounts)
            .key("pk", s(self.account.as_str()))
            .key("sk", s(format!("{PREFIX}{key}")))
            .condition_expression("#hash = :hash")
            .expression_attribute_names("#hash", "hash")
            .expression_attribute_values(":hash", s(hash));
        reading::unless_conflict(delete.send().await.map_err(failed("delete", WHAT))).map(drop)
    }
}
