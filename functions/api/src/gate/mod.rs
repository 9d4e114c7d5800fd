//! The checks before every operation: authentication, permission, validation of query and body, and repeated requests.
//! Handlers get only what passed.
//!
//! - `caller` – the key, its account, its scopes; `body` – JSON as the contract has it; `query` – parameters;
//! - `idempotency` – `Idempotency-Key`; `precondition` – `If-Match`.

mod body;
mod caller;
mod idempotency;
mod precondition;
mod query;

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method};
use web::bucket::Left;
use web::entry::RequestId;
use web::{Kind, Problem};

pub use body::{Body, present};
pub use caller::{Caller, KeyCache};
pub use idempotency::{IdempotentBody, KEY_BYTES_MAX};
pub use precondition::IfMatch;
pub use query::{NameFilter, Pages, Query, wrong_cursor};

use crate::App;
use crate::contract::operation::{Extract, OperationSpec};
use crate::error::{ApiError, forbidden, not_found};

/// Passes a request to its handler, or returns the error.
pub async fn pass(State((app, spec)): State<(App, Arc<OperationSpec>)>, request: Request, next: Next) -> Response {
    let Some(use_case) = spec.use_case else { return next.run(request).await };
    let caller = match caller::identify(&app, request.headers()).await {
        Ok(caller) => caller,
        Err(failure) => return failure.into_response(),
    };
    tracing::Span::current().record("account.id", tracing::field::display(&caller.account));
    let left = app.buckets.take(&caller.account, app.services.clock.now());
    let mut response = match left.retry_after_seconds {
        Some(seconds) => Problem::from(Kind::TooMany).retry_after(seconds).into_response(),
        None if !caller.actor.may(use_case) => forbidden(use_case).into_response(),
        None => admit(app, &spec, caller, request, next).await.unwrap_or_else(ApiError::into_response),
    };
    tell(&mut response, left);
    response
}

async fn admit(
    app: App,
    spec: &OperationSpec,
    caller: Caller,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let (mut parts, body) = request.into_parts();
    let params = query::check(spec, parts.uri.query().unwrap_or_default())?;
    let value = match parts.method {
        // A body has no meaning there (RFC 9110, 9.3).
        Method::GET | Method::HEAD | Method::DELETE => serde_json::Value::Null,
        _ => body::read(spec, &parts.headers, body).await?,
    };
    let key = match parts.method {
        Method::POST => idempotency::key(&parts.headers)?,
        _ => None,
    };
    let hash = key.as_ref().map(|_| idempotency::hash(&parts.method, parts.uri.path(), &value));
    let id = parts.extensions.get::<RequestId>().cloned().unwrap_or_default();
    parts.extensions.insert(caller.clone());
    parts.extensions.insert(params);
    parts.extensions.insert(body::Checked(value));
    let request = Request::from_parts(parts, axum::body::Body::empty());
    let response = match (key, hash) {
        (Some(key), Some(hash)) => idempotency::run(&app, &caller, (&key, &hash, &id), next.run(request)).await?,
        _ => next.run(request).await,
    };
    if cfg!(debug_assertions) { body::verify(spec, response).await } else { Ok(response) }
}

/// Adds the headers with the number of requests left.
fn tell(response: &mut Response, left: Left) {
    let headers = [
        ("ratelimit-limit", left.limit),
        ("ratelimit-remaining", left.remaining),
        ("ratelimit-reset", left.reset_seconds),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
}

/// The identifier in a path. A malformed one is not found.
pub struct Id<T>(pub T);

impl<T> Extract for Id<T> {}

impl<T: std::str::FromStr + Send> FromRequestParts<App> for Id<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &App) -> Result<Self, ApiError> {
        let Ok(Path(text)) = Path::<String>::from_request_parts(parts, state).await else {
            return Err(not_found().into());
        };
        text.parse().map(Self).map_err(|_| not_found().into())
    }
}
