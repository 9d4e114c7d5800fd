//! Merges sorted lists into an audience: each number once, without excluded ones. One pass, constant memory, no I/O:
//! the caller feeds the requested chunks.
//!
//! ```text
//! loop {
//!     match merge.step()? {
//!         Step::Recipient { list, row } => …,
//!         Step::Needs(input) => match bodies[input].next().await {
//!             Some(chunk) => merge.feed(input, &chunk?),
//!             None => merge.close(input),
//!         },
//!         Step::Done => break,
//!     }
//! }
//! ```

use std::collections::BTreeMap;

use domain::phone::PhoneNumber;
use domain::territory::Territory;

use super::{
    exclusions::Exclusions,
    feed::{RowFeed, RowSpan},
    list_file::{ListFileError, ListHeader, Row},
};

/// One of the input files of a merge, by its index in the given order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    List(usize),
    Exclusion(usize),
}

#[derive(Debug)]
pub enum Step<'m> {
    /// The next number in ascending order, with its row from the first list that has it.
    Recipient {
        list: usize,
        row: Row<'m>,
    },
    /// Feed or close this input, then step again.
    Needs(Input),
    Done,
}

/// `contacts == recipients + duplicates + excluded`, and `recipients` is the sum of `by_territory`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows of all lists.
    pub contacts: u64,
    /// Rows whose number is in an earlier list too.
    pub duplicates: u64,
    /// Distinct excluded numbers.
    pub excluded: u64,
    pub recipients: u64,
    pub by_territory: BTreeMap<Territory, u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{input:?} cannot be merged")]
pub struct MergeError {
    pub input: Input,
    #[source]
    pub source: ListFileError,
}

/// The position in a list.
#[derive(Debug)]
struct Cursor {
    feed: RowFeed,
    head: Head,
}

#[derive(Clone, Copy, Debug)]
enum Head {
    /// The next row was not read yet.
    Unknown,
    Row(RowSpan),
    End,
}

#[derive(Debug)]
pub struct Merge {
    lists: Vec<Cursor>,
    exclusions: Exclusions,
    /// The last number processed.
    last: Option<PhoneNumber>,
    /// The territory of the last recipients, and how many of them are not in `counts` yet: numbers come in runs.
    run: Option<(Territory, u64)>,
    counts: Counts,
}

impl Merge {
    /// A merge of `lists` lists; the fields of a number come from the first list that has it.
    pub fn new(lists: usize, exclusions: Exclusions) -> Self {
        let cursor = || Cursor { feed: RowFeed::new(), head: Head::Unknown };
        let lists = std::iter::repeat_with(cursor).take(lists).collect();
        Self { lists, exclusions, last: None, run: None, counts: Counts::default() }
    }

    /// Appends the next chunk of an input.
    pub fn feed(&mut self, input: Input, chunk: &[u8]) {
        if let Some(feed) = self.input(input) {
            feed.push(chunk);
        }
    }

    /// Marks the end of an input.
    pub fn close(&mut self, input: Input) {
        if let Some(feed) = self.input(input) {
            feed.close();
        }
    }

    /// The header of a list, once a step has read it; all are read when the first recipient is returned.
    pub fn header(&self, list: usize) -> Option<&ListHeader> {
        self.lists.get(list).and_then(|cursor| cursor.feed.known_header())
    }

    /// The counts so far; final after [`Step::Done`].
    pub fn counts(&self) -> Counts {
        let mut counts = self.counts.clone();
        if let Some((territory, run)) = self.run {
            *counts.by_territory.entry(territory).or_insert(0) += run;
        }
        counts
    }

    /// Counts the recipient of the last step as excluded, for a reason that only the caller knows (an erased contact's
    /// fingerprint).
    pub fn exclude_last(&mut self) {
        if let Some((_, run)) = &mut self.run
            && *run > 0
        {
            *run -= 1;
            self.counts.recipients -= 1;
            self.counts.excluded += 1;
        }
    }

    pub fn step(&mut self) -> Result<Step<'_>, MergeError> {
        let (list, found) = loop {
            let (list, found) = match self.least()? {
                Least::Row(list, found) => (list, found),
                Least::Needs(input) => return Ok(Step::Needs(input)),
                Least::None => return Ok(Step::Done),
            };
            let advanced = self.exclusions.advance(found.phone);
            match advanced.map_err(|(file, source)| MergeError { input: Input::Exclusion(file), source })? {
                Some(file) => return Ok(Step::Needs(Input::Exclusion(file))),
                None => self.take(found.phone),
            }
            if !self.exclusions.is_excluded(found.phone) {
                break (list, found);
            }
            self.counts.excluded += 1;
        };
        self.counts.recipients += 1;
        let territory = found.phone.territory();
        match &mut self.run {
            Some((same, run)) if *same == territory => *run += 1,
            other => {
                if let Some((before, run)) = other.replace((territory, 1)) {
                    *self.counts.by_territory.entry(before).or_insert(0) += run;
                }
            }
        }
        Ok(Step::Recipient { list, row: self.lists[list].feed.row(found) })
    }

    fn input(&mut self, input: Input) -> Option<&mut RowFeed> {
        match input {
            Input::List(list) => self.lists.get_mut(list).map(|cursor| &mut cursor.feed),
            Input::Exclusion(file) => self.exclusions.feed(file),
        }
    }

    /// The least number at the head of the lists, from the first list that has it. With a few lists, comparing all
    /// heads is faster than a heap.
    fn least(&mut self) -> Result<Least, MergeError> {
        let mut least: Option<(usize, RowSpan)> = None;
        for (list, cursor) in self.lists.iter_mut().enumerate() {
            if let Head::Unknown = cursor.head {
                let refused = |source| MergeError { input: Input::List(list), source };
                match cursor.feed.find().map_err(refused)? {
                    Some(found) if Some(found.phone) <= self.last => {
                        return Err(refused(ListFileError::Unsorted { offset: cursor.feed.offset() }));
                    }
                    Some(found) => cursor.head = Head::Row(found),
                    None if cursor.feed.is_closed() => cursor.head = Head::End,
                    None => return Ok(Least::Needs(Input::List(list))),
                }
            }
            if let Head::Row(found) = cursor.head
                && least.is_none_or(|(_, best)| found.phone < best.phone)
            {
                least = Some((list, found));
            }
        }
        Ok(least.map_or(Least::None, |(list, found)| Least::Row(list, found)))
    }

    /// Counts the rows of this number and moves every list past it.
    fn take(&mut self, phone: PhoneNumber) {
        let mut rows = 0;
        for cursor in &mut self.lists {
            if let Head::Row(found) = cursor.head
                && found.phone == phone
            {
                cursor.head = Head::Unknown;
                rows += 1;
            }
        }
        self.counts.contacts += rows;
        self.counts.duplicates += rows - 1;
        self.last = Some(phone);
    }
}

enum Least {
    Row(usize, RowSpan),
    Needs(Input),
    None,
}
