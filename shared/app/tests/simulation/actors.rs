//! The actors: what each works on, its time limit, and what follows when it ends or is killed.

use domain::outcome::{Outcome, Reason};

use crate::engine::{Actor, Event, Sim, after_ms};
use crate::model::Model;
use crate::plan::Command;
use crate::queue::Body;
use crate::{commands, dispatcher, sender, tracker};

/// The kinds of work.
#[derive(Debug, Clone)]
pub enum Job {
    /// Processes a queue message; for a batch, in a session.
    Message {
        message: usize,
        session: Option<usize>,
    },
    Tick,
    Command {
        campaign: usize,
        command: Command,
    },
    /// Resumes a paused campaign, so that the history can end.
    ResumeAll,
    /// A call arrives at the carrier.
    CallArrives {
        call: usize,
    },
    CallBack {
        campaign: usize,
        receipts: Vec<(u32, Outcome, Reason)>,
    },
}

/// How often paused campaigns are searched once nothing goes wrong any more.
const RESUME_MS: i64 = 300_000;
/// How long a batch waits when every session is busy.
const BUSY_MS: i64 = 700;

/// Runs work that takes no time at once; returns whether an actor is needed.
pub fn may_start(model: &mut Model, job: &Job) -> bool {
    match job {
        Job::CallArrives { call } => {
            model.call_arrives(*call);
            false
        }
        Job::CallBack { campaign, receipts } => {
            model.called_back(*campaign, receipts);
            false
        }
        Job::ResumeAll => {
            resume_all(model);
            false
        }
        Job::Message { message, session: None } => {
            let is_batch = matches!(model.body(*message), Body::Batch(_));
            if !is_batch {
                return model.receive(*message).is_some();
            }
            let Some(session) = model.sessions.iter().position(|session| !session.is_busy) else {
                model.deliver_at(after_ms(model.now, BUSY_MS), *message);
                return false;
            };
            if model.receive(*message).is_some() {
                model.sessions[session].is_busy = true;
                let job = Job::Message { message: *message, session: Some(session) };
                model.agenda.add(model.now, Event::Start(job));
            }
            false
        }
        Job::Message { session: Some(_), .. } | Job::Tick | Job::Command { .. } => true,
    }
}

fn resume_all(model: &mut Model) {
    for campaign in 0..model.plan.campaigns.len() {
        if model.is_paused_by_somebody(campaign) {
            let job = Job::Command { campaign, command: Command::Resume };
            model.agenda.add(model.now, Event::Start(job));
        }
    }
    if (0..model.plan.campaigns.len()).any(|campaign| !model.has_ended(campaign)) {
        model.agenda.add(after_ms(model.now, RESUME_MS), Event::Start(Job::ResumeAll));
    }
}

/// Time limit of a function in milliseconds; one machine has none.
pub fn longest_ms(model: &Model, job: &Job) -> i64 {
    let minutes = match job {
        _ if !model.plan.has_timeouts => 24 * 60,
        Job::Message { message, .. } => match model.body(*message) {
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
    sim.model().trace(|| format!("{job:?} begins"));
    Box::pin(async move {
        match job {
            Job::Message { message, session } => {
                let body = sim.model().body(message).clone();
                sim.model().trace(|| format!("  {message} is {body:?}"));
                match (body, session) {
                    (Body::Batch(hint), Some(session)) => sender::send(&sim, session, hint).await.is_ok(),
                    (Body::Batch(_), None) => true,
                    (Body::Wakeup(campaign), _) => dispatcher::woken(&sim, campaign).await.is_ok(),
                    (Body::Events(campaign, events), _) => tracker::track(&sim, campaign, events).await.is_ok(),
                }
            }
            Job::Tick => {
                dispatcher::run_due(&sim).await;
                true
            }
            Job::Command { campaign, command } => commands::obey(&sim, campaign, command).await.is_ok(),
            Job::ResumeAll | Job::CallArrives { .. } | Job::CallBack { .. } => true,
        }
    })
}

/// An actor ended.
pub fn ended(model: &mut Model, job: &Job, is_done: bool) {
    model.trace(|| format!("{job:?} ends: {is_done}"));
    if let Job::Message { message, session } = job {
        if let Some(session) = session {
            model.sessions[*session].is_busy = false;
        }
        match is_done {
            true => model.message_is_done(*message),
            false => model.message_is_not_done(*message),
        }
    }
}

/// An actor's process was killed.
pub fn died(model: &mut Model, job: &Job) {
    if let Job::Message { message, session } = job {
        if let Some(session) = session {
            model.sessions[*session].restart();
        }
        model.message_is_not_done(*message);
    }
}
