//! The id of a message at the carrier: account, campaign, recipient. Pure.
//!
//! It is derived, not random: a batch that is sent again after a crash gives each message the same id, and a carrier
//! that accepts an id only once makes the repeat harmless. A receipt that carries it finds its ledger without a
//! look-up.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ids::{AccountId, CampaignId, TAIL_CHARACTERS};

/// The longest text of a message id: two tails, two dots, `t` and the longest number.
pub const MESSAGE_ID_BYTES_MAX: usize = 2 * TAIL_CHARACTERS + 2 + 1 + 10;
const _: () = assert!(MESSAGE_ID_BYTES_MAX == 53);

/// The recipient of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Addressee {
    /// The recipient's index in the audience.
    Recipient(u32),
    /// A test message. It counts in no statistic, so a random number names it.
    Test(u32),
}

/// `<account's tail>.<campaign's tail>.<index>`, or `….t<random>` for a test message. Copied freely: 48 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "std::borrow::Cow<'_, str>")]
pub struct MessageId {
    account: [u8; TAIL_CHARACTERS],
    campaign: [u8; TAIL_CHARACTERS],
    addressee: Addressee,
}

/// Why a text is not a message id of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a message id")]
pub struct NotAMessageId;

impl MessageId {
    pub fn new(account: &AccountId, campaign: &CampaignId, addressee: Addressee) -> Self {
        Self { account: fixed(account.tail()), campaign: fixed(campaign.tail()), addressee }
    }

    /// The id of another addressee of the same campaign, without parsing the ids again.
    pub fn at(self, addressee: Addressee) -> Self {
        Self { addressee, ..self }
    }

    pub fn addressee(&self) -> Addressee {
        self.addressee
    }

    #[expect(clippy::expect_used, reason = "the tail came out of an AccountId")]
    pub fn account(&self) -> AccountId {
        AccountId::from_tail(&String::from_utf8_lossy(&self.account)).expect("a tail is a tail")
    }

    #[expect(clippy::expect_used, reason = "the tail came out of a CampaignId")]
    pub fn campaign(&self) -> CampaignId {
        CampaignId::from_tail(&String::from_utf8_lossy(&self.campaign)).expect("a tail is a tail")
    }

    /// Both tails: equal for the messages of one campaign, so receipts can be grouped without allocating.
    pub fn group(&self) -> ([u8; TAIL_CHARACTERS], [u8; TAIL_CHARACTERS]) {
        (self.account, self.campaign)
    }
}

fn fixed(tail: &str) -> [u8; TAIL_CHARACTERS] {
    let mut bytes = [b'0'; TAIL_CHARACTERS];
    // An id's tail has this length by construction.
    for (slot, byte) in bytes.iter_mut().zip(tail.bytes()) {
        *slot = byte;
    }
    bytes
}

impl FromStr for MessageId {
    type Err = NotAMessageId;
    fn from_str(text: &str) -> Result<Self, NotAMessageId> {
        if text.len() > MESSAGE_ID_BYTES_MAX {
            return Err(NotAMessageId);
        }
        let mut parts = text.split('.');
        let (Some(account), Some(campaign), Some(addressee), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NotAMessageId);
        };
        let account = AccountId::from_tail(account).map_err(|_| NotAMessageId)?;
        let campaign = CampaignId::from_tail(campaign).map_err(|_| NotAMessageId)?;
        let addressee = match addressee.strip_prefix('t') {
            Some(random) => Addressee::Test(number(random)?),
            None => Addressee::Recipient(number(addressee)?),
        };
        Ok(Self::new(&account, &campaign, addressee))
    }
}

/// Parses a number in its only accepted spelling, so that no two texts are the same id.
fn number(text: &str) -> Result<u32, NotAMessageId> {
    let is_canonical = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if is_canonical { text.parse().map_err(|_| NotAMessageId) } else { Err(NotAMessageId) }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = str::from_utf8(&self.account).map_err(|_| fmt::Error)?;
        let campaign = str::from_utf8(&self.campaign).map_err(|_| fmt::Error)?;
        match self.addressee {
            Addressee::Recipient(index) => write!(f, "{account}.{campaign}.{index}"),
            Addressee::Test(random) => write!(f, "{account}.{campaign}.t{random}"),
        }
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<std::borrow::Cow<'_, str>> for MessageId {
    type Error = NotAMessageId;
    fn try_from(text: std::borrow::Cow<'_, str>) -> Result<Self, NotAMessageId> {
        text.parse()
    }
}

/// Writes without allocating: carriers get thousands per second.
impl Serialize for MessageId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ACCOUNT: &str = "01hqxz0000000000000a";
    const CAMPAIGN: &str = "01hqxz0000000000000b";

    fn id(addressee: Addressee) -> MessageId {
        MessageId::new(&AccountId::from_tail(ACCOUNT).unwrap(), &CampaignId::from_tail(CAMPAIGN).unwrap(), addressee)
    }

    #[test]
    fn it_names_account_campaign_and_recipient() {
        assert_eq!(id(Addressee::Recipient(42)).to_string(), format!("{ACCOUNT}.{CAMPAIGN}.42"));
        assert_eq!(id(Addressee::Test(7)).to_string(), format!("{ACCOUNT}.{CAMPAIGN}.t7"));
        assert_eq!(id(Addressee::Recipient(42)).account().tail(), ACCOUNT);
        assert_eq!(id(Addressee::Recipient(42)).campaign().tail(), CAMPAIGN);
    }

    #[test]
    fn an_id_has_one_spelling() {
        for end in ["", "042", "+1", "-1", "4294967296", "t", "t01", "1.2", "1 ", "T1", "0x1", "٣"] {
            assert_eq!(format!("{ACCOUNT}.{CAMPAIGN}.{end}").parse::<MessageId>(), Err(NotAMessageId), "{end}");
        }
        for text in ["", ".", "..", "..1", "a.b.1", &format!("{ACCOUNT}..1"), &format!("{ACCOUNT}#.{CAMPAIGN}.1")] {
            assert_eq!(text.parse::<MessageId>(), Err(NotAMessageId), "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_reads_back_as_itself(number in any::<u32>(), is_test in any::<bool>()) {
            let id = id(if is_test { Addressee::Test(number) } else { Addressee::Recipient(number) });
            prop_assert!(id.to_string().len() <= MESSAGE_ID_BYTES_MAX);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
            prop_assert_eq!(serde_json::from_str::<MessageId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = text.parse::<MessageId>();
        }
    }
}
