//! Dispatch: checks campaigns that are due. Follows `functions/dispatch/src/{due,advance,limit,schedule}.rs` in the
//! same order, over the same domain.

use domain::campaign::{Audience, Campaign, Command, PauseReason, Status};
use domain::dispatch::{
    self, Limit, OpenBatch, Sending, Step, UNDER_WAY_MAX, Unsent, limit_at_rate, limit_while_open, limit_without_rate,
};
use domain::flow::{Flow, share};
use domain::legal_window::LegalWindow;
use domain::release::{self, Run};
use jiff::Timestamp;

use crate::engine::{Sim, after_ms};
use crate::rules::Break;
use crate::table::{BatchTally, Result, TableError};
use crate::{closer, folder, starter};

const PROBE_SECONDS: i64 = 15;
const TICK_SECONDS: i64 = 60;

/// A tick.
pub async fn run_due(sim: &Sim) {
    let Ok(due) = sim.due().await else { return };
    for campaign in due {
        let _ = next_check_at(sim, campaign).await;
    }
    for campaign in sim.folds_due().await.unwrap_or_default() {
        let _ = folder::fold(sim, campaign).await;
    }
}

/// A wake-up for a campaign or its fold.
pub async fn woken(sim: &Sim, number: usize) -> Result<()> {
    next_check_at(sim, number).await?;
    folder::fold_if_due(sim, number).await
}

pub async fn next_check_at(sim: &Sim, number: usize) -> Result<()> {
    let now = sim.now();
    let Some(campaign) = sim.campaign(number).await? else { return Ok(()) };
    if campaign.next_due_at().is_none_or(|at| at > now) {
        return Ok(());
    }
    // Sent announcements leave the outbox with the next write.
    let campaign = Campaign { outbox: Default::default(), ..campaign };
    let moved = match Step::from_campaign(&campaign) {
        Step::Count => Ok(()),
        // The model has no counts: a draft is left alone.
        Step::Unschedule if campaign.status == Status::Draft => Ok(()),
        Step::Unschedule => rest(sim, number, campaign).await,
        Step::Start => starter::start(sim, number, campaign).await,
        Step::Build => starter::build(sim, number, campaign).await,
        Step::Advance(audience) => advance(sim, number, campaign.clone(), audience.clone()).await,
        Step::Probe(audience) => probe(sim, number, campaign.clone(), audience.clone()).await,
        Step::Close => closer::close(sim, number, campaign).await,
        Step::Purge => closer::purge(sim, number, campaign).await,
    };
    match moved {
        Err(TableError::Conflict) => Ok(()),
        moved => moved,
    }
}

pub async fn rest(sim: &Sim, number: usize, campaign: Campaign) -> Result<()> {
    sim.put_campaign(number, Campaign { next_check_at: None, ..campaign }).await.map(drop)
}

pub async fn reschedule(sim: &Sim, number: usize, campaign: Campaign, seconds: i64) -> Result<Campaign> {
    let at = after_ms(sim.now(), seconds * 1_000);
    let written = sim.put_campaign(number, Campaign { next_check_at: Some(at), ..campaign }).await?;
    if seconds <= TICK_SECONDS {
        sim.wake(number, seconds.max(0) * 1_000).await?;
    }
    Ok(written)
}

pub async fn advance(sim: &Sim, number: usize, mut campaign: Campaign, mut audience: Audience) -> Result<()> {
    let now = sim.now();
    let account = sim.account(sim.account_of(number)).await?;
    let flow = sim.flow().await?.0;
    let shown = open_batches(sim, number, &mut audience).await?;
    // First: a campaign with nothing left to send cannot probe the carrier.
    if is_out(sim, number, &audience).await? {
        return consolidate(sim, number, Campaign { audience: Some(audience), ..campaign }).await;
    }
    if flow.is_down(now) {
        return pause(sim, number, Campaign { audience: Some(audience), ..campaign }).await;
    }
    let window = LegalWindow::new(&account, campaign.settings.kind, now);
    let unsent = Unsent::find(&audience.runs, &shown, &window);
    let Limit { messages, check_seconds } = limit(sim, number, &campaign, &flow, unsent.messages, now).await?;
    let lost = lost(sim, &campaign, &unsent, &flow, now).await?;
    let before = audience.released();
    let mut batches = release::release(&mut audience.runs, &mut campaign.pacing, messages, now, |territory| {
        window.is_open(territory)
    });
    let is_held_back = flow.is_open() || audience.released() - before >= messages;
    batches.extend(&lost);
    batches.sort_unstable();
    batches.dedup();
    let sending = Sending {
        started_at: campaign.started_at,
        pacing: campaign.pacing,
        runs: &audience.runs,
        unsent: &unsent,
        window,
        held_back_seconds: is_held_back.then_some(check_seconds),
    };
    let seconds = sending.next_check_seconds();
    campaign.audience = Some(audience);
    campaign.repaired_at = match flow.is_open() {
        true => Some(Timestamp::UNIX_EPOCH),
        false if lost.is_empty() => campaign.repaired_at,
        false => Some(now),
    };
    reschedule(sim, number, campaign, seconds).await?;
    if batches.is_empty() { Ok(()) } else { sim.release(number, &batches).await }
}

async fn probe(sim: &Sim, number: usize, mut campaign: Campaign, mut audience: Audience) -> Result<()> {
    let now = sim.now();
    let flow = sim.flow().await?.0;
    if !flow.is_open() {
        let Ok(resumed) = campaign.apply(Command::Resume, now) else { return Ok(()) };
        let resumed = sim.put_campaign(number, resumed).await?;
        return Box::pin(advance(sim, number, resumed, audience)).await;
    }
    let shown = open_batches(sim, number, &mut audience).await?;
    if is_out(sim, number, &audience).await? {
        let Ok(resumed) = (Campaign { audience: Some(audience), ..campaign }).apply(Command::Resume, now) else {
            return Ok(());
        };
        let resumed = sim.put_campaign(number, resumed).await?;
        return consolidate(sim, number, resumed).await;
    }
    let account = sim.account(sim.account_of(number)).await?;
    let window = LegalWindow::new(&account, campaign.settings.kind, now);
    let unsent = Unsent::find(&audience.runs, &shown, &window);
    let mut batches = dispatch::probes(&unsent, &flow, now);
    // All released messages are used up: one more is released to probe the carrier.
    if flow.is_probe_due(now) && unsent.messages == 0 && !sim.is_broken(Break::NothingProbes) {
        sim.model().truth.limit_is(number, campaign.version, 1);
        let pacing = &mut campaign.pacing;
        batches.extend(release::release(&mut audience.runs, pacing, 1, now, |territory| window.is_open(territory)));
    }
    campaign.audience = Some(audience);
    reschedule(sim, number, campaign, PROBE_SECONDS).await?;
    if batches.is_empty() { Ok(()) } else { sim.release(number, &batches).await }
}

async fn pause(sim: &Sim, number: usize, campaign: Campaign) -> Result<()> {
    let Ok(paused) = campaign.apply(Command::Pause(PauseReason::CarrierErrors), sim.now()) else { return Ok(()) };
    let paused = sim.put_campaign(number, paused).await?;
    reschedule(sim, number, paused, PROBE_SECONDS).await.map(drop)
}

/// Whether nothing is left to send. The index may lag behind the table, so the table is read at the end.
async fn is_out(sim: &Sim, number: usize, audience: &Audience) -> Result<bool> {
    Ok(audience.runs.iter().all(Run::is_done) && sim.exact(number).await?.tally.to_send == 0)
}

async fn open_batches(sim: &Sim, number: usize, audience: &mut Audience) -> Result<Vec<OpenBatch>> {
    let mut tallies = Vec::new();
    for run in audience.runs.iter().filter(|run| !run.open_batches().is_empty()) {
        tallies.extend(sim.tallies(number, run.open_batches()).await?);
    }
    let is_done = |number: u32| tallies.iter().any(|one| one.number == number && one.tally.to_send == 0);
    release::note_done(&mut audience.runs, is_done);
    let open = |one: BatchTally| OpenBatch {
        number: one.number,
        sent: one.tally.recipients - one.tally.to_send,
        lease_until: one.lease_until,
    };
    Ok(tallies.into_iter().map(open).collect())
}

async fn consolidate(sim: &Sim, number: usize, campaign: Campaign) -> Result<()> {
    let Ok(next) = campaign.apply(Command::Consolidate, sim.now()) else { return Ok(()) };
    let next = sim.put_campaign(number, next).await?;
    sim.forget_demand(number).await?;
    closer::close(sim, number, next).await
}

async fn lost(sim: &Sim, campaign: &Campaign, unsent: &Unsent, flow: &Flow, now: Timestamp) -> Result<Vec<u32>> {
    if flow.is_open() {
        return Ok(dispatch::probes(unsent, flow, now));
    }
    if unsent.idle.is_empty() {
        return Ok(unsent.lapsed.clone());
    }
    let repaired_at = campaign.repaired_at.or(campaign.started_at).unwrap_or(now);
    Ok(dispatch::lost(unsent, flow, sim.batches_waiting().await?, repaired_at, now))
}

/// How many more messages may be released; records how many may be under way in all.
async fn limit(
    sim: &Sim,
    number: usize,
    campaign: &Campaign,
    flow: &Flow,
    under_way: u32,
    now: Timestamp,
) -> Result<Limit> {
    if flow.is_open() {
        sim.model().truth.limit_is(number, campaign.version, 1);
        return Ok(limit_while_open(flow, under_way, now));
    }
    let contract = sim.model().contract();
    let Some(rate) = flow.rate(&contract) else {
        sim.model().truth.limit_is(number, campaign.version, UNDER_WAY_MAX);
        return Ok(limit_without_rate(under_way));
    };
    let most = campaign.pacing.per_hour.map(|per_hour| u64::from(per_hour) * 1_000 / 3_600);
    let (demands, own) = sim.demand(number, most).await?;
    let share = share(rate, &demands, own);
    sim.model().truth.limit_is(number, campaign.version, limit_at_rate(share, 0).messages);
    Ok(limit_at_rate(share, under_way))
}

impl Sim {
    pub fn account_of(&self, number: usize) -> usize {
        self.model().plan.campaigns[number].account
    }
}
