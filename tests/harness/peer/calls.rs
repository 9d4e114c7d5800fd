//! The carrier's callbacks: receipts and replies, signed with Standard Webhooks.

use std::time::Duration;

use domain::signature::{ID_HEADER, SIGNATURE_HEADER, Secret, TIMESTAMP_HEADER};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Peer;

/// How often [`Peer::run`] checks for due receipts.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The callback URL and secret.
#[derive(Debug, Clone)]
pub struct CallBack {
    pub url: String,
    pub secret: Secret,
}

pub fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap()
}

impl Peer {
    /// Sends callbacks here from now on; receipts before wait.
    pub fn calls_back(&self, url: &str, secret: &str) {
        let call_back = CallBack { url: url.to_owned(), secret: secret.parse().unwrap() };
        *self.0.call_back.lock().unwrap() = Some(call_back);
    }

    /// Delivers the receipts that are due, and returns how many; unacknowledged ones stay due.
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

    /// A phone replies, now.
    pub async fn reply(&self, from: &str, to: &str, text: &str) {
        let reply = json!({"from": from, "to": to, "text": text, "at": self.0.clock.now()});
        assert!(self.call(&json!({"receipts": [], "replies": [reply]})).await, "the reply is not taken");
    }

    /// Delivers as long as the test runs, by the system clock.
    pub async fn run(self) {
        loop {
            self.deliver_due(self.0.clock.now()).await;
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Acknowledged calls with receipts.
    pub fn receipt_calls(&self) -> u64 {
        self.book().receipt_calls
    }

    /// Receipts that are not acknowledged yet.
    pub fn owes(&self) -> usize {
        self.book().owes()
    }

    /// One signed call; only a 2xx response counts.
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
