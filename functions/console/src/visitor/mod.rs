//! The signed-in visitor: user, account, language and time of the request. Pages get it.
//!
//! - `session` – the session cookie; `cookies` – reading and writing cookies;
//! - `origin` – whether a form was sent from our own pages; `fields` – the fields of a form;
//! - `error` – errors of pages; `view::problem` shows them.

pub mod cookies;
pub mod error;
pub mod fields;
pub mod origin;
pub mod session;

use app::{Actor, Context, UseCase};
use aws::store::Begun;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use domain::account::{Account, User};
use http::header::{self, ACCEPT_LANGUAGE};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use support::random;
use web::Language;
use web::address::network;

pub use error::PageError;
pub use fields::Fields;

use crate::App;
use crate::words::Word;
use session::SignedIn;

/// Cookie with the chosen language.
pub const LANGUAGE_COOKIE: &str = "envol_language";

pub type Answer = Result<Response, PageError>;

#[derive(Clone)]
pub struct Visitor {
    pub app: App,
    /// Their account, and what they may do.
    pub context: Context,
    pub account: Account,
    pub user: User,
    pub language: Language,
    pub zone: TimeZone,
    pub now: Timestamp,
    /// The CSRF token for forms.
    pub csrf: String,
    pub secret_hash: String,
    /// Path and query of the request.
    pub path: String,
}

/// Redirects after a processed form with `303`, so that going back does not send it again.
pub fn redirect_to(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}

/// The language chosen, or the better liked one; French when nobody says anything.
pub fn language(headers: &HeaderMap) -> Language {
    match cookies::read(headers, LANGUAGE_COOKIE) {
        Some("fr") => Language::French,
        Some("en") => Language::English,
        _ if headers.contains_key(ACCEPT_LANGUAGE) => {
            let header = headers[ACCEPT_LANGUAGE].to_str().unwrap_or_default().to_ascii_lowercase();
            let names_english = header.split(',').any(|range| range.trim().starts_with("en"));
            if names_english { Language::from_headers(headers) } else { Language::French }
        }
        _ => Language::French,
    }
}

impl Visitor {
    pub fn new(app: &App, found: SignedIn, headers: &HeaderMap, path: String) -> Self {
        Self {
            app: app.clone(),
            context: app.services.context(&found.account.id, Actor::user(&found.user, network(headers))),
            zone: found.account.zone(),
            account: found.account,
            user: found.user,
            language: language(headers),
            now: app.services.clock.now(),
            csrf: session::masked(&found.csrf, random::bytes()),
            secret_hash: found.secret_hash,
            path,
        }
    }

    pub fn text(&self, word: Word) -> &'static str {
        word.of(self.language)
    }

    pub fn text_with<T: AsRef<str>>(&self, word: Word, values: &[T]) -> String {
        word.with(self.language, values)
    }

    /// Whether their role allows this use case.
    pub fn may(&self, use_case: UseCase) -> bool {
        self.context.actor.may(use_case)
    }

    /// Fails unless their role allows this use case.
    pub fn needs(&self, use_case: UseCase) -> Result<(), PageError> {
        if self.may(use_case) { Ok(()) } else { Err(PageError::Forbidden) }
    }

    /// A parameter of the query.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
        pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Whether a form that costs credits is sent for the first time; its hidden field `once` shows that.
    pub async fn is_first(&self, fields: &Fields) -> Result<bool, PageError> {
        let Some(once) = fields.some("once").filter(|once| once.len() <= 64) else { return Ok(true) };
        let path = self.path.split('?').next().unwrap_or_default();
        Ok(self.context.store.begin_request(&format!("form {once}"), path, self.now).await? == Begun::New)
    }

    /// The hidden field for [`Self::is_first`].
    pub fn once(&self) -> Markup {
        let once = hex::encode(random::bytes::<12>());
        html! { input type="hidden" name="once" value=(once); }
    }

    /// Redirects to a page that confirms what was done.
    pub fn done(&self, path: &str, done: &str) -> Answer {
        let separator = if path.contains('?') { '&' } else { '?' };
        Ok(redirect_to(&format!("{path}{separator}done={done}")))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = PageError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        parts.extensions.get::<Self>().cloned().ok_or(PageError::ForeignForm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_is_the_default_and_a_chosen_language_is_kept() {
        let headers = |pairs: &[(http::HeaderName, &str)]| {
            pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect::<HeaderMap>()
        };
        assert_eq!(language(&headers(&[])), Language::French);
        assert_eq!(language(&headers(&[(ACCEPT_LANGUAGE, "de")])), Language::French);
        assert_eq!(language(&headers(&[(ACCEPT_LANGUAGE, "en-GB,en;q=0.8")])), Language::English);
        let chosen = headers(&[(ACCEPT_LANGUAGE, "en"), (header::COOKIE, "envol_language=fr")]);
        assert_eq!(language(&chosen), Language::French);
    }
}
