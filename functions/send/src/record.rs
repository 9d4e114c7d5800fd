//! Records in the ledger what is about to be handed over and what the carrier said.

use aws::store::{self, AccountStore, Batch};
use carrier::Answer;
use domain::hand_over;
use domain::ids::CampaignId;
use domain::ledger::Minute;

use crate::Error;
use crate::prepare::Outgoing;

/// Receipts may write to the same ledger meanwhile; merging with them is tried so often.
const TRIES: u32 = 10;

pub fn mark_submitting(batch: &mut Batch, outgoing: &[Outgoing]) {
    let records = batch.ledger.records_mut();
    for message in outgoing {
        if let Some(record) = records.get_mut(message.place) {
            *record = hand_over::submitting(*record, message.segments);
        }
    }
}

/// Lays the carrier's answers over the ledger.
pub fn answers(batch: &mut Batch, outgoing: &[Outgoing], answers: &[Answer], deduplicates: bool, at: Minute) {
    let records = batch.ledger.records_mut();
    for (message, answer) in outgoing.iter().zip(answers) {
        if let Some(record) = records.get_mut(message.place) {
            *record = hand_over::answered(*record, *answer, deduplicates, at);
        }
    }
}

/// Writes the batch; when receipts were faster, brings both together and tries again. Whoever lost the lease writes no
/// more: the next holder knows better.
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
        hand_over::lay_over(&mut fresh.ledger, &batch.ledger);
        fresh.lease_until = batch.lease_until;
        *batch = fresh;
    }
    Err(contended)
}
