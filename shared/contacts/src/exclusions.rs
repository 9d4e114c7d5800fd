//! Which numbers are excluded: single decisions and imported exclusion files together; the newest decision on a number
//! wins. Queried in ascending order, so that files of any size can be streamed.

use domain::phone::PhoneNumber;
use jiff::Timestamp;

use super::{feed::RowFeed, list_file::ListFileError};

/// The newest decision on one number, from a STOP, a user or the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    pub phone: PhoneNumber,
    /// Whether it adds the number to the exclusions or removes it.
    pub is_excluded: bool,
    pub at: Timestamp,
}

/// An exclusion file: a list file whose numbers were all excluded at one instant.
#[derive(Debug)]
struct File {
    feed: RowFeed,
    imported_at: Timestamp,
    /// The present number; `None` before the first row and after the last.
    seen: Option<PhoneNumber>,
}

#[derive(Debug, Default)]
pub struct Exclusions {
    /// By number, then by instant.
    decisions: Vec<Decision>,
    next: usize,
    files: Vec<File>,
}

impl Exclusions {
    pub fn none() -> Self {
        Self::default()
    }

    /// `decisions` in any order, several per number allowed. One file per entry of `files`, the instant of its import;
    /// its bytes are fed later under the same index.
    pub fn new(mut decisions: Vec<Decision>, files: impl IntoIterator<Item = Timestamp>) -> Self {
        // Of two decisions at one instant the exclusion comes last, and so wins.
        decisions.sort_unstable_by_key(|decision| (decision.phone, decision.at, decision.is_excluded));
        let file = |imported_at| File { feed: RowFeed::new(), imported_at, seen: None };
        Self { decisions, next: 0, files: files.into_iter().map(file).collect() }
    }

    /// Whether there are no decisions and no files.
    pub fn is_empty(&self) -> bool {
        self.decisions.is_empty() && self.files.is_empty()
    }

    pub fn files(&self) -> usize {
        self.files.len()
    }

    pub(super) fn feed(&mut self, file: usize) -> Option<&mut RowFeed> {
        self.files.get_mut(file).map(|file| &mut file.feed)
    }

    /// Reads up to `phone`. Returns the index of a file that must be fed first, if any; then call again.
    pub(super) fn advance(&mut self, phone: PhoneNumber) -> Result<Option<usize>, (usize, ListFileError)> {
        while self.decisions.get(self.next).is_some_and(|decision| decision.phone < phone) {
            self.next += 1;
        }
        for (index, file) in self.files.iter_mut().enumerate() {
            while file.seen.is_none_or(|seen| seen < phone) {
                let Some(found) = file.feed.find().map_err(|source| (index, source))? else {
                    if !file.feed.is_closed() {
                        return Ok(Some(index));
                    }
                    break;
                };
                if file.seen.is_some_and(|seen| seen >= found.phone) {
                    return Err((index, ListFileError::Unsorted { offset: file.feed.offset() }));
                }
                file.seen = Some(found.phone);
            }
        }
        Ok(None)
    }

    /// Whether the number that [`Exclusions::advance`] has just reached is excluded.
    pub(super) fn is_excluded(&self, phone: PhoneNumber) -> bool {
        let decisions = self.decisions.get(self.next..).unwrap_or_default();
        let newest = decisions.iter().take_while(|decision| decision.phone == phone).last();
        let imported = self.files.iter().filter(|file| file.seen == Some(phone)).map(|file| file.imported_at).max();
        match (newest, imported) {
            (None, imported) => imported.is_some(),
            (Some(newest), None) => newest.is_excluded,
            (Some(newest), Some(imported_at)) => newest.is_excluded || imported_at >= newest.at,
        }
    }
}
