//! Cursors: where the next page begins. Opaque to clients, base64url, and authenticated, so that a cursor works only
//! for the listing and account that it was made for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Items per page by default, and the maximum.
pub const LIMIT_DEFAULT: usize = 50;
pub const LIMIT_MAX: usize = 200;
/// Longest cursor accepted; a sort key is far shorter.
const CURSOR_BYTES_MAX: usize = 512;
/// Size of the authentication tag, in bytes: a forger needs 2^95 requests.
const SEAL_BYTES: usize = 12;

/// Authenticates positions. `Debug` hides its key.
#[derive(Clone)]
pub struct Seal(Hmac<Sha256>);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(…)")
    }
}

impl Seal {
    /// A seal with a key derived from another secret of the installation.
    pub fn new(secret: &str) -> Self {
        // HMAC takes keys of any length.
        let seal = Hmac::new_from_slice(secret.as_bytes()).unwrap_or_else(|_| Hmac::new(&Default::default()));
        Self(seal.chain_update(b"cursor\n"))
    }

    fn mac(&self, holder: &str, listing: &str, position: &str) -> Hmac<Sha256> {
        self.0.clone().chain_update(format!("{holder}\n{listing}\n{position}"))
    }

    /// A position as sent to a client, bound to the account (`holder`) and the listing.
    pub fn encode(&self, holder: &str, listing: &str, position: &str) -> String {
        let mut bytes = self.mac(holder, listing, position).finalize().into_bytes()[..SEAL_BYTES].to_vec();
        bytes.extend(position.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position of a cursor that `encode` made for the same holder and listing.
    pub fn decode(&self, holder: &str, listing: &str, cursor: &str) -> Option<String> {
        if cursor.len() > CURSOR_BYTES_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (seal, position) = bytes.split_at_checked(SEAL_BYTES)?;
        let position = str::from_utf8(position).ok()?;
        self.mac(holder, listing, position).verify_truncated_left(seal).ok()?;
        Some(position.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cursor_of_another_listing_account_or_installation_is_refused() {
        let seal = Seal::new("secret");
        let cursor = seal.encode("acc_1", "lists", "lst_1");
        assert_eq!(seal.decode("acc_1", "lists", &cursor).as_deref(), Some("lst_1"));
        assert_eq!(seal.decode("acc_1", "campaigns", &cursor), None);
        assert_eq!(seal.decode("acc_2", "lists", &cursor), None);
        assert_eq!(Seal::new("other").decode("acc_1", "lists", &cursor), None);
        let end = cursor.len() - 1;
        for text in ["", "%", "abc", "bHN0", &"a".repeat(1_000), &cursor[..end], &format!("{cursor}A")] {
            assert_eq!(seal.decode("acc_1", "lists", text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_position_comes_back(position in "[ -~]{0,80}") {
            let seal = Seal::new("secret");
            let cursor = seal.encode("a", "x", &position);
            prop_assert_eq!(seal.decode("a", "x", &cursor), Some(position));
        }

        #[test]
        fn no_text_panics_or_decodes(text in any::<String>()) {
            prop_assert_eq!(Seal::new("secret").decode("a", "x", &text), None);
        }
    }
}
