//! The frame of every page: head, menu, content.

use app::UseCase;
use axum::response::{IntoResponse, Response};
use http::header;
use maud::{DOCTYPE, Markup, html};
use web::Language;

use super::{assets, icons};
use crate::gate::Visitor;
use crate::words::{Word, common as w, erasure};

/// Where a page stands in the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Campaigns,
    New,
    Lists,
    Exclusions,
    Models,
    Statistics,
    Replies,
    Erasure,
    Account,
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

/// The few words that scripts say by themselves.
fn script_words(language: Language) -> String {
    let word = |word: Word| word.of(language);
    serde_json::json!({
        "offline": word(w::OFFLINE), "close": word(w::CLOSE),
        "failed": word(w::UPLOAD_FAILED), "back": word(w::BACK_AGAIN), "copied": word(w::COPIED),
    })
    .to_string()
}

/// A page of somebody who is signed in.
pub fn page(v: &Visitor, title: &str, place: Place, content: Markup) -> Response {
    let done = v.query("done").and_then(|done| w::done(&done));
    let markup = html! {
        (DOCTYPE)
        html lang=(v.language.code()) {
            (head(v.language, title))
            body {
                a.skip href="#main" { (v.t(w::SKIP)) }
                (menu(v, place))
                main #main tabindex="-1" {
                    @if let Some(done) = done {
                        p.done role="status" { (icons::check()) (v.t(done)) }
                    }
                    (content)
                }
                p #live.unseen role="status" aria-live="polite" {}
            }
        }
    };
    html_response(v.language, markup)
}

/// A page of nobody yet.
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

fn menu(v: &Visitor, place: Place) -> Markup {
    let item = |at: Place, path: &str, icon: Markup, word: Word| {
        let current = (at == place).then_some("page");
        html! { li { a href=(path) aria-current=[current] { (icon) span { (v.t(word)) } } } }
    };
    html! {
        header.side {
            div.brand {
                a href="/campaigns" aria-label="Envol" { (icons::mark()) span { "Envol" } }
            }
            details.drawer {
                summary aria-label=(v.t(w::MENU)) { (icons::menu()) }
                (links(v, place, &item))
            }
            div.wide { (links(v, place, &item)) }
        }
    }
}

fn links(v: &Visitor, _: Place, item: &dyn Fn(Place, &str, Markup, Word) -> Markup) -> Markup {
    html! {
        nav aria-label=(v.t(w::MENU)) {
            h2 { (v.t(w::MENU_CAMPAIGNS)) }
            ul {
                (item(Place::Campaigns, "/campaigns", icons::list(), w::CAMPAIGNS_NOW))
                @if v.may(UseCase::CreateDraft) { (item(Place::New, "/campaigns/new", icons::plus(), w::NEW_CAMPAIGN)) }
                (item(Place::Statistics, "/statistics", icons::chart(), w::STATISTICS))
                (item(Place::Replies, "/replies", icons::message(), w::REPLIES))
            }
            h2 { (v.t(w::MENU_CONTACTS)) }
            ul {
                (item(Place::Lists, "/lists", icons::people(), w::LISTS))
                (item(Place::Exclusions, "/exclusions", icons::shield(), w::EXCLUSIONS))
                (item(Place::Erasure, "/erasures", icons::eraser(), erasure::MENU))
            }
            h2 { (v.t(w::MENU_SETTINGS)) }
            ul {
                (item(Place::Models, "/templates", icons::bookmark(), w::MODELS))
                (item(Place::Account, "/account", icons::gear(), w::ACCOUNT))
            }
        }
        div.me {
            p { strong { (v.account.name) } span { (v.user.email) } }
            form method="post" action="/me/language" {
                input type="hidden" name="csrf" value=(v.csrf);
                input type="hidden" name="back" value=(v.path);
                @let other = if v.language == Language::French { "en" } else { "fr" };
                button.quiet name="language" value=(other) lang=(other) {
                    @if other == "en" { "English" } @else { "Français" }
                }
            }
            form method="post" action="/me/signout" {
                input type="hidden" name="csrf" value=(v.csrf);
                button.quiet { (icons::leave()) (v.t(w::SIGN_OUT)) }
            }
        }
    }
}
