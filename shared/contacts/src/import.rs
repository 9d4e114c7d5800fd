//! One pass over a contact file: reads, normalises, sorts, removes duplicates, rejects. Bytes in, bytes out.
//!
//! Memory: the text, 24 bytes per row while sorting, 12 afterwards, and one chunk of output. A UTF-8 file is not copied
//! before its rows are written.

use std::{borrow::Cow, collections::BTreeMap};

use bytes::Bytes;
use domain::country::Country;
use domain::import_report::{ImportReport, PhoneColumn};
use domain::phone::{self, PhoneNumber, PhoneProblem};
use domain::territory::Territory;

use super::{
    dialect, encoding,
    error::ImportError,
    layout::{self, Layout},
    options::Options,
    output::Contacts,
    radix::{self, Entry},
    records::{Record, RecordError, Text},
    rejects::Rejects,
    spreadsheet,
};

/// Offsets are stored in 32 bits.
const MAX_TEXT_BYTES: u64 = u32::MAX as u64;

/// The result of reading a file. Contacts are written when the iterator is read.
#[derive(Debug)]
pub struct Imported {
    /// `excluded` is 0: the caller knows the exclusions.
    pub report: ImportReport,
    /// Sheets of the workbook; empty for other files.
    pub sheets: Vec<String>,
    /// `rejects.csv`, for Excel; only its header if every row is valid.
    pub rejects: Vec<u8>,
    /// The list file, in chunks.
    pub contacts: Contacts,
}

/// Reads a contact file: separated text, or a sheet of an XLSX workbook (the named one, otherwise the first visible
/// one). If a number occurs in several rows, the first is kept.
///
/// Missing cells at the end of a row are empty fields; cells beyond the last column are dropped.
pub fn import(file: Bytes, options: &Options) -> Result<Imported, ImportError> {
    check_size(file.len(), options)?;
    let is_workbook = spreadsheet::is_workbook(&file);
    let (decoded, sheets) = match (is_workbook, &options.sheet) {
        (true, sheet) => spreadsheet::decode(file, sheet.as_deref(), &options.limits)?,
        (false, Some(_)) => return Err(ImportError::NoWorkbook),
        (false, None) => (encoding::decode(file)?, Vec::new()),
    };
    check_size(decoded.text.len(), options)?;
    let text = Text::new(&decoded.text, options.limits.row_bytes);
    let cut = if is_workbook { spreadsheet::CUT } else { dialect::cut(text, options.country) };
    let layout = layout::detect(text, cut, options)?;
    let pass = read_rows(text, &layout, options.country);

    let mut entries = radix::sort(pass.entries);
    let sorted = entries.len() as u64;
    entries.dedup_by_key(|entry| entry.number()); // keeps the first row of each number
    entries.shrink_to_fit();
    let contacts = entries.len() as u64;
    let invalid = pass.rejects.count();
    let (rejects, invalid_by_reason) = pass.rejects.finish();
    let report = ImportReport {
        rows: sorted + invalid,
        contacts,
        duplicates: sorted - contacts,
        invalid,
        excluded: 0,
        phone_column: PhoneColumn { index: layout.phone, name: layout.columns[layout.phone].clone() },
        columns: layout.columns.clone(),
        encoding: decoded.encoding,
        delimiter: layout.delimiter,
        header: layout.header,
        by_territory: by_territory(&entries),
        invalid_by_reason,
    };
    let contacts = Contacts::new(decoded.text, layout, entries, options.limits.row_bytes);
    Ok(Imported { report, sheets, rejects, contacts })
}

fn check_size(size: usize, options: &Options) -> Result<(), ImportError> {
    let limit = options.limits.file_bytes.min(MAX_TEXT_BYTES);
    let size = size as u64;
    if size > limit { Err(ImportError::TooLarge { size, limit }) } else { Ok(()) }
}

struct Pass {
    entries: Vec<Entry>,
    rejects: Rejects,
}

/// Reads the number of every row.
fn read_rows(text: Text<'_>, layout: &Layout, country: Country) -> Pass {
    let mut pass = Pass { entries: Vec::with_capacity(text.bytes.len() / 48), rejects: Rejects::new() };
    let column = layout.columns[layout.phone].as_str();
    for record in text.records(layout.dialect, layout.start, layout.line).wanting(layout.phone) {
        match number(&record, layout, country) {
            Ok(number) => pass.entries.push(Entry::new(number.digits(), record.start as u32)),
            Err(Reject::Row(fault)) => pass.rejects.push(record.line, "", record.raw, fault.code()),
            Err(Reject::Cell(cell, problem)) => {
                pass.rejects.push(record.line, column, &cell, problem.code());
            }
        }
    }
    pass
}

enum Reject<'t> {
    Row(RecordError),
    Cell(Cow<'t, [u8]>, PhoneProblem),
}

#[inline]
fn number<'t>(record: &Record<'t>, layout: &Layout, country: Country) -> Result<PhoneNumber, Reject<'t>> {
    if let Some(fault) = record.fault {
        return Err(Reject::Row(fault));
    }
    let Some(cell) = record.wanted(layout.phone, layout.dialect.delimiter) else {
        return Err(Reject::Cell(Cow::default(), PhoneProblem::Empty));
    };
    phone::parse_bytes(&cell, country).map_err(|problem| Reject::Cell(cell, problem))
}

/// Every block of this many numbers is in one territory: no numbering plan assigns smaller blocks.
const TERRITORY_BLOCK: u64 = 1_000;

/// Counts by territory. After sorting, the numbers of a block are adjacent, so one look-up per block is enough.
fn by_territory(entries: &[Entry]) -> BTreeMap<Territory, u64> {
    let mut counts = BTreeMap::new();
    for block in entries.chunk_by(|a, b| a.number() / TERRITORY_BLOCK == b.number() / TERRITORY_BLOCK) {
        let number = block.first().and_then(|entry| PhoneNumber::from_digits(entry.number()));
        if let Some(number) = number {
            *counts.entry(number.territory()).or_insert(0) += block.len() as u64;
        }
    }
    counts
}

/// Writes pasted values as a file of one column without a header, one value per line where possible. The import takes
/// its first row for a header only if it is a word used for phone columns; with `header: Some(false)`, never. The `csv`
/// crate is not used: whichever delimiter the import tries must be quoted, and an empty value must stay a blank line.
pub fn pasted<I>(values: I) -> Vec<u8>
where
    I: IntoIterator<Item: AsRef<str>>,
{
    let mut file = Vec::new();
    for value in values {
        let value = value.as_ref();
        if value.contains(['"', ',', ';', '\t', '|', '\r', '\n']) {
            super::list_file::push_quoted(&mut file, value.as_bytes());
        } else {
            file.extend_from_slice(value.as_bytes());
        }
        file.push(b'\n');
    }
    file
}
