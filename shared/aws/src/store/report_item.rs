//! The report of an import as stored in its list's document: JSON in a string.

use std::collections::BTreeMap;

use domain::import_report::{Delimiter, Encoding, ImportReport, PhoneColumn};
use domain::territory::Territory;
use serde::{Deserialize, Serialize};

use super::item::json;

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct ReportItem {
    rows: u64,
    contacts: u64,
    duplicates: u64,
    invalid: u64,
    excluded: u64,
    phone_column: PhoneColumnItem,
    columns: Vec<String>,
    encoding: String,
    delimiter: Option<String>,
    header: bool,
    by_territory: BTreeMap<String, u64>,
    invalid_by_reason: BTreeMap<String, u64>,
}

#[derive(Default, Serialize, Deserialize)]
struct PhoneColumnItem {
    index: usize,
    name: String,
}

pub(super) fn write(report: &ImportReport) -> String {
    let by_territory = report.by_territory_code().into_iter().map(|(code, count)| (code.to_owned(), count)).collect();
    json(&ReportItem {
        rows: report.rows,
        contacts: report.contacts,
        duplicates: report.duplicates,
        invalid: report.invalid,
        excluded: report.excluded,
        phone_column: PhoneColumnItem { index: report.phone_column.index, name: report.phone_column.name.clone() },
        columns: report.columns.clone(),
        encoding: report.encoding.code().to_owned(),
        delimiter: report.delimiter.map(|delimiter| delimiter.code().to_owned()),
        header: report.header,
        by_territory,
        invalid_by_reason: report.invalid_by_reason.clone(),
    })
}

/// `None` for a text that is not a report: a list without one can still be sent to.
pub(super) fn read(text: &str) -> Option<ImportReport> {
    let item: ReportItem = serde_json::from_str(text).ok()?;
    let territory = |(code, count): (String, u64)| Some((Territory::from_code(&code)?, count));
    Some(ImportReport {
        rows: item.rows,
        contacts: item.contacts,
        duplicates: item.duplicates,
        invalid: item.invalid,
        excluded: item.excluded,
        phone_column: PhoneColumn { index: item.phone_column.index, name: item.phone_column.name },
        columns: item.columns,
        encoding: Encoding::from_code(&item.encoding).unwrap_or_default(),
        delimiter: item.delimiter.as_deref().and_then(Delimiter::from_code),
        header: item.header,
        by_territory: item.by_territory.into_iter().filter_map(territory).collect(),
        invalid_by_reason: item.invalid_by_reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As every version wrote it so far.
    const STORED: &str = concat!(
        r#"{"rows":1250,"contacts":1240,"duplicates":6,"invalid":4,"excluded":12,"#,
        r#""phone_column":{"index":1,"name":"Téléphone"},"columns":["Prénom","Téléphone"],"#,
        r#""encoding":"windows-1252","delimiter":"\t","header":true,"#,
        r#""by_territory":{"FR":1200,"GP":10,"RE":30},"invalid_by_reason":{"landline":3,"too_short":1}}"#,
    );

    #[test]
    fn a_report_that_was_stored_reads_whole_and_is_written_as_it_was() {
        let report = ImportReport {
            rows: 1_250,
            contacts: 1_240,
            duplicates: 6,
            invalid: 4,
            excluded: 12,
            phone_column: PhoneColumn { index: 1, name: "Téléphone".into() },
            columns: vec!["Prénom".into(), "Téléphone".into()],
            encoding: Encoding::Windows1252,
            delimiter: Some(Delimiter::Tab),
            header: true,
            by_territory: [(Territory::Metropolitan, 1_200), (Territory::Guadeloupe, 10), (Territory::Reunion, 30)]
                .into(),
            invalid_by_reason: [("landline".into(), 3), ("too_short".into(), 1)].into(),
        };
        assert_eq!(read(STORED), Some(report.clone()));
        assert_eq!(write(&report), STORED);
    }

    #[test]
    fn a_report_without_all_its_fields_reads_and_another_text_is_none() {
        let report = read(r#"{"contacts":3,"delimiter":null,"by_territory":{"FR":2,"XX":1}}"#).unwrap();
        assert_eq!((report.contacts, report.delimiter, report.excluded), (3, None, 0));
        assert_eq!(report.by_territory, [(Territory::Metropolitan, 2)].into());
        assert_eq!(read("no JSON"), None);
        assert_eq!(read(r#"{"rows":-1}"#), None);
    }
}
