//! Step 2, « Contacts »: available lists on the left, chosen ones on the right.

use axum::extract::Path;
use maud::{Markup, html};
use shared::domain::campaign::{Campaign, LISTS_MAX, Settings};
use shared::domain::ids::ListId;
use shared::domain::list::{List, Purpose, Status};

use super::stale::Differences;
use super::{Kept, Sheet, Step, keep, leave, open};
use crate::gate::{Answer, Fields, Visitor};
use crate::view::icons;
use crate::view::parts::Errors;
use crate::words::{common as w, draft as d};

pub async fn show(v: Visitor, Path(id): Path<String>) -> Answer {
    let campaign = open(&v, &id).await?;
    page(&v, &campaign, &campaign.settings.lists, &Errors::default(), false).await
}

pub async fn save(v: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let stored = open(&v, &id).await?;
    let mut chosen: Vec<ListId> = fields.parsed("list");
    let (added, removed) = (fields.parsed::<ListId>("add"), fields.parsed::<ListId>("remove"));
    chosen.extend(added.iter().cloned());
    chosen.retain(|id| !removed.contains(id));
    let mut seen = std::collections::HashSet::new();
    chosen.retain(|id| seen.insert(id.clone()));
    chosen.truncate(LISTS_MAX);
    // + and − stay on the page.
    let stays = !added.is_empty() || !removed.is_empty();
    let mut errors = Errors::default();
    if chosen.is_empty() && !stays {
        errors.add("available", v.t(d::B_NO_LISTS));
    }
    let typed = Settings { lists: chosen.clone(), ..stored.settings.clone() };
    match keep(&v, Step::Contacts, &stored, typed, &fields).await? {
        Kept::Stale(now) => page(&v, &now, &chosen, &errors, true).await,
        Kept::Saved(saved) if stays => page(&v, &saved, &chosen, &Errors::default(), false).await,
        Kept::Saved(saved) => match leave(&saved, Step::Contacts, &fields, &errors) {
            Some(answer) => answer,
            None => page(&v, &saved, &chosen, &errors, false).await,
        },
    }
}

async fn page(v: &Visitor, stored: &Campaign, chosen: &[ListId], errors: &Errors, is_stale: bool) -> Answer {
    let lists = v.store.lists_of(Purpose::Contacts).await?;
    let is_chosen = |list: &&List| chosen.contains(&list.id);
    let is_offered = |list: &&List| matches!(list.status, Status::Ready | Status::Importing);
    let available: Vec<_> = lists.iter().filter(|list| !is_chosen(list)).filter(is_offered).collect();
    let right: Vec<_> = chosen.iter().map(|id| (id, lists.iter().find(|list| list.id == *id))).collect();
    let is_importing = lists.iter().any(|list| list.status == Status::Importing);
    let content = html! {
        div.toolbar {
            a.button href={ "/lists/new?campaign=" (stored.id) } data-dialog { (icons::upload()) (v.t(d::IMPORT)) }
            a.button.plain href={ "/campaigns/" (stored.id) "/summary" } data-dialog
                aria-disabled=[chosen.is_empty().then_some("true")] { (icons::chart()) (v.t(d::SUMMARY)) }
        }
        div.shelves data-refresh-main=[is_importing.then_some("3")] {
            section.shelf #available data-drop="remove" {
                h2 { (v.t(d::AVAILABLE)) " " span.count { (available.len()) } }
                @if available.len() > 6 {
                    label.unseen for="filter" { (v.t(d::FILTER)) }
                    input #filter type="search" placeholder=(v.t(d::FILTER)) data-filter="available-lists";
                }
                @if available.is_empty() && right.is_empty() { p.empty { (v.t(d::NO_LISTS)) } }
                ul #available-lists { @for list in &available { (card(v, list, true)) } }
            }
            section.shelf.chosen #chosen data-drop="add" {
                h2 { (v.t(d::CHOSEN)) " " span.count { (right.len()) } }
                @if right.is_empty() { p.empty { (v.t(d::DROP_HERE)) } }
                ul {
                    @for (id, list) in &right {
                        @match list {
                            Some(list) => (card(v, list, false)),
                            None => li.list { input type="hidden" name="list" value=(id); span { (id) }
                                small.error { (v.t(d::UNREADY)) } (move_button(v, id, id.as_str(), false)) },
                        }
                    }
                }
                p.hint { (v.t(d::ALL_EXCLUDED_NOTE)) }
            }
        }
    };
    let name_of =
        |id: &ListId| lists.iter().find(|list| list.id == *id).map_or_else(|| id.to_string(), |list| list.name.clone());
    let typed = Settings { lists: chosen.to_vec(), ..stored.settings.clone() };
    let stale = is_stale.then(|| Differences::of(v, Step::Contacts, &typed, &stored.settings, &name_of));
    let sheet = Sheet { step: Step::Contacts, stored: Some(stored), errors, stale };
    Ok(sheet.page(v, &stored.settings.name, content))
}

fn move_button(v: &Visitor, id: &ListId, name: &str, adds: bool) -> Markup {
    let (field, word, icon) = match adds {
        true => ("add", d::ADD, icons::plus()),
        false => ("remove", d::REMOVE, icons::minus()),
    };
    html! {
        button.round id={ (field) "-" (id) } name=(field) value=(id) aria-label=(v.tf(word, &[name])) { (icon) }
    }
}

fn card(v: &Visitor, list: &List, is_available: bool) -> Markup {
    let is_ready = list.status == Status::Ready;
    html! {
        li.list draggable=(if is_ready { "true" } else { "false" }) data-list=(list.id) data-text=(list.name) {
            @if !is_available { input type="hidden" name="list" value=(list.id); }
            div {
                strong { (list.name) }
                @match list.status {
                    Status::Ready | Status::Disabled => span.figures { (v.tf(d::CONTACTS_COUNT, &[v.number(list.contacts)])) },
                    Status::Importing => {
                        span.figures { (v.tf(d::IMPORTING, &[v.percent(u64::from(list.done_per_mille), 1_000u64)])) }
                        progress value=(list.done_per_mille) max="1000" aria-label=(list.name) {}
                    },
                    Status::AwaitingUpload | Status::Failed => small.error { (v.t(d::UNREADY)) },
                }
                small {
                    span { (v.tf(d::CREATED, &[v.at(list.created_at)])) }
                    @if list.modified_at > list.created_at { span { (v.tf(d::MODIFIED, &[v.at(list.modified_at)])) } }
                    span { @match list.last_used_at { Some(at) => (v.tf(d::USED, &[v.at(at)])), None => (v.t(d::USED_NEVER)) } }
                }
            }
            @if is_ready {
                a.round href={ "/lists/" (list.id) } data-dialog aria-label={ (v.t(w::VIEW)) " " (list.name) } { (icons::eye()) }
            }
            @if is_ready || !is_available { (move_button(v, &list.id, &list.name, is_available)) }
        }
    }
}
