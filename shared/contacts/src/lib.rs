//! CSV and list files: bytes in, bytes out. No clock, no AWS, no async; depends on `domain` only.
//!
//! Import: `encoding` converts a file to UTF-8 (`spreadsheet` for a workbook), `dialect` detects the delimiter,
//! `columns` and `layout` find header and phone column, `records` and `cells` split it, [`import()`] turns it into a
//! sorted, deduplicated list file (`output`, `list_file`), a sheet of `rejects` and an
//! [`ImportReport`](domain::import_report::ImportReport).
//!
//! Campaigns: [`Merge`] streams the list files and returns each number once, without the [`Exclusions`]; `write_row`
//! writes the audience.
//!
//! [`Sheet`] is the CSV for Excel; `erase` removes a number from all these files. Other crates use what this page
//! re-exports.

mod cells;
mod columns;
mod dialect;
mod encoding;
mod erase;
mod error;
mod excel;
mod exclusions;
mod feed;
mod import;
mod layout;
mod list_file;
mod merge;
mod options;
mod output;
mod radix;
mod records;
mod rejects;
mod spreadsheet;

pub use columns::fold;
pub use erase::{ListEraser, audience_without, sheet_without};
pub use error::ImportError;
pub use excel::Sheet;
pub use exclusions::{Decision, Exclusions};
pub use feed::RowFeed;
pub use import::{Imported, import, pasted};
pub use list_file::{ListFileError, ListHeader, Row, Rows, write_row};
pub use merge::{Counts, Input, Merge, MergeError, Step};
pub use options::{Limits, Options};
pub use output::{CHUNK_BYTES, Contacts};
pub use spreadsheet::{is_workbook, sheets};

#[cfg(test)]
mod tests;
