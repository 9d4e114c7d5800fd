//! Identifiers: a prefix that names the kind, then 20 characters that sort by creation.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Bytes of an identifier: 6 of milliseconds since 1970, then 6 of randomness.
const ID_BYTES: usize = 12;
/// Characters after the prefix: 96 bits in groups of 5.
pub const TAIL_CHARACTERS: usize = (ID_BYTES * 8).div_ceil(5);
const _: () = assert!(TAIL_CHARACTERS == 20);
/// Crockford's base 32: no i, l, o, u, so that an id can be read aloud.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of the form {prefix}…")]
pub struct NotAnId {
    pub prefix: &'static str,
}

/// Encodes an instant and random bytes as the 20 characters of a tail.
fn tail(at: jiff::Timestamp, random: [u8; 6]) -> [u8; TAIL_CHARACTERS] {
    let ms = u64::try_from(at.as_millisecond()).unwrap_or(0) & 0xFFFF_FFFF_FFFF;
    let noise = random.iter().fold(0u128, |sum, byte| (sum << 8) | u128::from(*byte));
    // 96 bits, shifted left so that they fill 20 groups of 5 bits.
    let mut bits = ((u128::from(ms) << 48) | noise) << 4;
    let mut text = [0u8; TAIL_CHARACTERS];
    for index in text.iter_mut().rev() {
        *index = ALPHABET[(bits & 31) as usize];
        bits >>= 5;
    }
    text
}

/// Six bytes of a hash of the parts; parts are delimited, so that no two lists hash alike.
fn noise(parts: &[&str]) -> [u8; 6] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    std::array::from_fn(|index| digest[index])
}

fn is_tail(text: &str) -> bool {
    text.len() == TAIL_CHARACTERS && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The prefix.
            pub const PREFIX: &'static str = $prefix;

            /// A new identifier: `at` makes it sort by creation, `random` makes it unique.
            pub fn new(at: jiff::Timestamp, random: [u8; 6]) -> Self {
                let tail = tail(at, random);
                Self([$prefix, &String::from_utf8_lossy(&tail)].concat().into())
            }

            /// The identifier derived from an instant and `parts`: equal input gives an equal id.
            pub fn derived(at: jiff::Timestamp, parts: &[&str]) -> Self {
                Self::new(at, noise(parts))
            }

            /// The identifier from its 20 characters, as message ids carry them.
            pub fn from_tail(tail: &str) -> Result<Self, NotAnId> {
                if is_tail(tail) { Ok(Self([$prefix, tail].concat().into())) } else { Err(NotAnId { prefix: $prefix }) }
            }

            /// The 20 characters after the prefix.
            pub fn tail(&self) -> &str {
                &self.0[$prefix.len()..]
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                match text.strip_prefix($prefix) {
                    Some(tail) if is_tail(tail) => Ok(Self(text.into())),
                    Some(_) | None => Err(NotAnId { prefix: $prefix }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, NotAnId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// An account, the tenant.
    AccountId = "acc_";
    /// A list of contacts, or an import of exclusions.
    ListId = "lst_";
    CampaignId = "cmp_";
    TemplateId = "tpl_";
    /// A short link of a campaign.
    LinkId = "lnk_";
    ImageId = "img_";
    /// An API key; its secret is separate.
    KeyId = "key_";
    UserId = "usr_";
    /// A reply from a phone.
    ReplyId = "rpl_";
    /// The erasure of a number.
    ErasureId = "ers_";
    /// A webhook endpoint of an account.
    WebhookId = "whk_";
    /// An event; the same for every endpoint and at every attempt.
    EventId = "evt_";
    /// One event to be sent to one endpoint.
    DeliveryId = "dlv_";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(ms).unwrap()
    }

    #[test]
    fn an_id_reads_back_as_itself() {
        let id = CampaignId::new(at(1_700_000_000_123), [1, 2, 3, 4, 5, 255]);
        assert_eq!(id.as_str().parse::<CampaignId>(), Ok(id.clone()));
        assert_eq!(CampaignId::from_tail(id.tail()), Ok(id));
    }

    #[test]
    fn a_later_id_sorts_after_an_earlier_one() {
        let ids: Vec<_> = [5, 1_000, 1_700_000_000_000].map(|ms| ListId::new(at(ms), [0xFF; 6])).into();
        assert!(ids.is_sorted());
        assert!(ListId::new(at(5), [0; 6]) < ListId::new(at(5), [0, 0, 0, 0, 0, 1]));
    }

    #[test]
    fn a_derived_id_depends_on_each_of_its_parts_and_on_nothing_else() {
        let of = |ms, parts: &[&str]| EventId::derived(at(ms), parts);
        assert_eq!(of(5, &["a", "b"]), of(5, &["a", "b"]));
        for other in [of(6, &["a", "b"]), of(5, &["ab", ""]), of(5, &["a"]), of(5, &["b", "a"])] {
            assert_ne!(of(5, &["a", "b"]), other);
        }
    }

    #[test]
    fn another_prefix_a_short_tail_and_a_key_separator_are_refused() {
        for text in
            ["", "cmp_", "lst_00000000000000000000", "cmp_0000", "cmp_0000000000000000000#", "cmp_0000000000000000000I"]
        {
            assert!(text.parse::<CampaignId>().is_err(), "{text}");
        }
    }
}
