//! Deliveries to webhooks, with their logs. A delivery with work left is in the sparse index `due`, like campaigns; all
//! expire after thirty days.

use domain::delivery::{Attempt, Delivery, DeliveryStatus, KEPT};
use domain::ids::{DeliveryId, WebhookId};
use domain::phone::PhoneNumber;
use serde::{Deserialize, Serialize};

use super::item::{Item, Page, code, doc, instant, item, maybe_instant, ms, n, number, s, text};
use super::reading::{self, Slice};
use super::{AccountStore, Error, Result, failed};

pub(super) const WHAT: &str = "delivery";
const PREFIX: &str = "delivery#";
/// Deliveries held in memory while a number is searched.
const LOOKED_THROUGH_AT_ONCE: usize = 500;
/// Hash key of deliveries in the index `due`.
pub(super) const DUE: &str = "delivery";

#[derive(Serialize, Deserialize)]
struct DeliveryItem {
    event: String,
    kind: String,
    payload: String,
    status: String,
    attempts: Vec<AttemptItem>,
    tries: u32,
    began_at: i64,
    next_at: Option<i64>,
    created_at: i64,
}

#[derive(Serialize, Deserialize)]
struct AttemptItem {
    at: i64,
    took_ms: u32,
    http_status: Option<u16>,
    problem: Option<String>,
    answer: Option<String>,
}

fn sk(webhook: &WebhookId, id: &str) -> String {
    format!("{PREFIX}{webhook}#{id}")
}

/// Webhook and delivery of a sort key.
pub(super) fn ids(item: &Item) -> Result<(WebhookId, DeliveryId)> {
    let sk = text(item, "sk", WHAT)?;
    let parts = sk.strip_prefix(PREFIX).and_then(|ids| ids.split_once('#'));
    let (webhook, id) = parts.ok_or_else(|| Error::Corrupt { what: WHAT, cause: format!("no ids in {sk}") })?;
    Ok((code(webhook, WHAT)?, code(id, WHAT)?))
}

impl AccountStore {
    pub async fn delivery(&self, webhook: &WebhookId, id: &DeliveryId) -> Result<Option<Delivery>> {
        let sk = sk(webhook, id.as_str());
        let got = reading::get(&self.db, &self.tables.campaigns, self.account.as_str(), &sk, WHAT).await?;
        got.as_ref().map(read).transpose()
    }

    /// Deliveries to a webhook, newest event first, after one of them.
    pub async fn deliveries(
        &self,
        webhook: &WebhookId,
        after: Option<&DeliveryId>,
        limit: usize,
    ) -> Result<Page<Delivery>> {
        let (prefix, after) = (sk(webhook, ""), after.map(|id| sk(webhook, id.as_str())));
        let slice = Slice { pk: self.account.as_str(), prefix: &prefix, after: after.as_deref(), newest_first: true };
        let page = reading::page(&self.db, &self.tables.campaigns, slice, limit, WHAT).await?;
        let items = page.items.iter().map(read).collect::<Result<_>>()?;
        Ok(Page { items, next: page.next.and_then(|sk| Some(sk.rsplit_once('#')?.1.to_owned())) })
    }

    /// Writes a delivery that is unchanged since it was read; returns it at its new version. For a new one, an older
    /// one with the same id is a conflict.
    pub async fn put_delivery(&self, delivery: Delivery) -> Result<Delivery> {
        let d = &delivery;
        let attempt = |a: &Attempt| AttemptItem {
            at: ms(a.at),
            took_ms: a.took_ms,
            http_status: a.http_status,
            problem: a.problem.map(|problem| problem.code().to_owned()),
            answer: a.answer.clone(),
        };
        let shape = DeliveryItem {
            event: d.event.to_string(),
            kind: d.kind.code().into(),
            payload: d.payload.clone(),
            status: d.status.code().into(),
            attempts: d.attempts.iter().map(attempt).collect(),
            tries: d.tries,
            began_at: ms(d.began_at),
            next_at: d.next_at.map(ms),
            created_at: ms(d.created_at),
        };
        let mut item = item(self.account.as_str(), &sk(&d.webhook, d.id.as_str()), &shape);
        if let Some(at) = d.next_check_at {
            item.insert("due".into(), s(DUE));
            item.insert("due_at".into(), n(ms(at)));
        }
        if let Some(phone) = d.phone {
            item.insert("phone".into(), n(phone.digits()));
        }
        item.insert("expires_at".into(), n((d.began_at + KEPT).as_second()));
        self.put(&self.tables.campaigns, item, d.version, WHAT).await?;
        Ok(Delivery { version: delivery.version + 1, ..delivery })
    }

    /// Postpones the next check of a delivery that is due; false if another worker has done so.
    pub async fn look_later(
        &self,
        webhook: &WebhookId,
        id: &DeliveryId,
        now: jiff::Timestamp,
        later: jiff::Timestamp,
    ) -> Result<bool> {
        let (pk, sk) = (self.account.as_str(), sk(webhook, id.as_str()));
        let values = [(":later", n(ms(later))), (":now", n(ms(now)))];
        let update = reading::update(&self.db, &self.tables.campaigns, pk, sk, "SET due_at = :later", values)
            .condition_expression("due_at <= :now");
        Ok(reading::unless_conflict(update.send().await.map_err(failed("write", WHAT)))?.is_some())
    }

    /// Removes a delivery that is unchanged since it was read.
    pub async fn delete_delivery(&self, delivery: &Delivery) -> Result<()> {
        let sk = sk(&delivery.webhook, delivery.id.as_str());
        self.delete(&self.tables.campaigns, &sk, delivery.version, WHAT).await
    }

    /// Removes every delivery that contains a number, delivered or not, for an erasure.
    pub async fn forget_deliveries_about(&self, phone: PhoneNumber) -> Result<usize> {
        let (mut after, mut forgotten) = (None, 0);
        loop {
            let slice =
                Slice { pk: self.account.as_str(), prefix: PREFIX, after: after.as_deref(), newest_first: false };
            let page = reading::page(&self.db, &self.tables.campaigns, slice, LOOKED_THROUGH_AT_ONCE, WHAT).await?;
            for item in &page.items {
                if number::<u64>(item, "phone", WHAT)? == phone.digits() {
                    let delete = self.db.delete_item().table_name(&self.tables.campaigns);
                    let delete = delete.key("pk", s(self.account.as_str())).key("sk", s(text(item, "sk", WHAT)?));
                    delete.send().await.map_err(failed("delete", WHAT))?;
                    forgotten += 1;
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(forgotten),
            }
        }
    }
}

fn read(item: &Item) -> Result<Delivery> {
    let shape: DeliveryItem = doc(item, WHAT)?;
    let (webhook, id) = ids(item)?;
    let status: DeliveryStatus = code(&shape.status, WHAT)?;
    let phone: u64 = number(item, "phone", WHAT)?;
    let next_check_at: i64 = number(item, "due_at", WHAT)?;
    let attempt = |a: AttemptItem| {
        let problem = a.problem.map(|problem| code(&problem, WHAT)).transpose()?;
        let AttemptItem { took_ms, http_status, answer, .. } = a;
        Ok(Attempt { at: instant(a.at, WHAT)?, took_ms, http_status, problem, answer })
    };
    Ok(Delivery {
        webhook,
        id,
        event: code(&shape.event, WHAT)?,
        kind: code(&shape.kind, WHAT)?,
        payload: shape.payload,
        phone: PhoneNumber::from_digits(phone),
        status,
        attempts: shape.attempts.into_iter().map(attempt).collect::<Result<_>>()?,
        tries: shape.tries,
        began_at: instant(shape.began_at, WHAT)?,
        next_at: maybe_instant(shape.next_at, WHAT)?,
        next_check_at: (next_check_at > 0).then(|| instant(next_check_at, WHAT)).transpose()?,
        created_at: instant(shape.created_at, WHAT)?,
        version: number(item, "version", WHAT)?,
    })
}
