//! A user's own settings: language, signing out here or everywhere.

use app::users;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};

use crate::visitor::LANGUAGE_COOKIE;
use crate::visitor::{Answer, Fields, Visitor, cookies, session};

/// How long a language is remembered.
const YEAR_SECONDS: i64 = 365 * 24 * 60 * 60;

pub async fn sign_out(visitor: Visitor, headers: HeaderMap) -> Answer {
    visitor.context.store.end_session(&visitor.secret_hash).await?;
    Ok(gone(&headers))
}

pub async fn sign_out_everywhere(visitor: Visitor, headers: HeaderMap) -> Answer {
    users::end_own_sessions(&visitor.context, &visitor.user.id).await?;
    Ok(gone(&headers))
}

fn gone(headers: &HeaderMap) -> Response {
    let headers = [(header::LOCATION, "/signin".to_owned()), (header::SET_COOKIE, session::forget(headers))];
    (StatusCode::SEE_OTHER, headers).into_response()
}

pub async fn language(fields: Fields, headers: HeaderMap) -> Answer {
    // Only one of our own paths: anything else would redirect to another site.
    let back = Some(fields.get("back")).filter(|back| back.starts_with('/') && !back.starts_with("//"));
    Ok(set_language(fields.get("language"), back.unwrap_or("/campaigns"), &headers))
}

/// Stores a language for a year.
pub fn set_language(language: &str, back: &str, headers: &HeaderMap) -> Response {
    let language = if language == "en" { "en" } else { "fr" };
    let cookie = cookies::write(headers, LANGUAGE_COOKIE, language, YEAR_SECONDS);
    (StatusCode::SEE_OTHER, [(header::LOCATION, back.to_owned()), (header::SET_COOKIE, cookie)]).into_response()
}
