//! Track: what one invocation got is appended to the journal of its campaign, and a fold is asked for.

use jiff::{SignedDuration, Timestamp};

use crate::engine::{Sim, after_ms};
use crate::journal::Events;
use crate::table::Result;

const SOON: SignedDuration = SignedDuration::from_secs(2);
const TICK_SECONDS: i64 = 60;

pub async fn track(sim: &Sim, number: usize, mut events: Events) -> Result<()> {
    let Some(campaign) = sim.campaign(number).await? else { return Ok(()) };
    if campaign.audience.is_none() {
        return Ok(());
    }
    events.tidy();
    let (now, nonce) = (sim.now(), sim.world().random.next());
    sim.call(|world| {
        world.table.journals[number].blocks.insert((now, nonce), events.clone());
        world.block_is_appended(number, (now, nonce), &events);
        Ok(())
    })
    .await?;
    if sim.world().table.next_fold[number].is_some_and(|at| at > now + SOON) {
        return Ok(());
    }
    let started_at = campaign.started_at.unwrap_or(now);
    let interval = fold_interval(started_at, now);
    let at = after_ms(now, interval * 1_000);
    let is_noted = sim
        .call(|world| {
            let due = &mut world.table.journals[number].fold_due;
            let is_earlier = due.is_none_or(|due| due > at);
            if is_earlier {
                *due = Some(at);
            }
            Ok(is_earlier)
        })
        .await?;
    let at = match is_noted {
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
    world.table.next_fold[number] = (!world.random.chance(200)).then_some(at);
    Ok(())
}

/// Seconds after which what was appended is folded, at the latest.
fn fold_interval(started_at: Timestamp, now: Timestamp) -> i64 {
    match now.duration_since(started_at).as_secs() {
        ..600 => 15,
        600..21_600 => 60,
        21_600..86_400 => 600,
        _ => 3_600,
    }
}
