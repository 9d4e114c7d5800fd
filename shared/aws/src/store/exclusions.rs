//! Decisions on single numbers: the newest of each, and a log in time order for batches that need the exclusions since
//! their campaign started. Imported exclusions are files; over all sources the newest decision counts.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::account::{Exclusion, ExclusionSource};
use domain::phone::{self, PhoneNumber};
use serde::{Deserialize, Serialize};

use super::item::{Item, Page, code, doc, instant, item, ms, s, text};
use super::reading::{self, Slice};
use super::{AccountStore, Error, Result, failed, filtered, unbuilt};

const WHAT: &str = "exclusion";
const PREFIX: &str = "exclusion#";
const LOG: &str = "exclusion-log#";

#[derive(Serialize, Deserialize)]
struct ExclusionItem {
    #[serde(rename = "x")]
    excluded: bool,
    #[serde(rename = "s")]
    source: String,
    #[serde(rename = "r", skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(rename = "b")]
    by: String,
    #[serde(rename = "a")]
    at: i64,
}

/// Decisions in the order of numbers.
#[derive(Debug, Clone)]
pub struct ExclusionPage {
    pub decisions: Vec<Exclusion>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<PhoneNumber>,
}

/// Numbers as texts of 15 digits sort like numbers.
fn sk(phone: PhoneNumber) -> String {
    format!("{PREFIX}{:015}", phone.digits())
}

fn shape(decision: &Exclusion) -> ExclusionItem {
    ExclusionItem {
        excluded: decision.excluded,
        source: decision.source.code().into(),
        reason: decision.reason.clone(),
        by: decision.by.clone(),
        at: ms(decision.at),
    }
}

fn read(item: &Item) -> Result<Exclusion> {
    let shape: ExclusionItem = doc(item, WHAT)?;
    let key = text(item, "sk", WHAT)?;
    let digits = key.rsplit('#').next().and_then(|digits| digits.parse().ok());
    Ok(Exclusion {
        phone: digits
            .and_then(PhoneNumber::from_digits)
            .ok_or_else(|| Error::Corrupt { what: WHAT, cause: "no number in the key".into() })?,
        excluded: shape.excluded,
        source: code(&shape.source, WHAT)?,
        reason: shape.reason,
        by: shape.by,
        at: instant(shape.at, WHAT)?,
    })
}

impl AccountStore {
    /// The newest single decision on a number; imports are files.
    pub async fn exclusion(&self, phone: PhoneNumber) -> Result<Option<Exclusion>> {
        let got = reading::get(&self.db, &self.tables.accounts, self.account.as_str(), &sk(phone), WHAT).await?;
        got.as_ref().map(read).transpose()
    }

    /// Records a decision. One that allows a number also removes its fingerprint.
    pub async fn decide(&self, decision: &Exclusion) -> Result<()> {
        if decision.excluded {
            return self.exclude(decision).await;
        }
        self.unmark_erased(decision.phone).await?;
        self.record_decision(decision).await
    }

    /// Records a decision that excludes. An erased number is excluded already, and the record would bring it back: only
    /// the erasure itself stores one, until it is done.
    pub async fn exclude(&self, decision: &Exclusion) -> Result<()> {
        self.exclude_unless_erased(decision).await.map(|_| ())
    }

    /// The same; returns whether the number was excluded, and not erased before.
    pub async fn exclude_unless_erased(&self, decision: &Exclusion) -> Result<bool> {
        if decision.source != ExclusionSource::Erasure && self.erased_mark(decision.phone).await?.is_some() {
            return Ok(false);
        }
        self.record_decision(decision).await?;
        Ok(true)
    }

    /// A decision and its log entry, both or neither. The newest decision wins: an older one than the present one
    /// changes nothing.
    async fn record_decision(&self, decision: &Exclusion) -> Result<()> {
        let pk = self.account.as_str();
        let mut newest = item(pk, &sk(decision.phone), &shape(decision));
        newest.insert("at".into(), super::item::n(ms(decision.at)));
        let newest = Put::builder()
            .table_name(&self.tables.accounts)
            .set_item(Some(newest))
            .condition_expression("attribute_not_exists(pk) OR #at <= :at")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":at", super::item::n(ms(decision.at)));
        let log_sk = format!("{LOG}{:015}#{:015}", ms(decision.at), decision.phone.digits());
        let log = Put::builder().table_name(&self.tables.accounts).set_item(Some(item(pk, &log_sk, &shape(decision))));
        let writes = vec![
            TransactWriteItem::builder().put(newest.build().map_err(unbuilt(WHAT))?).build(),
            TransactWriteItem::builder().put(log.build().map_err(unbuilt(WHAT))?).build(),
        ];
        // On a conflict a newer decision stands.
        reading::unless_conflict(self.transact(writes, WHAT).await).map(drop)
    }

    /// Decisions in the order of numbers, from `after` on.
    pub async fn decisions(&self, after: Option<PhoneNumber>, limit: usize) -> Result<ExclusionPage> {
        let after = after.map(sk);
        let slice = Slice { pk: self.account.as_str(), prefix: PREFIX, after: after.as_deref(), newest_first: false };
        let page = reading::page(&self.db, &self.tables.accounts, slice, limit, WHAT).await?;
        let decisions = page.items.iter().map(read).collect::<Result<Vec<_>>>()?;
        let next = page.next.and_then(|_| decisions.last().map(|decision| decision.phone));
        Ok(ExclusionPage { decisions, next })
    }

    /// Numbers that single decisions exclude, from `after` on; with `digits`, those that contain them.
    pub async fn excluded(
        &self,
        digits: Option<&str>,
        after: Option<PhoneNumber>,
        limit: usize,
    ) -> Result<ExclusionPage> {
        let digits = phone::sought(digits.unwrap_or_default());
        let is_wanted = |one: &Exclusion| one.excluded && one.phone.digits().to_string().contains(&digits);
        let position = |one: &Exclusion| one.phone.digits().to_string();
        let number = |digits: String| digits.parse().ok().and_then(PhoneNumber::from_digits);
        let read = |after: Option<String>, limit| async move {
            let page = self.decisions(after.and_then(number), limit).await?;
            Ok(Page { items: page.decisions, next: page.next.map(|phone| phone.digits().to_string()) })
        };
        let after = after.map(|phone| phone.digits().to_string());
        let page = filtered(after, limit, read, position, is_wanted).await?;
        Ok(ExclusionPage { decisions: page.items, next: page.next.and_then(number) })
    }

    /// Every decision, in the order of numbers.
    pub async fn all_decisions(&self) -> Result<Vec<Exclusion>> {
        let items = reading::all(&self.db, &self.tables.accounts, self.account.as_str(), PREFIX, WHAT).await?;
        items.iter().map(read).collect()
    }

    /// The time of the newest decision.
    pub async fn last_decision_at(&self) -> Result<Option<jiff::Timestamp>> {
        let slice = Slice { pk: self.account.as_str(), prefix: LOG, after: None, newest_first: true };
        let page = reading::page(&self.db, &self.tables.accounts, slice, 1, WHAT).await?;
        page.items.first().map(|item| Ok(read(item)?.at)).transpose()
    }

    /// Decisions at or after an instant, oldest first; `None` if there are more than `max`. A strongly consistent read,
    /// so that a recorded STOP counts for every batch from then on.
    pub async fn decisions_since(&self, since: jiff::Timestamp, max: usize) -> Result<Option<Vec<Exclusion>>> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.accounts)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", s(self.account.as_str()))
            .expression_attribute_values(":from", s(format!("{LOG}{:015}", ms(since))))
            .expression_attribute_values(":to", s(format!("{LOG}~")))
            .consistent_read(true);
        let (mut items, mut start) = (Vec::new(), None);
        loop {
            let limit = i32::try_from(max + 1 - items.len()).unwrap_or(i32::MAX);
            let page = query.clone().limit(limit).set_exclusive_start_key(start).send().await;
            let page = page.map_err(failed("list", WHAT))?;
            items.extend(page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            if items.len() > max {
                return Ok(None);
            }
            if start.is_none() {
                return items.iter().map(read).collect::<Result<_>>().map(Some);
            }
        }
    }

    /// The newest decisions on some numbers: strongly consistent reads.
    pub async fn decisions_on(&self, phones: &[PhoneNumber]) -> Result<Vec<Exclusion>> {
        let sks: Vec<String> = phones.iter().copied().map(sk).collect();
        let sks: Vec<&str> = sks.iter().map(String::as_str).collect();
        let found = reading::get_all(&self.db, &self.tables.accounts, self.account.as_str(), &sks, WHAT).await?;
        found.values().map(read).collect()
    }

    /// Removes every decision on a number, and its log entries.
    pub async fn forget_decisions_on(&self, phone: PhoneNumber) -> Result<()> {
        let end = format!("#{:015}", phone.digits());
        let (pk, mut forgotten) = (self.account.as_str(), Vec::new());
        for prefix in [PREFIX, LOG] {
            for item in reading::all(&self.db, &self.tables.accounts, pk, prefix, WHAT).await? {
                forgotten.extend(Some(text(&item, "sk", WHAT)?.to_owned()).filter(|sk| sk.ends_with(&end)));
            }
        }
        reading::forget_all(&self.db, &self.tables.accounts, pk, forgotten, WHAT).await
    }
}
