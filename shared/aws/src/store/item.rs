//! Items as attribute maps: helpers for reading and writing them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use support::cause::NotRead;

use super::{Error, Result};

pub(super) type Item = HashMap<String, AttributeValue>;

/// Items of a listing and where the next page begins.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Opaque to callers; `None` at the end.
    pub next: Option<String>,
}

pub(super) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(super) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(super) fn b(bytes: Vec<u8>) -> AttributeValue {
    AttributeValue::B(bytes.into())
}

/// An item with its keys and its document.
pub(super) fn item<T: Serialize>(pk: &str, sk: &str, doc: &T) -> Item {
    HashMap::from([("pk".into(), s(pk)), ("sk".into(), s(sk)), ("doc".into(), s(json(doc)))])
}

/// The document of an item. Our item shapes always serialise: their maps have string keys.
pub(super) fn json<T: Serialize>(doc: &T) -> String {
    serde_json::to_string(doc).unwrap_or_default()
}

/// Reads the document of an item.
pub(super) fn doc<T: DeserializeOwned>(item: &Item, what: &'static str) -> Result<T> {
    let corrupt = |error| Error::Corrupt { what, cause: NotRead::from(error).to_string() };
    serde_json::from_str(text(item, "doc", what)?).map_err(corrupt)
}

pub(super) fn text<'a>(item: &'a Item, name: &str, what: &'static str) -> Result<&'a str> {
    match item.get(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(Error::Corrupt { what, cause: format!("no text {name}") }),
    }
}

/// A number of an item; absent is zero.
pub(super) fn number<T: std::str::FromStr + Default>(item: &Item, name: &str, what: &'static str) -> Result<T> {
    match item.get(name) {
        None => Ok(T::default()),
        Some(AttributeValue::N(number)) => {
            number.parse().map_err(|_| Error::Corrupt { what, cause: format!("{name} is out of range") })
        }
        Some(_) => Err(Error::Corrupt { what, cause: format!("no number {name}") }),
    }
}

pub(super) fn binary<'a>(item: &'a Item, name: &str) -> Option<&'a [u8]> {
    match item.get(name) {
        Some(AttributeValue::B(blob)) => Some(blob.as_ref()),
        _ => None,
    }
}

/// An instant as milliseconds since 1970, as stored in indexes and documents.
pub(super) fn ms(at: jiff::Timestamp) -> i64 {
    at.as_millisecond()
}

pub(super) fn instant(ms: i64, what: &'static str) -> Result<jiff::Timestamp> {
    jiff::Timestamp::from_millisecond(ms).map_err(|_| Error::Corrupt { what, cause: "an instant out of range".into() })
}

pub(super) fn maybe_instant(ms: Option<i64>, what: &'static str) -> Result<Option<jiff::Timestamp>> {
    ms.map(|ms| instant(ms, what)).transpose()
}

/// Parses a code of the domain.
pub(super) fn code<T: std::str::FromStr>(text: &str, what: &'static str) -> Result<T> {
    text.parse().map_err(|_| Error::Corrupt { what, cause: format!("no such code {text}") })
}
