//! How a contact file is read.

use domain::country::Country;
use domain::list::Column;

/// Settings chosen by the user; everything else is detected.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The country of numbers without a country code.
    pub country: Country,
    /// Overrides the detected column. An index counts from 0; a name matches without case and accents.
    pub phone_column: Option<Column>,
    /// Name of the workbook's sheet, ignoring case; the first visible one by default.
    pub sheet: Option<String>,
    /// Whether the first row names the columns, if the caller knows (pasted values have no header).
    pub header: Option<bool>,
    pub limits: Limits,
}

#[derive(Clone, Debug)]
pub struct Limits {
    /// Limit of the file, and of its text in UTF-8, in bytes.
    pub file_bytes: u64,
    pub columns: usize,
    /// A longer row is rejected; the others are read.
    pub row_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 512 * 1024 * 1024, columns: 256, row_bytes: 64 * 1024 }
    }
}
