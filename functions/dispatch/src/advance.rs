//! Moves a sending campaign on: releases what pace and window allow, repairs what was lost, sees when all is out.

use shared::domain::account::Account;
use shared::domain::campaign::{Audience, Campaign, Command, Kind};
use shared::domain::release::{self, Run, place};
use shared::domain::territory::Territory;
use shared::queue::BatchHint;
use shared::runtime::Metric;
use shared::store::BatchTally;
use tracing::info;

use crate::due::{look_again, patience_seconds};
use crate::{App, Error, close, fold};

/// Between two ticks.
const TICK_SECONDS: i64 = 60;
/// The longest pause between two looks at a campaign that may be done at any moment.
const LOOK_SECONDS_MAX: i64 = 30;
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
    let window = Window { account: &account, obeyed: campaign.settings.kind == Kind::Marketing, now };
    let unsent = Unsent::find(&audience, &tallies, &window);
    let lost = lost(app, &campaign, &unsent).await?;
    let mut batches = release::release(&mut audience.runs, &mut campaign.pacing, now, |t| window.is_open(t));
    batches.extend(&lost);
    batches.sort_unstable();
    batches.dedup();
    let seconds = next_look(&campaign, &audience, &unsent, &window);
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
        let (released, again) = (hints.len() as f64, lost.len() as f64);
        app.measure(&[(Metric::BatchesReleased, released), (Metric::BatchesReleasedAgain, again)]);
    }
    fold::refresh(app, &campaign, &tallies).await
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

/// What was released and not sent yet.
#[derive(Default)]
struct Unsent {
    /// Nobody works on these, and their window is open.
    idle: Vec<u32>,
    /// Somebody did and never came back.
    lapsed: Vec<u32>,
    /// When the first lease of those at work ends.
    lease_until: Option<jiff::Timestamp>,
    /// When the first window opens that others wait for.
    opening: Option<jiff::Timestamp>,
}

impl Unsent {
    fn find(audience: &Audience, tallies: &[BatchTally], window: &Window<'_>) -> Self {
        let mut unsent = Self::default();
        let nobody = jiff::Timestamp::UNIX_EPOCH;
        for batch in tallies {
            let Some(place) = place(&audience.runs, batch.number) else { continue };
            if place.released <= batch.tally.recipients - batch.tally.to_send {
                continue;
            }
            if batch.lease_until > window.now {
                unsent.lease_until = earlier(unsent.lease_until, batch.lease_until);
            } else if !window.is_open(place.territory) {
                unsent.opening = earlier(unsent.opening, window.next_opening(place.territory));
            } else if batch.lease_until > nobody {
                unsent.lapsed.push(batch.number);
            } else {
                unsent.idle.push(batch.number);
            }
        }
        unsent
    }

    /// Something may still happen to what was released, without a window opening first.
    fn is_moving(&self) -> bool {
        self.lease_until.is_some() || !self.idle.is_empty() || !self.lapsed.is_empty()
    }
}

fn earlier(a: Option<jiff::Timestamp>, b: jiff::Timestamp) -> Option<jiff::Timestamp> {
    Some(a.map_or(b, |a| a.min(b)))
}

/// Seconds until the campaign needs a look.
fn next_look(campaign: &Campaign, audience: &Audience, unsent: &Unsent, window: &Window<'_>) -> i64 {
    let now = window.now;
    let waiting = audience.runs.iter().filter(|run: &&Run| run.released < run.recipients);
    let opening = waiting.map(|run| window.next_opening(run.territory)).chain(unsent.opening).min();
    // A batch whose lease lapses is taken up again at once.
    let lapse = unsent.lease_until.map_or(i64::MAX, |until| until.duration_since(now).as_secs() + 1);
    let patience = patience_seconds(campaign.started_at.unwrap_or(now), now, LOOK_SECONDS_MAX).min(lapse.max(1));
    match opening {
        // Nothing can happen before a window opens.
        Some(at) if at > now && !unsent.is_moving() => at.duration_since(now).as_secs().max(1),
        // The pace goes on with the next tick.
        Some(at) if at <= now => TICK_SECONDS.min(lapse.max(1)),
        Some(_) | None => patience,
    }
}

/// Batches that stopped: their lease lapsed, or the queue has forgotten them.
async fn lost(app: &App, campaign: &Campaign, unsent: &Unsent) -> Result<Vec<u32>, Error> {
    let mut lost = unsent.lapsed.clone();
    if unsent.idle.is_empty() {
        return Ok(lost);
    }
    let now = app.clock.now();
    let last = campaign.repaired_at.or(campaign.started_at).unwrap_or(now);
    let forgotten = now.duration_since(last).as_secs() >= FORGOTTEN_SECONDS;
    if forgotten || app.queues.batches_waiting().await? == Some(0) {
        lost.extend(&unsent.idle);
    }
    Ok(lost)
}
