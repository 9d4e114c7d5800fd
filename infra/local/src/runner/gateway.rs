//! An HTTP API of API Gateway: chooses the function by the template's routes, and enforces the limits of AWS, so that
//! what is too large or too slow there fails here.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Request, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use support::random;
use support::telemetry::chain;
use web::{Kind, Language, Problem};

use super::{CallError, Function};
use crate::sockets::Service;
use crate::template::Api;

/// Largest request body: an HTTP API answers 413 beyond.
const REQUEST_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Largest response of a function: Lambda's limit.
const RESPONSE_BYTES_MAX: usize = 6 * 1024 * 1024;

/// One HTTP API and the functions behind it.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    api: Api,
    /// By ARN.
    functions: BTreeMap<String, Function>,
}

impl Gateway {
    pub fn new(api: Api, functions: BTreeMap<String, Function>) -> Self {
        Self(Arc::new(Inner { api, functions }))
    }

    /// Answers a request from `peer`.
    pub async fn answer(&self, request: Request<Body>, peer: SocketAddr) -> Response<Body> {
        let arn = self.0.api.function_for(request.method().as_str(), request.uri().path());
        let Some(function) = arn.and_then(|arn| self.0.functions.get(arn)) else {
            return problem(Kind::NotFound, Language::from_headers(request.headers()));
        };
        let (mut parts, body) = request.into_parts();
        let language = Language::from_headers(&parts.headers);
        let body = match whole(&parts.headers, body).await {
            Ok(body) => body,
            Err(kind) => return problem(kind, language),
        };
        forward(&mut parts.headers, peer, body.len());
        match function.answer(Request::from_parts(parts, Body::from(body))).await {
            Ok(response) => {
                within_limit(function.name(), response).await.unwrap_or_else(|kind| problem(kind, language))
            }
            Err(error) => {
                tracing::error!(error.chain = chain(&error), function = function.name(), "a request was not answered");
                let kind = match error {
                    CallError::TimedOut { .. } => Kind::Unavailable,
                    CallError::Panicked { .. } | CallError::Failed { .. } | CallError::WrongDoor { .. } => {
                        Kind::Internal
                    }
                };
                problem(kind, language)
            }
        }
    }
}

impl Service for Gateway {
    async fn answer(&self, request: Request<Body>, peer: SocketAddr) -> Response<Body> {
        Self::answer(self, request, peer).await
    }
}

/// The body of a request, unless it is too large, too slow or incomplete.
async fn whole(headers: &HeaderMap, body: Body) -> Result<Bytes, Kind> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > REQUEST_BYTES_MAX) {
        return Err(Kind::TooLarge);
    }
    match Limited::new(body, REQUEST_BYTES_MAX).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Kind::TooLarge),
        Err(_) => Err(Kind::Malformed), // incomplete, or stalled
    }
}

/// The headers that API Gateway adds about the connection.
fn forward(headers: &mut HeaderMap, peer: SocketAddr, length: usize) {
    let before = headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
    let chain = before.map_or_else(|| peer.ip().to_string(), |before| format!("{before}, {}", peer.ip()));
    let (epoch, unique) = (hex::encode(random::bytes::<4>()), hex::encode(random::bytes::<12>()));
    let trace = format!("Root=1-{epoch}-{unique}");
    headers.remove(header::TRANSFER_ENCODING);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    let headers_added =
        [("x-forwarded-for", chain), ("x-forwarded-proto", "http".to_owned()), ("x-amzn-trace-id", trace)];
    for (name, value) in headers_added {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

async fn within_limit(function: &str, response: Response<Body>) -> Result<Response<Body>, Kind> {
    let (parts, body) = response.into_parts();
    match Limited::new(body, RESPONSE_BYTES_MAX).collect().await {
        Ok(body) => Ok(Response::from_parts(parts, Body::from(body.to_bytes()))),
        Err(error) => {
            tracing::error!(
                error.chain = chain(&*error),
                function,
                "a response is larger than Lambda's 6 MB, or incomplete"
            );
            Err(Kind::Internal)
        }
    }
}

/// The gateway's own error: no function was there to give the request an id.
fn problem(kind: Kind, language: Language) -> Response<Body> {
    Problem::from(kind).response(language, "")
}
