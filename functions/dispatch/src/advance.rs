//! Advances a sending campaign: releases what pace, window and carrier allow, repairs lost batches, and detects when
//! all is sent. A check reads only the batches that are released and not done, however large the campaign.

use std::collections::BTreeSet;

use aws::queue::BatchHint;
use aws::store::{self, AccountStore, BatchTally};
use domain::campaign::{Audience, Campaign, Command, PauseReason};
use domain::dispatch::{self, OpenBatch, Sending, Unsent};
use domain::flow::Flow;
use domain::legal_window::LegalWindow;
use domain::release::{self, Run};
use jiff::Timestamp;
use support::Metric;
use tracing::{info, warn};

use crate::announce::announce;
use crate::limit::limit;
use crate::schedule::reschedule;
use crate::{App, Error, close, fold, standstill};

/// Pause between two checks of a campaign that waits for the carrier to be back.
const PROBE_SECONDS: i64 = 15;

/// One check of a campaign that is sending, to this audience.
pub async fn advance(app: &App, mut campaign: Campaign, mut audience: Audience) -> Result<(), Error> {
    let store = app.store.account(&campaign.account);
    let now = app.clock.now();
    let account = app.account_of(&campaign).await?;
    let flow = app.store.flow(&app.carrier).await?.flow;
    let shown = open_batches(app, &campaign, &mut audience).await?;
    // First: a campaign with nothing left to send cannot probe the carrier and does not need it.
    if is_out(&store, &campaign, &audience).await? {
        return Box::pin(consolidate(app, Campaign { audience: Some(audience), ..campaign })).await;
    }
    if flow.is_down(now) {
        return pause(app, Campaign { audience: Some(audience), ..campaign }).await;
    }
    let window = LegalWindow::new(&account, campaign.settings.kind, now);
    let unsent = Unsent::find(&audience.runs, &shown, &window);
    let limit = limit(app, &campaign, &flow, unsent.messages, now).await?;
    let lost = lost(app, &campaign, &unsent, &flow, now).await?;
    let before = audience.released();
    let mut batches =
        release::release(&mut audience.runs, &mut campaign.pacing, limit.messages, now, |t| window.is_open(t));
    let is_held_back = flow.is_open() || audience.released() - before >= limit.messages;
    batches.extend(&lost);
    batches.sort_unstable();
    batches.dedup();
    let sending = Sending {
        started_at: campaign.started_at,
        pacing: campaign.pacing,
        runs: &audience.runs,
        unsent: &unsent,
        window,
        held_back_seconds: is_held_back.then_some(limit.check_seconds),
    };
    let seconds = sending.next_check_seconds();
    let done = audience.released().saturating_sub(unsent.messages);
    campaign.audience = Some(audience);
    // Batches that senders dropped while the circuit was open are no longer on the queue: they are queued again when it
    // closes.
    campaign.repaired_at = match flow.is_open() {
        true => Some(Timestamp::UNIX_EPOCH),
        false if lost.is_empty() => campaign.repaired_at,
        false => Some(now),
    };
    standstill::note(app, &mut campaign, done, unsent.is_waiting() || flow.is_open());
    // The table first: a sender that finds its batch not yet released would send nothing.
    let campaign = reschedule(app, campaign, seconds).await?;
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

/// Records in the carrier's flow that an account waits without a leased batch, so that others leave it a session.
async fn wait_in_turn(app: &App, campaign: &Campaign, now: Timestamp) -> Result<(), Error> {
    let read = app.store.flow(&app.carrier).await?;
    let mut flow = read.flow.clone();
    flow.wait((&campaign.account).into(), now);
    if flow == read.flow {
        return Ok(());
    }
    match app.store.put_flow(&app.carrier, &read, flow).await {
        // Who was faster may have noted the same; the next check does it otherwise.
        Ok(_) | Err(store::Error::Conflict { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Whether nothing is left to send. The index may lag behind the table, so the table is read at the end.
async fn is_out(store: &AccountStore, campaign: &Campaign, audience: &Audience) -> Result<bool, Error> {
    Ok(audience.runs.iter().all(Run::is_done) && store.exact(&campaign.id).await?.tally.to_send == 0)
}

/// One check of a campaign that was paused because the carrier did not answer: it goes on when the carrier is back, and
/// until then one message of it probes the carrier when it is time, one that is not released yet if there is no other.
pub async fn probe(app: &App, mut campaign: Campaign, mut audience: Audience) -> Result<(), Error> {
    let now = app.clock.now();
    let store = app.store.account(&campaign.account);
    let flow = app.store.flow(&app.carrier).await?.flow;
    if !flow.is_open() {
        let Ok(resumed) = campaign.apply(Command::Resume, now) else { return Ok(()) };
        let resumed = store.put_campaign(resumed).await?;
        info!(account.id = %resumed.account, campaign.id = %resumed.id, "the carrier is back: campaign resumed");
        return Box::pin(advance(app, resumed, audience)).await;
    }
    let shown = open_batches(app, &campaign, &mut audience).await?;
    if is_out(&store, &campaign, &audience).await? {
        let Ok(resumed) = Campaign { audience: Some(audience), ..campaign }.apply(Command::Resume, now) else {
            return Ok(());
        };
        return Box::pin(consolidate(app, store.put_campaign(resumed).await?)).await;
    }
    let account = app.account_of(&campaign).await?;
    let window = LegalWindow::new(&account, campaign.settings.kind, now);
    let unsent = Unsent::find(&audience.runs, &shown, &window);
    let mut batches = dispatch::probes(&unsent, &flow, now);
    if unsent.messages == 0 && flow.is_probe_due(now) {
        batches = release::release(&mut audience.runs, &mut campaign.pacing, 1, now, |t| window.is_open(t));
    }
    campaign.audience = Some(audience);
    let campaign = reschedule(app, campaign, PROBE_SECONDS).await?;
    put_on_queue(app, &campaign, &batches, batches.len()).await
}

/// Pauses a campaign whose carrier has not answered for minutes.
async fn pause(app: &App, campaign: Campaign) -> Result<(), Error> {
    let Ok(paused) = campaign.apply(Command::Pause(PauseReason::CarrierErrors), app.clock.now()) else { return Ok(()) };
    let paused = app.store.account(&campaign.account).put_campaign(paused).await?;
    warn!(account.id = %paused.account, campaign.id = %paused.id, "campaign paused: the carrier does not answer");
    app.measure(&[(Metric::CampaignsPausedByCarrier, 1.0)]);
    reschedule(app, announce(app, paused).await, PROBE_SECONDS).await.map(drop)
}

/// The batches that are released and not noted as done; updates the note in the audience.
async fn open_batches(app: &App, campaign: &Campaign, audience: &mut Audience) -> Result<Vec<OpenBatch>, Error> {
    let store = app.store.account(&campaign.account);
    let (mut shown, mut done) = (Vec::new(), BTreeSet::new());
    for run in audience.runs.iter().filter(|run| !run.open_batches().is_empty()) {
        for BatchTally { number, tally, lease_until, .. } in store.tallies_of(&campaign.id, run.open_batches()).await? {
            shown.push(OpenBatch { number, sent: tally.recipients - tally.to_send, lease_until });
            if tally.to_send == 0 {
                done.insert(number);
            }
        }
    }
    release::note_done(&mut audience.runs, |number| done.contains(&number));
    Ok(shown)
}

async fn consolidate(app: &App, campaign: Campaign) -> Result<(), Error> {
    let Ok(next) = campaign.apply(Command::Consolidate, app.clock.now()) else { return Ok(()) };
    let next = app.store.account(&campaign.account).put_campaign(next).await?;
    app.store.forget_demand(&app.carrier, &next.account, &next.id).await?;
    info!(account.id = %next.account, campaign.id = %next.id, "everything is handed over");
    Box::pin(close::close(app, next)).await
}

/// Batches that stopped: their lease expired, or the queue lost them.
async fn lost(app: &App, campaign: &Campaign, unsent: &Unsent, flow: &Flow, now: Timestamp) -> Result<Vec<u32>, Error> {
    if flow.is_open() {
        return Ok(dispatch::probes(unsent, flow, now));
    }
    if unsent.idle.is_empty() {
        return Ok(unsent.lapsed.clone());
    }
    let repaired_at = campaign.repaired_at.or(campaign.started_at).unwrap_or(now);
    Ok(dispatch::lost(unsent, flow, app.queues.batches_waiting().await?, repaired_at, now))
}
