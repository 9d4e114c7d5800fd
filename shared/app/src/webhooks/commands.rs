//! The commands of an account's webhooks.

use aws::store::{self, AccountStore};
use domain::delivery::Delivery;
use domain::ids::{DeliveryId, WebhookId};
use domain::webhook::{
    DESCRIPTION_CHARACTERS_MAX, Disabled, DisabledReason, EventKind, Health, WEBHOOKS_MAX, Webhook, WebhookKey,
};
use jiff::Timestamp;
use support::random;

use super::announce::Announcer;
use super::payload::test_event;
use super::url::{Reach, endpoint_url};
use crate::actor::Actor;
use crate::context::{Attempts, Context, Expected};
use crate::error::{Error, WebhookError};
use crate::use_case::UseCase;

/// The services that webhooks need in addition to a context.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// Derives the secrets.
    pub key: WebhookKey,
    /// Which networks endpoints may be in.
    pub reach: Reach,
}

/// The settings of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSettings {
    pub url: String,
    pub description: String,
    pub events: Vec<EventKind>,
    pub enabled: bool,
}

impl EndpointSettings {
    /// The present settings of a webhook.
    pub fn from_webhook(webhook: &Webhook) -> Self {
        Self {
            url: webhook.url.clone(),
            description: webhook.description.clone(),
            events: webhook.events.clone(),
            enabled: webhook.disabled.is_none(),
        }
    }

    /// What is wrong with the description and the events.
    pub fn problems(&self) -> Vec<WebhookError> {
        let description = self.description.trim();
        let is_long = description.chars().count() > DESCRIPTION_CHARACTERS_MAX;
        let is_described = !is_long && !description.chars().any(char::is_control);
        let faults = [(is_described, WebhookError::Description), (!self.events.is_empty(), WebhookError::NoEvents)];
        faults.into_iter().filter(|(is_right, _)| !is_right).map(|(_, refusal)| refusal).collect()
    }
}

/// Creates a webhook; returns it with its secret, which is shown only once.
pub async fn create(
    context: &Context,
    settings: &WebhookSettings,
    wanted: EndpointSettings,
) -> Result<(Webhook, String), Error> {
    let permit = context.permit(UseCase::CreateWebhook)?;
    let now = context.now();
    let blank = Webhook {
        account: context.account_id().clone(),
        id: WebhookId::new(now, random::bytes()),
        url: String::new(),
        description: String::new(),
        events: Vec::new(),
        disabled: None,
        generation: 1,
        retiring: Vec::new(),
        health: Health::default(),
        author: context.actor.author.clone(),
        created_at: now,
        modified_at: now,
        version: 0,
    };
    let webhook = with(blank, wanted, settings.reach, now)?;
    if context.store.webhooks().await?.len() >= WEBHOOKS_MAX {
        return Err(WebhookError::TooMany.into());
    }
    let webhook = permit.noting(&webhook.id, webhook.host()).put_webhook(webhook).await?;
    let secret = secret(settings, &webhook);
    Ok((webhook, secret))
}

/// Changes a webhook. Enabling it resets its health. `edit` makes the new settings from the present ones.
pub async fn change<E: From<Error>>(
    context: &Context,
    settings: &WebhookSettings,
    id: &WebhookId,
    expected: &Expected,
    edit: impl Fn(EndpointSettings) -> Result<EndpointSettings, E>,
) -> Result<Webhook, E> {
    let permit = context.permit(UseCase::ChangeWebhook)?;
    let mut attempts = Attempts::default();
    loop {
        let found = find(context, id, expected).await?;
        let present = EndpointSettings::from_webhook(&found);
        let wanted = edit(present.clone())?;
        if wanted == present {
            return Ok(found);
        }
        let next = with(found, wanted, settings.reach, context.now())?;
        let written = permit.noting(id, next.host()).put_webhook(next).await.map_err(Error::from);
        if !attempts.again(&written) {
            return Ok(written?);
        }
    }
}

/// Removes a webhook. Pending deliveries find it gone.
pub async fn remove(context: &Context, id: &WebhookId, expected: &Expected) -> Result<(), Error> {
    let permit = context.permit(UseCase::DeleteWebhook)?;
    let found = find(context, id, expected).await?;
    Ok(permit.noting(id, found.host()).delete_webhook(&found).await?)
}

/// Creates a new secret, which is shown only once; the earlier one still signs for a day.
pub async fn rotate(context: &Context, settings: &WebhookSettings, id: &WebhookId) -> Result<(Webhook, String), Error> {
    let permit = context.permit(UseCase::RotateWebhook)?;
    let found = find(context, id, &Expected::Any).await?;
    let rotated = found.rotated(context.now()).ok_or(WebhookError::RotatedTooOften)?;
    let rotated = permit.noting(id, "").put_webhook(rotated).await?;
    let secret = secret(settings, &rotated);
    Ok((rotated, secret))
}

/// Sends a test event to a webhook, now.
pub async fn test(context: &Context, id: &WebhookId) -> Result<Delivery, Error> {
    let permit = context.permit(UseCase::TestWebhook)?;
    let webhook = enabled(context, id).await?;
    let now = context.now();
    let delivery = Delivery::new(id, &test_event(&webhook, now, random::bytes()), now);
    let delivery = permit.noting(id, "").put_delivery(delivery).await?;
    announcer(context, now).hurry(&delivery).await;
    Ok(delivery)
}

/// Replays a delivery now, whatever its result was.
pub async fn replay(context: &Context, id: &WebhookId, delivery: &DeliveryId) -> Result<Delivery, Error> {
    let permit = context.permit(UseCase::ReplayDelivery)?;
    let found = context.store.webhook(id).await?.ok_or(Error::NotFound { what: "webhook" })?;
    let delivery = context.store.delivery(id, delivery).await?.ok_or(Error::NotFound { what: "delivery" })?;
    if found.disabled.is_some() {
        return Err(WebhookError::Disabled.into());
    }
    let now = context.now();
    let noting = permit.noting(id, delivery.id.as_str());
    let delivery = noting.put_delivery(delivery.replayed(now)).await?;
    announcer(context, now).hurry(&delivery).await;
    Ok(delivery)
}

/// Disables a webhook that is unchanged since it was read, until a user enables it; false if it was changed meanwhile:
/// the next failure decides again.
pub async fn disable(
    actor: &Actor,
    store: &AccountStore,
    webhook: &Webhook,
    reason: DisabledReason,
    now: Timestamp,
) -> Result<bool, Error> {
    let noting = store.with_audit(&actor.entry(UseCase::DisableWebhook, &webhook.id, reason.code(), now)?);
    let disabled = Webhook { disabled: Some(Disabled { reason, at: now }), modified_at: now, ..webhook.clone() };
    match noting.put_webhook(disabled).await {
        Err(store::Error::Conflict { .. }) => Ok(false),
        written => Ok(written.map(|_| true)?),
    }
}

async fn find(context: &Context, id: &WebhookId, expected: &Expected) -> Result<Webhook, Error> {
    let found = context.store.webhook(id).await?.ok_or(Error::NotFound { what: "webhook" })?;
    expected.holds(found.version, "webhook")?;
    Ok(found)
}

async fn enabled(context: &Context, id: &WebhookId) -> Result<Webhook, Error> {
    let found = find(context, id, &Expected::Any).await?;
    if found.disabled.is_some() { Err(WebhookError::Disabled.into()) } else { Ok(found) }
}

fn announcer(context: &Context, now: Timestamp) -> Announcer<'_> {
    Announcer { store: &context.store, queues: &context.queues, now }
}

fn secret(settings: &WebhookSettings, webhook: &Webhook) -> String {
    settings.key.secret(&webhook.account, &webhook.id, webhook.generation)
}

/// A webhook with other settings, if they are valid.
fn with(webhook: Webhook, wanted: EndpointSettings, reach: Reach, now: Timestamp) -> Result<Webhook, Error> {
    if let Some(fault) = wanted.problems().first() {
        return Err((*fault).into());
    }
    let EndpointSettings { url, description, mut events, enabled } = wanted;
    let url = endpoint_url(&url, reach).map_err(WebhookError::from)?.to_string();
    events.sort_unstable();
    events.dedup();
    // A new address begins with a clean record.
    let health = if url == webhook.url { webhook.health } else { Health::default() };
    let description = description.trim().to_owned();
    let next = Webhook { url, description, events, health, modified_at: now, ..webhook };
    Ok(match (enabled, next.disabled) {
        (true, Some(_)) => next.enabled(),
        (false, None) => Webhook { disabled: Some(Disabled { reason: DisabledReason::User, at: now }), ..next },
        (true, None) | (false, Some(_)) => next,
    })
}
