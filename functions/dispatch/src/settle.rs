//! Settles a campaign that sends nothing more: messages in doubt become unknown, and its credits are settled.

use aws::store::AccountStore;
use domain::campaign::Campaign;
use domain::credits::Mode;
use domain::dispatch::{Settlement, is_unsettled, settle_in_doubt};
use domain::ledger::Minute;
use domain::tally::Tally;
use jiff::{SignedDuration, Timestamp};
use tracing::info;

use crate::{App, Error};

/// Lease of a batch that is being settled.
const LEASE: SignedDuration = SignedDuration::from_secs(45);

/// Settles the messages that the carrier may have without a recorded answer, and returns the sum of all batches. `None`
/// while a batch is leased.
///
/// A batch whose lease expired is leased even without messages in doubt: a delayed sender then finds it taken, and
/// sends nothing of a campaign whose credits were given back.
pub async fn in_doubt(app: &App, store: &AccountStore, campaign: &Campaign) -> Result<Option<Tally>, Error> {
    let now = app.clock.now();
    let exact = store.exact(&campaign.id).await?;
    if exact.lease_until > now {
        return Ok(None);
    }
    let mut settled = 0;
    for number in exact.unsettled {
        let Some(found) = store.batch(&campaign.id, number).await? else { continue };
        if !is_unsettled(found.ledger.records(), found.lease_until) {
            continue;
        }
        let begun_at = app.clock.now();
        let leased = store.lease_batch(&campaign.id, number, begun_at, begun_at + LEASE).await?;
        let Some(mut batch) = leased else { return Ok(None) };
        settled += settle_in_doubt(batch.ledger.records_mut(), Minute::from_timestamp(now));
        batch.lease_until = Timestamp::UNIX_EPOCH;
        store.put_batch(&campaign.id, &mut batch).await?;
    }
    if settled > 0 {
        info!(account.id = %campaign.account, campaign.id = %campaign.id, settled, "messages in doubt were set to unknown");
    }
    Ok(Some(store.exact(&campaign.id).await?.tally))
}

/// Settles the credits of a campaign that sends nothing more and gets no more receipts that count.
pub async fn credits(app: &App, store: &AccountStore, campaign: Campaign, tally: &Tally) -> Result<Campaign, Error> {
    let settlement = Settlement::new(campaign.held(), tally.segments);
    let movements = settlement.movements(&campaign, app.clock.now());
    Ok(store.put_campaign_and_move(settlement.settle(campaign), credit_mode(store).await?, &movements).await?)
}

/// Gives back what a cancelled campaign holds beyond the segments that the carrier accepted or may have accepted: the
/// rest will never be sent. Those are settled when their receipts are there.
pub async fn give_back(app: &App, store: &AccountStore, campaign: Campaign, tally: &Tally) -> Result<Campaign, Error> {
    let settlement = Settlement { used: 0, ..Settlement::new(campaign.held(), tally.segments) };
    if settlement.given_back == 0 {
        return Ok(campaign);
    }
    let [_, given_back] = settlement.movements(&campaign, app.clock.now());
    let next = settlement.settle(campaign);
    let next = store.put_campaign_and_move(next, credit_mode(store).await?, &[given_back]).await?;
    info!(account.id = %next.account, campaign.id = %next.id, credits = settlement.given_back, "credits of a cancelled campaign are given back");
    Ok(next)
}

/// Whether the account's balance is limited; a deleted account counts as limited.
pub async fn credit_mode(store: &AccountStore) -> Result<Mode, Error> {
    Ok(store.account().await?.map(|account| account.balance.mode).unwrap_or_default())
}
