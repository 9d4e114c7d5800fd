//! Responses of the machine with expectations; and the server for the sandbox's callbacks.

use axum::extract::{Request, State};
use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt;
use local::Machine;
use serde_json::Value;
use tokio::net::TcpListener;

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// JSON, or null.
    pub body: Value,
    pub bytes: Bytes,
}

impl Answer {
    pub fn new(response: Response<Bytes>) -> Self {
        let (parts, bytes) = response.into_parts();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Self { status: parts.status.as_u16(), headers: parts.headers, body, bytes }
    }

    /// Fails unless it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }

    /// A text in the body, by its JSON pointer.
    #[track_caller]
    pub fn text(&self, path: &str) -> String {
        let value = self.value(path);
        value.as_str().unwrap_or_else(|| panic!("no text at {path} in {}", self.body)).to_owned()
    }

    #[track_caller]
    pub fn number(&self, path: &str) -> u64 {
        let value = self.value(path);
        value.as_u64().unwrap_or_else(|| panic!("no number at {path} in {}", self.body))
    }

    #[track_caller]
    pub fn value(&self, path: &str) -> &Value {
        let pointer = format!("/{}", path.replace('.', "/"));
        self.body.pointer(&pointer).unwrap_or_else(|| panic!("nothing at {path} in {}", self.body))
    }

    /// The body as text, decompressed if necessary.
    #[track_caller]
    pub fn unpacked(&self) -> String {
        use std::io::Read;
        let mut text = String::new();
        match self.header("content-encoding") {
            "gzip" => flate2::read::GzDecoder::new(&*self.bytes).read_to_string(&mut text).unwrap(),
            _ => (&*self.bytes).read_to_string(&mut text).unwrap(),
        };
        text
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// Serves on a socket what the machine answers.
pub async fn forward(listener: TcpListener, machine: Machine) {
    let app = axum::Router::new().fallback(answer).with_state(machine);
    let _ = axum::serve(listener, app).await;
}

async fn answer(State(machine): State<Machine>, request: Request) -> Response<axum::body::Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        let mut refused = Response::new(axum::body::Body::empty());
        *refused.status_mut() = StatusCode::BAD_REQUEST;
        return refused;
    };
    machine.request(Request::from_parts(parts, body.to_bytes())).await.map(axum::body::Body::from)
}
