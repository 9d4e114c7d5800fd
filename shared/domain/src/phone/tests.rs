//! Numbers of each range, people's formats, and properties of any text.

use proptest::prelude::*;

use super::*;
use crate::country::Country;

fn read(raw: &str) -> String {
    read_in(Country::France, raw)
}

/// The number's E.164 spelling, or the code of the problem.
fn read_in(country: Country, raw: &str) -> String {
    match parse(raw, country) {
        Ok(number) => number.to_string(),
        Err(problem) => problem.code().to_owned(),
    }
}

#[test]
fn every_way_of_writing_a_french_mobile_is_the_same_number() {
    for raw in [
        "0612345678",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "06/12/34/56/78",
        "06,12,34,56,78",
        "06_12_34_56_78",
        "06\u{a0}12\u{a0}34\u{a0}56\u{a0}78",
        "06\u{202f}12\u{202f}34\u{202f}56\u{202f}78",
        "06·12·34·56·78",
        "06–12–34–56–78",
        "06‑12‑34‑56‑78",
        "\u{202d}06 12 34 56 78\u{202c}",
        "\u{feff}0612345678",
        "  0612345678\t\r\n",
        "(06) 12 34 56 78",
        "(0)612345678",
        "+33612345678",
        "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "+33 (0) 6.12.34.56.78",
        "+33(0)612345678",
        "+33 06 12 34 56 78",
        "(+33) 6 12 34 56 78",
        "+(33)612345678",
        "0033612345678",
        "00 33 6 12 34 56 78",
        "0033 (0)6 12 34 56 78",
        "0033 06 12 34 56 78",
        "+0033612345678",
        "33612345678",
        "33 6 12 34 56 78",
        "33 (0)6 12 34 56 78",
        "330612345678",
        "612345678",
        "6 12 34 56 78",
        "612345678.0",
        "612345678,00",
        "33612345678.0 ",
        "33,612,345,678",
        "'0612345678",
        "'0612345678'",
        "\"0612345678\"",
        "=\"0612345678\"",
        "=\"+33612345678\"",
        "=+33612345678",
        "’0612345678",
        "“0612345678”",
    ] {
        assert_eq!(read(raw), "+33612345678", "{raw:?}");
    }
}

#[test]
fn ranges_decide_country_code_and_territory() {
    use Territory::*;
    for (raw, e164, territory) in [
        ("0601020304", "+33601020304", Metropolitan),
        ("0638000000", "+33638000000", Metropolitan),
        ("0695000000", "+33695000000", Metropolitan),
        ("0698000000", "+33698000000", Metropolitan),
        ("0730000000", "+33730000000", Metropolitan),
        ("0799999999", "+33799999999", Metropolitan),
        ("0690123456", "+590690123456", Guadeloupe),
        ("0691221234", "+590691221234", Guadeloupe),
        ("0694123456", "+594694123456", Guyane),
        ("0696123456", "+596696123456", Martinique),
        ("0697123456", "+596697123456", Martinique),
        ("0692123456", "+262692123456", Reunion),
        ("0693123456", "+262693123456", Reunion),
        ("0639123456", "+262639123456", Mayotte),
        ("0709012345", "+590709012345", Guadeloupe),
        ("0709112345", "+596709112345", Martinique),
        ("0709212345", "+262709212345", Reunion),
        ("0709312345", "+594709312345", Guyane),
        ("0709351234", "+262709351234", Mayotte),
        ("+687751234", "+687751234", NewCaledonia),
        ("+687 81 23 45", "+687812345", NewCaledonia),
        ("+687 91.23.45", "+687912345", NewCaledonia),
        ("+68987123456", "+68987123456", Polynesia),
        ("+689 88 12 34 56", "+68988123456", Polynesia),
        ("00689 89 12 34 56", "+68989123456", Polynesia),
        ("+508551234", "+508551234", SaintPierre),
        ("+508708401234", "+508708401234", SaintPierre),
        ("+681821234", "+681821234", WallisFutuna),
        ("+32470123456", "+32470123456", Other),
    ] {
        assert_eq!(read(raw), e164, "{raw}");
        assert_eq!(e164.parse::<PhoneNumber>().unwrap().territory(), territory, "{raw}");
    }
}

#[test]
fn an_overseas_mobile_written_under_33_gets_its_own_country_code() {
    for (raw, e164) in [
        ("+33 692 12 34 56", "+262692123456"),
        ("+33 (0)692 12 34 56", "+262692123456"),
        ("0033 639 12 34 56", "+262639123456"),
        ("33690123456", "+590690123456"),
        ("+33694123456", "+594694123456"),
        ("+33 696 12 34 56", "+596696123456"),
        ("692123456", "+262692123456"),
        ("262692123456", "+262692123456"),
        ("+262 0692 12 34 56", "+262692123456"),
        ("+590 (0)690 12 34 56", "+590690123456"),
    ] {
        assert_eq!(read(raw), e164, "{raw}");
    }
}

#[test]
fn what_gets_no_sms_is_refused_with_its_reason() {
    for (raw, reason) in [
        ("", "empty"),
        (" \u{a0}- ", "empty"),
        ("''", "empty"),
        ("3,36E+10", "scientific_notation"),
        ("3.36E+10", "scientific_notation"),
        ("3,36123E10", "scientific_notation"),
        ("'3.36e+10'", "scientific_notation"),
        ("6E8", "scientific_notation"),
        ("0123456789", "landline"),
        ("01 23 45 67 89", "landline"),
        ("+33 2 23 45 67 89", "landline"),
        ("0323456789", "landline"),
        ("0423456789", "landline"),
        ("0523456789", "landline"),
        ("0590123456", "landline"),
        ("+590590123456", "landline"),
        ("+262262123456", "landline"),
        ("0923456789", "landline"),
        ("123456789", "landline"),
        ("0800123456", "special"),
        ("0892 68 12 34", "special"),
        ("0700123456", "not_mobile"),
        ("0712345678", "not_mobile"),
        ("0729999999", "not_mobile"),
        ("061234567", "too_short"),
        ("06123456789", "too_long"),
        ("6123456789", "too_long"),
        ("61234567", "too_short"),
        ("061234567.0", "too_short"),
        ("36105", "too_short"),
        ("0", "too_short"),
        ("+33", "too_short"),
        ("+3361234567", "too_short"),
        ("+336123456789", "too_long"),
        ("3361234567", "too_short"),
        ("32470123456", "too_long"),
        ("11111111111111111111111111111111111111", "too_long"),
        ("06 12 34 56 78 / 06 98 76 54 32", "too_long"),
        ("abc", "letters"),
        ("O612345678", "letters"),
        ("06 12 34 56 78 (Paul)", "letters"),
        ("tel:+33612345678", "letters"),
        ("Éric", "letters"),
        ("E+10", "letters"),
        ("06E", "letters"),
        ("06E+1x", "letters"),
        ("#N/A", "unexpected_character"),
        ("06*12345678", "unexpected_character"),
        ("06+12345678", "unexpected_character"),
        ("++33612345678", "unexpected_character"),
        ("0612345678;", "unexpected_character"),
        ("☎ 0612345678", "unexpected_character"),
        ("+999123456789", "unknown_country"),
        ("+210123456789", "unknown_country"),
        ("+80012345678", "unknown_country"),
        ("+0612345678", "unknown_country"),
        ("000612345678", "unknown_country"),
        ("+590 694 12 34 56", "not_mobile"),
        ("+590 612 34 56 78", "not_mobile"),
        ("+594692123456", "not_mobile"),
        ("+262690123456", "not_mobile"),
        ("+687212345", "not_mobile"),
        ("+6877512345", "too_long"),
        ("+68740123456", "too_long"),
        ("+68940123456", "not_mobile"),
        ("+6898712345", "too_short"),
        ("+508411234", "not_mobile"),
        ("+3222345678", "too_short"),
        ("+32 212 34 56 78", "not_mobile"),
        ("+1234567", "too_short"),
        ("+1234567890123456", "too_long"),
    ] {
        assert_eq!(read(raw), reason, "{raw:?}");
    }
}

#[test]
fn a_foreign_number_is_accepted_after_plus_or_two_zeros() {
    for (raw, e164) in [
        ("+44 7911 123456", "+447911123456"),
        ("+44 (0)7911 123456", "+447911123456"),
        ("0049 1512 3456789", "+4915123456789"),
        ("+1 (514) 555-0123", "+15145550123"),
        ("+225 07 01 23 45 67", "+2250701234567"),
        ("+212 6-12-34-56-78", "+212612345678"),
        ("+41 079 123 45 67", "+41791234567"),
        ("+352 621 123 456", "+352621123456"),
        ("+377 6 12 34 56 78", "+377612345678"),
    ] {
        assert_eq!(read(raw), e164, "{raw}");
    }
}

#[test]
fn national_numbers_are_read_in_the_lists_country() {
    use Country::*;
    for (country, raw, expected) in [
        (Reunion, "0692123456", "+262692123456"),
        (Reunion, "0612345678", "+33612345678"),
        (Mayotte, "639123456", "+262639123456"),
        (Guadeloupe, "0690 12 34 56", "+590690123456"),
        (NewCaledonia, "75.12.34", "+687751234"),
        (NewCaledonia, "687751234", "+687751234"),
        (NewCaledonia, "0751234", "too_long"),
        (NewCaledonia, "21.12.34", "not_mobile"),
        (Polynesia, "87 12 34 56", "+68987123456"),
        (Polynesia, "8712345", "too_short"),
        (SaintPierre, "55 12 34", "+508551234"),
        (WallisFutuna, "82 12 34", "+681821234"),
        (Belgium, "0470 12 34 56", "+32470123456"),
        (Belgium, "470123456", "+32470123456"),
        (Belgium, "32470123456", "+32470123456"),
        (Belgium, "32 (0)470 12 34 56", "+32470123456"),
        (Belgium, "02 123 45 67", "too_short"),
        (Belgium, "0612345678", "not_mobile"),
        (Belgium, "+33 6 12 34 56 78", "+33612345678"),
        (Switzerland, "079 123 45 67", "+41791234567"),
        (Switzerland, "044 123 45 67", "not_mobile"),
        (Luxembourg, "621 123 456", "+352621123456"),
        (Luxembourg, "0621 123 456", "too_long"),
        (Monaco, "06 12 34 56 78", "+377612345678"),
        (Monaco, "44 12 34 56", "+37744123456"),
    ] {
        assert_eq!(read_in(country, raw), expected, "{country:?} {raw}");
    }
}

#[test]
fn bytes_that_are_not_text_are_refused() {
    for raw in [&b"06\xa012345678"[..], b"\xff", b"06123\xe2\x80", b"\xf0\x9f\x98\x80"] {
        assert_eq!(parse_bytes(raw, Country::France), Err(PhoneProblem::UnexpectedCharacter), "{raw:?}");
    }
}

#[test]
fn a_strict_number_has_a_plus_and_digits_only() {
    assert_eq!("+33612345678".parse::<PhoneNumber>().unwrap().digits(), 33_612_345_678);
    for (text, problem) in [
        ("33612345678", PhoneProblem::UnknownCountry),
        ("0612345678", PhoneProblem::UnknownCountry),
        ("+", PhoneProblem::Empty),
        ("+33 612345678", PhoneProblem::UnexpectedCharacter),
        ("+33692123456", PhoneProblem::NotMobile),
        ("+330612345678", PhoneProblem::NotMobile),
        ("+033612345678", PhoneProblem::UnknownCountry),
        ("+33123456789", PhoneProblem::Landline),
        ("+1234567", PhoneProblem::TooShort),
        ("+3361234567812345678901234567890", PhoneProblem::TooLong),
    ] {
        assert_eq!(text.parse::<PhoneNumber>(), Err(problem), "{text}");
    }
}

#[test]
fn a_number_displays_completely_and_is_masked_in_debug() {
    let number: PhoneNumber = "+33612345678".parse().unwrap();
    assert_eq!(format!("{number}"), "+33612345678");
    assert_eq!(format!("{number:?}"), "+336******78");
    assert_eq!(format!("{:?}", "+687751234".parse::<PhoneNumber>().unwrap()), "+687****34");
    assert_eq!(size_of::<Option<PhoneNumber>>(), 8);
}

#[test]
fn numbers_sort_by_their_digits() {
    let [nine, eleven]: [PhoneNumber; 2] = ["+687751234".parse().unwrap(), "+33612345678".parse().unwrap()];
    assert!(nine < eleven);
}

#[test]
fn codes_of_problems_differ() {
    let codes: std::collections::BTreeSet<_> = PhoneProblem::ALL.iter().map(|problem| problem.code()).collect();
    assert_eq!(codes.len(), PhoneProblem::ALL.len());
}

fn country() -> impl Strategy<Value = Country> {
    prop::sample::select(&Country::ALL[..])
}

proptest! {
    #[test]
    fn no_text_makes_parsing_panic(raw in "\\PC*", country in country()) {
        let _ = parse(&raw, country);
        let _ = raw.parse::<PhoneNumber>();
    }

    #[test]
    fn no_bytes_make_parsing_panic(raw in prop::collection::vec(any::<u8>(), 0..40), country in country()) {
        let _ = parse_bytes(&raw, country);
    }

    #[test]
    fn a_parsed_number_reads_back_from_its_spelling(raw in "[+(]?[0-9(). -]{0,22}", country in country()) {
        if let Ok(number) = parse(&raw, country) {
            let spelled = number.to_string();
            prop_assert_eq!(spelled.parse::<PhoneNumber>(), Ok(number));
            prop_assert_eq!(PhoneNumber::from_digits(number.digits()), Some(number));
            // The full spelling means the same number in every list.
            prop_assert_eq!(parse(&spelled, country), Ok(number));
            prop_assert_eq!(parse(&spelled.replace('+', "00"), country), Ok(number));
        }
    }

    #[test]
    fn any_integer_is_a_number_in_its_own_spelling_or_none(digits in prop_oneof![
        any::<u64>(), 0..1_000_000_000_000_000u64, 33_600_000_000..33_800_000_000u64, 262_600_000_000..262_710_000_000u64,
    ]) {
        let spelled = format!("+{digits}").parse::<PhoneNumber>().ok();
        prop_assert_eq!(PhoneNumber::from_digits(digits), spelled);
        if let Some(number) = spelled {
            prop_assert_eq!(number.to_string(), format!("+{digits}"));
        }
    }

    #[test]
    fn separators_never_change_a_number(national in 600_000_000..800_000_000u64, separator in "[ ./-]|\u{a0}|\u{202f}") {
        let plain = format!("0{national}");
        let spaced: Vec<_> = plain.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap()).collect();
        prop_assert_eq!(parse(&spaced.join(&separator), Country::France), parse(&plain, Country::France));
    }
}
