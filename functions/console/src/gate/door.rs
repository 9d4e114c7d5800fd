//! The door that every request passes: an id for it, panics kept inside, security headers, one line of log that holds
//! no address, no number and no text.

use std::panic::AssertUnwindSafe;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};
use support::random;
use tracing::Instrument;

use super::packing;
use crate::App;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub async fn door(State(app): State<App>, request: Request, next: Next) -> Response {
    let id = format!("req_{}", hex::encode(random::octets::<12>()));
    let span =
        tracing::info_span!("request", request.id = %id, function = "console", account.id = tracing::field::Empty);
    let takes_gzip = packing::is_welcome(request.headers());
    let mut response = async {
        let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
        let method = request.method().clone();
        let response = AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!(http.route = route, "a page panicked");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        });
        tracing::info!(http.route = route, http.method = %method, http.status = response.status().as_u16(), "answered");
        response
    }
    .instrument(span)
    .await;
    if takes_gzip {
        response = packing::pack(response).await;
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    guard(&mut response, app.bucket_origin().await);
    response
}

/// Pages run our own scripts and styles out of our own files, talk to us and to the bucket, and are never framed.
fn guard(response: &mut Response, bucket: &str) {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: {bucket}; font-src 'self'; \
         connect-src 'self' {bucket}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CACHE_CONTROL, "no-store");
    set(header::REFERRER_POLICY, "same-origin");
    set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(header::VARY, "accept-encoding, accept-language, cookie");
}

/// Whether a form was sent from our own pages, as far as the browser says.
pub fn comes_from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return false;
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        (Some(_), None) => false,
        (None, _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_strangers_are_told_apart() {
        let comes = |pairs: &[(&'static str, &'static str)]| {
            let pairs =
                pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            comes_from_here(&pairs.collect())
        };
        assert!(comes(&[("host", "envol.example"), ("origin", "https://envol.example")]));
        assert!(comes(&[("host", "envol.example")]));
        assert!(!comes(&[("host", "envol.example"), ("origin", "https://evil.example")]));
        assert!(!comes(&[("host", "envol.example"), ("origin", "null")]));
        assert!(!comes(&[("host", "envol.example"), ("sec-fetch-site", "cross-site")]));
    }
}
