//! One webhook: its settings, its secret, a trial, and what was sent to it.

use app::webhooks::{self, Wanted};
use app::{Error, Expected, UseCase};
use axum::extract::Path;
use domain::delivery::{Delivery, DeliveryStatus};
use domain::ids::{DeliveryId, WebhookId};
use domain::webhook::Webhook;
use maud::{Markup, html};

use super::{TAB, complaint, fields, state, wanted};
use crate::gate::{Answer, Failure, Fields, Visitor};
use crate::view::icons;
use crate::view::layout::Place;
use crate::view::parts::{Ask, Errors, back, csrf, tick};
use crate::words::{Word, account as a, common as w, webhooks as h};

/// Deliveries shown: the newest.
const SHOWN: usize = 50;

/// What a page shows besides the endpoint as it stands.
#[derive(Default)]
pub struct Shown<'a> {
    pub secret: Option<&'a str>,
    pub typed: Option<&'a Wanted>,
    pub errors: Errors,
}

async fn open(v: &Visitor, id: &str) -> Result<Webhook, Failure> {
    v.needs(UseCase::ReadWebhooks)?;
    let id: WebhookId = id.parse().map_err(|_| Failure::NotFound)?;
    v.context.store.webhook(&id).await?.ok_or(Failure::NotFound)
}

pub async fn show(v: Visitor, Path(id): Path<String>) -> Answer {
    let webhook = open(&v, &id).await?;
    page(&v, &webhook, &Shown::default()).await
}

pub async fn save(v: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let webhook = open(&v, &id).await?;
    let (typed, mut errors) = wanted(&v, &fields, fields.has("enabled"));
    if errors.is_empty() {
        let edit = |_| Ok::<_, Error>(typed.clone());
        match webhooks::change(&v.context, &v.app.webhooks, &webhook.id, &Expected::Any, edit).await {
            Ok(_) => return v.done(&format!("{TAB}/{id}"), "saved"),
            Err(Error::Webhook(refusal)) => {
                let (field, text) = complaint(&v, refusal);
                errors.add(field, text);
            }
            Err(error) => return Err(error.into()),
        }
    }
    page(&v, &webhook, &Shown { typed: Some(&typed), errors, ..Shown::default() }).await
}

fn ask(v: &Visitor, id: &str, verb: &str, (title, help, yes): (Word, Word, Word)) -> Answer {
    let ask = Ask {
        title: v.t(title),
        help: v.t(help),
        action: &format!("{TAB}/{id}/{verb}"),
        back: TAB,
        yes,
        is_danger: verb == "delete",
        fields: Markup::default(),
    };
    Ok(ask.page(v, Place::Account))
}

pub async fn ask_delete(v: Visitor, Path(id): Path<String>) -> Answer {
    open(&v, &id).await?;
    ask(&v, &id, "delete", (h::DELETE_ASK, h::DELETE_HELP, w::DELETE))
}

pub async fn delete(v: Visitor, Path(id): Path<String>) -> Answer {
    let webhook = open(&v, &id).await?;
    webhooks::remove(&v.context, &webhook.id, &Expected::Any).await?;
    v.done(TAB, "deleted")
}

pub async fn ask_rotate(v: Visitor, Path(id): Path<String>) -> Answer {
    open(&v, &id).await?;
    ask(&v, &id, "rotate", (h::ROTATE_ASK, h::ROTATE_HELP, h::ROTATE))
}

pub async fn rotate(v: Visitor, Path(id): Path<String>) -> Answer {
    let webhook = open(&v, &id).await?;
    match webhooks::rotate(&v.context, &v.app.webhooks, &webhook.id).await {
        Ok((rotated, secret)) => page(&v, &rotated, &Shown { secret: Some(&secret), ..Shown::default() }).await,
        Err(error) => refused(&v, &webhook, error).await,
    }
}

pub async fn test(v: Visitor, Path(id): Path<String>) -> Answer {
    let webhook = open(&v, &id).await?;
    match webhooks::test(&v.context, &webhook.id).await {
        Ok(_) => v.done(&format!("{TAB}/{id}"), "trial"),
        Err(error) => refused(&v, &webhook, error).await,
    }
}

pub async fn replay(v: Visitor, Path((id, delivery)): Path<(String, String)>) -> Answer {
    let webhook = open(&v, &id).await?;
    let delivery: DeliveryId = delivery.parse().map_err(|_| Failure::NotFound)?;
    match webhooks::replay(&v.context, &webhook.id, &delivery).await {
        Ok(_) => v.done(&format!("{TAB}/{id}"), "trial"),
        Err(error) => refused(&v, &webhook, error).await,
    }
}

async fn refused(v: &Visitor, webhook: &Webhook, error: Error) -> Answer {
    let Error::Webhook(refusal) = error else { return Err(error.into()) };
    let mut errors = Errors::default();
    let (field, text) = complaint(v, refusal);
    errors.add(field, text);
    page(v, webhook, &Shown { errors, ..Shown::default() }).await
}

pub async fn page(v: &Visitor, webhook: &Webhook, shown: &Shown<'_>) -> Answer {
    let deliveries = v.context.store.deliveries(&webhook.id, None, SHOWN).await?.items;
    let is_waiting = deliveries.iter().any(|one| one.status == DeliveryStatus::Pending);
    let stored = Wanted {
        url: webhook.url.clone(),
        description: webhook.description.clone(),
        events: webhook.events.clone(),
        enabled: webhook.disabled.is_none(),
    };
    let typed = shown.typed.unwrap_or(&stored);
    let content = html! {
        (back(TAB, v.t(a::TAB_WEBHOOKS)))
        div.title {
            div { h2 { (webhook.url) } p.lead { (state(v, webhook)) } }
            div.buttons {
                form method="post" action={ (TAB) "/" (webhook.id) "/test" } {
                    (csrf(v)) button.button.plain { (icons::plane()) (v.t(h::TEST)) }
                }
                a.button.plain href={ (TAB) "/" (webhook.id) "/rotate" } data-dialog { (icons::key()) (v.t(h::ROTATE)) }
                a.button.plain href={ (TAB) "/" (webhook.id) "/delete" } data-dialog { (icons::trash()) (v.t(w::DELETE)) }
            }
        }
        @if let Some(secret) = shown.secret {
            section.note.good role="status" {
                p { strong { (v.t(h::SECRET)) } }
                code.secret #secret { (secret) }
                button.button.plain.small.scripted type="button" data-copy="secret" { (icons::copy()) (v.t(w::COPY)) }
            }
        }
        form.card method="post" action={ (TAB) "/" (webhook.id) } {
            (csrf(v))
            (fields(v, Some(typed), &shown.errors))
            (tick("enabled", typed.enabled, v.t(h::ENABLED), Some(v.t(h::ENABLED_HINT))))
            button.button { (v.t(w::SAVE)) }
        }
        h2 { (v.t(h::DELIVERIES)) }
        br;
        @if deliveries.is_empty() { p.empty { (v.t(h::DELIVERIES_EMPTY)) } }
        @else { (table(v, webhook, &deliveries, is_waiting)) }
    };
    Ok(super::page(v, TAB, &shown.errors, content))
}

fn table(v: &Visitor, webhook: &Webhook, deliveries: &[Delivery], is_waiting: bool) -> Markup {
    html! {
        div.sheet {
            table.cards {
                thead { tr {
                    th scope="col" { (v.t(a::WHEN)) } th scope="col" { (v.t(h::EVENTS)) } th scope="col" { (v.t(h::STATE)) }
                    th.right scope="col" { (v.t(h::TRIES)) } th scope="col" { (v.t(h::LAST)) }
                    th scope="col" { span.unseen { (v.t(w::ACTIONS)) } }
                } }
                tbody #deliveries data-rows data-refresh=[is_waiting.then_some("2")] {
                    @for one in deliveries { (row(v, webhook, one)) }
                }
            }
        }
    }
}

fn row(v: &Visitor, webhook: &Webhook, one: &Delivery) -> Markup {
    let colour = match one.status {
        DeliveryStatus::Pending => "ready",
        DeliveryStatus::Delivered => "good",
        DeliveryStatus::Failed => "failed",
    };
    html! {
        tr id={ "row-" (one.id) } {
            td data-label=(v.t(a::WHEN)) { time datetime=(one.created_at) { (v.at(one.created_at)) } }
            td data-label=(v.t(h::EVENTS)) { (v.t(h::event(one.kind))) }
            td data-label=(v.t(h::STATE)) { span class={ "status " (colour) } { (v.t(h::status(one.status))) } }
            td.right data-label=(v.t(h::TRIES)) { (one.tries) }
            td data-label=(v.t(h::LAST)) {
                @if let Some(last) = one.attempts.last() {
                    @if let Some(status) = last.http_status { "HTTP " (status) " " }
                    @if let Some(problem) = last.problem { small { (v.t(h::problem(problem))) } }
                }
            }
            td.actions {
                @if one.status != DeliveryStatus::Pending && webhook.disabled.is_none() {
                    form method="post" action={ (TAB) "/" (webhook.id) "/deliveries/" (one.id) "/replay" } {
                        (csrf(v))
                        button.quiet { (icons::refresh()) (v.t(h::REPLAY)) }
                    }
                }
            }
        }
    }
}
