//! How a list is imported: which upload it waits for, which attempt counts, and what stands meanwhile. Pure.

use super::{Column, List, Status};

/// An uploaded file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub number: u32,
    /// Of its content, as the bucket gave it.
    pub etag: String,
}

/// An import that was asked for and has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Number of the upload that it reads.
    pub upload: u32,
    /// Generation that the newest attempt writes; 0 until the upload is announced.
    pub generation: u32,
    pub began_at: jiff::Timestamp,
    /// When it was asked for, began again, or reached its last step.
    pub moved_at: jiff::Timestamp,
    /// What the list goes back to if the import comes to nothing.
    pub before: Before,
}

/// What an import may change and a failed one puts back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    pub status: Status,
    pub phone_column: Option<Column>,
    pub sheet: Option<String>,
}

/// An import that has not moved for so long was cut off: an attempt may run for 15 minutes, and its retry follows
/// within two.
pub const IMPORT_STALLED: jiff::SignedDuration = jiff::SignedDuration::from_mins(20);
/// Failure of an import whose upload never came or was removed.
pub const UPLOAD_MISSING: &str = "upload_missing";
/// Failure of an import that stalled.
pub const CUT_OFF: &str = "cut_off";

/// What the announcement of an upload means to a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It is waited for, or its import failed: import it.
    Wanted,
    /// The file that stands was read from it, or from another file under the same key.
    Stands,
    /// Of an import that is over.
    Old,
}

impl List {
    /// An import of it is worth waiting for: one that has stalled is not.
    pub fn is_being_imported(&self, now: jiff::Timestamp) -> bool {
        self.import.as_ref().is_some_and(|import| !import.is_stalled(now))
    }

    /// What the announcement of upload `number` means.
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

    /// Whether webhooks are told once more of an upload that was imported, whose file has this tag now: the attempt may
    /// have been cut off before it told them. Another file under the same key is not read, nor told of: what was counted
    /// and validated must not change.
    pub fn is_told_again(&self, etag: &str) -> bool {
        self.failure.is_none() && self.source.as_ref().is_some_and(|source| source.etag == etag)
    }

    /// The list once an attempt at the import of upload `number` begins; `None` when it does not wait for that any more.
    #[must_use]
    pub fn begun(self, number: u32, now: jiff::Timestamp) -> Option<Self> {
        (self.arrival(number) == Arrival::Wanted).then(|| self.attempted(number, now))
    }

    /// The list once upload `number` is asked for: its arrival begins the import.
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

    /// The list once an attempt at the import of upload `number` begins. The attempt writes a generation of its own,
    /// so that it shares no file with an attempt before it that may still be running.
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

    /// The attempt at this generation is the newest, and not over.
    pub fn is_attempting(&self, generation: u32) -> bool {
        self.import.as_ref().is_some_and(|import| import.generation == generation)
    }

    /// The list once the attempt has done so many thousandths.
    #[must_use]
    pub fn moved(mut self, done_per_mille: u16, now: jiff::Timestamp) -> Self {
        self.done_per_mille = done_per_mille;
        if let Some(import) = &mut self.import {
            import.moved_at = now;
        }
        self
    }

    /// The list once its import is done: from now on readers use the new file. A disabled list stays disabled.
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

    /// The list once its import has come to nothing, with the sheets of the workbook that it could not be read from, of
    /// which another may be chosen.
    #[must_use]
    pub fn refused(self, failure: &str, names: Vec<String>, sheets: Vec<String>, now: jiff::Timestamp) -> Self {
        let sheets = if sheets.is_empty() { self.sheets.clone() } else { sheets };
        Self { sheets, ..self.failed(failure, names, now) }
    }

    /// The list once its import has come to nothing. What stood before stands; the failure says why nothing replaced it.
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
    fn an_upload_is_imported_until_one_is_and_never_again() {
        let list = awaiting();
        assert_eq!((list.arrival(1), list.arrival(2)), (Arrival::Wanted, Arrival::Old));
        let first = list.attempted(1, at(1));
        assert_eq!((first.arrival(1), first.is_readable()), (Arrival::Wanted, false));
        // The event comes again while the first attempt is at work: only the newest may end it.
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
        // The list, the upload that is announced, the generation that its attempt writes.
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
    fn webhooks_are_told_again_of_the_file_that_was_imported_only() {
        let ready = awaiting().attempted(1, at(1)).imported(upload(1), at(1));
        let failed = ready.clone().asked(2, at(2)).attempted(2, at(2)).failed("empty_file", Vec::new(), at(2));
        let table = [
            (&awaiting(), "tag-1", false),
            (&ready, "tag-1", true),
            (&ready, "tag-9", false),
            (&failed, "tag-1", false),
        ];
        for (list, etag, expected) in table {
            assert_eq!(list.is_told_again(etag), expected, "{etag} {list:?}");
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
    fn a_file_stands_until_another_one_replaces_it() {
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
    fn what_was_asked_for_goes_back_to_what_it_was() {
        let ready = awaiting().attempted(1, at(1)).imported(upload(1), at(1));
        let sheet = Some("Clients".to_owned());
        let asked = List { sheet: Some("x".into()), ..List { sheet: sheet.clone(), ..ready }.asked(2, at(2)) };
        assert_eq!(asked.failed(UPLOAD_MISSING, Vec::new(), at(3)).sheet, sheet);
    }

    #[test]
    fn nobody_waits_for_an_import_that_stalled() {
        let list = awaiting().attempted(1, at(0)).moved(300, at(5));
        assert!(list.is_being_imported(at(24)) && !list.is_being_imported(at(25)));
        assert!(!awaiting().is_being_imported(at(0)), "who has not uploaded yet is not waited for");
    }
}
