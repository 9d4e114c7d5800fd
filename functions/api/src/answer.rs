//! Responses of handlers: a status, a view, and the headers that go with it.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, ETAG, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Value;

use crate::contract::described::Described;
use crate::contract::schema::{Schema, all, any_text, object};
use crate::error::ApiError;
use crate::gate::IdempotentBody;

/// The result of every handler.
pub type Answered = Result<Answer, ApiError>;

pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Option<Value>,
    kept: Option<String>,
}

impl Answer {
    fn new(status: StatusCode, body: Option<Value>) -> Self {
        Self { status, headers: HeaderMap::new(), body, kept: None }
    }

    /// 200 with a view.
    pub fn ok<T: Serialize>(view: &T) -> Result<Self, ApiError> {
        Ok(Self::new(StatusCode::OK, Some(serde_json::to_value(view).map_err(ApiError::Unwritable)?)))
    }

    /// 201 with the view of the created object, and its path.
    pub fn created<T: Serialize>(location: &str, view: &T) -> Result<Self, ApiError> {
        Ok(Self { status: StatusCode::CREATED, ..Self::ok(view)? }.header(LOCATION, &format!("/v1{location}")))
    }

    /// 202: ask again after this many seconds.
    pub fn later<T: Serialize>(seconds: u32, view: &T) -> Result<Self, ApiError> {
        Ok(Self { status: StatusCode::ACCEPTED, ..Self::ok(view)? }.header(RETRY_AFTER, &seconds.to_string()))
    }

    /// 204.
    pub fn empty() -> Self {
        Self::new(StatusCode::NO_CONTENT, None)
    }

    /// 303 to a file.
    pub fn redirect_to(url: &str) -> Self {
        Self::new(StatusCode::SEE_OTHER, None).header(LOCATION, url)
    }

    /// All items of a listing, in one page.
    pub fn list<T, V: Serialize>(items: Vec<T>, view: impl FnMut(T) -> V) -> Result<Self, ApiError> {
        Self::ok(&PageView { items: items.into_iter().map(view).collect::<Vec<V>>(), next: None })
    }

    /// With an entity tag of letters and digits.
    #[must_use]
    pub fn etag(self, tag: &str) -> Self {
        self.header(ETAG, &format!("\"{tag}\""))
    }

    /// With the version as an entity tag.
    #[must_use]
    pub fn version(self, version: u64) -> Self {
        self.header(ETAG, &etag(version))
    }

    /// What an `Idempotency-Key` stores in place of this response, which contains a secret.
    pub fn idempotent_body<T: Serialize>(self, view: &T) -> Result<Self, ApiError> {
        Ok(Self { kept: Some(serde_json::to_string(view).map_err(ApiError::Unwritable)?), ..self })
    }

    fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}

/// A page of a listing.
#[derive(Serialize)]
pub struct PageView<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

impl<T: Described> Described for PageView<T> {
    type Patch = Self;
    fn schema() -> Schema {
        let next = any_text().or_null().about(
            "Pass it as `cursor` for the next page; null at the end",
            "À passer comme `cursor` pour la page suivante ; null à la fin",
        );
        object([]).field("items", all(T::schema())).field("next", next)
    }
}

/// A version on the wire.
pub fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = match self.body {
            Some(body) => {
                let json = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
                (self.status, json, self.headers, body.to_string()).into_response()
            }
            None => (self.status, self.headers).into_response(),
        };
        if let Some(kept) = self.kept {
            response.extensions_mut().insert(IdempotentBody(kept));
        }
        response
    }
}
