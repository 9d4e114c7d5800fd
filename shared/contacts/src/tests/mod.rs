//! Tests of the whole crate: contact files in, lists and rejects out.

use bytes::Bytes;
use domain::import_report::{Delimiter, Encoding, ImportReport, PhoneColumn};
use domain::list::Column;

use super::*;

mod lists;
mod merging;
mod properties;
mod second_opinion;
mod ugly_files;
mod workbooks;

/// The result of an import, with its outputs as text.
struct Outcome {
    report: ImportReport,
    list: String,
    rejects: String,
}

impl Outcome {
    /// Numbers and fields of the list, header first.
    fn lines(&self) -> Vec<&str> {
        self.list.lines().collect()
    }

    /// The reject rows without byte order mark and header.
    fn rejects(&self) -> Vec<&str> {
        self.rejects.lines().skip(1).collect()
    }
}

fn read_with(file: impl AsRef<[u8]>, options: &Options) -> Result<Outcome, ImportError> {
    let imported = import(Bytes::copy_from_slice(file.as_ref()), options)?;
    let report = imported.report;
    assert_eq!(report.rows, report.contacts + report.duplicates + report.invalid);
    assert_eq!(report.contacts, report.by_territory.values().sum::<u64>());
    assert_eq!(report.invalid, report.invalid_by_reason.values().sum::<u64>());
    let list = String::from_utf8(imported.contacts.into_bytes()).unwrap();
    let rejects = String::from_utf8(imported.rejects).unwrap();
    assert!(rejects.starts_with("\u{FEFF}line;column;value;reason\r\n"));
    Ok(Outcome { report, list, rejects })
}

fn read(file: impl AsRef<[u8]>) -> Outcome {
    read_with(file, &Options::default()).unwrap()
}

fn import_error(file: impl AsRef<[u8]>) -> ImportError {
    read_with(file, &Options::default()).map(|_| ()).unwrap_err()
}

fn named(name: &str) -> Options {
    Options { phone_column: Some(Column::Name(name.into())), ..Options::default() }
}

fn at(index: usize) -> Options {
    Options { phone_column: Some(Column::Index(index)), ..Options::default() }
}
