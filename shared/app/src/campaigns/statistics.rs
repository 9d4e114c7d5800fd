//! The sums of a campaign now, from a bounded number of items whatever its size.
//!
//! The batches of a small campaign are read: its ledgers with the waiting events of the journal. For a larger one the
//! progress item has the sum of the last refresh, some seconds to minutes ago; the waiting events of a few blocks are
//! added.

use std::collections::BTreeMap;

use aws::store::{AccountStore, Progress, Result};
use domain::campaign::Campaign;
use domain::journal::{BLOCKS_PER_FOLD, Events};
use domain::recording::Rules;
use domain::release::batch_slice;
use domain::tally::Tally;

/// Most batches of a campaign that is read completely.
pub const READ_WHOLE_BATCHES_MAX: u32 = 16;
/// Most blocks of the journal read for one request, oldest first: somewhat more than usually wait.
pub const WAITING_BLOCKS_MAX: usize = 2 * BLOCKS_PER_FOLD;
/// The same limit in events: in a burst a block has up to a thousand, and the figures are some seconds old.
const WAITING_EVENTS_MAX: usize = 3_000;
/// Blocks of the first request, which shows how large they are.
const FIRST_BLOCKS: usize = 3;

/// The figures of a campaign for tables: its outcomes, frozen once finished. Later clicks and replies are in its
/// `statistics`.
pub async fn summary(store: &AccountStore, campaign: &Campaign) -> Result<Tally> {
    match &campaign.tally {
        Some(frozen) => Ok(frozen.clone()),
        None => statistics(store, campaign).await,
    }
}

/// The sums of a campaign now. Once finished its outcomes are frozen; clicks and replies still count.
pub async fn statistics(store: &AccountStore, campaign: &Campaign) -> Result<Tally> {
    let live = match &campaign.audience {
        None => Tally::default(),
        Some(audience) if audience.batches() <= READ_WHOLE_BATCHES_MAX => whole(store, campaign).await?,
        Some(_) => {
            let progress = progress(store, campaign).await?;
            let mut tally = progress.tally.clone();
            tally.add_waiting(&appended(store, campaign, &progress).await?, Rules::of_campaign(campaign));
            tally
        }
    };
    Ok(match &campaign.tally {
        Some(frozen) => live.with_outcomes_of(frozen),
        None => live,
    })
}

/// The progress of a campaign with an audience; right after its start, everything is still to be sent.
pub async fn progress(store: &AccountStore, campaign: &Campaign) -> Result<Progress> {
    let (recipients, batches) = campaign.audience.as_ref().map_or((0, 0), |found| (found.recipients, found.batches()));
    let started_at = campaign.started_at.unwrap_or(campaign.created_at);
    let found = store.progress(&campaign.id, batches).await?;
    Ok(found.unwrap_or_else(|| Progress::of_new_campaign(started_at, recipients, batches)))
}

/// Appended events that are neither folded nor carried yet, tidied, up to the limits of one request.
async fn appended(store: &AccountStore, campaign: &Campaign, progress: &Progress) -> Result<Events> {
    let (mut read, mut from) = (progress.read.clone(), progress.folded_until.as_millisecond());
    let (mut events, mut blocks) = (Events::default(), 0);
    let mut at_once = FIRST_BLOCKS;
    while at_once > 0 {
        let some = store.blocks(&campaign.id, from, &read, at_once).await?;
        let is_end = some.len() < at_once;
        for mut block in some {
            read.insert(block.id);
            from = block.id.ms;
            blocks += 1;
            events.append(&mut block.events);
        }
        if is_end {
            break;
        }
        // As many blocks as probably contain the remaining events.
        let left = WAITING_EVENTS_MAX.saturating_sub(events.len());
        at_once = (left * blocks / events.len().max(1)).min(WAITING_BLOCKS_MAX - blocks);
    }
    events.tidy();
    Ok(events)
}

/// The events that wait for a fold, by batch: carried ones, and those appended since.
pub async fn waiting(store: &AccountStore, campaign: &Campaign, progress: &Progress) -> Result<BTreeMap<u32, Events>> {
    let Some(audience) = &campaign.audience else { return Ok(BTreeMap::new()) };
    let mut events = appended(store, campaign, progress).await?;
    if let Some(carried) = progress.carried {
        events.append(&mut store.carried(&campaign.id, carried.generation).await?);
        events.tidy();
    }
    Ok(events.by_batch(&audience.runs))
}

/// The sum of a small campaign's ledgers with their waiting events.
async fn whole(store: &AccountStore, campaign: &Campaign) -> Result<Tally> {
    let Some(audience) = &campaign.audience else { return Ok(Tally::default()) };
    let progress = progress(store, campaign).await?;
    let waiting = waiting(store, campaign, &progress).await?;
    let limit = usize::try_from(READ_WHOLE_BATCHES_MAX).unwrap_or_default();
    let mut sum = Tally::default();
    for mut batch in store.batches(&campaign.id, 0, limit).await? {
        if let (Some(events), Some(slice)) = (waiting.get(&batch.number), batch_slice(&audience.runs, batch.number)) {
            batch.record(slice.first, Rules::of_campaign(campaign), events);
        }
        sum.add(&batch.tally());
    }
    Ok(sum)
}

/// All events that wait for a fold, by batch: for callers that read a whole campaign.
pub async fn all_waiting(store: &AccountStore, campaign: &Campaign) -> Result<BTreeMap<u32, Events>> {
    let Some(audience) = &campaign.audience else { return Ok(BTreeMap::new()) };
    let progress = progress(store, campaign).await?;
    let mut events = match progress.carried {
        Some(carried) => store.carried(&campaign.id, carried.generation).await?,
        None => Events::default(),
    };
    let from_ms = progress.folded_until.as_millisecond();
    for mut block in store.blocks(&campaign.id, from_ms, &progress.read, usize::MAX).await? {
        events.append(&mut block.events);
    }
    events.tidy();
    Ok(events.by_batch(&audience.runs))
}
