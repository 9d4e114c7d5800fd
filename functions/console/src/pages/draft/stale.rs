//! Conflicts between two users or two tabs on one draft: shows both versions, so that no input is lost.

use domain::campaign::{Kind, Settings};
use domain::ids::ListId;
use maud::{Markup, html};

use super::{Step, links};
use crate::visitor::Visitor;
use crate::words::{self, Word};

/// The differences between the typed and the stored settings.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Differences(Vec<(Word, String, String)>);

impl Differences {
    /// Compares the settings of a step. `name_of` returns the name of a list.
    pub fn new(
        visitor: &Visitor,
        step: Step,
        mine: &Settings,
        theirs: &Settings,
        name_of: &dyn Fn(&ListId) -> String,
    ) -> Self {
        let all = |settings: &Settings| description(visitor, step, settings, name_of);
        let pairs = all(mine).into_iter().zip(all(theirs));
        let differ = pairs.filter(|((_, mine), (_, theirs))| mine != theirs);
        Self(differ.map(|((word, mine), (_, theirs))| (word, mine, theirs)).collect())
    }

    /// Shows both side by side; the field below contains the typed value.
    pub fn show(&self, visitor: &Visitor, path: &str) -> Markup {
        html! {
            div.note.warn role="alert" tabindex="-1" data-focus {
                p { strong { (visitor.text(words::draft::STALE)) } }
                p { (visitor.text(words::draft::STALE_HELP)) }
                @if !self.0.is_empty() {
                    table.small.compare {
                        thead { tr { td {} th scope="col" { (visitor.text(words::draft::STALE_MINE)) } th scope="col" { (visitor.text(words::draft::STALE_THEIRS)) } } }
                        tbody {
                            @for (word, mine, theirs) in &self.0 {
                                tr { th scope="row" { (visitor.text(*word)) } td { (shown(mine)) } td { (shown(theirs)) } }
                            }
                        }
                    }
                }
                p { a href=(path) { (visitor.text(words::draft::STALE_LOAD)) } }
            }
        }
    }
}

fn shown(text: &str) -> &str {
    if text.is_empty() { "—" } else { text }
}

/// The settings of a step, as text.
fn description(
    visitor: &Visitor,
    step: Step,
    settings: &Settings,
    name_of: &dyn Fn(&ListId) -> String,
) -> Vec<(Word, String)> {
    let yes = |is_on: bool| visitor.text(if is_on { words::common::YES } else { words::common::NO }).to_owned();
    let join = |names: Vec<String>| names.join(", ");
    match step {
        Step::General => {
            let kind = if settings.kind == Kind::Marketing { words::draft::MARKETING } else { words::draft::ALERT };
            vec![
                (words::draft::NAME, settings.name.clone()),
                (words::draft::KIND, visitor.text(kind).to_owned()),
                (words::campaigns::PROOF, yes(settings.proof)),
            ]
        }
        Step::Contacts => vec![(words::draft::CHOSEN, join(settings.lists.iter().map(name_of).collect()))],
        Step::Message => {
            let message = &settings.message;
            let links =
                message.all_links().map(|link| format!("{} → {}", link.name, links::description(visitor, &link)));
            vec![
                (words::draft::SENDER, message.sender.clone().unwrap_or_default()),
                (words::draft::TEXT, message.text.clone()),
                (words::draft::STOP_ADD, yes(message.stop)),
                (words::draft::LINKS, join(links.collect())),
            ]
        }
        Step::Schedule => {
            let schedule = &settings.schedule;
            let at = schedule
                .at
                .as_ref()
                .map_or_else(|| visitor.text(words::draft::AT_ONCE).to_owned(), |at| at.replace('T', " "));
            vec![
                (words::draft::WHEN, at),
                (words::draft::PACE, schedule.pace_per_hour.map(|pace| visitor.number(pace)).unwrap_or_default()),
            ]
        }
        Step::Review => Vec::new(),
    }
}
