//! The report of an import as the API shows it.

use std::collections::BTreeMap;

use app::audience;
use aws::files::FileKey;
use aws::store::AccountStore;
use contacts::Report;
use domain::list::{List, Purpose};
use serde::Serialize;

use crate::{App, Error};

#[derive(Serialize)]
struct ReportView<'a> {
    rows: u64,
    contacts: u64,
    duplicates: u64,
    invalid: u64,
    excluded: u64,
    phone_column: ColumnView<'a>,
    columns: &'a [String],
    encoding: &'a str,
    delimiter: Option<&'a str>,
    header: bool,
    by_territory: &'a BTreeMap<String, u64>,
    invalid_by_reason: &'a BTreeMap<String, u64>,
}

#[derive(Serialize)]
struct ColumnView<'a> {
    index: usize,
    name: &'a str,
}

pub fn json(report: &Report, excluded: u64) -> String {
    let view = ReportView {
        rows: report.rows,
        contacts: report.contacts,
        duplicates: report.duplicates,
        invalid: report.invalid,
        excluded,
        phone_column: ColumnView { index: report.phone_column.index, name: &report.phone_column.name },
        columns: &report.columns,
        encoding: report.encoding.name(),
        delimiter: report.delimiter.map(|delimiter| delimiter.as_str()),
        header: report.header,
        by_territory: &report.by_territory,
        invalid_by_reason: &report.invalid_by_reason,
    };
    serde_json::to_string(&view).unwrap_or_default()
}

/// How many of the contacts just written are excluded now. An import of exclusions excludes them all.
pub async fn excluded(app: &App, store: &AccountStore, list: &List, contacts: FileKey) -> Result<u64, Error> {
    match list.purpose {
        Purpose::Exclusions => Ok(0),
        Purpose::Contacts => Ok(audience::excluded_of(store, &app.files, contacts).await?),
    }
}
