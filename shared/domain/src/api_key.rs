//! The text of API keys: `envol_<id>_<secret>`. The secret is 32 random bytes in hexadecimal; only its SHA-256 is kept.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::account::ApiKey;
use crate::ids::KeyId;

const PREFIX: &str = "envol_";
const SECRET_BYTES: usize = 32;

/// A key as a request presents it. `Debug` prints its id only.
#[derive(Clone, PartialEq, Eq)]
pub struct Bearer {
    pub id: KeyId,
    secret_sha256: [u8; 32],
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bearer({})", self.id)
    }
}

impl Bearer {
    /// Reads the text of a key.
    pub fn parse(text: &str) -> Option<Self> {
        let (tail, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let is_secret = secret.len() == SECRET_BYTES * 2 && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
        let id = KeyId::from_tail(tail).ok()?;
        is_secret.then(|| Self { id, secret_sha256: sha256(secret) })
    }

    /// Whether this is the stored key. Constant time, wherever they differ.
    pub fn opens(&self, key: &ApiKey) -> bool {
        self.id == key.id && bool::from(self.secret_sha256.ct_eq(&key.secret_sha256))
    }
}

fn sha256(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.to_ascii_lowercase().as_bytes()).into()
}

/// Creates the text of a new key, which is shown once, and the hash to store.
pub fn issue(id: &KeyId, random: [u8; SECRET_BYTES]) -> (String, [u8; 32]) {
    let secret = hex::encode(random);
    (format!("{PREFIX}{}_{secret}", id.tail()), sha256(&secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> (String, ApiKey) {
        let id: KeyId = "key_00000000000000000001".parse().unwrap();
        let (text, secret_sha256) = issue(&id, [7; 32]);
        let created_at = jiff::Timestamp::UNIX_EPOCH;
        (text, ApiKey { id, name: "k".into(), secret_sha256, scopes: vec![], created_at, last_used_at: None })
    }

    #[test]
    fn an_issued_key_matches_its_stored_hash() {
        let (text, key) = key();
        let bearer = Bearer::parse(&text).unwrap();
        assert!(bearer.opens(&key));
        assert!(!Bearer::parse(&text.replace("07", "08")).unwrap().opens(&key));
        assert_eq!(format!("{bearer:?}"), "Bearer(key_00000000000000000001)");
    }

    #[test]
    fn text_of_another_form_is_not_a_key() {
        let (text, _) = key();
        for wrong in ["", "envol_", "envol_x_y", &text[1..], &text[..text.len() - 1], &format!("{text}0")] {
            assert!(Bearer::parse(wrong).is_none(), "{wrong}");
        }
    }
}
