//! The tables: items with versions, writes under conditions, indexes that lag. What goes wrong on the way to them is
//! in `call`.

use domain::account::Account;
use domain::campaign::{Campaign, Message, Schedule, Settings};
use domain::credits::{Balance, Mode, Movement};
use domain::flow::{Demand, Flow};
use domain::ids::{AccountId, CampaignId};
use domain::ledger::Ledger;
use domain::link_clicks::LinkClicks;
use domain::tally::Tally;
use jiff::Timestamp;

use crate::engine::{Sim, after_ms};
use crate::journal::{Asked, JournalItem};
use crate::plan::Plan;
use crate::rules::Break;
use crate::world::World;

/// Why a call to the table failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Somebody else wrote since it was read.
    Conflict,
    Unavailable,
    /// What must be there is not, or lets itself not be written: the actor gives up.
    Unexpected,
}

pub type Result<T> = std::result::Result<T, Failure>;

/// A batch: its lease and its ledger.
#[derive(Debug, Clone)]
pub struct Batch {
    pub number: u32,
    pub ledger: Ledger,
    pub lease_until: Timestamp,
    pub fence: u64,
    pub version: u64,
}

impl Batch {
    pub fn tally(&self) -> Tally {
        Tally::of(self.ledger.records(), &LinkClicks::default())
    }
}

/// A batch as the index shows it.
#[derive(Debug, Clone)]
pub struct BatchTally {
    pub number: u32,
    pub tally: Tally,
    pub lease_until: Timestamp,
}

/// What the index showed since when, oldest first.
type Shown<T> = Vec<(Timestamp, T)>;

pub struct BatchItem {
    pub batch: Batch,
    shown: Shown<BatchTally>,
}

impl BatchItem {
    pub fn recipients(&self) -> u32 {
        u32::try_from(self.batch.ledger.records().len()).unwrap_or(u32::MAX)
    }
}

pub struct CampaignItem {
    /// `None` when it is forgotten.
    pub campaign: Option<Campaign>,
    shown: Shown<Option<Timestamp>>,
    pub batches: Vec<BatchItem>,
    /// The start that cut them: the version of the campaign that it won.
    cut_by: u64,
    /// What its batches were when they were forgotten.
    pub forgotten: Vec<Batch>,
}

/// A decision on a number.
#[derive(Debug, Clone, Copy)]
pub struct Decision {
    pub phone: u32,
    pub at: Timestamp,
}

pub struct Table {
    pub accounts: Vec<Account>,
    pub decisions: Vec<Vec<Decision>>,
    pub campaigns: Vec<CampaignItem>,
    pub flow: (Flow, u64),
    pub journals: Vec<JournalItem>,
    /// When track knows that the next fold comes.
    pub next_fold: Vec<[Option<Asked>; 3]>,
    /// Campaign, its own pace, until when it wants something.
    demands: Vec<(usize, Option<u64>, Timestamp)>,
}

fn newest<T>(shown: &Shown<T>, now: Timestamp) -> Option<&T> {
    shown.iter().rev().find(|(at, _)| *at <= now).map(|(_, what)| what)
}

fn show<T>(shown: &mut Shown<T>, what: T, now: Timestamp, at: Timestamp) {
    // What nobody can see any more is forgotten.
    if let Some(seen) = shown.iter().rposition(|(at, _)| *at <= now) {
        shown.drain(..seen);
    }
    let at = shown.last().map_or(at, |(last, _)| at.max(*last));
    shown.push((at, what));
}

impl Table {
    pub fn new(plan: &Plan) -> Self {
        let id = |number: usize| [0, 0, 0, 0, 0, u8::try_from(number).unwrap_or(0)];
        let mut accounts: Vec<Account> = plan
            .accounts
            .iter()
            .enumerate()
            .map(|(number, of)| Account {
                window: of.window,
                time_zone: of.time_zone.to_owned(),
                balance: Balance { mode: Mode::Limited, balance: of.grants, reserved: 0 },
                ..Account::new(AccountId::new(plan.begins_at, id(number)), plan.begins_at)
            })
            .collect();
        let campaigns = plan.campaigns.iter().enumerate().map(|(number, of)| {
            let account = &mut accounts[of.account];
            let reserved = of.contacts.iter().map(|contact| u64::from(contact.segments)).sum();
            account.balance.balance -= reserved;
            account.balance.reserved += reserved;
            let settings = Settings {
                kind: of.kind,
                message: Message::default(),
                schedule: Schedule { at: None, pace_per_hour: of.per_hour },
                ..Settings::default()
            };
            let campaign_id = CampaignId::new(plan.begins_at, id(number));
            let mut campaign =
                Campaign::draft(account.id.clone(), campaign_id, settings, String::new(), plan.begins_at);
            (campaign.reserved, campaign.due_at) = (reserved, Some(of.due_at));
            campaign.pacing.per_hour = of.per_hour;
            campaign.version = 1;
            let ready = campaign.apply(domain::campaign::Command::Validate, plan.begins_at);
            let campaign = ready.unwrap_or(campaign);
            let shown = vec![(plan.begins_at, campaign.wanted_at())];
            CampaignItem { campaign: Some(campaign), shown, batches: Vec::new(), cut_by: 0, forgotten: Vec::new() }
        });
        let campaigns = campaigns.collect();
        let journals = plan.campaigns.iter().map(|_| JournalItem::default()).collect();
        let next_fold = vec![[None; 3]; plan.campaigns.len()];
        let decisions = plan.accounts.iter().map(|_| Vec::new()).collect();
        Self { accounts, decisions, campaigns, journals, next_fold, flow: (Flow::default(), 0), demands: Vec::new() }
    }

    /// When the first thing is due that a tick would find.
    pub fn next_due(&self) -> Option<Timestamp> {
        let campaigns = self.campaigns.iter().filter_map(|item| item.campaign.as_ref()?.wanted_at());
        campaigns.chain(self.journals.iter().filter_map(|journal| journal.fold_due)).min()
    }
}

impl World {
    /// When an index shows what is written now.
    fn shown_at(&mut self) -> Timestamp {
        let lags = self.random.chance(self.faults().index_lags);
        let ms = if lags { self.random.between(500, 20_000) } else { self.random.between(0, 30) };
        after_ms(self.now, ms)
    }

    pub fn write_campaign(&mut self, number: usize, campaign: Campaign) -> Result<Campaign> {
        let shown_at = self.shown_at();
        let now = self.now;
        let item = &mut self.table.campaigns[number];
        let Some(stored) = &item.campaign else { return Err(Failure::Conflict) };
        if stored.version != campaign.version {
            return Err(Failure::Conflict);
        }
        let next = Campaign { version: campaign.version + 1, ..campaign };
        show(&mut item.shown, next.wanted_at(), now, shown_at);
        let before = item.campaign.replace(next.clone());
        if let Some(before) = before {
            self.campaign_was_written(number, &before, &next);
        }
        Ok(next)
    }

    /// A campaign and its credits, both or neither.
    fn write_and_move(&mut self, number: usize, campaign: &Campaign, movements: &[Movement]) -> Result<Campaign> {
        let account = self.plan.campaigns[number].account;
        let next = self.write_campaign(number, campaign.clone())?;
        self.move_credits(account, movements)?;
        self.check_credits();
        Ok(next)
    }

    fn move_credits(&mut self, account: usize, movements: &[Movement]) -> Result<()> {
        let balance = &mut self.table.accounts[account].balance;
        let (mut free, mut reserved) = (i128::from(balance.balance), i128::from(balance.reserved));
        for movement in movements {
            let (to_free, to_reserved) = movement.kind.signs();
            free += i128::from(to_free) * i128::from(movement.credits);
            reserved += i128::from(to_reserved) * i128::from(movement.credits);
        }
        match (u64::try_from(free), u64::try_from(reserved)) {
            (Ok(free), Ok(reserved)) => (balance.balance, balance.reserved) = (free, reserved),
            _ => self.broken(|| format!("credits of account {account} fall below zero: {free} {reserved}")),
        }
        Ok(())
    }

    fn show_batch(&mut self, campaign: usize, number: usize) {
        let (now, shown_at) = (self.now, self.shown_at());
        let item = &mut self.table.campaigns[campaign].batches[number];
        let tally =
            BatchTally { number: item.batch.number, tally: item.batch.tally(), lease_until: item.batch.lease_until };
        show(&mut item.shown, tally, now, shown_at);
    }

    fn lease(&mut self, campaign: usize, number: u32, until: Timestamp) -> Option<Batch> {
        let now = self.now;
        let item = self.table.campaigns[campaign].batches.get_mut(number as usize)?;
        if item.batch.lease_until > now {
            return None;
        }
        item.batch.lease_until = until;
        item.batch.fence += 1;
        item.batch.version += 1;
        let leased = item.batch.clone();
        self.show_batch(campaign, number as usize);
        Some(leased)
    }

    fn write_batch(&mut self, campaign: usize, batch: &Batch) -> Result<()> {
        let Some(item) = self.table.campaigns[campaign].batches.get_mut(batch.number as usize) else {
            return Err(Failure::Conflict);
        };
        if item.batch.version != batch.version {
            return Err(Failure::Conflict);
        }
        let fence = item.batch.fence;
        let before = std::mem::replace(&mut item.batch, Batch { version: batch.version + 1, fence, ..batch.clone() });
        self.batch_was_written(campaign, batch.number, &before.ledger, &batch.ledger);
        self.show_batch(campaign, batch.number as usize);
        Ok(())
    }
}

/// What all batches add up to, from the table itself.
#[derive(Debug, Clone)]
pub struct Exact {
    pub tally: Tally,
    pub lease_until: Timestamp,
    pub unsettled: Vec<u32>,
}

impl Sim {
    pub async fn account(&self, account: usize) -> Result<Account> {
        self.call(|world| Ok(world.table.accounts[account].clone())).await
    }

    pub async fn campaign(&self, number: usize) -> Result<Option<Campaign>> {
        self.call(|world| Ok(world.table.campaigns[number].campaign.clone())).await
    }

    pub async fn put_campaign(&self, number: usize, campaign: Campaign) -> Result<Campaign> {
        self.call(|world| world.write_campaign(number, campaign.clone())).await
    }

    /// Both or neither; told again it is done once.
    pub async fn put_campaign_and_move(
        &self,
        number: usize,
        campaign: Campaign,
        movements: &[Movement],
    ) -> Result<Campaign> {
        self.call_once(|world| world.write_and_move(number, &campaign, movements)).await
    }

    /// The same at the end of a campaign, for who has the right to fold its journal.
    pub async fn finish_campaign(
        &self,
        number: usize,
        campaign: Campaign,
        movements: &[Movement],
        held_until: Timestamp,
    ) -> Result<Campaign> {
        self.call_once(|world| {
            if world.table.journals[number].fold_held_until != Some(held_until)
                && world.rules.broken != Some(Break::LapsedFoldEnds)
            {
                return Err(Failure::Conflict);
            }
            world.write_and_move(number, &campaign, movements)
        })
        .await
    }

    pub async fn flow(&self) -> Result<(Flow, u64)> {
        self.call(|world| Ok(world.table.flow.clone())).await
    }

    pub async fn put_flow(&self, read: u64, flow: &Flow) -> Result<(Flow, u64)> {
        self.call(|world| {
            if world.table.flow.1 != read {
                return Err(Failure::Conflict);
            }
            world.flow_was_written(flow);
            world.table.flow = (flow.clone(), read + 1);
            Ok(world.table.flow.clone())
        })
        .await
    }

    /// Notes that a campaign wants messages handed over, and answers what is wanted, with its place in it.
    pub async fn demand(&self, number: usize, most: Option<u64>) -> Result<(Vec<Demand<usize>>, usize)> {
        self.call(|world| {
            let (now, until) = (world.now, after_ms(world.now, 150_000));
            world.table.demands.retain(|(of, _, until)| *of != number && *until >= now);
            world.table.demands.push((number, most, until));
            let account = |of: usize| world.plan.campaigns[of].account;
            let demand =
                |(of, most, _): &(usize, Option<u64>, Timestamp)| Demand { account: account(*of), most: *most };
            let demands: Vec<_> = world.table.demands.iter().map(demand).collect();
            let place = demands.len() - 1;
            Ok((demands, place))
        })
        .await
    }

    pub async fn forget_demand(&self, number: usize) -> Result<()> {
        self.call(|world| {
            world.table.demands.retain(|(of, ..)| *of != number);
            Ok(())
        })
        .await
    }

    /// What is due, as the index shows it, longest waiting first.
    pub async fn due(&self) -> Result<Vec<usize>> {
        self.call(|world| {
            let now = world.now;
            let shown = |item: &CampaignItem| newest(&item.shown, now).copied().flatten();
            let items = world.table.campaigns.iter().enumerate();
            let mut due: Vec<_> =
                items.filter_map(|(n, item)| shown(item).filter(|at| *at <= now).map(|at| (at, n))).collect();
            due.sort_unstable();
            Ok(due.into_iter().map(|(_, number)| number).collect())
        })
        .await
    }

    /// Takes the lease of a batch until `until`, if nobody holds it.
    pub async fn lease_batch(&self, campaign: usize, number: u32, until: Timestamp) -> Result<Option<Batch>> {
        self.call(|world| Ok(world.lease(campaign, number, until))).await
    }

    pub async fn batch(&self, campaign: usize, number: u32) -> Result<Option<Batch>> {
        let found = |world: &World| Some(world.table.campaigns[campaign].batches.get(number as usize)?.batch.clone());
        self.call(|world| Ok(found(world))).await
    }

    pub async fn put_batch(&self, campaign: usize, batch: &mut Batch) -> Result<()> {
        self.call(|world| world.write_batch(campaign, batch)).await?;
        batch.version += 1;
        Ok(())
    }

    /// Tallies as the index shows them.
    pub async fn tallies(&self, campaign: usize, numbers: std::ops::Range<u32>) -> Result<Vec<BatchTally>> {
        self.call(|world| {
            let now = world.now;
            let shown = |item: &BatchItem| newest(&item.shown, now).cloned();
            let items = world.table.campaigns[campaign].batches.iter().filter_map(shown);
            Ok(items.filter(|tally| numbers.contains(&tally.number)).collect())
        })
        .await
    }

    pub async fn exact(&self, campaign: usize) -> Result<Exact> {
        self.call(|world| {
            let mut exact =
                Exact { tally: Tally::default(), lease_until: Timestamp::UNIX_EPOCH, unsettled: Vec::new() };
            for item in &world.table.campaigns[campaign].batches {
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

    /// Numbers of an account that were excluded from `since` on, and when that was true.
    pub async fn excluded_since(&self, account: usize, since: Timestamp) -> Result<(Vec<u32>, Timestamp)> {
        self.call(|world| {
            let decisions = world.table.decisions[account].iter().filter(|decision| decision.at >= since);
            Ok((decisions.map(|decision| decision.phone).collect(), world.now))
        })
        .await
    }

    pub async fn exclude(&self, account: usize, decision: Decision) -> Result<()> {
        self.call(|world| {
            world.table.decisions[account].push(decision);
            Ok(())
        })
        .await
    }

    /// Writes the batches of a campaign that is about to start, over those of an earlier start.
    pub async fn create_batches(&self, campaign: usize, sizes: &[u32], cut_by: u64) -> Result<()> {
        let writes_over = self.is_broken(Break::StartWritesOver);
        self.call(|world| {
            let item = &mut world.table.campaigns[campaign];
            if item.cut_by > cut_by && !writes_over {
                return Err(Failure::Conflict);
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
            let before = std::mem::replace(&mut world.table.campaigns[campaign].batches, batches.collect());
            world.batches_were_made(campaign, &before);
            (0..sizes.len()).for_each(|number| world.show_batch(campaign, number));
            Ok(())
        })
        .await
    }

    /// Removes the batches of a campaign.
    pub async fn forget_batches(&self, campaign: usize) -> Result<()> {
        self.call(|world| {
            let item = &mut world.table.campaigns[campaign];
            let gone = std::mem::take(&mut item.batches);
            item.forgotten.extend(gone.into_iter().map(|item| item.batch));
            Ok(())
        })
        .await
    }

    pub async fn forget_campaign(&self, number: usize, version: u64) -> Result<()> {
        self.call(|world| {
            let (now, shown_at) = (world.now, world.shown_at());
            let item = &mut world.table.campaigns[number];
            if item.campaign.as_ref().is_none_or(|campaign| campaign.version != version) {
                return Err(Failure::Conflict);
            }
            show(&mut item.shown, None, now, shown_at);
            item.campaign = None;
            Ok(())
        })
        .await
    }
}
