//! The carrier's calls to us: receipts and replies, signed as Standard Webhooks say.

use std::time::Duration;

use domain::signature::{ID_HEADER, SIGNATURE_HEADER, Secret, TIMESTAMP_HEADER};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Peer;

/// How often what is due is looked for, by [`Peer::run`].
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Where it calls back, and what it signs with.
#[derive(Debug, Clone)]
pub struct CallBack {
    pub url: String,
    pub secret: Secret,
}

pub fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap()
}

impl Peer {
    /// Calls back here from now on; before, receipts stay owed.
    pub fn calls_back(&self, url: &str, secret: &str) {
        let call_back = CallBack { url: url.to_owned(), secret: secret.parse().unwrap() };
        *self.0.call_back.lock().unwrap() = Some(call_back);
    }

    /// Delivers the receipts that are due, and says how many; what is not acknowledged stays owed.
    pub async fn deliver_due(&self, now: Timestamp) -> usize {
        let mut delivered = 0;
        loop {
            let most = self.book().conduct.receipts.of_a_call_max;
            let due = self.book().take_due(now, most);
            let receipts = due.iter().map(|receipt| {
                json!({"id": receipt.id, "status": receipt.status, "at": self.0.clock.now().min(receipt.due)})
            });
            let body = json!({ "receipts": receipts.collect::<Vec<_>>(), "replies": [] });
            if due.is_empty() {
                return delivered;
            }
            if !self.call(&body).await {
                self.book().owe_again(due);
                return delivered;
            }
            self.book().receipt_calls += 1;
            delivered += due.len();
        }
    }

    /// A phone answers, now.
    pub async fn reply(&self, from: &str, to: &str, text: &str) {
        let reply = json!({"from": from, "to": to, "text": text, "at": self.0.clock.now()});
        assert!(self.call(&json!({"receipts": [], "replies": [reply]})).await, "the reply is not taken");
    }

    /// Delivers for as long as the test lives, by the system's clock.
    pub async fn run(self) {
        loop {
            self.deliver_due(self.0.clock.now()).await;
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Calls that brought receipts and were acknowledged.
    pub fn receipt_calls(&self) -> u64 {
        self.book().receipt_calls
    }

    /// Receipts that were not acknowledged yet.
    pub fn owes(&self) -> usize {
        self.book().owes()
    }

    /// One signed call; only an answer of 2xx counts.
    async fn call(&self, body: &Value) -> bool {
        let Some(CallBack { url, secret }) = self.0.call_back.lock().unwrap().clone() else { return false };
        let (body, now) = (body.to_string(), self.0.clock.now());
        let id = format!("msg_{}", self.book().draw());
        let signature = secret.sign(&id, now, body.as_bytes());
        let call = self.0.client.post(url).header("content-type", "application/json").header(ID_HEADER, id);
        let call = call.header(TIMESTAMP_HEADER, now.as_second()).header(SIGNATURE_HEADER, signature).body(body);
        call.send().await.is_ok_and(|answer| answer.status().is_success())
    }
}
