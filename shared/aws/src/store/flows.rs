//! The state of the carriers, one item each, and the demands of campaigns. They belong to no account.

use domain::flow::{Demand, Flow, Measure, Party};
use domain::ids::{AccountId, CampaignId};
use serde::{Deserialize, Serialize};

use super::item::{Item, code, doc, instant, item, maybe_instant, ms, n, number, text};
use super::{Result, Store, reading};

const WHAT: &str = "flow of a carrier";
const PREFIX: &str = "carrier#";
const FLOW: &str = "flow";
const DEMAND: &str = "demand#";
/// A campaign that did not ask for this long has no demand any more.
const DEMAND_SECONDS: i64 = 150;
/// Most campaigns that share a carrier; beyond that, shares are a little too large for a moment.
const DEMANDS_MAX: usize = 2_000;

#[derive(Serialize, Deserialize)]
struct FlowItem {
    rate: Option<u64>,
    #[serde(default)]
    ceiling: Option<u64>,
    granted_until: Option<i64>,
    last: Option<u64>,
    /// Whose turn it is, and until when.
    turn: Option<(u64, i64)>,
    call_max: Option<u32>,
    blocked_until: Option<i64>,
    throttled_calls: u32,
    /// Begin, accepted, throttled.
    measure: Option<(i64, u64, u64)>,
    clean: u32,
    failures: u32,
    #[serde(default)]
    failed_at: Option<i64>,
    refusals: u32,
    open_since: Option<i64>,
    probe_at: Option<i64>,
}

impl FlowItem {
    fn new(flow: &Flow) -> Self {
        Self {
            rate: flow.learnt_rate,
            ceiling: flow.ceiling,
            granted_until: flow.granted_until.map(ms),
            last: flow.last.map(|Party(party)| party),
            turn: flow.turn.map(|(Party(party), until)| (party, ms(until))),
            call_max: flow.call_max,
            blocked_until: flow.blocked_until.map(ms),
            throttled_calls: flow.throttled_calls,
            measure: flow.measure.map(|measure| (ms(measure.began_at), measure.accepted, measure.throttled)),
            clean: flow.clean,
            failures: flow.failures,
            failed_at: flow.failed_at.map(ms),
            refusals: flow.refusals,
            open_since: flow.open_since.map(ms),
            probe_at: flow.probe_at.map(ms),
        }
    }

    fn flow(self) -> Result<Flow> {
        let measure =
            |(began_at, accepted, throttled)| Ok(Measure { began_at: instant(began_at, WHAT)?, accepted, throttled });
        let turn = |(party, until)| Ok((Party(party), instant(until, WHAT)?));
        Ok(Flow {
            learnt_rate: self.rate,
            ceiling: self.ceiling,
            granted_until: maybe_instant(self.granted_until, WHAT)?,
            last: self.last.map(Party),
            turn: self.turn.map(turn).transpose()?,
            call_max: self.call_max,
            blocked_until: maybe_instant(self.blocked_until, WHAT)?,
            throttled_calls: self.throttled_calls,
            measure: self.measure.map(measure).transpose()?,
            clean: self.clean,
            failures: self.failures,
            failed_at: maybe_instant(self.failed_at, WHAT)?,
            refusals: self.refusals,
            open_since: maybe_instant(self.open_since, WHAT)?,
            probe_at: maybe_instant(self.probe_at, WHAT)?,
        })
    }
}

/// A carrier's flow as it was read.
#[derive(Debug, Clone, Default)]
pub struct ReadFlow {
    pub flow: Flow,
    version: u64,
}

/// The demands of campaigns for a carrier now.
#[derive(Debug, Clone)]
pub struct Demands {
    pub all: Vec<Demand<AccountId>>,
    /// Index of the demand of the campaign that asks.
    pub own: usize,
}

impl Store {
    /// The flow of a carrier; the default if it was never written.
    pub async fn flow(&self, carrier: &str) -> Result<ReadFlow> {
        let got = reading::get(&self.db, &self.tables.campaigns, &pk(carrier), FLOW, WHAT).await?;
        let Some(found) = got else { return Ok(ReadFlow::default()) };
        Ok(ReadFlow { flow: doc::<FlowItem>(&found, WHAT)?.flow()?, version: number(&found, "version", WHAT)? })
    }

    /// Writes a flow that is unchanged since it was read.
    pub async fn put_flow(&self, carrier: &str, read: &ReadFlow, flow: Flow) -> Result<ReadFlow> {
        let item = item(&pk(carrier), FLOW, &FlowItem::new(&flow));
        reading::put(&self.db, &self.tables.campaigns, item, read.version, WHAT).await?;
        Ok(ReadFlow { flow, version: read.version + 1 })
    }

    /// Records the demand of a campaign, `most` per 1,000 seconds if its own pace limits it, and returns all demands
    /// for the carrier now.
    pub async fn demand(
        &self,
        carrier: &str,
        account: &AccountId,
        campaign: &CampaignId,
        most: Option<u64>,
        now: jiff::Timestamp,
    ) -> Result<Demands> {
        let sk = format!("{DEMAND}{account}/{campaign}");
        let mut mine = item(&pk(carrier), &sk, &most);
        mine.insert("until".into(), n(now.as_second() + DEMAND_SECONDS));
        mine.insert("expires_at".into(), n(now.as_second() + DEMAND_SECONDS));
        let put = self.db.put_item().table_name(&self.tables.campaigns).set_item(Some(mine));
        put.send().await.map_err(super::failed("write", WHAT))?;
        let slice = reading::Slice { pk: &pk(carrier), prefix: DEMAND, after: None, newest_first: false };
        let page = reading::page(&self.db, &self.tables.campaigns, slice, DEMANDS_MAX, WHAT).await?;
        let (mut all, mut own) = (Vec::new(), None);
        for item in &page.items {
            if number::<i64>(item, "until", WHAT)? < now.as_second() {
                continue;
            }
            if text(item, "sk", WHAT)? == sk {
                own = Some(all.len());
            }
            all.push(Demand { account: account_of(item)?, most: doc(item, WHAT)? });
        }
        // The listing may be older than the item that was just written.
        let own = own.unwrap_or_else(|| {
            all.push(Demand { account: account.clone(), most });
            all.len() - 1
        });
        Ok(Demands { all, own })
    }

    /// Removes the demand of a campaign for a carrier.
    pub async fn forget_demand(&self, carrier: &str, account: &AccountId, campaign: &CampaignId) -> Result<()> {
        let sk = format!("{DEMAND}{account}/{campaign}");
        reading::forget(&self.db, &self.tables.campaigns, &pk(carrier), &sk, WHAT).await
    }
}

fn pk(carrier: &str) -> String {
    format!("{PREFIX}{carrier}")
}

fn account_of(item: &Item) -> Result<AccountId> {
    let sk = text(item, "sk", WHAT)?;
    let account = sk.strip_prefix(DEMAND).and_then(|key| key.split_once('/')).map_or("", |(account, _)| account);
    code(account, WHAT)
}
