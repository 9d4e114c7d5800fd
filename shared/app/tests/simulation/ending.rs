//! Invariants when a campaign is finished, and when a history ends.

use domain::campaign::{Campaign, Status};
use domain::ledger::Record;
use domain::outcome::{Outcome, State};
use domain::tally::Tally;

use crate::model::Model;
use crate::truth::Person;

impl Model {
    /// A campaign was finished: its frozen outcomes match its ledgers and the carrier.
    pub fn campaign_is_finished(&mut self, number: usize, campaign: &Campaign) {
        self.truth.figures.finished += 1;
        let records: Vec<Record> = self.records(number);
        let (Some(frozen), false) = (&campaign.tally, records.is_empty()) else { return };
        let whole = Tally::new(&records, &Default::default());
        if outcomes(frozen) != outcomes(&whole) {
            self.broken(|| format!("campaign {number}: frozen {:?}, ledgers {:?}", outcomes(frozen), outcomes(&whole)));
        }
        for (record, index) in records.iter().zip(0..) {
            let person = self.truth.person(number, index).clone();
            if let Some(fault) = self.fault_at_end(number, campaign, record, &person) {
                self.broken(|| format!("campaign {number}: recipient {index} {fault}: {record:?} {person:?}"));
            }
        }
        // A message that the carrier rejected by receipt may be one that it never accepted.
        let is_taken = |(index, record): &(u32, &Record)| {
            self.truth.person(number, *index).taken > 0 && record.state.outcome() != Outcome::Rejected
        };
        let segments = |(index, _)| u64::from(self.truth.segments(number, index));
        let taken: u64 = (0..).zip(&records).filter(is_taken).map(segments).sum();
        if campaign.used < taken {
            self.broken(|| format!("campaign {number}: {} credits used, {taken} segments taken", campaign.used));
        }
        if campaign.held() > 0 {
            self.broken(|| format!("campaign {number}: {} credits are held for good", campaign.held()));
        }
    }

    fn fault_at_end(
        &self,
        number: usize,
        campaign: &Campaign,
        record: &Record,
        person: &Person,
    ) -> Option<&'static str> {
        let folded_at = self.truth.folded_at(number);
        let told = person.told.iter().filter(|(at, ..)| *at < folded_at).map(|(.., state)| *state).max();
        match (record.state.outcome(), person.taken) {
            (Outcome::Pending, 0) if campaign.cancelled => None,
            (Outcome::Pending | Outcome::Submitting, _) => Some("was skipped"),
            (Outcome::HandedOver, _) => Some("is awaited for ever"),
            (Outcome::Excluded | Outcome::Rejected, taken)
                if taken > 0 && told.is_none_or(|told| told != record.state) =>
            {
                Some("was taken")
            }
            (Outcome::Delivered | Outcome::Failed | Outcome::Expired, 0) => Some("was never taken"),
            _ if told > Some(record.state) => Some("was told of"),
            _ if told > Some(State::from(Outcome::HandedOver)) && told != Some(record.state) => Some("is not as told"),
            _ => None,
        }
    }

    fn records(&self, number: usize) -> Vec<Record> {
        let batches = &self.table.campaigns[number].batches;
        batches.iter().flat_map(|item| item.batch.ledger.records().iter().copied()).collect()
    }

    /// The end of a history: every campaign has ended, no credits are reserved.
    pub fn check_end(&mut self) {
        for number in 0..self.plan.campaigns.len() {
            if !self.has_ended(number) {
                let found = self.table.campaigns[number].campaign.clone();
                self.broken(|| format!("campaign {number} does not end: {found:?}"));
            }
            let now = self.now;
            if self.table.campaigns[number].batches.iter().any(|item| item.batch.lease_until > now) {
                self.broken(|| format!("campaign {number}: a batch is leased for good"));
            }
            let records = self.records(number);
            if let Some(campaign) = self.table.campaigns[number].campaign.clone()
                && campaign.status == Status::Finished
                // A start that was cancelled may leave batches that are never read.
                && campaign.audience.is_some()
                && let Some(frozen) = &campaign.tally
                && !records.is_empty()
            {
                let whole = Tally::new(&records, &Default::default());
                if outcomes(frozen) != outcomes(&whole) {
                    self.broken(|| {
                        format!(
                            "campaign {number}: what was final changed: {:?} {:?}",
                            outcomes(frozen),
                            outcomes(&whole)
                        )
                    });
                }
            }
        }
        self.check_credits();
        for account in 0..self.plan.accounts.len() {
            let reserved = self.table.accounts[account].balance.reserved;
            if reserved > 0 {
                self.broken(|| format!("account {account}: {reserved} credits are reserved for good"));
            }
        }
    }
}

/// The outcomes of a tally.
fn outcomes(tally: &Tally) -> [u64; 10] {
    let of = |count: u32| u64::from(count);
    [
        of(tally.recipients),
        of(tally.to_send),
        of(tally.handed_over),
        of(tally.delivered),
        of(tally.failed),
        of(tally.expired),
        of(tally.rejected),
        of(tally.unknown),
        of(tally.excluded),
        tally.segments,
    ]
}
