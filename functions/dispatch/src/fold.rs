//! Folds the journal of a campaign into its ledgers, and maintains the sum that pages read.
//!
//! A fold reads the appended blocks, writes the batches with many waiting events, and carries the rest to the next
//! fold, so that single receipts do not rewrite their batch one by one. An interrupted fold is repeated: recording the
//! same events again changes nothing. A campaign has one fold at a time.

use std::collections::BTreeMap;

use app::campaigns::statistics::{self, READ_WHOLE_BATCHES_MAX};
use aws::store::{self, AccountStore, BatchTally, Block, Carried, IsConflict, Progress, retry_on_conflict};
use domain::campaign::{Audience, Campaign, Status};
use domain::dispatch::is_sum_stale;
use domain::ids::{AccountId, CampaignId};
use domain::journal::{Events, fold_interval, fold_interval_max, folded_now};
use domain::presence::Presence;
use domain::recording::Rules;
use domain::release::batch_slice;
use domain::tally::Tally;
use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use support::random;
use tracing::info;

use crate::held::Held;
use crate::pace::Pace;
use crate::schedule::{TICK_SECONDS, wake};
use crate::{App, Error};

/// Batches written at the same time.
const AT_ONCE: usize = 8;
/// Attempts to record in one batch. `send` writes it before and after each call to the carrier, and a fold that gives
/// up is repeated from its beginning.
const TRIES: u32 = 20;
/// Largest delay of a block after its timestamp: clock differences and retried writes.
const LATE: SignedDuration = SignedDuration::from_secs(90);
/// Blocks read at once, and events per round; progress is stored between two rounds.
const BLOCKS_PER_QUERY: usize = 500;
const EVENTS_PER_ROUND: usize = 200_000;
/// No round begins later than this after the first; the function may run for 300 seconds.
const ROUNDS_WITHIN: SignedDuration = SignedDuration::from_secs(120);
/// Batches between two renewals of the fold lock.
const BATCHES_PER_CHUNK: usize = 64;
/// Carried events wait this many times the longest interval for the campaign's age; then they are folded.
const CARRIED_INTERVALS: i32 = 5;

/// Folds if a fold is due: for a wake-up, which may arrive early or twice.
pub async fn fold_if_due(app: &App, account: &AccountId, id: &CampaignId) -> Result<(), Error> {
    let next = app.store.account(account).next_fold(id).await?;
    if next.due_at.is_some_and(|at| at <= app.clock.now()) { fold(app, account, id).await } else { Ok(()) }
}

/// Folds what was appended to the journal of a campaign, as far as is worthwhile.
pub async fn fold(app: &App, account: &AccountId, id: &CampaignId) -> Result<(), Error> {
    let store = app.store.account(account);
    let Some(mut held) = Held::take(app, &store, id).await? else { return Ok(()) };
    // Read after the lock was taken: its outcomes are not frozen meanwhile.
    let Some(campaign) = store.campaign(id).await? else { return Ok(store.forget_fold(id).await?) };
    let Some(audience) = &campaign.audience else { return Ok(store.forget_fold(id).await?) };
    let fold = Fold { app, store: &store, campaign: &campaign, audience };
    let mut folded = Folded::default();
    let came = match fold.rounds(&mut held, false, &mut folded).await {
        Ok(_) => fold.has_come().await,
        Err(error) => Err(error),
    };
    let Ok(has_come) = came else {
        store.release_fold(id, held.until(), None).await?;
        return came.map(drop);
    };
    let now = app.clock.now();
    let max = fold_interval_max(campaign.started_at.unwrap_or(now), now);
    let interval = fold_interval(folded.blocks, now.duration_since(folded.since.unwrap_or(now)), max);
    if has_come {
        store.release_fold(id, held.until(), Some((now + interval, interval))).await?;
        fold.wake(interval).await?;
        return fold.close_if_settled(&folded).await;
    }
    // A later fold is scheduled first, then new blocks are checked once more: blocks appended from now on request an
    // earlier fold, and a crash in between loses nothing.
    let next_at = now + max * CARRIED_INTERVALS;
    store.release_fold(id, held.until(), Some((next_at, interval))).await?;
    fold.schedule(interval, next_at, folded.blocks).await?;
    fold.close_if_settled(&folded).await
}

/// Folds everything that waits. `None` if another fold runs or time ran out; then it must be requested again. With the
/// lock, only `send` changes the ledgers.
pub async fn fold_all(app: &App, campaign: &Campaign) -> Result<Option<Held>, Error> {
    let store = app.store.account(&campaign.account);
    let Some(mut held) = Held::take(app, &store, &campaign.id).await? else { return Ok(None) };
    // A process that had the lock before may have finished the campaign.
    let is_as_read = store.campaign(&campaign.id).await?.is_some_and(|found| found.version == campaign.version);
    if !is_as_read {
        held.release(&store, &campaign.id).await?;
        return Err(store::Error::Conflict { what: "campaign" }.into());
    }
    let Some(audience) = &campaign.audience else { return Ok(Some(held)) };
    let fold = Fold { app, store: &store, campaign, audience };
    match fold.rounds(&mut held, true, &mut Folded::default()).await {
        Ok(true) => Ok(Some(held)),
        incomplete => {
            held.release(&store, &campaign.id).await?;
            incomplete.map(|_| None)
        }
    }
}

/// Refreshes the sum if it is too old; for a large campaign it may be older.
pub async fn refresh_if_stale(app: &App, campaign: &Campaign) -> Result<(), Error> {
    let batches = campaign.audience.as_ref().map_or(0, Audience::batches);
    if batches <= READ_WHOLE_BATCHES_MAX {
        return Ok(());
    }
    let store = app.store.account(&campaign.account);
    let age = app.clock.now().duration_since(statistics::progress(&store, campaign).await?.refreshed_at);
    if !is_sum_stale(batches, age) {
        return Ok(());
    }
    refresh(app, campaign, &store.tallies(&campaign.id).await?).await
}

/// Writes the sum of a campaign's tallies, for pages. A small campaign needs none: its batches are read directly.
pub async fn refresh(app: &App, campaign: &Campaign, tallies: &[BatchTally]) -> Result<(), Error> {
    let Some(audience) = campaign.audience.as_ref().filter(|audience| audience.batches() > READ_WHOLE_BATCHES_MAX)
    else {
        return Ok(());
    };
    let store = app.store.account(&campaign.account);
    let mut progress = statistics::progress(&store, campaign).await?;
    let carried = match progress.carried {
        Some(carried) => store.carried(&campaign.id, carried.generation).await?,
        None => Events::default(),
    };
    let fold = Fold { app, store: &store, campaign, audience };
    fold.sum(&mut progress, tallies, &BTreeMap::new(), &carried.by_batch(&audience.runs));
    match store.put_sum(&campaign.id, &progress).await {
        // A fold wrote a newer sum first.
        Err(store::Error::Conflict { .. }) => Ok(()),
        written => Ok(written?),
    }
}

/// The result of a fold.
#[derive(Default)]
struct Folded {
    blocks: usize,
    /// Timestamp of the newest block that the previous fold read.
    since: Option<Timestamp>,
    /// Every outcome is final, as far as is known.
    is_settled: bool,
}

/// A campaign whose journal is folded.
struct Fold<'a> {
    app: &'a App,
    store: &'a AccountStore,
    campaign: &'a Campaign,
    audience: &'a Audience,
}

impl Fold<'_> {
    /// Repeats rounds until no new blocks are found; false if time ran out before.
    async fn rounds(&self, held: &mut Held, is_last: bool, folded: &mut Folded) -> Result<bool, Error> {
        let end = self.app.clock.now() + ROUNDS_WITHIN;
        let pace = Pace::of_campaign(self.app.clock.clone(), self.campaign);
        loop {
            if !self.round(held, is_last, &pace, folded).await? {
                return Ok(true);
            }
            if self.app.clock.now() >= end {
                return Ok(false);
            }
        }
    }

    /// One round; returns whether there may be more to fold.
    async fn round(&self, held: &mut Held, is_last: bool, pace: &Pace, so_far: &mut Folded) -> Result<bool, Error> {
        let id = &self.campaign.id;
        let mut progress = statistics::progress(self.store, self.campaign).await?;
        let (blocks, has_more) = self.appended(&progress).await?;
        so_far.blocks += blocks.len();
        so_far.since.get_or_insert(progress.folded_until);
        let is_settled = |tally: &Tally| tally.is_settled(self.campaign.cancelled);
        if blocks.is_empty() && progress.carried.is_none() {
            so_far.is_settled |= is_settled(&progress.tally);
            return Ok(false);
        }
        let mut events = match progress.carried {
            Some(carried) => self.store.carried(id, carried.generation).await?,
            None => Events::default(),
        };
        // Carried events without new ones are folded.
        let is_last = is_last || blocks.is_empty();
        let read = blocks.iter().map(|block| block.id).collect::<Vec<_>>();
        blocks.into_iter().for_each(|mut block| events.append(&mut block.events));
        events.tidy();
        let count = events.len();
        let mut waiting = events.by_batch(&self.audience.runs);
        let mut folded = Vec::new();
        for number in folded_now(&waiting, is_last) {
            folded.extend(waiting.remove(&number).map(|events| (number, events)));
        }
        let written = self.record(held, folded, pace).await?;
        self.carry(&mut progress, &waiting).await?;
        progress.mark_read(read, LATE);
        let tallies = self.store.tallies(id).await?;
        self.sum(&mut progress, &tallies, &written, &waiting);
        so_far.is_settled = is_settled(&progress.tally);
        self.store.put_fold(id, &mut progress).await?;
        info!(account.id = %self.campaign.account, campaign.id = %id, events = count, batches = written.len(), carried = progress.carried.map_or(0, |some| some.events), "journal folded");
        Ok(has_more)
    }

    /// Unread blocks, oldest first, and whether there are more.
    async fn appended(&self, progress: &Progress) -> Result<(Vec<Block>, bool), Error> {
        let mut read = progress.read.clone();
        let mut from = (progress.folded_until - LATE).as_millisecond();
        let (mut blocks, mut events) = (Vec::new(), 0);
        while events < EVENTS_PER_ROUND {
            let some = self.store.blocks(&self.campaign.id, from, &read, BLOCKS_PER_QUERY).await?;
            let is_end = some.len() < BLOCKS_PER_QUERY;
            events += some.iter().map(|block| block.events.len()).sum::<usize>();
            read.extend(some.iter().map(|block| block.id));
            from = some.last().map_or(from, |block| block.id.ms);
            blocks.extend(some);
            if is_end {
                return Ok((blocks, false));
            }
        }
        Ok((blocks, true))
    }

    /// Records events in their batches; returns the tallies of those.
    async fn record(
        &self,
        held: &mut Held,
        folded: Vec<(u32, Events)>,
        pace: &Pace,
    ) -> Result<BTreeMap<u32, Tally>, Error> {
        let mut tallies = BTreeMap::new();
        for chunk in folded.chunks(BATCHES_PER_CHUNK) {
            held.renew(self.app, self.store, &self.campaign.id).await?;
            // A list, not an iterator: the compiler cannot see that a stream of a closure's futures may cross threads.
            let mut writes = Vec::with_capacity(chunk.len());
            for (number, events) in chunk {
                let until = held.until();
                writes.push(async move { self.record_batch(*number, events, pace, until).await });
            }
            let written: Vec<Result<Option<(u32, Tally)>, Error>> =
                futures_util::stream::iter(writes).buffer_unordered(AT_ONCE).collect().await;
            for one in written {
                tallies.extend(one?);
            }
        }
        held.renew(self.app, self.store, &self.campaign.id).await?;
        Ok(tallies)
    }

    /// Reads a batch, records and writes it; repeats on a conflict. A batch without changes is not written.
    async fn record_batch(
        &self,
        number: u32,
        events: &Events,
        pace: &Pace,
        until: Timestamp,
    ) -> Result<Option<(u32, Tally)>, Error> {
        let Some(slice) = batch_slice(&self.audience.runs, number) else { return Ok(None) };
        let rules = Rules::of_campaign(self.campaign);
        let unexpected = |cause| Error::Unexpected { campaign: self.campaign.id.clone(), cause };
        let recorded = retry_on_conflict(TRIES, || async {
            let Some(mut batch) = self.store.batch(&self.campaign.id, number).await? else { return Ok(None) };
            if !batch.record(slice.first, rules, events) {
                return Ok(None);
            }
            pace.take(batch.write_units()).await;
            // The lock may have expired, and its next holder may freeze the outcomes.
            if self.app.clock.now() >= until {
                return Err(unexpected("held up while it was folded"));
            }
            self.store.put_batch(&self.campaign.id, &mut batch).await?;
            Ok(Some((number, batch.tally())))
        });
        match recorded.await {
            Err(error) if error.is_conflict() => Err(unexpected("written too often to be folded")),
            recorded => recorded,
        }
    }

    /// Stores the events that wait for the next fold.
    async fn carry(&self, progress: &mut Progress, waiting: &BTreeMap<u32, Events>) -> Result<(), Error> {
        let mut carried = Events::default();
        waiting.values().for_each(|events| carried.append(&mut events.clone()));
        let events = u32::try_from(carried.len()).unwrap_or(u32::MAX);
        // Zero means none.
        let generation = u64::from_be_bytes(random::bytes()) | 1;
        self.store.put_carried(&self.campaign.id, generation, &carried.into_blocks(), self.app.clock.now()).await?;
        progress.carried = (events > 0).then_some(Carried { generation, events });
        Ok(())
    }

    /// Adds up the tallies, with those just `written` instead of the index's, which may lag, and the waiting events.
    fn sum(
        &self,
        progress: &mut Progress,
        tallies: &[BatchTally],
        written: &BTreeMap<u32, Tally>,
        waiting: &BTreeMap<u32, Events>,
    ) {
        let (mut sum, mut presence) = (Tally::default(), Presence::empty(self.audience.batches()));
        for batch in tallies {
            let tally = written.get(&batch.number).unwrap_or(&batch.tally);
            sum.add(tally);
            presence.add_batch(batch.number, tally);
        }
        for (number, events) in waiting {
            sum.add_waiting(events, Rules::of_campaign(self.campaign));
            events.receipts.iter().for_each(|receipt| presence.add(*number, receipt.state.outcome()));
        }
        // Batches that the index does not show yet are unsent.
        let missing = self.audience.recipients.saturating_sub(sum.recipients);
        (sum.recipients, sum.to_send) = (sum.recipients + missing, sum.to_send + missing);
        (progress.tally, progress.presence, progress.refreshed_at) = (sum, presence, self.app.clock.now());
    }

    /// Whether there are blocks that no fold has read.
    async fn has_come(&self) -> Result<bool, Error> {
        let progress = statistics::progress(self.store, self.campaign).await?;
        self.has_come_since(&progress).await
    }

    async fn has_come_since(&self, progress: &Progress) -> Result<bool, Error> {
        let from_ms = (progress.folded_until - LATE).as_millisecond();
        Ok(!self.store.blocks(&self.campaign.id, from_ms, &progress.read, 1).await?.is_empty())
    }

    /// Makes the campaign due if it only waits for its outcomes.
    async fn close_if_settled(&self, folded: &Folded) -> Result<(), Error> {
        if !folded.is_settled || self.campaign.status != Status::Consolidating {
            return Ok(());
        }
        let sooner = Campaign { next_check_at: Some(self.app.clock.now()), ..self.campaign.clone() };
        match self.store.put_campaign(sooner).await {
            Ok(written) => wake(self.app, &written, 0).await,
            // Another process changed it meanwhile.
            Err(store::Error::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Requests a fold soon if new blocks arrived. Requests none if nothing was carried or read; if blocks were read,
    /// their writer may rely on a later fold and request none itself.
    async fn schedule(&self, interval: SignedDuration, next_at: Timestamp, blocks: usize) -> Result<(), Error> {
        let id = &self.campaign.id;
        let progress = statistics::progress(self.store, self.campaign).await?;
        if !self.has_come_since(&progress).await? {
            return match progress.carried {
                None if blocks == 0 => Ok(self.store.unschedule_fold(id, next_at).await?),
                Some(_) | None => Ok(()),
            };
        }
        self.store.schedule_fold(id, self.app.clock.now() + interval).await?;
        self.wake(interval).await
    }

    /// A fold before the next tick needs a wake-up.
    async fn wake(&self, interval: SignedDuration) -> Result<(), Error> {
        if interval.as_secs() >= TICK_SECONDS {
            return Ok(());
        }
        wake(self.app, self.campaign, interval.as_secs()).await
    }
}
