//! What a campaign would do, whether it may, and the commands that move it, with the money that goes with them.
//!
//! Joins rooms like `audience` does, because two doors need the same answers: the API and the console. Nothing here
//! speaks HTTP or a language: problems have codes, the doors have words.
//!
//! - `account` – settings, and what follows from them;
//! - `check` – what stands in the way of validating (blockers), and what its author should know (warnings);
//! - `estimate` – exact recipients, segments, credits, and the forecast;
//! - `commands` – validate, pause, resume, edit, cancel, delete: one conditional write each;
//! - `erasure` – a number leaves every file of the account;
//! - `lists` – which are in use, the removal of one, its import anew, and the end of one that was cut off;
//! - `progress` – how far a campaign is;
//! - `statistics` – what a campaign adds up to;
//! - `trial` – test messages;
//! - `retry` – a draft for what failed for a while only.

mod account;
mod check;
mod commands;
mod erasure;
mod estimate;
mod lists;
mod progress;
mod retry;
pub mod statistics;
mod trial;

pub use account::change_account;
pub use check::{Blocker, Warning, due_at};
pub use estimate::{Counted, Estimate};
pub use lists::{
    NotAgain, Place, Watched, begin_import, campaign_using, import_again, lists_in_use, remove_list, settle_import,
};
pub use progress::{Progress, progress};
pub use trial::{TESTS_MAX, Tested, Trial};

use aws::files::Files;
use aws::queue::Queues;
use aws::store;
use aws::store::AccountStore;
use domain::campaign::Refusal;
use domain::ids::CampaignId;
use domain::phone::PhoneNumber;

use crate::audience;

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
    /// A test of marketing to numbers that must not get any.
    #[error("{} numbers are excluded", phones.len())]
    Excluded { phones: Vec<PhoneNumber> },
    /// A campaign that is not finished uses the list.
    #[error("the list is in use")]
    ListInUse { campaign: String },
    #[error(transparent)]
    NotAgain(#[from] NotAgain),
    #[error("the campaign is still being sent")]
    StillSending,
    /// There is nothing left that a pace could rule.
    #[error("everything is handed over already")]
    HandedOver,
    #[error(transparent)]
    Audience(#[from] audience::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
}
