//! What a campaign would do, whether it may, and the commands that move it, with the money that goes with them.
//!
//! Joins rooms like `audience` does, because two doors need the same answers: the API and the console. Nothing here
//! speaks HTTP or a language: problems have codes, the doors have words.
//!
//! - `check` – what stands in the way of validating (blockers), and what its author should know (warnings);
//! - `estimate` – exact recipients, segments, credits, and the forecast;
//! - `commands` – validate, pause, resume, edit, cancel, delete: one conditional write each;
//! - `progress` – how far a campaign is;
//! - `trial` – test messages;
//! - `retry` – a draft for what failed for a while only.

mod check;
mod commands;
mod estimate;
mod progress;
mod retry;
mod trial;

pub use check::{Blocker, Warning, due_at};
pub use estimate::{Counted, Estimate};
pub use progress::{Progress, progress};
pub use trial::{TESTS_MAX, Trial};

use crate::domain::campaign::Refusal;
use crate::domain::ids::CampaignId;
use crate::files::Files;
use crate::queue::Queues;
use crate::store::AccountStore;
use crate::{audience, queue, store};

/// Contacts that are counted within a request at most; above, dispatch counts.
pub const COUNTED_AT_ONCE_MAX: u64 = 1_000_000;

/// Everything that planning needs of one account.
#[derive(Debug, Clone)]
pub struct Planner {
    pub store: AccountStore,
    pub files: Files,
    pub queues: Queues,
    /// Address of the short domain: its length is part of every message with a link.
    pub short_url: String,
}

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("campaign {campaign} has {} faults", blockers.len())]
    Blocked { campaign: CampaignId, blockers: Vec<Blocker> },
    #[error("the account is not there")]
    NoAccount,
    #[error(transparent)]
    Audience(#[from] audience::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Queue(#[from] queue::Error),
}
