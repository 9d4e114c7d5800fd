//! Records in the ledger what is about to be handed over and what the carrier said.

use shared::carrier::Answer;
use shared::domain::ids::CampaignId;
use shared::domain::ledger::{Minute, Record};
use shared::domain::outcome::{Outcome, Reason, State};
use shared::store::{self, AccountStore, Batch};

use crate::Error;
use crate::prepare::Outgoing;

/// Receipts may write to the same ledger meanwhile; merging with them is tried so often.
const TRIES: u32 = 10;

/// What is left to do after a call.
pub struct Recorded {
    /// Certainly not taken: to be handed over again.
    pub put_off: usize,
    /// Perhaps taken, by a carrier that may be asked again.
    pub in_doubt: usize,
}

pub fn mark_submitting(batch: &mut Batch, outgoing: &[Outgoing]) {
    let records = batch.ledger.records_mut();
    for message in outgoing {
        if let Some(record) = records.get_mut(message.place) {
            record.state = record.state.submitting();
            record.segments = message.segments;
        }
    }
}

/// Merges the carrier's answers into the ledger.
pub fn answers(
    batch: &mut Batch,
    outgoing: &[Outgoing],
    answers: &[Answer],
    deduplicates: bool,
    at: Minute,
) -> Recorded {
    let mut recorded = Recorded { put_off: 0, in_doubt: 0 };
    let records = batch.ledger.records_mut();
    for (message, answer) in outgoing.iter().zip(answers) {
        let Some(record) = records.get_mut(message.place) else { continue };
        *record = match answer {
            Answer::Accepted => {
                let state = State::from(Outcome::HandedOver);
                record.merge(Record { state, handed_over: Some(at), ..Record::default() })
            }
            Answer::Rejected { reason } => record.told(Outcome::Rejected, *reason, at),
            Answer::Throttled => match record.state.put_off() {
                Some(state) => {
                    recorded.put_off += 1;
                    Record { state, ..*record }
                }
                None => record.told(Outcome::Expired, Reason::Throttled, at),
            },
            // Asking again is harmless where an id is taken once.
            Answer::Unknown if deduplicates => {
                recorded.in_doubt += 1;
                *record
            }
            Answer::Unknown => record.told(Outcome::Unknown, Reason::NoAnswer, at),
        };
    }
    recorded
}

/// Writes the batch; when receipts were faster, merges with what they wrote and tries again. Whoever lost the lease
/// writes no more: the next holder knows better.
pub async fn save(store: &AccountStore, campaign: &CampaignId, batch: &mut Batch) -> Result<(), Error> {
    let lost = |cause: &str| Error::Unexpected { campaign: campaign.clone(), batch: batch.number, cause: cause.into() };
    let (gone, lapsed, contended) =
        (lost("it is gone"), lost("its lease lapsed"), lost("its ledger is written too often"));
    for _ in 0..TRIES {
        match store.put_batch(campaign, batch).await {
            Err(store::Error::Conflict { .. }) => (),
            written => return Ok(written?),
        }
        let Some(mut fresh) = store.batch(campaign, batch.number).await? else { return Err(gone) };
        if fresh.fence != batch.fence {
            return Err(lapsed);
        }
        fresh.ledger.merge(&batch.ledger);
        fresh.lease_until = batch.lease_until;
        fresh.failures = batch.failures;
        *batch = fresh;
    }
    Err(contended)
}
