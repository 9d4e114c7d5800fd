//! Passwords: Argon2id with the parameters that OWASP advises (19 MiB, 2 passes), as PHC strings.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};

/// Length of passwords: long enough to withstand guessing, short enough to be hashed quickly.
pub const CHARACTERS: std::ops::RangeInclusive<usize> = 12..=200;

/// The hash was not computed; the cause is only logged.
#[derive(Debug, thiserror::Error)]
#[error("hashing failed: {0}")]
pub struct HashError(String);

/// The hash of a password. Takes tens of milliseconds, on purpose.
pub fn hash(password: &str) -> Result<String, HashError> {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    Ok(hashed.map_err(|error| HashError(error.to_string()))?.to_string())
}

/// The same, on a blocking thread.
pub async fn hash_aside(password: &str) -> Result<String, HashError> {
    let password = password.to_owned();
    let hashed = tokio::task::spawn_blocking(move || hash(&password)).await;
    hashed.map_err(|error| HashError(error.to_string()))?
}

/// Whether this is the password of a hash; an unreadable hash matches nothing.
pub fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// The same, on a blocking thread.
pub async fn matches_aside(password: &str, hash: &str) -> bool {
    let (password, hash) = (password.to_owned(), hash.to_owned());
    tokio::task::spawn_blocking(move || matches(&password, &hash)).await.unwrap_or(false)
}

/// A generated password of 20 characters that are easy to tell apart, read aloud or typed: 100 bits.
pub fn made_up(random: [u8; 20]) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    random.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_opens_its_own_hash_alone() {
        let hashed = hash("correct horse").unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert_ne!(hashed, hash("correct horse").unwrap(), "salted");
        assert!(matches("correct horse", &hashed));
        assert!(!matches("correct horse ", &hashed));
        assert!(!matches("correct horse", "not a hash"));
    }

    #[test]
    fn a_made_up_password_is_long_enough() {
        for random in [[0; 20], [255; 20]] {
            assert!(CHARACTERS.contains(&made_up(random).len()));
        }
    }
}
