//! The entry point of functions that programs call: failures are problems, and CORS allows any origin.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderName};
use http::{HeaderValue, Method, StatusCode};

use super::Entry;
use crate::language::Language;
use crate::problem::{CONTENT_TYPE_PROBLEM, Problem};

const ALLOWED_METHODS: &str = "GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS";
const ALLOWED_HEADERS: &str = "authorization, content-type, accept-language, idempotency-key, if-match";
const EXPOSED_HEADERS: &str = "allow, content-disposition, content-language, etag, idempotency-replayed, location, \
                               ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, x-request-id";
/// Seconds for which a browser caches a preflight.
const PREFLIGHT_SECONDS: &str = "7200";

/// Responses hold data of one account: never framed, sniffed, cached or used as referrer. Any origin may read them,
/// since access needs a key and no cookie.
static HEADERS: [(HeaderName, &str); 11] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (header::ACCESS_CONTROL_ALLOW_METHODS, ALLOWED_METHODS),
    (header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS),
    (header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS),
    (header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS),
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::VARY, "accept-language"),
];

/// Wraps a router. `function` names it in the log.
pub fn json(router: Router, function: &'static str) -> Router {
    let entry =
        Entry { function, is_logged: true, language: Language::from_headers, explain: localize, headers: &HEADERS };
    // The methods of a path are known only after its route has answered, which is outside its layers.
    Router::new().fallback_service(entry.wrap(router)).layer(from_fn(options))
}

/// Answers `OPTIONS`. A preflight succeeds on every path; the request that follows may still be refused. tower-http's
/// `cors` would succeed on unknown paths too, but sends no `Allow`.
async fn options(request: Request, next: Next) -> Response {
    let is_asked = request.method() == Method::OPTIONS;
    let is_preflight = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let response = next.run(request).await;
    let is_answer = response.status() == StatusCode::METHOD_NOT_ALLOWED || is_preflight;
    if !is_asked || !is_answer {
        return response;
    }
    let (parts, _) = response.into_parts();
    let mut answer = StatusCode::NO_CONTENT.into_response();
    *answer.headers_mut() = parts.headers;
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_LANGUAGE] {
        answer.headers_mut().remove(name);
    }
    let allow = answer.headers().get(header::ALLOW).and_then(|allow| allow.to_str().ok());
    if let Some(allow) = allow.and_then(|allow| HeaderValue::from_str(&format!("{allow},OPTIONS")).ok()) {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    answer
}

/// Turns every failure into a problem in the language of the request. A stored response of an earlier request stays
/// unchanged.
fn localize(mut response: Response, language: Language, id: &str) -> Response {
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if is_problem(&response) => return response,
        None => Problem::of_status(response.status()),
    };
    let mut localized = problem.response(language, id);
    // Headers that a handler or the router added stay: `Allow`, rate limits.
    for (name, value) in response.headers() {
        if !localized.headers().contains_key(name) && name != header::CONTENT_LENGTH {
            localized.headers_mut().append(name, value.clone());
        }
    }
    localized
}

/// Whether an answer is a problem.
pub fn is_problem(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value == CONTENT_TYPE_PROBLEM)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    async fn broken() -> &'static str {
        panic!("oh");
    }

    async fn ask(method: &str, path: &str) -> (StatusCode, http::HeaderMap, String) {
        let router = Router::new().route("/broken", get(broken)).route("/fine", get(|| async { "fine" }));
        let request = Request::builder().method(method).uri(path).header("accept-language", "fr");
        let response = json(router, "test").oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 100_000).await.unwrap();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_caught_and_answered() {
        let (status, headers, body) = ask("GET", "/broken").await;
        assert_eq!((status.as_u16(), headers["content-type"].to_str().unwrap()), (500, CONTENT_TYPE_PROBLEM));
        assert!(body.contains("req_") && !body.contains("oh"), "{body}");
    }

    #[tokio::test]
    async fn an_unknown_path_and_a_wrong_method_are_problems_in_the_language_of_the_request() {
        let (status, headers, body) = ask("GET", "/nowhere").await;
        assert_eq!((status.as_u16(), headers["content-language"].to_str().unwrap()), (404, "fr"));
        assert!(body.contains("Introuvable"), "{body}");
        let (status, headers, _) = ask("POST", "/fine").await;
        assert_eq!((status.as_u16(), headers["allow"].to_str().unwrap()), (405, "GET,HEAD"));
        assert_eq!(headers["content-type"], CONTENT_TYPE_PROBLEM);
    }

    #[tokio::test]
    async fn a_browser_of_any_origin_may_ask() {
        let (status, headers, _) = ask("OPTIONS", "/fine").await;
        assert_eq!((status.as_u16(), headers["access-control-allow-origin"].to_str().unwrap()), (204, "*"));
        assert_eq!(headers["allow"], "GET,HEAD,OPTIONS");
        assert_eq!(ask("OPTIONS", "/nowhere").await.0, 404);
        let (_, headers, body) = ask("GET", "/fine").await;
        assert_eq!((headers["x-content-type-options"].to_str().unwrap(), body.as_str()), ("nosniff", "fine"));
    }
}
