//! Receipts into a ledger.

use shared::domain::ledger::{Minute, Record};
use shared::domain::outcome::{Outcome, Reason, State};
use shared::queue::Receipt;
use shared::store::Batch;

/// Merges receipts into a batch whose first recipient has index `first`. What nobody could have written is passed over.
pub fn merge(batch: &mut Batch, first: u32, receipts: &[&Receipt]) {
    for Receipt(index, state, reason, second) in receipts {
        let (Some(state), Some(reason)) = (State::from_octet(*state), Reason::from_octet(*reason)) else { continue };
        let Some(at) = jiff::Timestamp::from_second(*second).ok().map(Minute::of) else { continue };
        let place = index.checked_sub(first).map(|place| place as usize);
        let Some(record) = place.and_then(|place| batch.ledger.records_mut().get_mut(place)) else { continue };
        let outcome = state.outcome();
        *record = record.told(outcome, reason, at);
        // An operator that has an opinion on a message was given it, even if our own record of that got lost.
        if was_taken(outcome) {
            *record = record.merge(Record { handed_over: Some(at), ..Record::default() });
        }
    }
}

/// A receipt with this outcome proves that the carrier took the message.
fn was_taken(outcome: Outcome) -> bool {
    match outcome {
        Outcome::HandedOver | Outcome::Delivered | Outcome::Failed | Outcome::Expired => true,
        Outcome::Pending | Outcome::Submitting | Outcome::Unknown | Outcome::Excluded | Outcome::Rejected => false,
    }
}
