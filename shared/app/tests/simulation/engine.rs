//! Time and scheduling of actors. An actor is an async function; at each await others may run, and it may be delayed or
//! killed. One thread and one seed make a history repeatable.

use std::cell::{RefCell, RefMut};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use jiff::{SignedDuration, Timestamp};

use crate::actors::{self, Job};
use crate::model::Model;

/// The model, shared by all actors.
#[derive(Clone)]
pub struct Sim(Rc<RefCell<Model>>);

/// Most events of a history: a slow carrier needs hundreds of thousands.
const EVENTS_MAX: u64 = 1_000_000;

/// A running actor; its result is whether it succeeded.
pub type Actor = Pin<Box<dyn Future<Output = bool>>>;

/// A run of an actor, distinct from earlier runs in the same slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskId {
    index: usize,
    run: u64,
}

struct Task {
    actor: Actor,
    run: u64,
    job: Job,
    /// The time limit of its function.
    deadline: Timestamp,
}

/// An event at an instant.
#[derive(Debug, Clone)]
pub enum Event {
    Wake(TaskId),
    /// The process of an actor is killed.
    Die(TaskId),
    Start(Job),
}

/// Events in order of time, then of creation.
#[derive(Default)]
pub struct Agenda {
    heap: BinaryHeap<Timed>,
    order: u64,
}

struct Timed {
    at: Timestamp,
    order: u64,
    event: Event,
}

impl PartialEq for Timed {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Timed {}

impl PartialOrd for Timed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timed {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

impl Agenda {
    pub fn add(&mut self, at: Timestamp, event: Event) {
        self.order += 1;
        self.heap.push(Timed { at, order: self.order, event });
    }

    pub fn next_at(&self) -> Option<Timestamp> {
        self.heap.peek().map(|next| next.at)
    }

    fn pop(&mut self) -> Option<(Timestamp, Event)> {
        self.heap.pop().map(|next| (next.at, next.event))
    }
}

pub fn after_ms(at: Timestamp, ms: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_millis(ms)).unwrap_or(at)
}

/// Lets time pass for one actor.
struct Sleep {
    sim: Sim,
    ms: i64,
    has_begun: bool,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.has_begun {
            return Poll::Ready(());
        }
        self.has_begun = true;
        self.sim.model().sleep(self.ms);
        Poll::Pending
    }
}

impl Sim {
    pub fn new(model: Model) -> Self {
        Self(Rc::new(RefCell::new(model)))
    }

    /// The model, locked while no other actor runs: never across an await.
    pub fn model(&self) -> RefMut<'_, Model> {
        self.0.borrow_mut()
    }

    pub fn now(&self) -> Timestamp {
        self.model().now
    }

    pub async fn sleep(&self, ms: i64) {
        Sleep { sim: self.clone(), ms, has_begun: false }.await;
    }

    /// Runs until everything is done, a check fails or `until` is reached. Returns the number of events.
    pub fn live(&self, until: Timestamp) -> u64 {
        let (mut tasks, mut events, mut runs): (Vec<Option<Task>>, u64, u64) = (Vec::new(), 0, 0);
        loop {
            let event = {
                let mut model = self.model();
                if model.violation.is_some() || model.is_over() {
                    break;
                }
                model.plan_tick();
                let Some((at, event)) = model.agenda.pop() else { break };
                if at > until {
                    break;
                }
                model.now = model.now.max(at);
                event
            };
            events += 1;
            if events > EVENTS_MAX {
                self.model().broken(|| "it does not come to rest".to_owned());
            }
            match event {
                Event::Start(job) => {
                    if !actors::may_start(&mut self.model(), &job) {
                        continue;
                    }
                    let index = tasks.iter().position(Option::is_none).unwrap_or_else(|| {
                        tasks.push(None);
                        tasks.len() - 1
                    });
                    runs += 1;
                    let deadline = after_ms(self.now(), actors::longest_ms(&self.model(), &job));
                    let actor = actors::start(self.clone(), job.clone());
                    tasks[index] = Some(Task { actor, run: runs, job, deadline });
                    self.go_on(&mut tasks, TaskId { index, run: runs });
                }
                Event::Wake(id) => {
                    let is_late = tasks[id.index].as_ref().is_some_and(|task| task.deadline < self.now());
                    if is_late { self.die(&mut tasks, id) } else { self.go_on(&mut tasks, id) }
                }
                Event::Die(id) => self.die(&mut tasks, id),
            }
        }
        events
    }

    /// Runs an actor until its next await.
    fn go_on(&self, tasks: &mut [Option<Task>], id: TaskId) {
        let Some(task) = tasks[id.index].as_mut().filter(|task| task.run == id.run) else { return };
        self.model().current = Some(id);
        let polled = task.actor.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        self.model().current = None;
        if let Poll::Ready(is_done) = polled
            && let Some(task) = tasks[id.index].take()
        {
            actors::ended(&mut self.model(), &task.job, is_done);
        }
    }

    fn die(&self, tasks: &mut [Option<Task>], id: TaskId) {
        let is_it = tasks[id.index].as_ref().is_some_and(|task| task.run == id.run);
        if let Some(task) = tasks[id.index].take_if(|_| is_it) {
            let mut model = self.model();
            model.trace(|| format!("{:?} dies", task.job));
            actors::died(&mut model, &task.job);
        }
    }
}
