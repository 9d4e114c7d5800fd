//! Utilities for every crate; depends on none of them.
//!
//! - `cause` – why JSON could not be read, safe for logs;
//! - `clock` – the time, the system's or one that tests set;
//! - `config_errors` – all errors in a configuration at once;
//! - `metrics` – figures as lines of the log;
//! - `random` – randomness from the operating system;
//! - `telemetry` – logs as JSON lines.

pub mod cause;
pub mod clock;
mod config_errors;
pub mod metrics;
pub mod random;
pub mod telemetry;

pub use clock::Clock;
pub use config_errors::ConfigErrors;
pub use metrics::{Metric, Metrics};
