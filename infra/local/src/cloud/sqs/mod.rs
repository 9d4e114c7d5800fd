//! SQS: queues in memory, plus what the embedded crate lacks.
//!
//! - `protocol`: requests over HTTP;
//! - `group`: `MessageGroupId` on standard queues (fair queues);
//! - `journal`: messages survive this process;
//! - `moving`: moves dead letters back to their queue;
//! - `timetable`: with a test clock, delays and visibility time-outs follow that clock.

mod group;
mod journal;
mod moving;
mod protocol;
mod timetable;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rustack_sqs_core::{config::SqsConfig, handler::RustackSqsHandler, provider::RustackSqs};
use rustack_sqs_model::error::SqsError;
use rustack_sqs_model::input::{
    ChangeMessageVisibilityInput, CreateQueueInput, DeleteMessageInput, GetQueueAttributesInput, PurgeQueueInput,
    ReceiveMessageInput, SendMessageInput,
};
use rustack_sqs_model::output::{
    ChangeMessageVisibilityOutput, PurgeQueueOutput, ReceiveMessageOutput, SendMessageOutput,
};
use rustack_sqs_model::types::Message;
use support::Clock;
use tokio::sync::Mutex;

use super::CloudError;
use crate::template::Queue;
pub use protocol::payload_bytes;

use journal::{Entry, Journal};
use timetable::{Held, Timetable};

/// The longest visibility time-out of SQS, in seconds.
const LONGEST_VISIBILITY_S: i32 = 12 * 3600;

/// The number of messages on a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// Available now.
    pub visible: u64,
    /// Received, neither deleted nor timed out.
    pub in_flight: u64,
    /// Available later.
    pub delayed: u64,
}

impl Depth {
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// The queues.
#[derive(Clone)]
pub struct Queues {
    provider: Arc<RustackSqs>,
    handler: Arc<RustackSqsHandler>,
    /// Locked around a change and its line, so that the file has them in order.
    journal: Option<Arc<Mutex<Journal>>>,
    /// Only with a test clock.
    timetable: Option<Arc<Timetable>>,
    clock: Clock,
}

impl Queues {
    /// Queues of `account` at `host:port`; with a `journal`, `replay` restores its messages.
    pub fn open(
        region: &str,
        account: &str,
        (host, port): (&str, u16),
        journal: Option<&Path>,
        clock: Clock,
    ) -> Result<Self, CloudError> {
        let provider = Arc::new(RustackSqs::new(SqsConfig {
            skip_signature_validation: true,
            default_region: region.to_owned(),
            account_id: account.to_owned(),
            host: host.to_owned(),
            port,
        }));
        let journal = journal.map(Journal::open).transpose()?.map(|journal| Arc::new(Mutex::new(journal)));
        let timetable = matches!(clock, Clock::Manual(_)).then(|| Arc::new(Timetable::new(clock.clone())));
        let handler = Arc::new(RustackSqsHandler::new(provider.clone()));
        Ok(Self { provider, handler, journal, timetable, clock })
    }

    /// Creates a queue of the template; a dead-letter queue before the queues that use it.
    pub async fn create(&self, queue: &Queue) -> Result<(), CloudError> {
        let mut attributes = vec![
            ("VisibilityTimeout", queue.visibility_timeout_s.to_string()),
            ("DelaySeconds", queue.delay_s.to_string()),
            ("MessageRetentionPeriod", queue.retention_s.to_string()),
        ];
        if let Some(redrive) = &queue.redrive {
            let policy = serde_json::json!({
                "deadLetterTargetArn": redrive.dead_letter_target_arn,
                "maxReceiveCount": redrive.max_receive_count,
            });
            attributes.push(("RedrivePolicy", policy.to_string()));
        }
        if let Some(timetable) = &self.timetable {
            timetable.learn(queue);
        }
        let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let input = CreateQueueInput { queue_name: queue.name.clone(), attributes, ..Default::default() };
        let created = self.provider.create_queue(input).await;
        created.map(drop).map_err(|error| CloudError::Queue { queue: queue.name.clone(), problem: error.message })
    }

    /// Restores the messages of the journal, once all queues exist.
    ///
    /// Receive counts restart, so messages of a dead-letter queue get another chance.
    pub async fn replay(&self) -> Result<usize, CloudError> {
        let Some(journal) = &self.journal else { return Ok(0) };
        let mut journal = journal.lock().await;
        let (now, mut alive) = (self.clock.now(), Vec::new());
        for entry in journal.read()? {
            match self.put(entry.to_input(now)).await {
                Ok(output) => alive.push(entry.under(output.message_id.unwrap_or_default())),
                Err(error) => tracing::warn!(queue = entry.queue, error = error.message, "a queued message is dropped"),
            }
        }
        journal.rewrite(&alive)?;
        Ok(alive.len())
    }

    pub async fn send(&self, input: SendMessageInput) -> Result<SendMessageOutput, SqsError> {
        let mut sent = self.send_all(vec![input]).await;
        sent.pop().unwrap_or_else(|| Err(SqsError::internal_error("nothing was sent")))
    }

    /// Sends messages in this order, with one write to the journal; returns each result.
    pub async fn send_all(&self, mut inputs: Vec<SendMessageInput>) -> Vec<Result<SendMessageOutput, SqsError>> {
        for input in &mut inputs {
            group::hide(&mut input.message_group_id, &mut input.message_attributes);
        }
        let Some(journal) = &self.journal else { return self.put_all(inputs).await };
        let mut journal = journal.lock().await;
        let now = self.clock.now();
        let entries: Vec<Entry> = inputs.iter().map(|input| Entry::new(input, now)).collect();
        let outputs = self.put_all(inputs).await;
        let written = entries.into_iter().zip(&outputs).filter_map(|(entry, output)| {
            Some(entry.under(output.as_ref().ok()?.message_id.clone().unwrap_or_default()))
        });
        match journal.sent(written) {
            Ok(()) => outputs,
            Err(error) => outputs.iter().map(|_| Err(SqsError::internal_error(error.to_string()))).collect(),
        }
    }

    async fn put_all(&self, inputs: Vec<SendMessageInput>) -> Vec<Result<SendMessageOutput, SqsError>> {
        // Concurrently but in order: each is a message to the queue's own task.
        futures_util::future::join_all(inputs.into_iter().map(|input| self.put(input))).await
    }

    /// Puts a message on its queue, or on the timetable until it is due.
    async fn put(&self, input: SendMessageInput) -> Result<SendMessageOutput, SqsError> {
        match self.timetable.as_ref().and_then(|timetable| timetable.hold(&input)) {
            Some(id) => Ok(SendMessageOutput { message_id: Some(id), ..SendMessageOutput::default() }),
            None => self.provider.send_message(input).await,
        }
    }

    pub async fn receive(&self, mut input: ReceiveMessageInput) -> Result<ReceiveMessageOutput, SqsError> {
        let (url, visibility_s) = (input.queue_url.clone(), input.visibility_timeout);
        group::ask(&mut input);
        if self.timetable.is_some() {
            input.visibility_timeout = Some(LONGEST_VISIBILITY_S);
        }
        let mut output = self.provider.receive_message(input).await?;
        output.messages.iter_mut().for_each(group::show);
        if let Some(timetable) = &self.timetable {
            timetable.taken(&url, visibility_s, output.messages.iter().filter_map(receipt));
        }
        Ok(output)
    }

    /// Deletes any number of messages by their receipts.
    pub async fn remove(&self, queue_url: &str, receipts: Vec<String>) -> Result<(), SqsError> {
        if let Some(timetable) = &self.timetable {
            timetable.settled(&receipts);
        }
        let mut journal = match &self.journal {
            Some(journal) => Some(journal.lock().await),
            None => None,
        };
        let ids: Vec<String> = receipts.iter().filter_map(|receipt| message_id(receipt)).collect();
        let delete = |receipt_handle| {
            self.provider.delete_message(DeleteMessageInput { queue_url: queue_url.to_owned(), receipt_handle })
        };
        // Concurrently: each is a message to the queue's own task.
        futures_util::future::try_join_all(receipts.into_iter().map(delete)).await?;
        match &mut journal {
            Some(journal) => journal.deleted(&ids).map_err(|error| SqsError::internal_error(error.to_string())),
            None => Ok(()),
        }
    }

    pub async fn change_visibility(
        &self,
        input: ChangeMessageVisibilityInput,
    ) -> Result<ChangeMessageVisibilityOutput, SqsError> {
        let receipts = [input.receipt_handle.clone()];
        match &self.timetable {
            Some(timetable) if input.visibility_timeout > 0 => {
                timetable.taken(&input.queue_url, Some(input.visibility_timeout), receipts.into_iter());
                return Ok(ChangeMessageVisibilityOutput {});
            }
            Some(timetable) => timetable.settled(&receipts),
            None => {}
        }
        self.provider.change_message_visibility(input).await
    }

    pub async fn purge(&self, input: PurgeQueueInput) -> Result<PurgeQueueOutput, SqsError> {
        let mut journal = match &self.journal {
            Some(journal) => Some(journal.lock().await),
            None => None,
        };
        if let Some(timetable) = &self.timetable {
            timetable.purged(&input.queue_url);
        }
        let url = input.queue_url.clone();
        let output = self.provider.purge_queue(input).await?;
        if let Some(journal) = &mut journal {
            journal.purged(&url).map_err(|error| SqsError::internal_error(error.to_string()))?;
        }
        Ok(output)
    }

    /// With a test clock: makes messages available that are due. Otherwise nothing to do.
    pub async fn bring_back_due(&self) -> Result<(), CloudError> {
        let Some(timetable) = &self.timetable else { return Ok(()) };
        let problem = |error: SqsError| CloudError::Queue { queue: "any".to_owned(), problem: error.message };
        let (messages, receipts) = timetable.due(self.clock.now());
        for Held { id, input, .. } in messages {
            self.send(SendMessageInput { delay_seconds: Some(0), ..input }).await.map_err(problem)?;
            if let Some(journal) = &self.journal {
                journal.lock().await.deleted(&[id])?;
            }
        }
        for (queue_url, receipt_handle) in receipts {
            let input = ChangeMessageVisibilityInput { queue_url, receipt_handle, visibility_timeout: 0 };
            self.provider.change_message_visibility(input).await.map_err(problem)?;
        }
        Ok(())
    }

    /// How many messages the queue of this URL holds.
    pub async fn depth(&self, queue_url: &str) -> Result<Depth, CloudError> {
        let input =
            GetQueueAttributesInput { queue_url: queue_url.to_owned(), attribute_names: vec!["All".to_owned()] };
        let problem = |error: SqsError| CloudError::Queue { queue: queue_url.to_owned(), problem: error.message };
        let attributes = self.provider.get_queue_attributes(input).await.map_err(problem)?.attributes;
        let count = |name: &str| attributes.get(name).and_then(|count| count.parse::<u64>().ok()).unwrap_or(0);
        let held = self.timetable.as_ref().map_or(0, |timetable| timetable.held(queue_url));
        Ok(Depth {
            visible: count("ApproximateNumberOfMessages"),
            in_flight: count("ApproximateNumberOfMessagesNotVisible"),
            delayed: count("ApproximateNumberOfMessagesDelayed") + held,
        })
    }
}

fn receipt(message: &Message) -> Option<String> {
    message.receipt_handle.clone()
}

/// The message id of a receipt: the crate writes `<message id>:<instant>:<nonce>` in base 64.
fn message_id(receipt: &str) -> Option<String> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(receipt).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.split_once(':').map(|(id, _)| id.to_owned())
}

/// The name of a queue, from its URL.
fn queue_name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

/// The instant `delay_s` seconds after `now`.
fn after(now: Timestamp, delay_s: i32) -> Timestamp {
    now.saturating_add(jiff::SignedDuration::from_secs(i64::from(delay_s))).unwrap_or(now)
}

#[cfg(test)]
mod tests;
