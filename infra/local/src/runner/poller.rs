//! Brings a queue's messages to a function: gathers a batch, calls, deletes what went well. What did not comes back
//! after its visibility time-out, or goes to the dead-letter queue.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use rustack_sqs_model::error::SqsError;
use rustack_sqs_model::input::{ChangeMessageVisibilityInput, ReceiveMessageInput, SendMessageInput};
use rustack_sqs_model::types::Message;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use shared::runtime::telemetry::chain;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Function;
use crate::cloud::LocalCloud;
use crate::sockets::Stop;
use crate::template::Queue;

/// How long a request for messages waits for the first, in seconds: SQS's longest.
const LONG_POLL_S: i32 = 20;
/// Messages of one request to SQS, at most.
const REQUEST_MESSAGES: usize = 10;
/// A call's event, at most: Lambda takes 6 MB; a message has about 1 KB around its body.
const EVENT_OCTETS_MAX: usize = 6 * 1024 * 1024;
const ENVELOPE_OCTETS: usize = 1024;
/// After an error of the queue itself.
const PAUSE: Duration = Duration::from_secs(1);
/// Lambda waits a minute before it repeats an asynchronous call, then two.
const RETRY_S: i32 = 60;

/// How messages become calls.
#[derive(Debug, Clone)]
pub enum Feed {
    /// Batches of messages, answered by which of them failed.
    Messages { batch_size: usize, window: Duration, max_concurrency: usize },
    /// One asynchronous call a message, repeated `retries` times; then the queue `on_failure` is told.
    Calls { retries: u32, on_failure: Option<String>, max_concurrency: usize },
}

/// Between one queue and one function.
pub struct Poller {
    pub cloud: LocalCloud,
    pub queue: Queue,
    pub function: Function,
    pub feed: Feed,
}

/// What one call came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Messages of the call.
    pub messages: usize,
    /// Of them, those that will come again.
    pub failed: usize,
}

/// Lambda's answer for a batch.
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
    /// Polls until it is told to stop, then waits for the calls that have begun.
    pub async fn run(self: Arc<Self>, mut stop: Stop) {
        let places = Arc::new(Semaphore::new(self.feed.max_concurrency()));
        let mut calls = JoinSet::new();
        loop {
            let next = async {
                let place = places.clone().acquire_owned().await;
                (place, self.gather(LONG_POLL_S).await)
            };
            let (place, batch) = tokio::select! {
                () = stop.requested() => break,
                next = next => next,
            };
            while calls.try_join_next().is_some() {}
            match batch {
                Ok(batch) if batch.is_empty() => {}
                Ok(batch) => {
                    let poller = self.clone();
                    calls.spawn(async move {
                        poller.deliver(batch).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::error!(queue = self.queue.name, error = error.message, "a queue cannot be read");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        while calls.join_next().await.is_some() {}
    }

    /// One call, if there is anything to be had now: for tests, which wait for nothing.
    pub async fn step(&self) -> Delivered {
        match self.gather(0).await {
            Ok(batch) if batch.is_empty() => Delivered::default(),
            Ok(batch) => self.deliver(batch).await,
            Err(error) => {
                tracing::error!(queue = self.queue.name, error = error.message, "a queue cannot be read");
                Delivered::default()
            }
        }
    }

    /// Messages for one call: at most a batch, and after the first no longer than the window.
    async fn gather(&self, wait_s: i32) -> Result<Vec<Message>, SqsError> {
        let (size, window) = match &self.feed {
            Feed::Messages { batch_size, window, .. } => (*batch_size, *window),
            Feed::Calls { .. } => (1, Duration::ZERO),
        };
        let mut batch = self.receive(size, wait_s).await?;
        let end = Instant::now() + if wait_s == 0 { Duration::ZERO } else { window };
        while !batch.is_empty() && batch.len() < size && octets(&batch) < EVENT_OCTETS_MAX / 2 {
            let left = end.saturating_duration_since(Instant::now());
            let more = self.receive(size - batch.len(), i32::from(left >= Duration::from_secs(1))).await?;
            if more.is_empty() && left < Duration::from_secs(1) {
                if left.is_zero() {
                    break;
                }
                tokio::time::sleep(left).await;
            }
            batch.extend(more);
        }
        Ok(batch)
    }

    async fn receive(&self, count: usize, wait_s: i32) -> Result<Vec<Message>, SqsError> {
        let all = || vec!["All".to_owned()];
        let input = ReceiveMessageInput {
            queue_url: self.queue.url.clone(),
            max_number_of_messages: i32::try_from(count.min(REQUEST_MESSAGES)).ok(),
            wait_time_seconds: Some(wait_s),
            message_system_attribute_names: all(),
            message_attribute_names: all(),
            ..ReceiveMessageInput::default()
        };
        let messages = self.cloud.queues().receive(input).await?.messages;
        if !messages.is_empty() {
            self.count("ReceiveMessage");
        }
        Ok(messages)
    }

    async fn deliver(&self, batch: Vec<Message>) -> Delivered {
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
        // Without a readable answer, all of it comes again: none was certainly dealt with.
        let all = batch.len();
        let failed = failed.unwrap_or_else(|| batch.iter().filter_map(|message| message.message_id.clone()).collect());
        let done =
            batch.into_iter().filter(|message| message.message_id.as_ref().is_none_or(|id| !failed.contains(id)));
        self.delete(done.filter_map(|message| message.receipt_handle).collect()).await;
        Delivered { messages: all, failed: failed.len() }
    }

    /// One asynchronous call; `false` if it will come again.
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
            let _ = self.cloud.queues().change_visibility(input).await; // without it, it comes after its own time-out
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
            self.count("DeleteMessageBatch");
            if let Err(error) = self.cloud.queues().remove(&self.queue.url, chunk.to_vec()).await {
                tracing::error!(
                    queue = self.queue.name,
                    error = error.message,
                    "messages are not deleted and come again"
                );
            }
        }
    }

    /// Asynchronous calls wait inside Lambda and cost nothing; requests to our queues are paid.
    fn count(&self, operation: &str) {
        match self.feed {
            Feed::Messages { .. } => self.cloud.count(operation),
            Feed::Calls { .. } => {}
        }
    }

    /// A message in the shape of Lambda's SQS event.
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

impl Feed {
    fn max_concurrency(&self) -> usize {
        match self {
            Self::Messages { max_concurrency, .. } | Self::Calls { max_concurrency, .. } => *max_concurrency,
        }
    }
}

/// Which messages failed, or `None` if the answer says nothing sensible: then Lambda takes all of them for failed.
fn failed_of(batch: &[Message], answer: Json) -> Option<HashSet<String>> {
    if answer.is_null() {
        return Some(HashSet::new());
    }
    let answer: BatchAnswer = serde_json::from_value(answer).ok()?;
    let failed: HashSet<String> = answer.batch_item_failures.into_iter().map(|item| item.item_identifier).collect();
    let known: HashSet<&str> = batch.iter().filter_map(|message| message.message_id.as_deref()).collect();
    failed.iter().all(|id| known.contains(id.as_str())).then_some(failed)
}

fn octets(batch: &[Message]) -> usize {
    batch.iter().map(|message| ENVELOPE_OCTETS + message.body.as_ref().map_or(0, String::len)).sum()
}
