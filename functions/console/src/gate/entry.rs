//! The console's entry point: as for all functions, with error pages, a content security policy, and compression, which
//! the gateway of an HTTP API lacks.

use axum::Router;
use axum::extract::State;
use axum::middleware::map_response_with_state;
use axum::response::Response;
use http::header::{self, HeaderName};
use http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};
use web::{Entry, Language};

use crate::App;
use crate::view::problem;
use crate::visitor::{self, PageError};

/// Bytes below which compression is not worthwhile.
const COMPRESSED_BYTES_MIN: u16 = 1_000;
const COMPRESSION: CompressionLevel = CompressionLevel::Precise(5);

static HEADERS: [(HeaderName, &str); 8] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::VARY, "accept-encoding, accept-language, cookie"),
];

/// Wraps a router.
pub fn wrap(router: Router<App>, app: App) -> Router {
    let entry = Entry { function: "console", is_logged: true, language: visitor::language, explain, headers: &HEADERS };
    // Compression is safe against length attacks: the CSRF token differs in every page, and pages hold no other secret.
    let is_worth_it = SizeAbove::new(COMPRESSED_BYTES_MIN).and(is_text);
    let compression = CompressionLayer::new().quality(COMPRESSION).compress_when(is_worth_it);
    entry.wrap(router.with_state(app.clone())).layer((compression, map_response_with_state(app, content_policy)))
}

fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/") || kind.starts_with("application/json")
}

/// The page for a panic; other failures have their own.
fn explain(response: Response, language: Language, _: &str) -> Response {
    let is_bare = !response.headers().contains_key(header::CONTENT_TYPE);
    match response.status() {
        StatusCode::INTERNAL_SERVER_ERROR if is_bare => problem::page(&PageError::Panic, language, None),
        _ => response,
    }
}

/// Pages may run our own scripts and styles, connect to us and the bucket, and are never framed.
async fn content_policy(State(app): State<App>, mut response: Response) -> Response {
    let bucket = app.bucket_origin().await;
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: {bucket}; font-src 'self'; \
         connect-src 'self' {bucket}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::response::IntoResponse;

    use super::*;

    #[tokio::test]
    async fn a_panic_gets_a_page_in_the_users_language_and_other_failures_keep_theirs() {
        let page = explain(StatusCode::INTERNAL_SERVER_ERROR.into_response(), Language::French, "");
        assert_eq!(page.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(page.headers()["content-language"], "fr");
        let body = to_bytes(page.into_body(), 100_000).await.unwrap();
        assert!(String::from_utf8_lossy(&body).contains("Une erreur est survenue de notre côté"));
        let own = explain((StatusCode::INTERNAL_SERVER_ERROR, "own").into_response(), Language::French, "");
        assert_eq!(to_bytes(own.into_body(), 100).await.unwrap(), "own");
        let not_allowed = explain(StatusCode::METHOD_NOT_ALLOWED.into_response(), Language::French, "");
        assert_eq!(not_allowed.status(), StatusCode::METHOD_NOT_ALLOWED);
    }
}
