//! CSV files as people really have them.

use super::*;

const HEADER: &str = "phone,Prénom,Nom";
const MARIE: &str = "+33612345678,Marie,Dupont";
const ZOE: &str = "+33698765432,Zoé,L'Œuvre €";

fn french(delimiter: char) -> String {
    "Prénom;Mobile;Nom\nMarie;06 12 34 56 78;Dupont\nZoé;06.98.76.54.32;L'Œuvre €\n"
        .replace(';', &delimiter.to_string())
}

#[test]
fn every_delimiter_is_detected() {
    for (delimiter, name) in [(';', ";"), (',', ","), ('\t', "\t"), ('|', "|")] {
        let read = read(french(delimiter));
        assert_eq!(read.lines(), [HEADER, MARIE, ZOE], "{name:?}");
        assert_eq!(read.report.delimiter.map(Delimiter::code), Some(name));
        assert_eq!(read.report.phone_column, PhoneColumn { index: 1, name: "Mobile".into() });
        assert!(read.report.header);
    }
}

#[test]
fn every_encoding_is_detected() {
    let text = french(';');
    let wide = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let (windows, _, _) = encoding_rs::WINDOWS_1252.encode(&text);
    let (iso, _, _) = encoding_rs::ISO_8859_15.encode(&text);
    for (file, name) in [
        (text.clone().into_bytes(), "utf-8"),
        (format!("\u{FEFF}{text}").into_bytes(), "utf-8"),
        ([&[0xFF, 0xFE][..], &wide(u16::to_le_bytes)].concat(), "utf-16le"),
        ([&[0xFE, 0xFF][..], &wide(u16::to_be_bytes)].concat(), "utf-16be"),
        (wide(u16::to_le_bytes), "utf-16le"),
        (wide(u16::to_be_bytes), "utf-16be"),
        (windows.into_owned(), "windows-1252"),
        (iso.into_owned(), "iso-8859-15"),
    ] {
        let read = read(file);
        assert_eq!(read.lines(), [HEADER, MARIE, ZOE], "{name}");
        assert_eq!(read.report.encoding.code(), name);
    }
}

#[test]
fn french_letters_that_both_western_encodings_share_are_read_either_way() {
    let read = read(b"nom;mobile\nL\xE9a;0612345678\n");
    assert_eq!(read.lines(), ["phone,nom", "+33612345678,Léa"]);
    assert_eq!(read.report.encoding, Encoding::Windows1252);
}

#[test]
fn fractions_do_not_make_a_file_iso_8859_15() {
    assert_eq!(read(b"note;mobile\n3\xBD;0612345678\n").report.encoding, Encoding::Windows1252);
    assert_eq!(read(b"note;mobile\nc\xBDur;0612345678\n").report.encoding, Encoding::Iso8859_15);
}

#[test]
fn one_line_in_another_encoding_does_not_break_the_accents_of_the_rest() {
    let file = [french(';').as_bytes(), b"Ren\xE9;0611223344;Caf\xE9\n"].concat();
    let read = read(file);
    assert_eq!(read.lines(), [HEADER, "+33611223344,René,Café", MARIE, ZOE]);
    assert_eq!(read.report.encoding, Encoding::Utf8);
}

#[test]
fn a_file_without_header_gets_numbered_columns() {
    let read = read("Marie;0612345678;Lyon\nZoé;0698765432;Nice\n");
    assert_eq!(read.lines(), ["phone,column_1,column_3", "+33612345678,Marie,Lyon", "+33698765432,Zoé,Nice"]);
    assert!(!read.report.header);
    assert_eq!(read.report.phone_column, PhoneColumn { index: 1, name: "column_2".into() });
    assert_eq!(read.report.rows, 2);
}

#[test]
fn one_column_needs_no_delimiter() {
    for file in ["06 12 34 56 78\n06 98 76 54 32", "telephone\n06 12 34 56 78\n06 98 76 54 32\n"] {
        let read = read(file);
        assert_eq!(read.lines(), ["phone", "+33612345678", "+33698765432"]);
        assert_eq!(read.report.delimiter, None);
    }
}

#[test]
fn line_ends_of_all_systems_are_the_same() {
    let text = french(';');
    for file in [text.replace('\n', "\r\n"), text.replace('\n', "\r"), text.trim_end().to_owned()] {
        assert_eq!(read(file).lines(), [HEADER, MARIE, ZOE]);
    }
}

#[test]
fn the_sep_line_of_excel_is_no_row() {
    let read = read("sep=,\r\nnom,mobile\r\nMarie,06\r\n");
    assert_eq!(read.report.delimiter, Some(Delimiter::Comma));
    assert_eq!(read.rejects(), ["3;mobile;06;too_short"]);
}

#[test]
fn headers_are_trimmed_named_and_made_unique() {
    let read = read("  Nom ; N° de\u{a0}téléphone ;;Nom\nA;0612345678;b;c\n");
    assert_eq!(read.report.columns, ["Nom", "N° de téléphone", "column_3", "Nom_2"]);
    assert_eq!(read.lines(), ["phone,Nom,column_3,Nom_2", "+33612345678,A,b,c"]);
}

#[test]
fn quotes_may_hold_delimiters_quotes_and_line_breaks() {
    let file = "nom;mobile;note\n\"Dupont; Jean\";\"06 12 34 56 78\";\"dit \"\"Jo\"\"\nà Lyon\"\n\"B\";06;c\n";
    let read = read(file);
    assert_eq!(read.list, "phone,nom,note\n+33612345678,Dupont; Jean,\"dit \"\"Jo\"\"\nà Lyon\"\n");
    assert_eq!(read.rejects(), ["4;mobile;06;too_short"], "the broken quote took lines 2 and 3");
}

#[test]
fn quotes_inside_of_a_field_are_letters() {
    let read = read("nom;mobile;ecran\nJean \"Jo\" D;0612345678;24\"\n\"Le \"Grand\" Rex\";0698765432;\"a\" b\n");
    assert_eq!(
        read.list,
        "phone,nom,ecran\n+33612345678,\"Jean \"\"Jo\"\" D\",\"24\"\"\"\n+33698765432,\"Le \"\"Grand\"\" Rex\",a b\n"
    );
}

#[test]
fn spaces_before_a_quote_do_not_hide_it() {
    let read = read("nom, mobile, ville\n\"A, B\", \"0612345678\", \"Aix, en P\"\n");
    assert_eq!(read.lines(), ["phone,nom,ville", "+33612345678,\"A, B\",\"Aix, en P\""]);
}

#[test]
fn a_quote_that_never_closes_costs_its_own_line_only() {
    let read = read("nom;mobile\nA;0612345678\n\"B;0698765432\nC;0611223344\n\"D\";0655667788\nE;0644332211\n");
    assert_eq!(read.rejects(), ["3;;\"\"\"B;0698765432\";unterminated_quote"]);
    assert_eq!(read.report.contacts, 4);
    assert_eq!(read.report.rows, 5);
}

#[test]
fn a_quote_that_is_open_at_the_end_of_the_file_costs_one_line() {
    let rows: String = (0..2_000).map(|n| format!("n;06{n:08}\n")).collect();
    let read = read(format!("nom;mobile\n\"open;0711111111\n{rows}"));
    assert_eq!((read.report.contacts, read.report.invalid), (2_000, 1));
}

#[test]
fn a_header_that_cannot_be_read_is_rejected_and_hides_no_row() {
    let read = read("\"nom;mobile\nA;0612345678\nB;0698765432\n");
    assert_eq!(read.rejects(), ["1;;\"\"\"nom;mobile\";unterminated_quote"]);
    assert_eq!(read.lines(), ["phone,column_1", "+33612345678,A", "+33698765432,B"]);
}

#[test]
fn ragged_rows_lose_only_cells_beyond_the_last_column() {
    let read = read("mobile;nom;ville\n0612345678\n0698765432;B;Nice;extra;more\n0611223344;C\n;D;Lyon\n");
    assert_eq!(read.lines(), ["phone,nom,ville", "+33611223344,C,", "+33612345678,,", "+33698765432,B,Nice"]);
    assert_eq!(read.rejects(), ["5;mobile;;empty"]);
}

#[test]
fn a_row_without_the_phone_cell_is_empty() {
    assert_eq!(read("nom;ville;mobile\nA;Lyon;0612345678\nB\n").rejects(), ["3;mobile;;empty"]);
}

#[test]
fn blank_lines_are_no_rows_but_count_as_lines() {
    let read = read("\n\nnom;mobile\n\n  \nA;0612345678\n\r\nB;12\n\n");
    assert_eq!(read.report.rows, 2);
    assert_eq!(read.rejects(), ["8;mobile;12;too_short"]);
}

#[test]
fn numbers_are_read_in_every_format_and_repaired_never_guessed() {
    let numbers = [
        "06 12 34 56 78",
        "06.12.34.56.78",
        "+33 (0)6 12 34 56 78",
        "0033612345678",
        "33612345678",
        "612345678",
        "'+33612345678",
    ];
    let rows: String = numbers.iter().map(|number| format!("\"{number}\";x\n")).collect();
    let read = read(format!("mobile;nom\n{rows}3,36E+10;y\n01 23 45 67 89;z\n0692123456;r\n+32470123456;b\n"));
    assert_eq!(read.lines(), ["phone,nom", "+32470123456,b", "+33612345678,x", "+262692123456,r"]);
    assert_eq!(read.report.duplicates, 6);
    assert_eq!(read.rejects(), ["9;mobile;3,36E+10;scientific_notation", "10;mobile;01 23 45 67 89;landline"]);
    assert_eq!(read.report.by_territory_code(), [("FR", 1), ("RE", 1), ("other", 1)].into());
}

#[test]
fn the_first_row_of_a_number_is_kept() {
    let read = read("mobile;nom\n0612345678;first\n+33612345678;second\n0033612345678;third\n");
    assert_eq!(read.lines(), ["phone,nom", "+33612345678,first"]);
    assert_eq!(read.report.duplicates, 2);
}

#[test]
fn rejects_are_safe_in_excel() {
    let read = read("mobile;nom\n0612345678;a\n=cmd();b\n+33 1;c\n\"a;b\";d\n");
    assert_eq!(read.rejects(), ["3;mobile;'=cmd();letters", "4;mobile;'+33 1;too_short", "5;mobile;\"a;b\";letters"]);
}

#[test]
fn rows_with_nul_and_rows_beyond_the_limit_are_rejected_alone() {
    let long = "x".repeat(70_000);
    let read = read(format!("mobile;nom\n0612345678;a\n0698\0765432;b\n0611223344;{long}\n0655667788;c\n"));
    assert_eq!(read.lines(), ["phone,nom", "+33612345678,a", "+33655667788,c"]);
    assert_eq!(read.report.invalid_by_reason["nul_byte"], 1);
    assert_eq!(read.report.invalid_by_reason["row_too_long"], 1);
    assert!(read.rejects()[1].starts_with("4;;\"0611223344;"), "{}", &read.rejects()[1][..40]);
    assert!(read.rejects()[1].len() < 300, "a value is shown as far as it helps");
}

#[test]
fn files_without_contacts_fail_with_a_code() {
    assert_eq!(import_error("").code(), "empty_file");
    assert_eq!(import_error("\u{FEFF}\n\n \r\n").code(), "empty_file");
    assert_eq!(import_error("nom;mobile\n").code(), "empty_file");
    assert_eq!(import_error("nom;ville\nA;Lyon\nB;Nice\n").code(), "no_phone_column");
    assert_eq!(import_error(";".repeat(300)).code(), "too_many_columns");
    assert_eq!(import_error(b"\x00\x01\x02\xFE\x80\x00\x05").code(), "unreadable_encoding");
    assert_eq!(import_error(b"%PDF-1.7\n").code(), "unsupported_format");
    let small = Options { limits: Limits { file_bytes: 10, ..Limits::default() }, ..Options::default() };
    assert_eq!(read_with("0612345678\n", &small).map(|_| ()).unwrap_err().code(), "too_large");
}

#[test]
fn a_named_phone_column_is_taken_by_index_or_name() {
    let file = "Portable;Téléphone 2;nom\n0612345678;0698765432;A\n";
    assert_eq!(read(file).lines()[1], "+33612345678,0698765432,A");
    for options in [at(1), named("Téléphone 2"), named("telephone_2"), named(" TELEPHONE 2 ")] {
        assert_eq!(read_with(file, &options).unwrap().list, "phone,Portable,nom\n+33698765432,0612345678,A\n");
    }
    for options in [at(3), named("fax")] {
        let refused = read_with(file, &options).map(|_| ()).unwrap_err();
        assert!(matches!(refused, ImportError::PhoneColumnNotFound { columns, .. } if columns.len() == 3));
    }
    let headless = read_with("A;0612345678;0698765432\n", &named("column_3")).unwrap();
    assert_eq!(headless.lines()[1], "+33698765432,A,0612345678");
}

#[test]
fn the_phone_column_is_the_one_with_mobiles_not_landlines_or_other_numbers() {
    for (file, expected) in [
        ("Téléphone;Portable\n0123456789;0612345678\n0123456780;0698765432\n", 1),
        ("Numéro client;Mobile\n612345678;0612345678\n612345679;\n612345680;\n612345681;\n", 1),
        ("id;contact\n1;0612345678\n2;0698765432\n", 1),
        ("Tel fixe;Tel\n0611111111;0612345678\n0612121212;0698765432\n", 1),
        ("Numéro;Coordonnées\n612345678;0612345678\n1234567;0698765432\n1234568;0698765433\n", 1),
        ("id;Portable\n612345678;\n612345679;\n612345670;\n612345671;\n612345672;0612345678\n", 1),
        ("Fax;Mobiles du client\n0611111111;0612345678\n0612121212;0698765432\n", 1),
        ("MSISDN;x\n3,36E+10;1\n3,36E+10;2\n", 0),
        ("33612345678;20240101\n33698765432;20240102\n", 0),
    ] {
        assert_eq!(read(file).report.phone_column.index, expected, "{file}");
    }
}

#[test]
fn a_file_of_invalid_numbers_gives_a_reason_for_each() {
    let read = read("A;01 23 45 67 89\nB;01 23 45 67 80\n");
    assert_eq!(read.rejects(), ["1;column_2;01 23 45 67 89;landline", "2;column_2;01 23 45 67 80;landline"]);
}

#[test]
fn pasted_values_are_a_file_of_one_column() {
    let file = pasted(["0612345678", "nobody", "06;98", "\"x\"", "0698765432"]);
    let outcome = read_with(file, &Options { header: Some(false), ..Options::default() }).unwrap();
    assert_eq!(outcome.lines(), ["phone", "+33612345678", "+33698765432"]);
    assert_eq!(outcome.report.rows, 5);
    assert_eq!(outcome.rejects()[0], "2;column_1;nobody;letters");
    assert_eq!(outcome.rejects()[1], "3;column_1;\"06;98\";unexpected_character");
    let first_is_wrong = pasted(["nobody", "0612345678"]);
    assert_eq!(read(first_is_wrong).report.rows, 2, "a single column is called a phone column or has no header");
}

#[test]
fn numbers_late_in_a_long_file_are_found() {
    let long_name = "Dupont".repeat(10);
    let empty = format!("{long_name};Marie;;Lyon\n").repeat(10_000);
    let full: String = (0..10_000).map(|n| format!("{long_name};Marie;06{n:08};Lyon\n")).collect();
    let read = read(format!("{empty}{full}"));
    assert_eq!(read.report.phone_column.index, 2);
    assert_eq!(read.report.contacts, 10_000);
}
