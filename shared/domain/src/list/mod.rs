//! A list of contacts, or an import of exclusions, and the state of its import. The contacts are in a file.

mod import;

use crate::codes::codes;
use crate::ids::{AccountId, ListId};
use crate::import_report::ImportReport;

pub use import::{Arrival, Before, CUT_OFF, IMPORT_STALLED, Import, UPLOAD_MISSING, Upload};

/// What the numbers of a list are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Contacts,
    /// Numbers that must not get marketing messages.
    Exclusions,
}
codes!(Purpose { Contacts = "contacts", Exclusions = "exclusions" });

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    AwaitingUpload,
    Importing,
    Ready,
    Failed,
    Disabled,
}
codes!(Status {
    AwaitingUpload = "awaiting_upload",
    Importing = "importing",
    Ready = "ready",
    Failed = "failed",
    Disabled = "disabled",
});

/// The column that the account names as the phone column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// Counted from zero.
    Index(usize),
    Name(String),
}

/// A list of an account.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    pub account: AccountId,
    pub id: ListId,
    pub name: String,
    pub purpose: Purpose,
    pub status: Status,
    /// Chosen by the account; with `None` the import detects it.
    pub phone_column: Option<Column>,
    /// Name of the workbook's sheet; `None` means the first visible one.
    pub sheet: Option<String>,
    /// Sheets of the uploaded workbook; empty for other files.
    pub sheets: Vec<String>,
    /// Its values were pasted, so the upload has no header.
    pub is_pasted: bool,
    /// ISO 3166 code of the country in which national numbers are read.
    pub country: String,
    /// Generation of the contacts file that readers use; 0 before the first import. Each generation's file is written
    /// once, by the attempt that was given the generation.
    pub generation: u32,
    /// The upload that the current file was read from; `None` without one.
    pub source: Option<Upload>,
    /// Number of the newest upload. Rereading an upload makes a copy with its own number.
    pub upload: u32,
    /// Generations given to attempts so far.
    pub attempts: u32,
    /// The running import; present exactly while the status is `Importing`. The current file stays readable.
    pub import: Option<Import>,
    /// Thousandths of the import done.
    pub done_per_mille: u16,
    /// Report of the import that the contacts come from.
    pub report: Option<ImportReport>,
    /// Contacts in the file, as in the report.
    pub contacts: u64,
    /// Why the import failed: a stable code.
    pub failure: Option<String>,
    /// Details for the code, such as the sheets of the workbook.
    pub failure_names: Vec<String>,
    /// User or key that made it.
    pub author: String,
    pub created_at: jiff::Timestamp,
    pub modified_at: jiff::Timestamp,
    pub last_used_at: Option<jiff::Timestamp>,
    /// When the current file was imported.
    pub imported_at: Option<jiff::Timestamp>,
    /// Rises with every write; the write is conditioned on it.
    pub version: u64,
}

impl List {
    /// A list whose file is still to be uploaded.
    pub fn awaiting(
        account: AccountId,
        id: ListId,
        name: String,
        purpose: Purpose,
        author: String,
        now: jiff::Timestamp,
    ) -> Self {
        Self {
            account,
            id,
            name,
            purpose,
            status: Status::AwaitingUpload,
            phone_column: None,
            sheet: None,
            sheets: Vec::new(),
            is_pasted: false,
            country: "FR".into(),
            generation: 0,
            source: None,
            upload: 1,
            attempts: 0,
            import: None,
            done_per_mille: 0,
            report: None,
            contacts: 0,
            failure: None,
            failure_names: Vec::new(),
            author,
            created_at: now,
            modified_at: now,
            last_used_at: None,
            imported_at: None,
            version: 0,
        }
    }

    /// When it is purged unless it is used: `after_days` after it was created, imported or last used. Exclusions are
    /// never purged.
    pub fn purge_at(&self, after_days: u32) -> Option<jiff::Timestamp> {
        if self.purpose == Purpose::Exclusions {
            return None;
        }
        let since = [Some(self.created_at), self.imported_at, self.last_used_at].into_iter().flatten().max()?;
        since.checked_add(jiff::SignedDuration::from_hours(24 * i64::from(after_days))).ok()
    }

    /// Whether there is a contacts file to read. It stays readable until another one replaces it, whatever the status.
    pub fn is_readable(&self) -> bool {
        self.imported_at.is_some()
    }

    /// The highest number among its uploads and generations.
    pub fn last_number(&self) -> u32 {
        self.upload.max(self.attempts).max(self.generation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_purged_so_many_days_after_its_last_use_and_exclusions_never() {
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
        let (account, id) =
            ("acc_00000000000000000001".parse().unwrap(), "lst_00000000000000000001".parse::<ListId>().unwrap());
        let made = at("2026-12-01T09:00:00Z");
        let list = List::awaiting(account, id, "a".into(), Purpose::Contacts, "b".into(), made);
        assert_eq!(list.purge_at(90), Some(at("2027-03-01T09:00:00Z")));
        let used = List { last_used_at: Some(at("2027-02-01T09:00:00Z")), imported_at: Some(made), ..list };
        assert_eq!(used.purge_at(1), Some(at("2027-02-02T09:00:00Z")));
        assert_eq!(List { purpose: Purpose::Exclusions, ..used }.purge_at(1), None);
    }
}
