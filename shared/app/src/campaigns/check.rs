//! The blockers and warnings of a campaign.

use std::collections::BTreeSet;

use contacts::fold;
use domain::account::Account;
use domain::campaign::{Campaign, Count, Kind, Message, NAME_CHARACTERS_MAX};
use domain::ids::ListId;
use domain::list::{List, Status};
use domain::local_time::{self, LocalTimeProblem};
use domain::release::PACE_PER_HOUR;
use domain::segments;
use domain::sender::Sender;
use domain::stop_mention::{has_stop_mention, with_stop};
use domain::template::{MAX_TEXT_CHARS, Template, variable_name};
use jiff::{SignedDuration, Timestamp};

use crate::error::Blocker;

/// Warnings: they do not block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// Only some of the chosen lists have this column: messages to the others get the fallback, or nothing.
    VariableMissing { name: String, list: String },
    /// Variable syntax of another product with a known name: it would be sent unchanged.
    NotAVariable { written: String, name: String },
    /// A link that the text does not use.
    LinkUnused { name: String },
    /// A link ends before the last message is sent.
    LinkExpires { name: String, at: Timestamp },
    /// The text or some values force UCS-2: shorter segments.
    Unicode { messages: u32 },
    /// Some messages are deferred by the legal window.
    CarriedOver { messages: u64, until: Timestamp },
    /// A proof with more recipients than usual.
    LargeProof { recipients: u32 },
}

/// A start at most this long ago still means now: the summary may be read after the minute was chosen.
const TIME_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// A proof with more recipients than this gets a warning.
const PROOF_RECIPIENTS: u32 = 50;

impl Blocker {
    /// Stable name for the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoName => "no_name",
            Self::NameTooLong => "name_too_long",
            Self::NoLists => "no_lists",
            Self::ListNotReady { .. } => "list_not_ready",
            Self::NoRecipients => "no_recipients",
            Self::NoText => "no_text",
            Self::Text(problem) => problem.fault.code(),
            Self::StopDoesNotFit { .. } => "stop_does_not_fit",
            Self::Sender(_) => "sender",
            Self::NoStop => "no_stop",
            Self::UnknownVariable { .. } => "unknown_variable",
            Self::TooLong { .. } => "too_long",
            Self::NoProof => "no_proof",
            Self::Time(problem) => problem.code(),
            Self::TimePast => "time_past",
            Self::Pace => "pace",
            Self::NotEnoughCredits { .. } => "not_enough_credits",
        }
    }

    /// Where in the campaign's JSON the problem is.
    pub fn pointer(&self) -> &'static str {
        match self {
            Self::NoName | Self::NameTooLong => "/name",
            Self::NoLists | Self::ListNotReady { .. } | Self::NoRecipients => "/lists",
            Self::NoText
            | Self::Text(_)
            | Self::StopDoesNotFit { .. }
            | Self::UnknownVariable { .. }
            | Self::TooLong { .. } => "/message/text",
            Self::Sender(_) => "/message/sender",
            Self::NoStop => "/message/stop",
            Self::NoProof => "/proof",
            Self::Time(_) | Self::TimePast => "/schedule/at",
            Self::Pace => "/schedule/pace_per_hour",
            Self::NotEnoughCredits { .. } => "",
        }
    }
}

impl Warning {
    /// Stable name for the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::VariableMissing { .. } => "variable_missing",
            Self::NotAVariable { .. } => "not_a_variable",
            Self::LinkUnused { .. } => "link_unused",
            Self::LinkExpires { .. } => "link_expires",
            Self::Unicode { .. } => "unicode",
            Self::CarriedOver { .. } => "carried_over",
            Self::LargeProof { .. } => "large_proof",
        }
    }
}

/// When the campaign shall start: as requested, in the account's zone, or now.
pub fn due_at(account: &Account, campaign: &Campaign, now: Timestamp) -> Result<Timestamp, LocalTimeProblem> {
    match campaign.settings.schedule.at.as_deref() {
        None => Ok(now),
        Some(text) => local_time::resolve(text, &account.zone()),
    }
}

/// The checks that need no count.
pub(super) fn before_count(
    account: &Account,
    campaign: &Campaign,
    lists: &[(ListId, Option<List>)],
    now: Timestamp,
) -> (Vec<Blocker>, Vec<Warning>) {
    let (mut blockers, mut warnings) = (Vec::new(), Vec::new());
    let settings = &campaign.settings;
    match settings.name.trim().chars().count() {
        0 => blockers.push(Blocker::NoName),
        1..=NAME_CHARACTERS_MAX => {}
        _ => blockers.push(Blocker::NameTooLong),
    }
    if lists.is_empty() {
        blockers.push(Blocker::NoLists);
    }
    blockers.extend(not_ready(lists));
    message(account, campaign, lists, &mut blockers, &mut warnings);
    match due_at(account, campaign, now) {
        Ok(at) if at + TIME_TOLERANCE < now => blockers.push(Blocker::TimePast),
        Ok(_) => {}
        Err(problem) => blockers.push(Blocker::Time(problem)),
    }
    if settings.schedule.pace_per_hour.is_some_and(|pace| !PACE_PER_HOUR.contains(&pace)) {
        blockers.push(Blocker::Pace);
    }
    (blockers, warnings)
}

/// Lists that cannot be used now.
fn not_ready(lists: &[(ListId, Option<List>)]) -> impl Iterator<Item = Blocker> {
    let is_ready = |list: &Option<List>| list.as_ref().is_some_and(|list| list.status == Status::Ready);
    lists.iter().filter(move |(_, list)| !is_ready(list)).map(|(id, list)| {
        let name = list.as_ref().map(|list| list.name.clone());
        Blocker::ListNotReady { list: id.clone(), name }
    })
}

/// Blockers of sending a validated message to lists that have changed since.
pub(super) fn of_lists(message: &Message, lists: &[(ListId, Option<List>)]) -> Vec<Blocker> {
    let mut blockers: Vec<_> = not_ready(lists).collect();
    if let Ok(template) = Template::parse(&message.text) {
        variables(message, &template, lists, &mut blockers, &mut Vec::new());
    }
    blockers
}

fn message(
    account: &Account,
    campaign: &Campaign,
    lists: &[(ListId, Option<List>)],
    blockers: &mut Vec<Blocker>,
    warnings: &mut Vec<Warning>,
) {
    let message = &campaign.settings.message;
    let rented = [account.stop_code.as_str()];
    let sender = message.sender.as_deref().unwrap_or(&account.default_sender);
    if let Err(problem) = Sender::parse(sender, &rented) {
        blockers.push(Blocker::Sender(problem));
    }
    if message.text.trim().is_empty() {
        blockers.push(Blocker::NoText);
        return;
    }
    let needs_stop = campaign.settings.kind == Kind::Marketing && !message.stop;
    if needs_stop && !has_stop_mention(&message.text, &account.stop_code) {
        blockers.push(Blocker::NoStop);
    }
    let template = match Template::parse(&message.text) {
        Ok(template) => template,
        Err(problem) => return blockers.push(Blocker::Text(problem)),
    };
    if let Some(excess) = stop_excess(message, &account.stop_code) {
        blockers.push(Blocker::StopDoesNotFit { excess });
    }
    variables(message, &template, lists, blockers, warnings);
}

/// Characters by which a text is too long for the STOP mention after it.
pub(super) fn stop_excess(message: &Message, stop_code: &str) -> Option<usize> {
    if !message.stop {
        return None;
    }
    with_stop(&message.text, stop_code).chars().count().checked_sub(MAX_TEXT_CHARS).filter(|excess| *excess > 0)
}

fn variables(
    message: &Message,
    template: &Template,
    lists: &[(ListId, Option<List>)],
    blockers: &mut Vec<Blocker>,
    warnings: &mut Vec<Warning>,
) {
    let links: Vec<_> = message.links.iter().map(|link| &link.name).collect();
    let links: Vec<_> = links.into_iter().chain(message.images.iter().map(|image| &image.name)).collect();
    let is_link = |variable: &str| links.iter().any(|name| variable_name(name) == variable);
    let known: Vec<(&str, BTreeSet<String>)> = lists.iter().filter_map(|(_, list)| columns(list.as_ref()?)).collect();
    for variable in template.variables().iter().filter(|variable| !is_link(variable)) {
        let lacking: Vec<_> = known.iter().filter(|(_, columns)| !columns.contains(&fold(variable))).collect();
        // A name that is in no list is probably a typing error, unless it has a fallback. Without lists it cannot be
        // checked.
        if lacking.len() == known.len() && !template.has_fallback(variable) {
            if !known.is_empty() {
                blockers.push(Blocker::UnknownVariable { name: variable.clone() });
            }
        } else {
            let missing =
                |(list, _): &&(&str, _)| Warning::VariableMissing { name: variable.clone(), list: (*list).to_owned() };
            warnings.extend(lacking.iter().map(missing));
        }
    }
    for written in template.lookalikes() {
        let name = variable_name(written.trim_matches(['{', '}', '[', ']', '%']).trim());
        if is_link(&name) || known.iter().any(|(_, columns)| columns.contains(&fold(&name))) {
            warnings.push(Warning::NotAVariable { written: written.to_owned(), name });
        }
    }
    for name in &links {
        if !template.variables().contains(&variable_name(name)) {
            warnings.push(Warning::LinkUnused { name: (*name).clone() });
        }
    }
}

/// The columns of a list as its report names them, folded as variables look for them.
fn columns(list: &List) -> Option<(&str, BTreeSet<String>)> {
    let report = list.report.as_ref()?;
    let names = report.columns.iter().enumerate().filter(|(index, _)| *index != report.phone_column.index);
    Some((&list.name, names.map(|(_, name)| fold(name)).collect()))
}

/// The checks that need a count.
pub(super) fn after_count(
    account: &Account,
    campaign: &Campaign,
    count: &Count,
    forecast: &domain::forecast::Forecast,
) -> (Vec<Blocker>, Vec<Warning>) {
    let (mut blockers, mut warnings) = (Vec::new(), Vec::new());
    if count.recipients == 0 {
        blockers.push(Blocker::NoRecipients);
    }
    if count.too_long > 0 {
        blockers.push(Blocker::TooLong { messages: count.too_long });
    }
    // Credits that are already reserved need not be available again.
    let needed = count.credits.saturating_sub(campaign.reserved);
    if let Err(lack) = account.balance.after(needed) {
        blockers.push(Blocker::NotEnoughCredits { needed: lack.needed, balance: lack.balance });
    }
    if count.unicode > 0 {
        warnings.push(Warning::Unicode { messages: count.unicode });
    }
    if let Some(until) = forecast.carries_on_at.filter(|_| forecast.carried_over > 0) {
        warnings.push(Warning::CarriedOver { messages: forecast.carried_over, until });
    }
    let last_message_at = forecast.ends_at.unwrap_or(forecast.begins_at);
    for link in campaign.settings.message.all_links() {
        if let Some(at) = link.expires_at.filter(|at| *at <= last_message_at) {
            warnings.push(Warning::LinkExpires { name: link.name.to_owned(), at });
        }
    }
    if campaign.settings.proof && count.recipients > PROOF_RECIPIENTS {
        warnings.push(Warning::LargeProof { recipients: count.recipients });
    }
    (blockers, warnings)
}

/// The alphabet of the text itself, without its variables.
pub(super) fn encoding(text: &str) -> segments::Encoding {
    segments::count(text).encoding
}
