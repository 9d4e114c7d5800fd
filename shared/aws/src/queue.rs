//! The queues, and the only place that knows their messages. A queue is a hint: the table is the truth.

mod letter;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::ids::{AccountId, CampaignId, DeliveryId, WebhookId};
use serde::{Deserialize, Serialize};

use crate::cause;

pub use letter::{ImportCall, Letter};

/// SQS takes ten messages a request, of 256 KiB together.
const ENTRIES_PER_REQUEST: usize = 10;
const REQUEST_OCTETS_MAX: usize = 256 * 1024;
/// Receipts, replies or clicks of one message at most: about 100 octets each.
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

/// Why a queue did not take what it was given.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the {queue} queue did not answer: {cause}")]
    Unavailable { queue: &'static str, cause: String },
    #[error("the {queue} queue refused {count} messages")]
    Refused { queue: &'static str, count: usize },
    #[error("a message of the {queue} queue cannot be read")]
    Unreadable { queue: &'static str, source: cause::NotRead },
}

/// « Look at this campaign now », to dispatch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wakeup {
    pub account: AccountId,
    pub campaign: CampaignId,
}

/// « This batch has recipients to send to », to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchHint {
    pub account: AccountId,
    pub campaign: CampaignId,
    pub batch: u32,
    /// When it came back for the first time, in seconds since 1970; `None` until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_since: Option<i64>,
}

/// « This delivery can be tried », to webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryHint {
    pub account: AccountId,
    pub webhook: WebhookId,
    pub delivery: DeliveryId,
}

/// What the world answers, to track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Events {
    Receipts(Receipts),
    Replies(Vec<Reply>),
    Clicks(Clicks),
}

/// Receipts for messages of one campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipts {
    pub account: AccountId,
    pub campaign: CampaignId,
    pub items: Vec<Receipt>,
}

/// One receipt: recipient, octets of outcome and reason as a ledger holds them, second since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt(pub u32, pub u8, pub u8, pub i64);

/// An answer from a phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// E.164.
    pub from: String,
    /// The short code or sender that it was sent to.
    pub to: String,
    pub text: String,
    pub at: jiff::Timestamp,
}

/// Hits on links of one campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clicks {
    pub account: AccountId,
    pub campaign: CampaignId,
    pub items: Vec<Click>,
}

/// One hit: recipient, who it looks like (a `Visitor`'s code), second since 1970, a key that is unique to the hit, and
/// the link's place in the message. A hit that an earlier version put on the queue says no place: the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Click(pub u32, pub String, pub i64, pub u64, #[serde(default)] pub u8);

impl Queues {
    pub fn new(sqs: Client, urls: QueueUrls) -> Self {
        Self { sqs, urls: std::sync::Arc::new(urls) }
    }

    /// Asks dispatch to look at a campaign, after a delay of at most 15 minutes.
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

    /// Passes events on, each as one message.
    pub async fn events(&self, events: &[Events]) -> Result<(), Error> {
        let bodies: Vec<_> = events.iter().map(encode).collect();
        self.send(Queue::Events, &bodies, None, 0).await
    }

    /// Batches waiting and in flight, about; `None` when the queue does not say.
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
            let entry = |(place, body): (usize, &String)| {
                SendMessageBatchRequestEntry::builder()
                    .id(place.to_string())
                    .message_body(body)
                    .delay_seconds(delay)
                    .set_message_group_id(group.map(ToString::to_string))
                    .build()
            };
            let entries = chunk.iter().enumerate().map(entry).collect::<Result<Vec<_>, _>>();
            let entries = entries.map_err(|error| unavailable(error.to_string()))?;
            let request = self.sqs.send_message_batch().queue_url(queue.url(&self.urls)).set_entries(Some(entries));
            let answer = request.send().await.map_err(|error| unavailable(cause::of_call(&error)))?;
            // A bulk call answers 200 with a list of what it did not take.
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
    let (mut begin, mut octets) = (0, 0);
    for (place, body) in bodies.iter().enumerate() {
        if place > begin && (place - begin == ENTRIES_PER_REQUEST || octets + body.len() > REQUEST_OCTETS_MAX) {
            chunks.push(&bodies[begin..place]);
            (begin, octets) = (place, 0);
        }
        octets += body.len();
    }
    if begin < bodies.len() {
        chunks.push(&bodies[begin..]);
    }
    chunks
}

/// Reads a message of the wakeups queue.
pub fn wakeup(body: &str) -> Result<Wakeup, Error> {
    serde_json::from_str(body).map_err(|error| Error::Unreadable { queue: "wakeups", source: error.into() })
}

/// Reads a message of the batches queue.
pub fn batch_hint(body: &str) -> Result<BatchHint, Error> {
    serde_json::from_str(body).map_err(|error| Error::Unreadable { queue: "batches", source: error.into() })
}

/// Reads a message of the events queue.
pub fn events(body: &str) -> Result<Events, Error> {
    serde_json::from_str(body).map_err(|error| Error::Unreadable { queue: "events", source: error.into() })
}

/// Reads a message of the deliveries queue.
pub fn delivery_hint(body: &str) -> Result<DeliveryHint, Error> {
    serde_json::from_str(body).map_err(|error| Error::Unreadable { queue: "deliveries", source: error.into() })
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

    #[test]
    fn messages_read_back_and_strangers_are_refused() {
        let id = |text: &str| text.parse().unwrap();
        let (account, campaign) = ("acc_00000000000000000000".parse().unwrap(), id("cmp_00000000000000000000"));
        let message = Events::Receipts(Receipts { account, campaign, items: vec![Receipt(7, 134, 0, 1_700_000_000)] });
        assert_eq!(events(&encode(&message)).unwrap(), message);
        for body in ["", "{}", "null", r#"{"receipts":{}}"#, r#"{"wishes":[]}"#] {
            assert!(events(body).is_err(), "{body}");
        }
    }

    #[test]
    fn a_full_message_of_events_fits_a_request() {
        let reply = |_| Receipt(u32::MAX, 255, 255, i64::MAX);
        let items: Vec<_> = (0..EVENTS_PER_MESSAGE).map(reply).collect();
        assert!(encode(&items).len() < REQUEST_OCTETS_MAX);
    }
}
