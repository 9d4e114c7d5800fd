//! The next step of a campaign that is due.

use crate::campaign::{Audience, Campaign};
use crate::status::{PauseReason, Status};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// Nothing: it leaves the index of what is due.
    Unschedule,
    /// Count its audience for an estimate.
    Count,
    Start,
    /// A start was interrupted before its audience was fixed: build it.
    Build,
    Advance(&'a Audience),
    /// It is paused until the carrier is back, which one of its messages may show.
    Probe(&'a Audience),
    Close,
    Purge,
}

impl<'a> Step<'a> {
    pub fn from_campaign(campaign: &'a Campaign) -> Self {
        match (campaign.status, &campaign.audience) {
            (Status::Draft, _) if campaign.counting.is_some() => Self::Count,
            (Status::Ready, _) => Self::Start,
            (Status::Sending, None) => Self::Build,
            (Status::Sending, Some(audience)) => Self::Advance(audience),
            (Status::Consolidating, _) => Self::Close,
            (Status::Deleted, _) => Self::Purge,
            (Status::Paused, Some(audience)) if campaign.pause_reason == Some(PauseReason::CarrierErrors) => {
                Self::Probe(audience)
            }
            (Status::Draft | Status::Paused | Status::Finished, _) => Self::Unschedule,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::{Counting, Settings};

    #[test]
    fn each_status_has_its_step() {
        let now = jiff::Timestamp::UNIX_EPOCH;
        let (account, id) = ("acc_00000000000000000001".parse().unwrap(), "cmp_00000000000000000001".parse().unwrap());
        let draft = Campaign::draft(account, id, Settings::default(), String::new(), now);
        let audience = Audience { recipients: 0, runs: Vec::new(), link_ranges: Vec::new(), excluded_until: now };
        let counting = Counting { of: String::new(), done_per_mille: 0 };
        let carrier = Some(PauseReason::CarrierErrors);
        // Status, why it is paused, whether it is being counted, whether it has an audience.
        let table = [
            (Status::Draft, None, false, false, Step::Unschedule),
            (Status::Draft, None, true, false, Step::Count),
            (Status::Ready, None, false, false, Step::Start),
            (Status::Sending, None, false, false, Step::Build),
            (Status::Sending, None, false, true, Step::Advance(&audience)),
            (Status::Paused, carrier, false, true, Step::Probe(&audience)),
            (Status::Paused, Some(PauseReason::User), false, true, Step::Unschedule),
            (Status::Paused, Some(PauseReason::Lists), false, false, Step::Unschedule),
            (Status::Consolidating, None, false, true, Step::Close),
            (Status::Finished, None, false, true, Step::Unschedule),
            (Status::Deleted, None, false, true, Step::Purge),
        ];
        for (status, pause_reason, is_counting, has_audience, expected) in table {
            let campaign = Campaign {
                status,
                pause_reason,
                counting: is_counting.then(|| counting.clone()),
                audience: has_audience.then(|| audience.clone()),
                ..draft.clone()
            };
            assert_eq!(
                Step::from_campaign(&campaign),
                expected,
                "{status:?}, {pause_reason:?}, {is_counting}, {has_audience}"
            );
        }
    }
}
