//! The calls to the carrier that one batch takes.

use aws::store::{AccountStore, Batch};
use carrier::{Answer, Submission, SubmitReport};
use domain::account::Account;
use domain::campaign::Campaign;
use domain::flow::Grant;
use domain::hand_over;
use domain::release::Place;
use jiff::{SignedDuration, Timestamp};
use support::telemetry::chain;
use tracing::{info, warn};

use crate::batch::{CALL_TIMEOUT, LEASE, is_open, may_send, minute};
use crate::figures::Figures;
use crate::prepare::{self, Outgoing};
use crate::record;
use crate::{App, Error};

/// No call begins later than this after the first; what is left comes back.
const LAST_CALL: SignedDuration = SignedDuration::from_secs(75);
/// The function's time-out in the template, in seconds.
const FUNCTION_SECONDS: i64 = 120;
const _: () = assert!(LAST_CALL.as_secs() + CALL_TIMEOUT.as_secs() as i64 + 15 <= FUNCTION_SECONDS);
/// So long at most is waited for the carrier with the batch in hand; for longer, the queue waits.
pub const WAIT: SignedDuration = SignedDuration::from_secs(3);

/// A batch at work.
pub struct Work<'a> {
    pub app: &'a App,
    pub store: &'a AccountStore,
    pub campaign: &'a Campaign,
    pub account: &'a Account,
    pub place: &'a Place,
    pub figures: Figures,
}

/// Whether the next call can be made.
enum Turn {
    /// So many messages; whether that was waited for.
    Now {
        messages: usize,
        has_waited: bool,
    },
    ComeBack(Timestamp),
    /// The carrier does not answer, the campaign was paused, the window closed: dispatch knows when to go on.
    Stop,
}

/// Begins with any of the messages: of one that asks whether the carrier is back and that it refuses, the next time
/// another is tried.
fn probe_another(left: &mut [Outgoing], now: Timestamp) {
    let offset = now.as_millisecond().rem_euclid(left.len().max(1) as i64);
    left.rotate_left(usize::try_from(offset).unwrap_or_default());
}

impl Work<'_> {
    /// Call after call, as long as the carrier takes them and the campaign goes on. Answers when to come back.
    pub async fn hand_over_all(
        &mut self,
        batch: &mut Batch,
        mut left: Vec<Outgoing>,
    ) -> Result<Option<Timestamp>, Error> {
        let begun_at = self.app.clock.now();
        let (mut calls, mut most, mut waits) = (0, usize::MAX, Vec::new());
        while !left.is_empty() {
            let turn = self.turn(begun_at, left.len().min(most)).await?;
            let (messages, has_waited) = match turn {
                Turn::Now { messages, has_waited } => (messages.min(most), has_waited),
                Turn::ComeBack(at) => return Ok(Some(at)),
                Turn::Stop => return Ok(None),
            };
            // The first call goes out with what was just read, unless it was waited for; time has passed before every
            // other.
            if (calls > 0 || has_waited) && !self.goes_on(batch, &mut left).await? {
                return Ok(None);
            }
            if left.is_empty() {
                break;
            }
            if calls == 0 && messages == 1 {
                probe_another(&mut left, self.app.clock.now());
            }
            calls += 1;
            let rest = left.split_off(messages.min(left.len()));
            let Some(report) = self.call(batch, &left).await? else { return Ok(None) };
            if report.trouble.as_ref().is_some_and(|trouble| trouble.is_about_messages()) {
                // One of them is at fault, or they are too many: halves show which.
                most = self.smaller(batch, &left).await?;
                left.extend(rest);
                left.retain(|message| batch.is_to_send(message.place));
                continue;
            }
            most = most.saturating_mul(2);
            waits.extend(left.drain(..).filter(|message| batch.is_to_send(message.place)));
            left = rest;
        }
        if waits.is_empty() {
            return Ok(None);
        }
        let wanted = u32::try_from(waits.len()).unwrap_or(u32::MAX);
        match self.app.flows.outlook(wanted, &self.campaign.account).await? {
            Grant::Now(_) => Ok(Some(self.app.clock.now() + SignedDuration::from_secs(1))),
            Grant::At(at) => Ok(Some(at)),
            Grant::Open(_) => Ok(None),
        }
    }

    /// Asks the carrier's flow for the next call; waits a little for it where the clock moves by itself.
    async fn turn(&self, begun_at: Timestamp, wanted: usize) -> Result<Turn, Error> {
        let mut has_waited = false;
        loop {
            let now = self.app.clock.now();
            if now > begun_at + LAST_CALL {
                return Ok(Turn::ComeBack(now));
            }
            match self.app.flows.grant(u32::try_from(wanted).unwrap_or(u32::MAX), &self.campaign.account).await? {
                Grant::Now(messages) => return Ok(Turn::Now { messages: messages as usize, has_waited }),
                Grant::Open(_) => return Ok(Turn::Stop),
                // An account cannot take its turn while others that wait for the rate hold every session.
                Grant::At(at) if self.app.flows.is_needed_elsewhere(&self.campaign.account).await? => {
                    return Ok(Turn::ComeBack(at + WAIT));
                }
                Grant::At(at) => {
                    let wait = at.duration_since(now);
                    let short = (wait <= WAIT).then(|| wait.unsigned_abs());
                    match short {
                        Some(short) if self.app.clock.wait(short).await => has_waited = true,
                        Some(_) | None => return Ok(Turn::ComeBack(at)),
                    }
                }
            }
        }
    }

    /// Between two calls of one batch: still sending, window still open? Who was excluded meanwhile is left out.
    async fn goes_on(&self, batch: &mut Batch, left: &mut Vec<Outgoing>) -> Result<bool, Error> {
        let now = self.app.clock.now();
        let fresh = self.store.campaign(&self.campaign.id).await?;
        if !fresh.is_some_and(|campaign| may_send(&campaign)) || !is_open(self.campaign, self.account, self.place, now)
        {
            return Ok(false);
        }
        prepare::leave_out_excluded(self.app, self.campaign, batch, left).await?;
        Ok(true)
    }

    /// One call to the carrier: marks, hands over, lays the answers over the ledger. The next write, or the last of
    /// the batch, brings them to the table. `None` where it must not begin: whoever was held up since it looked finds
    /// the window closed, or its lease lapsed.
    async fn call(&mut self, batch: &mut Batch, outgoing: &[Outgoing]) -> Result<Option<SubmitReport>, Error> {
        // Marked before the carrier hears of them: after a crash in between, whoever comes next knows that the
        // carrier may have these messages.
        record::mark_submitting(batch, outgoing);
        batch.lease_until = self.app.clock.now() + LEASE;
        record::save(self.store, &self.campaign.id, batch).await?;
        let called_at = self.app.clock.now();
        if called_at >= batch.lease_until || !is_open(self.campaign, self.account, self.place, called_at) {
            let none = vec![Answer::Throttled; outgoing.len()];
            record::answers(batch, outgoing, &none, self.app.carrier.deduplicates(), minute(self.app));
            return Ok(None);
        }
        let submissions: Vec<_> = outgoing.iter().map(Outgoing::submission).collect::<Vec<Submission<'_>>>();
        let report = self.app.carrier.submit(&submissions).await;
        self.figures.add(&report, self.app.clock.now().duration_since(called_at));
        record::answers(batch, outgoing, &report.answers, self.app.carrier.deduplicates(), minute(self.app));
        if let Some(call) = report.call() {
            self.app.flows.learn(call, called_at).await;
        }
        if let Some(trouble) = &report.trouble {
            warn!(account.id = %self.campaign.account, campaign.id = %self.campaign.id, batch = batch.number,
                error.chain = chain(trouble), "a call to the carrier did not go well");
        }
        let count = |wanted: fn(&Answer) -> bool| report.answers.iter().filter(|answer| wanted(answer)).count();
        let (put_off, in_doubt) =
            (count(|answer| *answer == Answer::Throttled), count(|answer| *answer == Answer::Unknown));
        info!(account.id = %self.campaign.account, campaign.id = %self.campaign.id, batch = batch.number,
            messages = outgoing.len(), put_off, in_doubt, "messages handed over");
        Ok(Some(report))
    }

    /// Most messages of the next call, after one that the carrier found fault with. A message that is alone in it is
    /// the one at fault, unless the carrier refuses one after another.
    async fn smaller(&self, batch: &mut Batch, refused: &[Outgoing]) -> Result<usize, Error> {
        let left = batch.ledger.records().iter().filter(|record| record.state.outcome().is_to_send()).count();
        if let [only] = refused
            && let Some(record) = batch.ledger.records_mut().get_mut(only.place)
            && self.app.flows.now().await?.refuses_for_good(left, self.app.clock.now())
        {
            *record = hand_over::refused(*record, minute(self.app));
        }
        Ok((refused.len() / 2).max(1))
    }
}
