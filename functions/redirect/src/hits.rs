//! Sends clicks to the queue. One task collects those that arrive while a request is under way, so that a burst needs
//! few requests; each visitor waits for the confirmation of its own click, then is redirected.

use std::collections::HashMap;
use std::time::Duration;

use aws::queue::{Click, Clicks, EVENTS_PER_MESSAGE, Events, Queues};
use domain::clicks::Visitor;
use domain::ids::{AccountId, CampaignId};
use support::telemetry::chain;
use tokio::sync::{mpsc, oneshot};
use tracing::{error, info};

/// Most hits that wait; with more, the queue does not work anyway.
const WAITING_MAX: usize = 10_000;
/// Most hits per request.
const HITS_PER_REQUEST: usize = 2_000;
/// Longest time that a visitor waits for the queue before being redirected.
const PATIENCE: Duration = Duration::from_secs(1);

/// One click.
#[derive(Debug, Clone)]
pub struct Hit {
    pub account: AccountId,
    pub campaign: CampaignId,
    pub recipient: u32,
    /// Index of the link in the message.
    pub link: u8,
    pub visitor: Visitor,
    pub at: jiff::Timestamp,
    /// Unique to the hit.
    pub key: u64,
}

struct Waiting {
    hit: Hit,
    confirmed: oneshot::Sender<()>,
}

/// Sends hits; clones share one task.
#[derive(Clone)]
pub struct Hits(mpsc::Sender<Waiting>);

impl Hits {
    /// Starts the task. It ends when the last handle is dropped.
    pub fn new(queues: Queues) -> Self {
        let (sender, waiting) = mpsc::channel(WAITING_MAX);
        tokio::spawn(pass_on(queues, waiting));
        Self(sender)
    }

    /// Returns when the click is on the queue, cannot be queued, or takes too long: a visitor is always redirected.
    pub async fn pass_on(&self, hit: Hit) {
        let (confirmed, confirmation) = oneshot::channel();
        if self.0.try_send(Waiting { hit, confirmed }).is_ok() {
            let _ = tokio::time::timeout(PATIENCE, confirmation).await;
        }
    }
}

async fn pass_on(queues: Queues, mut waiting: mpsc::Receiver<Waiting>) {
    let mut gathered = Vec::new();
    // Logged at the beginning and the end of a failure, not per click.
    let mut lost = 0;
    while waiting.recv_many(&mut gathered, HITS_PER_REQUEST).await > 0 {
        let count = gathered.len();
        let (hits, visitors): (Vec<_>, Vec<_>) = gathered.drain(..).map(|one| (one.hit, one.confirmed)).unzip();
        match queues.events(&events(hits)).await {
            Ok(()) if lost > 0 => {
                info!(clicks.lost = lost, "clicks can be queued again");
                lost = 0;
            }
            Ok(()) => (),
            Err(error) => {
                if lost == 0 {
                    error!(error.chain = chain(&error), "clicks cannot be queued; links work without being counted");
                }
                lost += count;
            }
        }
        for visitor in visitors {
            // A visitor that no longer waits is gone.
            let _ = visitor.send(());
        }
    }
}

/// One queue message per campaign.
fn events(hits: Vec<Hit>) -> Vec<Events> {
    let mut campaigns: HashMap<(AccountId, CampaignId), Vec<Click>> = HashMap::new();
    for Hit { account, campaign, recipient, link, visitor, at, key } in hits {
        let visitor = visitor.code().to_owned();
        let click = Click { index: recipient, visitor, second: at.as_second(), key, link };
        campaigns.entry((account, campaign)).or_default().push(click);
    }
    let messages = campaigns.into_iter().flat_map(|((account, campaign), items)| {
        let parts: Vec<Vec<Click>> = items.chunks(EVENTS_PER_MESSAGE).map(<[Click]>::to_vec).collect();
        parts
            .into_iter()
            .map(move |items| Events::Clicks(Clicks { account: account.clone(), campaign: campaign.clone(), items }))
    });
    messages.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_of_one_campaign_are_one_message() {
        let hit = |n: u32| Hit {
            account: "acc_01hqxz0000000000000a".parse().unwrap(),
            campaign: format!("cmp_01hqxz0000000000000{}", n % 2).parse().unwrap(),
            recipient: n,
            link: 0,
            visitor: Visitor::Person,
            at: jiff::Timestamp::UNIX_EPOCH,
            key: n.into(),
        };
        let mut counts: Vec<_> = events((0..2_400).map(hit).collect())
            .iter()
            .map(|event| match event {
                Events::Clicks(clicks) => clicks.items.len(),
                Events::Receipts(_) | Events::Replies(_) => panic!("{event:?}"),
            })
            .collect();
        counts.sort_unstable();
        assert_eq!(counts, [200, 200, 1_000, 1_000]);
    }
}
