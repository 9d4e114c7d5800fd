//! Writes the sorted contacts of an import as a list file, chunk by chunk, from the decoded text.

use bytes::Bytes;
use memchr::memchr;

use super::{
    cells::{Cells, tidy_cell, unquote},
    layout::Layout,
    list_file::{self, ListHeader},
    radix::Entry,
    records::{plain_record, record_at},
};

/// A chunk ends with the first row that reaches this size; more than S3's smallest part of a multipart upload, 5 MiB.
pub const CHUNK_BYTES: usize = 8 * 1024 * 1024;
/// Spare bytes in a chunk's buffer for its last rows.
const SLACK_BYTES: usize = 64 * 1024;
/// A row with only a French number: `+33612345678` and its line end.
const NUMBER_BYTES: usize = 13;
/// Rows to prefetch, at their first byte and one cache line further. Sorted rows are anywhere in the text, so each
/// misses the cache; prefetching overlaps the misses and halves the time of writing.
const LOOK_AHEAD: usize = 16;
const CACHE_LINE_BYTES: usize = 64;

/// The list file of an import: an iterator over chunks of whole rows, the first one with the header.
pub struct Contacts {
    text: Bytes,
    layout: Layout,
    entries: Vec<Entry>,
    next: usize,
    has_header: bool,
    max_row_bytes: usize,
}

impl std::fmt::Debug for Contacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contacts").field("rows", &self.entries.len()).field("written", &self.next).finish()
    }
}

impl Contacts {
    pub(super) fn new(text: Bytes, layout: Layout, entries: Vec<Entry>, max_row_bytes: usize) -> Self {
        Self { text, layout, entries, next: 0, has_header: false, max_row_bytes }
    }

    /// The rest of the list file, at once.
    pub fn into_bytes(mut self) -> Vec<u8> {
        let mut file = Vec::new();
        self.write(usize::MAX, &mut file);
        file
    }

    /// A list file with the numbers only, as exclusions are stored.
    pub fn into_numbers(self) -> Vec<u8> {
        let mut file = Vec::with_capacity(self.entries.len() * NUMBER_BYTES + SLACK_BYTES);
        ListHeader::default().write(&mut file);
        for entry in &self.entries {
            list_file::push_phone(&mut file, entry.number());
            file.push(b'\n');
        }
        file
    }

    /// Rows not written yet.
    pub fn rows_left(&self) -> usize {
        self.entries.len() - self.next
    }

    /// Writes until `out` has this many bytes, or all rows.
    fn write(&mut self, bytes: usize, out: &mut Vec<u8>) {
        // Written rows are about as long as in the input; memory pages that are not reached cost nothing.
        let average_bytes = self.text.len() / self.entries.len().max(1) + 8;
        out.reserve(average_bytes.saturating_mul(self.rows_left()).min(bytes).saturating_add(SLACK_BYTES));
        if !self.has_header {
            self.write_header(out);
            self.has_header = true;
        }
        while out.len() < bytes && self.next < self.entries.len() {
            let block = &self.entries[self.next..(self.next + LOOK_AHEAD).min(self.entries.len())];
            let last = self.text.len() - 1;
            let touched = block.iter().fold(0, |sum, entry| {
                let start = entry.start as usize;
                sum ^ self.text[start] ^ self.text[(start + CACHE_LINE_BYTES).min(last)]
            });
            std::hint::black_box(touched);
            for entry in block {
                self.write_row(*entry, out);
            }
            self.next += block.len();
        }
    }

    fn write_header(&self, out: &mut Vec<u8>) {
        let names = self.layout.columns.iter().enumerate();
        let columns = names.filter(|(index, _)| *index != self.layout.phone).map(|(_, name)| name.clone()).collect();
        ListHeader::new(columns).write(out);
    }

    fn write_row(&self, entry: Entry, out: &mut Vec<u8>) {
        list_file::push_phone(out, entry.number());
        let written = out.len();
        let dialect = self.layout.dialect;
        let rest = &self.text[entry.start as usize..];
        let is_done = match plain_record(rest, dialect) {
            Some(raw) => self.write_plain(raw, out),
            None => self.write_tidy(rest, out),
        };
        if !is_done {
            out.truncate(written);
            let record = record_at(&self.text, entry.start as usize, dialect, self.max_row_bytes);
            self.write_cells(record.cells(dialect.delimiter), out);
        }
        out.push(b'\n');
    }

    /// Copies a row without quotes, except for the phone cell and the delimiters. Returns false, with invalid output,
    /// for a row with more or fewer cells than columns, or with characters that must be quoted.
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
            out.push(delimiter);
            out.extend_from_slice(&raw[..raw.len() - rest.len() - 1]);
        }
        if let Some(end) = memchr(delimiter, rest) {
            out.extend_from_slice(&rest[end..]);
        }
        into_fields(out, from, delimiter) == Some(self.layout.columns.len() - 1)
    }

    /// Writes the row with quotes at the start of `rest`, without those quotes; false as for [`Contacts::write_plain`].
    #[inline]
    fn write_tidy(&self, mut rest: &[u8], out: &mut Vec<u8>) -> bool {
        let dialect = self.layout.dialect;
        let from = out.len();
        let last = self.layout.columns.len() - 1;
        for index in 0..=last {
            let Some(cell) = tidy_cell(rest, dialect) else { return false };
            if index != self.layout.phone {
                out.push(b',');
                out.extend_from_slice(cell.text);
            }
            let has_more =
                rest.get(cell.end).is_some_and(|byte| *byte == dialect.delimiter && *byte != dialect.terminator);
            if has_more != (index < last) {
                return false;
            }
            rest = rest.get(cell.end + 1..).unwrap_or_default();
        }
        into_fields(out, from, b',') == Some(last)
    }

    /// Writes cell by cell: missing cells are empty, those beyond the last column are dropped.
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
        let mut chunk = Vec::new();
        self.write(CHUNK_BYTES, &mut chunk);
        Some(Bytes::from(chunk))
    }
}

/// Replaces the delimiters in `out[from..]` with commas and counts them. `None` if a character needs quotes, or is a
/// comma that was not a delimiter.
#[inline]
fn into_fields(out: &mut Vec<u8>, from: usize, delimiter: u8) -> Option<usize> {
    const BLOCK: usize = 16;
    let end = out.len();
    // Padded to whole blocks, so that each block takes a few vector instructions.
    out.extend_from_slice(&[0; BLOCK]);
    let mut delimiters = 0;
    let mut needs_quotes = false;
    for block in out[from..].as_chunks_mut::<BLOCK>().0 {
        let mut delimiters_here = 0_u8;
        let mut special = 0_u8;
        for byte in block {
            let is_delimiter = *byte == delimiter;
            delimiters_here += u8::from(is_delimiter);
            special |= u8::from((*byte == b',') & !is_delimiter);
            special |= u8::from((*byte == b'"') | (*byte == b'\r') | (*byte == b'\n'));
            *byte = if is_delimiter { b',' } else { *byte };
        }
        delimiters += usize::from(delimiters_here);
        needs_quotes |= special != 0;
    }
    out.truncate(end);
    (!needs_quotes).then_some(delimiters)
}
