//! Splits separated text into records and cells. Pure: slices in, slices out, nothing is copied.
//!
//! Written here instead of using the `csv` crate, because a stray quote must cost one line, not the rest of the file,
//! and because records are slices that are sorted by offset and copied to the output. `tests::second_opinion` compares
//! with the crate and lists the differences.
//!
//! The grammar is RFC 4180, extended to what people write:
//! - a cell is quoted if its first character, ignoring spaces, is `"`; any other quote is an ordinary character;
//! - text after a closing quote, up to the next delimiter of the same line, belongs to the cell (`"Le Mans" sud`);
//! - a quoted cell may contain line breaks if its closing quote is followed by a delimiter or the end of a line. If
//!   not, the quote was never closed: the line where it opens becomes a record with a [`RecordError`], and reading
//!   continues at the next line. So one stray quote costs one line, never the rest of the file.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2};

use super::cells::{Cells, Dialect, QUOTE, closing_quote, opening_quote, plain_cell, strip_return, tidy_cell, unquote};

/// Most line breaks in one quoted cell; an address or a note has a few, a lost quote swallows thousands.
const MAX_QUOTED_BREAKS: usize = 100;

/// Why a record cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordError {
    UnterminatedQuote,
    RowTooLong,
    NulByte,
}

impl RecordError {
    /// Stable reason, as in `rejects.csv` and `invalid_by_reason`.
    pub fn code(self) -> &'static str {
        match self {
            Self::UnterminatedQuote => "unterminated_quote",
            Self::RowTooLong => "row_too_long",
            Self::NulByte => "nul_byte",
        }
    }
}

/// One record; `raw` has neither its terminator nor the carriage return before it.
#[derive(Clone, Copy, Debug)]
pub struct Record<'t> {
    /// Offset of `raw` in the text.
    pub start: usize,
    /// Physical line of the text where the record begins, from 1.
    pub line: u64,
    pub raw: &'t [u8],
    /// Whether `raw` contains a quote: without one, every delimiter byte is a delimiter.
    pub has_quotes: bool,
    pub fault: Option<RecordError>,
    /// The text of the cell requested with [`Records::wanting`], if finding the record's end has already located it.
    wanted: Option<&'t [u8]>,
}

impl<'t> Record<'t> {
    pub fn cells(&self, delimiter: u8) -> Cells<'t> {
        Cells::new(self.raw, delimiter, self.has_quotes)
    }

    /// The text of the cell at `index`, the requested one; `None` if the record is too short.
    #[inline]
    pub fn wanted(&self, index: usize, delimiter: u8) -> Option<Cow<'t, [u8]>> {
        match self.wanted {
            Some(text) => Some(Cow::Borrowed(text)),
            None if self.has_quotes => self.cells(delimiter).nth(index).map(unquote),
            None => plain_cell(self.raw, index, delimiter).map(Cow::Borrowed),
        }
    }
}

/// A text to be split.
#[derive(Clone, Copy)]
pub struct Text<'t> {
    pub bytes: &'t [u8],
    /// Longer rows are rejected.
    pub max_row_bytes: usize,
    has_nul: bool,
}

impl<'t> Text<'t> {
    pub fn new(bytes: &'t [u8], max_row_bytes: usize) -> Self {
        Self { bytes, max_row_bytes, has_nul: memchr(0, bytes).is_some() }
    }

    /// The first `bytes`, or all of them if fewer.
    pub fn head(self, bytes: usize) -> Self {
        Self { bytes: self.bytes.get(..bytes).unwrap_or(self.bytes), ..self }
    }

    /// Records from the offset `at`, the start of the physical line `line`.
    pub fn records(self, dialect: Dialect, at: usize, line: u64) -> Records<'t> {
        Records { text: self, dialect, at, line, wanted: usize::MAX }
    }
}

/// The records of a text, without blank lines.
pub struct Records<'t> {
    text: Text<'t>,
    dialect: Dialect,
    at: usize,
    line: u64,
    wanted: usize,
}

impl Records<'_> {
    /// Prepares [`Record::wanted`] for the cell at this index.
    pub fn wanting(self, index: usize) -> Self {
        Self { wanted: index, ..self }
    }

    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Offset at which the next record is searched.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Physical line of the next record.
    pub fn line(&self) -> u64 {
        self.line
    }
}

impl<'t> Iterator for Records<'t> {
    type Item = Record<'t>;

    #[inline]
    fn next(&mut self) -> Option<Record<'t>> {
        loop {
            let (start, line) = (self.at, self.line);
            let rest = self.text.bytes.get(start..)?;
            if rest.is_empty() {
                return None;
            }
            let extent = measure(rest, self.dialect, self.text.max_row_bytes, self.wanted);
            self.at = start + extent.end + 1;
            self.line = line + 1 + extent.breaks;
            let raw = strip_return(rest.get(..extent.end).unwrap_or(rest));
            if is_blank(raw) {
                continue;
            }
            let fault = match extent.fault {
                None if raw.len() > self.text.max_row_bytes => Some(RecordError::RowTooLong),
                None if self.text.has_nul && memchr(0, raw).is_some() => Some(RecordError::NulByte),
                fault => fault,
            };
            let Extent { has_quotes, wanted, .. } = extent;
            return Some(Record { start, line, raw, has_quotes, fault, wanted });
        }
    }
}

/// The record that begins at `start`, which an earlier pass found valid.
#[inline]
pub fn record_at(text: &[u8], start: usize, dialect: Dialect, max_row_bytes: usize) -> Record<'_> {
    let rest = text.get(start..).unwrap_or_default();
    let extent = measure(rest, dialect, max_row_bytes, usize::MAX);
    let raw = strip_return(rest.get(..extent.end).unwrap_or(rest));
    Record { start, line: 0, raw, has_quotes: extent.has_quotes, fault: extent.fault, wanted: None }
}

/// The record at the start of `rest` if it has no quote.
#[inline]
pub fn plain_record(rest: &[u8], dialect: Dialect) -> Option<&[u8]> {
    match memchr2(dialect.terminator, QUOTE, rest) {
        Some(end) if rest[end] == QUOTE => None,
        end => Some(strip_return(&rest[..end.unwrap_or(rest.len())])),
    }
}

struct Extent<'t> {
    /// Offset of the terminator, or the length of the text.
    end: usize,
    /// Line breaks inside of quotes.
    breaks: u64,
    has_quotes: bool,
    fault: Option<RecordError>,
    wanted: Option<&'t [u8]>,
}

/// The extent of the record at the start of `rest`. Reads its bytes once if it has no quote.
#[inline]
fn measure(rest: &[u8], dialect: Dialect, max_row_bytes: usize, wanted: usize) -> Extent<'_> {
    let plain = |end| Extent { end, breaks: 0, has_quotes: false, fault: None, wanted: None };
    match memchr2(dialect.terminator, QUOTE, rest) {
        None => plain(rest.len()),
        Some(end) if rest[end] == dialect.terminator => plain(end),
        Some(_) => measure_quoted(rest, dialect, max_row_bytes, wanted),
    }
}

fn measure_quoted(rest: &[u8], dialect: Dialect, max_row_bytes: usize, wanted: usize) -> Extent<'_> {
    let mut extent = Extent { end: 0, breaks: 0, has_quotes: true, fault: None, wanted: None };
    for index in 0.. {
        let cell = rest.get(extent.end..).unwrap_or_default();
        if let Some(tidy) = tidy_cell(cell, dialect) {
            extent.end += tidy.end;
            if index == wanted {
                extent.wanted = Some(tidy.text);
            }
        } else if let Some(open) = opening_quote(cell) {
            let Some((bytes, breaks)) = close(cell, open, dialect, max_row_bytes) else {
                // Ends at the first physical line, so that every following line is read again and none is lost, even if
                // an earlier cell of this record contains breaks.
                let end = memchr(dialect.terminator, rest).unwrap_or(rest.len());
                return Extent { end, breaks: 0, fault: Some(RecordError::UnterminatedQuote), wanted: None, ..extent };
            };
            extent.end += bytes;
            extent.breaks += breaks;
        } else {
            extent.end += memchr2(dialect.delimiter, dialect.terminator, cell).unwrap_or(cell.len());
        }
        match rest.get(extent.end) {
            Some(&byte) if byte == dialect.delimiter && byte != dialect.terminator => extent.end += 1,
            _ => break,
        }
    }
    extent
}

/// Length of the quoted cell at the start of `text` and its line breaks; `None` if its quote never closes.
fn close(text: &[u8], open: usize, dialect: Dialect, max_row_bytes: usize) -> Option<(usize, u64)> {
    let window = text.get(..max_row_bytes.min(text.len())).unwrap_or(text);
    let closing = closing_quote(window, open)?;
    let breaks = memchr_iter(dialect.terminator, window.get(open..closing).unwrap_or_default()).count();
    if breaks > MAX_QUOTED_BREAKS {
        return None;
    }
    let tail = text.get(closing + 1..).unwrap_or_default();
    let length = memchr2(dialect.delimiter, dialect.terminator, tail).unwrap_or(tail.len());
    let is_clean = || tail.iter().take(length).all(|byte| matches!(byte, b' ' | b'\r'));
    (breaks == 0 || is_clean()).then_some((closing + 1 + length, breaks as u64))
}

#[inline]
fn is_blank(raw: &[u8]) -> bool {
    match raw.first() {
        None => true,
        Some(b' ') => raw.iter().all(|byte| *byte == b' '),
        Some(_) => false,
    }
}
