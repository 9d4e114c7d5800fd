//! The queues, and the only place that knows their messages. The table is the truth, the queue a hint.

mod dead_letter;
mod message;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::ids::AccountId;
use serde::Serialize;

use crate::cause;

pub use dead_letter::{DeadLetter, ImportCall};
pub use message::{
    BatchHint, Click, Clicks, DeliveryHint, Events, Receipt, Receipts, Reply, Wakeup, batch_hint, delivery_hint,
    events, wakeup,
};

/// SQS takes ten messages a request, of 256 KiB together.
const ENTRIES_PER_REQUEST: usize = 10;
const REQUEST_BYTES_MAX: usize = 256 * 1024;
/// Most receipts, replies or clicks of one message: about 100 bytes each.
pub const EVENTS_PER_MESSAGE: usize = 1_000;
/// Longest delay that SQS offers, in seconds.
pub const DELAY_SECONDS_MAX: u32 = 900;
const _: () = assert!(domain::delivery::QUEUED_SECONDS_MAX <= DELAY_SECONDS_MAX as i64);

/// URLs of the queues. A function that does not write to a queue leaves its URL empty.
#[derive(Debug, Clone, Default)]
pub struct QueueUrls {
    pub wakeups: String,
    pub batches: String,
    pub events: String,
    pub deliveries: String,
}

#[derive(Debug, Clone)]
pub struct Queues {
    sqs: Client,
    urls: std::sync::Arc<QueueUrls>,
}

/// Why sending to a queue failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the {queue} queue did not answer: {cause}")]
    Unavailable { queue: &'static str, cause: String },
    #[error("the {queue} queue refused {count} messages")]
    Refused { queue: &'static str, count: usize },
    #[error("a message of the {queue} queue cannot be read")]
    Unreadable { queue: &'static str, source: cause::NotRead },
}

impl Queues {
    pub fn new(sqs: Client, urls: QueueUrls) -> Self {
        Self { sqs, urls: std::sync::Arc::new(urls) }
    }

    /// Asks dispatch to check a campaign, after a delay of at most 15 minutes.
    pub async fn wake(&self, wakeup: &Wakeup, delay_seconds: u32) -> Result<(), Error> {
        self.send(Queue::Wakeups, &[encode(wakeup)], None, delay_seconds).await
    }

    /// Puts batches of one account on the queue. The account is the message group, so that accounts take turns.
    pub async fn release(&self, account: &AccountId, hints: &[BatchHint], delay_seconds: u32) -> Result<(), Error> {
        let bodies: Vec<_> = hints.iter().map(encode).collect();
        self.send(Queue::Batches, &bodies, Some(account), delay_seconds).await
    }

    /// Asks for deliveries of one account to be tried. The account is the message group, so that accounts take turns.
    pub async fn deliver(&self, account: &AccountId, hints: &[DeliveryHint], delay_seconds: u32) -> Result<(), Error> {
        let bodies: Vec<_> = hints.iter().map(encode).collect();
        self.send(Queue::Deliveries, &bodies, Some(account), delay_seconds).await
    }

    /// Sends events, one message each.
    pub async fn events(&self, events: &[Events]) -> Result<(), Error> {
        let bodies: Vec<_> = events.iter().map(encode).collect();
        self.send(Queue::Events, &bodies, None, 0).await
    }

    /// Approximate number of batches waiting and in flight; `None` if the queue does not report it.
    pub async fn batches_waiting(&self) -> Result<Option<u64>, Error> {
        use aws_sdk_sqs::types::QueueAttributeName::{
            ApproximateNumberOfMessages, ApproximateNumberOfMessagesDelayed, ApproximateNumberOfMessagesNotVisible,
        };
        let names =
            [ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible, ApproximateNumberOfMessagesDelayed];
        let request = self.sqs.get_queue_attributes().queue_url(&self.urls.batches);
        let answer = request
            .set_attribute_names(Some(names.to_vec()))
            .send()
            .await
            .map_err(|error| Error::Unavailable { queue: Queue::Batches.name(), cause: cause::of_call(&error) })?;
        let attributes = answer.attributes.unwrap_or_default();
        Ok(names.iter().map(|name| attributes.get(name)?.parse::<u64>().ok()).sum())
    }

    async fn send(&self, queue: Queue, bodies: &[String], group: Option<&AccountId>, delay: u32) -> Result<(), Error> {
        let unavailable = |cause: String| Error::Unavailable { queue: queue.name(), cause };
        let delay = i32::try_from(delay.min(DELAY_SECONDS_MAX)).unwrap_or(0);
        for chunk in chunks(bodies) {
            let entry = |(index, body): (usize, &String)| {
                SendMessageBatchRequestEntry::builder()
                    .id(index.to_string())
                    .message_body(body)
                    .delay_seconds(delay)
                    .set_message_group_id(group.map(ToString::to_string))
                    .build()
            };
            let entries = chunk.iter().enumerate().map(entry).collect::<Result<Vec<_>, _>>();
            let entries = entries.map_err(|error| unavailable(error.to_string()))?;
            let request = self.sqs.send_message_batch().queue_url(queue.url(&self.urls)).set_entries(Some(entries));
            let answer = request.send().await.map_err(|error| unavailable(cause::of_call(&error)))?;
            // A bulk call answers 200 with a list of rejected entries.
            if !answer.failed.is_empty() {
                return Err(Error::Refused { queue: queue.name(), count: answer.failed.len() });
            }
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy)]
enum Queue {
    Wakeups,
    Batches,
    Events,
    Deliveries,
}

impl Queue {
    fn name(self) -> &'static str {
        match self {
            Self::Wakeups => "wakeups",
            Self::Batches => "batches",
            Self::Events => "events",
            Self::Deliveries => "deliveries",
        }
    }

    fn url(self, urls: &QueueUrls) -> &str {
        match self {
            Self::Wakeups => &urls.wakeups,
            Self::Batches => &urls.batches,
            Self::Events => &urls.events,
            Self::Deliveries => &urls.deliveries,
        }
    }
}

/// Our messages always serialise: plain structs with string keys.
fn encode<T: Serialize>(message: &T) -> String {
    serde_json::to_string(message).unwrap_or_default()
}

/// Runs of bodies that fit one request.
fn chunks(bodies: &[String]) -> Vec<&[String]> {
    let mut chunks = Vec::new();
    let (mut begin, mut bytes) = (0, 0);
    for (index, body) in bodies.iter().enumerate() {
        if index > begin && (index - begin == ENTRIES_PER_REQUEST || bytes + body.len() > REQUEST_BYTES_MAX) {
            chunks.push(&bodies[begin..index]);
            (begin, bytes) = (index, 0);
        }
        bytes += body.len();
    }
    if begin < bodies.len() {
        chunks.push(&bodies[begin..]);
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_hold_ten_messages_and_256_kib_at_most() {
        let small = vec!["x".to_owned(); 25];
        assert_eq!(chunks(&small).iter().map(|chunk| chunk.len()).collect::<Vec<_>>(), [10, 10, 5]);
        let large = vec!["x".repeat(100 * 1024); 5];
        assert_eq!(chunks(&large).iter().map(|chunk| chunk.len()).collect::<Vec<_>>(), [2, 2, 1]);
        assert!(chunks(&[]).is_empty());
    }
}
