//! Removes one number from the files of an account. No I/O: bytes in, bytes out.

use csv::ReaderBuilder;
use domain::phone::PhoneNumber;

use super::excel::{self, Sheet};
use super::feed::RowFeed;
use super::list_file::{ListFileError, ListHeader, Rows, write_row};

/// Filters a list file: removes the number's row, and empties every other field that contains the number.
#[derive(Debug)]
pub struct ListEraser {
    phone: PhoneNumber,
    feed: RowFeed,
    file: Vec<u8>,
    rows: u64,
    is_found: bool,
}

impl ListEraser {
    pub fn new(phone: PhoneNumber) -> Self {
        Self { phone, feed: RowFeed::new(), file: Vec::new(), rows: 0, is_found: false }
    }

    /// Takes the next chunk of the file; `None` at its end.
    pub fn push(&mut self, chunk: Option<&[u8]>) -> Result<(), ListFileError> {
        match chunk {
            Some(chunk) => self.feed.push(chunk),
            None => self.feed.close(),
        }
        if self.file.is_empty() {
            let Some(header) = self.feed.header()? else { return Ok(()) };
            header.write(&mut self.file);
        }
        while let Some(row) = self.feed.next_row()? {
            if row.phone == self.phone {
                self.is_found = true;
                continue;
            }
            self.rows += 1;
            let fields = row.fields().map(|field| match self.phone.is_in(&field) {
                true => (String::new().into(), true),
                false => (field, false),
            });
            let fields: Vec<_> = fields.collect();
            self.is_found |= fields.iter().any(|(_, is_emptied)| *is_emptied);
            write_row(&mut self.file, row.phone, fields.into_iter().map(|(field, _)| field));
        }
        Ok(())
    }

    /// The remaining number of rows, and the file without the number; `None` if it did not contain it.
    pub fn finish(self) -> (u64, Option<Vec<u8>>) {
        (self.rows, self.is_found.then_some(self.file))
    }
}

/// A [`Sheet`] in which every cell that contains the number is emptied; `None` if none does.
pub fn sheet_without(sheet: &[u8], phone: PhoneNumber) -> Option<Vec<u8>> {
    let mut reader = ReaderBuilder::new();
    reader.delimiter(excel::DELIMITER).has_headers(false).flexible(true);
    let (mut out, mut is_found) = (Sheet::blank(), false);
    // Reading from memory cannot fail, and a flexible reader accepts any row.
    for record in reader.from_reader(sheet).byte_records().map_while(Result::ok) {
        out.guarded_row(record.iter().map(|cell| match phone.is_in(&String::from_utf8_lossy(cell)) {
            true => {
                is_found = true;
                &[][..]
            }
            false => cell,
        }));
    }
    is_found.then(|| out.into_bytes())
}

/// An audience file in which the number's row is replaced by a placeholder of equal length, because batches store byte
/// offsets. `None` if it did not contain the number.
pub fn audience_without(audience: &[u8], phone: PhoneNumber) -> Result<Option<Vec<u8>>, ListFileError> {
    let (header, begin) = ListHeader::parse(audience)?.ok_or(ListFileError::Header)?;
    let mut rows = Rows::new(audience.get(begin..).unwrap_or_default(), begin as u64);
    let mut at = rows.offset();
    while let Some(row) = rows.next() {
        if row?.phone == phone {
            let (from, to) = (at as usize, rows.offset() as usize);
            let mut erased = Vec::with_capacity(to - from);
            write_row(&mut erased, phone.placeholder(), header.columns().iter().map(|_| ""));
            // Padding before the line end, for the bytes of the removed fields: blanks at the end of the last field.
            erased.pop();
            erased.resize((to - from).saturating_sub(1), b' ');
            erased.push(b'\n');
            let mut file = audience.to_vec();
            file.splice(from..to, erased);
            return Ok(Some(file));
        }
        at = rows.offset();
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERASED: u64 = 33_612_345_678;

    fn phone(digits: u64) -> PhoneNumber {
        PhoneNumber::from_digits(digits).unwrap()
    }

    fn list() -> Vec<u8> {
        let mut file = Vec::new();
        ListHeader::new(vec!["prénom".into(), "autre".into()]).write(&mut file);
        write_row(&mut file, phone(33_600_000_010), ["Zoé", "06 12 34 56 78"]);
        write_row(&mut file, phone(ERASED), ["Anna, \"la\"\nvraie", "x"]);
        write_row(&mut file, phone(33_698_765_432), ["Éric", "a,b"]);
        file
    }

    fn erased(file: &[u8], chunk: usize, digits: u64) -> (u64, Option<Vec<u8>>) {
        let mut eraser = ListEraser::new(phone(digits));
        file.chunks(chunk).for_each(|chunk| eraser.push(Some(chunk)).unwrap());
        eraser.push(None).unwrap();
        eraser.finish()
    }

    #[test]
    fn a_list_loses_the_row_and_every_field_that_holds_the_number() {
        for chunk in [1, 7, 1_000] {
            let (rows, file) = erased(&list(), chunk, ERASED);
            let file = String::from_utf8(file.unwrap()).unwrap();
            assert_eq!(rows, 2);
            assert_eq!(file, "phone,prénom,autre\n+33600000010,Zoé,\n+33698765432,Éric,\"a,b\"\n");
        }
        assert_eq!(erased(&list(), 9, 33_611_111_111), (3, None));
    }

    #[test]
    fn a_sheet_loses_every_cell_with_the_number() {
        let mut sheet = Sheet::new(["line", "column", "value", "reason"]);
        sheet.row(["3", "Tél", "06 12 34 56 78 ou 0698;\"x\"", "letters"]);
        sheet.row(["4", "Tél", "=1\r\n2", "letters"]);
        let sheet = sheet.into_bytes();
        let without = String::from_utf8(sheet_without(&sheet, phone(ERASED)).unwrap()).unwrap();
        assert_eq!(without, "\u{FEFF}line;column;value;reason\r\n3;Tél;;letters\r\n4;Tél;\"'=1\r\n2\";letters\r\n");
        assert_eq!(sheet_without(&sheet, phone(33_611_111_111)), None);
    }

    #[test]
    fn an_audience_keeps_its_length_and_the_offset_of_every_row() {
        for columns in [0, 2] {
            let mut file = Vec::new();
            ListHeader::new(vec!["a".into(), "b".into()].into_iter().take(columns).collect()).write(&mut file);
            for digits in [33_600_000_010, ERASED, 33_698_765_432] {
                write_row(&mut file, phone(digits), ["Été, \"x\"", "y"].into_iter().take(columns));
            }
            let without = audience_without(&file, phone(ERASED)).unwrap().unwrap();
            assert_eq!(without.len(), file.len());
            let rows =
                |file: &[u8]| Rows::of_file(file).unwrap().map(|row| row.unwrap().encoded_bytes()).collect::<Vec<_>>();
            assert_eq!(rows(&without), rows(&file));
            let row = Rows::of_file(&without).unwrap().nth(1).unwrap().unwrap();
            assert!(row.phone.is_placeholder() && row.fields().all(|field| field.trim().is_empty()));
            assert_eq!(audience_without(&without, phone(ERASED)), Ok(None));
        }
    }
}
