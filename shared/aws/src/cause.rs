//! Why a call to AWS failed, safe for logs: what failed and where, never its content. A response may contain the item
//! that a condition was checked against.

use std::error::Error;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

pub use support::cause::NotRead;
use support::telemetry::chain;

/// The code and message of an AWS service's error; without a response, the transport error.
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
}
