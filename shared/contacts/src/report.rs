//! What an import tells its user: the report of a file that was read, or why it was not.

use std::collections::BTreeMap;

use super::{dialect::Delimiter, encoding::Encoding};

/// Figures of one import. `rows == contacts + duplicates + invalid`, always.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Records below the header; blank lines are none.
    pub rows: u64,
    /// Distinct numbers, which is the rows of the list file.
    pub contacts: u64,
    /// Rows whose number stands in an earlier row.
    pub duplicates: u64,
    /// Rows in `rejects.csv`.
    pub invalid: u64,
    pub phone_column: PhoneColumn,
    /// All columns in the order of the file, the phone column among them; `column_1`… without a header.
    pub columns: Vec<String>,
    pub encoding: Encoding,
    /// None for a file of one column, and for a workbook.
    pub delimiter: Option<Delimiter>,
    pub header: bool,
    /// Contacts by territory code.
    pub by_territory: BTreeMap<String, u64>,
    /// Rejected rows by reason code.
    pub invalid_by_reason: BTreeMap<String, u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneColumn {
    /// From 0.
    pub index: usize,
    pub name: String,
}

/// Why a file gives no list at all. A row that is wrong never does this: it goes to the rejects.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportFailure {
    #[error("the file holds no row")]
    EmptyFile,
    #[error("no column holds phone numbers")]
    NoPhoneColumn { columns: Vec<String> },
    #[error("the file has no column {wanted}")]
    PhoneColumnNotFound { wanted: String, columns: Vec<String> },
    #[error("the file has {found} columns, the limit is {limit}")]
    TooManyColumns { found: usize, limit: usize },
    #[error("the file has {octets} octets, the limit is {limit}")]
    TooLarge { octets: u64, limit: u64 },
    #[error("the file is not text in a known encoding")]
    UnreadableEncoding,
    #[error("the file is {format}, not separated text")]
    UnsupportedFormat { format: &'static str },
    #[error("the workbook has no such sheet")]
    SheetNotFound { sheets: Vec<String> },
    #[error("a sheet is named and the file is no workbook")]
    NoWorkbook,
    #[error("the workbook cannot be read: {reason}")]
    UnreadableWorkbook { reason: String },
}

impl ImportFailure {
    /// Stable code for the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::EmptyFile => "empty_file",
            Self::NoPhoneColumn { .. } => "no_phone_column",
            Self::PhoneColumnNotFound { .. } => "phone_column_not_found",
            Self::TooManyColumns { .. } => "too_many_columns",
            Self::TooLarge { .. } => "too_large",
            Self::UnreadableEncoding => "unreadable_encoding",
            Self::UnsupportedFormat { .. } => "unsupported_format",
            Self::SheetNotFound { .. } => "sheet_not_found",
            Self::NoWorkbook => "no_workbook",
            Self::UnreadableWorkbook { .. } => "unreadable_workbook",
        }
    }

    /// What there is instead of what was asked for: columns, or sheets.
    pub fn names(&self) -> &[String] {
        match self {
            Self::NoPhoneColumn { columns } | Self::PhoneColumnNotFound { columns, .. } => columns,
            Self::SheetNotFound { sheets } => sheets,
            Self::EmptyFile
            | Self::TooManyColumns { .. }
            | Self::TooLarge { .. }
            | Self::UnreadableEncoding
            | Self::UnsupportedFormat { .. }
            | Self::NoWorkbook
            | Self::UnreadableWorkbook { .. } => &[],
        }
    }
}
