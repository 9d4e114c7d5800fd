//! The fields of a form, as sent: names may repeat, and their order counts.

use std::str::FromStr;

use axum::body::Body;
use axum::extract::FromRequestParts;
use http::request::Parts;

use super::PageError;

#[derive(Debug, Clone, Default)]
pub struct Fields(pub Vec<(String, String)>);

/// Reads a body of `application/x-www-form-urlencoded`; an empty body has no fields.
pub async fn read(body: Body, bytes_max: usize) -> Result<Fields, PageError> {
    let bytes = axum::body::to_bytes(body, bytes_max).await.map_err(|_| PageError::ForeignForm)?;
    serde_urlencoded::from_bytes(&bytes).map(Fields).map_err(|_| PageError::ForeignForm)
}

impl Fields {
    /// The last field of this name; empty if there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().rev().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// The last field of this name, trimmed; `None` if blank.
    pub fn some(&self, name: &str) -> Option<&str> {
        Some(self.get(name).trim()).filter(|value| !value.is_empty())
    }

    /// Text with several lines: a browser sends `\r
    /// `, a phone writes `
    /// `.
    pub fn lines(&self, name: &str) -> String {
        self.get(name).replace("\r\n", "\n")
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field == name)
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The id that the form assigned to the new object, so that sending it twice creates one.
    pub fn id<T: FromStr>(&self) -> Option<T> {
        self.get("id").parse().ok()
    }

    /// Every field of this name that parses as `T`.
    pub fn parsed<T: FromStr>(&self, name: &str) -> Vec<T> {
        self.all(name).filter_map(|value| value.parse().ok()).collect()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Fields {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}
