//! `If-Match`: a change only of the expected version.

use app::Expected;
use axum::extract::FromRequestParts;
use http::header::IF_MATCH;
use http::request::Parts;

use crate::App;
use crate::contract::operation::{Extract, OperationSpec};
use crate::error::ApiError;

/// The versions that a request may change; any if it names none.
#[derive(Debug, Clone)]
pub struct IfMatch(pub Expected);

impl Extract for IfMatch {
    fn specify(spec: &mut OperationSpec) {
        spec.is_conditional = true;
    }
}

impl FromRequestParts<App> for IfMatch {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        let header = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Ok(Self(parts.headers.get(IF_MATCH).map(header).map_or(Expected::Any, |header| versions(&header))))
    }
}

/// The versions whose strong tags a header lists. A weak tag never matches here (RFC 9110, 13.1.1).
fn versions(header: &str) -> Expected {
    let version = |tag: &str| tag.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok();
    match header.trim() {
        "*" => Expected::Any,
        header => Expected::Versions(header.split(',').filter_map(version).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strong_tags_are_versions() {
        assert_eq!(versions("*"), Expected::Any);
        for (header, expected) in
            [("\"3\"", vec![3]), ("\"1\", \"3\"", vec![1, 3]), ("W/\"3\"", vec![]), ("3", vec![]), ("", vec![])]
        {
            assert_eq!(versions(header), Expected::Versions(expected), "{header}");
        }
    }
}
