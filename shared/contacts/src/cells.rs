//! Cells of a record: where they end and their text. Pure: slices in, slices out, copied only where necessary.
//!
//! See [`super::records`] for the grammar.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

pub const QUOTE: u8 = b'"';

/// The delimiter and terminator bytes of a file. In a file with one column both are the terminator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    pub delimiter: u8,
    pub terminator: u8,
}

/// Raw cells of one record, including their quotes.
#[derive(Clone)]
pub struct Cells<'t> {
    rest: Option<&'t [u8]>,
    delimiter: u8,
    has_quotes: bool,
}

impl<'t> Cells<'t> {
    /// `has_quotes` may be true for a record without quotes.
    pub fn new(raw: &'t [u8], delimiter: u8, has_quotes: bool) -> Self {
        Self { rest: Some(raw), delimiter, has_quotes }
    }
}

impl<'t> Iterator for Cells<'t> {
    type Item = &'t [u8];

    #[inline]
    fn next(&mut self) -> Option<&'t [u8]> {
        let rest = self.rest?;
        let quoted =
            if self.has_quotes { opening_quote(rest).and_then(|open| closing_quote(rest, open)) } else { None };
        let from = quoted.map_or(0, |closing| closing + 1);
        let end = memchr(self.delimiter, rest.get(from..).unwrap_or_default()).map(|length| from + length);
        let (cell, rest) = match end {
            Some(end) => (rest.get(..end), rest.get(end + 1..)),
            None => (Some(rest), None),
        };
        self.rest = rest;
        cell
    }
}

/// A cell whose text is one slice: bare, or in quotes that contain neither quotes nor line breaks.
pub struct TidyCell<'t> {
    pub text: &'t [u8],
    /// Offset of the delimiter or terminator after it, or the length of the input.
    pub end: usize,
}

/// The cell at the start of `rest` if it is tidy, as nearly all are: one search per cell.
#[inline]
pub fn tidy_cell(rest: &[u8], dialect: Dialect) -> Option<TidyCell<'_>> {
    match rest.split_first() {
        Some((&QUOTE, inner)) => {
            let closing = memchr2(QUOTE, dialect.terminator, inner).filter(|at| inner[*at] == QUOTE)?;
            let (text, tail) = (&inner[..closing], &inner[closing + 1..]);
            let end = closing + 2;
            match tail {
                [] => Some(TidyCell { text, end }),
                [next, ..] if *next == dialect.delimiter || *next == dialect.terminator => Some(TidyCell { text, end }),
                [b'\r'] => Some(TidyCell { text, end: end + 1 }),
                [b'\r', next, ..] if *next == dialect.terminator => Some(TidyCell { text, end: end + 1 }),
                _ => None,
            }
        }
        Some((b' ', _)) => None, // a quote may follow
        _ => {
            let end = memchr2(dialect.delimiter, dialect.terminator, rest).unwrap_or(rest.len());
            let is_last = rest.get(end).is_none_or(|byte| *byte == dialect.terminator);
            let text = &rest[..end];
            Some(TidyCell { text: if is_last { strip_return(text) } else { text }, end })
        }
    }
}

/// The cell at `index` of a record without quotes.
#[inline]
pub fn plain_cell(raw: &[u8], index: usize, delimiter: u8) -> Option<&[u8]> {
    let mut rest = raw;
    for _ in 0..index {
        rest = &rest[memchr(delimiter, rest)? + 1..];
    }
    Some(memchr(delimiter, rest).map_or(rest, |end| &rest[..end]))
}

/// The text of a raw cell without its quotes. Unquoted cells are returned unchanged.
#[inline]
pub fn unquote(cell: &[u8]) -> Cow<'_, [u8]> {
    let Some(open) = opening_quote(cell) else { return Cow::Borrowed(cell) };
    let inner = cell.get(open + 1..).unwrap_or_default();
    // `"Jean "Jojo" Dupont"`: the outer quotes are removed, the inner ones stay.
    let trimmed = inner.trim_ascii_end();
    let (quoted, tail) = match trimmed.split_last() {
        Some((&QUOTE, body)) => (body, &[][..]),
        _ => match closing_quote(cell, open) {
            Some(closing) => (&cell[open + 1..closing], &cell[closing + 1..]),
            None => return Cow::Borrowed(cell),
        },
    };
    if tail.is_empty() && memchr(QUOTE, quoted).is_none() {
        return Cow::Borrowed(quoted);
    }
    let mut text = Vec::with_capacity(quoted.len() + tail.len());
    let mut rest = quoted;
    while let Some(quote) = memchr(QUOTE, rest) {
        text.extend_from_slice(&rest[..=quote]);
        let is_doubled = rest.get(quote + 1) == Some(&QUOTE);
        rest = &rest[quote + 1 + usize::from(is_doubled)..];
    }
    text.extend_from_slice(rest);
    text.extend_from_slice(tail);
    Cow::Owned(text)
}

/// Position of the cell's opening quote, if it is quoted.
#[inline]
pub fn opening_quote(cell: &[u8]) -> Option<usize> {
    match cell.first() {
        Some(&QUOTE) => Some(0),
        Some(b' ') => {
            let spaces = cell.iter().take_while(|byte| **byte == b' ').count();
            (cell.get(spaces) == Some(&QUOTE)).then_some(spaces)
        }
        _ => None,
    }
}

/// The first quote after `open` that is not part of a doubled pair.
#[inline]
pub fn closing_quote(text: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        let quote = at + memchr(QUOTE, text.get(at..)?)?;
        if text.get(quote + 1) != Some(&QUOTE) {
            return Some(quote);
        }
        at = quote + 2;
    }
}

#[inline]
pub fn strip_return(raw: &[u8]) -> &[u8] {
    raw.strip_suffix(b"\r").unwrap_or(raw)
}
