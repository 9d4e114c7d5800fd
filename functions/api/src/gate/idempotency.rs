//! `Idempotency-Key`: the same request is executed once, and gets the same response, including errors. Temporary
//! errors, such as an outage, a conflict or a running count, are not stored, so that a retry helps.

use aws::store::{ANSWER_BYTES_MAX, Begun, KeptAnswer};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::Value;
use sha2::{Digest, Sha256};
use support::telemetry::chain;
use web::entry::RequestId;
use web::{Kind, Language, Problem};

use super::Caller;
use crate::App;
use crate::error::{ApiError, Passing};

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// Marks a stored response.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
pub const KEY_BYTES_MAX: usize = 200;

/// The key of a request, if it has one.
pub fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    let is_key = |text: &&str| (1..=KEY_BYTES_MAX).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_graphic());
    match value.to_str().ok().filter(is_key) {
        Some(key) => Ok(Some(key.to_owned())),
        None => Err(Problem::new(
            Kind::Malformed,
            format!("an Idempotency-Key has 1 to {KEY_BYTES_MAX} printable ASCII characters"),
            format!("une Idempotency-Key compte 1 à {KEY_BYTES_MAX} caractères ASCII imprimables"),
        )),
    }
}

/// What identifies a request: method, path and content, whatever the order of its fields.
pub fn hash(method: &Method, path: &str, body: &Value) -> String {
    hex::encode(Sha256::digest(format!("{method} {path}\n{body}")))
}

/// Executes the request unless it was executed before, and stores its response. A request is identified by its key, its
/// hash, and its id.
pub async fn run(
    app: &App,
    caller: &Caller,
    (key, hash, id): (&str, &str, &RequestId),
    handler: impl Future<Output = Response>,
) -> Result<Response, ApiError> {
    let (store, now) = (app.services.store.account(&caller.account), app.services.clock.now());
    match store.begin_request(key, hash, now).await? {
        Begun::New => {}
        Begun::Done(kept) => return Ok(replay(kept)),
        Begun::Running => {
            let problem = Problem::new(
                Kind::Conflict,
                "the same request is being done now",
                "la même requête est en cours de traitement",
            );
            return Err(problem.retry_after(1).into());
        }
        Begun::Reused => {
            let problem = Problem::new(
                Kind::KeyReused,
                "this Idempotency-Key came with another method, path or body within the last 24 hours",
                "cette Idempotency-Key a servi à une autre requête dans les dernières 24 heures",
            );
            return Err(problem.into());
        }
    }
    let (parts, body) = localize(handler.await, caller.language, id).into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let noted = match keepable(parts.status, &parts.headers, &bytes, &parts.extensions) {
        Some(kept) => store.finish_request(key, hash, &kept, app.services.clock.now()).await,
        None => store.forget_request(key, hash).await,
    };
    if let Err(error) = noted {
        // The request was executed all the same, and the client gets the result.
        tracing::error!(error.chain = chain(&error), "the answer to an idempotent request was not kept");
    }
    Ok(Response::from_parts(parts, bytes.into()))
}

/// An error with its final text, since a replay has no other source for it.
fn localize(response: Response, language: Language, id: &RequestId) -> Response {
    let Some(problem) = response.extensions().get::<Problem>().cloned() else { return response };
    let mut said = problem.response(language, &id.0);
    *said.extensions_mut() = response.extensions().clone();
    said
}

/// Set by a handler whose response contains a secret: what to store instead.
#[derive(Debug, Clone)]
pub struct IdempotentBody(pub String);

fn keepable(status: StatusCode, headers: &HeaderMap, body: &[u8], extensions: &http::Extensions) -> Option<KeptAnswer> {
    let is_passing = matches!(status, StatusCode::ACCEPTED | StatusCode::TOO_MANY_REQUESTS)
        || status.is_server_error()
        || extensions.get::<Passing>().is_some();
    if is_passing || body.len() > ANSWER_BYTES_MAX {
        return None;
    }
    let body = match extensions.get::<IdempotentBody>() {
        Some(IdempotentBody(body)) => body.clone(),
        None => String::from_utf8(body.to_vec()).ok()?,
    };
    let headers = headers.iter().filter(|(name, _)| **name != CONTENT_LENGTH);
    let headers = headers.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    Some(KeptAnswer { status: status.as_u16(), headers: headers.collect(), body })
}

fn replay(kept: KeptAnswer) -> Response {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let mut response = (status, kept.body).into_response();
    response.headers_mut().remove(CONTENT_TYPE);
    for (name, value) in kept.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_fields_does_not_make_another_request() {
        let body = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let one = hash(&Method::POST, "/v1/lists", &body(r#"{"a":1,"b":2}"#));
        assert_eq!(one, hash(&Method::POST, "/v1/lists", &body(r#"{ "b": 2, "a": 1 }"#)));
        assert_ne!(one, hash(&Method::POST, "/v1/campaigns", &json!({ "a": 1, "b": 2 })));
        assert_ne!(one, hash(&Method::POST, "/v1/lists", &json!({ "a": 1, "b": 3 })));
    }

    #[test]
    fn keys_are_short_and_printable() {
        let of = |value: &str| key(&HeaderMap::from_iter([(HEADER, value.parse().unwrap())]));
        assert_eq!(of("a-1").unwrap().as_deref(), Some("a-1"));
        assert!(of("").is_err() && of("a b").is_err() && of(&"x".repeat(201)).is_err());
        assert_eq!(key(&HeaderMap::new()), Ok(None));
    }
}
