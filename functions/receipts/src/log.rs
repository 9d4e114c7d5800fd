//! Log lines: one per queue message, so that a campaign's receipts are found by its id.

use aws::queue::{Error, Events};
use support::telemetry::chain;
use tracing::{error, info};

/// Logs that the events are on the queue.
pub fn queued(events: &Events) {
    match events {
        Events::Receipts(receipts) => {
            let (account, campaign) = (&receipts.account, &receipts.campaign);
            info!(account.id = %account, campaign.id = %campaign, callback.receipts = receipts.items.len(), "receipts were queued");
        }
        Events::Replies(replies) => info!(callback.replies = replies.len(), "replies were queued"),
        Events::Clicks(_) => (), // carriers send no clicks
    }
}

/// Logs that the queue did not accept the events.
pub fn not_queued(events: &Events, carrier: &str, error: &Error) {
    let error = chain(error);
    match events {
        Events::Receipts(receipts) => {
            let (account, campaign) = (&receipts.account, &receipts.campaign);
            error!(account.id = %account, campaign.id = %campaign, error.chain = error, carrier, "receipts could not be queued");
        }
        Events::Replies(_) | Events::Clicks(_) => {
            error!(error.chain = error, carrier, "replies could not be queued");
        }
    }
}
