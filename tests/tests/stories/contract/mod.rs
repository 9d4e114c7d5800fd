//! The contract, driven from its own document, so that a new route is covered by being there: every call with every
//! status that it says it answers, and nothing else; and two accounts that never see each other.
//!
//! - `tour` – a harness with something of everything, and what was answered on the way; `common` – what all calls have in
//!   common; `particular` – what each answers when it works, and the refusals of its own; `isolation` – two accounts;
//!   `limits` – how often one may ask.

mod common;
mod isolation;
mod limits;
mod particular;
mod tour;
