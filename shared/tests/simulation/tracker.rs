//! Track: what one invocation got is appended to the journal of its campaign, and a fold is asked for. The steps of
//! `functions/track/src/append.rs`.

use jiff::SignedDuration;
use shared::domain::campaign::Status;
use shared::domain::journal::{Events, fold_interval};

use crate::engine::{Sim, after_ms};
use crate::rules::Break;
use crate::table::Result;

const SOON: SignedDuration = SignedDuration::from_secs(2);
/// A block that took longer may stand where no fold looks any more: it is appended once more, under its new time.
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
        let (now, nonce) = (sim.now(), sim.world().random.next());
        sim.call(|world| {
            world.table.journals[number].append((now, nonce), &events);
            world.block_is_appended(number, (now, nonce), &events);
            Ok(())
        })
        .await?;
        if sim.now() <= now + APPENDED_WITHIN || sim.is_broken(Break::LateBlocks) {
            break now;
        }
    };
    if sim.world().table.next_fold[number].is_some_and(|at| at > now + SOON) {
        return Ok(());
    }
    let interval = fold_interval(campaign.started_at.unwrap_or(now), now).as_secs();
    let at = after_ms(now, interval * 1_000);
    let next = match sim.schedule_fold(number, at).await? {
        true => {
            if interval < TICK_SECONDS {
                sim.wake(number, interval * 1_000).await?;
            }
            at
        }
        false => sim.call(|world| Ok(world.table.journals[number].fold_due)).await?.unwrap_or(now),
    };
    // A process knows it until it is started anew.
    let mut world = sim.world();
    world.table.next_fold[number] = (!world.random.chance(200)).then_some(next);
    Ok(())
}
