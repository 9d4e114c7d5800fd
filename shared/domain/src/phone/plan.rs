//! Numbering plans: which digits are a mobile, and in which territory. Pure; integers only, for speed.
//!
//! Sources: ITU-T E.164 assigned country codes; ARCEP's French numbering plan; for the other ranges
//! libphonenumber's metadata of July 2026. Where both cover a range, ours is wider: an operator rejects a number that
//! does not exist, but a contact that we reject is lost.

use super::{MAX_DIGITS, MIN_DIGITS, PhoneProblem};
use crate::territory::Territory;

/// Digits of a French national number without its trunk zero.
const FRENCH_DIGITS: u32 = 9;
/// Most digits that this module calculates with.
pub(super) const MAX_CALCULATED: usize = 19;
const _: () = assert!(MAX_CALCULATED > MAX_DIGITS + 3, "E.164, `00` and a trunk zero must fit");

/// Powers of ten up to the greatest that `u64` holds.
const POWERS: [u64; MAX_CALCULATED + 1] = {
    let mut powers = [1; MAX_CALCULATED + 1];
    let mut exponent = 1;
    while exponent < powers.len() {
        powers[exponent] = powers[exponent - 1] * 10;
        exponent += 1;
    }
    powers
};

/// Country codes that lead to a subscriber (ITU-T E.164, without +800, +808, +888 and +979, which are services).
#[rustfmt::skip]
const ASSIGNED: [u16; 211] = [
    1, 7, 20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58, 60,
    61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98, 211, 212, 213, 216, 218, 220, 221, 222, 223,
    224, 225, 226, 227, 228, 229, 230, 231, 232, 233, 234, 235, 236, 237, 238, 239, 240, 241, 242, 243, 244, 245, 246,
    247, 248, 249, 250, 251, 252, 253, 254, 255, 256, 257, 258, 260, 261, 262, 263, 264, 265, 266, 267, 268, 269, 290,
    291, 297, 298, 299, 350, 351, 352, 353, 354, 355, 356, 357, 358, 359, 370, 371, 372, 373, 374, 375, 376, 377, 378,
    380, 381, 382, 383, 385, 386, 387, 389, 420, 421, 423, 500, 501, 502, 503, 504, 505, 506, 507, 508, 509, 590, 591,
    592, 593, 594, 595, 596, 597, 598, 599, 670, 672, 673, 674, 675, 676, 677, 678, 679, 680, 681, 682, 683, 685, 686,
    687, 688, 689, 690, 691, 692, 850, 852, 853, 855, 856, 870, 878, 880, 881, 882, 883, 886, 960, 961, 962, 963, 964,
    965, 966, 967, 968, 970, 971, 972, 973, 974, 975, 976, 977, 992, 993, 994, 995, 996, 998,
];

/// By the first three digits of a number: the length of its country code; 0 if none is assigned.
const CODE_DIGITS: [u8; 1000] = {
    let mut lengths = [0; 1000];
    let mut next = 0;
    while next < ASSIGNED.len() {
        let code = ASSIGNED[next] as usize;
        let (first, count, length) = match code {
            0..10 => (code * 100, 100, 1),
            10..100 => (code * 10, 10, 2),
            _ => (code, 1, 3),
        };
        let mut step = 0;
        while step < count {
            assert!(lengths[first + step] == 0, "no code begins with another code");
            lengths[first + step] = length;
            step += 1;
        }
        next += 1;
    }
    lengths
};

/// The form of the national numbers of a country code.
pub(super) enum Plan {
    /// Metropolitan France and the overseas departments: one plan, five country codes.
    French,
    /// Mobiles are in these ranges of national numbers, first and last; the first value gives the digit count.
    Ranges { mobiles: &'static [(u64, u64)], trunk_zero: bool },
    /// Not checked here.
    Open,
}

/// The plan behind a country code.
pub(super) const fn plan(calling_code: u16) -> Plan {
    match calling_code {
        33 | 262 | 590 | 594 | 596 => Plan::French,
        32 => Plan::Ranges { mobiles: &[(450_000_000, 499_999_999)], trunk_zero: true },
        41 => Plan::Ranges {
            mobiles: &[(680_000_000, 699_999_999), (720_000_000, 739_999_999), (750_000_000, 799_999_999)],
            trunk_zero: true,
        },
        352 => Plan::Ranges { mobiles: &[(600_000_000, 699_999_999)], trunk_zero: false },
        377 => Plan::Ranges {
            mobiles: &[(30_000_000, 39_999_999), (44_000_000, 46_999_999), (600_000_000, 799_999_999)],
            trunk_zero: true,
        },
        508 => Plan::Ranges {
            mobiles: &[
                (200_000, 409_999),
                (420_000, 449_999),
                (480_000, 509_999),
                (520_000, 999_999),
                (708_400_000, 708_569_999),
            ],
            trunk_zero: false,
        },
        681 => Plan::Ranges { mobiles: &[(720_000, 729_999), (820_000, 839_999)], trunk_zero: false },
        687 => Plan::Ranges { mobiles: &[(500_000, 599_999), (700_000, 999_999)], trunk_zero: false },
        689 => Plan::Ranges { mobiles: &[(87_000_000, 89_999_999)], trunk_zero: false },
        _ => Plan::Open,
    }
}

/// Decimal digits of a value; 0 has none.
pub(super) fn digit_count(value: u64) -> u32 {
    value.checked_ilog10().map_or(0, |log| log + 1)
}

/// The country code at the beginning, and the number of digits after it. `None` if none is assigned, or for fewer than
/// three digits.
pub(super) fn country_code(digits: u64) -> Option<(u16, u32)> {
    let length = digit_count(digits);
    let top = digits / POWERS.get((length as usize).checked_sub(3)?)?;
    let code_digits = *CODE_DIGITS.get(top as usize)?;
    let code = match code_digits {
        1 => top / 100,
        2 => top / 10,
        3 => top,
        _ => return None,
    };
    Some((code as u16, length - u32::from(code_digits)))
}

/// The canonical spelling of a number that begins with a country code: country code and national number.
///
/// Repairs a kept trunk zero (`330612345678`) and a French overseas mobile under 33 (`33692…` is `262692…`).
pub(super) fn canonical(digits: u64) -> Result<u64, PhoneProblem> {
    let (calling_code, mut length) = match country_code(digits) {
        Some(found) => found,
        None if (digit_count(digits) as usize) < MIN_DIGITS => return Err(PhoneProblem::TooShort),
        None => return Err(PhoneProblem::UnknownCountry),
    };
    let national = digits % POWERS[length as usize];
    let keeps_zero = length > 0 && national < POWERS[length as usize - 1];
    match plan(calling_code) {
        Plan::French => {
            length -= u32::from(keeps_zero);
            match french(national, length)? {
                own if own == calling_code || calling_code == 33 => Ok(join(own, national, length)),
                _ => Err(PhoneProblem::NotMobile),
            }
        }
        Plan::Ranges { mobiles, trunk_zero } => {
            length -= u32::from(keeps_zero && trunk_zero);
            ranged(national, length, mobiles)?;
            Ok(join(calling_code, national, length))
        }
        Plan::Open => match digit_count(digits) as usize {
            ..MIN_DIGITS => Err(PhoneProblem::TooShort),
            MIN_DIGITS..=MAX_DIGITS => Ok(digits),
            _ => Err(PhoneProblem::TooLong),
        },
    }
}

/// Puts the country code before the national number.
pub(super) fn join(calling_code: u16, national: u64, length: u32) -> u64 {
    u64::from(calling_code) * POWERS[length as usize] + national
}

/// The country code of a French mobile, from its national number without trunk zero.
pub(super) fn french(national: u64, length: u32) -> Result<u16, PhoneProblem> {
    if length != FRENCH_DIGITS {
        return Err(if length < FRENCH_DIGITS { PhoneProblem::TooShort } else { PhoneProblem::TooLong });
    }
    match national / 1_000_000 {
        690 | 691 => Ok(590),
        692 | 693 | 639 => Ok(262),
        694 => Ok(594),
        696 | 697 => Ok(596),
        600..700 | 730..800 => Ok(33),
        709 => match national / 10_000 {
            70_900..70_910 => Ok(590),
            70_910..70_920 => Ok(596),
            70_920..70_930 | 70_935..70_940 => Ok(262),
            70_930..70_935 => Ok(594),
            _ => Err(PhoneProblem::NotMobile),
        },
        800..900 => Err(PhoneProblem::Special),
        100..600 | 900..1000 => Err(PhoneProblem::Landline),
        _ => Err(PhoneProblem::NotMobile),
    }
}

/// Whether a national number of this many digits, including leading zeros, is in a mobile range.
pub(super) fn ranged(national: u64, length: u32, mobiles: &[(u64, u64)]) -> Result<(), PhoneProblem> {
    let (mut shortest, mut longest) = (u32::MAX, 0);
    for &(first, last) in mobiles {
        let digits = digit_count(first);
        if length == digits && (first..=last).contains(&national) {
            return Ok(());
        }
        (shortest, longest) = (shortest.min(digits), longest.max(digits));
    }
    Err(match length {
        short if short < shortest => PhoneProblem::TooShort,
        long if long > longest => PhoneProblem::TooLong,
        _ => PhoneProblem::NotMobile,
    })
}

/// The territory of a number in its canonical spelling.
pub(super) fn territory(digits: u64) -> Territory {
    match country_code(digits) {
        Some((33, _)) => Territory::Metropolitan,
        Some((590, _)) => Territory::Guadeloupe,
        Some((594, _)) => Territory::Guyane,
        Some((596, _)) => Territory::Martinique,
        Some((262, _)) => match digits % POWERS[FRENCH_DIGITS as usize] / 10_000 {
            63_900..64_000 | 70_935..70_940 => Territory::Mayotte,
            _ => Territory::Reunion,
        },
        Some((508, _)) => Territory::SaintPierre,
        Some((681, _)) => Territory::WallisFutuna,
        Some((687, _)) => Territory::NewCaledonia,
        Some((689, _)) => Territory::Polynesia,
        Some(_) | None => Territory::Other,
    }
}
