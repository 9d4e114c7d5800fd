//! Webhooks: the account's endpoints, a new one, and its secret, which is shown once.

mod one;

use app::webhooks::{self, Wanted, WebhookRefusal};
use app::{Error, UseCase};
use axum::Router;
use axum::routing::{get, post};
use domain::webhook::{EventKind, Webhook};
use maud::{Markup, html};

use super::page;
use crate::App;
use crate::gate::{Answer, Fields, Visitor};
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

/// What was typed about a webhook, and what is wrong with it.
fn wanted(v: &Visitor, fields: &Fields, enabled: bool) -> (Wanted, Errors) {
    let description = fields.get("description").trim().to_owned();
    let url = fields.get("url").trim().to_owned();
    let wanted = Wanted { url, description, events: fields.parsed("event"), enabled };
    let mut errors = Errors::default();
    for refusal in wanted.faults() {
        let (field, text) = complaint(v, refusal);
        errors.add(field, text);
    }
    (wanted, errors)
}

/// A refusal, and the field that it is about.
fn complaint(v: &Visitor, refusal: WebhookRefusal) -> (&'static str, &'static str) {
    match refusal {
        WebhookRefusal::Url(fault) => ("url", v.t(h::url_fault(fault))),
        WebhookRefusal::Description => ("description", v.t(h::DESCRIPTION_BAD)),
        WebhookRefusal::NoEvents => ("event", v.t(h::EVENTS_BAD)),
        WebhookRefusal::TooMany => ("url", v.t(h::TOO_MANY)),
        WebhookRefusal::RotatedTooOften => ("url", v.t(h::ROTATED_TOO_OFTEN)),
        WebhookRefusal::Disabled => ("url", v.t(h::IS_DISABLED)),
    }
}

async fn show(v: Visitor) -> Answer {
    v.needs(UseCase::ReadWebhooks)?;
    list(&v, None, &Errors::default()).await
}

async fn create(v: Visitor, fields: Fields) -> Answer {
    v.needs(UseCase::CreateWebhook)?;
    let (wanted, mut errors) = wanted(&v, &fields, true);
    if errors.is_empty() {
        match webhooks::create(&v.context, &v.app.webhooks, wanted.clone()).await {
            Ok((made, secret)) => {
                return one::page(&v, &made, &one::Shown { secret: Some(&secret), ..one::Shown::default() }).await;
            }
            Err(Error::Webhook(refusal)) => {
                let (field, text) = complaint(&v, refusal);
                errors.add(field, text);
            }
            Err(error) => return Err(error.into()),
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
    let webhooks = v.context.store.webhooks().await?;
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
