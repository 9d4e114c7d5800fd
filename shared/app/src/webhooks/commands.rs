//! The commands of an account's endpoints, for the API and the console.

use aws::queue::Queues;
use aws::store::{self, AccountStore};
use domain::delivery::Delivery;
use domain::ids::WebhookId;
use domain::webhook::{Disabled, DisabledReason, EventKind, Health, WEBHOOKS_MAX, Webhook, WebhookKey};
use jiff::Timestamp;

use super::announce::Announcer;
use super::payload::test_event;
use super::url::{Reach, UrlFault, endpoint_url};

/// What the commands need of one account.
#[derive(Debug, Clone)]
pub struct Webhooks {
    pub store: AccountStore,
    pub queues: Queues,
    pub key: WebhookKey,
    pub reach: Reach,
}

/// What a person can choose about an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub url: String,
    pub description: String,
    pub events: Vec<EventKind>,
    pub enabled: bool,
}

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Url(#[from] UrlFault),
    #[error("an account has {WEBHOOKS_MAX} webhooks at most")]
    TooMany,
    #[error("too many secrets of the last day still sign")]
    RotatedTooOften,
    #[error("the webhook is disabled")]
    Disabled,
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Webhooks {
    /// A new endpoint and its secret, which is told this once.
    pub async fn create(
        &self,
        wanted: Wanted,
        author: &str,
        now: Timestamp,
        random: [u8; 6],
    ) -> Result<(Webhook, String), Error> {
        let blank = Webhook {
            account: self.store.id().clone(),
            id: WebhookId::new(now, random),
            url: String::new(),
            description: String::new(),
            events: Vec::new(),
            disabled: None,
            generation: 1,
            retiring: Vec::new(),
            health: Health::default(),
            author: author.to_owned(),
            created_at: now,
            modified_at: now,
            version: 0,
        };
        let webhook = self.with(blank, wanted, now)?;
        if self.store.webhooks().await?.len() >= WEBHOOKS_MAX {
            return Err(Error::TooMany);
        }
        let webhook = self.store.put_webhook(webhook).await?;
        let secret = self.secret(&webhook);
        Ok((webhook, secret))
    }

    /// Changes an endpoint that is still at the version read. Enabled again, it starts in good health.
    pub async fn change(&self, found: Webhook, wanted: Wanted, now: Timestamp) -> Result<Webhook, Error> {
        Ok(self.store.put_webhook(self.with(found, wanted, now)?).await?)
    }

    /// A new secret, which is told this once; the one before signs beside it for a day.
    pub async fn rotate(&self, found: &Webhook, now: Timestamp) -> Result<(Webhook, String), Error> {
        let rotated = found.rotated(now).ok_or(Error::RotatedTooOften)?;
        let rotated = self.store.put_webhook(rotated).await?;
        let secret = self.secret(&rotated);
        Ok((rotated, secret))
    }

    /// Sends a test to an endpoint, now.
    pub async fn test(&self, webhook: &Webhook, now: Timestamp, random: [u8; 6]) -> Result<Delivery, Error> {
        if webhook.disabled.is_some() {
            return Err(Error::Disabled);
        }
        let delivery = Delivery::new(&webhook.id, &test_event(webhook, now, random), now);
        let delivery = self.store.put_delivery(delivery).await?;
        self.announcer(now).hurry(&delivery).await;
        Ok(delivery)
    }

    /// Tries a delivery again from the beginning, now, whatever came of it before.
    pub async fn replay(&self, webhook: &Webhook, delivery: Delivery, now: Timestamp) -> Result<Delivery, Error> {
        if webhook.disabled.is_some() {
            return Err(Error::Disabled);
        }
        let delivery = self.store.put_delivery(delivery.replayed(now)).await?;
        self.announcer(now).hurry(&delivery).await;
        Ok(delivery)
    }

    fn announcer(&self, now: Timestamp) -> Announcer<'_> {
        Announcer { store: &self.store, queues: &self.queues, now }
    }

    fn secret(&self, webhook: &Webhook) -> String {
        self.key.secret(&webhook.account, &webhook.id, webhook.generation)
    }

    fn with(&self, webhook: Webhook, wanted: Wanted, now: Timestamp) -> Result<Webhook, UrlFault> {
        let Wanted { url, description, mut events, enabled } = wanted;
        let url = endpoint_url(&url, self.reach)?.to_string();
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
}
