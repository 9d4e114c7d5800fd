//! `GET /v1/health`, and the documents about the API itself.

use axum::response::{Html, IntoResponse};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use serde_json::json;
use shared::domain::account::Scope;

use crate::answer::{Answer, Answered};
use crate::contract::docs;
use crate::contract::operation::{Operation, get};
use crate::contract::schema::{any_text, field, object, word};

const FIVE_MINUTES: &str = "public, max-age=300";

pub fn operations() -> Vec<Operation> {
    let healthy = object([field("status", word(["ok"])), field("version", any_text())]).named("Health");
    vec![get("/health", Scope::Read, "Whether the API answers", health).public().answers(200, "It does", healthy)]
}

pub async fn health() -> Answered {
    Answer::ok(&json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// `GET /v1/openapi.json`.
pub async fn document() -> impl IntoResponse {
    ([(CACHE_CONTROL, FIVE_MINUTES)], axum::Json(crate::openapi()))
}

/// `GET /docs`: the same for people.
pub async fn docs() -> impl IntoResponse {
    let headers = [(CACHE_CONTROL, FIVE_MINUTES), (CONTENT_SECURITY_POLICY, docs::POLICY)];
    (headers, Html(docs::page(&crate::openapi())))
}
