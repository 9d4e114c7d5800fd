//! The audience of a campaign: its lists merged, exclusions left out, messages counted.
//!
//! The module that combines others: it reads lists and exclusions through `store` and `files`, merges them with
//! `contacts`, and applies `domain`, because three functions need it (api counts, dispatch counts and starts, send asks
//! for exclusions since the start). Everything streams: memory does not grow with the lists.

mod before;
mod build;
mod count;
mod exclusions;
mod open;
mod rows;
mod search;

pub use before::{BeforeStart, before_start};
pub use build::{Built, build};
pub use count::{ContactsSummary, count, excluded_of, fingerprint, summarise};
pub use exclusions::{ExclusionFile, excluded_since, exclusion_of, files as exclusion_files, imported};
pub use open::{Leaving, Sources};
pub use rows::AudienceRows;

use aws::{files, store};
use contacts::MergeError;
use domain::campaign::PauseCause;
use domain::ids::ListId;
use domain::template::TemplateProblem;

/// Why an audience could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the list {list} is not there or not ready")]
    ListNotReady { list: ListId },
    /// A validated campaign cannot be sent to what was counted.
    #[error("the lists of the campaign are not what was validated: {}", .0.code())]
    Obstacle(PauseCause),
    #[error("the message cannot be written")]
    Message(#[source] TemplateProblem),
    #[error("a list cannot be merged")]
    Merge(#[source] MergeError),
    #[error("a list broke off: {cause}")]
    Broken { cause: String },
    #[error("batch {batch} does not fit its audience file: {cause}")]
    Batch { batch: u32, cause: String },
    #[error("the audience has more recipients than a campaign may have")]
    TooMany,
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Files(#[from] files::Error),
}

impl Error {
    /// Whether trying again may help.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Store(error) => error.is_temporary(),
            Self::Files(files::Error::Unavailable { .. }) | Self::Broken { .. } => true,
            Self::Files(files::Error::NotFound { .. })
            | Self::ListNotReady { .. }
            | Self::Obstacle(_)
            | Self::Message(_)
            | Self::Merge(_)
            | Self::Batch { .. }
            | Self::TooMany => false,
        }
    }
}

/// Recipients of one campaign at most. Indexes, batch numbers and link ranges have room for many more.
pub const RECIPIENTS_MAX: u32 = 20_000_000;
