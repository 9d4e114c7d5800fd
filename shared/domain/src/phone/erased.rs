//! The placeholder for an erased number, and how an erased number is recognised in free text.

use std::num::NonZeroU64;

use super::{MAX_DIGITS, MIN_DIGITS, PhoneNumber};

/// A country code that is not assigned and never will be (ITU-T E.164, annex to 1114: 999 is reserved).
const NOBODY: u64 = 999;
/// Digits compared when searching a text: without country code and leading zero, which people write in different ways.
const KNOWN_DIGITS: u32 = 9;

impl PhoneNumber {
    /// The placeholder with as many digits as this number, so that a file keeps its length.
    pub fn placeholder(self) -> Self {
        let digits = self.digits().checked_ilog10().unwrap_or(0);
        let number = NOBODY * 10u64.pow(digits.saturating_sub(2));
        NonZeroU64::new(number).map_or(self, Self)
    }

    /// Whether it is a placeholder for an erased number.
    pub fn is_placeholder(self) -> bool {
        is_placeholder(self.digits())
    }

    /// Whether a text contains this number in any spelling, also within other digits: better to erase too much than too
    /// little.
    pub fn is_in(self, text: &str) -> bool {
        let count = (self.digits().checked_ilog10().unwrap_or(0) + 1).min(KNOWN_DIGITS);
        let power = 10u64.pow(count);
        let (known, mut last, mut seen) = (self.digits() % power, 0, 0);
        // The last digits of the text so far, as a number. No allocation: millions of fields are checked.
        text.bytes().filter(u8::is_ascii_digit).any(|digit| {
            last = (last * 10 + u64::from(digit - b'0')) % power;
            seen += 1;
            seen >= count && last == known
        })
    }
}

pub(super) fn is_placeholder(digits: u64) -> bool {
    let zeros = digits.checked_ilog10().unwrap_or(0) as usize + 1;
    (MIN_DIGITS..=MAX_DIGITS).contains(&zeros) && digits == NOBODY * 10u64.pow(zeros as u32 - 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_keeps_the_length_and_no_request_can_name_it() {
        for digits in [33_612_345_678, 262_692_123_456, 687_712_345] {
            let phone = PhoneNumber::from_digits(digits).unwrap();
            let nobody = phone.placeholder();
            assert_eq!(nobody.to_string().len(), phone.to_string().len());
            assert!(nobody.is_placeholder() && !phone.is_placeholder());
            assert_eq!(PhoneNumber::from_digits(nobody.digits()), Some(nobody));
            assert!(nobody.to_string().parse::<PhoneNumber>().is_err());
            assert!(super::super::parse(&nobody.to_string(), Default::default()).is_err());
            let _ = nobody.territory();
        }
    }

    #[test]
    fn a_number_is_found_however_it_is_written() {
        let phone = PhoneNumber::from_digits(33_612_345_678).unwrap();
        for text in ["0612345678", "06 12 34 56 78", "+33 (0)6.12.34.56.78", "612345678", "tel: 0033612345678 (soir)"] {
            assert!(phone.is_in(text), "{text}");
        }
        for text in ["", "0612345679", "06 12 34 56", "12345678"] {
            assert!(!phone.is_in(text), "{text}");
        }
    }
}
