//! Moves dead letters back one by one, where the queue service does not, and failed imports, which were calls and not
//! messages. Each is sent before it is deleted: a crash in between duplicates it, which is harmless; the other order
//! would lose it.

use aws::cause;
use aws::queue::DeadLetter;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName as Attribute};

use super::DeadLetterQueue;
use crate::CommandError;
use crate::operator::Operator;

/// Seconds for which a message is invisible while it is moved.
const MOVE_SECONDS: i32 = 60;

/// Where dead letters go back to.
enum Way {
    /// The queue with this URL.
    Queue(String),
    /// The function with this name is called again.
    Function { lambda: Box<aws_sdk_lambda::Client>, name: String },
}

/// Moves at most `limit` messages: those that are there now, not those that fail again meanwhile.
pub async fn by_hand(operator: &Operator, from: &DeadLetterQueue, limit: u64) -> Result<u64, CommandError> {
    let way = way(operator, from)?;
    let (mut moved, mut strange) = (0, 0);
    while moved + strange < limit {
        let left = u32::try_from(limit - moved - strange).unwrap_or(u32::MAX);
        let messages = from.receive(left, MOVE_SECONDS).await?;
        if messages.is_empty() {
            break;
        }
        for message in messages {
            if !send(from, &way, &message).await? {
                strange += 1;
                continue;
            }
            let receipt = message.receipt_handle().unwrap_or_default();
            let deleted = from.sqs.delete_message().queue_url(&from.url).receipt_handle(receipt).send().await;
            deleted.map_err(|error| from.failed("delete a message that went back from", &error))?;
            moved += 1;
        }
    }
    if strange > 0 {
        operator.warn(format!(
            "{strange} messages are none of Envol's and stay in {}: `dlq show {}`",
            from.name, from.name
        ));
    }
    Ok(moved)
}

fn way(operator: &Operator, from: &DeadLetterQueue) -> Result<Way, CommandError> {
    let deployment = &operator.deployment;
    if let Some(queue) = deployment.maybe_resource(&format!("{}Queue", from.stem)) {
        return Ok(Way::Queue(queue.to_owned()));
    }
    // `ImportsDeadLetters` holds calls of `ImportFunction`.
    let function = format!("{}Function", from.stem.trim_end_matches('s'));
    if let Some(calls) = deployment.maybe_resource(&format!("{function}Calls")) {
        return Ok(Way::Queue(calls.to_owned()));
    }
    let Some(name) = deployment.maybe_resource(&function).map(str::to_owned) else {
        return Err(CommandError::Refused(format!(
            "messages of {0} are records only and are not sent back; when you have read them: `dlq purge {0} --yes`",
            from.name
        )));
    };
    Ok(Way::Function { lambda: aws_sdk_lambda::Client::new(&deployment.sdk).into(), name })
}

/// Sends one message; false if it cannot be sent this way.
async fn send(from: &DeadLetterQueue, way: &Way, message: &Message) -> Result<bool, CommandError> {
    let body = message.body().unwrap_or_default();
    let (event, is_import) = match DeadLetter::read(body) {
        DeadLetter::Import(call) => (call.event, true),
        DeadLetter::Unknown => return Ok(false),
        DeadLetter::Wakeup(_) | DeadLetter::Batch(_) | DeadLetter::Events(_) | DeadLetter::Delivery(_) => {
            (body.to_owned(), false)
        }
    };
    match way {
        Way::Queue(url) => {
            let group = message.attributes().and_then(|all| all.get(&Attribute::MessageGroupId)).cloned();
            let sent = from.sqs.send_message().queue_url(url).message_body(event).set_message_group_id(group);
            let sent = sent.set_message_attributes(message.message_attributes.clone()).send().await;
            sent.map(|_| true).map_err(|error| from.failed("send back a message of", &error))
        }
        Way::Function { .. } if !is_import => Ok(false),
        Way::Function { lambda, name } => {
            let call = lambda.invoke().function_name(name).invocation_type(InvocationType::Event);
            let called = call.payload(Blob::new(event)).send().await;
            let failed = |cause| CommandError::Cloud { verb: "call", what: format!("the function {name}"), cause };
            called.map(|_| true).map_err(|error| failed(cause::of_call(&error)))
        }
    }
}
