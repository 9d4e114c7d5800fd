//! Notes at each look how far a running campaign is, and tells the alarm when one stands still.

use domain::campaign::Campaign;
use domain::standstill::{Progress, standstill};
use support::Metric;
use tracing::warn;

use crate::App;

/// Puts what this look has seen into the campaign, to be written with it.
pub fn note(app: &App, campaign: &mut Campaign, done: u32, is_waiting: bool) {
    campaign.progress = Some(Progress::seen(campaign.progress, done, is_waiting, app.clock.now()));
    tell(app, campaign);
}

/// Tells the log and the alarm, if nothing has moved for too long.
pub fn tell(app: &App, campaign: &Campaign) {
    if let Some(since) = standstill(campaign, app.clock.now()) {
        warn!(account.id = %campaign.account, campaign.id = %campaign.id, since = %since, "the campaign stands still");
        app.measure(&[(Metric::CampaignsStuck, 1.0)]);
    }
}
