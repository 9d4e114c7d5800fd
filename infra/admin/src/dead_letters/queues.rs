//! Dead-letter queues of a deployment: listing, inspecting, and the queue service's own move.

use aws::cause;
use aws::queue::DeadLetter;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName as Attribute, QueueAttributeName};

use crate::CommandError;
use crate::operator::Operator;

/// Suffix of their logical names: `BatchesDeadLetters` is `batches` here.
const SUFFIX: &str = "DeadLetters";
/// Seconds for which an inspected message is invisible.
const LOOK_SECONDS: i32 = 20;
/// SQS returns up to ten messages per request, and searches all servers if it may wait.
const MESSAGES_A_REQUEST: u32 = 10;
const WAIT_SECONDS: i32 = 1;

/// A dead-letter queue.
#[derive(Debug, Clone)]
pub struct DeadLetterQueue {
    pub name: String,
    pub url: String,
    /// Logical name without its suffix: `Batches`.
    pub stem: String,
    pub(super) sqs: Client,
}

/// Approximate number of messages on a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    pub waiting: u64,
    pub in_flight: u64,
}

/// An inspected message.
pub struct InspectedMessage {
    pub id: String,
    pub sent_at: Option<jiff::Timestamp>,
    pub received: u32,
    pub about: DeadLetter,
    pub body: String,
}

/// Every dead-letter queue.
pub fn queues(operator: &Operator) -> Vec<DeadLetterQueue> {
    let sqs = aws::sdk::sqs(&operator.deployment.sdk);
    let of = |(logical, url): (&str, &str)| {
        let stem = logical.strip_suffix(SUFFIX)?;
        Some(DeadLetterQueue {
            name: stem.to_lowercase(),
            url: url.to_owned(),
            stem: stem.to_owned(),
            sqs: sqs.clone(),
        })
    };
    operator.deployment.resources().filter_map(of).collect()
}

impl DeadLetterQueue {
    /// An error of the queue service, as a command error.
    pub(super) fn failed<E, R>(&self, verb: &'static str, error: &SdkError<E, R>) -> CommandError
    where
        E: ProvideErrorMetadata,
        SdkError<E, R>: std::error::Error + 'static,
    {
        let cause = cause::of_call(error);
        CommandError::Cloud { verb, what: format!("the dead-letter queue {}", self.name), cause }
    }

    async fn attribute(&self, names: &[QueueAttributeName]) -> Result<Vec<Option<String>>, CommandError> {
        let request = self.sqs.get_queue_attributes().queue_url(&self.url).set_attribute_names(Some(names.to_vec()));
        let answer = request.send().await.map_err(|error| self.failed("read", &error))?;
        let attributes = answer.attributes.unwrap_or_default();
        Ok(names.iter().map(|name| attributes.get(name).cloned()).collect())
    }

    pub async fn depth(&self) -> Result<Depth, CommandError> {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let counts = self.attribute(&names).await?;
        let count = |at: usize| counts.get(at)?.as_ref()?.parse().ok();
        Ok(Depth { waiting: count(0).unwrap_or(0), in_flight: count(1).unwrap_or(0) })
    }

    /// Receives messages, invisible to others for `seconds`.
    pub(super) async fn receive(&self, limit: u32, seconds: i32) -> Result<Vec<Message>, CommandError> {
        let request = self
            .sqs
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(i32::try_from(limit.min(MESSAGES_A_REQUEST)).unwrap_or(1))
            .visibility_timeout(seconds)
            .wait_time_seconds(WAIT_SECONDS)
            .message_system_attribute_names(Attribute::All)
            .message_attribute_names("All");
        let answer = request.send().await.map_err(|error| self.failed("read", &error))?;
        Ok(answer.messages.unwrap_or_default())
    }

    /// Describes the first messages. All become visible again at once; receive counts of dead letters have no effect.
    pub async fn look(&self, limit: u32) -> Result<Vec<InspectedMessage>, CommandError> {
        let mut messages: Vec<Message> = Vec::new();
        while u32::try_from(messages.len()).is_ok_and(|found| found < limit) {
            let left = limit - u32::try_from(messages.len()).unwrap_or(limit);
            let more = self.receive(left, LOOK_SECONDS).await?;
            if more.is_empty() {
                break;
            }
            messages.extend(more);
        }
        for receipt in messages.iter().filter_map(|message| message.receipt_handle.as_deref()) {
            let back = self.sqs.change_message_visibility().queue_url(&self.url).receipt_handle(receipt);
            // Otherwise they become visible by themselves some seconds later.
            let _ = back.visibility_timeout(0).send().await;
        }
        Ok(messages.into_iter().map(found).collect())
    }

    /// Whether a queue's messages come here after repeated failures; imports are calls, and have no such queue.
    pub fn has_source(&self, operator: &Operator) -> bool {
        operator.deployment.maybe_resource(&format!("{}Queue", self.stem)).is_some()
    }

    /// Asks SQS to move all messages back to their original queue; false if it does not support that.
    pub async fn ask_the_service(&self) -> Result<bool, CommandError> {
        let arn = self.attribute(&[QueueAttributeName::QueueArn]).await?.pop().flatten().unwrap_or_default();
        match self.sqs.start_message_move_task().source_arn(arn).send().await {
            Ok(_) => Ok(true),
            Err(error) if is_unsupported(&error) => Ok(false),
            Err(error) => Err(self.failed("redrive", &error)),
        }
    }

    pub async fn purge(&self) -> Result<(), CommandError> {
        let purged = self.sqs.purge_queue().queue_url(&self.url).send().await;
        purged.map(drop).map_err(|error| self.failed("purge", &error))
    }
}

/// The error codes of emulators.
fn is_unsupported<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default();
    ["UnsupportedOperation", "InvalidAction", "UnknownOperation", "NotImplemented"]
        .iter()
        .any(|known| code.contains(known))
}

fn found(message: Message) -> InspectedMessage {
    let attribute = |name: &Attribute| message.attributes().and_then(|all| all.get(name)).cloned();
    let sent_ms = attribute(&Attribute::SentTimestamp).and_then(|text| text.parse().ok());
    let body = message.body().unwrap_or_default().to_owned();
    InspectedMessage {
        id: message.message_id().unwrap_or_default().to_owned(),
        sent_at: sent_ms.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()),
        received: attribute(&Attribute::ApproximateReceiveCount).and_then(|text| text.parse().ok()).unwrap_or(0),
        about: DeadLetter::read(&body),
        body,
    }
}
