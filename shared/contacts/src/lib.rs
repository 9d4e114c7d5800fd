//! CSV and list files: bytes in, bytes out. No clock, no AWS, no async; knows `domain` and nothing else of ours.
//!
//! The way of a file: `encoding` makes it UTF-8 (`spreadsheet` if it is a workbook), `dialect` finds what
//! separates it, `columns` and `layout` find header and phone column, `records` and `cells` cut it, [`import()`]
//! turns it into a sorted, deduplicated list file (`output`, `list_file`), a sheet of `rejects` and
//! an [`ImportReport`](domain::import_report::ImportReport).
//!
//! The way of a campaign: [`Merge`] reads the list files as they stream in and gives each number once, the
//! [`Exclusions`] left out; `write_row` writes the audience.
//!
//! [`Sheet`] is the CSV that people open in Excel; `erase` takes a number out of all these files. Doors: `import`, `dispatch` and `api` come in through what this page
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
