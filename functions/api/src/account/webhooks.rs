//! `/v1/account/webhooks`: the endpoints that an account is told at. A secret is shown once, when it is made.

use app::webhooks::{Error, UrlFault, Wanted, Webhooks};
use domain::account::Scope;
use domain::ids::WebhookId;
use domain::webhook::{
    DESCRIPTION_CHARACTERS_MAX, DisabledReason, EventKind, RETIRING, URL_CHARACTERS_MAX, WEBHOOKS_MAX, Webhook,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use web::{Kind, Problem};

use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, get, patch, post};
use crate::contract::schema::{
    Schema, any_text, boolean, count, field, id, instant, list, maybe, object, page, text, word,
};
use crate::failure::{Failure, not_found};
use crate::gate::{Body, Caller, Id, IfMatch, merge};

pub fn operations() -> Vec<Operation> {
    let one = |operation: Operation| operation.answers(200, "The webhook", "Le webhook", webhook());
    let secret = || {
        any_text().or_null().about(
            "Shown this once; null when the same request is answered again",
            "Montré cette seule fois ; null quand la même requête reçoit à nouveau sa réponse",
        )
    };
    let created = webhook().with([field("secret", secret())]).named("NewWebhook");
    let retiring = instant().about(
        "Until then calls carry a signature by the secret before, too",
        "Jusque-là, les appels portent aussi une signature par le secret précédent",
    );
    let rotated = webhook().with([field("secret", secret()), field("previous_secret_until", retiring)]);
    vec![
        get("/account/webhooks", Scope::Admin, "Webhooks, oldest first", all).answers(
            200,
            "Every webhook",
            "Tous les webhooks",
            page(webhook()),
        ),
        post("/account/webhooks", Scope::Admin, "Makes a webhook", create)
            .takes(settings())
            .example(json!({ "url": "https://example.com/envol", "events": ["campaign.finished", "contact.stopped"] }))
            .answers(201, "The webhook, with its secret", "Le webhook, avec son secret", created),
        one(get("/account/webhooks/{id}", Scope::Admin, "A webhook", show)),
        one(patch("/account/webhooks/{id}", Scope::Admin, "Changes a webhook; `enabled` enables it again", change)
            .takes(settings().patch())
            .example(json!({ "enabled": true }))),
        delete("/account/webhooks/{id}", Scope::Admin, "Removes a webhook, with what is on its way to it", remove)
            .answers_empty(204, "Removed", "Supprimé"),
        post("/account/webhooks/{id}/rotate", Scope::Admin, "Makes a new secret", rotate).answers(
            200,
            "The webhook, with its new secret",
            "Le webhook, avec son nouveau secret",
            rotated.named("RotatedWebhook"),
        ),
    ]
}

fn settings() -> Schema {
    object([
        field(
            "url",
            text(1, URL_CHARACTERS_MAX)
                .such_as("https://example.com/envol")
                .about("HTTPS, on the Internet", "HTTPS, sur Internet"),
        ),
        field("events", list(word(EventKind::CHOICES.map(EventKind::code)), 1, EventKind::CHOICES.len())),
        maybe("description", text(0, DESCRIPTION_CHARACTERS_MAX)),
        maybe("enabled", boolean().about("true unless told otherwise", "true sauf indication contraire")),
    ])
}

fn webhook() -> Schema {
    let disabled =
        object([field("reason", word(DisabledReason::ALL.map(DisabledReason::code))), field("at", instant())]);
    let failures = count().about(
        "Calls in a row that failed; again and again, and it rests between tries",
        "Appels d’affilée qui ont échoué ; à force, il se repose entre deux essais",
    );
    object([
        field("id", id("whk_")),
        field("url", any_text()),
        field("events", list(word(EventKind::CHOICES.map(EventKind::code)), 1, EventKind::CHOICES.len())),
        field("description", any_text()),
        field("enabled", boolean()),
        maybe("disabled", disabled.about("Why it is told nothing", "Pourquoi rien ne lui est dit")),
        field("failures", failures),
        field(
            "failing_since",
            instant()
                .or_null()
                .about("Five days without one success disable it", "Cinq jours sans un succès le désactivent"),
        ),
        field("author", any_text()),
        field("created_at", instant()),
        field("modified_at", instant()),
        field("version", count()),
    ])
    .named("Webhook")
}

#[derive(Serialize, Deserialize)]
struct Settings {
    url: String,
    events: Vec<String>,
    #[serde(default)]
    description: String,
    #[serde(default = "is_enabled")]
    enabled: bool,
}

fn is_enabled() -> bool {
    true
}

#[derive(Serialize)]
struct WebhookView {
    id: String,
    #[serde(flatten)]
    settings: Settings,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled: Option<DisabledView>,
    failures: u32,
    failing_since: Option<jiff::Timestamp>,
    author: String,
    created_at: jiff::Timestamp,
    modified_at: jiff::Timestamp,
    version: u64,
}

#[derive(Serialize)]
struct DisabledView {
    reason: &'static str,
    at: jiff::Timestamp,
}

#[derive(Serialize)]
struct WithSecret {
    #[serde(flatten)]
    webhook: WebhookView,
    secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_secret_until: Option<jiff::Timestamp>,
}

fn settings_of(webhook: &Webhook) -> Settings {
    Settings {
        url: webhook.url.clone(),
        events: webhook.events.iter().map(|kind| kind.code().to_owned()).collect(),
        description: webhook.description.clone(),
        enabled: webhook.disabled.is_none(),
    }
}

fn view(webhook: &Webhook) -> WebhookView {
    WebhookView {
        id: webhook.id.to_string(),
        settings: settings_of(webhook),
        disabled: webhook.disabled.map(|disabled| DisabledView { reason: disabled.reason.code(), at: disabled.at }),
        failures: webhook.health.failures,
        failing_since: webhook.health.failing_since,
        author: webhook.author.clone(),
        created_at: webhook.created_at,
        modified_at: webhook.modified_at,
        version: webhook.version,
    }
}

/// The commands, for the caller's account.
pub(super) fn webhooks_of(app: &App, caller: &Caller) -> Webhooks {
    let (store, queues) = (app.store_of(caller), app.queues.clone());
    Webhooks { store, queues, key: app.webhook_key.clone(), reach: app.reach }
}

pub(super) async fn find(webhooks: &Webhooks, id: &WebhookId) -> Result<Webhook, Failure> {
    webhooks.store.webhook(id).await?.ok_or_else(|| not_found().into())
}

pub(super) fn failure(error: Error) -> Failure {
    let conflict = |english: String, french: String| Problem::new(Kind::Conflict, english, french).into();
    match error {
        Error::Url(fault) => url_fault(fault).into(),
        Error::TooMany => {
            conflict(format!("at most {WEBHOOKS_MAX} webhooks"), format!("{WEBHOOKS_MAX} webhooks au plus"))
        }
        Error::RotatedTooOften => conflict(
            "too many secrets of the last 24 hours still sign; try again later".into(),
            "trop de secrets des dernières 24 heures signent encore ; réessayez plus tard".into(),
        ),
        Error::Disabled => conflict(
            "the webhook is disabled; enable it first".into(),
            "le webhook est désactivé ; réactivez-le d’abord".into(),
        ),
        Error::Store(error) => error.into(),
    }
}

fn url_fault(fault: UrlFault) -> Problem {
    let (english, french) = match fault {
        UrlFault::NotAUrl => ("a URL such as https://example.com/envol", "une URL telle que https://example.com/envol"),
        UrlFault::TooLong => ("the URL is too long", "l’URL est trop longue"),
        UrlFault::NotHttps => ("the URL must begin with https://", "l’URL doit commencer par https://"),
        UrlFault::Credentials => (
            "no user or password in the URL, please: calls are signed",
            "ni identifiant ni mot de passe dans l’URL : les appels sont signés",
        ),
        UrlFault::Private => {
            ("the URL leads into a network that is not public", "l’URL mène à un réseau qui n’est pas public")
        }
    };
    Problem::fault(fault.code(), "/url", english, french)
}

fn wanted(settings: Settings) -> Result<Wanted, Failure> {
    let Settings { url, events, description, enabled } = settings;
    if description.chars().any(char::is_control) {
        let (english, french) = ("no control characters, please", "les caractères de contrôle ne sont pas admis");
        return Err(Problem::fault("malformed", "/description", english, french).into());
    }
    let events = events.iter().filter_map(|kind| kind.parse().ok()).collect();
    Ok(Wanted { url, description, events, enabled })
}

async fn all(app: App, caller: Caller) -> Answered {
    let items = app.store_of(&caller).webhooks().await?;
    Answer::every(items, |webhook| view(&webhook))
}

async fn create(app: App, caller: Caller, Body(settings): Body<Settings>) -> Answered {
    let webhooks = webhooks_of(&app, &caller);
    let made = webhooks.create(wanted(settings)?, &caller.author, app.clock.now(), app.random()).await;
    let (made, secret) = made.map_err(failure)?;
    app.trail(&caller).note("webhook.created", made.id.as_str(), made.host()).await;
    let with = |secret| WithSecret { webhook: view(&made), secret, previous_secret_until: None };
    let answer = Answer::created(&format!("/account/webhooks/{}", made.id), &with(Some(secret)))?;
    answer.version(made.version).keep_instead(&with(None))
}

async fn show(app: App, caller: Caller, Id(id): Id<WebhookId>) -> Answered {
    let found = find(&webhooks_of(&app, &caller), &id).await?;
    Ok(Answer::ok(&view(&found))?.version(found.version))
}

async fn change(
    app: App,
    caller: Caller,
    Id(id): Id<WebhookId>,
    if_match: IfMatch,
    Body(patch): Body<Value>,
) -> Answered {
    let webhooks = webhooks_of(&app, &caller);
    let found = find(&webhooks, &id).await?;
    if_match.holds(found.version)?;
    let mut merged = serde_json::to_value(settings_of(&found)).map_err(Failure::Unwritable)?;
    merge(&mut merged, &patch);
    let settings = serde_json::from_value(merged).map_err(Failure::Unread)?;
    let changed = webhooks.change(found, wanted(settings)?, app.clock.now()).await.map_err(failure)?;
    app.trail(&caller).note("webhook.changed", id.as_str(), changed.host()).await;
    Ok(Answer::ok(&view(&changed))?.version(changed.version))
}

async fn remove(app: App, caller: Caller, Id(id): Id<WebhookId>, if_match: IfMatch) -> Answered {
    let webhooks = webhooks_of(&app, &caller);
    let found = find(&webhooks, &id).await?;
    if_match.holds(found.version)?;
    webhooks.store.delete_webhook(&found).await?;
    app.trail(&caller).note("webhook.deleted", id.as_str(), found.host()).await;
    Ok(Answer::empty())
}

async fn rotate(app: App, caller: Caller, Id(id): Id<WebhookId>) -> Answered {
    let (webhooks, now) = (webhooks_of(&app, &caller), app.clock.now());
    let found = find(&webhooks, &id).await?;
    let (rotated, secret) = webhooks.rotate(&found, now).await.map_err(failure)?;
    app.trail(&caller).note("webhook.rotated", id.as_str(), "").await;
    let until = Some(now + RETIRING);
    let with = |secret| WithSecret { webhook: view(&rotated), secret, previous_secret_until: until };
    Answer::ok(&with(Some(secret)))?.version(rotated.version).keep_instead(&with(None))
}
