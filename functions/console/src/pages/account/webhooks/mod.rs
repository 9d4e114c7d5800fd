//! Webhooks: the account's endpoints, a new one, and its secret, which is shown once.

mod one;

use app::webhooks::{self, EndpointSettings, WebhookError};
use app::{Error, UseCase};
use axum::Router;
use axum::routing::{get, post};
use domain::webhook::{EventKind, Webhook};
use maud::{Markup, html};

use super::page;
use crate::App;
use crate::view::icons;
use crate::view::parts::{Errors, Field, csrf};
use crate::visitor::{Answer, Fields, Visitor};
use crate::words;

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

/// The typed settings of a webhook, and their errors.
fn read_settings(visitor: &Visitor, fields: &Fields, enabled: bool) -> (EndpointSettings, Errors) {
    let description = fields.get("description").trim().to_owned();
    let url = fields.get("url").trim().to_owned();
    let settings = EndpointSettings { url, description, events: fields.parsed("event"), enabled };
    let mut errors = Errors::default();
    for error in settings.problems() {
        let (field, text) = field_error(visitor, error);
        errors.add(field, text);
    }
    (settings, errors)
}

/// The text of an error, and the field that it belongs to.
fn field_error(visitor: &Visitor, error: WebhookError) -> (&'static str, &'static str) {
    match error {
        WebhookError::Url(error) => ("url", visitor.text(words::webhooks::url_error(error))),
        WebhookError::Description => ("description", visitor.text(words::webhooks::DESCRIPTION_BAD)),
        WebhookError::NoEvents => ("event", visitor.text(words::webhooks::EVENTS_BAD)),
        WebhookError::TooMany => ("url", visitor.text(words::webhooks::TOO_MANY)),
        WebhookError::RotatedTooOften => ("url", visitor.text(words::webhooks::ROTATED_TOO_OFTEN)),
        WebhookError::Disabled => ("url", visitor.text(words::webhooks::IS_DISABLED)),
    }
}

async fn show(visitor: Visitor) -> Answer {
    visitor.needs(UseCase::ReadWebhooks)?;
    list(&visitor, None, &Errors::default()).await
}

async fn create(visitor: Visitor, fields: Fields) -> Answer {
    visitor.needs(UseCase::CreateWebhook)?;
    let (settings, mut errors) = read_settings(&visitor, &fields, true);
    if errors.is_empty() {
        match webhooks::create(&visitor.context, &visitor.app.webhooks, settings.clone()).await {
            Ok((made, secret)) => {
                return one::page(&visitor, &made, &one::Shown { secret: Some(&secret), ..one::Shown::default() })
                    .await;
            }
            Err(Error::Webhook(error)) => {
                let (field, text) = field_error(&visitor, error);
                errors.add(field, text);
            }
            Err(error) => return Err(error.into()),
        }
    }
    list(&visitor, Some(&settings), &errors).await
}

/// The form fields for URL, description and events.
fn fields(visitor: &Visitor, typed: Option<&EndpointSettings>, errors: &Errors) -> Markup {
    let (url, description) = typed.map_or(("", ""), |typed| (typed.url.as_str(), typed.description.as_str()));
    let events = typed.map_or(&[][..], |typed| &typed.events);
    let url_field = Field {
        name: "url",
        label: visitor.text(words::webhooks::URL),
        hint: Some(visitor.text(words::webhooks::URL_HINT)),
        error: errors.of("url"),
    };
    let description_field = Field {
        name: "description",
        label: visitor.text(words::webhooks::DESCRIPTION),
        hint: Some(visitor.text(words::webhooks::DESCRIPTION_HINT)),
        error: errors.of("description"),
    };
    html! {
        div.columns.low { (url_field.input("url", url, "off")) (description_field.input("text", description, "off")) }
        fieldset #event {
            legend { (visitor.text(words::webhooks::EVENTS)) }
            div.checks {
                @for kind in EventKind::CHOICES {
                    label.tick {
                        input type="checkbox" name="event" value=(kind.code()) checked[events.contains(&kind)];
                        span { (visitor.text(words::webhooks::event(kind))) }
                    }
                }
            }
            @if let Some(error) = errors.of("event") { p.error { (error) } }
        }
    }
}

/// The health of an endpoint, as colour and text.
fn state(visitor: &Visitor, webhook: &Webhook) -> Markup {
    html! {
        @match (webhook.disabled, webhook.health.failures) {
            (Some(disabled), _) => span.status.paused { (visitor.text(words::webhooks::disabled(disabled.reason))) },
            (None, 0) => span.status.good { (visitor.text(words::webhooks::ENABLED)) },
            (None, failures) => span.status.failed { (visitor.text_with(words::webhooks::FAILURES, &[failures.to_string()])) },
        }
    }
}

async fn list(visitor: &Visitor, typed: Option<&EndpointSettings>, errors: &Errors) -> Answer {
    let webhooks = visitor.context.store.webhooks().await?;
    let content = html! {
        p.lead { (visitor.text(words::webhooks::LEAD)) }
        br;
        @if webhooks.is_empty() { p.empty { (visitor.text(words::webhooks::EMPTY)) } }
        @else {
            div.sheet {
                table.cards {
                    thead { tr {
                        th scope="col" { (visitor.text(words::webhooks::URL)) } th scope="col" { (visitor.text(words::webhooks::EVENTS)) } th scope="col" { (visitor.text(words::webhooks::STATE)) }
                        th scope="col" { (visitor.text(words::common::CREATED)) } th scope="col" { span.unseen { (visitor.text(words::common::ACTIONS)) } }
                    } }
                    tbody {
                        @for webhook in &webhooks {
                            tr {
                                td.name data-label=(visitor.text(words::webhooks::URL)) {
                                    a href={ (TAB) "/" (webhook.id) } { (webhook.url) }
                                    @if !webhook.description.is_empty() { br; small { (webhook.description) } }
                                }
                                td.whole data-label=(visitor.text(words::webhooks::EVENTS)) { @for kind in &webhook.events { span.tag { (visitor.text(words::webhooks::event(*kind))) } " " } }
                                td data-label=(visitor.text(words::webhooks::STATE)) { (state(visitor, webhook)) }
                                td.day data-label=(visitor.text(words::common::CREATED)) { (visitor.date(webhook.created_at)) }
                                td.actions {
                                    div.row-actions {
                                        a.action href={ (TAB) "/" (webhook.id) } title=(visitor.text(words::common::EDIT)) { (icons::pencil()) span { (visitor.text(words::common::EDIT)) " " (webhook.url) } }
                                        a.action href={ (TAB) "/" (webhook.id) "/delete" } data-dialog title=(visitor.text(words::common::DELETE)) {
                                            (icons::trash()) span { (visitor.text(words::common::DELETE)) " " (webhook.url) }
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
            (csrf(visitor))
            h2 { (icons::link()) (visitor.text(words::webhooks::NEW)) }
            (fields(visitor, typed, errors))
            button.button { (visitor.text(words::webhooks::NEW)) }
        }
    };
    Ok(page(visitor, TAB, errors, content))
}
