//! How a list is imported: which upload it waits for, which attempt counts, and which file is valid meanwhile. Pure.

use super::{Column, List, Status};

/// An uploaded file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub number: u32,
    /// Entity tag of its content, from the bucket.
    pub etag: String,
}

/// An import that was requested and has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Number of the upload that it reads.
    pub upload: u32,
    /// Generation that the newest attempt writes; 0 until the upload is announced.
    pub generation: u32,
    pub began_at: jiff::Timestamp,
    /// When it was requested, began again, or made its last progress.
    pub moved_at: jiff::Timestamp,
    /// What the list returns to if the import fails.
    pub before: Before,
}

/// What an import may change and a failed one restores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    pub status: Status,
    pub phone_column: Option<Column>,
    pub sheet: Option<String>,
}

/// An import without progress for this long was cut off: an attempt may run for 15 minutes, and its retry follows
/// within two.
pub const IMPORT_STALLED: jiff::SignedDuration = jiff::SignedDuration::from_mins(20);
/// Failure of an import whose upload never arrived or was removed.
pub const UPLOAD_MISSING: &str = "upload_missing";
/// Failure of an import that stalled.
pub const CUT_OFF: &str = "cut_off";

/// What the arrival of an upload means for a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// The list waits for it, or its import failed: import it.
    Wanted,
    /// The current file was read from it, or from another file under the same key.
    Stands,
    /// It belongs to an import that is over.
    Old,
}

impl List {
    /// Whether the list is being imported and has not stalled.
    pub fn is_being_imported(&self, now: jiff::Timestamp) -> bool {
        self.import.as_ref().is_some_and(|import| !import.is_stalled(now))
    }

    /// What the arrival of upload `number` means.
    pub fn arrival(&self, number: u32) -> Arrival {
        match (&self.import, &self.source) {
            (Some(import), _) if import.upload == number => Arrival::Wanted,
            (_, Some(source)) if source.number == number => Arrival::Stands,
            (None, _) if number == self.upload && matches!(self.status, Status::AwaitingUpload | Status::Failed) => {
                Arrival::Wanted
            }
            (Some(_) | None, _) => Arrival::Old,
        }
    }

    /// Whether webhooks are notified again of an imported upload whose file has this tag: the attempt may have been cut
    /// off before it notified them. Another file under the same key is neither read nor reported: what was counted and
    /// validated must not change.
    pub fn is_announced_again(&self, etag: &str) -> bool {
        self.failure.is_none() && self.source.as_ref().is_some_and(|source| source.etag == etag)
    }

    /// The list when an attempt to import upload `number` begins; `None` when it no longer waits for it.
    #[must_use]
    pub fn begun(self, number: u32, now: jiff::Timestamp) -> Option<Self> {
        (self.arrival(number) == Arrival::Wanted).then(|| self.attempted(number, now))
    }

    /// The list when upload `number` is requested: its arrival begins the import.
    #[must_use]
    pub fn asked(self, number: u32, now: jiff::Timestamp) -> Self {
        let before = Before { status: self.status, phone_column: self.phone_column.clone(), sheet: self.sheet.clone() };
        let import = Import { upload: number, generation: 0, began_at: now, moved_at: now, before };
        Self {
            status: Status::Importing,
            upload: number,
            import: Some(import),
            done_per_mille: 0,
            failure: None,
            failure_names: Vec::new(),
            ..self
        }
    }

    /// The list when an attempt to import upload `number` begins. The attempt writes its own generation, so it shares
    /// no file with an earlier attempt that may still run.
    #[must_use]
    pub fn attempted(self, number: u32, now: jiff::Timestamp) -> Self {
        let is_asked = self.import.as_ref().is_some_and(|import| import.upload == number);
        let mut list = if is_asked { self } else { self.asked(number, now) };
        list.attempts = list.attempts.max(list.generation) + 1;
        list.done_per_mille = 0;
        if let Some(import) = &mut list.import {
            (import.generation, import.moved_at) = (list.attempts, now);
        }
        list
    }

    /// Whether the attempt at this generation is the newest and still running.
    pub fn is_attempting(&self, generation: u32) -> bool {
        self.import.as_ref().is_some_and(|import| import.generation == generation)
    }

    /// The list when the attempt has done this many thousandths.
    #[must_use]
    pub fn moved(mut self, done_per_mille: u16, now: jiff::Timestamp) -> Self {
        self.done_per_mille = done_per_mille;
        if let Some(import) = &mut self.import {
            import.moved_at = now;
        }
        self
    }

    /// The list when its import is done: readers use the new file from now on. A disabled list stays disabled.
    #[must_use]
    pub fn imported(self, source: Upload, now: jiff::Timestamp) -> Self {
        let Some(import) = self.import else { return self };
        let status = if import.before.status == Status::Disabled { Status::Disabled } else { Status::Ready };
        Self {
            status,
            generation: import.generation,
            source: Some(source),
            import: None,
            done_per_mille: 1_000,
            failure: None,
            failure_names: Vec::new(),
            imported_at: Some(now),
            modified_at: now,
            ..self
        }
    }

    /// The list when its import failed, with the sheets of the workbook, so that another sheet can be chosen.
    #[must_use]
    pub fn refused(self, failure: &str, names: Vec<String>, sheets: Vec<String>, now: jiff::Timestamp) -> Self {
        let sheets = if sheets.is_empty() { self.sheets.clone() } else { sheets };
        Self { sheets, ..self.failed(failure, names, now) }
    }

    /// The list when its import failed. The earlier file stays valid; `failure` says why it was not replaced.
    #[must_use]
    pub fn failed(self, failure: &str, names: Vec<String>, now: jiff::Timestamp) -> Self {
        let failed = Self {
            import: None,
            failure: Some(failure.into()),
            failure_names: names,
            modified_at: now,
            ..self.clone()
        };
        match self.import {
            Some(Import { before, .. }) if self.imported_at.is_some() => {
                let Before { status, phone_column, sheet } = before;
                Self { status, phone_column, sheet, done_per_mille: 1_000, ..failed }
            }
            Some(_) | None => Self { status: Status::Failed, ..failed },
        }
    }
}

impl Import {
    pub fn is_stalled(&self, now: jiff::Timestamp) -> bool {
        now.duration_since(self.moved_at) >= IMPORT_STALLED
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::Purpose;

    fn at(minute: i64) -> jiff::Timestamp {
        jiff::Timestamp::from_second(1_800_000_000 + 60 * minute).unwrap()
    }

    fn awaiting() -> List {
        let (account, id) = ("acc_00000000000000000001".parse().unwrap(), "lst_00000000000000000001".parse().unwrap());
        List::awaiting(account, id, "a".into(), Purpose::Exclusions, "b".into(), at(0))
    }

    fn upload(number: u32) -> Upload {
        Upload { number, etag: format!("tag-{number}") }
    }

    #[test]
    fn an_upload_is_imported_once() {
        let list = awaiting();
        assert_eq!((list.arrival(1), list.arrival(2)), (Arrival::Wanted, Arrival::Old));
        let first = list.attempted(1, at(1));
        assert_eq!((first.arrival(1), first.is_readable()), (Arrival::Wanted, false));
        // The event arrives again while the first attempt runs: only the newest attempt may end the import.
        let second = first.attempted(1, at(2));
        assert!(second.is_attempting(2) && !second.is_attempting(1));
        let failed = second.clone().failed("empty_file", Vec::new(), at(3));
        assert_eq!((failed.status, failed.arrival(1)), (Status::Failed, Arrival::Wanted));
        let ready = second.imported(upload(1), at(3));
        assert_eq!((ready.status, ready.generation, ready.arrival(1)), (Status::Ready, 2, Arrival::Stands));
    }

    #[test]
    fn an_attempt_begins_while_its_upload_is_waited_for() {
        let (list, ready) = (awaiting(), awaiting().attempted(1, at(1)).imported(upload(1), at(1)));
        // The list, the announced upload, the generation that its attempt writes.
        let table = [
            (list.clone(), 1, Some(1)),
            (list.clone(), 2, None),
            (list.clone().attempted(1, at(1)), 1, Some(2)),
            (list.attempted(1, at(1)).failed("empty_file", Vec::new(), at(2)), 1, Some(2)),
            (ready.clone(), 1, None),
            (ready.clone().asked(2, at(2)), 1, None),
            (ready.asked(2, at(2)), 2, Some(2)),
        ];
        for (list, number, generation) in table {
            let begun = list.clone().begun(number, at(3));
            assert_eq!(begun.map(|list| list.attempts), generation, "upload {number} of {list:?}");
        }
    }

    #[test]
    fn webhooks_are_notified_again_only_of_the_imported_file() {
        let ready = awaiting().attempted(1, at(1)).imported(upload(1), at(1));
        let failed = ready.clone().asked(2, at(2)).attempted(2, at(2)).failed("empty_file", Vec::new(), at(2));
        let table = [
            (&awaiting(), "tag-1", false),
            (&ready, "tag-1", true),
            (&ready, "tag-9", false),
            (&failed, "tag-1", false),
        ];
        for (list, etag, expected) in table {
            assert_eq!(list.is_announced_again(etag), expected, "{etag} {list:?}");
        }
    }

    #[test]
    fn a_refused_file_leaves_its_sheets_to_choose_from_or_those_of_before() {
        let list = List { sheets: vec!["a".into()], ..awaiting().attempted(1, at(1)) };
        let refused = |sheets: &[&str]| {
            let sheets = sheets.iter().map(|sheet| (*sheet).to_owned()).collect();
            let list = list.clone().refused("no_phone_column", vec!["x".into()], sheets, at(2));
            assert_eq!((list.status, list.failure.as_deref()), (Status::Failed, Some("no_phone_column")));
            list.sheets
        };
        assert_eq!(refused(&[]), ["a"]);
        assert_eq!(refused(&["b", "c"]), ["b", "c"]);
    }

    #[test]
    fn a_file_is_valid_until_another_one_replaces_it() {
        let ready = awaiting().attempted(1, at(1)).imported(upload(1), at(1));
        let disabled = List { status: Status::Disabled, ..ready };
        let again = List { sheet: Some("x".into()), ..disabled.clone().asked(2, at(2)) };
        assert!(again.is_readable() && again.generation == 1);
        assert_eq!((again.arrival(1), again.arrival(2)), (Arrival::Stands, Arrival::Wanted));
        let again = again.attempted(2, at(3));
        let replaced = again.clone().imported(upload(2), at(4));
        assert_eq!((replaced.status, replaced.generation), (Status::Disabled, 2));
        let failed = again.failed("sheet_not_found", vec!["y".into()], at(4));
        assert_eq!((failed.status, failed.generation, failed.imported_at), (Status::Disabled, 1, Some(at(1))));
        assert_eq!((failed.failure.as_deref(), failed.arrival(2)), (Some("sheet_not_found"), Arrival::Old));
    }

    #[test]
    fn a_failed_import_restores_the_list() {
        let ready = awaiting().attempted(1, at(1)).imported(upload(1), at(1));
        let sheet = Some("Clients".to_owned());
        let asked = List { sheet: Some("x".into()), ..List { sheet: sheet.clone(), ..ready }.asked(2, at(2)) };
        assert_eq!(asked.failed(UPLOAD_MISSING, Vec::new(), at(3)).sheet, sheet);
    }

    #[test]
    fn a_stalled_import_does_not_block() {
        let list = awaiting().attempted(1, at(0)).moved(300, at(5));
        assert!(list.is_being_imported(at(24)) && !list.is_being_imported(at(25)));
        assert!(!awaiting().is_being_imported(at(0)), "who has not uploaded yet is not waited for");
    }
}
