//! AWS: tables, bucket and queues. The only place that knows the keys of items and files, and the shapes of messages.
//!
//! - `store` – the tables;
//! - `files` – the bucket;
//! - `queue` – the queues;
//! - `sdk` – what the clients of the AWS SDK are built from;
//! - `secrets` – keys and tokens in Secrets Manager;
//! - `cause` – why a call failed, as logs may hold it.

pub mod cause;
pub mod files;
pub mod queue;
pub mod sdk;
pub mod secrets;
pub mod store;
