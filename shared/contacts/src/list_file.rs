//! The list file: a contact list, an exclusion list or an audience, sorted by number, one row per number.
//!
//! UTF-8, `,` between fields, RFC 4180 quoting, `
//! ` after each row. The first line names the fields: `phone`, then the columns. The phone is in E.164, `+33612345678`.
//!
//! Written without the `csv` crate: batches are byte ranges of this file, so each row is appended to a buffer whose
//! length is its offset, in four fifths of the crate's time. `tests::second_opinion` reads it with the crate.

use std::borrow::Cow;

use domain::phone::PhoneNumber;
use domain::template::variable_name;
use memchr::{memchr, memchr_iter, memchr3};

use super::cells::{Cells, QUOTE, unquote};

const DELIMITER: u8 = b',';
const TERMINATOR: u8 = b'\n';
const PHONE: &str = "phone";

/// Only this crate writes list files, so an error means that the file is another one or was cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListFileError {
    #[error("the file does not begin with the header of a list")]
    Header,
    #[error("the row at byte {offset} does not begin with a phone number")]
    Phone { offset: u64 },
    #[error("the row at byte {offset} has no end")]
    Unfinished { offset: u64 },
    #[error("the row at byte {offset} has a lower number than the one before it")]
    Unsorted { offset: u64 },
}

/// The names of a list's fields, without the phone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListHeader {
    columns: Vec<String>,
}

impl ListHeader {
    pub fn new(columns: Vec<String>) -> Self {
        Self { columns }
    }

    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The column of a template variable: `prenom` matches `Prénom`, `date_de_naissance` matches `Date de naissance`.
    pub fn column(&self, variable: &str) -> Option<usize> {
        let wanted = variable_name(variable);
        let exact = self.columns.iter().position(|name| name == variable);
        exact.or_else(|| self.columns.iter().position(|name| variable_name(name) == wanted))
    }

    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(PHONE.as_bytes());
        for name in &self.columns {
            out.push(DELIMITER);
            push_field(out, name.as_bytes());
        }
        out.push(TERMINATOR);
    }

    /// Reads the header of a list file: the header and the offset of the first row. `None` if `bytes` ends within the
    /// header.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, ListFileError> {
        let Some(end) = row_end(bytes) else { return Ok(None) };
        let mut cells = cells(&bytes[..end]);
        if cells.next() != Some(PHONE.as_bytes()) {
            return Err(ListFileError::Header);
        }
        let columns = cells.map(|cell| String::from_utf8_lossy(&unquote(cell)).into_owned()).collect();
        Ok(Some((Self { columns }, end + 1)))
    }
}

/// One contact.
#[derive(Clone, Copy)]
pub struct Row<'b> {
    pub phone: PhoneNumber,
    /// The row without its line end.
    raw: &'b [u8],
}

impl<'b> Row<'b> {
    /// The fields in the order of the header's columns, without quotes.
    pub fn fields(&self) -> impl Iterator<Item = Cow<'b, str>> + use<'b> {
        cells(self.raw).skip(1).map(field)
    }

    /// The field of a column; empty if the row has none.
    pub fn field(&self, column: usize) -> Cow<'b, str> {
        cells(self.raw).nth(column + 1).map(field).unwrap_or_default()
    }

    /// Size of the row in the file, including its line end.
    pub fn encoded_bytes(&self) -> usize {
        self.raw.len() + 1
    }

    /// A row that was parsed before.
    pub(super) fn known(phone: PhoneNumber, raw: &'b [u8]) -> Self {
        Self { phone, raw }
    }

    fn parse(raw: &'b [u8], offset: u64) -> Result<Self, ListFileError> {
        let phone = raw.strip_prefix(b"+").and_then(leading_number).and_then(PhoneNumber::from_digits);
        phone.map(|phone| Self { phone, raw }).ok_or(ListFileError::Phone { offset })
    }
}

impl std::fmt::Debug for Row<'_> {
    /// Never shows the fields: personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row").field("phone", &self.phone).field("bytes", &self.encoded_bytes()).finish()
    }
}

/// The digits up to the first delimiter, at most 15.
fn leading_number(digits: &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for (index, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' if index < 15 => number = number * 10 + u64::from(byte - b'0'),
            &DELIMITER => return Some(number),
            _ => return None,
        }
    }
    Some(number)
}

fn cells(raw: &[u8]) -> Cells<'_> {
    Cells::new(raw, DELIMITER, memchr(QUOTE, raw).is_some())
}

fn field(cell: &[u8]) -> Cow<'_, str> {
    match unquote(cell) {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// Offset of the line end of the row at the start of `bytes`, if present.
#[inline]
fn row_end(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let end = from + memchr(TERMINATOR, bytes.get(from..)?)?;
        // In our own files a line end outside quotes has an even number of quotes before it.
        if memchr(QUOTE, &bytes[..end]).is_none() || memchr_iter(QUOTE, &bytes[..end]).count().is_multiple_of(2) {
            return Some(end);
        }
        from = end + 1;
    }
}

/// The rows of a part of a list file that begins with a row. A row cut off at the end is not returned: [`Rows::offset`]
/// is where to continue, and the cursor of a page.
pub struct Rows<'b> {
    bytes: &'b [u8],
    at: usize,
    base: u64,
}

impl<'b> Rows<'b> {
    /// `bytes` begins at byte `offset` of the list file.
    pub fn new(bytes: &'b [u8], offset: u64) -> Self {
        Self { bytes, at: 0, base: offset }
    }

    /// The rows of a whole list file, after its header.
    pub fn of_file(file: &'b [u8]) -> Result<Self, ListFileError> {
        let (_, begin) = ListHeader::parse(file)?.ok_or(ListFileError::Header)?;
        Ok(Self::new(&file[begin..], begin as u64))
    }

    /// Offset in the list file of the next row.
    pub fn offset(&self) -> u64 {
        self.base + self.at as u64
    }
}

impl<'b> Iterator for Rows<'b> {
    type Item = Result<Row<'b>, ListFileError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.bytes.get(self.at..)?;
        let end = row_end(rest)?;
        let row = Row::parse(&rest[..end], self.offset());
        self.at += end + 1;
        Some(row)
    }
}

/// Writes one row.
pub fn write_row<I>(out: &mut Vec<u8>, phone: PhoneNumber, fields: I)
where
    I: IntoIterator<Item: AsRef<str>>,
{
    push_phone(out, phone.digits());
    for field in fields {
        out.push(DELIMITER);
        push_field(out, field.as_ref().as_bytes());
    }
    out.push(TERMINATOR);
}

/// Writes the digits of a valid number as `+33612345678`.
#[inline]
pub(super) fn push_phone(out: &mut Vec<u8>, digits: u64) {
    const HALF: u64 = 100_000_000;
    let mut spelled = [0; 16];
    spelled[..8].copy_from_slice(&eight_digits((digits / HALF) as u32));
    spelled[8..].copy_from_slice(&eight_digits((digits % HALF) as u32));
    let zeros = spelled.iter().take_while(|digit| **digit == b'0').count();
    out.push(b'+');
    out.extend_from_slice(&spelled[zeros..]);
}

/// The decimal digits of a number below 10^8, all eight computed at once: first two groups of four digits, then pairs,
/// then single digits, each in its own lane. `10486 >> 20` is a hundredth of anything below 10^4 and `103 >> 10` a
/// tenth of anything below 100.
#[inline]
fn eight_digits(number: u32) -> [u8; 8] {
    let fours = u64::from(number / 10_000) | u64::from(number % 10_000) << 32;
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007F_0000_007F;
    let pairs = hundreds | (fours - hundreds * 100) << 16;
    let tens = ((pairs * 103) >> 10) & 0x000F_000F_000F_000F;
    let singles = tens | (pairs - tens * 10) << 8;
    (singles | 0x3030_3030_3030_3030).to_le_bytes()
}

/// Writes a field, in quotes if it needs them.
#[inline]
pub(super) fn push_field(out: &mut Vec<u8>, field: &[u8]) {
    if memchr3(DELIMITER, QUOTE, TERMINATOR, field).is_some() || memchr(b'\r', field).is_some() {
        push_quoted(out, field);
    } else {
        out.extend_from_slice(field);
    }
}

pub(super) fn push_quoted(out: &mut Vec<u8>, field: &[u8]) {
    out.push(QUOTE);
    let mut rest = field;
    while let Some(quote) = memchr(QUOTE, rest) {
        out.extend_from_slice(&rest[..=quote]);
        out.push(QUOTE);
        rest = &rest[quote + 1..];
    }
    out.extend_from_slice(rest);
    out.push(QUOTE);
}
