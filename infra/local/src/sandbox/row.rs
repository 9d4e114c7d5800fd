//! One message in memory, in forty bytes, so that millions fit. Text, sender and id stay in the journal and are read on
//! demand.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::fate::{Fate, Status};

/// Number of a message in order of submission, from zero.
pub type RowNumber = u32;
/// Marks the absence of an earlier message.
pub const NONE: RowNumber = RowNumber::MAX;

#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// When it was first submitted; once accepted, when it was accepted.
    pub at_ms: u64,
    /// Digits of the number; zero if it is not a number.
    pub to: u64,
    /// Offset of its line in the journal.
    pub offset: u64,
    pub bytes: u32,
    /// The previous message to the same number.
    pub previous: RowNumber,
    /// Its campaign's number; zero for an id without one.
    pub campaign: u32,
    pub times_submitted: u16,
    pub status: Status,
    /// Number of acknowledged receipts.
    pub acknowledged: u8,
}
const _: () = assert!(size_of::<Row>() == 40);

impl Row {
    pub fn fate(&self) -> Fate {
        Fate::from_digits(self.to)
    }

    /// Number of receipts still to be delivered.
    pub fn owes(&self) -> u8 {
        match self.status {
            Status::Throttled | Status::Rejected => 0,
            Status::Accepted | Status::Expired | Status::Failed | Status::Delivered => {
                self.fate().receipts().saturating_sub(self.acknowledged)
            }
        }
    }
}

/// A message's line in the journal.
#[derive(Debug, Serialize, Deserialize)]
pub struct Written<'a> {
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    #[serde(borrow)]
    pub from: Cow<'a, str>,
    #[serde(borrow)]
    pub to: Cow<'a, str>,
    #[serde(borrow)]
    pub text: Cow<'a, str>,
    #[serde(borrow)]
    pub encoding: Cow<'a, str>,
    pub segments: u32,
    pub status: Status,
    pub at: u64,
}

/// Stands for an id in memory: 128 bits of its SHA-256, so collisions are practically impossible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u32; 4]);

impl Fingerprint {
    pub fn new(id: &str) -> Self {
        let hash: [u8; 32] = Sha256::digest(id.as_bytes()).into();
        let word = |i: usize| u32::from_be_bytes([hash[i], hash[i + 1], hash[i + 2], hash[i + 3]]);
        Self([word(0), word(4), word(8), word(12)])
    }

    /// A pseudo-random number, always the same for one id: spreads receipts without a random generator.
    pub fn scatter(self) -> u32 {
        self.0[0]
    }
}

/// The digits of `+` and 5 to 15 digits, or zero.
pub fn digits(number: &str) -> u64 {
    let Some(digits) = number.strip_prefix('+') else { return 0 };
    let is_number = (5..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { digits.parse().unwrap_or(0) } else { 0 }
}

/// The campaign's tail in one of our ids, `<account>.<campaign>.<index>`.
pub fn campaign_of(id: &str) -> Option<&str> {
    let mut parts = id.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(campaign), Some(_), None) => Some(campaign),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_e164_has_digits() {
        for (text, expected) in [
            ("+33612345678", 33_612_345_678),
            ("33612345678", 0),
            ("+0612345678", 0),
            ("+336123456789012345", 0),
            ("+33 612", 0),
            ("+", 0),
            ("", 0),
            ("+٣٣٦١٢", 0),
        ] {
            assert_eq!(digits(text), expected, "{text}");
        }
    }

    #[test]
    fn a_campaign_is_read_from_our_ids_only() {
        assert_eq!(campaign_of("a.b.1"), Some("b"));
        assert_eq!(campaign_of("a.b.t9"), Some("b"));
        for id in ["", "a", "a.b", "a.b.c.d"] {
            assert_eq!(campaign_of(id), None, "{id}");
        }
    }
}
