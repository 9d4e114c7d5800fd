//! The erasure of a number: a piece of work that goes on, crash after crash, until no file holds it.

use super::campaign::Campaign;
use super::ids::{CampaignId, ErasureId, ListId};
use super::phone::PhoneNumber;
use super::status::Status;

/// How far the work is. What comes before a stage is done, or waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// List files, their rejects and uploads: those behind this one, in the order of the table, are still to be seen.
    Lists {
        after: Option<String>,
    },
    /// Audiences and reports.
    Campaigns {
        after: Option<String>,
    },
    /// Replies are gone; what was in use is looked at again until it is not.
    Waiting,
    Done,
}

impl Stage {
    /// The word of the API.
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
    /// The number, as long as there is something to do; then it is gone from here too.
    pub phone: Option<PhoneNumber>,
    pub stage: Stage,
    /// User or key that asked for it.
    pub by: String,
    pub asked_at: jiff::Timestamp,
    pub done_at: Option<jiff::Timestamp>,
    /// When dispatch shall look at it next.
    pub next_check_at: Option<jiff::Timestamp>,
    /// Lists that were being imported when it came to them.
    pub waiting_lists: Vec<ListId>,
    /// Campaigns that hold the number and are not finished: their batches no longer send to it, their files go when
    /// they are finished or deleted.
    pub waiting_campaigns: Vec<CampaignId>,
    /// Lists, campaigns and replies that it was removed from.
    pub lists: u32,
    pub campaigns: u32,
    pub replies: u32,
    /// Rises with every write; the write is conditioned on it.
    pub version: u64,
}

impl Erasure {
    /// A new one, to be begun at once.
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

/// Where a number may stand in a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trace {
    /// In no file. What is not cut yet leaves an erased number out.
    Nowhere,
    /// Its audience is being cut, perhaps by who read the exclusions before: wait.
    Unknown,
    /// In its audience, and its report.
    Files,
}

impl Trace {
    pub fn of(campaign: &Campaign) -> Self {
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
    fn a_number_is_looked_for_where_an_audience_was_cut() {
        let now = jiff::Timestamp::UNIX_EPOCH;
        let (account, id) = ("acc_00000000000000000001".parse().unwrap(), "cmp_00000000000000000001".parse().unwrap());
        let draft = Campaign::draft(account, id, Settings::default(), String::new(), now);
        let audience = Audience { recipients: 0, runs: Vec::new(), link_ranges: Vec::new(), excluded_until: now };
        // Without an audience, and with one.
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
            assert_eq!((Trace::of(&campaign), Trace::of(&cut)), (without, with), "{status:?}");
        }
    }
}
