//! Everything on one machine: `cargo local`.
//!
//! - `template`: reads `infra/template.yaml`, so that this deployment and AWS cannot drift apart. Pure;
//! - `cloud`: DynamoDB, S3 and SQS in this process;
//! - `runner`: the part of Lambda and its event sources; `functions`: the Rust code of each function of the template;
//! - `machine`: all of it together, served or stepped by tests;
//! - `sandbox`: the built-in carrier;
//! - `start`: the process: folder, ports, first account, shutdown;
//! - `sockets`: servers with limits.

pub mod cloud;
pub mod functions;
pub mod machine;
pub mod runner;
pub mod sandbox;
pub mod sockets;
pub mod start;
pub mod template;

pub use cloud::{LocalCloud, Requests};
pub use machine::{Machine, Setup};
