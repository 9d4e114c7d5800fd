//! How a contact file is read.

use domain::country::Country;
use domain::list::Column;

/// What the user has said about the file; the rest is found out.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Reads national numbers.
    pub country: Country,
    /// Instead of the detected one. An index counts from 0; a name matches without case and accents.
    pub phone_column: Option<Column>,
    /// Sheet of a workbook, by its name without case; the first visible one otherwise.
    pub sheet: Option<String>,
    /// Whether the first row names the columns, where the caller knows (pasted values have no header).
    pub header: Option<bool>,
    pub limits: Limits,
}

#[derive(Clone, Debug)]
pub struct Limits {
    /// Of the file, and again of its text in UTF-8.
    pub file_bytes: u64,
    pub columns: usize,
    /// A longer row is rejected, alone.
    pub row_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 512 * 1024 * 1024, columns: 256, row_bytes: 64 * 1024 }
    }
}
