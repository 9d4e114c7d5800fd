//! `If-Match`: change it only if it is still what I saw.

use axum::extract::FromRequestParts;
use http::header::IF_MATCH;
use http::request::Parts;
use web::Kind;

use crate::App;
use crate::answer::etag;
use crate::failure::Failure;

/// The versions that a request may change; any when it does not say.
#[derive(Debug, Clone)]
pub struct IfMatch(Option<String>);

impl FromRequestParts<App> for IfMatch {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Failure> {
        let header = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Ok(Self(parts.headers.get(IF_MATCH).map(header)))
    }
}

impl IfMatch {
    /// 412 unless the version that stands is one that the request names.
    pub fn holds(&self, version: u64) -> Result<(), Failure> {
        let Some(header) = &self.0 else { return Ok(()) };
        let (header, current) = (header.trim(), etag(version));
        // A weak tag never matches here (RFC 9110, 13.1.1).
        if header == "*" || header.split(',').any(|tag| tag.trim() == current) {
            return Ok(());
        }
        Err(Kind::PreconditionFailed.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_version_that_was_seen_may_be_changed() {
        let holds = |header: Option<&str>| IfMatch(header.map(Into::into)).holds(3).is_ok();
        assert!(holds(None) && holds(Some("\"3\"")) && holds(Some("*")) && holds(Some("\"1\", \"3\"")));
        assert!(!holds(Some("\"2\"")) && !holds(Some("W/\"3\"")) && !holds(Some("3")) && !holds(Some("")));
    }
}
