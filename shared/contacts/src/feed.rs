//! Reads a list file row by row while its chunks arrive, such as the body of an S3 object. No I/O: the caller awaits
//! the chunks.

use domain::phone::PhoneNumber;

use super::list_file::{ListFileError, ListHeader, Row, Rows};

/// Holds what has arrived and is not read yet: about one chunk.
#[derive(Debug, Default)]
pub struct RowFeed {
    buffer: Vec<u8>,
    /// Where the last row begins in `buffer`; it is kept when a chunk arrives.
    last: usize,
    /// Where the next row begins in `buffer`.
    at: usize,
    /// Offset in the list file of `buffer`'s first byte.
    base: u64,
    is_closed: bool,
    /// Whether rows come next, not the header.
    is_past_header: bool,
    header: Option<ListHeader>,
}

/// A row that was read and can be accessed until the next one is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowSpan {
    pub phone: PhoneNumber,
    /// Offset in the list file.
    start: u64,
    bytes: usize,
}

impl RowFeed {
    /// Reads a whole list file, from its header.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads part of a list file, from the row at byte `offset`.
    pub fn from_row(offset: u64) -> Self {
        Self { base: offset, is_past_header: true, ..Self::default() }
    }

    /// Appends the next chunk.
    pub fn push(&mut self, chunk: &[u8]) {
        self.buffer.drain(..self.last);
        self.base += self.last as u64;
        self.at -= self.last;
        self.last = 0;
        self.buffer.extend_from_slice(chunk);
    }

    /// Marks the end of the input.
    pub fn close(&mut self) {
        self.is_closed = true;
    }

    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Offset in the list file of the next row.
    pub fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// The header, once enough has arrived.
    pub fn header(&mut self) -> Result<Option<&ListHeader>, ListFileError> {
        self.read_header()?;
        Ok(self.header.as_ref())
    }

    /// The header, if it was read already.
    pub fn known_header(&self) -> Option<&ListHeader> {
        self.header.as_ref()
    }

    /// The next row; `None` until it has arrived completely, and after the last row of a closed feed.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, ListFileError> {
        let found = self.find()?;
        Ok(found.map(|found| self.row(found)))
    }

    fn read_header(&mut self) -> Result<bool, ListFileError> {
        if !self.is_past_header {
            match ListHeader::parse(&self.buffer)? {
                Some((header, bytes)) => {
                    self.header = Some(header);
                    self.at = bytes;
                    self.is_past_header = true;
                }
                None if self.is_closed => return Err(ListFileError::Header),
                None => {}
            }
        }
        Ok(self.is_past_header)
    }

    /// Reads the next row without borrowing it.
    pub(super) fn find(&mut self) -> Result<Option<RowSpan>, ListFileError> {
        if !self.read_header()? {
            return Ok(None);
        }
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        match Rows::new(rest, self.offset()).next().transpose()? {
            Some(row) => {
                let found = RowSpan { phone: row.phone, start: self.offset(), bytes: row.encoded_bytes() };
                self.last = self.at;
                self.at += found.bytes;
                Ok(Some(found))
            }
            None if self.is_closed && !rest.is_empty() => Err(ListFileError::Unfinished { offset: self.offset() }),
            None => Ok(None),
        }
    }

    /// The row read last.
    pub(super) fn row(&self, found: RowSpan) -> Row<'_> {
        let start = found.start.saturating_sub(self.base) as usize;
        Row::known(found.phone, self.buffer.get(start..start + found.bytes - 1).unwrap_or_default())
    }
}
