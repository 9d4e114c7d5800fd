//! One webhook: its settings, its secret, a test, and its deliveries.

use app::webhooks::{self, EndpointSettings};
use app::{Error, Expected, UseCase};
use axum::extract::Path;
use domain::delivery::{Delivery, DeliveryStatus};
use domain::ids::{DeliveryId, WebhookId};
use domain::webhook::Webhook;
use maud::{Markup, html};

use super::{TAB, field_error, fields, read_settings, state};
use crate::view::icons;
use crate::view::layout::NavItem;
use crate::view::parts::{Ask, Errors, back, csrf, tick};
use crate::visitor::{Answer, Fields, PageError, Visitor};
use crate::words::{self, Word};

/// Number of deliveries shown, newest first.
const SHOWN: usize = 50;

/// What the page shows besides the stored endpoint.
#[derive(Default)]
pub struct Shown<'a> {
    pub secret: Option<&'a str>,
    pub typed: Option<&'a EndpointSettings>,
    pub errors: Errors,
}

async fn open(visitor: &Visitor, id: &str) -> Result<Webhook, PageError> {
    visitor.needs(UseCase::ReadWebhooks)?;
    let id: WebhookId = id.parse().map_err(|_| PageError::NotFound)?;
    visitor.context.store.webhook(&id).await?.ok_or(PageError::NotFound)
}

pub async fn show(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let webhook = open(&visitor, &id).await?;
    page(&visitor, &webhook, &Shown::default()).await
}

pub async fn save(visitor: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let webhook = open(&visitor, &id).await?;
    let (typed, mut errors) = read_settings(&visitor, &fields, fields.has("enabled"));
    if errors.is_empty() {
        let edit = |_| Ok::<_, Error>(typed.clone());
        match webhooks::change(&visitor.context, &visitor.app.webhooks, &webhook.id, &Expected::Any, edit).await {
            Ok(_) => return visitor.done(&format!("{TAB}/{id}"), "saved"),
            Err(Error::Webhook(error)) => {
                let (field, text) = field_error(&visitor, error);
                errors.add(field, text);
            }
            Err(error) => return Err(error.into()),
        }
    }
    page(&visitor, &webhook, &Shown { typed: Some(&typed), errors, ..Shown::default() }).await
}

fn ask(visitor: &Visitor, id: &str, verb: &str, (title, help, yes): (Word, Word, Word)) -> Answer {
    let ask = Ask {
        title: visitor.text(title),
        help: visitor.text(help),
        action: &format!("{TAB}/{id}/{verb}"),
        back: TAB,
        yes,
        is_danger: verb == "delete",
        fields: Markup::default(),
    };
    Ok(ask.page(visitor, NavItem::Account))
}

pub async fn ask_delete(visitor: Visitor, Path(id): Path<String>) -> Answer {
    open(&visitor, &id).await?;
    ask(&visitor, &id, "delete", (words::webhooks::DELETE_ASK, words::webhooks::DELETE_HELP, words::common::DELETE))
}

pub async fn delete(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let webhook = open(&visitor, &id).await?;
    webhooks::remove(&visitor.context, &webhook.id, &Expected::Any).await?;
    visitor.done(TAB, "deleted")
}

pub async fn ask_rotate(visitor: Visitor, Path(id): Path<String>) -> Answer {
    open(&visitor, &id).await?;
    ask(&visitor, &id, "rotate", (words::webhooks::ROTATE_ASK, words::webhooks::ROTATE_HELP, words::webhooks::ROTATE))
}

pub async fn rotate(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let webhook = open(&visitor, &id).await?;
    match webhooks::rotate(&visitor.context, &visitor.app.webhooks, &webhook.id).await {
        Ok((rotated, secret)) => page(&visitor, &rotated, &Shown { secret: Some(&secret), ..Shown::default() }).await,
        Err(error) => refused(&visitor, &webhook, error).await,
    }
}

pub async fn test(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let webhook = open(&visitor, &id).await?;
    match webhooks::test(&visitor.context, &webhook.id).await {
        Ok(_) => visitor.done(&format!("{TAB}/{id}"), "trial"),
        Err(error) => refused(&visitor, &webhook, error).await,
    }
}

pub async fn replay(visitor: Visitor, Path((id, delivery)): Path<(String, String)>) -> Answer {
    let webhook = open(&visitor, &id).await?;
    let delivery: DeliveryId = delivery.parse().map_err(|_| PageError::NotFound)?;
    match webhooks::replay(&visitor.context, &webhook.id, &delivery).await {
        Ok(_) => visitor.done(&format!("{TAB}/{id}"), "trial"),
        Err(error) => refused(&visitor, &webhook, error).await,
    }
}

async fn refused(visitor: &Visitor, webhook: &Webhook, error: Error) -> Answer {
    let Error::Webhook(error) = error else { return Err(error.into()) };
    let mut errors = Errors::default();
    let (field, text) = field_error(visitor, error);
    errors.add(field, text);
    page(visitor, webhook, &Shown { errors, ..Shown::default() }).await
}

pub async fn page(visitor: &Visitor, webhook: &Webhook, shown: &Shown<'_>) -> Answer {
    let deliveries = visitor.context.store.deliveries(&webhook.id, None, SHOWN).await?.items;
    let is_waiting = deliveries.iter().any(|one| one.status == DeliveryStatus::Pending);
    let stored = EndpointSettings {
        url: webhook.url.clone(),
        description: webhook.description.clone(),
        events: webhook.events.clone(),
        enabled: webhook.disabled.is_none(),
    };
    let typed = shown.typed.unwrap_or(&stored);
    let content = html! {
        (back(TAB, visitor.text(words::account::TAB_WEBHOOKS)))
        div.title {
            div { h2 { (webhook.url) } p.lead { (state(visitor, webhook)) } }
            div.buttons {
                form method="post" action={ (TAB) "/" (webhook.id) "/test" } {
                    (csrf(visitor)) button.button.plain { (icons::plane()) (visitor.text(words::webhooks::TEST)) }
                }
                a.button.plain href={ (TAB) "/" (webhook.id) "/rotate" } data-dialog { (icons::key()) (visitor.text(words::webhooks::ROTATE)) }
                a.button.plain href={ (TAB) "/" (webhook.id) "/delete" } data-dialog { (icons::trash()) (visitor.text(words::common::DELETE)) }
            }
        }
        @if let Some(secret) = shown.secret {
            section.note.good role="status" {
                p { strong { (visitor.text(words::webhooks::SECRET)) } }
                code.secret #secret { (secret) }
                button.button.plain.small.scripted type="button" data-copy="secret" { (icons::copy()) (visitor.text(words::common::COPY)) }
            }
        }
        form.card method="post" action={ (TAB) "/" (webhook.id) } {
            (csrf(visitor))
            (fields(visitor, Some(typed), &shown.errors))
            (tick("enabled", typed.enabled, visitor.text(words::webhooks::ENABLED), Some(visitor.text(words::webhooks::ENABLED_HINT))))
            button.button { (visitor.text(words::common::SAVE)) }
        }
        h2 { (visitor.text(words::webhooks::DELIVERIES)) }
        br;
        @if deliveries.is_empty() { p.empty { (visitor.text(words::webhooks::DELIVERIES_EMPTY)) } }
        @else { (table(visitor, webhook, &deliveries, is_waiting)) }
    };
    Ok(super::page(visitor, TAB, &shown.errors, content))
}

fn table(visitor: &Visitor, webhook: &Webhook, deliveries: &[Delivery], is_waiting: bool) -> Markup {
    html! {
        div.sheet {
            table.cards {
                thead { tr {
                    th scope="col" { (visitor.text(words::account::WHEN)) } th scope="col" { (visitor.text(words::webhooks::EVENTS)) } th scope="col" { (visitor.text(words::webhooks::STATE)) }
                    th.right scope="col" { (visitor.text(words::webhooks::TRIES)) } th scope="col" { (visitor.text(words::webhooks::LAST)) }
                    th scope="col" { span.unseen { (visitor.text(words::common::ACTIONS)) } }
                } }
                tbody #deliveries data-rows data-refresh=[is_waiting.then_some("2")] {
                    @for one in deliveries { (row(visitor, webhook, one)) }
                }
            }
        }
    }
}

fn row(visitor: &Visitor, webhook: &Webhook, one: &Delivery) -> Markup {
    let colour = match one.status {
        DeliveryStatus::Pending => "ready",
        DeliveryStatus::Delivered => "good",
        DeliveryStatus::Failed => "failed",
    };
    html! {
        tr id={ "row-" (one.id) } {
            td data-label=(visitor.text(words::account::WHEN)) { time datetime=(one.created_at) { (visitor.at(one.created_at)) } }
            td data-label=(visitor.text(words::webhooks::EVENTS)) { (visitor.text(words::webhooks::event(one.kind))) }
            td data-label=(visitor.text(words::webhooks::STATE)) { span class={ "status " (colour) } { (visitor.text(words::webhooks::status(one.status))) } }
            td.right data-label=(visitor.text(words::webhooks::TRIES)) { (one.tries) }
            td data-label=(visitor.text(words::webhooks::LAST)) {
                @if let Some(last) = one.attempts.last() {
                    @if let Some(status) = last.http_status { "HTTP " (status) " " }
                    @if let Some(problem) = last.problem { small { (visitor.text(words::webhooks::problem(problem))) } }
                }
            }
            td.actions {
                @if one.status != DeliveryStatus::Pending && webhook.disabled.is_none() {
                    form method="post" action={ (TAB) "/" (webhook.id) "/deliveries/" (one.id) "/replay" } {
                        (csrf(visitor))
                        button.quiet { (icons::refresh()) (visitor.text(words::webhooks::REPLAY)) }
                    }
                }
            }
        }
    }
}
