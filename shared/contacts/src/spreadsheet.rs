//! Converts a sheet of an XLSX workbook, the first visible one unless named, to the text that the import reads: one
//! line per row of the sheet, so that a line number in the rejects is the row's number in Excel.

use std::io::Cursor;

use bytes::Bytes;
use calamine::{DataRef, ExcelDateTime, Reader, Sheet, SheetType, SheetVisible, Xlsx, XlsxError};
use domain::import_report::Encoding;

use super::{
    cells::Dialect, columns::fold, dialect::Cut, encoding::Decoded, error::ImportError, list_file::push_field,
    options::Limits,
};

const DELIMITER: u8 = b',';
/// The dialect of the text: always the same, nothing to detect.
pub const CUT: Cut =
    Cut { delimiter: None, dialect: Dialect { delimiter: DELIMITER, terminator: b'\n' }, start: 0, line: 1 };
/// Rows of a sheet in Excel.
const MAX_ROWS: u32 = 1_048_576;
/// Largest integer that `f64` holds exactly, so that its digits are the typed ones.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// Whether a file is a ZIP archive, as XLSX is; text never begins like one.
pub fn is_workbook(file: &[u8]) -> bool {
    file.starts_with(b"PK\x03\x04")
}

/// Most sheet names that are listed.
const SHEETS_NAMED_MAX: usize = 50;

/// Names of the visible sheets of a workbook; empty for an unreadable one and for other files.
pub fn sheets(file: Bytes, limits: &Limits) -> Vec<String> {
    if !is_workbook(&file) || check_unpacked_size(&file, limits).is_err() {
        return Vec::new();
    }
    Xlsx::new(Cursor::new(file)).map(|workbook| visible(workbook.sheets_metadata())).unwrap_or_default()
}

/// The text of a sheet, and the names of the sheets.
pub fn decode(file: Bytes, sheet: Option<&str>, limits: &Limits) -> Result<(Decoded, Vec<String>), ImportError> {
    check_unpacked_size(&file, limits)?;
    let mut workbook = Xlsx::new(Cursor::new(file)).map_err(unreadable)?;
    let name = chosen(workbook.sheets_metadata(), sheet)?;
    let sheets = visible(workbook.sheets_metadata());
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(unreadable)?;
    let mut text = Vec::new();
    let (mut row, mut column) = (0, 0);
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let value = spelled(cell.get_value());
        if value.is_empty() {
            continue;
        }
        let (at_row, at_column) = cell.get_position();
        if at_column as usize >= limits.columns {
            return Err(ImportError::TooManyColumns { found: at_column as usize + 1, limit: limits.columns });
        }
        if (at_row, at_column) < (row, column) || at_row >= MAX_ROWS {
            return Err(ImportError::UnreadableWorkbook { reason: "its cells are not in their order".into() });
        }
        while row < at_row {
            text.push(b'\n');
            (row, column) = (row + 1, 0);
        }
        while column < at_column {
            text.push(DELIMITER);
            column += 1;
        }
        push_field(&mut text, value.as_bytes());
        let size = text.len() as u64;
        if size > limits.file_bytes {
            return Err(ImportError::TooLarge { size, limit: limits.file_bytes });
        }
    }
    Ok((Decoded { text: Bytes::from(text), encoding: Encoding::Workbook }, sheets))
}

/// The name of the sheet to read: a hidden one only if it is named.
fn chosen(sheets: &[Sheet], wanted: Option<&str>) -> Result<String, ImportError> {
    let Some(wanted) = wanted.map(fold) else {
        return visible(sheets).into_iter().next().ok_or(ImportError::EmptyFile);
    };
    let mut tables = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let found = tables.find(|sheet| fold(&sheet.name) == wanted).map(|sheet| sheet.name.clone());
    found.ok_or_else(|| ImportError::SheetNotFound { sheets: visible(sheets) })
}

fn visible(sheets: &[Sheet]) -> Vec<String> {
    let is_seen = |sheet: &&Sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible;
    sheets.iter().filter(is_seen).map(|sheet| sheet.name.clone()).take(SHEETS_NAMED_MAX).collect()
}

/// A workbook is unpacked in memory; one whose declared size is too large is rejected before.
fn check_unpacked_size(file: &[u8], limits: &Limits) -> Result<(), ImportError> {
    let broken = |error: zip::result::ZipError| ImportError::UnreadableWorkbook { reason: error.to_string() };
    let archive = zip::ZipArchive::new(Cursor::new(file)).map_err(broken)?;
    if archive.index_for_name("[Content_Types].xml").is_none() {
        return Err(ImportError::UnsupportedFormat { format: "zip" });
    }
    // The markup around cells takes several times the size of their text.
    let limit = limits.file_bytes.saturating_mul(2);
    match archive.decompressed_size() {
        Some(size) if size > u128::from(limit) => {
            Err(ImportError::TooLarge { size: u64::try_from(size).unwrap_or(u64::MAX), limit })
        }
        _ => Ok(()),
    }
}

fn unreadable(error: XlsxError) -> ImportError {
    ImportError::UnreadableWorkbook { reason: error.to_string() }
}

/// The text of a cell, on one line. Whole numbers are written with all digits: Excel shows `3,36E+10`, but the file has
/// the number.
fn spelled(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) => one_line(text),
        DataRef::SharedString(text) => one_line(text),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < MAX_EXACT => format!("{number:.0}"),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(is_true) => is_true.to_string(),
        DataRef::DateTime(instant) => date(instant),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

fn one_line(text: &str) -> String {
    if text.contains(['\n', '\r']) { text.replace("\r\n", " ").replace(['\n', '\r'], " ") } else { text.to_owned() }
}

/// `2000-12-31`, with the time of day if there is one.
fn date(instant: &ExcelDateTime) -> String {
    if instant.is_duration() {
        return instant.as_f64().to_string();
    }
    match instant.to_ymd_hms_milli() {
        (year, month, day, 0, 0, 0, _) => format!("{year:04}-{month:02}-{day:02}"),
        (year, month, day, hour, minute, second, _) => {
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
    }
}
