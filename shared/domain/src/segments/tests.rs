//! Known vectors, and a slow count that the fast one must equal.

use proptest::prelude::*;

use super::*;

fn check(text: &str, encoding: Encoding, units: u32, segments: u32) {
    let counted = count(text);
    assert_eq!((counted.encoding, counted.units, counted.segments), (encoding, units, segments), "{text}");
}

#[test]
fn gsm_segments_hold_160_septets_alone_and_153_in_a_row() {
    for (length, segments) in [(0, 0), (1, 1), (160, 1), (161, 2), (306, 2), (307, 3), (459, 3), (460, 4)] {
        check(&"a".repeat(length), Encoding::Gsm7, length as u32, segments);
    }
}

#[test]
fn ucs2_segments_hold_70_units_alone_and_67_in_a_row() {
    for (length, segments) in [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3)] {
        check(&"ê".repeat(length), Encoding::Ucs2, length as u32, segments);
    }
}

#[test]
fn the_extension_table_costs_two_septets() {
    check(&"€".repeat(80), Encoding::Gsm7, 160, 1);
    check(&"€".repeat(81), Encoding::Gsm7, 162, 2);
    for character in "^{}\\[]~|€\u{c}".chars() {
        check(&character.to_string(), Encoding::Gsm7, 2, 1);
    }
}

#[test]
fn an_escape_pair_never_straddles_two_segments() {
    check(&format!("{0}€{0}", "a".repeat(152)), Encoding::Gsm7, 306, 3);
    // One septet short of the edge the pair still fits.
    check(&format!("{}€{}", "a".repeat(151), "a".repeat(153)), Encoding::Gsm7, 306, 2);
}

#[test]
fn a_surrogate_pair_never_straddles_two_segments() {
    check(&format!("{0}😀{0}", "ê".repeat(66)), Encoding::Ucs2, 134, 3);
    check(&"😀".repeat(35), Encoding::Ucs2, 70, 1);
    check(&"😀".repeat(36), Encoding::Ucs2, 72, 2);
}

#[test]
fn the_stop_mention_costs_fourteen_septets() {
    check(&format!("{} STOP au 36105", "a".repeat(146)), Encoding::Gsm7, 160, 1);
    check(&format!("{} STOP au 36105", "a".repeat(147)), Encoding::Gsm7, 161, 2);
}

#[test]
fn one_letter_outside_the_table_switches_the_whole_text_to_ucs2() {
    check(&format!("{}ê", "a".repeat(159)), Encoding::Ucs2, 160, 3);
    check("garçon", Encoding::Ucs2, 6, 1);
    check("GARÇON", Encoding::Gsm7, 6, 1);
    check("a`b", Encoding::Ucs2, 3, 1);
    check("a\tb", Encoding::Ucs2, 3, 1);
}

#[test]
fn the_table_has_the_size_of_the_specification() {
    for character in "àäåæèéìñòöøùüßÄÅÆÇÉÑÖØÜ¡¿£¤¥§ΔΦΓΛΩΠΨΣΘΞ@$_\n\r !\"#%&'()*+,-./:;<=>?".chars()
    {
        check(&character.to_string(), Encoding::Gsm7, 1, 1);
    }
    for character in "âçêëîïôûœÿÀÂÈÊËÎÏÔÙÛŒ«»’“”…–—\u{a0}\u{202f}áíóú°".chars()
    {
        check(&character.to_string(), Encoding::Ucs2, 1, 1);
    }
    // 127 characters of the basic table without the escape, and the ten of the extension.
    let costs = |wanted| ('\0'..=char::MAX).filter(|character| alphabet::septets(*character) == wanted).count();
    assert_eq!((costs(1), costs(2)), (127, 10));
}

#[test]
fn units_left_are_those_of_the_last_segment() {
    for (text, left) in [
        (String::new(), 160),
        ("a".repeat(160), 0),
        ("a".repeat(161), 145),
        ("a".repeat(306), 0),
        (format!("{0}€{0}", "a".repeat(152)), 152),
        ("ê".repeat(69), 1),
        ("ê".repeat(71), 63),
    ] {
        assert_eq!(count(&text).units_left, left, "{text}");
    }
}

#[test]
fn characters_are_counted_as_the_screen_shows_them() {
    assert_eq!(characters("Prêt 😀"), 6);
}

#[test]
fn characters_that_force_unicode_have_a_position_and_a_replacement() {
    let found = unicode_because("Été à 5 € : l’été ☀ ça");
    let expected = [(13, '’', Some("'")), (18, '☀', None), (20, 'ç', Some("c"))];
    assert_eq!(found, expected.map(|(at, character, replacement)| Forcing { character, at, replacement }));
    assert!(unicode_because("Été, 5 €").is_empty());
}

#[test]
fn replacing_brings_french_typography_into_gsm() {
    for (text, plain) in [
        ("« L’été… »\u{202f}: “oui” – non — bon", "\" L'été... \" : \"oui\" - non - bon"),
        ("çêâîôûëïœÀÈÊÔÙÇÉ", "ceaioueioeAEEOUÇÉ"),
        ("10\u{a0}000\u{202f}€", "10 000 €"),
        ("n° 5²", "no 52"),
        ("pre\u{301}nom\u{feff}", "prenom"),
        ("soleil ☀ 😀", "soleil ☀ 😀"),
    ] {
        assert_eq!(replace_unicode(text), plain);
    }
}

#[test]
fn every_replacement_is_gsm() {
    for character in '\0'..='\u{ffff}' {
        if let Some(plain) = replacement(character) {
            assert_eq!(count(plain).encoding, Encoding::Gsm7, "{character}");
            assert_eq!(alphabet::septets(character), 0, "{character} needs none");
        }
    }
}

/// Splits a text into its segments, one character after the other.
fn cut(text: &str) -> Vec<String> {
    let encoding = if text.chars().all(|c| alphabet::septets(c) > 0) { Encoding::Gsm7 } else { Encoding::Ucs2 };
    let units = |part: &str| part.chars().map(|character| encoding.units(character)).sum::<u32>();
    if units(text) <= encoding.single_units() {
        return if text.is_empty() { vec![] } else { vec![text.to_owned()] };
    }
    let (mut parts, mut part) = (vec![], String::new());
    for character in text.chars() {
        if units(&part) + encoding.units(character) > encoding.part_units() {
            parts.push(std::mem::take(&mut part));
        }
        part.push(character);
    }
    parts.push(part);
    parts
}

fn body() -> impl Strategy<Value = String> {
    let letter = prop_oneof![20 => prop::char::range(' ', '~'), 3 => Just('€'), 2 => Just('é')];
    let any = prop_oneof![letter.clone(), prop::char::range('À', 'ÿ'), Just('😀'), any::<char>()];
    let gsm = prop::collection::vec(letter.prop_filter("in the table", |c| *c != '`'), 0..500);
    prop_oneof![gsm, prop::collection::vec(any, 0..160)].prop_map(|characters| characters.into_iter().collect())
}

proptest! {
    #[test]
    fn counting_equals_cutting(text in body()) {
        let (counted, parts) = (count(&text), cut(&text));
        prop_assert_eq!(counted.segments as usize, parts.len());
        let units = |part: &String| part.chars().map(|character| counted.encoding.units(character)).sum::<u32>();
        prop_assert_eq!(counted.units, parts.iter().map(units).sum::<u32>());
        let room = if parts.len() > 1 { counted.encoding.part_units() } else { counted.encoding.single_units() };
        prop_assert_eq!(counted.units_left, room - parts.last().map_or(0, units));
        prop_assert!(parts.iter().all(|part| units(part) <= room));
    }

    #[test]
    fn segments_are_never_fewer_than_the_rounded_quotient(text in body()) {
        let counted = count(&text);
        if counted.units > counted.encoding.single_units() {
            prop_assert!(counted.segments >= counted.units.div_ceil(counted.encoding.part_units()));
        }
    }

    #[test]
    fn replacing_leaves_only_characters_without_replacement(text in body()) {
        let replaced = replace_unicode(&text);
        prop_assert!(unicode_because(&replaced).iter().all(|forcing| forcing.replacement.is_none()));
        prop_assert_eq!(replace_unicode(&replaced), replaced.clone());
    }

    #[test]
    fn unicode_has_a_cause_exactly_when_the_encoding_is_ucs2(text in body()) {
        prop_assert_eq!(unicode_because(&text).is_empty(), count(&text).encoding == Encoding::Gsm7);
    }
}
