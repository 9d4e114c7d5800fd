//! SQS's JSON protocol: one request in, one response out.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::Response;
use rustack_sqs_http::body::SqsResponseBody;
use rustack_sqs_http::dispatch::SqsHandler;
use rustack_sqs_http::response::{error_to_response, json_response};
use rustack_sqs_model::error::SqsError;
use rustack_sqs_model::input::{
    ChangeMessageVisibilityBatchInput, ChangeMessageVisibilityInput, DeleteMessageBatchInput, DeleteMessageInput,
    ReceiveMessageInput, SendMessageBatchInput, SendMessageInput,
};
use rustack_sqs_model::operations::SqsOperation;
use rustack_sqs_model::output::{
    ChangeMessageVisibilityBatchOutput, DeleteMessageBatchOutput, DeleteMessageOutput, SendMessageBatchOutput,
};
use rustack_sqs_model::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchResultEntry, DeleteMessageBatchResultEntry, Message,
    SendMessageBatchRequestEntry, SendMessageBatchResultEntry,
};
use s3s::Body;
use serde::{Serialize, de::DeserializeOwned};

use super::Queues;

/// The response to a request.
pub struct Answer {
    pub response: Response<Body>,
    /// Size of its messages, in either direction.
    pub payload_bytes: usize,
}

impl Queues {
    /// One request of the protocol.
    pub async fn call(&self, operation: SqsOperation, body: Bytes) -> Answer {
        let payload = AtomicUsize::new(0);
        let add = |bytes: usize| {
            payload.fetch_add(bytes, Ordering::Relaxed);
        };
        let answer = match operation {
            SqsOperation::SendMessage => {
                typed(&body, |input: SendMessageInput| {
                    add(input.message_body.len());
                    self.send(input)
                })
                .await
            }
            SqsOperation::SendMessageBatch => {
                typed(&body, |input: SendMessageBatchInput| {
                    input.entries.iter().for_each(|entry| add(entry.message_body.len()));
                    self.send_batch(input)
                })
                .await
            }
            SqsOperation::ReceiveMessage => {
                typed(&body, async |input: ReceiveMessageInput| {
                    let output = self.receive(input).await?;
                    output.messages.iter().for_each(|message| add(payload_bytes(message)));
                    Ok(output)
                })
                .await
            }
            SqsOperation::DeleteMessage => typed(&body, |input| self.delete(input)).await,
            SqsOperation::DeleteMessageBatch => typed(&body, |input| self.delete_batch(input)).await,
            SqsOperation::ChangeMessageVisibility => typed(&body, |input| self.change_visibility(input)).await,
            SqsOperation::ChangeMessageVisibilityBatch => {
                typed(&body, |input| self.change_visibility_batch(input)).await
            }
            SqsOperation::StartMessageMoveTask => typed(&body, |input| self.start_move(input)).await,
            SqsOperation::PurgeQueue => typed(&body, |input| self.purge(input)).await,
            other => self.handler.handle_operation(other, body).await,
        };
        let response = answer.unwrap_or_else(|error| error_to_response(&error, "local")).map(Body::http_body);
        Answer { response, payload_bytes: payload.into_inner() }
    }

    async fn send_batch(&self, input: SendMessageBatchInput) -> Result<SendMessageBatchOutput, SqsError> {
        let mut output = SendMessageBatchOutput::default();
        let to_input = |entry: SendMessageBatchRequestEntry| {
            let sent = SendMessageInput {
                queue_url: input.queue_url.clone(),
                message_body: entry.message_body,
                delay_seconds: entry.delay_seconds,
                message_deduplication_id: entry.message_deduplication_id,
                message_group_id: entry.message_group_id,
                message_attributes: entry.message_attributes,
                message_system_attributes: entry.message_system_attributes,
            };
            (entry.id, sent)
        };
        let (ids, inputs): (Vec<_>, Vec<_>) = batch(input.entries)?.into_iter().map(to_input).unzip();
        for (id, sent) in ids.into_iter().zip(self.send_all(inputs).await) {
            match sent {
                Ok(sent) => output.successful.push(SendMessageBatchResultEntry {
                    id,
                    message_id: sent.message_id.unwrap_or_default(),
                    md5_of_message_body: sent.md5_of_message_body.unwrap_or_default(),
                    md5_of_message_attributes: sent.md5_of_message_attributes,
                    sequence_number: sent.sequence_number,
                }),
                Err(error) => output.failed.push(failure(id, error)),
            }
        }
        Ok(output)
    }

    async fn delete(&self, input: DeleteMessageInput) -> Result<DeleteMessageOutput, SqsError> {
        self.remove(&input.queue_url, vec![input.receipt_handle]).await?;
        Ok(DeleteMessageOutput {})
    }

    async fn delete_batch(&self, input: DeleteMessageBatchInput) -> Result<DeleteMessageBatchOutput, SqsError> {
        let entries = batch(input.entries)?;
        let (ids, receipts) =
            entries.into_iter().map(|entry| (entry.id, entry.receipt_handle)).unzip::<_, _, Vec<_>, _>();
        self.remove(&input.queue_url, receipts).await?;
        let successful = ids.into_iter().map(|id| DeleteMessageBatchResultEntry { id }).collect();
        Ok(DeleteMessageBatchOutput { successful, failed: Vec::new() })
    }

    async fn change_visibility_batch(
        &self,
        input: ChangeMessageVisibilityBatchInput,
    ) -> Result<ChangeMessageVisibilityBatchOutput, SqsError> {
        let mut output = ChangeMessageVisibilityBatchOutput::default();
        for entry in batch(input.entries)? {
            let changed = self.change_visibility(ChangeMessageVisibilityInput {
                queue_url: input.queue_url.clone(),
                receipt_handle: entry.receipt_handle,
                visibility_timeout: entry.visibility_timeout,
            });
            match changed.await {
                Ok(_) => output.successful.push(ChangeMessageVisibilityBatchResultEntry { id: entry.id }),
                Err(error) => output.failed.push(failure(entry.id, error)),
            }
        }
        Ok(output)
    }
}

/// The size by which SQS bills a message.
pub fn payload_bytes(message: &Message) -> usize {
    message.body.as_ref().map_or(0, String::len)
}

/// Parses a request, runs it, serialises its response.
async fn typed<I, O, F>(body: &[u8], run: impl FnOnce(I) -> F) -> Result<Response<SqsResponseBody>, SqsError>
where
    I: DeserializeOwned,
    O: Serialize,
    F: Future<Output = Result<O, SqsError>>,
{
    let input = serde_json::from_slice(body).map_err(|error| SqsError::invalid_parameter_value(error.to_string()))?;
    let json = serde_json::to_vec(&run(input).await?).map_err(|error| SqsError::internal_error(error.to_string()))?;
    Ok(json_response(json, "local"))
}

/// SQS takes one to ten entries per request.
fn batch<T>(entries: Vec<T>) -> Result<Vec<T>, SqsError> {
    match entries.len() {
        1..=10 => Ok(entries),
        count => Err(SqsError::invalid_parameter_value(format!("A batch has 1 to 10 entries, this one has {count}."))),
    }
}

fn failure(id: String, error: SqsError) -> BatchResultErrorEntry {
    let (sender_fault, code) = (error.code.is_sender_fault(), error.code.error_type().to_owned());
    BatchResultErrorEntry { id, sender_fault, code, message: Some(error.message) }
}
