//! What every request passes before a page: the entry point, the session, permissions, and the origin of forms.
//!
//! - `entry` – request id, panics, security headers, compression, one line of log;
//! - `origin` – whether a form was sent from our own pages;
//! - `cookies` – reading and writing cookies;
//! - `session` – the session cookie;
//! - `visitor` – the signed-in user with account, language and time: what pages get;
//! - `fields` – the fields of a form;
//! - `error` – errors as pages.

pub mod cookies;
pub mod entry;
pub mod error;
pub mod fields;
pub mod origin;
pub mod session;
pub mod visitor;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{Method, header};
use subtle::ConstantTimeEq;

pub use error::PageError;
pub use fields::Fields;
pub use visitor::Visitor;

use crate::App;
use crate::pages::signin;

/// Largest form, in bytes.
const FORM_BYTES_MAX: usize = 1024 * 1024;

pub type Answer = Result<Response, PageError>;

/// Admits signed-in users to a page, reads their form, and verifies its token.
pub async fn pass(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let is_form = parts.method == Method::POST;
    let language = visitor::language(&parts.headers);
    let fields = match fields::read(body, FORM_BYTES_MAX).await {
        Ok(fields) => fields,
        Err(failure) => return failure.page(language, None),
    };
    if is_form && !origin::comes_from_here(&parts.headers) {
        return PageError::ForeignForm.page(language, None);
    }
    let path = parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let (visitor, token) = match session::find(&app, &parts.headers).await {
        Ok(Some(found)) => {
            let token = found.csrf.clone();
            (Visitor::new(&app, found, &parts.headers, path), token)
        }
        // The typed form is restored after signing in again.
        Ok(None) => return signin::again(language, &path, is_form.then_some(&fields)),
        Err(failure) => return failure.page(language, None),
    };
    if is_form {
        let sent = session::unmasked(fields.get("csrf"));
        let is_ours = bool::from(sent.as_bytes().ct_eq(token.as_bytes()));
        if !is_ours {
            return PageError::ForeignForm.page(language, Some(&visitor));
        }
    }
    tracing::Span::current().record("account.id", tracing::field::display(&visitor.account.id));
    parts.extensions.insert(fields);
    parts.extensions.insert(visitor.clone());
    let mut response = next.run(Request::from_parts(parts, axum::body::Body::empty())).await;
    if let Some(failure) = response.extensions_mut().remove::<PageError>() {
        return failure.page(visitor.language, Some(&visitor));
    }
    response
}

/// Redirects after a processed form with `303`, so that going back does not send it again.
pub fn redirect_to(path: &str) -> Response {
    (http::StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}
