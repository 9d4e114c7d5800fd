//! What a campaign that hands nothing over any more has used: its messages in doubt become unknown, its credits settle.

use aws::store::AccountStore;
use domain::campaign::Campaign;
use domain::credits::{Movement, MovementKind};
use domain::hand_over;
use domain::ledger::{Minute, Record};
use domain::outcome::Outcome;
use domain::tally::Tally;
use jiff::{SignedDuration, Timestamp};
use tracing::info;

use crate::{App, Error};

/// Who settles a batch has it for so long.
const LEASE: SignedDuration = SignedDuration::from_secs(45);

/// Settles the messages of a campaign that the carrier may have and nobody asks about any more, and answers what all of
/// it adds up to. `None` while somebody works on a batch.
///
/// A batch whose lease lapsed is leased, even where nothing is in doubt: a sender that was only held up finds it taken,
/// and hands over nothing of a campaign whose credits went back.
pub async fn in_doubt(app: &App, store: &AccountStore, campaign: &Campaign) -> Result<Option<Tally>, Error> {
    let now = app.clock.now();
    let exact = store.exact(&campaign.id).await?;
    if exact.lease_until > now {
        return Ok(None);
    }
    let mut settled = 0;
    for number in exact.unsettled {
        let Some(found) = store.batch(&campaign.id, number).await? else { continue };
        let in_doubt = |record: &Record| record.state.outcome() == Outcome::Submitting;
        if found.lease_until == Timestamp::UNIX_EPOCH && !found.ledger.records().iter().any(in_doubt) {
            continue;
        }
        let begun_at = app.clock.now();
        let leased = store.lease_batch(&campaign.id, number, begun_at, begun_at + LEASE).await?;
        let Some(mut batch) = leased else { return Ok(None) };
        for record in batch.ledger.records_mut().iter_mut().filter(|record| in_doubt(record)) {
            *record = hand_over::give_up(*record, Minute::of(now));
            settled += 1;
        }
        batch.lease_until = Timestamp::UNIX_EPOCH;
        store.put_batch(&campaign.id, &mut batch).await?;
    }
    if settled > 0 {
        info!(account.id = %campaign.account, campaign.id = %campaign.id, settled, "messages in doubt are unknown");
    }
    Ok(Some(store.exact(&campaign.id).await?.tally))
}

/// Gives back what a campaign holds beyond the segments that the carrier took or may have taken: what was not handed
/// over never will be.
pub async fn give_back(app: &App, store: &AccountStore, campaign: Campaign, tally: &Tally) -> Result<Campaign, Error> {
    let credits = campaign.held().saturating_sub(tally.segments);
    if credits == 0 {
        return Ok(campaign);
    }
    let about = campaign.id.to_string();
    let movement = Movement { at: app.clock.now(), kind: MovementKind::GivenBack, credits, about };
    let mode = store.account().await?.map(|account| account.balance.mode).unwrap_or_default();
    let next = Campaign { given_back: campaign.given_back + credits, ..campaign };
    let next = store.put_campaign_and_move(next, mode, &[movement]).await?;
    info!(account.id = %next.account, campaign.id = %next.id, credits, "credits of a cancelled campaign are given back");
    Ok(next)
}
