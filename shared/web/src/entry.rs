//! The entry point of every HTTP function: turns panics into responses, localises failures, adds security headers, and
//! gives each request an id and one line of log without addresses, numbers or texts.
//!
//! tower-http catches the panics. Ids and headers are set here: its `request-id` keeps an id chosen by the client, and
//! its `set-header` adds a layer and a boxed response for every header.

mod json;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use http::header::HeaderName;
use http::{HeaderMap, HeaderValue, StatusCode};
use support::random;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use super::language::Language;

pub use json::{is_problem, json};

/// Names the request in the response, in problems and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The request id, as an extension of the request.
#[derive(Debug, Clone, Default)]
pub struct RequestId(pub String);

/// What differs between the functions.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Names the function in the log.
    pub function: &'static str,
    /// Whether each request gets an id and a line of log.
    pub is_logged: bool,
    pub language: fn(&HeaderMap) -> Language,
    /// Gives a failure its body, in a language and with the request's id. A bare 500 is a panic.
    pub explain: fn(Response, Language, &str) -> Response,
    /// Headers of responses that do not set them themselves.
    pub headers: &'static [(HeaderName, &'static str)],
}

impl Entry {
    /// Wraps a router.
    pub fn wrap(self, router: Router) -> Router {
        let panicked = move |_| {
            tracing::error!(function = self.function, "a handler panicked");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        };
        let pass = move |request: Request, next: Next| async move {
            match self.is_logged {
                true => self.log(request, next).await,
                false => self.answer(request, next, "").await,
            }
        };
        router.layer((from_fn(pass), CatchPanicLayer::custom(panicked)))
    }

    async fn log(self, mut request: Request, next: Next) -> Response {
        let id = format!("req_{}", hex::encode(random::bytes::<12>()));
        let function = self.function;
        let span = tracing::info_span!("request", request.id = %id, function, account.id = tracing::field::Empty);
        let answered = async {
            request.extensions_mut().insert(RequestId(id.clone()));
            // The matched route, not the path: a path may contain a number.
            let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
            let method = request.method().clone();
            let response = self.answer(request, next, &id).await;
            let status = response.status().as_u16();
            tracing::info!(http.route = route, http.method = %method, http.status = status, "answered");
            response
        };
        let mut response = answered.instrument(span).await;
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }

    async fn answer(self, request: Request, next: Next, id: &str) -> Response {
        let language = (self.language)(request.headers());
        let mut response = next.run(request).await;
        let status = response.status();
        if status.is_client_error() || status.is_server_error() {
            response = (self.explain)(response, language, id);
        }
        for (name, value) in self.headers {
            response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    const ENTRY: Entry = Entry {
        function: "test",
        is_logged: true,
        language: Language::from_headers,
        explain: |response, language, id| {
            let about = format!("{} {} {id}", response.status().as_u16(), language.code());
            (response.status(), about).into_response()
        },
        headers: &[(http::header::CACHE_CONTROL, "no-store")],
    };

    async fn broken() -> &'static str {
        panic!("oh");
    }

    async fn ask(entry: Entry, path: &str) -> (StatusCode, HeaderMap, String) {
        let kept = || async { ([(http::header::CACHE_CONTROL, "immutable")], "kept") };
        let router = Router::new().route("/broken", get(broken)).route("/kept", get(kept));
        let request = Request::get(path).header("accept-language", "fr").header(REQUEST_ID, "req_of_the_client");
        let response = entry.wrap(router).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 100_000).await.unwrap();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_caught_and_explained_in_the_language_of_the_request() {
        let (status, headers, body) = ask(ENTRY, "/broken").await;
        let id = headers[&REQUEST_ID].to_str().unwrap();
        assert_eq!((status, body), (StatusCode::INTERNAL_SERVER_ERROR, format!("500 fr {id}")));
        assert!(id.starts_with("req_") && id.len() == 28, "{id}");
        assert_eq!(headers["cache-control"], "no-store");
    }

    #[tokio::test]
    async fn an_unknown_path_is_explained_and_a_response_keeps_its_own_headers() {
        assert!(ask(ENTRY, "/nowhere").await.2.starts_with("404 fr req_"));
        let (status, headers, body) = ask(ENTRY, "/kept").await;
        assert_eq!(
            (status, body.as_str(), &headers["cache-control"]),
            (StatusCode::OK, "kept", &"immutable".parse().unwrap())
        );
    }

    #[tokio::test]
    async fn without_a_log_there_is_no_id_and_panics_are_still_caught() {
        let entry = Entry { is_logged: false, ..ENTRY };
        let (_, headers, body) = ask(entry, "/broken").await;
        assert_eq!((body.as_str(), headers.get(&REQUEST_ID)), ("500 fr ", None));
    }
}
