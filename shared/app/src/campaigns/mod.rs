//! Campaigns: what one would do, whether it may, the commands that move it, and its figures.
//!
//! - `check` – what stands in the way of validating (blockers), and what its author should know (warnings);
//! - `estimate` – exact recipients, segments, credits, and the forecast;
//! - `commands` – validate, pause, resume, take back, cancel, delete, pace: one conditional write each;
//! - `progress`, `statistics` – how far it is, and what it adds up to;
//! - `test_send` – test messages;
//! - `retry` – a draft for what failed for a while only.

mod check;
mod commands;
mod estimate;
mod progress;
mod retry;
pub mod statistics;
mod test_send;

pub use crate::error::Blocker;
pub use check::{Warning, due_at};
pub use commands::{cancel, change_pace, delete, pause, resume, take_back, validate};
pub use estimate::{COUNTED_AT_ONCE_MAX, Counted, Estimate, estimate};
pub use progress::{Progress, progress};
pub use retry::retry_failures;
pub use test_send::{TESTS_MAX, TestSend, Tested, excluded, send_test};

use domain::campaign::Campaign;
use domain::ids::CampaignId;

use crate::context::{Context, Expected};
use crate::error::Error;

/// A campaign of the account, at a version that is expected.
pub(crate) async fn find(context: &Context, id: &CampaignId, expected: &Expected) -> Result<Campaign, Error> {
    let found = context.store.campaign(id).await?.ok_or(Error::NotFound { what: "campaign" })?;
    expected.holds(found.version, "campaign")?;
    Ok(found)
}
