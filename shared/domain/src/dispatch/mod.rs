//! What dispatch decides about a campaign that is due. Pure: table contents, queue state and time are arguments.
//!
//! - `step` – what its status requires;
//! - `unsent` – which released messages are not sent yet;
//! - `limit` – how many more may be released;
//! - `repair` – which batches go on the queue again;
//! - `next_check` – when it is checked again;
//! - `refresh` – when the sum that pages show is read again;
//! - `closing` – when its outcomes are final, and how its credits are settled.

mod closing;
mod limit;
mod next_check;
mod refresh;
mod repair;
mod step;
mod unsent;

pub use closing::{Closing, Freeze, Settlement, give_up_receipts, is_unsettled, settle_in_doubt};
pub use limit::{Limit, UNDER_WAY_MAX, limit_at_rate, limit_while_open, limit_without_rate};
pub use next_check::{Sending, poll_interval_seconds};
pub use refresh::is_sum_stale;
pub use repair::{lost, probes};
pub use step::Step;
pub use unsent::{OpenBatch, Unsent};
