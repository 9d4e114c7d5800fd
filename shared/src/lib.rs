//! What Envol exists for. Each room says in its `mod.rs` what is here and who may come in; `tests/house.rs`
//! checks it: `domain` uses nobody, `contacts` uses `domain`, and `store`, `files`, `queue` and `carrier` use
//! `domain` and the SDK but never each other. `cause` is theirs all: what an error may say.

pub mod access;
pub mod audience;
pub mod carrier;
pub mod cause;
pub mod contacts;
pub mod domain;
pub mod exports;
pub mod files;
pub mod http;
pub mod planning;
pub mod queue;
pub mod runtime;
pub mod store;
pub mod webhooks;
