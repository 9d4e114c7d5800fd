//! Lines of the log: one a queue message, which holds receipts of one campaign, so that a campaign's are found by its id.

use aws::queue::{Error, Events};
use support::telemetry::chain;
use tracing::{error, info};

/// What the carrier said is on the queue.
pub fn queued(events: &Events) {
    match events {
        Events::Receipts(receipts) => {
            let (account, campaign) = (&receipts.account, &receipts.campaign);
            info!(account.id = %account, campaign.id = %campaign, callback.receipts = receipts.items.len(), "receipts were queued");
        }
        Events::Replies(replies) => info!(callback.replies = replies.len(), "replies were queued"),
        Events::Clicks(_) => (), // no carrier tells of clicks
    }
}

/// The queue did not take it.
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
