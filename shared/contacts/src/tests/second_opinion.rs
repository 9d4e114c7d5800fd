//! Compares with the `csv` crate: we read what it writes, it reads what we write, and the differences are intended.

use domain::phone::PhoneNumber;
use proptest::prelude::*;

use super::*;
use crate::cells::Dialect;
use crate::cells::unquote;
use crate::records::Text;

type Cells = Vec<String>;

fn ours(text: &str, delimiter: u8, terminator: u8) -> Vec<Cells> {
    let records = Text::new(text.as_bytes(), usize::MAX).records(Dialect { delimiter, terminator }, 0, 1);
    let cell = |cell: &[u8]| String::from_utf8(unquote(cell).into_owned()).unwrap();
    records.map(|record| record.cells(delimiter).map(cell).collect()).collect()
}

fn theirs(text: &str, delimiter: u8) -> Vec<Cells> {
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn delimiter() -> impl Strategy<Value = u8> {
    prop::sample::select(vec![b';', b',', b'\t', b'|'])
}

proptest! {
    #[test]
    fn output_of_the_crate_reads_the_same(
        rows in prop::collection::vec(prop::collection::vec("[a-cé€ ;,|\t\"'\r\n=0-9]{0,8}", 2..5), 0..12),
        delimiter in delimiter(),
        terminator in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        style in prop::sample::select(vec![csv::QuoteStyle::Necessary, csv::QuoteStyle::Always]),
    ) {
        let mut writer = csv::WriterBuilder::new();
        writer.delimiter(delimiter).quote_style(style).flexible(true).terminator(match terminator {
            "\n" => csv::Terminator::Any(b'\n'),
            "\r" => csv::Terminator::Any(b'\r'),
            _ => csv::Terminator::CRLF,
        });
        let mut writer = writer.from_writer(Vec::new());
        rows.iter().for_each(|row| writer.write_record(row).unwrap());
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let end = if terminator == "\r" { b'\r' } else { b'\n' };
        prop_assert_eq!(ours(&text, delimiter, end), rows);
        prop_assert_eq!(theirs(&text, delimiter), ours(&text, delimiter, end));
    }

    #[test]
    fn a_quote_inside_a_bare_cell_reads_the_same(
        rows in prop::collection::vec(prop::collection::vec("([a-cé='][a-cé \"=']{0,6})?", 1..5), 0..12),
        delimiter in delimiter(),
        terminator in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let separator = char::from(delimiter).to_string();
        let text: String = rows.iter().map(|row| row.join(&separator) + terminator).collect();
        prop_assert_eq!(ours(&text, delimiter, b'\n'), theirs(&text, delimiter));
    }

    #[test]
    fn the_crate_reads_our_list_files(
        rows in prop::collection::vec(prop::collection::vec("[a-cé€ ;,|\t\"'\r\n=0-9]{0,8}", 0..4), 0..12),
    ) {
        let (mut file, mut expected) = (Vec::new(), Vec::new());
        for (index, fields) in rows.iter().enumerate() {
            let phone: PhoneNumber = format!("+336123456{index:02}").parse().unwrap();
            write_row(&mut file, phone, fields);
            expected.push([vec![phone.to_string()], fields.clone()].concat());
        }
        prop_assert_eq!(theirs(&String::from_utf8(file).unwrap(), b','), expected);
    }

    #[test]
    fn we_read_our_sheets(
        rows in prop::collection::vec(prop::collection::vec("[a-cé€ ;,|\"'\r\n0-9]{0,8}", 2..5), 0..12),
    ) {
        let mut sheet = Sheet::new(["a", "b"]);
        rows.iter().for_each(|row| sheet.row(row));
        let text = String::from_utf8(sheet.into_bytes()).unwrap();
        let guard = |cell: &String| if cell.starts_with('\r') { format!("'{cell}") } else { cell.clone() };
        let guarded: Vec<Cells> = rows.iter().map(|row| row.iter().map(guard).collect()).collect();
        let text = text.strip_prefix('\u{FEFF}').unwrap();
        prop_assert_eq!(&ours(text, b';', b'\n')[1..], guarded);
    }
}

#[track_caller]
fn check_differs(text: &str, we: &[&[&str]], they: &[&[&str]]) {
    assert_eq!(ours(text, b';', b'\n'), we, "ours: {text:?}");
    assert_eq!(theirs(text, b';'), they, "theirs: {text:?}");
}

#[test]
fn a_quote_that_never_closes_costs_one_line() {
    check_differs("\"a;b\nc;d\n", &[&["\"a", "b"], &["c", "d"]], &[&["a;b\nc;d\n"]]);
    check_differs(
        "a;b\n\"c\n\"d;e\nf;g\n",
        &[&["a", "b"], &["\"c"], &["\"d", "e"], &["f", "g"]],
        &[&["a", "b"], &["c\nd", "e"], &["f", "g"]],
    );
}

#[test]
fn quotes_inside_of_a_quoted_cell_stay_without_being_doubled() {
    check_differs("\"Jean \"Jo\" D\";b\n", &[&["Jean \"Jo\" D", "b"]], &[&["Jean Jo\" D\"", "b"]]);
}

#[test]
fn text_after_a_closing_quote_belongs_to_the_cell() {
    let text = "\"Le Mans\" sud;b\n";
    assert_eq!(ours(text, b';', b'\n'), [["Le Mans sud", "b"]]);
    assert_eq!(theirs(text, b';'), ours(text, b';', b'\n'));
}

#[test]
fn spaces_may_surround_a_quoted_cell() {
    check_differs("a; \"b;c\" ;d\n", &[&["a", "b;c", "d"]], &[&["a", " \"b", "c\" ", "d"]]);
}

#[test]
fn a_line_of_spaces_is_blank() {
    check_differs("a;b\n  \nc;d\n", &[&["a", "b"], &["c", "d"]], &[&["a", "b"], &["  "], &["c", "d"]]);
}

#[test]
fn a_carriage_return_alone_ends_no_record_of_a_file_with_line_feeds() {
    check_differs("a;b\rc\nd;e\n", &[&["a", "b\rc"], &["d", "e"]], &[&["a", "b"], &["c"], &["d", "e"]]);
}
