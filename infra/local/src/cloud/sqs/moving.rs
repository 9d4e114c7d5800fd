//! `StartMessageMoveTask`, which the embedded crate lacks: dead letters return to their original queue.

use rustack_sqs_model::error::SqsError;
use rustack_sqs_model::input::{
    GetQueueUrlInput, ListDeadLetterSourceQueuesInput, ReceiveMessageInput, SendMessageInput, StartMessageMoveTaskInput,
};
use rustack_sqs_model::output::StartMessageMoveTaskOutput;
use rustack_sqs_model::types::Message;

use super::Queues;

/// Messages per request.
const MESSAGES: i32 = 10;
/// Seconds for which a message is invisible while it is moved.
const MOVE_S: i32 = 60;

impl Queues {
    /// Moves the messages that are there now. On AWS this runs in the background; here it is complete when answered.
    pub async fn start_move(&self, input: StartMessageMoveTaskInput) -> Result<StartMessageMoveTaskOutput, SqsError> {
        let from = self.url_of(&input.source_arn).await?;
        let to = match &input.destination_arn {
            Some(arn) => self.url_of(arn).await?,
            None => self.source_of(&from).await?,
        };
        let depth = self.depth(&from).await.map_err(|error| SqsError::internal_error(error.to_string()))?;
        let mut left = depth.visible;
        while left > 0 {
            let receive = ReceiveMessageInput {
                queue_url: from.clone(),
                max_number_of_messages: Some(MESSAGES),
                visibility_timeout: Some(MOVE_S),
                message_system_attribute_names: vec!["All".to_owned()],
                message_attribute_names: vec!["All".to_owned()],
                ..ReceiveMessageInput::default()
            };
            let messages = self.receive(receive).await?.messages;
            if messages.is_empty() {
                break;
            }
            for message in messages {
                left = left.saturating_sub(1);
                self.move_one(&from, &to, message).await?;
            }
        }
        Ok(StartMessageMoveTaskOutput { task_handle: Some(input.source_arn) })
    }

    /// Sent before it is deleted: a crash in between duplicates it, the other order would lose it.
    async fn move_one(&self, from: &str, to: &str, mut message: Message) -> Result<(), SqsError> {
        let receipt = message.receipt_handle.unwrap_or_default();
        let sent = SendMessageInput {
            queue_url: to.to_owned(),
            message_body: message.body.unwrap_or_default(),
            message_group_id: message.attributes.remove("MessageGroupId"),
            message_attributes: message.message_attributes,
            ..SendMessageInput::default()
        };
        self.send(sent).await?;
        self.remove(from, vec![receipt]).await
    }

    async fn url_of(&self, arn: &str) -> Result<String, SqsError> {
        let queue_name = arn.rsplit(':').next().unwrap_or_default().to_owned();
        let found = self.provider.get_queue_url(GetQueueUrlInput { queue_name, ..GetQueueUrlInput::default() }).await?;
        found.queue_url.ok_or_else(|| SqsError::non_existent_queue(arn))
    }

    /// The queue whose dead letters come here.
    async fn source_of(&self, url: &str) -> Result<String, SqsError> {
        let input = ListDeadLetterSourceQueuesInput { queue_url: url.to_owned(), ..Default::default() };
        let mut sources = self.provider.list_dead_letter_source_queues(input).await?.queue_urls;
        let none = || SqsError::invalid_parameter_value("Source queue must be configured as a Dead DeadLetter Queue.");
        sources.pop().ok_or_else(none)
    }
}
