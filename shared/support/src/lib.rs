//! What every crate may use; depends on none of them.
//!
//! - `cause` – why JSON could not be read, as logs may hold it;
//! - `clock` – the time, the system's or one that tests set;
//! - `faults` – what is wrong with a configuration;
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
