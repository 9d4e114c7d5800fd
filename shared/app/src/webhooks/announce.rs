//! An event becomes deliveries: one to each endpoint that wants it.

use aws::queue::{DeliveryHint, Queues};
use aws::store::{self, AccountStore};
use domain::delivery::{Delivery, Event};
use jiff::Timestamp;
use support::telemetry::chain;

/// Who tells an account's endpoints.
pub struct Announcer<'a> {
    pub store: &'a AccountStore,
    pub queues: &'a Queues,
    pub now: Timestamp,
}

impl Announcer<'_> {
    /// Tells every endpoint that wants to know. Done again, it changes nothing: an event makes the same deliveries.
    /// An account without endpoints costs one read.
    pub async fn announce(&self, events: &[Event]) -> Result<(), store::Error> {
        if events.is_empty() {
            return Ok(());
        }
        let mut hints = Vec::new();
        for webhook in self.store.webhooks().await? {
            for event in events.iter().filter(|event| webhook.wants(event.kind)) {
                match self.store.put_delivery(Delivery::new(&webhook.id, event, self.now)).await {
                    Ok(made) => hints.push(self.hint(&made)),
                    // It was announced before; whoever did has asked the queue, or the tick will.
                    Err(store::Error::Conflict { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        self.ask(&hints).await;
        Ok(())
    }

    /// Asks for a delivery to be tried now.
    pub(super) async fn hurry(&self, delivery: &Delivery) {
        self.ask(&[self.hint(delivery)]).await;
    }

    fn hint(&self, delivery: &Delivery) -> DeliveryHint {
        let (webhook, delivery) = (delivery.webhook.clone(), delivery.id.clone());
        DeliveryHint { account: self.store.id().clone(), webhook, delivery }
    }

    /// The deliveries stand in the table: a queue that does not take its hint costs minutes and nothing else.
    async fn ask(&self, hints: &[DeliveryHint]) {
        if let Err(error) = self.queues.deliver(self.store.id(), hints, 0).await {
            tracing::warn!(account.id = %self.store.id(), error.chain = chain(&error), "deliveries wait for the tick");
        }
    }
}
