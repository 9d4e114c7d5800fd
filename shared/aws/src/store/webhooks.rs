//! Webhooks of an account. Their secrets are derived, not stored.

use domain::ids::WebhookId;
use domain::webhook::{Disabled, Health, Retiring, Webhook};
use serde::{Deserialize, Serialize};

use super::item::{Item, code, doc, instant, item, ms, n, number, text};
use super::reading;
use super::{AccountStore, Error, Result, failed};

const WHAT: &str = "webhook";
const PREFIX: &str = "webhook#";

#[derive(Serialize, Deserialize)]
struct WebhookItem {
    url: String,
    description: String,
    events: Vec<String>,
    /// Reason, when.
    disabled: Option<(String, i64)>,
    generation: u32,
    /// Generation, until when.
    retiring: Vec<(u32, i64)>,
    author: String,
    created_at: i64,
    modified_at: i64,
}

fn sk(id: &WebhookId) -> String {
    format!("{PREFIX}{id}")
}

impl AccountStore {
    pub async fn webhook(&self, id: &WebhookId) -> Result<Option<Webhook>> {
        let got = reading::get(&self.db, &self.tables.accounts, self.account.as_str(), &sk(id), WHAT).await?;
        got.map(|item| self.read_webhook(&item)).transpose()
    }

    /// All of them, oldest first.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>> {
        let items = reading::all(&self.db, &self.tables.accounts, self.account.as_str(), PREFIX, WHAT).await?;
        items.iter().map(|item| self.read_webhook(item)).collect()
    }

    /// Writes a webhook that is still at the version read; answers it at its new version.
    pub async fn put_webhook(&self, webhook: Webhook) -> Result<Webhook> {
        let shape = WebhookItem {
            url: webhook.url.clone(),
            description: webhook.description.clone(),
            events: webhook.events.iter().map(|kind| kind.code().to_owned()).collect(),
            disabled: webhook.disabled.map(|disabled| (disabled.reason.code().to_owned(), ms(disabled.at))),
            generation: webhook.generation,
            retiring: webhook.retiring.iter().map(|old| (old.generation, ms(old.until))).collect(),
            author: webhook.author.clone(),
            created_at: ms(webhook.created_at),
            modified_at: ms(webhook.modified_at),
        };
        let mut item = item(self.account.as_str(), &sk(&webhook.id), &shape);
        let Health { failures, failing_since, resting_until } = webhook.health;
        item.insert("failures".into(), n(failures));
        item.insert("failing_since".into(), n(failing_since.map_or(0, ms)));
        item.insert("resting_until".into(), n(resting_until.map_or(0, ms)));
        self.put(&self.tables.accounts, item, webhook.version, WHAT).await?;
        Ok(Webhook { version: webhook.version + 1, ..webhook })
    }

    /// Records the health of an endpoint, if it is unchanged since it was read: of several workers with the same
    /// result, one counts. The version of the webhook stays.
    pub async fn put_health(&self, id: &WebhookId, read: Health, health: Health) -> Result<()> {
        let values = [
            (":failures", n(health.failures)),
            (":since", n(health.failing_since.map_or(0, ms))),
            (":until", n(health.resting_until.map_or(0, ms))),
            (":failures_read", n(read.failures)),
            (":until_read", n(read.resting_until.map_or(0, ms))),
        ];
        let all = "SET failures = :failures, failing_since = :since, resting_until = :until";
        let update = reading::update(&self.db, &self.tables.accounts, self.account.as_str(), sk(id), all, values)
            .condition_expression("failures = :failures_read AND resting_until = :until_read");
        update.send().await.map_err(failed("write", WHAT))?;
        Ok(())
    }

    /// Removes a webhook that is unchanged since it was read. Pending deliveries find it gone.
    pub async fn delete_webhook(&self, webhook: &Webhook) -> Result<()> {
        self.delete(&self.tables.accounts, &sk(&webhook.id), webhook.version, WHAT).await
    }

    fn read_webhook(&self, item: &Item) -> Result<Webhook> {
        let shape: WebhookItem = doc(item, WHAT)?;
        let since = |name| match number::<i64>(item, name, WHAT)? {
            0 => Ok(None),
            at => instant(at, WHAT).map(Some),
        };
        let retiring = |(generation, until)| Ok::<_, Error>(Retiring { generation, until: instant(until, WHAT)? });
        let disabled = |(reason, at): (String, i64)| {
            Ok::<_, Error>(Disabled { reason: code(&reason, WHAT)?, at: instant(at, WHAT)? })
        };
        Ok(Webhook {
            account: self.account.clone(),
            id: code(text(item, "sk", WHAT)?.trim_start_matches(PREFIX), WHAT)?,
            url: shape.url,
            description: shape.description,
            events: shape.events.iter().map(|kind| code(kind, WHAT)).collect::<Result<_>>()?,
            disabled: shape.disabled.map(disabled).transpose()?,
            generation: shape.generation,
            retiring: shape.retiring.into_iter().map(retiring).collect::<Result<_>>()?,
            health: Health {
                failures: number(item, "failures", WHAT)?,
                failing_since: since("failing_since")?,
                resting_until: since("resting_until")?,
            },
            author: shape.author,
            created_at: instant(shape.created_at, WHAT)?,
            modified_at: instant(shape.modified_at, WHAT)?,
            version: number(item, "version", WHAT)?,
        })
    }
}
