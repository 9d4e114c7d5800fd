//! List files: written, then read completely, by pages and in chunks.

use domain::phone::PhoneNumber;

use super::*;

fn phone(text: &str) -> PhoneNumber {
    text.parse().unwrap()
}

fn example() -> Vec<u8> {
    let mut file = Vec::new();
    ListHeader::new(vec!["Prénom".into(), "Date de naissance".into(), "a,\"b\"".into()]).write(&mut file);
    write_row(&mut file, phone("+33612345678"), ["Marie", "2000-01-01", ""]);
    write_row(&mut file, phone("+33698765432"), ["say \"hi\"", "a,b", "two\nlines\r\n\"three\""]);
    write_row(&mut file, phone("+262692123456"), ["Zoé", "", " spaces "]);
    file
}

fn contents(row: &Row<'_>) -> (String, Vec<String>) {
    (row.phone.to_string(), row.fields().map(|field| field.into_owned()).collect())
}

fn expected() -> Vec<(String, Vec<String>)> {
    let row = |phone: &str, fields: [&str; 3]| (phone.to_owned(), fields.map(str::to_owned).to_vec());
    vec![
        row("+33612345678", ["Marie", "2000-01-01", ""]),
        row("+33698765432", ["say \"hi\"", "a,b", "two\nlines\r\n\"three\""]),
        row("+262692123456", ["Zoé", "", " spaces "]),
    ]
}

#[test]
fn a_written_list_file_reads_back() {
    let file = example();
    let (header, start) = ListHeader::parse(&file).unwrap().unwrap();
    assert_eq!(header.columns(), ["Prénom", "Date de naissance", "a,\"b\""]);
    let rows: Vec<_> = Rows::new(&file[start..], start as u64).map(|row| contents(&row.unwrap())).collect();
    assert_eq!(rows, expected());
    assert_eq!(Rows::new(&file[start..], 0).next().unwrap().unwrap().field(1), "2000-01-01");
    assert_eq!(Rows::new(&file[start..], 0).next().unwrap().unwrap().field(9), "");
}

#[test]
fn a_variable_finds_its_column_whatever_its_case_and_accents() {
    let (header, _) = ListHeader::parse(&example()).unwrap().unwrap();
    assert_eq!(header.column("prenom"), Some(0));
    assert_eq!(header.column("PRÉNOM"), Some(0));
    assert_eq!(header.column("date_de_naissance"), Some(1));
    assert_eq!(header.column("nom"), None);
}

#[test]
fn pages_continue_where_the_last_one_ended() {
    let file = example();
    let (_, mut offset) = ListHeader::parse(&file).unwrap().unwrap();
    let mut read = Vec::new();
    while offset < file.len() {
        // Like the answer to a range request: a part that ends anywhere.
        let part = &file[offset..(offset + 80).min(file.len())];
        let mut rows = Rows::new(part, offset as u64);
        read.extend(rows.by_ref().take(1).map(|row| contents(&row.unwrap())));
        assert!(rows.offset() as usize > offset);
        offset = rows.offset() as usize;
    }
    assert_eq!(read, expected());
}

#[test]
fn chunks_of_any_size_give_the_same_rows() {
    let file = example();
    for size in 1..=file.len() {
        let mut feed = RowFeed::new();
        let mut read = Vec::new();
        for chunk in file.chunks(size) {
            feed.push(chunk);
            while let Some(row) = feed.next_row().unwrap() {
                read.push(contents(&row));
            }
        }
        feed.close();
        assert!(feed.next_row().unwrap().is_none());
        assert_eq!(read, expected(), "chunks of {size}");
        assert_eq!(feed.offset(), file.len() as u64);
        assert_eq!(feed.header().unwrap().unwrap().columns().len(), 3);
    }
}

#[test]
fn a_part_of_a_file_is_read_from_the_offset_of_a_row() {
    let file = example();
    let (_, start) = ListHeader::parse(&file).unwrap().unwrap();
    let mut feed = RowFeed::from_row(start as u64);
    feed.push(&file[start..]);
    assert_eq!(contents(&feed.next_row().unwrap().unwrap()), expected()[0]);
}

#[test]
fn a_file_that_is_cut_or_no_list_is_refused() {
    let file = example();
    let mut cut = RowFeed::new();
    cut.push(&file[..file.len() - 1]);
    cut.close();
    assert!(cut.next_row().is_ok() && cut.next_row().is_ok());
    assert!(matches!(cut.next_row(), Err(ListFileError::Unfinished { .. })));
    assert_eq!(ListHeader::parse(b"nom,phone\n"), Err(ListFileError::Header));
    assert_eq!(ListHeader::parse(b"phone,no"), Ok(None));
    let no_phone = Rows::new(b"0612345678,a\n", 7).next().unwrap();
    assert_eq!(no_phone.unwrap_err(), ListFileError::Phone { offset: 7 });
}

#[test]
fn a_row_never_shows_its_fields_in_logs() {
    let file = example();
    let (_, start) = ListHeader::parse(&file).unwrap().unwrap();
    let shown = format!("{:?}", Rows::new(&file[start..], 0).next().unwrap().unwrap());
    assert!(!shown.contains("Marie") && !shown.contains("612345678"), "{shown}");
}

#[test]
fn exclusions_are_kept_as_numbers_alone() {
    let file = "Nom;Téléphone\n\"say\n\"\"hi\"\"\";0612345678\nPaul;06 11 11 11 11\nPaul;0612345678\n";
    let imported = import(file.as_bytes().to_vec().into(), &Options::default()).unwrap();
    assert_eq!(imported.contacts.into_numbers(), b"phone\n+33611111111\n+33612345678\n");
}
