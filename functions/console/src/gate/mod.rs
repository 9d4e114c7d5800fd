//! What every request passes before a page sees it: who is there, and whether the form that they send is theirs. `entry`
//! is in front of it: request id, panics, security headers, compression, one line of log.

pub mod entry;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::Method;
use subtle::ConstantTimeEq;

use crate::App;
use crate::pages::signin;
use crate::view::problem;
use crate::visitor::{self, PageError, Visitor, fields, origin, session};

/// Largest form, in bytes.
const FORM_BYTES_MAX: usize = 1024 * 1024;

/// Lets a signed-in person through to a page, reads the form that they send, and checks that it is theirs.
pub async fn pass(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let is_form = parts.method == Method::POST;
    let language = visitor::language(&parts.headers);
    let fields = match fields::read(body, FORM_BYTES_MAX).await {
        Ok(fields) => fields,
        Err(failure) => return problem::page(&failure, language, None),
    };
    if is_form && !origin::comes_from_here(&parts.headers) {
        return problem::page(&PageError::ForeignForm, language, None);
    }
    let path = parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let (visitor, token) = match session::find(&app, &parts.headers).await {
        Ok(Some(found)) => {
            let token = found.csrf.clone();
            (Visitor::new(&app, found, &parts.headers, path), token)
        }
        // The typed form is restored after signing in again.
        Ok(None) => return signin::again(language, &path, is_form.then_some(&fields)),
        Err(failure) => return problem::page(&failure, language, None),
    };
    if is_form {
        let sent = session::unmasked(fields.get("csrf"));
        let is_ours = bool::from(sent.as_bytes().ct_eq(token.as_bytes()));
        if !is_ours {
            return problem::page(&PageError::ForeignForm, language, Some(&visitor));
        }
    }
    tracing::Span::current().record("account.id", tracing::field::display(&visitor.account.id));
    parts.extensions.insert(fields);
    parts.extensions.insert(visitor.clone());
    let mut response = next.run(Request::from_parts(parts, axum::body::Body::empty())).await;
    if let Some(failure) = response.extensions_mut().remove::<PageError>() {
        return problem::page(&failure, visitor.language, Some(&visitor));
    }
    response
}
