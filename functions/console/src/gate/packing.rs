//! Answers go out compressed, since the gateway of an HTTP API does not do it: pages as they are made, files of ours once.

use std::io::Write;

use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, header};

/// Below this nothing is won.
const OCTETS_MIN: usize = 1_000;
/// Larger answers than Lambda takes are none.
const OCTETS_MAX: usize = 6 * 1024 * 1024;

/// Whether the browser reads gzip, as every browser does.
pub fn is_welcome(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim() == "gzip" && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

/// The octets as gzip; nothing when they cannot be packed, which memory never refuses.
pub fn gzip(octets: &[u8], level: Compression) -> Option<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::with_capacity(octets.len() / 4), level);
    packer.write_all(octets).ok()?;
    packer.finish().ok()
}

/// Packs an answer of text that nobody packed yet. Pages carry no secret that a guess could be held against: the token
/// of their forms is another one each time.
pub async fn pack(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_text = kind.starts_with("text/") || kind.starts_with("application/json");
    if !is_text || response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(octets) = to_bytes(body, OCTETS_MAX).await else {
        return http::StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if octets.len() < OCTETS_MIN {
        return Response::from_parts(parts, Body::from(octets));
    }
    match gzip(&octets, Compression::new(5)) {
        Some(packed) => {
            parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            parts.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(packed))
        }
        None => Response::from_parts(parts, Body::from(octets)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_ask_for_it() {
        let asks =
            |accepted: &str| is_welcome(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, accepted.parse().unwrap())]));
        assert!(asks("gzip") && asks("gzip, deflate, br, zstd") && asks("br;q=1, gzip;q=0.5"));
        assert!(!asks("br") && !asks("gzip;q=0") && !is_welcome(&HeaderMap::new()));
    }
}
