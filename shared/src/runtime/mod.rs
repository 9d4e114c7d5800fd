//! What every function starts with: configuration from a look-up closure, the clock, AWS clients, logs.

pub mod aws;
pub mod clock;
pub mod config;
pub mod password;
pub mod random;
pub mod telemetry;

pub use clock::Clock;
pub use config::{Faults, Lookup};
