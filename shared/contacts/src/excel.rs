//! Writes CSV for Excel with the `csv` crate: byte order mark, `;`, `\r
//! `, and cells that cannot become formulas.

use std::borrow::Cow;

use csv::{Terminator, Writer, WriterBuilder};

const BYTE_ORDER_MARK: &str = "\u{FEFF}";
pub(super) const DELIMITER: u8 = b';';

/// A sheet being written, in memory.
pub struct Sheet {
    writer: Writer<Vec<u8>>,
}

impl Sheet {
    pub fn new<I>(header: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        let mut sheet = Self::blank();
        sheet.row(header);
        sheet
    }

    /// A sheet with its byte order mark and no row yet.
    pub(super) fn blank() -> Self {
        let mut builder = WriterBuilder::new();
        // Rows of a list may have fewer cells than its header.
        builder.delimiter(DELIMITER).terminator(Terminator::CRLF).flexible(true);
        Self { writer: builder.from_writer(BYTE_ORDER_MARK.as_bytes().to_vec()) }
    }

    pub fn row<I>(&mut self, cells: I)
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        for cell in cells {
            self.cell(guarded(cell.as_ref()).as_bytes());
        }
        self.end_row();
    }

    /// Writes cells that were read from a sheet and are already escaped.
    pub(super) fn guarded_row<'c>(&mut self, cells: impl IntoIterator<Item = &'c [u8]>) {
        cells.into_iter().for_each(|cell| self.cell(cell));
        self.end_row();
    }

    #[expect(clippy::expect_used, reason = "memory takes every cell")]
    fn cell(&mut self, cell: &[u8]) {
        self.writer.write_field(cell).expect("memory takes every cell");
    }

    #[expect(clippy::expect_used, reason = "memory takes every row, and rows may differ in length")]
    fn end_row(&mut self) {
        self.writer.write_record(None::<&[u8]>).expect("memory takes every row");
    }

    #[expect(clippy::expect_used, reason = "memory takes every byte")]
    pub fn into_bytes(self) -> Vec<u8> {
        self.writer.into_inner().expect("memory takes every byte")
    }
}

/// Excel runs a cell that begins with one of these characters, even in quotes; an apostrophe makes it text. This also
/// keeps phone numbers in E.164 from becoming `3,36E+10`.
fn guarded(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cells: &[&str]) -> String {
        let mut sheet = Sheet::new(["a", "b"]);
        sheet.row(cells);
        let text = String::from_utf8(sheet.into_bytes()).unwrap();
        text.strip_prefix("\u{FEFF}a;b\r\n").unwrap().to_owned()
    }

    #[test]
    fn a_sheet_begins_with_the_byte_order_mark_and_its_header() {
        assert_eq!(Sheet::new(["téléphone", "prénom"]).into_bytes(), "\u{FEFF}téléphone;prénom\r\n".as_bytes());
    }

    #[test]
    fn formulas_become_text() {
        assert_eq!(written(&["=1+1", "+33612345678"]), "'=1+1;'+33612345678\r\n");
        assert_eq!(written(&["-2", "@SUM(A1)"]), "'-2;'@SUM(A1)\r\n");
        assert_eq!(written(&["\t=1", "a=1"]), "'\t=1;a=1\r\n");
        assert_eq!(written(&["=\"a;b\"", ""]), "\"'=\"\"a;b\"\"\";\r\n");
    }

    #[test]
    fn delimiters_quotes_and_breaks_are_quoted() {
        assert_eq!(written(&["a;b", "say \"hi\"\nthere"]), "\"a;b\";\"say \"\"hi\"\"\nthere\"\r\n");
    }
}
