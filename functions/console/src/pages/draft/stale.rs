//! Two people on one draft, or one person in two tabs: what the second is shown, so that nobody's work is lost.

use domain::campaign::{Kind, Settings};
use domain::ids::ListId;
use maud::{Markup, html};

use super::{Step, links};
use crate::gate::Visitor;
use crate::words::{Word, campaigns as c, common as w, draft as d};

/// What somebody typed and what stands now, where they differ.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Differences(Vec<(Word, String, String)>);

impl Differences {
    /// Compares what a step sets. `name_of` names a list.
    pub fn of(
        v: &Visitor,
        step: Step,
        mine: &Settings,
        theirs: &Settings,
        name_of: &dyn Fn(&ListId) -> String,
    ) -> Self {
        let all = |settings: &Settings| said(v, step, settings, name_of);
        let pairs = all(mine).into_iter().zip(all(theirs));
        let differ = pairs.filter(|((_, mine), (_, theirs))| mine != theirs);
        Self(differ.map(|((word, mine), (_, theirs))| (word, mine, theirs)).collect())
    }

    /// The two beside each other; the field below holds what was typed.
    pub fn show(&self, v: &Visitor, path: &str) -> Markup {
        html! {
            div.note.warn role="alert" tabindex="-1" data-focus {
                p { strong { (v.t(d::STALE)) } }
                p { (v.t(d::STALE_HELP)) }
                @if !self.0.is_empty() {
                    table.small.compare {
                        thead { tr { td {} th scope="col" { (v.t(d::STALE_MINE)) } th scope="col" { (v.t(d::STALE_THEIRS)) } } }
                        tbody {
                            @for (word, mine, theirs) in &self.0 {
                                tr { th scope="row" { (v.t(*word)) } td { (shown(mine)) } td { (shown(theirs)) } }
                            }
                        }
                    }
                }
                p { a href=(path) { (v.t(d::STALE_LOAD)) } }
            }
        }
    }
}

fn shown(text: &str) -> &str {
    if text.is_empty() { "—" } else { text }
}

/// The choices of a step, in words.
fn said(v: &Visitor, step: Step, settings: &Settings, name_of: &dyn Fn(&ListId) -> String) -> Vec<(Word, String)> {
    let yes = |is_on: bool| v.t(if is_on { w::YES } else { w::NO }).to_owned();
    let join = |names: Vec<String>| names.join(", ");
    match step {
        Step::General => {
            let kind = if settings.kind == Kind::Marketing { d::MARKETING } else { d::ALERT };
            vec![(d::NAME, settings.name.clone()), (d::KIND, v.t(kind).to_owned()), (c::PROOF, yes(settings.proof))]
        }
        Step::Contacts => vec![(d::CHOSEN, join(settings.lists.iter().map(name_of).collect()))],
        Step::Message => {
            let message = &settings.message;
            let links = message.all_links().map(|link| format!("{} → {}", link.name, links::said(v, &link)));
            vec![
                (d::SENDER, message.sender.clone().unwrap_or_default()),
                (d::TEXT, message.text.clone()),
                (d::STOP_ADD, yes(message.stop)),
                (d::LINKS, join(links.collect())),
            ]
        }
        Step::Schedule => {
            let schedule = &settings.schedule;
            let at = schedule.at.as_ref().map_or_else(|| v.t(d::AT_ONCE).to_owned(), |at| at.replace('T', " "));
            vec![(d::WHEN, at), (d::PACE, schedule.pace_per_hour.map(|pace| v.number(pace)).unwrap_or_default())]
        }
        Step::Review => Vec::new(),
    }
}
