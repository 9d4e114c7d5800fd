//! The contract, driven from its own document, so that a new route is covered automatically: every call with every
//! documented status and no other; and two isolated accounts.
//!
//! - `tour` – a harness with one of each resource, and a record of the responses; `common` – what all calls have in
//!   common; `particular` – successful responses and specific errors of each call; `isolation` – two accounts; `limits` –
//!   rate limits.

mod common;
mod isolation;
mod limits;
mod particular;
mod tour;
