//! Records in the ledger which messages are about to be handed over, and the carrier's answers.

use aws::store::{AccountStore, Batch, IsConflict, retry_on_conflict};
use carrier::Answer;
use domain::hand_over;
use domain::ids::CampaignId;
use domain::ledger::Minute;

use crate::Error;
use crate::prepare::Outgoing;

/// Attempts to write a batch on conflicts. Folds write too, and the carrier's answers must not be lost.
const TRIES: u32 = 10;

pub fn mark_submitting(batch: &mut Batch, outgoing: &[Outgoing]) {
    let records = batch.ledger.records_mut();
    for message in outgoing {
        if let Some(record) = records.get_mut(message.index) {
            *record = hand_over::submitting(*record, message.segments);
        }
    }
}

/// Applies the carrier's answers to the ledger.
pub fn answers(batch: &mut Batch, outgoing: &[Outgoing], answers: &[Answer], deduplicates: bool, at: Minute) {
    let records = batch.ledger.records_mut();
    for (message, answer) in outgoing.iter().zip(answers) {
        if let Some(record) = records.get_mut(message.index) {
            *record = hand_over::answered(*record, *answer, deduplicates, at);
        }
    }
}

/// Writes the batch; on a conflict with receipts, merges both and tries again. A sender that lost the lease stops
/// writing: the next holder has newer data.
pub async fn save(store: &AccountStore, campaign: &CampaignId, batch: &mut Batch) -> Result<(), Error> {
    match store.put_batch(campaign, batch).await {
        Err(error) if error.is_conflict() => {}
        written => return Ok(written?),
    }
    let held = &*batch;
    let lost = |cause: &str| Error::Unexpected { campaign: campaign.clone(), batch: held.number, cause: cause.into() };
    let merged = retry_on_conflict(TRIES, || async {
        let fresh = store.batch(campaign, held.number).await?;
        let mut fresh = fresh.ok_or_else(|| lost("it is gone"))?;
        if fresh.fence != held.fence {
            return Err(lost("its lease lapsed"));
        }
        hand_over::lay_over(&mut fresh.ledger, &held.ledger);
        fresh.lease_until = held.lease_until;
        store.put_batch(campaign, &mut fresh).await?;
        Ok(fresh)
    });
    *batch = match merged.await {
        Err(error) if error.is_conflict() => return Err(lost("its ledger is written too often")),
        merged => merged?,
    };
    Ok(())
}
