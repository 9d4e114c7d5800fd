//! The sandbox over its HTTP interface: the real carrier adapter calls it, a real receiver gets its callbacks.

mod delivering;
mod looking;
mod submitting;

use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, StatusCode};
use carrier::{Carrier, HttpSettings, Submission};
use domain::ids::{AccountId, CampaignId};
use domain::message_id::{Addressee, MessageId};
use domain::segments::Encoding;
use domain::signature::{Secret, Signed};
use serde_json::Value;
use support::Clock;
use tokio::net::TcpListener;

use super::{CallbackSettings, Sandbox, Settings};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A sandbox with a stopped clock, the receiver of its callbacks, and the carrier that uses it.
struct Harness {
    dir: tempfile::TempDir,
    clock: Clock,
    receiver: Receiver,
    sandbox: Sandbox,
    url: String,
    carrier: Carrier,
}

/// Stores callbacks, or refuses them.
#[derive(Clone, Default)]
struct Receiver(Arc<Mutex<Told>>);

#[derive(Default)]
struct Told {
    calls: Vec<Value>,
    refusing: bool,
}

impl Receiver {
    fn calls(&self) -> Vec<Value> {
        self.0.lock().unwrap().calls.clone()
    }

    fn refuse(&self, refusing: bool) {
        self.0.lock().unwrap().refusing = refusing;
    }

    /// Every receipt so far, as `index status`.
    fn receipts(&self) -> Vec<String> {
        let calls = self.calls();
        let receipts = calls.iter().flat_map(|call| call["receipts"].as_array().unwrap().clone());
        receipts.map(|r| format!("{} {}", index_of(&r["id"]), r["status"].as_str().unwrap())).collect()
    }

    async fn listen(&self, clock: Clock) -> String {
        let received = self.0.clone();
        let handler = async move |headers: HeaderMap, body: axum::body::Bytes| {
            let secret: Secret = SECRET.parse().unwrap();
            Signed::from_headers(|name| headers.get(name)?.to_str().ok())
                .unwrap()
                .verify(&[secret], &body, clock.now())
                .unwrap();
            let mut received = received.lock().unwrap();
            if received.refusing {
                return StatusCode::SERVICE_UNAVAILABLE;
            }
            received.calls.push(serde_json::from_slice(&body).unwrap());
            StatusCode::ACCEPTED
        };
        listen(axum::Router::new().route("/v1/callbacks/sandbox/t0ken", axum::routing::post(handler))).await
            + "/v1/callbacks/sandbox/t0ken"
    }
}

async fn listen(router: axum::Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

fn index_of(id: &Value) -> String {
    id.as_str().unwrap().rsplit('.').next().unwrap().to_owned()
}

impl Harness {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::manual("2026-03-01T12:00:00Z".parse().unwrap());
        Self::in_dir(dir, clock, Receiver::default()).await
    }

    async fn in_dir(dir: tempfile::TempDir, clock: Clock, receiver: Receiver) -> Self {
        let url = receiver.listen(clock.clone()).await;
        let callback = Some(CallbackSettings { url, secret: SECRET.parse().unwrap() });
        let authorization = Some("Bearer sandbox".to_owned());
        let settings = Settings { callback, authorization, ..Settings::new(dir.path(), clock.clone()) };
        let sandbox = Sandbox::open(settings).unwrap();
        let url = listen(sandbox.router()).await;
        let settings =
            HttpSettings { authorization: "Bearer sandbox".into(), ..HttpSettings::new(format!("{url}/messages")) };
        let carrier = Carrier::from_name("sandbox", settings).unwrap();
        Self { dir, clock, receiver, sandbox, url, carrier }
    }

    /// The same journal, opened by another process.
    async fn restarted(self) -> Self {
        let Self { dir, clock, receiver, .. } = self;
        Self::in_dir(dir, clock, receiver).await
    }

    fn advance(&self, seconds: u64) {
        self.clock.advance(std::time::Duration::from_secs(seconds));
    }

    async fn deliver(&self) -> super::Delivered {
        self.sandbox.deliver_due(self.clock.now()).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let answer = reqwest::get(format!("{}{path}", self.url)).await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn items(&self, query: &str) -> Vec<Value> {
        let (status, body) = self.get(&format!("/messages?{query}")).await;
        assert_eq!(status, 200, "{body}");
        body["items"].as_array().unwrap().clone()
    }

    async fn post(&self, path: &str, body: Value) -> u16 {
        let request = reqwest::Client::new().post(format!("{}{path}", self.url)).json(&body);
        request.send().await.unwrap().status().as_u16()
    }
}

/// Message `index`, whose number ends with `index` as two digits.
fn message(index: u32) -> Submission<'static> {
    message_to(index, &format!("+336123456{:02}", index % 100))
}

fn message_to(index: u32, to: &str) -> Submission<'static> {
    let account = AccountId::from_tail("01hqxz0000000000000a").unwrap();
    let campaign = CampaignId::from_tail("01hqxz0000000000000b").unwrap();
    Submission {
        id: MessageId::new(&account, &campaign, Addressee::Recipient(index)),
        from: "ENVOL",
        to: to.parse().unwrap(),
        text: format!("Bonjour <b>{index}</b> https://e.nv/Ab12Cd34 STOP au 36180").into(),
        encoding: Encoding::Gsm7,
        segments: 1,
    }
}

fn messages(indexes: std::ops::Range<u32>) -> Vec<Submission<'static>> {
    indexes.map(message).collect()
}
