//! Webhooks to accounts: what they are told, whom, and the commands of their endpoints.
//!
//! Joins rooms like `planning` does, because several doors need the same: the functions where things happen announce,
//! the API and the console look after the endpoints. Nothing here speaks HTTP or a language: problems have codes, the
//! doors have words. Whoever is told is told by the function `webhooks`, and by nobody else.
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

pub use address::is_public;
pub use announce::Announcer;
pub use commands::{Error, Wanted, Webhooks};
pub use payload::{Reply, campaign_event, list_event, replied_event, stopped_event};
pub use samples::samples;
pub use url::{Reach, UrlFault, endpoint_url, literal_address};
