//! Moves a sending campaign on: releases what pace, window and carrier allow, repairs what was lost, sees when all is
//! out. What one look reads does not grow with the campaign: only the batches that are released and not done.

use std::collections::BTreeSet;

use aws::queue::BatchHint;
use aws::store::{self, AccountStore, BatchTally};
use domain::account::Account;
use domain::campaign::{Audience, Campaign, Command, Kind, PauseReason};
use domain::flow::Flow;
use domain::release::{self, Run};
use domain::territory::Territory;
use jiff::Timestamp;
use support::Metric;
use tracing::{info, warn};

use crate::due::{look_again, patience_seconds};
use crate::limit::limit;
use crate::unsent::Unsent;
use crate::{App, Error, close, fold, standstill};

/// The longest pause between two looks at a campaign that may be done at any moment.
const LOOK_SECONDS_MAX: i64 = 30;
/// The longest pause between two looks while a window is closed.
const WINDOW_LOOK_SECONDS_MAX: i64 = 3_600;
/// Pause between two looks at a campaign that waits for the carrier to be back.
const PROBE_SECONDS: i64 = 15;
/// Batches that were released and nobody touched are put on the queue again after so long, where it holds fewer than
/// there are; and after longer, whatever it says.
const MISSED_SECONDS: i64 = 60;
const FORGOTTEN_SECONDS: i64 = 300;

/// One look at a campaign that is sending.
pub async fn advance(app: &App, mut campaign: Campaign) -> Result<(), Error> {
    let store = app.store.account(&campaign.account);
    let now = app.clock.now();
    let unexpected = |cause| Error::Unexpected { campaign: campaign.id.clone(), cause };
    let account = store.account().await?.ok_or_else(|| unexpected("of an account that does not exist"))?;
    let Some(mut audience) = campaign.audience.take() else { return Err(unexpected("sending without an audience")) };
    let flow = app.store.flow(&app.config.carrier).await?.flow;
    let tallies = open_batches(app, &campaign, &audience).await?;
    note_done(&mut audience, &tallies);
    // First: a campaign that has nothing left to send cannot show that the carrier is back, nor does it need that.
    if is_out(&store, &campaign, &audience).await? {
        campaign.audience = Some(audience);
        return Box::pin(consolidate(app, campaign)).await;
    }
    if flow.is_down(now) {
        return pause(app, Campaign { audience: Some(audience), ..campaign }).await;
    }
    let window = Window { account: &account, obeyed: campaign.settings.kind == Kind::Marketing, now };
    let unsent = Unsent::find(&audience, &tallies, &window);
    let limit = limit(app, &campaign, &flow, unsent.messages, now).await?;
    let lost = lost(app, &campaign, &unsent, &flow, now).await?;
    let before = released(&audience);
    let mut batches =
        release::release(&mut audience.runs, &mut campaign.pacing, limit.messages, now, |t| window.is_open(t));
    let is_held_back = flow.is_open() || released(&audience) - before >= limit.messages;
    batches.extend(&lost);
    batches.sort_unstable();
    batches.dedup();
    let held_back = is_held_back.then_some(limit.look_seconds);
    let seconds = next_look(&campaign, &audience, &unsent, &window, held_back);
    let done = released(&audience).saturating_sub(unsent.messages);
    campaign.audience = Some(audience);
    // What an open circuit kept senders from is forgotten by the queue: it is put there again when it closes.
    campaign.repaired_at = match flow.is_open() {
        true => Some(Timestamp::UNIX_EPOCH),
        false if lost.is_empty() => campaign.repaired_at,
        false => Some(now),
    };
    standstill::note(app, &mut campaign, done, unsent.is_waiting() || flow.is_open());
    // The table first: a batch that finds itself not released yet would send nothing.
    let campaign = look_again(app, campaign, seconds).await?;
    put_on_queue(app, &campaign, &batches, lost.len()).await?;
    if !batches.is_empty() && unsent.lease_until.is_none() && flow.granted_until.is_some() {
        wait_in_turn(app, &campaign, now).await?;
    }
    fold::refresh_if_stale(app, &campaign).await
}

async fn put_on_queue(app: &App, campaign: &Campaign, batches: &[u32], lost: usize) -> Result<(), Error> {
    if batches.is_empty() {
        return Ok(());
    }
    let (account, id) = (&campaign.account, &campaign.id);
    let hint =
        |batch: &u32| BatchHint { account: account.clone(), campaign: id.clone(), batch: *batch, waits_since: None };
    let hints: Vec<_> = batches.iter().map(hint).collect();
    app.queues.release(&campaign.account, &hints, 0).await?;
    info!(account.id = %campaign.account, campaign.id = %campaign.id, batches = hints.len(), repaired = lost, "batches released");
    app.measure(&[(Metric::BatchesReleased, hints.len() as f64), (Metric::BatchesReleasedAgain, lost as f64)]);
    Ok(())
}

/// Notes in the carrier's flow that an account waits and has no batch at work, so that others leave it a session.
async fn wait_in_turn(app: &App, campaign: &Campaign, now: Timestamp) -> Result<(), Error> {
    let read = app.store.flow(&app.config.carrier).await?;
    let mut flow = read.flow.clone();
    flow.wait((&campaign.account).into(), now);
    if flow == read.flow {
        return Ok(());
    }
    match app.store.put_flow(&app.config.carrier, &read, flow).await {
        // Who was faster may have noted the same; the next look does it otherwise.
        Ok(_) | Err(store::Error::Conflict { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Nothing is left to send. The index may lag behind the table, which is why the table is asked at the end.
async fn is_out(store: &AccountStore, campaign: &Campaign, audience: &Audience) -> Result<bool, Error> {
    Ok(audience.runs.iter().all(Run::is_done) && store.exact(&campaign.id).await?.tally.to_send == 0)
}

/// One look at a campaign that was paused because the carrier did not answer: it goes on when the carrier is back, and
/// until then one message of it probes the carrier when it is time, one that is not released yet if there is no other.
pub async fn probe(app: &App, mut campaign: Campaign) -> Result<(), Error> {
    let now = app.clock.now();
    let store = app.store.account(&campaign.account);
    let flow = app.store.flow(&app.config.carrier).await?.flow;
    if !flow.is_open() {
        let Ok(resumed) = campaign.apply(Command::Resume, now) else { return Ok(()) };
        let resumed = store.put_campaign(resumed).await?;
        info!(account.id = %resumed.account, campaign.id = %resumed.id, "the carrier is back: campaign resumed");
        return Box::pin(advance(app, resumed)).await;
    }
    let Some(mut audience) = campaign.audience.take() else { return crate::due::rest(app, campaign).await };
    let tallies = open_batches(app, &campaign, &audience).await?;
    note_done(&mut audience, &tallies);
    if is_out(&store, &campaign, &audience).await? {
        let Ok(resumed) = Campaign { audience: Some(audience), ..campaign }.apply(Command::Resume, now) else {
            return Ok(());
        };
        return Box::pin(consolidate(app, store.put_campaign(resumed).await?)).await;
    }
    let account = store.account().await?;
    let account = account
        .ok_or(Error::Unexpected { campaign: campaign.id.clone(), cause: "of an account that does not exist" })?;
    let window = Window { account: &account, obeyed: campaign.settings.kind == Kind::Marketing, now };
    let unsent = Unsent::find(&audience, &tallies, &window);
    let mut batches = probes(&unsent, &flow, now);
    if unsent.messages == 0 && flow.probe_at.is_none_or(|at| at <= now) {
        batches = release::release(&mut audience.runs, &mut campaign.pacing, 1, now, |t| window.is_open(t));
    }
    campaign.audience = Some(audience);
    let campaign = look_again(app, campaign, PROBE_SECONDS).await?;
    put_on_queue(app, &campaign, &batches, batches.len()).await
}

/// Pauses a campaign whose carrier has not answered for minutes.
async fn pause(app: &App, campaign: Campaign) -> Result<(), Error> {
    let Ok(paused) = campaign.apply(Command::Pause(PauseReason::CarrierErrors), app.clock.now()) else { return Ok(()) };
    let paused = app.store.account(&campaign.account).put_campaign(paused).await?;
    warn!(account.id = %paused.account, campaign.id = %paused.id, "campaign paused: the carrier does not answer");
    app.measure(&[(Metric::CampaignsPausedByCarrier, 1.0)]);
    look_again(app, crate::announce::announce(app, paused).await, PROBE_SECONDS).await.map(drop)
}

/// Tallies of the batches that are released and not known to be done.
async fn open_batches(app: &App, campaign: &Campaign, audience: &Audience) -> Result<Vec<BatchTally>, Error> {
    let store = app.store.account(&campaign.account);
    let mut tallies = Vec::new();
    for run in audience.runs.iter().filter(|run| !run.open_batches().is_empty()) {
        tallies.extend(store.tallies_of(&campaign.id, run.open_batches()).await?);
    }
    Ok(tallies)
}

/// Notes the batches at the head of each run that have nothing left to send. That never comes back.
fn note_done(audience: &mut Audience, tallies: &[BatchTally]) {
    let done: BTreeSet<u32> = tallies.iter().filter(|one| one.tally.to_send == 0).map(|one| one.number).collect();
    for run in &mut audience.runs {
        while done.contains(&(run.first_batch + run.done_batches)) && !run.is_done() {
            run.done_batches += 1;
        }
    }
}

async fn consolidate(app: &App, campaign: Campaign) -> Result<(), Error> {
    let Ok(next) = campaign.apply(Command::Consolidate, app.clock.now()) else { return Ok(()) };
    let next = app.store.account(&campaign.account).put_campaign(next).await?;
    app.store.forget_demand(&app.config.carrier, &next.account, &next.id).await?;
    info!(account.id = %next.account, campaign.id = %next.id, "everything is handed over");
    Box::pin(close::close(app, next)).await
}

/// The legal window of an account at one instant.
pub struct Window<'a> {
    account: &'a Account,
    obeyed: bool,
    pub now: Timestamp,
}

impl Window<'_> {
    pub fn is_open(&self, territory: Territory) -> bool {
        !self.obeyed || self.account.is_open(self.now, territory)
    }

    pub fn next_opening(&self, territory: Territory) -> Timestamp {
        if self.obeyed { self.account.next_opening(self.now, territory) } else { self.now }
    }
}

/// Recipients that are released.
fn released(audience: &Audience) -> u32 {
    audience.runs.iter().map(|run| run.released).sum()
}

/// Seconds until the campaign needs a look; `held_back` are those after which the carrier may take more.
fn next_look(
    campaign: &Campaign,
    audience: &Audience,
    unsent: &Unsent,
    window: &Window<'_>,
    held_back: Option<i64>,
) -> i64 {
    let now = window.now;
    let waiting = audience.runs.iter().filter(|run: &&Run| run.released < run.recipients);
    let opening = waiting.map(|run| window.next_opening(run.territory)).chain(unsent.opening).min();
    // A batch whose lease lapses is taken up again at once.
    let held_back = held_back.unwrap_or(i64::MAX);
    let lapse = unsent.lease_until.map_or(i64::MAX, |until| until.duration_since(now).as_secs() + 1).max(1);
    let patience = patience_seconds(campaign.started_at.unwrap_or(now), now, LOOK_SECONDS_MAX).min(lapse);
    match opening {
        // Nothing can happen before a window opens, unless somebody widens it and crashes before waking us.
        Some(at) if at > now && !unsent.is_moving() => {
            at.duration_since(now).as_secs().clamp(1, WINDOW_LOOK_SECONDS_MAX)
        }
        // The pace or the carrier goes on.
        Some(at) if at <= now => campaign.pacing.interval_seconds().min(held_back).min(lapse),
        Some(_) | None => patience.min(held_back),
    }
}

/// Batches that stopped: their lease lapsed, or the queue has forgotten them.
async fn lost(app: &App, campaign: &Campaign, unsent: &Unsent, flow: &Flow, now: Timestamp) -> Result<Vec<u32>, Error> {
    if flow.is_open() {
        return Ok(probes(unsent, flow, now));
    }
    let mut lost = unsent.lapsed.clone();
    if unsent.idle.is_empty() {
        return Ok(lost);
    }
    let last = campaign.repaired_at.or(campaign.started_at).unwrap_or(now);
    let waited = now.duration_since(last).as_secs();
    let is_lost = match app.queues.batches_waiting().await? {
        _ if waited >= FORGOTTEN_SECONDS => true,
        // The carrier asked to be left alone: whatever waits goes on waiting.
        _ if flow.blocked_until.is_some_and(|until| until > now) => false,
        Some(0) => true,
        Some(waiting) => waited >= MISSED_SECONDS && waiting < unsent.idle.len() as u64,
        None => false,
    };
    if is_lost {
        lost.extend(&unsent.idle);
    }
    Ok(lost)
}

/// The batch that shows whether the carrier is back, when it is time to ask.
fn probes(unsent: &Unsent, flow: &Flow, now: Timestamp) -> Vec<u32> {
    let is_due = flow.probe_at.is_none_or(|at| at <= now);
    unsent.lapsed.iter().chain(&unsent.idle).copied().take(usize::from(is_due)).collect()
}
