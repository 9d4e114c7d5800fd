//! Validates bodies against the contract: type, size, JSON, known fields within their limits.

use std::sync::LazyLock;

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::header::{CONTENT_TYPE, ETAG, LOCATION};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use web::{Kind, Problem};

use crate::App;
use crate::contract::check::check;
use crate::contract::described::Described;
use crate::contract::operation::{Extract, OperationSpec};
use crate::contract::schema::{Schema, object};
use crate::error::ApiError;

/// A body that fits the contract; null when there was none.
#[derive(Debug, Clone)]
pub struct Checked(pub Value);

/// Reads and checks the body of a request.
pub async fn read(spec: &OperationSpec, headers: &HeaderMap, body: axum::body::Body) -> Result<Value, Problem> {
    let bytes = axum::body::to_bytes(body, spec.body_bytes_max).await.map_err(|_| too_large(spec.body_bytes_max))?;
    if bytes.is_empty() {
        return match &spec.body {
            Some(_) => Err(Problem::new(Kind::Malformed, "a JSON body is needed", "un corps JSON est nécessaire")),
            None => Ok(Value::Null),
        };
    }
    if !is_json(headers) {
        return Err(Problem::new(
            Kind::UnsupportedMediaType,
            "the content type must be application/json",
            "le type de contenu doit être application/json",
        ));
    }
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Problem::new(
            Kind::Malformed,
            format!("the body is not JSON: line {line}, column {column}"),
            format!("le corps n’est pas du JSON : ligne {line}, colonne {column}"),
        )
    })?;
    static NOTHING: LazyLock<Schema> = LazyLock::new(|| object([]));
    let errors = check(spec.body.as_ref().unwrap_or(&NOTHING), &value);
    if errors.is_empty() { Ok(value) } else { Err(Problem::invalid(errors)) }
}

fn too_large(bytes: usize) -> Problem {
    let kib = bytes / 1_024;
    Problem::new(Kind::TooLarge, format!("at most {kib} KiB"), format!("{kib} Kio au plus"))
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (essence, parameters) = value.split_once(';').unwrap_or((value, ""));
    let charset = parameters.trim().to_ascii_lowercase();
    let is_utf8 = charset.is_empty() || charset.trim_matches('"').ends_with("utf-8") || charset.ends_with("utf-8\"");
    let essence = essence.trim().to_ascii_lowercase();
    matches!(essence.as_str(), "application/json" | "application/merge-patch+json") && is_utf8
}

/// The body of a request, checked.
pub struct Body<T>(pub T);

impl<T: Described> Extract for Body<T> {
    fn specify(spec: &mut OperationSpec) {
        spec.body = Some(LazyLock::new(T::schema));
    }
}

impl<T: DeserializeOwned> FromRequestParts<App> for Body<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        let value = parts.extensions.remove::<Checked>().map_or(Value::Null, |Checked(value)| value);
        serde_json::from_value(value).map(Self).map_err(ApiError::Unread)
    }
}

/// A field that is there: in an `Option<Option<T>>` null is `Some(None)`. Absent, it is `None` by `#[serde(default)]`.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Whether a response matches the document. In debug builds only: a story that gets an undocumented response fails, so
/// the document cannot drift.
pub async fn verify(spec: &OperationSpec, response: Response) -> Result<Response, ApiError> {
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let answer = spec.answers.iter().find(|answer| answer.status == status.as_u16());
    let mut errors = match (answer.map(|answer| &answer.schema), serde_json::from_slice(&bytes)) {
        (None, _) => vec![format!("status {status} is not in the contract")],
        (Some(Some(schema)), Ok(value)) => {
            check(schema, &value).iter().map(|fault| format!("{} {}", fault.pointer, fault.detail.english)).collect()
        }
        (Some(Some(_)), Err(error)) => vec![error.to_string()],
        (Some(None), _) if bytes.is_empty() => vec![],
        (Some(None), _) => vec!["a body where there should be none".into()],
    };
    let has = |name: http::HeaderName| parts.headers.contains_key(name);
    if answer.is_some_and(|answer| spec.is_single(answer)) && !has(ETAG) {
        errors.push("no ETag".into());
    }
    if matches!(status.as_u16(), 201 | 303) && !has(LOCATION) {
        errors.push("no Location".into());
    }
    if errors.is_empty() {
        return Ok(Response::from_parts(parts, bytes.into()));
    }
    tracing::error!(http.route = spec.path, errors = errors.join("; "), "an answer breaks the contract");
    debug_assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR);
    Err(Kind::Internal.into())
}

#[cfg(test)]
mod tests {
    use domain::account::Role;
    use serde_json::json;

    use super::*;

    requests! {
        #[derive(Debug, PartialEq)]
        struct Patch {
            sender?: Option<String>,
            role?: Role,
        }
    }

    #[test]
    fn a_patch_tells_null_from_absent_and_takes_no_word_but_those_of_the_contract() {
        let read = |value| serde_json::from_value::<Patch>(value);
        assert_eq!(read(json!({})).unwrap(), Patch { sender: None, role: None });
        assert_eq!(read(json!({ "sender": null })).unwrap().sender, Some(None));
        assert_eq!(read(json!({ "sender": "A" })).unwrap().sender, Some(Some("A".into())));
        assert_eq!(read(json!({ "role": "editor" })).unwrap().role, Some(Role::Editor));
        assert!(read(json!({ "role": "king" })).is_err());
    }

    #[test]
    fn only_json_in_utf_8_is_read() {
        for (value, read) in [
            ("application/json", true),
            ("application/json; charset=utf-8", true),
            ("Application/JSON;charset=\"UTF-8\"", true),
            ("application/merge-patch+json", true),
            ("application/json; charset=latin1", false),
            ("text/plain", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, value.parse().unwrap())]);
            assert_eq!(is_json(&headers), read, "{value}");
        }
    }
}
