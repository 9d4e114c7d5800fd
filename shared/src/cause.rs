//! Causes of failures as logs may hold them: what failed and where, never what was in it. An answer of AWS can hold the
//! item that a condition was checked against, and a parser quotes the value that it did not expect.

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::runtime::telemetry::chain;

/// What an AWS service said of a call: its code and its message. Where there was no answer, what came in between.
pub fn of_call<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata,
    SdkError<E, R>: Error + 'static,
{
    let service = error.as_service_error();
    let code = service.and_then(ProvideErrorMetadata::code);
    match (code, service.and_then(ProvideErrorMetadata::message)) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        (None, _) => chain(error),
    }
}

/// Why JSON could not be read: what kind of fault, and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub struct NotRead {
    is_json: bool,
    line: usize,
    column: usize,
}

impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = if self.is_json { "another shape is expected" } else { "this is not JSON" };
        write!(f, "{fault}, line {} column {}", self.line, self.column)
    }
}

impl From<serde_json::Error> for NotRead {
    fn from(error: serde_json::Error) -> Self {
        Self { is_json: error.is_data(), line: error.line(), column: error.column() }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::error::ErrorMetadata;
    use aws_sdk_dynamodb::operation::put_item::PutItemError;
    use aws_sdk_dynamodb::types::AttributeValue;
    use aws_sdk_dynamodb::types::error::ConditionalCheckFailedException;
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    const NUMBER: &str = "+33612345678";

    fn answered(error: PutItemError) -> SdkError<PutItemError, HttpResponse> {
        let body = format!(r#"{{"Item": {{"phone": {{"S": "{NUMBER}"}}}}}}"#);
        SdkError::service_error(error, HttpResponse::new(400.try_into().unwrap(), SdkBody::from(body)))
    }

    #[test]
    fn an_answer_is_its_code_and_message_without_the_item_that_came_with_it() {
        let meta = ErrorMetadata::builder().code("ConditionalCheckFailedException").message("The condition failed");
        let refused = ConditionalCheckFailedException::builder()
            .item("phone", AttributeValue::S(NUMBER.into()))
            .message("The condition failed")
            .meta(meta.build());
        let error = answered(PutItemError::ConditionalCheckFailedException(refused.build()));
        assert!(format!("{error:?}").contains(NUMBER), "or this test guards nothing");
        assert_eq!(of_call(&error), "ConditionalCheckFailedException: The condition failed");
    }

    #[test]
    fn an_answer_without_a_code_says_nothing_of_itself() {
        let said = of_call(&answered(PutItemError::generic(ErrorMetadata::builder().build())));
        assert!(said.starts_with("service error") && !said.contains(NUMBER), "{said}");
    }

    #[test]
    fn without_an_answer_the_way_there_is_told() {
        let error = SdkError::<PutItemError, HttpResponse>::timeout_error("nobody answered");
        assert!(of_call(&error).ends_with(": nobody answered"), "{}", of_call(&error));
    }

    #[test]
    fn a_fault_in_json_is_its_place_and_no_value() {
        let not_read = |text: &str| NotRead::from(serde_json::from_str::<Vec<u32>>(text).unwrap_err()).to_string();
        assert_eq!(not_read(&format!("[1,\n \"{NUMBER}\"]")), "another shape is expected, line 2 column 15");
        assert_eq!(not_read("[1"), "this is not JSON, line 1 column 2");
    }
}
