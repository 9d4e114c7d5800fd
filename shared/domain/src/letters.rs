//! Latin letters without their accents: to match names that people type in two ways, and to keep messages in GSM-7.
//! Pure.

/// Accented letters and ligatures (Latin-1, Latin Extended-A, and of Extended-B and Additional what decomposes to a
/// plain letter in Unicode), each row with its plain spelling.
#[rustfmt::skip]
const LETTERS: [(&str, &str); 61] = [
    ("ÀÁÂÃÄÅĀĂĄǍǺȀȂḀẠẢẤẦẨẪẬẮẰẲẴẶ", "A"),
    ("àáâãäåāăąǎǻȁȃḁạảấầẩẫậắằẳẵặ", "a"),
    ("Æ", "AE"),
    ("æ", "ae"),
    ("ḂḄḆ", "B"),
    ("ḃḅḇ", "b"),
    ("ÇĆĈĊČḈ", "C"),
    ("çćĉċčḉ", "c"),
    ("ÐĎĐḊḌḎḐḒ", "D"),
    ("ðďđḋḍḏḑḓ", "d"),
    ("ÈÉÊËĒĔĖĘĚȄȆḔḖḘḚḜẸẺẼẾỀỂỄỆ", "E"),
    ("èéêëēĕėęěȅȇḕḗḙḛḝẹẻẽếềểễệ", "e"),
    ("ƑḞ", "F"),
    ("ƒḟ", "f"),
    ("ĜĞĠĢǦǴḠ", "G"),
    ("ĝğġģǧǵḡ", "g"),
    ("ĤĦḢḤḦḨḪ", "H"),
    ("ĥħḣḥḧḩḫẖ", "h"),
    ("ÌÍÎÏĨĪĬĮİǏȈȊḬḮỈỊ", "I"),
    ("ìíîïĩīĭįıǐȉȋḭḯỉị", "i"),
    ("Ĳ", "IJ"),
    ("ĳ", "ij"),
    ("Ĵ", "J"),
    ("ĵ", "j"),
    ("ĶḰḲḴ", "K"),
    ("ķĸḱḳḵ", "k"),
    ("ĹĻĽĿŁḶḸḺḼ", "L"),
    ("ĺļľŀłḷḹḻḽ", "l"),
    ("ḾṀṂ", "M"),
    ("ḿṁṃ", "m"),
    ("ŉ", "'n"),
    ("ÑŃŅŇŊǸṄṆṈṊ", "N"),
    ("ñńņňŋǹṅṇṉṋ", "n"),
    ("ÒÓÔÕÖØŌŎŐǑȌȎṌṎṐṒỌỎỐỒỔỖỘỚỜỞỠỢ", "O"),
    ("òóôõöøōŏőǒȍȏṍṏṑṓọỏốồổỗộớờởỡợ", "o"),
    ("Œ", "OE"),
    ("œ", "oe"),
    ("ṔṖ", "P"),
    ("ṕṗ", "p"),
    ("ŔŖŘȐȒṘṚṜṞ", "R"),
    ("ŕŗřȑȓṙṛṝṟ", "r"),
    ("ŚŜŞŠȘṠṢṤṦṨ", "S"),
    ("śŝşšſșṡṣṥṧṩ", "s"),
    ("ẞ", "SS"),
    ("ß", "ss"),
    ("ŢŤŦȚṪṬṮṰ", "T"),
    ("ţťŧțṫṭṯṱẗ", "t"),
    ("Þ", "TH"),
    ("þ", "th"),
    ("ÙÚÛÜŨŪŬŮŰŲǓǕǗǙǛȔȖṲṴṶṸṺỤỦỨỪỬỮỰ", "U"),
    ("ùúûüũūŭůűųǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự", "u"),
    ("ṼṾ", "V"),
    ("ṽṿ", "v"),
    ("ŴẀẂẄẆẈ", "W"),
    ("ŵẁẃẅẇẉẘ", "w"),
    ("ẊẌ", "X"),
    ("ẋẍ", "x"),
    ("ÝŶŸẎỲỴỶỸ", "Y"),
    ("ýÿŷẏẙỳỵỷỹ", "y"),
    ("ŹŻŽẐẒẔ", "Z"),
    ("źżžẑẓẕ", "z"),
];

/// The plain spelling of an accented letter or ligature, case kept: `É` is `E`, `œ` is `oe`. `None` for every other
/// character, including plain letters.
pub fn plain(letter: char) -> Option<&'static str> {
    if letter.is_ascii() {
        return None;
    }
    LETTERS.iter().find(|(accented, _)| accented.contains(letter)).map(|&(_, plain)| plain)
}

/// Whether a character is a combining accent, which follows its letter.
pub const fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

/// The text in lower case without accents, so that `Prénom` and `PRENOM` are equal.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        match plain(character) {
            Some(letters) => folded.extend(letters.chars().map(|letter| letter.to_ascii_lowercase())),
            None if is_accent(character) => {}
            None => folded.extend(character.to_lowercase().filter(|lower| !is_accent(*lower))),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_fold_away() {
        for (text, folded) in [
            ("Prénom", "prenom"),
            ("PRE\u{301}NOM", "prenom"),
            ("ŒUVRE ÆGIR Straße", "oeuvre aegir strasse"),
            ("Çà et là, ÿ", "ca et la, y"),
            ("Nguyễn Łukasz", "nguyen lukasz"),
            ("Ω 42 😀", "ω 42 😀"),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn every_letter_has_one_plain_spelling_in_ascii() {
        let mut seen = std::collections::BTreeSet::new();
        for (accented, plain) in LETTERS {
            assert!(plain.is_ascii());
            for letter in accented.chars() {
                assert!(!letter.is_ascii() && seen.insert(letter), "{letter}");
            }
        }
    }
}
