//! Everything on one machine: `cargo local`.
//!
//! - `template`: reads `infra/template.yaml`, so that here and AWS cannot drift apart. Pure;
//! - `cloud`: DynamoDB, S3 and SQS in this process;
//! - `runner`: what Lambda and its event sources do on AWS; `functions`: the Rust behind each name of the template;
//! - `machine`: all of it together, served or moved by hand;
//! - `sandbox`: the built-in carrier;
//! - `start`: the process: folder, ports, first account, end;
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
