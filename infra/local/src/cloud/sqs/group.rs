//! `MessageGroupId` on standard queues. AWS accepts it (fair queues); the embedded crate refuses it, so it is stored in
//! a hidden attribute. Pure.

use std::collections::HashMap;

use rustack_sqs_model::input::ReceiveMessageInput;
use rustack_sqs_model::types::{Message, MessageAttributeValue};

const HIDDEN: &str = "envol-message-group";
const SHOWN: &str = "MessageGroupId";

/// Moves the group of a message to be sent into its attributes.
pub fn hide(group: &mut Option<String>, attributes: &mut HashMap<String, MessageAttributeValue>) {
    if let Some(group) = group.take() {
        let value = MessageAttributeValue {
            data_type: "String".to_owned(),
            string_value: Some(group),
            ..MessageAttributeValue::default()
        };
        attributes.insert(HIDDEN.to_owned(), value);
    }
}

/// Requests the hidden attribute too.
pub fn ask(input: &mut ReceiveMessageInput) {
    input.message_attribute_names.push(HIDDEN.to_owned());
}

/// Restores the group of a received message.
pub fn show(message: &mut Message) {
    if let Some(group) = message.message_attributes.remove(HIDDEN).and_then(|value| value.string_value) {
        message.attributes.insert(SHOWN.to_owned(), group);
        message.md5_of_message_attributes = None; // it included the hidden attribute
    }
}
