//! S3 events to functions when an object is written. The call waits in the function's own queue, as every asynchronous
//! call does, so that it survives this process and is retried.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rustack_sqs_model::input::SendMessageInput;
use serde_json::{Value as Json, json};

use super::s3::Created;
use super::{CloudError, Options, Queues};
use crate::template::{Notification, Template};

/// A function that is called for new objects.
pub struct Listener {
    bucket: String,
    notification: Notification,
    /// URL of the queue for the function's asynchronous calls.
    calls: String,
}

/// The listeners of each bucket, from the template.
pub fn listeners(template: &Template) -> Vec<Listener> {
    let of_bucket = |bucket: &crate::template::Bucket| {
        let listener = |notification: &Notification| {
            let function = template.function_by_arn(&notification.function_arn)?;
            Some(Listener {
                bucket: bucket.name.clone(),
                notification: notification.clone(),
                calls: function.calls.url.clone(),
            })
        };
        bucket.notifications.iter().filter_map(listener).collect::<Vec<_>>()
    };
    template.buckets.iter().flat_map(of_bucket).collect()
}

/// Queues a call for every function that listens for this object.
pub async fn notify(
    listeners: &[Listener],
    created: &Created,
    queues: &Queues,
    options: &Options,
) -> Result<(), CloudError> {
    for Listener { bucket, notification, calls } in listeners {
        if *bucket == created.bucket && notification.is_for(created.event, &created.key) {
            let body = event(created, options).to_string();
            let input =
                SendMessageInput { queue_url: calls.clone(), message_body: body, ..SendMessageInput::default() };
            let sent = queues.send(input).await;
            sent.map_err(|error| CloudError::Queue { queue: calls.clone(), problem: error.message })?;
        }
    }
    Ok(())
}

/// The event in the format of AWS (version 2.1). The key is encoded as S3 encodes it: `+` for a space, `%XX`.
fn event(created: &Created, options: &Options) -> Json {
    json!({
        "Records": [{
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": options.region,
            "eventTime": options.clock.now().to_string(),
            "eventName": created.event.trim_start_matches("s3:"),
            "userIdentity": { "principalId": options.account },
            "requestParameters": { "sourceIPAddress": super::HOST },
            "responseElements": {},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "template",
                "bucket": {
                    "name": created.bucket,
                    "ownerIdentity": { "principalId": options.account },
                    "arn": format!("arn:aws:s3:::{}", created.bucket),
                },
                "object": { "key": encode(&created.key), "size": created.size_bytes, "eTag": created.etag },
            },
        }],
    })
}

/// What S3 escapes in the keys of events; a space becomes `+`.
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b' ').remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'*');

fn encode(key: &str) -> String {
    utf8_percent_encode(key, ESCAPED).to_string().replace(' ', "+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_encoded_as_s3_encodes_them() {
        assert_eq!(encode("uploads/acc_1/été 1.csv"), "uploads/acc_1/%C3%A9t%C3%A9+1.csv");
    }
}
