//! Finds deliveries that are due, or that the queue lost, and puts them on the queue.

use std::collections::HashMap;

use aws::queue::DeliveryHint;
use aws::store::DueDelivery;
use domain::ids::AccountId;
use futures_util::StreamExt;
use jiff::SignedDuration;
use support::telemetry::chain;
use tracing::{error, info};

use crate::{App, Error};

/// Deliveries read from the index at once, and most pages per tick; the next tick continues.
const PAGE: usize = 100;
const PAGES_MAX: usize = 50;
/// Writes at the same time.
const AT_ONCE: usize = 16;
/// How long a queued delivery is not queued again.
const ASKED_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// Queues all deliveries that are due, longest waiting first.
pub async fn run_due(app: &App) {
    for _ in 0..PAGES_MAX {
        match look_at_page(app).await {
            Ok(found) if found < PAGE => return,
            Ok(_) => {}
            Err(error) => return error!(error.chain = chain(&error), "due deliveries cannot be listed"),
        }
    }
}

async fn look_at_page(app: &App) -> Result<usize, Error> {
    let now = app.clock.now();
    let due = app.store.due_deliveries(now, PAGE).await?;
    let found = due.len();
    let taken = due.into_iter().map(|due| async move {
        let DueDelivery { account, webhook, delivery } = due;
        let store = app.store.account(&account);
        // Moved out of the way first, so that neither the next page nor the next tick queues it again.
        let is_ours = store.look_later(&webhook, &delivery, now, now + ASKED_AGAIN_AFTER).await?;
        Ok::<_, Error>(is_ours.then_some(DeliveryHint { account, webhook, delivery }))
    });
    let mut hints: HashMap<AccountId, Vec<DeliveryHint>> = HashMap::new();
    for taken in futures_util::stream::iter(taken).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await {
        if let Some(hint) = taken? {
            hints.entry(hint.account.clone()).or_default().push(hint);
        }
    }
    for (account, hints) in hints {
        app.queues.deliver(&account, &hints, 0).await?;
        info!(account.id = %account, deliveries = hints.len(), "due deliveries queued");
    }
    Ok(found)
}
