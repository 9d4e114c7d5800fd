//! The pages: an image, or an error. Small, self-contained, in the visitor's language.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use web::Language;

/// Allowed by its hash in the policy below; a test compares both.
const STYLE: &str = "body{font:1.1rem/1.5 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;\
place-items:center;background:#f4f5f9;color:#1b1e28}main{padding:2rem;text-align:center}\
h1{font-size:1.4rem}img{max-width:100%;max-height:96vh;display:block}\
@media(prefers-color-scheme:dark){body{background:#14161c;color:#eceef4}}";
const STYLE_HASH: &str = "sha256-9lY00I9D/+sM6Z2fcIFEsRyMfiwUFuRVFuIAiA70y+s=";

/// 404: unknown code, or its campaign ended long ago.
pub fn not_found(language: Language) -> Response {
    let (title, text) = match language {
        Language::French => ("Lien introuvable", "Ce lien n’existe pas ou n’est plus valable."),
        Language::English => ("Link not found", "This link does not exist or is no longer valid."),
    };
    page(StatusCode::NOT_FOUND, language, title, &format!("<h1>{title}</h1><p>{text}</p>"), None)
}

/// 404: the link has expired.
pub fn expired(language: Language) -> Response {
    let (title, text) = match language {
        Language::French => ("Lien expiré", "Ce lien n’est plus valable : sa date est passée."),
        Language::English => ("Link expired", "This link is no longer valid: its date has passed."),
    };
    page(StatusCode::NOT_FOUND, language, title, &format!("<h1>{title}</h1><p>{text}</p>"), None)
}

/// 503: an internal error.
pub fn unavailable(language: Language) -> Response {
    let (title, text) = match language {
        Language::French => ("Momentanément indisponible", "Réessayez dans quelques instants."),
        Language::English => ("Temporarily unavailable", "Please try again in a moment."),
    };
    let mut response =
        page(StatusCode::SERVICE_UNAVAILABLE, language, title, &format!("<h1>{title}</h1><p>{text}</p>"), None);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

/// A failure without a page is a panic.
pub fn explain(response: Response, language: Language, _: &str) -> Response {
    if response.headers().contains_key(header::CONTENT_TYPE) { response } else { unavailable(language) }
}

/// The page of an image, whose signed `address` works for some minutes.
pub fn image(language: Language, address: &str) -> Response {
    let body = format!("<img src=\"{}\" alt=\"Image\">", escaped(address));
    page(StatusCode::OK, language, "Image", &body, origin(address))
}

fn page(status: StatusCode, language: Language, title: &str, body: &str, images: Option<&str>) -> Response {
    let lang = language.code();
    let html = format!(
        "<!doctype html><html lang={lang}><head><meta charset=utf-8><title>{title}</title>\
         <meta name=viewport content=\"width=device-width,initial-scale=1\"><style>{STYLE}</style></head>\
         <body><main>{body}</main></body></html>"
    );
    let images = images.unwrap_or("'none'");
    let policy = format!(
        "default-src 'none'; style-src '{STYLE_HASH}'; img-src {images}; base-uri 'none'; frame-ancestors 'none'"
    );
    let mut response = (status, [(header::VARY, "accept-language")], Html(html)).into_response();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Scheme, host and port of an address.
fn origin(address: &str) -> Option<&str> {
    let host = address.find("://")? + 3;
    let end = address.get(host..)?.find(['/', '?', '#']).map_or(address.len(), |end| host + end);
    address.get(..end)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_policy_allows_the_style_that_is_there() {
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE));
        assert_eq!(STYLE_HASH, format!("sha256-{hash}"));
    }

    #[test]
    fn a_panic_gets_an_error_page_and_other_pages_are_unchanged() {
        let panicked = explain(StatusCode::INTERNAL_SERVER_ERROR.into_response(), Language::French, "");
        assert_eq!(panicked.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(explain(expired(Language::French), Language::French, "").status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn an_image_may_be_loaded_from_its_own_origin_only() {
        let response = image(Language::French, "https://b.s3.example:9/media/a?X-Amz-Signature=\"&b");
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("img-src https://b.s3.example:9;"), "{policy}");
        assert_eq!(origin("https://a"), Some("https://a"));
        assert_eq!(origin("nothing"), None);
    }
}
