//! Dispatch: what is due is looked at and moved on. The steps of `functions/dispatch/src/{due,advance,limit,unsent}.rs`
//! in the same order, over the same domain.

use domain::account::Account;
use domain::campaign::{Audience, Campaign, Command, Kind, PauseReason, Status};
use domain::flow::{Flow, share};
use domain::release::{self, Run, place};
use domain::tally::Tally;
use domain::territory::Territory;
use jiff::Timestamp;

use crate::engine::{Sim, after_ms};
use crate::rules::Break;
use crate::table::{BatchTally, Failure, Result};
use crate::{closer, folder, starter};

const LOOK_SECONDS_MAX: i64 = 30;
const PROBE_SECONDS: i64 = 15;
const MISSED_SECONDS: i64 = 60;
const FORGOTTEN_SECONDS: i64 = 300;
const TICK_SECONDS: i64 = 60;
const UNDER_WAY_MAX: u32 = 128_000;
const AHEAD_SECONDS: u64 = 10;
const LOOK_SECONDS: i64 = 2;
const LOOK_SECONDS_AT_RATE: i64 = 5;

/// A tick.
pub async fn look_at_all(sim: &Sim) {
    let Ok(due) = sim.due().await else { return };
    for campaign in due {
        let _ = look_at(sim, campaign).await;
    }
    for campaign in sim.folds_due().await.unwrap_or_default() {
        let _ = folder::fold(sim, campaign).await;
    }
}

/// A wake-up: of a campaign, or of its fold.
pub async fn woken(sim: &Sim, number: usize) -> Result<()> {
    look_at(sim, number).await?;
    folder::fold_if_due(sim, number).await
}

pub async fn look_at(sim: &Sim, number: usize) -> Result<()> {
    let now = sim.now();
    let Some(campaign) = sim.campaign(number).await? else { return Ok(()) };
    if campaign.wanted_at().is_none_or(|at| at > now) {
        return Ok(());
    }
    // What webhooks are told leaves with the next write.
    let campaign = Campaign { outbox: Default::default(), ..campaign };
    let moved = match campaign.status {
        Status::Draft => Ok(()),
        Status::Ready => starter::start(sim, number, campaign).await,
        Status::Sending if campaign.audience.is_none() => starter::build(sim, number, campaign).await,
        Status::Sending => advance(sim, number, campaign).await,
        Status::Consolidating => closer::close(sim, number, campaign).await,
        Status::Deleted => closer::purge(sim, number, campaign).await,
        Status::Paused if campaign.pause_reason == Some(PauseReason::CarrierErrors) => {
            probe(sim, number, campaign).await
        }
        Status::Paused | Status::Finished => rest(sim, number, campaign).await,
    };
    match moved {
        Err(Failure::Conflict) => Ok(()),
        moved => moved,
    }
}

pub async fn rest(sim: &Sim, number: usize, campaign: Campaign) -> Result<()> {
    sim.put_campaign(number, Campaign { look_at: None, ..campaign }).await.map(drop)
}

pub async fn look_again(sim: &Sim, number: usize, campaign: Campaign, seconds: i64) -> Result<Campaign> {
    let at = after_ms(sim.now(), seconds * 1_000);
    let written = sim.put_campaign(number, Campaign { look_at: Some(at), ..campaign }).await?;
    if seconds <= TICK_SECONDS {
        sim.wake(number, seconds.max(0) * 1_000).await?;
    }
    Ok(written)
}

pub fn patience_seconds(since: Timestamp, now: Timestamp, longest: i64) -> i64 {
    (now.duration_since(since).as_secs() / 4).clamp(2, longest)
}

pub async fn advance(sim: &Sim, number: usize, mut campaign: Campaign) -> Result<()> {
    let now = sim.now();
    let account = sim.account(sim.account_of(number)).await?;
    let Some(mut audience) = campaign.audience.take() else { return Err(Failure::Unexpected) };
    let flow = sim.flow().await?.0;
    let tallies = open_batches(sim, number, &audience).await?;
    note_done(&mut audience, &tallies);
    // First: of a campaign that has nothing left to send nothing shows whether the carrier is back.
    if is_out(sim, number, &audience).await? {
        return consolidate(sim, number, Campaign { audience: Some(audience), ..campaign }).await;
    }
    if flow.is_down(now) {
        return pause(sim, number, Campaign { audience: Some(audience), ..campaign }).await;
    }
    let window = Window { account: &account, obeyed: campaign.settings.kind == Kind::Marketing, now };
    let unsent = Unsent::find(&audience, &tallies, &window);
    let (limit, look_seconds) = limit(sim, number, &campaign, &flow, unsent.messages, now).await?;
    let lost = lost(sim, &campaign, &unsent, &flow, now).await?;
    let before = released(&audience);
    let mut batches =
        release::release(&mut audience.runs, &mut campaign.pacing, limit, now, |territory| window.is_open(territory));
    let is_held_back = flow.is_open() || released(&audience) - before >= limit;
    batches.extend(&lost);
    batches.sort_unstable();
    batches.dedup();
    let seconds = next_look(&campaign, &audience, &unsent, &window, is_held_back.then_some(look_seconds));
    campaign.audience = Some(audience);
    campaign.repaired_at = match flow.is_open() {
        true => Some(Timestamp::UNIX_EPOCH),
        false if lost.is_empty() => campaign.repaired_at,
        false => Some(now),
    };
    look_again(sim, number, campaign, seconds).await?;
    if batches.is_empty() { Ok(()) } else { sim.release(number, &batches).await }
}

async fn probe(sim: &Sim, number: usize, campaign: Campaign) -> Result<()> {
    let now = sim.now();
    let flow = sim.flow().await?.0;
    if !flow.is_open() {
        let Ok(resumed) = campaign.apply(Command::Resume, now) else { return Ok(()) };
        let resumed = sim.put_campaign(number, resumed).await?;
        return Box::pin(advance(sim, number, resumed)).await;
    }
    let mut campaign = campaign;
    let Some(mut audience) = campaign.audience.take() else { return rest(sim, number, campaign).await };
    let tallies = open_batches(sim, number, &audience).await?;
    note_done(&mut audience, &tallies);
    if is_out(sim, number, &audience).await? {
        let Ok(resumed) = (Campaign { audience: Some(audience), ..campaign }).apply(Command::Resume, now) else {
            return Ok(());
        };
        let resumed = sim.put_campaign(number, resumed).await?;
        return consolidate(sim, number, resumed).await;
    }
    let account = sim.account(sim.account_of(number)).await?;
    let window = Window { account: &account, obeyed: campaign.settings.kind == Kind::Marketing, now };
    let unsent = Unsent::find(&audience, &tallies, &window);
    let mut batches = probes(&unsent, &flow, now);
    // Whatever was released is used up: somebody has to show whether the carrier is back.
    let is_due = flow.probe_at.is_none_or(|at| at <= now);
    if is_due && unsent.messages == 0 && !sim.is_broken(Break::NothingProbes) {
        sim.world().truth.limit_is(number, campaign.version, 1);
        let pacing = &mut campaign.pacing;
        batches.extend(release::release(&mut audience.runs, pacing, 1, now, |territory| window.is_open(territory)));
    }
    campaign.audience = Some(audience);
    look_again(sim, number, campaign, PROBE_SECONDS).await?;
    if batches.is_empty() { Ok(()) } else { sim.release(number, &batches).await }
}

async fn pause(sim: &Sim, number: usize, campaign: Campaign) -> Result<()> {
    let Ok(paused) = campaign.apply(Command::Pause(PauseReason::CarrierErrors), sim.now()) else { return Ok(()) };
    let paused = sim.put_campaign(number, paused).await?;
    look_again(sim, number, paused, PROBE_SECONDS).await.map(drop)
}

/// Nothing is left to send. The index may lag behind the table, which is why the table is asked at the end.
async fn is_out(sim: &Sim, number: usize, audience: &Audience) -> Result<bool> {
    Ok(audience.runs.iter().all(Run::is_done) && sim.exact(number).await?.tally.to_send == 0)
}

async fn open_batches(sim: &Sim, number: usize, audience: &Audience) -> Result<Vec<BatchTally>> {
    let mut tallies = Vec::new();
    for run in audience.runs.iter().filter(|run| !run.open_batches().is_empty()) {
        tallies.extend(sim.tallies(number, run.open_batches()).await?);
    }
    Ok(tallies)
}

fn note_done(audience: &mut Audience, tallies: &[BatchTally]) {
    for run in &mut audience.runs {
        let is_done = |number: u32| tallies.iter().any(|one| one.number == number && one.tally.to_send == 0);
        while is_done(run.first_batch + run.done_batches) && !run.is_done() {
            run.done_batches += 1;
        }
    }
}

async fn consolidate(sim: &Sim, number: usize, campaign: Campaign) -> Result<()> {
    let Ok(next) = campaign.apply(Command::Consolidate, sim.now()) else { return Ok(()) };
    let next = sim.put_campaign(number, next).await?;
    sim.forget_demand(number).await?;
    closer::close(sim, number, next).await
}

struct Window<'a> {
    account: &'a Account,
    obeyed: bool,
    now: Timestamp,
}

impl Window<'_> {
    fn is_open(&self, territory: Territory) -> bool {
        !self.obeyed || self.account.is_open(self.now, territory)
    }

    fn next_opening(&self, territory: Territory) -> Timestamp {
        if self.obeyed { self.account.next_opening(self.now, territory) } else { self.now }
    }
}

pub fn released(audience: &Audience) -> u32 {
    audience.runs.iter().map(|run| run.released).sum()
}

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
    let held_back = held_back.unwrap_or(i64::MAX);
    let lapse = unsent.lease_until.map_or(i64::MAX, |until| until.duration_since(now).as_secs() + 1).max(1);
    let patience = patience_seconds(campaign.started_at.unwrap_or(now), now, LOOK_SECONDS_MAX).min(lapse);
    match opening {
        Some(at) if at > now && !unsent.is_moving() => at.duration_since(now).as_secs().clamp(1, 3_600),
        Some(at) if at <= now => campaign.pacing.interval_seconds().min(held_back).min(lapse),
        Some(_) | None => patience.min(held_back),
    }
}

async fn lost(sim: &Sim, campaign: &Campaign, unsent: &Unsent, flow: &Flow, now: Timestamp) -> Result<Vec<u32>> {
    if flow.is_open() {
        return Ok(probes(unsent, flow, now));
    }
    let mut lost = unsent.lapsed.clone();
    if unsent.idle.is_empty() {
        return Ok(lost);
    }
    let last = campaign.repaired_at.or(campaign.started_at).unwrap_or(now);
    let waited = now.duration_since(last).as_secs();
    let is_lost = match sim.batches_waiting().await? {
        _ if waited >= FORGOTTEN_SECONDS => true,
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

fn probes(unsent: &Unsent, flow: &Flow, now: Timestamp) -> Vec<u32> {
    let is_due = flow.probe_at.is_none_or(|at| at <= now);
    unsent.lapsed.iter().chain(&unsent.idle).copied().take(usize::from(is_due)).collect()
}

/// How many messages more may be released, and after how many seconds there may be room for more.
async fn limit(
    sim: &Sim,
    number: usize,
    campaign: &Campaign,
    flow: &Flow,
    under_way: u32,
    now: Timestamp,
) -> Result<(u32, i64)> {
    if flow.is_open() {
        let probe = flow.probe_at.map_or(0, |at| at.duration_since(now).as_secs() + 1);
        sim.world().truth.limit_is(number, campaign.version, 1);
        return Ok((u32::from(under_way == 0), probe.clamp(2, 30)));
    }
    let contract = sim.world().contract();
    let Some(rate) = flow.rate(&contract) else {
        sim.world().truth.limit_is(number, campaign.version, UNDER_WAY_MAX);
        return Ok((UNDER_WAY_MAX.saturating_sub(under_way), LOOK_SECONDS));
    };
    let most = campaign.pacing.per_hour.map(|per_hour| u64::from(per_hour) * 1_000 / 3_600);
    let (demands, place) = sim.demand(number, most).await?;
    let ahead = share(rate, &demands, place).saturating_mul(AHEAD_SECONDS).div_ceil(1_000).max(1);
    let messages = u32::try_from(ahead).unwrap_or(u32::MAX);
    sim.world().truth.limit_is(number, campaign.version, messages);
    Ok((messages.saturating_sub(under_way), LOOK_SECONDS_AT_RATE))
}

/// What was released and not sent yet.
#[derive(Default)]
struct Unsent {
    messages: u32,
    idle: Vec<u32>,
    lapsed: Vec<u32>,
    lease_until: Option<Timestamp>,
    opening: Option<Timestamp>,
}

impl Unsent {
    fn find(audience: &Audience, tallies: &[BatchTally], window: &Window<'_>) -> Self {
        let mut unsent = Self::default();
        let earlier = |a: Option<Timestamp>, b: Timestamp| Some(a.map_or(b, |a| a.min(b)));
        for number in audience.runs.iter().flat_map(Run::open_batches) {
            let Some(place) = place(&audience.runs, number) else { continue };
            let shown = tallies.iter().find(|batch| batch.number == number).cloned();
            // A batch that the index does not show yet is still to be sent.
            let batch = shown.unwrap_or_else(|| BatchTally {
                number,
                tally: Tally { recipients: place.recipients, to_send: place.recipients, ..Tally::default() },
                lease_until: Timestamp::UNIX_EPOCH,
            });
            let sent = batch.tally.recipients - batch.tally.to_send;
            if place.released <= sent {
                continue;
            }
            if batch.lease_until > window.now {
                unsent.lease_until = earlier(unsent.lease_until, batch.lease_until);
            } else if !window.is_open(place.territory) {
                unsent.opening = earlier(unsent.opening, window.next_opening(place.territory));
                continue;
            } else if batch.lease_until > Timestamp::UNIX_EPOCH {
                unsent.lapsed.push(batch.number);
            } else {
                unsent.idle.push(batch.number);
            }
            unsent.messages += place.released - sent;
        }
        unsent
    }

    fn is_moving(&self) -> bool {
        self.lease_until.is_some() || !self.idle.is_empty() || !self.lapsed.is_empty()
    }
}

impl Sim {
    pub fn account_of(&self, number: usize) -> usize {
        self.world().plan.campaigns[number].account
    }
}
