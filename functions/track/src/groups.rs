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

/// Campaigns whose journals are written at the same time.
const AT_ONCE: usize = 8;

/// The events of one campaign, and the queue messages that they came from.
#[derive(Default)]
struct Gathered {
    events: Events,
    messages: HashSet<usize>,
}

/// A campaign and its account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CampaignKey {
    pub account: AccountId,
    pub campaign: CampaignId,
}

#[derive(Default)]
pub struct Groups(HashMap<CampaignKey, Gathered>);

impl Groups {
    pub fn add_receipts(&mut self, message: usize, receipts: Receipts) {
        let key = CampaignKey { account: receipts.account, campaign: receipts.campaign };
        let gathered = self.0.entry(key).or_default();
        gathered.events.receipts.extend(receipts.items.into_iter().filter_map(receipt));
        gathered.messages.insert(message);
    }

    pub fn add_clicks(&mut self, message: usize, clicks: Clicks) {
        let key = CampaignKey { account: clicks.account, campaign: clicks.campaign };
        let gathered = self.0.entry(key).or_default();
        gathered.events.clicks.extend(clicks.items.into_iter().filter_map(|one| click(&one)));
        gathered.messages.insert(message);
    }

    pub fn add_mark(&mut self, message: usize, campaign: CampaignKey, mark: journal::Mark) {
        let gathered = self.0.entry(campaign).or_default();
        gathered.events.marks.push(mark);
        gathered.messages.insert(message);
    }

    /// Appends everything; returns the queue messages whose events were not all appended.
    pub async fn record(self, app: &App) -> HashSet<usize> {
        // A list, not an iterator: the compiler cannot see that a stream of a closure's futures may cross threads.
        let mut writes = Vec::with_capacity(self.0.len());
        for (CampaignKey { account, campaign }, Gathered { events, messages }) in self.0 {
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
                error!(account.id = %account, campaign.id = %campaign, error.chain = chain(&error), "events were not recorded and will be retried");
                messages
            });
        }
        let failed: Vec<HashSet<usize>> = futures_util::stream::iter(writes).buffer_unordered(AT_ONCE).collect().await;
        failed.into_iter().flatten().collect()
    }
}

/// A receipt as the journal stores it; `None` for one that no carrier could have sent.
fn receipt(receipt: Receipt) -> Option<journal::Receipt> {
    Some(journal::Receipt {
        index: receipt.index,
        state: State::from_byte(receipt.state)?,
        reason: Reason::from_byte(receipt.reason)?,
        at: Minute::from_timestamp(Timestamp::from_second(receipt.second).ok()?),
    })
}

fn click(click: &Click) -> Option<journal::Click> {
    let Click { index, visitor, second, key, link } = click;
    let visitor: Option<Visitor> = visitor.parse().ok();
    Some(journal::Click { second: u32::try_from(*second).ok()?, index: *index, visitor, key: *key, link: *link })
}

#[cfg(test)]
mod tests {
    use domain::outcome::Outcome;

    use super::*;

    #[test]
    fn an_impossible_receipt_is_skipped() {
        let good =
            Receipt { index: 7, state: State::from(Outcome::Delivered).byte(), reason: 0, second: 1_800_000_000 };
        let read = receipt(good).unwrap();
        assert_eq!((read.index, read.state.outcome(), read.reason), (7, Outcome::Delivered, Reason::None));
        let table =
            [Receipt { state: 77, ..good }, Receipt { reason: 250, ..good }, Receipt { second: i64::MAX, ..good }];
        for bad in table {
            assert_eq!(receipt(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_click_of_a_visitor_that_a_later_version_knows_is_a_click() {
        let good = Click { index: 7, visitor: "person".into(), second: 1_800_000_000, key: 9, link: 1 };
        let read = click(&good).unwrap();
        assert_eq!((read.index, read.visitor, read.key, read.link), (7, Some(Visitor::Person), 9, 1));
        let unknown = Click { visitor: "oracle".into(), ..good.clone() };
        assert_eq!(click(&unknown).unwrap().visitor, None);
        assert_eq!(click(&Click { second: -1, ..good }), None);
    }

    #[test]
    fn events_of_one_campaign_are_gathered_from_all_messages() {
        let ids = |number: u8| {
            let campaign: CampaignId = format!("cmp_0000000000000000000{number}").parse().unwrap();
            ("acc_00000000000000000001".parse::<AccountId>().unwrap(), campaign)
        };
        let (account, campaign) = ids(1);
        let key = CampaignKey { account: account.clone(), campaign: campaign.clone() };
        let mut groups = Groups::default();
        let item = Receipt { index: 7, state: 134, reason: 0, second: 1_800_000_000 };
        groups.add_receipts(0, Receipts { account: account.clone(), campaign: campaign.clone(), items: vec![item; 2] });
        groups.add_mark(1, key.clone(), journal::Mark { index: 7, stopped: true });
        let (account, other) = ids(2);
        groups.add_receipts(2, Receipts { account, campaign: other, items: vec![item] });
        assert_eq!(groups.0.len(), 2);
        let gathered = &groups.0[&key];
        assert_eq!((gathered.events.receipts.len(), gathered.events.marks.len()), (2, 1));
        assert_eq!(gathered.messages, [0, 1].into());
    }
}
