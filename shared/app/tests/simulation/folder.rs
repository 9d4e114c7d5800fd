//! The fold: blocks of the journal into the ledgers of their batches. Follows `functions/dispatch/src/fold.rs` in the
//! same order, over the same domain; without the sums that pages read.

use std::collections::{BTreeMap, BTreeSet};

use domain::campaign::{Audience, Campaign, Status};
use domain::journal::{Events, fold_interval, fold_interval_max, folded_now};
use domain::ledger::Ledger;
use domain::link_clicks::LinkClicks;
use domain::recording::{self, Recording};
use domain::release::batch_slice;
use domain::tally::Tally;
use jiff::{SignedDuration, Timestamp};

use crate::engine::{Sim, after_ms};
use crate::journal::{BlockId, Progress};
use crate::rules::Break;
use crate::table::{Result, TableError};

const HELD_MS: i64 = 40_000;
const RENEWED_BEFORE: SignedDuration = SignedDuration::from_secs(25);
const LATE: SignedDuration = SignedDuration::from_secs(90);
const ROUNDS_WITHIN: SignedDuration = SignedDuration::from_secs(120);
const TRIES: u32 = 20;
const CARRIED_INTERVALS: i32 = 5;
const TICK_MS: i64 = 60_000;

/// The fold lock of a campaign.
pub struct Held {
    pub until: Timestamp,
    /// When the journal was last listed.
    pub listed_at: Timestamp,
}

impl Held {
    async fn take(sim: &Sim, number: usize) -> Result<Option<Self>> {
        let until = after_ms(sim.now(), HELD_MS);
        let is_free = sim
            .call(|model| {
                let now = model.now;
                let held = &mut model.table.journals[number].fold_held_until;
                let is_free = held.is_none_or(|until| until <= now);
                if is_free {
                    *held = Some(until);
                }
                Ok(is_free)
            })
            .await?;
        Ok(is_free.then_some(Self { until, listed_at: Timestamp::UNIX_EPOCH }))
    }

    /// Extends the lock.
    async fn renew(&mut self, sim: &Sim, number: usize) -> Result<()> {
        let now = sim.now();
        if self.until >= now + RENEWED_BEFORE {
            return Ok(());
        }
        let until = after_ms(now, HELD_MS);
        sim.call(|model| {
            let held = &mut model.table.journals[number].fold_held_until;
            if *held != Some(self.until) {
                return Err(TableError::Conflict);
            }
            *held = Some(until);
            Ok(())
        })
        .await?;
        self.until = until;
        Ok(())
    }

    /// Releases the lock; the next fold is scheduled.
    pub async fn release(&self, sim: &Sim, number: usize, next: Option<(Timestamp, SignedDuration)>) -> Result<()> {
        sim.call(|model| {
            let journal = &mut model.table.journals[number];
            if journal.fold_held_until == Some(self.until) {
                journal.fold_held_until = None;
                if let Some((at, interval)) = next {
                    (journal.fold_due, journal.fold_interval) = (Some(at), Some(interval));
                }
            }
            Ok(())
        })
        .await
    }
}

/// For a wake-up, which may arrive early or twice.
pub async fn fold_if_due(sim: &Sim, number: usize) -> Result<()> {
    let due_at = sim.call(|model| Ok(model.table.journals[number].fold_due)).await?;
    if due_at.is_some_and(|at| at <= sim.now()) { fold(sim, number).await } else { Ok(()) }
}

pub async fn fold(sim: &Sim, number: usize) -> Result<()> {
    let Some(mut held) = Held::take(sim, number).await? else { return Ok(()) };
    let campaign = sim.campaign(number).await?.filter(|found| found.status != Status::Deleted);
    let found = campaign.as_ref().and_then(|campaign| Some((campaign, campaign.audience.as_ref()?)));
    let Some((campaign, audience)) = found else { return forget_fold(sim, number).await };
    let fold = Fold { sim, number, campaign, audience };
    let mut folded = Folded::default();
    let came = match fold.rounds(false, &mut held, &mut folded).await {
        Ok(_) => fold.has_come().await,
        Err(failure) => Err(failure),
    };
    let Ok(has_come) = came else {
        held.release(sim, number, None).await?;
        return came.map(drop);
    };
    let now = sim.now();
    let max = fold_interval_max(campaign.started_at.unwrap_or(now), now);
    let interval = fold_interval(folded.blocks, now.duration_since(folded.since.unwrap_or(now)), max);
    if has_come {
        held.release(sim, number, Some((now + interval, interval))).await?;
        return fold.wake(interval).await;
    }
    // A later fold is scheduled first, then new blocks are checked once more.
    let next_at = now + max * CARRIED_INTERVALS;
    held.release(sim, number, Some((next_at, interval))).await?;
    fold.schedule(interval, next_at, folded.blocks).await
}

/// Folds everything; `None` if another fold runs or time ran out.
pub async fn fold_all(sim: &Sim, number: usize, campaign: &Campaign) -> Result<Option<Held>> {
    let Some(mut held) = Held::take(sim, number).await? else { return Ok(None) };
    let is_as_read = sim.campaign(number).await?.is_some_and(|found| found.version == campaign.version);
    if !is_as_read && !sim.is_broken(Break::FoldsForAnother) {
        held.release(sim, number, None).await?;
        return Err(TableError::Conflict);
    }
    let Some(audience) = &campaign.audience else { return Ok(Some(held)) };
    let folded = Fold { sim, number, campaign, audience }.rounds(true, &mut held, &mut Folded::default()).await;
    if folded == Ok(true) {
        return Ok(Some(held));
    }
    held.release(sim, number, None).await?;
    folded.map(|_| None)
}

/// The sum of a campaign including the receipts that wait for a fold.
pub async fn statistics(sim: &Sim, number: usize, campaign: &Campaign) -> Result<Tally> {
    let Some(audience) = &campaign.audience else { return Ok(Tally::default()) };
    let fold = Fold { sim, number, campaign, audience };
    let progress = fold.progress().await?;
    let mut events = fold.carried(&progress).await?;
    for (_, mut block) in fold.blocks(progress.folded_until, &progress.read).await?.0 {
        events.append(&mut block);
    }
    events.tidy();
    let waiting = events.by_batch(&audience.runs);
    let mut ledgers: Vec<Ledger> = sim
        .call(|model| {
            let batches = &model.table.campaigns[number].batches;
            Ok(batches.iter().map(|item| item.batch.ledger.clone()).collect())
        })
        .await?;
    let mut sum = Tally::default();
    for (ledger, batch) in ledgers.iter_mut().zip(0..) {
        if let Some(events) = waiting.get(&batch) {
            fold.record_in(batch, ledger, events);
        }
        sum.add(&Tally::new(ledger.records(), &LinkClicks::default()));
    }
    Ok(sum)
}

async fn forget_fold(sim: &Sim, number: usize) -> Result<()> {
    sim.call(|model| {
        let journal = &mut model.table.journals[number];
        (journal.fold_due, journal.fold_held_until) = (None, None);
        Ok(())
    })
    .await
}

/// The result of a fold.
#[derive(Default)]
struct Folded {
    blocks: usize,
    since: Option<Timestamp>,
}

struct Fold<'a> {
    sim: &'a Sim,
    number: usize,
    campaign: &'a Campaign,
    audience: &'a Audience,
}

impl Fold<'_> {
    async fn rounds(&self, is_last: bool, held: &mut Held, folded: &mut Folded) -> Result<bool> {
        let end = self.sim.now() + ROUNDS_WITHIN;
        while self.round(is_last, held, folded).await? {
            if self.sim.now() >= end {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// One round; returns whether there may be more to fold.
    async fn round(&self, is_last: bool, held: &mut Held, folded: &mut Folded) -> Result<bool> {
        let mut progress = self.progress().await?;
        let late = if self.sim.is_broken(Break::NoOverlap) { SignedDuration::ZERO } else { LATE };
        let (blocks, listed_at) = self.blocks(progress.folded_until - late, &progress.read).await?;
        held.listed_at = listed_at;
        folded.blocks += blocks.len();
        folded.since.get_or_insert(progress.folded_until);
        if blocks.is_empty() && progress.carried.is_none() {
            return Ok(false);
        }
        let mut events = self.carried(&progress).await?;
        // Carried events without new ones are folded.
        let is_last = is_last || blocks.is_empty();
        let read: Vec<_> = blocks.iter().map(|(id, _)| *id).collect();
        blocks.into_iter().for_each(|(_, mut block)| events.append(&mut block));
        events.tidy();
        let mut waiting = events.by_batch(&self.audience.runs);
        for batch in folded_now(&waiting, is_last) {
            if let Some(events) = waiting.remove(&batch) {
                held.renew(self.sim, self.number).await?;
                self.record_batch(batch, &events, held).await?;
            }
        }
        held.renew(self.sim, self.number).await?;
        self.carry(&mut progress, &waiting).await?;
        remember(&mut progress, read, late);
        self.put_progress(progress).await?;
        Ok(false)
    }

    async fn progress(&self) -> Result<Progress> {
        let started_at = self.campaign.started_at.unwrap_or(self.campaign.created_at);
        let new = Progress { folded_until: started_at, read: BTreeSet::new(), carried: None, folds: 0 };
        let number = self.number;
        Ok(self.sim.call(|model| Ok(model.table.journals[number].progress.clone())).await?.unwrap_or(new))
    }

    /// Unread blocks from an instant on, and when they were listed.
    async fn blocks(&self, from: Timestamp, read: &BTreeSet<BlockId>) -> Result<(Vec<(BlockId, Events)>, Timestamp)> {
        self.sim.call(|model| Ok((model.table.journals[self.number].blocks(from, read), model.now))).await
    }

    async fn carried(&self, progress: &Progress) -> Result<Events> {
        let Some(carried) = progress.carried else { return Ok(Events::default()) };
        self.sim.call(|model| Ok(model.table.journals[self.number].carried(carried))).await
    }

    fn record_in(&self, batch: u32, ledger: &mut Ledger, events: &Events) {
        let Some(slice) = batch_slice(&self.audience.runs, batch) else { return };
        let (mut seen, mut links) = (Vec::new(), LinkClicks::default());
        let rules = recording::Rules::of_campaign(self.campaign);
        Recording { first: slice.first, rules, ledger, seen: &mut seen, links: &mut links }.record(events);
    }

    async fn record_batch(&self, number: u32, events: &Events, held: &Held) -> Result<()> {
        for _ in 0..TRIES {
            let Some(mut batch) = self.sim.batch(self.number, number).await? else { return Ok(()) };
            let before = batch.ledger.clone();
            self.record_in(number, &mut batch.ledger, events);
            if batch.ledger == before {
                return Ok(());
            }
            // Another fold may run meanwhile, and freeze its result.
            if self.sim.now() >= held.until && !self.sim.is_broken(Break::LapsedFoldWrites) {
                return Err(TableError::Unexpected);
            }
            match self.sim.put_batch(self.number, &mut batch).await {
                Err(TableError::Conflict) => {}
                written => return written,
            }
        }
        Err(TableError::Unexpected)
    }

    async fn carry(&self, progress: &mut Progress, waiting: &BTreeMap<u32, Events>) -> Result<()> {
        let mut carried = Events::default();
        waiting.values().for_each(|events| carried.append(&mut events.clone()));
        carried.tidy();
        progress.carried = None;
        if carried.is_empty() {
            return Ok(());
        }
        let generation = self.sim.model().random.next() | 1;
        self.sim
            .call(|model| {
                model.table.journals[self.number].carried.insert(generation, carried.to_bytes());
                Ok(())
            })
            .await?;
        progress.carried = Some(generation);
        Ok(())
    }

    async fn put_progress(&self, progress: Progress) -> Result<()> {
        self.sim
            .call(|model| {
                let stored = &mut model.table.journals[self.number].progress;
                if stored.as_ref().map_or(0, |stored| stored.folds) != progress.folds {
                    return Err(TableError::Conflict);
                }
                *stored = Some(Progress { folds: progress.folds + 1, ..progress.clone() });
                Ok(())
            })
            .await
    }

    /// Whether there are blocks that no fold has read.
    async fn has_come(&self) -> Result<bool> {
        let progress = self.progress().await?;
        Ok(!self.blocks(progress.folded_until - LATE, &progress.read).await?.0.is_empty())
    }

    /// Requests a fold soon if new blocks arrived; none if nothing was carried either.
    async fn schedule(&self, interval: SignedDuration, next_at: Timestamp, blocks: usize) -> Result<()> {
        if self.has_come().await? {
            self.sim.schedule_fold(self.number, self.sim.now() + interval).await?;
            return self.wake(interval).await;
        }
        if self.progress().await?.carried.is_some() || blocks > 0 {
            return Ok(());
        }
        self.sim
            .call(|model| {
                let due = &mut model.table.journals[self.number].fold_due;
                *due = due.filter(|at| *at != next_at);
                Ok(())
            })
            .await
    }

    /// A fold before the next tick needs a wake-up.
    async fn wake(&self, interval: SignedDuration) -> Result<()> {
        let ms = interval.as_secs() * 1_000;
        if ms < TICK_MS { self.sim.wake(self.number, ms).await } else { Ok(()) }
    }
}

/// Records which blocks were read: recent ones by name, older ones by their time.
fn remember(progress: &mut Progress, read: Vec<BlockId>, late: SignedDuration) {
    let newest = read.iter().map(|(at, _)| *at).max();
    progress.folded_until = newest.map_or(progress.folded_until, |newest| newest.max(progress.folded_until));
    progress.read.extend(read);
    progress.read = progress.read.split_off(&(progress.folded_until - late, 0));
}

impl Sim {
    /// Campaigns whose fold is due.
    pub async fn folds_due(&self) -> Result<Vec<usize>> {
        self.call(|model| {
            let now = model.now;
            let is_due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
            let journals = model.table.journals.iter().enumerate();
            Ok(journals.filter(|(_, journal)| is_due(journal.fold_due)).map(|(number, _)| number).collect())
        })
        .await
    }

    /// Requests a fold, unless an earlier one is scheduled; returns whether it was recorded.
    pub async fn schedule_fold(&self, number: usize, at: Timestamp) -> Result<bool> {
        self.call(|model| {
            let due = &mut model.table.journals[number].fold_due;
            let is_earlier = due.is_none_or(|due| due > at);
            if is_earlier {
                *due = Some(at);
            }
            Ok(is_earlier)
        })
        .await
    }

    pub async fn forget_journal(&self, number: usize) -> Result<()> {
        self.call(|model| {
            model.table.journals[number] = Default::default();
            Ok(())
        })
        .await
    }
}
