//! Phone numbers that can get an SMS, and how people write them.
//!
//! Written here instead of using libphonenumber: that reads the Réunion mobile `0692…` in a French list as `+33692…`,
//! which does not exist, and takes 18 µs per number, where an import of millions has 0.04. `oracle` compares both.
//!
//! `parse` reads people's formats, `plan` knows the mobile ranges and territories, `problem` lists why a text is not a
//! number, `erased` holds the placeholder for erased numbers. Pure: no clock, no I/O.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use crate::territory::Territory;

mod erased;
#[cfg(test)]
mod oracle;
mod parse;
mod plan;
mod problem;
#[cfg(test)]
mod tests;

pub use parse::{parse, parse_bytes};
pub use problem::PhoneProblem;

/// The digits of a number, or of a part of one, as stored: `06…` becomes `336…`.
pub fn sought(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').to_owned()
}

/// Most digits of an E.164 number, country code included (ITU-T E.164, 6.1).
pub const MAX_DIGITS: usize = 15;
/// Fewest digits that we take for an international number, country code included.
pub const MIN_DIGITS: usize = 8;

/// A number that can get an SMS, in E.164: 8 to 15 digits with an assigned country code and, in the French territories
/// and the countries of [`crate::country::Country`], in a mobile range.
///
/// Ordered by its digits as an integer, the order of every list file. Eight bytes, also as an `Option`. `Display` is
/// `+33612345678`; `Debug` hides the middle, `+336******78`, so that logs never contain a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(NonZeroU64);

impl PhoneNumber {
    /// The number of these E.164 digits, `33612345678`; `None` if they are not a number in its canonical spelling
    /// (`33692…` is Réunion's `262692…`).
    ///
    /// Files and tables are read with it, so it also accepts the placeholder for an erased number.
    pub fn from_digits(digits: u64) -> Option<Self> {
        let nobody = || NonZeroU64::new(digits).filter(|digits| erased::is_placeholder(digits.get())).map(Self);
        Self::checked(digits).ok().or_else(nobody)
    }

    /// The E.164 digits as an integer, `33612345678`.
    pub const fn digits(self) -> u64 {
        self.0.get()
    }

    /// The territory of the number.
    pub fn territory(self) -> Territory {
        plan::territory(self.digits())
    }

    /// The number as `+33612345678`, without allocation.
    pub fn e164(self) -> E164 {
        let mut bytes = [0; E164::CAPACITY];
        let mut start = E164::CAPACITY;
        let mut rest = self.digits();
        while rest > 0 && start > 1 {
            start -= 1;
            bytes[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        start -= 1;
        bytes[start] = b'+';
        E164 { bytes, start }
    }

    /// Accepts a number in its canonical spelling only, so that equal numbers are always equal values.
    fn checked(digits: u64) -> Result<Self, PhoneProblem> {
        match plan::canonical(digits)? {
            same if same == digits => NonZeroU64::new(same).map(Self).ok_or(PhoneProblem::TooShort),
            _ => Err(PhoneProblem::NotMobile),
        }
    }

    /// Wraps digits that `plan` has just returned.
    fn of_plan(digits: u64) -> Result<Self, PhoneProblem> {
        NonZeroU64::new(digits).map(Self).ok_or(PhoneProblem::TooShort)
    }
}

/// A number as text, `+33612345678`, on the stack: 9 to 16 ASCII bytes.
#[derive(Clone, Copy)]
pub struct E164 {
    bytes: [u8; Self::CAPACITY],
    start: usize,
}

impl E164 {
    const CAPACITY: usize = 1 + MAX_DIGITS;

    /// The text as ASCII bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.e164().as_str())
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spelled = self.e164();
        let text = spelled.as_str();
        let (shown, hidden) = text.split_at(4);
        let (stars, tail) = hidden.split_at(hidden.len() - 2);
        write!(f, "{shown}{:*<1$}{tail}", "", stars.len())
    }
}

/// Strict E.164, as in the API, files and tables: `+` and digits, nothing else, no repair.
impl FromStr for PhoneNumber {
    type Err = PhoneProblem;

    fn from_str(text: &str) -> Result<Self, PhoneProblem> {
        let digits = text.strip_prefix('+').ok_or(PhoneProblem::UnknownCountry)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PhoneProblem::UnexpectedCharacter);
        }
        match digits.len() {
            0 => Err(PhoneProblem::Empty),
            1..MIN_DIGITS => Err(PhoneProblem::TooShort),
            MIN_DIGITS..=MAX_DIGITS if digits.starts_with('0') => Err(PhoneProblem::UnknownCountry),
            MIN_DIGITS..=MAX_DIGITS => Self::checked(digits.parse().map_err(|_| PhoneProblem::TooLong)?),
            _ => Err(PhoneProblem::TooLong),
        }
    }
}
