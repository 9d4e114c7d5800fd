//! Problems of a draft, with text that says what to do, and the step where to do it.

use app::campaigns::{Blocker, Warning};
use domain::local_time::LocalTimeProblem;
use domain::sender::SenderProblem;
use domain::template::{TemplateError, TemplateProblem};

use super::Step;
use crate::visitor::Visitor;
use crate::words;

pub fn sender(visitor: &Visitor, problem: SenderProblem) -> String {
    match problem {
        SenderProblem::Empty => visitor.text(words::draft::SENDER_EMPTY).into(),
        SenderProblem::TooShort => visitor.text(words::draft::SENDER_SHORT).into(),
        SenderProblem::TooLong => visitor.text(words::draft::SENDER_LONG).into(),
        SenderProblem::ForbiddenCharacter { character, .. } => {
            visitor.text_with(words::draft::SENDER_LETTERS, &[character.to_string()])
        }
        SenderProblem::NotRented => visitor.text(words::draft::SENDER_DIGITS).into(),
    }
}

pub fn text(visitor: &Visitor, problem: TemplateProblem) -> String {
    let word = match problem.fault {
        TemplateError::Unclosed => words::draft::T_UNCLOSED,
        TemplateError::Unopened => words::draft::T_UNOPENED,
        TemplateError::EmptyName => words::draft::T_NAME,
        TemplateError::ForbiddenInVariable => words::draft::T_FORBIDDEN,
        TemplateError::NameTooLong => words::draft::T_LONG_NAME,
        TemplateError::FallbackTooLong => words::draft::T_LONG_FALLBACK,
        TemplateError::TooManyVariables => words::draft::T_MANY,
        TemplateError::TextTooLong => words::draft::T_LONG,
        TemplateError::ControlCharacter => words::draft::T_CONTROL,
    };
    visitor.text_with(word, &[(problem.at + 1).to_string()])
}

pub fn time(visitor: &Visitor, problem: LocalTimeProblem) -> String {
    match problem {
        LocalTimeProblem::Malformed => visitor.text(words::draft::AT_MALFORMED).into(),
        LocalTimeProblem::Skipped { next_valid_at, .. } => {
            visitor.text_with(words::draft::AT_SKIPPED, &[visitor.at(next_valid_at)])
        }
    }
}

/// The text of a blocker, and the step that removes it.
pub fn blocker(visitor: &Visitor, blocker: &Blocker) -> (String, Step) {
    match blocker {
        Blocker::NoName => (visitor.text(words::draft::NAME_MISSING).into(), Step::General),
        Blocker::NameTooLong => (visitor.text(words::draft::NAME_LONG).into(), Step::General),
        Blocker::NoLists => (visitor.text(words::draft::B_NO_LISTS).into(), Step::Contacts),
        Blocker::ListNotReady { list, name } => {
            (visitor.text_with(words::draft::B_LIST, &[name.as_deref().unwrap_or(list.as_str())]), Step::Contacts)
        }
        Blocker::NoRecipients => (visitor.text(words::draft::B_NO_RECIPIENTS).into(), Step::Contacts),
        Blocker::NoText => (visitor.text(words::draft::TEXT_MISSING).into(), Step::Message),
        Blocker::Text(problem) => (text(visitor, *problem), Step::Message),
        Blocker::StopDoesNotFit { excess } => {
            (visitor.text_with(words::draft::B_STOP_LONG, &[visitor.number(*excess as u64)]), Step::Message)
        }
        Blocker::Sender(problem) => (sender(visitor, *problem), Step::Message),
        Blocker::NoStop => (visitor.text(words::draft::B_NO_STOP).into(), Step::Message),
        Blocker::UnknownVariable { name } => (visitor.text_with(words::draft::B_VARIABLE, &[name]), Step::Message),
        Blocker::NoProof => (visitor.text(words::draft::B_PROOF).into(), Step::General),
        Blocker::TooLong { messages } => {
            (visitor.text_with(words::draft::B_TOO_LONG, &[visitor.number(*messages)]), Step::Message)
        }
        Blocker::Time(problem) => (time(visitor, *problem), Step::Schedule),
        Blocker::TimePast => (visitor.text(words::draft::AT_PAST).into(), Step::Schedule),
        Blocker::Pace => (visitor.text(words::draft::PACE_BAD).into(), Step::Schedule),
        Blocker::NotEnoughCredits { needed, balance } => (
            visitor.text_with(words::draft::B_CREDITS, &[visitor.number(*needed), visitor.number(*balance)]),
            Step::Contacts,
        ),
    }
}

pub fn warning(visitor: &Visitor, warning: &Warning) -> String {
    match warning {
        Warning::VariableMissing { name, list } => visitor.text_with(words::draft::W_VARIABLE, &[name, list]),
        Warning::NotAVariable { written, name } => visitor.text_with(words::draft::W_NOT_A_VARIABLE, &[written, name]),
        Warning::LinkUnused { name } => visitor.text_with(words::draft::W_LINK, &[name]),
        Warning::LinkExpires { name, at } => visitor.text_with(words::draft::W_LINK_EXPIRES, &[name, &visitor.at(*at)]),
        Warning::Unicode { messages } => visitor.text_with(words::draft::W_UNICODE, &[visitor.number(*messages)]),
        Warning::CarriedOver { messages, until } => {
            visitor.text_with(words::draft::CARRIED, &[visitor.number(*messages), visitor.at(*until)])
        }
        Warning::LargeProof { recipients } => visitor.text_with(words::draft::W_PROOF, &[visitor.number(*recipients)]),
    }
}
