//! Who acts, on what, for how long at most, and what follows when they end or die.

use domain::outcome::{Outcome, Reason};

use crate::engine::{Actor, Event, Sim, after_ms};
use crate::plan::Command;
use crate::queue::Body;
use crate::world::World;
use crate::{commands, dispatcher, sender, tracker};

/// What there is to do.
#[derive(Debug, Clone)]
pub enum Job {
    /// A message of a queue, in the hands of a session where it is a batch.
    Message {
        message: usize,
        session: Option<usize>,
    },
    Tick,
    Command {
        campaign: usize,
        command: Command,
    },
    /// Whoever paused a campaign lets it go on, so that the history can end.
    ResumeAll,
    /// A call reaches the carrier.
    CallArrives {
        call: usize,
    },
    CallBack {
        campaign: usize,
        receipts: Vec<(u32, Outcome, Reason)>,
    },
}

/// How often campaigns that somebody paused are looked for once it is calm.
const RESUME_MS: i64 = 300_000;
/// A batch that finds every session busy waits for so long.
const BUSY_MS: i64 = 700;

/// Does at once what takes no time, and answers whether an actor is needed.
pub fn may_start(world: &mut World, job: &Job) -> bool {
    match job {
        Job::CallArrives { call } => {
            world.call_arrives(*call);
            false
        }
        Job::CallBack { campaign, receipts } => {
            world.called_back(*campaign, receipts);
            false
        }
        Job::ResumeAll => {
            resume_all(world);
            false
        }
        Job::Message { message, session: None } => {
            let is_batch = matches!(world.body(*message), Body::Batch(_));
            if !is_batch {
                return world.receive(*message).is_some();
            }
            let Some(session) = world.sessions.iter().position(|session| !session.is_busy) else {
                world.deliver_at(after_ms(world.now, BUSY_MS), *message);
                return false;
            };
            if world.receive(*message).is_some() {
                world.sessions[session].is_busy = true;
                let job = Job::Message { message: *message, session: Some(session) };
                world.agenda.add(world.now, Event::Start(job));
            }
            false
        }
        Job::Message { session: Some(_), .. } | Job::Tick | Job::Command { .. } => true,
    }
}

fn resume_all(world: &mut World) {
    for campaign in 0..world.plan.campaigns.len() {
        if world.is_paused_by_somebody(campaign) {
            let job = Job::Command { campaign, command: Command::Resume };
            world.agenda.add(world.now, Event::Start(job));
        }
    }
    if (0..world.plan.campaigns.len()).any(|campaign| !world.has_ended(campaign)) {
        world.agenda.add(after_ms(world.now, RESUME_MS), Event::Start(Job::ResumeAll));
    }
}

/// Milliseconds after which whoever runs a function ends it; one machine never does.
pub fn longest_ms(world: &World, job: &Job) -> i64 {
    let minutes = match job {
        _ if !world.plan.has_timeouts => 24 * 60,
        Job::Message { message, .. } => match world.body(*message) {
            Body::Batch(_) => 2,
            Body::Wakeup(_) => 5,
            Body::Events(..) => 1,
        },
        Job::Tick => 5,
        Job::Command { .. } | Job::ResumeAll | Job::CallArrives { .. } | Job::CallBack { .. } => 1,
    };
    minutes * 60_000
}

pub fn start(sim: Sim, job: Job) -> Actor {
    sim.world().trace(|| format!("{job:?} begins"));
    Box::pin(async move {
        match job {
            Job::Message { message, session } => {
                let body = sim.world().body(message).clone();
                sim.world().trace(|| format!("  {message} is {body:?}"));
                match (body, session) {
                    (Body::Batch(hint), Some(session)) => sender::send(&sim, session, hint).await.is_ok(),
                    (Body::Batch(_), None) => true,
                    (Body::Wakeup(campaign), _) => dispatcher::woken(&sim, campaign).await.is_ok(),
                    (Body::Events(campaign, events), _) => tracker::track(&sim, campaign, events).await.is_ok(),
                }
            }
            Job::Tick => {
                dispatcher::look_at_all(&sim).await;
                true
            }
            Job::Command { campaign, command } => commands::obey(&sim, campaign, command).await.is_ok(),
            Job::ResumeAll | Job::CallArrives { .. } | Job::CallBack { .. } => true,
        }
    })
}

/// An actor came to its end.
pub fn ended(world: &mut World, job: &Job, is_done: bool) {
    world.trace(|| format!("{job:?} ends: {is_done}"));
    if let Job::Message { message, session } = job {
        if let Some(session) = session {
            world.sessions[*session].is_busy = false;
        }
        match is_done {
            true => world.message_is_done(*message),
            false => world.message_is_not_done(*message),
        }
    }
}

/// An actor's process died.
pub fn died(world: &mut World, job: &Job) {
    if let Job::Message { message, session } = job {
        if let Some(session) = session {
            world.sessions[*session].restart();
        }
        world.message_is_not_done(*message);
    }
}
