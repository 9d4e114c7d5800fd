//! Sends one batch, as far as it is released.

use std::time::Duration;

use jiff::SignedDuration;
use shared::carrier::Submission;
use shared::domain::account::Account;
use shared::domain::campaign::{Campaign, Command, Kind, PauseReason, Status};
use shared::domain::ids::CampaignId;
use shared::domain::ledger::Minute;
use shared::domain::release::{Place, place};
use shared::queue::BatchHint;
use shared::runtime::Metric;
use shared::runtime::telemetry::chain;
use shared::store::{self, AccountStore, Batch};
use tracing::{info, warn};

use crate::figures::Figures;
use crate::prepare::{self, Outgoing};
use crate::record::{self, Recorded};
use crate::{App, Error};

/// How long a batch belongs to whoever took it.
pub const LEASE: SignedDuration = SignedDuration::from_secs(45);
/// No call to the carrier begins later than this after the lease was taken: the call has a time-out of its own, and
/// its answers must be recorded before the lease lapses.
const LAST_CALL: SignedDuration = SignedDuration::from_secs(15);
/// Failures of the carrier in a row after which the campaign is paused.
const FAILURES_MAX: u32 = 5;
/// What the carrier put off comes back after so long, doubled with each failure.
const RETRY_SECONDS: u32 = 2;
const RETRY_SECONDS_MAX: u32 = 60;

/// Sends what is released of a batch. Nothing to do, or somebody else at work, is success.
pub async fn send(app: &App, hint: BatchHint) -> Result<(), Error> {
    let store = app.store.account(&hint.account);
    let Some(campaign) = store.campaign(&hint.campaign).await? else { return Ok(()) };
    let Some(place) = released_place(&campaign, &hint)? else { return Ok(()) };
    let Some(account) = store.account().await? else { return Ok(()) };
    let taken_at = app.clock.now();
    if campaign.settings.kind == Kind::Marketing && !account.is_open(taken_at, place.territory) {
        // Dispatch releases it again when the window opens.
        return Ok(());
    }
    let Some(mut batch) = store.lease_batch(&hint.campaign, hint.batch, taken_at, taken_at + LEASE).await? else {
        return Ok(());
    };
    let outgoing = prepare::prepare(app, &account, &campaign, &place, &mut batch).await?;
    let mut work = Work { app, store: &store, campaign: &campaign, retry: None, figures: Figures::default() };
    let sent = work.hand_over_all(&mut batch, &outgoing, taken_at, (&account, &place)).await;
    work.figures.write(app);
    sent?;
    batch.lease_until = jiff::Timestamp::UNIX_EPOCH;
    record::save(&store, &hint.campaign, &mut batch).await?;
    work.end(&batch, hint).await
}

/// Where a batch lies, if its campaign is sending and some of it is released.
fn released_place(campaign: &Campaign, hint: &BatchHint) -> Result<Option<Place>, Error> {
    let (Status::Sending, Some(audience)) = (campaign.status, &campaign.audience) else { return Ok(None) };
    let place = place(&audience.runs, hint.batch).ok_or_else(|| Error::Unexpected {
        campaign: campaign.id.clone(),
        batch: hint.batch,
        cause: "no such batch".into(),
    })?;
    Ok((place.released > 0).then_some(place))
}

/// A batch at work.
struct Work<'a> {
    app: &'a App,
    store: &'a AccountStore,
    campaign: &'a Campaign,
    /// Seconds after which something of the batch has to be tried again.
    retry: Option<u32>,
    figures: Figures,
}

impl Work<'_> {
    fn retry_after(&mut self, seconds: u32) {
        self.retry = Some(self.retry.map_or(seconds, |before| before.max(seconds)));
    }

    /// Call after call, as long as the lease allows and the campaign goes on.
    async fn hand_over_all(
        &mut self,
        batch: &mut Batch,
        outgoing: &[Outgoing],
        taken_at: jiff::Timestamp,
        (account, place): (&Account, &Place),
    ) -> Result<(), Error> {
        let mut rest = outgoing;
        while !rest.is_empty() {
            let (now, more) = rest.split_at(rest.len().min(self.app.carrier.window()));
            let is_later_call = rest.len() < outgoing.len();
            if self.app.clock.now() > taken_at + LAST_CALL || !self.goes_on(is_later_call, account, place).await? {
                self.retry_after(0);
                break;
            }
            self.hand_over(batch, now).await?;
            rest = more;
        }
        Ok(())
    }

    /// Between two calls of one batch: still sending, window still open? A whole batch in one call needs no look.
    async fn goes_on(&self, is_later_call: bool, account: &Account, place: &Place) -> Result<bool, Error> {
        if !is_later_call {
            return Ok(true);
        }
        let sending = self.store.campaign(&self.campaign.id).await?.is_some_and(|now| now.status == Status::Sending);
        let open = self.campaign.settings.kind == Kind::Alert || account.is_open(self.app.clock.now(), place.territory);
        Ok(sending && open)
    }

    /// One call to the carrier: marks, hands over, records.
    async fn hand_over(&mut self, batch: &mut Batch, outgoing: &[Outgoing]) -> Result<(), Error> {
        // Marked before the carrier hears of them: after a crash in between, whoever comes next knows that the
        // carrier may have these messages.
        record::mark_submitting(batch, outgoing);
        record::save(self.store, &self.campaign.id, batch).await?;
        let submissions: Vec<_> = outgoing.iter().map(Outgoing::submission).collect::<Vec<Submission<'_>>>();
        let called_at = self.app.clock.now();
        let report = self.app.carrier.submit(&submissions).await;
        let answered_at = self.app.clock.now();
        self.figures.add(&report, answered_at.duration_since(called_at));
        let at = Minute::of(answered_at);
        let Recorded { put_off, in_doubt } =
            record::answers(batch, outgoing, &report.answers, self.app.carrier.deduplicates(), at);
        match &report.trouble {
            Some(trouble) if trouble.is_failure() => {
                batch.failures += 1;
                warn!(campaign.id = %self.campaign.id, batch = batch.number, failures = batch.failures,
                    error.chain = chain(trouble), "the carrier failed");
            }
            Some(_) | None => batch.failures = 0,
        }
        if put_off + in_doubt > 0 {
            let asked = report.trouble.as_ref().and_then(|trouble| trouble.retry_after()).map(|wait| wait.as_secs());
            let doubled = RETRY_SECONDS.saturating_mul(1 << batch.failures.min(5)).min(RETRY_SECONDS_MAX);
            self.retry_after(asked.map_or(doubled, |seconds| u32::try_from(seconds).unwrap_or(doubled)));
        }
        info!(campaign.id = %self.campaign.id, batch = batch.number, messages = outgoing.len(), put_off, in_doubt,
            "messages handed over");
        Ok(())
    }

    /// After the batch was recorded and its lease given up: comes back for the rest, or pauses the campaign.
    async fn end(&self, batch: &Batch, hint: BatchHint) -> Result<(), Error> {
        if batch.failures > 0 && batch.failures.is_multiple_of(FAILURES_MAX) {
            return pause(self.app, self.store, &self.campaign.id).await;
        }
        if let Some(seconds) = self.retry {
            self.app.queues.release(&hint.account.clone(), &[hint], seconds).await?;
        }
        Ok(())
    }
}

/// Pauses a campaign whose carrier fails again and again. Whoever changed it meanwhile knows better.
async fn pause(app: &App, store: &AccountStore, id: &CampaignId) -> Result<(), Error> {
    let now = app.clock.now();
    let Some(campaign) = store.campaign(id).await? else { return Ok(()) };
    let Ok(paused) = campaign.apply(Command::Pause(PauseReason::CarrierErrors), now) else { return Ok(()) };
    match store.put_campaign(paused).await {
        Ok(_) => {
            warn!(campaign.id = %id, "campaign paused: the carrier fails again and again");
            app.metrics.write(now, &[(Metric::CampaignsPausedByCarrier, 1.0)]);
        }
        Err(store::Error::Conflict { .. }) => (),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// The longest that one call to the carrier may take within a lease.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(20);
const _: () = assert!(LAST_CALL.as_secs() + CALL_TIMEOUT.as_secs() as i64 + 10 <= LEASE.as_secs());
