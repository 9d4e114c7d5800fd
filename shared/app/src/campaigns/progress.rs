//! The progress, speed and expected end of a campaign.

use std::collections::BTreeMap;

use domain::account::Account;
use domain::campaign::{Campaign, Status};
use domain::forecast::forecast;
use domain::tally::Tally;
use domain::territory::Territory;
use jiff::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Messages that will never be sent count as done: excluded since the start, rejected by the carrier.
    pub done: u32,
    pub handed_over: u32,
    pub total: u32,
    /// Messages per minute since it began to send.
    pub rate_per_minute: u32,
    pub expected_end: Option<Timestamp>,
}

/// Computes the progress from the sum of a campaign's batches.
pub fn progress(account: &Account, campaign: &Campaign, tally: &Tally, now: Timestamp) -> Progress {
    let counted = campaign.count.as_ref().map_or(0, |count| count.recipients);
    let total = campaign.audience.as_ref().map_or(counted, |audience| audience.recipients);
    let left = total.saturating_sub(tally.recipients.saturating_sub(tally.to_send));
    let until = campaign.handed_over_at.unwrap_or(now);
    let minutes = campaign.started_at.map_or(1, |start| (until.duration_since(start).as_secs() / 60).max(1));
    let rate = u64::from(tally.handed_over) / u64::try_from(minutes).unwrap_or(1);
    let rate_per_minute = u32::try_from(rate).unwrap_or(u32::MAX);
    let expected_end = match campaign.status {
        Status::Sending if left > 0 => {
            // The pace limits the speed if there is one; otherwise the speed so far.
            let pace = campaign.pacing.per_hour.or((rate_per_minute > 0).then(|| rate_per_minute.saturating_mul(60)));
            forecast(account, campaign.settings.kind, &waiting(campaign, left), pace, now).ends_at
        }
        Status::Draft
        | Status::Ready
        | Status::Sending
        | Status::Paused
        | Status::Consolidating
        | Status::Finished
        | Status::Deleted => campaign.handed_over_at,
    };
    Progress { done: total - left, handed_over: tally.handed_over, total, rate_per_minute, expected_end }
}

/// Messages still to be sent, by territory.
fn waiting(campaign: &Campaign, left: u32) -> BTreeMap<Territory, u64> {
    let mut waiting = BTreeMap::new();
    for run in campaign.audience.iter().flat_map(|audience| &audience.runs) {
        *waiting.entry(run.territory).or_default() += u64::from(run.recipients.saturating_sub(run.released));
    }
    if waiting.values().sum::<u64>() == 0 {
        waiting.insert(Territory::Metropolitan, u64::from(left));
    }
    waiting
}
