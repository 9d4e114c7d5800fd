//! The report of an import: counts, and how the file was read. Pure.

use std::collections::BTreeMap;

use super::codes::codes;
use super::territory::Territory;

/// Figures of one import. `rows == contacts + duplicates + invalid`, always.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Records below the header, without blank lines.
    pub rows: u64,
    /// Distinct numbers: the rows of the list's file.
    pub contacts: u64,
    /// Rows whose number is in an earlier row.
    pub duplicates: u64,
    /// Rows that were rejected.
    pub invalid: u64,
    /// Contacts that were excluded when the file was imported.
    pub excluded: u64,
    pub phone_column: PhoneColumn,
    /// All columns in file order, including the phone column; `column_1`… without a header.
    pub columns: Vec<String>,
    pub encoding: Encoding,
    /// `None` for a file with one column, and for a workbook.
    pub delimiter: Option<Delimiter>,
    pub header: bool,
    pub by_territory: BTreeMap<Territory, u64>,
    /// Rejected rows by reason code.
    pub invalid_by_reason: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PhoneColumn {
    /// From 0.
    pub index: usize,
    pub name: String,
}

/// Encoding of a contact file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encoding {
    #[default]
    Utf8,
    Utf16Le,
    Utf16Be,
    Windows1252,
    Iso8859_15,
    /// A spreadsheet workbook: cells, not text.
    Workbook,
}
// Names of the IANA registry in lower case, except for workbooks.
codes!(Encoding {
    Utf8 = "utf-8",
    Utf16Le = "utf-16le",
    Utf16Be = "utf-16be",
    Windows1252 = "windows-1252",
    Iso8859_15 = "iso-8859-15",
    Workbook = "xlsx",
});

/// What separates the cells of a contact file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    Semicolon,
    Tab,
    Pipe,
    Comma,
}
// Ties are decided for the earlier one.
codes!(Delimiter { Semicolon = ";", Tab = "\t", Pipe = "|", Comma = "," });

impl ImportReport {
    /// Contacts by territory code, in the order of the codes.
    pub fn by_territory_code(&self) -> BTreeMap<&'static str, u64> {
        self.by_territory.iter().map(|(territory, count)| (territory.code(), *count)).collect()
    }
}

impl Delimiter {
    pub fn byte(self) -> u8 {
        match self {
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
            Self::Comma => b',',
        }
    }
}
