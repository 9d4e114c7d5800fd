//! The simulated carrier: accepts, throttles, rejects, fails before or after accepting, answers late or never; and
//! sends receipts.

use std::time::Duration;

use carrier::{Answer, CallError, SubmitReport};
use domain::journal::{Events, Receipt};
use domain::ledger::Minute;
use domain::outcome::{Outcome, Reason, State};
use jiff::Timestamp;

use crate::actors::Job;
use crate::engine::{Event, Sim, after_ms};
use crate::model::Model;
use crate::queue::Body;
use crate::sender::{CALL_TIMEOUT_MS, Outgoing};

/// A call in progress.
struct Call {
    campaign: usize,
    messages: Vec<Outgoing>,
    /// The carrier's answer; `None` until the call has arrived.
    said: Option<Said>,
}

/// The answer to a call.
#[derive(Clone)]
enum Said {
    Each(Vec<Answer>),
    Busy(Option<u64>),
    Refused(u16),
    Failed,
}

#[derive(Default)]
pub struct CarrierState {
    calls: Vec<Call>,
    /// The last second, and the messages accepted in it.
    second: (i64, u32),
}

impl Sim {
    /// Hands messages over. The carrier acts whether or not its answer is awaited.
    pub async fn submit(&self, campaign: usize, messages: &[Outgoing]) -> SubmitReport {
        let (id, waits_ms) = {
            let mut model = self.model();
            model.carrier.calls.push(Call { campaign, messages: messages.to_vec(), said: None });
            let id = model.carrier.calls.len() - 1;
            let is_slow = !model.is_calm() && {
                let slow = model.plan.carrier.slow;
                model.random.chance(slow)
            };
            let (there_ms, back_ms) = match is_slow {
                true => (model.random.between(10, 26_000), model.random.between(10, 12_000)),
                false => (model.random.between(5, 60), model.random.between(5, 200)),
            };
            let arrives_at = after_ms(model.now, there_ms);
            model.agenda.add(arrives_at, Event::Start(Job::CallArrives { call: id }));
            (id, (there_ms + back_ms + 1).min(CALL_TIMEOUT_MS))
        };
        self.sleep(waits_ms).await;
        let mut model = self.model();
        let answer_is_lost = waits_ms == CALL_TIMEOUT_MS;
        let call = &mut model.carrier.calls[id];
        let said = call.said.clone().filter(|_| !answer_is_lost).unwrap_or(Said::Failed);
        let report = report(said, messages.len());
        model.trace(|| format!("{campaign}: answers {:?} {:?}", report.answers, report.error));
        report
    }
}

fn report(said: Said, messages: usize) -> SubmitReport {
    let error = match said {
        Said::Each(answers) => return SubmitReport { answers, error: None },
        Said::Busy(seconds) => CallError::Throttled { retry_after: seconds.map(Duration::from_secs) },
        Said::Refused(status) => CallError::Refused { status },
        Said::Failed => CallError::Failed { status: 503 },
    };
    SubmitReport { answers: vec![error.answer(); messages], error: Some(error) }
}

impl Model {
    /// A call arrives at the carrier.
    pub fn call_arrives(&mut self, id: usize) {
        let (campaign, messages) = {
            let call = &self.carrier.calls[id];
            (call.campaign, call.messages.clone())
        };
        let said = self.carrier_says(campaign, &messages);
        self.carrier.calls[id].said = Some(said);
    }

    fn carrier_says(&mut self, campaign: usize, messages: &[Outgoing]) -> Said {
        let now = self.now;
        let is_out = !self.is_calm() && self.plan.carrier.outages.iter().any(|(from, to)| (*from..*to).contains(&now));
        let fails = if self.is_calm() { 0 } else { self.plan.carrier.fails };
        if is_out || self.random.chance(fails) {
            // It may have accepted none, some or all of them.
            let taken = match self.random.below(4) {
                0 if !is_out => messages.len(),
                1 if !is_out => self.random.below(u32::try_from(messages.len()).unwrap_or(0)) as usize,
                _ => 0,
            };
            // A rejection by number is permanent: it answers an id the same each time.
            let is_taken = |message: &&Outgoing| !self.truth.contact(campaign, message.index).is_refused;
            let taken_now: Vec<_> = messages[..taken].iter().filter(is_taken).copied().collect();
            self.take(campaign, &taken_now);
            return match self.random.below(6) {
                0 if taken == 0 => Said::Refused(self.random.pick(&[401, 403, 404])),
                _ => Said::Failed,
            };
        }
        if messages.iter().any(|message| self.truth.contact(campaign, message.index).is_poison) {
            return Said::Refused(422);
        }
        let takes = self.takes_now();
        let fits = messages.len() <= takes as usize;
        if !fits && self.plan.carrier.throttles_whole {
            let seconds = self.random.between(1, 20).unsigned_abs();
            return Said::Busy(self.plan.carrier.says_how_long.then_some(seconds));
        }
        let (taken, put_off) = messages.split_at(messages.len().min(takes as usize));
        let is_refused = |message: &Outgoing| self.truth.contact(campaign, message.index).is_refused;
        let refused: Vec<_> = taken.iter().map(is_refused).collect();
        let of = |is_refused: &bool| match is_refused {
            true => Answer::Rejected { reason: Reason::InvalidNumber },
            false => Answer::Accepted,
        };
        let mut answers: Vec<_> = refused.iter().map(of).collect();
        answers.extend(put_off.iter().map(|_| Answer::Throttled));
        let taken: Vec<_> = taken.iter().zip(refused).filter(|(_, refused)| !refused).map(|(one, _)| *one).collect();
        self.take(campaign, &taken);
        Said::Each(answers)
    }

    /// How many more messages it accepts in this second.
    fn takes_now(&mut self) -> u32 {
        let Some(rate) = self.plan.carrier.takes else { return u32::MAX };
        let second = self.now.as_second();
        if self.carrier.second.0 != second {
            self.carrier.second = (second, 0);
        }
        rate.saturating_sub(self.carrier.second.1)
    }

    fn take(&mut self, campaign: usize, messages: &[Outgoing]) {
        self.carrier.second.1 += u32::try_from(messages.len()).unwrap_or(0);
        let mut receipts = Vec::new();
        for message in messages {
            let is_first = self.message_is_taken(campaign, message.index);
            if is_first && !self.random.chance(self.plan.carrier.no_receipt) {
                receipts.push(message.index);
            }
        }
        if receipts.is_empty() {
            return;
        }
        // Some in one callback, some one by one; some before the answer, some hours later.
        let cut = self.random.below(u32::try_from(receipts.len() + 1).unwrap_or(1)) as usize;
        let later = receipts.split_off(cut);
        for some in [receipts, later] {
            if !some.is_empty() {
                self.receipts_follow(campaign, &some);
            }
        }
    }

    fn receipts_follow(&mut self, campaign: usize, indexes: &[u32]) {
        let plan = self.plan.carrier.clone();
        let mut receipts: Vec<(u32, Outcome, Reason)> = Vec::new();
        for index in indexes {
            let last = self.random.pick(&[
                (Outcome::Delivered, Reason::None),
                (Outcome::Delivered, Reason::None),
                (Outcome::Delivered, Reason::None),
                (Outcome::Failed, Reason::Unreachable),
                (Outcome::Expired, Reason::ValidityEnded),
                (Outcome::Rejected, Reason::Blocked),
            ]);
            receipts.push((*index, last.0, last.1));
        }
        let soon_ms = match self.random.chance(plan.receipt_late) {
            true => self.random.between(60_000, 20 * 3_600_000),
            false => self.random.pick(&[0, 50, 800, 5_000, 40_000]),
        };
        let at = after_ms(self.now, soon_ms);
        if self.random.chance(200) {
            let under_way = indexes.iter().map(|index| (*index, Outcome::HandedOver, Reason::None)).collect();
            let later = self.random.between(0, 10_000);
            self.call_back(campaign, under_way, after_ms(at, later - 5_000).max(self.now));
        }
        if self.random.chance(plan.receipt_twice) {
            let later = self.random.between(0, 600_000);
            self.call_back(campaign, receipts.clone(), after_ms(at, later));
        }
        self.call_back(campaign, receipts, at);
    }

    /// A callback with receipts: they are queued before the carrier gets its response.
    fn call_back(&mut self, campaign: usize, receipts: Vec<(u32, Outcome, Reason)>, at: Timestamp) {
        self.agenda.add(at, Event::Start(Job::CallBack { campaign, receipts }));
    }

    pub fn called_back(&mut self, campaign: usize, receipts: &[(u32, Outcome, Reason)]) {
        let at = Minute::from_timestamp(self.now);
        let receipt = |(index, outcome, reason): &(u32, Outcome, Reason)| Receipt {
            index: *index,
            state: State::from(*outcome),
            reason: *reason,
            at,
        };
        let receipts = receipts.iter().map(receipt).collect();
        self.enqueue(Body::Events(campaign, Events { receipts, ..Events::default() }), 0);
    }
}
