//! The layout of a decoded text: dialect, header, columns, and which column is the phone number. Pure.

use domain::import_report::Delimiter;
use domain::list::Column;
use memchr::memchr;

use super::{
    cells::Dialect,
    columns,
    dialect::Cut,
    error::ImportError,
    options::Options,
    records::{Records, Text},
};

/// Records examined at the start of the text.
const HEAD_RECORDS: usize = 500;
/// Records examined at each further sample of a long text, which may begin with rows without numbers.
const STRETCH_RECORDS: usize = 100;
const LONG_TEXT_BYTES: usize = 1024 * 1024;
const FURTHER_PLACES: usize = 3;

#[derive(Clone, Debug)]
pub struct Layout {
    pub delimiter: Option<Delimiter>,
    pub dialect: Dialect,
    pub header: bool,
    /// Names of all columns; see [`columns::names`].
    pub columns: Vec<String>,
    /// Index of the phone column.
    pub phone: usize,
    /// Offset and physical line of the first row below the header.
    pub start: usize,
    pub line: u64,
}

/// The layout of a text in the dialect of `cut`.
pub fn detect(text: Text<'_>, cut: Cut, options: &Options) -> Result<Layout, ImportError> {
    let mut records = text.records(cut.dialect, cut.start, cut.line);
    let Some(first) = records.next() else { return Err(ImportError::EmptyFile) };
    // A first row that cannot be read is no header: it goes to the rejects with its reason.
    let has_fault = first.fault.is_some();
    let first: Vec<&[u8]> = if has_fault { Vec::new() } else { first.cells(cut.dialect.delimiter).collect() };
    let below = (records.offset(), records.line());
    let mut rows = sample(text, records);

    let header = options.header.unwrap_or_else(|| !has_fault && is_header(&first, &rows, options));
    if header && text.bytes.get(below.0..).unwrap_or_default().trim_ascii().is_empty() {
        return Err(ImportError::EmptyFile);
    }
    let widest = rows.iter().map(Vec::len).max().unwrap_or(0).max(first.len());
    let count = if header { first.len() } else { widest };
    if count > options.limits.columns {
        return Err(ImportError::TooManyColumns { found: count, limit: options.limits.columns });
    }
    let columns = columns::names(header.then_some(&first), count);
    let phone = if header {
        phone_column(Some(&first), &rows, &columns, options)
    } else {
        rows.insert(0, first);
        phone_column(None, &rows, &columns, options)
    };
    let Some(phone) = phone else { return Err(no_phone_column(columns, options)) };
    let (start, line) = if header { below } else { (cut.start, cut.line) };
    Ok(Layout { delimiter: cut.delimiter, dialect: cut.dialect, header, columns, phone, start, line })
}

/// Sampled records after the first one: the next ones, and for a long text some from further down.
fn sample<'t>(text: Text<'t>, below_first: Records<'t>) -> Vec<Vec<&'t [u8]>> {
    let dialect = below_first.dialect();
    let cells = |records: Records<'t>, most: usize| -> Vec<Vec<&'t [u8]>> {
        let readable = records.take(most).filter(|record| record.fault.is_none());
        readable.map(|record| record.cells(dialect.delimiter).collect()).collect()
    };
    let mut rows = cells(below_first, HEAD_RECORDS);
    if text.bytes.len() > LONG_TEXT_BYTES {
        for place in 1..=FURTHER_PLACES {
            let middle = text.bytes.len() / (FURTHER_PLACES + 1) * place;
            let rest = text.bytes.get(middle..).unwrap_or_default();
            let at = middle + memchr(dialect.terminator, rest).map_or(0, |end| end + 1);
            rows.extend(cells(text.records(dialect, at, 1), STRETCH_RECORDS));
        }
    }
    rows
}

fn is_header(first: &[&[u8]], rows: &[Vec<&[u8]>], options: &Options) -> bool {
    let names = columns::names(Some(first), first.len());
    let phone = phone_column(Some(first), rows, &names, options);
    let is_called_for = matches!(options.phone_column, Some(Column::Name(_))) && phone.is_some();
    is_called_for || columns::is_header(first, phone, options.country)
}

/// The phone column: the one that the user named, or the detected one.
fn phone_column(header: Option<&[&[u8]]>, rows: &[Vec<&[u8]>], columns: &[String], options: &Options) -> Option<usize> {
    match &options.phone_column {
        Some(Column::Index(index)) => Some(*index).filter(|index| *index < columns.len()),
        Some(Column::Name(name)) => position(columns, name),
        None => columns::find_phone(header, rows, columns.len(), options.country),
    }
}

fn no_phone_column(columns: Vec<String>, options: &Options) -> ImportError {
    match &options.phone_column {
        Some(Column::Index(index)) => ImportError::PhoneColumnNotFound { wanted: index.to_string(), columns },
        Some(Column::Name(name)) => ImportError::PhoneColumnNotFound { wanted: name.clone(), columns },
        None => ImportError::NoPhoneColumn { columns },
    }
}

/// An exact name is preferred to one that only matches after folding.
fn position(columns: &[String], wanted: &str) -> Option<usize> {
    let wanted = wanted.trim();
    columns.iter().position(|name| name == wanted).or_else(|| {
        let folded = columns::fold(wanted);
        columns.iter().position(|name| !folded.is_empty() && columns::fold(name) == folded)
    })
}
