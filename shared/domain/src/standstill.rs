//! Whether a running campaign moves: what dispatch saw at its looks, and for how long that has been all. Pure.
//!
//! A campaign that is due and not looked at is another matter: dispatch counts those by their place in the index.

use jiff::{SignedDuration, Timestamp};

pub use super::campaign::Progress;
use super::campaign::{Campaign, Status};

/// How long a campaign may have work to do, wait for nothing, and not move. A batch that a crash left behind is taken up
/// again within two minutes, and one that the queue forgot within five.
pub const STANDSTILL_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// Since when a campaign stands still; `None` while it moves, waits for something, or has nothing to do.
pub fn standstill(campaign: &Campaign, now: Timestamp) -> Option<Timestamp> {
    let since = match (campaign.status, &campaign.audience) {
        // Nobody is in its audience yet: it is being made, again and again if that fails.
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

    /// A sending campaign after looks: minute, done, whether it waited.
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
    fn a_campaign_that_does_nothing_for_a_quarter_of_an_hour_stands_still_since_it_last_moved() {
        let still = after(&[(0, 10, false), (1, 20, false), (2, 20, false), (16, 20, false)]);
        assert_eq!(standstill(&still, at(15)), None);
        assert_eq!(standstill(&still, at(16)), Some(at(1)));
        let moved = after(&[(0, 10, false), (16, 11, false)]);
        assert_eq!(standstill(&moved, at(17)), None);
    }

    #[test]
    fn a_campaign_that_waits_is_not_looked_for_and_has_its_time_again_afterwards() {
        let waiting = after(&[(0, 10, false), (10, 10, true)]);
        assert_eq!(standstill(&waiting, at(600)), None, "until the window opens nobody looks");
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
