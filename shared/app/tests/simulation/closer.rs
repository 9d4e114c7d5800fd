//! The end of a campaign: what is in doubt is settled, the last receipts are folded, credits go where they belong. The
//! steps of `functions/dispatch/src/{close,settle,purge}.rs`.

use domain::campaign::{Campaign, Command, RECEIPTS_HOURS};
use domain::credits::{Movement, MovementKind};
use domain::hand_over;
use domain::ledger::{Minute, Record};
use domain::outcome::{Outcome, Reason};
use domain::tally::Tally;
use jiff::{SignedDuration, Timestamp};

use crate::dispatcher::{look_again, patience_seconds, rest};
use crate::engine::Sim;
use crate::folder::{Held, fold_all, statistics};
use crate::rules::Break;
use crate::table::{Failure, Result};

const LOOK_SECONDS_MAX: i64 = 3_600;

pub async fn close(sim: &Sim, number: usize, campaign: Campaign) -> Result<()> {
    let now = sim.now();
    let handed_over_at = campaign.handed_over_at.unwrap_or(now);
    let end = handed_over_at + SignedDuration::from_hours(RECEIPTS_HOURS);
    let until_end = end.duration_since(now).as_secs().max(2);
    let seconds = patience_seconds(handed_over_at, now, LOOK_SECONDS_MAX).min(until_end);
    let campaign = match campaign.cancelled {
        true => match in_doubt(sim, number).await? {
            Some(tally) => give_back(sim, number, campaign, &tally).await?,
            None => return look_again(sim, number, campaign, seconds).await.map(drop),
        },
        false => campaign,
    };
    let is_late = now >= end;
    // With the receipts that wait to be folded: a guess, which folding all of them proves.
    if statistics(sim, number, &campaign).await?.awaiting > 0 && !is_late {
        return look_again(sim, number, campaign, seconds).await.map(drop);
    }
    // Nobody records receipts while the outcomes are frozen.
    let Some(held) = fold_all(sim, number, &campaign).await? else {
        return look_again(sim, number, campaign, 2).await.map(drop);
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
    if exact.lease_until != Timestamp::UNIX_EPOCH && exact.lease_until <= now && !sim.is_broken(Break::NoFence) {
        in_doubt(sim, number).await?;
        exact = sim.exact(number).await?;
    }
    if exact.lease_until > now || exact.tally.awaiting > 0 || (exact.tally.to_send > 0 && !campaign.cancelled) {
        return look_again(sim, number, campaign, 2).await.map(drop);
    }
    sim.world().truth.everything_is_folded(number, held.listed_at);
    finish(sim, number, campaign, exact.tally, held.until).await
}

/// Settles what the carrier may have and nobody asks about any more; `None` while somebody works on a batch.
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
        let in_doubt = |record: &Record| record.state.outcome() == Outcome::Submitting;
        let nobody = Timestamp::UNIX_EPOCH;
        let is_left = found.lease_until == nobody || sim.is_broken(Break::NoFence);
        if is_left && !found.ledger.records().iter().any(in_doubt) {
            continue;
        }
        // Whoever may still hold it writes no more.
        if !sim.is_broken(Break::NoFence) {
            let until = sim.now() + SignedDuration::from_secs(45);
            let Some(leased) = sim.lease_batch(number, batch, until).await? else { return Ok(None) };
            found = leased;
        }
        for record in found.ledger.records_mut().iter_mut().filter(|record| in_doubt(record)) {
            *record = hand_over::give_up(*record, Minute::of(now));
        }
        found.lease_until = nobody;
        sim.put_batch(number, &mut found).await?;
    }
    Ok(Some(sim.exact(number).await?.tally))
}

async fn give_back(sim: &Sim, number: usize, campaign: Campaign, tally: &Tally) -> Result<Campaign> {
    let credits = campaign.held().saturating_sub(tally.segments);
    if credits == 0 {
        return Ok(campaign);
    }
    let movement = movement(&campaign, MovementKind::GivenBack, credits, sim.now());
    let next = Campaign { given_back: campaign.given_back + credits, ..campaign };
    sim.put_campaign_and_move(number, next, &[movement]).await
}

fn movement(campaign: &Campaign, kind: MovementKind, credits: u64, at: Timestamp) -> Movement {
    Movement { at, kind, credits, about: campaign.id.to_string() }
}

/// Receipts that did not come in 72 hours do not come.
async fn give_up_waiting(sim: &Sim, number: usize, now: Timestamp) -> Result<()> {
    for tally in sim.tallies(number, 0..u32::MAX).await?.iter().filter(|batch| batch.tally.awaiting > 0) {
        let Some(mut batch) = sim.batch(number, tally.number).await? else { continue };
        for record in batch.ledger.records_mut() {
            if record.state.outcome() == Outcome::HandedOver {
                *record = record.told(Outcome::Unknown, Reason::NoReceipt, Minute::of(now));
            }
        }
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

/// Used is what the carrier took or may have taken; the rest of what is held goes back.
fn used_up(sim: &Sim, campaign: Campaign, tally: &Tally) -> (Campaign, [Movement; 2]) {
    let now = sim.now();
    let used = tally.segments.min(campaign.held());
    let given_back = campaign.held() - used;
    let movements = [
        movement(&campaign, MovementKind::Used, used, now),
        movement(&campaign, MovementKind::GivenBack, given_back, now),
    ];
    let (used, given_back) = (campaign.used + used, campaign.given_back + given_back);
    (Campaign { used, given_back, ..campaign }, movements)
}

/// Removes what is left of a deleted campaign.
pub async fn purge(sim: &Sim, number: usize, campaign: Campaign) -> Result<()> {
    let Some(tally) = in_doubt(sim, number).await? else {
        return look_again(sim, number, campaign, 5).await.map(drop);
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
        Err(Failure::Conflict) => Ok(()),
        gone => gone,
    }
}
