//! Groups events by batch and records each group with one write.

use std::collections::{HashMap, HashSet};

use futures_util::StreamExt;
use shared::domain::ids::{AccountId, CampaignId};
use shared::domain::release::{batch_of, place};
use shared::queue::{Click, Clicks, Receipt, Receipts};
use shared::runtime::telemetry::chain;
use shared::store::{self, Batch};
use tracing::error;

use crate::{App, Error, Started, clicks, receipts};

/// Batches recorded at once.
const AT_ONCE: usize = 8;
/// Another track, or send, may write the same ledger: merging with what they wrote is tried so often.
const TRIES: u32 = 20;

/// One campaign's events, and the queue messages that they came in.
#[derive(Default)]
struct Gathered {
    receipts: Vec<Receipt>,
    clicks: Vec<Click>,
    messages: HashSet<usize>,
}

#[derive(Default)]
pub struct Groups(HashMap<(AccountId, CampaignId), Gathered>);

impl Groups {
    pub fn add_receipts(&mut self, message: usize, receipts: Receipts) {
        let gathered = self.0.entry((receipts.account, receipts.campaign)).or_default();
        gathered.receipts.extend(receipts.items);
        gathered.messages.insert(message);
    }

    pub fn add_clicks(&mut self, message: usize, clicks: Clicks) {
        let gathered = self.0.entry((clicks.account, clicks.campaign)).or_default();
        gathered.clicks.extend(clicks.items);
        gathered.messages.insert(message);
    }

    /// Records everything; answers the queue messages of which something was not.
    pub async fn record(self, app: &App) -> HashSet<usize> {
        let mut failed = HashSet::new();
        for ((account, campaign), gathered) in self.0 {
            if let Err(error) = record_campaign(app, &account, &campaign, &gathered).await {
                error!(account.id = %account, campaign.id = %campaign, error.chain = chain(&error), "events were not recorded and come back");
                failed.extend(gathered.messages);
            }
        }
        failed
    }
}

/// What one batch is told.
#[derive(Default)]
struct Told<'a> {
    receipts: Vec<&'a Receipt>,
    clicks: Vec<&'a Click>,
}

async fn record_campaign(
    app: &App,
    account: &AccountId,
    campaign: &CampaignId,
    gathered: &Gathered,
) -> Result<(), Error> {
    // A campaign that is gone has no use for its receipts.
    let Some(started) = app.started(account, campaign).await? else { return Ok(()) };
    let mut batches: HashMap<u32, Told<'_>> = HashMap::new();
    for receipt in &gathered.receipts {
        if let Some(batch) = batch_of(&started.runs, receipt.0) {
            batches.entry(batch).or_default().receipts.push(receipt);
        }
    }
    for click in &gathered.clicks {
        if let Some(batch) = batch_of(&started.runs, click.0) {
            batches.entry(batch).or_default().clicks.push(click);
        }
    }
    // A list, not an iterator: the compiler cannot see that a stream of a closure's futures may cross threads.
    let mut writes = Vec::with_capacity(batches.len());
    for (batch, told) in batches {
        let started = &started;
        writes.push(async move { record_batch(app, account, campaign, batch, started, &told).await });
    }
    let written: Vec<Result<(), Error>> = futures_util::stream::iter(writes).buffer_unordered(AT_ONCE).collect().await;
    written.into_iter().collect()
}

async fn record_batch(
    app: &App,
    account: &AccountId,
    campaign: &CampaignId,
    number: u32,
    started: &Started,
    told: &Told<'_>,
) -> Result<(), Error> {
    let Some(place) = place(&started.runs, number) else { return Ok(()) };
    update(app, account, campaign, number, |batch| {
        receipts::merge(batch, place.first, &told.receipts);
        clicks::count(batch, place.first, started.has_several_links, &told.clicks);
    })
    .await
}

/// Reads a batch, changes it and writes it; again when somebody was faster. What changes nothing is not written.
pub async fn update(
    app: &App,
    account: &AccountId,
    campaign: &CampaignId,
    number: u32,
    change: impl Fn(&mut Batch),
) -> Result<(), Error> {
    let store = app.store.account(account);
    for _ in 0..TRIES {
        let Some(mut batch) = store.batch(campaign, number).await? else { return Ok(()) };
        let (ledger, seen) = (batch.ledger.clone(), batch.seen_clicks.clone());
        change(&mut batch);
        if batch.ledger == ledger && batch.seen_clicks == seen {
            return Ok(());
        }
        match store.put_batch(campaign, &mut batch).await {
            Err(store::Error::Conflict { .. }) => (),
            written => return Ok(written?),
        }
    }
    Err(Error::Contended { campaign: campaign.clone(), batch: number })
}
