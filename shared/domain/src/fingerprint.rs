//! What is kept of an erased number: a fingerprint (HMAC) that recognises the number if it comes back. Only the
//! installation's key can make it, and the number cannot be read from it. Pure.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use hex::FromHex;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::ids::AccountId;
use super::phone::PhoneNumber;

/// Bytes kept of each HMAC: two numbers share one with a chance of 2^-128.
const BYTES: usize = 16;
/// Bytes of a block of SHA-256.
const BLOCK_BYTES: usize = 64;

/// The fingerprint of one number of one account. As text: 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; BYTES]);

/// The key of the fingerprints, one per installation. Without it erased numbers are no longer recognised.
#[derive(Clone)]
pub struct FingerprintKey(Hmac<Sha256>);

impl FingerprintKey {
    pub fn new(key: [u8; 32]) -> Self {
        // HMAC pads a key to its block with zeros (RFC 2104); a whole block needs no length check.
        let mut block = [0; BLOCK_BYTES];
        block[..key.len()].copy_from_slice(&key);
        Self(<Hmac<Sha256> as KeyInit>::new(&block.into()))
    }

    /// HMAC-SHA256 of account and number: the same number in two accounts gives unrelated fingerprints.
    pub fn of(&self, account: &AccountId, phone: PhoneNumber) -> Fingerprint {
        let mut mac = self.0.clone();
        mac.update(account.as_str().as_bytes());
        mac.update(b"/");
        mac.update(&phone.digits().to_be_bytes());
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let mut kept = [0; BYTES];
        kept.copy_from_slice(&digest[..BYTES]);
        Fingerprint(kept)
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey(…)")
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        <[u8; BYTES]>::from_hex(text).map(Self).map_err(|_| ())
    }
}

/// The erased numbers of an account, looked up one by one. Empty for nearly every account.
#[derive(Debug, Clone, Default)]
pub struct Erased {
    /// `None` if no number was erased.
    known: Option<(Arc<FingerprintKey>, AccountId)>,
    fingerprints: BTreeSet<Fingerprint>,
}

impl Erased {
    pub fn none() -> Self {
        Self::default()
    }

    pub fn new(key: Arc<FingerprintKey>, account: AccountId, fingerprints: BTreeSet<Fingerprint>) -> Self {
        Self { known: Some((key, account)), fingerprints }
    }

    pub fn is_empty(&self) -> bool {
        self.fingerprints.is_empty()
    }

    pub fn contains(&self, phone: PhoneNumber) -> bool {
        match &self.known {
            Some((key, account)) if !self.is_empty() => self.fingerprints.contains(&key.of(account, phone)),
            Some(_) | None => false,
        }
    }

    pub fn fingerprints(&self) -> impl Iterator<Item = Fingerprint> {
        self.fingerprints.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_depends_on_key_account_and_number_and_reads_back() {
        let account = |last: char| format!("acc_0000000000000000000{last}").parse::<AccountId>().unwrap();
        let phone = |digits| PhoneNumber::from_digits(digits).unwrap();
        let of = |key: u8, last, digits| FingerprintKey::new([key; 32]).of(&account(last), phone(digits));
        let one = of(1, '1', 33_612_345_678);
        assert_eq!(one, of(1, '1', 33_612_345_678));
        for other in [of(2, '1', 33_612_345_678), of(1, '2', 33_612_345_678), of(1, '1', 33_612_345_679)] {
            assert_ne!(one, other);
        }
        assert_eq!(one.to_string().parse(), Ok(one));
        for text in ["", "é", &"g".repeat(32), &"+1".repeat(16), &"0".repeat(31)] {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
    }

    #[test]
    fn erased_numbers_are_recognised_and_others_are_not() {
        let key = Arc::new(FingerprintKey::new([7; 32]));
        let account: AccountId = "acc_00000000000000000001".parse().unwrap();
        let phone = PhoneNumber::from_digits(33_612_345_678).unwrap();
        let erased = Erased::new(key.clone(), account.clone(), [key.of(&account, phone)].into());
        assert!(erased.contains(phone) && !erased.contains(PhoneNumber::from_digits(33_612_345_679).unwrap()));
        assert!(!Erased::none().contains(phone));
    }
}
