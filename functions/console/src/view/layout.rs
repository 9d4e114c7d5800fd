//! The layout of every page: header, menu, content.

use app::UseCase;
use axum::response::{IntoResponse, Response};
use http::header;
use maud::{DOCTYPE, Markup, html};
use web::Language;

use super::{assets, icons};
use crate::visitor::Visitor;
use crate::words::{self, Word};

/// The active item of the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NavItem {
    Campaigns,
    New,
    Lists,
    Exclusions,
    Templates,
    Statistics,
    Replies,
    Erasure,
    Account,
    Guide,
    None,
}

fn head(language: Language, title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) " · Envol" }
            link rel="icon" type="image/svg+xml" href=(assets::path("envol.svg"));
            link rel="stylesheet" href=(assets::path("console.css"));
            link rel="stylesheet" href=(assets::path("parts.css"));
            @for script in ["live.js", "lists.js", "upload.js", "preview.js"] {
                script type="module" src=(assets::path(script)) {}
            }
            meta name="envol-words" content=(script_words(language));
        }
    }
}

/// The texts that scripts show.
fn script_words(language: Language) -> String {
    let word = |word: Word| word.of(language);
    serde_json::json!({
        "offline": word(words::common::OFFLINE), "close": word(words::common::CLOSE),
        "failed": word(words::common::UPLOAD_FAILED), "back": word(words::common::BACK_AGAIN), "copied": word(words::common::COPIED),
    })
    .to_string()
}

/// A page for a signed-in user.
pub fn page(visitor: &Visitor, title: &str, index: NavItem, content: Markup) -> Response {
    let done = visitor.query("done").and_then(|done| words::common::done(&done));
    let markup = html! {
        (DOCTYPE)
        html lang=(visitor.language.code()) {
            (head(visitor.language, title))
            body {
                a.skip href="#main" { (visitor.text(words::common::SKIP)) }
                (menu(visitor, index))
                main #main tabindex="-1" {
                    @if let Some(done) = done {
                        p.done role="status" { (icons::check()) (visitor.text(done)) }
                    }
                    (content)
                }
                p #live.unseen role="status" aria-live="polite" {}
            }
        }
    };
    html_response(visitor.language, markup)
}

/// A page without a user.
pub fn bare(language: Language, title: &str, content: Markup) -> Response {
    let markup = html! {
        (DOCTYPE)
        html lang=(language.code()) {
            (head(language, title))
            body.bare {
                main #main tabindex="-1" { (content) }
            }
        }
    };
    html_response(language, markup)
}

fn html_response(language: Language, markup: Markup) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_LANGUAGE, language.code())];
    (headers, markup.into_string()).into_response()
}

fn menu(visitor: &Visitor, index: NavItem) -> Markup {
    let item = |at: NavItem, path: &str, icon: Markup, word: Word| {
        let current = (at == index).then_some("page");
        html! { li { a href=(path) aria-current=[current] { (icon) span { (visitor.text(word)) } } } }
    };
    html! {
        header.side {
            div.brand {
                a href="/campaigns" aria-label="Envol" { (icons::mark()) span { "Envol" } }
            }
            details.drawer {
                summary aria-label=(visitor.text(words::common::MENU)) { (icons::menu()) }
                (links(visitor, index, &item))
            }
            div.wide { (links(visitor, index, &item)) }
        }
    }
}

fn links(visitor: &Visitor, _: NavItem, item: &dyn Fn(NavItem, &str, Markup, Word) -> Markup) -> Markup {
    html! {
        nav aria-label=(visitor.text(words::common::MENU)) {
            h2 { (visitor.text(words::common::MENU_CAMPAIGNS)) }
            ul {
                (item(NavItem::Campaigns, "/campaigns", icons::list(), words::common::CAMPAIGNS_NOW))
                @if visitor.may(UseCase::CreateDraft) { (item(NavItem::New, "/campaigns/new", icons::plus(), words::common::NEW_CAMPAIGN)) }
                (item(NavItem::Statistics, "/statistics", icons::chart(), words::common::STATISTICS))
                (item(NavItem::Replies, "/replies", icons::message(), words::common::REPLIES))
            }
            h2 { (visitor.text(words::common::MENU_CONTACTS)) }
            ul {
                (item(NavItem::Lists, "/lists", icons::people(), words::common::LISTS))
                (item(NavItem::Exclusions, "/exclusions", icons::shield(), words::common::EXCLUSIONS))
                (item(NavItem::Erasure, "/erasures", icons::eraser(), words::erasure::MENU))
            }
            h2 { (visitor.text(words::common::MENU_SETTINGS)) }
            ul {
                (item(NavItem::Templates, "/templates", icons::bookmark(), words::common::TEMPLATES))
                (item(NavItem::Account, "/account", icons::gear(), words::common::ACCOUNT))
                (item(NavItem::Guide, "/guide", icons::book(), words::guide::MENU))
            }
        }
        div.me {
            p { strong { (visitor.account.name) } span { (visitor.user.email) } }
            form method="post" action="/me/language" {
                input type="hidden" name="csrf" value=(visitor.csrf);
                input type="hidden" name="back" value=(visitor.path);
                @let other = if visitor.language == Language::French { "en" } else { "fr" };
                button.quiet name="language" value=(other) lang=(other) {
                    @if other == "en" { "English" } @else { "Français" }
                }
            }
            form method="post" action="/me/signout" {
                input type="hidden" name="csrf" value=(visitor.csrf);
                button.quiet { (icons::leave()) (visitor.text(words::common::SIGN_OUT)) }
            }
        }
    }
}
