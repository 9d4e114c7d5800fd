//! Campaigns: estimates, checks, commands and figures.
//!
//! - `check` – blockers of validation, and warnings;
//! - `estimate` – exact recipients, segments, credits, and the forecast;
//! - `commands` – validate, pause, resume, edit, cancel, delete, pace: one conditional write each;
//! - `progress`, `statistics` – its progress, and its sums;
//! - `test_send` – test messages;
//! - `retry` – a draft for temporary failures.

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

/// A campaign of the account, at an expected version.
pub(crate) async fn find(context: &Context, id: &CampaignId, expected: &Expected) -> Result<Campaign, Error> {
    let found = context.store.campaign(id).await?.ok_or(Error::NotFound { what: "campaign" })?;
    expected.holds(found.version, "campaign")?;
    Ok(found)
}
