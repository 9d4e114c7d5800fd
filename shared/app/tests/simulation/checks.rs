//! Invariants that are checked after every step.

use domain::campaign::{Audience, Campaign, Kind, Status};
use domain::flow::Flow;
use domain::ledger::{Ledger, Record};
use domain::outcome::Outcome;
use domain::release::{Pacing, batch_slice};
use domain::status::{Command, PauseReason};
use jiff::{SignedDuration, Timestamp};

use crate::engine::after_ms;
use crate::flows::FRESH;
use crate::model::Model;
use crate::sender::{Looked, Outgoing};
use crate::table::BatchItem;
use crate::truth::Bucket;

/// Longest delay that a late grant makes up for.
const LATE_MS: i64 = 60_000;
/// Longer than most delays of a dispatch between reading the clock and writing.
const HELD_UP_MS: i64 = 250_000;

impl Model {
    /// A sender is about to call the carrier.
    pub fn call_begins(&mut self, campaign: usize, outgoing: &[Outgoing], looked: &Looked, is_open: bool) {
        self.truth.figures.calls += 1;
        self.trace(|| format!("{campaign}: calls with {:?}", outgoing.iter().map(|one| one.index).collect::<Vec<_>>()));
        let plan = &self.plan.campaigns[campaign];
        let (account, is_marketing) = (plan.account, plan.kind == Kind::Marketing);
        if outgoing.is_empty() || outgoing.len() > self.plan.carrier.window as usize {
            self.broken(|| format!("campaign {campaign}: a call of {} messages", outgoing.len()));
        }
        if !looked.is_fresh {
            self.broken(|| format!("campaign {campaign}: a call after a wait, with what was read before it"));
        }
        if !is_open {
            self.broken(|| format!("campaign {campaign}: a call outside the window"));
        }
        let is_failing = self.truth.failing_since.is_some_and(|since| looked.asked_at > since + FRESH);
        if is_failing && outgoing.len() > 1 {
            self.broken(|| format!("campaign {campaign}: {} messages to a carrier that fails", outgoing.len()));
        }
        for message in outgoing.iter().filter(|_| is_marketing) {
            let phone = self.truth.phone(campaign, message.index);
            if self.truth.excluded_at(account, phone).is_some_and(|at| at < looked.excluded_at) {
                self.broken(|| format!("campaign {campaign}: recipient {} is excluded and called", message.index));
            }
        }
    }

    pub fn batch_was_written(&mut self, campaign: usize, number: u32, before: &Ledger, after: &Ledger) {
        let first = self.table.campaigns[campaign].batches.iter().take(number as usize).map(|item| item.recipients());
        let first: u32 = first.sum();
        for ((was, is), index) in before.records().iter().zip(after.records()).zip(first..) {
            if was != is
                && let Some(fault) = self.fault_of(campaign, index, was, is)
            {
                self.broken(|| {
                    format!("campaign {campaign}: recipient {index}: {fault}: {:?} to {:?}", was.state, is.state)
                });
            }
        }
    }

    fn fault_of(&self, campaign: usize, index: u32, was: &Record, is: &Record) -> Option<&'static str> {
        let taken = self.truth.person(campaign, index).taken;
        let (before, after) = (was.state.outcome(), is.state.outcome());
        let back = !before.is_to_send() && is.state < was.state;
        let forgets = was.handed_over.is_some() && is.handed_over.is_none();
        match after {
            _ if back || forgets => Some("moved back"),
            Outcome::Pending if taken > 0 => Some("waits though the carrier has it"),
            Outcome::Excluded if taken > 0 => Some("is said to be excluded though the carrier has it"),
            Outcome::HandedOver | Outcome::Delivered | Outcome::Failed | Outcome::Expired if taken == 0 => {
                Some("is said to be taken and never was")
            }
            _ => None,
        }
    }

    /// A start has written batches, perhaps over those of another start.
    pub fn batches_were_made(&mut self, campaign: usize, before: &[BatchItem]) {
        let is_at_work = |item: &BatchItem| {
            item.batch.fence > 0 || item.batch.ledger.records().iter().any(|record| *record != Record::default())
        };
        if before.iter().any(is_at_work) {
            self.broken(|| format!("campaign {campaign}: a start wrote over batches at work"));
        }
    }

    pub fn flow_was_written(&mut self, flow: &Flow) {
        self.truth.failing_since = match (flow.failures, self.truth.failing_since) {
            (0, _) => None,
            (_, None) => Some(self.now),
            (_, since) => since,
        };
    }

    pub fn campaign_was_written(&mut self, number: usize, before: &Campaign, after: &Campaign) {
        if before.status != after.status {
            self.trace(|| format!("{number}: {:?} to {:?} {:?}", before.status, after.status, after.pause_reason));
            if !is_allowed(before, after) {
                self.broken(|| format!("campaign {number}: {:?} to {:?}", before.status, after.status));
            }
        }
        self.truth.used[number] = after.used;
        let count = |campaign: &Campaign| campaign.audience.as_ref().map_or(0, Audience::released);
        let (was, is) = (count(before), count(after));
        if is < was {
            self.broken(|| format!("campaign {number}: {was} released, then {is}"));
        }
        self.keep_pace(number, before.pacing.per_hour, after, is - was.min(is));
        if is > was {
            self.trace(|| format!("{number}: {} released {:?}", is - was, after.pacing));
            self.keep_limit(number, before.version, after);
        }
        if after.status == Status::Finished && before.status != Status::Finished {
            self.campaign_is_finished(number, after);
        }
    }

    /// Never more than one grant ahead of the pace, and what a late grant makes up for. Messages granted at a faster
    /// pace stay granted.
    fn keep_pace(&mut self, number: usize, before: Option<u32>, after: &Campaign, messages: u32) {
        let now = self.now;
        let bucket = self.truth.buckets[number];
        let elapsed_ms = now.duration_since(bucket.at).as_millis() as f64;
        let drained = before.map_or(f64::MAX, |per_hour| elapsed_ms * f64::from(per_hour) / 3_600_000.0);
        let level = (bucket.messages - drained).max(0.0) + f64::from(messages);
        let mut granted_before = if bucket.messages > drained { bucket.granted_before } else { 0.0 };
        // A grant may be written later, by a delayed dispatch.
        let held_up_ms = if self.is_calm() { 5_000 } else { HELD_UP_MS };
        let most = |per_hour: u32| {
            let interval_ms = Pacing { per_hour: Some(per_hour), granted_until: None }.interval_seconds() * 1_000;
            ((interval_ms + LATE_MS + held_up_ms) as f64 * f64::from(per_hour) / 3_600_000.0).ceil() + 1.0
        };
        let is_slower = before.zip(after.pacing.per_hour).is_some_and(|(before, after)| after < before);
        if is_slower {
            granted_before = level.min(before.map_or(0.0, most));
        }
        self.truth.buckets[number] = Bucket { messages: level, granted_before, at: now };
        let Some(per_hour) = after.pacing.per_hour else { return };
        if messages > 0 && level > most(per_hour) + granted_before {
            self.broken(|| format!("campaign {number}: {level:.1} messages at once at {per_hour} an hour"));
        }
    }

    /// When more is released, the messages under way are within the limit that was read for the release.
    fn keep_limit(&mut self, number: usize, version: u64, after: &Campaign) {
        let (Some(limit), Some(audience)) = (self.truth.limit(number, version), &after.audience) else { return };
        let account = &self.table.accounts[self.plan.campaigns[number].account];
        let is_open = |territory| after.settings.kind == Kind::Alert || account.is_open(self.now, territory);
        let mut under_way = 0;
        for item in &self.table.campaigns[number].batches {
            let Some(slice) = batch_slice(&audience.runs, item.batch.number) else { continue };
            if is_open(slice.territory) {
                let tally = item.batch.tally();
                under_way += slice.released.saturating_sub(tally.recipients - tally.to_send);
            }
        }
        if under_way > limit {
            self.broken(|| format!("campaign {number}: {under_way} messages under way, {limit} may be"));
        }
    }

    /// Credits of each account add up.
    pub fn check_credits(&mut self) {
        for account in 0..self.plan.accounts.len() {
            let (mut held, mut used) = (0, 0);
            for (number, plan) in self.plan.campaigns.iter().enumerate().filter(|(_, plan)| plan.account == account) {
                let _ = plan;
                held += self.table.campaigns[number].campaign.as_ref().map_or(0, Campaign::held);
                used += self.truth.used[number];
            }
            let (balance, granted) = (self.table.accounts[account].balance, self.plan.accounts[account].grants);
            if held != balance.reserved || balance.balance + balance.reserved + used != granted {
                self.broken(|| format!("account {account}: {balance:?}, {held} held, {used} used of {granted}"));
            }
        }
    }

    pub fn is_paused_by_somebody(&self, number: usize) -> bool {
        let campaign = self.table.campaigns[number].campaign.as_ref();
        campaign.is_some_and(|campaign| {
            campaign.status == Status::Paused && campaign.pause_reason != Some(PauseReason::CarrierErrors)
        })
    }

    pub fn has_ended(&self, number: usize) -> bool {
        let campaign = self.table.campaigns[number].campaign.as_ref();
        campaign.is_none_or(|campaign| campaign.status == Status::Finished)
    }
}

/// Every change of status is a valid command.
fn is_allowed(before: &Campaign, after: &Campaign) -> bool {
    let commands = [
        Command::Validate,
        Command::Edit,
        Command::Start,
        Command::Pause(PauseReason::User),
        Command::Pause(PauseReason::CarrierErrors),
        Command::Resume,
        Command::Consolidate,
        Command::Finish,
        Command::Cancel,
        Command::Delete,
    ];
    let started = before.started_at.is_some();
    commands.into_iter().any(|command| before.status.after(command, started) == Ok(after.status))
}

/// The instant until which a history may last.
pub fn longest(begins_at: Timestamp) -> Timestamp {
    after_ms(begins_at, SignedDuration::from_hours(24 * 60).as_millis() as i64)
}
