//! Groups events by campaign and appends each group to its journal.

use std::collections::{HashMap, HashSet};

use aws::queue::{Click, Clicks, Receipt, Receipts};
use domain::clicks::Visitor;
use domain::ids::{AccountId, CampaignId};
use domain::journal::{self, Events};
use domain::ledger::Minute;
use domain::outcome::{Reason, State};
use futures_util::StreamExt;
use jiff::Timestamp;
use support::telemetry::chain;
use tracing::{error, info};

use crate::{App, append};

/// Campaigns whose journals are written at once.
const AT_ONCE: usize = 8;

/// One campaign's events, and the queue messages that they came in.
#[derive(Default)]
struct Gathered {
    events: Events,
    messages: HashSet<usize>,
}

#[derive(Default)]
pub struct Groups(HashMap<(AccountId, CampaignId), Gathered>);

impl Groups {
    pub fn add_receipts(&mut self, message: usize, receipts: Receipts) {
        let gathered = self.0.entry((receipts.account, receipts.campaign)).or_default();
        gathered.events.receipts.extend(receipts.items.into_iter().filter_map(receipt));
        gathered.messages.insert(message);
    }

    pub fn add_clicks(&mut self, message: usize, clicks: Clicks) {
        let gathered = self.0.entry((clicks.account, clicks.campaign)).or_default();
        gathered.events.clicks.extend(clicks.items.into_iter().filter_map(|one| click(&one)));
        gathered.messages.insert(message);
    }

    pub fn add_mark(&mut self, message: usize, (account, campaign): (AccountId, CampaignId), mark: journal::Mark) {
        let gathered = self.0.entry((account, campaign)).or_default();
        gathered.events.marks.push(mark);
        gathered.messages.insert(message);
    }

    /// Appends everything; answers the queue messages of which something was not.
    pub async fn record(self, app: &App) -> HashSet<usize> {
        // A list, not an iterator: the compiler cannot see that a stream of a closure's futures may cross threads.
        let mut writes = Vec::with_capacity(self.0.len());
        for ((account, campaign), Gathered { events, messages }) in self.0 {
            writes.push(async move {
                let (receipts, clicks, replies) = (events.receipts.len(), events.clicks.len(), events.marks.len());
                let error = match append::append(app, &account, &campaign, events).await {
                    Ok(true) => {
                        info!(account.id = %account, campaign.id = %campaign, receipts, clicks, replies, "events recorded");
                        return HashSet::new();
                    }
                    Ok(false) => return HashSet::new(),
                    Err(error) => error,
                };
                error!(account.id = %account, campaign.id = %campaign, error.chain = chain(&error), "events were not recorded and come back");
                messages
            });
        }
        let failed: Vec<HashSet<usize>> = futures_util::stream::iter(writes).buffer_unordered(AT_ONCE).collect().await;
        failed.into_iter().flatten().collect()
    }
}

/// A receipt as the journal holds it; what nobody could have written is passed over.
fn receipt(receipt: Receipt) -> Option<journal::Receipt> {
    Some(journal::Receipt {
        index: receipt.index,
        state: State::from_octet(receipt.state)?,
        reason: Reason::from_octet(receipt.reason)?,
        at: Minute::of(Timestamp::from_second(receipt.second).ok()?),
    })
}

fn click(click: &Click) -> Option<journal::Click> {
    let Click { index, visitor, second, key, link } = click;
    let visitor: Option<Visitor> = visitor.parse().ok();
    Some(journal::Click { second: u32::try_from(*second).ok()?, index: *index, visitor, key: *key, link: *link })
}
