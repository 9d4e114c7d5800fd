//! Webhooks of accounts: events, subscriptions, and the commands of endpoints.
//!
//! Functions announce events where they happen; only the function `webhooks` calls the endpoints.
//!
//! - `announce` – turns an event into deliveries, one per endpoint: the table is the truth, the queue a hint;
//! - `payload` – the bodies of requests; `samples` – one of each;
//! - `commands` – create, change, rotate, test, replay;
//! - `url`, `address` – which endpoints are allowed.

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
