//! The sandbox of a world: what it was given, as anybody can read it.

use std::path::Path;

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use local::Setup;
use local::sandbox::{CallbackSettings, Sandbox, Settings};
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::World;

/// A message as the sandbox shows it.
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

/// Answers our submissions; receipts go out by hand.
pub async fn serve(listener: tokio::net::TcpListener, router: axum::Router) {
    let _ = axum::serve(listener, router).await;
}

impl World {
    /// Every message of a campaign, in the order in which they were submitted.
    pub async fn messages(&self, campaign: &str) -> Vec<Sms> {
        let (mut messages, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.ask_sandbox(&format!("/messages?campaign={campaign}&limit=1000{after}")).await;
            messages.extend(serde_json::from_value::<Vec<Sms>>(page["items"].clone()).unwrap());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return messages,
            }
        }
    }

    async fn ask_sandbox(&self, path: &str) -> Value {
        let request = Request::get(path).body(axum::body::Body::empty()).unwrap();
        let answer = self.sandbox.router().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), 200);
        serde_json::from_slice(&answer.into_body().collect().await.unwrap().to_bytes()).unwrap()
    }

    /// Answers from a phone.
    pub async fn reply(&self, from: &str, to: &str, text: &str) {
        let body = json!({ "from": from, "to": to, "text": text }).to_string();
        let request = Request::post("/reply").header("content-type", "application/json");
        let request = request.body(axum::body::Body::from(Bytes::from(body))).unwrap();
        let answer = self.sandbox.router().oneshot(request).await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        self.settle().await;
    }
}
