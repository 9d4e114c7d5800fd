//! The end of a campaign: messages in doubt are settled, the last receipts are folded, credits are settled. Follows
//! `functions/dispatch/src/{close,settle,purge}.rs`.

use domain::campaign::{Campaign, Command};
use domain::credits::Movement;
use domain::dispatch::{Closing, Freeze, Settlement, give_up_receipts, is_unsettled, settle_in_doubt};
use domain::ledger::Minute;
use domain::tally::Tally;
use jiff::{SignedDuration, Timestamp};

use crate::dispatcher::{reschedule, rest};
use crate::engine::Sim;
use crate::folder::{Held, fold_all, statistics};
use crate::rules::Break;
use crate::table::{Result, TableError};

pub async fn close(sim: &Sim, number: usize, campaign: Campaign) -> Result<()> {
    let now = sim.now();
    let Closing { is_late, check_seconds } = Closing::new(campaign.handed_over_at.unwrap_or(now), now);
    let campaign = match campaign.cancelled {
        true => match in_doubt(sim, number).await? {
            Some(tally) => give_back(sim, number, campaign, &tally).await?,
            None => return reschedule(sim, number, campaign, check_seconds).await.map(drop),
        },
        false => campaign,
    };
    // Includes receipts that wait for a fold: an estimate, confirmed by folding them all.
    if statistics(sim, number, &campaign).await?.awaiting > 0 && !is_late {
        return reschedule(sim, number, campaign, check_seconds).await.map(drop);
    }
    // No receipts are recorded while the outcomes are frozen.
    let Some(held) = fold_all(sim, number, &campaign).await? else {
        return reschedule(sim, number, campaign, 2).await.map(drop);
    };
    let closed = freeze(sim, number, campaign, is_late, &held).await;
    held.release(sim, number, None).await?;
    closed
}

/// Finishes a campaign whose journal is folded, if every outcome is final.
async fn freeze(sim: &Sim, number: usize, campaign: Campaign, is_late: bool, held: &Held) -> Result<()> {
    let now = sim.now();
    if is_late {
        give_up_waiting(sim, number, now).await?;
    }
    let mut exact = sim.exact(number).await?;
    if Freeze::has_lapsed_lease(exact.lease_until, now) && !sim.is_broken(Break::NoFence) {
        in_doubt(sim, number).await?;
        exact = sim.exact(number).await?;
    }
    if Freeze::new(&exact.tally, exact.lease_until, campaign.cancelled, now) != Freeze::Ready {
        return reschedule(sim, number, campaign, 2).await.map(drop);
    }
    sim.model().truth.everything_is_folded(number, held.listed_at);
    finish(sim, number, campaign, exact.tally, held.until).await
}

/// Settles messages that the carrier may have without a recorded answer; `None` while a batch is leased.
async fn in_doubt(sim: &Sim, number: usize) -> Result<Option<Tally>> {
    let now = sim.now();
    let exact = sim.exact(number).await?;
    if exact.lease_until > now {
        return Ok(None);
    }
    if sim.is_broken(Break::NothingSettled) {
        return Ok(Some(exact.tally));
    }
    for batch in exact.unsettled {
        let Some(mut found) = sim.batch(number, batch).await? else { continue };
        let nobody = Timestamp::UNIX_EPOCH;
        let lease_until = if sim.is_broken(Break::NoFence) { nobody } else { found.lease_until };
        if !is_unsettled(found.ledger.records(), lease_until) {
            continue;
        }
        // A sender that still works on it can no longer write.
        if !sim.is_broken(Break::NoFence) {
            let until = sim.now() + SignedDuration::from_secs(45);
            let Some(leased) = sim.lease_batch(number, batch, until).await? else { return Ok(None) };
            found = leased;
        }
        settle_in_doubt(found.ledger.records_mut(), Minute::from_timestamp(now));
        found.lease_until = nobody;
        sim.put_batch(number, &mut found).await?;
    }
    Ok(Some(sim.exact(number).await?.tally))
}

async fn give_back(sim: &Sim, number: usize, campaign: Campaign, tally: &Tally) -> Result<Campaign> {
    let settlement = Settlement { used: 0, ..Settlement::new(campaign.held(), tally.segments) };
    if settlement.given_back == 0 {
        return Ok(campaign);
    }
    let [_, given_back] = settlement.movements(&campaign, sim.now());
    sim.put_campaign_and_move(number, settlement.settle(campaign), &[given_back]).await
}

/// Receipts are not expected after 72 hours.
async fn give_up_waiting(sim: &Sim, number: usize, now: Timestamp) -> Result<()> {
    for tally in sim.tallies(number, 0..u32::MAX).await?.iter().filter(|batch| batch.tally.awaiting > 0) {
        let Some(mut batch) = sim.batch(number, tally.number).await? else { continue };
        give_up_receipts(batch.ledger.records_mut(), Minute::from_timestamp(now));
        sim.put_batch(number, &mut batch).await?;
    }
    Ok(())
}

async fn finish(sim: &Sim, number: usize, campaign: Campaign, tally: Tally, held_until: Timestamp) -> Result<()> {
    let now = sim.now();
    let Ok(finished) = campaign.apply(Command::Finish, now) else { return Ok(()) };
    let next = Campaign { tally: Some(tally.clone()), ..finished };
    let (next, movements) = used_up(sim, next, &tally);
    let finished = sim.finish_campaign(number, next, &movements, held_until).await?;
    rest(sim, number, finished).await
}

/// Messages that the carrier accepted or may have accepted are charged; the rest is given back.
fn used_up(sim: &Sim, campaign: Campaign, tally: &Tally) -> (Campaign, [Movement; 2]) {
    let settlement = Settlement::new(campaign.held(), tally.segments);
    let movements = settlement.movements(&campaign, sim.now());
    (settlement.settle(campaign), movements)
}

/// Removes the data of a deleted campaign.
pub async fn purge(sim: &Sim, number: usize, campaign: Campaign) -> Result<()> {
    let Some(tally) = in_doubt(sim, number).await? else {
        return reschedule(sim, number, campaign, 5).await.map(drop);
    };
    let campaign = match campaign.held() {
        0 => campaign,
        _ => {
            let (next, movements) = used_up(sim, campaign, &tally);
            sim.put_campaign_and_move(number, next, &movements).await?
        }
    };
    sim.forget_batches(number).await?;
    sim.forget_journal(number).await?;
    match sim.forget_campaign(number, campaign.version).await {
        Err(TableError::Conflict) => Ok(()),
        gone => gone,
    }
}
