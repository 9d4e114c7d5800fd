//! The erasure of a number: a task that continues after crashes until no file holds the number.

use super::campaign::Campaign;
use super::ids::{CampaignId, ErasureId, ListId};
use super::phone::PhoneNumber;
use super::status::Status;

/// Progress of the erasure. Earlier stages are done, or wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// List files, their rejects and uploads; lists after this one, in table order, are still to be processed.
    Lists {
        after: Option<String>,
    },
    /// Audiences and reports.
    Campaigns {
        after: Option<String>,
    },
    /// Replies are erased; resources that were in use are checked again until they are free.
    Waiting,
    Done,
}

impl Stage {
    /// Its code in the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Lists { .. } | Self::Campaigns { .. } => "running",
            Self::Waiting => "waiting",
            Self::Done => "done",
        }
    }
}

/// The erasure of one number.
#[derive(Debug, Clone, PartialEq)]
pub struct Erasure {
    pub id: ErasureId,
    /// The number, while there is work left; then it is removed here too.
    pub phone: Option<PhoneNumber>,
    pub stage: Stage,
    /// User or key that asked for it.
    pub by: String,
    pub asked_at: jiff::Timestamp,
    pub done_at: Option<jiff::Timestamp>,
    /// When dispatch checks it next.
    pub next_check_at: Option<jiff::Timestamp>,
    /// Lists that were being imported when the erasure reached them.
    pub waiting_lists: Vec<ListId>,
    /// Unfinished campaigns that hold the number: their batches no longer send to it; their files are erased when they
    /// finish or are deleted.
    pub waiting_campaigns: Vec<CampaignId>,
    /// How many lists, campaigns and replies it was removed from.
    pub lists: u32,
    pub campaigns: u32,
    pub replies: u32,
    /// Rises with every write; the write is conditioned on it.
    pub version: u64,
}

impl Erasure {
    /// A new erasure, due at once.
    pub fn asked(id: ErasureId, phone: PhoneNumber, by: String, now: jiff::Timestamp) -> Self {
        Self {
            id,
            phone: Some(phone),
            stage: Stage::Lists { after: None },
            by,
            asked_at: now,
            done_at: None,
            next_check_at: Some(now),
            waiting_lists: Vec::new(),
            waiting_campaigns: Vec::new(),
            lists: 0,
            campaigns: 0,
            replies: 0,
            version: 0,
        }
    }
}

/// Which files of a campaign may hold a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trace {
    /// No file. An audience built from now on leaves the number out.
    Nowhere,
    /// Its audience is being built, perhaps from exclusions read before: wait.
    Unknown,
    /// Its audience and its report.
    Files,
}

impl Trace {
    pub fn from_campaign(campaign: &Campaign) -> Self {
        match (campaign.status, &campaign.audience) {
            (Status::Draft | Status::Ready | Status::Deleted, _) => Self::Nowhere,
            (Status::Sending, None) => Self::Unknown,
            (Status::Paused | Status::Consolidating | Status::Finished, None) => Self::Nowhere,
            (Status::Sending | Status::Paused | Status::Consolidating | Status::Finished, Some(_)) => Self::Files,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::{Audience, Settings};

    #[test]
    fn a_number_is_searched_where_an_audience_was_built() {
        let now = jiff::Timestamp::UNIX_EPOCH;
        let (account, id) = ("acc_00000000000000000001".parse().unwrap(), "cmp_00000000000000000001".parse().unwrap());
        let draft = Campaign::draft(account, id, Settings::default(), String::new(), now);
        let audience = Audience { recipients: 0, runs: Vec::new(), link_ranges: Vec::new(), excluded_until: now };
        // Expected without an audience, and with one.
        let table = [
            (Status::Draft, Trace::Nowhere, Trace::Nowhere),
            (Status::Ready, Trace::Nowhere, Trace::Nowhere),
            (Status::Sending, Trace::Unknown, Trace::Files),
            (Status::Paused, Trace::Nowhere, Trace::Files),
            (Status::Consolidating, Trace::Nowhere, Trace::Files),
            (Status::Finished, Trace::Nowhere, Trace::Files),
            (Status::Deleted, Trace::Nowhere, Trace::Nowhere),
        ];
        for (status, without, with) in table {
            let campaign = Campaign { status, ..draft.clone() };
            let cut = Campaign { audience: Some(audience.clone()), ..campaign.clone() };
            assert_eq!((Trace::from_campaign(&campaign), Trace::from_campaign(&cut)), (without, with), "{status:?}");
        }
    }
}
