//! Everything on one machine: `cargo local`.
//!
//! - `template`: reads `infra/template.yaml`, so that here and AWS cannot drift apart;

pub mod template;
