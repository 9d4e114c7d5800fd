//! Detects a running campaign that makes no progress, from what dispatch saw at its checks. Pure.
//!
//! Campaigns that are due and not checked are a different problem: dispatch counts those from the index.

use jiff::{SignedDuration, Timestamp};

pub use super::campaign::Progress;
use super::campaign::{Campaign, Status};

/// How long a campaign may have work, wait for nothing, and make no progress. A batch left by a crash is leased again
/// within two minutes, one that the queue lost within five.
pub const STANDSTILL_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// Since when a campaign makes no progress; `None` while it does, waits for something, or has nothing to do.
pub fn standstill(campaign: &Campaign, now: Timestamp) -> Option<Timestamp> {
    let since = match (campaign.status, &campaign.audience) {
        // No audience yet: it is being built, and tried again if that fails.
        (Status::Sending, None) => campaign.modified_at,
        (Status::Sending | Status::Consolidating, _) => {
            let progress = campaign.progress.filter(|progress| !progress.is_waiting)?;
            progress.at
        }
        (Status::Draft | Status::Ready | Status::Paused | Status::Finished | Status::Deleted, _) => return None,
    };
    (now.duration_since(since) >= STANDSTILL_AFTER).then_some(since)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::{Audience, Settings};
    use crate::ids::{AccountId, CampaignId};

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + 60 * minute).unwrap()
    }

    /// A sending campaign after checks: minute, messages done, whether it waited.
    fn after(looks: &[(i64, u32, bool)]) -> Campaign {
        let (account, id) = (AccountId::new(at(0), [1; 6]), CampaignId::new(at(0), [2; 6]));
        let audience = Audience { recipients: 9, runs: vec![], link_ranges: vec![], excluded_until: at(0) };
        let campaign = Campaign::draft(account, id, Settings::default(), String::new(), at(0));
        let progress = looks
            .iter()
            .fold(None, |last, (minute, done, is_waiting)| Some(Progress::seen(last, *done, *is_waiting, at(*minute))));
        Campaign { status: Status::Sending, audience: Some(audience), progress, ..campaign }
    }

    #[test]
    fn fifteen_minutes_without_progress_are_a_standstill_since_the_last_progress() {
        let still = after(&[(0, 10, false), (1, 20, false), (2, 20, false), (16, 20, false)]);
        assert_eq!(standstill(&still, at(15)), None);
        assert_eq!(standstill(&still, at(16)), Some(at(1)));
        let moved = after(&[(0, 10, false), (16, 11, false)]);
        assert_eq!(standstill(&moved, at(17)), None);
    }

    #[test]
    fn waiting_is_no_standstill_and_restarts_the_fifteen_minutes() {
        let waiting = after(&[(0, 10, false), (10, 10, true)]);
        assert_eq!(standstill(&waiting, at(600)), None, "waiting for the window is no standstill");
        let after_it = after(&[(0, 10, false), (10, 10, true), (600, 10, false), (610, 10, false)]);
        assert_eq!(standstill(&after_it, at(614)), None);
        assert_eq!(standstill(&after_it, at(615)), Some(at(600)));
    }

    #[test]
    fn a_start_that_never_ends_is_a_standstill_and_an_ended_or_paused_campaign_is_none() {
        let starting = Campaign { audience: None, ..after(&[]) };
        assert_eq!((standstill(&starting, at(14)), standstill(&starting, at(15))), (None, Some(at(0))));
        for status in [Status::Draft, Status::Ready, Status::Paused, Status::Finished, Status::Deleted] {
            assert_eq!(standstill(&Campaign { status, ..starting.clone() }, at(600)), None);
        }
    }
}
