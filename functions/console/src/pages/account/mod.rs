//! « Compte »: settings, credits, users, keys, webhooks, and the audit log.

pub mod audit;
pub mod credits;
pub mod keys;
pub mod settings;
pub mod users;
pub mod webhooks;

use app::UseCase;
use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use maud::{Markup, html};

use crate::App;
use crate::view::layout::{self, NavItem};
use crate::view::parts::Errors;
use crate::visitor::Visitor;
use crate::words::{self, Word};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/account", get(settings::show).post(settings::save))
        .route("/account/credits", get(credits::show))
        .route("/account/users", get(users::show).post(users::create))
        .route("/account/users/{id}", post(users::change))
        .route("/account/users/{id}/delete", get(users::ask))
        .route("/me/password", post(users::password))
        .route("/account/keys", get(keys::show).post(keys::create))
        .route("/account/keys/{id}/revoke", get(keys::ask).post(keys::revoke))
        .route("/account/audit", get(audit::show))
        .merge(webhooks::routes())
}

const TABS: [(&str, Word, UseCase); 6] = [
    ("/account", words::account::TAB_SETTINGS, UseCase::ReadAccount),
    ("/account/credits", words::account::TAB_CREDITS, UseCase::ReadCredits),
    ("/account/users", words::account::TAB_USERS, UseCase::ReadUsers),
    ("/account/keys", words::account::TAB_KEYS, UseCase::ReadKeys),
    ("/account/webhooks", words::account::TAB_WEBHOOKS, UseCase::ReadWebhooks),
    ("/account/audit", words::account::TAB_AUDIT, UseCase::ReadAudit),
];

/// A tab of the account pages.
pub fn page(visitor: &Visitor, tab: &str, errors: &Errors, content: Markup) -> Response {
    let word = TABS.iter().find(|(path, ..)| *path == tab).map_or(words::common::ACCOUNT, |(_, word, _)| *word);
    let content = html! {
        div.title { div { h1 { (visitor.text(words::common::ACCOUNT)) } p.lead { (visitor.text(words::account::LEAD)) } } }
        nav.tabs aria-label=(visitor.text(words::account::SECTIONS)) {
            @for (path, word, use_case) in TABS {
                @if visitor.may(use_case) {
                    a href=(path) aria-current=[(path == tab).then_some("page")] { (visitor.text(word)) }
                }
            }
        }
        (errors.summary(visitor))
        (content)
    };
    let mut response = layout::page(visitor, visitor.text(word), NavItem::Account, content);
    if !errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}
