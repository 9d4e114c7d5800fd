//! Messages of the queues, as JSON. A new version must be able to read messages in flight.

use domain::ids::{AccountId, CampaignId, DeliveryId, WebhookId};
use serde::{Deserialize, Serialize};

use super::Error;

/// Asks dispatch to check a campaign now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wakeup {
    pub account: AccountId,
    pub campaign: CampaignId,
}

/// Tells send that a batch has recipients to send to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchHint {
    pub account: AccountId,
    pub campaign: CampaignId,
    pub batch: u32,
    /// When it returned for the first time, in seconds since 1970; `None` until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_since: Option<i64>,
}

/// Tells webhooks that a delivery is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryHint {
    pub account: AccountId,
    pub webhook: WebhookId,
    pub delivery: DeliveryId,
}

/// Receipts, replies or clicks, to track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Events {
    Receipts(Receipts),
    Replies(Vec<Reply>),
    Clicks(Clicks),
}

/// Receipts for messages of one campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipts {
    pub account: AccountId,
    pub campaign: CampaignId,
    pub items: Vec<Receipt>,
}

/// One receipt. On the queue it is an array of its fields, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "ReceiptArray", into = "ReceiptArray")]
pub struct Receipt {
    /// Index of the recipient in the audience.
    pub index: u32,
    /// Bytes of outcome and reason, as a ledger holds them.
    pub state: u8,
    pub reason: u8,
    /// Since 1970.
    pub second: i64,
}

type ReceiptArray = (u32, u8, u8, i64);

impl From<ReceiptArray> for Receipt {
    fn from((index, state, reason, second): ReceiptArray) -> Self {
        Self { index, state, reason, second }
    }
}

impl From<Receipt> for ReceiptArray {
    fn from(Receipt { index, state, reason, second }: Receipt) -> Self {
        (index, state, reason, second)
    }
}

/// A reply from a phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// E.164.
    pub from: String,
    /// The short code or sender that it was sent to.
    pub to: String,
    pub text: String,
    pub at: jiff::Timestamp,
}

/// Hits on links of one campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clicks {
    pub account: AccountId,
    pub campaign: CampaignId,
    pub items: Vec<Click>,
}

/// One hit. On the queue it is an array of its fields, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "ClickArray", into = "ClickArray")]
pub struct Click {
    /// Index of the recipient in the audience.
    pub index: u32,
    /// Code of the `Visitor` that it looks like.
    pub visitor: String,
    /// Since 1970.
    pub second: i64,
    /// Unique to the hit.
    pub key: u64,
    /// Index of the link in the message.
    pub link: u8,
}

/// Messages from before several links per text have no index of the link: it is the first.
#[derive(Serialize, Deserialize)]
struct ClickArray(u32, String, i64, u64, #[serde(default)] u8);

impl From<ClickArray> for Click {
    fn from(ClickArray(index, visitor, second, key, link): ClickArray) -> Self {
        Self { index, visitor, second, key, link }
    }
}

impl From<Click> for ClickArray {
    fn from(Click { index, visitor, second, key, link }: Click) -> Self {
        Self(index, visitor, second, key, link)
    }
}

/// Reads a message of the wakeups queue.
pub fn wakeup(body: &str) -> Result<Wakeup, Error> {
    serde_json::from_str(body).map_err(|error| Error::Unreadable { queue: "wakeups", source: error.into() })
}

/// Reads a message of the batches queue.
pub fn batch_hint(body: &str) -> Result<BatchHint, Error> {
    serde_json::from_str(body).map_err(|error| Error::Unreadable { queue: "batches", source: error.into() })
}

/// Reads a message of the events queue.
pub fn events(body: &str) -> Result<Events, Error> {
    serde_json::from_str(body).map_err(|error| Error::Unreadable { queue: "events", source: error.into() })
}

/// Reads a message of the deliveries queue.
pub fn delivery_hint(body: &str) -> Result<DeliveryHint, Error> {
    serde_json::from_str(body).map_err(|error| Error::Unreadable { queue: "deliveries", source: error.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> (AccountId, CampaignId) {
        ("acc_00000000000000000000".parse().unwrap(), "cmp_00000000000000000000".parse().unwrap())
    }

    /// A message reads as `expected`, which serialises to the same message.
    #[track_caller]
    fn check(body: &str, expected: &Events) {
        assert_eq!(&events(body).unwrap(), expected);
        assert_eq!(serde_json::to_string(expected).unwrap(), body);
    }

    #[test]
    fn receipts_in_flight_are_arrays() {
        let (account, campaign) = ids();
        let items = vec![Receipt { index: 7, state: 134, reason: 3, second: 1_800_000_000 }];
        check(
            r#"{"receipts":{"account":"acc_00000000000000000000","campaign":"cmp_00000000000000000000","items":[[7,134,3,1800000000]]}}"#,
            &Events::Receipts(Receipts { account, campaign, items }),
        );
    }

    #[test]
    fn clicks_in_flight_are_arrays_and_those_without_a_link_are_of_the_first() {
        let (account, campaign) = ids();
        let click = |link| Click { index: 7, visitor: "person".into(), second: 1_800_000_000, key: 9, link };
        let clicks = |items| Events::Clicks(Clicks { account: account.clone(), campaign: campaign.clone(), items });
        let head = r#"{"clicks":{"account":"acc_00000000000000000000","campaign":"cmp_00000000000000000000","items":"#;
        check(&format!(r#"{head}[[7,"person",1800000000,9,2]]}}}}"#), &clicks(vec![click(2)]));
        let without = format!(r#"{head}[[7,"person",1800000000,9]]}}}}"#);
        assert_eq!(events(&without).unwrap(), clicks(vec![click(0)]));
    }

    #[test]
    fn messages_of_others_are_refused() {
        for body in ["", "{}", "null", r#"{"receipts":{}}"#, r#"{"wishes":[]}"#] {
            assert!(events(body).is_err(), "{body}");
        }
    }

    #[test]
    fn a_full_message_of_receipts_fits_a_request() {
        let receipt = Receipt { index: u32::MAX, state: 255, reason: 255, second: i64::MAX };
        let items = vec![receipt; crate::queue::EVENTS_PER_MESSAGE];
        assert!(serde_json::to_string(&items).unwrap().len() < crate::queue::REQUEST_BYTES_MAX);
    }
}
