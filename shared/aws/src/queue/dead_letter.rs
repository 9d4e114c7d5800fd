//! Describes a dead letter for an operator: its subject, without texts of people.

use serde::Deserialize;
use serde_json::Value as Json;

use super::{BatchHint, DeliveryHint, Events, Wakeup};

/// What a message is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeadLetter {
    Wakeup(Wakeup),
    Batch(BatchHint),
    Events(Events),
    Delivery(DeliveryHint),
    /// A call of `import` that failed finally.
    Import(ImportCall),
    /// Not one of ours.
    Unknown,
}

/// An asynchronous call, as S3 made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportCall {
    /// The event to call the function with again.
    pub event: String,
    /// Keys of the uploads.
    pub uploads: Vec<String>,
}

/// Lambda's record of a call that failed finally.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failed {
    request_payload: Json,
}

impl DeadLetter {
    /// Reads a body.
    pub fn read(body: &str) -> Self {
        if let Ok(hint) = serde_json::from_str(body) {
            return Self::Batch(hint);
        }
        if let Ok(wakeup) = serde_json::from_str(body) {
            return Self::Wakeup(wakeup);
        }
        if let Ok(events) = serde_json::from_str(body) {
            return Self::Events(events);
        }
        if let Ok(delivery) = serde_json::from_str(body) {
            return Self::Delivery(delivery);
        }
        // On AWS the call is in an envelope; on one machine it is not.
        let failed = serde_json::from_str::<Failed>(body).map(|failed| failed.request_payload);
        let event = failed.or_else(|_| serde_json::from_str(body)).unwrap_or_default();
        ImportCall::read(&event).map_or(Self::Unknown, Self::Import)
    }

    /// A short description: ids and counts, no phone number, no text.
    pub fn summary(&self) -> String {
        match self {
            Self::Wakeup(Wakeup { account, campaign }) => format!("wake-up of {campaign} of {account}"),
            Self::Batch(BatchHint { account, campaign, batch, .. }) => {
                format!("batch {batch} of {campaign} of {account}")
            }
            Self::Events(Events::Receipts(receipts)) => {
                let (account, campaign) = (&receipts.account, &receipts.campaign);
                format!("{} receipts of {campaign} of {account}", receipts.items.len())
            }
            Self::Events(Events::Clicks(clicks)) => {
                format!("{} clicks of {} of {}", clicks.items.len(), clicks.campaign, clicks.account)
            }
            Self::Events(Events::Replies(replies)) => format!("{} replies of recipients", replies.len()),
            Self::Delivery(DeliveryHint { account, webhook, delivery }) => {
                format!("{delivery} to {webhook} of {account}")
            }
            Self::Import(call) => format!("import of {}", call.uploads.join(", ")),
            Self::Unknown => "not a message of Envol".to_owned(),
        }
    }
}

impl ImportCall {
    fn read(event: &Json) -> Option<Self> {
        let records = event.get("Records")?.as_array()?;
        let key = |record: &Json| record.pointer("/s3/object/key")?.as_str().map(str::to_owned);
        let uploads = records.iter().map(key).collect::<Option<Vec<_>>>()?;
        (!uploads.is_empty()).then(|| Self { event: event.to_string(), uploads })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "acc_00000000000000000001";
    const CAMPAIGN: &str = "cmp_00000000000000000002";

    #[track_caller]
    fn check(body: &str, summary: &str) {
        assert_eq!(DeadLetter::read(body).summary(), summary);
    }

    #[test]
    fn every_message_says_what_it_is_about() {
        let ids = format!(r#""account":"{ACCOUNT}","campaign":"{CAMPAIGN}""#);
        check(&format!("{{{ids}}}"), &format!("wake-up of {CAMPAIGN} of {ACCOUNT}"));
        check(&format!(r#"{{{ids},"batch":7}}"#), &format!("batch 7 of {CAMPAIGN} of {ACCOUNT}"));
        check(
            &format!(r#"{{"receipts":{{{ids},"items":[[0,4,0,1800000000]]}}}}"#),
            &format!("1 receipts of {CAMPAIGN} of {ACCOUNT}"),
        );
        check(
            r#"{"replies":[{"from":"+33612345678","to":"36105","text":"secret","at":"2026-12-01T09:00:00Z"}]}"#,
            "1 replies of recipients",
        );
        for body in ["", "{}", "null", "what", r#"{"Records":[]}"#, r#"{"Records":[{}]}"#] {
            check(body, "not a message of Envol");
        }
    }

    #[test]
    fn a_failed_import_is_found_in_its_envelope_or_alone() {
        let event = r#"{"Records":[{"s3":{"object":{"key":"uploads/a/b/1"}}}]}"#;
        let envelope = format!(r#"{{"requestContext":{{}},"requestPayload":{event},"responsePayload":{{}}}}"#);
        for body in [event, &envelope] {
            let DeadLetter::Import(call) = DeadLetter::read(body) else { panic!("{body}") };
            assert_eq!((call.event.as_str(), call.uploads), (event, vec!["uploads/a/b/1".to_owned()]));
        }
    }
}
