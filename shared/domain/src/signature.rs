//! Signs and verifies Standard Webhooks requests: HMAC-SHA256 over `id.timestamp.body`, in the headers `webhook-id`,
//! `webhook-timestamp` (seconds) and `webhook-signature` (`v1,<base64>`, separated by spaces). Carriers sign their
//! callbacks, and we sign the requests to the accounts' webhooks.
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

pub const ID_HEADER: &str = "webhook-id";
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
pub const SIGNATURE_HEADER: &str = "webhook-signature";
/// Largest difference between the timestamp and now, either way: an older request may be a replay.
pub const TOLERANCE_SECONDS: i64 = 5 * 60;
/// Bytes of a secret, as the specification asks.
pub const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// Signatures read in one header; a rotation needs two.
pub const SIGNATURES_MAX: usize = 8;

/// A shared secret: `whsec_` and the base64 of 24 to 64 bytes. `Debug` hides it.
#[derive(Clone)]
pub struct Secret(Hmac<Sha256>);

/// A text that is not a secret. Does not contain the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a secret of the form whsec_<base64 of 24 to 64 bytes>")]
pub struct NotASecret;

impl FromStr for Secret {
    type Err = NotASecret;
    fn from_str(text: &str) -> Result<Self, NotASecret> {
        let decoded = STANDARD.decode(text.strip_prefix("whsec_").ok_or(NotASecret)?).map_err(|_| NotASecret)?;
        if !SECRET_BYTES.contains(&decoded.len()) {
            return Err(NotASecret);
        }
        Hmac::new_from_slice(&decoded).map(Self).map_err(|_| NotASecret)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// The value of `webhook-signature` for a request with this id, second and body.
    pub fn sign(&self, id: &str, at: jiff::Timestamp, body: &[u8]) -> String {
        let mac = self.mac(id, &at.as_second().to_string(), body).finalize();
        format!("v1,{}", STANDARD.encode(mac.into_bytes()))
    }

    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac
    }
}

/// The three headers of a signed request, as received.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    pub id: &'a str,
    pub timestamp: &'a str,
    pub signature: &'a str,
}

/// Why a request is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    #[error("the signature headers are missing or malformed")]
    Headers,
    #[error("the timestamp is more than five minutes from now")]
    TooFarFromNow,
    #[error("no signature matches")]
    NoMatch,
}

impl<'a> Signed<'a> {
    /// The headers of a request, if `get` finds all three.
    pub fn from_headers(get: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Untrusted> {
        let text = |name: &str| get(name).ok_or(Untrusted::Headers);
        Ok(Self { id: text(ID_HEADER)?, timestamp: text(TIMESTAMP_HEADER)?, signature: text(SIGNATURE_HEADER)? })
    }

    /// Accepts the request if any of `secrets` made any of its signatures: during a rotation both sides have two.
    pub fn verify(self, secrets: &[Secret], body: &[u8], now: jiff::Timestamp) -> Result<(), Untrusted> {
        let second: i64 = self.timestamp.parse().map_err(|_| Untrusted::Headers)?;
        if self.id.is_empty() {
            return Err(Untrusted::Headers);
        }
        if second.abs_diff(now.as_second()) > TOLERANCE_SECONDS.unsigned_abs() {
            return Err(Untrusted::TooFarFromNow);
        }
        let given: Vec<Vec<u8>> = self
            .signature
            .split(' ')
            .filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok())
            .take(SIGNATURES_MAX)
            .collect();
        // Compared in constant time by `verify_slice`. The text of the timestamp is signed, not its value.
        let is_match = secrets.iter().any(|secret| {
            let mac = secret.mac(self.id, self.timestamp, body);
            given.iter().any(|tag| mac.clone().verify_slice(tag).is_ok())
        });
        if is_match { Ok(()) } else { Err(Untrusted::NoMatch) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example of the specification's reference libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    const SECOND: i64 = 1_614_265_330;

    fn at(second: i64) -> jiff::Timestamp {
        jiff::Timestamp::from_second(second).unwrap()
    }

    fn secret(text: &str) -> Secret {
        text.parse().unwrap()
    }

    fn verify(id: &str, timestamp: &str, signature: &str, body: &[u8], now: i64) -> Result<(), Untrusted> {
        Signed { id, timestamp, signature }.verify(&[secret(SECRET)], body, at(now))
    }

    #[test]
    fn it_signs_as_the_reference_libraries_do() {
        assert_eq!(secret(SECRET).sign(ID, at(SECOND), BODY), SIGNATURE);
        assert_eq!(verify(ID, "1614265330", SIGNATURE, BODY, SECOND), Ok(()));
    }

    #[test]
    fn a_change_of_any_signed_part_is_detected() {
        assert_eq!(verify("msg_other", "1614265330", SIGNATURE, BODY, SECOND), Err(Untrusted::NoMatch));
        assert_eq!(verify(ID, "1614265331", SIGNATURE, BODY, SECOND), Err(Untrusted::NoMatch));
        assert_eq!(verify(ID, "1614265330", SIGNATURE, b"{}", SECOND), Err(Untrusted::NoMatch));
        for signature in ["", "v1", "v1,", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v1,g0hM9SsE", "v1,*"] {
            assert_eq!(verify(ID, "1614265330", signature, BODY, SECOND), Err(Untrusted::NoMatch), "{signature}");
        }
    }

    #[test]
    fn a_request_is_accepted_for_five_minutes_either_way() {
        for (now, expected) in [
            (SECOND - 301, Err(Untrusted::TooFarFromNow)),
            (SECOND - 300, Ok(())),
            (SECOND + 300, Ok(())),
            (SECOND + 301, Err(Untrusted::TooFarFromNow)),
        ] {
            assert_eq!(verify(ID, "1614265330", SIGNATURE, BODY, now), expected, "{now}");
        }
        assert_eq!(verify(ID, "-9223372036854775808", SIGNATURE, BODY, SECOND), Err(Untrusted::TooFarFromNow));
        assert_eq!(verify(ID, "soon", SIGNATURE, BODY, SECOND), Err(Untrusted::Headers));
    }

    #[test]
    fn during_a_rotation_either_secret_and_either_signature_is_accepted() {
        let (old, new) = (secret(SECRET), secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"));
        let both = format!("{} {}", new.sign(ID, at(SECOND), BODY), old.sign(ID, at(SECOND), BODY));
        for (signature, secrets) in [
            (SIGNATURE, [new.clone(), old.clone()].as_slice()),
            (&both, std::slice::from_ref(&old)),
            (&both, std::slice::from_ref(&new)),
        ] {
            let signed = Signed { id: ID, timestamp: "1614265330", signature };
            assert_eq!(signed.verify(secrets, BODY, at(SECOND)), Ok(()));
        }
        let signed = Signed { id: ID, timestamp: "1614265330", signature: SIGNATURE };
        assert_eq!(signed.verify(&[new], BODY, at(SECOND)), Err(Untrusted::NoMatch));
        assert_eq!(signed.verify(&[], BODY, at(SECOND)), Err(Untrusted::NoMatch));
    }

    #[test]
    fn a_secret_is_long_enough_and_prints_nothing() {
        for text in ["", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64 at all, by any means", &SECRET[6..]] {
            assert_eq!(text.parse::<Secret>().unwrap_err(), NotASecret);
        }
        assert_eq!(format!("{:?}", secret(SECRET)), "Secret(…)");
    }

    proptest! {
        #[test]
        fn the_reference_library_signs_alike(
            key in prop::collection::vec(any::<u8>(), SECRET_BYTES),
            id in "[!-~]{1,40}",
            second in 0..4_000_000_000_i64,
            body in any::<String>(),
        ) {
            let text = format!("whsec_{}", STANDARD.encode(key));
            let theirs = standardwebhooks::Webhook::new(&text).unwrap().sign(&id, second, body.as_bytes()).unwrap();
            prop_assert_eq!(secret(&text).sign(&id, at(second), body.as_bytes()), theirs.clone());
            let signed = Signed { id: &id, timestamp: &second.to_string(), signature: &theirs };
            prop_assert_eq!(signed.verify(&[secret(&text)], body.as_bytes(), at(second)), Ok(()));
        }

        #[test]
        fn no_header_makes_it_panic(id in any::<String>(), timestamp in any::<String>(), signature in any::<String>()) {
            prop_assert!(verify(&id, &timestamp, &signature, BODY, SECOND).is_err());
        }
    }
}
