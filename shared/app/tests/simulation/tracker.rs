//! Track: appends the events of one invocation to the journal of their campaign, and requests a fold. Follows
//! `functions/track/src/append.rs`.

use domain::campaign::Status;
use domain::journal::{Events, FOLD_SOONEST};
use domain::known_fold::{KnownFold, Next};
use jiff::{SignedDuration, Timestamp};

use crate::engine::Sim;
use crate::rules::Break;
use crate::table::Result;

/// A block that took longer may be missed by folds: it is appended again with a new timestamp.
const APPENDED_WITHIN: SignedDuration = SignedDuration::from_secs(60);
const TICK_SECONDS: i64 = 60;

pub async fn track(sim: &Sim, number: usize, mut events: Events) -> Result<()> {
    let Some(campaign) = sim.campaign(number).await?.filter(|found| found.status != Status::Deleted) else {
        return Ok(());
    };
    if campaign.audience.is_none() {
        return Ok(());
    }
    events.tidy();
    let now = loop {
        let (now, nonce) = (sim.now(), sim.model().random.next());
        sim.call(|model| {
            model.table.journals[number].append((now, nonce), &events);
            model.block_is_appended(number, (now, nonce), &events);
            Ok(())
        })
        .await?;
        if sim.now() <= now + APPENDED_WITHIN || sim.is_broken(Break::LateBlocks) {
            break now;
        }
    };
    // Each process knows what it requested itself.
    let process = sim.model().random.pick(&[0, 1, 2]);
    let known = sim.model().table.next_fold[number][process];
    let known = match KnownFold::after(known, std::slice::from_ref(&events), now) {
        Next::Comes(known) => known,
        Next::Ask(within) => ask(sim, number, now, within).await?,
    };
    // A process knows it until it is restarted.
    let mut model = sim.model();
    model.table.next_fold[number][process] = (!model.random.chance(200)).then_some(known);
    Ok(())
}

/// Requests a fold, unless an earlier one is scheduled; returns when it will be.
async fn ask(sim: &Sim, number: usize, now: Timestamp, within: Option<SignedDuration>) -> Result<KnownFold> {
    let (due_at, interval) = sim
        .call(|model| {
            let journal = &model.table.journals[number];
            Ok((journal.fold_due, journal.fold_interval))
        })
        .await?;
    let interval = within.or(interval).unwrap_or(FOLD_SOONEST);
    let at = now + interval;
    if let Some(at) = due_at.filter(|due_at| *due_at <= at) {
        return Ok(KnownFold::new(at));
    }
    if !sim.schedule_fold(number, at).await? {
        return Ok(KnownFold::new(now));
    }
    if interval.as_secs() < TICK_SECONDS {
        sim.wake(number, interval.as_secs() * 1_000).await?;
    }
    Ok(KnownFold::new(at))
}
