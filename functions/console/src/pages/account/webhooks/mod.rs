//! Webhooks: the account's endpoints, a new one, and its secret, which is shown once.

mod one;

use app::webhooks::{self, Wanted, Webhooks};
use axum::Router;
use axum::routing::{get, post};
use domain::webhook::{DESCRIPTION_CHARACTERS_MAX, EventKind, Webhook};
use maud::{Markup, html};
use support::random;

use super::page;
use crate::App;
use crate::gate::{Answer, Failure, Fields, Visitor};
use crate::view::icons;
use crate::view::parts::{Errors, Field, csrf};
use crate::words::{common as w, webhooks as h};

const TAB: &str = "/account/webhooks";

pub fn routes() -> Router<App> {
    Router::new()
        .route("/account/webhooks", get(show).post(create))
        .route("/account/webhooks/{id}", get(one::show).post(one::save))
        .route("/account/webhooks/{id}/delete", get(one::ask_delete).post(one::delete))
        .route("/account/webhooks/{id}/rotate", get(one::ask_rotate).post(one::rotate))
        .route("/account/webhooks/{id}/test", post(one::test))
        .route("/account/webhooks/{id}/deliveries/{delivery}/replay", post(one::replay))
}

fn commands(v: &Visitor) -> Webhooks {
    let (store, queues) = (v.store.clone(), v.app.queues.clone());
    Webhooks { store, queues, key: v.app.webhook_key.clone(), reach: v.app.reach }
}

/// What was typed about an endpoint, and what is wrong with it.
fn wanted(v: &Visitor, fields: &Fields, enabled: bool) -> (Wanted, Errors) {
    let mut errors = Errors::default();
    let description = fields.get("description").trim().to_owned();
    if description.chars().count() > DESCRIPTION_CHARACTERS_MAX || description.chars().any(char::is_control) {
        errors.add("description", v.t(h::DESCRIPTION_BAD));
    }
    let events: Vec<EventKind> = fields.parsed("event");
    if events.is_empty() {
        errors.add("event", v.t(h::EVENTS_BAD));
    }
    (Wanted { url: fields.get("url").trim().to_owned(), description, events, enabled }, errors)
}

/// A refusal beside the field that it is about; what is nobody's fault goes on.
fn complain(v: &Visitor, error: webhooks::Error, errors: &mut Errors) -> Result<(), Failure> {
    match error {
        webhooks::Error::Url(fault) => errors.add("url", v.t(h::url_fault(fault))),
        webhooks::Error::TooMany => errors.add("url", v.t(h::TOO_MANY)),
        webhooks::Error::RotatedTooOften => errors.add("url", v.t(h::ROTATED_TOO_OFTEN)),
        webhooks::Error::Disabled => errors.add("url", v.t(h::IS_DISABLED)),
        webhooks::Error::Store(error) => return Err(error.into()),
    }
    Ok(())
}

async fn show(v: Visitor) -> Answer {
    v.needs_owner()?;
    list(&v, None, &Errors::default()).await
}

async fn create(v: Visitor, fields: Fields) -> Answer {
    v.needs_owner()?;
    let (wanted, mut errors) = wanted(&v, &fields, true);
    if errors.is_empty() {
        match commands(&v).create(wanted.clone(), &v.author(), v.now, random::octets()).await {
            Ok((made, secret)) => {
                v.note("webhook.created", made.id.as_str(), made.host()).await;
                return one::page(&v, &made, &one::Shown { secret: Some(&secret), ..one::Shown::default() }).await;
            }
            Err(error) => complain(&v, error, &mut errors)?,
        }
    }
    list(&v, Some(&wanted), &errors).await
}

/// Address, description and events, as a form has them.
fn fields(v: &Visitor, typed: Option<&Wanted>, errors: &Errors) -> Markup {
    let (url, description) = typed.map_or(("", ""), |typed| (typed.url.as_str(), typed.description.as_str()));
    let events = typed.map_or(&[][..], |typed| &typed.events);
    let url_field = Field { name: "url", label: v.t(h::URL), hint: Some(v.t(h::URL_HINT)), error: errors.of("url") };
    let description_field = Field {
        name: "description",
        label: v.t(h::DESCRIPTION),
        hint: Some(v.t(h::DESCRIPTION_HINT)),
        error: errors.of("description"),
    };
    html! {
        div.columns.low { (url_field.input("url", url, "off")) (description_field.input("text", description, "off")) }
        fieldset #event {
            legend { (v.t(h::EVENTS)) }
            div.checks {
                @for kind in EventKind::CHOICES {
                    label.tick {
                        input type="checkbox" name="event" value=(kind.code()) checked[events.contains(&kind)];
                        span { (v.t(h::event(kind))) }
                    }
                }
            }
            @if let Some(error) = errors.of("event") { p.error { (error) } }
        }
    }
}

/// How an endpoint is doing, as colour and text.
fn state(v: &Visitor, webhook: &Webhook) -> Markup {
    html! {
        @match (webhook.disabled, webhook.health.failures) {
            (Some(disabled), _) => span.status.paused { (v.t(h::disabled(disabled.reason))) },
            (None, 0) => span.status.good { (v.t(h::ENABLED)) },
            (None, failures) => span.status.failed { (v.tf(h::FAILURES, &[failures.to_string()])) },
        }
    }
}

async fn list(v: &Visitor, typed: Option<&Wanted>, errors: &Errors) -> Answer {
    let webhooks = v.store.webhooks().await?;
    let content = html! {
        p.lead { (v.t(h::LEAD)) }
        br;
        @if webhooks.is_empty() { p.empty { (v.t(h::EMPTY)) } }
        @else {
            div.sheet {
                table.cards {
                    thead { tr {
                        th scope="col" { (v.t(h::URL)) } th scope="col" { (v.t(h::EVENTS)) } th scope="col" { (v.t(h::STATE)) }
                        th scope="col" { (v.t(w::CREATED)) } th scope="col" { span.unseen { (v.t(w::ACTIONS)) } }
                    } }
                    tbody {
                        @for webhook in &webhooks {
                            tr {
                                td.name data-label=(v.t(h::URL)) {
                                    a href={ (TAB) "/" (webhook.id) } { (webhook.url) }
                                    @if !webhook.description.is_empty() { br; small { (webhook.description) } }
                                }
                                td.whole data-label=(v.t(h::EVENTS)) { @for kind in &webhook.events { span.tag { (v.t(h::event(*kind))) } " " } }
                                td data-label=(v.t(h::STATE)) { (state(v, webhook)) }
                                td.day data-label=(v.t(w::CREATED)) { (v.date(webhook.created_at)) }
                                td.actions {
                                    div.row-actions {
                                        a.action href={ (TAB) "/" (webhook.id) } title=(v.t(w::EDIT)) { (icons::pencil()) span { (v.t(w::EDIT)) " " (webhook.url) } }
                                        a.action href={ (TAB) "/" (webhook.id) "/delete" } data-dialog title=(v.t(w::DELETE)) {
                                            (icons::trash()) span { (v.t(w::DELETE)) " " (webhook.url) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        form.card method="post" action=(TAB) {
            (csrf(v))
            h2 { (icons::link()) (v.t(h::NEW)) }
            (fields(v, typed, errors))
            button.button { (v.t(h::NEW)) }
        }
    };
    Ok(page(v, TAB, errors, content))
}
