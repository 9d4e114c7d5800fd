//! `GET /v1/health`, and the documents about the API itself.

use app::UseCase;
use axum::response::{Html, IntoResponse};
use http::HeaderMap;
use http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY};
use web::Language;

use crate::answer::{Answer, Answered};
use crate::contract::docs;
use crate::contract::operation::{Operation, get};
use crate::contract::schema::word;

const FIVE_MINUTES: &str = "public, max-age=300";

pub fn operations() -> Vec<Operation> {
    vec![
        get("/health", UseCase::ReadAccount, health)
            .summary("Whether the API answers", "Si l’API répond")
            .public()
            .answers::<HealthView>(200, "It does", "Elle répond"),
    ]
}

answers! {
    struct HealthView as "Health" {
        status: &'static str = word(["ok"]),
        version: &'static str,
    }
}

pub async fn health() -> Answered {
    Answer::ok(&HealthView { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// `GET /v1/openapi.json`.
pub async fn document() -> impl IntoResponse {
    ([(CACHE_CONTROL, FIVE_MINUTES)], axum::Json(crate::openapi(Language::English)))
}

/// `GET /docs`: the same for people.
pub async fn docs(uri: http::Uri, headers: HeaderMap) -> impl IntoResponse {
    // A link chooses the language; without one the browser does.
    let language = match uri.query() {
        Some("language=fr") => Language::French,
        Some("language=en") => Language::English,
        _ => Language::from_headers(&headers),
    };
    let headers =
        [(CACHE_CONTROL, FIVE_MINUTES), (CONTENT_SECURITY_POLICY, docs::POLICY), (CONTENT_LANGUAGE, language.code())];
    (headers, Html(docs::page(&crate::openapi(language), language)))
}
