//! HTTP for every function: the entry point, problems (RFC 9457) in two languages, cursors, API keys. Depends on axum;
//! no table, no bucket, no queue.
//!
//! - `language` – English or French, by `Accept-Language`; every text for people has both.
//! - `problem` – errors, as `application/problem+json`.
//! - `entry` – request id, language, panics, security headers, one line of log; problems and CORS for programs.
//! - `address` – the client's address.
//! - `cursor` – where the next page begins.
//! - `bearer` – the key of an `Authorization` header.
//! - `bucket` – rate limits.

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
