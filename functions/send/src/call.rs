//! The calls to the carrier for one batch.

use std::time::Duration;

use aws::store::{AccountStore, Batch};
use carrier::{Answer, Submission, SubmitReport};
use domain::flow::Grant;
use domain::hand_over;
use domain::send::{LAST_CALL, Turn, may_send, try_again_at};
use jiff::{SignedDuration, Timestamp};
use support::telemetry::chain;
use tracing::{info, warn};

use crate::figures::Figures;
use crate::prepare::{self, Outgoing};
use crate::ready::Ready;
use crate::record;
use crate::{App, Error};

/// Lease of a batch; every write renews it.
pub const LEASE: SignedDuration = SignedDuration::from_secs(45);
/// Longest duration of one call to the carrier.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(20);
// A call begins right after a write; its answers are recorded before the lease expires.
const _: () = assert!(CALL_TIMEOUT.as_secs() as i64 + 15 <= LEASE.as_secs());
/// The function's time-out in the template, in seconds.
const FUNCTION_SECONDS: i64 = 120;
const _: () = assert!(LAST_CALL.as_secs() + CALL_TIMEOUT.as_secs() as i64 + 15 <= FUNCTION_SECONDS);

/// A leased batch and its state.
pub struct Work<'a> {
    pub app: &'a App,
    pub store: &'a AccountStore,
    pub ready: &'a Ready,
    pub figures: Figures,
}

/// Whether there is a next call.
enum NextCall {
    /// A call of at most this many messages; `has_waited` if it was waited for.
    Allowed { messages: usize, has_waited: bool },
    /// Not now: when to continue, or `None` if dispatch decides.
    Not(Option<Timestamp>),
}

/// Rotates the messages, so that a probe begins with a random one: if the carrier rejects it, the next probe uses
/// another.
fn probe_another(left: &mut [Outgoing], now: Timestamp) {
    let offset = now.as_millisecond().rem_euclid(left.len().max(1) as i64);
    left.rotate_left(usize::try_from(offset).unwrap_or_default());
}

impl Work<'_> {
    /// Makes calls while the carrier accepts them and the campaign goes on. Returns when to continue.
    pub async fn hand_over_all(
        &mut self,
        batch: &mut Batch,
        mut left: Vec<Outgoing>,
    ) -> Result<Option<Timestamp>, Error> {
        let begun_at = self.app.clock.now();
        let (mut calls, mut most, mut waits) = (0, usize::MAX, Vec::new());
        while !left.is_empty() {
            let (messages, has_waited) = match self.next_call(begun_at, left.len().min(most)).await? {
                NextCall::Allowed { messages, has_waited } => (messages.min(most), has_waited),
                NextCall::Not(come_back_at) => return Ok(come_back_at),
            };
            // The first call uses what was just read, unless it waited; before every other call time has passed.
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
            if report.error.as_ref().is_some_and(|error| error.is_about_messages()) {
                // One of them is the cause, or there are too many: halving the call shows which.
                most = self.smaller(batch, &left).await?;
                left.extend(rest);
                left.retain(|message| batch.is_to_send(message.index));
                continue;
            }
            most = most.saturating_mul(2);
            waits.extend(left.drain(..).filter(|message| batch.is_to_send(message.index)));
            left = rest;
        }
        if waits.is_empty() {
            return Ok(None);
        }
        let wanted = u32::try_from(waits.len()).unwrap_or(u32::MAX);
        let grant = self.app.flows.outlook(wanted, &self.ready.campaign.account).await?;
        Ok(try_again_at(grant, self.app.clock.now()))
    }

    /// Requests the next call from the carrier's flow; waits a little if the clock advances by itself.
    async fn next_call(&self, begun_at: Timestamp, wanted: usize) -> Result<NextCall, Error> {
        let (account, flows) = (&self.ready.campaign.account, &self.app.flows);
        let mut has_waited = false;
        loop {
            let now = self.app.clock.now();
            if now > begun_at + LAST_CALL {
                return Ok(NextCall::Not(Some(now)));
            }
            let grant = flows.grant(u32::try_from(wanted).unwrap_or(u32::MAX), account).await?;
            let is_needed_elsewhere = matches!(grant, Grant::At(_)) && flows.is_needed_elsewhere(account).await?;
            match Turn::new(grant, is_needed_elsewhere, now) {
                Turn::Call(messages) => return Ok(NextCall::Allowed { messages: messages as usize, has_waited }),
                Turn::Stop => return Ok(NextCall::Not(None)),
                Turn::ComeBack(at) => return Ok(NextCall::Not(Some(at))),
                Turn::Wait(wait) if self.app.clock.wait(wait.unsigned_abs()).await => has_waited = true,
                // A clock advanced by hand cannot be waited for.
                Turn::Wait(wait) => return Ok(NextCall::Not(Some(now + wait))),
            }
        }
    }

    /// Between two calls: whether the campaign still sends and the window is open. Numbers excluded meanwhile are left
    /// out.
    async fn goes_on(&self, batch: &mut Batch, left: &mut Vec<Outgoing>) -> Result<bool, Error> {
        let now = self.app.clock.now();
        let fresh = self.store.campaign(&self.ready.campaign.id).await?;
        if !fresh.is_some_and(|campaign| may_send(&campaign)) || !self.ready.is_open(now) {
            return Ok(false);
        }
        prepare::leave_out_excluded(self.app, self.ready, batch, left).await?;
        Ok(true)
    }

    /// One call to the carrier: marks, hands over, applies the answers to the ledger. The next write, or the last one
    /// of the batch, stores them. `None` if it must not begin: after a delay the window may be closed, or the lease
    /// expired.
    async fn call(&mut self, batch: &mut Batch, outgoing: &[Outgoing]) -> Result<Option<SubmitReport>, Error> {
        // Marked before the carrier hears of them: after a crash in between, the next sender knows that the carrier may
        // have these messages.
        let campaign = &self.ready.campaign;
        record::mark_submitting(batch, outgoing);
        batch.lease_until = self.app.clock.now() + LEASE;
        record::save(self.store, &campaign.id, batch).await?;
        let called_at = self.app.clock.now();
        if called_at >= batch.lease_until || !self.ready.is_open(called_at) {
            let none = vec![Answer::Throttled; outgoing.len()];
            record::answers(batch, outgoing, &none, self.app.carrier.deduplicates(), self.app.minute());
            return Ok(None);
        }
        let submissions: Vec<_> = outgoing.iter().map(Outgoing::submission).collect::<Vec<Submission<'_>>>();
        let report = self.app.carrier.submit(&submissions).await;
        self.figures.add(&report, self.app.clock.now().duration_since(called_at));
        record::answers(batch, outgoing, &report.answers, self.app.carrier.deduplicates(), self.app.minute());
        if let Some(call) = report.call() {
            self.app.flows.learn(call, called_at).await;
        }
        if let Some(error) = &report.error {
            warn!(account.id = %campaign.account, campaign.id = %campaign.id, batch = batch.number,
                error.chain = chain(error), "a call to the carrier failed");
        }
        let count = |wanted: fn(&Answer) -> bool| report.answers.iter().filter(|answer| wanted(answer)).count();
        let (put_off, in_doubt) =
            (count(|answer| *answer == Answer::Throttled), count(|answer| *answer == Answer::Unknown));
        info!(account.id = %campaign.account, campaign.id = %campaign.id, batch = batch.number,
            messages = outgoing.len(), put_off, in_doubt, "messages handed over");
        Ok(Some(report))
    }

    /// Most messages of the next call, after the carrier rejected the messages of one. A message alone in its call is
    /// the cause itself, unless the carrier rejects one after another.
    async fn smaller(&self, batch: &mut Batch, refused: &[Outgoing]) -> Result<usize, Error> {
        let left = batch.ledger.records().iter().filter(|record| record.state.outcome().is_to_send()).count();
        if let [only] = refused
            && let Some(record) = batch.ledger.records_mut().get_mut(only.index)
            && self.app.flows.now().await?.refuses_for_good(left, self.app.clock.now())
        {
            *record = hand_over::refused(*record, self.app.minute());
        }
        Ok((refused.len() / 2).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_documents_how_long_an_answer_may_take() {
        let protocol = include_str!("../../../shared/carrier/PROTOCOL.md");
        assert!(protocol.contains(&format!("no whole answer within {} s", CALL_TIMEOUT.as_secs())));
    }
}
