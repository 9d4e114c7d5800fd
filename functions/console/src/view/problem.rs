//! What went wrong, as a page that says what to do.

use axum::response::{IntoResponse, Response};
use maud::html;
use web::Language;

use super::layout::{self, NavItem};
use crate::visitor::{PageError, Visitor, redirect_to};
use crate::words;

/// The page, in the layout of the visitor if somebody is signed in.
pub fn page(problem: &PageError, language: Language, visitor: Option<&Visitor>) -> Response {
    if let PageError::Internal(error) = problem {
        tracing::error!(error.chain = support::telemetry::chain(error.as_ref()), "a page failed");
    }
    if let PageError::Elsewhere(path) = problem {
        return redirect_to(path);
    }
    let (title, help) = problem.words();
    let content = html! {
        div.empty {
            h1 { (title.of(language)) }
            p { (help.of(language)) }
            p { a.button href="/campaigns" { (words::common::TO_CAMPAIGNS.of(language)) } }
        }
    };
    let page = match visitor {
        Some(visitor) => layout::page(visitor, title.of(language), NavItem::None, content),
        None => layout::bare(language, title.of(language), content),
    };
    (problem.status(), page).into_response()
}
