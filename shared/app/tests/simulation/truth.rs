//! The true state, whatever the tables say: who is in which audience, what the carrier accepted, who was excluded when.

use std::collections::HashMap;

use domain::journal::Events;
use domain::outcome::{Outcome, State};
use jiff::Timestamp;

use crate::journal::BlockId;
use crate::model::Model;
use crate::plan::{Contact, Plan};

/// The truth about one recipient's message.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// How often the carrier accepted it.
    pub taken: u32,
    /// Receipts in the journal: since when, the key of their block, their outcome.
    pub told: Vec<(Timestamp, BlockId, State)>,
}

/// How much of a pace is used: a bucket that drains at the pace.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    pub messages: f64,
    /// Of them, those that a faster pace allowed.
    pub granted_before: f64,
    pub at: Timestamp,
}

pub struct Truth {
    contacts: Vec<Vec<Contact>>,
    /// By campaign and recipient's index, the index of the contact.
    audiences: Vec<Vec<usize>>,
    pub people: Vec<Vec<Person>>,
    /// Account and number: when the client that excluded it got its response.
    excluded: HashMap<(usize, u32), Timestamp>,
    /// By campaign, its version when read, and how much could be under way then.
    limits: HashMap<(usize, u64), u32>,
    pub buckets: Vec<Bucket>,
    /// By campaign: when the last fold of everything listed the journal.
    folded_at: Vec<Timestamp>,
    /// By campaign: credits that it has used.
    pub used: Vec<u64>,
    /// Since when the carrier fails, as far as everybody can read.
    pub failing_since: Option<Timestamp>,
    pub figures: Figures,
}

/// What happened in a history, to see that histories are worth living.
#[derive(Debug, Clone, Copy, Default)]
pub struct Figures {
    pub taken: u64,
    pub calls: u64,
    pub finished: u64,
}

impl Truth {
    pub fn new(plan: &Plan) -> Self {
        let nobody = Timestamp::UNIX_EPOCH;
        let campaigns = plan.campaigns.len();
        Self {
            contacts: plan.campaigns.iter().map(|campaign| campaign.contacts.clone()).collect(),
            audiences: vec![Vec::new(); campaigns],
            people: plan.campaigns.iter().map(|campaign| vec![Person::default(); campaign.contacts.len()]).collect(),
            excluded: HashMap::new(),
            limits: HashMap::new(),
            buckets: vec![Bucket { messages: 0.0, granted_before: 0.0, at: nobody }; campaigns],
            folded_at: vec![nobody; campaigns],
            used: vec![0; campaigns],
            failing_since: None,
            figures: Figures::default(),
        }
    }

    pub fn audience_is(&mut self, campaign: usize, recipients: &[usize]) {
        self.audiences[campaign] = recipients.to_vec();
    }

    fn position(&self, campaign: usize, index: u32) -> usize {
        self.audiences[campaign].get(index as usize).copied().unwrap_or(0)
    }

    pub fn contact(&self, campaign: usize, index: u32) -> &Contact {
        &self.contacts[campaign][self.position(campaign, index)]
    }

    pub fn person(&self, campaign: usize, index: u32) -> &Person {
        &self.people[campaign][self.position(campaign, index)]
    }

    pub fn person_mut(&mut self, campaign: usize, index: u32) -> &mut Person {
        let position = self.position(campaign, index);
        &mut self.people[campaign][position]
    }

    pub fn phone(&self, campaign: usize, index: u32) -> u32 {
        self.contact(campaign, index).phone
    }

    pub fn segments(&self, campaign: usize, index: u32) -> u8 {
        self.contact(campaign, index).segments
    }

    pub fn is_excluded(&mut self, account: usize, phone: u32, at: Timestamp) {
        self.excluded.entry((account, phone)).or_insert(at);
    }

    pub fn excluded_at(&self, account: usize, phone: u32) -> Option<Timestamp> {
        self.excluded.get(&(account, phone)).copied()
    }

    /// What may be under way, by a look at this version of the campaign; there may be several.
    pub fn limit_is(&mut self, campaign: usize, version: u64, messages: u32) {
        let limit = self.limits.entry((campaign, version)).or_default();
        *limit = messages.max(*limit);
    }

    pub fn limit(&self, campaign: usize, version: u64) -> Option<u32> {
        self.limits.get(&(campaign, version)).copied()
    }

    pub fn everything_is_folded(&mut self, campaign: usize, at: Timestamp) {
        self.folded_at[campaign] = at;
    }

    pub fn folded_at(&self, campaign: usize) -> Timestamp {
        self.folded_at[campaign]
    }
}

impl Model {
    /// A block stands in the journal.
    pub fn block_is_appended(&mut self, campaign: usize, block: BlockId, events: &Events) {
        let now = self.now;
        self.trace(|| format!("{campaign}: receipts {:?}", events.receipts));
        for receipt in &events.receipts {
            self.truth.person_mut(campaign, receipt.index).told.push((now, block, receipt.state));
        }
    }

    /// The carrier takes a message; answers whether it is the first time.
    pub fn message_is_taken(&mut self, campaign: usize, index: u32) -> bool {
        let deduplicates = self.plan.carrier.deduplicates;
        let person = self.truth.person_mut(campaign, index);
        person.taken += 1;
        let taken = person.taken;
        self.truth.figures.taken += 1;
        self.trace(|| format!("{campaign}: the carrier takes {index}"));
        if taken > 1 && !deduplicates {
            self.broken(|| format!("campaign {campaign}: recipient {index} is handed over twice"));
        }
        if let Some(told @ (Outcome::Pending | Outcome::Excluded)) = self.outcome_in_table(campaign, index) {
            self.broken(|| format!("campaign {campaign}: recipient {index} is taken and the table says {told:?}"));
        }
        taken == 1
    }

    /// What the table says of a recipient's message, also of a campaign that is gone.
    fn outcome_in_table(&self, campaign: usize, index: u32) -> Option<Outcome> {
        let item = &self.table.campaigns[campaign];
        let in_batches = item.batches.iter().map(|item| &item.batch).chain(&item.forgotten);
        let mut first = 0;
        for batch in in_batches {
            let records = batch.ledger.records();
            if let Some(record) = (index as usize).checked_sub(first).and_then(|position| records.get(position)) {
                return Some(record.state.outcome());
            }
            first += records.len();
        }
        None
    }
}
