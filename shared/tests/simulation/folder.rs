//! The fold: blocks of the journal into the ledgers of their batches. A block that is written late, by a slow track, is
//! found by the next fold: it begins some time before the end of the last one, and leaves out what that one had.

use std::collections::BTreeSet;

use jiff::Timestamp;
use shared::domain::campaign::{Campaign, Status};
use shared::domain::release::place;

use crate::engine::{Sim, after_ms};
use crate::journal::{BlockId, Events, Progress};
use crate::rules::Break;
use crate::table::{Failure, Result};

const HELD_MS: i64 = 60_000;
/// A block is written so long after its key was made at most.
const OVERLAP_MS: i64 = 600_000;
const TRIES: u32 = 20;
/// What a fold carries on is folded after so long.
const AGAIN_MS: i64 = 1_800_000;
/// A batch with so many events waiting is folded, in a history.
const FOLDED_EVENTS_MIN: usize = 3;

/// Folds, if that is due.
pub async fn fold_due(sim: &Sim, number: usize) -> Result<()> {
    let now = sim.now();
    if sim.call(|world| Ok(world.table.journals[number].fold_due)).await?.is_none_or(|at| at > now) {
        return Ok(());
    }
    fold(sim, number, false).await.map(drop)
}

/// Folds everything; answers up to when. `None` while somebody else folds.
pub async fn fold_all(sim: &Sim, number: usize) -> Result<Option<Timestamp>> {
    fold(sim, number, true).await
}

async fn fold(sim: &Sim, number: usize, is_last: bool) -> Result<Option<Timestamp>> {
    let until = after_ms(sim.now(), HELD_MS);
    let is_held = sim
        .call(|world| {
            let now = world.now;
            let held = &mut world.table.journals[number].fold_held_until;
            let is_free = held.is_none_or(|until| until <= now);
            if is_free {
                *held = Some(until);
            }
            Ok(is_free)
        })
        .await?;
    if !is_held {
        return Ok(None);
    }
    let folded_at = match sim.campaign(number).await? {
        Some(campaign) if campaign.audience.is_some() => fold_held(sim, number, &campaign, is_last).await?,
        _ => (sim.now(), true),
    };
    let (at, is_done) = folded_at;
    let again_at = after_ms(sim.now(), AGAIN_MS);
    sim.call(|world| {
        let journal = &mut world.table.journals[number];
        if journal.fold_held_until == Some(until) {
            journal.fold_held_until = None;
            // What is carried on waits for a later fold.
            journal.fold_due = (!is_done).then_some(again_at);
        }
        Ok(())
    })
    .await?;
    Ok(Some(at))
}

/// Answers when the blocks were listed, and whether nothing is left.
async fn fold_held(sim: &Sim, number: usize, campaign: &Campaign, is_last: bool) -> Result<(Timestamp, bool)> {
    let Some(audience) = &campaign.audience else { return Err(Failure::Unexpected) };
    let is_last = is_last || campaign.status == Status::Finished;
    let begun_at = sim.now();
    let progress = sim.call(|world| Ok(world.table.journals[number].progress.clone())).await?.unwrap_or_default();
    let from = progress.folded_until.unwrap_or(Timestamp::UNIX_EPOCH);
    let (blocks, listed_at) = sim
        .call(|world| {
            let blocks = world.table.journals[number].blocks.range((from, 0)..);
            let unread = blocks.filter(|(id, _)| !progress.read.contains(*id));
            let blocks: Vec<(BlockId, Events)> = unread.map(|(id, events)| (*id, events.clone())).collect();
            Ok((blocks, world.now))
        })
        .await?;
    let mut events = match progress.carried {
        Some(carried) => sim.call(|world| Ok(world.table.journals[number].carried.get(&carried).cloned())).await?,
        None => None,
    }
    .unwrap_or_default();
    for (_, block) in &blocks {
        events.append(&mut block.clone());
    }
    events.tidy();
    let mut left = Events::default();
    for (batch, mut events) in events.by_batch(&audience.runs) {
        if is_last || events.len() >= FOLDED_EVENTS_MIN {
            record(sim, number, campaign, batch, &events).await?;
        } else {
            left.append(&mut events);
        }
    }
    let carried = (!left.is_empty()).then_some(progress.folds + 1);
    if let Some(generation) = carried {
        sim.call(|world| {
            world.table.journals[number].carried.insert(generation, left.clone());
            Ok(())
        })
        .await?;
    }
    let overlap_ms = if sim.is_broken(Break::NoOverlap) { 0 } else { OVERLAP_MS };
    let folded_until = after_ms(begun_at, -overlap_ms).max(from);
    let read: BTreeSet<BlockId> = progress
        .read
        .iter()
        .copied()
        .chain(blocks.iter().map(|(id, _)| *id))
        .filter(|id| id.0 >= folded_until)
        .collect();
    let next = Progress { folded_until: Some(folded_until), read, carried, folds: progress.folds + 1 };
    sim.call(|world| {
        let stored = &mut world.table.journals[number].progress;
        if stored.as_ref().map_or(0, |stored| stored.folds) != progress.folds {
            return Err(Failure::Conflict);
        }
        *stored = Some(next.clone());
        Ok(())
    })
    .await?;
    Ok((listed_at, left.is_empty()))
}

/// Records events in the ledger of a batch.
async fn record(sim: &Sim, number: usize, campaign: &Campaign, batch: u32, events: &Events) -> Result<()> {
    let Some(first) = campaign.audience.as_ref().and_then(|audience| place(&audience.runs, batch)).map(|one| one.first)
    else {
        return Ok(());
    };
    for _ in 0..TRIES {
        let Some(mut found) = sim.batch(number, batch).await? else { return Ok(()) };
        let before = found.ledger.clone();
        if campaign.status != Status::Finished {
            events.record(first, &mut found.ledger);
        }
        if found.ledger == before {
            return Ok(());
        }
        match sim.put_batch(number, &mut found).await {
            Err(Failure::Conflict) => (),
            written => return written,
        }
    }
    Err(Failure::Unexpected)
}

impl Sim {
    /// Campaigns whose fold is due.
    pub async fn folds_due(&self) -> Result<Vec<usize>> {
        self.call(|world| {
            let now = world.now;
            let is_due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
            let journals = world.table.journals.iter().enumerate();
            Ok(journals.filter(|(_, journal)| is_due(journal.fold_due)).map(|(number, _)| number).collect())
        })
        .await
    }

    pub async fn forget_journal(&self, number: usize) -> Result<()> {
        self.call(|world| {
            world.table.journals[number] = Default::default();
            Ok(())
        })
        .await
    }
}
