//! Requests to the tables: each may be refused, or its response lost.

use domain::account::Account;
use domain::campaign::Campaign;
use domain::credits::Movement;
use domain::flow::{Demand, Flow};
use domain::ledger::Ledger;
use domain::tally::Tally;
use jiff::Timestamp;

use crate::engine::{Sim, after_ms};
use crate::model::Model;
use crate::rules::Break;
use crate::table::{Batch, BatchItem, BatchTally, CampaignItem, Decision, Exact, Result, TableError, newest, show};

impl Sim {
    pub async fn account(&self, account: usize) -> Result<Account> {
        self.call(|model| Ok(model.table.accounts[account].clone())).await
    }

    pub async fn campaign(&self, number: usize) -> Result<Option<Campaign>> {
        self.call(|model| Ok(model.table.campaigns[number].campaign.clone())).await
    }

    pub async fn put_campaign(&self, number: usize, campaign: Campaign) -> Result<Campaign> {
        self.call(|model| model.write_campaign(number, campaign.clone())).await
    }

    /// Both or neither; repeated, it has its effect once.
    pub async fn put_campaign_and_move(
        &self,
        number: usize,
        campaign: Campaign,
        movements: &[Movement],
    ) -> Result<Campaign> {
        self.call_once(|model| model.write_and_move(number, &campaign, movements)).await
    }

    /// The same at the end of a campaign, under the fold lock.
    pub async fn finish_campaign(
        &self,
        number: usize,
        campaign: Campaign,
        movements: &[Movement],
        held_until: Timestamp,
    ) -> Result<Campaign> {
        self.call_once(|model| {
            if model.table.journals[number].fold_held_until != Some(held_until)
                && model.rules.broken != Some(Break::LapsedFoldEnds)
            {
                return Err(TableError::Conflict);
            }
            model.write_and_move(number, &campaign, movements)
        })
        .await
    }

    pub async fn flow(&self) -> Result<(Flow, u64)> {
        self.call(|model| Ok(model.table.flow.clone())).await
    }

    pub async fn put_flow(&self, read: u64, flow: &Flow) -> Result<(Flow, u64)> {
        self.call(|model| {
            if model.table.flow.1 != read {
                return Err(TableError::Conflict);
            }
            model.flow_was_written(flow);
            model.table.flow = (flow.clone(), read + 1);
            Ok(model.table.flow.clone())
        })
        .await
    }

    /// Records the demand of a campaign, and returns all demands, with its own index.
    pub async fn demand(&self, number: usize, most: Option<u64>) -> Result<(Vec<Demand<usize>>, usize)> {
        self.call(|model| {
            let (now, until) = (model.now, after_ms(model.now, 150_000));
            model.table.demands.retain(|(of, _, until)| *of != number && *until >= now);
            model.table.demands.push((number, most, until));
            let account = |of: usize| model.plan.campaigns[of].account;
            let demand =
                |(of, most, _): &(usize, Option<u64>, Timestamp)| Demand { account: account(*of), most: *most };
            let demands: Vec<_> = model.table.demands.iter().map(demand).collect();
            let index = demands.len() - 1;
            Ok((demands, index))
        })
        .await
    }

    pub async fn forget_demand(&self, number: usize) -> Result<()> {
        self.call(|model| {
            model.table.demands.retain(|(of, ..)| *of != number);
            Ok(())
        })
        .await
    }

    /// What is due, from the index, longest waiting first.
    pub async fn due(&self) -> Result<Vec<usize>> {
        self.call(|model| {
            let now = model.now;
            let shown = |item: &CampaignItem| newest(&item.shown, now).copied().flatten();
            let items = model.table.campaigns.iter().enumerate();
            let mut due: Vec<_> =
                items.filter_map(|(n, item)| shown(item).filter(|at| *at <= now).map(|at| (at, n))).collect();
            due.sort_unstable();
            Ok(due.into_iter().map(|(_, number)| number).collect())
        })
        .await
    }

    /// Takes the lease of a batch until `until`, if it has none.
    pub async fn lease_batch(&self, campaign: usize, number: u32, until: Timestamp) -> Result<Option<Batch>> {
        self.call(|model| Ok(model.lease(campaign, number, until))).await
    }

    pub async fn batch(&self, campaign: usize, number: u32) -> Result<Option<Batch>> {
        let found = |model: &Model| Some(model.table.campaigns[campaign].batches.get(number as usize)?.batch.clone());
        self.call(|model| Ok(found(model))).await
    }

    pub async fn put_batch(&self, campaign: usize, batch: &mut Batch) -> Result<()> {
        self.call(|model| model.write_batch(campaign, batch)).await?;
        batch.version += 1;
        Ok(())
    }

    /// Tallies as the index shows them.
    pub async fn tallies(&self, campaign: usize, numbers: std::ops::Range<u32>) -> Result<Vec<BatchTally>> {
        self.call(|model| {
            let now = model.now;
            let shown = |item: &BatchItem| newest(&item.shown, now).cloned();
            let items = model.table.campaigns[campaign].batches.iter().filter_map(shown);
            Ok(items.filter(|tally| numbers.contains(&tally.number)).collect())
        })
        .await
    }

    pub async fn exact(&self, campaign: usize) -> Result<Exact> {
        self.call(|model| {
            let mut exact =
                Exact { tally: Tally::default(), lease_until: Timestamp::UNIX_EPOCH, unsettled: Vec::new() };
            for item in &model.table.campaigns[campaign].batches {
                let tally = item.batch.tally();
                if tally.to_send > 0 || item.batch.lease_until != Timestamp::UNIX_EPOCH {
                    exact.unsettled.push(item.batch.number);
                }
                exact.tally.add(&tally);
                exact.lease_until = exact.lease_until.max(item.batch.lease_until);
            }
            Ok(exact)
        })
        .await
    }

    /// Numbers excluded from `since` on, and the instant of the read.
    pub async fn excluded_since(&self, account: usize, since: Timestamp) -> Result<(Vec<u32>, Timestamp)> {
        self.call(|model| {
            let decisions = model.table.decisions[account].iter().filter(|decision| decision.at >= since);
            Ok((decisions.map(|decision| decision.phone).collect(), model.now))
        })
        .await
    }

    pub async fn exclude(&self, account: usize, decision: Decision) -> Result<()> {
        self.call(|model| {
            model.table.decisions[account].push(decision);
            Ok(())
        })
        .await
    }

    /// Writes the batches of a starting campaign, over those of an earlier start.
    pub async fn create_batches(&self, campaign: usize, sizes: &[u32], cut_by: u64) -> Result<()> {
        let writes_over = self.is_broken(Break::StartWritesOver);
        self.call(|model| {
            let item = &mut model.table.campaigns[campaign];
            if item.cut_by > cut_by && !writes_over {
                return Err(TableError::Conflict);
            }
            item.cut_by = cut_by;
            let nobody = Timestamp::UNIX_EPOCH;
            let batches = sizes.iter().zip(0..).map(|(recipients, number)| {
                let ledger = Ledger::pending(*recipients as usize);
                BatchItem {
                    batch: Batch { number, ledger, lease_until: nobody, fence: 0, version: 1 },
                    shown: Vec::new(),
                }
            });
            let before = std::mem::replace(&mut model.table.campaigns[campaign].batches, batches.collect());
            model.batches_were_made(campaign, &before);
            (0..sizes.len()).for_each(|number| model.show_batch(campaign, number));
            Ok(())
        })
        .await
    }

    /// Removes the batches of a campaign.
    pub async fn forget_batches(&self, campaign: usize) -> Result<()> {
        self.call(|model| {
            let item = &mut model.table.campaigns[campaign];
            let gone = std::mem::take(&mut item.batches);
            item.forgotten.extend(gone.into_iter().map(|item| item.batch));
            Ok(())
        })
        .await
    }

    pub async fn forget_campaign(&self, number: usize, version: u64) -> Result<()> {
        self.call(|model| {
            let (now, shown_at) = (model.now, model.shown_at());
            let item = &mut model.table.campaigns[number];
            if item.campaign.as_ref().is_none_or(|campaign| campaign.version != version) {
                return Err(TableError::Conflict);
            }
            show(&mut item.shown, None, now, shown_at);
            item.campaign = None;
            Ok(())
        })
        .await
    }
}
