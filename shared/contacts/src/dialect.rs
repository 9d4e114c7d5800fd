//! Detects the delimiter and line terminator of a text from its first rows. Pure.

use domain::country::Country;
use domain::import_report::Delimiter;
use domain::phone;
use memchr::memchr;

use super::{
    cells::{Dialect, unquote},
    records::{Record, Text},
};

/// Bytes of the text used for the decision.
const SAMPLE_BYTES: usize = 128 * 1024;
const SAMPLE_RECORDS: usize = 200;
/// Digits of a cell that may be a phone number, valid or not: a date has 8, a SIRET 14.
const NUMBER_DIGITS: std::ops::RangeInclusive<usize> = 9..=15;

impl Dialect {
    pub fn new(delimiter: Option<Delimiter>, terminator: u8) -> Self {
        Self { delimiter: delimiter.map_or(terminator, Delimiter::byte), terminator }
    }
}

/// The dialect of a text, and where its first record begins.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    pub delimiter: Option<Delimiter>,
    pub dialect: Dialect,
    /// Offset and physical line of the first record: after Excel's `sep=;` line if there is one.
    pub start: usize,
    pub line: u64,
}

pub fn cut(text: Text<'_>, country: Country) -> Cut {
    let terminator = terminator(text.bytes);
    if let Some((delimiter, start)) = excel_hint(text.bytes, terminator) {
        let delimiter = Some(delimiter);
        return Cut { delimiter, dialect: Dialect::new(delimiter, terminator), start, line: 2 };
    }
    let delimiter = delimiter(text, terminator, country);
    Cut { delimiter, dialect: Dialect::new(delimiter, terminator), start: 0, line: 1 }
}

/// Line feed, with or without a carriage return before it; the carriage return of old Macs if there is no line feed.
fn terminator(text: &[u8]) -> u8 {
    let sample = text.get(..SAMPLE_BYTES).unwrap_or(text);
    if memchr(b'\n', sample).is_none() && memchr(b'\r', sample).is_some() { b'\r' } else { b'\n' }
}

/// Excel's own first line, `sep=;`: the delimiter and the offset after the line.
fn excel_hint(text: &[u8], terminator: u8) -> Option<(Delimiter, usize)> {
    let end = memchr(terminator, text.get(..16).unwrap_or(text))?;
    let line = text.get(..end)?.trim_ascii_end();
    let byte = match text.get(..end)? {
        [s, e, p, b'=', byte, ..] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => *byte,
        _ => return None,
    };
    let is_whole = line.len() <= 5;
    let delimiter = Delimiter::ALL.into_iter().find(|delimiter| delimiter.byte() == byte)?;
    is_whole.then_some((delimiter, end + 1))
}

/// The delimiter with which most sampled rows, including the first, have the same number of cells, and some column
/// looks like phone numbers. `None` if the rows are better read as one column.
fn delimiter(text: Text<'_>, terminator: u8, country: Country) -> Option<Delimiter> {
    let whole = 0.5 + numbers_share(&sample(text, Dialect::new(None, terminator)), country);
    let mut best = (None, whole);
    for delimiter in Delimiter::ALL {
        let rows = sample(text, Dialect::new(Some(delimiter), terminator));
        let consistency = consistency(&rows);
        if consistency == 0.0 {
            continue;
        }
        let score = consistency + numbers_share(&rows, country);
        if score > best.1 + f64::EPSILON {
            best = (Some(delimiter), score);
        }
    }
    best.0
}

/// The first records of the text in this dialect, without a last one that the sample cuts off.
fn sample(text: Text<'_>, dialect: Dialect) -> Vec<Vec<&[u8]>> {
    let sample = text.head(SAMPLE_BYTES);
    let is_cut = sample.bytes.len() < text.bytes.len();
    let records = sample.records(dialect, 0, 1);
    let reaches_end = |record: &Record<'_>| record.start + record.raw.len() + 2 >= sample.bytes.len();
    records
        .take(SAMPLE_RECORDS)
        .filter(|record| record.fault.is_none() && !(is_cut && reaches_end(record)))
        .map(|record| record.cells(dialect.delimiter).collect())
        .collect()
}

/// Share of the rows that have the most common number of cells; 0 if most rows have one cell. A first row that differs
/// weighs much: it is the header.
fn consistency(rows: &[Vec<&[u8]>]) -> f64 {
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for row in rows {
        match counts.iter_mut().find(|(cells, _)| *cells == row.len()) {
            Some((_, seen)) => *seen += 1,
            None => counts.push((row.len(), 1)),
        }
    }
    let Some(&(cells, seen)) = counts.iter().max_by_key(|(cells, seen)| (*seen, *cells)) else { return 0.0 };
    if cells < 2 {
        return 0.0;
    }
    let share = seen as f64 / rows.len() as f64;
    match rows.first() {
        Some(first) if first.len() >= cells => share,
        Some(first) if first.len() > 1 => share * 0.8,
        _ => share * 0.4,
    }
}

/// The greatest share of rows whose cell in a single column looks like a phone number.
fn numbers_share(rows: &[Vec<&[u8]>], country: Country) -> f64 {
    let widest = rows.iter().map(Vec::len).max().unwrap_or(0);
    let looks_right = |cell: &&[u8]| is_number_shaped(&unquote(cell), country);
    let most = (0..widest.min(256))
        .map(|column| rows.iter().filter_map(|row| row.get(column)).filter(|cell| looks_right(cell)).count())
        .max();
    most.unwrap_or(0) as f64 / rows.len().max(1) as f64
}

/// Whether a cell is a phone number, or close to one: a landline, too few digits, scientific notation.
pub fn is_number_shaped(cell: &[u8], country: Country) -> bool {
    match phone::parse_bytes(cell, country) {
        Ok(_) | Err(phone::PhoneProblem::ScientificNotation) => true,
        Err(_) => {
            let digits = cell.iter().filter(|byte| byte.is_ascii_digit()).count();
            NUMBER_DIGITS.contains(&digits)
                && cell.iter().all(|byte| byte.is_ascii_digit() || b" .-/()+'".contains(byte) || !byte.is_ascii())
        }
    }
}
