//! The one thing that the template cannot say: which Rust function stands behind a name.

use std::collections::BTreeMap;

use axum::Router;
use shared::runtime::{Clock, Faults};

use crate::cloud::LocalCloud;
use crate::runner::Door;

/// Opens the function of this name, configured by its environment in the template.
pub fn open(
    name: &str,
    environment: &BTreeMap<String, String>,
    cloud: &LocalCloud,
    clock: &Clock,
) -> Result<Door, Faults> {
    let _ = (environment, cloud, clock);
    match name {
        "api" | "receipts" | "redirect" => Ok(Door::Http(Router::new())),
        "import" | "dispatch" | "send" | "track" => Ok(Door::events(|_: serde_json::Value| async {})),
        other => Err(Faults(vec![format!("{other} of the template has no function here")])),
    }
}
