//! An account's webhook endpoint: a real HTTP server on loopback that stores calls and answers as the story says.

use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use http::StatusCode;
use http_body_util::BodyExt;
use serde_json::Value;

/// A received call.
#[derive(Debug, Clone)]
pub struct Call {
    pub id: String,
    pub timestamp: i64,
    pub signature: String,
    pub bytes: String,
    pub body: Value,
}

impl Call {
    /// The event type, as in the API.
    pub fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap_or_default()
    }
}

#[derive(Default)]
struct Seen {
    calls: Vec<Call>,
    /// 0 means 204.
    status: u16,
}

pub struct Receiver {
    pub url: String,
    seen: Arc<Mutex<Seen>>,
    server: tokio::task::JoinHandle<()>,
}

impl Receiver {
    /// Listens on its own port and answers 204.
    pub async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/envol", listener.local_addr().unwrap());
        let seen = Arc::<Mutex<Seen>>::default();
        let app = axum::Router::new().fallback(hear).with_state(seen.clone());
        let server = tokio::spawn(async move { drop(axum::serve(listener, app).await) });
        Self { url, seen, server }
    }

    /// Sets the status of its responses.
    pub fn answers(&self, status: u16) {
        self.seen.lock().unwrap().status = status;
    }

    /// The calls received since the last time.
    pub fn heard(&self) -> Vec<Call> {
        std::mem::take(&mut self.seen.lock().unwrap().calls)
    }

    /// The types of these calls, sorted: simultaneous calls arrive in any order.
    pub fn heard_kinds(&self) -> Vec<String> {
        let mut kinds: Vec<_> = self.heard().iter().map(|call| call.kind().to_owned()).collect();
        kinds.sort_unstable();
        kinds
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn hear(State(seen): State<Arc<Mutex<Seen>>>, request: Request) -> (StatusCode, &'static str) {
    let (parts, body) = request.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let text =
        |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    assert_eq!((parts.method.as_str(), text("content-type").as_str()), ("POST", "application/json"));
    let call = Call {
        id: text("webhook-id"),
        timestamp: text("webhook-timestamp").parse().unwrap(),
        signature: text("webhook-signature"),
        bytes: String::from_utf8(bytes.to_vec()).unwrap(),
        body: serde_json::from_slice(&bytes).unwrap(),
    };
    let mut seen = seen.lock().unwrap();
    seen.calls.push(call);
    let status = StatusCode::from_u16(if seen.status == 0 { 204 } else { seen.status }).unwrap();
    (status, if status.is_success() { "" } else { "not now" })
}
