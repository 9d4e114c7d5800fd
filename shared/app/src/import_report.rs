//! The report of an import as the API and webhooks show it.

use std::collections::BTreeMap;

use domain::import_report::ImportReport;
use serde::Serialize;

#[derive(Debug, Serialize)]
pub struct ReportView {
    rows: u64,
    contacts: u64,
    duplicates: u64,
    invalid: u64,
    excluded: u64,
    phone_column: PhoneColumnView,
    columns: Vec<String>,
    encoding: &'static str,
    delimiter: Option<&'static str>,
    header: bool,
    by_territory: BTreeMap<&'static str, u64>,
    invalid_by_reason: BTreeMap<String, u64>,
}

#[derive(Debug, Serialize)]
struct PhoneColumnView {
    index: usize,
    name: String,
}

impl From<&ImportReport> for ReportView {
    fn from(report: &ImportReport) -> Self {
        let ImportReport { rows, contacts, duplicates, invalid, excluded, phone_column, .. } = report;
        Self {
            rows: *rows,
            contacts: *contacts,
            duplicates: *duplicates,
            invalid: *invalid,
            excluded: *excluded,
            phone_column: PhoneColumnView { index: phone_column.index, name: phone_column.name.clone() },
            columns: report.columns.clone(),
            encoding: report.encoding.code(),
            delimiter: report.delimiter.map(|delimiter| delimiter.code()),
            header: report.header,
            by_territory: report.by_territory_code(),
            invalid_by_reason: report.invalid_by_reason.clone(),
        }
    }
}
