//! Moves a sending campaign on: releases what pace and window allow, repairs what was lost, sees when all is out.

use shared::domain::account::Account;
use shared::domain::campaign::{Audience, Campaign, Command, Kind};
use shared::domain::release::{self, Run, place};
use shared::domain::territory::Territory;
use shared::queue::BatchHint;
use shared::store::BatchTally;
use tracing::info;

use crate::due::{look_again, patience_seconds};
use crate::{App, Error, close};

/// Between two ticks.
const TICK_SECONDS: i64 = 60;
/// Batches that were released and nobody touched are put on the queue again after so long, whatever the queue says.
const FORGOTTEN_SECONDS: i64 = 600;

/// One look at a campaign that is sending.
pub async fn advance(app: &App, mut campaign: Campaign) -> Result<(), Error> {
    let store = app.store.account(&campaign.account);
    let now = app.clock.now();
    let unexpected = |cause| Error::Unexpected { campaign: campaign.id.clone(), cause };
    let account = store.account().await?.ok_or_else(|| unexpected("of an account that is not there"))?;
    let Some(mut audience) = campaign.audience.take() else { return Err(unexpected("sending without an audience")) };
    let tallies = store.tallies(&campaign.id).await?;
    // The index may lag behind the table; a campaign just cut into batches is not done because the index shows none.
    let to_send: u32 = tallies.iter().map(|batch| batch.tally.to_send).sum();
    let seen: u32 = tallies.iter().map(|batch| batch.tally.recipients).sum();
    if to_send == 0 && seen == audience.recipients && store.exact_tally(&campaign.id).await?.to_send == 0 {
        campaign.audience = Some(audience);
        return consolidate(app, campaign).await;
    }
    let lost = lost(app, &campaign, &audience, &tallies).await?;
    let window = Window { account: &account, obeyed: campaign.settings.kind == Kind::Marketing, now };
    let mut batches = release::release(&mut audience.runs, &mut campaign.pacing, now, |t| window.is_open(t));
    batches.extend(&lost);
    batches.sort_unstable();
    batches.dedup();
    let seconds = next_look(&campaign, &audience, &window, to_send, now);
    campaign.audience = Some(audience);
    if !lost.is_empty() {
        campaign.repaired_at = Some(now);
    }
    // The table first: a batch that finds itself not released yet would send nothing.
    let campaign = look_again(app, campaign, seconds).await?;
    let hint = |batch| BatchHint { account: campaign.account.clone(), campaign: campaign.id.clone(), batch };
    let hints: Vec<_> = batches.into_iter().map(hint).collect();
    app.queues.release(&campaign.account, &hints, 0).await?;
    if !hints.is_empty() {
        info!(campaign.id = %campaign.id, batches = hints.len(), repaired = lost.len(), "batches released");
    }
    Ok(())
}

async fn consolidate(app: &App, campaign: Campaign) -> Result<(), Error> {
    let Ok(next) = campaign.apply(Command::Consolidate, app.clock.now()) else { return Ok(()) };
    let next = app.store.account(&campaign.account).put_campaign(next).await?;
    info!(campaign.id = %next.id, "everything is handed over");
    close::close(app, next).await
}

/// The legal window of an account at one instant.
struct Window<'a> {
    account: &'a Account,
    obeyed: bool,
    now: jiff::Timestamp,
}

impl Window<'_> {
    fn is_open(&self, territory: Territory) -> bool {
        !self.obeyed || self.account.is_open(self.now, territory)
    }

    fn next_opening(&self, territory: Territory) -> jiff::Timestamp {
        if self.obeyed { self.account.next_opening(self.now, territory) } else { self.now }
    }
}

/// Seconds until the campaign needs a look.
fn next_look(campaign: &Campaign, audience: &Audience, window: &Window<'_>, to_send: u32, now: jiff::Timestamp) -> i64 {
    let waiting = |run: &&Run| run.released < run.recipients;
    let unreleased: u32 = audience.runs.iter().filter(waiting).map(|run| run.recipients - run.released).sum();
    let in_flight = to_send > unreleased;
    let opening = audience.runs.iter().filter(waiting).map(|run| window.next_opening(run.territory)).min();
    match opening {
        // Nothing can happen before a window opens.
        Some(at) if at > now && !in_flight => at.duration_since(now).as_secs().max(1),
        // The pace goes on with the next tick.
        Some(_) => TICK_SECONDS,
        None => patience_seconds(campaign.started_at.unwrap_or(now), now, TICK_SECONDS),
    }
}

/// Batches that were released and stopped: their lease lapsed, or the queue has forgotten them.
async fn lost(app: &App, campaign: &Campaign, audience: &Audience, tallies: &[BatchTally]) -> Result<Vec<u32>, Error> {
    let now = app.clock.now();
    let nobody = jiff::Timestamp::UNIX_EPOCH;
    let is_unfinished = |batch: &&BatchTally| {
        let released = place(&audience.runs, batch.number).map_or(0, |place| place.released);
        released > batch.tally.recipients - batch.tally.to_send
    };
    let unfinished: Vec<_> = tallies.iter().filter(is_unfinished).collect();
    let lapsed = |batch: &&BatchTally| batch.lease_until > nobody && batch.lease_until <= now;
    let mut lost: Vec<_> = unfinished.iter().copied().filter(lapsed).map(|batch| batch.number).collect();
    let idle: Vec<_> =
        unfinished.iter().filter(|batch| batch.lease_until == nobody).map(|batch| batch.number).collect();
    if idle.is_empty() {
        return Ok(lost);
    }
    let last = campaign.repaired_at.or(campaign.started_at).unwrap_or(now);
    let forgotten = now.duration_since(last).as_secs() >= FORGOTTEN_SECONDS;
    if forgotten || app.queues.batches_waiting().await? == Some(0) {
        lost.extend(idle);
    }
    Ok(lost)
}
