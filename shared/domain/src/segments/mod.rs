//! Splits a body into SMS segments. Pure: same text, same answer.
//!
//! `alphabet` is the GSM 7-bit table, `unicode` finds the characters outside it. Previews, credits and carriers all
//! count here.

mod alphabet;

use crate::codes::codes;
#[cfg(test)]
mod tests;
mod unicode;

pub use unicode::{Forcing, replace_unicode, replacement, unicode_because};

/// User data of one SMS, in octets (3GPP TS 23.040).
pub const DATA_OCTETS: u32 = 140;
/// Header of each part of a longer message, in octets: concatenation with an 8-bit reference (3GPP TS 23.040, 9.2.3.24.1).
pub const HEADER_OCTETS: u32 = 6;
/// Longest single GSM-7 body, in septets.
pub const SINGLE_SEPTETS: u32 = DATA_OCTETS * 8 / 7;
/// Septets of one part of a longer GSM-7 body.
pub const PART_SEPTETS: u32 = (DATA_OCTETS - HEADER_OCTETS) * 8 / 7;
/// Longest single UCS-2 body, in UTF-16 units.
pub const SINGLE_UTF16: u32 = DATA_OCTETS / 2;
/// UTF-16 units of one part of a longer UCS-2 body.
pub const PART_UTF16: u32 = (DATA_OCTETS - HEADER_OCTETS) / 2;
const _: () = assert!(SINGLE_SEPTETS == 160 && PART_SEPTETS == 153);
const _: () = assert!(SINGLE_UTF16 == 70 && PART_UTF16 == 67);

/// The alphabet of a message. One character outside GSM-7 switches the whole message to UCS-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Seven bits a character, 14 for the extension table (3GPP TS 23.038, 6.2.1).
    Gsm7,
    /// UTF-16: 16 bits a character, 32 above U+FFFF.
    Ucs2,
}
codes!(Encoding { Gsm7 = "gsm7", Ucs2 = "ucs2" });

impl Encoding {
    /// Units that fit into a message of one segment.
    const fn single_units(self) -> u32 {
        match self {
            Self::Gsm7 => SINGLE_SEPTETS,
            Self::Ucs2 => SINGLE_UTF16,
        }
    }

    /// Units that fit into each part of a longer message.
    const fn part_units(self) -> u32 {
        match self {
            Self::Gsm7 => PART_SEPTETS,
            Self::Ucs2 => PART_UTF16,
        }
    }

    /// Units of one character, 1 or 2.
    fn units(self, character: char) -> u32 {
        match self {
            Self::Gsm7 => alphabet::septets(character),
            Self::Ucs2 => character.len_utf16() as u32,
        }
    }
}

/// The size of a text as SMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The alphabet that the whole text needs.
    pub encoding: Encoding,
    /// Septets in GSM-7, UTF-16 units in UCS-2.
    pub units: u32,
    /// SMS to send and to pay; 0 for an empty text.
    pub segments: u32,
    /// Units that still fit into the last segment.
    pub units_left: u32,
}

/// Counts a text. Fast enough for every recipient's own text: one table look-up per byte, no allocation.
pub fn count(text: &str) -> Count {
    match alphabet::septets_of(text) {
        Some(septets) => fill(text, Encoding::Gsm7, septets),
        None => fill(text, Encoding::Ucs2, utf16_units(text)),
    }
}

/// Characters as a person counts them on the screen's counter: Unicode scalar values.
pub fn characters(text: &str) -> u32 {
    text.chars().count() as u32
}

/// UTF-16 units: one per character, two above U+FFFF. UTF-8 continuation bytes do not count.
fn utf16_units(text: &str) -> u32 {
    text.bytes().map(|octet| u32::from(octet & 0xc0 != 0x80) + u32::from(octet >= 0xf0)).sum()
}

/// Fills parts greedily: a pair that does not fit opens the next part. Rounding `units / part` up would under-count.
fn fill(text: &str, encoding: Encoding, units: u32) -> Count {
    let (single, part) = (encoding.single_units(), encoding.part_units());
    if units <= single {
        return Count { encoding, units, segments: u32::from(units > 0), units_left: single - units };
    }
    if units == characters(text) {
        // No pairs, so nothing can straddle two parts.
        return Count { encoding, units, segments: units.div_ceil(part), units_left: (part - units % part) % part };
    }
    let (mut segments, mut used) = (1, 0);
    for character in text.chars() {
        let more = encoding.units(character);
        if used + more > part {
            segments += 1;
            used = 0;
        }
        used += more;
    }
    Count { encoding, units, segments, units_left: part - used }
}
