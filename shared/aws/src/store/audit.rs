//! What was done in an account, by whom, when and from where. Written once, never changed.

use domain::audit::AuditAction;
use serde::{Deserialize, Serialize};

use super::item::{Item, Page, doc, instant, item, ms, n};
use super::reading::{self, Slice};
use super::{AccountStore, Result, failed};

const WHAT: &str = "audit entry";
const PREFIX: &str = "audit#";
/// How long entries are kept, in seconds: three years, as statistics are.
const KEPT_SECONDS: i64 = 3 * 366 * 24 * 3_600;

/// A new entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAuditEntry {
    pub at: jiff::Timestamp,
    /// User, key, operator or function.
    pub by: String,
    pub action: AuditAction,
    /// Id of the changed object.
    pub about: String,
    /// Details in a few words; no number, no text of a message.
    pub details: String,
    /// Network of the client; empty for functions and operators.
    pub from: String,
    /// Distinguishes entries of the same millisecond.
    pub random: [u8; 4],
}

/// An entry as read; its action may be one of another version of this code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    pub at: jiff::Timestamp,
    /// User, key or function.
    pub by: String,
    /// `campaign.paused`, `key.created`, …
    pub action: String,
    /// Id of the changed object.
    pub about: String,
    /// Details in a few words; no number, no text of a message.
    pub details: String,
    /// Address of the client, without its last part.
    pub from: String,
}

#[derive(Serialize, Deserialize)]
struct AuditItem {
    at: i64,
    by: String,
    action: String,
    about: String,
    details: String,
    from: String,
}

impl AccountStore {
    /// Writes a single entry, for changes that no transaction can carry; see `with_audit`.
    pub async fn put_audit(&self, entry: &NewAuditEntry) -> Result<()> {
        let put = self.db.put_item().table_name(&self.tables.accounts).set_item(Some(self.audit_item(entry)));
        put.condition_expression("attribute_not_exists(pk)").send().await.map_err(failed("write", WHAT))?;
        Ok(())
    }

    pub(super) fn audit_item(&self, entry: &NewAuditEntry) -> Item {
        let NewAuditEntry { at, by, action, about, details, from, random } = entry.clone();
        let sk = format!("{PREFIX}{:015}#{:08x}", ms(at), u32::from_be_bytes(random));
        let shape = AuditItem { at: ms(at), by, action: action.code().into(), about, details, from };
        let mut item = item(self.account.as_str(), &sk, &shape);
        item.insert("expires_at".into(), n(at.as_second() + KEPT_SECONDS));
        item
    }

    /// Entries, newest first.
    pub async fn audit(&self, after: Option<&str>, limit: usize) -> Result<Page<AuditEntry>> {
        let slice = Slice { pk: self.account.as_str(), prefix: PREFIX, after, newest_first: true };
        let page = reading::page(&self.db, &self.tables.accounts, slice, limit, WHAT).await?;
        let read = |item: &Item| {
            let AuditItem { at, by, action, about, details, from } = doc(item, WHAT)?;
            Ok(AuditEntry { at: instant(at, WHAT)?, by, action, about, details, from })
        };
        Ok(Page { items: page.items.iter().map(read).collect::<Result<_>>()?, next: page.next })
    }
}
