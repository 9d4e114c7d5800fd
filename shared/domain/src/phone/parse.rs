//! Reads numbers as people and spreadsheets write them. Pure, and without allocation: an import reads millions.

use super::plan::{self, Plan};
use super::{PhoneNumber, PhoneProblem};
use crate::country::Country;

/// The meaning of a byte inside a number.
const SEPARATOR: u8 = 10;
const PLUS: u8 = 11;
const OPEN: u8 = 12;
const CLOSE: u8 = 13;
const LETTER: u8 = 14;
const WIDE: u8 = 15;
const OTHER: u8 = 16;

/// By byte: 0–9 is that digit, values above are one of the classes.
const CLASSES: [u8; 256] = {
    let mut classes = [OTHER; 256];
    let mut byte = 0;
    while byte < classes.len() {
        classes[byte] = match byte as u8 {
            digit @ b'0'..=b'9' => digit - b'0',
            b' ' | b'\t' | b'\r' | b'\n' | b'.' | b',' | b'-' | b'/' | b'_' => SEPARATOR,
            b'+' => PLUS,
            b'(' => OPEN,
            b')' => CLOSE,
            b'A'..=b'Z' | b'a'..=b'z' => LETTER,
            0x80.. => WIDE,
            _ => OTHER,
        };
        byte += 1;
    }
    classes
};

/// Characters of two or three bytes that people and programs put between digits: no-break, thin and zero-width spaces,
/// direction marks, hyphens and dashes, the middle dot.
const WIDE_SEPARATORS: [std::ops::RangeInclusive<char>; 10] = [
    '\u{a0}'..='\u{a0}',
    '\u{ad}'..='\u{ad}',
    '\u{b7}'..='\u{b7}',
    '\u{2000}'..='\u{2015}',
    '\u{2022}'..='\u{2022}',
    '\u{2028}'..='\u{202f}',
    '\u{205f}'..='\u{2069}',
    '\u{2212}'..='\u{2212}',
    '\u{3000}'..='\u{3000}',
    '\u{feff}'..='\u{feff}',
];

/// What spreadsheets and exports put around a number: `'0612345678`, `="0612345678"`.
const WRAPPING: [&[u8]; 9] = [
    b"'",
    b"\"",
    b"=",
    b"`",
    b"\xe2\x80\x98", // ‘
    b"\xe2\x80\x99", // ’
    b"\xe2\x80\x9c", // “
    b"\xe2\x80\x9d", // ”
    b" ",
];

/// Reads a number in any common format; `country` is used for numbers without a country code.
///
/// `06 12 34 56 78`, `06.12.34.56.78`, `+33 (0)6…`, `0033…`, `33612345678`, a lost leading zero, the quotes and `.0` of
/// spreadsheets are repaired, as only one number can be meant. Text that could be two numbers is rejected.
pub fn parse(raw: &str, country: Country) -> Result<PhoneNumber, PhoneProblem> {
    parse_bytes(raw.as_bytes(), country)
}

/// [`parse`] for bytes that should be UTF-8; other bytes are rejected without a panic.
pub fn parse_bytes(raw: &[u8], country: Country) -> Result<PhoneNumber, PhoneProblem> {
    let mut seen = Seen::default();
    for &byte in raw {
        match CLASSES[byte as usize] {
            digit @ 0..=9 => seen.digit(digit),
            SEPARATOR => {}
            PLUS if seen.is_blank() => seen.plus = true,
            _ => return parse_unusual(raw, country),
        }
    }
    seen.resolve(raw, country)
}

/// [`parse`] for texts with brackets, quotes, wide characters or errors.
#[cold]
fn parse_unusual(raw: &[u8], country: Country) -> Result<PhoneNumber, PhoneProblem> {
    let text = unwrap(raw);
    let mut seen = Seen::default();
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match CLASSES[byte as usize] {
            digit @ 0..=9 => seen.digit(digit),
            SEPARATOR | CLOSE => {}
            PLUS if seen.is_blank() => seen.plus = true,
            // "+33 (0)6": the bracket means that the zero is not dialled after the country code.
            OPEN if seen.count > 0 && text[at..].starts_with(b"(0)") => at += 2,
            OPEN => {}
            LETTER => return Err(letter(text, at)),
            WIDE => match wide(&text[at..]) {
                Some(character) if WIDE_SEPARATORS.iter().any(|range| range.contains(&character)) => {
                    at += character.len_utf8() - 1;
                }
                Some(character) if character.is_alphabetic() => return Err(PhoneProblem::Letters),
                Some(_) | None => return Err(PhoneProblem::UnexpectedCharacter),
            },
            _ => return Err(PhoneProblem::UnexpectedCharacter),
        }
        at += 1;
    }
    seen.resolve(text, country)
}

/// The result of scanning a text.
#[derive(Default)]
struct Seen {
    /// The digits as an integer; meaningless above [`plan::MAX_CALCULATED`] digits, where it wraps.
    value: u64,
    /// Number of digits, including leading zeros.
    count: usize,
    plus: bool,
}

impl Seen {
    fn digit(&mut self, digit: u8) {
        self.value = self.value.wrapping_mul(10).wrapping_add(u64::from(digit));
        self.count += 1;
    }

    fn is_blank(&self) -> bool {
        self.count == 0 && !self.plus
    }

    /// Decides which number the digits of `text` mean.
    fn resolve(mut self, text: &[u8], country: Country) -> Result<PhoneNumber, PhoneProblem> {
        match self.count {
            0 => return Err(PhoneProblem::Empty),
            1..=plan::MAX_CALCULATED => {}
            _ => return Err(PhoneProblem::TooLong),
        }
        for _ in 0..decimals(text) {
            self.value /= 10;
            self.count -= 1;
        }
        if self.value == 0 {
            return Err(PhoneProblem::TooShort);
        }
        let length = plan::digit_count(self.value);
        let zeros = self.count - length as usize;
        let digits = match (self.plus, zeros) {
            // "+0033…" mixes both prefixes; it can still mean only one number.
            (true, 0 | 2) | (false, 2) => plan::canonical(self.value)?,
            (false, 1) => with_trunk_zero(self.value, length, country)?,
            (false, 0) => bare(self.value, length, country)?,
            (true | false, _) => return Err(PhoneProblem::UnknownCountry),
        };
        PhoneNumber::of_plan(digits)
    }
}

/// A national number after one zero.
fn with_trunk_zero(national: u64, length: u32, country: Country) -> Result<u64, PhoneProblem> {
    match plan::plan(country.calling_code()) {
        Plan::French => Ok(plan::join(plan::french(national, length)?, national, length)),
        Plan::Ranges { mobiles, trunk_zero } => {
            plan::ranged(national, length + u32::from(!trunk_zero), mobiles)?;
            Ok(plan::join(country.calling_code(), national, length))
        }
        Plan::Open => Err(PhoneProblem::UnknownCountry),
    }
}

/// Digits without a prefix: a national number, perhaps without its zero, or an international one without its `+`. Other
/// countries' codes are not accepted: `32470123456` in a French list might be anything.
fn bare(digits: u64, length: u32, country: Country) -> Result<u64, PhoneProblem> {
    let own = country.calling_code();
    let code = plan::country_code(digits).map(|(code, _)| code);
    match plan::plan(own) {
        Plan::French => match plan::french(digits, length) {
            Ok(code) => Ok(plan::join(code, digits, length)),
            Err(PhoneProblem::TooLong) if code.is_some_and(|code| matches!(plan::plan(code), Plan::French)) => {
                plan::canonical(digits)
            }
            Err(problem) => Err(problem),
        },
        Plan::Ranges { mobiles, .. } => match plan::ranged(digits, length, mobiles) {
            Ok(()) => Ok(plan::join(own, digits, length)),
            Err(_) if code == Some(own) => plan::canonical(digits),
            Err(problem) => Err(problem),
        },
        Plan::Open => Err(PhoneProblem::UnknownCountry),
    }
}

/// How many zeros a spreadsheet added after a decimal point: `612345678.0`, `612345678,00`. Only if there are just
/// digits before the point, so that `06.12.34.56.00` keeps its last pair.
fn decimals(text: &[u8]) -> usize {
    let (whole, zeros) = match text.trim_ascii_end() {
        [whole @ .., b'.' | b',', b'0'] => (whole, 1),
        [whole @ .., b'.' | b',', b'0', b'0'] => (whole, 2),
        _ => return 0,
    };
    let digits = whole.strip_prefix(b"+").unwrap_or(whole);
    if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) { zeros } else { 0 }
}

/// Tells `E` between digits (scientific notation of a spreadsheet) from any other letter.
fn letter(text: &[u8], at: usize) -> PhoneProblem {
    let (mantissa, rest) = text.split_at(at);
    let exponent = match rest {
        [b'e' | b'E', b'+' | b'-', exponent @ ..] | [b'e' | b'E', exponent @ ..] => exponent,
        _ => return PhoneProblem::Letters,
    };
    let is_power = !exponent.is_empty() && exponent.iter().all(u8::is_ascii_digit);
    let has_digits = mantissa.iter().any(u8::is_ascii_digit);
    if is_power && has_digits { PhoneProblem::ScientificNotation } else { PhoneProblem::Letters }
}

/// The character that begins here, if the bytes are valid UTF-8.
fn wide(text: &[u8]) -> Option<char> {
    let length = match text.first()? {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    str::from_utf8(text.get(..length)?).ok()?.chars().next()
}

/// Removes quotes, spaces and an Excel text marker from both ends.
fn unwrap(mut text: &[u8]) -> &[u8] {
    while let Some(rest) = WRAPPING.iter().find_map(|mark| text.strip_prefix(*mark)) {
        text = rest;
    }
    while let Some(rest) = WRAPPING.iter().find_map(|mark| text.strip_suffix(*mark)) {
        text = rest;
    }
    text
}
