//! The tables: items with versions, conditional writes, lagging indexes. Faults on the way to them are in `call`.

use domain::account::Account;
use domain::campaign::{Campaign, Message, Schedule, Settings};
use domain::credits::{Balance, Mode, Movement};
use domain::flow::Flow;
use domain::ids::{AccountId, CampaignId};
use domain::known_fold::KnownFold;
use domain::ledger::Ledger;
use domain::link_clicks::LinkClicks;
use domain::tally::Tally;
use jiff::Timestamp;

use crate::engine::after_ms;
use crate::journal::JournalItem;
use crate::model::Model;
use crate::plan::Plan;

/// Why a call to the table failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableError {
    /// Another writer changed it since it was read.
    Conflict,
    Unavailable,
    /// A required item is missing or cannot be written: the actor gives up.
    Unexpected,
}

pub type Result<T> = std::result::Result<T, TableError>;

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
        Tally::new(self.ledger.records(), &LinkClicks::default())
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
    pub shown: Shown<BatchTally>,
}

impl BatchItem {
    pub fn recipients(&self) -> u32 {
        u32::try_from(self.batch.ledger.records().len()).unwrap_or(u32::MAX)
    }
}

pub struct CampaignItem {
    /// `None` once removed.
    pub campaign: Option<Campaign>,
    pub shown: Shown<Option<Timestamp>>,
    pub batches: Vec<BatchItem>,
    /// The start that wrote them: the version of the campaign that it claimed.
    pub cut_by: u64,
    /// The batches when they were removed.
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
    /// When the next fold comes, as known to track.
    pub next_fold: Vec<[Option<KnownFold>; 3]>,
    /// Campaign, its own pace, until when it has a demand.
    pub demands: Vec<(usize, Option<u64>, Timestamp)>,
}

pub fn newest<T>(shown: &Shown<T>, now: Timestamp) -> Option<&T> {
    shown.iter().rev().find(|(at, _)| *at <= now).map(|(_, what)| what)
}

pub fn show<T>(shown: &mut Shown<T>, what: T, now: Timestamp, at: Timestamp) {
    // Entries that no reader can see any more are dropped.
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
            let shown = vec![(plan.begins_at, campaign.next_due_at())];
            CampaignItem { campaign: Some(campaign), shown, batches: Vec::new(), cut_by: 0, forgotten: Vec::new() }
        });
        let campaigns = campaigns.collect();
        let journals = plan.campaigns.iter().map(|_| JournalItem::default()).collect();
        let next_fold = vec![[None; 3]; plan.campaigns.len()];
        let decisions = plan.accounts.iter().map(|_| Vec::new()).collect();
        Self { accounts, decisions, campaigns, journals, next_fold, flow: (Flow::default(), 0), demands: Vec::new() }
    }

    /// When the first item is due that a tick would find.
    pub fn next_due(&self) -> Option<Timestamp> {
        let campaigns = self.campaigns.iter().filter_map(|item| item.campaign.as_ref()?.next_due_at());
        campaigns.chain(self.journals.iter().filter_map(|journal| journal.fold_due)).min()
    }
}

impl Model {
    /// When an index shows what is written now.
    pub fn shown_at(&mut self) -> Timestamp {
        let lags = self.random.chance(self.faults().index_lags);
        let ms = if lags { self.random.between(500, 20_000) } else { self.random.between(0, 30) };
        after_ms(self.now, ms)
    }

    pub fn write_campaign(&mut self, number: usize, campaign: Campaign) -> Result<Campaign> {
        let shown_at = self.shown_at();
        let now = self.now;
        let item = &mut self.table.campaigns[number];
        let Some(stored) = &item.campaign else { return Err(TableError::Conflict) };
        if stored.version != campaign.version {
            return Err(TableError::Conflict);
        }
        let next = Campaign { version: campaign.version + 1, ..campaign };
        show(&mut item.shown, next.next_due_at(), now, shown_at);
        let before = item.campaign.replace(next.clone());
        if let Some(before) = before {
            self.campaign_was_written(number, &before, &next);
        }
        Ok(next)
    }

    /// A campaign and its credits, both or neither.
    pub fn write_and_move(&mut self, number: usize, campaign: &Campaign, movements: &[Movement]) -> Result<Campaign> {
        let account = self.plan.campaigns[number].account;
        let next = self.write_campaign(number, campaign.clone())?;
        self.move_credits(account, movements)?;
        self.check_credits();
        Ok(next)
    }

    pub fn move_credits(&mut self, account: usize, movements: &[Movement]) -> Result<()> {
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

    pub fn show_batch(&mut self, campaign: usize, number: usize) {
        let (now, shown_at) = (self.now, self.shown_at());
        let item = &mut self.table.campaigns[campaign].batches[number];
        let tally =
            BatchTally { number: item.batch.number, tally: item.batch.tally(), lease_until: item.batch.lease_until };
        show(&mut item.shown, tally, now, shown_at);
    }

    pub fn lease(&mut self, campaign: usize, number: u32, until: Timestamp) -> Option<Batch> {
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

    pub fn write_batch(&mut self, campaign: usize, batch: &Batch) -> Result<()> {
        let Some(item) = self.table.campaigns[campaign].batches.get_mut(batch.number as usize) else {
            return Err(TableError::Conflict);
        };
        if item.batch.version != batch.version {
            return Err(TableError::Conflict);
        }
        let fence = item.batch.fence;
        let before = std::mem::replace(&mut item.batch, Batch { version: batch.version + 1, fence, ..batch.clone() });
        self.batch_was_written(campaign, batch.number, &before.ledger, &batch.ledger);
        self.show_batch(campaign, batch.number as usize);
        Ok(())
    }
}

/// The sum of all batches, from the table itself.
#[derive(Debug, Clone)]
pub struct Exact {
    pub tally: Tally,
    pub lease_until: Timestamp,
    pub unsettled: Vec<u32>,
}
