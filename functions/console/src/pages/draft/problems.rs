//! What is wrong with a draft, in words that say what to do, and the step where to do it.

use app::campaigns::{Blocker, Warning};
use domain::local_time::LocalTimeProblem;
use domain::sender::SenderProblem;
use domain::template::{TemplateFault, TemplateProblem};

use super::Step;
use crate::gate::Visitor;
use crate::words::draft as d;

pub fn sender(v: &Visitor, problem: SenderProblem) -> String {
    match problem {
        SenderProblem::Empty => v.t(d::SENDER_EMPTY).into(),
        SenderProblem::TooShort => v.t(d::SENDER_SHORT).into(),
        SenderProblem::TooLong => v.t(d::SENDER_LONG).into(),
        SenderProblem::ForbiddenCharacter { character, .. } => v.tf(d::SENDER_LETTERS, &[character.to_string()]),
        SenderProblem::NotRented => v.t(d::SENDER_DIGITS).into(),
    }
}

pub fn text(v: &Visitor, problem: TemplateProblem) -> String {
    let word = match problem.fault {
        TemplateFault::Unclosed => d::T_UNCLOSED,
        TemplateFault::Unopened => d::T_UNOPENED,
        TemplateFault::EmptyName => d::T_NAME,
        TemplateFault::ForbiddenInVariable => d::T_FORBIDDEN,
        TemplateFault::NameTooLong => d::T_LONG_NAME,
        TemplateFault::FallbackTooLong => d::T_LONG_FALLBACK,
        TemplateFault::TooManyVariables => d::T_MANY,
        TemplateFault::TextTooLong => d::T_LONG,
        TemplateFault::ControlCharacter => d::T_CONTROL,
    };
    v.tf(word, &[(problem.at + 1).to_string()])
}

pub fn time(v: &Visitor, problem: LocalTimeProblem) -> String {
    match problem {
        LocalTimeProblem::Malformed => v.t(d::AT_MALFORMED).into(),
        LocalTimeProblem::Skipped { next_valid_at, .. } => v.tf(d::AT_SKIPPED, &[v.at(next_valid_at)]),
    }
}

/// A blocker, and the step that removes it.
pub fn blocker(v: &Visitor, blocker: &Blocker) -> (String, Step) {
    match blocker {
        Blocker::NoName => (v.t(d::NAME_MISSING).into(), Step::General),
        Blocker::NameTooLong => (v.t(d::NAME_LONG).into(), Step::General),
        Blocker::NoLists => (v.t(d::B_NO_LISTS).into(), Step::Contacts),
        Blocker::ListNotReady { list, name } => {
            (v.tf(d::B_LIST, &[name.as_deref().unwrap_or(list.as_str())]), Step::Contacts)
        }
        Blocker::NoRecipients => (v.t(d::B_NO_RECIPIENTS).into(), Step::Contacts),
        Blocker::NoText => (v.t(d::TEXT_MISSING).into(), Step::Message),
        Blocker::Text(problem) => (text(v, *problem), Step::Message),
        Blocker::StopDoesNotFit { excess } => (v.tf(d::B_STOP_LONG, &[v.number(*excess as u64)]), Step::Message),
        Blocker::Sender(problem) => (sender(v, *problem), Step::Message),
        Blocker::NoStop => (v.t(d::B_NO_STOP).into(), Step::Message),
        Blocker::UnknownVariable { name } => (v.tf(d::B_VARIABLE, &[name]), Step::Message),
        Blocker::NoProof => (v.t(d::B_PROOF).into(), Step::General),
        Blocker::TooLong { messages } => (v.tf(d::B_TOO_LONG, &[v.number(*messages)]), Step::Message),
        Blocker::Time(problem) => (time(v, *problem), Step::Schedule),
        Blocker::TimePast => (v.t(d::AT_PAST).into(), Step::Schedule),
        Blocker::Pace => (v.t(d::PACE_BAD).into(), Step::Schedule),
        Blocker::NotEnoughCredits { needed, balance } => {
            (v.tf(d::B_CREDITS, &[v.number(*needed), v.number(*balance)]), Step::Contacts)
        }
    }
}

pub fn warning(v: &Visitor, warning: &Warning) -> String {
    match warning {
        Warning::VariableMissing { name, list } => v.tf(d::W_VARIABLE, &[name, list]),
        Warning::NotAVariable { written, name } => v.tf(d::W_NOT_A_VARIABLE, &[written, name]),
        Warning::LinkUnused { name } => v.tf(d::W_LINK, &[name]),
        Warning::LinkExpires { name, at } => v.tf(d::W_LINK_EXPIRES, &[name, &v.at(*at)]),
        Warning::Unicode { messages } => v.tf(d::W_UNICODE, &[v.number(*messages)]),
        Warning::CarriedOver { messages, until } => v.tf(d::CARRIED, &[v.number(*messages), v.at(*until)]),
        Warning::LargeProof { recipients } => v.tf(d::W_PROOF, &[v.number(*recipients)]),
    }
}
