//! Erased numbers: their fingerprints, which are kept, and the erasures, which dispatch continues.

use std::collections::BTreeSet;

use domain::erasure::{Erasure, Stage};
use domain::fingerprint::{Erased, Fingerprint, FingerprintKey};
use domain::ids::{CampaignId, ErasureId, ListId};
use domain::phone::PhoneNumber;
use serde::{Deserialize, Serialize};

use super::campaigns::DUE;
use super::item::{Item, Page, code, doc, instant, item, maybe_instant, ms, n, number, s, text};
use super::reading::{self, Slice};
use super::{AccountStore, Error, Result, failed};

const WHAT: &str = "erasure";
const FINGERPRINT: &str = "erased#";

/// When a number was erased, and on whose request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedMark {
    pub at: jiff::Timestamp,
    pub by: String,
}

#[derive(Serialize, Deserialize)]
struct MarkItem {
    at: i64,
    by: String,
}

#[derive(Serialize, Deserialize)]
struct ErasureItem {
    phone: Option<u64>,
    stage: String,
    after: Option<String>,
    by: String,
    asked_at: i64,
    done_at: Option<i64>,
    #[serde(rename = "look_at")]
    next_check_at: Option<i64>,
    waiting_lists: Vec<ListId>,
    waiting_campaigns: Vec<CampaignId>,
    /// Lists, campaigns, replies.
    removed: (u32, u32, u32),
}

fn shape(erasure: &Erasure) -> ErasureItem {
    let (stage, after) = match &erasure.stage {
        Stage::Lists { after } => ("lists", after.clone()),
        Stage::Campaigns { after } => ("campaigns", after.clone()),
        Stage::Waiting => ("waiting", None),
        Stage::Done => ("done", None),
    };
    ErasureItem {
        phone: erasure.phone.map(PhoneNumber::digits),
        stage: stage.into(),
        after,
        by: erasure.by.clone(),
        asked_at: ms(erasure.asked_at),
        done_at: erasure.done_at.map(ms),
        next_check_at: erasure.next_check_at.map(ms),
        waiting_lists: erasure.waiting_lists.clone(),
        waiting_campaigns: erasure.waiting_campaigns.clone(),
        removed: (erasure.lists, erasure.campaigns, erasure.replies),
    }
}

fn read(id: ErasureId, item: &Item) -> Result<Erasure> {
    let shape: ErasureItem = doc(item, WHAT)?;
    let corrupt = |cause: &str| Error::Corrupt { what: WHAT, cause: cause.into() };
    let phone = |digits| PhoneNumber::from_digits(digits).ok_or_else(|| corrupt("not a number"));
    let stage = match shape.stage.as_str() {
        "lists" => Stage::Lists { after: shape.after },
        "campaigns" => Stage::Campaigns { after: shape.after },
        "waiting" => Stage::Waiting,
        "done" => Stage::Done,
        _ => return Err(corrupt("no such stage")),
    };
    Ok(Erasure {
        id,
        phone: shape.phone.map(phone).transpose()?,
        stage,
        by: shape.by,
        asked_at: instant(shape.asked_at, WHAT)?,
        done_at: maybe_instant(shape.done_at, WHAT)?,
        next_check_at: maybe_instant(shape.next_check_at, WHAT)?,
        waiting_lists: shape.waiting_lists,
        waiting_campaigns: shape.waiting_campaigns,
        lists: shape.removed.0,
        campaigns: shape.removed.1,
        replies: shape.removed.2,
        version: number(item, "version", WHAT)?,
    })
}

impl AccountStore {
    fn fingerprint_key(&self) -> Result<&std::sync::Arc<FingerprintKey>> {
        let missing = || Error::Corrupt { what: WHAT, cause: "no key of fingerprints".into() };
        self.fingerprints.as_ref().ok_or_else(missing)
    }

    fn fingerprint(&self, phone: PhoneNumber) -> Result<Fingerprint> {
        Ok(self.fingerprint_key()?.of(&self.account, phone))
    }

    /// Every erased number of the account, for look-ups: a strongly consistent read.
    pub async fn erased(&self) -> Result<Erased> {
        let items = reading::all(&self.db, &self.tables.accounts, self.account.as_str(), FINGERPRINT, WHAT).await?;
        if items.is_empty() {
            return Ok(Erased::none());
        }
        let fingerprint = |item: &Item| {
            let found = text(item, "sk", WHAT)?.strip_prefix(FINGERPRINT).and_then(|text| text.parse().ok());
            found.ok_or_else(|| Error::Corrupt { what: WHAT, cause: "no fingerprint in the key".into() })
        };
        let fingerprints = items.iter().map(fingerprint).collect::<Result<BTreeSet<_>>>()?;
        Ok(Erased::new(self.fingerprint_key()?.clone(), self.account.clone(), fingerprints))
    }

    /// When a number was erased, if it was.
    pub async fn erased_mark(&self, phone: PhoneNumber) -> Result<Option<ErasedMark>> {
        let sk = format!("{FINGERPRINT}{}", self.fingerprint(phone)?);
        let got = reading::get(&self.db, &self.tables.accounts, self.account.as_str(), &sk, WHAT).await?;
        let Some(item) = got else { return Ok(None) };
        let MarkItem { at, by } = doc(&item, WHAT)?;
        Ok(Some(ErasedMark { at: instant(at, WHAT)?, by }))
    }

    /// Stores the fingerprint of a number. Repeating it writes the same, except for the time.
    pub async fn mark_erased(&self, phone: PhoneNumber, mark: &ErasedMark) -> Result<()> {
        let sk = format!("{FINGERPRINT}{}", self.fingerprint(phone)?);
        let item = item(self.account.as_str(), &sk, &MarkItem { at: ms(mark.at), by: mark.by.clone() });
        let put = self.db.put_item().table_name(&self.tables.accounts).set_item(Some(item));
        put.send().await.map_err(failed("write", WHAT))?;
        Ok(())
    }

    /// Removes the fingerprint of a number: it may be written to again.
    pub async fn unmark_erased(&self, phone: PhoneNumber) -> Result<()> {
        let sk = format!("{FINGERPRINT}{}", self.fingerprint(phone)?);
        let delete = self.db.delete_item().table_name(&self.tables.accounts);
        let delete = delete.key("pk", s(self.account.as_str())).key("sk", s(sk));
        delete.send().await.map_err(failed("delete", WHAT))?;
        Ok(())
    }

    pub async fn erasure(&self, id: &ErasureId) -> Result<Option<Erasure>> {
        let got = reading::get(&self.db, &self.tables.campaigns, self.account.as_str(), id.as_str(), WHAT).await?;
        got.map(|item| read(id.clone(), &item)).transpose()
    }

    /// Erasures, newest first.
    pub async fn erasures(&self, after: Option<&str>, limit: usize) -> Result<Page<Erasure>> {
        let slice = Slice { pk: self.account.as_str(), prefix: ErasureId::PREFIX, after, newest_first: true };
        let page = reading::page(&self.db, &self.tables.campaigns, slice, limit, WHAT).await?;
        let erasure = |item: &Item| read(code(text(item, "sk", WHAT)?, WHAT)?, item);
        Ok(Page { items: page.items.iter().map(erasure).collect::<Result<_>>()?, next: page.next })
    }

    /// Writes an erasure that is still at the version read; answers it at its new version.
    pub async fn put_erasure(&self, erasure: Erasure) -> Result<Erasure> {
        let mut item = item(self.account.as_str(), erasure.id.as_str(), &shape(&erasure));
        if let Some(at) = erasure.next_check_at {
            item.insert("due".into(), s(DUE));
            item.insert("due_at".into(), n(ms(at)));
        }
        self.put(&self.tables.campaigns, item, erasure.version, WHAT).await?;
        Ok(Erasure { version: erasure.version + 1, ..erasure })
    }
}
