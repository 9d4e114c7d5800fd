//! The carrier of a harness, the sandbox or a peer: the messages that it got.

use std::path::Path;

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use local::Setup;
use local::sandbox::{CallbackSettings, Sandbox, Settings};
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::Harness;
use crate::peer::{Peer, Taken};

/// The carrier of a harness.
pub enum Carrier {
    Sandbox(Sandbox),
    Peer(Peer),
}

impl Carrier {
    pub fn router(&self) -> axum::Router {
        match self {
            Self::Sandbox(sandbox) => sandbox.router(),
            Self::Peer(peer) => peer.router(),
        }
    }

    /// Delivers the receipts and replies that are due, and returns how many.
    pub async fn deliver_due(&self, now: jiff::Timestamp) -> usize {
        match self {
            Self::Sandbox(sandbox) => {
                let delivered = sandbox.deliver_due(now).await;
                delivered.receipts + delivered.replies
            }
            Self::Peer(peer) => peer.deliver_due(now).await,
        }
    }
}

/// A message as the sandbox lists it.
#[derive(Debug, Clone, Deserialize)]
pub struct Sms {
    pub id: String,
    pub from: String,
    pub to: String,
    pub text: String,
    pub encoding: String,
    pub segments: u32,
    pub status: String,
    pub times_submitted: u32,
}

pub fn open(setup: &Setup, folder: &Path) -> Sandbox {
    let secret = setup.secrets.callback_secret.parse().unwrap();
    let callback = CallbackSettings { url: setup.callback_url(), secret };
    Sandbox::open(Settings {
        callback: Some(callback),
        authorization: Some(setup.secrets.carrier_authorization.clone()),
        ..Settings::new(folder.join("sandbox"), setup.clock.clone())
    })
    .unwrap()
}

/// Serves our submissions; receipts are delivered explicitly.
pub async fn serve(listener: tokio::net::TcpListener, router: axum::Router) {
    let _ = axum::serve(listener, router).await;
}

impl From<Taken> for Sms {
    fn from(Taken { message, .. }: Taken) -> Self {
        let crate::peer::Message { id, from, to, text, encoding, segments } = message;
        Self { id, from, to, text, encoding, segments, status: "accepted".into(), times_submitted: 1 }
    }
}

impl Harness {
    /// The carrier of a harness that has a peer.
    pub fn peer(&self) -> &Peer {
        match &self.carrier {
            Carrier::Peer(peer) => peer,
            Carrier::Sandbox(_) => panic!("this harness has the sandbox"),
        }
    }

    /// Every message of a campaign, in order of submission; for a peer, every SMS that it sent.
    pub async fn messages(&self, campaign: &str) -> Vec<Sms> {
        let sandbox = match &self.carrier {
            Carrier::Sandbox(sandbox) => sandbox,
            Carrier::Peer(peer) => return peer.taken(campaign).into_iter().map(Sms::from).collect(),
        };
        let (mut messages, mut after) = (Vec::new(), String::new());
        loop {
            let page = ask(sandbox, &format!("/messages?campaign={campaign}&limit=1000{after}")).await;
            messages.extend(serde_json::from_value::<Vec<Sms>>(page["items"].clone()).unwrap());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return messages,
            }
        }
    }

    /// Replies from a phone.
    pub async fn reply(&self, from: &str, to: &str, text: &str) {
        match &self.carrier {
            Carrier::Sandbox(sandbox) => {
                let body = json!({ "from": from, "to": to, "text": text }).to_string();
                let request = Request::post("/reply").header("content-type", "application/json");
                let request = request.body(axum::body::Body::from(Bytes::from(body))).unwrap();
                let answer = sandbox.router().oneshot(request).await.unwrap();
                assert!(answer.status().is_success(), "{}", answer.status());
            }
            Carrier::Peer(peer) => peer.reply(from, to, text).await,
        }
        self.settle().await;
    }
}

async fn ask(sandbox: &Sandbox, path: &str) -> Value {
    let request = Request::get(path).body(axum::body::Body::empty()).unwrap();
    let answer = sandbox.router().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    serde_json::from_slice(&answer.into_body().collect().await.unwrap().to_bytes()).unwrap()
}
