//! Writes the sorted contacts of an import as a list file, chunk by chunk, out of the text that was read.

use bytes::Bytes;
use memchr::memchr;

use super::{
    layout::Layout,
    list_file::{self, ListHeader},
    radix::Entry,
    records::{Cells, record_at, unquote},
};

/// A chunk ends with the first row that reaches this; more than S3's least part of a multipart upload, 5 MiB.
pub const CHUNK_OCTETS: usize = 8 * 1024 * 1024;
/// Rows whose first octet is read ahead. Sorted rows stand anywhere in the text, so each costs a cache miss; asked for
/// together, the misses overlap.
const LOOK_AHEAD: usize = 16;

/// The list file of an import: an iterator over its chunks, each of whole rows, the first with the header.
pub struct Contacts {
    text: Bytes,
    layout: Layout,
    entries: Vec<Entry>,
    next: usize,
    has_header: bool,
    max_row_octets: usize,
}

impl std::fmt::Debug for Contacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contacts").field("rows", &self.entries.len()).field("written", &self.next).finish()
    }
}

impl Contacts {
    pub(super) fn new(text: Bytes, layout: Layout, entries: Vec<Entry>, max_row_octets: usize) -> Self {
        Self { text, layout, entries, next: 0, has_header: false, max_row_octets }
    }

    /// The whole list file at once.
    pub fn into_bytes(self) -> Vec<u8> {
        let mut file = Vec::with_capacity(self.text.len() + 2 * self.entries.len());
        for chunk in self {
            file.extend_from_slice(&chunk);
        }
        file
    }

    /// Rows still to be written.
    pub fn rows_left(&self) -> usize {
        self.entries.len() - self.next
    }

    fn write_header(&self, out: &mut Vec<u8>) {
        let names = self.layout.columns.iter().enumerate();
        let columns = names.filter(|(index, _)| *index != self.layout.phone).map(|(_, name)| name.clone()).collect();
        ListHeader::new(columns).write(out);
    }

    fn write_row(&self, entry: Entry, out: &mut Vec<u8>) {
        let record = record_at(&self.text, entry.start as usize, self.layout.dialect, self.max_row_octets);
        list_file::push_phone(out, entry.number());
        let written = out.len();
        if record.has_quotes || !self.write_plain(record.raw, out) {
            out.truncate(written);
            self.write_cells(record.cells(self.layout.dialect.delimiter), out);
        }
        out.push(b'\n');
    }

    /// A row as it stands but for the phone cell and the delimiters. False, with rubbish written, for a row that has
    /// more or fewer cells than columns, or letters that must be quoted.
    #[inline]
    fn write_plain(&self, raw: &[u8], out: &mut Vec<u8>) -> bool {
        let delimiter = self.layout.dialect.delimiter;
        let from = out.len();
        let mut rest = raw;
        for _ in 0..self.layout.phone {
            let Some(end) = memchr(delimiter, rest) else { return false };
            rest = &rest[end + 1..];
        }
        if rest.len() < raw.len() {
            out.push(b',');
            out.extend_from_slice(&raw[..raw.len() - rest.len() - 1]);
        }
        if let Some(end) = memchr(delimiter, rest) {
            out.extend_from_slice(&rest[end..]);
        }
        // All cells but the phone number, each behind a delimiter, the very first of which is a comma already.
        let first_is_comma = usize::from(rest.len() < raw.len());
        let mut delimiters = first_is_comma as u32;
        let mut needs_quotes = false;
        for byte in &mut out[from + first_is_comma..] {
            let is_delimiter = *byte == delimiter;
            delimiters += u32::from(is_delimiter);
            needs_quotes |= (*byte == b',' && !is_delimiter) || *byte == b'\r';
            *byte = if is_delimiter { b',' } else { *byte };
        }
        delimiters as usize == self.layout.columns.len() - 1 && !needs_quotes
    }

    /// Cell by cell: missing ones are empty, those beyond the last column are left out.
    fn write_cells(&self, mut cells: Cells<'_>, out: &mut Vec<u8>) {
        for index in 0..self.layout.columns.len() {
            let cell = cells.next();
            if index != self.layout.phone {
                out.push(b',');
                list_file::push_field(out, &unquote(cell.unwrap_or_default()));
            }
        }
    }
}

impl Iterator for Contacts {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        if self.has_header && self.next == self.entries.len() {
            return None;
        }
        let average_octets = self.text.len() / self.entries.len().max(1) + 16;
        let expected = average_octets.saturating_mul(self.rows_left()).min(CHUNK_OCTETS);
        let mut out = Vec::with_capacity(expected + 64 * 1024);
        if !self.has_header {
            self.write_header(&mut out);
            self.has_header = true;
        }
        while out.len() < CHUNK_OCTETS && self.next < self.entries.len() {
            let block = &self.entries[self.next..(self.next + LOOK_AHEAD).min(self.entries.len())];
            let last = self.text.len() - 1;
            let touched = block.iter().fold(0, |sum, entry| {
                let start = entry.start as usize;
                sum ^ self.text[start] ^ self.text[(start + 64).min(last)]
            });
            std::hint::black_box(touched);
            for entry in block {
                self.write_row(*entry, &mut out);
            }
            self.next += block.len();
        }
        Some(Bytes::from(out))
    }
}
