//! The use cases of Envol: the API, the console, the operators' command line and the functions behind the queues call
//! them. Nothing here depends on HTTP or a language.
//!
//! - `use_case` – the table of all use cases: permissions, and actions of the audit log;
//! - `actor` – who acts; `context` – the account and its services; `error` – why a use case failed;
//! - `drafts`, `campaigns` – settings and life of campaigns; `audience` – their recipients;
//! - `lists`, `exclusions`, `erasure` – contacts, and numbers that get no messages;
//! - `templates`, `images` – what messages are made with;
//! - `settings`, `users`, `keys`, `webhooks`, `accounts` – the account itself; `password` – hashing passwords;
//! - `exports` – files for accounts; `import_report` – the report of an import, as accounts see it;
//! - `start` – what a function is made of; `config` – what it reads at its start.

pub mod accounts;
pub mod actor;
pub mod audience;
pub mod campaigns;
pub mod config;
pub mod context;
pub mod drafts;
pub mod erasure;
pub mod error;
pub mod exclusions;
pub mod exports;
pub mod images;
pub mod import_report;
pub mod keys;
pub mod lists;
pub mod password;
pub mod settings;
pub mod start;
pub mod templates;
pub mod use_case;
pub mod users;
pub mod webhooks;

pub use actor::Actor;
pub use context::{Context, Expected, Services};
pub use error::{AccessDenied, Error};
pub use start::Start;
pub use use_case::{Rule, UseCase};
