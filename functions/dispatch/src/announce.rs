//! Tells an account's webhooks what happened to a campaign.

use app::webhooks::{Announcer, campaign_event};
use domain::announcement::Outbox;
use domain::campaign::Campaign;
use support::telemetry::chain;
use tracing::error;

use crate::App;

/// Hands what waits in the outbox to the webhooks and answers the campaign without it, for the caller to write. Told
/// again after a crash in between, an event has the same id. What cannot be told now stays, and holds up nothing.
pub async fn announce(app: &App, campaign: Campaign) -> Campaign {
    if campaign.outbox.is_empty() {
        return campaign;
    }
    let events: Vec<_> = campaign.outbox.waiting().iter().map(|waiting| campaign_event(&campaign, waiting)).collect();
    let store = app.store.account(&campaign.account);
    let announcer = Announcer { store: &store, queues: &app.queues, now: app.clock.now() };
    match announcer.announce(&events).await {
        Ok(()) => Campaign { outbox: Outbox::default(), ..campaign },
        Err(error) => {
            error!(account.id = %campaign.account, campaign.id = %campaign.id, error.chain = chain(&error), "webhooks were not told and will be");
            campaign
        }
    }
}
