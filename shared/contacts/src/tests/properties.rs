//! Properties: equal contacts give equal lists, whatever the file's format; and no input breaks the readers.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
struct Contact {
    national: u64,
    name: String,
    note: String,
}

fn contact() -> impl Strategy<Value = Contact> {
    let text = r#"[a-zA-Zéèçàœ€ ;,|\t"'\n=+.0-9-]{0,12}"#;
    (600_000_000_u64..630_000_000, text, text).prop_map(|(national, name, note)| Contact { national, name, note })
}

fn spelled(national: u64, format: u8) -> String {
    let digits = format!("{national}");
    let pairs: Vec<&str> = (1..9).step_by(2).map(|from| &digits[from..from + 2]).collect();
    match format % 6 {
        0 => format!("0{digits}"),
        1 => format!("0{} {}", &digits[..1], pairs.join(" ")),
        2 => format!("0{}.{}", &digits[..1], pairs.join(".")),
        3 => format!("+33{digits}"),
        4 => format!("+33 (0){} {}", &digits[..1], pairs.join(" ")),
        _ => format!("0033{digits}"),
    }
}

/// A cell quoted only where needed, or always.
fn cell(text: &str, delimiter: char, always: bool) -> String {
    let leading_quote = text.trim_start_matches(' ').starts_with('"');
    if always || leading_quote || text.contains([delimiter, '\n', '\r', '"']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// The expected contacts: sorted, first of each number, with `\r
/// ` inside fields as written.
fn expected(contacts: &[Contact]) -> Vec<(String, Vec<String>)> {
    let mut rows = std::collections::BTreeMap::new();
    for one in contacts {
        let fields = vec![one.name.clone(), one.note.clone()];
        rows.entry(format!("+33{}", one.national)).or_insert(fields);
    }
    rows.into_iter().collect()
}

fn listed(list: &str) -> Vec<(String, Vec<String>)> {
    let (header, start) = ListHeader::parse(list.as_bytes()).unwrap().unwrap();
    assert_eq!(header.columns(), ["Nom", "Note"]);
    let rows = Rows::new(&list.as_bytes()[start..], 0).map(|row| row.unwrap());
    rows.map(|row| (row.phone.to_string(), row.fields().map(|field| field.into_owned()).collect())).collect()
}

fn encoded(text: &str, encoding: u8) -> Vec<u8> {
    match encoding % 6 {
        0 => text.as_bytes().to_vec(),
        1 => format!("\u{FEFF}{text}").into_bytes(),
        2 => [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect(),
        3 => [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect(),
        4 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        _ => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
    }
}

proptest! {
    #[test]
    fn separator_encoding_quoting_and_line_ends_change_nothing(
        contacts in prop::collection::vec((contact(), any::<u8>()), 1..40),
        delimiter in prop::sample::select(vec![';', ',', '\t', '|']),
        encoding in any::<u8>(),
        always in any::<bool>(),
        line_end in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let mut text = ["Nom", "Portable", "Note"].join(&delimiter.to_string()) + line_end;
        for (one, format) in &contacts {
            let phone = spelled(one.national, *format);
            let cells = [cell(&one.name, delimiter, always), cell(&phone, delimiter, always), cell(&one.note, delimiter, always)];
            text += &(cells.join(&delimiter.to_string()) + line_end);
        }
        let read = read(encoded(&text, encoding));
        let contacts: Vec<Contact> = contacts.into_iter().map(|(one, _)| one).collect();
        prop_assert_eq!(listed(&read.list), expected(&contacts));
        prop_assert_eq!(read.report.rows, contacts.len() as u64);
        prop_assert_eq!(read.report.invalid, 0);
    }

    #[test]
    fn the_order_of_the_rows_changes_nothing_where_numbers_are_distinct(
        numbers in prop::collection::btree_set(600_000_000_u64..630_000_000, 1..60),
        seed in any::<u64>(),
    ) {
        let row = |number: &u64| format!("0{number};n{number}\n");
        let sorted: String = numbers.iter().map(row).collect();
        let mut shuffled: Vec<&u64> = numbers.iter().collect();
        shuffled.sort_by_key(|number| number.wrapping_mul(seed | 1));
        let shuffled: String = shuffled.into_iter().map(row).collect();
        prop_assert_eq!(read(format!("mobile;nom\n{sorted}")).list, read(format!("mobile;nom\n{shuffled}")).list);
    }

    #[test]
    fn rejects_name_the_physical_line(
        rows in prop::collection::vec((0_u8..5, "[a-z]{1,5}"), 1..60),
    ) {
        let (mut text, mut line, mut wrong) = (String::from("nom;mobile\nx;0612345678\n"), 3, Vec::new());
        for (kind, name) in rows {
            match kind {
                0 => text += "\n",
                1 => text += &format!("{name};0698765432\n"),
                2 => {
                    wrong.push((line, "landline"));
                    text += &format!("{name};0123456789\n");
                }
                3 => {
                    wrong.push((line, "too_short"));
                    text += &format!("\"{name}\n\n{name}\";12\n");
                    line += 2;
                }
                _ => {
                    wrong.push((line, "unterminated_quote"));
                    text += &format!("\"{name};0655667788\n");
                }
            }
            line += 1;
        }
        let read = read(&text);
        let lines: Vec<(i32, String)> = read.rejects().iter().map(|row| {
            (row.split(';').next().unwrap().parse().unwrap(), row.rsplit(';').next().unwrap().to_owned())
        }).collect();
        let wrong: Vec<(i32, String)> = wrong.into_iter().map(|(line, reason)| (line, reason.to_owned())).collect();
        prop_assert_eq!(lines, wrong, "{}", text);
    }

    #[test]
    fn no_bytes_break_the_import(file in prop::collection::vec(any::<u8>(), 0..600), header in any::<Option<bool>>()) {
        let _ = read_with(file, &Options { header, ..Options::default() });
    }

    #[test]
    fn no_text_breaks_the_import_and_every_list_can_be_read(
        file in r#"(06|12345678|;|,|"|\n|\r|é| |\t|\||x|\+33){0,80}"#,
        options in prop::sample::select(vec![Options::default(), at(0), named("x")]),
    ) {
        if let Ok(read) = read_with(&file, &options) {
            let (header, start) = ListHeader::parse(read.list.as_bytes()).unwrap().unwrap();
            let rows: Vec<_> = Rows::new(&read.list.as_bytes()[start..], 0).map(|row| row.unwrap()).collect();
            prop_assert_eq!(rows.len() as u64, read.report.contacts);
            prop_assert!(rows.is_sorted_by(|a, b| a.phone < b.phone));
            prop_assert!(rows.iter().all(|row| row.fields().count() == header.columns().len()));
        }
    }

    #[test]
    fn no_bytes_break_the_list_readers(file in prop::collection::vec(any::<u8>(), 0..300), chunk in 1_usize..50) {
        let _ = ListHeader::parse(&file);
        let _ = Rows::new(&file, 0).map(|row| row.map(|row| row.fields().count())).collect::<Vec<_>>();
        let mut feed = RowFeed::from_row(0);
        for chunk in file.chunks(chunk) {
            feed.push(chunk);
            while let Ok(Some(_)) = feed.next_row() {}
        }
    }

    #[test]
    fn any_field_survives_a_list_file(fields in prop::collection::vec(any::<String>(), 0..5)) {
        let mut file = Vec::new();
        write_row(&mut file, "+33612345678".parse().unwrap(), &fields);
        let row = Rows::new(&file, 0).next().unwrap().unwrap();
        prop_assert_eq!(row.encoded_bytes(), file.len());
        prop_assert_eq!(row.fields().collect::<Vec<_>>(), fields);
    }
}
