//! Webhooks to accounts: what they are told, whom, and the commands of their endpoints.
//!
//! The functions where things happen announce events; the function `webhooks` alone calls the endpoints.
//!
//! - `announce` – an event becomes deliveries, one an endpoint: the table is the truth, the queue a hint;
//! - `payload` – what an endpoint gets to read; `samples` – one of each;
//! - `commands` – create, change, rotate, test, replay;
//! - `url`, `address` – where an endpoint may be.

mod address;
mod announce;
mod commands;
mod payload;
mod samples;
mod url;

pub use crate::error::{UrlError, WebhookError};
pub use address::is_public;
pub use announce::Announcer;
pub use commands::{EndpointSettings, WebhookSettings, change, create, disable, remove, replay, rotate, test};
pub use payload::{Reply, campaign_event, list_event, replied_event, stopped_event};
pub use samples::samples;
pub use url::{Reach, endpoint_url, literal_address};
