//! XLSX files, written by hand to cover unusual sheets.

use std::io::{Cursor, Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::*;

const CONTENT_TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
const ROOT: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const LINKS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/></Relationships>"#;
const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Listes" sheetId="1" state="hidden" r:id="r1"/><sheet name="Clients" sheetId="2" r:id="r2"/></sheets></workbook>"#;

/// A workbook whose first visible sheet has these `<row>` elements.
fn workbook(rows: &str) -> Vec<u8> {
    let sheet = |rows: &str| {
        format!(
            r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
        )
    };
    archive(&[
        ("[Content_Types].xml", CONTENT_TYPES),
        ("_rels/.rels", ROOT),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", LINKS),
        ("xl/worksheets/sheet1.xml", &sheet(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#)),
        ("xl/worksheets/sheet2.xml", &sheet(rows)),
    ])
}

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, contents) in files {
        archive
            .start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated))
            .unwrap();
        archive.write_all(contents.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn text(place: &str, text: &str) -> String {
    format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

fn row(number: u32, cells: &[String]) -> String {
    format!(r#"<row r="{number}">{}</row>"#, cells.concat())
}

fn header() -> String {
    row(1, &[text("A1", "Nom"), text("B1", "Portable"), text("C1", "Note")])
}

#[test]
fn the_first_visible_sheet_is_read_like_a_file() {
    let rows = [
        header(),
        row(2, &[text("A2", "Zoé &amp; &quot;Jo&quot;"), text("B2", "06 12 34 56 78"), text("C2", "a,b\nc")]),
        row(3, &[text("A3", "Paul"), r#"<c r="B3"><v>698765432</v></c><c r="C3"><v>1.5</v></c>"#.into()]),
        row(4, &[r#"<c r="B4"><v>3.3611223344E+10</v></c>"#.into()]),
    ];
    let read = read(workbook(&rows.concat()));
    assert_eq!(
        read.lines(),
        ["phone,Nom,Note", "+33611223344,,", "+33612345678,\"Zoé & \"\"Jo\"\"\",\"a,b c\"", "+33698765432,Paul,1.5"]
    );
    assert_eq!(read.report.encoding.code(), "xlsx");
    assert_eq!(read.report.delimiter, None);
    assert_eq!(read.report.phone_column, PhoneColumn { index: 1, name: "Portable".into() });
}

#[test]
fn rejects_name_the_row_that_excel_shows() {
    let rows =
        [header(), row(7, &[text("A7", "two\nlines"), text("B7", "01 23 45 67 89")]), row(9, &[text("B9", "12")])];
    let read = read(workbook(&rows.concat()));
    assert_eq!(read.rejects(), ["7;Portable;01 23 45 67 89;landline", "9;Portable;12;too_short"]);
}

#[test]
fn a_file_that_is_no_workbook_is_refused() {
    assert_eq!(import_error(archive(&[("a.csv", "0612345678")])).code(), "unsupported_format");
    assert_eq!(import_error(archive(&[("[Content_Types].xml", CONTENT_TYPES)])).code(), "unreadable_workbook");
    assert_eq!(import_error(b"PK\x03\x04and so on").code(), "unreadable_workbook");
    assert_eq!(import_error(workbook("")).code(), "empty_file");
    let whole = workbook(&header());
    assert_eq!(import_error(&whole[..whole.len() / 2]).code(), "unreadable_workbook");
    let far = row(1, &[text("XFD1", "x")]);
    assert_eq!(import_error(workbook(&far)).code(), "too_many_columns");
    let deep = row(4_000_000_000, &[text("A4000000000", "x")]);
    assert_eq!(import_error(workbook(&deep)).code(), "unreadable_workbook");
}

#[test]
fn a_workbook_that_unpacks_to_more_than_fits_is_refused() {
    let small = Options { limits: Limits { file_bytes: 4_000, ..Limits::default() }, ..Options::default() };
    let long = row(2, &[text("A2", &"x".repeat(50_000))]);
    let refused = read_with(workbook(&(header() + &long)), &small).map(|_| ()).unwrap_err();
    assert_eq!(refused.code(), "too_large");
}

#[test]
fn a_sheet_is_read_by_name_and_a_missing_one_lists_the_others() {
    let file = workbook(&[header(), row(2, &[text("A2", "Zoé"), text("B2", "0612345678")])].concat());
    let named = |sheet: &str| Options { sheet: Some(sheet.into()), ..Options::default() };
    let report = import(file.clone().into(), &named("CLIENTS")).unwrap().report;
    assert_eq!((report.contacts, report.phone_column.name.as_str()), (1, "Portable"));
    // Hidden, but read when it is named; it contains no number.
    assert_eq!(import(file.clone().into(), &named("Listes")).unwrap_err().code(), "no_phone_column");
    let missing = import(file.into(), &named("Prospects")).unwrap_err();
    assert_eq!((missing.code(), missing.names()), ("sheet_not_found", &["Clients".to_owned()][..]));
    assert_eq!(import("0612345678".into(), &named("Clients")).unwrap_err(), ImportError::NoWorkbook);
}
