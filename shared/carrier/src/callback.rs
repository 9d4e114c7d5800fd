//! Receipts and replies that a carrier sends to its callback URL (`PROTOCOL.md`): authentication and parsing.

use std::borrow::Cow;
use std::fmt;

use domain::country::Country;
use domain::message_id::MessageId;
use domain::outcome::{Outcome, Reason};
use domain::phone::{self, PhoneNumber};
use domain::receipt;
use domain::signature::{Secret, Signed, Untrusted};
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use subtle::ConstantTimeEq as _;
use support::cause::NotRead;

/// Characters kept of a reply: a little more than ten segments.
pub const REPLY_CHARACTERS_MAX: usize = 2_000;
/// Characters of the short code or sender that a reply is sent to.
pub(super) const SHORT_CODE_CHARACTERS_MAX: usize = 20;
/// Errors listed in one response.
pub const ERRORS_MAX: usize = 20;

/// The carrier that may call: its name and token are in the path, and it signs with one of the shared secrets.
#[derive(Clone)]
pub struct CallbackAuth {
    /// As in [`super::Carrier::name`].
    pub carrier: Box<str>,
    pub token: Box<str>,
    /// Several during a rotation.
    pub secrets: Vec<Secret>,
}

impl fmt::Debug for CallbackAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackAuth").field("carrier", &self.carrier).finish_non_exhaustive()
    }
}

impl CallbackAuth {
    /// Whether carrier and token of a path match; in constant time.
    pub fn is_named(&self, carrier: &str, token: &str) -> bool {
        !self.token.is_empty() && *self.carrier == *carrier && bool::from(self.token.as_bytes().ct_eq(token.as_bytes()))
    }

    /// Whether one of the secrets signed this body within the last minutes.
    pub fn verify(&self, headers: &http::HeaderMap, body: &[u8], now: jiff::Timestamp) -> Result<(), Untrusted> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        Signed::from_headers(text)?.verify(&self.secrets, body, now)
    }
}

/// A receipt: the operator's result for one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    pub id: MessageId,
    /// Handed over, delivered, failed, expired, rejected or unknown.
    pub outcome: Outcome,
    pub reason: Reason,
    pub at: jiff::Timestamp,
}

/// A reply from a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub from: PhoneNumber,
    /// The short code or sender that it was sent to.
    pub to: String,
    pub text: String,
    pub at: jiff::Timestamp,
}

/// Why one record is not accepted. It fails alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackError {
    /// JSON pointer into the body.
    pub pointer: String,
    pub detail: &'static str,
}

/// The content of a callback.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Callback {
    pub receipts: Vec<Receipt>,
    pub replies: Vec<Reply>,
    /// The first [`ERRORS_MAX`] rejected records.
    pub errors: Vec<CallbackError>,
    /// Number of rejected records.
    pub refused: usize,
}

/// Why a body cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("the body is not JSON")]
    NotJson(#[source] NotRead),
    #[error("the body is not a callback")]
    NotACallback(#[source] NotRead),
}

/// Reads a body. `now` replaces a time that is missing or in the future.
pub fn parse(body: &[u8], now: jiff::Timestamp) -> Result<Callback, Unreadable> {
    let body: Body<'_> = serde_json::from_slice(body).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => Unreadable::NotACallback(error.into()),
        serde_json::error::Category::Syntax | serde_json::error::Category::Eof | serde_json::error::Category::Io => {
            Unreadable::NotJson(error.into())
        }
    })?;
    let mut callback = Callback::default();
    for (index, receipt) in body.receipts.unwrap_or_default().iter().enumerate() {
        match receipt.read(now) {
            Ok(receipt) => callback.receipts.push(receipt),
            Err(fault) => callback.refuse("receipts", index, fault),
        }
    }
    for (index, reply) in body.replies.unwrap_or_default().iter().enumerate() {
        match reply.read(now) {
            Ok(reply) => callback.replies.push(reply),
            Err(fault) => callback.refuse("replies", index, fault),
        }
    }
    Ok(callback)
}

impl Callback {
    fn refuse(&mut self, list: &str, index: usize, (field, detail): (&str, &'static str)) {
        self.refused += 1;
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(CallbackError { pointer: format!("/{list}/{index}/{field}"), detail });
        }
    }
}

/// Unknown fields are ignored, as carriers add their own.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow, default)]
    receipts: Option<Vec<RawReceipt<'a>>>,
    #[serde(borrow, default)]
    replies: Option<Vec<RawReply<'a>>>,
}

#[derive(Deserialize)]
struct RawReceipt<'a> {
    #[serde(borrow, default)]
    id: Loose<'a>,
    #[serde(borrow, default)]
    status: Loose<'a>,
    #[serde(borrow, default)]
    reason: Loose<'a>,
    #[serde(borrow, default)]
    at: Loose<'a>,
}

#[derive(Deserialize)]
struct RawReply<'a> {
    #[serde(borrow, default)]
    from: Loose<'a>,
    #[serde(borrow, default)]
    to: Loose<'a>,
    #[serde(borrow, default)]
    text: Loose<'a>,
    #[serde(borrow, default)]
    at: Loose<'a>,
}

type FieldError = (&'static str, &'static str);

impl RawReceipt<'_> {
    fn read(&self, now: jiff::Timestamp) -> Result<Receipt, FieldError> {
        let id = self.id.text().and_then(|id| id.parse().ok()).ok_or(("id", "this is no id of ours"))?;
        let word = self.status.text().ok_or(("status", "a status is needed"))?;
        let outcome = receipt::outcome(word).ok_or(("status", "this status is none of the protocol"))?;
        Ok(Receipt { id, outcome, reason: receipt::reason(outcome, self.reason.text()), at: self.at.instant(now)? })
    }
}

impl RawReply<'_> {
    fn read(&self, now: jiff::Timestamp) -> Result<Reply, FieldError> {
        let from = self.from.spelled().and_then(|from| number(&from));
        let from = from.ok_or(("from", "a mobile number is needed"))?;
        let to = self.to.spelled().map(|to| short_code(&to));
        let to = to.filter(|to| (1..=SHORT_CODE_CHARACTERS_MAX).contains(&to.chars().count()));
        let to = to.ok_or(("to", "1 to 20 characters are needed"))?;
        let text = self.text.text().ok_or(("text", "a text is needed"))?;
        // Shortened rather than rejected: STOP would be at its beginning.
        let text = text.chars().take(REPLY_CHARACTERS_MAX).collect();
        Ok(Reply { from, to, text, at: self.at.instant(now)? })
    }
}

/// A phone number in any spelling that carriers use: E.164, international without plus or with `00`, national of
/// France, with separators.
fn number(text: &str) -> Option<PhoneNumber> {
    let international = |digits: &str| format!("+{digits}").parse().ok();
    // Not a French number: perhaps a foreign one that lost its plus.
    phone::parse(text, Country::France).ok().or_else(|| international(text.trim()))
}

/// A short code as stored, digits only: carriers write it with spaces or like a number. Alphanumeric senders are
/// unchanged.
fn short_code(text: &str) -> String {
    let digits: String = text.trim().trim_start_matches('+').split_whitespace().collect();
    match digits.bytes().all(|byte| byte.is_ascii_digit()) {
        true => digits,
        false => text.trim().to_owned(),
    }
}

/// A field that should be text. Other types are read and ignored, so that a bad record fails alone.
#[derive(Debug, Default)]
enum Loose<'a> {
    #[default]
    Absent,
    Text(Cow<'a, str>),
    /// A whole number without quotes, as some carriers write phone numbers.
    Digits(u64),
    Other,
}

impl Loose<'_> {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::Digits(_) | Self::Other => None,
        }
    }

    /// The text, or the digits of a number.
    fn spelled(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Digits(number) => Some(Cow::Owned(number.to_string())),
            Self::Absent | Self::Other => None,
        }
    }

    /// An instant that is not in the future.
    fn instant(&self, now: jiff::Timestamp) -> Result<jiff::Timestamp, FieldError> {
        let error = ("at", "an instant as RFC 3339 writes it is needed");
        match self {
            Self::Absent => Ok(now),
            Self::Text(text) => text.parse::<jiff::Timestamp>().map(|at| at.min(now)).map_err(|_| error),
            Self::Digits(_) | Self::Other => Err(error),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor)
    }
}

struct LooseVisitor;

impl<'de> Visitor<'de> for LooseVisitor {
    type Value = Loose<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Loose<'de>, E> {
        Ok(Loose::Text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Loose<'de>, E> {
        Ok(Loose::Text(Cow::Owned(text.to_owned())))
    }
    fn visit_unit<E>(self) -> Result<Loose<'de>, E> {
        Ok(Loose::Absent)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Loose<'de>, E> {
        Ok(Loose::Other)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Loose<'de>, E> {
        Ok(Loose::Other)
    }
    fn visit_u64<E>(self, number: u64) -> Result<Loose<'de>, E> {
        Ok(Loose::Digits(number))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Loose<'de>, E> {
        Ok(Loose::Other)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Loose<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose::Other)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Loose::Other)
    }
}
