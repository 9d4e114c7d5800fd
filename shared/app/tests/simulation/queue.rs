//! The queues: a message is delivered once or more, late, in any order, or not at all; it is deleted when it was
//! processed.

use domain::journal::Events;
use jiff::Timestamp;

use crate::actors::Job;
use crate::engine::{Event, Sim, after_ms};
use crate::model::Model;
use crate::table::Result;

/// A batch of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hint {
    pub campaign: usize,
    pub batch: u32,
    pub waits_since: Option<Timestamp>,
}

#[derive(Debug, Clone)]
pub enum Body {
    Batch(Hint),
    Wakeup(usize),
    Events(usize, Events),
}

pub struct Message {
    pub body: Body,
    received: u32,
    is_gone: bool,
    is_in_hand: bool,
}

#[derive(Default)]
pub struct Queue(Vec<Message>);

impl Body {
    /// Milliseconds until an unprocessed message is delivered again.
    fn visibility_ms(&self) -> i64 {
        match self {
            Self::Batch(_) => 720_000,
            Self::Wakeup(_) => 1_800_000,
            Self::Events(..) => 362_000,
        }
    }

    /// Deliveries before it becomes a dead letter. Those of events are redriven by an operator.
    fn received_max(&self) -> u32 {
        match self {
            Self::Batch(_) => 5,
            Self::Wakeup(_) => 3,
            Self::Events(..) => u32::MAX,
        }
    }
}

impl Model {
    /// Puts a message on its queue.
    pub fn enqueue(&mut self, body: Body, delay_ms: i64) {
        let faults = self.faults();
        let is_lost = !matches!(body, Body::Events(..)) && self.random.chance(faults.lost);
        if is_lost {
            return;
        }
        self.queue.0.push(Message { body, received: 0, is_gone: false, is_in_hand: false });
        let index = self.queue.0.len() - 1;
        let mut ms = delay_ms + self.random.between(5, 200);
        if self.random.chance(faults.late) {
            ms += self.random.between(1_000, 180_000);
        }
        self.deliver_at(after_ms(self.now, ms), index);
        if self.random.chance(faults.twice) {
            let later = ms + self.random.between(0, 100_000);
            self.deliver_at(after_ms(self.now, later), index);
        }
    }

    pub fn deliver_at(&mut self, at: Timestamp, message: usize) {
        self.agenda.add(at, Event::Start(Job::Message { message, session: None }));
    }

    /// The work for a message; none if it is gone or a dead letter.
    pub fn receive(&mut self, message: usize) -> Option<&Body> {
        let found = &mut self.queue.0[message];
        // A message that was delivered twice is processed twice at once; processed once, it is gone.
        if found.is_gone && !found.is_in_hand {
            return None;
        }
        found.received += 1;
        if found.received > found.body.received_max() {
            found.is_gone = true;
            return None;
        }
        found.is_in_hand = true;
        Some(&found.body)
    }

    pub fn body(&self, message: usize) -> &Body {
        &self.queue.0[message].body
    }

    pub fn message_is_done(&mut self, message: usize) {
        let found = &mut self.queue.0[message];
        (found.is_gone, found.is_in_hand) = (true, false);
    }

    /// It is delivered again after a while.
    pub fn message_is_not_done(&mut self, message: usize) {
        let found = &mut self.queue.0[message];
        found.is_in_hand = false;
        if !found.is_gone {
            let ms = found.body.visibility_ms();
            self.deliver_at(after_ms(self.now, ms), message);
        }
    }
}

impl Sim {
    /// Puts batches on the queue.
    pub async fn release(&self, campaign: usize, batches: &[u32]) -> Result<()> {
        self.call(|model| {
            for batch in batches {
                model.enqueue(Body::Batch(Hint { campaign, batch: *batch, waits_since: None }), 0);
            }
            Ok(())
        })
        .await
    }

    /// Puts a batch back on the queue.
    pub async fn release_again(&self, hint: Hint, delay_ms: i64) -> Result<()> {
        self.call(|model| {
            model.enqueue(Body::Batch(hint), delay_ms);
            Ok(())
        })
        .await
    }

    /// Requests a check of a campaign.
    pub async fn wake(&self, campaign: usize, delay_ms: i64) -> Result<()> {
        self.call(|model| {
            model.enqueue(Body::Wakeup(campaign), delay_ms);
            Ok(())
        })
        .await
    }

    /// Approximate number of waiting batches.
    pub async fn batches_waiting(&self) -> Result<Option<u64>> {
        self.call(|model| {
            let is_waiting = |message: &&Message| matches!(message.body, Body::Batch(_)) && !message.is_gone;
            let waiting = u64::try_from(model.queue.0.iter().filter(is_waiting).count()).unwrap_or(0);
            let is_wrong = !model.is_calm() && model.random.chance(200);
            Ok(Some(if is_wrong { u64::from(waiting == 0) } else { waiting }))
        })
        .await
    }
}
