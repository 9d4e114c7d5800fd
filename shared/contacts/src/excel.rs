//! CSV that Excel opens well: byte order mark, `;`, `\r\n`, and cells that cannot become formulas.

use std::borrow::Cow;

const BYTE_ORDER_MARK: &str = "\u{FEFF}";
pub(super) const DELIMITER: char = ';';

/// A sheet under construction. Rows may be taken out as they come, so that a large export streams.
pub struct Sheet {
    text: String,
}

impl Sheet {
    pub fn new<I>(header: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        let mut sheet = Self { text: String::from(BYTE_ORDER_MARK) };
        sheet.row(header);
        sheet
    }

    pub fn row<I>(&mut self, cells: I)
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                self.text.push(DELIMITER);
            }
            push_cell(&mut self.text, &guarded(cell.as_ref()));
        }
        self.text.push_str("\r\n");
    }

    /// Octets that [`Sheet::take`] would give.
    pub fn octets(&self) -> usize {
        self.text.len()
    }

    /// What has been written since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.text).into_bytes()
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}

/// Excel runs a cell that begins with one of these, even inside of quotes; an apostrophe makes it text.
/// Phone numbers in E.164 are guarded by the same rule, which also keeps them from becoming `3,36E+10`.
fn guarded(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

pub(super) fn push_cell(text: &mut String, cell: &str) {
    if !cell.contains([DELIMITER, '"', '\r', '\n']) {
        return text.push_str(cell);
    }
    text.push('"');
    for (index, part) in cell.split('"').enumerate() {
        if index > 0 {
            text.push_str("\"\"");
        }
        text.push_str(part);
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cells: &[&str]) -> String {
        let mut sheet = Sheet::new(["a", "b"]);
        sheet.take();
        sheet.row(cells);
        String::from_utf8(sheet.into_bytes()).unwrap()
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
