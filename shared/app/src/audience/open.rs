//! Opens the files of an audience and feeds them to the merge on request.

use aws::files::{ByteStream, FileKey, Files};
use aws::store::AccountStore;
use bytes::Bytes;
use contacts::{Counts, Input, ListHeader, Merge, MergeError, Row, Step};
use domain::campaign::{Count, CountedList, Kind};
use domain::fingerprint::Erased;
use domain::ids::ListId;
use domain::list::List;
use domain::phone::PhoneNumber;

use super::exclusions::LeftOut;
use super::{Error, RECIPIENTS_MAX};

/// Lists of an audience, in the order that decides whose fields a number keeps, and its exclusions.
pub struct Sources {
    lists: Vec<List>,
    left_out: LeftOut,
}

/// Which numbers an audience leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// All excluded numbers: marketing.
    Excluded,
    /// Only numbers being erased: alerts.
    BeingErased,
    /// None: only the lists are read.
    Nobody,
}

impl Leaving {
    pub fn new(kind: Kind) -> Self {
        match kind {
            Kind::Marketing => Self::Excluded,
            Kind::Alert => Self::BeingErased,
        }
    }
}

impl Sources {
    /// Reads the metadata of the lists and the exclusions.
    pub async fn find(store: &AccountStore, lists: &[ListId], leaving: Leaving) -> Result<Self, Error> {
        let mut found = Vec::with_capacity(lists.len());
        for id in lists {
            let list = store.list(id).await?.filter(List::is_readable);
            found.push(list.ok_or_else(|| Error::ListNotReady { list: id.clone() })?);
        }
        Self::without(store, found, leaving).await
    }

    /// The lists of a campaign as counted at validation. A list that has changed, or is disabled, is an obstacle.
    pub async fn counted(
        store: &AccountStore,
        lists: &[ListId],
        count: &Count,
        leaving: Leaving,
    ) -> Result<Self, Error> {
        let mut found = Vec::with_capacity(lists.len());
        for id in lists {
            let list = store.list(id).await?;
            if let Some(cause) = count.obstacle(id, list.as_ref()) {
                return Err(Error::Obstacle(cause));
            }
            found.extend(list);
        }
        Self::without(store, found, leaving).await
    }

    async fn without(store: &AccountStore, lists: Vec<List>, leaving: Leaving) -> Result<Self, Error> {
        let left_out = match leaving {
            Leaving::Excluded => LeftOut::all(store).await?,
            Leaving::BeingErased => LeftOut::being_erased(store).await?,
            Leaving::Nobody => LeftOut::nothing(),
        };
        Ok(Self { lists, left_out })
    }

    pub fn lists(&self) -> &[List] {
        &self.lists
    }

    /// The fingerprint of a count.
    pub(super) fn counted_lists(&self) -> Vec<CountedList> {
        self.lists.iter().map(CountedList::new).collect()
    }

    /// Contacts of all lists together, before merging.
    pub fn contacts(&self) -> u64 {
        self.lists.iter().map(|list| list.contacts).sum()
    }

    /// Opens every file.
    pub(super) async fn open(self, files: &Files) -> Result<Opened, Error> {
        let contacts = |List { account, id, generation, .. }: List| FileKey::Contacts { account, list: id, generation };
        open(files, self.lists.into_iter().map(contacts).collect(), self.left_out).await
    }
}

/// Opens list files and the exclusion files that go with the exclusions.
pub(super) async fn open(files: &Files, contacts: Vec<FileKey>, left_out: LeftOut) -> Result<Opened, Error> {
    let LeftOut { files: exclusion_files, exclusions, erased } = left_out;
    let mut lists = Vec::with_capacity(contacts.len());
    for key in &contacts {
        lists.push(files.stream(key).await?.0);
    }
    let mut streams = Vec::with_capacity(exclusion_files.len());
    for file in &exclusion_files {
        streams.push(files.stream(&file.key).await?.0);
    }
    Ok(Opened { merge: Merge::new(lists.len(), exclusions), lists, exclusion_files: streams, erased })
}

/// A running merge.
pub(super) struct Opened {
    merge: Merge,
    lists: Vec<ByteStream>,
    exclusion_files: Vec<ByteStream>,
    erased: Erased,
}

impl Opened {
    /// Runs the merge to its end and returns its counts. `each` gets every recipient in the order of numbers, with the
    /// fields of `variables` in their order; missing fields are empty.
    pub async fn run(
        mut self,
        variables: &[String],
        mut each: impl FnMut(PhoneNumber, &[String]),
    ) -> Result<Counts, Error> {
        let mut columns = Columns::new(self.lists.len(), variables);
        let mut fields = vec![String::new(); variables.len()];
        let mut recipients = 0u32;
        loop {
            let input = match self.merge.step().map_err(Error::Merge)? {
                Step::Done => return Ok(self.merge.counts()),
                Step::Recipient { row, .. } if self.erased.contains(row.phone) => {
                    self.merge.exclude_last();
                    continue;
                }
                Step::Recipient { list, row } => {
                    recipients += 1;
                    if recipients > RECIPIENTS_MAX {
                        return Err(Error::TooMany);
                    }
                    columns.read(list, &row, &mut fields);
                    each(row.phone, &fields);
                    continue;
                }
                Step::Needs(input) => input,
            };
            match self.next_chunk(input).await? {
                Some(chunk) => {
                    if let Input::List(list) = input {
                        columns.see(list, &chunk)?;
                    }
                    self.merge.feed(input, &chunk);
                }
                None => self.merge.close(input),
            }
        }
    }

    async fn next_chunk(&mut self, input: Input) -> Result<Option<Bytes>, Error> {
        let stream = match input {
            Input::List(indexes) => self.lists.get_mut(indexes),
            Input::Exclusion(indexes) => self.exclusion_files.get_mut(indexes),
        };
        let Some(stream) = stream else { return Ok(None) };
        stream.try_next().await.map_err(|error| Error::Broken { cause: error.to_string() })
    }
}

/// The positions of the requested columns in each list.
struct Columns<'a> {
    variables: &'a [String],
    lists: Vec<ColumnIndexes>,
}

enum ColumnIndexes {
    /// The part of the header read so far.
    Header(Vec<u8>),
    /// One for each variable.
    Known(Vec<Option<usize>>),
}

impl<'a> Columns<'a> {
    fn new(lists: usize, variables: &'a [String]) -> Self {
        let lists = std::iter::repeat_with(|| ColumnIndexes::Header(Vec::new())).take(lists).collect();
        Self { variables, lists }
    }

    /// Reads the header from the first chunks of a list.
    fn see(&mut self, list: usize, chunk: &[u8]) -> Result<(), Error> {
        let Some(indexes) = self.lists.get_mut(list) else { return Ok(()) };
        let ColumnIndexes::Header(bytes) = indexes else { return Ok(()) };
        bytes.extend_from_slice(chunk);
        let refused = |source| Error::Merge(MergeError { input: Input::List(list), source });
        if let Some((header, _)) = ListHeader::parse(bytes).map_err(refused)? {
            *indexes = ColumnIndexes::Known(self.variables.iter().map(|variable| header.column(variable)).collect());
        }
        Ok(())
    }

    fn read(&self, list: usize, row: &Row<'_>, fields: &mut [String]) {
        let Some(ColumnIndexes::Known(columns)) = self.lists.get(list) else { return };
        for (field, column) in fields.iter_mut().zip(columns) {
            field.clear();
            if let Some(column) = column {
                field.push_str(&row.field(*column));
            }
        }
    }
}
