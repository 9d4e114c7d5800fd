//! HTTP as every function speaks it: the entry that each request passes, problems (RFC 9457) in two languages, cursors,
//! API keys on the wire. Knows axum; no table, no bucket, no queue: what those answer is for the functions to judge.
//!
//! - `language` – English or French, by `Accept-Language`; every word for people stands in both.
//! - `problem` – what went wrong, as `application/problem+json`.
//! - `entry` – request id, language, panics, security headers, one line of log; problems and CORS for programs.
//! - `address` – where a request comes from.
//! - `cursor` – where the next page begins, opaque.
//! - `bearer` – the key of an `Authorization` header.
//! - `bucket` – how many requests an account may make.

pub mod address;
mod bearer;
pub mod bucket;
pub mod cursor;
pub mod entry;
pub mod language;
pub mod problem;

pub use bearer::bearer;
pub use entry::Entry;
pub use language::{Language, Text};
pub use problem::{FieldError, Kind, Problem};
