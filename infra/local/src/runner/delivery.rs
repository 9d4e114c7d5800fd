//! One call with messages of a queue: afterwards they are deleted, or left or made visible again if it failed.

use std::collections::HashSet;

use rustack_sqs_model::input::{ChangeMessageVisibilityInput, SendMessageInput};
use rustack_sqs_model::types::Message;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use support::telemetry::chain;

use super::poller::{Feed, Poller, REQUEST_MESSAGES};

/// Lambda waits one minute before it repeats an asynchronous call, then two. In seconds.
const RETRY_S: i32 = 60;

/// The result of one call.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Messages of the call.
    pub messages: usize,
    /// Messages that will be delivered again.
    pub failed: usize,
}

/// Lambda's response for a batch.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct BatchAnswer {
    batch_item_failures: Vec<ItemFailure>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    item_identifier: String,
}

impl Poller {
    pub(super) async fn deliver(&self, batch: Vec<Message>) -> Delivered {
        match &self.feed {
            Feed::Messages { .. } => self.deliver_batch(batch).await,
            Feed::Calls { retries, on_failure, .. } => {
                let mut delivered = Delivered::default();
                for message in batch {
                    delivered.messages += 1;
                    delivered.failed += usize::from(!self.deliver_call(message, *retries, on_failure.as_deref()).await);
                }
                delivered
            }
        }
    }

    async fn deliver_batch(&self, batch: Vec<Message>) -> Delivered {
        let event = json!({ "Records": batch.iter().map(|message| self.record(message)).collect::<Vec<_>>() });
        let failed = match self.function.call(event).await {
            Ok(answer) => failed_of(&batch, answer),
            Err(error) => {
                tracing::error!(error.chain = chain(&error), "a call with {} messages failed", batch.len());
                None
            }
        };
        // Without a readable response all are delivered again: none was certainly processed.
        let all = batch.len();
        let failed = failed.unwrap_or_else(|| batch.iter().filter_map(|message| message.message_id.clone()).collect());
        let done =
            batch.into_iter().filter(|message| message.message_id.as_ref().is_none_or(|id| !failed.contains(id)));
        self.delete(done.filter_map(|message| message.receipt_handle).collect()).await;
        Delivered { messages: all, failed: failed.len() }
    }

    /// One asynchronous call; `false` if it will be repeated.
    async fn deliver_call(&self, message: Message, retries: u32, on_failure: Option<&str>) -> bool {
        let receipt = message.receipt_handle.clone().unwrap_or_default();
        let event = serde_json::from_str::<Json>(message.body.as_deref().unwrap_or_default()).unwrap_or_default();
        let Err(error) = self.function.call(event).await else {
            self.delete(vec![receipt]).await;
            return true;
        };
        let calls = message.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse::<u32>().ok());
        let calls = calls.unwrap_or(1);
        tracing::error!(error.chain = chain(&error), calls, "an asynchronous call failed");
        if calls <= retries {
            let visibility_timeout = RETRY_S.saturating_mul(i32::try_from(calls).unwrap_or(1));
            let queue_url = self.queue.url.clone();
            let input = ChangeMessageVisibilityInput { queue_url, receipt_handle: receipt, visibility_timeout };
            let _ = self.cloud.queues().change_visibility(input).await; // otherwise it returns after its own time-out
            return false;
        }
        if let Some(queue_url) = on_failure {
            let message_body = message.body.unwrap_or_default();
            let input =
                SendMessageInput { queue_url: queue_url.to_owned(), message_body, ..SendMessageInput::default() };
            if self.cloud.queues().send(input).await.is_err() {
                return false;
            }
        }
        self.delete(vec![receipt]).await;
        true
    }

    async fn delete(&self, receipts: Vec<String>) {
        for chunk in receipts.chunks(REQUEST_MESSAGES) {
            self.count("DeleteMessageBatch", 0);
            if let Err(error) = self.cloud.queues().remove(&self.queue.url, chunk.to_vec()).await {
                tracing::error!(
                    queue = self.queue.name,
                    error = error.message,
                    "messages were not deleted and will be delivered again"
                );
            }
        }
    }

    /// Asynchronous calls wait inside Lambda and are free; requests to our queues are billed.
    pub(super) fn count(&self, operation: &str, bytes: usize) {
        match self.feed {
            Feed::Messages { .. } => self.cloud.count(operation, bytes),
            Feed::Calls { .. } => {}
        }
    }

    /// A message in the format of Lambda's SQS event.
    fn record(&self, message: &Message) -> Json {
        let attributes = message.message_attributes.iter().map(|(name, value)| {
            let shape = json!({
                "stringValue": value.string_value,
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": value.data_type,
            });
            (name.clone(), shape)
        });
        json!({
            "messageId": message.message_id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": message.attributes,
            "messageAttributes": attributes.collect::<serde_json::Map<_, _>>(),
            "md5OfBody": message.md5_of_body,
            "eventSource": "aws:sqs",
            "eventSourceARN": self.queue.arn,
            "awsRegion": self.cloud.region(),
        })
    }
}

/// Which messages failed, or `None` for an unusable response: then Lambda treats all as failed.
fn failed_of(batch: &[Message], answer: Json) -> Option<HashSet<String>> {
    if answer.is_null() {
        return Some(HashSet::new());
    }
    let answer: BatchAnswer = serde_json::from_value(answer).ok()?;
    let failed: HashSet<String> = answer.batch_item_failures.into_iter().map(|item| item.item_identifier).collect();
    let known: HashSet<&str> = batch.iter().filter_map(|message| message.message_id.as_deref()).collect();
    failed.iter().all(|id| known.contains(id.as_str())).then_some(failed)
}
