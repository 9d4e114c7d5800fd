//! Step 2, « Contacts »: available lists on the left, chosen ones on the right.

use app::drafts::DraftChanges;
use aws::store::Page;
use axum::extract::Path;
use domain::campaign::{Campaign, LISTS_MAX, Settings};
use domain::ids::ListId;
use domain::list::{List, Purpose, Status};
use domain::search::NamePart;
use futures_util::future::try_join_all;
use maud::{Markup, html};

use super::stale::Differences;
use super::{SaveResult, Sheet, Step, keep, leave, open};
use crate::view::icons;
use crate::view::parts::Errors;
use crate::visitor::{Answer, Fields, PageError, Visitor};
use crate::words;

/// Available lists shown first, and added with each « more ».
const ROWS: usize = 50;
const ROWS_MAX: usize = 1_000;

/// The search among the available lists.
struct Search {
    text: String,
    rows: usize,
}

impl Search {
    fn new(text: &str, rows: &str) -> Self {
        Self { text: text.trim().to_owned(), rows: rows.parse().unwrap_or(ROWS).clamp(ROWS, ROWS_MAX) }
    }
}

pub async fn show(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let campaign = open(&visitor, &id).await?;
    let search = Search::new(&visitor.query("find").unwrap_or_default(), &visitor.query("rows").unwrap_or_default());
    page(&visitor, &campaign, &campaign.settings.lists, &search, &Errors::default(), false).await
}

pub async fn save(visitor: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let stored = open(&visitor, &id).await?;
    let mut chosen: Vec<ListId> = fields.parsed("list");
    let (added, removed) = (fields.parsed::<ListId>("add"), fields.parsed::<ListId>("remove"));
    chosen.extend(added.iter().cloned());
    chosen.retain(|id| !removed.contains(id));
    let mut seen = std::collections::HashSet::new();
    chosen.retain(|id| seen.insert(id.clone()));
    chosen.truncate(LISTS_MAX);
    // + and − stay on the page, and so does the search.
    let stays = !added.is_empty() || !removed.is_empty() || fields.has("look");
    let mut errors = Errors::default();
    if chosen.is_empty() && !stays {
        errors.add("available", visitor.text(words::draft::B_NO_LISTS));
    }
    let rows = if fields.get("look") == "more" { "more-rows" } else { "rows" };
    let search = Search::new(fields.get("find"), fields.get(rows));
    let changes = DraftChanges { lists: Some(chosen.clone()), ..DraftChanges::default() };
    match keep(&visitor, Step::Contacts, &stored, &changes, &fields).await? {
        SaveResult::Stale(now) => page(&visitor, &now, &chosen, &search, &errors, true).await,
        SaveResult::Saved(saved) if stays => page(&visitor, &saved, &chosen, &search, &Errors::default(), false).await,
        SaveResult::Saved(saved) => match leave(&saved, Step::Contacts, &fields, &errors) {
            Some(answer) => answer,
            None => page(&visitor, &saved, &chosen, &search, &errors, false).await,
        },
    }
}

/// The lists that can be chosen, newest first, and whether there are more.
async fn available(visitor: &Visitor, chosen: &[ListId], search: &Search) -> Result<Page<List>, PageError> {
    let part = NamePart::new(&search.text);
    let is_wanted = |list: &List| {
        matches!(list.status, Status::Ready | Status::Importing) && !chosen.contains(&list.id) && part.is_in(&list.name)
    };
    Ok(visitor.context.store.lists_wanted(Purpose::Contacts, is_wanted, None, search.rows).await?)
}

async fn page(
    visitor: &Visitor,
    stored: &Campaign,
    chosen: &[ListId],
    search: &Search,
    errors: &Errors,
    is_stale: bool,
) -> Answer {
    // If the draft was changed meanwhile, its stored lists are named too.
    let mut ids: Vec<_> = chosen.iter().chain(stored.settings.lists.iter().filter(|_| is_stale)).collect();
    ids.dedup();
    let named = try_join_all(ids.into_iter().map(|id| visitor.context.store.list(id)));
    let (offered, named) = (available(visitor, chosen, search).await?, named.await?);
    let named: Vec<List> = named.into_iter().flatten().collect();
    let right: Vec<_> = chosen.iter().map(|id| (id, named.iter().find(|list| list.id == *id))).collect();
    let is_importing = offered.items.iter().chain(&named).any(|list| list.status == Status::Importing);
    let content = html! {
        div.toolbar {
            a.button href={ "/lists/new?campaign=" (stored.id) } data-dialog { (icons::upload()) (visitor.text(words::draft::IMPORT)) }
            a.button.plain href={ "/campaigns/" (stored.id) "/summary" } data-dialog
                aria-disabled=[chosen.is_empty().then_some("true")] { (icons::chart()) (visitor.text(words::draft::SUMMARY)) }
        }
        div.shelves data-refresh-main=[is_importing.then_some("3")] {
            (shelf(visitor, &offered, search, right.is_empty()))
            section.shelf.chosen #chosen data-drop="add" {
                h2 { (visitor.text(words::draft::CHOSEN)) " " span.count { (right.len()) } }
                @if right.is_empty() { p.empty { (visitor.text(words::draft::DROP_HERE)) } }
                ul {
                    @for (id, list) in &right {
                        @match list {
                            Some(list) => (card(visitor, list, false)),
                            None => li.list { input type="hidden" name="list" value=(id); span { (id) }
                                small.error { (visitor.text(words::draft::UNREADY)) } (move_button(visitor, id, id.as_str(), false)) },
                        }
                    }
                }
                p.hint { (visitor.text(words::draft::ALL_EXCLUDED_NOTE)) }
            }
        }
    };
    let name_of =
        |id: &ListId| named.iter().find(|list| list.id == *id).map_or_else(|| id.to_string(), |list| list.name.clone());
    let typed = Settings { lists: chosen.to_vec(), ..stored.settings.clone() };
    let stale = is_stale.then(|| Differences::new(visitor, Step::Contacts, &typed, &stored.settings, &name_of));
    let sheet = Sheet { step: Step::Contacts, stored: Some(stored), errors, stale };
    Ok(sheet.page(visitor, &stored.settings.name, content))
}

/// The lists on the left. The search is part of the form, so that chosen lists stay chosen.
fn shelf(visitor: &Visitor, offered: &Page<List>, search: &Search, none_chosen: bool) -> Markup {
    let has_more = offered.next.is_some();
    html! {
        section.shelf #available data-drop="remove" {
            h2 { (visitor.text(words::draft::AVAILABLE)) " " span.count { (offered.items.len()) @if has_more { "+" } } }
            @if has_more || offered.items.len() > 6 || !search.text.is_empty() {
                div.joined {
                    div {
                        label.unseen for="find" { (visitor.text(words::draft::FILTER)) }
                        input #find type="search" name="find" value=(search.text) placeholder=(visitor.text(words::draft::FILTER))
                            autocomplete="off" data-find="available-lists";
                    }
                    button.button.plain.small.unscripted name="look" value="1" { (visitor.text(words::common::SEARCH)) }
                }
            }
            div #available-lists {
                @if offered.items.is_empty() && !search.text.is_empty() { p.empty role="status" { (visitor.text(words::contacts::NONE_FOUND)) } }
                @else if offered.items.is_empty() && none_chosen { p.empty { (visitor.text(words::draft::NO_LISTS)) } }
                ul { @for list in &offered.items { (card(visitor, list, true)) } }
                input type="hidden" name="rows" value=(search.rows);
                @if has_more && search.rows < ROWS_MAX {
                    input type="hidden" name="more-rows" value=(search.rows + ROWS);
                    p.more { button.button.plain.small #more-lists name="look" value="more" { (visitor.text(words::draft::MORE_LISTS)) } }
                }
            }
        }
    }
}

fn move_button(visitor: &Visitor, id: &ListId, name: &str, adds: bool) -> Markup {
    let (field, word, icon) = match adds {
        true => ("add", words::draft::ADD, icons::plus()),
        false => ("remove", words::draft::REMOVE, icons::minus()),
    };
    html! {
        button.round id={ (field) "-" (id) } name=(field) value=(id) aria-label=(visitor.text_with(word, &[name])) { (icon) }
    }
}

fn card(visitor: &Visitor, list: &List, is_available: bool) -> Markup {
    let is_ready = list.status == Status::Ready;
    html! {
        li.list draggable=(if is_ready { "true" } else { "false" }) data-list=(list.id) {
            @if !is_available { input type="hidden" name="list" value=(list.id); }
            div {
                strong { (list.name) }
                @match list.status {
                    Status::Ready | Status::Disabled => span.figures { (visitor.text_with(words::draft::CONTACTS_COUNT, &[visitor.number(list.contacts)])) },
                    Status::Importing => {
                        span.figures { (visitor.text_with(words::draft::IMPORTING, &[visitor.percent(u64::from(list.done_per_mille), 1_000u64)])) }
                        progress value=(list.done_per_mille) max="1000" aria-label=(list.name) {}
                    },
                    Status::AwaitingUpload | Status::Failed => small.error { (visitor.text(words::draft::UNREADY)) },
                }
                small {
                    span { (visitor.text_with(words::draft::CREATED, &[visitor.at(list.created_at)])) }
                    @if list.modified_at > list.created_at { span { (visitor.text_with(words::draft::MODIFIED, &[visitor.at(list.modified_at)])) } }
                    span { @match list.last_used_at { Some(at) => (visitor.text_with(words::draft::USED, &[visitor.at(at)])), None => (visitor.text(words::draft::USED_NEVER)) } }
                }
            }
            @if is_ready {
                a.round href={ "/lists/" (list.id) } data-dialog aria-label={ (visitor.text(words::common::VIEW)) " " (list.name) } { (icons::eye()) }
            }
            @if is_ready || !is_available { (move_button(visitor, &list.id, &list.name, is_available)) }
        }
    }
}
