//! `/v1/account/webhooks/{id}/deliveries`: the events sent to an endpoint, the result of each attempt, and replaying
//! one.

use app::{Context, UseCase, webhooks};
use axum::extract::{FromRequestParts, Path};
use domain::delivery::{ANSWER_CHARACTERS_MAX, ATTEMPTS_KEPT, Attempt, Delivery, DeliveryProblem, DeliveryStatus};
use domain::ids::{DeliveryId, EventId, WebhookId};
use domain::webhook::EventKind;
use http::request::Parts;
use serde::Serialize;
use serde_json::Value;
use web::{Language, Text};

use super::events;
use super::webhooks::find;
use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::described::Described;
use crate::contract::operation::{Extract, Operation, get, post};
use crate::contract::schema::{Schema, integer, list, one_of, text};
use crate::error::{ApiError, not_found};
use crate::gate::{Caller, Id, Pages, wrong_cursor};

const LISTING: &str = "deliveries";

pub fn operations() -> Vec<Operation> {
    vec![
        post("/account/webhooks/{id}/test", UseCase::TestWebhook, test)
            .summary("Sends `webhook.test` to a webhook, now", "Envoie aussitôt `webhook.test` à un webhook")
            .answers::<DeliveryView>(
                201,
                "On its way; its delivery tells what comes of it",
                "En route ; son envoi dit ce qu’il en advient",
            ),
        get("/account/webhooks/{id}/deliveries", UseCase::ReadWebhooks, page)
            .summary(
                "Deliveries to a webhook of the last 30 days, newest first",
                "Ce qu’un webhook a appris en 30 jours, du plus récent au plus ancien",
            )
            .pages::<DeliveryView>(),
        get("/account/webhooks/{id}/deliveries/{delivery}", UseCase::ReadWebhooks, show)
            .summary("A delivery, with what it says", "Un envoi, avec ce qu’il dit")
            .named("get_delivery")
            .answers::<WholeView>(200, "The delivery", "L’envoi"),
        post("/account/webhooks/{id}/deliveries/{delivery}/replay", UseCase::ReplayDelivery, replay)
            .summary(
                "Sends a delivery again, now, whatever came of it",
                "Envoie à nouveau, aussitôt, quoi qu’il en soit advenu",
            )
            .named("replay_delivery")
            .answers::<DeliveryView>(200, "On its way", "En route"),
    ]
}

answers! {
    struct DeliveryView as "Delivery" {
        id: DeliveryId,
        /// `webhook-id` of the call: the same at every try
        /// `webhook-id` de l’appel : le même à chaque essai
        event: EventId,
        r#type: EventKind,
        /// failed: given up
        /// failed : abandonné
        status: DeliveryStatus,
        /// Since it was made, or replayed
        /// Depuis sa création, ou son nouvel envoi
        tries: u32,
        /// Oldest first; the last 30
        /// Du plus ancien au plus récent ; les 30 derniers
        attempts: Vec<AttemptView> = list(AttemptView::schema(), 0, ATTEMPTS_KEPT),
        next_attempt_at: Option<jiff::Timestamp>,
        created_at: jiff::Timestamp,
    }

    struct AttemptView {
        at: jiff::Timestamp,
        took_ms: u32,
        /// Null when there was no answer
        /// Null quand il n’y a pas eu de réponse
        http_status: Option<u16> = integer(100, 999),
        /// Why it does not count as delivered
        /// Pourquoi il ne compte pas comme remis
        problem?: ProblemView,
        /// The beginning of what a webhook that refused answered
        /// Le début de ce qu’a répondu un webhook qui a refusé
        answer?: String = text(0, ANSWER_CHARACTERS_MAX),
    }

    struct ProblemView {
        code: DeliveryProblem,
        detail: String,
    }

    struct WholeView as "DeliveryWithPayload" {
        ..delivery: DeliveryView,
        /// The body of the call
        /// Le corps de l’appel
        payload: Payload,
    }
}

/// The body of a call, as it was made.
#[derive(Serialize)]
struct Payload(Value);

impl Described for Payload {
    type Patch = Self;
    fn schema() -> Schema {
        one_of(EventKind::ALL.map(events::body))
    }
}

fn view(delivery: &Delivery, language: Language) -> DeliveryView {
    let attempt = |attempt: &Attempt| AttemptView {
        at: attempt.at,
        took_ms: attempt.took_ms,
        http_status: attempt.http_status,
        problem: attempt.problem.map(|problem| ProblemView {
            code: problem,
            detail: in_words(problem, attempt.http_status).in_language(language).to_owned(),
        }),
        answer: attempt.answer.clone().filter(|answer| !answer.is_empty()),
    };
    DeliveryView {
        id: delivery.id.clone(),
        event: delivery.event.clone(),
        r#type: delivery.kind,
        status: delivery.status,
        tries: delivery.tries,
        attempts: delivery.attempts.iter().map(attempt).collect(),
        next_attempt_at: delivery.next_at,
        created_at: delivery.created_at,
    }
}

fn in_words(problem: DeliveryProblem, http_status: Option<u16>) -> Text {
    let (english, french) = match problem {
        DeliveryProblem::Status if http_status.is_some_and(|status| (300..400).contains(&status)) => {
            ("the endpoint redirects, which is not followed", "l’adresse redirige, ce qui n’est pas suivi")
        }
        DeliveryProblem::Status => {
            ("the endpoint answered something other than 2xx", "l’adresse a répondu autre chose que 2xx")
        }
        DeliveryProblem::TimedOut => ("no answer within 10 seconds", "pas de réponse en 10 secondes"),
        DeliveryProblem::NameNotFound => ("the name leads to no address", "le nom ne mène à aucune adresse"),
        DeliveryProblem::PrivateAddress => {
            ("the URL leads into a network that is not public", "l’URL mène à un réseau qui n’est pas public")
        }
        DeliveryProblem::NotReached => {
            ("no connection, or no valid certificate", "pas de connexion, ou pas de certificat valable")
        }
        DeliveryProblem::Broken => {
            ("the connection broke off before the answer", "la connexion s’est rompue avant la réponse")
        }
        DeliveryProblem::Disabled => ("the webhook was disabled", "le webhook était désactivé"),
        DeliveryProblem::TooOld => {
            ("the endpoint failed for too long", "l’adresse n’a pas répondu pendant trop longtemps")
        }
    };
    Text::new(english, french)
}

/// The path of a delivery. Deliveries are not edited, so they have no version.
fn state_tag(delivery: &Delivery) -> String {
    let next_ms = delivery.next_at.map_or(0, |at| at.as_millisecond());
    format!("{}{}t{}a{next_ms}", delivery.status.code(), delivery.tries, delivery.attempts.len())
}

/// The two identifiers of a path.
struct Both(WebhookId, DeliveryId);

impl Extract for Both {}

impl FromRequestParts<App> for Both {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &App) -> Result<Self, ApiError> {
        let Ok(Path((webhook, delivery))) = Path::<(String, String)>::from_request_parts(parts, state).await else {
            return Err(not_found().into());
        };
        match (webhook.parse(), delivery.parse()) {
            (Ok(webhook), Ok(delivery)) => Ok(Self(webhook, delivery)),
            _ => Err(not_found().into()),
        }
    }
}

async fn test(context: Context, caller: Caller, Id(id): Id<WebhookId>) -> Answered {
    let sent = webhooks::test(&context, &id).await?;
    let location = format!("/account/webhooks/{id}/deliveries/{}", sent.id);
    Ok(Answer::created(&location, &view(&sent, caller.language))?.etag(&state_tag(&sent)))
}

async fn page(context: Context, caller: Caller, Id(id): Id<WebhookId>, pages: Pages) -> Answered {
    let found = find(&context, &id).await?;
    // A cursor is for one webhook.
    let listing = format!("{LISTING} {id}");
    let paging = pages.paging(&listing)?;
    let after = paging.after.map(|after| after.parse::<DeliveryId>()).transpose().map_err(|_| wrong_cursor())?;
    let page = context.store.deliveries(&found.id, after.as_ref(), paging.limit).await?;
    pages.page(&listing, page, |delivery| view(&delivery, caller.language))
}

async fn show(context: Context, caller: Caller, Both(webhook, delivery): Both) -> Answered {
    find(&context, &webhook).await?;
    let found = context.store.delivery(&webhook, &delivery).await?.ok_or_else(not_found)?;
    let payload = Payload(serde_json::from_str(&found.payload).map_err(ApiError::Unwritable)?);
    Ok(Answer::ok(&WholeView { delivery: view(&found, caller.language), payload })?.etag(&state_tag(&found)))
}

async fn replay(context: Context, caller: Caller, Both(webhook, delivery): Both) -> Answered {
    let replayed = webhooks::replay(&context, &webhook, &delivery).await?;
    Answer::ok(&view(&replayed, caller.language))
}
