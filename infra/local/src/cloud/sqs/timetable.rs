//! Delays and visibility time-outs with a test clock: the embedded crate follows the system clock, so messages for
//! later are stored here, and released when the clock is advanced.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rustack_sqs_model::input::SendMessageInput;
use support::Clock;

use super::{after, queue_name};
use crate::template::Queue;

pub struct Timetable {
    clock: Clock,
    notes: Mutex<Notes>,
}

/// A message to be sent later.
pub struct Held {
    /// Its temporary id.
    pub id: String,
    due_at: Timestamp,
    pub input: SendMessageInput,
}

#[derive(Default)]
struct Notes {
    /// Visibility time-out and delay of each queue, in seconds, by name.
    queues: HashMap<String, (i32, i32)>,
    held: Vec<Held>,
    /// Number of messages held so far: the number of the last one.
    held_so_far: u64,
    /// Received messages, by receipt: when they become visible again, and the URL of their queue.
    taken: HashMap<String, (Timestamp, String)>,
}

impl Timetable {
    pub fn new(clock: Clock) -> Self {
        Self { clock, notes: Mutex::default() }
    }

    pub fn learn(&self, queue: &Queue) {
        let seconds = |seconds: u32| i32::try_from(seconds).unwrap_or(i32::MAX);
        let times = (seconds(queue.visibility_timeout_s), seconds(queue.delay_s));
        self.notes().queues.insert(queue.name.clone(), times);
    }

    /// Stores a message that is to be sent later and returns its temporary id; `None` if it is to be sent now.
    pub fn hold(&self, input: &SendMessageInput) -> Option<String> {
        let mut notes = self.notes();
        let of_queue = notes.queues.get(queue_name(&input.queue_url)).map_or(0, |(_, delay_s)| *delay_s);
        let delay_s = input.delay_seconds.unwrap_or(of_queue);
        if delay_s <= 0 {
            return None;
        }
        notes.held_so_far += 1;
        let id = format!("held-{}", notes.held_so_far);
        let due_at = after(self.clock.now(), delay_s);
        notes.held.push(Held { id: id.clone(), due_at, input: input.clone() });
        Some(id)
    }

    /// Records when received messages become visible again: after `visibility_s`, or the queue's own time-out.
    pub fn taken(&self, queue_url: &str, visibility_s: Option<i32>, receipts: impl Iterator<Item = String>) {
        let mut notes = self.notes();
        let of_queue = notes.queues.get(queue_name(queue_url)).map_or(30, |(visibility_s, _)| *visibility_s);
        let visible_at = after(self.clock.now(), visibility_s.unwrap_or(of_queue));
        notes.taken.extend(receipts.map(|receipt| (receipt, (visible_at, queue_url.to_owned()))));
    }

    /// Removes messages that were deleted, or made visible.
    pub fn settled(&self, receipts: &[String]) {
        let mut notes = self.notes();
        receipts.iter().for_each(|receipt| drop(notes.taken.remove(receipt)));
    }

    pub fn purged(&self, queue_url: &str) {
        let mut notes = self.notes();
        notes.held.retain(|held| queue_name(&held.input.queue_url) != queue_name(queue_url));
        notes.taken.retain(|_, (_, url)| queue_name(url) != queue_name(queue_url));
    }

    /// Removes and returns what is due: messages to send, and (queue, receipt) of messages to make visible.
    pub fn due(&self, now: Timestamp) -> (Vec<Held>, Vec<(String, String)>) {
        let mut notes = self.notes();
        let held = notes.held.extract_if(.., |held| held.due_at <= now).collect();
        let taken = notes.taken.extract_if(|_, (visible_at, _)| *visible_at <= now);
        let taken = taken.map(|(receipt, (_, url))| (url, receipt)).collect();
        (held, taken)
    }

    pub fn held(&self, queue_url: &str) -> u64 {
        let name = queue_name(queue_url);
        self.notes().held.iter().filter(|held| queue_name(&held.input.queue_url) == name).count() as u64
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
