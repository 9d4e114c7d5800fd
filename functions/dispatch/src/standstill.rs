//! Records the progress of a running campaign at each check, and raises the alarm when there is none.

use domain::campaign::Campaign;
use domain::standstill::{Progress, standstill};
use support::Metric;
use tracing::warn;

use crate::App;

/// Records this check in the campaign, to be written with it.
pub fn note(app: &App, campaign: &mut Campaign, done: u32, is_waiting: bool) {
    campaign.progress = Some(Progress::seen(campaign.progress, done, is_waiting, app.clock.now()));
    report(app, campaign);
}

/// Logs and counts a campaign without progress for too long.
pub fn report(app: &App, campaign: &Campaign) {
    if let Some(since) = standstill(campaign, app.clock.now()) {
        warn!(account.id = %campaign.account, campaign.id = %campaign.id, since = %since, "the campaign makes no progress");
        app.measure(&[(Metric::CampaignsStuck, 1.0)]);
    }
}
