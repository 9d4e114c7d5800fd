//! What every function starts with: configuration from a look-up closure, secrets, the clock, AWS clients, logs, metrics.

pub mod aws;
pub mod clock;
pub mod config;
pub mod metrics;
pub mod password;
pub mod random;
pub mod secrets;
pub mod telemetry;

pub use clock::Clock;
pub use config::{Faults, Lookup};
pub use metrics::{Metric, Metrics};
