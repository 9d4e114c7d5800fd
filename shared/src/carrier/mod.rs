//! The SMS carriers: what takes our messages, and what calls back about them. Knows the domain and HTTP; no table,
//! no queue, no clock.
//!
//! - `signature` – Standard Webhooks, made and checked.

pub mod signature;
