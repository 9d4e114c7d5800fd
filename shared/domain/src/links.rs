//! Codes of short links: eight characters that look random without the key. Pure.
//!
//! A campaign's link owns a range of numbers, one per recipient; the code is that number encrypted with FF1 (NIST SP
//! 800-38G, section 5.1), a format-preserving mode of AES. So a million unique URLs cost one write, and the next one
//! cannot be guessed.
//!
//! This FF1 is specialised to AES-256, radix 62, eight numerals and no tweak: each half of the number fits a `u64`,
//! each round is a single AES block, and nothing is allocated. The general `fpe` crate is the reference in the tests.

use std::fmt;

use aes::cipher::{BlockCipherEncrypt, KeyInit};

/// Characters of a code.
pub const CODE_CHARACTERS: usize = 8;
/// The numerals of a code, in order of value.
pub const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// How many values each half of a code has.
const HALF: u64 = 62 * 62 * 62 * 62;
/// Number of codes; every number is below it. Enough for a million recipients a day for 598,000 years.
pub const CODES: u64 = HALF * HALF;
const _: () = assert!(CODES == 218_340_105_584_896);
/// Rounds of the Feistel network (SP 800-38G, algorithm 7).
const ROUNDS: u8 = 10;
/// Bytes of one half, `b` in the standard: ⌈⌈4 × log₂ 62⌉ / 8⌉.
const HALF_BYTES: usize = 3;
const _: () = assert!(HALF < 1 << (HALF_BYTES * 8) && HALF > 1 << (HALF_BYTES * 8 - 1));
/// Bytes of a round's sum, `d` in the standard.
const SUM_BYTES: usize = 4 * HALF_BYTES.div_ceil(4) + 4;
const _: () = assert!(SUM_BYTES == 8);
/// `P` of the standard: version, method, addition; radix; rounds; left half's numerals; numerals; tweak's bytes.
const PREFIX: [u8; 16] = [1, 2, 1, 0, 0, 62, ROUNDS, 4, 0, 0, 0, CODE_CHARACTERS as u8, 0, 0, 0, 0];

/// A short link's code: eight of `0-9A-Za-z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkCode([u8; CODE_CHARACTERS]);

impl LinkCode {
    pub fn as_bytes(&self) -> &[u8; CODE_CHARACTERS] {
        &self.0
    }
}

impl fmt::Display for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.0).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Converts numbers into codes and back. One key per installation; losing it breaks every link already sent.
#[derive(Clone)]
pub struct LinkKey {
    cipher: aes::Aes256,
    /// The first block of each round's CBC-MAC, the same for every number.
    prefix: u128,
}

impl LinkKey {
    pub fn new(key: [u8; 32]) -> Self {
        let cipher = aes::Aes256::new(&key.into());
        let prefix = encrypt(&cipher, u128::from_be_bytes(PREFIX));
        Self { cipher, prefix }
    }

    /// The code of `number`, which must be below [`CODES`]; the code that reserves a range checks that.
    pub fn encode(&self, number: u64) -> LinkCode {
        debug_assert!(number < CODES, "no code for {number}");
        let (mut a, mut b) = (number / HALF % HALF, number % HALF);
        for round in 0..ROUNDS {
            let c = (a + self.sum(round, b)) % HALF;
            (a, b) = (b, c);
        }
        let mut code = [0; CODE_CHARACTERS];
        let (left, right) = code.split_at_mut(CODE_CHARACTERS / 2);
        write_half(a, left);
        write_half(b, right);
        LinkCode(code)
    }

    /// The number of a code; `None` if the text is not eight numerals. The caller must look up whether a link owns the
    /// number.
    pub fn decode(&self, text: &str) -> Option<u64> {
        let (left, right) = text.as_bytes().split_at_checked(CODE_CHARACTERS / 2)?;
        let (mut a, mut b) = (read_half(left)?, read_half(right)?);
        for round in (0..ROUNDS).rev() {
            let c = (b + HALF - self.sum(round, a)) % HALF;
            (a, b) = (c, a);
        }
        Some(a * HALF + b)
    }

    /// A 32-bit keyed hash of `digest`; without the key it says nothing about its source.
    pub fn fingerprint(&self, digest: [u8; 16]) -> u32 {
        (encrypt(&self.cipher, u128::from_be_bytes(digest)) >> 96) as u32
    }

    /// `y` of the standard, reduced to one half's values.
    fn sum(&self, round: u8, half: u64) -> u64 {
        // Q: twelve zeros (no tweak), the round, the half in three bytes. CBC-MAC of P ‖ Q.
        let q = (u128::from(round) << (HALF_BYTES * 8)) | u128::from(half);
        let r = encrypt(&self.cipher, self.prefix ^ q);
        (r >> (128 - SUM_BYTES * 8)) as u64 % HALF
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey(…)")
    }
}

fn encrypt(cipher: &aes::Aes256, block: u128) -> u128 {
    let mut block = block.to_be_bytes().into();
    cipher.encrypt_block(&mut block);
    u128::from_be_bytes(block.into())
}

fn write_half(mut value: u64, numerals: &mut [u8]) {
    for numeral in numerals.iter_mut().rev() {
        *numeral = ALPHABET[(value % 62) as usize];
        value /= 62;
    }
}

fn read_half(numerals: &[u8]) -> Option<u64> {
    if numerals.len() != CODE_CHARACTERS / 2 {
        return None;
    }
    numerals.iter().try_fold(0, |value, numeral| {
        let digit = match numeral {
            b'0'..=b'9' => numeral - b'0',
            b'A'..=b'Z' => numeral - b'A' + 10,
            b'a'..=b'z' => numeral - b'a' + 36,
            _ => return None,
        };
        Some(value * 62 + u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use fpe::ff1::{FF1, FlexibleNumeralString};
    use proptest::prelude::*;

    use super::*;

    /// The AES-256 key of NIST's FF1 samples 7 to 9.
    const NIST_KEY: [u8; 32] = [
        0x2B, 0x7E, 0x15, 0x16, 0x28, 0xAE, 0xD2, 0xA6, 0xAB, 0xF7, 0x15, 0x88, 0x09, 0xCF, 0x4F, 0x3C, 0xEF, 0x43,
        0x59, 0xD8, 0xD5, 0x80, 0xAA, 0x4F, 0x7F, 0x03, 0x6D, 0x6F, 0x04, 0xFC, 0x6A, 0x94,
    ];

    /// A general FF1 to compare ours with.
    fn general(key: &[u8; 32], radix: u32, tweak: &[u8], numerals: Vec<u16>) -> Vec<u16> {
        let ff1 = FF1::<aes::Aes256>::new(key, radix).unwrap();
        ff1.encrypt(tweak, &FlexibleNumeralString::from(numerals)).unwrap().into()
    }

    fn numerals(mut number: u64) -> Vec<u16> {
        let mut digits = vec![0; CODE_CHARACTERS];
        for digit in digits.iter_mut().rev() {
            *digit = (number % 62) as u16;
            number /= 62;
        }
        digits
    }

    #[test]
    fn the_reference_gives_the_samples_that_nist_published() {
        let digits = || (0..10).collect::<Vec<u16>>();
        assert_eq!(general(&NIST_KEY, 10, &[], digits()), [6, 6, 5, 7, 6, 6, 7, 0, 0, 9]);
        assert_eq!(general(&NIST_KEY, 10, b"9876543210", digits()), [1, 0, 0, 1, 6, 2, 3, 4, 6, 3]);
        // Sample 9, in NIST's own letters.
        let text: String = general(&NIST_KEY, 36, b"7777pqrs777", (0..19).collect())
            .into_iter()
            .map(|digit| char::from_digit(digit.into(), 36).unwrap())
            .collect();
        assert_eq!(text, "xs8a0azh2avyalyzuwd");
    }

    #[test]
    fn the_ends_of_the_range_come_back() {
        let key = LinkKey::new([7; 32]);
        for number in [0, 1, 61, 62, HALF - 1, HALF, CODES - 1] {
            let code = key.encode(number).to_string();
            assert_eq!(key.decode(&code), Some(number), "{code}");
        }
    }

    #[test]
    fn what_is_not_eight_numerals_has_no_number() {
        let key = LinkKey::new([7; 32]);
        for text in ["", "abcdefg", "abcdefghi", "abcd-fgh", "abcdefg\n", "abcdéfg", "ééééé", "        ", "abc😀d"]
        {
            assert_eq!(key.decode(text), None, "{text:?}");
        }
    }

    #[test]
    fn neighbours_have_nothing_in_common() {
        let key = LinkKey::new([7; 32]);
        let codes: Vec<_> = (0..50_000).map(|number| key.encode(number)).collect();
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len());
        // By chance one numeral in 62 is equal; a pattern would be far above that.
        let same: usize = codes.windows(2).map(|two| (0..8).filter(|i| two[0].0[*i] == two[1].0[*i]).count()).sum();
        let share = same as f64 / (codes.len() * CODE_CHARACTERS) as f64;
        assert!((0.014..0.018).contains(&share), "{share}");
    }

    #[test]
    fn a_fingerprint_depends_on_the_key_and_on_the_digest() {
        let of = |key: u8, digest: u8| LinkKey::new([key; 32]).fingerprint([digest; 16]);
        assert_eq!(of(1, 1), of(1, 1));
        assert!(of(1, 1) != of(2, 1) && of(1, 1) != of(1, 2));
    }

    #[test]
    fn a_key_prints_nothing_of_itself() {
        assert_eq!(format!("{:?}", LinkKey::new(NIST_KEY)), "LinkKey(…)");
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_general_ff1(key in any::<[u8; 32]>(), number in 0..CODES) {
            let ours = LinkKey::new(key).encode(number).to_string();
            let general: String =
                general(&key, 62, &[], numerals(number)).into_iter().map(|digit| ALPHABET[usize::from(digit)] as char).collect();
            prop_assert_eq!(ours, general);
        }

        #[test]
        fn a_number_comes_back_from_its_code(key in any::<[u8; 32]>(), number in 0..CODES) {
            let key = LinkKey::new(key);
            prop_assert_eq!(key.decode(&key.encode(number).to_string()), Some(number));
        }

        #[test]
        fn a_code_comes_back_from_its_number(code in "[0-9A-Za-z]{8}") {
            let key = LinkKey::new([3; 32]);
            let number = key.decode(&code).unwrap();
            prop_assert_eq!(key.encode(number).to_string(), code);
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = LinkKey::new([3; 32]).decode(&text);
        }

        #[test]
        fn two_numbers_never_share_a_code(one in 0..CODES, other in 0..CODES) {
            let key = LinkKey::new([3; 32]);
            prop_assert_eq!(key.encode(one) == key.encode(other), one == other);
        }
    }
}
