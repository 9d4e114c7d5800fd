//! Why an imported file does not give a list.

/// Why a file gives no list at all. A single bad row never causes this: it goes to the rejects.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    #[error("the file holds no row")]
    EmptyFile,
    #[error("no column holds phone numbers")]
    NoPhoneColumn { columns: Vec<String> },
    #[error("the file has no column {wanted}")]
    PhoneColumnNotFound { wanted: String, columns: Vec<String> },
    #[error("the file has {found} columns, the limit is {limit}")]
    TooManyColumns { found: usize, limit: usize },
    #[error("the file has {size} bytes, the limit is {limit}")]
    TooLarge { size: u64, limit: u64 },
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

impl ImportError {
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

    /// The columns or sheets that exist, instead of the requested one.
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
