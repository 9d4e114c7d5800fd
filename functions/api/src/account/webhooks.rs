//! `/v1/account/webhooks`: the webhook endpoints of an account. A secret is shown once, when it is created.

use app::webhooks::{self, EndpointSettings, UrlError, WebhookError};
use app::{Context, Error, UseCase};
use domain::ids::WebhookId;
use domain::webhook::{
    DESCRIPTION_CHARACTERS_MAX, DisabledReason, EventKind, RETIRING, URL_CHARACTERS_MAX, WEBHOOKS_MAX, Webhook,
};
use serde_json::json;
use web::{Kind, Problem};

use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, get, patch, post};
use crate::contract::schema::{Schema, list, text, word};
use crate::error::{ApiError, not_found};
use crate::gate::{Body, Id, IfMatch};

pub fn operations() -> Vec<Operation> {
    let one = |operation: Operation| operation.answers::<WebhookView>(200, "The webhook", "Le webhook");
    vec![
        get("/account/webhooks", UseCase::ReadWebhooks, all)
            .summary("Webhooks, oldest first", "Webhooks, du plus ancien au plus récent")
            .lists::<WebhookView>("Every webhook", "Tous les webhooks"),
        post("/account/webhooks", UseCase::CreateWebhook, create)
            .summary("Makes a webhook", "Crée un webhook")
            .example(json!({ "url": "https://example.com/envol", "events": ["campaign.finished", "contact.stopped"] }))
            .answers::<CreatedView>(201, "The webhook, with its secret", "Le webhook, avec son secret"),
        one(get("/account/webhooks/{id}", UseCase::ReadWebhooks, show).summary("A webhook", "Un webhook")),
        one(patch("/account/webhooks/{id}", UseCase::ChangeWebhook, change)
            .summary("Changes a webhook; `enabled` enables it again", "Change un webhook ; `enabled` le réactive")
            .never_conflicts()
            .example(json!({ "enabled": true }))),
        delete("/account/webhooks/{id}", UseCase::DeleteWebhook, remove)
            .summary(
                "Removes a webhook, with what is on its way to it",
                "Supprime un webhook, avec ce qui est en route vers lui",
            )
            .answers_empty(204, "Removed", "Supprimé"),
        post("/account/webhooks/{id}/rotate", UseCase::RotateWebhook, rotate)
            .summary("Makes a new secret", "Crée un nouveau secret")
            .answers::<RotatedView>(200, "The webhook, with its new secret", "Le webhook, avec son nouveau secret"),
    ]
}

fn events() -> Schema {
    list(word(EventKind::CHOICES.map(EventKind::code)), 1, EventKind::CHOICES.len())
}

requests! {
    struct NewWebhook, patch WebhookPatch {
        /// HTTPS, on the Internet
        /// HTTPS, sur Internet
        url: String = text(1, URL_CHARACTERS_MAX).such_as("https://example.com/envol"),
        events: Vec<EventKind> = events(),
        description?: String = text(0, DESCRIPTION_CHARACTERS_MAX),
        /// true by default
        /// true sauf indication contraire
        enabled?: bool,
    }
}

answers! {
    struct WebhookView as "Webhook" {
        id: WebhookId,
        url: String,
        events: Vec<EventKind> = events(),
        description: String,
        enabled: bool,
        /// Why it is disabled
        /// Pourquoi il est désactivé
        disabled?: DisabledView,
        /// Calls in a row that failed; again and again, and it rests between tries
        /// Appels d’affilée qui ont échoué ; à force, il se repose entre deux essais
        failures: u32,
        /// Five days without one success disable it
        /// Cinq jours sans un succès le désactivent
        failing_since: Option<jiff::Timestamp>,
        author: String,
        created_at: jiff::Timestamp,
        modified_at: jiff::Timestamp,
        version: u64,
    }

    struct DisabledView {
        reason: DisabledReason,
        at: jiff::Timestamp,
    }

    struct CreatedView as "NewWebhook" {
        ..webhook: WebhookView,
        /// Shown this once; null when the same request is answered again
        /// Montré cette seule fois ; null quand la même requête reçoit à nouveau sa réponse
        secret: Option<String>,
    }

    struct RotatedView as "RotatedWebhook" {
        ..webhook: CreatedView,
        /// Until then calls carry a signature by the secret before, too
        /// Jusque-là, les appels portent aussi une signature par le secret précédent
        previous_secret_until: jiff::Timestamp,
    }
}

fn view(webhook: &Webhook) -> WebhookView {
    WebhookView {
        id: webhook.id.clone(),
        url: webhook.url.clone(),
        events: webhook.events.clone(),
        description: webhook.description.clone(),
        enabled: webhook.disabled.is_none(),
        disabled: webhook.disabled.map(|disabled| DisabledView { reason: disabled.reason, at: disabled.at }),
        failures: webhook.health.failures,
        failing_since: webhook.health.failing_since,
        author: webhook.author.clone(),
        created_at: webhook.created_at,
        modified_at: webhook.modified_at,
        version: webhook.version,
    }
}

pub(super) async fn find(context: &Context, id: &WebhookId) -> Result<Webhook, ApiError> {
    context.store.webhook(id).await?.ok_or_else(|| not_found().into())
}

/// Why a command on a webhook failed.
pub fn webhook_refusal(refusal: WebhookError) -> Problem {
    let conflict = |english: &str, french: &str| Problem::new(Kind::Conflict, english, french);
    match refusal {
        WebhookError::Url(fault) => url_error(fault),
        WebhookError::Description => {
            let (english, french) = ("no control characters, please", "les caractères de contrôle ne sont pas admis");
            Problem::invalid_field("malformed", "/description", english, french)
        }
        WebhookError::NoEvents => {
            Problem::invalid_field("length", "/events", "at least one kind of event", "au moins un type d’événement")
        }
        WebhookError::TooMany => {
            conflict(&format!("at most {WEBHOOKS_MAX} webhooks"), &format!("{WEBHOOKS_MAX} webhooks au plus"))
        }
        WebhookError::RotatedTooOften => conflict(
            "too many secrets of the last 24 hours still sign; try again later",
            "trop de secrets des dernières 24 heures signent encore ; réessayez plus tard",
        ),
        WebhookError::Disabled => {
            conflict("the webhook is disabled; enable it first", "le webhook est désactivé ; réactivez-le d’abord")
        }
    }
}

fn url_error(fault: UrlError) -> Problem {
    let (english, french) = match fault {
        UrlError::NotAUrl => ("a URL such as https://example.com/envol", "une URL telle que https://example.com/envol"),
        UrlError::TooLong => ("the URL is too long", "l’URL est trop longue"),
        UrlError::NotHttps => ("the URL must begin with https://", "l’URL doit commencer par https://"),
        UrlError::Credentials => (
            "no user or password in the URL, please: calls are signed",
            "ni identifiant ni mot de passe dans l’URL : les appels sont signés",
        ),
        UrlError::Private => {
            ("the URL leads into a network that is not public", "l’URL mène à un réseau qui n’est pas public")
        }
    };
    Problem::invalid_field(fault.code(), "/url", english, french)
}

async fn all(context: Context) -> Answered {
    Answer::list(context.store.webhooks().await?, |webhook| view(&webhook))
}

async fn create(app: App, context: Context, Body(body): Body<NewWebhook>) -> Answered {
    let NewWebhook { url, events, description, enabled } = body;
    let wanted = EndpointSettings {
        url,
        description: description.unwrap_or_default(),
        events,
        enabled: enabled.unwrap_or(true),
    };
    let (made, secret) = webhooks::create(&context, &app.webhooks, wanted).await?;
    let with = |secret| CreatedView { webhook: view(&made), secret };
    let answer = Answer::created(&format!("/account/webhooks/{}", made.id), &with(Some(secret)))?;
    answer.version(made.version).idempotent_body(&with(None))
}

async fn show(context: Context, Id(id): Id<WebhookId>) -> Answered {
    let found = find(&context, &id).await?;
    Ok(Answer::ok(&view(&found))?.version(found.version))
}

async fn change(
    app: App,
    context: Context,
    Id(id): Id<WebhookId>,
    IfMatch(expected): IfMatch,
    Body(patch): Body<WebhookPatch>,
) -> Answered {
    let edit = |present: EndpointSettings| {
        Ok::<_, Error>(EndpointSettings {
            url: patch.url.clone().unwrap_or(present.url),
            events: patch.events.clone().unwrap_or(present.events),
            description: patch.description.clone().unwrap_or(present.description),
            enabled: patch.enabled.unwrap_or(present.enabled),
        })
    };
    let changed = webhooks::change(&context, &app.webhooks, &id, &expected, edit).await?;
    Ok(Answer::ok(&view(&changed))?.version(changed.version))
}

async fn remove(context: Context, Id(id): Id<WebhookId>, IfMatch(expected): IfMatch) -> Answered {
    webhooks::remove(&context, &id, &expected).await?;
    Ok(Answer::empty())
}

async fn rotate(app: App, context: Context, Id(id): Id<WebhookId>) -> Answered {
    let (rotated, secret) = webhooks::rotate(&context, &app.webhooks, &id).await?;
    let with = |secret| RotatedView {
        webhook: CreatedView { webhook: view(&rotated), secret },
        previous_secret_until: rotated.modified_at + RETIRING,
    };
    Answer::ok(&with(Some(secret)))?.version(rotated.version).idempotent_body(&with(None))
}
