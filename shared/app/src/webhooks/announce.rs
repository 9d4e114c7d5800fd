//! Announces an event: one delivery to each subscribed endpoint.

use aws::queue::{DeliveryHint, Queues};
use aws::store::{self, AccountStore};
use domain::delivery::{Delivery, Event};
use jiff::Timestamp;
use support::telemetry::chain;

/// Announces events to an account's endpoints.
pub struct Announcer<'a> {
    pub store: &'a AccountStore,
    pub queues: &'a Queues,
    pub now: Timestamp,
}

impl Announcer<'_> {
    /// Creates a delivery for every subscribed endpoint. Repeating it changes nothing: an event makes the same
    /// deliveries. An account without endpoints costs one read.
    pub async fn announce(&self, events: &[Event]) -> Result<(), store::Error> {
        if events.is_empty() {
            return Ok(());
        }
        let mut hints = Vec::new();
        for webhook in self.store.webhooks().await? {
            for event in events.iter().filter(|event| webhook.wants(event.kind)) {
                match self.store.put_delivery(Delivery::new(&webhook.id, event, self.now)).await {
                    Ok(made) => hints.push(self.hint(&made)),
                    // It was announced before; its queue message was sent then, or the tick will send it.
                    Err(store::Error::Conflict { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        self.ask(&hints).await;
        Ok(())
    }

    /// Asks the queue to attempt a delivery now.
    pub(super) async fn hurry(&self, delivery: &Delivery) {
        self.ask(&[self.hint(delivery)]).await;
    }

    fn hint(&self, delivery: &Delivery) -> DeliveryHint {
        let (webhook, delivery) = (delivery.webhook.clone(), delivery.id.clone());
        DeliveryHint { account: self.store.id().clone(), webhook, delivery }
    }

    /// The deliveries are in the table: a lost queue message costs minutes and nothing else.
    async fn ask(&self, hints: &[DeliveryHint]) {
        if let Err(error) = self.queues.deliver(self.store.id(), hints, 0).await {
            tracing::warn!(account.id = %self.store.id(), error.chain = chain(&error), "deliveries wait for the tick");
        }
    }
}
