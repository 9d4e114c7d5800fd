//! Delivers a queue's messages to a function: as many concurrent calls as its event source allows, each with the
//! messages that arrive within its window. `delivery` handles their results.

use std::sync::Arc;
use std::time::Duration;

use rustack_sqs_model::error::SqsError;
use rustack_sqs_model::input::ReceiveMessageInput;
use rustack_sqs_model::types::Message;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Function;
use super::delivery::Delivered;
use crate::cloud::{LocalCloud, payload_bytes};
use crate::sockets::Stop;
use crate::template::Queue;

/// How long a request for messages waits for the first, in seconds: SQS's maximum.
const LONG_POLL_S: i32 = 20;
/// Most messages per SQS request.
pub(super) const REQUEST_MESSAGES: usize = 10;
/// Largest event of a call: Lambda takes 6 MB; a message has about 1 KB around its body.
const EVENT_BYTES_MAX: usize = 6 * 1024 * 1024;
const ENVELOPE_BYTES: usize = 1024;
/// Pause after an error of the queue itself.
const PAUSE: Duration = Duration::from_secs(1);

/// How messages become calls.
#[derive(Debug, Clone)]
pub enum Feed {
    /// Batches of messages; the response lists the failed ones.
    Messages { batch_size: usize, window: Duration, max_concurrency: usize },
    /// One asynchronous call per message, repeated `retries` times; then it goes on the queue `on_failure`.
    Calls { retries: u32, on_failure: Option<String>, max_concurrency: usize },
}

/// Connects one queue to one function.
pub struct Poller {
    pub cloud: LocalCloud,
    pub queue: Queue,
    pub function: Function,
    pub feed: Feed,
}

impl Poller {
    /// Polls until it is stopped, then waits for running calls.
    pub async fn run(self: Arc<Self>, mut stop: Stop) {
        let indexes = Arc::new(Semaphore::new(self.feed.max_concurrency()));
        let mut calls = JoinSet::new();
        loop {
            let next = async {
                let index = indexes.clone().acquire_owned().await;
                (index, self.gather(LONG_POLL_S).await)
            };
            let (index, batch) = tokio::select! {
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
                        drop(index);
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

    /// One call, if messages are available now: for tests, which do not wait.
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
        while !batch.is_empty() && batch.len() < size && bytes(&batch) < EVENT_BYTES_MAX / 2 {
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
            self.count("ReceiveMessage", messages.iter().map(payload_bytes).sum());
        }
        Ok(messages)
    }
}

impl Feed {
    fn max_concurrency(&self) -> usize {
        match self {
            Self::Messages { max_concurrency, .. } | Self::Calls { max_concurrency, .. } => *max_concurrency,
        }
    }
}

fn bytes(batch: &[Message]) -> usize {
    batch.iter().map(|message| ENVELOPE_BYTES + message.body.as_ref().map_or(0, String::len)).sum()
}
