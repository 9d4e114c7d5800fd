//! What people do with Envol, each use case once: the API, the console, the operators' command line and the functions
//! behind the queues call it. Nothing here speaks HTTP or a language.
//!
//! - `planning` – campaigns: what one would do, whether it may, the commands that move it, and its figures;
//! - `audience` – whom a campaign goes to;
//! - `exports` – files for accounts; `import_report` – the report of an import, as accounts see it;
//! - `access` – users and API keys; `password` – how passwords are kept;
//! - `webhooks` – what accounts are told;
//! - `config` – what a function reads at its start.

pub mod access;
pub mod audience;
pub mod config;
pub mod exports;
pub mod import_report;
pub mod password;
pub mod planning;
pub mod webhooks;
