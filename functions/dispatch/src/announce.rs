//! Notifies an account's webhooks of campaign events.

use app::webhooks::{Announcer, campaign_event};
use domain::announcement::Outbox;
use domain::campaign::Campaign;
use support::telemetry::chain;
use tracing::error;

use crate::App;

/// Sends the announcements of the outbox to the webhooks and returns the campaign without them, for the caller to
/// write. After a crash in between they are sent again with the same event ids. A failed one stays in the outbox and
/// blocks nothing.
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
            error!(account.id = %campaign.account, campaign.id = %campaign.id, error.chain = chain(&error), "webhooks were not notified and will be");
            campaign
        }
    }
}
