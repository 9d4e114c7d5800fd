//! What people do with Envol, each use case once: the API, the console, the operators' command line and the functions
//! behind the queues call it. Nothing here speaks HTTP or a language.
//!
//! - `use_case` – the table of all use cases: who may do each, and what the audit log calls it;
//! - `actor` – who acts; `context` – the account that they act on; `error` – why something was not done;
//! - `drafts`, `campaigns` – what a campaign says, and its life; `audience` – whom it goes to;
//! - `lists`, `exclusions`, `erasure` – contacts, and numbers that get nothing;
//! - `templates`, `images` – what messages are made with;
//! - `settings`, `users`, `keys`, `webhooks`, `accounts` – the account itself; `password` – how passwords are kept;
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
