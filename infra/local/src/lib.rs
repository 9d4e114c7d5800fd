//! Everything on one machine: `cargo local`.
//!
//! - `template`: reads `infra/template.yaml`, so that here and AWS cannot drift apart;
//! - `cloud`: DynamoDB, S3 and SQS in this process;
//! - `sockets`: servers with limits.

pub mod cloud;
pub mod sockets;
pub mod template;
